"""Loops of agents and failing servers, by the servers' own counters."""

import pytest

import wire
from deployment import Deployment
from addresses import ADA, LI, PAUL
from governed import agent, governed, policy, server

AS_OFTEN_AS_NEEDED = """
tools:
  search: {class: read}
  close_ticket: {class: write, effects: [reversible]}
"""


def written(ports: dict[str, int]) -> str:
    return policy("controls: {reversible: {supervised: allow, trusted: allow}}",
                  "servers:", server("tickets", ports["tickets"], AS_OFTEN_AS_NEEDED),
                  "agents:", agent("first", "mcp_scopes:\n  tickets: [search, close_ticket]\n"))


@pytest.fixture(autouse=True, scope="module")
def usual():
    """The default thresholds of the program instead of those of other tests."""
    others, Deployment.breakers = Deployment.breakers, {}
    yield
    Deployment.breakers = others


@pytest.fixture
def world(binary, people):
    with governed(binary, people, written, servers=("tickets",)) as world:
        world.gateway.wait_for_tools("first", "tickets")
        yield world


@pytest.fixture(scope="module")
def idle(binary, people):
    with governed(binary, people, written, servers=("tickets",), start=False) as world:
        yield world


def session(world) -> wire.Session:
    return wire.Session(world.gateway.port, world.gateway.token("first"))


def held(world) -> list[dict]:
    (answer,) = world.gateway.json("breakers", check=False)
    return answer["runs"]


@pytest.mark.requirement("R109")
def test_a_loop_of_reads_ends_within_eleven_calls_and_stays_ended(world):
    loop = session(world)
    codes = [loop.call("tickets__search", text="lamp", limit=1).code for _ in range(40)]
    assert codes == [None] * 10 + [4290] * 30
    assert world.arrived("tickets__search") == 10
    (run,) = held(world)
    assert (run["agent"], run["state"], run["reason"]) == ("first", "paused", "same-call")
    assert {one["t"] for one in world.gateway.records(200)} >= {"response.throttle", "response.pause"}
    for stop in (world.gateway.stop, world.gateway.kill):
        stop()
        world.gateway.start()
        world.gateway.wait_for_tools("first", "tickets")
        assert [one["run"] for one in held(world)] == [run["run"]]
    # Other runs of the agent continue, and this one after a permitted person releases it.
    assert session(world).call("tickets__search", text="lamp", limit=1).code is None
    again = wire.Session(world.gateway.port, world.gateway.token("first", run=run["run"]))
    assert again.call("tickets__search", text="desk", limit=1).code == 4290
    refused = world.gateway.run("runs", "unpause", run["run"], "--reason", "it looks harmless", by=PAUL, check=False)
    assert refused.returncode == 77, refused.stderr
    world.gateway.run("runs", "unpause", run["run"], "--reason", "a page was missing", by=LI)
    assert again.call("tickets__search", text="desk", limit=1).code is None
    assert held(world) == []
    (end,) = world.gateway.records(type="response.end")
    assert end["code"] == "person"


@pytest.mark.requirement("R109")
def test_a_loop_of_writes_ends_within_five_calls_and_a_minute(world):
    loop = session(world)
    codes = [loop.call("tickets__close_ticket", id="T-101", message="done").code for _ in range(15)]
    assert codes == [None] * 5 + [4290] * 10
    assert world.arrived("tickets__close_ticket") == 5
    (run,) = held(world)
    assert (run["agent"], run["state"], run["reason"]) == ("first", "paused", "same-write")
    assert [one["code"] for one in world.gateway.records(100) if one["t"].startswith("response.")] == ["same-write"] * 2
    assert loop.call("tickets__search", text="lamp", limit=1).code == 4290, "the run is held, not that call alone"


@pytest.mark.requirement("R109")
@pytest.mark.parametrize("reason, texts, most", [
    ("cycle", ("lamp", "desk"), 11), ("cycle", ("lamp", "desk", "chair"), 14), ("cycle", ("lamp", "lamp", "desk"), 14)])
def test_a_loop_of_several_calls_is_stopped(world, reason, texts, most):
    loop = session(world)
    codes = [loop.call("tickets__search", text=texts[number % len(texts)], limit=1).code for number in range(40)]
    sent = codes.index(4290)
    assert sent <= most and set(codes[sent:]) == {4290} and world.arrived("tickets__search") == sent, codes
    (run,) = held(world)
    assert (run["agent"], run["state"], run["reason"]) == ("first", "paused", reason)


def test_a_run_is_paused_by_hand(world):
    before = session(world)
    assert before.call("tickets__search", text="lamp", limit=1).code is None
    run = world.gateway.records(type="call.intent")[-1]["run"]
    world.gateway.run("runs", "pause", run, "--reason", "we look at it first", by=ADA)
    assert before.call("tickets__search", text="desk", limit=1).code == 4290
    assert world.arrived("tickets__search") == 1
    assert [(one["run"], one["state"]) for one in held(world)] == [(run, "paused")]
    assert session(world).call("tickets__search", text="desk", limit=1).code is None, "another run of the agent goes on"


@pytest.mark.requirement("R108")
@pytest.mark.parametrize("key, value", [
    ("agent", "{same_any: off}"), ("agent", "{same_any: 51 in 30s}"), ("agent", "{same_any: 10 in 0s}"),
    ("agent", "{cycles: 0}"), ("agent", "off"), ("agent", "{other: 1}"), ("run", "{calls: unlimited}"),
    ("run", "{wall: 30s}"), ("run", "{poll: {tickets.search: 0}}"), ("upstream", "{failures: 0}"),
    ("upstream", "{ratio: 1.0}"), ("upstream", "{open: 2h}")])
def test_no_breaker_can_be_turned_off(idle, key, value):
    path = idle.gateway.folder / "interlock.yaml"
    text = path.read_text()
    idle.gateway.configure("breakers", **{key: value})
    started = idle.gateway.launch()
    assert started.wait(60) == 65
    said = idle.gateway.stderr()
    assert f"`{key}` must be" in said and "interlock.yaml:" in said
    path.write_text(text)
