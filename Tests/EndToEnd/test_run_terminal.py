"""`interlock run` at a terminal, with limits of a cgroup, with a sandbox that its command line widens, and across a restart
of its gateway."""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import threading
import time
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from addresses import ADA, SAM
from replying import reply
from sandboxing import housed

TERMS = f"""\
    owner: {ADA}
    purpose: Fixes bugs
    tier: low
    stage: trusted
    approvers: team
    review_by: {date.today() + timedelta(days=60)}
"""
POLICY = f"""\
interlock: 1
org: acme
owners: [{ADA}, {SAM}]
approvals:
  team: {{members: [{ADA}, {SAM}], expires: 15m}}
servers:
  desk:
    connect: {{http: "http://127.0.0.1:PORT/mcp"}}
    reviewed: {{by: {ADA}, on: {date.today()}, trust: internal}}
    tools: {{look: {{class: read}}}}
agents:
  fixer:
{TERMS}    mcp_scopes: {{desk: [{{tool: look, sandboxed: true}}]}}
    sandbox: {{cli_may_widen: true, limits: {{wall: 60s, memory: 64MiB}}}}
  always:
{TERMS}    sandbox: {{tty: always, limits: {{wall: 60s}}}}
  strict:
{TERMS}    sandbox: {{limits: {{require_cgroup: true}}}}
"""


class Desk(BaseHTTPRequestHandler):
    """An MCP server with one tool."""

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        results = {
            "initialize": {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}},
                           "serverInfo": {"name": "desk", "version": "1"}},
            "tools/list": {"tools": [{"name": "look", "description": "looks", "inputSchema": {"type": "object"}}]},
            "tools/call": {"content": [{"type": "text", "text": "looked"}]}, "ping": {}}
        if "id" not in asked:
            reply(self, 202)
        elif asked["method"] in results:
            reply(self, 200, {"jsonrpc": "2.0", "id": asked["id"], "result": results[asked["method"]]})
        else:
            reply(self, 200, {"jsonrpc": "2.0", "id": asked["id"], "error": {"code": -32601, "message": "no such method"}})

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def house(binary, tmp_path_factory):
    desk = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    desk.daemon_threads = True
    threading.Thread(target=desk.serve_forever, daemon=True).start()
    policy = POLICY.replace("PORT", str(desk.server_address[1]))
    try:
        with housed(binary, tmp_path_factory, policy) as made:
            made.start()
            yield made
    finally:
        desk.shutdown()


class Typist:
    """A person at a terminal of 30 rows and 100 columns who runs one command."""

    def __init__(self, words: list[str], output: int | None = None):
        self.ours, self.theirs = pty.openpty()
        self.resize(30, 100)
        self.before = termios.tcgetattr(self.theirs)
        self.shown = b""
        self.process = subprocess.Popen(
            words, stdin=self.theirs, stdout=output or self.theirs, stderr=self.theirs, start_new_session=True, cwd="/",
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            env={"PATH": os.environ["PATH"], "TERM": "xterm-256color", "SWIFT_BACKTRACE": "enable=no"})

    def resize(self, rows: int, columns: int) -> None:
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def until(self, text: str, seconds: float = 15) -> bytes:
        deadline = time.monotonic() + seconds
        while text.encode() not in self.shown:
            assert time.monotonic() < deadline, (text, self.shown)
            if select.select([self.ours], [], [], 0.1)[0]:
                self.shown += os.read(self.ours, 65536)
        end = self.shown.index(text.encode()) + len(text)
        found, self.shown = self.shown[:end], self.shown[end:]
        return found

    def type(self, text: str) -> None:
        os.write(self.ours, text.encode())

    @property
    def is_raw(self) -> bool:
        return not termios.tcgetattr(self.theirs)[3] & termios.ICANON

    def await_raw(self) -> None:
        deadline = time.monotonic() + 5
        while not self.is_raw:
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def end(self) -> int:
        """The exit code. The terminal is as it was before."""
        code = self.process.wait(15)
        assert termios.tcgetattr(self.theirs) == self.before
        self.shown += b"".join(iter(lambda: os.read(self.ours, 65536) if select.select([self.ours], [], [], 0)[0] else b"", b""))
        os.close(self.ours)
        os.close(self.theirs)
        return code


