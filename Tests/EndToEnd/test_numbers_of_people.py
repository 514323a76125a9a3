"""Numbers of cards, accounts and people in calls: a tool takes and returns them where its entry says so
(docs/specs/output-safety.md, section 4)."""

import json
import sys
from datetime import date, timedelta

import pytest

from addresses import LI
from conftest import FIXTURES
from faulty import FaultyServer
from governed import DENIED, agent, governed, policy, server

sys.path.insert(0, str(FIXTURES))
from faulty_server import TOKEN  # noqa: E402

CARD = "4539 7884 " + "0388 5421"
ACCOUNT = "NL61INGB" + "0417164300"
NUMBER = "219-09-" + "9999"


def written(port: int) -> str:
    tools = ("\ntools:\n  echo: {class: read}\n"
             "  nested: {class: read, accepts: {iban: [filter.state]}, returns: {iban: [filter.state]}}\n"
             "  slow: {class: write, effects: [reversible]}\n")
    waiver = (f'{{tool: faulty.nested, argument: filter.state, class: token, owner: {LI}, '
              f'until: "{date.today() + timedelta(days=60)}", reason: a vault stores it}}')
    return policy("servers:", server("faulty", port, tools), f"safety: {{waivers: [{waiver}]}}\n",
                  "agents:", agent("writer", "mcp_scopes: {faulty: [read, write]}"))


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    with FaultyServer(tmp_path_factory.mktemp("numbers"), "http") as faulty:
        yield faulty


@pytest.fixture(scope="module")
def world(binary, people, faulty):
    with governed(binary, people, lambda _: written(faulty.port), servers=()) as world:
        world.gateway.wait_for_tools("writer", "faulty")
        yield world


def denied(world, tool: str, **arguments) -> tuple[str, dict]:
    ended = world.call("writer", tool, **arguments)
    text = json.dumps(ended.answer)
    assert ended.told == DENIED, text
    for value in (CARD, ACCOUNT, NUMBER, TOKEN):
        assert value not in text, text
    assert ended.record["t"] == "call.denied" and len(ended.record["scan"]) == 44
    return text, ended.record


@pytest.mark.requirement("R082")
@pytest.mark.parametrize("value, name", [(f"card {CARD}", "card"), (ACCOUNT, "iban"), (f"SSN {NUMBER}", "national-id")])
def test_a_number_denies_a_call_and_no_one_is_asked(world, value, name):
    for tool in ("faulty__echo", "faulty__slow"):
        text, record = denied(world, tool, text=f"it is {value}")
        assert "pii-in-arguments" in text and f"({name} at /text)" in text
        assert record["code"] == "safety.pii_in_arguments" and record["find"] == {name.replace("-", "_"): 1}
    assert not world.waiting()


@pytest.mark.requirement("R082")
def test_a_tool_takes_and_returns_what_its_entry_says_where_it_does(world):
    ended = world.call("writer", "faulty__nested", filter={"state": ACCOUNT})
    assert ended.record["t"] == "call.outcome" and ended.record["find"] == {"iban": 1}
    assert ACCOUNT in json.dumps(ended.answer)
    text, _ = denied(world, "faulty__nested", text=ACCOUNT)
    assert "(iban at /text)" in text
    text, _ = denied(world, "faulty__nested", filter={"state": CARD})
    assert "(card at /filter/state)" in text


@pytest.mark.requirement("R082")
def test_a_waiver_lets_one_argument_have_a_token(world):
    """The server repeats it, and no agent gets it."""
    ended = world.call("writer", "faulty__nested", filter={"state": TOKEN})
    text = json.dumps(ended.answer)
    assert ended.record["t"] == "call.outcome" and TOKEN not in text and "[redacted:github-token:" in text
    text, _ = denied(world, "faulty__nested", text=TOKEN)
    assert "secret-in-arguments" in text and "(token at /text)" in text


@pytest.mark.requirement("R082")
def test_the_commands_say_what_the_policy_does_with_each_value(world, tmp_path):
    def tested(value: dict, direction: str, tool: str = "faulty.nested") -> tuple[int, list[str]]:
        path = tmp_path / "call.json"
        path.write_text(json.dumps(value))
        done = world.gateway.run("safety", "test", str(path), "--direction", direction, "--tool", tool, check=False)
        assert ACCOUNT not in done.stdout and TOKEN not in done.stdout
        return done.returncode, [line.removeprefix(f"{path}:") for line in done.stdout.splitlines()]

    both = {"filter": {"state": ACCOUNT}, "text": ACCOUNT}
    assert tested(both, "arguments") == (1, ["/filter/state: iban (iban, accepted)", "/text: iban (iban, deny)"])
    assert tested(both, "results") == (0, ["/filter/state: iban (iban, returned)", "/text: iban (iban, returned)"])
    assert tested({"text": ACCOUNT}, "results") == (1, ["/text: iban (iban, replace)"])
    assert tested({"filter": {"state": ACCOUNT}}, "arguments")[0] == 0
    assert tested({"filter": {"state": TOKEN}}, "arguments") == (0, ["/filter/state: github-token (token, waived)"])
    assert tested({"filter": {"state": TOKEN}}, "results") == (1, ["/filter/state: github-token (token, replace)"])
    assert tested({"filter": {"state": ACCOUNT}}, "arguments", "faulty.echo")[0] == 1
    assert tested({}, "arguments", "faulty.none") == (66, [])
