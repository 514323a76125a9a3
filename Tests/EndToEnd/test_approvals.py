"""Calls that wait for people: held, decided by signatures, run at most once."""

import http.client
import json
import shutil
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

import wire
from deployment import approval_id, identifiers
from socketproxy import SocketProxy, say

PAUL, RUI, INES, DANA = (f"{name}@acme.example" for name in ("paul", "rui", "ines", "dana"))
REFUND = {"invoice_id": "INV-20931", "amount_cents": 42000, "currency": "EUR"}


@pytest.fixture(scope="module")
def pool():
    with ThreadPoolExecutor(8) as threads:
        yield threads


@pytest.fixture
def refunds(acme, pool):
    """A fresh run of the agent, asking for a refund of an amount no other test uses."""
    acme.gateway.wait_for_tools("refunds", "billing")
    return Asking(acme, pool)


class Asking:
    amounts = iter(range(1000, 100_000))

    def __init__(self, acme, pool):
        self.acme, self.pool = acme, pool
        self.token = acme.token("refunds")
        self.arguments = {**REFUND, "amount_cents": next(self.amounts)}
        self.before = self.paid()

    def session(self) -> wire.Session:
        return wire.Session(self.acme.gateway.port, self.token)

    def ask(self, **changes) -> Future:
        """The call, on its way; its answer comes later."""
        return self.pool.submit(self.session().call, "billing__refund_request", 100, **{**self.arguments, **changes})

    def ask_and_leave(self) -> str:
        """Asks, closes the connection while the call is held, and returns the request's id."""
        session = self.session()
        body = {"jsonrpc": "2.0", "id": 5, "method": "tools/call",
                "params": {"name": "billing__refund_request", "arguments": self.arguments}}
        connection = http.client.HTTPConnection("127.0.0.1", session.port, timeout=30)
        connection.request("POST", "/mcp", json.dumps(body), session.headers)
        request = self.request()
        connection.close()
        return request

    def request(self) -> str:
        return approval_id(self.acme.gateway.pending())

    def paid(self) -> int:
        return self.acme.count("billing", "refund_request")

    def deny(self, request: str, by: str = PAUL):
        return self.acme.gateway.run("approvals", "deny", request, "--reason", "not this one", by=by)


def is_pending(acme, request: str) -> bool:
    return request in [approval_id(one) for one in acme.gateway.json("approvals", "list")
                       if one.get("state") == "pending"]


def test_a_refund_is_held_approved_by_two_and_runs_once(acme, refunds):
    since = acme.gateway.records(1)[-1]["index"] + 1
    held = refunds.ask()
    request = refunds.request()
    assert refunds.paid() == refunds.before

    acme.gateway.approve(request, PAUL)
    assert not held.done() and is_pending(acme, request) and refunds.paid() == refunds.before
    acme.gateway.approve(request, RUI)
    answer = held.result(30)

    assert answer.code is None and not answer.message["result"].get("isError"), answer.body
    assert refunds.paid() == refunds.before + 1
    kinds = [record["t"] for record in acme.gateway.records(100) if record["index"] >= since]
    order = ["call.intent", "approval.requested", "approval.granted", "approval.granted", "approval.used",
             "call.outcome"]
    assert [kind for kind in kinds if kind in order] == order


def test_what_the_approver_sees_is_the_exact_call(acme, refunds):
    held = refunds.ask()
    request = refunds.request()
    shown = acme.gateway.run("approvals", "show", request).stdout
    for text in ("refund_request", str(refunds.arguments["amount_cents"]), "INV-20931", "refunds"):
        assert text in shown
    refunds.deny(request)
    assert held.result(30).code == 4031


def test_a_grant_is_used_once(acme, refunds):
    held = refunds.ask()
    request = refunds.request()
    acme.gateway.approve(request, PAUL)
    acme.gateway.approve(request, RUI)
    assert held.result(30).code is None

    again = refunds.ask()  # the same call, the same run: it asks people afresh
    second = refunds.request()
    assert second != request
    refunds.deny(second)
    assert again.result(30).code == 4031
    assert refunds.paid() == refunds.before + 1


