"""Units of limits that nodes take from the store of a cluster: at most N in any window, whatever clocks and nodes do.
A real PostgreSQL 15."""

import json
import time
from datetime import timedelta

import pytest

import storing
from conftest import missing
from storing import Server, Store, at_once, soon

SECOND = 1_000_000
# One slot of a window of an hour is a minute.
HOUR, SLOT = 3600, 60


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


def now() -> int:
    return int(time.time() * SECOND)


def slot(at: int, span: int = HOUR) -> int:
    return at * 60 // (span * SECOND)


def wants(name: str, want: int, most: int, key: str = "k", span: int = HOUR, whole: bool = False, until: int = 30,
          at: int | None = None) -> dict:
    at = now() if at is None else at
    return {"key": key, "span": span, "most": most, "want": want, "all": whole, "id": name, "until": at + until * SECOND,
            "now": at}


def taken(node, *takes: dict) -> list[int]:
    return [grant["units"] for grant in node.do("take", json.dumps(takes))]


def given_back(node, name: str, part: int, used: list, last: bool, key: str = "k") -> bool:
    return node.do("give_back", key, name, part, json.dumps(used), last)


@pytest.mark.parametrize("most", [1, 8, 25, 100])
@pytest.mark.requirement("R110")
def test_of_all_that_nodes_take_at_once_exactly_n_units_are_granted(store, most):
    def take(node):
        return sum(taken(node, wants(f"{node.name}-{number}", 3, most))[0] for number in range(12))

    total = sum(at_once([lambda node=node: take(node) for node in store.nodes]))
    assert total == min(most, 108)
    assert store.rows("SELECT sum(units)::int FROM il.limit_lease")[0][0] == total


def test_what_is_not_used_comes_back_and_what_is_used_does_not(store):
    one, two = store.nodes[:2]
    assert taken(one, wants("a", 10, 10)) == [10]
    assert taken(two, wants("b", 4, 10)) == [0]
    assert given_back(one, "a", 1, [[slot(now()), 3]], False) is True
    assert taken(two, wants("b", 4, 10)) == [0]
    assert given_back(one, "a", 2, [[slot(now()), 1]], True) is True
    assert taken(two, wants("c", 9, 10)) == [6]
    # A report that is repeated counts once, also of a lease that is over.
    assert given_back(one, "a", 2, [[slot(now()), 1]], True) is False
    assert store.rows("SELECT sum(units)::int FROM il.limit_use")[0][0] == 4
    assert two.refusal("give_back", "k", "c", 2, "[]", True) == "IL003"
    assert one.refusal("give_back", "k", "c", 1, "[]", True) == "IL003"
    assert two.refusal("give_back", "k", "c", 1, "[[0, -5]]", True) == "IL003"


def test_a_unit_counts_until_its_window_has_passed(store):
    """Sixty slots and the one in which it was used: never less than the window."""
    node = store.nodes[0]
    long_ago = now() - 2 * HOUR * SECOND
    assert taken(node, wants("a", 1, 1, at=long_ago, until=0)) == [1]
    assert given_back(node, "a", 1, [[slot(long_ago), 1]], True) is True
    for minutes, units in ((1, 0), (59, 0), (60, 0), (61, 1)):
        assert taken(node, wants(f"after {minutes}", 1, 1, at=long_ago + minutes * 60 * SECOND, until=0)) == [units]


def test_a_lease_of_a_node_that_died_counts_for_a_window_after_its_end(store):
    dead, other = store.nodes[:2]
    start = now() - 3 * HOUR * SECOND
    assert taken(dead, wants("a", 5, 5, at=start, until=600)) == [5]
    term = other.do("task_take", "watch", 0, 0, 1)
    assert other.do("expel", term, dead.name, dead.inc, dead.beats, b"silent") is True
    assert taken(other, wants("b", 5, 5, at=start + 700 * SECOND)) == [0]
    assert taken(other, wants("c", 5, 5, at=start + (600 + HOUR) * SECOND)) == [0]
    assert taken(other, wants("d", 5, 5, at=start + (600 + HOUR + 2 * SLOT) * SECOND, until=0)) == [5]


