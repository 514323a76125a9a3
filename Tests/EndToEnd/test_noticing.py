"""A spike, a denial streak, a loop and a long run in one gateway: each raises its alert by webhook and in
`/metrics`."""

import time

import pytest

import wire
from deployment import Deployment
from learning import AGENT, SPIKE, USUAL, kept, learned, remember
from receiving import Webhook
from test_alerts import metrics, watched

LONG = 65


@pytest.fixture(autouse=True, scope="module")
def usual():
    """The default thresholds of the program instead of those of other tests."""
    others, Deployment.breakers = Deployment.breakers, {}
    yield
    Deployment.breakers = others


def session(world, agent: str = AGENT) -> wire.Session:
    return wire.Session(world.gateway.port, world.gateway.token(agent))


def figure(text: str, name: str) -> float:
    """The sum of all samples whose names have this prefix."""
    return sum(float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(name))


@pytest.mark.requirement("R104", "R105", "R106")
@pytest.mark.timeout(400)
def test_spike_denials_loop_and_long_run_are_told_and_counted(organisation):
    with Webhook() as receiver:
        world = watched(organisation, receiver)
        world.gateway.configure("detectors", run_length="60s", long_run="alert")
        world.start()
        world.gateway.stop()
        remember(world.gateway, learned(USUAL))
        world.gateway.start()
        world.gateway.wait_for_tools(AGENT, "tickets", "kb")

        began, long = time.monotonic(), session(world)
        assert long.call("tickets__search", text="first", limit=1).code is None
        denied = session(world, "refunds")
        for number in range(12):
            assert denied.call("billing__nothing", number=number).code == -32602
        loop = session(world)
        codes = [loop.call("tickets__search", text="lamp", limit=1).code for _ in range(14)]
        assert codes.count(None) <= 11 and codes[-1] == 4290
        # The loop covers three minutes of the gateway, whenever they begin.
        while not receiver.alerts("detector.calls") or not receiver.alerts("signal.long_run"):
            assert time.monotonic() < began + 300, [one["kind"] for one in receiver.alerts()]
            asking = session(world)
            if time.monotonic() > began + LONG:
                assert long.call("tickets__search", text="still there", limit=1).code in (None, 4290)
            for number in range(SPIKE):
                asking.call("tickets__search", text=f"{time.monotonic()} {number}", limit=1)
            time.sleep(20)
        (spike, *_), (lengthy, *_) = receiver.alerts("detector.calls"), receiver.alerts("signal.long_run")
        assert spike["agent"] == lengthy["agent"] == AGENT
        receiver.wait(lambda _: len({one["agent"] for one in receiver.alerts("breaker.agent")}) == 2, 30)
        # The figures match the log: each is printed even if it is zero.
        records = world.gateway.records(100_000)
        pauses = [one for one in records if one["t"] == "response.pause"]
        assert {one["agent"] for one in pauses} == {AGENT, "refunds"}, pauses
        denials = [one for one in records if one["t"] == "call.denied" and one["agent"] == "refunds"]
        assert len(denials) == 12
        text = metrics(world)
        assert figure(text, 'interlock_alarms_total{detector="robust_z",series="calls"}') >= 1
        assert figure(text, 'interlock_alarms_total{detector="long_run",series="none"}') >= 1
        assert figure(text, 'interlock_denials_total{agent="refunds"') == len(denials)
        assert figure(text, 'interlock_responses_total{step="pause"}') == len(pauses)


def test_what_is_normal_outlives_the_process_and_what_cannot_be_read_is_learned_anew(organisation):
    with Webhook() as receiver:
        world = watched(organisation, receiver).start()
        world.gateway.stop()
        before = learned(USUAL)
        remember(world.gateway, before)
        world.gateway.start()
        world.gateway.wait_for_tools(AGENT, "tickets")
        assert session(world).call("tickets__search", text="x").code is None
        world.gateway.stop()
        assert kept(world.gateway) == before, "no minute has ended"
        remember(world.gateway, before[:-1])
        world.gateway.start()
        world.gateway.wait_for_tools(AGENT, "tickets")
        (alarm,) = [one for one in world.gateway.records(50) if one.get("code") == "detectors.unreadable"]
        assert alarm["subject"] == AGENT
        assert session(world).call("tickets__search", text="x").code is None, "caps alone hold"
