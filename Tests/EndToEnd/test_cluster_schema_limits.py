"""Units of limits that nodes take from the store of a cluster: at most N in any window, whatever clocks and nodes do.
A real PostgreSQL 15."""

import json
import time
from datetime import timedelta

import pytest

from storing import Store, at_once, refusal, soon, server, store  # noqa: F401

SECOND = 1_000_000
# One slot of a window of an hour is a minute.
HOUR, SLOT = 3600, 60


def now() -> int:
    return int(time.time() * SECOND)


def slot(at: int, span: int = HOUR) -> int:
    return at * 60 // (span * SECOND)


def wants(number: int, want: int, most: int, key: str = "k", span: int = HOUR, whole: bool = False, until: int = 30,
          at: int | None = None) -> dict:
    at = now() if at is None else at
    return {"key": key, "span": span, "most": most, "want": want, "all": whole, "number": number,
            "until": at + until * SECOND, "now": at}


def taken(node, *takes: dict) -> list[int]:
    return [grant["units"] for grant in node.do("take", json.dumps(takes))]


def reported(node, number: int, used: int, returned: int = 0, ended: bool = False, at: int | None = None) -> bool:
    at = now() if at is None else at
    return node.do("report", number, used, returned, ended, at, at)


def put_back(node, number: int, granted: int, used: int = 0, key: str = "k", span: int = HOUR, most: int = 10):
    at = now()
    return node.do("put_back", number, key, span, most, granted, at, at + 30 * SECOND, used, 0, False, at, at)


def expelled(watcher, node) -> None:
    term = watcher.do("task_take", "watch", 0, 0, 1)
    assert watcher.do("expel", term, node.name, node.inc, node.beats, b"silent") is True


@pytest.mark.requirement("R110")
@pytest.mark.parametrize("most", [1, 8, 25, 100])
def test_of_all_that_nodes_take_at_once_exactly_n_units_are_granted(store, most):
    def take(node):
        return sum(taken(node, wants(number, 3, most))[0] for number in range(1, 13))

    total = sum(at_once([lambda node=node: take(node) for node in store.nodes]))
    assert total == min(most, 108)
    assert store.rows("SELECT sum(granted)::int FROM il.limit_lease")[0][0] == total


def test_what_is_not_used_comes_back_and_what_is_used_does_not(store):
    one, two = store.nodes[:2]
    assert taken(one, wants(1, 10, 10)) == [10]
    assert taken(two, wants(1, 4, 10)) == [0]
    assert reported(one, 1, used=3) is True
    assert taken(two, wants(2, 4, 10)) == [0]
    assert reported(one, 1, used=4, returned=2) is True
    assert taken(two, wants(3, 9, 10)) == [2]
    # Reports are sums, so that a repeated or late one counts nothing more.
    for used, returned in ((4, 2), (3, 0)):
        assert reported(one, 1, used, returned) is True
    assert taken(two, wants(4, 9, 10)) == [0]
    assert reported(one, 1, used=4, returned=2, ended=True) is True
    assert taken(two, wants(5, 9, 10)) == [4]
    assert store.rows("SELECT sum(units)::int FROM il.limit_use")[0][0] == 4
    # A request that was overtaken by the end of its lease gets nothing.
    assert taken(one, wants(1, 10, 10)) == [0]
    assert reported(one, 7, used=1) is False
    assert one.refusal("report", 1, -1, 0, False, now(), now()) == "IL003"
    assert one.refusal("report", 1, 0, -1, False, now(), now()) == "IL003"


def test_a_use_beyond_the_lease_counts_whole(store):
    node = store.nodes[0]
    assert taken(node, wants(1, 2, 10)) == [2]
    assert reported(node, 1, used=9) is True
    assert taken(node, wants(2, 5, 10)) == [1]