def test_units_of_a_dead_node_come_back_when_its_log_was_read(store):
    dead, other = store.nodes[:2]
    assert taken(dead, wants("a", 5, 5)) == [5]
    assert other.refusal("give_back", "k", "a", 1, "[]", True) == "IL003"
    term = other.do("task_take", "watch", 0, 0, 1)
    assert other.do("expel", term, dead.name, dead.inc, dead.beats, b"silent") is True
    assert given_back(other, "a", 1, [[slot(now()), 2]], True) is True
    assert taken(other, wants("b", 5, 5)) == [3]


def test_a_clock_that_is_ahead_or_steps_back_frees_nothing(store):
    node, other = store.nodes[:2]
    assert taken(node, wants("a", 2, 2)) == [2]
    ahead = now() + 10 * HOUR * SECOND
    assert taken(other, wants("b", 2, 2, at=ahead)) == [0]
    behind = now() - 10 * HOUR * SECOND
    assert taken(other, wants("c", 2, 2, at=behind)) == [0]
    assert taken(other, wants("d", 2, 2)) == [0]


def test_a_clock_that_steps_back_counts_no_more_than_a_window(store):
    node = store.nodes[0]
    start = now() - 3 * HOUR * SECOND
    assert taken(node, wants("a", 1, 1, at=start, until=0)) == [1]
    assert given_back(node, "a", 1, [[slot(start), 1]], True) is True
    assert taken(node, wants("b", 1, 1, at=start + 62 * 60 * SECOND)) == [1]
    assert given_back(node, "b", 1, [], True) is True
    assert taken(node, wants("c", 1, 1, at=start + 30 * 60 * SECOND)) == [1]


def test_an_exact_take_gets_all_its_units_or_none(store):
    node = store.nodes[0]
    assert taken(node, wants("a", 3, 5, whole=True)) == [3]
    assert taken(node, wants("b", 3, 5, whole=True)) == [0]
    assert taken(node, wants("c", 2, 5, whole=True)) == [2]


def test_a_request_that_lacks_a_unit_is_not_stored_and_takes_nothing(store):
    node = store.nodes[0]
    takes = [wants("r1", 2, 2, key="day", whole=True), wants("r1", 1, 9, key="hour", whole=True)]
    node.do("ask", "r1", "agent", "run", 1, soon(), b"r1", json.dumps(takes))
    takes = [wants("r2", 1, 9, key="hour", whole=True), wants("r2", 1, 2, key="day", whole=True)]
    assert node.refusal("ask", "r2", "agent", "run", 1, soon(), b"r2", json.dumps(takes)) == "IL003"
    assert store.rows("SELECT id FROM il.approval") == [("r1",)]
    assert sorted(store.rows("SELECT key, id, units FROM il.limit_lease")) == [("day", "r1", 2), ("hour", "r1", 1)]
    # Asked again, the first gets the units that it has.
    takes = [wants("r1", 2, 2, key="day", whole=True), wants("r1", 1, 9, key="hour", whole=True)]
    again = node.do("ask", "r1", "agent", "run", 1, store.rows("SELECT ends FROM il.approval")[0][0], b"r1",
                    json.dumps(takes))
    assert [(grant["key"], grant["units"]) for grant in again] == [("day", 2), ("hour", 1)]
    assert store.rows("SELECT sum(units)::int FROM il.limit_lease")[0][0] == 3


def test_batches_with_the_keys_in_another_order_do_not_wait_for_each_other(store):
    keys = [f"key {number}" for number in range(6)]

    def take(node, order):
        for number in range(15):
            taken(node, *[wants(f"{node.name} {number}", 1, 1000, key=key) for key in order])

    results = at_once([lambda node=node, order=order: take(node, order) for node, order in zip(
        store.nodes, (keys, keys[::-1], keys[3:] + keys[:3]))])
    assert results == [None] * 3
    assert store.rows("SELECT sum(units)::int FROM il.limit_lease")[0][0] == 270


def test_a_starved_key_is_named_to_the_nodes_that_hold_it(store):
    holder, hungry, idle = store.nodes
    for node in store.nodes:
        node.beat()
    assert taken(holder, wants("a", 10, 10)) == [10]
    assert taken(hungry, wants("b", 1, 10)) == [0]
    assert holder.beat()["starved"] == ["k"]
    assert idle.beat()["starved"] == hungry.beat()["starved"] == []


