"""The store of a cluster that has lost commits, as nodes come back one after another: what closes the generation, and what
they put back. A real PostgreSQL 15."""

import hashlib
import json

import psycopg
import pytest

import storing
from storing import Server, Store, at_once, chain_faults, refusal, server, store  # noqa: F401
from test_cluster_schema import approved, chain, used
from test_cluster_schema_failover import closed, present, reconnect


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
    # A head of long ago is in the chain, and a node that has applied nothing has no head.
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


def claimed(node, run: str, number: int) -> tuple:
    """State, node, term, home, origin, the node before, level, calls that were made, calls that may be made."""
    return node.call("claim", node.inc, run, "agent", number)[0]


def put_back(node, run: str, term: int, home: str = "gw1", level: int = 0, calls: int = 64, claim: int = 1,
             free: bool = False, agent: str = "agent"):
    return node.do("run_put_back", run, agent, term, home, level, calls, claim, free)


def opens(store: Store) -> None:
    for node in store.nodes:
        present(node)
    assert store.nodes[0].do("open_generation") is True


def test_a_run_that_the_store_lost_is_put_back_and_served_by_no_other_node(store):
    one, two, three = store.nodes
    assert claimed(one, "served", 1)[2] == 1 and claimed(one, "freed", 2)[2] == 1
    one.do("run_change", "served", 1, "level", 2)
    one.do("run_change", "freed", 1, "free", 5)
    one.do("close_generation")
    store.rows("DELETE FROM il.run RETURNING 1")
    for _ in range(2):
        put_back(one, "served", 1, level=2, calls=128)
        put_back(one, "freed", 1, calls=5, claim=2, free=True)
    assert refusal(lambda: put_back(one, "served", 2, agent="another")) == "IL003"
    for bad in ({"term": 0}, {"level": -1}, {"calls": -1}, {"claim": 0}):
        assert refusal(lambda: put_back(one, "of none", **{"term": 1} | bad)) == "IL003", bad
    opens(store)
    assert claimed(two, "served", 1)[:2] == ("serves", "gw1")
    assert claimed(two, "freed", 2) == ("assigned", "gw2", 2, "gw1", "freed", "gw1", 0, 5, 69)
    one.do("run_change", "served", 1, "calls", 192)
    # The store has lost what the claim was answered, so the node claims by a new number.
    assert one.refusal("claim", "served", "agent", 1) == "IL003"
    assert claimed(one, "served", 3) == ("assigned", "gw1", 2, "gw1", "again", None, 2, 192, 256)
    # Nothing is put back in an open generation: a node could take the run of another one.
    assert refusal(lambda: put_back(three, "served", 9)) == "IL004"
    assert claimed(two, "served", 3)[:2] == ("serves", "gw1")


def test_of_runs_that_are_put_back_the_later_term_wins(store):
    one, two, three = store.nodes
    claimed(one, "r", 1)
    store.rows("UPDATE il.run SET ended = now() WHERE id = 'r' RETURNING 1")
    one.do("close_generation")
    assert refusal(lambda: put_back(one, "r", 9)) == "IL003"
    store.rows("DELETE FROM il.run RETURNING 1")
    # The claim of the second node was lost, and the first one does not know of it.
    put_back(one, "r", 3, level=1, calls=200, claim=7)
    put_back(two, "r", 4, level=0, calls=64, claim=2)
    assert refusal(lambda: put_back(one, "r", 3, level=2, calls=300, claim=7)) == "IL003"
    assert refusal(lambda: put_back(one, "r", 4, claim=7)) == "IL003"
    # It is free if one of the messages says so, and not any more by a later claim.
    put_back(two, "r", 4, claim=2, free=True)
    put_back(two, "r", 4, claim=2)
    state = "SELECT node, term, home, level::int, calls::int, claim::int, free, origin FROM il.run"
    assert store.rows(state) == [("gw2", 4, "gw1", 1, 200, 2, True, None)]
    put_back(two, "r", 4, claim=3)
    assert store.rows(state) == [("gw2", 4, "gw1", 1, 200, 3, False, None)]
    opens(store)
    assert claimed(three, "r", 1)[:2] == ("serves", "gw2")


