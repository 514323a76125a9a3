"""`interlock eval capture`: a call in the log becomes a draft of a case, and counts once a reviewer has confirmed it."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from addresses import LI, PAUL, RUI, SAM
from governed import DENIED, agent, governed, policy, server

pytestmark = pytest.mark.requirement("R102")

HEAD = "interlock_eval: 1\nid: {id}\nkind: policy\nclass: {kind}\nreviewed: {{by: {by}, on: \"2026-11-12\"}}\n"
SOUND = {
    "allow-search": HEAD.format(id="allow-search", kind="allow", by=PAUL)
    + 'call: tickets.search\nargs: {text: lamp, limit: 2}\nat: "2026-11-20T10:00:00Z"\nstage: supervised\nexpect: allow\n',
    "refuse-many": HEAD.format(id="refuse-many", kind="refuse", by=RUI)
    + 'call: tickets.search\nargs: {text: lamp, limit: 99}\nat: "2026-11-20T10:00:00Z"\nstage: supervised\n'
    + "expect: deny\nmutate: none\n",
}
HOSTILE = "x\nexpect: allow # \u202e\u200b\x00 '\" {y: [1]}\r\n- ~ *a &b !t <<\u2028"


def written(ports: dict[str, int], cap: int = 5) -> str:
    return policy(
        f"""\
forbid:
  - {{id: cap, tools: [tickets.search], agents: [guarded], when: "args.limit > {cap}"}}
servers:""",
        server("tickets", ports["tickets"], """
tools:
  search: {class: read}
  close_ticket: {class: write, effects: [customer_facing]}
"""),
        "agents:",
        agent("guarded", "mcp_scopes:\n  tickets: [search]\n", tier="low"),
        agent("writer", "mcp_scopes:\n  tickets: [read, write]\n"))


@pytest.fixture(scope="module")
def world(binary, people):
    ports = {}

    def write(given: dict[str, int]) -> str:
        ports.update(given)
        return written(given)

    with governed(binary, people, write, servers=("tickets",)) as world:
        world.ports = ports
        world.gateway.wait_for_tools("guarded", "tickets")
        yield world


@pytest.fixture
def suite(world) -> Path:
    """A suite beside the deployment's policy, whose cases pass under it."""
    folder = world.gateway.folder / "suites/guarded"
    (folder / "cases").mkdir(parents=True)
    (folder / "suite.yaml").write_text(f"interlock_eval: 1\nagent: guarded\nowner: {LI}\n")
    for name, text in SOUND.items():
        (folder / f"cases/{name}.yaml").write_text(text)
    yield folder
    shutil.rmtree(folder.parent)
    (world.gateway.policy / "org.yaml").write_text(written(world.ports))


def run(world, *words: str, exit: int = 0) -> subprocess.CompletedProcess:
    done = world.gateway.run("eval", *words, check=False)
    assert done.returncode == exit, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done


def capture(world, event: object, *words: str, by: str = SAM) -> dict:
    (made,) = world.gateway.json("eval", "capture", str(event), "--by", by, *words)
    return made


def confirm(world, path: Path, expect: str, by: str, exit: int = 0) -> subprocess.CompletedProcess:
    return run(world, "capture", "--confirm", str(path), "--expect", expect, "--by", by, exit=exit)


def views(world) -> list[dict]:
    return [one for one in world.gateway.records(1000) if one["t"] == "export.made"]


def drafts(suite: Path) -> list[Path]:
    return sorted((suite / "cases").glob("incident-*.yaml"))


