"""R039: the hook adapter ends with exit 0 or 2 and with nothing else, whatever signals, closed streams, faults and the limits of
its host do to it (docs/specs/coding-agents.md, sections 2 and 16)."""

import json
import os
import resource
import shutil
import signal
import socket
import struct
import subprocess
import time
from pathlib import Path

import pytest

from conftest import missing
from hookfixtures import gateway, hooks  # noqa: F401
from hooking import ALLOW, DENY, EVENT, Gateway, response

pytestmark = pytest.mark.requirement("R039")

HOSTS = ("claude-code", "codex", "gemini-cli", "cursor", "copilot")
MEBIBYTE = 1 << 20


# The time limit.

def test_the_host_hears_a_refusal_before_it_gives_up(hooks, gateway):
    """The timer that each host gets, without waiting for it."""
    if shutil.which("strace") is None:
        missing("no strace: run scripts/setup")
    for host in HOSTS:
        trace = hooks.folder / "timers"
        trace.write_bytes(b"")
        trace.chmod(0o666)
        hooks.run(host, wrapper=["strace", "-qq", "-o", str(trace), "-e", "trace=setitimer"], as_root=True)
        timers = [line for line in trace.read_text().splitlines() if "ITIMER_REAL" in line]
        seconds = [float(f"{line.split('it_value={tv_sec=')[1].split(',')[0]}") for line in timers]
        limit = 10 if host == "copilot" else 25
        assert len(seconds) == 2 and 9 <= seconds[0] <= 10 and limit - 1 <= seconds[1] <= limit, (host, timers)


@pytest.mark.stress
@pytest.mark.parametrize("host, limit", [("copilot", 10), ("claude-code", 25)])
def test_a_gateway_that_does_not_answer_is_a_refusal_in_time(hooks, gateway, host, limit):
    gateway.answer = None
    begun = time.monotonic()
    done = hooks.run(host, *(["--event", "preToolUse"] if host == "copilot" else []), timeout=40,
                     given={"sessionId": "1", "timestamp": 1, "cwd": "/", "toolName": "bash", "toolArgs": "{}"} | EVENT)
    assert limit - 1 < time.monotonic() - begun < limit + 1
    assert done.refused and "(hook-timeout)" in done.said


# Signals.

LEFT = {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD, signal.SIGCONT, signal.SIGURG, signal.SIGWINCH}
CAUGHT = [number for number in signal.valid_signals() if number not in LEFT and not 31 < number < signal.SIGRTMIN]


def refused_by(started: subprocess.Popen, number: int, pid: int | None = None) -> None:
    os.kill(pid or started.pid, number)
    output, said = started.communicate(timeout=10)
    assert (started.returncode, output, said.count(b"\n")) == (2, b"", 1), (number, started.returncode, output, said)
    assert said.startswith(b"interlock: denied (hook-")


def test_each_signal_that_ends_or_stops_a_process_is_a_refusal(hooks, gateway):
    gateway.answer = None
    for number in CAUGHT:
        gateway.came.clear()
        started = hooks.start()
        started.stdin.write(json.dumps(EVENT).encode())
        started.stdin.close()
        assert gateway.came.wait(10)
        started.stdin = None
        refused_by(started, number)
    assert len(CAUGHT) > 50 and {signal.SIGSEGV, signal.SIGTERM, signal.SIGPIPE, signal.SIGXCPU} < set(CAUGHT)


def test_signals_that_the_host_ignores_or_blocks_are_refusals_too(hooks, gateway):
    def block():
        for number in CAUGHT:
            signal.signal(number, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())

    gateway.answer = None
    for number in (signal.SIGTERM, signal.SIGSEGV, signal.SIGALRM, signal.SIGXFSZ):
        gateway.came.clear()
        started = hooks.start(also=block)
        started.stdin.write(json.dumps(EVENT).encode())
        started.stdin.close()
        started.stdin = None
        assert gateway.came.wait(10)
        refused_by(started, number)


def test_a_signal_while_the_host_still_writes_is_a_refusal(hooks, gateway):
    started = hooks.start()
    started.stdin.write(b'{"session_id":')
    started.stdin.flush()
    time.sleep(0.05)
    started.stdin, kept = None, started.stdin
    refused_by(started, signal.SIGHUP)
    kept.detach()
    assert gateway.requests == []


# The end of a tool, whose result exit 2 would not keep from the model.

RESULT = {"stdout": "result-of-the-tool", "stderr": "", "interrupted": False}
END = EVENT | {"hook_event_name": "PostToolUse", "tool_response": RESULT}
SHAPED = {"stdout": "[withheld]", "stderr": "[withheld]", "interrupted": False}


def asked(hooks, gateway, *words: str, given: dict = END, **streams) -> subprocess.Popen:
    """An adapter whose question reached the gateway, which does not answer."""
    gateway.answer = None
    gateway.came.clear()
    started = hooks.start(*words, **streams)
    started.stdin.write(json.dumps(given).encode())
    started.stdin.close()
    started.stdin = None
    assert gateway.came.wait(10)
    return started


