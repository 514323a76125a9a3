"""`interlock cluster migrate`, and what both commands refuse: a database is prepared for nodes, and what does not fit is
refused with the place, the cause and a remedy. A real PostgreSQL 15."""

import hashlib
import json
import re
import socket
import time

import pytest
from psycopg import sql

import storing
from clustering import (  # noqa: F401
    DATA, LATER, NO, NOT_FOUND, NOT_PERMITTED, UNAVAILABLE, USAGE, database, house)
from storing import STEPS, Server, at_once

DIGESTS = ["sha256:" + hashlib.sha256(path.read_bytes()).hexdigest() for path in STEPS]
ALL = [(number, path.name, digest) for number, (path, digest) in enumerate(zip(STEPS, DIGESTS), 1)]


@pytest.fixture(scope="module")
def server():
    storing.require()
    with Server() as server:
        with server.connect() as admin:
            admin.execute("CREATE ROLE locked LOGIN PASSWORD 'the right one'")
        access = server.data / "pg_hba.conf"
        access.write_text("local all locked scram-sha-256\n" + access.read_text())
        with server.connect() as admin:
            admin.execute("SELECT pg_reload_conf()")
        yield server


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


def test_a_migration_that_was_interrupted_continues(house, database):
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
    # Its table cannot be read by the owner of our schema.
    ("CREATE SCHEMA il; CREATE TABLE il.migration (n integer, name text, digest bytea)", "the schema il"),
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


# The settings.

def test_a_part_of_the_settings_of_a_cluster_starts_no_gateway(house, server):
    house.file.write_text('cluster:\n  peers: "10.0.0.11:7402"\n')
    said = house.run("serve", expect=DATA)
    assert f"{house.file}: `cluster.peers` is set, and `store.postgres` is not" in said
    assert "help: a node of a cluster has both; remove" in said
    house.file.write_text(f'store:\n  postgres: "host={server.base} dbname=interlock"\n')
    assert "`store.postgres` is set, and `cluster.node` is not" in house.run("serve", expect=DATA)
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
