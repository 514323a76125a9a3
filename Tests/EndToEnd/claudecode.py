"""Claude Code as claude-agent-sdk brings it, offline (`offlinehost.py`)."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from conftest import FIXTURES, ROOT, missing
from offlinehost import OfflineHost, Session, bundled

sys.path.insert(0, str(FIXTURES))
from scripted_model import ScriptedModel  # noqa: E402

# The prompt of a subagent, which tells its requests from those of the main thread.
SUBTASK = "The subtask of a subagent"
MARK = "touch mark"


def shell(command: str = MARK) -> tuple[str, dict]:
    return "Bash", {"command": command, "description": "Test"}


SUBAGENT = "Agent", {"description": "Subtask", "prompt": SUBTASK, "subagent_type": "general-purpose"}


class Model(ScriptedModel):
    """`calls` is the script of the main thread, and `subtask` that of a subagent."""

    def __init__(self):
        super().__init__()
        self.subtask: list = []
        self.heard: list[str] = []

    def script(self, body: dict) -> list:
        first = next((one for one in body.get("messages", []) if one["role"] == "user"), None)
        return self.subtask if SUBTASK in json.dumps(first) else self.calls

    def answer(self, path: str, body: dict) -> tuple[str, bytes]:
        self.heard.append(json.dumps([body.get("system"), body.get("messages")], ensure_ascii=False))
        return super().answer(path, body)


class ClaudeCode(OfflineHost):
    def __init__(self, adapter: Path, make_model: type[Model] = Model):
        # `scripts/stress` names the environments of older versions.
        (program,) = bundled("claude_agent_sdk/_bundled/claude", environment=os.environ.get("INTERLOCK_CLAUDE", "hosts"))
        super().__init__(adapter, program, make_model)
        self.version = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20).stdout.split()[0]

    def ask(self, *words: str, calls=None, subtask=None, prompt: str = "Go", environment=None, is_allowed=True) -> Session:
        """A session whose model calls the shell, unless another script is given; a rule allows each tool of the script."""
        self.model.calls = [shell()] if calls is None else calls
        self.model.subtask = subtask or []
        allowed = sorted({name for name, _ in [*self.model.calls, *self.model.subtask]})
        rules = ["--allowedTools", *allowed] if allowed and is_allowed else []
        return self.launch("-p", *([prompt] if prompt else []), "--output-format", "json", *rules, *words,
                           environment=self.variables | (environment or {}))

    @property
    def variables(self) -> dict[str, str]:
        return {"ANTHROPIC_BASE_URL": self.model.url, "ANTHROPIC_API_KEY": "sk-none", "DISABLE_AUTOUPDATER": "1",
                "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"}

    def agree(self, *words: str, calls: list) -> tuple[Session, list[str]]:
        """A session whose user says yes to every question, as a program that starts the host with the Agent SDK can, and the tools
        that were asked about."""
        self.model.calls, self.model.subtask, asked = calls, [], []
        with self.begin("-p", "--input-format", "stream-json", "--output-format", "stream-json", "--verbose",
                        "--permission-prompt-tool", "stdio", *words, environment=self.variables, stdin=subprocess.PIPE,
                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as running:
            late = threading.Timer(60, running.kill)
            late.start()

            def say(message: dict) -> None:
                print(json.dumps(message), file=running.stdin, flush=True)

            say({"type": "control_request", "request_id": "1", "request": {"subtype": "initialize", "hooks": None}})
            say({"type": "user", "session_id": "", "parent_tool_use_id": None, "message": {"role": "user", "content": "Go"}})
            output = ""
            for line in running.stdout:
                heard = json.loads(line)
                if heard["type"] == "control_request":
                    asked.append(heard["request"].get("tool_name"))
                    yes = {"behavior": "allow", "updatedInput": heard["request"].get("input")}
                    say({"type": "control_response", "response": {
                        "subtype": "success", "request_id": heard["request_id"], "response": yes}})
                elif heard["type"] == "result":
                    output = line
                    running.stdin.close()
            late.cancel()
        return Session(running.returncode, output, "", self.model.heard, self.mark.exists()), asked


@pytest.fixture(scope="module")
def claude(binary):
    if os.geteuid() != 0:
        missing("only root can make a private /etc")
    made = ClaudeCode(binary.parent / "interlock-hook")
    yield made
    made.close()


def result(session: Session) -> dict:
    """The object that the host printed at the end of a session; is empty if it did not get that far."""
    return json.loads(session.output) if session.output.startswith("{") else {}


def outcome(session: Session) -> str:
    """`ran` or `blocked`, of the tool, unless the session was `deferred`, `stopped` after the tool ran, or had `no start`, or
    the model did not get the `prompt`."""
    end = result(session)
    if "tool_deferred" in (end.get("terminal_reason"), end.get("stop_reason")):
        return "deferred"
    if not session.heard:
        return "no start" if session.code else "no prompt"
    return ("ran, stopped" if end.get("terminal_reason") == "hook_stopped" else "ran") if session.ran else "blocked"


GOLDEN = ROOT / "Tests" / "HostSettingsTests" / "Golden" / "claude-code-managed.txt"


def settings_for(adapter: Path) -> dict:
    """The managed settings as the installer writes them (`HostSettingsGoldenTests` compares this text with its own), which also
    allow the shell and the tools that read. They lack what needs a gateway of the machine or another program: policyHelper and
    the sandbox of the host. The least version is left out, as older ones get the same tests."""
    text = GOLDEN.read_text().split("==> /etc/claude-code/managed-settings.json\n", 1)[1].split("==> ", 1)[0]
    settings = json.loads(text.replace('"/usr/bin/interlock-hook ', f'"{adapter} '))
    for name in ("policyHelper", "requiredMinimumVersion", "sandbox"):
        del settings[name]
    settings["permissions"]["allow"] = ["Bash", "Read", "Grep", "Glob", "Agent"]
    return settings
