"""Calls that wait for people: held, decided by signatures, run at most once."""

import base64
import copy
import http.client
import json
import shutil
import threading
import time

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import wire
from deployment import approval_id, identifiers
from addresses import DANA, INES, PAUL, RUI
from refunding import Asking, is_pending, pool, refunds, votes_of  # noqa: F401
from socketproxy import SocketProxy, say
from statements import message
from waits import until

# The organisation of this file has no servers of PyPI, and none of the SDK.
PLAIN = True


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


@pytest.mark.requirement("R087")
def test_what_the_approver_sees_is_the_exact_call(acme, refunds):
    held = refunds.ask()
    request = refunds.request()
    shown = acme.gateway.run("approvals", "show", request).stdout
    for text in ("refund_request", str(refunds.arguments["amount_cents"]), "INV-20931", "refunds"):
        assert text in shown
    refunds.deny(request)
    assert held.result(30).code == 4031


@pytest.mark.requirement("R062", "R091")
def test_a_grant_is_used_once(acme, refunds):
    held = refunds.ask()
    request = refunds.request()
    acme.gateway.approve(request, PAUL)
    acme.gateway.approve(request, RUI)
    assert held.result(30).code is None

    again = refunds.ask()  # the same call in the same run requests a new approval
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


@pytest.mark.requirement("R091")
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


@pytest.mark.requirement("R091")
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


def test_who_is_not_enrolled_cannot_sign(acme, refunds):
    acme.people.add("eve@acme.example")
    held = refunds.ask()
    request = refunds.request()
    done = acme.gateway.approve(request, "eve@acme.example", check=False)
    assert done.returncode == 77 and done.stderr.startswith("interlock: ")
    refunds.deny(request)
    held.result(30)


@pytest.fixture
def captured(acme, refunds):
    """A held refund, and the bytes of one person's vote for it, captured before they arrive."""
    held = refunds.ask()
    request = refunds.request()
    real = acme.gateway.folder / "state" / "interlock.sock"
    shadow = acme.gateway.folder.parent / "shadow"
    shutil.copytree(acme.gateway.folder, shadow, symlinks=True,
                    ignore=lambda _, names: [name for name in names if name in ("ledger", "interlock.sock", "runs.sock")])
    original, acme.gateway.folder = acme.gateway.folder, shadow
    try:
        with SocketProxy(shadow / "state" / "interlock.sock", real, stop_at=b'"signatures"') as proxy:
            acme.gateway.approve(request, PAUL, check=False)
    finally:
        acme.gateway.folder = original
        shutil.rmtree(shadow)
    assert proxy.stopped, "no vote was seen on the socket"
    yield Vote(real, proxy.stopped[0]), request
    if is_pending(acme, request):
        refunds.deny(request)
    held.result(30)


class Vote:
    """A vote as sent over the socket, to be sent unchanged or altered."""

    def __init__(self, socket, data: bytes):
        self.socket, self.data = socket, data
        self.head, _, body = data.partition(b"\r\n\r\n")
        self.body = json.loads(body)

    def envelope(self, within=None) -> dict:
        within = self.body if within is None else within
        if "signatures" in within:
            return within
        return next(self.envelope(inner) for inner in within.values() if isinstance(inner, dict))

    def message(self) -> bytes:
        """The signed bytes: the pre-authentication encoding of DSSE."""
        return message(self.envelope()["payloadType"], base64.b64decode(self.envelope()["payload"]))

    def send(self) -> int:
        """Sends the vote; returns the status of the response."""
        body = json.dumps(self.body, separators=(",", ":")).encode()
        lines = [line for line in self.head.split(b"\r\n") if not line.lower().startswith(b"content-length")]
        lines.append(b"Content-Length: %d" % len(body))
        return int(say(self.socket, b"\r\n".join(lines) + b"\r\n\r\n" + body).split(b" ")[1])


def test_a_vote_signed_by_a_stranger_is_refused(acme, refunds, captured):
    vote, request = captured
    good = copy.deepcopy(vote.body)
    stranger = Ed25519PrivateKey.generate()
    vote.envelope()["signatures"][0]["sig"] = base64.b64encode(stranger.sign(vote.message())).decode()
    assert 400 <= vote.send() < 500
    vote.envelope()["signatures"][0]["keyid"] = base64.b64encode(stranger.public_key().public_bytes_raw()).decode()
    assert 400 <= vote.send() < 500
    assert is_pending(acme, request) and votes_of(acme, request) == 0

    vote.body = good  # the control: the unaltered vote counts
    assert vote.send() == 200
    assert votes_of(acme, request) == 1


