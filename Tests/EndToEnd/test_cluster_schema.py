"""The store of a cluster, alone: what its functions keep true of grants and the chain for nodes that race and repeat. A real
PostgreSQL 15."""

import hashlib
import itertools
import json
import time

import psycopg
import pytest

import storing
from storing import Store, at_once, chain_faults, refusal, soon, server, store  # noqa: F401

HOURS = 3600


def chain(store: Store) -> list[tuple]:
    return store.rows("SELECT n, prev, digest, body FROM il.control ORDER BY n")


def asked(node, name: str, uses: int = 1, takes: str = "[]"):
    return node.do("ask", name, "agent", "run", uses, soon(), b"request " + name.encode(), takes)


def approved(node, name: str, uses: int = 1) -> None:
    asked(node, name, uses)
    vote(node, name, 1, "approved", "li")


def vote(node, name: str, ver: int, state: str, person: str, proof: bytes | None = None, attempt: str = "attempt 1"):
    proof = proof or f"{name} by {person}".encode()
    return node.do("vote", name, 1, ver, state, person, hashlib.sha256(proof).hexdigest(), TOMORROW, attempt, proof,
                   f"{node.name}.log", 7)


TOMORROW = soon(24 * HOURS)


def used(node, name: str, ver: int, body: bytes, known: int = -1) -> list[tuple]:
    return node.call("use", node.inc, name, 1, ver, body.hex()[:100], TOMORROW, body, known)


def row(store: Store, name: str) -> tuple:
    return store.rows("SELECT state, ver, used FROM il.approval WHERE id = %s", name)[0]


@pytest.mark.requirement("R091")
def test_of_three_nodes_that_race_for_one_grant_one_uses_it(store, chance):
    for number in range(40):
        name = f"grant-{number}"
        approved(store.nodes[0], name)
        results = at_once([
            (lambda node=node: used(node, name, 2, f"{name} by {node.name} {chance.random()}".encode()))
            for node in store.nodes])
        winners = [result for result in results if isinstance(result, list)]
        losers = [result for result in results if not isinstance(result, list)]
        assert len(winners) == 1 and [error.sqlstate for error in losers] == ["IL003", "IL003"]
        assert row(store, name) == ("used", 3, 1)
        assert winners[0][-1][3:5] == ("use", f"{name}/1")
    assert store.rows("SELECT count(*) FROM il.control WHERE kind = 'use'")[0][0] == 40


def test_a_grant_with_three_uses_is_used_three_times(store):
    approved(store.nodes[0], "three", uses=3)

    def tries(node):
        count = 0
        for number in itertools.count():
            state, ver, _ = node.connection.execute(
                "SELECT state, ver, used FROM il.approval WHERE id = 'three'").fetchone()
            if state == "used":
                return count
            try:
                used(node, "three", ver, f"{node.name} {number}".encode())
                count += 1
            except psycopg.Error as error:
                assert error.sqlstate == "IL003"

    assert sum(at_once([lambda node=node: tries(node) for node in store.nodes])) == 3
    assert row(store, "three") == ("used", 5, 3)


def test_a_use_returns_all_entries_that_came_before_it(store):
    first, second = store.nodes[:2]
    approved(first, "a")
    known = store.head()[0]
    second.do("record", "halt", "order-1", b"a halt")
    entries = used(first, "a", 2, b"the use", known)
    assert [(entry[3], entry[4]) for entry in entries] == [("halt", "order-1"), ("use", "a/1")]
    assert entries[-1][5] == b"the use" and entries[-1][6] == first.name


def test_a_use_of_a_grant_that_ended_or_was_revised_is_refused(store):
    node = store.nodes[0]
    approved(node, "ended")
    node.do("finish", "ended", 1, 2, "void", b"the end of it")
    assert refusal(lambda: used(node, "ended", 2, b"late")) == "IL003"
    assert refusal(lambda: used(node, "ended", 3, b"late")) == "IL003"
    asked(node, "revised")
    node.do("revise", "revised", 1, 1, True, soon(), b"another review")
    assert refusal(lambda: vote(node, "revised", 1, "approved", "li")) == "IL003"
    assert refusal(lambda: used(node, "revised", 2, b"unapproved")) == "IL003"
    assert [entry[4] for entry in store.rows("SELECT * FROM il.control WHERE kind = 'end'")] == ["ended"]


