#!/usr/bin/env python3
"""Whether a call costs more where much is there: the same load on a gateway with few agents, with 10,000, with 10,000 open
runs, and with a log of --records records, in turns; what idle streams take, and what the gateway does at rest.

Alone: growing.py --binary PROGRAM [--rounds N] [--seconds N] [--records N] [--folder DIR]
"""

import argparse
import json
import resource
import shutil
import socket
import sys
import tempfile
import time
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from statistics import median

import bench
import beside
import processes
import rows
from people import People

FEW, MANY = 10, 10_000
STREAMS = 10_000
REST_SECONDS = 30
RECORDS = 1_000_000
FILL_SECONDS = 5
GROWTH, STREAM_KIB, REST_PERCENT = 1.1, 8, 0.2
WAYS = {"few": FEW, "agents": MANY, "runs": FEW, "records": FEW}


class UnixConnection(HTTPConnection):
    def __init__(self, path: Path):
        super().__init__("localhost", timeout=10)
        self.path = str(path)

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def measure(binary: Path, programs: dict[str, Path], folder: Path, rounds: int, seconds: float, records: int) -> dict:
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(2 * STREAMS, most), most))
    with ExitStack() as stack:
        direct = rows.Direct(programs["upstream"])
        stack.callback(direct.close)
        people = stack.enter_context(People(folder / "people", rows.PEOPLE))
        ways: dict[str, rows.Row] = {}
        found: dict = {"rounds": rounds, "seconds": seconds, "records": records, "start_ms": {}}
        for name, agents in WAYS.items():
            print(f"growing: a gateway with {agents:,} agents", file=sys.stderr)
            way = rows.Interlock(direct, binary, folder / name, people, agents)
            stack.callback(way.gateway.kill)
            found["start_ms"][name] = way.start()
            way.open()
            ways[name] = way
        open_runs(ways["runs"], MANY)
        fill(programs["load"], ways["records"], records)
        ways["records"].gateway.stop()
        found["start_ms"]["records"] = ways["records"].start()
        found["rounds_us"] = growth(programs["load"], ways, rounds, seconds)
        time.sleep(15)  # publisher and index have followed
        found["rest_percent"] = at_rest(ways["few"])
        found["streams"] = bench.streams(ways["agents"], ways["agents"].pids()["interlock"], STREAMS)
        return found


def growth(program: Path, ways: dict[str, rows.Row], rounds: int, seconds: float) -> list[dict[str, float]]:
    """The processor time of a call of each way, in microseconds, for each round."""
    def spent() -> dict[str, float]:
        return {name: processes.cpu_seconds(way.pids()["interlock"]) for name, way in ways.items()}

    found = beside.charged_rounds(program, ways, spent, rounds, bench.CONNECTIONS, seconds, 0)
    return [{name: one["cpu_us"] for name, one in round_.items()} for round_ in found]


def open_runs(way: rows.Interlock, count: int) -> None:
    """Opens runs by the operation that `interlock agents token` uses; each lasts as long as its token."""
    for number in range(count):
        connection = UnixConnection(way.gateway.folder / "state" / "interlock.sock")
        body = {"agent": way.agents[number % len(way.agents)], "ttl_s": 8 * 3600, "purpose": "bench"}
        connection.request("POST", "/v1/tokens", json.dumps(body), {"Content-Type": "application/json"})
        response = connection.getresponse()
        if response.status not in (200, 201):
            raise RuntimeError(f"run {number}: {response.status} {response.read()[:500]}")
        response.read()
        connection.close()


def fill(program: Path, way: rows.Interlock, records: int) -> None:
    """Calls until the log has so many records more: two for each call. The agents take turns, because what one may get of
    results in a day is limited."""
    written = 0
    while written < records:
        way.caller = way.agents[written * 2 // records % len(way.agents) + 1]
        print(f"growing: {written:,} of {records:,} records", file=sys.stderr)
        written += 2 * rows.load(program, way, bench.CONNECTIONS, FILL_SECONDS, 0)["sent"]
    way.caller = way.agents[0]


def at_rest(way: rows.Interlock) -> float:
    """The share of one core, in percent, while nothing is called."""
    pids = way.pids()["interlock"]
    before, began = processes.cpu_seconds(pids), time.monotonic()
    time.sleep(REST_SECONDS)
    return round(100 * (processes.cpu_seconds(pids) - before) / (time.monotonic() - began), 3)


def ratio(found: dict, name: str) -> float:
    return median(one[name] / one["few"] for one in found["rounds_us"])


def bars(found: dict) -> list[tuple[str, float, str, float]]:
    """The (label, value, unit, upper limit) of each line."""
    return [(f"a call with {MANY:,} agents", ratio(found, "agents"), f"x with {FEW}", GROWTH),
            (f"a call with {MANY:,} open runs", ratio(found, "runs"), "x with few", GROWTH),
            (f"a call with a log of {found['records']:,} records", ratio(found, "records"), "x with few", GROWTH),
            (f"per idle stream, of {found['streams']['streams']:,}", found["streams"]["per_idle_stream"] / 1024, "KiB", STREAM_KIB),
            ("at rest, of a core", found["rest_percent"], "%", REST_PERCENT)]


def text(found: dict) -> list[str]:
    out = ["", f"growth, {found['rounds']} rounds of {found['seconds']} s, alternating: processor time of a call in us; start in ms"]
    for name, agents in WAYS.items():
        times = [one[name] for one in found["rounds_us"]]
        more = {"runs": f", {MANY:,} open runs", "records": f", {found['records']:,} records"}.get(name, "")
        out.append(f"  {agents:>6,} agents{more:22} {median(times):>8.1f} "
                   f"({min(times):.1f} to {max(times):.1f}) {found['start_ms'][name]:>10,.0f}")
    return out


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--binary", type=Path, required=True)
    arguments.add_argument("--rounds", type=int, default=7)
    arguments.add_argument("--seconds", type=float, default=2)
    arguments.add_argument("--records", type=int, default=RECORDS, help="of the long log")
    arguments.add_argument("--folder", type=Path, default=Path(".build/bench"))
    given = arguments.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="growing-", dir=given.folder.resolve()))
    try:
        found = measure(given.binary.absolute(), bench.compile_programs(folder), folder, given.rounds, given.seconds, given.records)
    finally:
        shutil.rmtree(folder)
    print("\n".join(text(found)))
    for what, value, unit, bar in bars(found):
        print(f"{what:45} {value:>10,.2f} {unit:16} <= {bar:>9,.2f}  {'met' if value <= bar else 'NOT MET'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
