"""`interlock evidence build` on the log of a real gateway: what it writes passes both verifiers, states gaps as gaps, and leaves
nothing that looks like a pack if it is interrupted (docs/evidence.md)."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import time
from base64 import b64decode, b64encode
from contextlib import ExitStack
from datetime import datetime, timezone
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from audited import Log
from clocks import later
from conftest import organise
from logwriter import canonical
from packwriter import RELEASE, digest, envelope

pytestmark = pytest.mark.requirement("R134", "R135")

CONTROLS = [f"C{number:02}" for number in range(1, 25)]
FORBIDDEN = re.compile(r"\b(compliant|certified|secure)\b", re.I)


def moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class Packs:
    """A log with some calls, whose period has ended, and packs of it."""

    def __init__(self, log: Log, folder: Path):
        self.log, self.gateway, self.folder = log, log.gateway, folder
        # The period begins in the first whole second of the log.
        self.start = moment(-(-log.all()[0]["leaf"]["ts"] // 1_000_000))
        time.sleep(1.1)
        self.to = moment(int(time.time()))
        # The first record after the period.
        log.acme.session("support-triage").call("tickets__search", text="after the period")
        log.wait_for_checkpoint()
        self.size = str(self.gateway.published_size())
        self.number = 0

    def build(self, *words: str, check: bool = True, start: str | None = None, to: str | None = None, name: str | None = None,
              **options) -> tuple[Path, object]:
        self.number += 1
        pack = self.folder / (name or f"pack{self.number}")
        done = self.gateway.run("evidence", "build", "--from", start or self.start, "--to", to or self.to, "-o", str(pack),
                                "--size", self.size, *words, check=check, **options)
        return pack, done

    def published(self) -> Path:
        """A copy of the published log, as an auditor gets it."""
        return self.gateway.ledger / "log"


@pytest.fixture(scope="module")
def packs(binary, people, tmp_path_factory):
    with ExitStack() as stack:
        folder = tmp_path_factory.mktemp("evidence")
        yield Packs(Log(organise(stack, binary, people, folder / "acme")), folder)


@pytest.fixture(scope="module")
def pack(packs) -> Path:
    return packs.build("--tar", str(packs.folder / "pack.tar"), name="pack")[0]


def controls(pack: Path) -> dict[str, dict]:
    return {one: json.loads((pack / "controls" / f"{one}.json").read_bytes()) for one in CONTROLS}


def manifest(pack: Path) -> dict:
    return json.loads(b64decode(json.loads((pack / "manifest.dsse.json").read_bytes())["payload"]))


def names(pack: Path) -> list[str]:
    return sorted(str(path.relative_to(pack)) for path in pack.rglob("*") if path.is_file())


def test_a_pack_passes_both_verifiers_with_its_log_and_in_an_archive(packs, pack, verify):
    key = ("--vkey", packs.gateway.log_key)
    said = verify(*key, "--log", packs.published(), "evidence", pack, expect=0)
    assert said.splitlines()[-1].startswith("ok: ") or "ok: " in said
    assert "unverified: counts" not in said and "unverified: samples" not in said
    verify(*key, "evidence", packs.folder / "pack.tar", expect=0)
    done = packs.gateway.run("evidence", "verify", str(pack))
    assert "ok: " in done.stdout
    # The folder of the ledger, as other commands take it, and that of the log in it.
    for log in (packs.gateway.ledger, packs.published()):
        done = packs.gateway.run("evidence", "verify", str(pack), "--log", str(log), *key)
        assert "ok: " in done.stdout and "no log was given" not in done.stderr, done.stderr


def test_counts_are_those_of_the_log(packs, pack):
    leaves = [one["leaf"] for one in packs.log.all()]
    end = int(datetime.fromisoformat(packs.to.replace("Z", "+00:00")).timestamp()) * 1_000_000
    denied = sum(one["t"] == "call.denied" and one["ts"] < end for one in leaves)
    counted = {json.dumps(one["leaf"], sort_keys=True): one["n"] for one in controls(pack)["C01"]["counts"] if "leaf" in one}
    assert denied > 0 and counted['{"t": "call.denied"}'] == denied
    approved = controls(pack)["C05"]
    assert [one["kind"] for one in approved["samples"]] == ["approved", "approved"]
    assert {"check": "outcome-without-approval-used", "n": 0} in approved["counts"]


def test_what_is_not_shown_is_a_gap_and_comes_first(packs, pack):
    found = controls(pack)
    # No release of this build is signed, and no self-test has run.
    assert {one["status"] for one in found.values()} == {"gap"}
    assert all(one["gaps"] for one in found.values())
    assert manifest(pack)["summary"] == {"enforced": 0, "gap": 24, "guidance": 0}
    report = (pack / "report.md").read_text()
    assert report.index("## Gaps") < report.index("## Controls") < report.index("### C01")


def test_no_view_makes_a_claim_and_ids_that_were_not_verified_say_so(packs, pack):
    views = packs.build("--view", "four-column")[1].stdout
    texts = {name: (pack / name).read_text() for name in names(pack) if not name.startswith(("policy/", "records/", "proofs/"))}
    for name, text in {**texts, "view": views}.items():
        assert not FORBIDDEN.search(text), name
    for name in ("report.md", "report.html"):
        ids = re.findall(r"\bASI\d\d\b(.{0,15})", texts[name])
        assert ids and all(rest.startswith(" (not verified)") for rest in ids), name
        assert not re.search(r"LLM01 \(not", texts[name])
    assert json.loads(texts["frameworks/owasp-agentic.json"])["status"] == "not verified"
    assert [line for line in views.splitlines() if line.startswith("## ")] == [
        "## least privilege", "## secret hygiene", "## change review", "## audit"]


def test_two_builds_at_one_checkpoint_are_equal_but_for_time_and_signature(packs, pack):
    other = packs.build()[0]
    assert names(other) == names(pack)
    different = {name for name in names(pack) if (pack / name).read_bytes() != (other / name).read_bytes()}
    assert different <= {"manifest.dsse.json", "report.md", "report.html"}
    one, two = manifest(pack), manifest(other)
    for made in (one, two):
        del made["built"]
        for name in ("report.md", "report.html"):
            del made["files"][name]
    assert one == two


def test_samples_are_the_bytes_of_the_log_and_the_seed_is_not_the_builders(packs, pack):
    made = manifest(pack)
    assert "seed" not in made
    head = int(made["seed_head"]["size"])
    by_index = {one["index"]: one for one in packs.log.all()}
    to = datetime.fromisoformat(packs.to.replace("Z", "+00:00")).timestamp() * 1_000_000
    assert by_index[head - 1]["leaf"]["ts"] >= to > by_index[head - 2]["leaf"]["ts"]
    for control in controls(pack).values():
        for sample in control["samples"]:
            stored = json.loads((pack / "records" / f"{sample['leaf'][7:]}.json").read_bytes())
            assert stored == by_index[int(sample["index"])]["leaf"]


def test_an_auditor_may_give_the_seed_and_the_pack_says_so(packs, verify):
    pack, _ = packs.build("--seed", "ab" * 32, "--samples", "2")
    assert manifest(pack)["seed"] == "given" and manifest(pack)["sample_seed"] == "ab" * 32
    assert max(len(one["samples"]) for one in controls(pack).values()) == 2
    said = verify("--vkey", packs.gateway.log_key, "--log", packs.published(), "evidence", pack, expect=0)
    assert "unverified: samples: the seed was given by a person" in said
    assert packs.build("--seed", "ab", check=False)[1].returncode == 64


def test_a_period_of_an_agent_and_of_one_framework(packs, verify):
    pack, _ = packs.build("--agent", "refunds", "--framework", "owasp-llm")
    made = manifest(pack)
    assert made["scope"]["agents"] == ["refunds"] and list(made["frameworks"]) == ["owasp-llm"]
    assert {"leaf": {"t": "call.denied"}, "n": 0} in controls(pack)["C01"]["counts"]
    verify("--vkey", packs.gateway.log_key, "--log", packs.published(), "evidence", pack, expect=0)
    assert packs.build("--framework", "no-such", check=False)[1].returncode == 64


def test_names_are_left_out_on_request(packs, pack):
    people = json.loads((pack / "people.json").read_bytes())
    assert "paul@acme.example" in people.values()
    bare, _ = packs.build("--pseudonyms")
    assert "people.json" not in names(bare)
    for name in set(names(bare)) & {"report.md", *[f"controls/{one}.json" for one in CONTROLS]}:
        assert b"paul@acme.example" not in (bare / name).read_bytes(), name


def test_a_questionnaire_is_filled_in_and_has_no_formula(packs):
    asked = packs.folder / "asked.csv"
    asked.write_text('id,question,control\r\n1,"Who, and when?",C05\r\n=2,"A ""b""",C99\r\n3,Access,CC6.1\r\n')
    done = packs.build("--view", f"questionnaire:{asked}")[1]
    rows = list(csv.reader(io.StringIO(done.stdout)))
    assert rows[0] == ["id", "question", "control", "answer"]
    assert rows[1][:3] == ["1", "Who, and when?", "C05"] and "Status: gap." in rows[1][3]
    assert rows[2][:3] == ["'=2", 'A "b"', "C99"] and rows[2][3].startswith("Not answered: ")
    assert rows[3][3].startswith("CC6.1 (not verified) of soc2. C01: ") and "See controls/C14.json." in rows[3][3]
    assert "1 questions are not answered: `C99`" in done.stderr
    asked.write_text("question\r\n")
    assert packs.build("--view", f"questionnaire:{asked}", check=False)[1].returncode == 65


