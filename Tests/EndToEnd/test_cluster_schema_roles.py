"""The roles of a cluster's store: what a node, a reader, a migration and a backup can and cannot do by hand.
A real PostgreSQL 15."""

import itertools

import psycopg
import pytest

import storing
from storing import Store, refusal, soon, server  # noqa: F401

BODIES = {"body", "proof", "content", "change", "taken", "attempt"}


@pytest.fixture(scope="module")
def store(server):
    with Store(server) as store:
        node = store.nodes[0]
        node.do("ask", "a", "agent", "run", 1, soon(), b"sealed request", "[]")
        node.do("session", "secret", "li", soon(), b"sealed session")
        with store.admin() as admin:
            admin.execute("CREATE ROLE reader LOGIN IN ROLE il_read")
        yield store


def tables(store: Store) -> list[str]:
    return [name for name, in store.rows(
        "SELECT relname FROM pg_class WHERE relnamespace = 'il'::regnamespace AND relkind IN ('r', 'p') ORDER BY 1")]


def columns(store: Store, table: str) -> list[str]:
    return [name for name, in store.rows(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
        f"il.{table}")]


def denied(connection: psycopg.Connection, statement: str) -> None:
    assert refusal(lambda: connection.execute(statement)) == "42501", statement


@pytest.mark.parametrize("role", ["gw1", "reader", "il_migrate", "il_backup"])
def test_no_login_writes_a_table(store, role):
    with store.server.connect(role, store.database) as connection:
        for table in tables(store):
            column = columns(store, table)[0]
            denied(connection, f"INSERT INTO il.{table} DEFAULT VALUES")
            denied(connection, f"UPDATE il.{table} SET {column} = {column}")
            denied(connection, f"DELETE FROM il.{table}")
            denied(connection, f"TRUNCATE il.{table}")
            assert refusal(lambda: connection.execute(f"ALTER TABLE il.{table} ADD x int")) == "42501"


@pytest.mark.parametrize("role", ["gw1", "reader", "il_migrate", "il_backup"])
def test_no_login_makes_things_of_its_own(store, role):
    with store.server.connect(role, store.database) as connection:
        for statement in ("CREATE SCHEMA mine", "CREATE TABLE public.mine (x int)", "CREATE TEMP TABLE mine (x int)",
                          "CREATE FUNCTION il_v1.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'", "CREATE ROLE mine",
                          "CREATE TABLE il.mine (x int)", "ALTER SYSTEM SET synchronous_standby_names = ''",
                          "COPY (SELECT 1) TO '/tmp/mine'",
                          # With one of these locks a login could stop all appends.
                          "SELECT pg_advisory_lock(7400)", "SELECT pg_advisory_xact_lock(7400)",
                          "SELECT pg_try_advisory_lock_shared(7400)", "SELECT pg_advisory_xact_lock(0, 7400)"):
            denied(connection, statement)


@pytest.mark.parametrize("role", ["gw1", "reader", "il_backup"])
@pytest.mark.parametrize("other", ["il_owner", "il_migrate", "admin", "gw2"])
def test_no_login_becomes_another_role(store, role, other):
    with store.server.connect(role, store.database) as connection:
        denied(connection, f"SET ROLE {other}")
        denied(connection, f"SET SESSION AUTHORIZATION {other}")


def test_a_reader_sees_no_body(store):
    with store.server.connect("reader", store.database) as reader:
        for table in tables(store):
            for column in columns(store, table):
                is_body = column in BODIES or (table, column) in {("session", "id")} or (
                    column == "nonce" and table.startswith("nonce"))
                partition = store.rows("SELECT relispartition FROM pg_class WHERE oid = %s::regclass", f"il.{table}")[0][0]
                if is_body:
                    denied(reader, f"SELECT {column} FROM il.{table}")
                    denied(reader, f"SELECT count({column}) FROM il.{table}")
                    denied(reader, f"SELECT 1 FROM il.{table} WHERE {column} IS NULL")
                elif not partition:
                    reader.execute(f"SELECT {column} FROM il.{table}")
            if BODIES & set(columns(store, table)):
                denied(reader, f"SELECT * FROM il.{table}")
                denied(reader, f"SELECT t FROM il.{table} t")
        denied(reader, "SELECT il_v1.record(1, 'halt', 'x', 'x')")
        assert refusal(lambda: reader.execute("SELECT il_v1.generation()")) == "42501"
        assert reader.execute("SELECT id, state FROM il.approval").fetchall() == [("a", "pending")]


def test_a_backup_reads_no_table_by_statements(store):
    with store.server.connect("il_backup", store.database) as backup:
        for table in tables(store):
            denied(backup, f"SELECT 1 FROM il.{table}")


