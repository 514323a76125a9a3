"""The rows of the risk tiers: a low agent reads without anyone being asked and is reviewed; a medium agent drafts at once
and sends after a person has read it (R060, R061)."""

from datetime import date, timedelta

import pytest

from addresses import ADA, LI, SAM
from governed import REJECTED, agent, governed, policy, server

LATE = date.today() - timedelta(days=1)
MAIL = {"id": "C-12", "subject": "Your lamp", "body": "It is on its way."}


def written(ports: dict[str, int]) -> str:
    return policy(
        """\
controls:
  sensitive_data:  {supervised: allow, trusted: allow}
  reversible:      {supervised: allow, trusted: allow}
  customer_facing: {supervised: approve, trusted: approve}
servers:""",
        server("tickets", ports["tickets"], """
tools:
  search:       {class: read}
  add_label:    {class: write, effects: [reversible]}
"""),
        server("crm", ports["crm"], """
tools:
  get_customer:        {class: read, effects: [sensitive_data]}
  send_customer_email: {class: write, effects: [customer_facing]}
"""),
        "agents:",
        agent("summariser", "mcp_scopes: {tickets: [read]}", tier="low"),
        agent("unreviewed", "mcp_scopes: {tickets: [read, add_label]}", review_by=f'"{LATE}"'),
        agent("drafter", "mcp_scopes: {tickets: [read, add_label], crm: [get_customer, send_customer_email]}"))


@pytest.fixture(scope="module")
def world(binary, people):
    with governed(binary, people, written, servers=("tickets", "crm")) as world:
        world.gateway.wait_for_tools("drafter", "tickets", "crm")
        yield world


@pytest.mark.requirement("R060")
def test_a_low_agent_reads_without_a_question_on_record_and_has_a_day_of_review(world):
    for _ in range(3):
        ended = world.check_allowed("summariser", "tickets__search", "controls.read", text="lamp")
        assert {"agent", "call", "run"} <= set(world.intent(ended)) and not world.waiting()
    # What it must not do is not there at all.
    assert world.tools("summariser") == {"tickets__search"}
    # The log has a line for each call, by which a person reviews it, and the review has a day.
    found = [one for one in world.gateway.json("audit", "query", "--agent", "summariser") if one["leaf"]["t"] == "call.outcome"]
    assert len(found) >= 3
    agents = {one["agent"]: one for one in world.gateway.json("agents", "list")}
    assert agents["summariser"]["review_by"] > str(date.today()) and agents["summariser"]["owner"] == LI
    # A review that is late is a finding, and the agent reads only.
    assert agents["unreviewed"]["review_by"] == str(LATE)
    assert " L106 unreviewed" in world.gateway.run("policy", "check", str(world.gateway.policy), check=False).stdout


@pytest.mark.requirement("R061", "R148")
def test_a_medium_agent_drafts_at_once_and_sends_what_a_person_has_read(world):
    # The draft: what can be taken back runs without a question.
    world.check_allowed("drafter", "tickets__add_label", "controls.reversible", id="T-1001", label="draft")
    # Sending: nothing reaches the customer before one person has signed, and nothing at all after a denial.
    ended = world.check_approved("drafter", "crm__send_customer_email", "controls.customer_facing", ADA, **MAIL)
    assert ended.arrived == 1 and world.last_arguments("crm__send_customer_email") == MAIL
    denied = world.call_denied("drafter", "crm__send_customer_email", SAM, **MAIL | {"subject": "Another"})
    assert denied.told == REJECTED and denied.arrived == 0