INSIDE = """\
import fcntl, os, signal, sys, termios
def tried(target):
    try:
        fcntl.ioctl(target, termios.TIOCSTI, b"x")
    except OSError as error:
        return error.errno
signal.signal(signal.SIGWINCH, lambda *_: os.write(1, b"now %d %d\\n" % tuple(reversed(os.get_terminal_size()))))
size = os.get_terminal_size()
print("seen", size.lines, size.columns, os.environ["TERM"], [os.isatty(n) for n in (0, 1, 2)], os.tcgetpgrp(0) == os.getpgrp(),
      tried(0), tried(os.open("/dev/tty", os.O_RDWR)), "ready", flush=True)
line = sys.stdin.readline().strip()
try:
    print("got", line, flush=True)
    sys.stdin.readline()
except KeyboardInterrupt:
    sys.exit(5)
"""


@pytest.mark.requirement("R075")
def test_a_command_gets_a_terminal_of_its_own(house):
    at = Typist(house.command("python3", "-c", INSIDE))
    seen = at.until("ready").decode()
    assert "seen 30 100 xterm-256color [True, True, True] True 1 1 ready" in seen, seen
    at.await_raw()
    at.resize(41, 77)
    at.until("now 41 77")
    # What is typed is echoed inside, not outside, and a key that makes a signal makes it inside.
    at.type("words\r")
    at.until("got words")
    at.type("\x03")
    assert at.end() == 5
    # The terminal inside may have echoed the key as `^C` before, without a new line.
    assert json.loads(at.shown.decode().splitlines()[-1].removeprefix("^C"))["source"] == "agent"


def test_the_terminal_is_restored_on_every_way_out(house):
    script = "echo rea''dy; read line; echo got $line"
    for number, code in [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGSEGV, -11)]:
        at = Typist(house.command("sh", "-c", script))
        at.until("ready")
        at.await_raw()
        at.process.send_signal(number)
        assert at.end() == code
    # A run that is suspended gives its terminal back, and takes it again when it is continued.
    at = Typist(house.command("sh", "-c", script))
    at.until("ready")
    at.await_raw()
    at.process.send_signal(signal.SIGTSTP)
    _, status = os.waitpid(at.process.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status) and termios.tcgetattr(at.theirs) == at.before
    at.process.send_signal(signal.SIGCONT)
    at.await_raw()
    at.type("on\r")
    at.until("got on")
    assert at.end() == 0


def test_what_is_redirected_is_no_terminal_inside(house, tmp_path):
    with (tmp_path / "out").open("w+b") as file:
        at = Typist(house.command("sh", "-c", "test -t 0 && test ! -t 1 && echo out; echo sho''wn >/dev/tty; cat"), file.fileno())
        at.until("shown")
        at.type("line\r\x04")  # the end of file, at the start of a line
        assert at.end() == 0
    assert (tmp_path / "out").read_bytes() == b"out\nline\n"
    # Without a caller's terminal `auto` means pipes, and `always` means a terminal whose input ends with the caller's.
    assert house.run("sh", "-c", "test -t 0 || cat", given="piped")[:2] == (0, "piped")
    code, out, _ = house.run("sh", "-c", "test -t 0 && cat && stty size && echo error >&2", agent="always", given="typed\n")
    # The terminal's `\r\n` is read as `\n` here.
    assert (code, out) == (0, "typed\n24 80\nerror\n")


def delegated(user: str) -> Path | None:
    """A cgroup v2 of the user, or None if there is no such tree here or it cannot be made."""
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        left, _, right = line.partition(" - ")
        if right.startswith("cgroup2 "):
            made = Path(left.split()[4]) / f"interlock-test-{os.getpid()}"
            try:
                made.mkdir()
            except OSError:
                return None
            for name in ("", "cgroup.procs", "cgroup.subtree_control"):
                subprocess.run(["chown", user, made / name], check=True)
            return made
    return None


def test_a_delegated_cgroup_holds_every_process_of_a_run(house):
    place = delegated(house.user.name) if house.user.name else None
    if place is None:
        pytest.skip("no cgroup v2 can be delegated here")
    try:
        with subprocess.Popen(house.command("sh", "-c", "sleep 60 & sleep 60 & echo up; wait"), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, cwd="/", env={"PATH": os.environ["PATH"]},
                              preexec_fn=lambda: (place / "cgroup.procs").write_text(str(os.getpid()))) as running:
            assert running.stdout.readline() == "up\n"
            (own,) = place.glob("interlock-01*")
            # pid 1, the shell and its two children; the supervisor is in a leaf of its own.
            assert len((own / "cgroup.procs").read_text().split()) == 4
            assert list(place.glob("interlock-supervisor-*")) and (place / "cgroup.procs").read_text() == ""
            running.send_signal(signal.SIGTERM)
            _, error = running.communicate(timeout=10)
        assert running.returncode == 143 and not own.exists(), error
        controllers = (place / "cgroup.controllers").read_text().split()
        report = json.loads(error.splitlines()[-1])
        kept = {one["name"] for one in house.records(report["run"]) if one["t"] == "limit.degraded"}
        assert kept == {"cpu", "memory"} - set(controllers)
    finally:
        for folder in [*place.glob("*/"), place]:
            folder.rmdir()


