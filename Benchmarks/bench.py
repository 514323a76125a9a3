#!/usr/bin/env python3
"""The speed table: direct, nginx and Interlock in the same run, alternating. Use `make bench`.

Writes OUT/result.json and prints the table with the targets. The exit status is 0 even if a target is missed: the table
says so.
"""

import argparse
import json
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import committing
import counting
import deciding
import isolating
import paging
import processes
import profiling
import rows
import speaking
import table
import make_organisation
import wire
from people import People

CONNECTIONS, STEADY_CONNECTIONS = 64, 16
STREAMS_PER_AGENT = 32


def compile_programs(out: Path) -> dict[str, Path]:
    return {name: rows.compiled(name, out) for name in ("upstream", "load", "flush", "yardstick", "relay")}


def flush(program: Path, folder: Path) -> dict:
    done = subprocess.run([program, folder / "flush.bin", "3"], capture_output=True, text=True, timeout=60, check=True)
    return json.loads(done.stdout)


def micro(program: Path, folder: Path) -> dict:
    """Nanoseconds of single steps, decided under the example organisation's policy."""
    made = make_organisation.make(folder, Path("/usr/bin/python3"))
    done = subprocess.run([program, made["policy"]], capture_output=True, text=True, timeout=120, check=True)
    return json.loads(done.stdout)


def stage(program: Path) -> dict:
    """The time of the approval stage for a call that needs no approval, and of such a whole call in process, in ns."""
    done = subprocess.run([program], capture_output=True, text=True, timeout=120, check=True)
    return json.loads(done.stdout)


def workspace(program: Path, folder: Path) -> dict:
    """Milliseconds to prepare a project of 100,000 files and to list its changes, and the same for 1 GB in 1,000 files."""
    folder.mkdir()
    found = {}
    for name, files, size in (("many", 100_000, 200), ("large", 1000, 1_000_000)):
        here = folder / name
        done = subprocess.run([program, here, str(files), str(size)], capture_output=True, text=True, timeout=600, check=True)
        found[name] = json.loads(done.stdout)
        shutil.rmtree(here)
    return found


def scan(program: Path, folder: Path) -> dict:
    """The rate of the search for secrets, and milliseconds to search 20,000 files, cold and warm."""
    done = subprocess.run([program, folder, "20000", "4096"], capture_output=True, text=True, timeout=600, check=True)
    shutil.rmtree(folder)
    return json.loads(done.stdout)


def alone(name: str, given: argparse.Namespace) -> dict:
    """The figures of a benchmark with its own gateway, which needs the Python of the tests."""
    done = subprocess.run([given.pythons.absolute() / "tests" / "bin" / "python", Path(__file__).with_name(f"{name}.py"),
                           "--binary", given.binary.absolute(), "--json"], stdout=subprocess.PIPE, text=True, timeout=600, check=True,
                          env={**os.environ, "INTERLOCK_PYTHONS": str(given.pythons.absolute())})
    return json.loads(done.stdout)


def memory(interlock: rows.Interlock, wanted: int) -> dict:
    """Resident bytes with 1 and with `wanted` connections that have been used, and the bytes that an idle stream
    adds."""
    pids = [interlock.gateway.process.pid]
    ping = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "ping"}).encode()
    head = (f"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:{interlock.port}\r\nContent-Type: application/json\r\n"
            f"Accept: {wire.ACCEPT}\r\n{interlock.headers}Mcp-Session-Id: {interlock.sessions[0]}\r\n"
            f"Content-Length: {len(ping)}\r\n\r\n").encode()
    held = []
    found = {}
    for number in range(1, wanted + 1):
        connection = socket.create_connection(("127.0.0.1", interlock.port), timeout=10)
        connection.sendall(head + ping)
        if not connection.recv(65536).startswith(b"HTTP/1.1 200"):
            raise RuntimeError("a ping was refused")
        held.append(connection)
        if number in (1, wanted):
            time.sleep(0.2)
            found[f"connections_{number}"] = processes.resident_bytes(pids)
    for connection in held:
        connection.close()
    return {**found, **streams(interlock, pids, wanted)}


