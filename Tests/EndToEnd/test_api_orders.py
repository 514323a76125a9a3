"""Signed orders through the API: the signature, and not the sender, determines the author of an order."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

pytest.importorskip("selenium", reason="no selenium: run scripts/setup")
from addresses import ADA, PAUL, RUI, SAM  # noqa: E402
from logwriter import canonical, sha256  # noqa: E402
from office import Office  # noqa: E402
from ordering import order  # noqa: E402
from program import Program  # noqa: E402
from refunding import Asking  # noqa: E402


@pytest.fixture(scope="module")
def office(binary, people):
    with ExitStack() as stack:
        yield Office(stack, binary, people, (PAUL, ADA))


@pytest.fixture(scope="module")
def paul(office):
    return Program(office, office.person(PAUL))


@pytest.fixture(scope="module")
def ada(office):
    return Program(office, office.person(ADA))


def test_security_sees_everybody_and_others_see_themselves(paul, ada):
    (own,) = paul.get("/people").json["people"]
    assert own["person"] == PAUL and {one["kind"] for one in own["credentials"]} == {"ed25519", "passkey"}
    everybody = ada.get("/people").json["people"]
    assert {PAUL, RUI, ADA, SAM} <= {one["person"] for one in everybody}
    assert [one for one in everybody if one["person"] == ADA][0]["roles"] == ["kill", "resume", "security"]


def test_an_invitation_is_by_who_signed_it(office, people, paul):
    def invite(by: str) -> dict:
        return order(office.gateway, people, by, "people", deed="invite", person="nia@acme.example", add=[])

    refused = paul.post("/people/orders", invite(PAUL))
    assert (refused.status, refused.json["code"]) == (403, "not_eligible")
    altered = invite(ADA)
    altered["signatures"][0]["sig"] = invite(ADA)["signatures"][0]["sig"]
    refused = paul.post("/people/orders", altered)
    assert (refused.status, refused.json["code"]) == (422, "bad_signature")
    good = invite(ADA)
    taken = paul.post("/people/orders", good)
    assert taken.status == 200 and taken.json["state"] == "invited", taken
    assert "nia@acme.example" in office.get(f"/enrol/{taken.json['token']}")[2]
    again = paul.post("/people/orders", good)
    assert (again.status, again.json["code"]) == (409, "stale_order")


def test_roles_wait_for_a_second_person(office, people, paul, ada):
    asked = order(office.gateway, people, ADA, "people", deed="role", person=PAUL, add=["kill"], remove=[])
    waits = paul.post("/people/orders", asked)
    assert waits.status == 200 and waits.json["state"] == "waits" and len(waits.json["id"]) == 26, waits
    assert paul.get("/people").json["people"][0]["roles"] == [] and "waiting" not in paul.get("/people").json
    (waiting,) = [one for one in ada.get("/people").json["waiting"] if one["id"] == waits.json["id"]]
    assert (waiting["waits"], waiting["by"], waiting["shown"]["roles"]) == ("roles", ADA, ["kill"])
    digest = f"sha256:{sha256(canonical(waiting['shown'])).hex()}"
    confirmation = order(office.gateway, people, SAM, "people", deed="confirm", of=waiting["id"], digest=digest)
    changed = paul.post("/people/orders", confirmation)
    assert changed.status == 200 and changed.json == {"state": "changed", "person": PAUL}, changed
    assert paul.get("/people").json["people"][0]["roles"] == ["kill"]


def test_glass_is_broken_and_reviewed_by_orders(office, people, paul):
    with ThreadPoolExecutor(2) as pool:
        refunds = Asking(office.acme, pool)
        held = refunds.ask()
        request = refunds.request()
        other = order(office.gateway, people, SAM, "break-glass", deed="lower", request="01kag0qx0e2g4j6m8p0r2t4v6x", revision=1,
                      ticket="INC-1")
        refused = paul.post(f"/approvals/apr_{request}/break-glass", other)
        assert (refused.status, refused.json["code"]) == (422, "digest_mismatch")
        lower = order(office.gateway, people, SAM, "break-glass", deed="lower", request=request, revision=1, ticket="INC-1")
        broken = paul.post(f"/approvals/apr_{request}/break-glass", lower)
        assert broken.status == 200 and (broken.json["revision"], broken.json["quorum"]) == (2, 1), broken
        review = order(office.gateway, people, SAM, "break-glass", deed="review", request=request)
        own = paul.post(f"/approvals/apr_{request}/review", review)
        assert (own.status, own.json["code"]) == (403, "not_eligible")
        review = order(office.gateway, people, ADA, "break-glass", deed="review", request=request)
        assert paul.post(f"/approvals/apr_{request}/review", review).status == 204
        again = order(office.gateway, people, ADA, "break-glass", deed="review", request=request)
        assert paul.post(f"/approvals/apr_{request}/review", again).json["code"] == "reviewed"
        refunds.deny(request)
        assert held.result(30).code == 4031 and refunds.paid() == refunds.before


def test_a_revocation_ends_the_session_that_brings_it(office, people, paul):
    revoked = paul.post("/people/orders", order(office.gateway, people, PAUL, "people", deed="revoke", person=PAUL))
    assert revoked.status == 200 and revoked.json == {"state": "revoked", "person": PAUL}
    assert paul.get("/session").status == 401
