"""Three gateways as members of one cluster: real PostgreSQL 15, real servers, clients that take any node. A run is at one node
and reached from all; a grant is used once; a halt of one node stops all; without the database nothing consequential is sent."""

import base64
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from addresses import ADA, PAUL, RUI, SAM
from deployment import Deployment, Failure, approval_id
from members import Cluster, cluster, server  # noqa: F401
from wire import Session, decision

pytestmark = pytest.mark.timeout(600)


def kinds(cluster: Cluster) -> list[str]:
    return [kind for _, kind in cluster.database.rows("SELECT n, kind FROM il.control ORDER BY n")]


def vote(cluster: Cluster, node: Deployment, request: str, person: str) -> None:
    """Once the node has the request, or the vote that came before."""
    cluster.wait(lambda: node.approve(request, by=person, check=False).returncode == 0)


def test_each_node_is_ready_and_serves(cluster):  # noqa: F811
    for name, node in cluster.nodes.items():
        assert cluster.ready(name) == (200, {"ready": True, "reasons": []}), name
        node.wait_for_tools("support-triage", "kb", "tickets")
        answer = Session(node.port, node.token("support-triage")).call("kb__search", text="refund")
        assert "error" not in answer.message and answer.code is None, (name, answer.message)


def test_a_run_is_at_one_node_and_reached_from_all(cluster):  # noqa: F811
    """A session that one node has begun goes on through the others, and the calls are in the log of one node."""
    session = Session(cluster.nodes["gw1"].port, cluster.nodes["gw2"].token("support-triage"))
    for node in cluster.nodes.values():
        session.port = node.port
        answer = session.call("kb__search", text="refund")
        assert answer.status == 200 and answer.code is None, answer
    runs = {name: {one["run"] for one in node.records(200) if one["t"] == "call.intent" and "run" in one}
            for name, node in cluster.nodes.items()}
    assert not runs["gw1"] & runs["gw2"] and not runs["gw2"] & runs["gw3"] and not runs["gw1"] & runs["gw3"], runs


def test_a_request_is_decided_at_another_node_and_used_once(cluster):  # noqa: F811
    first, second, third = cluster.nodes.values()
    for node in cluster.nodes.values():
        node.wait_for_tools("refunds", "billing")
    before, token = cluster.acme.count("billing", "refund_request"), first.token("refunds")
    arguments = {"invoice_id": "INV-20931", "amount_cents": 43210, "currency": "EUR"}
    with ThreadPoolExecutor(9) as pool:
        # The call is held at the first node, decided at the second one, and the first one goes on.
        held = pool.submit(Session(first.port, token).call, "billing__refund_request", 100, **arguments)
        request = approval_id(second.pending())
        for person, node in ((PAUL, second), (RUI, third)):
            vote(cluster, node, request, person)
        answer = held.result(60)
        assert answer.code is None, answer.message
        assert cluster.acme.count("billing", "refund_request") == before + 1
        assert kinds(cluster)[-1] == "use"
        arguments["amount_cents"] = 43211
        waiting = pool.submit(Session(first.port, token).call, "billing__refund_request", 100, **arguments)
        request = approval_id(third.pending(other_than={request}))
        for person, node in ((PAUL, third), (RUI, first)):
            vote(cluster, node, request, person)
        assert waiting.result(60).code is None
        assert cluster.acme.count("billing", "refund_request") == before + 2


def ask_and_leave(cluster: Cluster, node: Deployment, token: str, **arguments) -> str:
    """Asks at a node, and gives the connection up while the call is held."""
    known = {approval_id(one) for one in node.json("approvals", "list")}
    with pytest.raises(TimeoutError):
        Session(node.port, token).call("billing__refund_request", 1.5, **arguments)
    return approval_id(node.pending(other_than=known))


def paid(cluster: Cluster) -> int:
    return cluster.acme.count("billing", "refund_request")


