"""Every verdict and every reason of the policy, through a real client: the answer, the record, the server's count."""

from datetime import date, timedelta

import pytest

from addresses import ADA, SAM
from governed import REJECTED, UNKNOWN, agent, governed, policy, server
from test_credentials import knock

TICKET, REFUND = {"id": "T-1001"}, {"invoice_id": "INV-20931", "currency": "EUR"}
FORGOTTEN = date.today() + timedelta(days=3)
WORK = """
mcp_scopes:
  tickets: [read, add_label]
"""


def written(ports: dict[str, int]) -> str:
    return policy(
        """\
controls:
  sensitive_data: {supervised: allow, trusted: allow}
  reversible:     {supervised: allow, trusted: allow}
  production:     {supervised: deny, trusted: deny}
forbid:
  - {id: no-customer-delete, tools: [crm.delete_customer]}
  - {id: hard-refund-cap, tools: [billing.refund_request], when: "args.amount_cents > 200000"}
effects:
  - {id: the-big-customer, tools: [crm.send_customer_email], add: production, when: "args.id == 'C-12'"}
servers:""",
        server("tickets", ports["tickets"], """
tools:
  search:       {class: read}
  add_label:    {class: write, effects: [reversible]}
  close_ticket: {class: write, effects: [reversible, customer_facing]}
  reopen:       {class: read}
"""),  # `reopen` is not offered by the server, and `get_ticket`, which is, is not listed
        server("crm", ports["crm"], """
tools:
  get_customer:        {class: read, effects: [sensitive_data]}
  send_customer_email: {class: write, effects: [customer_facing]}
  delete_customer:     {class: destructive, effects: [irreversible]}
"""),
        server("billing", ports["billing"], """
tools:
  get_invoice:    {class: read}
  refund_request: {class: write, effects: [irreversible, spends_money]}
"""),
        "agents:",
        agent("worker", """
approval_required: [crm.get_customer]
mcp_scopes:
  tickets: [read, add_label, close_ticket]
  crm: [get_customer, send_customer_email, delete_customer]
  billing: [{tool: refund_request, when: "args.amount_cents <= 50000"}]
""", tier="high", data="{}"),
        agent("trainee", WORK, stage="observe"),
        agent("orphan", WORK, owner=None),
        agent("late", WORK, review_by=f'"{date.today() - timedelta(days=10)}"'),
        agent("forgotten", WORK, review_by=f'"{FORGOTTEN}"'),
        agent("overdue", WORK, review_by=f'"{date.today() - timedelta(days=20)}"'))


@pytest.fixture(scope="module")
def world(binary, people):
    with governed(binary, people, written) as world:
        world.gateway.wait_for_tools("worker", "tickets", "crm", "billing")
        yield world


def words(ended) -> str:
    """What the model reads."""
    (block,) = ended.answer["result"]["content"]
    return block["text"]


def test_allow(world):
    world.check_allowed("worker", "tickets__search", "controls.read", text="lamp")


def test_approve_by_one(world):
    world.check_approved("worker", "tickets__close_ticket", "controls.customer_facing", ADA,
                         **TICKET, message="done")


def test_approve_by_two(world):
    world.check_approved("worker", "billing__refund_request", "controls.spends_money", ADA, SAM,
                         **REFUND, amount_cents=42000)


@pytest.mark.requirement("R031")
def test_approval_required_raises_allow_to_approve(world):
    world.check_approved("worker", "crm__get_customer", "agents.worker.approval_required[0]", ADA, id="C-77")


def test_a_refusal_by_a_person_ends_the_call(world):
    ended = world.call_denied("worker", "tickets__close_ticket", SAM, **TICKET, message="no")
    assert ended.told == REJECTED and ended.arrived == 0
    assert ended.record["t"] == "call.denied"


def test_forbid_hides_the_tool_and_no_grant_lifts_it(world):
    world.check_refused("worker", "crm__delete_customer", "no-customer-delete", "id: no-customer-delete",
                        "forbid", UNKNOWN, id="C-77")


