"""The JSON API of a real gateway: the operations of programs whose users are signed in, and the refusal of all
others."""

import json

import pytest

pytest.importorskip("selenium", reason="no selenium: run scripts/setup")
from offices import refunds  # noqa: E402, F401
from fetching import answered  # noqa: E402
from programs import office, paul  # noqa: E402, F401


def test_a_program_reads_and_denies_what_waits(office, paul, refunds):
    held = refunds.ask()
    request = refunds.request()
    listed = paul.get("/approvals?mine=yes").json["approvals"]
    assert request in [one["id"] for one in listed]
    shown = paul.get(f"/approvals/apr_{request}").json
    (local,) = office.gateway.json("approvals", "show", request)
    assert shown["review"]["call"]["args"] == refunds.arguments
    # The local socket and the API use the same names.
    assert {name: shown[name] for name in local if name in shown} == {
        name: value for name, value in local.items() if name in shown}
    assert "have" not in shown and shown["standing"] == "may_decide"

    no = {"revision": shown["revision"], "reason": "too-much", "text": "not twice"}
    denied = paul.post(f"/approvals/apr_{request}/deny", no, idempotency_key="no-1")
    assert denied.status == 200 and denied.json["state"] == "denied", denied
    answer = held.result(30)
    assert answer.code == 4031 and refunds.paid() == refunds.before
    assert "not twice" not in json.dumps(answer.message), "the policy does not let it through"
    (record,) = [one for one in office.gateway.records(30) if one["t"] == "approval.denied"][-1:]
    assert (record["via"], record["code"]) == ("console-session", "approval.too_much")

    again = paul.post(f"/approvals/apr_{request}/deny", no, idempotency_key="no-1")
    assert (again.status, again.json) == (200, denied.json) and again.headers["idempotent-replayed"] == "true"
    other = paul.post(f"/approvals/apr_{request}/deny", {**no, "text": "x"}, idempotency_key="no-1")
    assert (other.status, other.json["code"]) == (422, "key_reused")
    late = paul.post(f"/approvals/apr_{request}/deny", no)
    assert (late.status, late.json["code"]) == (409, "request_closed")
    assert late.headers["content-type"] == "application/problem+json" and late.json["status"] == 409


def test_pages_have_every_request_once(office, paul, refunds):
    made = set()
    for amount in range(3):
        refunds.arguments["amount_cents"] = 90_000 + amount
        made.add(refunds.ask_and_leave())
    seen, cursor = [], ""
    while cursor is not None:
        page = paul.get(f"/approvals?state=pending&limit=1{cursor}").json
        seen += [one["id"] for one in page["approvals"]]
        cursor = f"&cursor={page['next']}" if "next" in page else None
    assert len(seen) == len(set(seen)) and made <= set(seen)
    for request in made:
        refunds.deny(request)


@pytest.mark.requirement("R148")
def test_nobody_approves_by_a_program_what_was_not_read(office, paul, refunds):
    held = refunds.ask()
    request = refunds.request()
    paul.get(f"/approvals/apr_{request}")
    early = paul.post(f"/approvals/apr_{request}/challenge", {"revision": 1})
    assert (early.status, early.json["code"]) == (428, "not_fully_viewed")
    parts = ["call", "change", "consequence", "who", "why", "history"]
    assert paul.post(f"/approvals/apr_{request}/viewed", {"revision": 1, "parts": parts}).status == 204
    fast = paul.post(f"/approvals/apr_{request}/challenge", {"revision": 1})
    assert (fast.status, fast.json["code"]) == (428, "too_fast")
    refunds.deny(request)
    assert held.result(30).code == 4031


def test_a_session_without_its_form_token_changes_nothing(office, paul, refunds):
    held = refunds.ask()
    request = refunds.request()
    no = {"revision": 1, "reason": "too-much"}
    for headers, status, code in [
        ({"x_interlock_form_token": None}, 403, "foreign_form"), ({"x_interlock_form_token": "x"}, 403, "foreign_form"),
        ({"cookie": "__Host-interlock=" + "x" * 43}, 401, "not_signed_in"), ({"cookie": None}, 401, "not_signed_in"),
        ({"origin": "https://evil.example"}, 403, "foreign_origin"), ({"sec_fetch_site": "cross-site"}, 403, "foreign_origin"),
        ({"content_type": "text/plain"}, 415, "not_json"),
        ({"content_type": "application/x-www-form-urlencoded"}, 415, "not_json"),
        ({"authorization": f"Bearer {refunds.token}"}, 400, "malformed"),
        ({"authorization": f"Bearer {refunds.token}", "cookie": None}, 401, "unknown_token"),
    ]:
        answer = paul.post(f"/approvals/apr_{request}/deny", no, **headers)
        assert (answer.status, answer.json["code"]) == (status, code), headers
    large = paul.post(f"/approvals/apr_{request}/deny", {**no, "text": "x" * 100_000})
    assert (large.status, large.json["code"]) == (413, "too_large")
    assert not held.done()
    refunds.deny(request)
    assert held.result(30).code == 4031


def test_the_document_is_for_whoever_asks(office):
    document = answered(office.get("/api/v1/openapi.json"))
    assert document.status == 200 and document.json["openapi"] == "3.1.0"
    assert answered(office.get("/api/v1/approvals")).json["code"] == "not_signed_in"
