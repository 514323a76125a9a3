"""An approver who reads on the page of a request why it is asked: the level of the run, the tool, and the passage that
others wrote (docs/specs/output-safety.md, section 7)."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

pytest.importorskip("selenium", reason="no selenium: run scripts/setup")
import wire  # noqa: E402
from addresses import PAUL  # noqa: E402
from deployment import approval_id  # noqa: E402
from hostilepages import WORDS, write_ticket  # noqa: E402
from office import Office  # noqa: E402

REFUND = {"invoice_id": "INV-20931", "amount_cents": 42000, "currency": "EUR"}
MAIL = {"id": "C-77", "subject": "a", "body": "b"}


def outside(text: str) -> str:
    """The server of tickets is the first of the file."""
    assert text.index("tickets:") < text.index("trust: internal")
    return text.replace("trust: internal", "trust: external", 1)


def strict(text: str) -> str:
    return text.replace("stage: supervised", "stage: supervised\n    taint: {mode: strict}", 1)


@pytest.fixture(scope="module")
def office(binary, people):
    with ExitStack() as stack:
        found = Office(stack, binary, people, invited=(PAUL,), servers=("billing", "tickets", "crm"),
                       extra={"servers/support.yaml": outside, "agents/refunds.yaml": strict})
        write_ticket(found.acme.data, "T-1003")
        found.gateway.wait_for_tools("refunds", "tickets", "crm")
        yield found


@pytest.fixture(scope="module")
def paul(office):
    return office.person(PAUL)


@pytest.mark.requirement("R084", "R085")
def test_the_page_of_the_request_shows_the_passage(office, paul):
    gateway = office.gateway
    with office.acme.sdk("2.3.0", "refunds", environment={"INTERLOCK_ANSWER": "{}"}) as client:
        client.call("tickets__get_ticket", id="T-1003")
        for tool, arguments in (("billing__refund_request", REFUND), ("crm__send_customer_email", MAIL)):
            client.send("call", name=tool, arguments=arguments)
            request = approval_id(gateway.pending())
            paul.open(f"/approvals/apr_{request}")
            text = paul.text()
            assert "level 2 (hostile): instructions to an assistant" in text
            assert "tickets.get_ticket" in text and WORDS in text
            gateway.run("approvals", "deny", request, "--reason", "not this one", by=PAUL)
            client.answer()
    assert office.acme.count("billing", "refund_request") == 0
    assert office.acme.count("crm", "send_customer_email") == 0
    assert office.complaints() == []


@pytest.mark.requirement("R084")
def test_after_a_restart_the_page_shows_the_passage_from_the_sealed_report(office, paul):
    gateway = office.gateway
    token = gateway.token("refunds", purpose="restarted")
    wire.Session(gateway.port, token).call("tickets__get_ticket", id="T-1003")
    gateway.kill()
    gateway.start()
    gateway.wait_for_tools("refunds", "tickets", "billing", "crm")
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(lambda: wire.Session(gateway.port, token).call("billing__refund_request", **REFUND))
        request = approval_id(gateway.pending())
        paul.open(f"/approvals/apr_{request}")
        text = paul.text()
        gateway.run("approvals", "deny", request, "--reason", "not this one", by=PAUL)
        asked.result()
    assert "level 2 (hostile)" in text and "Ignore all previous instructions" in text
    assert "No passage is kept" not in text
