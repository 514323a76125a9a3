#!/usr/bin/env python3
"""The time of `interlock status AGENT` and `interlock ready AGENT`, each as a new process, beside a log of --records records.

Alone: answering.py --binary PROGRAM [--records N] [--rounds N] [--folder DIR]

The agent that is asked about has made the calls in its turn with nine others, and one that has made none is asked about
too. Exit 1 above a bar (docs/specs/evidence.md, section 9), of the 95th percentile.
"""

import argparse
import json
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import growing
import paging
import rows
from people import People

AGENTS = 10
BARS = {"status": 1.0, "ready": 2.0}


def timed(way: rows.Interlock, rounds: int, *words: str) -> list[float]:
    """The seconds of each process; both answers, yes and no, count."""
    found = []
    for _ in range(rounds):
        began = time.monotonic()
        done = way.gateway.run(*words, check=False)
        found.append(time.monotonic() - began)
        if done.returncode not in (0, 1):
            raise RuntimeError(f"{words}: {done.returncode} {done.stderr[:500]}")
    return found


def p95(seconds: list[float]) -> float:
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]


def measure(binary: Path, programs: dict[str, Path], folder: Path, records: int, rounds: int) -> dict:
    with ExitStack() as stack:
        direct = rows.Direct(programs["upstream"])
        stack.callback(direct.close)
        people = stack.enter_context(People(folder / "people", rows.PEOPLE))
        way = rows.Interlock(direct, binary, folder / "records", people, AGENTS)
        stack.callback(way.gateway.kill)
        way.start()
        way.open()
        growing.fill(programs["load"], way, records)
        way.gateway.stop()
        way.start()
        time.sleep(30)  # the index has followed
        found: dict = {"records": records, "rounds": rounds, "seconds": {}}
        for name in BARS:
            for which, agent in (("busy", way.agents[1]), ("first", way.agents[0])):
                found["seconds"][f"{name} {which}"] = timed(way, rounds, name, agent)
        return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        folder = Path(name)
        found = measure(given.binary.resolve(), paging.compiled(folder / "programs"), folder, given.records, given.rounds)
    print(json.dumps(found))
    missed = 0
    for name, seconds in found["seconds"].items():
        bar = BARS[name.split()[0]]
        value = p95(seconds)
        missed += value > bar
        print(f"{name:14} p95 {value:.3f} s, at most {bar} s{'' if value <= bar else ': MISSED'}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