def test_each_question_of_an_auditor_names_files_that_are_there_or_a_gap(packs, pack):
    found, text = names(pack), (pack / "report.md").read_text()
    rows = [line for line in text.split("## Questions that auditors ask")[1].split("## ")[0].splitlines()
            if line.startswith("| ") and "---" not in line][1:]
    assert len(rows) == 20
    for row in rows:
        _, question, files, states, _ = row.split(" | ".strip())
        for name in files.strip().split(", "):
            there = any(one == name or name.endswith("/") and one.startswith(name) for one in found)
            assert there or name == "none of the period" and "gap" in states, question


def test_the_pack_says_who_answers_for_which_agent_and_who_may_stop_it(packs, pack):
    agents = {one["agent"]: one for one in json.loads((pack / "agents.json").read_bytes())}
    assert set(agents) >= {"support-triage"}
    for one in agents.values():
        assert "@" in one["owner"] and one["purpose"] and one["tier"] in ("low", "medium", "high"), one
    roles = json.loads((pack / "roles.json").read_bytes())
    assert set(roles["roles"]) == {"kill", "resume", "security", "break_glass"} and "paul@acme.example" in json.dumps(roles)
    readme = (pack / "README.md").read_text()
    listed = [line.split(" | ")[0][2:] for line in readme.splitlines() if line.startswith("| ") and "---" not in line][1:]
    assert len(listed) > 10
    for name in listed:
        assert any(one == name or name.endswith("/") and one.startswith(name) for one in names(pack)), name
    assert any("No drill of the kill switch" in one["text"] for one in controls(pack)["C08"]["gaps"])
    bare, _ = packs.build("--pseudonyms")
    assert "roles.json" not in names(bare) and b"@" not in (bare / "agents.json").read_bytes()


