"""R039: the hook adapter asks the gateway about what the host writes, and gives back its verdict or a refusal and nothing else
(docs/specs/coding-agents.md, sections 2, 5 and 16)."""

import json
import shutil

import pytest

from hookfixtures import gateway, hooks  # noqa: F401
from hooking import ALLOW, DENY, EVENT, Gateway, response

pytestmark = pytest.mark.requirement("R039")

MEBIBYTE = 1 << 20


# Verdicts.

def test_an_allow_of_the_gateway_is_the_only_way_to_exit_0(hooks, gateway):
    done = hooks.run()
    assert (done.code, done.output, done.said) == (0, b"", "")
    head, body = gateway.requests[0]
    assert head.split("\r\n") == ["POST /hook/v1/event HTTP/1.1", "Host: localhost", "Content-Type: application/json",
                                  f"Content-Length: {len(body)}", "Connection: close"]
    event = json.loads(body)
    assert (event["v"], event["host"], event["event"], event["session"]) == (1, "claude-code", "pre_tool", "5b1c")
    assert event["tool"]["name"] == "host.shell" and event["tool"]["args"] == {"command": "git push"}


def test_a_refusal_is_exit_2_and_one_line(hooks, gateway):
    gateway.answer = response(DENY)
    done = hooks.run()
    assert done.refused and done.said == "interlock: denied (no-grant) no scope allows a push [rec 9f2c]\n"
    gateway.answer = response(DENY | {"text": "two\nlines \x1b[2J and \u2028 more\x00"})
    done = hooks.run()
    assert done.refused and done.said.rstrip("\n").isprintable(), done


def test_the_route_of_a_run_is_asked_over_http(hooks, gateway):
    route = Gateway()
    try:
        hooks.write({"route": f"http://127.0.0.1:{route.port}/hook/v1/event"})
        assert hooks.run().code == 0
        head = route.requests[0][0]
        assert head.startswith("POST /hook/v1/event HTTP/1.1\r\n") and f"\r\nHost: 127.0.0.1:{route.port}\r\n" in head
        assert gateway.requests == []
    finally:
        route.close()
    assert hooks.run().refused


def test_a_verdict_of_eight_megabytes_passes(hooks, gateway):
    result = {"stdout": "x" * (7 * MEBIBYTE), "stderr": "", "interrupted": False}
    event = EVENT | {"hook_event_name": "PostToolUse", "tool_response": result}
    gateway.answer = response(ALLOW | {"verdict": "redact", "result": result | {"stdout": "y" * (7 * MEBIBYTE)}})
    done = hooks.run(given=event)
    assert done.code == 0 and json.loads(done.output)["hookSpecificOutput"]["updatedToolOutput"]["stdout"][:2] == "yy"


# The gateway.

WRONG = {
    "nothing": b"", "half-head": response(ALLOW)[:30], "half-body": response(ALLOW)[:-1], "more": response(ALLOW) + b" ",
    "two": response(ALLOW) * 2, "garbage": b"\x16\x03\x01\x02\x00" * 100, "old": response(ALLOW).replace(b"1.1", b"1.0", 1),
    "503": response(ALLOW, "503 Service Unavailable"), "201": response(ALLOW, "201 Created"),
    "100": response(ALLOW, "100 Continue"),
    "redirect": response(ALLOW, "302 Found", Location="/x"), "html": response(ALLOW, content_type="text/html"),
    "no-length": response(ALLOW, Content_Length=None), "two-lengths": response(ALLOW, content_length=3),
    "sign": response(ALLOW, Content_Length="+9"), "huge-length": response(ALLOW, Content_Length=99999999),
    "chunked": response(ALLOW, Transfer_Encoding="chunked"), "long-head": response(ALLOW, X="x" * 9000),
    "no-json": response(b"allow"), "empty": response(b""), "array": response(b"[]"), "truncated": response(b'{"v":1,'),
    "version": response(ALLOW | {"v": 2}), "no-version": response({name: ALLOW[name] for name in ALLOW if name != "v"}),
    "verdict": response(ALLOW | {"verdict": "Allow"}), "unknown-verdict": response(ALLOW | {"verdict": "permit"}),
    "no-verdict": response({name: ALLOW[name] for name in ALLOW if name != "verdict"}),
    "unknown-member": response(ALLOW | {"also": 1}), "array-of": response([ALLOW]),
    "duplicate": response(b'{"v":1,"verdict":"deny","verdict":"allow","reason":"x","text":""}'),
    "surrogate": response(b'{"v":1,"verdict":"allow","reason":"x","text":"\\ud800"}'),
    "deep": response(b'{"v":1,"verdict":"rewrite","reason":"x","text":"","args":{"a":' + b"[" * 400 + b"]" * 400 + b"}}"),
}


@pytest.mark.parametrize("fault", WRONG)
def test_an_odd_answer_is_a_refusal(hooks, gateway, fault):
    gateway.answer = WRONG[fault]
    done = hooks.run()
    assert done.refused and "(hook-gateway)" in done.said, done


def test_a_gateway_that_is_not_there_is_a_refusal(hooks, gateway):
    gateway.close()
    assert hooks.run().refused
    hooks.socket.unlink()
    assert hooks.run().refused


@pytest.mark.parametrize("host, event, output", [
    ("claude-code", {"hook_event_name": "Stop"}, {"continue": False}),
    ("claude-code", {"hook_event_name": "PostToolUse", "tool_response": {"stdout": "x"}},
     {"continue": False, "decision": "block"}),
    ("cursor", {"hook_event_name": "beforeSubmitPrompt", "conversation_id": "c", "prompt": "x"}, {"continue": False})])
