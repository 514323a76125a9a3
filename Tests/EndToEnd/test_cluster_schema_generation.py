"""The store of a cluster that has lost commits, as nodes come back one after another: what closes the generation, and what
they put back. A real PostgreSQL 15."""

import hashlib

import psycopg
import pytest

import storing
from conftest import missing
from storing import Server, Store, at_once, chain_faults, refusal
from test_cluster_schema import approved, chain, used
from test_cluster_schema_failover import closed, present


@pytest.fixture(scope="module")
def server():
    if not storing.installed():
        missing("no PostgreSQL 15: run scripts/setup")
    with Server() as server:
        yield server


@pytest.fixture
def store(server):
    with Store(server) as store:
        yield store


def lost(store: Store, number: int) -> list[tuple]:
    """Deletes all entries from `number` on, as an old backup has none of them, and returns them."""
    entries = store.rows(
        "SELECT n, prev, digest, kind, subject, body, node FROM il.control WHERE n >= %s ORDER BY n", number)
    store.rows("DELETE FROM il.control WHERE n >= %s RETURNING n", number)
    return entries


@pytest.mark.parametrize("state", ["gone", "new"])
def test_a_node_that_is_gone_in_the_backup_closes_the_generation_with_what_it_knows(store, state):
    one, two, back = store.nodes
    approved(one, "a")
    used(back, "a", 2, b"a use that was lost")
    entries = lost(store, 1)
    known = (entries[-1][0], entries[-1][2])
    # The others opened without the node; the grant is there again.
    store.rows("UPDATE il.node SET state = %s, inc = 0, start = NULL WHERE name = 'gw3' RETURNING 1", state)
    store.rows("UPDATE il.approval SET state = 'approved', used = 0, ver = 2 RETURNING 1")
    assert one.beat()["open"] is True
    back.start()
    answer = back.beat(known)
    assert answer["open"] is False and answer["n"] == 0
    closed(one)
    assert refusal(lambda: used(one, "a", 2, b"a second use")) == "IL004"
    for node in (one, two):
        assert present(node)["open"] is False
    back.do("restored")
    assert one.do("open_generation") is False
    assert [back.do("repair", *entry) for entry in entries] == [True]
    assert one.do("open_generation") is True
    assert chain_faults(chain(store)) == [] and store.head() == known
    assert refusal(lambda: used(one, "a", 2, b"a second use")) == "IL003"
    assert back.beat(known)["open"] is True


def test_a_forked_head_closes_the_generation_until_its_node_is_expelled(store):
    one, two, back = store.nodes
    one.do("record", "quarantine", "s1", b"that the others have")
    fork = (1, hashlib.sha256(store.rows("SELECT prev FROM il.control WHERE n = 1")[0][0] + b"fork").digest())
    assert back.beat(fork)["open"] is False
    closed(one)
    for node in (one, two):
        present(node)
    back.beat(fork)
    back.do("restored")
    assert one.do("open_generation") is False
    term = one.do("task_take", "watch", 0, 0, 1)
    assert one.do("expel", term, "gw3", back.inc, back.beats, b"silent") is True
    assert two.do("open_generation") is True
    # A head of long ago is in the chain, and one that was never applied is none.
    two.beat((0, store.rows("SELECT digest FROM il.control WHERE n = 0")[0][0]))
    assert two.beat((-1, None))["open"] is True


def test_heads_that_are_unknown_close_the_generation_beside_appends_and_expulsions(store):
    """Rows of nodes and the lock of the chain are taken in one order: no call waits for another that waits for it."""
    one, two, back = store.nodes
    term = one.do("task_take", "watch", 0, 0, 1)

    def expels(number):
        assert one.do("expel", term, "gw2", two.inc, -1 - number, f"of a beat of before {number}".encode()) is False
        present(one)

    def beats(_):
        back.beat((7, hashlib.sha256(b"unknown").digest()))
        present(back)

    def opens(_):
        present(two)
        two.do("open_generation")

    def often(work):
        for number in range(30):
            try:
                work(number)
            except psycopg.Error as error:
                # It was closed since the heartbeat.
                assert error.sqlstate == "IL004", error

    assert at_once([lambda: often(expels), lambda: often(beats), lambda: often(opens)]) == [None] * 3