def test_sixteen_writers_number_without_gap_or_fork(server):
    names = tuple(f"gw{number}" for number in range(1, 17))
    with Store(server, nodes=names) as store:
        def write(node):
            return [node.do("record", "quarantine", f"server-{node.name}", f"{node.name} {number}".encode())
                    for number in range(20)]

        numbers = at_once([lambda node=node: write(node) for node in store.nodes])
        assert sorted(itertools.chain(*numbers)) == list(range(1, 321))
        assert all(own == sorted(own) for own in numbers)
        assert chain_faults(chain(store)) == []


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_no_isolation_level_makes_a_fork(store, level):
    """A snapshot from before another writer's entry sees an old head: the primary key refuses what is built on it."""
    first, second = store.nodes[:2]
    for node in (first, second):
        node.connection.execute(f"SET default_transaction_isolation = '{level}'")
    with first.connection.transaction():
        assert first.connection.execute("SELECT max(n) FROM il.control").fetchone()[0] == 0
        second.do("record", "pause", "run-1", b"first")
        assert refusal(lambda: first.do("record", "pause", "run-2", b"second")) in ("23505", "40001")
        raise psycopg.Rollback()
    assert chain_faults(chain(store)) == [] and store.head()[0] == 1
    approved(second, "b")
    results = at_once([lambda node=node: used(node, "b", 2, f"by {node.name}".encode()) for node in store.nodes])
    assert sum(isinstance(result, list) for result in results) == 1


def test_a_repeated_call_changes_nothing(store):
    """Each function twice with the same ids: the same answer, and the database as after the first."""
    node = store.nodes[0]
    asked(node, "used")
    now = int(time.time() * 1_000_000)
    takes = json.dumps([{"key": "k", "span": 60, "most": 10, "want": 3, "all": False, "number": 1, "until": now + 1,
                         "now": now}])
    start = "a process"
    node.start(start)
    node.beat()
    calls = [
        lambda: node.call("start", start, 0, 1, 0),
        lambda: asked(node, "new", takes="[]"),
        lambda: node.do("record", "halt", "order", b"halt"),
        lambda: node.do("member", "gw9", "admit", b"admission"),
        lambda: node.do("task_take", "expiry", 0, 0, 5),
        lambda: node.do("task_keep", "expiry", 1, 5),
        lambda: node.do("nonce", "n-1", TOMORROW, "attempt"),
        lambda: vote(node, "used", 1, "pending", "li"),
        lambda: vote(node, "used", 2, "approved", "mo"),
        lambda: used(node, "used", 3, b"the use"),
        lambda: node.do("revise", "new", 1, 1, True, TOMORROW, b"next"),
        lambda: node.do("finish", "new", 2, 2, "denied", b"denied"),
        lambda: node.call("claim", node.inc, "run", "agent", 1),
        lambda: node.do("run_change", "run", 1, "level", 2),
        lambda: node.do("run_change", "run", 1, "calls", 16),
        lambda: node.do("run_change", "run", 1, "free", 16),
        lambda: node.do("run_end", "run"),
        lambda: node.do("take", takes),
        lambda: node.do("report", 1, 2, 0, False, now, now),
        lambda: node.do("put_back", 2, "k", 60, 10, 2, now, now + 1, 1, 0, False, now, now),
        lambda: node.do("restored"),
        lambda: node.do("settle", node.name, 1, '{"k": 1}', now),
        lambda: node.do("wait", "elevation", "e", TOMORROW, b"asks"),
        lambda: node.do("sign", "elevation", "e", 1, b"one signature"),
        lambda: node.do("complete", "elevation", "e", 2, "e", b"two signatures"),
        lambda: node.do("counter", "key", 4, "attempt"),
        lambda: node.do("challenge", "c", TOMORROW, b"challenge"),
        lambda: node.do("challenge_take", "c", "answer"),
        lambda: node.do("session", "s", "li", TOMORROW, b"session"),
        lambda: node.do("session_end", "li", "s") * 0,
        lambda: node.do("view", TOMORROW.date(), "used", 1, "li"),
        lambda: node.do("post", TOMORROW.date(), "p", "mail", b"text"),
        lambda: node.do("post_done", TOMORROW.date(), "p", "mail"),
        lambda: node.do("put", "alert", "a", 0, None, b"alert"),
        lambda: node.do("put", "alert", "a", 1, None, b"disposed"),
        lambda: node.do("put", "told", "t", 0, TOMORROW, b"told") and node.do("drop", "told", "t", 1) and None,
        lambda: node.do("open_generation"),
        lambda: node.do("roll", TOMORROW.date(), 2) * 0,
        lambda: node.do("prune", TOMORROW) * 0,
    ]
    for number, call in enumerate(calls):
        first = call()
        before = everything(store)
        assert call() == first, number
        assert everything(store) == before, number


