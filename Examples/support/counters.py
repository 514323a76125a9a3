"""Prints how often each tool of the example servers was really called: `counters.py DATA`.

The numbers come from the servers' own databases, not from Interlock.
"""

import json
import sqlite3
import sys
from pathlib import Path


def counts(data: Path) -> dict[str, dict[str, int]]:
    """Server -> tool -> calls received. A tool that was never called is absent."""
    found = {}
    for path in sorted(data.glob("**/*.db")):
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10) as connection:
            # A server makes its table a moment after its file.
            if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'calls'").fetchone():
                continue
            found[path.stem] = dict(
                connection.execute("SELECT tool, count(*) FROM calls GROUP BY tool ORDER BY tool").fetchall()
            )
    return found


def count(data: Path, server: str, tool: str) -> int:
    return counts(data).get(server, {}).get(tool, 0)


def calls(data: Path, server: str, tool: str) -> list[dict]:
    """The arguments of every call that arrived, in order."""
    (path,) = data.glob(f"**/{server}.db")
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10) as connection:
        rows = connection.execute("SELECT arguments FROM calls WHERE tool = ? ORDER BY id", (tool,))
        return [json.loads(row[0]) for row in rows]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: counters.py DATA")
    for server, tools in counts(Path(sys.argv[1])).items():
        for tool, number in tools.items():
            print(f"{server}.{tool}: {number}")
