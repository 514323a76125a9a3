#!/usr/bin/env python3
"""The cost of a page of the console with 10,000 agents, 10,000 waiting requests and 1,000,000 records.

Alone: `paging.py --binary .build/release/interlock [--agents N] [--waiting N] [--records N]`; otherwise a part of `make
bench`.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
PAGE_MS, FIRST_PAGE_KB, PAINTED_MS = 100, 150, 1000


def compiled(folder: Path) -> dict[str, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    built = {name: folder / name for name in ("upstream", "load")}
    for name, path in built.items():
        subprocess.run(["cc", "-std=c11", "-O2", "-pthread", "-o", path, HERE / name / f"{name}.c"], check=True, timeout=60)
    return built


def measure(binary: Path, python: Path, programs: dict[str, Path], folder: Path, **sizes: int) -> dict:
    """Measures; `python` is that of the environment `tests`, which has a browser's driver."""
    folder.mkdir(parents=True, exist_ok=True)
    words = [python, HERE / "console" / "loading.py", "--binary", binary, "--upstream", programs["upstream"],
             "--load", programs["load"], "--folder", folder,
             *(word for name, size in sizes.items() for word in (f"--{name}", size))]
    # Its progress appears on standard error.
    done = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, text=True, timeout=3600)
    if done.returncode != 0:
        raise RuntimeError(f"loading.py ended with {done.returncode}")
    return json.loads(done.stdout)


def bars(found: dict) -> list[tuple[str, float, str, float]]:
    lines = [(f"page {name}, p99", page["p99_ms"], "ms", PAGE_MS) for name, page in found["pages"].items()]
    lines += [(f"first paint of {path} on a slow machine", ms, "ms", PAINTED_MS) for path, ms in found["painted_ms"].items()]
    return [*lines, ("first page and all it loads", found["first_page_bytes"] / 1000, "kB", FIRST_PAGE_KB)]


def text(found: dict) -> list[str]:
    out = ["", f"pages of the console with {found['agents']:,} agents, {found['waiting']:,} waiting requests, "
           f"{found['records']:,} records, in ms:", f"  {'':28} {'p50':>8} {'p99':>8} {'bytes':>9}"]
    out += [f"  {name:28} {page['p50_ms']:>8.2f} {page['p99_ms']:>8.2f} {page['bytes']:>9,}"
            for name, page in found["pages"].items()]
    out += [f"  {path} is painted after {ms:.0f} ms at a quarter of the speed, 10 Mbit/s and 40 ms"
            for path, ms in found["painted_ms"].items()]
    return [*out, f"  the first page and all it loads: {found['first_page_bytes']:,} bytes"]


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--binary", type=Path, required=True)
    arguments.add_argument("--pythons", type=Path, default=Path(".build/python"))
    for name, size in (("agents", 10_000), ("waiting", 10_000), ("records", 1_000_000)):
        arguments.add_argument(f"--{name}", type=int, default=size)
    given = arguments.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="paging-"))
    try:
        found = measure(given.binary.absolute(), given.pythons.absolute() / "tests" / "bin" / "python",
                        compiled(folder / "programs"), folder / "house", agents=given.agents, waiting=given.waiting,
                        records=given.records)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("\n".join(text(found)))
    for what, value, unit, bar in bars(found):
        print(f"{what:45} {value:>9.3f} {unit:3} <= {bar:<6} {'met' if value <= bar else 'NOT MET'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