def withheld(output: bytes, result: object = SHAPED) -> bool:
    answer = json.loads(output)
    return ((answer["continue"], answer["decision"]) == (False, "block")
            and answer["reason"].startswith("interlock: denied (hook-failed) ")
            and answer["hookSpecificOutput"] == {"hookEventName": "PostToolUse", "updatedToolOutput": result})


# The first is the end of the time limit.
@pytest.mark.parametrize("number", [signal.SIGALRM, signal.SIGTERM, signal.SIGSEGV, signal.SIGPIPE])
def test_an_adapter_that_is_late_or_stopped_withholds_the_result(hooks, gateway, number):
    started = asked(hooks, gateway)
    started.send_signal(number)
    output, said = started.communicate(timeout=10)
    assert (started.returncode, said) == (0, b"") and withheld(output), (started.returncode, output, said)


@pytest.mark.stress
def test_a_gateway_that_does_not_answer_gets_no_result_to_the_model(hooks, gateway):
    gateway.answer = None
    done = hooks.run(given=END, timeout=40)
    assert (done.code, done.said) == (0, "") and withheld(done.output), done


def test_a_result_whose_copy_is_too_large_is_withheld_by_a_text(hooks, gateway):
    given = END | {"tool_name": "Glob", "tool_input": {"pattern": "*"}, "tool_response": {"filenames": ["name"] * 100_000}}
    started = asked(hooks, gateway, given=given)
    started.send_signal(signal.SIGTERM)
    output, _ = started.communicate(timeout=10)
    assert started.returncode == 0 and withheld(output, "[withheld]"), output[:400]


@pytest.mark.parametrize("host, name, members", [
    ("codex", "PostToolUse", {"continue", "stopReason", "decision", "reason"}), ("copilot", "postToolUse", {"modifiedResult"}),
    ("claude-code", "Stop", {"continue", "stopReason"}), ("gemini-cli", "AfterTool", None), ("cursor", "postToolUse", None)])
def test_a_stopped_adapter_ends_each_event_as_its_host_can(hooks, gateway, host, name, members):
    """Gemini CLI hides a result by exit 2, and Cursor has no means."""
    given = END | {"hook_event_name": name, "conversation_id": "c", "sessionId": "s", "toolName": "bash", "toolArgs": {}}
    started = asked(hooks, gateway, host, "--event", name, given=given)
    if members is None:
        return refused_by(started, signal.SIGTERM)
    started.send_signal(signal.SIGTERM)
    output, said = started.communicate(timeout=10)
    assert (started.returncode, said, set(json.loads(output))) == (0, b"", members), (output, said)
    assert b"result-of-the-tool" not in output


def test_a_signal_before_the_end_of_a_tool_is_read_is_exit_2(hooks, gateway):
    started = hooks.start()
    started.stdin.write(json.dumps(END).encode())
    started.stdin.flush()
    time.sleep(0.05)
    started.stdin, kept = None, started.stdin
    refused_by(started, signal.SIGTERM)
    kept.detach()
    assert gateway.requests == []


def test_a_host_that_does_not_read_gets_exit_2(hooks, gateway):
    reader, writer = full_pipe()
    gone, closed = os.pipe()
    os.close(gone)
    for output in (writer, closed):
        started = asked(hooks, gateway, stdout=output)
        started.send_signal(signal.SIGTERM)
        _, said = started.communicate(timeout=10)
        assert started.returncode == 2 and said.startswith(b"interlock: denied (hook-failed) "), said
    for number in (reader, writer, closed):
        os.close(number)


# Streams.

