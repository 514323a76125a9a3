"""`interlock status AGENT` and `interlock ready` on a real gateway (docs/specs/evidence.md, sections 6 to 8)."""

import json
import os

import pytest

from governed import agent, governed, policy, server

pytestmark = pytest.mark.requirement("R134", "R149", "R154")

CHECKS = ["scopes", "log", "approvals", "owner", "purpose", "eval", "review", "drill", "self_test", "credentials",
          "sandbox", "controls", "status", "incidents"]


def written(ports: dict[str, int]) -> str:
    return policy(
        "servers:",
        server("tickets", ports["tickets"], "tools:\n  get_ticket: {class: read}\n  search: {class: read}\n"),
        "agents:",
        agent("clerk", "mcp_scopes:\n  tickets: [get_ticket]\n"),
        agent("stray", "mcp_scopes:\n  tickets: [get_ticket]\n", owner=None))


@pytest.fixture(scope="module")
def world(binary, people):
    """A clerk with one permitted and one denied call."""
    with governed(binary, people, written, servers=("tickets",)) as world:
        world.gateway.wait_for_tools("clerk", "tickets")
        world.call("clerk", "tickets__get_ticket", id="T-1001")
        world.call("clerk", "tickets__search", text="lamp")
        yield world


def status(world, name: str, *words: str, expect: int = 0) -> dict:
    done = world.gateway.run("status", name, "--json", *words, check=False)
    assert done.returncode == expect, done.stderr + done.stdout
    return json.loads(done.stdout)


def ready(world, *words: str, expect: int = 1) -> dict:
    done = world.gateway.run("ready", *words, "--json", check=False)
    assert done.returncode == expect, done.stderr + done.stdout
    return json.loads(done.stdout)


def test_status_counts_what_the_agent_did_and_proves_it(world):
    found = status(world, "clerk")
    did = found["did"]
    assert did["counted"] and did["uncounted"] == 0 and found["unknown"] == [], found
    assert (did["calls"], did["denied"], did["rejected"], did["unknown"]) == (2, 1, 0, 0), did
    assert did["reconstruct"]["unproved"] == [] and did["reconstruct"]["checkpoint"] > 0
    (denied,) = did["exceptions"]
    assert denied["type"] == "call.denied" and world.gateway.record_of(denied["leaf"])
    nothing = status(world, "clerk", "--since", "2200-01-01")["did"]
    assert (nothing["calls"], nothing["denied"]) == (0, 0)


def test_the_screen_answers_the_three_questions(world):
    shown = world.gateway.run("status", "clerk").stdout
    lines = {line.split()[0]: line for line in shown.splitlines()[:12] if line and not line.startswith(" ")}
    assert "sees" in lines["ALLOWED"] and "tickets.get_ticket" in lines["ALLOWED"]
    assert "tickets.search" not in lines["ALLOWED"]
    assert "2 calls, 1 denied" in lines["DID"] and "no: " in lines["READY"], shown
    assert "SOURCE" not in shown
    sources = world.gateway.run("status", "clerk", "--sources").stdout
    assert status(world, "clerk")["did"]["exceptions"][0]["leaf"] in sources


def test_an_agent_without_an_owner_is_unknown(world):
    found = status(world, "stray", expect=1)
    assert found["unknown"] == ["owner"], found
    assert "owner unknown" in world.gateway.run("status", "stray", check=False).stdout


def test_status_of_the_organisation_has_each_agent_the_worst_first_and_says_what_is_unknown(world):
    done = world.gateway.run("status", "--org", "--json", check=False)
    assert done.returncode == 1, done.stderr
    found = json.loads(done.stdout)
    assert [one["agent"] for one in found["agents"]] == ["stray", "clerk"] and found["unknown"] == ["stray"], found
    stray, clerk = found["agents"]
    assert "owner" not in stray and stray["unknown"] == ["owner"] and not clerk["unknown"]
    did = status(world, "clerk")["did"]
    assert (clerk["calls"], clerk["denied"], clerk["unknown_outcomes"]) == (did["calls"], did["denied"], did["unknown"])
    assert clerk["tools"] == 1 and clerk["controls"] > 0 and clerk["ready"] is False
    assert found["readiness"]["ready"] is False
    shown = world.gateway.run("status", "--org", check=False).stdout.splitlines()
    assert shown[0] == "organisation  2 agents, 0 ready, 1 with something unknown" and shown[2].startswith("stray  "), shown
    assert world.gateway.run("status", "clerk", "--org", check=False).returncode == 64


def test_a_time_that_is_none_is_refused(world):
    assert world.gateway.run("status", "clerk", "--since", "soon", check=False).returncode == 64
    assert world.gateway.run("status", "nobody", check=False).returncode == 66


def test_ready_names_each_check_with_the_command_that_mends_it(world):
    found = ready(world, "clerk")
    assert [one["check"] for one in found["checks"]] == CHECKS and not found["ready"]
    states = {one["check"]: one["state"] for one in found["checks"]}
    assert states["scopes"] == states["purpose"] == states["credentials"] == states["status"] == "ok", found
    assert states["log"] == "missing" and states["eval"] == "missing", found
    for one in found["checks"]:
        assert ("remedy" in one) == (one["state"] != "ok"), one
    shown = world.gateway.run("ready", "clerk", check=False).stdout
    assert shown.startswith("clerk: not ready\n") and "interlock eval run clerk" in shown


def test_ready_is_asked_for_a_stage(world):
    found = ready(world, "clerk", "--for", "full")
    scopes = {one["check"]: one for one in found["checks"]}["scopes"]
    assert found["stage"] == "full" and scopes["state"] == "missing", found


def test_ready_of_the_organisation_names_the_agents_that_lack_something(world):
    found = ready(world, "--org")
    assert "agent" not in found and [one["check"] for one in found["checks"]] == CHECKS
    owner = {one["check"]: one for one in found["checks"]}["owner"]
    assert owner["state"] == "missing" and "stray" in owner["text"], owner


@pytest.mark.parametrize(("words", "code"), [
    ((), 64), (("clerk", "--org"), 64), (("clerk", "--for", "supreme"), 64), (("nobody",), 66)])
def test_ready_refuses_what_it_cannot_answer(world, words, code):
    assert world.gateway.run("ready", *words, check=False).returncode == code


def test_without_an_index_a_small_log_is_counted_and_a_broken_index_is_not_believed(world):
    before = status(world, "clerk")["did"]
    path = world.gateway.folder / "state" / "index.db"
    os.rename(path, path.with_suffix(".away"))
    try:
        without = status(world, "clerk")["did"]
        path.write_bytes(b"no index")
        broken = status(world, "clerk")["did"]
    finally:
        os.replace(path.with_suffix(".away"), path)
    for found in (without, broken):
        assert (found["calls"], found["denied"]) == (before["calls"], before["denied"]), found


def test_without_a_gateway_nothing_is_guessed(world):
    world.gateway.stop()
    try:
        assert world.gateway.run("ready", "clerk", check=False).returncode == 69
        assert world.gateway.run("status", "clerk", check=False).returncode == 69
    finally:
        world.gateway.start()