@pytest.mark.requirement("R100")
def test_a_call_that_was_wrongly_denied_becomes_a_regression_case(world, suite):
    denied = world.call("guarded", "tickets__search", text=HOSTILE, limit=9)
    assert denied.told == DENIED
    before = len(views(world))
    made = capture(world, denied.record["index"])
    path = Path(made["path"])
    assert (made["change"], made["decision"], made["policy_kept"], made["missing"]) == ("draft", "deny", True, [])
    assert drafts(suite) == [path]
    # That the log was read is on record, once and as a capture.
    assert [one["kind"] for one in views(world)[before:]] == ["capture"]
    text = path.read_text()
    assert "\u202e" not in text and text.count("\nexpect: ") == 1 and "\ndraft: true\n" in text
    assert "# Recorded decision: deny by " in text
    assert f'leaf: {denied.record["index"]}, run: "{denied.record["run"]}"' in text and f'captured_by: "{SAM}"' in text
    # A draft is not run, and lint says that it is there.
    done = run(world, "run", "guarded")
    assert "is a draft" in done.stderr and done.stdout.splitlines()[-1] == "guarded: pass, 2 cases"
    assert path.stem in world.gateway.run("eval", "lint", "guarded", check=False).stdout

    # Neither the owner, nor a stranger, nor the one who captured it alone confirms it.
    for person, why in ((LI, "answers for agent `guarded`"), ("eve@other.example", "no person of the policy"),
                        (SAM, "captured this case")):
        assert why in confirm(world, path, "allow", person, exit=77).stderr
    assert path.read_text() == text
    confirm(world, path, "allow", PAUL)
    confirmed = path.read_text()
    assert "\ndraft:" not in confirmed and "\nexpect: allow\n" in confirmed
    assert f'reviewed: {{by: "{PAUL}", on: "' in confirmed and f'regression_of: "{made["policy"]}"' in confirmed
    assert "is no draft" in confirm(world, path, "allow", RUI, exit=65).stderr

    # It fails on the policy that was in force, which lint says, and passes on the mended one.
    done = run(world, "run", "guarded", exit=1)
    assert f"{path.stem}: deny" in done.stdout and "expected allow" in done.stdout
    assert "a regression that is not mended" in run(world, "lint", "guarded", exit=1).stdout
    (world.gateway.policy / "org.yaml").write_text(written(world.ports, cap=10))
    assert run(world, "run", "guarded").stdout.splitlines()[-1] == "guarded: pass, 3 cases"
    done = world.gateway.run("eval", "lint", "guarded", check=False)
    assert "regression" not in done.stdout and done.returncode in (0, 1), done.stdout
    # The next report has the case.
    report = json.loads(run(world, "report", "guarded", "--json").stdout.splitlines()[-1])
    assert (report["classes"]["incident"], report["classes"]["refuse"]) == (1, 1), report

    # Without the policy that decided, or with another one in its file, the suite proves nothing.
    (kept,) = (suite / "fixtures/policies").iterdir()
    assert f"sha256:{kept.stem}" == made["policy"]
    whole = kept.read_bytes()
    for changed in (whole.replace(b'"path"', b'"Path"'), whole[:-1], b"{}"):
        kept.write_bytes(changed)
        assert "cannot be run on the policy" in run(world, "lint", "guarded", exit=65).stdout
        run(world, "run", "guarded", exit=65)
    kept.unlink()
    assert "cannot be run on the policy" in run(world, "lint", "guarded", exit=65).stdout
    kept.write_bytes(whole)
    # A case that claims to be a regression, and passes on that policy, proves nothing either.
    path.write_text(confirmed.replace("expect: allow", "expect: deny"))
    assert "passes on the policy that it is a regression of" in run(world, "lint", "guarded", exit=65).stdout


def test_a_second_capture_adds_its_origin_and_keeps_what_people_wrote(world, suite):
    records = []
    for _ in range(2):
        ended = world.call("guarded", "tickets__search", text="twice", limit=3)
        assert ended.told is None
        records.append(ended.record)
    # Any record of a call names it: the outcome, or its decision.
    first = capture(world, records[0]["index"])
    path = Path(first["path"])
    path.write_text(path.read_text().replace("\norigin:", "\n# Why: the lamp of March.\norigin:"))
    before = path.read_text()
    second = capture(world, f"dec_{records[1]['call']}")
    assert (second["change"], second["case"], second["path"]) == ("origin", first["case"], first["path"])
    after = path.read_text()
    assert after.startswith(before) and after.count("  - {log: ") == 2 and drafts(suite) == [path]
    assert capture(world, records[1]["index"])["change"] == "none" and path.read_text() == after
    # The decision was right: the case counts, and is no regression.
    confirm(world, path, "allow", PAUL)
    assert "regression_of" not in path.read_text() and "# Why: the lamp of March." in path.read_text()
    assert run(world, "run", "guarded").stdout.splitlines()[-1] == "guarded: pass, 3 cases"

    # Lint reads the records again: an origin that is of another call, or of none, is no origin.
    text, looked = path.read_text(), len(views(world))
    (leaf, other) = re.findall(r"leaf: (\d+),", text)
    done = world.gateway.run("eval", "lint", "guarded", check=False)
    assert "origin: " not in done.stdout and "were not compared" not in done.stderr and done.returncode in (0, 1)
    # The outcome is of the same call and run, but nothing was decided by it.
    outcome = records[1]["index"]
    for wrong, says in (("0", "record 0 is of another call"), ("999999999", "the log has no record 999999999"),
                        (str(outcome), f"record {outcome} is of another call")):
        path.write_text(text.replace(f"leaf: {other},", f"leaf: {wrong},"))
        assert says in run(world, "lint", "guarded", exit=65).stdout
    path.write_text(text.replace('log: "', 'log: "another.', 1))
    assert "1 origins of guarded were not compared" in world.gateway.run("eval", "lint", "guarded", check=False).stderr
    assert leaf != other and len(views(world)) == looked, "nothing of the records is shown"


