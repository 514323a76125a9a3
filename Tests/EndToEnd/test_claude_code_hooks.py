"""R038, R039, R080: with our adapter and its managed settings no refused tool of the real Claude Code runs, in the main thread and
in a subagent, whatever happens to the gateway or the adapter; and no way leads from a secret to the model
(docs/specs/coding-agents.md, sections 5, 6 and 16)."""

import base64
import json
import os
import re
import signal

import pytest

from claudecode import SUBAGENT, ClaudeCode, claude, outcome, result, settings_for, shell  # noqa: F401
from claudefacts import BLOCKED, DEFERRED, NO_PROMPT, RAN, hooks, later_events
from hooking import ALLOW, DENY, Gateway, response
from offlinehost import Session
from secretways import SECRET, WAYS, session_by

pytestmark = pytest.mark.requirement("R038", "R039")

WHOLE = response(DENY)


@pytest.fixture
def gateway(claude):
    """A gateway that allows all but the shell, and the managed settings of the adapter."""
    claude.renew()
    claude.socket.unlink(missing_ok=True)
    claude.manage("claude-code/managed-settings.json", settings_for(claude.program))
    made = Gateway(claude.socket, answer=denying("Bash"))
    yield made
    made.close()


def denying(*tools: str, verdict: dict = DENY):
    """An answer that denies the calls of these tools."""
    def answer(event: dict) -> bytes:
        is_denied = event["event"] == "pre_tool" and event["tool"]["host_name"] in tools
        return response(verdict if is_denied else ALLOW)
    return answer


def events(gateway: Gateway) -> list[dict]:
    return [json.loads(body) for _, body in gateway.requests]


def test_an_allowed_tool_runs_and_each_event_is_reported(claude, gateway):
    gateway.answer = response(ALLOW)
    session = claude.ask(calls=[shell("touch mark; echo $INTERLOCK_TEST"), SUBAGENT], subtask=[shell("true")])
    assert outcome(session) == RAN, session.said
    # A version ignores hooks of the events that it does not know, and nothing else of the settings.
    ignored = re.findall(r"/managed-settings\.json \((.*?)\)", session.said)
    assert set(ignored) == {f"hooks.{name}" for name in later_events(claude.version)}, session.said
    found = events(gateway)
    assert {event["host_event"] for event in found} >= {
        "SessionStart", "UserPromptSubmit", "PreToolUse", "PostToolUse", "SubagentStart", "SubagentStop", "Stop", "SessionEnd"}
    calls = [event for event in found if event["event"] == "pre_tool"]
    assert [(call["tool"]["name"], call["agent"] is None) for call in calls] == [
        ("host.shell", True), ("host.agent", True), ("host.shell", False)]
    assert len({event["session"] for event in found}) == 1 and calls[0]["attended"] is False


@pytest.mark.parametrize("thread", ["main", "subagent"])
def test_a_refused_tool_does_not_run_and_the_model_reads_why(claude, gateway, thread):
    if thread == "main":
        session = claude.ask()
    else:
        session = claude.ask(calls=[SUBAGENT], subtask=[shell()])
        assert result(session)["subagent_stats"]["completed"] == 1
    assert outcome(session) == BLOCKED
    assert session.is_heard("interlock: denied (no-grant) no scope allows a push [rec 9f2c]")
    (call,) = [event for event in events(gateway) if event["tool"] and event["tool"]["host_name"] == "Bash"]
    assert (call["agent"] is None, call["event"]) == (thread == "main", "pre_tool")


# The gateway: what it does once a tool is to be called.
FAULTS = {
    "silent": None,
    "half an answer": WHOLE[:-20],
    "half an allow": response(ALLOW)[:-20],
    "wrong version": response(ALLOW | {"v": 2}),
    "an unknown verdict": response(ALLOW | {"verdict": "yes"}),
    "no JSON": response(b"allow"),
    "an error": response(ALLOW, status="500 Internal Server Error"),
    "another type": response(ALLOW, content_type="text/html"),
}


@pytest.mark.parametrize("thread", ["main", "subagent"])
@pytest.mark.parametrize("fault", [pytest.param(name, marks=[] if name in ("half an allow", "wrong version") else
                                                pytest.mark.stress) for name in FAULTS])
def test_no_tool_runs_without_an_answer_of_the_gateway(claude, gateway, fault, thread):
    def answer(event: dict) -> bytes | None:
        is_shell = event["event"] == "pre_tool" and event["tool"]["host_name"] == "Bash"
        return FAULTS[fault] if is_shell else response(ALLOW)

    gateway.answer = answer
    if thread == "main":
        session = claude.ask()
    else:
        session = claude.ask(calls=[SUBAGENT], subtask=[shell()])
    assert outcome(session) == BLOCKED