def test_misuse_has_its_exit_code_and_writes_nothing(packs):
    before = sorted(packs.folder.iterdir())
    for words, code in (
        (("--samples", "0"), 64), (("--view", "pie"), 64), (("--size", "999999999"), 64),
        (("--disclose", "x"), 64), (("--agent", "no agent"), 66),
    ):
        _, done = packs.build(*words, check=False)
        assert done.returncode == code, (words, done.stderr)
    assert packs.build(start="2026-02-30", check=False)[1].returncode == 64
    assert packs.build(start="2027-01-01", to="2026-01-01", check=False)[1].returncode == 64
    _, done = packs.build(to="2099-01-01", check=False)
    assert done.returncode == 1 and "the period has not ended" in done.stderr
    assert sorted(packs.folder.iterdir()) == before


def test_a_log_that_begins_after_the_period_needs_partial_which_is_a_gap(packs, verify):
    _, done = packs.build(start="2020-01-01", check=False)
    assert done.returncode == 1 and "--partial" in done.stderr
    pack, _ = packs.build("--partial", start="2020-01-01")
    assert manifest(pack)["partial"] is True
    assert any("does not reach back" in one["text"] for one in controls(pack)["C09"]["gaps"])
    assert "Partial: " in (pack / "report.md").read_text()
    verify("--vkey", packs.gateway.log_key, "--log", packs.published(), "evidence", pack, expect=0)
    assert "partial" not in manifest(packs.build()[0])


def test_an_existing_folder_is_never_written(packs, pack):
    before = names(pack)
    assert packs.build(name="pack", check=False)[1].returncode == 73
    assert names(pack) == before


