"""Nodes of a cluster and its database are killed at random moments under load, ROUNDS times: every call that a server got has
an intent in one of the logs, none came twice, and all logs verify together."""

import os
import random
import threading
import time

import pytest

import counters
from members import Cluster, cluster, server  # noqa: F401
from wire import Session

pytestmark = [pytest.mark.stress, pytest.mark.timeout(3600)]
ROUNDS = int(os.environ.get("ROUNDS", "3"))


class Load(threading.Thread):
    """Calls a reading tool with a text of its own each time, through any node."""

    def __init__(self, cluster: Cluster, number: int):  # noqa: F811
        super().__init__(daemon=True)
        self.cluster, self.number, self.ending, self.answered = cluster, number, threading.Event(), 0
        self.token = cluster.nodes["gw1"].token("support-triage")

    def run(self) -> None:
        chance, session, count = random.Random(self.number), None, 0
        while not self.ending.is_set():
            port = chance.choice([node.port for node in self.cluster.nodes.values()])
            try:
                if session is None:
                    session = Session(port, self.token)
                session.port, count = port, count + 1
                answer = session.call("kb__search", 10, text=f"load {self.number} {count}")
                if answer.status == 404:
                    session = None
                elif answer.status == 200 and answer.code is None:
                    self.answered += 1
            except (OSError, AssertionError, KeyError, ValueError):
                session = None
                time.sleep(0.05)


def test_what_dies_under_load_loses_nothing_and_repeats_nothing(cluster, server, tmp_path):  # noqa: F811
    seed = int(os.environ.get("INTERLOCK_SEED", time.time_ns() % 1_000_000))
    print(f"INTERLOCK_SEED={seed}")
    chance = random.Random(seed)
    cluster.nodes["gw1"].wait_for_tools("support-triage", "kb")
    loads = [Load(cluster, number) for number in range(4)]
    for load in loads:
        load.start()
    for number in range(ROUNDS):
        time.sleep(chance.uniform(0.5, 3))
        what = chance.choice([*cluster.nodes, "database"])
        print(f"round {number}: {what}")
        if what == "database":
            server.stop()
            time.sleep(chance.uniform(0, 6))
            server.start()
        else:
            cluster.nodes[what].kill()
            time.sleep(chance.uniform(0, 8))
            cluster.nodes[what].start(120)
        cluster.wait(lambda: all(cluster.ready(name)[0] == 200 for name in cluster.nodes), 60)
    for load in loads:
        load.ending.set()
    for load in loads:
        load.join(30)
    texts = [one["text"] for one in counters.calls(cluster.acme.data, "kb", "search") if one["text"].startswith("load ")]
    assert len(texts) == len(set(texts)), "nothing is sent twice"
    assert sum(load.answered for load in loads) <= len(texts)
    assert all(load.answered > 0 for load in loads)
    for node in cluster.nodes.values():
        node.stop()
    intents = sum(1 for node in cluster.nodes.values() for one in node.records(1_000_000) if one["t"] == "call.intent")
    assert len(texts) <= intents
    done = cluster.verify(tmp_path)
    assert done.returncode == 0, (done.stdout, done.stderr)
