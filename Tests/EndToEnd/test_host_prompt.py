"""`hooks.host_prompt: low`: the real adapter makes a host ask its own user about an allowed reversible call of an agent of the low
tier, the log says so, and a host that cannot ask refuses (docs/specs/coding-agents.md, section 3)."""

import json
import os

import pytest

from conftest import missing
from deployment import approval_id
from people import People
from test_hook_outside import ADA, INES, OTHER, READ, SAM, WRITE, House

pytestmark = pytest.mark.requirement("R038")

# Every agent is served at stage supervised, where a reversible call is allowed only if the policy says so.
POLICY = """\
interlock: 1
org: acme
owners: [{ada}, {sam}]
controls: {{reversible: {{supervised: allow, trusted: allow}}}}
tiers: {{low: {{classes: [read, write], calls: 600/m}}}}
approvals:
  release: {{members: [{ada}, {sam}, {ines}], expires: 15m}}
agents:
  asked:
    owner: {ada}
    purpose: Writes text
    tier: low
    stage: supervised
    review_by: {review}
    approvers: release
    hooks: {{uid: {user}, host_prompt: low, wait: 1s}}
    mcp_scopes: {{host: [read, {{tool: write}}, {{tool: edit}}, {{tool: shell}}]}}
  coder:
    owner: {ada}
    purpose: Writes code
    tier: medium
    stage: supervised
    review_by: {review}
    approvers: release
    hooks: {{uid: {other}, host_prompt: low}}
    mcp_scopes: {{host: [read, {{tool: write}}]}}
"""
PUSH = {"tool_name": "Bash", "tool_input": {"command": "git push origin main"}}
TOUCH = {"tool_name": "Bash", "tool_input": {"command": "touch a.txt"}}


@pytest.fixture(scope="module")
def house(binary, tmp_path_factory):
    if os.geteuid() != 0:
        missing("only root can make a private /etc")
    with People(tmp_path_factory.mktemp("people"), {ADA: ["kill", "resume", "security"], SAM: ["resume"], INES: ["resume"]}) as people:
        made = House(binary, people, POLICY)
        try:
            yield made
        finally:
            made.close()


def question(done) -> str:
    """What the host shows with its question, of an adapter that asked Claude Code for one."""
    assert (done.code, done.said) == (0, ""), done
    said = json.loads(done.output)["hookSpecificOutput"]
    assert (said["hookEventName"], said["permissionDecision"]) == ("PreToolUse", "ask"), done
    return said["permissionDecisionReason"]


def closing(records: list[dict], intent: dict) -> dict:
    """The one record that closes a call."""
    kinds = ("call.outcome", "call.unknown", "call.denied")
    (found,) = [one for one in records if one["t"] in kinds and one["call"] == intent["call"]]
    return found


def test_an_allowed_reversible_call_is_left_to_the_prompt_of_the_host_and_is_on_record(house):
    for call, used in (("ended", WRITE), ("untold", TOUCH)):
        shown = question(house.use("p1", call=call, **used))
        assert shown.startswith("interlock: asks (host-prompt) ") and "[rec dec_" in shown
    silent = house.use("p1", call="read", **READ)
    assert (silent.code, silent.output, silent.said) == (0, b"", ""), silent
    assert house.use("p1", "PostToolUse", call="ended", **WRITE, tool_response={"type": "update"}).code == 0
    assert house.use("p1", "PostToolUse", call="read", **READ, tool_response={"content": "as it was"}).code == 0
    # The host never reports the end of the other call, so it is not known whether its user agreed.
    assert house.use("p1", "SessionEnd", reason="other").code == 0

    records = house.records("p1")
    intents = {one["hcall"]: one for one in records if one["t"] == "call.intent"}
    ends = {call: closing(records, intent) for call, intent in intents.items()}
    assert {call: (one.get("hprompt"), ends[call]["t"], ends[call].get("hprompt")) for call, one in intents.items()} == {
        "ended": (True, "call.outcome", True), "untold": (True, "call.unknown", True), "read": (None, "call.outcome", None)}
    assert intents["ended"]["index"] < ends["ended"]["index"] and ends["ended"]["st"] == "ok"
    # The host's user is not authenticated, so the answer is no approval, and names no person.
    assert not [one for one in records if one["t"].startswith("approval.")]
    assert not any(person in json.dumps([intents, ends]) for person in (SAM, INES))


