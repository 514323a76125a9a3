#!/usr/bin/env python3
"""The bar of `interlock provenance check` (docs/specs/coding-agents.md): 1,000 commits of three files each in less than 5 s, with
a log in which runs wrote some of the contents.

Alone: `provenance.py --binary .build/release/interlock`; otherwise a part of `make bench`. Needs root, or a user who may start the
gateway. Exit 1 over the bar.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "Tests" / "EndToEnd"), str(HERE.parent / "Examples" / "support")]

from people import People  # noqa: E402
from sandboxing import SandboxHouse  # noqa: E402

COMMITS, FILES, WRITTEN, ROUNDS, BAR_SECONDS = 1000, 3, 500, 5, 5.0
POLICY = f"""\
interlock: 1
org: acme
owners: [ada@bench.example, sam@bench.example]
agents:
  fixer:
    owner: ada@bench.example
    purpose: Writes files
    tier: low
    stage: supervised
    review_by: {date.today() + timedelta(days=60)}
"""
EDIT = f"for number in range({WRITTEN}): open(f'w{{number}}.txt', 'w').write(f'written {{number}}\\n' * 20)"


def history() -> bytes:
    """A stream for `git fast-import`: one first commit, and 1,000 more on `main`."""
    chance, parts, mark, last = random.Random(1), [], 3, 2
    parts.append("blob\nmark :1\ndata 4\none\n\n"
                 "commit refs/heads/main\nmark :2\ncommitter a <a@x> 1795000000 +0000\ndata 5\nfirst\nM 100644 :1 a.txt\n\n")
    for number in range(COMMITS):
        files = []
        for _ in range(FILES):
            text = "".join(f"line {chance.random()}\n" for _ in range(50))
            parts.append(f"blob\nmark :{mark}\ndata {len(text)}\n{text}\n")
            files.append(f"M 100644 :{mark} src/d{chance.randrange(20)}/f{chance.randrange(300)}.c\n")
            mark += 1
        parts.append(f"commit refs/heads/main\nmark :{mark}\ncommitter a <a@x> {1795000001 + number} +0000\n"
                     f"data 6\nChange\nfrom :{last}\n{''.join(files)}\n")
        last, mark = mark, mark + 1
    return "".join(parts).encode()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--json", action="store_true", help="exit 0 also over the bar: `make bench` says so")
    given = parser.parse_args()
    binary = given.binary.resolve()
    with TemporaryDirectory() as folder, People(Path(folder), {"ada@bench.example": ["resume"], "sam@bench.example": ["resume"]}) as people:
        house = SandboxHouse(binary, people, POLICY)
        try:
            house.start()
            code, _, report = house.run("python3", "-c", EDIT)
            assert code == 0, report
            repository = house.make_project("repository", {"README": "not committed\n"})
            git = [*house.user.prefix, "env", "HOME=/nonexistent", "git", "-C", str(repository)]
            subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
            subprocess.run([*git, "fast-import", "--quiet"], input=history(), check=True)
            roots = subprocess.run([*git, "rev-list", "--max-parents=0", "main"], check=True, capture_output=True, text=True)
            command = [*house.user.prefix, str(house.gateway.binary), "provenance", "check", f"{roots.stdout.strip()}..main",
                       "--json"]
            house.user.own(repository)
            times = []
            for _ in range(ROUNDS):
                start = time.monotonic()
                done = subprocess.run(command, cwd=repository, capture_output=True, text=True,
                                      env={"PATH": os.environ["PATH"], "INTERLOCK_DIR": str(house.gateway.folder)})
                times.append(time.monotonic() - start)
                assert done.returncode == 0 and json.loads(done.stdout)["commits"] == COMMITS, done.stdout + done.stderr
        finally:
            house.close()
    print(json.dumps({"commits": COMMITS, "seconds": round(median(times), 3), "first_seconds": round(times[0], 3),
                      "bars": [("provenance check of 1,000 commits", median(times), "s", BAR_SECONDS, True)]}))
    return 0 if given.json or median(times) < BAR_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
