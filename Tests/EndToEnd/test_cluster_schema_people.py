"""People at the store of a cluster: their signatures, passkeys, sessions and notifications, with nodes that race. A real
PostgreSQL 15."""

import itertools

from storing import at_once, server, store  # noqa: F401
from test_cluster_schema import TOMORROW


def test_elevations_take_the_last_signature_and_the_entry_in_one_step(store):
    node, other = store.nodes[:2]
    node.do("wait", "elevation", "e", TOMORROW, b"asks")
    node.do("sign", "elevation", "e", 1, b"one")
    assert other.refusal("complete", "elevation", "e", 1, "e", b"without the first") == "IL003"
    results = at_once([lambda n=n: n.do("complete", "elevation", "e", 2, "e", f"two, {n.name}".encode())
                       for n in store.nodes])
    assert sorted(str(getattr(result, "sqlstate", result)) for result in results) == ["1", "IL003", "IL003"]
    assert store.rows("SELECT kind, subject FROM il.control WHERE n = 1") == [("elevation", "e")]
    node.do("wait", "enrolment", "k", TOMORROW, b"key")
    other.do("complete", "enrolment", "k", 1, "person-1", b"a key of person 1")
    assert store.rows("SELECT kind, subject FROM il.control WHERE n = 2") == [("person", "person-1")]
    node.do("wait", "role", "gone", TOMORROW, b"role")
    node.do("withdraw", "role", "gone", 1)
    assert other.refusal("complete", "role", "gone", 2, "x", b"a role") == "IL003"


def test_a_counter_of_a_passkey_rises_or_stays_zero(store):
    node, other = store.nodes[:2]
    node.do("counter", "key", 0, "a")
    other.do("counter", "key", 0, "b")
    node.do("counter", "key", 5, "c")
    assert other.refusal("counter", "key", 5, "d") == "IL003"
    assert other.refusal("counter", "key", 0, "e") == "IL003"
    results = at_once([lambda n=n: n.do("counter", "key", 6, n.name) for n in store.nodes])
    assert sorted(str(getattr(result, "sqlstate", "done")) for result in results) == ["IL003", "IL003", "done"]


def test_sessions_and_challenges_are_used_once_and_end_for_ever(store):
    node, other = store.nodes[:2]
    node.do("challenge", "c", TOMORROW, b"challenge")
    taken = at_once([lambda n=n: n.do("challenge_take", "c", n.name) for n in store.nodes])
    assert sorted(taken, key=str) == [None, None, b"challenge"] or sorted(map(str, taken)) == [
        "None", "None", str(b"challenge")]
    node.do("session", "s", "li", TOMORROW, b"s")
    other.do("session", "s", "li", TOMORROW, b"longer")
    assert other.refusal("session", "s", "mo", TOMORROW, b"of another person") == "IL003"
    assert other.do("session_end", "li", None) == 1
    assert node.refusal("session", "s", "li", TOMORROW, b"again") == "IL003"


def test_a_notification_is_claimed_by_one_sender(store):
    day = TOMORROW.date()
    for number in range(30):
        store.nodes[0].do("post", day, f"p{number}", "mail", b"text")
    claimed = at_once([lambda node=node: [row[1] for row in node.call("post_claim", node.inc, 12)]
                       for node in store.nodes])
    names = list(itertools.chain(*claimed))
    assert len(names) == len(set(names)) == 30
    store.nodes[0].do("post_done", day, "p0", "mail")
    store.rows("UPDATE il.outbox SET since = since - interval '11 s' RETURNING 1")
    again = [row[1] for row in store.nodes[0].call("post_claim", 1, 100)]
    assert len(again) == 29 and "p0" not in again
