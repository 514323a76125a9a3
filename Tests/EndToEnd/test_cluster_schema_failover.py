"""The store of a cluster when PostgreSQL dies: what is refused until the heads of the nodes were compared, and what comes
back after commits were lost. A real PostgreSQL 15 with a synchronous standby."""

import hashlib
import json
import os
import shutil
import signal
import threading
import time

import psycopg
import pytest

import storing
from storing import Server, Store, chain_faults, refusal, soon, wait_for
from test_cluster_schema import approved, asked, chain, row, used, vote

TAKE = '[{"key": "k", "span": 60, "most": 9, "want": 1, "all": false, "number": %d, "until": 2, "now": 1}]'


@pytest.fixture
def server():
    storing.require()
    with Server() as server:
        yield server


def paired(server: Server) -> Server:
    """A synchronous standby of the server."""
    standby = Server(server.user, of=server)
    with server.connect() as admin:
        admin.execute("ALTER SYSTEM SET synchronous_standby_names = 'standby'")
        admin.execute("SELECT pg_reload_conf()")
    wait_for(lambda: is_synchronous(server))
    return standby


def is_synchronous(server: Server) -> bool:
    with server.connect() as admin:
        return admin.execute("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync' "
                             "AND state = 'streaming'").fetchone()[0] == 1


def reconnect(store: Store) -> None:
    for node in store.nodes:
        node.connection.close()
        node.connect()


def present(node, applied: tuple[int, bytes] | None = None) -> dict:
    """A heartbeat of a node that has no lease to put back."""
    answer = node.beat(applied)
    node.do("restored")
    return answer


def closed(node) -> None:
    """Nothing is appended, taken or claimed."""
    assert node.refusal("record", "halt", "order of meanwhile", b"halt of meanwhile") == "IL004"
    assert node.refusal("take", TAKE % 90) == "IL004"
    assert node.refusal("claim", "run of meanwhile", "agent", 1) == "IL004"
    assert node.refusal("ask", "of meanwhile", "agent", "run", 1, soon(), b"request", "[]") == "IL004"
    assert node.refusal("nonce", "of meanwhile", soon(), "attempt") == "IL004"


def test_after_a_restart_nothing_is_permitted_until_all_heads_were_compared(server):
    with Store(server) as store:
        approved(store.nodes[0], "a")
        heads = [node.beat() for node in store.nodes]
        server.stop("immediate")
        server.start()
        reconnect(store)
        one, two, three = store.nodes
        closed(one)
        assert refusal(lambda: used(one, "a", 2, b"use")) == "IL004"
        assert row(store, "a") == ("approved", 2, 0)
        for node in (one, two):
            answer = present(node)
            assert answer["open"] is False and answer["generation"] != heads[0]["generation"]
            assert node.do("open_generation") is False
            closed(node)
        three.beat()
        # Its leases are not put back.
        assert two.do("open_generation") is False
        three.do("restored")
        assert two.do("open_generation") is True
        assert one.beat()["open"] is True
        assert used(one, "a", 2, b"use")[-1][3] == "use"


def test_each_grant_is_used_once_while_the_server_is_killed_and_started_again(server):
    """A call whose answer was lost is repeated with the same ids, and then has one: of each grant one node has a use."""
    grants = [f"grant-{number}" for number in range(60)]
    with Store(server) as store:
        for name in grants:
            approved(store.nodes[0], name)
        won = {node.name: [] for node in store.nodes}
        finished, over = threading.Semaphore(0), threading.Event()

        def come_back(node) -> None:
            while node.connection.closed or node.connection.broken:
                try:
                    node.connect()
                except psycopg.OperationalError:
                    time.sleep(0.05)
            node.low = "0"
            present(node)
            node.do("open_generation")

        def tries(work, *values) -> None:
            """The node lives on, whatever was lost or is closed."""
            try:
                work(*values)
            except psycopg.OperationalError:
                pass
            except psycopg.Error as error:
                assert error.sqlstate == "IL004", error

        def race(node) -> None:
            for name in grants:
                while True:
                    try:
                        used(node, name, 2, f"{name} by {node.name}".encode())
                        won[node.name].append(name)
                        break
                    except psycopg.OperationalError:
                        pass
                    except psycopg.Error as error:
                        if error.sqlstate == "IL003":
                            break
                        assert error.sqlstate == "IL004", error
                    tries(come_back, node)
            # A node that has nothing to do sends heartbeats: a generation waits for it.
            finished.release()
            while not over.wait(0.05):
                tries(come_back, node)

        def uses() -> int:
            return store.rows("SELECT count(*) FROM il.control WHERE kind = 'use'")[0][0]

        threads = [threading.Thread(target=race, args=(node,), daemon=True) for node in store.nodes]
        for thread in threads:
            thread.start()
        for count in (10, 30):
            wait_for(lambda: uses() >= count)
            server.stop("immediate")
            server.start()
        assert all(finished.acquire(timeout=60) for _ in threads)
        over.set()
        for thread in threads:
            thread.join()
        assert sorted(name for names in won.values() for name in names) == sorted(grants)
        entries = store.rows("SELECT node, subject FROM il.control WHERE kind = 'use'")
        assert sorted(entries) == sorted((node, f"{name}/1") for node, names in won.items() for name in names)
        assert chain_faults(chain(store)) == []