def test_two_people_who_captured_may_confirm_each_other(world, suite):
    ended = world.call("guarded", "tickets__search", text="two people", limit=3)
    again = world.call("guarded", "tickets__search", text="two people", limit=3)
    path = Path(capture(world, ended.record["index"])["path"])
    capture(world, again.record["index"], by=PAUL)
    confirm(world, path, "allow", SAM)


def test_an_approval_names_its_call(world, tmp_path):
    world.gateway.wait_for_tools("writer", "tickets")
    ended = world.call_approved("writer", "tickets__close_ticket", SAM, id="T-1001", message="Done")
    assert ended.told is None
    (granted,) = [one for one in world.gateway.records(60) if one["t"] == "approval.granted"][-1:]
    made = capture(world, granted["index"], "--out", str(tmp_path / "drafts"))
    assert made["decision"] == "approve" and not made["policy_kept"]
    text = Path(made["path"]).read_text()
    assert "\nexpect: approve\n" in text and 'call: "tickets.close_ticket"' in text
    # Without a suite there is no place for it.
    done = run(world, "capture", str(granted["index"]), "--by", PAUL, exit=66)
    assert "agent `writer` has no suite" in done.stderr


def test_erased_arguments_are_missing_until_a_person_states_them(world, suite):
    world.hang_up()
    ended = world.call("guarded", "tickets__search", text="secret-text", limit=9)
    run_id = ended.record["run"]
    world.hang_up()
    world.gateway.run("audit", "erase", "--run", run_id, "--reason", "erasure.request", "--confirm", run_id)
    made = capture(world, ended.record["index"])
    path = Path(made["path"])
    text = path.read_text()
    assert made["missing"] == ["args"] and "secret-text" not in text and "\nargs: {}\nmissing: [args]\n" in text
    assert "the arguments were erased" in confirm(world, path, "allow", PAUL, exit=65).stderr
    assert path.read_text() == text
    stated = text.replace("args: {}\nmissing: [args]\n", "args: {text: lamp, limit: 9}\nstage: supervised\n")
    path.write_text(stated)
    confirm(world, path, "deny", PAUL)
    assert run(world, "run", "guarded").stdout.splitlines()[-1] == "guarded: pass, 3 cases"


def test_a_foreign_log_and_an_agent_of_another_policy_make_no_case(world, suite, tmp_path):
    ended = world.call("guarded", "tickets__search", text="foreign", limit=9)
    index = str(ended.record["index"])
    for part in ("ledger", "payloads"):
        shutil.copytree(world.gateway.folder / "state" / part, tmp_path / "foreign" / part)
    words = ["capture", index, "--by", SAM, "--log", str(tmp_path / "foreign/ledger")]
    assert "its key must come from elsewhere" in run(world, *words, exit=64).stderr
    assert "is not here" in run(world, *words, "--vkey", world.gateway.log_key, exit=65).stderr
    other = tmp_path / "policy.yaml"
    other.write_text(written(world.ports).replace("guarded", "renamed"))
    done = run(world, "capture", index, "--by", SAM, "--policy", str(other), exit=66)
    assert "the policy has no agent `guarded`" in done.stderr
    assert drafts(suite) == []


@pytest.mark.requirement("R100")
def test_a_run_becomes_an_agent_case_with_the_answers_that_it_got(world, suite):
    world.hang_up()
    world.call("guarded", "tickets__search", text="lamp", limit=2)
    denied = world.call("guarded", "tickets__search", text=HOSTILE, limit=9)
    # A suite without the agent's program can have no such case.
    assert "states no `command`" in run(
        world, "capture", str(denied.record["index"]), "--run", "--by", SAM, exit=65).stderr
    with (suite / "suite.yaml").open("a") as file:
        file.write('command: ["/bin/true"]\n')
    before = len(views(world))
    made = capture(world, denied.record["index"], "--run")
    assert [one["kind"] for one in views(world)[before:]] == ["capture"]
    path, fixture = Path(made["path"]), Path(made["world"])
    assert (made["calls"], made["missing"], made["change"]) == (2, ["request"], "draft")
    text, answers = path.read_text(), fixture.read_text()
    assert "\nkind: agent\n" in text and "\ndraft: true\n" in text and "\u202e" not in text + answers
    assert f"world: fixtures/{fixture.name}" in text and 'forbidden: [{call: "tickets.search"' in text
    # The search was answered as it was; the denied call, which got no result, by an error.
    assert "{structured: " in answers or "{content: " in answers
    assert "no result of this call is on record" in answers
    assert "is a draft" in run(world, "run", "guarded", "--kind", "policy").stderr
    # It exists once, and counts after a reviewer has stated the request, and what should have happened.
    assert "exists" in run(world, "capture", str(denied.record["index"]), "--run", "--by", SAM, exit=73).stderr
    words = ["capture", "--confirm", str(path), "--by", PAUL]
    assert "the request is not on record" in run(world, *words, exit=65).stderr
    path.write_text(text.replace('request: "unknown"\nmissing: [request]\n', "request: Find the lamp.\n"))
    assert "no single verdict" in run(world, *words, "--expect", "deny", exit=64).stderr
    run(world, *words)
    confirmed = path.read_text()
    assert "\ndraft:" not in confirmed and f'reviewed: {{by: "{PAUL}", on: "' in confirmed
    assert "is no draft" in run(world, *words, exit=65).stderr
    report = json.loads(run(world, "report", "guarded", "--json").stdout.splitlines()[-1])
    assert report["classes"]["incident"] == 1, report