def test_an_answer_says_what_is_free_and_how_many_nodes_ask(store):
    one, two, three = store.nodes
    grant = one.do("take", json.dumps([wants(1, 4, 10)]))[0]
    assert (grant["units"], grant["free"], grant["asking"]) == (4, 6, 1)
    grant = two.do("take", json.dumps([wants(1, 9, 10)]))[0]
    assert (grant["units"], grant["free"], grant["asking"]) == (6, 0, 2)
    three.beat(starved=["k"])
    grant = two.do("take", json.dumps([wants(2, 9, 10)]))[0]
    assert (grant["units"], grant["free"], grant["asking"]) == (0, 0, 3)
    # Of the request that is repeated nothing is granted twice.
    grant = two.do("take", json.dumps([wants(1, 9, 10)]))[0]
    assert (grant["units"], grant["free"]) == (6, 0)


def test_a_unit_counts_until_its_window_has_passed(store):
    """Sixty slots after the one in which it counts, which is 2 s after its use: never less than the window."""
    node = store.nodes[0]
    start = slot(now() - 2 * HOUR * SECOND) * SLOT * SECOND
    assert taken(node, wants(1, 1, 1, at=start)) == [1]
    assert reported(node, 1, used=1, ended=True, at=start + 59 * SECOND) is True
    for number, (minutes, units) in enumerate(((1, 0), (59, 0), (61, 0), (62, 1)), 2):
        assert taken(node, wants(number, 1, 1, at=start + minutes * 60 * SECOND)) == [units]


def test_a_lease_of_a_node_that_died_counts_for_a_window_after_its_end(store):
    dead, other = store.nodes[:2]
    start = slot(now() - 3 * HOUR * SECOND) * SLOT * SECOND
    assert taken(dead, wants(1, 5, 5, at=start, until=600)) == [5]
    expelled(other, dead)
    for number, (minutes, units) in enumerate(((11, 0), (70, 0), (71, 5)), 1):
        assert taken(other, wants(number, 5, 5, at=start + minutes * 60 * SECOND)) == [units]


def test_units_of_a_dead_node_come_back_when_its_log_was_read(store):
    dead, other, third = store.nodes
    assert taken(dead, wants(1, 5, 9), wants(2, 2, 9, key="other")) == [5, 2]
    assert taken(dead, wants(3, 4, 9)) == [4]
    for each in (dead, other):
        assert each.refusal("settle", dead.name, dead.inc, "{}", now()) == "IL003"
    expelled(other, dead)
    assert other.refusal("settle", dead.name, dead.inc, '{"k": -1}', now()) == "IL003"
    # Another node could free what the dead one has used.
    assert third.refusal("settle", dead.name, dead.inc, "{}", now()) == "IL003"
    other.do("settle", dead.name, dead.inc, '{"k": 6}', now())
    other.do("settle", dead.name, dead.inc, '{"k": 9}', now())
    assert taken(other, wants(1, 9, 9), wants(2, 9, 9, key="other")) == [3, 9]


def test_a_node_that_starts_again_settles_what_it_had(store):
    node, other = store.nodes[:2]
    before = node.inc
    assert taken(node, wants(1, 5, 9)) == [5]
    node.start()
    node.beat()
    node.do("settle", node.name, before, '{"k": 2}', now())
    assert taken(other, wants(1, 9, 9)) == [7]


def test_a_clock_that_is_ahead_or_steps_back_frees_nothing(store):
    node, other = store.nodes[:2]
    assert taken(node, wants(1, 2, 2)) == [2]
    assert reported(node, 1, used=2, ended=True) is True
    for number, hours in enumerate((10, -10, 0), 1):
        at = now() + hours * HOUR * SECOND
        if hours < 0:
            # It would end before the newest grant.
            assert other.refusal("take", json.dumps([wants(number, 2, 2, at=at)])) == "IL003"
        else:
            assert taken(other, wants(number, 2, 2, at=at)) == [0]


def test_a_clock_that_steps_back_counts_no_more_than_a_window(store):
    node = store.nodes[0]
    start = slot(now() - 3 * HOUR * SECOND) * SLOT * SECOND
    assert taken(node, wants(1, 1, 1, at=start)) == [1]
    assert reported(node, 1, used=1, ended=True, at=start) is True
    assert taken(node, wants(2, 1, 1, at=start + 62 * 60 * SECOND)) == [1]
    assert reported(node, 2, used=0, ended=True, at=start + 62 * 60 * SECOND) is True
    assert taken(node, wants(3, 1, 1, at=start + 30 * 60 * SECOND, until=HOUR)) == [1]


