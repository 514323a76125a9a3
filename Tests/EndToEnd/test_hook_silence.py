"""A coding agent whose hook is gone in mid-session, or that runs what its hook denied: it is noticed, and its run ends
(docs/specs/coding-agents.md, section 10)."""

import json
import shutil
import time
from datetime import date, timedelta

import pytest

from addresses import ADA, SAM
from countingdesk import desk  # noqa: F401
from sandboxing import SandboxHouse, housed
from waits import until

POLICY = """\
interlock: 1
org: acme
owners: [{ada}, {sam}]
servers:
  desk:
    connect: {{http: "http://127.0.0.1:{desk}/mcp"}}
    reviewed: {{by: {ada}, on: "{seen}", trust: internal}}
    tools: {{count: {{class: read}}}}
agents:
  fixer:
    owner: {ada}
    purpose: Fixes bugs
    tier: medium
    stage: supervised
    review_by: {review}
    mcp_scopes: {{host: [read], desk: [count]}}
    sandbox:
      limits: {{wall: 60s, pids: 64}}
"""
# Run inside as the host: `hook EVENT` starts the adapter as Claude Code does, `mcp` calls the tool of the server.
HOST = """\
import http.client, json, subprocess, sys

hook = "/workspace/interlock-hook"


def adapt(event):
    done = subprocess.run([hook, "claude-code"], input=json.dumps(
        {"session_id": "s1", "cwd": "/workspace", "permission_mode": "default", **event}).encode(), capture_output=True)
    return [done.returncode, done.stdout.decode(), done.stderr.decode()]


def call(body, session=None):
    connection = http.client.HTTPConnection("127.0.0.1", 3128, timeout=20)
    headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    if session:
        headers |= {"Mcp-Session-Id": session, "MCP-Protocol-Version": "2025-06-18"}
    connection.request("POST", "/mcp", json.dumps({"jsonrpc": "2.0", **body}), headers)
    response = connection.getresponse()
    return response.status, response.getheader("Mcp-Session-Id"), response.read().decode()


status, session, text = call({"id": 1, "method": "initialize", "params": {
    "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "host", "version": "1"}}})
call({"method": "notifications/initialized"}, session)
print(json.dumps([status, text]), flush=True)
for line in sys.stdin:
    word, _, given = line.rstrip("\\n").partition(" ")
    if word == "hook":
        print(json.dumps(adapt(json.loads(given))), flush=True)
    else:
        status, _, text = call({"id": 2, "method": "tools/call", "params": {
            "name": "desk__count", "arguments": {}}}, session)
        print(json.dumps([status, text]), flush=True)
"""
MCP = {"tool_name": "mcp__interlock__desk__count", "tool_input": {}, "mcp_server": {
    "name": "interlock", "url": "http://127.0.0.1:3128/mcp"}}
EDIT = {"tool_name": "Edit", "tool_input": {"file_path": "/workspace/a.txt", "old_string": "a", "new_string": "b"}}


@pytest.fixture(scope="module")
def house(binary, tmp_path_factory, desk):
    policy = POLICY.format(ada=ADA, sam=SAM, desk=desk, review=date.today() + timedelta(days=60),
                           seen=date.today() - timedelta(days=7))
    with housed(binary, tmp_path_factory, policy) as made:
        shutil.copy(binary.parent / "interlock-hook", made.project)
        made.user.own(made.project)
        made.start()
        yield made


class Host:
    """A coding agent inside a run, whose hook is the real adapter as long as the test starts it."""

    def __init__(self, house: SandboxHouse):
        self.house, self.running = house, house.begin("python3", "-c", HOST)
        assert self.read()[0] == 200
        assert self.hook("SessionStart", source="startup")[0] == 0

    def read(self) -> list:
        return json.loads(self.running.stdout.readline())

    def send(self, line: str) -> list:
        self.running.stdin.write(line + "\n")
        self.running.stdin.flush()
        return self.read()

    def hook(self, event: str, **members) -> list:
        """The exit code of the adapter, and what it printed."""
        return self.send("hook " + json.dumps({"hook_event_name": event, **members}))

    def call(self) -> list:
        return self.send("mcp")

    def ended(self, seconds: float) -> str:
        """The id of the run, which the gateway must have killed within this time."""
        assert self.running.wait(timeout=seconds) == 137
        return json.loads(self.running.stderr.read().splitlines()[-1])["run"]

    def found(self, run: str, kind: str) -> dict:
        """The record of this kind about the run, once its alert is on record too."""
        def both() -> dict | None:
            records = self.house.gateway.records(100)
            alerts = [one for one in records if one["t"] == "alarm.raised" and one.get("code") == kind
                      and one.get("ofrun") == run]
            signs = [one for one in records if one["t"] == kind and run in (one.get("run"), one.get("ofrun"))]
            return signs[0] if alerts and signs else None
        return until(both, self.house.gateway)


@pytest.mark.requirement("R039")
def test_a_hook_that_is_gone_in_mid_session_ends_the_run(house):
    host = Host(house)
    code, _, said = host.hook("PreToolUse", tool_use_id="t1", **MCP)
    assert code == 0, said
    assert host.call()[0] == 200
    assert host.hook("PostToolUse", tool_use_id="t1", tool_response="1", **MCP)[0] == 0
    # The agent has removed its hook: the next call comes without an event.
    host.call()
    begun = time.monotonic()
    run = host.ended(10)
    assert time.monotonic() - begun < 8
    record = host.found(run, "hook.silent")
    assert (record["agent"], record["tool"], record["verdict"]) == ("fixer", "desk__count", "kill")
    kinds = [one["t"] for one in house.records(run)]
    # The tool is not in the lock, so both calls were refused; they are noticed as others are.
    assert "run.end" in kinds and kinds.count("call.denied") == 2, " ".join(kinds)


@pytest.mark.requirement("R039")
def test_a_denied_call_that_ran_ends_the_run(house):
    host = Host(house)
    code, _, said = host.hook("PreToolUse", tool_use_id="t1", **EDIT)
    assert code == 2 and "no-grant" in said, said
    host.running.stdin.write("hook " + json.dumps(
        {"hook_event_name": "PostToolUse", "tool_use_id": "t1", "tool_response": {"filePath": "a.txt"}, **EDIT}) + "\n")
    host.running.stdin.flush()
    run = host.ended(5)
    record = host.found(run, "hook.bypassed")
    assert (record["code"], record["tool"], record["verdict"]) == ("denied", "host.edit", "kill")
