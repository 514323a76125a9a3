#!/usr/bin/env python3
"""Measures what each kind of governed call costs and compares it with its budget: `budget.py --binary PROGRAM`.

Exit 1 names each figure above its budget. --write replaces the budget by what was measured.
"""

import argparse
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "Examples" / "support")]

import counting  # noqa: E402

BUDGET = HERE / "budget.yaml"
STAGES = tuple(thread + counting.BY_STAGE for thread in ("loops", "ledger"))
# The threads that have a budget: what the others do follows the clock, and so do the records of refused calls.
GATED = {"read": ("loops", "ledger", *STAGES), "guarded read": ("loops", "ledger", *STAGES), "refused": ("loops", STAGES[0]),
         "large read": ("loops", "ledger", *STAGES), counting.APPROVED: ("loops", "ledger")}
# A figure may exceed its budget by 5 %. Allocations of the loops differ by 0.1 from run to run when nothing else runs, so
# that a single one more in each call is found. How often a thread waits, and which records share a frame, depends on what
# the others do meanwhile.
SHARE = 0.05
ABSOLUTE = {("loops", "allocations"): 0.7, ("loops", "syscalls"): 2, ("ledger", "syscalls"): 2}
# A stage of few instructions may exceed its own by so many: some have work that is not for each call, as a token that is read again.
STAGE_INSTRUCTIONS = 3000
# How often these come round depends on what else the machine does; their thread as a whole has its own budget.
TIMED, TIMED_SHARE = {"connections", "runtime", "sequencer"}, 0.2


def allowance(kind: str, thread: str, name: str, allowed: float) -> float:
    """How much a figure may exceed its budget. An approved call is the requests of people too, so a share of all."""
    share = allowed * SHARE
    if thread in STAGES:
        return max(allowed * TIMED_SHARE if name in TIMED else share, STAGE_INSTRUCTIONS)
    absolute = ABSOLUTE.get((thread, name), share)
    return max(share, absolute) if kind == counting.APPROVED else absolute


HEAD = """\
# What one governed call may cost, one caller at a time, by kind of call and thread. `make check` measures it and fails
# when a figure exceeds its budget by 5 %, the loops' allocations by 0.7, system calls by two, or the instructions of a
# stage by 5 % and by 3,000 (20 % where they depend on timing: connections, runtime, sequencer); of an approved call,
# which includes that a person lists, reads and signs by the command line, all by 5 %. A commit that makes a call dearer
# on purpose, or cheaper, writes the new figures while nothing else runs (`Benchmarks/budget.py --binary PROGRAM
# --write`, by the tests' Python) and says why. References are changes of reference counts; written are the bytes that
# `pwrite` takes. What a stage calls is in its own instructions (Benchmarks/stages.py). SHA-256 counts in full here:
# under callgrind the processor has no instructions for it. The figures are of a processor with AVX2.
"""


def excesses(found: dict[str, counting.Figures], budget: dict[str, counting.Figures]) -> list[str]:
    """A line for each figure that exceeds its budget, has none, or was not measured."""
    lines = []
    for kind, threads in GATED.items():
        for thread in threads:
            figures, allowances = found.get(kind, {}).get(thread, {}), budget.get(kind, {}).get(thread, {})
            lines += [f"{kind}, {thread}: {name} was not measured" for name in allowances if name not in figures]
            for name, value in figures.items():
                allowed = allowances.get(name, 0)
                if value > allowed + allowance(kind, thread, name, allowed):
                    lines.append(f"{kind}, {thread}: {value:,.1f} {name}, budget {allowed:,.1f}")
    return lines


def text(found: dict[str, counting.Figures], threads: dict[str, tuple[str, ...]]) -> str:
    lines = []
    for kind, figures in found.items():
        lines.append(f"{kind}:")
        for thread in threads.get(kind, sorted(figures)):
            numbers = ", ".join(f"{name}: {round(value, 1 if value < 1000 else None)}"
                                for name, value in sorted(figures[thread].items()))
            lines.append(f"  {thread}: {{{numbers}}}")
    return "\n".join(lines) + "\n"


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--binary", type=Path, required=True)
    arguments.add_argument("--write", action="store_true")
    given = arguments.parse_args()
    if missing := counting.missing_programs():
        sys.exit(f"budget: {', '.join(missing)} is missing: run scripts/setup")
    with tempfile.TemporaryDirectory(prefix="budget-") as folder:
        found = counting.measure(given.binary.absolute(), Path(folder))
    if given.write:
        BUDGET.write_text(HEAD + text(found, GATED))
        return 0
    print(text(found, {}), end="")
    import yaml

    lines = excesses(found, yaml.safe_load(BUDGET.read_text()))
    for line in lines:
        print(f"budget: {line}", file=sys.stderr)
    if lines:
        print(f"  help: make the call cheaper; or write the new budget, with the reason in the commit:\n"
              f"    {sys.executable} {__file__} --binary {given.binary} --write",
              file=sys.stderr)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