def test_the_export_is_recorded_first_and_without_a_gateway_nothing_is_written(organisation, tmp_path):
    packs = Packs(Log(organisation()), tmp_path)
    packs.build()
    (record,) = packs.gateway.records(10, type="export.made")[-1:]
    assert record["kind"] == "evidence" and record["n"] > 0
    packs.gateway.stop()
    pack, done = packs.build(check=False)
    assert done.returncode == 69 and not pack.exists() and not Path(f"{pack}.partial").exists()


# What dies at which write: the draft of a file, its sync, its rename, and the rename of the folder.
KILLED = [("write", ".partial/", 0), ("write", ".partial/controls/", 3), ("fsync", ".partial/records/", 1),
          ("rename", ".partial/report.md", 0), ("open", "manifest.dsse.json", 0), ("rename", "manifest.dsse.json$", 0)]


@pytest.mark.parametrize("call, part, after", KILLED)
def test_a_build_that_dies_leaves_no_pack(packs, fault_library, tmp_path, call, part, after):
    control = tmp_path / "fault"
    control.write_text(f"{call} {part} {after} 1 KILL+\n")
    faulty = {"LD_PRELOAD": str(fault_library), "FAULTS": str(control)}
    pack, done = packs.build(check=False, environment=faulty)
    assert done.returncode < 0, done.stderr
    assert not pack.exists()
    rest = Path(f"{pack}.partial")
    assert rest.is_dir()
    assert (rest / "manifest.dsse.json").exists() == (call == "rename" and "manifest" in part)
    # The rest is in the way of another build of that name, and of no other.
    assert packs.build(name=pack.name, check=False)[1].returncode == 73


