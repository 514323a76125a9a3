"""What Claude Code does at each end of a hook, with each fault of its settings, and on each way to a secret:
docs/specs/coding-agents.md, sections 5 to 8. `test_claude_code_facts.py` compares each row with the program, and an upgrade of
the program is a change here.

The columns are outcomes (`claudecode.outcome`). A hook's command runs in the project, and a file of `/etc/claude-code` is given
by its name."""

import json
import shlex
from dataclasses import dataclass, field

VERSION = "2.1.332"
# The older versions that `make stress` gives the same rows, with the rows of which the outcome is another one there:
# (table, row, and column if the table has several).
OLDER = {
    "2.1.327": {},
    "2.1.301": {
        # Auto mode: with `-p` and without a mode, sessions of this version begin in it. It sets aside rules that allow the whole
        # shell or agents: a classifier decides about each call that the program does not know to be harmless, such as a command
        # that only makes a file in the project. It asks the scripted model, whose answer is no verdict, and the call is refused.
        # In the other versions a flag of the maker, false by default, says so. "auto mode disabled" has no row here.
        ("SETTINGS_ROWS", "bypass mode disabled"): "ran",
        ("SETTINGS_ROWS", "managed rules only"): "ran",
        ("SETTINGS_ROWS", "a rule of an untrusted project"): "ran",
        ("SETTINGS_ROWS", "allow by a project, managed hooks only"): "ran",
        # The command that would change the settings is refused.
        ("REWRITTEN_ROWS", "~/.claude/settings.json"): "blocked",
        ("REWRITTEN_ROWS", ".claude/settings.json"): "blocked",
        ("REWRITTEN_ROWS", ".claude/settings.local.json"): "blocked",
        ("REWRITTEN_ROWS", "/etc/claude-code/managed-settings.json"): "blocked",
        # So is a program that is given its text, and a command that ends with `exit 3`. A managed hook replaces the text of that
        # refusal as it replaces any result; a hook of the user does not.
        ("CANARY_ROWS", "another program", 0): False,
        ("CANARY_ROWS", "another program", 2): False,
        ("RESULT_ROWS", "a failed command", 1): "withheld",
        ("RESULT_ROWS", "a text for a failed command", 1): "withheld",
    },
}
# The events that an older version does not know.
LATER_EVENTS = ("PreSkillShellCommand",)


def later_events(version: str) -> tuple[str, ...]:
    """The events that a version does not know: it ignores their hooks in managed settings, and keeps the other hooks."""
    return LATER_EVENTS if version in OLDER else ()


def expected(version: str, table: str, row: str, outcome, *column):
    """The outcome of a row by a version, which is `outcome` unless `OLDER` has another one."""
    return OLDER.get(version, {}).get((table, row, *column), outcome)


EVENTS = (
    "PreToolUse", "PostToolUse", "PostToolUseFailure", "PostToolBatch", "Notification", "UserPromptSubmit",
    "UserPromptExpansion", "SessionStart", "SessionEnd", "Stop", "StopFailure", "SubagentStart", "SubagentStop", "PreCompact",
    "PostCompact", "PreModelSwitch", "PostModelSwitch", "PermissionRequest", "PermissionDenied", "Setup", "TeammateIdle",
    "TaskCreated", "TaskCompleted", "Elicitation", "ElicitationResult", "ConfigChange", "WorktreeCreate", "WorktreeRemove",
    "InstructionsLoaded", "CwdChanged", "FileChanged", "DirectoryAdded", "MessageDisplay", "PreSkillShellCommand")
# Their hooks would be called too often, or would replace the host's own work.
UNREGISTERED = ("Notification", "WorktreeCreate", "MessageDisplay")

RAN, BLOCKED, STOPPED, DEFERRED, NO_START, NO_PROMPT = "ran", "blocked", "ran, stopped", "deferred", "no start", "no prompt"
# The result of a tool in the eyes of the model.
ORIGINAL, REPLACED, WITHHELD = "original", "replaced", "withheld"


def prints(value: object, code: int = 0) -> str:
    """A command that prints a value and ends."""
    return f"printf %s {shlex.quote(value if isinstance(value, str) else json.dumps(value))}; exit {code}"


def answer(event: str | None = "PreToolUse", **members) -> dict:
    return {"hookSpecificOutput": ({"hookEventName": event} if event else {}) | members}


def decides(decision: str, event: str | None = "PreToolUse", **members) -> dict:
    return answer(event, permissionDecision=decision, permissionDecisionReason="no", **members)