def test_a_silent_node_does_not_keep_a_generation_closed(server):
    with Store(server) as store:
        server.stop("immediate")
        server.start()
        reconnect(store)
        one, two, silent = store.nodes
        present(one)
        present(two)
        term = one.do("task_take", "watch", 0, 0, 1)
        assert one.do("expel", term, "gw3", 1, silent.beats, b"silent in the new generation") is True
        # Its entry cannot be appended yet; it is, before anything else.
        assert store.head()[0] == 0
        assert two.do("open_generation") is True
        two.do("record", "halt", "order", b"halt")
        assert store.rows("SELECT kind, subject, body, node FROM il.control WHERE n > 0 ORDER BY n") == [
            ("expelled", "gw3", b"silent in the new generation", "gw1"), ("halt", "order", b"halt", "gw2")]
        assert refusal(silent.beat) == "IL001"


@pytest.mark.requirement("R070")
def test_without_a_standby_every_function_is_refused(server):
    with paired(server) as standby, Store(server, standby="required") as store:
        node = store.nodes[0]
        asked(node, "a")
        standby.stop("immediate")
        wait_for(lambda: not is_synchronous(server))
        before = store.head()
        assert refusal(node.beat) == "IL002"
        assert node.refusal("record", "halt", "order", b"halt") == "IL002"
        assert node.refusal("take", TAKE % 91) == "IL002"
        assert refusal(lambda: vote(node, "a", 1, "approved", "li")) == "IL002"
        assert refusal(lambda: node.call("start", "process", 0, 1, 0)) == "IL002"
        assert node.refusal("open_generation") == "IL002"
        assert store.head() == before
        standby.start()
        wait_for(lambda: is_synchronous(server))
        assert node.beat()["open"] is True
        # A session that does not wait for the standby is refused too.
        node.connection.execute("SET synchronous_commit = local")
        assert node.refusal("record", "halt", "order", b"halt") == "IL002"
        node.connection.execute("SET synchronous_commit = off")
        assert refusal(node.beat) == "IL002"


def test_a_standby_that_is_promoted_has_every_entry(server):
    with paired(server) as standby, Store(server, standby="required") as store:
        for number in range(5):
            store.nodes[number % 3].do("record", "quarantine", f"s{number}", f"body {number}".encode())
        approved(store.nodes[0], "a")
        used(store.nodes[0], "a", 2, b"use")
        before = store.nodes[1].beat()
        head = store.head()
        for node in store.nodes:
            node.beat()
        server.stop("immediate")
        standby.promote()
        standby_is_alone(standby)
        store.server = standby
        reconnect(store)
        assert store.head() == head and chain_faults(chain(store)) == []
        one = store.nodes[0]
        # The new primary has no standby of its own.
        assert refusal(one.beat) == "IL002"
        store.rows("UPDATE il.meta SET standby = 'none' RETURNING 1")
        answer = present(one)
        # What the signed first entry says differs from the row: nodes see it, and the posture report has it.
        assert (answer["open"], answer["standby"]) == (False, "none")
        assert answer["generation"].split("/")[0] == "00000002" != before["generation"].split("/")[0]
        closed(one)
        for node in store.nodes[1:]:
            present(node)
        assert one.do("open_generation") is True
        assert refusal(lambda: used(one, "a", 2, b"another use")) == "IL003"
        assert one.do("record", "halt", "order", b"halt") == head[0] + 1


def standby_is_alone(server: Server) -> None:
    with server.connect() as admin:
        admin.execute("ALTER SYSTEM SET synchronous_standby_names = ''")
        admin.execute("SELECT pg_reload_conf()")


@pytest.mark.parametrize("is_cancelled", [False, True])
def test_a_commit_that_waits_for_a_lost_standby_is_not_an_answer(server, is_cancelled):
    """A deposed primary answers SELECT, but a function of it does not come back: its caller disconnects and acts on
    nothing. A caller that cancelled would be told of a success, with a warning."""
    with paired(server) as standby, Store(server, standby="required") as store:
        # The standby stops to answer, and its connection stays: the check of the function passes.
        freeze(standby)
        done, told = threading.Event(), []
        writer = server.connect("gw2", store.database)
        writer.add_notice_handler(lambda notice: told.append(notice.severity_nonlocalized))

        def write():
            writer.execute("SELECT il_v1.record(1, 'halt', 'order', 'halt')")
            done.set()

        thread = threading.Thread(target=write)
        thread.start()
        wait_for(lambda: store.rows("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep'"))
        reader = server.connect("gw3", store.database)
        # The entry is on the disk of the primary, and no reader sees it.
        assert reader.execute("SELECT max(n) FROM il.control").fetchone()[0] == 0
        assert not done.is_set()
        if is_cancelled:
            writer.cancel()
            assert done.wait(30) and told == ["WARNING"]
        freeze(standby, False)
        assert done.wait(30)
        thread.join()
        assert store.head()[0] == 1 and (told == [] or is_cancelled)


