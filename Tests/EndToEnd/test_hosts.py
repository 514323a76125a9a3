"""Agent hosts from PyPI with scripted models, Claude Code among them: a permitted, a refused and an approved call each, an
ordinary day of 500 calls, and a loop. `pytest -m ""` runs all hosts; `make test` runs two."""

import random
from datetime import date, timedelta

import pytest

from addresses import ADA, SAM
from conftest import FIXTURES, interpreter
from deployment import approval_id
from governed import agent, governed, policy, server
from sdk import SDKClient

HOSTS = ["claude-code", "pydantic-ai", "openai-agents", "langchain", "llama-index"]
FAST = ["claude-code", "pydantic-ai"]
# The time for which calls are held for people, also those of hosts that ask for progress, as pydantic-ai does: less than the
# 5 s after which openai-agents gives up, without a word to the server.
HOLD = "4s"
# What a deployment has by default; the tests of other files have wider ones.
BREAKERS = {"agent": "{}", "run": "{}", "upstream": "{}"}


def written(ports: dict[str, int]) -> str:
    return policy(
        "servers:",
        server("tickets", ports["tickets"], """
tools:
  search:       {class: read}
  get_ticket:   {class: read}
  add_label:    {class: write, effects: [reversible]}
  close_ticket: {class: write, effects: [reversible, customer_facing]}
"""),
        "agents:",
        agent("host", """
mcp_scopes:
  tickets: [search, get_ticket, {tool: add_label, when: "args.label != 'vip'"}, close_ticket]
"""))


@pytest.fixture(scope="module")
def world(binary, people):
    with governed(binary, people, written, servers=("tickets",), start=False) as world:
        world.gateway.configure("breakers", **BREAKERS)
        world.gateway.configure("mcp", hold=HOLD, long_hold=HOLD)
        world.gateway.start()
        yield world


@pytest.fixture(params=[pytest.param(name, marks=[] if name in FAST else pytest.mark.stress) for name in HOSTS])
def host(request, world):
    """A host of its own token, and so of its own run."""
    with SDKClient(interpreter("hosts"), "--http", world.gateway.url, request.param, script=FIXTURES / "host_client.py",
                   token=world.gateway.token("host", purpose=f"{request.param} {random.random()}")) as client:
        client.name = request.param
        yield client


def text(host, tool: str, **arguments) -> str:
    return host.call(f"tickets__{tool}", **arguments)["text"]


def test_it_lists_what_the_policy_grants(host):
    host.send("list")
    assert set(host.answer()["tools"]) == {f"tickets__{name}" for name in ("search", "get_ticket", "add_label", "close_ticket")}


def test_a_permitted_call_gives_the_server_s_answer(host):
    assert "T-1001" in text(host, "get_ticket", id="T-1001")


def test_a_refused_call_tells_the_model_what_would_be_permitted(host, world):
    before = world.arrived("tickets__add_label")
    read = text(host, "add_label", id="T-1001", label="vip")
    assert "it is permitted where args.label != 'vip'" in read, read
    assert world.arrived("tickets__add_label") == before


def test_a_call_that_people_approve_runs_once(host, world):
    before = world.arrived("tickets__close_ticket")
    call = {"name": "tickets__close_ticket", "arguments": {"id": "T-1002", "message": f"done for {host.name}"}}
    host.send("call", **call)
    request = approval_id(world.gateway.pending())
    world.gateway.approve(request, SAM)
    answer = host.answer()["text"]
    assert world.arrived("tickets__close_ticket") == before + 1, answer
    assert "not approved" not in answer and "pending" not in answer


def test_a_call_that_waits_longer_than_its_host_is_repeated(host, world):
    if host.name == "claude-code":
        pytest.skip("its era is asked in three rounds of at least 20 s each (docs/specs/mcp.md, section 7)")
    before = world.arrived("tickets__close_ticket")
    call = {"name": "tickets__close_ticket", "arguments": {"id": "T-1003", "message": f"late for {host.name}"}}
    host.send("call", **call)
    read = host.answer()["text"]
    assert "approval pending" in read and "repeat the same call" in read, read
    world.gateway.approve(approval_id(world.gateway.pending()), ADA)
    read = host.call(call["name"], **call["arguments"])["text"]
    assert "pending" not in read and world.arrived("tickets__close_ticket") == before + 1, read


def day(count: int) -> list:
    """Varied reads of an agent that works on tickets: it searches, and looks at one ticket now and then. Changes would
    wait for people each time."""
    return [["tickets__get_ticket", {"id": "T-1001"}] if n % 100 == 0
            else ["tickets__search", {"text": f"{('lamp', 'chair', 'desk')[n % 3]} {n}"}] for n in range(count)]


@pytest.mark.stress
def test_a_day_of_500_varied_calls_is_neither_slowed_down_nor_paused(host, world):
    """In a minute and a half, which is harder than a day."""
    texts = []
    # pydantic-ai ends a run after 50 requests to its model, and Claude Code is slower with each turn.
    for start in range(0, 500, 20):
        host.send("day", calls=day(500)[start:start + 20])
        answer = host.answer(120)
        assert "texts" in answer, answer
        texts += answer["texts"]
    assert len(texts) == 500
    assert not [one for one in texts if any(word in one for word in ("slowed down", "paused", "pending", "limit"))]


def test_a_loop_is_paused_and_stays_so_after_it_reconnects(world):
    token = world.gateway.token("host", purpose=f"a loop {random.random()}")

    def connect():
        return SDKClient(interpreter("hosts"), "--http", world.gateway.url, "pydantic-ai", script=FIXTURES / "host_client.py", token=token)

    before = world.arrived("tickets__get_ticket")
    with connect() as looping:
        looping.send("day", calls=[["tickets__get_ticket", {"id": "T-1003"}]] * 30)
        answer = looping.answer(120)
    assert world.arrived("tickets__get_ticket") - before <= 11
    # The refusals of the gateway are errors of the tool to this host, and it ends a run after two of them.
    assert "exceeded max retries" in answer["text"], answer
    with connect() as again:
        read = text(again, "search", text="lamp")
    assert "this run is paused: the same call again and again; the agent's owner can resume it" in read, read
    assert "paused" in world.gateway.run("breakers", check=False).stdout