def test_a_node_calls_what_it_is_granted_and_no_inner_function(store):
    node = store.nodes[0]
    granted = {name for name, in store.rows(
        "SELECT proname FROM pg_proc p WHERE pronamespace = 'il_v1'::regnamespace "
        "AND has_function_privilege('gw1', oid, 'EXECUTE')")}
    inner = {name for name, in store.rows(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'il_v1'::regnamespace")} - granted
    assert inner == {"append", "caller", "close_now", "compared", "consume", "count_use", "day_of", "durable",
                     "entries_after", "found", "generation", "is_known", "is_open", "is_unknown", "limit_row", "now_us",
                     "open_now", "open_units", "opened", "partitions", "refuse", "report_one", "retire", "slot_of",
                     "take_all", "take_one"}
    calls = {"append": "'halt', 'x', 'x', 'gw2'", "found": "'gw1', 'x', 'none'", "open_now": "", "generation": "",
             "partitions": "current_date, 2", "take_one": "'gw2', 1, 1, 'k', 60, 1, 1, true, 2, 1",
             "consume": "'n', now(), 'x', 'gw2'", "entries_after": "0", "retire": "'gw2', 1"}
    for name, values in calls.items():
        denied(node.connection, f"SELECT il_v1.{name}({values})")
    denied(node.connection, "SELECT il.finish(1)")


def test_every_function_has_a_fixed_search_path_and_those_of_nodes_run_as_the_owner(store):
    rows = store.rows(
        "SELECT proname, proconfig, prosecdef, pg_get_userbyid(proowner), "
        "has_function_privilege('gw1', oid, 'EXECUTE'), has_function_privilege('reader', oid, 'EXECUTE') "
        "FROM pg_proc WHERE pronamespace IN ('il_v1'::regnamespace, 'il'::regnamespace)")
    for name, config, is_definer, owner, for_nodes, for_readers in rows:
        assert config == ["search_path=pg_catalog, pg_temp"], name
        assert owner == "il_owner" and not for_readers, name
        assert is_definer == for_nodes or name == "found", name
    assert store.rows("SELECT rolcanlogin, rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = 'il_owner'") == [
        (False, False, False, False)]


def test_a_node_acts_under_the_name_of_its_login(store):
    one, two = store.nodes[:2]
    one.connection.execute("SET application_name = 'gw2'")
    one.connection.execute("SET ROLE il_node")
    one.do("record", "quarantine", "s1", b"by gw1")
    one.connection.execute("RESET ROLE")
    assert store.rows("SELECT node FROM il.control WHERE subject = 's1'") == [("gw1",)]
    with store.admin() as admin:
        storing.make_node(admin, "stranger")
    with store.server.connect("stranger", store.database) as stranger:
        assert refusal(lambda: stranger.execute("SELECT il_v1.start('p', 0, 1, 0)")) == "IL001"
        for inc in (0, 1, two.inc):
            assert refusal(lambda: stranger.execute(
                "SELECT il_v1.record(%s, 'halt', 'h', 'h')", (inc,))) == "IL001"


def test_a_session_that_hides_warnings_is_refused(store):
    """A commit that the standby lacks succeeds with a warning."""
    node = store.nodes[1]
    for level, code in (("error", "IL002"), ("notice", None), ("warning", None), ("debug5", None)):
        node.connection.execute(f"SET client_min_messages = {level}")
        if code:
            assert refusal(node.beat) == code and node.refusal("record", "halt", "order", b"halt") == code
        else:
            assert node.beat()["open"] is True
    node.connection.execute("RESET client_min_messages")


def test_a_transaction_that_is_left_open_ends_with_its_lock(store):
    node, other = store.nodes[1:]
    assert node.connection.execute("SHOW idle_in_transaction_session_timeout").fetchone()[0] == "5s"
    for limit, code in (("0", "IL002"), ("11s", "IL002"), ("2min", "IL002"), ("10s", None), ("400ms", None)):
        node.connection.execute(f"SET idle_in_transaction_session_timeout = '{limit}'")
        if code:
            assert refusal(node.beat) == code and node.refusal("record", "halt", "order", b"halt") == code
        else:
            assert node.beat()["open"] is True
    before = store.head()[0]
    node.connection.execute("BEGIN")
    node.do("record", "quarantine", "left open", b"left open")
    other.connection.execute("SET statement_timeout = '20s'")
    assert other.do("record", "quarantine", "of another", b"after it") == before + 1
    assert refusal(lambda: node.connection.execute("COMMIT")) in ("25P03", None)
    node.connect()
    assert node.beat()["open"] is True


def test_a_node_cannot_shadow_what_a_function_uses(store):
    node = store.nodes[0]
    node.connection.execute("SET search_path = pg_temp, public, il")
    denied(node.connection, "CREATE TEMP VIEW control AS SELECT 1")
    before = store.head()[0]
    node.do("record", "quarantine", "s2", b"another by gw1")
    assert store.head()[0] == before + 1
    node.connection.execute("RESET search_path")


def test_migration_is_done_by_its_role_as_the_owner_alone(store):
    with store.server.connect("il_migrate", store.database) as migrator:
        denied(migrator, "SELECT 1 FROM il.control")
        denied(migrator, "SELECT il.finish(1)")
        migrator.execute("SET ROLE il_owner")
        assert migrator.execute("SELECT count(*) FROM il.migration").fetchone()[0] == len(storing.STEPS)
        # It owns tables and functions, and no role, no other database and no setting of the server.
        for statement in ("CREATE ROLE x", "ALTER SYSTEM SET fsync = off", "CREATE DATABASE x"):
            denied(migrator, statement)


def test_an_administrator_can_edit_rows_and_readers_see_it(store):
    """Nothing in the database hinders its administrator; what it writes carries no signature of a person or node."""
    with store.admin() as admin, admin.transaction(force_rollback=True):
        admin.execute("UPDATE il.approval SET state = 'approved', ver = ver + 1 WHERE id = 'a'")
        assert admin.execute("SELECT count(*) FROM il.vote WHERE id = 'a'").fetchone()[0] == 0
        admin.execute("UPDATE il.control SET body = 'by hand' WHERE n = 0")
        faults = storing.chain_faults(admin.execute("SELECT n, prev, digest, body FROM il.control ORDER BY n").fetchall())
        assert "digest of 0" in faults


def test_each_column_of_a_table_is_a_body_or_not(store):
    """A new column is sorted here by hand: bodies are kept from readers."""
    named = set(itertools.chain(*(columns(store, table) for table in tables(store))))
    assert {column for column in named if store.rows(
        "SELECT 1 FROM information_schema.columns WHERE table_schema = 'il' AND column_name = %s "
        "AND data_type = 'bytea'", column)} == {"body", "proof", "content", "change", "digest", "prev", "head"}
