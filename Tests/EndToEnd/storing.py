"""PostgreSQL 15 as the store of a cluster: servers that the tests start as an ordinary user in a folder of their own, on a
unix socket alone, and databases with the schema `il` whose nodes call its functions as the program will."""

import hashlib
import os
import shutil
import subprocess
import tempfile
import threading
import time
import uuid
from datetime import datetime, timedelta, timezone
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from conftest import missing
from sandboxing import OrdinaryUser

ROOT = Path(__file__).resolve().parents[2]
FILES = ROOT / "Sources" / "C" / "CClusterSchema" / "files"
# Another folder has a guard less, for test_cluster_schema_guards.py.
SCHEMA = Path(os.environ.get("INTERLOCK_CLUSTER_SCHEMA", FILES))
STEPS = sorted(SCHEMA.glob("[0-9]*.sql"))
PROGRAMS = Path("/usr/lib/postgresql/15/bin")
# Durable, as the functions demand, but small; nothing else runs on it.
SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{folder}'
shared_buffers = 16MB
max_connections = 60
wal_level = replica
min_wal_size = 4MB
max_wal_size = 32MB
max_wal_senders = 4
hot_standby = on
autovacuum = off
jit = off
log_min_messages = fatal
"""


def require() -> None:
    if not (PROGRAMS / "postgres").exists():
        missing("no PostgreSQL 15: run scripts/setup")


def memory() -> str | None:
    """A folder in memory with room for two servers and a copy."""
    folder = Path("/dev/shm")
    return str(folder) if folder.is_dir() and shutil.disk_usage(folder).free > 1 << 30 else None


class Server:
    """One PostgreSQL server. Its administrator is the role `admin`, and every local connection is trusted."""

    def __init__(self, user: OrdinaryUser | None = None, of: "Server | None" = None, name: str = "standby"):
        self.is_own = user is None
        # A database with all steps and no cluster, of which the others are copies.
        self.template: str | None = None
        self.user = user or OrdinaryUser()
        # Short, since the path of a socket has 107 bytes at most; in memory if there is room.
        self.base = Path(tempfile.mkdtemp(prefix="ilpg-", dir=memory() or "/tmp"))
        self.base.chmod(0o755)
        self.user.own(self.base)
        self.data = self.base / "data"
        if of:
            self.run("pg_basebackup", "-h", str(of.base), "-U", "admin", "-D", str(self.data), "-c", "fast", "-R",
                     "--no-sync", "-d", f"application_name={name}")
        else:
            self.run("initdb", "-D", str(self.data), "-U", "admin", "-A", "trust", "-E", "UTF8",
                     "--locale=C.UTF-8", "--wal-segsize=1", "--no-sync")
        with open(self.data / "postgresql.conf", "a") as file:
            file.write(SETTINGS.format(folder=self.base))
        self.start()

    def run(self, program: str, *words: str) -> None:
        done = subprocess.run([*self.user.prefix, str(PROGRAMS / program), *words], cwd="/", capture_output=True,
                              text=True, stdin=subprocess.DEVNULL, timeout=120)
        assert done.returncode == 0, f"{program}: {done.stdout}{done.stderr}"

    def start(self) -> None:
        self.run("pg_ctl", "-D", str(self.data), "-l", str(self.base / "log"), "-w", "-t", "60", "start")

    def stop(self, mode: str = "immediate") -> None:
        self.run("pg_ctl", "-D", str(self.data), "-w", "-m", mode, "stop")

    def promote(self) -> None:
        self.run("pg_ctl", "-D", str(self.data), "-w", "promote")

    def connect(self, role: str = "admin", database: str = "postgres", **words) -> psycopg.Connection:
        return psycopg.connect(host=str(self.base), user=role, dbname=database, autocommit=True, connect_timeout=20, **words)

    def close(self) -> None:
        subprocess.run([*self.user.prefix, str(PROGRAMS / "pg_ctl"), "-D", str(self.data), "-m", "immediate", "stop"],
                       cwd="/", capture_output=True)
        shutil.rmtree(self.base, ignore_errors=True)
        if self.is_own:
            self.user.remove()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Node:
    """The connection of one node. Each call is one statement; `inc` is passed first where a function takes it."""

    def __init__(self, store: "Store", name: str):
        self.store, self.name = store, name
        self.connect()
        self.inc = 0
        self.beats = 0
        self.low = "0"

    def connect(self) -> None:
        self.connection = self.store.server.connect(self.name, self.store.database)

    def call(self, function: str, *values) -> list[tuple]:
        with self.connection.cursor() as cursor:
            marks = ", ".join(["%s"] * len(values))
            cursor.execute(f"SELECT * FROM {self.store.api}.{function}({marks})", values)
            return cursor.fetchall()

    def do(self, function: str, *values):
        """The one value that a function with the incarnation as its first argument returns."""
        return self.call(function, self.inc, *values)[0][0]

    def start(self, process: str | None = None, least: int = 0) -> int:
        self.inc = self.call("start", process or uuid.uuid4().hex, 0, 1, least)[0][0]
        return self.inc

    def beat(self, applied: tuple[int, bytes] | None = None, starved: list[str] | None = None) -> dict:
        """One heartbeat of a node that has applied the head, or `applied`."""
        self.beats += 1
        number, digest = applied or self.store.head(self.connection)
        with self.connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
            cursor.execute(f"SELECT * FROM {self.store.api}.heartbeat(%s, %s, %s, %s, %s, %s)",
                           (self.inc, self.beats, number, digest, self.low, starved or []))
            row = cursor.fetchone()
        self.low = row["low"]
        return row

    def refusal(self, function: str, *values) -> str:
        """The SQLSTATE with which a call is refused."""
        return refusal(lambda: self.call(function, self.inc, *values))


class Store:
    """A database with the schema and three nodes that are live, in an open generation."""

    api = "il_v1"

    def __init__(self, server: Server, standby: str = "none", nodes: tuple[str, ...] = ("gw1", "gw2", "gw3")):
        self.server = server
        if server.template is None:
            server.template = self.create("template1", nodes)
            self.migrate()
        self.create(server.template, nodes)
        self.genesis = b"genesis of " + self.database.encode()
        with self.migrator() as migrator:
            migrator.execute("SELECT il_v1.found(%s, %s, %s)", (nodes[0], self.genesis, standby))
            # As a permit that people signed ahead; `member` needs a live node.
            for name in nodes[1:]:
                migrator.execute("INSERT INTO il.node (name, state) VALUES (%s, 'new')", (name,))
        self.nodes = [Node(self, name) for name in nodes]
        for node in self.nodes:
            node.start()
            node.beat()

    def create(self, template: str, nodes: tuple[str, ...]) -> str:
        """A new database, which has no rights of the template: those of databases are not copied."""
        self.database = f"il_{uuid.uuid4().hex[:12]}"
        with self.server.connect() as admin:
            admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(self.database), sql.Identifier(template)))
        with self.admin() as admin:
            admin.execute((SCHEMA / "roles.sql").read_text())
            for name in nodes:
                make_node(admin, name)
        return self.database

    def migrator(self) -> psycopg.Connection:
        connection = self.server.connect("il_migrate", self.database)
        connection.execute("SET ROLE il_owner")
        return connection

    def migrate(self, steps: list[Path] | None = None) -> list[int]:
        """Applies the steps that are missing: each in a transaction of its own, with its digest. Returns their numbers."""
        done = []
        with self.migrator() as connection:
            for path in steps or STEPS:
                number, text = int(path.name[:4]), path.read_bytes()
                digest = hashlib.sha256(text).digest()
                with connection.transaction():
                    connection.execute("SELECT pg_advisory_xact_lock(7401)")
                    known = None
                    if connection.execute("SELECT to_regclass('il.migration')").fetchone()[0]:
                        known = connection.execute("SELECT digest FROM il.migration WHERE n = %s", (number,)).fetchone()
                    if known:
                        assert known[0] == digest, f"step {number} was changed after it was applied"
                        continue
                    connection.execute(text)
                    connection.execute("INSERT INTO il.migration (n, name, digest) VALUES (%s, %s, %s)",
                                       (number, path.name, digest))
                    done.append(number)
        return done

    def admin(self) -> psycopg.Connection:
        return self.server.connect("admin", self.database)

    def rows(self, statement: str, *values) -> list[tuple]:
        with self.admin() as admin:
            return admin.execute(statement, values).fetchall()

    def head(self, connection: psycopg.Connection | None = None) -> tuple[int, bytes]:
        text = "SELECT n, digest FROM il.control ORDER BY n DESC LIMIT 1"
        return connection.execute(text).fetchone() if connection else self.rows(text)[0]

    def close(self) -> None:
        for node in self.nodes:
            node.connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


@pytest.fixture(scope="module")
def server():
    """One for all tests of a file."""
    require()
    with Server() as server:
        yield server


@pytest.fixture
def store(server):
    with Store(server) as store:
        yield store


def make_node(admin: psycopg.Connection, name: str) -> None:
    if not admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,)).fetchone():
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN IN ROLE il_node").format(sql.Identifier(name)))


def refusal(call) -> str:
    try:
        call()
    except psycopg.Error as error:
        return error.sqlstate
    raise AssertionError("the store permitted it")


def chain_faults(rows: list[tuple]) -> list[str]:
    """What a node finds in rows (n, prev, digest, body) that it reads: gaps, broken links and changed bodies."""
    faults, head = [], (-1, bytes(32))
    for n, prev, digest, body in rows:
        if n != head[0] + 1:
            faults.append(f"gap before {n}")
        elif prev != head[1]:
            faults.append(f"link of {n}")
        if digest != hashlib.sha256(prev + body).digest():
            faults.append(f"digest of {n}")
        head = (n, digest)
    return faults


def soon(seconds: float = 3600) -> datetime:
    return datetime.now(timezone.utc) + timedelta(seconds=seconds)


def at_once(works: list) -> list:
    """What each of the works returned or raised, begun at the same moment, each in a thread of its own."""
    barrier, results = threading.Barrier(len(works)), [None] * len(works)

    def run(place: int) -> None:
        barrier.wait()
        try:
            results[place] = works[place]()
        except Exception as error:
            results[place] = error

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def wait_for(holds, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)
