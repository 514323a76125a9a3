"""The table of actions: those that run by themselves, those that wait for people, those that never happen (R055 to
R058), the same action in two environments (R026), and the effect of a guard that cannot be evaluated."""

import pytest

from addresses import ADA, SAM
from governed import REJECTED, UNKNOWN, agent, governed, policy, server

TICKET, REFUND = {"id": "T-1002"}, {"invoice_id": "INV-20932", "amount_cents": 9900, "currency": "EUR"}
TOOLS = """
tools:
  search:       {class: read}
  get_ticket:   {class: read}
  add_label:    {class: write, effects: [reversible]}
  close_ticket: {class: write, effects: [reversible, customer_facing]}
"""


def written(ports: dict[str, int]) -> str:
    return policy(
        """\
controls:
  reversible:      {supervised: allow, trusted: allow}
  irreversible:    {supervised: approve, trusted: approve}
  customer_facing: {supervised: approve, trusted: approve}
forbid:
  - {id: no-mail, tools: [crm.send_customer_email]}
  - {id: no-wide-search, tools: [tickets.search], agents: [forbidden], when: "args.limit > 50"}
effects:
  - {id: prod-write, tools: ["*"], classes: [write], agents: [operator], add: production, when: "call.environment == 'production'"}
  - {id: wide-search, tools: [tickets.search], agents: [watched], add: customer_facing, when: "args.limit > 50"}
servers:""",
        server("tickets", ports["tickets"], TOOLS),
        server("tickets-dev", ports["tickets"], "environment: dev" + TOOLS),
        server("crm", ports["crm"], """
tools:
  get_customer:        {class: read}
  send_customer_email: {class: write, effects: [customer_facing]}
  delete_customer:     {class: destructive, effects: [irreversible]}
"""),
        server("billing", ports["billing"], """
tools:
  refund_request: {class: write, effects: [spends_money]}
"""),
        "agents:",
        agent("clerk", """
approval_required: [crm.send_customer_email]
mcp_scopes:
  tickets: [read, add_label, close_ticket]
  crm: [delete_customer, send_customer_email]
  billing: [refund_request]
""", tier="high", data="{}"),
        agent("operator", """
mcp_scopes:
  tickets: [add_label, {tool: close_ticket, when: "call.environment == 'dev'"}]
  tickets-dev: [add_label, {tool: close_ticket, when: "call.environment == 'dev'"}]
"""),
        agent("granted", """
mcp_scopes:
  tickets: [{tool: search, when: "args.limit <= 50"}]
"""),
        agent("forbidden", """
mcp_scopes:
  tickets: [search]
"""),
        agent("watched", """
mcp_scopes:
  tickets: [search]
"""))


@pytest.fixture(scope="module")
def world(binary, people):
    with governed(binary, people, written) as world:
        world.gateway.wait_for_tools("clerk", "tickets", "crm", "billing")
        world.gateway.wait_for_tools("operator", "tickets", "tickets-dev")
        yield world


# The table of actions.

@pytest.mark.requirement("R048", "R055")
def test_r055_reversible_and_internal_runs_by_itself_and_is_recorded(world):
    ended = world.check_allowed("clerk", "tickets__add_label", "controls.reversible", **TICKET, label="invoice")
    assert ended.structured["labels"] == ["invoice"]
    assert not world.waiting()


@pytest.mark.requirement("R053", "R056", "R086")
def test_r056_irreversible_and_internal_waits_for_a_person(world):
    rejected = world.call_denied("clerk", "crm__delete_customer", SAM, id="C-12")
    assert (rejected.told, rejected.arrived) == (REJECTED, 0)
    world.check_approved("clerk", "crm__delete_customer", "controls.irreversible", ADA, id="C-31")


@pytest.mark.requirement("R053", "R057", "R086")
def test_r057_what_the_customer_sees_waits_for_a_person(world):
    rejected = world.call_denied("clerk", "tickets__close_ticket", SAM, **TICKET, message="bye now")
    assert (rejected.told, rejected.arrived) == (REJECTED, 0)
    world.check_approved("clerk", "tickets__close_ticket", "controls.customer_facing", ADA, **TICKET, message="done")


@pytest.mark.requirement("R053", "R057", "R086")
def test_r057_money_waits_for_people(world):
    world.check_approved("clerk", "billing__refund_request", "controls.spends_money", ADA, SAM, **REFUND)


