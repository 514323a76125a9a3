"""`servers drift`, `quarantine` and `release`: differences from the lock, and servers that a person quarantines."""

import json
import signal

import pytest

from changingserver import UNKNOWN, changing, definition  # noqa: F401
from faulty import FaultyServer
from waits import until


def test_drift_compares_and_writes_nothing(changing):
    made = changing(definition("one"))
    assert made.gateway.run("servers", "drift", check=False).returncode == 66
    made.accept()
    same = made.gateway.run("servers", "drift", "changing")
    assert "as in the lock, 1 tools" in same.stdout
    before = made.lock
    made.offer([definition("one", "another text"), definition("two")])
    done = made.gateway.run("servers", "drift", "changing", "--json", check=False)
    assert done.returncode == 1
    assert {one["tool"]: one["state"] for one in json.loads(done.stdout)["tools"]} == {"one": "changed", "two": "new"}
    assert made.lock == before
    assert made.gateway.run("servers", "drift", "nobody", check=False).returncode == 66
    made.tools.unlink()
    assert made.gateway.run("servers", "drift", "changing", check=False, seconds=120).returncode == 69


@pytest.mark.requirement("R132")
def test_drift_raises_one_alarm_for_a_server(changing):
    made = changing(definition("one"), definition("two"))
    made.accept()
    made.offer([definition("one", "another text"), definition("two", "another text")])
    made.start()
    assert made.session().tools() == []
    assert sorted(one["tool"] for one in made.drifts()) == ["changing__one", "changing__two"]
    assert made.gateway.alarms(200) == [("pin.drift", "changing")]


def order(made, deed, *words, check=True):
    return made.gateway.run("servers", deed, *words, "--reason", "rehearsal of shutting off", check=check)


def test_a_person_shuts_a_server_off_and_releases_it(changing):
    made = changing(definition("one"))
    made.accept()
    made.start()
    session = made.session()
    assert session.call("changing__one").code is None
    assert "quarantined" in order(made, "quarantine", "changing").stdout
    assert session.tools() == [] and session.call("changing__one").code == UNKNOWN
    assert made.server() == {"server": "changing", "state": "quarantined",
                             "reason": "by a person: rehearsal of shutting off"}
    made.gateway.stop()
    made.gateway.start()  # it outlives the process
    made.wait_for("quarantined")
    assert made.session().tools() == []
    until(lambda: order(made, "release", "changing", check=False).returncode == 0, made.gateway)
    assert made.session().call("changing__one").code is None
    made.gateway.stop()
    made.start()
    assert made.session().tools() == ["changing__one"]
    records = [one for one in made.gateway.records(300) if one["t"].startswith("server.")]
    assert [(one["t"], one["srv"]) for one in records] == [
        ("server.quarantined", "changing"), ("server.released", "changing")]
    assert all(one["by"] and one["note"] for one in records)
    assert made.gateway.verify().returncode == 0


def test_a_release_is_refused_while_anything_differs(changing):
    made = changing(definition("one"), definition("two"))
    made.accept()
    made.offer([definition("one"), definition("two", "another text")])
    made.start()
    order(made, "quarantine", "changing")
    done = order(made, "release", "changing", check=False)
    assert done.returncode == 1 and "two: its definition differs from the lock" in done.stderr
    assert made.server()["state"] == "quarantined"


@pytest.mark.parametrize("words, code", [
    (("quarantine", "nobody", "--reason", "long enough"), 66), (("quarantine", "changing"), 64),
    (("quarantine", "changing", "--reason", "short"), 65), (("release", "changing", "--reason", "long enough"), 1),
], ids=["unknown", "no reason", "short reason", "not quarantined"])
def test_what_an_order_about_a_server_needs(changing, words, code):
    made = changing(definition("one"))
    made.gateway.start()
    assert made.gateway.run("servers", *words, check=False).returncode == code


def test_without_the_gateway_nobody_is_quarantined(changing):
    made = changing(definition("one"))
    assert order(made, "quarantine", "changing", check=False).returncode == 69


def test_a_server_that_broke_the_protocol_comes_back_when_it_is_released(organisation, tmp_path):
    """A reload or a start does not bring it back."""
    with FaultyServer(tmp_path, "stdio") as server:
        made = organisation(extra=server.policy, servers=(), wait=(), settings={"mcp": {"idle_timeout": "1s"}})
        gateway = made.gateway
        gateway.wait_for_tools("tester", "faulty")

        def shown() -> dict:
            (status,) = gateway.json("status")
            return next(one for one in status["servers"] if one["server"] == "faulty")

        def release(check: bool = True):
            return gateway.run("servers", "release", "faulty", "--reason", "its maker mended it", check=check)

        assert release(check=False).returncode == 1, "nothing to release"
        for _ in range(3):
            made.session("tester").call("faulty__garbage")
        until(lambda: shown()["state"] == "quarantined", gateway)
        assert shown()["reason"] == "it broke the protocol: 3 lines on stdout are no JSON-RPC"
        path, before = gateway.policy / "servers" / "faulty.yaml", gateway.stderr().count("in force")
        path.write_text(path.read_text() + "      extra: {class: read}\n")
        gateway.process.send_signal(signal.SIGHUP)
        until(lambda: gateway.stderr().count("in force") > before, gateway)
        session = made.session("tester")
        assert shown()["state"] == "quarantined" and session.call("faulty__echo").code == UNKNOWN
        gateway.stop()
        gateway.start()
        session = made.session("tester")
        assert shown()["state"] == "quarantined" and session.call("faulty__echo").code == UNKNOWN
        until(lambda: release(check=False).returncode == 0, gateway)
        assert session.call("faulty__echo", text="well").code is None
        for _ in range(3):
            session.call("faulty__garbage")
        until(lambda: shown()["state"] == "quarantined", gateway)
        assert "released" in release().stdout, "the connection is begun anew, too"
        assert session.call("faulty__echo", text="well").code is None
        kinds = [one["t"] for one in gateway.records(300) if one["t"].startswith("server.")]
        assert kinds == ["server.quarantined", "server.released"] * 2
