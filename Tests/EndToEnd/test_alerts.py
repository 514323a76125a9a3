"""Alerts reach people: by webhook, by a program, in the list and in the metrics."""

import base64
import http.client
import json
import time

import pytest

import wire
from receiving import Webhook, is_signed
from test_channels import SECRET, World, hook
from waits import listed_alert


def metrics(world: World) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", world.gateway.people_port, timeout=10)
    connection.request("GET", "/metrics")
    return connection.getresponse().read().decode()


def run(world: World, *words: str, exit: int = 0):
    done = world.gateway.run(*words, check=False)
    assert done.returncode == exit, done.stdout + done.stderr


def watched(organisation, receiver: Webhook, channels: list[str] | None = None, **alerts: str) -> World:
    world = World(organisation, channels or [hook(receiver)], [], private_origins=f'["{receiver.origin}"]', **alerts)
    world.keep("hmac", SECRET)
    return world


def blocked(world: World) -> None:
    """Makes one call that no rule of the policy covers."""
    session = wire.Session(world.gateway.port, world.gateway.token("refunds"))
    assert session.call("billing__nothing").code == -32602


@pytest.mark.requirement("R050", "R107")
def test_a_block_is_told_listed_and_disposed_of(organisation):
    with Webhook() as receiver:
        world = watched(organisation, receiver).start()
        blocked(world)
        receiver.wait(lambda _: receiver.alerts("call.blocked"), 30)
        (alert,) = receiver.alerts("call.blocked")
        assert alert["agent"] == "refunds" and alert["owner"].endswith("@acme.example")
        assert alert["severity"] == "low" and all(is_signed(one, SECRET) for one in receiver.all)
        assert alert["url"] == f"{world.console}/alerts/{alert['id']}"
        (named,) = alert["records"]
        (record,) = world.gateway.json("audit", "show", named["h"])
        assert record["leaf"]["t"] == "alarm.raised" and record["leaf"]["alarm"] == alert["id"]
        assert world.gateway.run("audit", "epoch", "list").stdout.count(named["o"]) == 1
        listed = listed_alert(world.gateway, "call.blocked")
        assert listed["id"] == alert["id"]
        run(world, "alerts", "dispose", alert["id"], "--as", "expected", "--reason", "a typo in the prompt",
            "--incident", "3")
        run(world, "alerts", "dispose", alert["id"], "--as", "attack", "--reason", "no, worse", exit=1)
        run(world, "alerts", "dispose", alert["id"], "--close-incident", "--reason", "over")
        types = [one["t"] for one in world.gateway.records(100)]
        assert types.count("alarm.disposed") == types.count("incident.opened") == types.count("incident.closed") == 1
        (shown,) = world.gateway.json("alerts", "show", alert["id"])
        assert shown["finding"]["as"] == "expected" and shown["incidents"][0]["closed"]
        assert {one["state"] for one in shown["deliveries"]} == {"sent"}, shown
        run(world, "alerts", "show", "0" * 26, exit=66)


# A program that takes a test on its stdin and gets no environment variable of the gateway.
LISTENER = ("read line; case $line in *alerts.test*) test $(env | grep -cvE '^(PATH|PWD|SHLVL|_|OLDPWD)=') = 0 ;; "
            "*) exit 3 ;; esac")


def test_each_channel_can_be_tested(organisation):
    with Webhook() as receiver:
        local = f'{{name: local, exec: ["/bin/sh", "-c", "{LISTENER}"]}}'
        failing = '{name: failing, exec: ["/bin/sh", "-c", "exit 7"]}'
        world = watched(organisation, receiver, [hook(receiver), local, failing]).start()
        world.gateway.run("alerts", "test")
        receiver.wait(lambda _: receiver.alerts("alerts.test"), 30)
        deadline = time.monotonic() + 60
        while world.channel("local")["delivered"] != 1 or "problem" not in world.channel("failing"):
            assert time.monotonic() < deadline, (world.channel("local"), world.channel("failing"))
            time.sleep(0.2)
        assert world.channel("failing")["problem"].endswith("ended with 7")
        run(world, "alerts", "test", "nobody", exit=66)


def test_the_gateway_says_that_it_is_alive(organisation):
    with Webhook() as receiver:
        world = watched(organisation, receiver, deadman=f'{{url: "{receiver.origin}/alive", every: 5s}}').start()
        receiver.wait(lambda all: [one for one in all if b"interlock.alive" in one["body"]], 30)
        envelope = next(json.loads(one["body"]) for one in receiver.all if b"interlock.alive" in one["body"])
        payload = json.loads(base64.b64decode(envelope["payload"]))
        assert payload["halted"] is False and payload["size"] > 0 and payload["waiting"] == 0
        assert len(base64.b64decode(envelope["signatures"][0]["sig"])) == 64
        assert world.gateway.json("status")


def test_a_first_use_is_told_where_somebody_asks_for_it_and_counted(organisation):
    with Webhook() as receiver:
        world = watched(organisation, receiver)
        world.gateway.configure("detectors", first_server="alert")
        world.gateway.start()
        world.gateway.wait_for_tools("support-triage", "tickets", "kb")
        session = wire.Session(world.gateway.port, world.gateway.token("support-triage"))
        assert session.call("tickets__search", text="x").code is None
        assert session.call("kb__get_article", id="KB-1").code is None
        receiver.wait(lambda _: receiver.alerts("signal.first_server"), 30)
        (alert,) = receiver.alerts("signal.first_server")
        assert alert["agent"] == "support-triage" and "kb__get_article" in alert["summary"]
        assert 'interlock_alarms_total{detector="first_server",series="none"} 1' in metrics(world)
        # The alert is known from here on, also after a restart.
        deadline = time.monotonic() + 30
        while world.channel("ops")["delivered"] < len(receiver.all):
            assert time.monotonic() < deadline, (world.channel("ops"), receiver.alerts())
            time.sleep(0.2)
        world.gateway.stop()
        world.gateway.start()
        world.gateway.wait_for_tools("support-triage", "tickets", "kb")
        session = wire.Session(world.gateway.port, world.gateway.token("support-triage"))
        assert session.call("kb__get_article", id="KB-1").code is None
        assert [one for one in world.gateway.records(200) if one.get("code") == "signal.first_server"][1:] == []


@pytest.mark.parametrize("settings", [
    {"alarms_per_week": "0"}, {"alarms_per_week": "off"}, {"fdr": "0"}, {"fdr": "nan"}, {"cold_start": "10"},
    {"run_length": "0s"}, {"long_run": "off"}, {"outside_hours": "off"}, {"first_host": "none"},
])
def test_no_detector_can_be_switched_off(organisation, settings):
    made = organisation(servers=("billing",), start=False)
    made.gateway.configure("detectors", **settings)
    refused = made.gateway.run("serve", check=False)
    (key,) = settings
    assert refused.returncode == 65 and f"`{key}`" in refused.stderr and "detectors stay on" in refused.stderr
