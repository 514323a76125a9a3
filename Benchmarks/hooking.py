#!/usr/bin/env python3
"""The bars of hooks (docs/specs/coding-agents.md, section 16), outside a run, with a real gateway whose records are durable:

- from the tool call of a scripted model to its result, in the real Claude Code: without a hook, with a hook that runs `/bin/true`
  and with the adapter, in turns;
- from the start of the adapter to its end, beside a start of `true`, in turns; the answer of the gateway alone, to a client that
  is running already; and what one durable write costs on this disk.

Alone: `.build/python/tests/bin/python Benchmarks/hooking.py --binary .build/release/interlock`; otherwise a part of `make bench`.
Needs root, for a private /etc, and the environments `tests` and `hosts` of `scripts/setup`.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from statistics import median, quantiles

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "Tests" / "EndToEnd"), str(HERE.parent / "Examples" / "support")]

import rows  # noqa: E402
from claudecode import ClaudeCode, Model, result, settings_for  # noqa: E402
from deployment import Deployment  # noqa: E402
from hooking import EVENT, USER, Gateway  # noqa: E402
from people import People  # noqa: E402

ROUNDS, TOOLS, STARTS, UNMEASURED = 5, 6, 100, 5
OWNER, OTHER = "ada@bench.example", "sam@bench.example"
PEOPLE = {OWNER: ["resume"], OTHER: ["resume"]}
POLICY = f"""\
interlock: 1
org: acme
owners: [{OWNER}, {OTHER}]
tiers: {{low: {{classes: [read], calls: 1000000/m}}}}
agents:
  coder:
    owner: {OWNER}
    purpose: Runs the same tools again and again
    tier: low
    stage: supervised
    review_by: {date.today() + timedelta(days=60)}
    hooks: {{uid: {USER}}}
    mcp_scopes: {{host: [read]}}
"""
READ = {"tool_name": "Read", "tool_input": {"file_path": "/workspace/a.txt"}}
# Run as the user, in its namespace. Each line of standard input is a way and the text that it gets; each answer is a time in ms.
LOOP = """\
import json, os, socket, sys, time
adapter, path, head = sys.argv[1], sys.argv[2], sys.argv[3]

def start(program, words, text):
    read, write = os.pipe()
    os.write(write, text)
    os.close(write)
    begin = time.perf_counter()
    pid = os.posix_spawn(program, words, {}, file_actions=[(os.POSIX_SPAWN_DUP2, read, 0)])
    code = os.waitpid(pid, 0)[1]
    took = time.perf_counter() - begin
    os.close(read)
    assert code == 0, (program, code)
    return took

