"""A headless Claude Code inside `interlock run --resume-deferred`: a call that people must approve ends its turn, and the same
session continues once they have decided with a passkey or by command. Without its hook the session is not resumed."""

import json
import re
import threading
import time
from contextlib import ExitStack
from datetime import date, timedelta

import pytest

pytest.importorskip("selenium", reason="no selenium: run scripts/setup")
from codingagent import RememberingModel, keep_model_key, place_claude  # noqa: E402
from deployment import approval_id  # noqa: E402
from office import Office, approve  # noqa: E402
from people import People  # noqa: E402
from sandboxing import SandboxHouse  # noqa: E402

ADA, SAM = "ada@acme.example", "sam@acme.example"
POLICY = """\
interlock: 1
org: acme
owners: [{ada}, {sam}]
approvals:
  release: {{members: [{ada}, {sam}], expires: 15m}}
agents:
  fixer:
    owner: {ada}
    purpose: Fixes bugs
    tier: medium
    stage: supervised
    review_by: {review}
    approvers: release
    hooks: {{wait: 1s}}
    mcp_scopes: {{host: [read, {{tool: write}}]}}
    sandbox:
      limits: {{wall: 60s}}
      models: [{{name: main, upstream: "{model}", key: "files:model", private: true}}]
      env: {{CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1"}}
"""


class HeadlessOffice(Office):
    """A gateway with a console and Claude Code."""

    def __init__(self, stack: ExitStack, house: SandboxHouse, model: RememberingModel):
        self.house, self.gateway, self.stack, self.relay, self.browsers = house, house.gateway, stack, None, []
        self.model, self.origin = model, house.gateway.console
        self.tokens = {person: link.rsplit("/", 1)[1] for person, link in house.gateway.links.items()}
        keep_model_key(house, "model")
        place_claude(house.base)
        house.start()


class Session:
    """One headless session, from its start until it waits for people."""

    def __init__(self, office: HeadlessOffice, *options: str):
        office.model.results = []
        self.house = office.house
        self.running = office.house.begin(
            str(office.house.base / "claude"), "-p", "Write it", "--output-format", "json",
            options=("--resume-deferred", *options))
        # Claude Code waits for standard input while it is open.
        self.running.stdin.close()
        self.running.stdin = None
        self.said: list[str] = []
        self.reader = threading.Thread(target=lambda: self.said.extend(iter(self.running.stderr.readline, "")))
        self.reader.start()
        self.request = approval_id(office.gateway.pending())
        deadline = time.monotonic() + 20
        self.waiting = f"interlock: waiting for a decision about host.write, apr_{self.request}, expires in 15 min\n"
        while self.waiting not in self.said:
            assert time.monotonic() < deadline and self.running.poll() is None, self.said
            time.sleep(0.05)

    def end(self) -> tuple[int, list[dict], dict]:
        """The exit code, what each program printed, and the report."""
        out = self.running.stdout.read()
        code = self.running.wait(20)
        self.reader.join(5)
        return code, [json.loads(line) for line in out.splitlines()], json.loads(self.said[-1])


@pytest.fixture(scope="module")
def office(binary, tmp_path_factory):
    model = RememberingModel([("Write", {"file_path": "/workspace/new.txt", "content": "new\n"})])
    policy = POLICY.format(ada=ADA, sam=SAM, review=date.today() + timedelta(days=60), model=model.url)
    with ExitStack() as stack:
        roles = {ADA: ["kill", "resume", "security"], SAM: ["resume"]}
        people = stack.enter_context(People(tmp_path_factory.mktemp("people"), roles))
        house = SandboxHouse(binary, people, policy, console=True)
        stack.callback(house.close)
        yield HeadlessOffice(stack, house, model)


@pytest.mark.requirement("R063")
def test_a_person_approves_with_a_passkey_and_the_session_goes_on(office):
    sam = office.person(SAM)
    session = Session(office)
    assert office.model.results == []
    approve(sam, session.request)
    code, results, report = session.end()
    assert code == 0, session.said
    deferred, last = results
    assert deferred["stop_reason"] == "tool_deferred" and deferred["deferred_tool_use"]["name"] == "Write"
    assert last["result"] == "done" and last["session_id"] == deferred["session_id"]
    assert "new.txt" in office.model.results[0] and "denied" not in office.model.results[0]
    assert f"interlock: apr_{session.request} is approved; the session continues\n" in session.said
    run = report["run"]
    assert office.house.workspace("diff", run).stdout.splitlines() == ["A  new.txt  file 4 bytes", "1 change, 0 with flags"]
    # The home with the session is gone.
    assert not list(office.gateway.folder.glob(f"state/runs/{run}/layer/home"))

    records = session.house.leaves(run)
    kinds = [one["t"] for one in records]
    (noted,) = [one for one in records if one["t"] == "hook.call"]
    assert (noted["dec"], noted["appr"], noted["ses"]) == ("deferred", session.request, deferred["session_id"])
    assert kinds.count("approval.requested") == 1 and kinds.count("approval.used") == 1
    assert kinds.count("run.start") == 1 and kinds[-1] in ("run.end", "run.diff")
    ended = next(one for one in records if one["t"] == "run.end")
    assert (ended["code"], ended["exit"]) == ("exited", 0)
    assert office.gateway.verify().returncode == 0


@pytest.mark.stress
def test_a_denied_call_is_blocked_when_the_session_goes_on(office):
    session = Session(office)
    office.gateway.run("approvals", "deny", session.request, "--reason", "not this one", by=SAM)
    code, results, report = session.end()
    assert code == 0 and results[-1]["result"] == "done", session.said
    assert "denied (denied)" in office.model.results[0]
    assert report["diff"]["entries"] == 0


@pytest.mark.requirement("R063", "R065")
def test_with_the_hook_gone_an_approved_session_is_not_resumed(office):
    session = Session(office)
    adapter = office.house.base / "bin" / "interlock-hook"
    adapter.rename(adapter.with_name("elsewhere"))
    try:
        office.gateway.approve(session.request, by=SAM)
        code, results, report = session.end()
    finally:
        adapter.with_name("elsewhere").rename(adapter)
    assert (code, report["reason"], report["source"]) == (77, "hooks", "interlock"), session.said
    assert len(results) == 1 and office.model.results == [] and report["diff"]["entries"] == 0
    ended = next(one for one in session.house.leaves(report["run"]) if one["t"] == "run.end")
    assert (ended["code"], ended["exit"], ended["src"]) == ("hooks", 77, "interlock")


@pytest.mark.stress
def test_a_halt_ends_a_run_that_waits(office):
    session = Session(office)
    halt = office.gateway.halt("--agent", "fixer", by=ADA)
    try:
        code, results, report = session.end()
        assert (code, report["reason"]) == (137, "killed") and len(results) == 1, session.said
    finally:
        office.gateway.resume(halt, ADA, SAM)


def test_what_cannot_be_resumed_is_refused_before_anything_runs(office):
    for words, reason in [(("claude", "x"), "resume"), (("claude", "-p", "--bare", "x"), "resume"),
                          (("claude", "-p", "--resume", "y"), "resume")]:
        code, _, report = office.house.run(str(office.house.base / words[0]), *words[1:], options=("--resume-deferred",))
        assert (code, report["reason"], report["run"]) == (64, reason, None), report
    code, _, report = office.house.run(str(office.house.base / "claude"), "-p", "x",
                                     options=("--resume-deferred", "--isolation", "reduced"))
    assert (code, report["run"]) != (0, None) and re.search("unsupported|minimum", report["reason"]), report
