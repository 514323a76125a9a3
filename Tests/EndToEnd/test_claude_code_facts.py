"""R038: each fact about Claude Code of `claudefacts.py`, by the program itself. A row that changes fails here, and
docs/specs/coding-agents.md, section 5, changes with it."""

import http.server
import json
import os
import re
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

import claudefacts as facts
from claudecode import ClaudeCode, claude, outcome, result, shell  # noqa: F401
from claudefacts import Files, hooks
from conftest import ROOT
from hooking import USER
from secretways import SECRET, session_by

pytestmark = pytest.mark.requirement("R038")

def table(rows, *always: str) -> pytest.MarkDecorator:
    """Each row of a table; those that are not named run in `make stress` alone."""
    return pytest.mark.parametrize("row", [pytest.param(row, marks=[] if row in always else pytest.mark.stress) for row in rows])


@pytest.fixture(autouse=True)
def renewed(claude):
    claude.renew()


def lay(claude: ClaudeCode, files: Files) -> None:
    if files.managed is not None:
        claude.manage("claude-code/managed-settings.json", files.managed, files.mode)
    for name, value in files.also.items():
        claude.manage(f"claude-code/{name}", value, 0o755 if name == "helper" else 0o644)
    if files.user is not None:
        claude.write_own(claude.home / ".claude" / "settings.json", files.user)
    if files.project is not None:
        claude.write_own(claude.project / ".claude" / "settings.json", files.project)
    if (folder := claude.etc / "claude-code").exists():
        folder.chmod(files.folder_mode)


def found(claude: ClaudeCode, files: Files) -> str:
    lay(claude, files)
    calls = None if files.calls is None else list(files.calls)
    return outcome(claude.ask(*files.words, calls=calls, environment=files.environment, is_allowed=files.is_allowed))


def test_the_facts_are_those_of_this_version(claude):
    assert claude.version == facts.VERSION or claude.version in facts.OLDER, "run this file with -m '', and change claudefacts.py"
    claude.manage("claude-code/managed-settings.json", {"hooks": {"NoSuchEvent": []}})
    listed = re.search(r"Valid events: (.*)", claude.ask().said)[1]
    later = facts.later_events(claude.version)
    assert tuple(listed.split(", ")) == tuple(name for name in facts.EVENTS if name not in later)
    # The facts of the codec, which the installer writes.
    swift = (ROOT / "Sources/Pure/Hooks/Facts/HookFacts+ClaudeCode.swift").read_text()
    coded = re.findall(r'^ +\.init\("(\w+)", \.\w+(.*)\),$', swift, re.MULTILINE)
    assert tuple(name for name, _ in coded) == facts.EVENTS
    assert tuple(name for name, more in coded if "isRegistered: false" in more) == facts.UNREGISTERED


@pytest.mark.parametrize("on_failure", [False, True], ids=["default", "onFailure"])
@table(facts.PRE_TOOL, "exit 2 with a line", "SIGKILL")
def test_an_end_of_a_hook_before_a_tool(claude, row, on_failure):
    entry, default, blocking = facts.PRE_TOOL[row]
    entry = {"type": "command", "timeout": 30} | entry | ({"onFailure": "block"} if on_failure else {})
    with answering(claude, entry):
        claude.manage("claude-code/managed-settings.json", {"hooks": {"PreToolUse": [{"matcher": "*", "hooks": [entry]}]}})
        assert outcome(claude.ask()) == (blocking if on_failure else default)


@table(facts.AGREED_ROWS, "no rule", "denied by rules")
def test_a_hook_that_asks_and_a_user_who_says_yes(claude, row):
    rules, words, runs = facts.AGREED_ROWS[row]
    lay(claude, Files(hooks(facts.prints(facts.decides("ask"))) | {"permissions": rules}))
    session, asked = claude.agree(*words, calls=[*session_by("Read", claude)["calls"], shell()])
    assert asked == (["Read", "Bash"] if runs else []) and session.code == 0
    assert (session.is_heard(SECRET), session.ran) == (runs, runs)


@table(facts.EVENT_ROWS)
def test_an_end_of_a_hook_of_another_event(claude, row):
    files, expected = facts.EVENT_ROWS[row]
    assert found(claude, files) == expected


@table(facts.SETTINGS_ROWS, "empty")
def test_settings(claude, row):
    files, newest = facts.SETTINGS_ROWS[row]
    assert found(claude, files) == facts.expected(claude.version, "SETTINGS_ROWS", row, newest)


@table(facts.KEPT_ROWS)
def test_a_managed_hook_is_kept(claude, row):
    assert found(claude, facts.KEPT_ROWS[row]) == facts.BLOCKED


@table(facts.HELPER_ROWS, "exit 1", "no settings, and a hook in the file")
def test_a_policy_helper(claude, row):
    files, expected = facts.HELPER_ROWS[row]
    assert found(claude, files) == expected


@pytest.mark.stress
def test_a_policy_helper_reads_the_version_of_the_host_in_its_environment(claude):
    """Neither the user's environment nor settings of the user can state another one."""
    told = claude.project / "told"
    lay(claude, facts.helper(f"printf %s \"$CLAUDE_CODE_VERSION\" >{told}; printf '{{\"managedSettings\":{{}}}}'"))
    claude.write_own(claude.home / ".claude" / "settings.json", {"env": {"CLAUDE_CODE_VERSION": "8.8.8"}})
    assert outcome(claude.ask(environment={"CLAUDE_CODE_VERSION": "9.9.9"})) == facts.RAN
    assert told.read_text() == claude.version


@table(facts.SERVER_ROWS)
def test_servers(claude, row):
    files, expected = facts.SERVER_ROWS[row]
    assert found(claude, files) == expected