def test_a_lease_that_the_store_lost_is_put_back_and_counts(store):
    node, other = store.nodes[:2]
    node.do("put_back", "k", HOUR, 10, "lost", 8, 0, now() + 30 * SECOND)
    assert taken(other, wants("b", 5, 10)) == [2]
    node.do("put_back", "k", HOUR, 10, "lost too", 8, 0, now() + 30 * SECOND)
    assert taken(other, wants("c", 1, 10)) == [0]
    assert node.refusal("put_back", "k", 60, 10, "x", 8, 0, now()) == "IL003"


def test_a_take_that_lacks_something_or_names_another_window_is_refused(store):
    node = store.nodes[0]
    whole = wants("a", 1, 10)
    assert taken(node, whole) == [1]
    for name in whole:
        lacking = {key: value for key, value in whole.items() if key != name}
        assert node.refusal("take", json.dumps([lacking])) == "IL003", name
    for bad in ({"span": 60}, {"want": 0}, {"want": -1}, {"most": -1}):
        assert node.refusal("take", json.dumps([whole | {"id": "b"} | bad])) == "IL003", bad
    assert node.refusal("take", json.dumps([whole | {"id": str(n)} for n in range(257)])) == "IL003"
    assert node.refusal("take", json.dumps([whole | {"span": 0, "key": "other"}])) == "23514"
    assert taken(node, wants("c", 20, 10)) == [9]


def test_partitions_are_made_ahead_and_dropped_by_the_earlier_clock(store):
    node = store.nodes[0]
    today = store.rows("SELECT (now() AT TIME ZONE 'UTC')::date")[0][0]
    with store.migrator() as migrator:
        migrator.execute("SELECT il_v1.partitions(%s::date - 9, 30)", (today,))
    names = partitions(store)
    assert len(names) > 70
    # A node whose clock is a month ahead drops what is old by the store's clock alone.
    node.do("roll", today.replace(year=today.year + 1), 2)
    left = partitions(store)
    assert min(name[-8:] for name in left) == (today - days(2)).strftime("%Y%m%d")
    assert max(name[-8:] for name in left) == (today + days(7)).strftime("%Y%m%d")
    # A node whose clock is behind drops nothing.
    node.do("roll", today - days(5), 2)
    assert set(left) <= set(partitions(store))
    # A nonce of a day whose partition is gone cannot be consumed again.
    assert node.refusal("nonce", "old", soon(-20 * 24 * HOUR), b"statement") == "23514"
    # Units are kept as long as the longest window.
    taken(node, wants("a", 1, 1, key="month", span=30 * 24 * HOUR))
    with store.migrator() as migrator:
        migrator.execute("SELECT il_v1.partitions(%s::date - 20, 60)", (today,))
    node.do("roll", today, 2)
    oldest = {table: min(name[-8:] for name in partitions(store) if name.startswith(table))
              for table in ("nonce_", "limit_use_")}
    assert oldest["nonce_"] == (today - days(2)).strftime("%Y%m%d")
    assert oldest["limit_use_"] <= (today - days(20)).strftime("%Y%m%d")


def days(count: int):
    return timedelta(days=count)


def partitions(store: Store) -> list[str]:
    return [name for name, in store.rows(
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
        "JOIN pg_class p ON p.oid = i.inhparent WHERE p.relname IN ('nonce', 'limit_use', 'viewed', 'outbox')"
        " AND c.relkind = 'r'")]


def test_what_ended_long_ago_is_deleted_and_what_is_open_is_kept(store):
    node = store.nodes[0]
    for name, state in (("old", "used"), ("new", "used"), ("open", "pending")):
        node.do("ask", name, "agent", "run", 1, soon(-60 * 24 * HOUR if name != "new" else 1), name.encode(), "[]")
        node.call("claim", node.inc, name, "agent", "log")
        store.rows("UPDATE il.approval SET state = %s, at = ends WHERE id = %s RETURNING 1", state, name)
    store.rows("UPDATE il.run SET ended = now() - interval '31 days' WHERE id = 'old' RETURNING 1")
    assert node.do("prune", soon(-40 * 24 * HOUR)) == 0
    assert node.do("prune", soon(100 * 24 * HOUR)) == 2
    assert sorted(store.rows("SELECT id FROM il.approval")) == [("new",), ("open",)]
    assert sorted(store.rows("SELECT id FROM il.run")) == [("new",), ("open",)]
