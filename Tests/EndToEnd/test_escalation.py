"""A request that its group does not decide in time goes to one more person, who may decide it as well."""

import pytest

from addresses import PAUL, SAM
from refunding import Asking, is_pending, pool  # noqa: F401
from waits import until

GROUP = "finance: {members: [ines@acme.example, paul@acme.example, rui@acme.example], expires: 2h"


@pytest.fixture
def acme(organisation):
    made = organisation(servers=("billing", "tickets", "crm"), start=False)
    org = made.gateway.policy / "org.yaml"
    text = org.read_text()
    assert GROUP in text
    org.write_text(text.replace(GROUP, f"{GROUP}, escalate: {{after: 12s, to: {SAM}}}"))
    made.gateway.start()
    made.gateway.wait_for_tools("refunds", "billing")
    return made


def escalated(acme, request) -> bool:
    return ("approval.escalated", request) in acme.gateway.alarms(200)


@pytest.mark.requirement("R154")
def test_the_second_person_decides_only_after_the_time_of_the_group_and_it_is_shown_as_enforced(acme, pool):
    refunds = Asking(acme, pool)
    held = refunds.ask()
    request = refunds.request()
    early = acme.gateway.approve(request, SAM, check=False)
    assert early.returncode != 0 and not escalated(acme, request), early.stdout + early.stderr

    acme.gateway.approve(request, PAUL)
    assert is_pending(acme, request) and refunds.paid() == refunds.before
    until(lambda: escalated(acme, request), acme.gateway)
    acme.gateway.approve(request, SAM)
    answer = held.result(30)
    assert answer.code is None and not answer.message["result"].get("isError"), answer.body
    assert refunds.paid() == refunds.before + 1

    (status,) = acme.gateway.json("status")
    (agent,) = acme.gateway.json("status", "refunds")
    for shown in (status, agent):
        assert not [part for part in shown["not_enforced"] if part.startswith("approvals.")]
    assert [one["at"] for one in agent["enforced_by"] if one["control"].startswith("escalation ")]
