"""`interlock cluster`: a database is prepared for nodes, its state is read, and what does not fit is refused with the place,
the cause and a remedy. A real PostgreSQL 15, and nodes that call its functions as the gateway will."""

import hashlib
import json
import os
import re
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest
from psycopg import sql

import storing
from conftest import missing
from storing import STEPS, Server, Store, at_once, make_node, wait_for
from test_cluster_schema_failover import is_synchronous, paired

OK, NO, USAGE, DATA, NOT_FOUND, UNAVAILABLE, NOT_PERMITTED = 0, 1, 64, 65, 66, 69, 77
DIGESTS = ["sha256:" + hashlib.sha256(path.read_bytes()).hexdigest() for path in STEPS]
LATER = "INSERT INTO il.migration (n, name, digest) SELECT max(n) + 1, 'later.sql', sha256('x') FROM il.migration"
# A busy machine must not make a call late where the test is about something else.
PATIENT = "20s"


@pytest.fixture(scope="module")
def server():
    if not storing.installed():
        missing("no PostgreSQL 15: run scripts/setup")
    with Server() as server:
        with server.connect() as admin:
            admin.execute("CREATE ROLE locked LOGIN PASSWORD 'the right one'")
        access = server.data / "pg_hba.conf"
        access.write_text("local all locked scram-sha-256\n" + access.read_text())
        with server.connect() as admin:
            admin.execute("SELECT pg_reload_conf()")
        yield server


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


ALL = [(number, path.name, digest) for number, (path, digest) in enumerate(zip(STEPS, DIGESTS), 1)]


# Migration.

def test_the_roles_are_printed_for_an_administrator_without_a_database(house):
    assert house.migrate("--roles-sql") == (storing.FILES / "roles.sql").read_text()
    for other in ("--check", "--finish", "--json"):
        assert f"`--roles-sql` cannot be used with `{other}`" in house.migrate("--roles-sql", other, expect=USAGE)


def test_a_database_is_checked_migrated_and_checked_again(house, database):
    said = house.migrate("--check", expect=NO)
    assert re.findall(r"^missing  (\S+)  (\S+)  -$", said, re.M) == [one[1:] for one in ALL]
    assert f"database `{database.name}` at `{database.server.base}`: 0 steps, {len(STEPS)} missing" in said
    assert database.steps() == []
    said = house.migrate()
    made = re.findall(r"^applied  (\S+)  (\S+)  (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)$", said, re.M)
    assert [one[:2] for one in made] == [one[1:] for one in ALL]
    assert f"{len(STEPS)} steps, {len(STEPS)} applied now" in said
    assert database.steps() == ALL
    said = house.migrate("--check")
    assert re.findall(r"^present  (\S+)  (\S+)  (\S+)$", said, re.M) == made
    assert "0 missing" in said and "0 applied now" in house.migrate()
    rows = [json.loads(line) for line in house.migrate("--check", "--json").splitlines()]
    assert [(row["step"], row["name"], row["digest"]) for row in rows] == ALL
    assert [row["at"] for row in rows] == [one[2] for one in made] and {row["state"] for row in rows} == {"present"}


def test_the_database_of_the_command_line_takes_the_place_of_the_setting(house, database):
    house.settle("host=/nowhere dbname=other")
    house.migrate("--check", "--postgres", database.postgres, expect=NO)
    house.migrate("--postgres", database.postgres, named=False)
    assert database.steps() == ALL
    assert "`store.postgres` is not set" in house.settle("").migrate(expect=NOT_FOUND)
    assert "`--postgres` must be a connection of libpq, with `host` and `dbname`" in house.migrate(
        "--postgres", "dbname=x", expect=USAGE)


def test_of_several_migrations_at_once_each_step_is_applied_by_one(house, database):
    answers = at_once([house.migrate, house.migrate, house.migrate])
    assert all(isinstance(answer, str) for answer in answers), answers
    said = "".join(answers)
    assert sorted(re.findall(r"^applied  (\S+)", said, re.M)) == [path.name for path in STEPS]
    assert database.steps() == ALL


def test_a_migration_that_was_interrupted_goes_on(house, database):
    house.migrate()
    with database.admin() as admin:
        admin.execute("DROP FUNCTION il_v1.status")
        admin.execute("DELETE FROM il.migration WHERE n = %s", (len(STEPS),))
    said = house.migrate()
    assert re.findall(r"^applied  (\S+)", said, re.M) == [STEPS[-1].name]
    assert database.steps() == ALL


