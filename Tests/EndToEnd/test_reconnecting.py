"""An agent that reconnects loses nothing of what holds it: neither the level of its run, nor a pause, nor a refusal of the
change gate. A new session of the same token, a client without a session and a restart of the gateway are of the same run
(docs/specs/output-safety.md, section 7; docs/specs/trust-and-review.md, section 6)."""

import pytest

import wire
from addresses import ADA
from governed import DENIED, governed
from hostilepages import write_ticket
from test_information_flow import PAY, written
from waits import until

MAIL = {"id": "C-77", "subject": "a", "body": "b"}
HELD = 4290


@pytest.fixture
def world(binary, people):
    with governed(binary, people, written) as world:
        write_ticket(world.data, "T-1002")
        for server in ("tickets", "crm", "billing"):
            world.gateway.wait_for_tools("bound", server)
        yield world


def again(world, token: str, session: wire.Session, restarts: bool) -> list[wire.Session]:
    """New sessions of the same token: beside the old one, after it was ended, and after a crash of the gateway."""
    opened = [wire.Session(world.gateway.port, token)]
    ended = wire.exchange(world.gateway.port, "DELETE", headers=session.headers)
    assert ended.status in (200, 204), ended
    opened.append(wire.Session(world.gateway.port, token))
    if restarts:
        world.gateway.kill()
        world.gateway.start()
        world.gateway.wait_for_tools("bound", "billing")
        opened = [wire.Session(world.gateway.port, token)]
    return opened


@pytest.mark.requirement("R084", "R085")
@pytest.mark.parametrize("restarts", [False, True], ids=["sessions", "crash"])
def test_a_hostile_run_stays_hostile(world, restarts):
    token = world.gateway.token("bound")
    session = wire.Session(world.gateway.port, token)
    assert session.call("crm__send_customer_email", **MAIL).code is None
    assert session.call("tickets__get_ticket", id="T-1002").code is None
    assert session.call("billing__refund_request", **PAY).code == DENIED
    for one in again(world, token, session, restarts):
        assert one.call("billing__refund_request", seconds=20, **PAY).code == DENIED
    denied = [one for one in world.gateway.records(200, type="call.denied") if one.get("tool") == "billing__refund_request"]
    assert len({one["run"] for one in denied}) == 1 and {one["tl"] for one in denied} == {2}, denied
    assert world.arrived("billing__refund_request") == 0


@pytest.mark.requirement("R108")
@pytest.mark.parametrize("restarts", [False, True], ids=["sessions", "crash"])
def test_a_paused_run_stays_paused(world, restarts):
    token = world.gateway.token("bound")
    session = wire.Session(world.gateway.port, token)
    assert session.call("crm__get_customer", id="C-77").code is None
    run = world.gateway.records(type="call.intent")[-1]["run"]
    world.gateway.run("runs", "pause", run, "--reason", "we look at it first", by=ADA)
    assert session.call("crm__get_customer", id="C-77").code == HELD
    for one in again(world, token, session, restarts):
        assert one.call("crm__get_customer", id="C-77").code == HELD
    assert world.arrived("crm__get_customer") == 1
    (held,) = world.gateway.json("breakers", check=False)
    assert [(one["run"], one["state"]) for one in held["runs"]] == [(run, "paused")]


@pytest.mark.requirement("R084")
def test_a_new_run_of_the_agent_is_another_one_only_with_another_token(world):
    """What makes a run is the token, which people or their pipeline issue: no session has a run of its own."""
    token = world.gateway.token("bound")
    runs = []
    for _ in range(3):
        assert wire.Session(world.gateway.port, token).call("crm__get_customer", id="C-77").code is None
        until(lambda: len(world.gateway.records(200, type="call.outcome")) == len(runs) + 1, world.gateway)
        runs.append(world.gateway.records(200, type="call.outcome")[-1]["run"])
    assert len(set(runs)) == 1, runs
    assert wire.Session(world.gateway.port, world.gateway.token("bound")).call("crm__get_customer", id="C-77").code is None
    until(lambda: world.gateway.records(200, type="call.outcome")[-1]["run"] not in runs, world.gateway)