def full_pipe() -> tuple[int, int]:
    """The ends of a pipe that takes no byte more."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    try:
        while True:
            os.write(writer, b"x" * 65536)
    except BlockingIOError:
        os.set_blocking(writer, True)
    return reader, writer


def test_a_closed_stream_is_a_refusal(hooks, gateway):
    for number in (0, 1, 2):
        done = hooks.run(also=lambda number=number: os.close(number))
        assert done.code == 2 and done.output == b"", (number, done)
        assert (done.said == "") if number == 2 else done.refused, (number, done)
    assert gateway.requests == []


@pytest.mark.parametrize("host", ["claude-code", "cursor"])
def test_an_answer_that_cannot_be_written_is_a_refusal(hooks, gateway, host):
    """Also an allow that has nothing to write."""
    reader, writer = os.pipe()
    os.close(reader)
    given = EVENT | {"conversation_id": "c", "generation_id": "g", "hook_event_name": "PreToolUse"}
    with os.fdopen(writer, "wb") as gone, open("/dev/full", "wb") as full:
        assert hooks.run(host, given=given, stdout=gone).refused
        if host == "cursor":
            assert hooks.run(host, given=cursor(), stdout=full).refused
    ours, theirs = socket.socketpair()
    ours.close()
    with theirs:
        assert hooks.run(host, given=given, stdout=theirs).refused


def cursor() -> dict:
    return {"conversation_id": "c", "generation_id": "g", "hook_event_name": "preToolUse", "tool_name": "Shell",
            "tool_input": {"command": "ls"}, "cursor_version": "1.7", "workspace_roots": ["/workspace"]}


def test_a_limit_on_files_is_a_refusal(hooks, gateway):
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    with open(hooks.folder / "output", "w+b") as output:
        output.truncate(0)
        done = hooks.run("cursor", given=cursor(), stdout=output, also=limit)
        assert done.refused and output.read() == b""


def test_a_line_without_a_reader_does_not_hold_the_refusal_back(hooks, gateway):
    gateway.answer = None
    reader, writer = full_pipe()
    started = hooks.start(stderr=writer)
    started.stdin.write(json.dumps(EVENT).encode())
    started.stdin.close()
    assert gateway.came.wait(10)
    started.send_signal(signal.SIGALRM)
    assert started.wait(5) == 2
    os.close(reader)
    os.close(writer)


# The environment, and what the host's limits leave.

def test_no_variable_of_the_host_changes_anything(hooks, gateway):
    other = Gateway(hooks.folder / "other.sock", answer=response(ALLOW))
    gateway.answer = response(DENY)
    variables = {"INTERLOCK_HOOK": str(hooks.folder / "other.sock"), "INTERLOCK_DIR": str(hooks.folder), "http_proxy": "http://x",
                 "SWIFT_BACKTRACE": "enable=yes,output-to=stdout,swift-backtrace=/bin/true", "SWIFT_HELP": "1",
                 "SWIFT_DEBUG_HELP": "YES", "MALLOC_PERTURB_": "7", "GLIBC_TUNABLES": "glibc.malloc.check=3",
                 "LANG": "tr_TR.UTF-8", "HOME": "/nowhere", "PATH": ""}
    try:
        done = hooks.run(env=variables)
        assert done.refused and other.requests == [], done
    finally:
        other.close()


DYNAMIC, INTERPRETER = 2, 3


def kinds_of_segments(program: Path) -> set[int]:
    image = program.read_bytes()
    start, size, count = struct.unpack_from("<Q", image, 32)[0], *struct.unpack_from("<HH", image, 54)
    return {struct.unpack_from("<I", image, start + number * size)[0] for number in range(count)}


def test_no_library_of_the_host_gets_into_the_adapter(hooks, gateway):
    """A loader that finds no library, or one of the agent's, would end with exit 127 or with any other."""
    if kinds_of_segments(hooks.program) & {INTERPRETER, DYNAMIC}:
        missing("this adapter is not the one of scripts/build")
    compiler = shutil.which("clang") or shutil.which("cc")
    source, library = hooks.folder / "lib.c", hooks.folder / "lib.so"
    source.write_text("#include <unistd.h>\n__attribute__((constructor)) static void now(void) { _exit(0); }\n")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source], check=True)
    gateway.answer = response(DENY)
    assert hooks.run(env={"LD_PRELOAD": str(library), "LD_LIBRARY_PATH": str(hooks.folder)}).refused


LIMITS = {"files": (resource.RLIMIT_NOFILE, 3), "memory": (resource.RLIMIT_AS, 24 * MEBIBYTE),
          "data": (resource.RLIMIT_DATA, 3 * MEBIBYTE), "pending": (resource.RLIMIT_SIGPENDING, 0),
          "stack": (resource.RLIMIT_STACK, 160 << 10), "locked": (resource.RLIMIT_MEMLOCK, 0)}


@pytest.mark.parametrize("limit", LIMITS)
def test_a_limit_of_the_host_never_opens(hooks, gateway, limit):
    if kinds_of_segments(hooks.program) & {INTERPRETER, DYNAMIC}:
        missing("this adapter is not the one of scripts/build, and needs a loader")
    gateway.answer = response(DENY)
    kind, value = LIMITS[limit]
    large = EVENT | {"tool_input": {"command": "x" * (6 * MEBIBYTE)}}
    for given in (EVENT, large):
        assert hooks.run(given=given, also=lambda: resource.setrlimit(kind, (value, value))).refused, limit


@pytest.mark.stress
@pytest.mark.parametrize("fault", ["error=EIO", "error=ENOMEM", "signal=TERM", "signal=SEGV", "signal=ALRM"])
def test_a_fault_at_each_system_call_is_a_refusal(hooks, gateway, fault):
    if shutil.which("strace") is None:
        missing("no strace: run scripts/setup")
    gateway.answer = response(DENY)
    trace = hooks.folder / "calls"

    def traced(*inject: str) -> tuple:
        trace.write_bytes(b"")
        trace.chmod(0o666)
        done = hooks.run(wrapper=["strace", "-qq", "-o", str(trace), *inject])
        return done, [line for line in trace.read_text().splitlines() if not line.startswith(("---", "+++"))]

    # The C library's own start comes before any code of the program (docs/decisions/0102).
    calls = [line.split("(")[0] for line in traced()[1]]
    guarded = calls.index("sigaltstack") if fault.startswith("error") else calls.index("rt_sigprocmask") + 1
    assert guarded < 80 and len(calls) - guarded > 30
    for number in range(guarded + 1, len(calls) + 1):
        done, text = traced("-e", f"inject=all:{fault}:when={number}")
        assert done.code == 2 and done.output == b"", (number, done, text[-3:])