@pytest.mark.parametrize("words, code, says", [
    (["capture"], 64, "missing EVENT"),
    (["capture", "no record", "--by", SAM], 64, "names no record"),
    (["capture", "999999999", "--by", SAM], 66, "there is no record"),
    (["capture", "0", "--by", SAM], 65, "of no single call"),
    (["capture", "0", "--by", "sam"], 64, "no e-mail address"),
    (["capture", "0", "--by", "eve@other.example"], 77, "no person of the policy"),
    (["capture", "0", "--expect", "deny"], 64, "without `--confirm`"),
    (["capture", "0", "--run", "--by", SAM], 65, "of no single call"),
    (["capture", "0", "--confirm", "x.yaml", "--expect", "deny", "--by", PAUL], 64, "takes no EVENT"),
    (["capture", "--confirm", "x.yaml", "--by", PAUL], 65, "x.yaml"),
    (["capture", "--confirm", "x.yaml", "--expect", "perhaps", "--by", PAUL], 64, "is no verdict"),
    (["capture", "--confirm", "no-such-file.yaml", "--expect", "deny", "--by", PAUL], 65, "no-such-file.yaml"),
])
def test_what_cannot_be_captured_has_its_exit_code(world, suite, words, code, says):
    done = run(world, *words, exit=code)
    assert says in done.stderr and done.stdout == "" and drafts(suite) == []


@pytest.mark.requirement("R100", "R121")
def test_a_report_counts_what_the_log_has_about_the_agent(world, suite):
    denied = world.call("guarded", "tickets__search", text="report", limit=9)
    assert denied.told == DENIED
    looked = len(views(world))
    (before,) = world.gateway.json("eval", "report", "guarded", "--since", "1h")
    assert before["log"]["denials"] > 0 and before["log"]["incidents"] == before["log"]["captured"] == 0
    # T11 until a case is captured after the last denial.
    assert "T11" in [one["code"] for one in before["flags"]]
    capture(world, denied.record["index"])
    (after,) = world.gateway.json("eval", "report", "guarded", "--since", "1h")
    assert after["log"]["captured"] == 1 and "T11" not in [one["code"] for one in after["flags"]]
    assert len(views(world)) == looked + 1, "only the capture is recorded: no record is shown"
    # In the folder of the deployment nothing needs to be named.
    done = subprocess.run(
        [str(world.gateway.binary), "eval", "report", "guarded"], cwd=world.gateway.folder, text=True, timeout=60,
        stdin=subprocess.DEVNULL, capture_output=True)
    assert done.returncode == 0 and re.search(r"^guarded denials since \S+: [1-9]", done.stdout, re.M), done.stdout + done.stderr
    assert world.gateway.run("eval", "report", "guarded", "--since", "soon", check=False).returncode == 64


def test_a_link_and_a_case_that_is_no_draft_are_not_confirmed(world, suite):
    sound = suite / "cases/allow-search.yaml"
    assert "is not a draft" in confirm(world, sound, "allow", PAUL, exit=65).stderr
    link = suite / "cases/link.yaml"
    link.symlink_to(sound)
    confirm(world, link, "allow", PAUL, exit=65)
    assert sound.read_text() == SOUND["allow-search"]


def test_nothing_is_captured_without_its_record(world, suite):
    ended = world.call("guarded", "tickets__search", text="unrecorded", limit=9)
    world.hang_up()
    world.gateway.stop()
    try:
        done = run(world, "capture", str(ended.record["index"]), "--by", SAM, exit=69)
        assert "nothing is shown that cannot be recorded" in done.stderr and drafts(suite) == []
    finally:
        world.gateway.start()