def test_the_prompt_takes_the_place_of_no_approval(house):
    refused = house.use("p2", call="first", **PUSH)
    assert refused.refused and "[approval apr_" in refused.said, refused
    request = approval_id(house.gateway.pending())
    for person in (SAM, INES):
        house.gateway.approve(request, by=person)
    # People have decided, so the host's user is not asked.
    again = house.use("p2", call="second", **PUSH)
    assert (again.code, again.output, again.said) == (0, b"", ""), again
    found = house.records("p2")
    assert [one.get("hprompt") for one in found if one["t"] == "call.intent"] == [None, None]
    assert [one["t"] for one in found].count("approval.used") == 1


def test_an_agent_of_another_tier_is_not_asked(house):
    def become():
        os.setgroups([])
        os.setresgid(OTHER, OTHER, OTHER)
        os.setresuid(OTHER, OTHER, OTHER)

    given = {"session_id": "p3", "cwd": "/workspace", "hook_event_name": "PreToolUse", "tool_use_id": "t1", **WRITE}
    done = house.hooks.run(given=given, as_root=True, also=become)
    assert (done.code, done.output, done.said) == (0, b"", ""), done
    (intent,) = [one for one in house.records("p3") if one["t"] == "call.intent"]
    assert intent["agent"] == "coder" and "hprompt" not in intent


CURSOR = {"conversation_id": "p-cursor", "generation_id": "g1", "cwd": "/workspace", "workspace_roots": ["/workspace"]}
# Hosts that cannot ask: the words of the adapter, the event, its environment.
UNABLE = {
    "codex": (("codex",), {"session_id": "p-codex", "turn_id": "1", "cwd": "/workspace", "hook_event_name": "PreToolUse",
                           "tool_name": "apply_patch", "tool_input": {"command": "*** Begin Patch"}, "tool_use_id": "t1"}, {}),
    "gemini": (("gemini-cli",), {"session_id": "p-gemini", "cwd": "/workspace", "hook_event_name": "BeforeTool",
                                 "tool_name": "write_file", "tool_input": {"file_path": "a", "content": "b"}}, {}),
    "cursor": (("cursor",), CURSOR | {"hook_event_name": "preToolUse", "tool_name": "Shell", "tool_input": {"command": "touch a"},
                                      "tool_use_id": "t1"}, {}),
    "headless": (("claude-code",), {"session_id": "p-headless", "cwd": "/workspace", "hook_event_name": "PreToolUse",
                                    "tool_use_id": "t1", **WRITE}, {"CLAUDE_CODE_SESSION_ATTENDED": "0"}),
}


@pytest.mark.parametrize("host", UNABLE)
def test_a_host_that_cannot_ask_refuses(house, host):
    words, event, environment = UNABLE[host]
    done = house.hooks.run(*words, given=event, env=environment)
    assert done.code == 2 and done.said.startswith("interlock: denied (host-prompt) ") and done.said.count("\n") == 1, done
    assert host != "cursor" or json.loads(done.output)["permission"] == "deny"
    records = house.records(f"p-{host}")
    (intent,) = [one for one in records if one["t"] == "call.intent"]
    end = closing(records, intent)
    assert (end["t"], end["code"]) == ("call.denied", "policy.host_prompt") and "hprompt" not in end
    if host == "cursor":
        # The event that could ask is of the same call, so it is not asked about again.
        later = {"hook_event_name": "beforeShellExecution", "command": "touch a"}
        assert house.hooks.run("cursor", given=CURSOR | later).said == done.said


@pytest.mark.parametrize("host", ["attended", "cursor", "copilot"])
def test_a_host_that_can_ask_is_told_to_in_its_own_form(house, host):
    if host == "attended":
        given = {"session_id": "q-attended", "cwd": "/workspace", "hook_event_name": "PreToolUse", "tool_use_id": "t1", **WRITE}
        assert question(house.hooks.run(given=given, env={"CLAUDE_CODE_SESSION_ATTENDED": "1"}))
    elif host == "cursor":
        told = {"conversation_id": "q-cursor", "hook_event_name": "beforeShellExecution", "command": "touch b"}
        done = house.hooks.run("cursor", given=CURSOR | told)
        assert (done.code, json.loads(done.output)["permission"], done.said) == (0, "ask", ""), done
    else:
        given = {"sessionId": "q-copilot", "cwd": "/workspace", "toolName": "create", "toolArgs": {"path": "a", "file_text": "b"}}
        done = house.hooks.run("copilot", "--event", "preToolUse", given=given)
        assert (done.code, json.loads(done.output)["permissionDecision"], done.said) == (0, "ask", ""), done
    (intent,) = [one for one in house.records(f"q-{host}") if one["t"] == "call.intent"]
    assert intent["hprompt"] is True