def everything(store: Store) -> dict:
    """All rows of all tables, but for the transaction of the last change."""
    with store.admin() as admin:
        tables = [name for name, in admin.execute(
            "SELECT c.relname FROM pg_class c WHERE relnamespace = 'il'::regnamespace AND relkind IN ('r', 'p') "
            "AND NOT relispartition ORDER BY 1")]
        return {name: admin.execute(f"SELECT to_jsonb(t) - 'seen' - 'starved' FROM il.{name} t ORDER BY 1").fetchall()
                for name in tables}


def test_the_same_id_with_other_content_is_refused(store):
    node, other = store.nodes[:2]
    asked(node, "a")
    assert node.refusal("ask", "a", "agent", "run", 1, soon(), b"another request", "[]") == "IL003"
    assert refusal(lambda: asked(other, "a")) == "IL003"
    vote(node, "a", 1, "pending", "li")
    assert refusal(lambda: vote(other, "a", 1, "pending", "mo")) == "IL003"
    assert refusal(lambda: vote(node, "a", 2, "approved", "li", b"a second vote")) == "IL003"
    proof = b"a by li"
    assert node.refusal("nonce", hashlib.sha256(proof).hexdigest(), TOMORROW, "attempt 2") == "IL003"
    assert node.refusal("record", "quarantine", "x", b"genesis of " + store.database.encode()) == "IL003"
    assert row(store, "a") == ("pending", 2, 0)


def test_a_statement_that_a_node_receives_twice_counts_once(store):
    """Its bytes are the same, and so would be the call: a repeat is known by the id that the node gave the attempt."""
    node, other = store.nodes[:2]
    node.do("nonce", "n", TOMORROW, "attempt 1")
    assert node.refusal("nonce", "n", TOMORROW, "attempt 2") == "IL003"
    assert other.refusal("nonce", "n", TOMORROW, "attempt 1") == "IL003"
    node.do("nonce", "n", TOMORROW, "attempt 1")
    node.do("counter", "key", 4, "attempt 3")
    assert node.refusal("counter", "key", 4, "attempt 4") == "IL003"
    assert other.refusal("counter", "key", 4, "attempt 3") == "IL003"
    node.do("counter", "key", 4, "attempt 3")
    asked(node, "a")
    vote(node, "a", 1, "pending", "li", attempt="attempt 5")
    assert refusal(lambda: vote(node, "a", 1, "pending", "li", attempt="attempt 6")) == "IL003"
    assert vote(node, "a", 1, "pending", "li", attempt="attempt 5") == 2


def test_a_vote_builds_on_all_votes_before_it(store):
    asked(store.nodes[0], "a")
    results = at_once([lambda node=node: vote(node, "a", 1, "pending", f"person of {node.name}") for node in store.nodes])
    assert sorted(str(getattr(result, "sqlstate", result)) for result in results) == ["2", "IL003", "IL003"]
    assert store.rows("SELECT count(*) FROM il.vote")[0][0] == 1
    # What a vote that was refused came with is free again: its nonce was not consumed.
    assert store.rows("SELECT count(*) FROM il.nonce")[0][0] == 1


def test_a_kind_that_not_all_nodes_know_cannot_be_recorded(store):
    node = store.nodes[0]
    for kind in ("use", "end", "expelled", "genesis", "member", "unheard-of"):
        assert node.refusal("record", kind, "x", b"bytes of " + kind.encode()) == "IL003"
    with store.migrator() as migrator:
        migrator.execute("INSERT INTO il.kind VALUES ('later', 2)")
    assert node.refusal("record", "later", "x", b"later") == "IL003"
    assert store.head()[0] == 0


def test_signed_bytes_are_one_entry_under_one_number(store):
    node = store.nodes[0]
    node.do("record", "quarantine", "s1", b"an entry")
    node.do("record", "quarantine", "s2", b"another")
    n, digest = store.head()
    again = (n + 1, digest, hashlib.sha256(digest + b"an entry").digest(), "quarantine", "s1", b"an entry", node.name)
    assert node.refusal("repair", *again) == "23505"
    assert node.refusal("record", "pause", "s1", b"an entry") == "IL003"
    assert store.head() == (n, digest)


