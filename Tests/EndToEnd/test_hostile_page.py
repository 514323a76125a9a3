"""A run that reads a page in which others wrote instructions, by a real SDK client, and what it can do after that
(docs/specs/output-safety.md, sections 4 and 7)."""

import json

import pytest

import wire
from addresses import ADA
from deployment import approval_id
from faulty import FaultyServer
from governed import REJECTED, agent, governed, policy, server
from hostilepages import WORDS, write_ticket

PAY = ("billing__refund_request", {"invoice_id": "INV-20931", "amount_cents": 100, "currency": "EUR"})
MAIL = ("crm__send_customer_email", {"id": "C-77", "subject": "a", "body": "b"})
PUSH = ("forge__echo", {"text": "main"})
GRANTS = """mcp_scopes:
  tickets: [read]
  crm: [send_customer_email]
  billing: [refund_request]
  forge: [echo]
"""


def written(ports: dict[str, int], forge: int) -> str:
    outside = server("tickets", ports["tickets"], "tools:\n  get_ticket: {class: read}\n").replace(
        "trust: internal", "trust: external")
    return policy(
        "servers:", outside,
        server("crm", ports["crm"], "tools:\n  send_customer_email: {class: write, effects: [customer_facing]}\n"),
        server("billing", ports["billing"], "tools:\n  refund_request: {class: write, effects: [spends_money]}\n"),
        server("forge", forge, "tools:\n  echo: {class: write, effects: [production]}\n"),
        "agents:",
        agent("asked", GRANTS + "taint: {mode: strict}\n"),
        agent("bound", GRANTS + "taint: {mode: strict, hostile: deny}\n"))


@pytest.fixture(scope="module")
def forge(tmp_path_factory):
    with FaultyServer(tmp_path_factory.mktemp("forge"), "http") as found:
        yield found


@pytest.fixture(scope="module")
def world(binary, people, forge):
    with governed(binary, people, lambda ports: written(ports, forge.port)) as world:
        write_ticket(world.data, "T-1003")
        for name in ("asked", "bound"):
            world.gateway.wait_for_tools(name, "tickets", "forge")
        yield world


def pushed(forge) -> bool:
    path = forge.data / "arrived"
    return path.exists() and "echo" in path.read_text()


def read(world, name: str, ticket: str):
    ended = world.call(name, "tickets__get_ticket", id=ticket)
    assert ended.told is None and ended.arrived == 1, "a marker blocks nothing by itself"
    return ended


def asked(world, name: str, tool: str, arguments: dict) -> dict:
    """Makes a call about which a person is asked, and who denies it; returns the request as `approvals show` has it."""
    before, client = world.arrived(tool), world.client(name)
    client.send("call", name=tool, arguments=arguments)
    request = approval_id(world.gateway.pending())
    (shown,) = world.gateway.json("approvals", "show", request)
    text = world.gateway.run("approvals", "show", request).stdout
    assert "level of the run " in text and "tickets.get_ticket" in text, text
    # Facts are named as on the page, not as in the review.
    assert "untrusted content " in text and "purpose of the run " in text, text
    assert not any(name in text for name in ("taint_level", "run_purpose", "on_behalf_of")), text
    world.gateway.run("approvals", "deny", request, "--reason", "not this one", by=ADA)
    answer = client.answer()
    assert wire.decision(answer["result"])["code"] == REJECTED, answer
    assert world.arrived(tool) == before
    return shown


@pytest.mark.requirement("R084", "R085")
def test_after_a_hostile_page_a_person_is_asked_and_reads_why(world, forge):
    page = read(world, "asked", "T-1003")
    assert WORDS in page.structured["body"]
    assert page.record["tl"] == 2 and page.record["find"]["imperative"] >= 1, page.record
    assert WORDS not in json.dumps(page.record)
    for tool, arguments in (PAY, MAIL, PUSH):
        facts = asked(world, "asked", tool, arguments)["review"]["facts"]
        assert facts["taint_level"] == 2 and facts["tainted_by"] == page.record["call"], facts
        assert "level 2 (hostile): instructions to an assistant in what tickets.get_ticket sent" in facts["taint"]
        # People sign no text of others.
        assert "previous instructions" not in json.dumps(facts)
    assert not pushed(forge)
    run = page.record["run"]
    found = world.gateway.json("audit", "query", "--run", run, "--type", "call.outcome", "--limit", "100")
    assert [one["leaf"]["tl"] for one in found] == [2]


@pytest.mark.requirement("R084", "R085")
def test_a_stricter_policy_denies_without_a_question(world, forge):
    page = read(world, "bound", "T-1003")
    assert page.record["tl"] == 2
    for tool, arguments in (PAY, MAIL, PUSH):
        world.check_refused("bound", tool, "agents.bound.taint", "hostile: deny", "taint-denied", **arguments)
    assert not pushed(forge)


@pytest.mark.requirement("R084")
def test_after_an_ordinary_page_the_same_policy_asks(world):
    world.hang_up()
    page = read(world, "bound", "T-1001")
    assert page.record["tl"] == 1 and "find" not in page.record, page.record
    facts = asked(world, "bound", *PAY)["review"]["facts"]
    assert facts["taint_level"] == 1 and "tainted_by" not in facts
    assert "level 1 (untrusted)" in facts["taint"]


def test_the_decisions_are_made_again_from_the_log(world):
    assert world.gateway.run("audit", "replay", "--since", "2020-01-01T00:00:00Z").returncode == 0
    assert world.gateway.verify().returncode == 0