def test_after_a_restart_a_run_that_no_node_put_back_is_at_least_untrusted():
    storing.require()
    with Server() as server, Store(server) as store:
        one, two, three = store.nodes
        for number, run in enumerate(("old", "kept", "changed"), 1):
            claimed(one, run, number)
        for run in ("old", "kept"):
            one.do("run_change", run, 1, "free", 3)
        server.stop("immediate")
        server.start()
        reconnect(store)
        for node in store.nodes:
            node.beat()
        assert one.refusal("claim", "old", "agent", 9) == "IL004"
        put_back(one, "kept", 1, calls=3, claim=2, free=True)
        opens(store)
        # No other node serves a run that its node did not put back; its level was not known when it was written.
        assert claimed(two, "changed", 1)[:2] == ("serves", "gw1")
        assert claimed(two, "old", 2) == ("assigned", "gw2", 2, "gw1", "freed", "gw1", 1, 3, 67)
        assert claimed(two, "kept", 3) == ("assigned", "gw2", 2, "gw1", "freed", "gw1", 0, 3, 67)
        assert claimed(two, "new", 4)[6] == 0
        one.do("run_change", "changed", 1, "calls", 70)
        assert claimed(one, "changed", 9)[6] == 0


def test_the_number_of_an_incarnation_is_given_once_although_the_commit_of_a_start_is_lost(store):
    node, other = store.nodes[:2]
    before = store.rows("SELECT inc, start FROM il.node WHERE name = 'gw1'")[0]
    assert node.start("process a") == 2
    store.rows("UPDATE il.node SET inc = %s, start = %s WHERE name = 'gw1' RETURNING 1", *before)
    assert refusal(node.beat) == "IL001"
    # The node knows of 2. An answer that was lost is asked for again.
    assert [node.start("process b", least=3) for _ in range(2)] == [3, 3]
    # It learned of a later one, from an entry that expels it.
    assert node.start("process b", least=7) == 7
    assert node.start("process c", least=3) == 8
    assert node.beat()["open"] is True
    # A number that cannot be raised any more is refused.
    assert refusal(lambda: other.start(least=2 ** 63 - 1)) == "IL003"
    assert other.start(least=2 ** 52) == 2 ** 52
    other.beat()
    term = node.do("task_take", "watch", 0, 0, 1)
    assert node.do("expel", term, "gw2", other.inc, other.beats, b"silent") is True


def test_no_node_writes_a_number_that_the_others_cannot_read(store):
    """A task with such a beat could never be taken over, and a node with one would never be silent."""
    node, other = store.nodes[:2]
    term = node.do("task_take", "watch", 0, 0, 2 ** 53 - 1)
    n, digest = store.head()
    for number in (-1, 2 ** 53, 2 ** 63 - 1):
        assert node.refusal("task_keep", "watch", term, number) == "23514", number
        assert node.refusal("task_take", "alerts", 0, 0, number) == "23514", number
        assert node.refusal("heartbeat", number, n, digest, "0", []) == "23514", number
    for number in (-2, 2 ** 53):
        assert node.refusal("heartbeat", 9, number, digest, "0", []) == "23514", number
    assert refusal(lambda: other.call("start", "later", 2 ** 53, 1, 0)) == "23514"
    assert node.beat()["open"] is True
    assert other.do("task_take", "watch", term, 2 ** 53 - 1, 1) == term + 1


def test_one_transaction_makes_no_answer_that_is_too_large_for_the_other_nodes(store):
    node = store.nodes[0]
    node.beat()
    with store.admin() as admin:
        admin.execute(
            "INSERT INTO il.approval (id, rev, ver, state, uses, agent, run, ends, body, change, node) "
            "SELECT repeat(chr(1), 195) || x, 1, 1, 'pending', 1, 'agent', 'run', now(), 'body', '', 'gw2' "
            "FROM generate_series(10001, 30000) x")
    changes = node.beat()["changes"]
    assert len(changes) == 10_000
    # A node reads 16 MiB (`StoreLimits.json`).
    assert len(json.dumps(changes)) < 16 << 20
    with store.admin() as admin:
        admin.execute(
            "INSERT INTO il.approval (id, rev, ver, state, uses, agent, run, ends, body, change, node) "
            "VALUES ('after', 1, 1, 'pending', 1, 'agent', 'run', now(), 'body', '', 'gw1')")
    assert [change[1] for change in node.beat()["changes"]] == ["after"]


def test_an_entry_is_put_back_if_all_nodes_know_its_kind(store):
    """An entry of an unknown kind stops each node that reads it."""
    node = store.nodes[0]
    with store.migrator() as migrator:
        migrator.execute("INSERT INTO il.kind VALUES ('later', 2)")

    def repaired(kind: str, subject: str = "x") -> bool:
        n, digest = store.head()
        body = f"{kind} as it was signed".encode()
        return node.do("repair", n + 1, digest, hashlib.sha256(digest + body).digest(), kind, subject, body, node.name)

    for kind in ("later", "genesis", "unheard-of", ""):
        assert refusal(lambda: repaired(kind)) == "IL003", kind
    assert store.head()[0] == 0
    assert all(repaired(kind, "x/1") for kind in ("use", "end", "expelled", "halt", "member", "snapshot"))
    assert store.head()[0] == 6
    store.rows("UPDATE il.meta SET min = 2 RETURNING 1")
    assert repaired("later") is True