def streams(interlock: rows.Interlock, pids: list[int], wanted: int) -> dict:
    """Opens idle event streams, one session each; the result is null if the gateway does not offer them."""
    sessions = []
    for agent in interlock.agents[1:1 + -(-wanted // STREAMS_PER_AGENT)]:
        token = interlock.gateway.token(agent, ttl="1h")
        sessions += [wire.Session(interlock.port, token) for _ in range(STREAMS_PER_AGENT)]
    time.sleep(0.2)
    before, held = processes.resident_bytes(pids), []
    for session in sessions[:wanted]:
        connection = socket.create_connection(("127.0.0.1", interlock.port), timeout=10)
        lines = "".join(f"{name}: {value}\r\n" for name, value in session.headers.items() if name != "Content-Type")
        connection.sendall(f"GET /mcp HTTP/1.1\r\nHost: 127.0.0.1:{interlock.port}\r\n{lines}\r\n".encode())
        if not connection.recv(65536).startswith(b"HTTP/1.1 200"):
            connection.close()
            break
        held.append(connection)
    time.sleep(0.5)
    after = processes.resident_bytes(pids)
    for connection in held:
        connection.close()
    return {"streams": len(held), "per_idle_stream": (after - before) / len(held) if held else None}


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--binary", type=Path, help="the release build of interlock; without it that row is left out")
    arguments.add_argument("--micro", type=Path, help="the folder of the programs that measure single steps and decisions")
    arguments.add_argument("--oracles", type=Path, default=Path(".build/python/oracles/bin/python"),
                           help="the Python that has the other policy engines")
    arguments.add_argument("--pythons", type=Path, default=Path(".build/python"),
                           help="the Python environments that have the MCP SDKs and FastMCP")
    arguments.add_argument("--out", type=Path, default=Path(".build/bench"))
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seconds", type=float, default=5, help="of each measurement")
    arguments.add_argument("--ledger-seconds", type=float, default=2, help="of each measurement of the log alone")
    arguments.add_argument("--ledger-size", type=int, default=200_000, help="records of the large log")
    arguments.add_argument("--rate", type=int, default=1000, help="calls a second of the steady load")
    given = arguments.parse_args()
    out = given.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
    programs = compile_programs(out)

    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="run-", dir=out))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        result = {"rounds": given.rounds, "seconds": given.seconds, "rate": given.rate, "cores": os.cpu_count(),
                  "flush": flush(programs["flush"], folder)}
        if given.micro:
            result["steps_ns"] = micro(given.micro / "bench-micro", folder / "organisation")
            result["stage"] = stage(given.micro / "bench-stage")
            result["deciding"] = deciding.measure(
                given.micro / "bench-policy", given.oracles, given.binary, folder / "deciding")
            result["workspace"] = workspace(given.micro / "bench-workspace", folder / "workspace")
            result["scan"] = scan(given.micro / "bench-scan", folder / "scan")
            result["committing"] = committing.measure(
                programs["yardstick"], given.micro / "bench-ledger", folder / "ledger", given.rounds,
                given.ledger_seconds, given.ledger_size,
                given.binary and given.binary.absolute().with_name("interlock-verify"))
        direct = rows.Direct(programs["upstream"])
        stack.callback(direct.close)
        ways: list[rows.Row] = [direct]
        if shutil.which("nginx") or os.path.exists("/usr/sbin/nginx"):
            ways.append(rows.Nginx(direct, folder))
            stack.callback(ways[-1].close)
        if given.binary:
            result["speaking"] = speaking.measure(
                given.binary.absolute(), given.pythons.absolute(), folder / "speaking")
            result["paging"] = paging.measure(
                given.binary.absolute(), given.pythons.absolute() / "tests" / "bin" / "python", programs, folder / "paging")
            result["isolating"] = isolating.measure(given.binary.absolute(), programs, folder / "isolating")
            result["hooking"] = alone("hooking", given)
            result["provenance"] = alone("provenance", given)
            result["finding"] = alone("finding", given)
            if missing := counting.missing_programs():
                print(f"the cost of one call by stage is not measured: {', '.join(missing)} is missing", file=sys.stderr)
            else:
                (folder / "counting").mkdir()
                result["counting"] = counting.measure(given.binary.absolute(), folder / "counting")
            people = stack.enter_context(People(folder / "people", rows.PEOPLE))
            interlock = rows.Interlock(direct, given.binary.absolute(), folder, people)
            stack.callback(interlock.gateway.kill)
            result["start_ms"] = []
            for number in range(given.rounds):
                result["start_ms"].append(interlock.start())
                if number < given.rounds - 1:
                    interlock.gateway.stop()
            interlock.open()
            ways.append(interlock)

        result["rows"] = {way.name: [] for way in ways}
        for number in range(given.rounds):
            for way in ways:
                print(f"round {number + 1} of {given.rounds}: {way.name}", file=sys.stderr)
                result["rows"][way.name].append({
                    "saturation": rows.load(programs["load"], way, CONNECTIONS, given.seconds, 0),
                    "rate": rows.load(programs["load"], way, STEADY_CONNECTIONS, given.seconds, given.rate)})
        if shutil.which("wrk"):
            result["wrk"] = {way.name: {"wrk": rows.wrk(way, CONNECTIONS, max(1, int(given.seconds))),
                                        "load": result["rows"][way.name][-1]["saturation"]["per_second"]}
                             for way in ways}
        if given.binary:
            result["memory"] = memory(interlock, 1000)
            result["profile"] = profiling.record(programs["load"], interlock, CONNECTIONS, out)
            interlock.gateway.stop()
            if interlock.gateway.verify().returncode != 0:
                raise RuntimeError("the ledger of the run does not verify")
            result["targets"] = table.summarise(result)

    (out / "result.json").write_text(json.dumps(result, indent=2) + "\n")
    print(table.text(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
