"""Limits of agents: never more calls than the number, by the server's own counter."""

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


@pytest.fixture(scope="module")
def idle(binary, people):
    with governed(binary, people, written("{calls: 60/m}"), servers=("tickets",), start=False) as world:
        yield world


def search(world, *words: str) -> list[wire.Answer]:
    session = wire.Session(world.gateway.port, world.gateway.token("first"))
    return [session.call("tickets__search", text=word, limit=1) for word in words]


def taken(world, limit: str) -> dict:
    (line,) = [one for one in world.gateway.json("limits", "first") if one["limit"] == limit]
    return {name: line[name] for name in ("taken", "most", "stated")}


@pytest.mark.requirement("R110")
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


def standing(world) -> list[dict]:
    return sorted(world.gateway.json("limits", "first"), key=lambda line: line["limit"])


@pytest.mark.parametrize(
    "world", ["{calls: 400/d, tickets.search: 200/d, spend: {field: args.limit, tool: tickets.search, max: 400/d}}"], indirect=True)
def test_counters_are_the_same_before_and_after_each_end(world):
    """A clean stop leaves a snapshot, and the start reads the records after it; a kill leaves the flushed records."""
    for number, end in enumerate((world.gateway.stop, world.gateway.kill, world.gateway.kill, world.gateway.stop)):
        search(world, *(f"lamp {number} {one}" for one in range(3 + number)))
        before = standing(world)
        end()
        world.gateway.start()
        world.gateway.wait_for_tools("first", "tickets")
        assert standing(world) == before
    snapshots = world.gateway.records(type="budget.snapshot")
    assert [(one["part"], one["parts"]) for one in snapshots] == [(0, 1), (0, 1)]
    assert any(item.get("limit") == "tickets.search" for item in snapshots[-1]["items"])
    before = standing(world)
    world.gateway.kill()
    world.gateway.start(words=("--rebuild",))
    world.gateway.wait_for_tools("first", "tickets")
    assert standing(world) == before
    taken = {line["limit"]: line["taken"] for line in before}
    assert taken["calls"] == taken["tickets.search"] == 3 + 4 + 5 + 6


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
    assert ask() == 4290  # the call has no value to count
    assert ask(limit=4) is None
    assert world.arrived("tickets__search") == 2
    world.gateway.kill()
    world.gateway.start()
    world.gateway.wait_for_tools("first", "tickets")
    session = wire.Session(world.gateway.port, world.gateway.token("first"))
    assert ask(limit=1) == 4290
    reserved = world.gateway.records(type="budget.reserved")
    assert sorted(one["amt"] for one in reserved) == [4, 6]


def configured(world, **values: str) -> None:
    """Restarts the same gateway with these limits in `interlock.yaml`."""
    world.gateway.stop()
    world.gateway.configure("limits", **values)
    world.gateway.start()
    world.gateway.wait_for_tools("first", "tickets")


@pytest.mark.parametrize("world", ["{calls: 4000/m}"], indirect=True)
def test_an_agent_gets_so_many_bytes_of_results_and_no_more_also_after_a_restart(world):
    configured(world, result_bytes="4KiB")
    codes = []
    while not codes or codes[-1] is None:
        (answer,) = search(world, "lamp")
        codes.append(answer.code)
        assert len(codes) < 100
    assert codes[-1] == 5020 and len(codes) > 2
    assert "kept back" in answer.message["result"]["content"][0]["text"]
    outcomes = world.gateway.records(type="call.outcome")
    assert [one["code"] for one in outcomes if one["st"] == "withheld"] == ["limit.result_bytes"]
    got = sum(one.get("out", one["res"])["n"] for one in outcomes if one["st"] == "ok")
    assert taken(world, "result_bytes") == {"taken": got, "most": 4096, "stated": 4096} and got <= 4096
    for stop in (world.gateway.stop, world.gateway.kill):
        stop()
        world.gateway.start()
        world.gateway.wait_for_tools("first", "tickets")
        assert search(world, "lamp")[0].code == 5020
    assert taken(world, "result_bytes")["taken"] == got


@pytest.mark.parametrize("world", ["{calls: 4000/m}"], indirect=True)
def test_an_agent_that_asks_too_often_is_told_to_wait_before_its_body_is_read(world):
    configured(world, requests="{rate: 30/m, burst: 25}")
    token = world.gateway.token("first")
    answers = [wire.exchange(world.gateway.port, "POST", "/mcp", headers={"Authorization": f"Bearer {token}"}, body=b"{")
               for _ in range(40)]
    statuses = [one.status for one in answers]
    assert 429 in statuses and statuses[-1] == 429
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 3
    assert wire.exchange(world.gateway.people_port, "GET", "/healthz").status == 200


@pytest.mark.parametrize("world", ["{calls: 4000/m}"], indirect=True)
def test_strangers_are_told_to_wait_and_lock_nobody_out(world):
    configured(world, auth_failures="5/m")

    def ask(token: str) -> int:
        return wire.exchange(world.gateway.port, "POST", "/mcp", headers={"Authorization": f"Bearer {token}"}, body=b"{}").status

    assert [ask("stranger") for _ in range(8)] == [401] * 5 + [429] * 3
    assert ask(world.gateway.token("first")) not in (401, 429)
    assert len(world.gateway.records(type="access.refused")) == 5


@pytest.mark.parametrize("key, value", [
    ("requests", "{rate: 0/m}"), ("requests", "{rate: -1/m}"), ("requests", "{rate: 9223372036854775808/m}"),
    ("requests", "{rate: NaN/m}"), ("requests", "{burst: 0}"), ("requests", "{rate: 600/w}"), ("requests", "off"),
    ("auth_failures", "unlimited"), ("auth_failures", "1.5/m"), ("auth_failures", "0/m"), ("inflight", "{agent: 0}"),
    ("inflight", "{server: -3}"), ("inflight", "{all: 3}"), ("inflight", "{agent: 9223372036854775808}"), ("lists", "1e3/m"),
    ("discovers", "null"), ("completions", "[60/m]"),
])
def test_a_limit_outside_its_bounds_does_not_load(idle, key, value):
    path = idle.gateway.folder / "interlock.yaml"
    text = path.read_text()
    idle.gateway.configure("limits", **{key: value})
    started = idle.gateway.launch()
    assert started.wait(60) == 65
    said = idle.gateway.stderr()
    assert f"`{key}` must be" in said and "interlock.yaml:" in said
    path.write_text(text)
