"""Canaries: values that no one has a reason to use. In what an agent gets they are replaced, in what it sends they deny
the call and stop the run; people are alerted (docs/specs/output-safety.md, sections 4 and 8)."""

import base64
import json
import re
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

import controllog
import modern
import wire
from broken import check_does_not_start
from conftest import FIXTURES
from governed import DENIED, agent, governed, policy, server
from make_organisation import free_ports
from modern import PREFIX
from upstreams import wait_for_http
from waits import listed_alert, until

HALTED = 4230
# An alert about one agent is raised once a minute, so each route has an agent of its own.
ROUTES = {
    "result": ("tools/call", {"name": "planted__leaky", "arguments": {"text": "result"}}),
    "structured": ("tools/call", {"name": "planted__leaky", "arguments": {"text": "structured"}}),
    "hex": ("tools/call", {"name": "planted__leaky", "arguments": {"text": "hex"}}),
    "error": ("tools/call", {"name": "planted__leaky", "arguments": {"text": "error"}}),
    "protocol": ("tools/call", {"name": "planted__leaky", "arguments": {"text": "protocol"}}),
    "progress": ("tools/call", {"name": "planted__chatty", "arguments": {"text": "chatty"}}),
    "resource": ("resources/read", {"uri": "interlock:planted:planted://note"}),
    "prompt": ("prompts/get", {"name": "planted__greet"}),
}


def written(port: int) -> str:
    rest = """
tools:
  echo: {class: read}
  leaky: {class: read}
  chatty: {class: read}
resources:
  note: {uri: "planted://note", class: read}
prompts:
  greet: {class: read}
"""
    readers = (agent(f"reader-{route}", "mcp_scopes: {planted: [read]}") for route in ROUTES)
    return policy("servers:", server("planted", port, rest), "agents:",
                  agent("writer", "mcp_scopes: {planted: [read]}"), *readers)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return tmp_path_factory.mktemp("planted")


@pytest.fixture(scope="module")
def world(binary, people, data):
    (port,) = free_ports(1)
    process = subprocess.Popen([sys.executable, str(FIXTURES / "planted_server.py"), str(port), str(data)])
    try:
        wait_for_http(port, process)
        with governed(binary, people, lambda _: written(port), servers=()) as world:
            world.gateway.wait_for_tools("writer", "planted")
            yield world
    finally:
        process.kill()
        process.wait(5)


@pytest.fixture(scope="module")
def value(world, data):
    """The value of the canary `decoy`, which is planted in the data of the server."""
    value = world.gateway.run("safety", "canary", "add", "decoy").stdout.strip()
    assert re.fullmatch(r"tok_[0-9A-Za-z]{40}", value)
    # It is searched for within a second; until then the call is sent. Each try is another run, as equal reads pause one.
    until(lambda: run_of(world).call("planted__echo", text=f"first {value}").code == DENIED, world.gateway)
    (data / "planted").write_text(value)
    return value


def run_of(world, name: str = "writer") -> wire.Session:
    """A session of a new run."""
    return wire.Session(world.gateway.port, world.gateway.token(name))


def arrived(data) -> list[str]:
    path = data / "arrived"
    return path.read_text().splitlines() if path.exists() else []


def alarms(world, code: str, name: str) -> list[dict]:
    return [one for one in world.gateway.records(100, type="alarm.raised")
            if one["code"] == code and one.get("agent") == name]


@pytest.mark.requirement("R082")
@pytest.mark.parametrize("route", ROUTES)
def test_a_canary_in_what_an_agent_gets_is_replaced_and_people_are_alerted(world, value, route):
    method, params = ROUTES[route]
    name = f"reader-{route}"
    meta = {PREFIX + "logLevel": "debug", "progressToken": "t"} if route == "progress" else None
    answer = modern.post(
        world.gateway.port, world.gateway.token(name), modern.message(method, meta=meta, **params))
    text = json.dumps(answer.messages)
    assert value not in text and value.encode().hex() not in text, text
    assert "[redacted:canary:" in text, text
    (alarm,) = until(lambda: alarms(world, "result.canary", name), world.gateway)
    assert (alarm["cny"], alarm["cnt"]) == ("decoy", 1) and "ofrun" in alarm


@pytest.mark.requirement("R082", "R108")
@pytest.mark.parametrize("form", ["plain", "hex", "reversed"])
def test_a_canary_in_arguments_denies_the_call_and_stops_the_run_alone(world, data, value, form):
    sent = {"plain": value, "hex": value.encode().hex(), "reversed": value[::-1]}[form]
    session, before = run_of(world), arrived(data)
    answer = session.call("planted__echo", text=f"{form} {sent}")
    assert answer.code == DENIED and sent not in json.dumps(answer.messages)
    assert "denied: canary" in json.dumps(answer.messages)
    until(lambda: session.call("planted__echo", text="after").code == HALTED, world.gateway)
    assert not [line for line in arrived(data)[len(before):] if sent in line]
    assert run_of(world).call("planted__echo", text="another run").code is None


@pytest.mark.requirement("R082")
def test_the_alert_about_arguments_is_of_the_highest_severity_and_the_run_is_stopped_by_a_record(world, value):
    assert listed_alert(world.gateway, "call.canary")["severity"] == "page"
    (first, *_) = alarms(world, "call.canary", "writer")
    assert first["cny"] == "decoy" and "call" in first
    stops = [one for one in world.gateway.records(200, type="kill.requested") if one["src"] == "detector"]
    assert stops and all(one["scope"] == "run" for one in stops)