def test_a_vote_for_something_else_than_was_signed_is_refused(acme, captured):
    vote, request = captured
    payload = json.loads(base64.b64decode(vote.envelope()["payload"]))
    for change in ({"verdict": "deny"}, {"revision": 2}, {"call": "sha256:" + "0" * 64}, {"quorum": 1}):
        altered = json.dumps({**payload, **change}, separators=(",", ":"), sort_keys=True).encode()
        vote.envelope()["payload"] = base64.b64encode(altered).decode()
        assert 400 <= vote.send() < 500, change
    assert is_pending(acme, request) and votes_of(acme, request) == 0


def test_a_replayed_vote_is_refused(acme, refunds, captured):
    """The same bytes, sent again, do not become a second vote."""
    vote, request = captured
    assert vote.send() == 200
    assert 400 <= vote.send() < 500
    assert is_pending(acme, request) and votes_of(acme, request) == 1 and refunds.paid() == refunds.before


def test_the_hold_is_45_s_unless_told(acme):
    assert "\n  hold: 45s" in (acme.gateway.folder / "interlock.yaml").read_text()


def test_an_undecided_call_is_answered_as_pending_and_the_stream_is_kept_alive(organisation, pool):
    acme = organisation(settings={"mcp": {"hold": "17s"}})
    acme.gateway.wait_for_tools("refunds", "billing")
    refunds = Asking(acme, pool)
    session = refunds.session()
    body = {"jsonrpc": "2.0", "id": 5, "method": "tools/call",
            "params": {"name": "billing__refund_request", "arguments": refunds.arguments}}
    connection = http.client.HTTPConnection("127.0.0.1", session.port, timeout=90)
    connection.request("POST", "/mcp", json.dumps(body), session.headers)
    started = time.monotonic()
    response = connection.getresponse()
    assert response.headers["Content-Type"].startswith("text/event-stream")
    assert time.monotonic() - started < 5, "the stream starts while the call is held"
    text = b""
    while chunk := response.read1(65536):
        text += chunk
    waited = time.monotonic() - started
    connection.close()
    assert 15 < waited < 25
    assert any(line.startswith(b":") for line in text.split(b"\n")), "a comment every 15 s"
    (message,) = wire.messages("text/event-stream", text)
    decision = wire.decision(message["result"])
    assert message["result"]["isError"] and decision["code"] == 4032
    assert decision["approvalId"].startswith("apr_") and decision["retryAfterMs"] > 0
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
    made.gateway.kill()
    made.gateway.start()
    until(lambda: made.gateway.run("approvals", "show", request, check=False).returncode == 0)
    assert made.gateway.json("approvals", "show", request)[0]["state"] == "used", "it can still be looked up"
    assert made.gateway.verify().returncode == 0


def test_an_approval_is_taken_back_before_it_is_used(acme, refunds):
    request = refunds.ask_and_leave()
    acme.gateway.approve(request, PAUL)
    early = acme.gateway.run("approvals", "revoke", request, "--reason", "changed my mind", by=RUI, check=False)
    assert early.returncode == 1 and "pending" in early.stderr, "nothing to take back yet"
    acme.gateway.approve(request, RUI)
    acme.gateway.run("approvals", "revoke", request, "--reason", "the wrong invoice", by=RUI)
    assert acme.gateway.json("approvals", "show", request)[0]["cause"] == "revoked"
    late = acme.gateway.run("approvals", "revoke", request, "--reason", "once more, please", by=PAUL, check=False)
    assert late.returncode == 1

    again = refunds.ask()
    refunds.deny(refunds.request())
    assert again.result(30).code == 4031
    assert refunds.paid() == refunds.before


def test_the_list_is_narrowed(acme, refunds):
    held = refunds.ask()
    request = refunds.request()
    listed = [approval_id(one) for one in acme.gateway.json("approvals", "list", "--agent", "refunds",
                                                            "--tool", "billing.refund_request")]
    assert request in listed
    assert not acme.gateway.json("approvals", "list", "--agent", "nobody")
    refunds.deny(request)
    held.result(30)