def test_no_prompt_is_sent_while_the_gateway_is_down(claude, gateway):
    gateway.close()
    assert outcome(claude.ask()) == NO_PROMPT
    # The tool itself, should the host ask for it alone.
    claude.manage("claude-code/managed-settings.json", hooks(f"{claude.program} claude-code", onFailure="block"))
    assert outcome(claude.ask()) == BLOCKED
    claude.socket.unlink()
    assert outcome(claude.ask()) == BLOCKED


@pytest.mark.parametrize("on_failure", [True, False], ids=["onFailure", "default"])
def test_an_adapter_that_is_killed(claude, gateway, on_failure):
    """SIGKILL is the end that the adapter cannot turn into a refusal: `onFailure` does."""
    settings = hooks(f"exec {claude.program} claude-code", **({"onFailure": "block"} if on_failure else {}))
    claude.manage("claude-code/managed-settings.json", settings)
    killed = []

    def answer(_) -> bytes:
        killed.extend(kill_adapters(claude))
        return WHOLE

    gateway.answer = answer
    assert outcome(claude.ask()) == (BLOCKED if on_failure else RAN)
    assert len(killed) == 1


@pytest.mark.requirement("R082")
def test_an_adapter_that_is_stopped_after_a_tool_keeps_its_result_from_the_model(claude, gateway):
    """Exit 2 would show it to the model."""
    stopped = []

    def answer(event: dict) -> bytes | None:
        if event["host_event"] != "PostToolUse":
            return response(ALLOW)
        stopped.extend(kill_adapters(claude, signal.SIGTERM))
        return None

    gateway.answer = answer
    session = claude.ask(calls=[shell("touch mark; echo result-$((40 + 2))-of-the-tool")])
    assert session.ran and len(stopped) == 1, session.said
    assert not session.is_heard("result-42-of-the-tool")


def kill_adapters(claude: ClaudeCode, number: int = signal.SIGKILL) -> list[int]:
    """Sends a signal to the running adapters of this test's host, which have a program file of their own."""
    found = []
    for process in filter(str.isdecimal, os.listdir("/proc")):
        try:
            if os.readlink(f"/proc/{process}/exe") == str(claude.program):
                os.kill(int(process), number)
                found.append(int(process))
        except OSError:
            continue
    return found


ASK = ALLOW | {"verdict": "ask", "reason": "host-prompt"}


def test_a_question_without_an_answer_is_a_refusal(claude, gateway):
    """A rule allows the tool, which does not answer the question."""
    gateway.answer = denying("Bash", verdict=ASK)
    assert outcome(claude.ask()) == BLOCKED


@pytest.mark.requirement("R080")
def test_the_deny_rules_of_the_host_hold_after_a_question(claude, gateway):
    """Whoever answers says yes to each question, and is not asked about what the installed rules deny."""
    gateway.answer = denying("Bash", "Read", verdict=ASK)
    claude.write_own(claude.project / "open.txt", "canary-of-an-open-file")
    (hidden,) = session_by("Read", claude)["calls"]
    session, asked = claude.agree(calls=[("Read", {"file_path": str(claude.project / "open.txt")}), shell(), hidden])
    assert asked == ["Read", "Bash"] and session.ran and session.is_heard("canary-of-an-open-file")
    assert not session.is_heard(SECRET)
    # The host says that such a session has no user in front of it, so the gateway would have denied all three.
    assert {event["attended"] for event in events(gateway)} == {False}


@pytest.mark.parametrize("verdict, expected", [("defer", DEFERRED), ("rewrite", BLOCKED)])
@pytest.mark.stress
def test_the_other_verdicts(claude, gateway, verdict, expected):
    more = {"defer": {"approval": "apr_1"}, "rewrite": {"args": {"command": "true"}}}[verdict]
    gateway.answer = denying("Bash", verdict=DENY | {"verdict": verdict} | more)
    assert outcome(claude.ask()) == expected


# The calls that show the file `f`, whose results the adapter replaces.
RESULTS = {
    "Bash": lambda folder: shell("cat f"),
    "Read": lambda folder: ("Read", {"file_path": f"{folder}/f"}),
    "Grep": lambda folder: ("Grep", {"pattern": ".", "path": f"{folder}/f", "output_mode": "content"}),
    # The event after it has the text of an error, in whose place the host takes a result of Bash.
    "a failed command": lambda folder: shell("cat f; exit 3"),
}