@pytest.mark.parametrize("edit, reason, remedy", [
    ("UPDATE il.migration SET digest = sha256('x') WHERE n = 3", "the store has applied another text as step 3",
     "run the version that applied it"),
    (LATER, f"the store has step {len(STEPS) + 1}, which this version does not know", "run a version that is as new"),
    ("DELETE FROM il.migration WHERE n = 2", "the store lacks step 2 and has a later one", "restore a backup"),
])
def test_a_store_with_other_steps_is_refused_and_not_changed(house, database, edit, reason, remedy):
    house.migrate()
    with database.admin() as admin:
        admin.execute(edit)
    before = database.rows("SELECT n, name, digest, at FROM il.migration ORDER BY n")
    for words in ([], ["--check"], ["--finish"]):
        said = house.migrate(*words, expect=DATA)
        assert f"database `{database.name}` at `{database.server.base}`: {reason}" in said
        assert "help: " in said and remedy in said
        assert "applied now" not in said
    assert database.rows("SELECT n, name, digest, at FROM il.migration ORDER BY n") == before


@pytest.mark.parametrize("made, named", [
    ("CREATE TABLE mine (x integer)", "the relation public.mine"),
    ("CREATE SCHEMA mine", "the schema mine"),
    ("CREATE FUNCTION mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'", "the function public.mine"),
    ("CREATE SCHEMA il", "the schema il"),
])
def test_a_database_that_is_not_empty_is_refused(house, database, made, named):
    with database.admin() as admin:
        admin.execute(made)
    for words in ([], ["--check"]):
        said = house.migrate(*words, expect=DATA)
        assert f"the database is not empty: it has {named}" in said
        assert "help: make a database for it alone: CREATE DATABASE interlock" in said
    assert database.steps() == []


def test_older_functions_are_dropped_once_no_live_node_has_them(house, database):
    assert "`--check` cannot be used with `--finish`" in house.migrate("--check", "--finish", expect=USAGE)
    said = house.migrate("--finish", expect=NO)
    assert f"{len(STEPS)} steps are missing" in said and "run `interlock cluster migrate` first" in said
    house.migrate()
    with database.admin() as admin:
        admin.execute("CREATE SCHEMA il_v0 AUTHORIZATION il_owner")
        admin.execute("INSERT INTO il.node (name, state, version) VALUES ('old', 'live', 0)")
    said = house.migrate("--finish", expect=NO)
    assert "a live node uses an older version" in said and "`interlock cluster status` lists them" in said
    with database.admin() as admin:
        admin.execute("UPDATE il.node SET version = 1")
    assert "the functions of version 1 alone are left" in house.migrate("--finish")
    assert database.rows("SELECT to_regnamespace('il_v0')::text, to_regnamespace('il_v1')::text") == [(None, "il_v1")]


# Logins and connections, of both commands.

BOTH = pytest.mark.parametrize("command", ["migrate", "status"])


@BOTH
def test_a_wrong_password_is_refused_and_not_shown(house, server, command):
    place = f"host={server.base} dbname=postgres user=locked"
    house.settle(f"host={server.base} dbname=postgres")
    for environment, reason in (
            ({"PGPASSWORD": "the wrong one"}, 'password authentication failed for user "locked" (28P01)'),
            ({}, "no password supplied (28P01)")):
        said = house.run("cluster", command, "--postgres", place, expect=NOT_PERMITTED, environment=environment)
        assert f"database `postgres` at `{server.base}`: {reason}" in said and "`passfile`" in said
        assert "wrong one" not in said
    # The login is right then, and the next thing is missing.
    said = house.run("cluster", command, "--postgres", place, expect=NOT_PERMITTED if command == "migrate" else NOT_FOUND,
                     environment={"PGPASSWORD": "the right one"})
    assert "28P01" not in said
    password = house.folder / "passwords"
    password.write_text("*:*:*:locked:the right one\n")
    password.chmod(0o600)
    said = house.run("cluster", command, "--postgres", f"{place} passfile={password}",
                     expect=NOT_PERMITTED if command == "migrate" else NOT_FOUND)
    assert "28P01" not in said


@BOTH
def test_a_host_that_swallows_packets_is_left_at_the_deadline(house, command):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        port = silent.getsockname()[1]
        house.settle(f"host=127.0.0.1 port={port} dbname=interlock", deadline="500ms")
        start = time.monotonic()
        said = house.run("cluster", command, expect=UNAVAILABLE)
        assert time.monotonic() - start < 20
    assert "database `interlock` at `127.0.0.1`: cannot connect to the store within 500 ms" in said
    assert "help: is PostgreSQL running" in said


@BOTH
def test_a_host_that_is_not_there_is_named(house, command):
    house.settle("host=/nonexistent dbname=interlock")
    said = house.run("cluster", command, expect=UNAVAILABLE)
    assert "No such file or directory" in said and "database `interlock` at `/nonexistent`: " in said


@BOTH
def test_a_database_that_is_not_there_is_named(house, server, database, command):
    house.settle(f"host={server.base} dbname=nothing")
    said = house.run("cluster", command, expect=NOT_FOUND)
    assert 'database "nothing" does not exist (3D000)' in said and "CREATE DATABASE" in said