@pytest.mark.parametrize("number", range(int(os.environ.get("RACES", "1"))))
def test_a_grant_is_used_once_however_many_nodes_are_asked(cluster, number):  # noqa: F811
    first, second, third = cluster.nodes.values()
    before, token = paid(cluster), first.token("refunds")
    arguments = {"invoice_id": "INV-20931", "amount_cents": 50_000 + number, "currency": "EUR"}
    request = ask_and_leave(cluster, first, token, **arguments)
    vote(cluster, second, request, PAUL)
    vote(cluster, third, request, RUI)
    sessions = [Session(node.port, token) for node in (first, second, third) * 3]

    def call(session: Session) -> bool:
        try:
            return session.call("billing__refund_request", 5, **arguments).code is None
        except TimeoutError:
            return False

    with ThreadPoolExecutor(len(sessions)) as pool:
        assert sum(pool.map(call, sessions)) == 1
    assert paid(cluster) == before + 1
    uses = cluster.database.rows(f"SELECT n FROM il.control WHERE kind = 'use' AND subject LIKE '{request}/%'")
    assert len(uses) == 1


def test_a_row_that_is_approved_by_hand_permits_nothing_and_is_named(cluster):  # noqa: F811
    first, second, _ = cluster.nodes.values()
    before, token = paid(cluster), first.token("refunds")
    arguments = {"invoice_id": "INV-20931", "amount_cents": 60_000, "currency": "EUR"}
    request = ask_and_leave(cluster, first, token, **arguments)
    cluster.wait(lambda: request in [approval_id(one) for one in second.json("approvals", "list")])
    with cluster.database.admin() as admin:
        changed = admin.execute("UPDATE il.approval SET state = 'approved', ver = ver + 1, seen = pg_current_xact_id()"
                                " WHERE id = %s", (request,))
        assert changed.rowcount == 1
    cluster.wait(lambda: any(code == "cluster.row_void" for code, _ in first.alarms(100)))
    cluster.wait(lambda: any(code == "cluster.row_void" for code, _ in second.alarms(100)))
    with pytest.raises(TimeoutError):
        Session(second.port, token).call("billing__refund_request", 2, **arguments)
    assert paid(cluster) == before


def test_a_halt_of_one_node_stops_all_and_people_release_it_at_another(cluster):  # noqa: F811
    first, second, third = cluster.nodes.values()
    token = first.token("support-triage")
    sessions = {name: Session(node.port, token) for name, node in cluster.nodes.items()}
    halt = second.halt("--agent", "support-triage", by=ADA)
    began = time.monotonic()
    for name, session in sessions.items():
        cluster.wait(lambda session=session: session.call("kb__search", text="refund").code == 4230, 5)
    print(f"all nodes refuse after {time.monotonic() - began:.2f} s")
    assert time.monotonic() - began < 5
    # Its entry comes to the others with a heartbeat, and people release what they have seen.
    cluster.wait(lambda: kinds(cluster)[-1] == "halt")
    time.sleep(1)
    third.resume(halt, ADA, SAM)
    assert kinds(cluster)[-1] == "release"
    for name, node in cluster.nodes.items():
        cluster.wait(lambda node=node: calls(node, node.token("support-triage")), 10)


def calls(node: Deployment, token: str) -> bool:
    try:
        return Session(node.port, token).call("kb__search", text="refund").code is None
    except ConnectionError:
        return False


def test_records_name_entries_of_the_chain(cluster):  # noqa: F811
    """What the nodes have recorded of the tests before: each `ctl` is an entry of the chain, of the kind of its record."""
    chain = {n: (base64.b64encode(digest).decode(), kind)
             for n, digest, kind in cluster.database.rows("SELECT n, digest, kind FROM il.control")}
    expected = {"approval.used": "use", "kill.requested": "halt", "kill.released": "release"}
    named = set()
    for name, node in cluster.nodes.items():
        for record in node.records(1000):
            kind = record["t"]
            if kind == "call.intent":
                assert "ctl" in record, (name, record)
            if "ctl" not in record:
                continue
            named.add(kind)
            digest, entry = chain[record["ctl"]["n"]]
            assert record["ctl"]["digest"] == digest, (name, record)
            assert entry == expected.get(kind, record.get("kind", entry)), (name, record)
    assert named >= {"call.intent", "approval.granted", "approval.used", "policy.loaded", "control.entry",
                     "kill.released"}, named