@pytest.mark.requirement("R004", "R052", "R058")
def test_r058_out_of_scope_is_blocked_and_recorded(world):
    world.check_refused("clerk", "crm__get_customer", "no-grant", "crm: [delete_customer,", "no-grant", UNKNOWN,
                        id="C-77")
    world.check_refused("clerk", "tickets-dev__add_label", "no-grant", "  clerk:", "no-grant", UNKNOWN,
                        **TICKET, label="vip")


@pytest.mark.requirement("R058")
def test_r058_no_approval_lifts_a_forbid(world):
    """Granted, and the policy itself requests an approval: still no approval is possible."""
    world.check_refused("clerk", "crm__send_customer_email", "no-mail", "id: no-mail", "forbid", UNKNOWN,
                        id="C-77", subject="hello", body="how are you")


@pytest.mark.requirement("R058")
def test_r058_what_is_blocked_raises_an_alarm_that_names_the_first_such_call(world):
    """One alert per minute for an agent and a reason: the rest is counted, and every call has its record."""
    refused = [world.call("granted", "crm__get_customer", id="C-77") for _ in range(3)]
    alarms = [one for one in world.gateway.records(100) if one["t"] == "alarm.raised" and one["subject"] == "granted"]
    assert [(one["code"], one["rule"], one["call"], one["cnt"]) for one in alarms] == [
        ("call.blocked", "no-grant", refused[0].record["call"], 1)]


def test_r056_a_call_that_waits_for_people_raises_none(world):
    world.call_denied("clerk", "crm__delete_customer", SAM, id="C-77")
    alarms = [one for one in world.gateway.records(100) if one["t"] == "alarm.raised"]
    assert not [one for one in alarms
                if one.get("subject") == "clerk" and one.get("rule", "").startswith("controls")]


# One action in two environments.

@pytest.mark.requirement("R026")
def test_r026_the_same_call_runs_in_dev_and_waits_in_production(world):
    world.check_allowed("operator", "tickets-dev__add_label", "controls.reversible", **TICKET, label="dev")
    world.check_approved("operator", "tickets__add_label", "controls.production", ADA, SAM, **TICKET, label="prod")


def test_a_grant_can_be_for_one_environment(world):
    world.check_refused("operator", "tickets__close_ticket", "agents.operator.mcp_scopes.tickets[1]",
                        "  tickets: [add_label, {tool: close", "guard-false", **TICKET, message="done")
    world.check_approved("operator", "tickets-dev__close_ticket", "controls.customer_facing", ADA,
                         **TICKET, message="done")


# Guards: `limit` may be omitted, and then none of these can be evaluated.

def test_a_guard_on_a_grant_grants_only_when_it_is_true(world):
    refused = ("agents.granted.mcp_scopes.tickets[0]", 'tickets: [{tool: search, when: "args.limit <= 50"}]',
               "guard-false")
    world.check_allowed("granted", "tickets__search", "controls.read", text="lamp", limit=50)
    world.check_refused("granted", "tickets__search", *refused, text="lamp", limit=51)
    ended = world.check_refused("granted", "tickets__search", *refused, text="lamp")
    assert result_of_guard(world, ended) == "error"


def test_a_guard_on_a_forbid_denies_unless_it_is_false(world):
    world.check_allowed("forbidden", "tickets__search", "controls.read", text="lamp", limit=50)
    for arguments, result in (({"limit": 51}, "true"), ({}, "error")):
        ended = world.check_refused("forbidden", "tickets__search", "no-wide-search", "id: no-wide-search",
                                    "forbid", text="lamp", **arguments)
        assert result_of_guard(world, ended) == result


def test_a_guard_on_an_effect_adds_it_unless_it_is_false(world):
    world.check_allowed("watched", "tickets__search", "controls.read", text="lamp", limit=50)
    for arguments, result in (({"limit": 51}, "true"), ({}, "error")):
        ended = world.check_approved("watched", "tickets__search", "controls.customer_facing", ADA,
                                     text="lamp", **arguments)
        assert result_of_guard(world, ended) == result


def result_of_guard(world, ended) -> str:
    """The result of the only guard of a call."""
    (guard,) = world.decision(ended)["guards"]
    return guard["result"]