def test_the_repeated_identical_call_uses_the_grant(acme, refunds):
    request = refunds.ask_and_leave()
    acme.gateway.approve(request, PAUL)
    acme.gateway.approve(request, RUI)
    assert refunds.paid() == refunds.before, "the gateway runs nothing by itself"

    answer = refunds.ask().result(30)
    assert answer.code is None and not answer.message["result"].get("isError"), answer.body
    assert refunds.paid() == refunds.before + 1


def test_a_changed_amount_does_not_use_the_grant(acme, refunds):
    granted = refunds.ask_and_leave()
    acme.gateway.approve(granted, PAUL)
    acme.gateway.approve(granted, RUI)

    changed = refunds.ask(amount_cents=refunds.arguments["amount_cents"] + 500_000)
    other = refunds.request()
    assert other != granted
    refunds.deny(other)
    assert changed.result(30).code == 4031
    assert refunds.paid() == refunds.before

    assert refunds.ask().result(30).code is None
    assert refunds.paid() == refunds.before + 1


def test_another_run_does_not_use_the_grant(acme, refunds, pool):
    granted = refunds.ask_and_leave()
    acme.gateway.approve(granted, PAUL)
    acme.gateway.approve(granted, RUI)

    other = Asking(acme, pool)
    other.arguments = refunds.arguments
    held = other.ask()
    request = refunds.request()
    refunds.deny(request)
    assert held.result(30).code == 4031
    assert refunds.paid() == refunds.before
    assert refunds.ask().result(30).code is None


def test_a_denied_call_is_not_asked_again_in_its_run(acme, refunds):
    held = refunds.ask()
    refunds.deny(refunds.request())
    assert held.result(30).code == 4031
    started = time.monotonic()
    assert refunds.ask().result(30).code == 4031
    assert time.monotonic() - started < 10, "refused at once, without a new question"
    assert refunds.paid() == refunds.before


def test_one_no_is_enough(acme, refunds):
    held = refunds.ask()
    request = refunds.request()
    acme.gateway.approve(request, PAUL)
    refunds.deny(request, by=RUI)
    assert held.result(30).code == 4031
    assert acme.gateway.approve(request, RUI, check=False).returncode == 1
    assert refunds.paid() == refunds.before


@pytest.mark.parametrize("by, why", [(INES, "owns the agent, and the call spends money"), (DANA, "not of the group")])
def test_who_is_not_eligible_does_not_count(acme, refunds, by, why):
    held = refunds.ask()
    request = refunds.request()
    assert acme.gateway.approve(request, by, check=False).returncode == 77, why
    acme.gateway.approve(request, PAUL)
    assert is_pending(acme, request) and not held.done()
    refunds.deny(request)
    held.result(30)


def test_the_same_person_counts_once(acme, refunds):
    held = refunds.ask()
    request = refunds.request()
    acme.gateway.approve(request, PAUL)
    acme.gateway.approve(request, PAUL, check=False)
    assert is_pending(acme, request) and refunds.paid() == refunds.before
    refunds.deny(request)
    held.result(30)


def test_a_stranger_s_vote_is_refused(acme, refunds):
    acme.people.add("eve@acme.example")
    held = refunds.ask()
    request = refunds.request()
    done = acme.gateway.approve(request, "eve@acme.example", check=False)
    assert done.returncode in (65, 77) and done.stderr.startswith("interlock: ")
    acme.gateway.approve(request, PAUL)
    assert is_pending(acme, request) and refunds.paid() == refunds.before
    refunds.deny(request)
    held.result(30)