def ask(text):
    begin = time.perf_counter()
    with socket.socket(socket.AF_UNIX) as one:
        one.connect(path)
        one.sendall((head + "\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(text)).encode() + text)
        answer = one.recv(65536)
        took = time.perf_counter() - begin
    assert b'"allow"' in answer, answer
    return took

ways = {"true": lambda text: start("/usr/bin/true", ["true"], text), "gateway": ask,
        "adapter": lambda text: start(adapter, [adapter, "claude-code"], text)}
for line in sys.stdin:
    way, text = json.loads(line)
    print(1000 * ways[way](text.encode()), flush=True)
"""


class TimedModel(Model):
    """Measures the time from each tool call to the request that brings its result."""

    def __init__(self):
        super().__init__()
        self.sent, self.awaited = 0.0, 0
        self.took: list[float] = []

    def answer(self, path: str, body: dict) -> tuple[str, bytes]:
        now = time.perf_counter()
        if body.get("tools") and "count_tokens" not in path:
            content = [part for one in body["messages"] if isinstance(one["content"], list) for part in one["content"]]
            results = [part for part in content if part.get("type") == "tool_result"]
            assert not any(one.get("is_error") for one in results), results
            if self.awaited and len(results) == self.awaited:
                self.took.append(1000 * (now - self.sent))
            self.awaited = len(results) + 1
        made = super().answer(path, body)
        self.sent = time.perf_counter()
        return made

    def times(self) -> list[float]:
        """The times since the last call of this function, in ms."""
        took, self.took, self.awaited = self.took, [], 0
        return took


class House:
    """The real gateway and the real host, and a user whom the policy names."""

    def __init__(self, binary: Path, people: People):
        self.base = Path(tempfile.mkdtemp(prefix="interlock-hooking-", dir="/var/tmp"))
        self.base.chmod(0o755)
        self.socket = self.base / "hooks.sock"
        self.claude = ClaudeCode(binary.parent / "interlock-hook", TimedModel)
        policy = self.base / "policy.yaml"
        policy.write_text(POLICY)
        self.gateway = Deployment(binary, self.base / "made", policy, people, segment="8MiB")
        self.gateway.init()
        self.gateway.configure("listeners", hooks_socket=f'"{self.socket}"')

    def wire(self) -> tuple[str, str]:
        """The head and the body that the adapter sends of a Read: a gateway of the tests takes them."""
        taken = Gateway(self.claude.socket)
        try:
            done = self.claude.run(given=EVENT | READ)
            assert done.code == 0, done
            (head, body), = taken.requests
            lines = [one for one in head.split("\r\n") if not one.lower().startswith("content-length:")]
            return "\r\n".join(lines), body.decode()
        finally:
            taken.close()

    def start(self) -> None:
        self.gateway.start()
        self.claude.write({"socket": str(self.socket)})

    def close(self) -> None:
        self.gateway.kill()
        self.claude.close()
        shutil.rmtree(self.base, ignore_errors=True)


def in_host(house: House) -> dict[str, list[float]]:
    """The times from tool call to result, in ms: the median of each session, in turns."""
    claude = house.claude
    plain = settings_for(claude.program)
    del plain["hooks"]
    ways = {"no hook": plain, "/bin/true": settings_for(Path("/bin/true")), "interlock": settings_for(claude.program)}
    found = {name: [] for name in ways}
    for number in range(ROUNDS + 1):
        for name, settings in ways.items():
            claude.renew()
            claude.write({"socket": str(house.socket)})
            claude.manage("claude-code/managed-settings.json", settings)
            notes = [claude.write_own(claude.project / f"note{one}.txt", "one line\n") for one in range(TOOLS)]
            claude.model.times()
            session = claude.ask(calls=[("Read", {"file_path": str(note)}) for note in notes])
            times = claude.model.times()
            assert session.code == 0 and result(session).get("is_error") is False, session
            assert len(times) == TOOLS, (name, times, session)
            if number:
                found[name].append(median(times))
    return found


def of_adapter(house: House, wire: tuple[str, str]) -> dict[str, list[float]]:
    """The times of each way of the loop, in ms, in turns."""
    head, body = wire
    loop = house.claude.start(program=["/usr/bin/python3", "-c", LOOP, str(house.claude.program), str(house.socket), head],
                              text=True, bufsize=1)

    def take(way: str, text: str) -> float:
        loop.stdin.write(json.dumps([way, text]) + "\n")
        loop.stdin.flush()
        return float(loop.stdout.readline() or loop.stderr.read())

    found: dict[str, list[float]] = {"true": [], "adapter": [], "gateway": []}
    for number in range(STARTS + UNMEASURED):
        for way in found:
            # Another file each time: the same call again and again is a loop, which the gateway stops.
            call, path = f"toolu_{way}_{number}", f"/workspace/{way}-{number}.txt"
            event = EVENT | READ | {"session_id": "s-adapter", "tool_use_id": call, "tool_input": {"file_path": path}}
            text = json.dumps(event)
            if way == "gateway":
                text = body.replace(EVENT["tool_use_id"], call).replace(EVENT["session_id"], "s-gateway")
                text = text.replace(READ["tool_input"]["file_path"], path)
            took = take(way, text)
            if number >= UNMEASURED:
                found[way].append(took)
            if way == "adapter":
                # Its end, so that no more calls are open than a host has.
                take(way, json.dumps(event | {"hook_event_name": "PostToolUse", "tool_response": {"content": "as it was"}}))
    loop.stdin.close()
    loop.wait(10)
    return found


def go_ahead(pid: int) -> None:
    """Schedules all threads of a process, and what they start, before the programs of an ordinary priority."""
    for thread in os.listdir(f"/proc/{pid}/task"):
        os.sched_setscheduler(int(thread), os.SCHED_RR, os.sched_param(10))


def measure(binary: Path, is_ahead: bool = False) -> dict:
    if is_ahead:
        go_ahead(os.getpid())
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder, People(Path(folder) / "people", PEOPLE) as people:
        flush = subprocess.run([rows.compiled("flush", Path(folder)), Path(folder) / "flush.bin", "1"], capture_output=True,
                               text=True, timeout=60, check=True)
        house = House(binary, people)
        try:
            wire = house.wire()
            house.start()
            if is_ahead:  # its threads have classes of their own
                go_ahead(house.gateway.process.pid)
            times, hosted = of_adapter(house, wire), in_host(house)
            durable = [one["t"] for one in house.gateway.records(2000)].count("call.intent")
            assert durable >= 2 * (STARTS + UNMEASURED) + (ROUNDS + 1) * TOOLS, durable
        finally:
            house.close()
    found = {"claude_code": house.claude.version, "call_to_result_ms": {name: median(one) for name, one in hosted.items()},
             "call_to_result_rounds_ms": {name: [round(value, 1) for value in one] for name, one in hosted.items()},
             "start_to_exit_ms": {name: {"median": median(one), "p95": quantiles(one, n=20)[18]} for name, one in times.items()},
             "flush_p50_us": json.loads(flush.stdout)["p50_us"], "load": os.getloadavg()[0]}
    return found | {"bars": bars(found)}


def bars(found: dict) -> list[tuple]:
    """The (label, value, unit, bar, whether it is the most) of each line."""
    host, start = found["call_to_result_ms"], found["start_to_exit_ms"]
    return [("Claude Code, tool call to result, of a hook that runs true", host["interlock"] / host["/bin/true"], "x", 1.25, True),
            ("adapter to its verdict, p95 added to a start of true", start["adapter"]["p95"] - start["true"]["p95"], "ms", 5, True)]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--binary", type=Path, required=True)
    arguments.add_argument("--ahead", action="store_true", help="run before other programs, on a machine that has other work")
    arguments.add_argument("--json", action="store_true", help="print the figures alone")
    given = arguments.parse_args()
    found = measure(given.binary.absolute(), given.ahead)
    print(json.dumps(found, indent=None if given.json else 2))
    if not given.json:
        for what, value, unit, bar, _ in found["bars"]:
            print(f"{what:62} {value:8.2f} {unit:3} <= {bar}")


if __name__ == "__main__":
    main()
