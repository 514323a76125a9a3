"""A call that waits for people, as real clients see it: the address of the approval page, a form, or only a delay."""

import json

import pytest

from deployment import approval_id
from addresses import PAUL, RUI

REFUND = {"invoice_id": "INV-20931", "amount_cents": 500, "currency": "EUR"}
MAIL = {"id": "C-77", "subject": "Your order", "body": "It is on its way."}
CONSOLE = {"console": '{url: "https://interlock.example"}'}
PAGES = "https://interlock.example/approvals/"
# Its tier is low, and people are asked before it reads an article.
READER = """agents:
  reader:
    owner: dana@acme.example
    purpose: Reads articles
    tier: low
    stage: supervised
    review_by: "2027-06-01"
    approvers: finance
    approval_required: [kb.get_article]
    mcp_scopes:
      kb: [read]
"""
# Two people decide on each of its mails. At tier high one of them would need a passkey if there is a console.
WRITER = """agents:
  writer:
    owner: dana@acme.example
    purpose: Tells customers about their orders
    tier: medium
    stage: supervised
    review_by: "2027-06-01"
    approvers: finance
    mcp_scopes:
      crm: [send_customer_email]
"""


ANSWER = {"INTERLOCK_ANSWER": '{"decision": "approve"}'}
FORMS_ONLY = {**ANSWER, "INTERLOCK_FORMS_ONLY": "yes"}
# Clients that cannot be asked, of each era.
SILENT = [("1.0.0", "stdio"), ("1.9.4", "http"), ("1.22.0", "http"), ("1.30.0", "stdio"), ("2.3.0", "http")]


def asked(client) -> dict:
    """The only question that the client got."""
    (found,) = questions(client.heard(1))
    return found


def questions(heard: list) -> list[dict]:
    return [note[1] for note in heard if note[0] == "asked"]


def waits(acme, known: set) -> str:
    request = approval_id(acme.gateway.pending(other_than=known))
    known.add(request)
    return request


@pytest.fixture(scope="module", params=["45s"])
def console(binary, people, request):
    """An organisation whose configuration names a console; the parameter is the time for which calls are held."""
    import shutil
    import tempfile
    from contextlib import ExitStack
    from pathlib import Path

    from conftest import organise

    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="interlock-e2e-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        made = organise(stack, binary, people, folder, extra={"agents/writer.yaml": WRITER}, servers=("crm",),
                        settings={"approval_service": CONSOLE, "mcp": {"hold": request.param}})
        made.gateway.wait_for_tools("writer", "crm")
        yield made


@pytest.fixture
def mails(console):
    """A function that returns the number of sent mails. At the end all pending requests are denied."""
    yield lambda: console.count("crm", "send_customer_email")
    for left in console.gateway.json("approvals", "list"):
        console.gateway.run("approvals", "deny", approval_id(left), "--reason", "left behind", by=PAUL, check=False)


@pytest.mark.parametrize("way", ["http", "stdio"])
@pytest.mark.parametrize("version", ["1.30.0", "2.3.0"])
def test_a_client_that_opens_pages_gets_the_approval_page(console, mails, version, way):
    sent, known = mails(), set()
    with console.sdk(version, "writer", way, environment=ANSWER) as client:
        client.send("call", name="crm__send_customer_email", arguments=MAIL)
        request = waits(console, known)
        console.gateway.approve(request, PAUL)
        assert mails() == sent, "one of two, and a page that was opened"
        console.gateway.approve(request, RUI)
        answer = client.answer(100)
        assert not answer["result"].get("isError"), answer
        heard = client.heard(2 if version == "1.30.0" else 1)
    (page,) = questions(heard)
    # The retry ends it in the modern era.
    assert (["changed", "notifications/elicitation/complete"] in heard) == (version == "1.30.0"), heard
    assert page["mode"] == "url" and page["url"] == f"{PAGES}apr_{request}", page
    assert "approve" not in json.dumps(page.get("requestedSchema", {}))
    assert mails() == sent + 1


@pytest.mark.parametrize("version", ["1.30.0", "2.3.0"])
def test_a_client_that_declines_withdraws_its_question(console, mails, version):
    sent = mails()
    with console.sdk(version, "writer", environment={"INTERLOCK_ANSWER": "{}", "INTERLOCK_ACTION": "decline"}) as client:
        answer = client.call("crm__send_customer_email", 100, **MAIL)
    decision = answer["result"]["_meta"]["interlock/decision"]
    assert answer["result"]["isError"] and decision["code"] == 4031 and decision["reason"] == "withdrawn"
    assert not console.gateway.json("approvals", "list") and mails() == sent


@pytest.mark.parametrize("version", ["1.30.0", "2.3.0"])
def test_a_page_that_is_closed_leaves_the_question_open(console, mails, version):
    sent, known = mails(), set()
    with console.sdk(version, "writer", environment={**ANSWER, "INTERLOCK_ACTION": "cancel"}) as client:
        client.send("call", name="crm__send_customer_email", arguments=MAIL)
        request = waits(console, known)
        console.gateway.approve(request, PAUL)
        console.gateway.approve(request, RUI)
        answer = client.answer(100)
        assert not answer["result"].get("isError"), answer
        assert asked(client)["mode"] == "url"
    assert mails() == sent + 1


