"""Events of a coding agent's hooks from inside a run: each tool is a call of server `host` at the gateway."""

import json
from datetime import date, timedelta

import pytest

from addresses import ADA, INES, SAM
from deployment import approval_id
from sandboxing import SandboxHouse, SteppedAgent, housed
from waits import until

POLICY = """\
interlock: 1
org: acme
owners: [{ada}, {sam}]
approvals:
  release: {{members: [{ada}, {sam}, {ines}], expires: 15m}}
forbid:
  - {{id: no-keys, tools: [host.read], when: 'args.arguments.file_path.endsWith(".pem")'}}
agents:
  fixer:
    owner: {ada}
    purpose: Fixes bugs
    tier: medium
    stage: supervised
    review_by: {review}
    approvers: release
    mcp_scopes: {{host: [read, {{tool: write}}, {{tool: shell}}]}}
    sandbox:
      limits: {{wall: 60s, pids: 64}}
"""
# Run inside: each line of standard input is an event, or `raw` and bytes; each answer is a line of JSON.
AGENT = """\
import http.client, json, sys, time

for line in sys.stdin:
    line = line.rstrip("\\n")
    body = line[4:] if line.startswith("raw ") else json.dumps({"v": 1, "host": "claude-code", "host_version": "2.1.327",
        "host_event": "Event", "session": "s1", "cwd": "/workspace", **json.loads(line)})
    connection = http.client.HTTPConnection("127.0.0.1", 3128, timeout=40)
    connection.request("POST", "/hook/v1/event", body, {"Content-Type": "application/json"})
    try:
        response = connection.getresponse()
    except (OSError, http.client.HTTPException):
        # The run is being ended, and its connections may end first.
        time.sleep(60)
        raise
    print(json.dumps([response.status, response.read().decode()]), flush=True)
"""


@pytest.fixture(scope="module")
def house(binary, tmp_path_factory):
    policy = POLICY.format(ada=ADA, sam=SAM, ines=INES, review=date.today() + timedelta(days=60))
    with housed(binary, tmp_path_factory, policy, INES) as made:
        made.start()
        yield made


class Host(SteppedAgent):
    """A coding agent inside a run that sends the events of its hook one after the other."""

    def __init__(self, house: SandboxHouse):
        super().__init__(house.begin("python3", "-c", AGENT))

    def answer(self) -> dict:
        status, body = json.loads(self.running.stdout.readline())
        assert status == 200, body
        return json.loads(body)

    def tell(self, event: str, **members) -> dict:
        self.send(json.dumps({"event": event, **members}))
        return self.answer()

    def use(self, call: str, name: str, **args) -> dict:
        return self.tell("pre_tool", call=call, tool={"host_name": "Tool", "name": name, "args": args})


@pytest.mark.requirement("R038", "R039", "R063")
def test_each_tool_of_a_coding_agent_is_decided_and_recorded_in_its_run(house):
    host = Host(house)
    assert host.tell("session_start", details={"source": "startup"})["verdict"] == "allow"
    assert host.tell("prompt", details={"prompt": "fix it"})["verdict"] == "allow"
    allowed = host.use("c1", "host.read", file_path="/workspace/a.txt")
    # The run is attested, so the host need not ask its user either.
    assert (allowed["verdict"], allowed.get("sandboxed")) == ("allow", True), json.dumps(allowed)
    ended = host.tell("post_tool", call="c1", tool={"host_name": "Tool", "name": "host.read", "args": {}},
                      details={"tool_response": {"content": "as it was"}})
    assert (ended["verdict"], ended["record"]) == ("allow", allowed["record"])
    denied = host.use("c2", "host.read", file_path="/workspace/key.pem")
    assert (denied["verdict"], denied["rule"]) == ("deny", "no-keys")
    assert host.use("c3", "host.other")["reason"] == "no-grant"
    foreign = host.tell("pre_tool", call="c4", tool={
        "host_name": "mcp__interlock__x", "name": "mcp", "mcp": {"server": "interlock", "tool": "x"}, "args": {},
        "server": {"name": "interlock", "url": "http://127.0.0.1:9/mcp"}})
    assert (foreign["verdict"], foreign["reason"]) == ("deny", "unmanaged-server")
    host.send('raw {"v":1,"host":"claude-code","event":"pre_tool","host_event":"E","session":"s"}')
    assert host.answer()["reason"] == "bad-event"
    # A call whose end the host never tells is of unknown outcome at the end of the run.
    assert host.use("c5", "host.read", file_path="/workspace/a.txt")["verdict"] == "allow"
    report = host.end()
    records = house.leaves(report["run"])
    kinds = [one["t"] for one in records]
    assert kinds[0] == "run.start" and kinds[-2:] == ["call.unknown", "run.end"]
    assert kinds.count("call.intent") == 2 and kinds.count("call.outcome") == 1 and kinds.count("hook.session") == 1
    intent = next(one for one in records if one["t"] == "call.intent")
    assert allowed["record"] == "dec_" + intent["call"]
    assert (intent["tool"], intent["host"], intent["ses"], intent["hcall"]) == ("host__read", "claude-code", "s1", "c1")
    assert next(one for one in records if one["t"] == "run.input")["src"] == "user"
    assert next(one for one in records if one["t"] == "hook.call")["dec"] == "refused"
    assert not any("key.pem" in json.dumps(one) for one in records)


@pytest.mark.requirement("R082")
@pytest.mark.parametrize("torn, kind", [
    ('{"v":1', "unknown"), ("[]", "unknown"),
    ('{"v":1,"host":"claude-code","event":"post_tool","host_event":"E","session":"s1","odd":1}', "post_tool")])
def test_an_event_that_may_bring_a_result_and_cannot_be_read_ends_the_run(house, torn, kind):
    host = Host(house)
    assert host.tell("session_start", details={"source": "startup"})["verdict"] == "allow"
    host.send("raw " + torn)
    assert host.running.wait(timeout=10) == 137
    run = json.loads(host.running.stderr.read().splitlines()[-1])["run"]
    until(lambda: "run.end" in [one["t"] for one in house.leaves(run)], house.gateway)
    (record,) = [one for one in house.leaves(run) if one["t"] == "redaction.failed"]
    assert (record["code"], record["ev"], record["verdict"]) == ("unreadable", kind, "kill")


def test_people_approve_a_write_while_the_hook_waits(house):
    host = Host(house)
    host.send(json.dumps({"event": "pre_tool", "call": "c1", "tool": {
        "host_name": "Write", "name": "host.write", "args": {"file_path": "/workspace/a.txt", "content": "new\n"}}}))
    house.gateway.approve(approval_id(house.gateway.pending()), by=SAM)
    assert host.answer()["verdict"] == "allow"
    host.end()


@pytest.mark.requirement("R112")
def test_a_halt_denies_tools_and_ends_the_run(house):
    host = Host(house)
    assert host.use("c1", "host.read", file_path="/workspace/a.txt")["verdict"] == "allow"
    halt = house.gateway.halt("--agent", "fixer", by=ADA, cuts=True)
    try:
        assert host.running.wait(timeout=20) == 137
        ended = [one for one in house.gateway.records(50) if one["t"] == "call.unknown"]
        assert ended[-1]["why"] == "killed"
    finally:
        house.gateway.resume(halt, ADA, SAM)
