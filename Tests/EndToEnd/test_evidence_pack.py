"""`interlock evidence build` on the log of a real gateway: what it writes passes both verifiers, states gaps as gaps, and leaves
nothing that looks like a pack if it is interrupted (docs/evidence.md)."""

import csv
import io
import json
import re
from datetime import datetime
from pathlib import Path

import pytest

from audited import Log
from packbuilding import CONTROLS, Packs, controls, manifest, names, pack, packs  # noqa: F401

pytestmark = pytest.mark.requirement("R134", "R135")

FORBIDDEN = re.compile(r"\b(compliant|certified|secure)\b", re.I)


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