def hooks(command: str = "", *, event: str = "PreToolUse", **more) -> dict:
    """Settings with one hook."""
    entry = ({"type": "command", "command": command, "timeout": 30} if command else {}) | more
    return {"hooks": {event: [{"matcher": "*", "hooks": [entry]}]}}


REFUSAL = "echo no >&2; exit 2"
DENIES = decides("deny")
GUARD = hooks(REFUSAL)

# A hook of PreToolUse in the managed settings: its entry; the outcome without `onFailure`, and with `onFailure: block`.
PRE_TOOL = {
    "exit 2 with a line": ({"command": REFUSAL}, BLOCKED, BLOCKED),
    "exit 2 without a line": ({"command": "exit 2"}, BLOCKED, BLOCKED),
    "deny": ({"command": prints(DENIES)}, BLOCKED, BLOCKED),
    "deny with exit 1": ({"command": prints(DENIES, 1)}, BLOCKED, BLOCKED),
    "decision block": ({"command": prints({"decision": "block", "reason": "no"})}, BLOCKED, BLOCKED),
    "exit 1": ({"command": "exit 1"}, RAN, BLOCKED),
    "exit 3": ({"command": "exit 3"}, RAN, BLOCKED),
    "a missing program": ({"command": "/nonexistent/hook"}, RAN, BLOCKED),
    "SIGKILL": ({"command": "kill -KILL $$"}, RAN, BLOCKED),
    "SIGSEGV": ({"command": "kill -SEGV $$"}, RAN, BLOCKED),
    "timeout": ({"command": "exec sleep 5", "timeout": 1}, RAN, BLOCKED),
    "Deny": ({"command": prints(decides("Deny"))}, RAN, BLOCKED),
    "deny without the event": ({"command": prints(decides("deny", None))}, RAN, BLOCKED),
    "deny of another event": ({"command": prints(decides("deny", "PostToolUse"))}, RAN, BLOCKED),
    "two objects": ({"command": prints(json.dumps(decides("allow")) + json.dumps(DENIES))}, RAN, BLOCKED),
    "text": ({"command": "echo denied"}, RAN, RAN),
    "a truncated deny": ({"command": prints(json.dumps(DENIES)[:-2])}, RAN, RAN),
    "an array": ({"command": prints([DENIES])}, RAN, RAN),
    "a deny at the top level": ({"command": prints({"permissionDecision": "deny"})}, RAN, RAN),
    "continue false": ({"command": prints({"continue": False})}, STOPPED, STOPPED),
    "async": ({"command": REFUSAL, "async": True}, RAN, RAN),
    "an async answer, then deny": ({"command": "echo '{\"async\":true}'; " + prints(DENIES)}, RAN, RAN),
    "ask": ({"command": prints(decides("ask"))}, BLOCKED, BLOCKED),
    "defer": ({"command": prints(decides("defer"))}, DEFERRED, DEFERRED),
    "changed arguments": ({"command": prints(decides("allow", updatedInput={"command": "true"}))}, BLOCKED, BLOCKED),
    "onfailure": ({"command": "exit 1", "onfailure": "block"}, RAN, BLOCKED),
    "http 200, deny": ({"type": "http", "url": "/200"}, BLOCKED, BLOCKED),
    "http 500": ({"type": "http", "url": "/500"}, RAN, BLOCKED),
    "http 403, deny": ({"type": "http", "url": "/403"}, RAN, BLOCKED),
    "http 302, deny": ({"type": "http", "url": "/302"}, RAN, BLOCKED),
    "http, HTML": ({"type": "http", "url": "/html"}, RAN, BLOCKED),
    "http, slow": ({"type": "http", "url": "/slow", "timeout": 1}, RAN, BLOCKED),
    "http, refused": ({"type": "http", "url": "http://127.0.0.1:1/"}, RAN, BLOCKED),
}

# A hook that says `ask`, and a user who says yes to every question: the permission rules and the words of the command line, and
# whether the user is asked about `Read` of `.env` and about a shell command, and both then run.
AGREED_ROWS = {
    "no rule": ({}, (), True),
    "allowed by rules": ({"allow": ["Read", "Bash"]}, (), True),
    "bypass mode": ({}, ("--dangerously-skip-permissions",), True),
    "denied by rules": ({"deny": ["Read(./.env)", "Bash(touch *)"]}, (), False),
    "denied by rules, bypass mode": (
        {"deny": ["Read(./.env)", "Bash(touch *)"]}, ("--dangerously-skip-permissions",), False),
}


