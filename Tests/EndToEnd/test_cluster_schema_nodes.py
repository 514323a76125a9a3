"""The nodes of a cluster at its store: what a heartbeat names, nodes that fall silent or are retired, and who has a task or
a run. A real PostgreSQL 15."""

import itertools

from storing import at_once, refusal, server, soon, store  # noqa: F401
from test_cluster_schema import TOMORROW, asked


def test_a_heartbeat_names_what_changed_even_if_an_older_transaction_commits_later(store):
    node, slow = store.nodes[:2]
    node.beat()
    with slow.connection.transaction():
        asked(slow, "slow")
        asked(store.nodes[2], "quick")
        assert [change[1] for change in node.beat()["changes"]] == ["quick"]
    assert "slow" in [change[1] for change in node.beat()["changes"]]
    node.beat()
    assert node.beat()["changes"] == []


def test_a_heartbeat_from_the_beginning_names_what_is_open_in_parts(store):
    node = store.nodes[0]
    with store.admin() as admin:
        admin.execute(
            "INSERT INTO il.approval (id, rev, ver, state, uses, agent, run, ends, body, change, node) "
            "SELECT 'final ' || x, 1, 2, 'used', 1, 'agent', 'run', now(), 'body', '', 'gw1' FROM generate_series(1, 3000) x")
        for number in range(8):
            admin.execute(
                "INSERT INTO il.approval (id, rev, ver, state, uses, agent, run, ends, body, change, node) "
                "SELECT 'open ' || x, 1, 1, 'pending', 1, 'agent', 'run', now(), 'body', '', 'gw1' "
                "FROM generate_series(%s::int, %s::int) x", (300 * number, 300 * number + 299))
    node.do("wait", "elevation", "e", TOMORROW, b"asks")
    node.low = "0"
    parts = [[change[1] for change in node.beat()["changes"]] for _ in range(4)]
    # Four transactions are in each part, so that none is torn.
    assert [len(part) for part in parts] == [1200, 1200, 1, 0]
    assert set(itertools.chain(*parts)) == {f"open {number}" for number in range(2400)} | {"e"}
    # More than a part in one transaction is named whole, and then no more.
    with store.admin() as admin:
        admin.execute("UPDATE il.approval SET state = 'void', ver = ver + 1, seen = pg_current_xact_id() "
                      "WHERE state = 'pending'")
    assert [len(node.beat()["changes"]) for _ in range(2)] == [2400, 0]


def test_a_silent_node_is_expelled_and_does_nothing_more(store):
    watcher, silent = store.nodes[:2]
    silent.call("claim", silent.inc, "run", "agent", 1)
    silent.beat()
    term = watcher.do("task_take", "watch", 0, 0, 1)
    assert term == 1
    # It has sent a heartbeat since it was seen.
    assert watcher.do("expel", term, "gw2", silent.inc, silent.beats - 1, b"too early") is False
    assert watcher.refusal("expel", term + 1, "gw2", silent.inc, silent.beats, b"of another term") == "IL003"
    assert watcher.do("expel", term, "gw2", silent.inc, silent.beats, b"silent") is True
    assert watcher.do("expel", term, "gw2", silent.inc, silent.beats, b"silent") is True
    beats = store.rows("SELECT beat, inc, state FROM il.node WHERE name = 'gw2'")
    assert refusal(silent.beat) == "IL001"
    assert store.rows("SELECT beat, inc, state FROM il.node WHERE name = 'gw2'") == beats
    for function, values in {
            "record": ("halt", "h", b"h"), "claim": ("other", "agent", 1), "run_change": ("run", 1, "level", 2),
            "take": ("[]",), "ask": ("a", "agent", "run", 1, soon(), b"a", "[]"),
            "use": ("a", 1, 1, "n", TOMORROW, b"use", 0), "session": ("s", "li", TOMORROW, b"s")}.items():
        assert silent.refusal(function, *values) == "IL001", function
    assert store.rows("SELECT kind, subject FROM il.control WHERE n > 0") == [("expelled", "gw2")]
    moved = watcher.call("claim", watcher.inc, "run", "agent", 1)[0]
    assert moved == ("assigned", "gw1", 2, "gw2", "lost", "gw2", 1, 64, 128)
    # The process may not come back under the same id; the next one may.
    assert refusal(lambda: silent.call("start", store.rows(
        "SELECT start FROM il.node WHERE name = 'gw2'")[0][0], 0, 1, 0)) == "IL001"
    assert silent.start() == 3
    assert silent.beat()["open"] is True
    assert silent.call("claim", silent.inc, "run", "agent", 1)[0][:2] == ("serves", "gw1")


