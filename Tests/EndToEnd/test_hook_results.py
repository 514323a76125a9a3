"""Values that an agent must not read, in results of its own tools: the real Claude Code inside `interlock run` shows them to no
model, and a host that cannot replace one loses its run (docs/specs/coding-agents.md, section 7)."""

import base64
import hashlib
import json
import shutil
from datetime import date, timedelta

import pytest

from addresses import ADA, INES, SAM
from codingagent import RememberingModel, keep_model_key, place_claude
from sandboxing import housed
from test_hook_silence import Host

# A token of the form of its issuer, in parts so that no file of the repository has it.
CANARY = "npm_" + "SGqkyjpNizqqCaiyuc7T5QAQY929dU0HjtjN"
KEY = "-----BEGIN " + "PRIVATE KEY-----\nMIIEvQIBADANBgkqcanarykey\n-----END " + "PRIVATE KEY-----"
TEXT = f"the token is {CANARY}, and\nlast\n"
MARK = "[redacted:npm-token]"
POLICY = """\
interlock: 1
org: acme
owners: [{ada}, {sam}]
approvals:
  release: {{members: [{ada}, {sam}, {ines}], expires: 15m}}
agents:
  fixer:
    owner: {ada}
    purpose: Fixes bugs
    tier: medium
    stage: supervised
    review_by: {review}
    approvers: release
    mcp_scopes: {{host: [read, search, {{tool: shell}}]}}
    scan:
      waive:
        - {{path: token.txt, rule: npm-token, sha256: {digest}, owner: {ada}, until: {until}, reason: Test of results}}
    sandbox:
      minimum: reduced
      limits: {{wall: 60s}}
      models: [{{name: main, upstream: "{model}", key: "files:model", private: true}}]
      env: {{CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1"}}
"""


class WholeModel(RememberingModel):
    """It keeps all that it was ever sent."""

    def __init__(self):
        super().__init__([])
        self.heard: list[str] = []

    def answer(self, path: str, body: dict) -> tuple[str, bytes]:
        self.heard.append(json.dumps(body, ensure_ascii=False))
        return super().answer(path, body)


@pytest.fixture(scope="module")
def model():
    return WholeModel()


@pytest.fixture(scope="module")
def house(binary, model, tmp_path_factory):
    policy = POLICY.format(
        ada=ADA, sam=SAM, ines=INES, model=model.url, review=date.today() + timedelta(days=60),
        until=date.today() + timedelta(days=30), digest=hashlib.sha256(TEXT.encode()).hexdigest())
    with housed(binary, tmp_path_factory, policy, INES) as made:
        keep_model_key(made, "model")
        place_claude(made.base)
        shutil.copy(binary.parent / "interlock-hook", made.project)
        made.user.own(made.project)
        made.start()
        yield made


@pytest.mark.requirement("R039", "R082")
def test_no_result_brings_a_value_to_the_model_of_claude_code(house, model):
    token, key = (base64.b64encode(text.encode()).decode() + "\n" for text in (TEXT, KEY))
    project = house.make_project("valued", {"token.txt": TEXT, "token.b64": token, "key.b64": key})
    model.calls, model.heard, model.results = [
        ("Read", {"file_path": "/workspace/token.txt"}),
        ("Bash", {"command": "base64 -d token.b64", "description": "Decode"}),
        ("Bash", {"command": "base64 -d key.b64", "description": "Decode"}),
    ], [], []
    words = [str(house.base / "claude"), "-p", "Read all", "--dangerously-skip-permissions", "--output-format", "stream-json", "--verbose"]
    with house.begin(*words, project=project) as running:
        # Claude Code waits for standard input while it is open.
        running.stdin.close()
        running.stdin = None
        out, error = running.communicate(timeout=30)
    assert running.returncode == 0 and '"result":"done"' in out, error
    assert not [one for one in model.heard if CANARY in one or "MIIEvQIBADANBgkqcanarykey" in one]
    read, shown, key = model.results
    assert MARK in read and "last" in read and MARK in shown
    assert "[redacted:private-key]" in key

    run = json.loads(error.splitlines()[-1])["run"]
    leaves = house.leaves(run)
    redacted = [one["rules"] for one in leaves if one["t"] == "hook.call" and one["dec"] == "redacted"]
    assert redacted == [["npm-token"], ["npm-token"], ["private-key"]]
    assert not [one for one in leaves if one["t"] == "redaction.failed"]
    # The results as they were are in the outcomes, sealed.
    assert sum(one["t"] == "call.outcome" and one["code"] == "0" for one in leaves) == 3
    assert CANARY not in json.dumps(leaves)


@pytest.mark.requirement("R039", "R082")
def test_a_value_that_the_host_cannot_replace_ends_the_run(house):
    host = Host(house)
    read = {"tool_name": "Read", "tool_input": {"file_path": "/workspace/a"}, "tool_use_id": "t1"}
    code, _, said = host.hook("PreToolUse", **read)
    assert code == 0, said
    # A picture has another shape than a text.
    given = {"hook_event_name": "PostToolUse", "tool_response": {"type": "image", "file": {"text": CANARY}}, **read}
    host.running.stdin.write("hook " + json.dumps(given) + "\n")
    host.running.stdin.flush()
    run = host.ended(10)
    record = host.found(run, "redaction.failed")
    assert (record["code"], record["rules"]) == ("found", ["npm-token"])
    assert (record["tool"], record["verdict"]) == ("host.read", "kill")
    assert "run.end" in [one["t"] for one in house.records(run)]


@pytest.mark.requirement("R082")
def test_the_adapter_prints_the_copy_without_the_value(house):
    host = Host(house)
    shell = {"tool_name": "Bash", "tool_input": {"command": "cat a"}, "tool_use_id": "t1"}
    assert host.hook("PreToolUse", **shell)[0] == 0
    result = {"stdout": f"a {CANARY} b", "stderr": "", "interrupted": False}
    code, out, _ = host.hook("PostToolUse", tool_response=result, **shell)
    assert code == 0 and json.loads(out) == {"hookSpecificOutput": {
        "hookEventName": "PostToolUse", "updatedToolOutput": result | {"stdout": f"a {MARK} b"}}}
    # A value of the folder of secrets, which no rule knows.
    again = shell | {"tool_use_id": "t2"}
    assert host.hook("PreToolUse", **again)[0] == 0
    code, out, _ = host.hook("PostToolUse", tool_response=result | {"stdout": "sk-known-outside-alone"}, **again)
    assert code == 0 and "[redacted:brokered-value]" in out and "sk-known-outside-alone" not in out
    # A value in base64, whose whole run goes; one that is encoded three times is not decoded, and given.
    once = base64.b64encode(CANARY.encode()).decode()
    thrice = base64.b64encode(base64.b64encode(once.encode())).decode()
    for call, text in [("t3", once), ("t4", thrice)]:
        encoded = shell | {"tool_use_id": call}
        assert host.hook("PreToolUse", **encoded)[0] == 0
        code, out, _ = host.hook("PostToolUse", tool_response=result | {"stdout": f"a {text} b"}, **encoded)
        assert code == 0
        if text == once:
            assert json.loads(out)["hookSpecificOutput"]["updatedToolOutput"] == result | {"stdout": f"a {MARK} b"}
        else:
            assert "redacted" not in out, out
    host.running.stdin.close()
    assert host.running.wait(timeout=20) == 0