class Installation:
    """The program with results of tests that were signed for it, as a release ships them."""

    def __init__(self, binary: Path, folder: Path):
        self.program = folder / "bin" / "interlock"
        self.program.parent.mkdir(parents=True)
        shutil.copyfile(binary, self.program)
        self.program.chmod(0o755)
        shutil.copy(binary.parent / "interlock-verify", self.program.parent)
        self.build = digest(self.program.read_bytes())
        self.file = folder / "share" / "interlock" / "release-tests.json"
        self.file.parent.mkdir(parents=True)

    def ship(self, tests: list[str], build: str | None = None, failed: tuple[str, ...] = ()) -> None:
        results = [{"id": one, "result": "fail" if one in failed else "pass"} for one in tests]
        self.file.write_bytes(envelope(canonical({"build": build or self.build, "tests": results}), "test-results", RELEASE))

    def sign(self, tests: list[str]) -> None:
        """Signs by the command of the program, with the key of a release."""
        folder = self.program.parent
        key, results = folder / "release.key", folder / "results.json"
        key.write_bytes(bytes(range(128, 160)))
        key.chmod(0o400)
        results.write_text(json.dumps({"build": self.build, "tests": [{"id": one, "result": "pass"} for one in tests]}))
        self.file.unlink(missing_ok=True)
        done = subprocess.run([str(self.program), "evidence", "sign-tests", str(results), "--key", str(key), "-o", str(self.file)],
                              capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stderr + done.stdout

    def run(self, packs: Packs, **environment: str) -> subprocess.CompletedProcess:
        packs.number += 1
        self.pack = packs.folder / f"pack{packs.number}"
        words = ["evidence", "build", "--from", packs.start, "--to", packs.to, "-o", str(self.pack), "--dir", str(packs.gateway.folder)]
        return subprocess.run([str(self.program), *words], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
                              env={**os.environ, **environment})

    def evidence(self, packs: Packs, **environment: str) -> dict[str, dict]:
        done = self.run(packs, **environment)
        assert done.returncode == 0, done.stderr
        return controls(self.pack)


@pytest.fixture
def installed(binary, tmp_path) -> Installation:
    return Installation(binary, tmp_path)


def test_a_pack_that_does_not_verify_gets_no_name(packs, installed):
    """The program beside the builder finds a fault, and then there is none."""
    verifier = installed.program.parent / "interlock-verify"
    verifier.write_text('#!/bin/sh\nfor word; do test "$word" = evidence && echo "fault: signatures: a test" >&2; done\nexit 1\n')
    done = installed.run(packs)
    assert done.returncode == 65 and "fault: signatures: a test" in done.stderr and "does not verify" in done.stderr
    assert not installed.pack.exists() and Path(f"{installed.pack}.partial", "manifest.dsse.json").exists()
    verifier.unlink()
    done = installed.run(packs)
    assert done.returncode == 66 and "interlock-verify" in done.stderr
    assert not installed.pack.exists() and not Path(f"{installed.pack}.partial").exists()


def gaps(found: dict[str, dict], beginning: str) -> list[str]:
    return [gap["text"] for one in found.values() for gap in one["gaps"] if gap["text"].startswith(beginning)]


def required(installed: Installation, packs: Packs) -> list[str]:
    """The tests that controls need, by what the gaps of a release without results name."""
    installed.ship([])
    named = gaps(installed.evidence(packs), "The release has no result of the test ")
    return sorted({one.split()[-1].rstrip(".") for one in named})


def test_results_of_a_release_count_for_its_build_and_if_they_are_signed(packs, installed, verify):
    tests = required(installed, packs)
    assert len(tests) > 25 and sum(one.startswith("pitfall-") for one in tests) == 9
    installed.ship(tests, failed=("OpenCallsTests",))
    found = installed.evidence(packs)
    assert gaps(found, "The test ") == ["The test OpenCallsTests of the release failed."]
    assert not gaps(found, "The release has no result")
    verify("--vkey", packs.gateway.log_key, "evidence", installed.pack, expect=0)
    installed.ship(tests, build="sha256:" + "11" * 32)
    assert len(gaps(installed.evidence(packs), "The results of tests are of another build.")) >= 20
    genuine = json.loads(installed.file.read_bytes())
    genuine["payload"] = b64encode(b"{}").decode()
    installed.file.write_bytes(canonical(genuine))
    assert len(gaps(installed.evidence(packs), "The results of tests that came with this program are not signed.")) >= 20
    assert not (installed.pack / "tests" / "release.json").exists()


def test_a_control_is_enforced_with_a_release_and_a_self_test_of_the_last_7_days(packs, installed, verify):
    installed.sign(required(installed, packs))
    packs.gateway.run("selftest", "run", check=False, seconds=120)
    packs.log.wait_for_checkpoint()
    found = installed.evidence(packs)
    # Their acts need nothing of how this organisation is set up.
    assert {"C09": "enforced at recordIntent, recordOutcome", "C15": "enforced at resolve, inspect"}.items() <= {
        one: made["status"] for one, made in found.items()}.items()
    # No result of a release, and no check of the deployment: no incident is open, and the limits hold.
    for one in ("C01", "C07", "C11", "C16", "C18", "C24"):
        assert found[one]["status"].startswith("enforced at "), (one, found[one]["gaps"])
    # The policy of these organisations has one signature at most, which a check says.
    assert manifest(installed.pack)["summary"]["enforced"] >= 8
    log = ("--vkey", packs.gateway.log_key, "--log", packs.published())
    assert "`tests/release.json`: whose key" in verify(*log, "evidence", installed.pack, expect=0)
    assert "tests/release.json" not in verify(*log, "--vkey", RELEASE.vkey, "evidence", installed.pack, expect=0)
    # Eight days later the same self-test shows nothing.
    stale = installed.evidence(packs, **later(8 * 86_400))
    assert {one["status"] for one in stale.values()} == {"gap"}
    assert any("is not of the 7 days before" in gap["text"] for gap in stale["C09"]["gaps"])
    verify("--vkey", packs.gateway.log_key, "evidence", installed.pack, expect=0)


def test_ready_counts_a_self_test_from_before_a_restart(binary, people, installed, tmp_path):
    for name in ("interlock-launch", "interlock-hook"):
        if (binary.parent / name).exists():
            shutil.copy(binary.parent / name, installed.program.parent)
    listed = subprocess.run([str(installed.program), "evidence", "controls", "--json"], capture_output=True, text=True, check=True)
    installed.sign(sorted({test for row in listed.stdout.splitlines() for test in json.loads(row)["release"]}))
    with ExitStack() as stack:
        # The path of a socket is at most 107 bytes.
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="interlock-e2e-")))
        gateway = organise(stack, installed.program, people, folder, servers=("tickets",)).gateway

        def controls() -> str:
            done = gateway.run("ready", "--org", "--json", check=False)
            (check,) = [one for one in json.loads(done.stdout)["checks"] if one["check"] == "controls"]
            return re.sub(r"\d{4}-\d\d-\d\dT[0-9:]+Z", "TIME", check["text"])

        assert "No self-test of this deployment is on record." in controls()
        gateway.run("selftest", "run", check=False, seconds=200)
        before = controls()
        assert "self-test" not in before or "of the self-test of TIME" in before, before
        gateway.stop()
        gateway.start()
        assert controls() == before