def test_a_retirement_is_in_the_chain_before_the_row_of_the_node(store):
    """Any node can append one whose signatures do not count. The row follows by the login of migrations alone."""
    one, two = store.nodes[:2]
    n = one.do("member", "gw2", "retire", b"a retirement that one node made up")
    assert one.do("member", "gw2", "retire", b"a retirement that one node made up") == n
    assert one.refusal("member", "gw2", "another deed", b"bytes") == "IL003"
    assert two.beat()["open"] is True
    two.start()
    with store.migrator() as migrator:
        for name, number in (("gw2", n + 1), ("gw2", 0), ("gw3", n)):
            assert refusal(lambda: migrator.execute("SELECT il_v1.retire(%s, %s)", (name, number))) == "IL003"
        assert two.beat(starved=["k"])["open"] is True
        for _ in range(2):
            migrator.execute("SELECT il_v1.retire('gw2', %s)", (n,))
    assert store.rows("SELECT state, inc FROM il.node WHERE name = 'gw2'") == [("retired", 3)]
    assert store.rows("SELECT * FROM il.starved") == []
    assert refusal(two.beat) == "IL001" and refusal(two.start) == "IL001"
    one.do("member", "gw2", "admit", b"an admission under a name that was used")
    assert refusal(two.start) == "IL001"


def test_a_task_has_one_holder(store):
    terms = at_once([lambda node=node: node.do("task_take", "alerts", 0, 0, 1) for node in store.nodes])
    assert sorted(terms, key=str) == [1, None, None]
    holder = store.nodes[terms.index(1)]
    other = store.nodes[(terms.index(1) + 1) % 3]
    assert holder.do("task_keep", "alerts", 1, 2) is True
    assert other.do("task_keep", "alerts", 1, 3) is False
    assert other.do("task_take", "alerts", 1, 1, 9) is None
    assert other.do("task_take", "alerts", 1, 2, 9) == 2
    assert holder.do("task_keep", "alerts", 1, 4) is False


def test_the_node_that_watches_reads_all_nodes(store):
    watcher, other, third = store.nodes
    assert watcher.beat()["nodes"] is None
    assert watcher.do("task_take", "watch", 0, 0, 1) == 1
    assert watcher.beat()["nodes"] == [
        ["gw1", "live", 1, 3, 0, 1], ["gw2", "live", 1, other.beats, 0, 1], ["gw3", "live", 1, third.beats, 0, 1]]
    assert other.beat()["nodes"] is None
    tasks = {task[0]: task[1:4] for task in other.beat()["tasks"]}
    assert tasks["watch"] == [1, "gw1", 1] and tasks["drill"] == [0, None, None]


def test_a_run_has_one_node_until_it_is_free(store):
    results = at_once([lambda node=node: node.call("claim", node.inc, "r", "agent", 1)[0] for node in store.nodes])
    states = [result[0] for result in results]
    assert sorted(states) == ["assigned", "serves", "serves"]
    owner, other = store.nodes[states.index("assigned")], store.nodes[states.index("serves")]
    assert {result[1] for result in results} == {owner.name}
    assert results[states.index("assigned")] == ("assigned", owner.name, 1, owner.name, "new", None, 0, 0, 64)
    owner.do("run_change", "r", 1, "level", 2)
    owner.do("run_change", "r", 1, "level", 1)
    owner.do("run_change", "r", 1, "calls", 128)
    owner.do("run_change", "r", 1, "calls", 70)
    assert other.refusal("run_change", "r", 1, "free", 0) == "IL003"
    assert other.refusal("run_end", "r") == "IL003"
    assert other.refusal("claim", "r", "another agent", 1) == "IL003"
    owner.do("run_change", "r", 1, "free", 99)
    assert owner.refusal("run_change", "r", 1, "level", 2) == "IL003"
    assert other.call("claim", other.inc, "r", "agent", 2)[0] == (
        "assigned", other.name, 2, owner.name, "freed", owner.name, 2, 99, 163)
    # What the former node still sends is late.
    for kind in ("free", "level", "calls"):
        assert owner.refusal("run_change", "r", 1, kind, 2) == "IL003"


def test_a_claim_is_answered_again_and_a_late_one_is_refused(store):
    node, other = store.nodes[:2]
    first = node.call("claim", node.inc, "r", "agent", 5)
    assert node.call("claim", node.inc, "r", "agent", 5) == first
    assert node.refusal("claim", "r", "agent", 4) == "IL003"
    again = node.call("claim", node.inc, "r", "agent", 6)[0]
    assert again == ("assigned", node.name, 2, node.name, "again", None, 0, 64, 128)
    # A free of the term before would free the run while the node serves it.
    assert node.refusal("run_change", "r", 1, "free", 0) == "IL003"
    node.do("run_change", "r", 2, "free", 3)
    assert node.refusal("claim", "r", "agent", 6) == "IL003"
    assert node.refusal("claim", "r", "agent", 0) == "IL003"
    for kind, value in (("free", -1), ("level", -1), ("other", 1)):
        assert node.refusal("run_change", "r", 2, kind, value) == "IL003"
    # Any node ends a run of which the chain has the end.
    assert other.refusal("run_end", "r") == "IL003"
    other.do("record", "run.end", "r", b"the end of r")
    other.do("run_end", "r")
    assert node.call("claim", node.inc, "r", "agent", 9)[0][0] == "ended"
    assert other.refusal("run_change", "r", 2, "calls", 9) == "IL003"
