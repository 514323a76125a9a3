"""The SQLite file behind one server, and its own count of the calls that reached it.

A call is counted before anything else is done for it, so what is not in `calls` never arrived.
"""

import json
import sqlite3
import threading
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path


class Database:
    """One file, one connection per thread; each statement is its own transaction unless asked."""

    def __init__(self, folder: Path, name: str, schema: str, seed: dict[str, list[tuple]]):
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"{name}.db"
        self._local = threading.local()
        with self.transaction() as connection:
            connection.execute(
                "CREATE TABLE IF NOT EXISTS calls "
                "(id INTEGER PRIMARY KEY, tool TEXT NOT NULL, arguments TEXT NOT NULL, at TEXT NOT NULL)"
            )
            for statement in filter(None, map(str.strip, schema.split(";"))):
                connection.execute(statement)
            for table, rows in seed.items():
                if connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] == 0:
                    marks = ",".join("?" * len(rows[0]))
                    connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)

    @contextmanager
    def transaction(self):
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def count(self, tool: str, **arguments) -> None:
        with self.transaction() as connection:
            connection.execute(
                "INSERT INTO calls (tool, arguments, at) VALUES (?, ?, ?)",
                (tool, json.dumps(arguments, sort_keys=True), datetime.now(timezone.utc).isoformat()),
            )

    def rows(self, query: str, *values) -> list[dict]:
        return [dict(row) for row in self._connection().execute(query, values)]

    def row(self, query: str, *values) -> dict | None:
        found = self.rows(query, *values)
        return found[0] if found else None

    def _connection(self) -> sqlite3.Connection:
        if not hasattr(self._local, "connection"):
            connection = sqlite3.connect(self.path, timeout=10, isolation_level=None)
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            self._local.connection = connection
        return self._local.connection