@dataclass(frozen=True)
class Files:
    """The files and the words of one session. `managed` is the text or the value of `managed-settings.json`."""
    managed: object = None
    mode: int = 0o644
    folder_mode: int = 0o755
    user: object = None
    project: object = None
    # Files of `/etc/claude-code`; `helper` is made executable.
    also: dict = field(default_factory=dict)
    words: tuple = ()
    environment: dict = field(default_factory=dict)
    # The script of the model, if not one shell command.
    calls: tuple | None = None
    # False if no rule allows the tool.
    is_allowed: bool = True


def flag(settings: object) -> tuple:
    return "--settings", settings if isinstance(settings, str) else json.dumps(settings)


EVENT_ROWS = {
    "a prompt: exit 2": (Files(hooks(REFUSAL, event="UserPromptSubmit")), NO_PROMPT),
    "a prompt: a crash": (Files(hooks("kill -KILL $$", event="UserPromptSubmit")), RAN),
    "a prompt: a crash, onFailure": (Files(hooks("kill -KILL $$", event="UserPromptSubmit", onFailure="block")), NO_PROMPT),
    "a start: exit 2": (Files(hooks(REFUSAL, event="SessionStart")), RAN),
    "a start: a crash, onFailure": (Files(hooks("kill -KILL $$", event="SessionStart", onFailure="block")), RAN),
    "a start: continue false": (Files(hooks(prints({"continue": False}), event="SessionStart")), RAN),
}

BAD_RULES = {"permissions": {"deny": "Bash"}}
SETTINGS_ROWS = {
    "empty": (Files(""), RAN),
    "malformed": (Files('{"hooks":'), NO_START),
    "an array": (Files("[]"), NO_START),
    "unreadable": (Files(GUARD, mode=0o600), RAN),
    "a folder that is unreadable": (Files(GUARD, folder_mode=0o700), RAN),
    "an unknown event": (Files({"hooks": GUARD["hooks"] | hooks(REFUSAL, event="NoSuchEvent")["hooks"]}), BLOCKED),
    "an unknown type of hook": (Files(hooks(type="nosuch", command="x")), NO_START),
    "an unknown type at another event": (
        Files({"hooks": GUARD["hooks"] | hooks(event="PostToolUse", type="nosuch", command="x")["hooks"]}), BLOCKED),
    "an unknown value of onFailure": (Files(hooks("exit 1", onFailure="Block")), NO_START),
    "a text as deny rules": (Files(BAD_RULES), RAN),
    "a text as deny rules, and a hook": (Files(BAD_RULES | GUARD), BLOCKED),
    "a number among deny rules": (Files({"permissions": {"deny": [1, "Bash"]}}), BLOCKED),
    "an older version than the least": (Files({"requiredMinimumVersion": "9.0.0"}), NO_START),
    "bypass mode": (Files(words=("--dangerously-skip-permissions",), is_allowed=False), RAN),
    "bypass mode disabled": (Files({"permissions": {"disableBypassPermissionsMode": "disable"}}, is_allowed=False,
                                   words=("--dangerously-skip-permissions",)), BLOCKED),
    "auto mode disabled": (Files({"permissions": {"disableAutoMode": "disable"}}, is_allowed=False), BLOCKED),
    "managed rules only": (Files({"allowManagedPermissionRulesOnly": True}), BLOCKED),
    "a hook of a flag": (Files(words=flag(GUARD)), BLOCKED),
    "an unknown value of onFailure in a flag": (Files(words=flag(hooks("exit 1", onFailure="Block"))), RAN),
    "a malformed flag": (Files(words=flag('{"hooks": no}')), NO_START),
    "a malformed file of a flag": (Files(also={"flag.json": '{"hooks":'}, words=flag("/etc/claude-code/flag.json")), RAN),
    "allow by an untrusted project": (Files(project=hooks(prints(decides("allow"))), is_allowed=False), RAN),
    "a rule of an untrusted project": (Files(project={"permissions": {"allow": ["Bash"]}}, is_allowed=False), BLOCKED),
    "allow by a project, managed hooks only": (
        Files({"allowManagedHooksOnly": True}, project=hooks(prints(decides("allow"))), is_allowed=False), BLOCKED),
}