def test_an_exact_take_gets_all_its_units_or_none(store):
    node = store.nodes[0]
    assert taken(node, wants(1, 3, 5, whole=True)) == [3]
    assert taken(node, wants(2, 3, 5, whole=True)) == [0]
    assert taken(node, wants(3, 2, 5, whole=True)) == [2]


def test_a_request_that_lacks_a_unit_is_not_stored_and_takes_nothing(store):
    node = store.nodes[0]
    takes = [wants(1, 2, 2, key="day", whole=True), wants(2, 1, 9, key="hour", whole=True)]
    node.do("ask", "r1", "agent", "run", 1, soon(), b"r1", json.dumps(takes))
    takes = [wants(3, 1, 9, key="hour", whole=True), wants(4, 1, 2, key="day", whole=True)]
    assert node.refusal("ask", "r2", "agent", "run", 1, soon(), b"r2", json.dumps(takes)) == "IL003"
    assert store.rows("SELECT id FROM il.approval") == [("r1",)]
    assert sorted(store.rows("SELECT key, number, granted FROM il.limit_lease")) == [("day", 1, 2), ("hour", 2, 1)]
    # Asked again, the first gets the units that it has.
    takes = [wants(1, 2, 2, key="day", whole=True), wants(2, 1, 9, key="hour", whole=True)]
    again = node.do("ask", "r1", "agent", "run", 1, store.rows("SELECT ends FROM il.approval")[0][0], b"r1",
                    json.dumps(takes))
    assert [(grant["key"], grant["units"]) for grant in again] == [("day", 2), ("hour", 1)]
    assert store.rows("SELECT sum(granted)::int FROM il.limit_lease")[0][0] == 3


def test_batches_with_the_keys_in_another_order_do_not_wait_for_each_other(store):
    keys = [f"key {number}" for number in range(6)]

    def take(node, order):
        for number in range(15):
            taken(node, *[wants(10 * number + keys.index(key) + 1, 1, 1000, key=key) for key in order])

    results = at_once([lambda node=node, order=order: take(node, order) for node, order in zip(
        store.nodes, (keys, keys[::-1], keys[3:] + keys[:3]))])
    assert results == [None] * 3
    assert store.rows("SELECT sum(granted)::int FROM il.limit_lease")[0][0] == 270


def test_a_starved_limit_is_named_to_the_nodes_that_hold_it(store):
    holder, hungry, idle = store.nodes
    assert taken(holder, wants(1, 10, 10)) == [10]
    assert hungry.beat(starved=["k", "of none"])["starved"] == []
    assert holder.beat()["starved"] == ["k"]
    assert idle.beat()["starved"] == []
    hungry.beat(starved=["of none"])
    assert holder.beat()["starved"] == []
    hungry.beat(starved=["k"])
    assert reported(holder, 1, used=0, ended=True) is True
    assert holder.beat()["starved"] == []
    expelled(idle, hungry)
    assert store.rows("SELECT * FROM il.starved") == []


def test_a_lease_that_the_store_lost_is_put_back_and_counts(store):
    node, other = store.nodes[:2]
    put_back(node, 1, 8, used=3)
    assert taken(other, wants(1, 5, 10)) == [2]
    # Above the limit if need be, and once.
    put_back(node, 2, 8)
    put_back(node, 2, 8)
    assert store.rows("SELECT sum(granted)::int FROM il.limit_lease")[0][0] == 18
    assert taken(other, wants(2, 1, 10)) == [0]
    assert refusal(lambda: put_back(node, 3, 8, span=60)) == "IL003"
    assert refusal(lambda: put_back(node, 1, 8, key="another")) == "IL003"
    assert refusal(lambda: put_back(node, 4, 8, used=-1)) == "IL003"


