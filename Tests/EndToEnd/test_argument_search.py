"""Keys, tokens and values of the broker in the arguments of a call: it is denied before its server hears of it, and the
record says why (docs/specs/output-safety.md, sections 2, 4 and 8)."""

import json
import sys
import time

import pytest

import wire
from addresses import ADA
from conftest import FIXTURES
from deployment import approval_id
from faulty import FaultyServer
from governed import DENIED, agent, governed, policy, server
from waits import listed_alert, until

sys.path.insert(0, str(FIXTURES))
from faulty_server import KEY, TOKEN  # noqa: E402

VALUE = "a-value-of-the-broker-0815"
HALTED = 4230


def written(port: int) -> str:
    tools = "\ntools:\n  echo: {class: read}\n  slow: {class: write, effects: [reversible]}\n"
    return policy("servers:", server("faulty", port, tools), "agents:",
                  agent("writer", "mcp_scopes: {faulty: [read, write]}"))


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    with FaultyServer(tmp_path_factory.mktemp("arguments"), "http") as faulty:
        yield faulty


@pytest.fixture(scope="module")
def world(binary, people, faulty):
    with governed(binary, people, lambda _: written(faulty.port), servers=()) as world:
        world.gateway.wait_for_tools("writer", "faulty")
        yield world


def arrived(faulty) -> int:
    path = faulty.data / "arrived"
    return len(path.read_text().splitlines()) if path.exists() else 0


def check_denied(world, faulty, reason: str, found: dict, tool: str = "faulty__echo", token: dict[str, str] = {},
                 **arguments) -> dict:
    before = arrived(faulty)
    ended = world.call("writer", tool, token, **arguments)
    assert ended.told == DENIED and arrived(faulty) == before, ended.answer
    text = json.dumps(ended.answer)
    for value in (TOKEN, VALUE, "canarykey"):
        assert value not in text, text
    record = ended.record
    assert (record["t"], record["code"]) == ("call.denied", "safety." + reason.replace("-", "_")), record
    assert record["find"] == found and len(record["scan"]) == 44
    assert f"dec_{record['call']}" in text and reason in text
    return ended.answer


@pytest.mark.requirement("R082")
def test_a_token_or_a_key_denies_the_call_and_its_place_is_named(world, faulty):
    answer = check_denied(world, faulty, "secret-in-arguments", {"token": 1}, text=f"send {TOKEN}")
    assert "(token at /text)" in answer["result"]["content"][0]["text"]
    check_denied(world, faulty, "secret-in-arguments", {"private_key": 1}, text=KEY)


def test_people_are_not_asked_about_a_call_with_a_token(world, faulty):
    check_denied(world, faulty, "secret-in-arguments", {"token": 1}, tool="faulty__slow", text=TOKEN)
    assert not world.waiting()


def test_a_call_without_findings_is_sent(world, faulty):
    ended = world.call("writer", "faulty__echo", text="plain")
    assert ended.answer["result"]["content"][0]["text"] == "plain"


@pytest.mark.requirement("R082")
def test_a_value_that_is_registered_while_people_decide_is_not_sent(world, faulty):
    """Runs last but one: it puts the value into the folder of secrets."""
    before, client = arrived(faulty), world.client("writer")
    client.send("call", name="faulty__slow", arguments={"text": f"it is {VALUE}", "delay": 0})
    request = approval_id(world.gateway.pending())
    secrets = world.gateway.folder / "secrets"
    secrets.mkdir(mode=0o700, exist_ok=True)
    path = secrets / "other"
    path.touch(mode=0o600)
    path.write_text(VALUE + "\n")

    def is_known() -> bool:
        return world.call("writer", "faulty__echo", {"purpose": "looks"}, text=VALUE).told == DENIED

    until(is_known, world.gateway)
    since = arrived(faulty)
    world.gateway.approve(request, ADA)
    answer = client.answer()
    text = json.dumps(answer)
    assert "brokered-value" in text and VALUE not in text, text
    assert arrived(faulty) == since >= before
    assert listed_alert(world.gateway, "call.brokered_value")["subject"] == "writer"


@pytest.mark.requirement("R082", "R108")
def test_a_value_of_the_folder_of_secrets_is_not_sent_also_encoded_and_its_run_is_stopped(world, faulty):
    for purpose, text in (("plain", f"it is {VALUE}."), ("hex", f"it is {VALUE.encode().hex()} in hex")):
        check_denied(world, faulty, "brokered-value", {"brokered": 1}, token={"purpose": purpose}, text=text)
    session = wire.Session(world.gateway.port, world.gateway.token("writer", "stopped"))
    assert session.call("faulty__echo", text=VALUE).code == DENIED
    until(lambda: session.call("faulty__echo", text="plain").code == HALTED, world.gateway)
    assert wire.Session(world.gateway.port, world.gateway.token("writer", "next")).call(
        "faulty__echo", text="plain").code is None, "another run of the agent goes on"


@pytest.mark.requirement("R082")
def test_a_short_value_denies_the_call_and_stops_no_run(world, faulty):
    """It puts the name of a user into the folder of secrets."""
    path = world.gateway.folder / "secrets" / "user"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text("app_user1\n")
    until(lambda: world.call("writer", "faulty__echo", {"purpose": "asks"}, text="ask app_user1").told == DENIED, world.gateway)
    session = wire.Session(world.gateway.port, world.gateway.token("writer", "short"))
    assert session.call("faulty__echo", text="ask 1resu_ppa").code == DENIED
    for place in range(4):
        time.sleep(0.25)
        assert session.call("faulty__echo", text=f"plain {place}").code is None


def test_the_log_with_these_records_is_verified_and_its_decisions_are_made_again(world):
    world.gateway.run("audit", "verify")
    assert world.gateway.run("audit", "replay", "--since", "2020-01-01T00:00:00Z").returncode == 0