def test_a_login_without_the_right_is_refused(house, database):
    said = house.migrate("--postgres", f"{database.postgres} user=gw1", expect=NOT_PERMITTED)
    assert 'the login cannot act as `il_owner`: permission denied to set role "il_owner"' in said
    assert "the login was `gw1`" in said and "--roles-sql" in said
    assert database.steps() == []
    assert 'schema "il_v1" does not exist (3F000)' in house.status(expect=NOT_FOUND)
    house.migrate()
    with database.admin() as admin:
        if not admin.execute("SELECT 1 FROM pg_roles WHERE rolname = 'onlooker'").fetchone():
            admin.execute("CREATE ROLE onlooker LOGIN IN ROLE il_read")
    said = house.status("--postgres", f"{database.postgres} user=onlooker", expect=NOT_PERMITTED)
    assert "permission denied for schema il_v1 (42501)" in said and "as a role in `il_node` to read" in said
    with database.admin() as admin:
        admin.execute(sql.SQL("REVOKE CREATE ON DATABASE {} FROM il_owner").format(sql.Identifier(database.name)))
        admin.execute("DROP SCHEMA il, il_v1 CASCADE")
    said = house.migrate(expect=NOT_PERMITTED)
    assert "permission denied for database" in said and "--roles-sql" in said


# Status.

class Beating:
    """Sends the heartbeats of some nodes until its end, twice a second or more."""

    def __init__(self, *nodes: storing.Node):
        self.nodes, self.end, self.fault = nodes, threading.Event(), None
        self.thread = threading.Thread(target=self.beat)

    def beat(self) -> None:
        try:
            while not self.end.wait(0.2):
                for node in self.nodes:
                    node.beat()
        except Exception as error:
            self.fault = error

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.end.set()
        self.thread.join()
        assert self.fault is None, self.fault


@pytest.fixture
def store(server, house):
    with Store(server) as store:
        house.settle(f"host={server.base} dbname={store.database}")
        yield store


def test_a_store_whose_nodes_beat_is_well(house, store):
    store.nodes[0].do("record", "quarantine", "s1", b"an entry")
    with Beating(*store.nodes):
        said = house.status()
        found = house.json()
    lines = said.splitlines()
    assert re.fullmatch(rf"database `{store.database}` at `\S+`: {len(STEPS)} steps, round trip \d+\.\d ms", lines[0])
    assert lines[1] == "standby: none, as the first entry says"
    assert re.fullmatch(r"chain: entry 1, generation [0-9A-F]{8}/\d+ open", lines[2])
    for number in (1, 2, 3):
        assert re.fullmatch(rf"gw{number}  live  incarnation 1  beat \d\.\d s ago  applied 1 *version 1", lines[2 + number])
    assert len(lines) == 6 and found["well"] is True and found["problems"] == []
    assert found["store"] == {**found["store"], "steps": len(STEPS), "oldest_version": 1, "standby": "none", "fault": None,
                              "open": True, "waits_for": [], "head": 1}
    assert found["store"]["round_trip_us"] > 0
    assert [(node["node"], node["state"], node["applied"], node["lag"]) for node in found["nodes"]] == [
        (name, "live", 1, 0) for name in ("gw1", "gw2", "gw3")]
    assert all(0 <= node["beat_age_ms"] < 3000 for node in found["nodes"])


def test_a_silent_node_and_one_that_was_expelled_are_named(house, store):
    one, two, three = store.nodes
    with Beating(one, two):
        said = house.status(expect=NO)
        assert "not well: node gw3 is silent" in said and "gw1 is" not in said
        assert re.search(r"^gw3 .* beat over \d+\.\d s ago", said, re.M)
    with store.admin() as admin:
        admin.execute("UPDATE il.node SET state = 'gone', inc = inc + 1 WHERE name = 'gw3'")
        admin.execute("INSERT INTO il.node (name, state) VALUES ('gw4', 'new'), ('gw5', 'retired')")
    with Beating(one, two):
        found = house.json(expect=NO)
    assert found["problems"] == ["node gw3 was expelled, and has not started again", "node gw4 has never started"]
    assert [node["node"] for node in found["nodes"]] == ["gw1", "gw2", "gw3", "gw4"]


def test_a_node_that_does_not_apply_entries_is_named(house, store):
    one, two, three = store.nodes
    genesis = store.head()
    one.do("record", "quarantine", "s1", b"an entry")

    class Behind(Beating):
        def beat(self) -> None:
            while not self.end.wait(0.2):
                one.beat()
                two.beat()
                three.beat(genesis)

    with Behind(one, two, three):
        said = house.status(expect=NO)
    assert "not well: node gw3 has applied up to entry 0 of 1" in said
    assert re.search(r"^gw3 .* applied 0, 1 behind", said, re.M)