def test_a_member_tests_itself_and_drills_alone(cluster):  # noqa: F811
    """Acts of canaries are decided by a policy of their own, and a drill stops the canaries of its node."""
    second, before = cluster.nodes["gw2"], kinds(cluster)
    report = json.loads(second.run("selftest", "run", "--json", check=False, seconds=200).stdout)
    assert report["passed"], [one for one in report["acts"] if one["result"] != "pass"]
    done = second.run("drill", "run", "--json", check=False, seconds=150)
    assert done.returncode == 0, (done.stdout, done.stderr)
    assert kinds(cluster).count("halt") == before.count("halt")


def test_a_node_that_dies_loses_its_runs_to_the_others(cluster):  # noqa: F811
    first, second, _ = cluster.nodes.values()
    token = first.token("support-triage")
    assert calls(first, token)
    first.kill()
    began = time.monotonic()
    cluster.wait(lambda: calls(second, token), 30)
    print(f"the run is served elsewhere after {time.monotonic() - began:.1f} s")
    first.start()
    cluster.wait(lambda: cluster.ready("gw1")[0] == 200)


def test_without_the_database_nothing_consequential_is_sent(cluster, server):  # noqa: F811
    first = cluster.nodes["gw1"]
    token = first.token("support-triage")
    session, paying = Session(first.port, token), Session(first.port, first.token("refunds"))
    assert session.call("kb__search", text="refund").code is None and paying.tools()
    server.stop()
    try:
        cluster.wait(lambda: cluster.ready("gw1")[0] == 503, 15)
        assert cluster.ready("gw1")[1]["reasons"] == ["store_unreachable"]
        # What only reads goes on for half a minute; what needs people is refused at once.
        assert session.call("kb__search", text="refund").code is None
        answer = paying.call("billing__refund_request", invoice_id="INV-20931", amount_cents=999, currency="EUR")
        assert (answer.code, decision(answer.message["result"])["ruleId"]) == (4030, "node-lease"), answer.message
    finally:
        server.start()
    cluster.wait(lambda: all(cluster.ready(name)[0] == 200 for name in cluster.nodes), 60)


def test_what_is_not_as_the_cluster_has_it_does_not_start(cluster):  # noqa: F811
    third = cluster.nodes["gw3"]
    third.stop()
    keys, file = third.folder / "state" / "keys", third.folder / "interlock.yaml"

    def refused(*words: str) -> None:
        with pytest.raises(Failure) as found:
            third.start(90)
        assert "serve ended with 65" in str(found.value) or "serve ended with 66" in str(found.value), found.value
        for word in words:
            assert word in str(found.value), found.value

    for name, words in {"store.key": ("store.key", "founded the cluster"), "pseudonym.key": ("pseudonym.key",)}.items():
        kept = (keys / name).read_bytes()
        (keys / name).unlink()
        if name == "pseudonym.key":
            (keys / name).write_bytes(bytes(range(32)))
            (keys / name).chmod(0o400)
        refused(*words)
        (keys / name).unlink(missing_ok=True)
        (keys / name).write_bytes(kept)
        (keys / name).chmod(0o400)
    before = file.read_text()
    file.write_text(before.replace("node: gw3", "node: gw4"))
    refused("gw4", "joined as gw3")
    third.configure("listeners", hooks_socket='"/run/interlock-hooks.sock"')
    refused("listeners.hooks_socket", "of one node alone")
    file.write_text(before.replace(f'peers: "127.0.0.1:{cluster.peers["gw3"]}"', 'peers: ""'))
    refused("cluster.peers")
    file.write_text(before)
    third.start()


def test_the_logs_of_all_nodes_verify_together(cluster, tmp_path):  # noqa: F811
    for node in cluster.nodes.values():
        node.stop()
    done = cluster.verify(tmp_path)
    assert done.returncode == 0, (done.stdout, done.stderr)