def test_without_a_gateway_an_event_that_exit_2_does_not_stop_is_stopped_by_its_contract(hooks, gateway, host, event, output):
    """Exit 2 at Stop makes Claude Code go on, and at PostToolUse the model gets the result."""
    gateway.answer = b""
    done = hooks.run(host, given=EVENT | event)
    said = json.loads(done.output)
    assert {name: said[name] for name in output} == output and done.code == (2 if host == "cursor" else 0), done


# What the host writes.

INPUTS = {
    "empty": b"", "space": b" \n", "text": b"hello", "truncated": b'{"session_id":"1"', "array": b"[]", "null": b"null",
    "two": b"{}{}", "bom": b"\xef\xbb\xbf{}", "utf8": b'{"a":"\xff"}', "surrogate": b'{"a":"\\ud800"}',
    "duplicate": b'{"session_id":"1","session_id":"2"}', "deep": b'{"a":' + b"[" * 128 + b"]" * 128 + b"}",
    "too-large": b'{"a":"' + b"x" * (8 * MEBIBYTE - 7) + b'"}', "endless": b" " * (12 * MEBIBYTE),
    "no-session": json.dumps({name: EVENT[name] for name in EVENT if name != "session_id"}).encode(),
    "no-tool": json.dumps({name: EVENT[name] for name in EVENT if name != "tool_name"}).encode(),
    "no-arguments": json.dumps({name: EVENT[name] for name in EVENT if name != "tool_input"}).encode(),
}


@pytest.mark.parametrize("fault", INPUTS)
def test_bad_input_is_a_refusal_without_a_question(hooks, gateway, fault):
    done = hooks.run(given=INPUTS[fault])
    assert done.refused and "(bad-host-input) bad host input" in done.said and gateway.requests == [], done


def test_eight_mebibytes_of_input_are_decided(hooks, gateway):
    text = json.dumps(EVENT | {"tool_input": {"command": ""}})
    whole = text.replace('"command": ""', '"command": "%s"' % ("x" * (8 * MEBIBYTE - len(text))))
    assert len(whole) == 8 * MEBIBYTE
    done = hooks.run(given=whole.encode())
    assert done.code == 0 and len(gateway.requests[0][1]) > 8 * MEBIBYTE - 1000, done


STOPPED = {"continue": False, "decision": "block"}
# The event after a tool: its name, the exit code, and the members by which the host ends the turn, of those that exit 2 does not stop.
AFTER_TOOL = {"claude-code": ("PostToolUse", 0, STOPPED), "codex": ("PostToolUse", 0, STOPPED), "gemini-cli": ("AfterTool", 2, None),
              "cursor": ("postToolUse", 2, None), "copilot": ("postToolUse", 0, {"modifiedResult": None})}


@pytest.mark.parametrize("host", AFTER_TOOL)
def test_a_result_of_more_than_eight_mebibytes_is_withheld_as_the_host_can(hooks, gateway, host):
    """Its beginning is a whole event with a small result, which must not stand for it."""
    name, code, members = AFTER_TOOL[host]
    event = EVENT | {"hook_event_name": name, "conversation_id": "c", "sessionId": "s", "toolName": "bash", "toolArgs": {},
                     "tool_response": {"stdout": "result-of-the-tool", "stderr": "", "interrupted": False}}
    given = json.dumps(event).encode()
    for more in (b" " * (8 * MEBIBYTE + 1 - len(given)), b" " * (16 * MEBIBYTE)):
        done = hooks.run(host, "--event", name, given=given + more)
        assert done.code == code and gateway.requests == [] and b"result-of-the-tool" not in done.output, done
        if members is None:
            assert done.refused and "(bad-host-input)" in done.said, done
            continue
        said = json.loads(done.output)
        told = {"modifiedResult": None} if "modifiedResult" in said else {key: said[key] for key in ("continue", "decision")}
        assert told == members and done.said == "", done
        text = said["modifiedResult"]["textResultForLlm"] if "modifiedResult" in said else said["reason"]
        assert text.startswith("interlock: denied (bad-host-input) "), done
    # The same event without the rest is one that the gateway is asked about.
    assert hooks.run(host, "--event", name, given=given).code == 0 and len(gateway.requests) == 1


@pytest.mark.parametrize("words", [[""], ["claude"], ["Claude-Code"], ["claude-code", "x"], ["claude-code", "--event"],
                                   ["claude-code", "--event", "a", "b"], ["--help"], ["claude-code", "-event", "a"]])
def test_a_wrong_command_line_is_a_refusal(hooks, gateway, words):
    done = hooks.run(*words)
    assert done.refused and "(hook-usage)" in done.said and gateway.requests == [], done


# The main program.

def test_the_main_program_starts_the_adapter_beside_it(hooks, gateway, binary):
    folder = hooks.folder / "bin"
    folder.mkdir()
    shutil.copy(binary, folder / "interlock")
    command = [folder / "interlock", "hook"]
    done = hooks.run(program=command)
    assert done.refused and f"cannot run `{folder}/interlock-hook`" in done.said and gateway.requests == [], done
    shutil.copy(hooks.program, folder / "interlock-hook")
    done = hooks.run("claude-code", "--event", "PreToolUse", program=command)
    assert (done.code, done.output, done.said) == (0, b"", "") and len(gateway.requests) == 1
    gateway.answer = response(DENY)
    assert hooks.run(program=command).refused
