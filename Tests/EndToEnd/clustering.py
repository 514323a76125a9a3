"""A folder with an `interlock.yaml` that names a database, and the commands `interlock cluster` on it."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from psycopg import sql

from storing import Server, make_node

OK, NO, USAGE, DATA, NOT_FOUND, UNAVAILABLE, NOT_PERMITTED = 0, 1, 64, 65, 66, 69, 77
LATER = "INSERT INTO il.migration (n, name, digest) SELECT max(n) + 1, 'later.sql', sha256('x') FROM il.migration"
# A busy machine must not make a call late where the test is about something else.
PATIENT = "20s"


class House:
    """A folder with an `interlock.yaml`, and the commands that read it."""

    def __init__(self, binary: Path, folder: Path):
        self.binary, self.folder = binary, folder
        self.file = folder / "interlock.yaml"

    def settle(self, postgres: str, node: str = "gw1", deadline: str = PATIENT) -> "House":
        self.file.write_text(f'store:\n  postgres: "{postgres}"\n  deadline: {deadline}\ncluster:\n  node: {node}\n')
        return self

    def run(self, *words: str, expect: int = OK, environment: dict[str, str] | None = None, named: bool = True) -> str:
        """Standard output and standard error of `interlock WORDS`. `named`: with the folder."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "INTERLOCK_DIR"))}
        done = subprocess.run(
            [self.binary, *words, *(["--dir", self.folder] if named else [])], cwd="/", capture_output=True, text=True,
            timeout=120, stdin=subprocess.DEVNULL, env={**clean, "HOME": str(self.folder), **(environment or {})})
        assert done.returncode == expect, f"{words}: {done.returncode}, not {expect}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def migrate(self, *words: str, **options) -> str:
        return self.run("cluster", "migrate", *words, **options)

    def status(self, *words: str, **options) -> str:
        return self.run("cluster", "status", *words, **options)

    def json(self, expect: int = OK) -> dict:
        return json.loads(self.status("--json", expect=expect))


@pytest.fixture
def house(binary, tmp_path) -> House:
    tmp_path.chmod(0o700)
    return House(binary, tmp_path)


class Database:
    """An empty database with the roles that the program prints."""

    count = 0

    def __init__(self, server: Server, house: House):
        Database.count += 1
        self.server, self.name = server, f"made_{Database.count}"
        with server.connect() as admin:
            admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(self.name)))
        with self.admin() as admin:
            admin.execute(house.migrate("--roles-sql"))
            make_node(admin, "gw1")
        self.postgres = f"host={server.base} dbname={self.name}"

    def admin(self):
        return self.server.connect("admin", self.name)

    def rows(self, statement: str) -> list[tuple]:
        with self.admin() as admin:
            return admin.execute(statement).fetchall()

    def steps(self) -> list[tuple]:
        if self.rows("SELECT to_regclass('il.migration')") == [(None,)]:
            return []
        return self.rows("SELECT n, name, 'sha256:' || encode(digest, 'hex') FROM il.migration ORDER BY n")


@pytest.fixture
def database(server, house) -> Database:
    made = Database(server, house)
    house.settle(made.postgres)
    return made
