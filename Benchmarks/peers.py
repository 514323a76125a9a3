#!/usr/bin/env python3
"""Interlock beside its peers in one run, in turns: nginx and HAProxy as reverse proxies, FastMCP's proxy, IBM
ContextForge and LiteLLM as MCP gateways, all in front of the same upstream.

    Benchmarks/peers.py [--rounds 5] [--seconds 3] [--only proxies|gateways]

Proxies are measured by `load/` at 64 connections, gateways by `peers/callers.py` with 8 callers, each group beside
Interlock and the upstream itself. What a call takes longer than a direct one is measured by one caller at a time, within
a round. A measurement that other processes disturb is repeated. The gateways are installed from `peers/*.txt` into
`.build/python` when they are measured first. A peer that cannot be measured is listed with the reason. Writes
OUT/peers.json and prints the tables.
"""

import argparse
import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import Callable

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "peers"))

import bench  # noqa: E402
import callers  # noqa: E402
import duties  # noqa: E402
import environments  # noqa: E402
import processes  # noqa: E402
import routes  # noqa: E402
import rows  # noqa: E402
from people import People  # noqa: E402

CALLERS = 8
DISTURBED, TRIES = 0.1, 5  # the share of the processors that others may take; how often a measurement is made at most
PEERS = {"proxies": ["nginx", routes.HAProxy], "gateways": [routes.FastMCP, routes.ContextForge, routes.LiteLLM]}
SETTINGS = {"proxies": f"reverse proxies: load/, {bench.CONNECTIONS} connections",
            "gateways": f"MCP gateways: peers/callers.py, {CALLERS} callers"}
MIB = 1 << 20


class Run:
    """The routes of a run, what was measured through them, and the reasons why others were not."""

    def __init__(self, load: Path, flush: Callable[[], dict], lock: Path | None):
        self.flush, self.lock = flush, lock
        self.steps: dict[str, Callable] = {
            "proxies": lambda way, alone, seconds: rows.load(load, way, 1 if alone else bench.CONNECTIONS, seconds, 0),
            "gateways": lambda way, alone, seconds: callers.run(way, 1 if alone else CALLERS, seconds)}
        self.ways: dict[str, list[rows.Row]] = {}
        self.rounds: dict[str, dict[str, list[dict]]] = {}
        self.flushes: dict[str, list[dict]] = {}
        self.versions: dict[str, str] = {}
        self.missing: dict[str, str] = {}

    def add(self, group: str, name: str, start: Callable[[], tuple[rows.Row, str]]) -> None:
        try:
            way, self.versions[name] = start()
        except (environments.Unavailable, RuntimeError, OSError, KeyError, ValueError) as error:
            self.missing[name] = first_line(error)
            return
        self.ways[group].append(way)

    def measure(self, rounds: int, seconds: float) -> None:
        for group in self.ways:
            self.rounds[group], self.flushes[group] = {way.name: [] for way in self.ways[group]}, []
        for number in range(rounds):
            for group, ways in self.ways.items():
                with held(self.lock):
                    # A call through Interlock waits for two flushes, and a shared disk varies.
                    self.flushes[group].append(self.flush())
                    for way in list(ways):
                        print(f"round {number + 1} of {rounds}, {group}: {way.name}", file=sys.stderr)
                        self.once(group, way, seconds)

    def once(self, group: str, way: rows.Row, seconds: float) -> None:
        """Measures a route, again while other processes disturb it, and keeps the quietest result."""
        found = []
        try:
            while not found or (found[-1]["others"] > DISTURBED and len(found) < TRIES):
                found.append(self.figures(group, way, seconds))
        except (RuntimeError, OSError, subprocess.SubprocessError) as error:
            if way.name in ("direct", "interlock"):
                raise
            self.missing[way.name] = f"failed in round {len(self.rounds[group][way.name]) + 1}: {first_line(error)}"
            self.ways[group].remove(way)
            del self.rounds[group][way.name]
            return
        self.rounds[group][way.name].append(min(found, key=lambda one: one["others"]))

    def figures(self, group: str, way: rows.Row, seconds: float) -> dict:
        step, before = self.steps[group], processor_times(way)
        found = {"saturation": step(way, False, seconds), "alone": step(way, True, seconds),
                 "resident": processes.resident_bytes(routes.own(way))}
        total, busy, ours = (after - first for after, first in zip(processor_times(way), before))
        return {**found, "others": max(0, busy - ours) / total}


def processor_times(way: rows.Row) -> tuple[float, float, float]:
    """Seconds of all processors: in all, busy, and busy for a route, its upstream and the callers."""
    times = [int(word) / processes.TICK for word in Path("/proc/stat").read_text().split()[1:9]]
    own = os.times()
    return (sum(times), sum(times) - times[3] - times[4],
            sum(own[:4]) + sum(processes.cpu_seconds(pids) for pids in way.pids().values()))