@pytest.mark.requirement("R082")
def test_the_value_is_printed_once_and_kept_nowhere(world, value):
    again = world.gateway.run("safety", "canary", "add", "decoy", check=False)
    assert again.returncode == 1 and value not in again.stdout + again.stderr
    listed = world.gateway.run("safety", "canary", "list").stdout
    assert listed.startswith("decoy  token  20") and value not in listed
    added = [one for one in world.gateway.records(500, type="canary.added")]
    assert [(one["cny"], one["kind"], len(one["h"])) for one in added] == [("decoy", "token", 44)]
    # Also not in the sealed arguments of denied calls, which are encrypted.
    for path in world.gateway.folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            assert value.encode() not in path.read_bytes(), path


@pytest.mark.requirement("R082")
@pytest.mark.parametrize("form", ["github-token", "aws-key", "password"])
def test_a_canary_of_each_form_is_denied(world, value, form):
    (made,) = world.gateway.json("safety", "canary", "add", f"as-{form}", "--like", form)
    assert made["form"] == form and len(made["value"]) >= 24

    def reason() -> bool:
        answer = run_of(world).call("planted__echo", text=made["value"])
        return "denied: canary" in json.dumps(answer.messages)

    until(reason, world.gateway)


@pytest.mark.requirement("R082")
@pytest.mark.parametrize("form", ["plain", "hex", "base64"])
def test_a_canary_in_pieces_over_several_calls_of_a_run_is_denied_at_half_of_it(world, data, value, form):
    encode = {"plain": lambda piece: piece, "hex": lambda piece: piece.encode().hex(),
              "base64": lambda piece: base64.b64encode(piece.encode()).decode()}[form]
    session, before = run_of(world), len(arrived(data))
    for start in (4, 14):
        assert session.call("planted__echo", text=f"{form} {encode(value[start:start + 10])}").code is None
    last = encode(value[24:34])
    answer = session.call("planted__echo", text=f"{form} {last}")
    assert answer.code == DENIED and "denied: canary" in json.dumps(answer.messages)
    until(lambda: session.call("planted__echo", text="after").code == HALTED, world.gateway)
    assert not [line for line in arrived(data)[before:] if last in line]
    # Another run has sent nothing of it.
    assert run_of(world).call("planted__echo", text=f"{form} alone {encode(value[4:14])}").code is None


def test_wrong_names_forms_and_unknown_canaries_are_refused(world):
    def code(*words: str) -> int:
        return world.gateway.run("safety", "canary", *words, check=False).returncode

    assert code("add", "No_Name") == 64 and code("add", "a", "--like", "card") == 64
    assert code("remove", "unknown") == 66


@pytest.mark.requirement("R082", "R070")
def test_a_canary_survives_a_crash(world, value):
    world.gateway.kill()
    world.gateway.start()
    world.gateway.wait_for_tools("writer", "planted")
    assert {one["name"] for one in world.gateway.json("safety", "canary", "list")} >= {"decoy", "as-password"}
    # The canaries are read before anything is served.
    assert run_of(world).call("planted__echo", text=value).code == DENIED


def test_a_removed_canary_is_sent(world, data, value):
    world.gateway.run("safety", "canary", "remove", "decoy")
    until(lambda: run_of(world).call("planted__echo", text=f"removed {value}").code is None, world.gateway)
    assert f"removed {value}" in arrived(data)
    assert "decoy" not in {one["name"] for one in world.gateway.json("safety", "canary", "list")}


def test_the_log_with_these_records_is_verified_and_its_decisions_are_made_again(world):
    world.gateway.run("audit", "verify")
    assert world.gateway.verify().returncode == 0
    assert world.gateway.run("audit", "replay", "--since", "2020-01-01T00:00:00Z").returncode == 0


@pytest.mark.requirement("R070")
def test_a_store_in_which_a_canary_was_changed_or_made_without_the_key_is_not_started(world):
    """Runs last: the store stays damaged."""
    world.gateway.run("safety", "canary", "add", "kept")
    world.gateway.stop()
    number, previous = controllog.entries(world)[-1][0] + 1, controllog.entries(world)[-1][2]
    # The end of another canary, which the key made.
    copied = next(one[5] for one in controllog.entries(world) if one[3] == "canary.end")
    for body in ("{}", copied):
        end = (number, previous, b"", "canary.end", "kept", body, "gw1", 1_700_000_000_000_000)
        end = end[:2] + (controllog.digest(end),) + end[3:]
        with closing(sqlite3.connect(controllog.path(world))) as store, store:
            store.execute(f"INSERT INTO control ({controllog.COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", end)
        check_does_not_start(world, {65}, "the end of the canary `kept` was not made with the key of this node")
        controllog.edit(world, f"DELETE FROM control WHERE n = {number}")
    body = json.dumps({"form": "token", "salt": "AAAAAAAAAAAAAAAAAAAAAA==", "sum": "A" * 43 + "="})
    entry = (number, previous, b"", "canary", "forged", body, "gw1", 1_700_000_000_000_000)
    entry = entry[:2] + (controllog.digest(entry),) + entry[3:]
    with closing(sqlite3.connect(controllog.path(world))) as store, store:
        store.execute(f"INSERT INTO control ({controllog.COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", entry)
    check_does_not_start(world, {65}, "the canary `forged` was not made with the key of this node")
    controllog.edit(world, f"UPDATE control SET kind = 'canary.end' WHERE n = {number}")
    check_does_not_start(world, {65}, "the control log is not as it was written: ")