def freeze(server: Server, on: bool = True) -> None:
    """Stops all processes of a server, or lets them go on."""
    main = int((server.data / "postmaster.pid").read_text().split()[0])
    with open(f"/proc/{main}/task/{main}/children") as file:
        children = [int(word) for word in file.read().split()]
    for process in [main, *children]:
        os.kill(process, signal.SIGSTOP if on else signal.SIGCONT)


@pytest.fixture
def old(server):
    """A store restored from a backup of before the last three entries."""
    with Store(server) as store:
        node = store.nodes[0]
        approved(node, "used")
        approved(node, "ended")
        asked(node, "open")
        approved(node, "granted")
        node.do("session", "s", "li", soon(), b"session")
        node.do("take", TAKE % 1)
        server.stop("fast")
        backup = server.base / "backup"
        shutil.copytree(server.data, backup, symlinks=True)
        server.start()
        reconnect(store)
        for each in store.nodes:
            present(each)
        assert node.do("open_generation") is True
        node.do("record", "halt", "order", b"a halt that was lost")
        used(node, "used", 2, b"a use that was lost")
        node.do("finish", "ended", 1, 2, "void", b"an end that was lost")
        store.lost = store.rows(
            "SELECT n, prev, digest, kind, subject, body, node FROM il.control WHERE n > 0 ORDER BY n")
        server.stop("immediate")
        shutil.rmtree(server.data)
        shutil.move(backup, server.data)
        server.user.own(server.base)
        server.data.chmod(0o700)
        server.start()
        reconnect(store)
        yield store


def test_lost_entries_are_put_back_and_then_hold(old):
    one, two, three = old.nodes
    assert old.head()[0] == 0 and row(old, "used") == ("approved", 2, 0)
    known = old.lost[-1]
    # Two nodes had applied the lost entries, one had not.
    present(one, (known[0], known[2]))
    present(two, (known[0], known[2]))
    present(three)
    assert three.do("open_generation") is False
    first = old.lost[0]
    forged = (first[0], first[1], hashlib.sha256(first[1] + b"forged").digest(), "release", "order", b"forged, in part", "gw1")
    assert three.refusal("repair", *forged) == "IL003"
    assert three.refusal("repair", *old.lost[1]) == "IL003"
    assert [two.do("repair", *entry) for entry in old.lost] == [True] * 3
    assert [one.do("repair", *entry) for entry in old.lost] == [False] * 3
    another = (first[0], first[1], hashlib.sha256(first[1] + b"fork").digest(), "halt", "other", b"fork", "gw1")
    assert one.refusal("repair", *another) == "IL003"
    assert chain_faults(chain(old)) == [] and old.head() == (known[0], known[2])
    assert one.do("open_generation") is True
    # Uses and ends hold again, and nothing else was lost.
    assert row(old, "used") == ("used", 3, 1) and row(old, "ended")[0] == "void"
    for ver in (2, 3):
        assert refusal(lambda: used(three, "used", ver, b"a second use")) == "IL003"
        assert refusal(lambda: used(three, "ended", ver, b"a use after the end")) == "IL003"
    assert used(three, "granted", 2, b"a use of what is left")[-1][4] == "granted/1"


def test_a_head_that_differs_keeps_the_generation_closed(old):
    one = old.nodes[0]
    for node in old.nodes:
        present(node, (0, hashlib.sha256(b"another first entry").digest()) if node is one else None)
    assert one.do("open_generation") is False
    closed(one)


def test_recovery_voids_what_was_open_and_counts_limits_as_used(old):
    one = old.nodes[0]
    known = old.lost[-1]
    present(one, (known[0], known[2]))
    for node in old.nodes[1:]:
        present(node)
    assert one.do("recover", "recovery", b"signed by two") is False
    for entry in old.lost:
        one.do("repair", *entry)
    assert one.do("recover", "recovery", b"signed by two") is True
    assert one.do("recover", "recovery", b"signed by two") is True
    states = dict(old.rows("SELECT id, state FROM il.approval"))
    assert states == {"used": "used", "ended": "void", "open": "void", "granted": "void"}
    assert refusal(lambda: used(one, "granted", 2, b"use")) == "IL003"
    assert one.refusal("session", "s", "li", soon(), b"session") == "IL003"
    now = int(time.time() * 1_000_000)
    take = {"key": "k", "span": 60, "most": 9, "want": 1, "all": False, "number": 92, "until": now + 1, "now": now}
    assert one.do("take", json.dumps([take]))[0]["units"] == 0
    assert one.do("take", json.dumps([take | {"key": "of which nothing was known"}]))[0]["units"] == 1
    assert one.beat()["open"] is True
    assert one.refusal("recover", "again", b"signed by two, again") == "IL003"