def first_line(error: Exception) -> str:
    return f"{error or type(error).__name__}".strip().splitlines()[0][:300]


@contextmanager
def held(lock: Path | None):
    """Holds a file locked, so that measurements that take the same lock do not overlap."""
    if lock is None:
        yield
        return
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def start_nginx(stack: ExitStack, direct: rows.Direct, folder: Path) -> tuple[rows.Row, str]:
    program = environments.program("nginx", package="nginx-light")
    way = rows.Nginx(direct, folder)
    stack.callback(way.close)
    done = subprocess.run([program, "-v"], capture_output=True, text=True, timeout=10, check=True)
    return way, done.stderr.strip().rpartition("/")[2]


def start_peer(stack: ExitStack, peer: type[routes.Peer], direct: rows.Direct, folder: Path, pythons: Path):
    way = peer(direct, folder, pythons)
    stack.callback(way.close)
    return way, way.start()


def text(run: Run, result: dict) -> str:
    out = [f"{result['rounds']} rounds, alternating, {result['seconds']} s each; {result['cores']} cores; medians of the "
           f"rounds (least to most)"]
    for group, found in run.rounds.items():
        out += ["", SETTINGS[group], f"{'':13} {'version':>19} {'calls/s':>26} {'p50 us':>8} {'added':>8} {'p99 us':>8} "
                f"{'added':>8} {'CPU us/call':>12} {'MiB':>6}"]
        for name, rounds in found.items():
            speeds = [one["saturation"]["per_second"] for one in rounds]
            cells = []
            for key in ("p50_us", "p99_us"):
                added = median(one["alone"][key] - direct["alone"][key] for one, direct in zip(rounds, found["direct"]))
                alone = median(one["alone"][key] for one in rounds)
                cells += [f"{alone:,.0f}", "" if name == "direct" else f"{added:,.0f}"]
            cells = " ".join(f"{cell:>8}" for cell in cells)
            out.append(f"{name:13} {run.versions.get(name, ''):>19} "
                       f"{f'{median(speeds):,.0f} ({min(speeds):,.0f} to {max(speeds):,.0f})':>26} {cells} "
                       f"{median(one['saturation']['cpu_us_per_call'] for one in rounds):>12,.1f} "
                       f"{median(one['resident'] for one in rounds) / MIB:>6,.0f}")
        flushes = [one["p50_us"] for one in run.flushes[group]]
        others = [one["others"] for rounds in found.values() for one in rounds]
        out.append(f"other processes took {median(others):.0%} of the processors, {max(others):.0%} at most")
        out.append(f"one append of 4 KiB and fdatasync, p50: {median(flushes):,.0f} us ({min(flushes):,.0f} to "
                   f"{max(flushes):,.0f})")
    out += [f"{name:13} not measured: {reason}" for name, reason in run.missing.items()]
    return "\n".join(out + duties.text())


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--binary", type=Path, default=Path(".build/release/interlock"))
    arguments.add_argument("--pythons", type=Path, default=Path(".build/python"))
    arguments.add_argument("--out", type=Path, default=Path(".build/bench"))
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seconds", type=float, default=3, help="of each measurement")
    arguments.add_argument("--only", choices=PEERS, help="one group of peers")
    arguments.add_argument("--lock", type=Path, help="a file to hold locked during the measurements of a group")
    given = arguments.parse_args()
    out, pythons = given.out.resolve(), given.pythons.absolute()
    out.mkdir(parents=True, exist_ok=True)

    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="peers-", dir=out))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        programs = {name: rows.compiled(name, folder) for name in ("upstream", "load", "flush")}
        direct = rows.Direct(programs["upstream"])
        stack.callback(direct.close)
        run = Run(programs["load"], partial(bench.flush, programs["flush"], folder), given.lock)
        for group in [given.only] if given.only else PEERS:
            run.ways[group] = [direct]
            for peer in PEERS[group]:
                print(f"starting {getattr(peer, 'name', peer)}", file=sys.stderr)
                if peer == "nginx":
                    run.add(group, peer, partial(start_nginx, stack, direct, folder))
                else:
                    run.add(group, peer.name, partial(start_peer, stack, peer, direct, folder, pythons))
        people = stack.enter_context(People(folder / "people", rows.PEOPLE))
        interlock = rows.Interlock(direct, given.binary.absolute(), folder, people)
        stack.callback(interlock.gateway.kill)
        interlock.start()
        interlock.open()
        for ways in run.ways.values():
            ways.append(interlock)
        run.measure(given.rounds, given.seconds)
        interlock.gateway.stop()
        if interlock.gateway.verify().returncode != 0:
            raise RuntimeError("the log of the run does not verify")

    result = {"rounds": given.rounds, "seconds": given.seconds, "cores": os.cpu_count(), "versions": run.versions,
              "groups": run.rounds, "flushes": run.flushes, "not_measured": run.missing}
    (out / "peers.json").write_text(json.dumps(result, indent=2) + "\n")
    print(text(run, result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
