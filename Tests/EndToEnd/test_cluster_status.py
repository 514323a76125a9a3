"""`interlock cluster status`: what a database knows of a cluster is read, and each part that is not well is named. A real
PostgreSQL 15, and nodes that call its functions as the gateway will."""

import re
import threading

import pytest

import storing
from clustering import LATER, NO, NOT_FOUND, UNAVAILABLE, database, house  # noqa: F401
from storing import STEPS, Server, Store, server, wait_for  # noqa: F401
from test_cluster_schema_failover import is_synchronous, paired


class Beating:
    """Sends the heartbeats of some nodes until its end, twice a second or more."""

    def __init__(self, *nodes: storing.Node):
        self.nodes, self.end, self.fault = nodes, threading.Event(), None
        self.thread = threading.Thread(target=self.beat)

    def beat(self) -> None:
        try:
            while not self.end.wait(0.2):
                for node in self.nodes:
                    node.beat()
        except Exception as error:
            self.fault = error

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.end.set()
        self.thread.join()
        assert self.fault is None, self.fault


@pytest.fixture
def store(server, house):
    with Store(server) as store:
        house.settle(f"host={server.base} dbname={store.database}")
        yield store


def test_a_store_whose_nodes_beat_is_well(house, store):
    store.nodes[0].do("record", "quarantine", "s1", b"an entry")
    with Beating(*store.nodes):
        said = house.status()
        found = house.json()
    lines = said.splitlines()
    assert re.fullmatch(rf"database `{store.database}` at `\S+`: {len(STEPS)} steps, round trip \d+\.\d ms", lines[0])
    assert lines[1] == "standby: none, as the first entry says"
    assert re.fullmatch(r"chain: entry 1, generation [0-9A-F]{8}/\d+ open", lines[2])
    for number in (1, 2, 3):
        assert re.fullmatch(rf"gw{number}  live  incarnation 1  beat \d\.\d s ago  applied 1 *version 1", lines[2 + number])
    assert len(lines) == 6 and found["well"] is True and found["problems"] == []
    assert found["store"] == {**found["store"], "steps": len(STEPS), "oldest_version": 1, "standby": "none", "fault": None,
                              "open": True, "waits_for": [], "head": 1}
    assert found["store"]["round_trip_us"] > 0
    assert [(node["node"], node["state"], node["applied"], node["lag"]) for node in found["nodes"]] == [
        (name, "live", 1, 0) for name in ("gw1", "gw2", "gw3")]
    assert all(0 <= node["beat_age_ms"] < 3000 for node in found["nodes"])


def test_a_silent_node_and_one_that_was_expelled_are_named(house, store):
    one, two, three = store.nodes
    with Beating(one, two):
        said = house.status(expect=NO)
        assert "not well: node gw3 is silent" in said and "gw1 is" not in said
        assert re.search(r"^gw3 .* beat over \d+\.\d s ago", said, re.M)
    with store.admin() as admin:
        admin.execute("UPDATE il.node SET state = 'gone', inc = inc + 1 WHERE name = 'gw3'")
        admin.execute("INSERT INTO il.node (name, state) VALUES ('gw4', 'new'), ('gw5', 'retired')")
    with Beating(one, two):
        found = house.json(expect=NO)
    assert found["problems"] == ["node gw3 was expelled, and has not started again", "node gw4 has never started"]
    assert [node["node"] for node in found["nodes"]] == ["gw1", "gw2", "gw3", "gw4"]


def test_a_node_that_does_not_apply_entries_is_named(house, store):
    one, two, three = store.nodes
    genesis = store.head()
    one.do("record", "quarantine", "s1", b"an entry")

    class Behind(Beating):
        def beat(self) -> None:
            while not self.end.wait(0.2):
                one.beat()
                two.beat()
                three.beat(genesis)

    with Behind(one, two, three):
        said = house.status(expect=NO)
    assert "not well: node gw3 has applied up to entry 0 of 1" in said
    assert re.search(r"^gw3 .* applied 0, 1 behind", said, re.M)


def test_a_closed_generation_names_the_nodes_for_which_it_waits(house, store):
    one, two, three = store.nodes
    one.do("close_generation")
    one.beat()
    one.do("restored")
    two.beat()
    found = house.json(expect=NO)
    assert found["store"]["open"] is False
    assert found["store"]["waits_for"] == [
        {"node": "gw2", "reason": "has not put back its leases and runs"},
        {"node": "gw3", "reason": "no heartbeat yet"}]
    assert found["problems"][0] == ("the generation is closed: it waits for gw2 (has not put back its leases and runs), "
                                    "gw3 (no heartbeat yet)")
    two.do("restored")
    three.beat()
    three.do("restored")
    assert house.json(expect=NO)["problems"][0] == "the generation is closed: it waits for a node to open it"
    assert two.do("open_generation") is True
    with Beating(*store.nodes):
        house.status()


def test_a_store_without_its_standby_is_not_well(house, server):
    with Store(server, standby="none") as store:
        house.settle(f"host={server.base} dbname={store.database}")
        with store.admin() as admin:
            admin.execute("UPDATE il.meta SET standby = 'required'")
        found = house.json(expect=NO)
        assert found["store"]["standby"] == "required" and found["store"]["fault"] == "no synchronous standby"
        assert "the store refuses all calls: no synchronous standby" in found["problems"]
        assert "standby: required, and no synchronous standby" in house.status(expect=NO)


def test_a_standby_is_in_step_until_it_is_gone_and_does_not_answer_for_the_primary(house):
    storing.require()
    with Server() as primary:
        standby = paired(primary)
        try:
            with Store(primary, standby="required") as store:
                house.settle(f"host={primary.base} dbname={store.database}")
                with Beating(*store.nodes):
                    assert "standby: required, in step" in house.status()
                house.settle(f"host={standby.base} dbname={store.database}")
                said = house.status(expect=UNAVAILABLE)
                assert "recovery is in progress (55000)" in said and "target_session_attrs=read-write" in said
                standby.stop()
                wait_for(lambda: not is_synchronous(primary))
                house.settle(f"host={primary.base} dbname={store.database}")
                assert "standby: required, and no synchronous standby" in house.status(expect=NO)
        finally:
            standby.close()


def test_a_database_without_a_cluster_or_with_other_steps_is_not_well(house, database):
    house.migrate()
    found = house.json(expect=NO)
    assert found["store"]["head"] is None and "the chain has no first entry" in found["problems"]
    assert "chain: no entry, generation" in house.status(expect=NO) and "no node" in house.status(expect=NO)
    with database.admin() as admin:
        admin.execute(LATER)
    assert (f"the schema has {len(STEPS) + 1} steps, and this version knows {len(STEPS)}: run a newer one"
            in house.json(expect=NO)["problems"])
    with database.admin() as admin:
        admin.execute("DELETE FROM il.migration WHERE n >= %s", (len(STEPS),))
    assert (f"the schema has {len(STEPS) - 1} of {len(STEPS)} steps: run `interlock cluster migrate`"
            in house.json(expect=NO)["problems"])
    with database.admin() as admin:
        admin.execute("DROP FUNCTION il_v1.status")
    assert "run `interlock cluster migrate` first" in house.status(expect=NOT_FOUND)