@pytest.mark.requirement("R049")
def test_forbid_with_a_guard_denies_before_people_are_asked(world):
    ended = world.check_refused("worker", "billing__refund_request", "hard-refund-cap", "id: hard-refund-cap",
                                "forbid", **REFUND, amount_cents=200_001)
    assert words(ended) == ("the policy does not permit this call: forbid; it is forbidden where args.amount_cents > 200000 "
                            "(rule hard-refund-cap)")


@pytest.mark.requirement("R004")
def test_no_grant(world):
    world.check_refused("worker", "billing__get_invoice", "no-grant", "billing: [{tool: refund_request",
                        "no-grant", UNKNOWN, id="INV-20931")


def test_guard_false(world):
    ended = world.check_refused("worker", "billing__refund_request", "agents.worker.mcp_scopes.billing[0]",
                                "billing: [{tool: refund_request", "guard-false", **REFUND, amount_cents=50_001)
    assert "; it is permitted where args.amount_cents <= 50000 (rule " in words(ended)


@pytest.mark.requirement("R020")
def test_unlisted(world):
    """The server offers the tool, and the policy does not describe it."""
    world.check_refused("worker", "tickets__get_ticket", "unlisted-tool", "  worker:", "unlisted-tool", UNKNOWN,
                        **TICKET)


def test_quarantined(world):
    """The policy grants the tool, and its definition was never reviewed."""
    world.check_refused("worker", "tickets__reopen", "quarantined", "  worker:", "quarantined", UNKNOWN, **TICKET)


def test_controls_can_deny(world):
    mail = {"subject": "hello", "body": "how are you"}
    world.check_approved("worker", "crm__send_customer_email", "controls.customer_facing", ADA, id="C-77", **mail)
    ended = world.check_refused("worker", "crm__send_customer_email", "controls.production", "production:     {",
                                "controls", id="C-12", **mail)
    assert "; calls with such effects are permitted to no agent at this tier and stage" in words(ended)


def test_no_approvers(world):
    """The group has two members, and the agent runs on behalf of one of them."""
    ended = world.check_refused("worker", "billing__refund_request", "no-approvers", "  release: {", "no-approvers",
                                token={"on_behalf_of": ADA}, **REFUND, amount_cents=100)
    assert "too few of them can" in words(ended)


def test_observe_runs_nothing_and_says_what_would_have_been(world):
    ended = world.check_refused("trainee", "tickets__search", "observe", "  trainee:", "observe", text="lamp")
    assert world.decision(ended)["would_be"] == "allow"
    assert "the agent only observes for now" in words(ended)


@pytest.mark.requirement("R014")
def test_an_incomplete_agent_runs_nothing(world):
    ended = world.check_refused("orphan", "tickets__search", "incomplete", "  orphan:", "incomplete", text="lamp")
    assert world.decision(ended)["detail"] == "L101"


def test_a_late_review_is_a_finding_and_an_overdue_one_ends_the_agent(world):
    """Only the decision has the reason `review-overdue`: a gateway refuses such an agent before (decision 0005)."""
    world.check_allowed("late", "tickets__add_label", "controls.reversible", **TICKET, label="vip")
    refused = world.gateway.run("agents", "token", "overdue", check=False)
    assert refused.returncode == 77 and "the review of `overdue` was due" in refused.stderr


def test_each_agent_sees_what_it_may_ask_for(world):
    assert world.tools("worker") == {
        "tickets__search", "tickets__add_label", "tickets__close_ticket", "crm__get_customer",
        "crm__send_customer_email", "billing__refund_request"}


@pytest.mark.requirement("R015")
def test_a_review_that_is_overdue_closes_the_door_to_a_token_that_is_still_good(world):
    token = world.gateway.token("forgotten")
    assert knock(world, token).status == 200
    world.hang_up()
    world.gateway.stop()
    path = world.gateway.policy / "org.yaml"
    path.write_text(path.read_text().replace(str(FORGOTTEN), str(date.today() - timedelta(days=20))))
    world.gateway.start()
    since = world.newest()
    answer = knock(world, token)
    assert answer.status == 401 and b"14 days late" in answer.body, answer
    codes = [one["code"] for one in world.gateway.records(20)
             if one["index"] > since and one["t"] == "access.refused"]
    assert codes == ["access.overdue_agent"]


def test_the_record_of_all_this_verifies(world):
    assert world.gateway.verify().returncode == 0