# Ways to lose a managed hook that refuses.
KEPT_ROWS = {
    "--bare": Files(GUARD, words=("--bare",)),
    "--safe-mode": Files(GUARD, words=("--safe-mode",)),
    "--setting-sources": Files(GUARD, words=("--setting-sources", "")),
    "bypass mode": Files(GUARD, words=("--dangerously-skip-permissions",)),
    "disableAllHooks of a flag": Files(GUARD, words=flag({"disableAllHooks": True})),
    "disableAllHooks of the user": Files(GUARD, user={"disableAllHooks": True}),
    "disableAllHooks of the project": Files(GUARD, project={"disableAllHooks": True}),
    "CLAUDE_CODE_SIMPLE": Files(GUARD, environment={"CLAUDE_CODE_SIMPLE": "1"}),
    "allow by a hook of the project": Files(GUARD, project=hooks(prints(decides("allow")))),
}

HELPER = {"policyHelper": {"path": "/etc/claude-code/helper", "timeoutMs": 1000}}


def helper(script: str, **managed) -> Files:
    return Files(HELPER | managed, also={"helper": f"#!/bin/sh\n{script}\n"})


def helps(value: object, **managed) -> Files:
    return helper(prints(value), **managed)


HELPER_ROWS = {
    "settings": (helps({"managedSettings": GUARD}), BLOCKED),
    "exit 1": (helper(REFUSAL.replace("2;", "1;")), NO_START),
    "hangs": (helper("exec sleep 5"), NO_START),
    "SIGKILL": (helper("kill -KILL $$"), NO_START),
    "missing": (Files(HELPER), NO_START),
    "text": (helper("echo no"), NO_START),
    "nothing": (helper("exit 0"), NO_START),
    "two objects": (helper(prints('{"managedSettings":{}}{}')), NO_START),
    "another object": (helps(GUARD), RAN),
    "another object, and a hook in the file": (helps({}, **GUARD), BLOCKED),
    # The printed settings replace those of the file.
    "no settings, and a hook in the file": (helps({"managedSettings": {}}, **GUARD), RAN),
    "no settings, and a rule in the file": (helps({"managedSettings": {}}, permissions={"deny": ["Bash"]}), RAN),
}

SERVER = '''
import json, sys
for line in sys.stdin:
    message = json.loads(line)
    method, answer = message.get("method"), {}
    if method == "initialize":
        answer = {"protocolVersion": message["params"]["protocolVersion"], "capabilities": {"tools": {}},
                  "serverInfo": {"name": "test", "version": "1"}}
    elif method == "tools/list":
        answer = {"tools": [{"name": "touch", "inputSchema": {"type": "object"}}]}
    elif method == "tools/call":
        open("mark", "w").close()
        answer = {"content": [{"type": "text", "text": "made"}]}
    if "id" in message:
        print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": answer}), flush=True)
'''
COMMAND = ["/usr/bin/python3", "/etc/claude-code/server.py"]
MINE = {"mcpServers": {"mine": {"type": "stdio", "command": COMMAND[0], "args": COMMAND[1:]}}}
GIVEN = ("--mcp-config", json.dumps(MINE))


def servers(managed: dict | None = None, fixed: object = None, words: tuple = GIVEN) -> Files:
    """A session whose model calls the tool of a server that the user gives, and `managed-mcp.json` if it is given."""
    also = {"server.py": SERVER} | ({} if fixed is None else {"managed-mcp.json": fixed})
    return Files(managed, also=also, words=words, calls=(("mcp__mine__touch", {}),))


SERVER_ROWS = {
    "a server of the user": (servers(), RAN),
    "another fixed set": (servers(fixed={"mcpServers": {}}), NO_START),
    "in the fixed set": (servers(fixed=MINE, words=()), RAN),
    "a malformed fixed set": (servers(fixed='{"mcpServers":'), BLOCKED),
    # Any command of an allowed name.
    "allowed by name": (servers({"allowedMcpServers": [{"serverName": "mine"}]}), RAN),
    "another name allowed": (servers({"allowedMcpServers": [{"serverName": "other"}]}), BLOCKED),
    "allowed by command": (servers({"allowedMcpServers": [{"serverCommand": COMMAND}]}), RAN),
    "another command allowed": (servers({"allowedMcpServers": [{"serverCommand": ["/bin/true"]}]}), BLOCKED),
    "a name and another command": (
        servers({"allowedMcpServers": [{"serverName": "mine"}, {"serverCommand": ["/bin/true"]}]}), BLOCKED),
    "none allowed": (servers({"allowedMcpServers": []}), BLOCKED),
}


