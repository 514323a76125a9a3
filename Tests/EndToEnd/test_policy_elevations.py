"""Elevations grant calls only while they are in force: those of the policy's files and those of the store."""

import json
import time
from datetime import datetime, timedelta, timezone

import pytest

from addresses import ADA, DANA, SAM
from governed import UNKNOWN, agent, governed, policy, server

TICKET = {"id": "T-1001"}
REFUND = {"invoice_id": "INV-20931", "amount_cents": 100, "currency": "EUR"}
START = datetime.now(timezone.utc)


def stamp(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def elevation(name: str, grant: str, begins: float, ends: float, approved_by: str = f"{ADA}, {SAM}") -> str:
    """An elevation of the agent `fixer`; times in hours from now."""
    return (f"  - {{id: {name}, agent: fixer, grant: {{{grant}}}, approved_by: [{approved_by}], reason: An incident,"
            f" from: \"{stamp(START + timedelta(hours=begins))}\", until: \"{stamp(START + timedelta(hours=ends))}\"}}")


def written(ports: dict[str, int]) -> str:
    return policy(
        """\
controls:
  sensitive_data: {supervised: allow, trusted: allow}
  reversible:     {supervised: allow, trusted: allow}
forbid:
  - {id: no-mail, tools: [crm.send_customer_email]}
servers:""",
        server("tickets", ports["tickets"], """
tools:
  search:       {class: read}
  get_ticket:   {class: read}
  add_label:    {class: write, effects: [reversible]}
  close_ticket: {class: write, effects: [reversible]}
"""),
        server("crm", ports["crm"], """
tools:
  get_customer:        {class: read}
  send_customer_email: {class: write, effects: [customer_facing]}
  delete_customer:     {class: destructive, effects: [irreversible]}
"""),
        server("billing", ports["billing"], """
tools:
  get_invoice:    {class: read}
  refund_request: {class: write, effects: [spends_money]}
"""),
        "elevations:",
        elevation("INC-LIVE", "tickets: [{tool: add_label, when: \"args.label == 'incident'\"}]", -1, 1),
        elevation("INC-TO-COME", "billing: [get_invoice]", 1, 2),
        elevation("INC-OVER", "crm: [get_customer]", -2, -1),
        elevation("INC-ONE-APPROVER", "tickets: [close_ticket]", -1, 1, ADA),
        elevation("INC-MAIL", "crm: [send_customer_email, delete_customer]", -1, 1),
        elevation("INC-MONEY", "billing: [refund_request]", -1, 1),
        "agents:",
        agent("fixer", """
mcp_scopes:
  tickets: [search]
"""))


@pytest.fixture(scope="module")
def world(binary, people):
    with governed(binary, people, written) as world:
        world.gateway.wait_for_tools("fixer", "tickets", "billing")
        yield world


# Elevations of the files.

def test_within_its_window_a_file_s_elevation_grants_what_its_guard_says(world):
    world.check_allowed("fixer", "tickets__add_label", "controls.reversible", **TICKET, label="incident")
    world.check_refused("fixer", "tickets__add_label", "elevations[0].grant.tickets[0]", "id: INC-LIVE",
                        "guard-false", **TICKET, label="vip")


def test_before_its_window_it_grants_nothing(world):
    world.check_refused("fixer", "billing__get_invoice", "no-grant", "  fixer:", "no-grant", UNKNOWN, id="INV-20931")


def test_after_its_window_it_grants_nothing(world):
    world.check_refused("fixer", "crm__get_customer", "no-grant", "  fixer:", "no-grant", UNKNOWN, id="C-77")


def test_one_approver_is_too_few(world):
    world.check_refused("fixer", "tickets__close_ticket", "no-grant", "  tickets: [search]", "no-grant", UNKNOWN,
                        **TICKET, message="done")


def test_it_lifts_no_forbid_and_no_tier(world):
    world.check_refused("fixer", "crm__send_customer_email", "no-mail", "id: no-mail", "forbid", UNKNOWN,
                        id="C-77", subject="hello", body="how are you")
    world.check_refused("fixer", "crm__delete_customer", "no-grant", "  fixer:", "no-grant", UNKNOWN, id="C-77")


def test_it_lifts_no_control(world):
    world.check_approved("fixer", "billing__refund_request", "controls.spends_money", ADA, SAM, **REFUND)


# Elevations of the store.

def ask(world, grant: str, ends: timedelta, begins: timedelta = timedelta()) -> str:
    now = datetime.now(timezone.utc)
    words = {"agent": "fixer", "grant": grant, "until": stamp(now + ends), "reason": "an incident to look at",
             "ticket": "INC-7", **({"from": stamp(now + begins)} if begins else {})}
    flags = [word for name, value in words.items() for word in (f"--{name}", value)]
    return json.loads(world.gateway.run("elevate", "request", *flags, "--json", by=DANA).stdout)["id"]


def state(world, identifier: str) -> list[bool]:
    """`in_force` of the elevation; empty once it has ended."""
    return [one["in_force"] for one in world.gateway.json("elevate", "list", "--agent", "fixer")
            if one["id"] == identifier]


def check_no_grant(world, tool: str, at: str, **arguments) -> None:
    world.check_refused("fixer", tool, "no-grant", at, "no-grant", UNKNOWN, **arguments)


def test_the_store_s_elevation_grants_from_the_second_signature_until_it_is_ended(world):
    call = ("tickets__get_ticket", "  tickets: [search]")
    check_no_grant(world, *call, **TICKET)
    wanted = ask(world, "{tickets: [get_ticket]}", timedelta(hours=1))
    check_no_grant(world, *call, **TICKET)
    world.gateway.run("elevate", "approve", wanted, by=ADA)
    assert state(world, wanted) == [False]
    check_no_grant(world, *call, **TICKET)
    world.gateway.run("elevate", "approve", wanted, by=SAM)
    assert state(world, wanted) == [True]
    assert "tickets__get_ticket" in world.tools("fixer")
    world.check_allowed("fixer", "tickets__get_ticket", "controls.read", **TICKET)
    world.gateway.run("elevate", "end", wanted, by=DANA)
    assert state(world, wanted) == []
    assert "tickets__get_ticket" not in world.tools("fixer")
    check_no_grant(world, *call, **TICKET)


def test_the_store_s_elevation_keeps_its_window(world):
    call = ("crm__get_customer", "  fixer:")
    wanted = ask(world, "{crm: [get_customer]}", timedelta(seconds=6), begins=timedelta(seconds=3))
    world.gateway.run("elevate", "approve", wanted, by=ADA)
    world.gateway.run("elevate", "approve", wanted, by=SAM)
    check_no_grant(world, *call, id="C-77")
    wait_for_list(world, lambda names: "crm__get_customer" in names)
    world.check_allowed("fixer", "crm__get_customer", "controls.read", id="C-77")
    wait_for_list(world, lambda names: "crm__get_customer" not in names)
    check_no_grant(world, *call, id="C-77")


def test_the_store_s_elevation_lifts_no_forbid(world):
    wanted = ask(world, "{crm: [send_customer_email]}", timedelta(hours=1))
    world.gateway.run("elevate", "approve", wanted, by=ADA)
    world.gateway.run("elevate", "approve", wanted, by=SAM)
    world.check_refused("fixer", "crm__send_customer_email", "no-mail", "id: no-mail", "forbid", UNKNOWN,
                        id="C-77", subject="hello", body="how are you")


def wait_for_list(world, holds, seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not holds(world.tools("fixer")):
        assert time.monotonic() < deadline
        time.sleep(0.1)