def test_after_a_new_generation_units_wait_until_all_leases_are_put_back(store):
    one, two, three = store.nodes
    assert taken(one, wants(1, 4, 10)) == [4]
    # As after a failover: another generation, and the lease is lost.
    one.do("close_generation")
    store.rows("DELETE FROM il.limit_lease RETURNING 1")
    assert one.refusal("restored") == "IL004"
    for node in store.nodes:
        assert node.beat()["restored"] is False
    assert one.do("open_generation") is False
    for node in (two, three):
        node.do("restored")
    assert one.do("open_generation") is False
    assert two.refusal("take", json.dumps([wants(1, 10, 10)])) == "IL004"
    put_back(one, 1, 4)
    one.do("restored")
    assert one.do("open_generation") is True
    assert taken(two, wants(1, 10, 10)) == [6]


def test_a_take_that_lacks_something_or_names_another_window_is_refused(store):
    node = store.nodes[0]
    whole = wants(1, 1, 10)
    assert taken(node, whole) == [1]
    for name in whole:
        lacking = {key: value for key, value in whole.items() if key != name}
        assert node.refusal("take", json.dumps([lacking])) == "IL003", name
    for bad in ({"span": 60}, {"want": 0}, {"want": -1}, {"most": -1}, {"number": 0}, {"until": whole["now"]}):
        assert node.refusal("take", json.dumps([whole | {"number": 2} | bad])) == "IL003", bad
    assert node.refusal("take", json.dumps([whole | {"key": "other"}])) == "IL003"
    assert node.refusal("take", json.dumps([whole | {"number": n} for n in range(2, 259)])) == "IL003"
    assert node.refusal("take", json.dumps([whole | {"span": 0, "key": "other", "number": 2}])) == "23514"
    assert taken(node, wants(3, 20, 10)) == [9]


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
    # Requests last for 31 days.
    assert max(name[-8:] for name in left) == (today + days(32)).strftime("%Y%m%d")
    node.do("nonce", "of the last day", soon(31 * 24 * HOUR), "attempt")
    # A node whose clock is behind drops nothing.
    node.do("roll", today - days(5), 2)
    assert set(left) <= set(partitions(store))
    # A nonce of a day whose partition is gone cannot be consumed again.
    assert node.refusal("nonce", "old", soon(-20 * 24 * HOUR), "attempt") == "23514"
    # Units are kept as long as the longest window.
    taken(node, wants(1, 1, 1, key="month", span=30 * 24 * HOUR))
    with store.migrator() as migrator:
        migrator.execute("SELECT il_v1.partitions(%s::date - 20, 60)", (today,))
    node.do("roll", today, 2)
    oldest = {table: min(name[-8:] for name in partitions(store) if name.startswith(table))
              for table in ("nonce_", "limit_use_")}
    assert oldest["nonce_"] == (today - days(2)).strftime("%Y%m%d")
    assert oldest["limit_use_"] <= (today - days(20)).strftime("%Y%m%d")


def test_no_call_waits_for_a_partition_that_cannot_be_dropped(store):
    """DROP waits for each reader of the table, and each later call would wait for the DROP."""
    node, other = store.nodes[:2]
    today = store.rows("SELECT (now() AT TIME ZONE 'UTC')::date")[0][0]
    with store.migrator() as migrator:
        migrator.execute("SELECT il_v1.partitions(%s::date - 9, 30)", (today,))
    before = set(partitions(store))
    for each in (node, other):
        each.connection.execute("SET statement_timeout = '10s'")
    with store.nodes[2].connection.transaction():
        store.nodes[2].connection.execute("SELECT count(*) FROM il.nonce")
        assert node.do("roll", today, 2) == 0
        other.do("nonce", "meanwhile", soon(), "attempt")
    assert set(partitions(store)) == before
    assert node.do("roll", today, 2) == 4 * 8
    assert len(partitions(store)) == len(before) - 4 * 8


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
        node.call("claim", node.inc, name, "agent", 1)
        store.rows("UPDATE il.approval SET state = %s, at = ends WHERE id = %s RETURNING 1", state, name)
    store.rows("UPDATE il.run SET ended = now() - interval '31 days' WHERE id = 'old' RETURNING 1")
    assert node.do("prune", soon(-40 * 24 * HOUR)) == 0
    assert node.do("prune", soon(100 * 24 * HOUR)) == 2
    assert sorted(store.rows("SELECT id FROM il.approval")) == [("new",), ("open",)]
    assert sorted(store.rows("SELECT id FROM il.run")) == [("new",), ("open",)]
