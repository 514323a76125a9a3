"""Revisions change under load: each decision is by exactly one of them."""

import json
import os
import signal
import threading
import time
from collections import Counter

import pytest

import counters
import wire
from governed import DENIED, agent, governed, policy, server
from revising import loading
from waits import until

SWAPS = 20
# Each agent always makes the same call, so that a record identifies it.
LIMITS = {"first": 1, "second": 2, "third": 3}
GRANT = "agents.{agent}.mcp_scopes.tickets[0]"
# Revision -> agent -> the decision. A mixture of both would let `first` through, refuse a call of `second` or `third`
# by another rule, or name a rule that the record's revision does not have.
EXPECTED = {
    "a": {"first": ("deny", "cap-a"), "second": ("allow", "controls.read"), "third": ("deny", GRANT)},
    "b": {"first": ("deny", GRANT), "second": ("deny", "cap-b"), "third": ("allow", "controls.read")},
}


def written(ports: dict[str, int], forbidden: int, granted: list[int], name: str) -> str:
    return policy(
        f"""\
forbid:
  - {{id: cap-{name}, tools: [tickets.search], when: "args.limit == {forbidden}"}}
servers:""",
        server("tickets", ports["tickets"], """
tools:
  search: {class: read}
"""),
        "agents:",
        *(agent(one, f"""
mcp_scopes:
  tickets: [{{tool: search, when: "args.limit in {granted}"}}]
""") for one in LIMITS))


def revision(name: str, ports: dict[str, int]) -> str:
    return written(ports, 1, [1, 2], name) if name == "a" else written(ports, 2, [2, 3], name)


class Load(threading.Thread):
    """Calls as one agent, one call at a time, until it is stopped."""

    def __init__(self, world, agent: str, stop: threading.Event):
        super().__init__(daemon=True)
        self.session = wire.Session(world.gateway.port, world.gateway.token(agent))
        self.agent, self.stop, self.answers = agent, stop, Counter()

    def run(self) -> None:
        while not self.stop.is_set():
            self.answers[self.session.call("tickets__search", text="lamp", limit=LIMITS[self.agent]).code] += 1
            time.sleep(0.22)  # so that no breaker takes it for a loop


@pytest.fixture(scope="module")
def world(binary, people):
    ports = {}

    def write(given: dict[str, int]) -> str:
        ports.update(given)
        return revision("a", given)

    with governed(binary, people, write, servers=("tickets",)) as world:
        world.gateway.wait_for_tools("first", "tickets")
        world.ports = ports
        yield world


def put(world, text: str) -> None:
    """Replaces the file atomically, and sends the signal to reload it."""
    made = world.gateway.folder / "next.yaml"
    made.write_text(text)
    os.replace(made, world.gateway.policy / "org.yaml")
    world.gateway.process.send_signal(signal.SIGHUP)


def loaded(world) -> list[str]:
    """The revisions that were activated, oldest first."""
    return [one["pol"] for one in world.gateway.records(100_000) if one["t"] == "policy.loaded"]


def in_force(world) -> str:
    return world.gateway.json("status")[0]["policy"]


def test_a_reload_under_load_never_mixes_two_revisions_in_one_decision(world):
    stop = threading.Event()
    loads = [Load(world, agent, stop) for agent in LIMITS]
    for load in loads:
        load.start()
    names = {loaded(world)[-1]: "a"}
    try:
        for turn in range(SWAPS):
            before, name = in_force(world), "ba"[turn % 2]
            put(world, revision(name, world.ports))
            until(lambda: in_force(world) != before)
            if turn == 0:
                names[loaded(world)[-1]] = "b"
            put(world, "agents: [")  # the current revision remains
            time.sleep(0.1)
    finally:
        stop.set()
        for load in loads:
            load.join(30)

    assert set(loaded(world)) == set(names), "only the two were ever in force"
    decided = Counter()
    for record in world.gateway.records(100_000):
        # Excluded: ends of intents that were recorded before, and the sums of a flood of denials.
        if record.get("agent") not in LIMITS or "intent" in record or not {"dec", "call"} <= set(record):
            continue
        rule, name = record["rule"], names[record["pol"]]
        expected, by = EXPECTED[name][record["agent"]]
        assert (record["dec"], rule) == (expected, by.format(agent=record["agent"])), record
        decided[name, record["agent"]] += 1
    assert all(decided[name, agent] for name in "ab" for agent in LIMITS), decided

    told = sum((load.answers for load in loads), Counter())
    assert set(told) == {None, DENIED}
    arrived = Counter(call["limit"] for call in counters.calls(world.data, "tickets", "search"))
    assert arrived[1] == 0
    assert arrived.total() == told[None]
    assert world.gateway.verify().returncode == 0


def test_a_bad_revision_leaves_the_old_one_deciding(world):
    put(world, revision("a", world.ports))
    until(lambda: loading(world.gateway)["last_reload"]["outcome"] == "loaded", world.gateway)
    before = in_force(world)
    put(world, revision("b", world.ports).replace("when:", "wenn:"))
    until(lambda: loading(world.gateway)["last_reload"]["outcome"] == "refused", world.gateway)
    assert in_force(world) == before
    world.check_allowed("second", "tickets__search", "controls.read", text="lamp", limit=2)
    ended = world.call("third", "tickets__search", text="lamp", limit=3)
    assert (ended.told, ended.arrived, ended.record["rule"]) == (DENIED, 0, GRANT.format(agent="third"))


@pytest.mark.requirement("R040")
def test_the_tests_that_a_revision_passed_are_evidence_and_one_that_fails_keeps_it_out(world):
    def tested(verdict: str) -> str:
        return (revision("a", world.ports) + "\ntests:\n  - {name: the cap holds, agent: first, call: tickets.search, "
                f"args: {{text: lamp, limit: 1}}, expect: {verdict}}}\n")

    before = loaded(world)
    put(world, tested("deny"))
    until(lambda: len(loaded(world)) > len(before), world.gateway)
    record = [one for one in world.gateway.records(100_000) if one["t"] == "policy.loaded"][-1]
    load = json.loads(world.gateway.run("audit", "show", str(record["index"]), "--payload", "load").stdout)
    assert load["tests"] == ["the cap holds"]
    put(world, tested("allow"))
    until(lambda: "the cap holds" in world.gateway.run("status").stdout, world.gateway)
    assert loaded(world)[-1] == record["pol"]