@pytest.mark.parametrize("version", ["1.22.0", "1.30.0", "2.3.0"])
def test_a_client_with_forms_alone_is_told_where_people_decide(console, mails, version):
    """1.22 speaks 2025-06-18, which has no pages."""
    sent, known = mails(), set()
    with console.sdk(version, "writer", environment=FORMS_ONLY) as client:
        client.send("call", name="crm__send_customer_email", arguments=MAIL)
        request = waits(console, known)
        console.gateway.approve(request, RUI)
        assert mails() == sent, "one of two, and a form that was accepted"
        console.gateway.run("approvals", "deny", request, "--reason", "not this one", by=PAUL)
        answer = client.answer(100)
        form = asked(client)
    assert request in form["message"] and "http" not in form["message"] and "url" not in form
    assert answer["result"]["_meta"]["interlock/decision"]["code"] == 4031
    assert mails() == sent


@pytest.mark.parametrize("version, way", SILENT)
def test_a_client_that_nobody_can_ask_is_held_until_people_decide(console, mails, version, way):
    sent, known = mails(), set()
    with console.sdk(version, "writer", way) as client:
        client.send("call", name="crm__send_customer_email", arguments=MAIL)
        request = waits(console, known)
        console.gateway.approve(request, PAUL)
        assert mails() == sent
        console.gateway.approve(request, RUI)
        answer = client.answer(100)
    assert not answer["result"].get("isError"), answer
    assert mails() == sent + 1


@pytest.mark.parametrize("version", ["1.9.4", "2.3.0"])
def test_whoever_asked_for_progress_hears_that_the_call_waits(console, mails, version):
    sent, known = mails(), set()
    with console.sdk(version, "writer") as client:
        client.send("call", name="crm__send_customer_email", arguments=MAIL, progress=True)
        request = waits(console, known)
        console.gateway.approve(request, PAUL)
        console.gateway.approve(request, RUI)
        assert not client.answer(100)["result"].get("isError")
        told = [note for note in client.heard(1) if note[0] == "progress"]
    assert told and 0 < told[0][1] < 0.001, told
    assert mails() == sent + 1


PENDING = [*((version, way, {}) for version, way in SILENT), ("1.30.0", "http", ANSWER), ("2.3.0", "http", ANSWER)]


@pytest.mark.parametrize("console", ["1s"], indirect=True)
@pytest.mark.parametrize("version, way, answers", PENDING)
def test_when_people_take_longer_the_repeated_call_uses_what_they_decided(console, mails, version, way, answers):
    sent, known = mails(), set()
    with console.sdk(version, "writer", way, environment=answers) as client:
        first = client.call("crm__send_customer_email", 100, **MAIL)["result"]
        assert first["isError"] and "repeat the same call" in first["content"][0]["text"], first
        request = waits(console, known)
        if "_meta" in first:  # the oldest clients drop it
            decision = first["_meta"]["interlock/decision"]
            assert decision["code"] == 4032 and decision["approvalId"] == f"apr_{request}", decision
        assert mails() == sent
        console.gateway.approve(request, PAUL)
        console.gateway.approve(request, RUI)
        assert mails() == sent, "the gateway runs nothing by itself"
        again = client.call("crm__send_customer_email", 100, **MAIL)["result"]
        assert not again.get("isError"), again
        assert len(questions(client.heard())) == (1 if answers else 0), "a page is shown once"
    assert mails() == sent + 1


@pytest.mark.parametrize("version", ["1.22.0", "1.30.0", "2.3.0"])
def test_a_clients_word_is_taken_at_tier_low_alone_and_where_it_is_configured(organisation, version):
    acme = organisation(extra={"agents/reader.yaml": READER}, servers=("billing",),
                        settings={"approval_service": {"client_consent": "low"}})
    acme.gateway.wait_for_tools("reader", "kb")
    acme.gateway.wait_for_tools("refunds", "billing")
    answers = {"INTERLOCK_ANSWER": '{"decision": "approve"}'}
    with acme.sdk(version, "reader", environment=answers) as client:
        answer = client.call("kb__get_article", 100, id="KB-1")
        form = asked(client)
    assert form["requestedSchema"]["properties"]["decision"]["enum"] == ["approve", "deny"]
    assert "KB-1" in form["message"]
    assert acme.count("kb", "get_article") == 1, answer
    (granted,) = [one for one in acme.gateway.records(60) if one["t"] == "approval.granted"]
    assert granted["via"] == "client" and "by" not in granted
    with acme.sdk(version, "refunds", environment=answers) as client:
        client.send("call", name="billing__refund_request", arguments=REFUND)
        request = waits(acme, set())
        acme.gateway.run("approvals", "deny", request, "--reason", "not this one", by=PAUL)
        assert client.answer(100)["result"]["isError"]
        assert "decision" not in asked(client)["requestedSchema"]["properties"]
    assert acme.count("billing", "refund_request") == 0
    assert acme.gateway.verify().returncode == 0
