#!/usr/bin/env python3
"""The bars of information flow control (docs/specs/output-safety.md, section 7), through a real gateway: injected
tasks, done by scripted agents that obey every passage which they read, and benign tasks with the same tools.

`injecting.py --binary .build/release/interlock`. Exit 1 if a bar is missed. The templates in `injections/` are frozen:
the program refuses others (exit 65). Needs PyPI `cryptography`.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "Examples" / "support")]

from injections import report, tasks  # noqa: E402
from injections.agents import ASKED, Ended  # noqa: E402
from injections.policies import WAYS, Way  # noqa: E402
from injections.setting import Setting  # noqa: E402

SEED, TASKS, THREADS, APPROVED = 20261129, 900, 64, 12


def measure(binary: Path, seed: int, number: int, ways: tuple[Way, ...], folder: Path) -> dict:
    frozen, corpus = tasks.check_frozen(), tasks.corpus(seed, number)
    started = time.monotonic()
    with ExitStack() as stack:
        setting = Setting(stack, binary, folder, corpus, ways)
        ready = time.monotonic()
        pool = stack.enter_context(ThreadPoolExecutor(THREADS))
        done = list(pool.map(lambda pair: setting.do(*pair), [(way, task) for task in corpus.tasks for way in ways]))
        took = time.monotonic() - ready
        setting.check_arrivals(done)
        approved = [setting.is_executed_when_approved(one) for one in sample(done)]
    figures = report.Figures(done)
    return {"seed": seed, "frozen": frozen, "tasks": len(corpus.tasks), "calls": sum(len(one.calls) for one in done),
            "seconds": {"tasks": took, "all": time.monotonic() - started}, "load": os.getloadavg()[0],
            "approved": {"asked": len(approved), "executed": sum(approved)},
            "ways": {way.name: figures.of(way) for way in ways}}


def sample(done: list[Ended]) -> list[Ended]:
    """Some benign tasks about which taint alone asks, evenly spaced."""
    asked = [one for one in done if one.way.name == report.BAR and not one.task.attack and one.fate == ASKED]
    return asked[::max(1, len(asked) // APPROVED)][:APPROVED]


def main() -> int:
    names = [way.name for way in WAYS]
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--binary", type=Path, required=True)
    arguments.add_argument("--seed", type=int, default=SEED, help=f"of the values in the tasks [default: {SEED}]")
    arguments.add_argument("--tasks", type=int, default=TASKS, metavar="N",
                           help=f"about how many, a third benign; 225: each benign template once [default: {TASKS}]")
    arguments.add_argument("--ways", nargs="+", choices=names, default=names, help="ways of governing to compare")
    arguments.add_argument("--json", action="store_true", help="print the figures alone")
    given = arguments.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="interlock-injecting-", dir="/var/tmp"))
    try:
        ways = tuple(way for way in WAYS if way.name in given.ways)
        found = measure(given.binary.absolute(), given.seed, given.tasks, ways, folder)
    except tasks.Changed as changed:
        print(f"injecting.py: {changed}", file=sys.stderr)
        return 65
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(found) if given.json else "\n".join(report.text(found)))
    return 0 if report.are_met(found) else 1


if __name__ == "__main__":
    sys.exit(main())
