"""`agents token --server, --tool`: a token for less than the policy grants."""

import json

import pytest

import wire

# The organisation of this file has no servers of PyPI, and none of the SDK.
PLAIN = True
pytestmark = pytest.mark.requirement("R019")

DENIED = 4030


def token(acme, *words: str, expect: int = 0) -> str:
    done = acme.gateway.run("agents", "token", "support-triage", "--purpose", "example", *words, check=False)
    assert done.returncode == expect, done.stdout + done.stderr
    return done.stdout.strip() if expect == 0 else done.stderr


@pytest.mark.parametrize("words, crm, tickets", [
    ((), True, True), (("--server", "crm"), True, False), (("--tool", "tickets.search"), False, True),
    (("--tool", "tickets.search", "--server", "crm"), True, True), (("--tool", "tickets.get_ticket"), False, False),
])
def test_it_calls_what_it_is_for_and_nothing_else(acme, words, crm, tickets):
    session = wire.Session(acme.gateway.port, token(acme, *words))
    listed = set(session.tools())
    assert ("crm__get_customer" in listed, "tickets__search" in listed) == (crm, tickets)
    asked = {"crm__get_customer": (crm, {"id": "c-1001"}), "tickets__search": (tickets, {"text": "refund"})}
    for name, (may, arguments) in asked.items():
        before = acme.count(*name.split("__"))
        answer = session.call(name, **arguments)
        assert (answer.code != DENIED) == may, (name, answer.body)
        assert acme.count(*name.split("__")) - before == int(may), name


@pytest.mark.parametrize("words, says, expect", [
    (("--server", "nowhere"), "no server `nowhere`", 66), (("--tool", "crm.nothing"), "no tool `crm.nothing`", 66),
    (("--tool", "search"), "no tool `search`", 66),
])
def test_a_name_that_the_policy_does_not_have_makes_no_token(acme, words, says, expect):
    assert says in token(acme, *words, expect=expect)


def test_the_refusal_is_in_the_log(acme):
    session = wire.Session(acme.gateway.port, token(acme, "--server", "crm"))
    assert session.call("tickets__search", text="x").code == DENIED
    found = [one for one in acme.gateway.records(10) if one["t"] == "call.denied"]
    assert found and "scope" in json.dumps(found[-1]), found


def test_the_record_says_what_a_token_is_for(acme):
    token(acme, "--tool", "tickets.search")
    assert issued(acme)["only"] == ["tickets:search"]
    token(acme)
    assert "only" not in issued(acme)


def issued(acme) -> dict:
    return [one for one in acme.gateway.records(10) if one["t"] == "token.issued"][-1]
