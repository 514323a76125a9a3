"""A run that has read a page of a server that is not internal, and what it may do after that without a person, by a real
SDK client (docs/specs/output-safety.md, section 7)."""

import pytest

from addresses import ADA
from governed import agent, governed, policy, server
from hostilepages import WORDS, write_ticket

PAY = {"invoice_id": "INV-20931", "amount_cents": 100, "currency": "EUR"}
GRANTS = "mcp_scopes:\n  tickets: [read, write]\n  crm: [get_customer, send_customer_email]\n  billing: [refund_request]\n"


def written(ports: dict[str, int]) -> str:
    # Outsiders write what the server of tickets answers; the others are the organisation's own.
    outside = server("tickets", ports["tickets"], """
tools:
  get_ticket: {class: read}
  add_label: {class: write, effects: [reversible]}
""").replace("trust: internal", "trust: external")
    return policy(
        "servers:", outside,
        server("crm", ports["crm"], """
tools:
  get_customer: {class: read}
  send_customer_email: {class: write, effects: [read]}
"""),
        server("billing", ports["billing"], "tools:\n  refund_request: {class: write, effects: [spends_money]}\n"),
        "agents:",
        agent("asked", GRANTS + "taint: {mode: strict}\n"),
        agent("bound", GRANTS + "taint: {mode: strict, hostile: deny}\n"),
        agent("origin", GRANTS + "taint: {mode: provenance, hostile: deny}\n"))


@pytest.fixture(scope="module")
def world(binary, people):
    with governed(binary, people, written) as world:
        write_ticket(world.data, "T-1002")
        for name in ("asked", "bound", "origin"):
            world.gateway.wait_for_tools(name, "tickets")
        yield world


@pytest.mark.requirement("R084", "R085")
def test_after_a_page_from_outside_a_person_decides(world):
    mail = "crm__send_customer_email"
    words = {"id": "C-77", "subject": "a", "body": "b"}
    world.check_allowed("asked", mail, "controls.read", **words)
    clean = world.check_allowed("asked", "crm__get_customer", "controls.read", id="C-77")
    assert clean.record["tl"] == 0
    page = world.check_allowed("asked", "tickets__get_ticket", "controls.read", id="T-1001")
    assert page.record["tl"] == 1 and "find" not in page.record
    world.check_approved("asked", mail, "agents.asked.taint", ADA, **words)
    world.check_allowed("asked", "crm__get_customer", "controls.read", id="C-77")


@pytest.mark.requirement("R084", "R085")
def test_a_payment_after_a_hostile_page_is_denied_without_a_question(world):
    page = world.check_allowed("bound", "tickets__get_ticket", "controls.read", id="T-1002")
    assert page.record["tl"] == 2
    world.check_refused("bound", "billing__refund_request", "agents.bound.taint", "strict, hostile: deny", "taint-denied", **PAY)
    # A new run is clean.
    world.hang_up()
    world.check_allowed("bound", "crm__get_customer", "controls.read", id="C-77")


@pytest.mark.requirement("R084", "R085")
def test_the_origin_of_a_value_decides(world):
    mail = "crm__send_customer_email"
    # A clean run: the model made the values, and what they do can be undone.
    world.check_allowed("origin", mail, "controls.read", id="C-77", subject="a", body="b")
    customer = world.check_allowed("origin", "crm__get_customer", "controls.read", id="C-77").structured
    page = world.check_allowed("origin", "tickets__get_ticket", "controls.read", id="T-1002").structured
    # Neither the customer's number, which came back alone, nor a word of the page is of a good origin.
    for words in ({"subject": customer["name"], "body": customer["name"]}, {"subject": page["id"], "body": "b"}):
        world.check_approved("origin", mail, "agents.origin.taint", ADA, id="C-77", **words)
    world.check_refused("origin", "billing__refund_request", "agents.origin.taint", "provenance, hostile", "taint-denied", **PAY)
    world.check_allowed("origin", "crm__get_customer", "controls.read", id="C-77")


@pytest.mark.requirement("R084")
def test_taint_prints_the_level_of_a_run_and_the_call_that_raised_it(world):
    read = world.call("asked", "tickets__get_ticket", {"purpose": "shown"}, id="T-1001").record
    (taint,) = world.gateway.json("safety", "taint", read["run"])
    (source,) = taint.pop("sources")
    (call,) = taint.pop("calls")
    assert taint == {"run": read["run"], "agent": "asked", "level": "untrusted", "markers": 0}
    assert (source["server"], source["tool"], source["call"]) == ("tickets", "get_ticket", read["call"])
    assert source["record"] == call["record"] and (call["call"], call["tl"]) == (read["call"], 1)
    assert call["tool"] == "tickets__get_ticket" and "report" not in call
    printed = world.gateway.run("safety", "taint", read["run"]).stdout
    assert printed.startswith(f"{read['run']}: untrusted\n  tickets.get_ticket at 20") and read["call"] in printed
    clean = world.call("asked", "crm__get_customer", {"purpose": "clean"}, id="C-77").record["run"]
    (taint,) = world.gateway.json("safety", "taint", clean)
    assert (taint["level"], taint["sources"]) == ("clean", [])
    assert world.gateway.run("safety", "taint", "01kag0q9m2c4e6g8j0k2n4p6r8", check=False).returncode == 66


@pytest.mark.requirement("R084", "R085")
def test_the_report_of_a_call_has_the_origin_of_its_values_and_the_passage(world):
    made = {"purpose": "reported"}
    page = world.call("origin", "tickets__get_ticket", made, id="T-1002").record
    assert page["insp"]["n"] > 0
    (shown,) = [one for one in world.gateway.json("audit", "show", page["call"]) if one["leaf"]["t"] == "call.outcome"]
    report = shown["payloads"]["insp"]
    assert report["src"] == ["tickets.get_ticket"] and "instructions to an assistant" in report["mark"]["kinds"]
    assert WORDS in report["mark"]["text"] and len(report["mark"]["text"].encode()) <= 256
    assert "mark" not in page and WORDS not in str(page)
    world.call("origin", "crm__get_customer", made, id="C-77")
    (taint,) = world.gateway.json("safety", "taint", page["run"])
    assert taint["level"] == "hostile" and taint["markers"] >= 1 and taint["sources"][0]["record"] == shown["index"]
    last, first = taint["calls"]
    assert first["call"] == page["call"] and last["report"]["labels"] == {"/id": last["report"]["worst"]}
    printed = world.gateway.run("safety", "taint", page["run"]).stdout
    assert "crm__get_customer, level 2: /id " in printed and "previous instructions" not in printed


def test_the_decisions_of_tainted_runs_are_made_again_from_the_log(world):
    assert world.gateway.run("audit", "replay", "--since", "2020-01-01T00:00:00Z").returncode == 0
    assert world.gateway.verify().returncode == 0