def test_a_closed_generation_names_the_nodes_for_which_it_waits(house, store):
    one, two, three = store.nodes
    one.do("close_generation")
    one.beat()
    one.do("restored")
    two.beat()
    found = house.json(expect=NO)
    assert found["store"]["open"] is False
    assert found["store"]["waits_for"] == [
        {"node": "gw2", "reason": "has not put back its leases and runs"},
        {"node": "gw3", "reason": "no heartbeat yet"}]
    assert found["problems"][0] == ("the generation is closed: it waits for gw2 (has not put back its leases and runs), "
                                    "gw3 (no heartbeat yet)")
    two.do("restored")
    three.beat()
    three.do("restored")
    assert house.json(expect=NO)["problems"][0] == "the generation is closed: it waits for a node to open it"
    assert two.do("open_generation") is True
    with Beating(*store.nodes):
        house.status()


def test_a_store_without_its_standby_is_not_well(house, server):
    with Store(server, standby="none") as store:
        house.settle(f"host={server.base} dbname={store.database}")
        with store.admin() as admin:
            admin.execute("UPDATE il.meta SET standby = 'required'")
        found = house.json(expect=NO)
        assert found["store"]["standby"] == "required" and found["store"]["fault"] == "no synchronous standby"
        assert "the store refuses all calls: no synchronous standby" in found["problems"]
        assert "standby: required, and no synchronous standby" in house.status(expect=NO)


def test_a_standby_is_in_step_until_it_is_gone_and_does_not_answer_for_the_primary(house):
    if not storing.installed():
        missing("no PostgreSQL 15: run scripts/setup")
    with Server() as primary:
        standby = paired(primary)
        try:
            with Store(primary, standby="required") as store:
                house.settle(f"host={primary.base} dbname={store.database}")
                with Beating(*store.nodes):
                    assert "standby: required, in step" in house.status()
                house.settle(f"host={standby.base} dbname={store.database}")
                said = house.status(expect=UNAVAILABLE)
                assert "recovery is in progress (55000)" in said and "target_session_attrs=read-write" in said
                standby.stop()
                wait_for(lambda: not is_synchronous(primary))
                house.settle(f"host={primary.base} dbname={store.database}")
                assert "standby: required, and no synchronous standby" in house.status(expect=NO)
        finally:
            standby.close()


def test_a_database_without_a_cluster_or_with_other_steps_is_not_well(house, database):
    house.migrate()
    found = house.json(expect=NO)
    assert found["store"]["head"] is None and "the chain has no first entry" in found["problems"]
    assert "chain: no entry, generation" in house.status(expect=NO) and "no node" in house.status(expect=NO)
    with database.admin() as admin:
        admin.execute(LATER)
    assert (f"the schema has {len(STEPS) + 1} steps, and this version knows {len(STEPS)}: run a newer one"
            in house.json(expect=NO)["problems"])
    with database.admin() as admin:
        admin.execute("DELETE FROM il.migration WHERE n >= %s", (len(STEPS),))
    assert (f"the schema has {len(STEPS) - 1} of {len(STEPS)} steps: run `interlock cluster migrate`"
            in house.json(expect=NO)["problems"])
    with database.admin() as admin:
        admin.execute("DROP FUNCTION il_v1.status")
    assert "run `interlock cluster migrate` first" in house.status(expect=NOT_FOUND)


# The settings.

def test_no_gateway_starts_with_the_settings_of_a_cluster(house, server):
    house.settle(f"host={server.base} dbname=interlock")
    said = house.run("serve", expect=DATA)
    assert f"{house.file}: `store.postgres` is set, and this version serves one node alone: missing are" in said
    assert "help: remove `store.postgres` and the keys of `cluster`" in said
    house.file.write_text('cluster:\n  peers: "10.0.0.11:7402"\n')
    assert "`cluster.peers` is set" in house.run("serve", expect=DATA)
    assert not (house.folder / "state").exists()


@pytest.mark.parametrize("postgres, reason", [
    ("host=/run/pg dbname=i password=geheim", "without `password`, which is a secret"),
    ("postgresql://gw1:geheim@pg1/i", "`keyword=value` pairs; one has no `=`"),
    ("host=pg1 dbname=i", "with `sslmode=verify-full`, since `pg1` is another machine"),
    ("host=/run/pg dbname=i user=gw2", "`node` is `gw1`, and the login in `store.postgres` is `gw2`"),
])
def test_a_setting_that_is_not_safe_is_refused_with_its_place(house, postgres, reason):
    said = house.settle(postgres).status(expect=DATA)
    assert reason in said and f"{house.file}:" in said and "geheim" not in said
