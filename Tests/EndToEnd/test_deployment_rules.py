"""Rules of a deployment for the search of calls: files beside the policy, in force and signed off with it
(docs/specs/output-safety.md, section 5)."""

import json
import subprocess
from itertools import count

import pytest

from faulty import FaultyServer
from governed import DENIED, agent, governed, policy, server
from revising import reload, sign_off

BADGE = "ACME-BADGE-" + "204817"
FILE = "rules/acme.json"
TEXTS = count()  # equal calls in a row would pause the run


def rules(pattern: str = "ACME-BADGE-[0-9]{6}", **changes) -> str:
    rule = {"id": "acme-badge", "class": "token", "strength": "block", "pattern": pattern, "source": "badges of Acme",
            "tests": {"match": [["ACME-BADGE-", "204817"]], "miss": [["ACME-BADGE-"]]}, **changes}
    return json.dumps({"interlock_rules": 1, "name": "acme", "rules": [rule]})


def written(port: int) -> str:
    tools = "\ntools:\n  echo: {class: read}\n"
    return policy("servers:", server("faulty", port, tools), "agents:",
                  agent("writer", "mcp_scopes: {faulty: [read]}"))


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    with FaultyServer(tmp_path_factory.mktemp("rules"), "http") as faulty:
        yield faulty


@pytest.fixture
def world(binary, people, faulty):
    with governed(binary, people, lambda _: written(faulty.port), servers=(), start=False) as world:
        yield world


def write(world, text: str, name: str = FILE) -> None:
    path = world.gateway.folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)


def start(world) -> None:
    world.gateway.start()
    world.gateway.wait_for_tools("writer", "faulty")


def call(world):
    return world.call("writer", "faulty__echo", text=f"{next(TEXTS)}: it is {BADGE}")


def check_denied(world) -> str:
    """Returns the digest of the rules in the record."""
    ended = call(world)
    assert ended.told == DENIED, ended.answer
    assert BADGE not in json.dumps(ended.answer) and "(token at /text)" in json.dumps(ended.answer)
    assert ended.record["find"] == {"token": 1}
    return ended.record["scan"]


@pytest.mark.requirement("R137")
def test_a_rule_of_the_deployment_denies_a_call_from_the_start_until_its_file_is_gone(world):
    write(world, rules())
    start(world)
    scan = check_denied(world)
    (world.gateway.folder / FILE).unlink()
    assert reload(world.gateway)["outcome"] == "loaded"
    sent = call(world)
    # The record names the rules of its call, not those of the start.
    assert sent.told is None and sent.record["scan"] != scan
    write(world, rules())
    assert reload(world.gateway)["outcome"] == "loaded"
    assert check_denied(world) == scan


@pytest.mark.requirement("R137")
def test_a_file_that_is_invalid_keeps_the_rules_in_force_and_is_named(world):
    write(world, rules())
    start(world)
    for bad, words in [(rules(tests={"match": [["ACME"]], "miss": [["x"]]}), "tests.match[0] is not found"),
                       (rules("(ACME)+"), "pattern"), (rules(id="github-token"), "duplicate id"), ("{", FILE)]:
        write(world, bad)
        refused = reload(world.gateway)
        assert (refused["outcome"], refused["code"]) == ("refused", "rules"), refused
        assert words in json.dumps(refused) and "rules" in json.dumps(refused), refused
        check_denied(world)
    write(world, rules())
    write(world, "interlock_safety: 1\n", "safety.yaml")
    refused = reload(world.gateway)
    assert refused["code"] == "rules" and "`safety.yaml` is not read" in json.dumps(refused)
    assert "policy.reload_refused" in [one.get("code") for one in world.gateway.records(100)]


@pytest.mark.requirement("R137")
@pytest.mark.parametrize("name, text, words", [
    (FILE, rules(tests={"match": [["ACME"]], "miss": [["x"]]}), "tests.match[0] is not found"),
    (FILE, rules("ACME-(?:[0-9A-Z]{1,400}x){1,9}"), "rule `acme-badge`"),
    ("rules/acme.yaml", "a: 1\n", "rules/NAME.json"),
    ("safety.yaml", "interlock_safety: 1\n", "is not read")])
def test_a_start_with_an_invalid_file_is_refused_by_its_name(world, name, text, words):
    write(world, text, name)
    checked = world.gateway.run("policy", "check", str(world.gateway.policy), "--served", check=False)
    assert checked.returncode == 65 and words in checked.stdout + checked.stderr
    process = world.gateway.launch()
    try:
        assert process.wait(60) == 65, world.gateway.stderr()
    except subprocess.TimeoutExpired:
        world.gateway.kill()
        pytest.fail(world.gateway.stderr())
    said = world.gateway.stderr()
    assert name in said and words in said, said


@pytest.mark.requirement("R137")
def test_the_rules_of_the_deployment_are_those_of_safety_test(world, tmp_path):
    path = tmp_path / "call.json"
    path.write_text(json.dumps({"text": BADGE}))
    words = ("safety", "test", str(path), "--direction", "arguments")
    assert world.gateway.run(*words).stdout == ""
    write(world, rules())
    found = world.gateway.run(*words, check=False)
    assert found.returncode == 1 and "acme-badge" in found.stdout, found
    write(world, "{")
    refused = world.gateway.run(*words, check=False)
    assert refused.returncode == 65 and FILE in refused.stderr, refused


@pytest.mark.requirement("R137")
def test_rules_are_signed_off_with_the_policy(organisation):
    """The removal of a file takes a search away, so it waits for signatures as a change of the policy does."""
    made = organisation(servers=("crm",))
    path = made.gateway.folder / FILE
    path.parent.mkdir(exist_ok=True)
    path.write_text(rules())
    assert reload(made.gateway)["outcome"] == "loaded"
    sign_off(made.gateway)
    session = made.session("support-triage")
    assert session.call("crm__get_customer", id=BADGE).code == DENIED
    path.unlink()
    refused = reload(made.gateway)
    assert (refused["outcome"], refused["code"]) == ("refused", "sign_off"), refused
    assert session.call("crm__get_customer", id=BADGE).code == DENIED
    assert session.call("crm__get_customer", id="C-77").code is None
