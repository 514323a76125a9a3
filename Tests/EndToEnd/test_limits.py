"""Limits of agents: never more than the number, on the server's own counter."""

import threading

import pytest

import wire
from governed import agent, governed, policy, server


def written(limits: str):
    return lambda ports: policy("servers:", server("tickets", ports["tickets"], """
tools:
  search: {class: read}
  get_ticket: {class: read}
"""), "agents:", agent("first", f"""
limits: {limits}
mcp_scopes:
  tickets: [read]
"""))


@pytest.fixture
def world(binary, people, request):
    with governed(binary, people, written(request.param), servers=("tickets",)) as world:
        world.gateway.wait_for_tools("first", "tickets")
        yield world


def search(world, *words: str) -> list[wire.Answer]:
    session = wire.Session(world.gateway.port, world.gateway.token("first"))
    return [session.call("tickets__search", text=word, limit=1) for word in words]


def taken(world, limit: str) -> dict:
    (line,) = [one for one in world.gateway.json("limits", "first") if one["limit"] == limit]
    return {name: line[name] for name in ("taken", "most", "stated")}


@pytest.mark.parametrize("world", ["{tickets.search: 40/d}"], indirect=True)  # a quarter of it at the first stage
def test_so_many_and_no_more_also_after_a_restart(world):
    answers = search(world, *(f"lamp {number}" for number in range(13)))
    assert [one.code for one in answers] == [None] * 10 + [4290] * 3
    assert world.arrived("tickets__search") == 10
    refusal = answers[-1].message["result"]
    assert "tickets.search 10/10 in 86400 s" in refusal["content"][0]["text"]
    assert wire.decision(refusal)["retryAfterMs"] > 80_000_000
    for stop in (world.gateway.stop, world.gateway.kill):
        stop()
        world.gateway.start()
        world.gateway.wait_for_tools("first", "tickets")
        assert search(world, "again")[0].code == 4290
    assert world.arrived("tickets__search") == 10
    assert taken(world, "tickets.search") == {"taken": 10, "most": 10, "stated": 40}


@pytest.mark.parametrize("world", ["{tickets.search: 40/d}"], indirect=True)
def test_100_at_once_get_what_there_is(world):
    codes = []
    sessions = [wire.Session(world.gateway.port, world.gateway.token("first")) for _ in range(100)]

    def ask(number: int, session: wire.Session) -> None:
        codes.append(session.call("tickets__search", text=f"lamp {number}", limit=1).code)

    threads = [threading.Thread(target=ask, args=each) for each in enumerate(sessions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (codes.count(None), codes.count(4290)) == (10, 90)
    assert world.arrived("tickets__search") == 10


@pytest.mark.parametrize("world", ["{spend: {field: args.limit, tool: tickets.search, max: 40/d}}"], indirect=True)
def test_sums_are_of_whole_numbers_and_survive_a_kill(world):
    session = wire.Session(world.gateway.port, world.gateway.token("first"))

    def ask(**arguments) -> int | None:
        return session.call("tickets__search", text="lamp", **arguments).code

    assert ask(limit=6) is None
    assert ask(limit=5) == 4290
    assert ask() == 4290  # nothing there to count
    assert ask(limit=4) is None
    assert world.arrived("tickets__search") == 2
    world.gateway.kill()
    world.gateway.start()
    world.gateway.wait_for_tools("first", "tickets")
    session = wire.Session(world.gateway.port, world.gateway.token("first"))
    assert ask(limit=1) == 4290
    reserved = world.gateway.records(type="budget.reserved")
    assert sorted(one["amt"] for one in reserved) == [4, 6]