def test_a_replayed_vote_is_refused(acme, refunds, tmp_path_factory):
    """One person's vote is captured on its way and sent again: it does not become a second vote."""
    held = refunds.ask()
    request = refunds.request()
    folder = tmp_path_factory.mktemp("p")
    real = acme.gateway.folder / "state" / "interlock.sock"
    shadow = acme.gateway.folder.parent / "shadow"
    shutil.copytree(acme.gateway.folder, shadow, symlinks=True,
                    ignore=lambda _, names: [name for name in names if name in ("ledger", "interlock.sock")])
    original, acme.gateway.folder = acme.gateway.folder, shadow
    try:
        with SocketProxy(shadow / "state" / "interlock.sock", real) as proxy:
            acme.gateway.approve(request, PAUL)
    finally:
        acme.gateway.folder = original
        shutil.rmtree(shadow)
    votes = [bytes(said) for said in proxy.requests if b"signatures" in said or b"payload" in said]
    assert votes, "no vote was seen on the socket"
    for vote in votes:
        answer = say(real, vote)
        assert answer.split(b" ")[1][:1] == b"4", answer[:300]
    assert is_pending(acme, request) and not held.done() and refunds.paid() == refunds.before
    refunds.deny(request)
    assert held.result(30).code == 4031


def test_an_undecided_call_is_answered_as_pending_and_the_stream_is_kept_alive(acme, refunds):
    session = refunds.session()
    body = {"jsonrpc": "2.0", "id": 5, "method": "tools/call",
            "params": {"name": "billing__refund_request", "arguments": refunds.arguments}}
    connection = http.client.HTTPConnection("127.0.0.1", session.port, timeout=90)
    connection.request("POST", "/mcp", json.dumps(body), session.headers)
    response = connection.getresponse()
    assert response.headers["Content-Type"].startswith("text/event-stream")
    started, text = time.monotonic(), b""
    while chunk := response.read1(65536):
        text += chunk
    waited = time.monotonic() - started
    connection.close()
    assert 35 < waited < 60
    assert sum(line.startswith(b":") for line in text.split(b"\n")) >= 2, "a comment every 15 s"
    (message,) = wire.messages("text/event-stream", text)
    decision = wire.decision(message["result"])
    assert message["result"]["isError"] and decision["code"] == 4032
    assert decision["approvalId"].startswith("apr_")
    assert refunds.paid() == refunds.before

    request = refunds.request()
    assert identifiers(decision["approvalId"][4:]) == identifiers(request.removeprefix("apr_"))
    acme.gateway.approve(request, PAUL)
    acme.gateway.approve(request, RUI)
    assert refunds.ask().result(30).code is None
    assert refunds.paid() == refunds.before + 1


def test_two_identical_calls_at_once_ask_one_question_and_pay_once(acme, refunds):
    first, second = refunds.ask(), refunds.ask()
    request = refunds.request()
    time.sleep(0.3)
    acme.gateway.approve(request, PAUL)
    acme.gateway.approve(request, RUI)
    first_done = threading.Event()
    for call in (first, second):
        call.add_done_callback(lambda _: first_done.set())
    assert first_done.wait(30)
    assert refunds.paid() <= refunds.before + 1
    for waiting in acme.gateway.json("approvals", "list"):
        if waiting.get("state") == "pending":
            refunds.deny(approval_id(waiting))
    answers = [first.result(60), second.result(60)]
    assert sorted(answer.code is None for answer in answers) == [False, True]
    assert refunds.paid() == refunds.before + 1


def test_a_request_and_a_grant_survive_a_restart(organisation, pool):
    made = organisation()
    asking = Asking(made, pool)
    request = asking.ask_and_leave()
    made.gateway.stop()
    made.gateway.start()
    made.gateway.wait_for_tools("refunds", "billing")
    assert is_pending(made, request)
    made.gateway.approve(request, PAUL)
    made.gateway.kill()
    made.gateway.start()
    made.gateway.wait_for_tools("refunds", "billing")
    assert is_pending(made, request)
    made.gateway.approve(request, RUI)
    assert asking.paid() == 0
    assert asking.ask().result(30).code is None
    assert asking.paid() == 1
    assert made.gateway.verify().returncode == 0