@pytest.mark.parametrize("way", [pytest.param(way, marks=[] if way in ("Read", "a failed command") else pytest.mark.stress)
                                 for way in RESULTS])
def test_a_result_is_redacted_before_the_model_reads_it(claude, gateway, way):
    def answer(event: dict) -> bytes:
        if event["event"] != "post_tool":
            return response(ALLOW)
        received = json.dumps(event["details"]["tool_response"])
        return response(ALLOW | {"verdict": "redact", "result": json.loads(received.replace(SECRET, "[redacted]"))})

    gateway.answer = answer
    claude.write_own(claude.project / "f", SECRET)
    session = claude.ask(calls=[RESULTS[way](claude.project)])
    assert session.is_heard("[redacted]") and not session.is_heard(SECRET)
    assert any(SECRET in json.dumps(event["details"]) for event in events(gateway) if event["event"] == "post_tool")


def document() -> bytes:
    """A PDF of one empty page, whose bytes in base64 are an event of more than 8 MiB."""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
               b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>", b"<</Length %d>>stream\n%s\nendstream" % (7 << 20, bytes(7 << 20))]
    text, places = b"%PDF-1.4\n%" + SECRET.encode() + b"\n", []
    for number, body in enumerate(objects, 1):
        places.append(b"%010d 00000 n \n" % len(text))
        text += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    return text + b"xref\n0 5\n0000000000 65535 f \n%strailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (
        b"".join(places), len(text))


# A result that was not searched: what is read, and how it begins in the eyes of the model.
UNSEARCHED = {"a lost answer": ("f.txt", SECRET.encode(), SECRET),
              # 18 bytes are 24 characters of base64.
              "an event of more than 8 MiB": ("f.pdf", document(), base64.b64encode(document()[:18]).decode())}


def read_unsearched(claude: ClaudeCode, gateway: Gateway, way: str) -> Session:
    """A session that reads a file, whose result is refused by the adapter alone."""
    name, content, _ = UNSEARCHED[way]
    gateway.answer = lambda event: b"" if event["event"] == "post_tool" else response(ALLOW)
    (claude.project / name).write_bytes(content)
    session = claude.ask(calls=[("Read", {"file_path": str(claude.project / name)})])
    seen = [event["event"] for event in events(gateway) if event["tool"]]
    assert seen == (["pre_tool", "post_tool"] if way == "a lost answer" else ["pre_tool"])
    return session


@pytest.mark.parametrize("way", UNSEARCHED)
def test_a_result_that_was_not_searched_ends_the_turn(claude, gateway, way):
    session = read_unsearched(claude, gateway, way)
    assert result(session)["terminal_reason"] == "hook_stopped"
    assert len(session.heard) == 1 and not session.is_heard(UNSEARCHED[way][2])


# The host keeps the result of a turn that `continue: false` or exit 2 has ended, and sends it to the model with the next prompt.
# `updatedToolOutput` beside `continue: false` replaces it, as the gateway's own deny does (`RESUMED_RESULT_ROWS`).
@pytest.mark.parametrize("way", UNSEARCHED)
def test_a_result_that_was_not_searched_is_not_in_the_next_turn_either(claude, gateway, way):
    first = read_unsearched(claude, gateway, way)
    session = claude.ask("--resume", result(first)["session_id"], calls=[])
    assert session.heard
    assert not session.is_heard(UNSEARCHED[way][2])


@pytest.mark.requirement("R080")
@pytest.mark.parametrize("way", [pytest.param(way, marks=[] if way in ("Read of a link", "another program", "mention of a link",
                                                                       "import") else pytest.mark.stress) for way in WAYS])
def test_no_way_leads_to_a_secret(claude, gateway, way):
    """Mentions and imports call no tool, so that the rules must refuse them; programs read what they like, so that the adapter
    must refuse them."""
    session = claude.ask(**session_by(way, claude))
    assert session.heard and not session.is_heard(SECRET)


@pytest.mark.stress
def test_settings_of_the_user_and_the_project_take_nothing_away(claude, gateway):
    settings = {"disableAllHooks": True, "permissions": {"allow": ["Bash"]},
                "hooks": hooks("printf %s '{\"hookSpecificOutput\":{\"hookEventName\":\"PreToolUse\","
                               "\"permissionDecision\":\"allow\"}}'")["hooks"]}
    claude.write_own(claude.home / ".claude" / "settings.json", settings)
    claude.write_own(claude.project / ".claude" / "settings.json", settings)
    session = claude.ask("--dangerously-skip-permissions", "--setting-sources", "user,project")
    assert outcome(session) == BLOCKED
