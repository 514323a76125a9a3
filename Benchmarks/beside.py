#!/usr/bin/env python3
"""Compares builds of Interlock: the same load on each in turn, in short rounds, within the same minutes.

    Benchmarks/beside.py NAME=CHECKOUT[:BINARY] NAME=CHECKOUT[:BINARY]... [--rounds 11] [--seconds 1.5]

A shared machine changes from minute to minute, so the compared figure is the ratio within a round to the first build
named; the median of all rounds counts. The charge is the processor time of the gateway's process, including its work
after the load has ended. Each build is started as its own checkout does it (`hosting.py`). Prints a table; --json FILE
stores the rounds.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import bench
import processes
import rows

HERE = Path(__file__).resolve().parent


class Hosted(rows.Row):
    """A build that `hosting.py` runs."""

    name = "interlock"

    def __init__(self, direct: rows.Direct, checkout: Path, binary: Path, folder: Path):
        self.direct = direct
        self.host = subprocess.Popen(
            [sys.executable, HERE / "hosting.py", checkout.resolve(), binary.resolve(), folder, str(direct.port)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        found = json.loads(self.host.stdout.readline() or "null")
        if found is None:
            raise RuntimeError(f"{binary} did not start")
        self.pid, self.port, self.tool = found["pid"], found["port"], found["tool"]
        self.headers, self.sessions, self.start_ms = found["headers"], found["sessions"], found["start_ms"]

    def renew(self) -> None:
        self.host.stdin.write("\n")
        self.host.stdin.flush()
        found = json.loads(self.host.stdout.readline())
        self.headers, self.sessions = found["headers"], found["sessions"]

    def pids(self):
        return {"interlock": [self.pid], **self.direct.pids()}

    def close(self):
        self.host.stdin.close()
        self.host.wait(30)


def one_round(program: Path, ways: dict[str, rows.Row], connections: int, seconds: float, rate: int, payload: int) -> dict:
    return {name: rows.load(program, way, connections, seconds, rate, payload) for name, way in ways.items()}


def charge(rounds: list[dict], spent: list[dict]) -> list[dict]:
    """Charges a gateway's work after its load, such as index and publication, to the calls too: the processor time of a
    round is counted until the build's next round."""
    return [{name: {"cpu_us": 1e6 * (after[name] - before[name]) / found["sent"],
                    **{key: found[key] for key in ("per_second", "p50_us", "p99_us")}}
             for name, found in one.items()} for one, before, after in zip(rounds, spent, spent[1:])]


def charged_rounds(program: Path, ways: dict[str, rows.Row], spent: Callable[[], dict[str, float]], count: int,
                   connections: int, seconds: float, rate: int, payload: int = 0) -> list[dict]:
    """So many rounds after one to warm up, each followed by two seconds of rest. `spent`: the processor time of each way."""
    one_round(program, ways, connections, seconds, rate, payload)
    time.sleep(2)
    found, times = [], [spent()]
    for number in range(count):
        found.append(one_round(program, ways, connections, seconds, rate, payload))
        time.sleep(2)
        times.append(spent())
        print(f"round {number + 1} of {count}", file=sys.stderr)
    return charge(found, times)


def median_and_range(values: list[float]) -> str:
    low, *_, high = sorted(values) if len(values) > 1 else values * 2
    return f"{statistics.median(values):.3g} ({low:.3g} to {high:.3g})"


def text(rounds: list[dict], first: str) -> str:
    lines = []
    for name in rounds[0]:
        for key, word in (("cpu_us", "us of processor time a call"), ("per_second", "calls a second"),
                          ("p50_us", "us p50"), ("p99_us", "us p99")):
            alone = [one[name][key] for one in rounds]
            ratio = [one[name][key] / one[first][key] for one in rounds]
            lines.append(f"{name:12} {median_and_range(alone):30} {word:28} x {median_and_range(ratio)}")
    return "\n".join(lines)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("builds", nargs="+", help="NAME=CHECKOUT, or NAME=CHECKOUT:BINARY; the first is what the others are compared with")
    arguments.add_argument("--rounds", type=int, default=11)
    arguments.add_argument("--seconds", type=float, default=1.5, help="of each measurement")
    arguments.add_argument("--connections", type=int, default=bench.CONNECTIONS)
    arguments.add_argument("--rate", type=int, default=0, help="calls a second; 0 is as many as are answered")
    arguments.add_argument("--payload", type=int, default=0, help="bytes that are added to the argument of each call")
    arguments.add_argument("--nginx", action="store_true", help="nginx as reverse proxy too")
    arguments.add_argument("--json", type=Path, help="where the rounds are kept")
    given = arguments.parse_args()
    builds = [build.partition("=") for build in given.builds]

    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="beside-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        programs = bench.compile_programs(folder)
        direct = rows.Direct(programs["upstream"])
        stack.callback(direct.close)
        ways: dict[str, rows.Row] = {}
        for name, _, place in builds:
            (folder / name).mkdir()
            checkout, _, binary = place.partition(":")
            way = Hosted(direct, Path(checkout), Path(binary or f"{checkout}/.build/release/interlock"), folder / name)
            stack.callback(way.close)
            print(f"{name}: start {way.start_ms:.0f} ms", file=sys.stderr)
            ways[name] = way
        if given.nginx:
            ways["nginx"] = rows.Nginx(direct, folder)
            stack.callback(ways["nginx"].close)
        def spent() -> dict:
            return {name: processes.cpu_seconds(way.pids()[way.name]) for name, way in ways.items()}

        rounds = charged_rounds(
            programs["load"], ways, spent, given.rounds, given.connections, given.seconds, given.rate,
            given.payload)
        if given.json:
            given.json.write_text(json.dumps(rounds, indent=2) + "\n")
    print(text(rounds, builds[0][0]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
