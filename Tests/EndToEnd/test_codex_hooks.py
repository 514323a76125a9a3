"""R038: what the real Codex CLI does for each end of a hook, and that our adapter's refusal stops a tool of it
(docs/specs/coding-agents.md, section 5)."""

import json
import os

import pytest

from claudefacts import REFUSAL, decides, prints
from codexcli import Codex, hook, requirements
from conftest import missing
from hooking import ALLOW, DENY, Gateway, response

pytestmark = pytest.mark.requirement("R038")

VERSION = "0.163.0"
# A hook of PreToolUse in the managed file: its command, and whether the tool runs.
ROWS = {
    "exit 2 with a line": (REFUSAL, False),
    "exit 2 without a line": ("exit 2", True),
    "deny with a reason": (prints(decides("deny")), False),
    "deny without the event": (prints(decides("deny", None)), True),
    "an unknown member": (prints(decides("deny", more=1)), True),
    "exit 1": ("exit 1", True),
    "a missing program": ("/nonexistent/hook", True),
    "SIGKILL": ("kill -KILL $$", True),
    "timeout": ("exec sleep 5", True),
    "text": ("echo denied", True),
    "ask": (prints(decides("ask")), True),
    "continue false": (prints({"continue": False}), True),
}


@pytest.fixture(scope="module")
def codex(binary):
    if os.geteuid() != 0:
        missing("only root can make a private /etc")
    made = Codex(binary.parent / "interlock-hook")
    yield made
    made.close()


@pytest.fixture(autouse=True)
def renewed(codex):
    codex.renew()


@pytest.mark.parametrize("row", [pytest.param(row, marks=[] if row in ("exit 2 with a line", "SIGKILL") else pytest.mark.stress)
                                 for row in ROWS])
def test_an_end_of_a_hook_before_a_tool(codex, row):
    assert codex.version == VERSION, "run this file with -m '', and change its rows"
    command, runs = ROWS[row]
    codex.manage("codex/requirements.toml", requirements(command, timeout=2))
    session = codex.ask()
    assert session.code == 0 and session.heard and session.ran == runs


@pytest.mark.parametrize("answer", ["deny", "half an allow", "down"])
def test_no_tool_runs_that_the_adapter_refuses(codex, answer):
    codex.socket.unlink(missing_ok=True)
    codex.manage("codex/requirements.toml", requirements(f"{codex.program} codex"))
    gateway = Gateway(codex.socket, answer=response(ALLOW))
    try:
        assert codex.ask().ran
        (event,) = [json.loads(body) for _, body in gateway.requests]
        assert (event["host"], event["tool"]["name"], event["tool"]["args"]) == ("codex", "host.shell", {"command": "touch mark"})
        if answer == "down":
            gateway.close()
        gateway.answer = response(DENY) if answer == "deny" else response(ALLOW)[:-20]
        session = codex.ask()
        assert not session.ran and session.is_heard("interlock: denied (")
    finally:
        gateway.close()


@pytest.mark.stress
def test_a_hook_of_the_user_that_is_not_trusted_does_not_run(codex):
    settings = codex.home / ".codex" / "config.toml"
    codex.write_own(settings, settings.read_text() + hook(REFUSAL))
    assert codex.ask().ran
    codex.manage("codex/requirements.toml", "allow_managed_hooks_only = true\n")
    assert codex.ask().ran