def test_limits_that_are_not_kept_or_reached_are_on_record(house):
    code, _, report = house.run("python3", "-c", "x = bytearray(30 << 20)")
    found = house.records(report["run"])
    assert code == 0 and found[-1]["t"] == "run.end" and found[-1]["rss"] > 30 << 20
    lost = [(one["name"], one["code"], one["amt"]) for one in found if one["t"] == "limit.degraded"]
    assert lost == [("cpu", "no-cgroup", 2), ("memory", "no-cgroup", 64 << 20)] and found[0]["deg"] == ["cpu", "memory"]
    assert any("cannot be kept" in line for line in report["said"])
    code, _, report = house.run("sleep", "60", options=("--wall", "1s"))
    hit, end = house.records(report["run"])[-2:]
    assert (code, hit["t"], hit["name"], hit["amt"], end["code"]) == (124, "limit.hit", "wall", 1, "wall")
    code, _, report = house.run("true", agent="strict")
    assert (code, report["reason"], report["run"]) == (70, "no-cgroup", None)


@pytest.mark.requirement("R076")
def test_a_command_line_widens_only_a_policy_that_lets_it(house):
    shared = house.make_project("shared", {"note.txt": "read me\n"})
    widening = ("--read", str(shared), "--allow", "api.example.com:443")
    code, out, report = house.run("cat", str(shared / "note.txt"), options=widening)
    assert (code, out) == (0, "read me\n")
    start = house.records(report["run"])[0]
    assert start["wide"] == 2
    code, _, report = house.run("true", agent="always", options=widening)
    assert (code, report["reason"], report["run"]) == (77, "widening", None)
    assert house.run("true", options=("--read", "/root"))[2]["reason"] == "read"
    assert house.run("true", options=("--allow", "127.0.0.1:443"))[0] == 64
    # Another policy is compiled to look at it, and never run.
    other = house.base / "other.yaml"
    text = (house.base / "policy.yaml").read_text()
    other.write_text(text.replace("wall: 60s, memory", "wall: 90s, memory"))
    dry = subprocess.run(house.command("true", options=("--policy", str(other), "--dry-run")), capture_output=True, text=True,
                         cwd="/", timeout=30)
    assert dry.returncode == 0 and "limit wall 90 s" in dry.stdout.splitlines(), dry.stderr
    code, _, report = house.run("true", options=("--policy", str(other)))
    assert (code, report["run"]) == (77, None)


ASKING = """\
import http.client, json, sys
def ask(method, params, session=None):
    connection = http.client.HTTPConnection("127.0.0.1", 3128, timeout=5)
    headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream",
               "MCP-Protocol-Version": "2025-06-18", **({"Mcp-Session-Id": session} if session else {})}
    connection.request("POST", "/mcp", json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}), headers)
    response = connection.getresponse()
    return response.getheader("Mcp-Session-Id"), response.read().decode()
print("up", flush=True)
for line in sys.stdin:
    try:
        session, _ = ask("initialize", {"protocolVersion": "2025-06-18", "capabilities": {},
                                        "clientInfo": {"name": "inside", "version": "1"}})
        print(json.dumps(ask("tools/call", {"name": "desk__look", "arguments": {}}, session)[1]), flush=True)
    except OSError as error:
        print(json.dumps(str(error)), flush=True)
"""


@pytest.mark.requirement("R079")
def test_a_run_stays_attested_across_a_restart_of_its_gateway(house):
    running = house.begin("python3", "-c", ASKING)

    def looked(seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            running.stdin.write("look\n")
            running.stdin.flush()
            said = running.stdout.readline()
            if "looked" in said:
                return True
            time.sleep(0.2)
        return False

    try:
        assert running.stdout.readline() == "up\n"
        assert looked(30)
        house.gateway.kill()
        house.start()
        # Until the log is read a call waits for people, and this client gives up.
        assert looked(30)
        running.stdin.close()
        assert running.wait(20) == 0
    finally:
        running.kill()
        running.wait()
        running.stdout.close()
        running.stderr.close()
