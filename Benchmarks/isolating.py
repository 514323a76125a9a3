#!/usr/bin/env python3
"""The bars of the sandbox (docs/specs/sandbox.md, section 18): launches, servers on stdio and memory by `launching.py`, and the
proxy of a run beside a plain relay, in turns: bytes a second down one tunnel, and the time from a connection to its first byte.

Alone: `isolating.py --binary .build/release/interlock`; otherwise a part of `make bench`. Needs root, or a user who may start
the gateway.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "Tests" / "EndToEnd"), str(HERE.parent / "Examples" / "support")]

import rows  # noqa: E402
from people import People  # noqa: E402
from sandboxing import SandboxHouse  # noqa: E402

BYTES, ROUNDS, CONNECTIONS = 256 << 20, 5, 40
POLICY = """\
interlock: 1
org: acme
owners: [ada@bench.example, sam@bench.example]
agents:
  fixer:
    owner: ada@bench.example
    purpose: Downloads the same again and again
    tier: low
    stage: supervised
    review_by: {review}
    sandbox: {{egress: [{{host: 127.0.0.1, ports: [{port}], protocol: tcp, private: true}}]}}
"""
CLIENT = """\
import socket, sys, time
port, through, size = int(sys.argv[1]), sys.argv[2] == "proxy", int(sys.argv[3])

def connect():
    one = socket.create_connection(("127.0.0.1", 3128 if through else port))
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if through:
        one.sendall(f"CONNECT 127.0.0.1:{port} HTTP/1.1\\r\\nHost: 127.0.0.1:{port}\\r\\n\\r\\n".encode())
        answer = b""
        while b"\\r\\n\\r\\n" not in answer:
            answer += one.recv(4096)
        assert answer.startswith(b"HTTP/1.1 200"), answer
    return one

def bulk():
    buffer, left = bytearray(1 << 20), size
    with connect() as one:
        begin = time.perf_counter()
        one.sendall(b"s")
        while left > 0:
            left -= one.recv_into(buffer)
        return time.perf_counter() - begin

def first():
    begin = time.perf_counter()
    with connect() as one:
        one.sendall(b"e")
        one.recv(1)
        return time.perf_counter() - begin

for line in sys.stdin:
    print({"bulk": bulk, "first": first}[line.strip()](), flush=True)
"""


class Client:
    def __init__(self, process: subprocess.Popen):
        self.process = process

    def __call__(self, step: str) -> float:
        self.process.stdin.write(step + "\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(20)


def started(program: Path, *words: str) -> tuple[subprocess.Popen, int]:
    process = subprocess.Popen([program, *words], stdout=subprocess.PIPE, text=True)
    return process, int(process.stdout.readline())


def processor_seconds(pid: int) -> float:
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def proxy(binary: Path, relay: Path, people: People) -> dict:
    server, port = started(relay, "serve", str(BYTES))
    forward, relayed = started(relay, "forward", str(port))
    house = SandboxHouse(binary, people, POLICY.format(review=date.today() + timedelta(days=60), port=port))
    try:
        house.start()
        clients = {
            "proxy": Client(house.begin("python3", "-c", CLIENT, str(port), "proxy", str(BYTES))),
            "relay": Client(subprocess.Popen(
                [*house.user.prefix, "/usr/bin/python3", "-c", CLIENT, str(relayed), "relay", str(BYTES)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd="/"))}
        working = {"proxy": clients["proxy"].process.pid, "relay": forward.pid}
        bulk, spent = {name: [] for name in clients}, dict.fromkeys(clients, 0.0)
        first = {name: [] for name in clients}
        for number in range(ROUNDS + 1):
            for name, client in clients.items():
                before = processor_seconds(working[name])
                took = client("bulk")
                if number:
                    bulk[name].append(BYTES / took / 1e6)
                    spent[name] += processor_seconds(working[name]) - before
        for number in range(CONNECTIONS):
            for name, client in clients.items():
                first[name].append(1000 * client("first"))
        for client in clients.values():
            client.close()
        return {"mb_per_second": {name: median(one) for name, one in bulk.items()},
                "cpu_ms_per_mb": {name: 1e9 * one / ROUNDS / BYTES for name, one in spent.items()},
                "first_ms": {name: median(one) for name, one in first.items()},
                "first_least_ms": {name: min(one) for name, one in first.items()}}
    finally:
        house.close()
        for one in (forward, server):
            one.kill()


def measure(binary: Path, programs: dict[str, Path], folder: Path) -> dict:
    folder.mkdir(parents=True)
    launcher = binary.with_name("interlock-launch")
    done = subprocess.run([sys.executable, HERE / "launching.py", "--json", launcher], capture_output=True, text=True,
                          timeout=300, check=True)
    with People(folder / "people", rows.PEOPLE) as people:
        return {**json.loads(done.stdout), "proxy": proxy(binary, programs["relay"], people)}


def bars(found: dict) -> list[tuple]:
    """The (label, value, unit, bar, whether it is the most) of each line."""
    ms, trips = {name: one["median"] for name, one in found["ms"].items()}, found["trip_us"]
    lines = [("launch with listeners, of a plain exec", ms["interlock-launch"] / ms["plain"], "x", 10, True),
             ("launch with listeners, added", ms["interlock-launch"] - ms["plain"], "ms", 5, True)]
    if "bubblewrap" in ms:
        lines.append(("launch with listeners, of bubblewrap", ms["interlock-launch"] / ms["bubblewrap"], "x", 1.25, True))
    lines += [("server on stdio, first answer, added", ms["server, launched"] - ms["server"], "ms", 5, True),
              ("server on stdio, round trip", trips["server, launched"] / trips["server"], "x", 1.1, True),
              ("server on stdio, round trip, of one with a session", trips["server, launched"] / trips["server, session"], "x",
               1.1, True)]
    memory = found["memory_kb"]
    if "bubblewrap" in memory:
        lines.append(("launcher and pid 1, Pss, of bubblewrap's pair", memory["launcher"] / memory["bubblewrap"], "x", 1, True))
    passed, first = found["proxy"]["mb_per_second"], found["proxy"]["first_ms"]
    return [*lines, ("proxy of a run, throughput of a plain relay", passed["proxy"] / passed["relay"], "x", 0.8, False),
            ("proxy of a run, added to a connection", first["proxy"] - first["relay"], "ms", 1, True)]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--binary", type=Path, required=True)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(given.binary.absolute(), {"relay": rows.compiled("relay", Path(folder))}, Path(folder) / "isolating")
    print(json.dumps(found, indent=2))
    for what, value, unit, bar, most in bars(found):
        print(f"{what:50} {value:10.2f} {unit:3} {'<=' if most else '>='} {bar}")


if __name__ == "__main__":
    main()