def replaces(output: object, **members) -> str:
    return prints(answer("PostToolUse", updatedToolOutput=output) | members)


BASH = {"stdout": "[redacted]", "stderr": "", "interrupted": False}
READ = {"type": "text", "file": {"filePath": "f", "content": "[redacted]", "numLines": 1, "startLine": 1, "totalLines": 1}}
GREP = {"mode": "content", "numFiles": 0, "filenames": [], "content": "[redacted]", "numLines": 1, "totalLines": 1}
# A hook of PostToolUse: the tool, the hook, and the result for the model by a managed hook and by one of the user.
RESULT_ROWS = {
    "exit 2": ("Bash", REFUSAL, ORIGINAL, ORIGINAL),
    "decision block": ("Bash", prints({"decision": "block", "reason": "no"}), ORIGINAL, ORIGINAL),
    "a crash, onFailure": ("Bash", "kill -KILL $$", ORIGINAL, ORIGINAL),
    "continue false": ("Bash", prints({"continue": False}), WITHHELD, WITHHELD),
    "the shape of Bash": ("Bash", replaces(BASH), REPLACED, REPLACED),
    "one member more": ("Bash", replaces(BASH | {"more": 1}), REPLACED, REPLACED),
    "a part of the shape": ("Bash", replaces({"stdout": "[redacted]"}), WITHHELD, ORIGINAL),
    "a wrong type": ("Bash", replaces(BASH | {"stderr": 0}), WITHHELD, ORIGINAL),
    "a text": ("Bash", replaces("[redacted]"), WITHHELD, ORIGINAL),
    "of another event": ("Bash", prints(answer("PreToolUse", updatedToolOutput=BASH)), ORIGINAL, ORIGINAL),
    "the shape of Read": ("Read", replaces(READ), REPLACED, REPLACED),
    "the shape of Grep": ("Grep", replaces(GREP), REPLACED, REPLACED),
    "another mode of Grep": ("Grep", replaces(GREP | {"mode": "other"}), WITHHELD, ORIGINAL),
    # After PostToolUseFailure the program sends this event too, with the text of the error, but not to a hook of the user.
    "a failed command": ("a failed command", replaces(BASH), REPLACED, ORIGINAL),
    "a text for a failed command": ("a failed command", replaces("[redacted]"), WITHHELD, ORIGINAL),
    "another type of Read": ("Read", replaces(READ | {"type": "other"}), WITHHELD, ORIGINAL),
    "replaced and stopped": ("Bash", replaces(BASH, decision="block", reason="no", **{"continue": False}), WITHHELD, WITHHELD),
}
# The result for the model when the session is resumed after a managed hook with `continue: false`.
RESUMED_RESULT_ROWS = {
    "continue false": (prints({"continue": False}), ORIGINAL),
    "replaced and stopped": (replaces(BASH, decision="block", reason="no", **{"continue": False}), REPLACED),
}

# A session that ended `tool_deferred`, resumed with other managed settings, and with or without a prompt.
RESUME_ROWS = {
    "allow": (hooks(prints(decides("allow"))), "", RAN),
    "exit 2": (GUARD, "", BLOCKED),
    "defer again": (hooks(prints(decides("defer"))), "", DEFERRED),
    # The call is lost: the model reads that its result is missing.
    "defer again, with a prompt": (hooks(prints(decides("defer"))), "Go", BLOCKED),
    "a silent hook": (hooks("exit 0"), "", RAN),
    "no hook": ({}, "", RAN),
    "no hook, with a prompt": ({}, "Go", RAN),
}

# Settings that the agent's own shell command, or root, changes in mid-session: the place of the hook, and the last call.
REWRITTEN_ROWS = {
    "~/.claude/settings.json": RAN, ".claude/settings.json": RAN, ".claude/settings.local.json": RAN,
    "/etc/claude-code/managed-settings.json": RAN,
}

# A secret in `.env`: is it read without settings, with a managed hook that refuses each tool, with deny rules, with both?
CANARY_ROWS = {
    "Read": (True, False, False, False),
    "Read of a link": (True, False, False, False),
    "Grep": (True, False, False, False),
    "Grep by pattern": (True, False, False, False),
    "cat": (True, False, False, False),
    "cat of a pattern": (True, False, True, False),
    "another program": (True, False, True, False),
    "mention": (True, True, False, False),
    "mention of a link": (True, True, False, False),
    "import": (True, True, False, False),
    "import of a link": (True, True, False, False),
}