def test_no_halt_is_kept_out_by_another_one_of_its_id(store):
    """The store cannot tell which of the two people ordered. The same bytes are one entry, also from other nodes."""
    one, two = store.nodes[:2]
    assert one.do("record", "halt", "order", b"an order that does not count") == 1
    results = at_once([lambda node=node: node.do("record", "halt", "order", b"the order of a person")
                       for node in store.nodes])
    assert results == [2, 2, 2] and store.head()[0] == 2
    assert one.do("record", "halt", "order", b"an order that does not count") == 1


def test_a_release_sent_by_three_nodes_is_one_entry(store):
    numbers = at_once([lambda node=node: node.do("record", "release", "order", f"as {node.name} sends it".encode())
                       for node in store.nodes])
    assert numbers == [1, 1, 1] and store.head()[0] == 1


def test_only_an_append_notifies(store):
    node = store.nodes[0]
    with store.server.connect("gw2", store.database) as listener:
        listener.execute("LISTEN il")
        node.beat()
        asked(node, "a")
        vote(node, "a", 1, "approved", "li")
        node.call("claim", node.inc, "run", "agent", 1)
        node.do("take", '[{"key": "k", "span": 60, "most": 9, "want": 1, "all": false, "number": 1, "until": 2, "now": 1}]')
        node.do("session", "s", "li", TOMORROW, b"s")
        assert list(listener.notifies(timeout=0.5)) == []
        used(node, "a", 2, b"use")
        assert [told.payload for told in listener.notifies(timeout=10, stop_after=1)] == ["1"]
        node.do("record", "halt", "order", b"halt")
        assert [told.payload for told in listener.notifies(timeout=10, stop_after=1)] == ["2"]
        node.do("record", "halt", "order", b"halt")
        assert list(listener.notifies(timeout=0.5)) == []


def test_rows_that_were_changed_by_hand_are_seen_in_the_chain(store, chance):
    node = store.nodes[0]
    for number in range(6):
        node.do("record", "quarantine", f"s{number}", f"body {number}".encode())
    assert chain_faults(chain(store)) == []
    head = node.beat()
    edits = {
        "UPDATE il.control SET body = 'another' WHERE n = 3": "digest of 3",
        "UPDATE il.control SET digest = sha256(prev || 'b'), body = 'b' WHERE n = 3": "link of 4",
        "UPDATE il.control SET prev = sha256('x') WHERE n = 3": "link of 3",
        "DELETE FROM il.control WHERE n = 3": "gap before 4",
    }
    for statement, fault in edits.items():
        with store.admin() as admin:
            with admin.transaction(force_rollback=True):
                admin.execute(statement)
                assert fault in chain_faults(admin.execute(
                    "SELECT n, prev, digest, body FROM il.control ORDER BY n").fetchall())
    # A chain that was cut verifies in itself. The heads that nodes have applied show it.
    store.rows("DELETE FROM il.control WHERE n = 6 RETURNING n")
    node.do("close_generation")
    for each in store.nodes:
        each.beat((head["n"], head["digest"]))
    assert node.do("open_generation") is False
    assert node.refusal("record", "quarantine", "s6", b"body 6, another") == "IL004"


def test_a_grant_set_back_by_hand_is_not_used_again(store):
    node = store.nodes[0]
    approved(node, "a")
    used(node, "a", 2, b"first use")
    store.rows("UPDATE il.approval SET state = 'approved', used = 0, ver = 2 RETURNING 1")
    assert refusal(lambda: used(node, "a", 2, b"second use")) == "23505"
    # The bytes of the first are the first: its writer may ask again what became of it, and finds no second entry.
    assert store.rows("SELECT count(*) FROM il.control WHERE kind = 'use'")[0][0] == 1


def test_functions_and_tables_name_no_column_that_is_not_there(store):
    """Every function of the API is called by a test above or in the files beside this one: PL/pgSQL reads a body only as
    it runs. `status` is called by the command, in test_cluster_commands.py."""
    api = {name for name, in store.rows(
        "SELECT p.proname FROM pg_proc p WHERE pronamespace = 'il_v1'::regnamespace "
        "AND has_function_privilege('il_node', p.oid, 'EXECUTE')")}
    tests = "".join(path.read_text() for path in storing.ROOT.glob("Tests/EndToEnd/test_cluster_schema*.py"))
    assert {name for name in api if f'"{name}"' not in tests} - {"start", "heartbeat", "status"} == set()