@pytest.mark.parametrize("level", ["managed", "user"])
@table(facts.RESULT_ROWS, "continue false")
def test_the_result_of_a_tool(claude, row, level):
    tool, command, *newest = facts.RESULT_ROWS[row]
    column = ["managed", "user"].index(level)
    expected = facts.expected(claude.version, "RESULT_ROWS", row, newest[column], column)
    settings = hooks(command, event="PostToolUse", **({"onFailure": "block"} if "onFailure" in row else {}))
    lay(claude, Files(managed=settings) if level == "managed" else Files(user=settings))
    assert model_reads(claude.ask(calls=[secret_from(claude, tool)])) == expected


@table(facts.RESUMED_RESULT_ROWS)
def test_the_result_of_a_tool_in_a_resumed_session(claude, row):
    command, expected = facts.RESUMED_RESULT_ROWS[row]
    lay(claude, Files(hooks(command, event="PostToolUse")))
    first = claude.ask(calls=[secret_from(claude, "Bash")])
    assert model_reads(first) == facts.WITHHELD
    lay(claude, Files({}))
    assert model_reads(claude.ask("--resume", result(first)["session_id"])) == expected


@table(facts.RESUME_ROWS, "no hook")
def test_a_deferred_call_that_is_resumed(claude, row):
    settings, prompt, expected = facts.RESUME_ROWS[row]
    lay(claude, Files(hooks(facts.prints(facts.decides("defer")))))
    first = claude.ask()
    assert outcome(first) == facts.DEFERRED
    assert {"name": "Bash", "input": shell()[1]}.items() <= result(first)["deferred_tool_use"].items()
    lay(claude, Files(settings))
    assert outcome(claude.ask("--resume", result(first)["session_id"], prompt=prompt)) == expected


@table(facts.REWRITTEN_ROWS)
def test_settings_that_change_in_mid_session(claude, row):
    guard = hooks("case $(cat) in *'touch mark'*) echo no >&2; exit 2;; esac")
    path = Path(row.replace("~", str(claude.home)))
    if path.is_relative_to("/etc"):
        claude.manage("claude-code/managed-settings.json", guard)
    else:
        claude.write_own(claude.project / path, guard)
    assert outcome(claude.ask()) == facts.BLOCKED
    if path.is_relative_to("/etc"):
        # Root's change comes once the first call of the session runs.
        os.mkfifo(claude.project / "began")
        os.chown(claude.project / "began", USER, USER)
        rewriting = threading.Thread(target=rewrite_managed, args=[claude], daemon=True)
        rewriting.start()
        path = "began"
    # The host looks at its settings from time to time.
    claude.write_own(claude.project / "rewrite", f"echo '{{}}' > {path}")
    session = claude.ask(calls=[shell("sh ./rewrite; sleep 2"), shell("true"), shell()])
    if path == "began":
        # The thread still waits if the first call was refused.
        os.close(os.open(claude.project / path, os.O_RDWR | os.O_NONBLOCK))
        rewriting.join(10)
    assert outcome(session) == facts.expected(claude.version, "REWRITTEN_ROWS", row, facts.REWRITTEN_ROWS[row])


def rewrite_managed(claude: ClaudeCode) -> None:
    (claude.project / "began").read_text()
    claude.manage("claude-code/managed-settings.json", {})


@pytest.mark.parametrize("control", [0, 1, 2, 3], ids=["none", "hook", "deny rules", "both"])
@table(facts.CANARY_ROWS)
def test_a_way_to_a_secret(claude, row, control):
    expected = facts.expected(claude.version, "CANARY_ROWS", row, facts.CANARY_ROWS[row][control], control)
    rules = {"permissions": {"deny": ["Read(**/.env*)"]}}
    lay(claude, Files([{}, facts.GUARD, rules, facts.GUARD | rules][control]))
    assert claude.ask(**session_by(row, claude)).is_heard(SECRET) == expected


# What the tests share.

def secret_from(claude: ClaudeCode, tool: str) -> tuple[str, dict]:
    """A call whose result is the secret, which is not in its arguments."""
    claude.write_own(claude.project / "f", SECRET)
    path = str(claude.project / "f")
    return {"Bash": shell("cat f"), "a failed command": shell("cat f; exit 3"), "Read": ("Read", {"file_path": path}),
            "Grep": ("Grep", {"pattern": ".", "path": path, "output_mode": "content"})}[tool]


def model_reads(session) -> str:
    if session.is_heard(SECRET):
        return facts.ORIGINAL
    return facts.REPLACED if session.is_heard("[redacted]") else facts.WITHHELD


class HookHandler(http.server.BaseHTTPRequestHandler):
    """A hook by HTTP that denies, in the way of the path."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        way = self.path.strip("/")
        body = b"<html>no</html>" if way == "html" else json.dumps(facts.DENIES).encode()
        time.sleep(2 if way == "slow" else 0)
        self.send_response(int(way) if way.isdecimal() else 200)
        self.send_header("Content-Type", "text/html" if way == "html" else "application/json")
        self.send_header("Content-Length", str(len(body)))
        if way == "302":
            self.send_header("Location", "/200")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextmanager
def answering(claude: ClaudeCode, entry: dict):
    """Serves a hook by HTTP, and completes its URL."""
    if not entry.get("url", "").startswith("/"):
        yield
        return
    server = claude.on_loopback(lambda: http.server.ThreadingHTTPServer(("127.0.0.1", 0), HookHandler))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    entry["url"] = f"http://127.0.0.1:{server.server_address[1]}{entry['url']}"
    yield
    server.shutdown()
    server.server_close()
