"""The number of people whose agreement a run required, and the events that lower it."""

import pytest

from encoding import b64
from synthetic import APPR, CALL, KEY, OTHER_APPR, P1, P2, Run, Sealed, Signer, Writer, dsse, evidence, jcs, sha, tar
from test_bundles import PERSON, approved, archived, envelope, people, statement  # noqa: F401 (a fixture)


def review(quorum: int, **decision) -> Sealed:
    return Sealed(jcs({"call": {}, "decision": {"quorum": quorum, **decision}, "policy": "p"}))


def order(signer: Signer = PERSON, **changes) -> bytes:
    said = jcs({"type": "break-glass", "deed": "lower", "request": APPR, "author": P1, "revision": 1, **changes})
    return dsse("break-glass", said, signer, key=PERSON.public)


def used(first: Sealed | None = None, second: Sealed | None = None, need: tuple = (2, 1), signed: bytes | None = None,
         glass: dict | None = {}, grants: list | None = None) -> dict[str, bytes]:
    """A bundle of a run in which a request was lowered to one person, who approved."""
    log = Writer()
    log.add("log.genesis", origin=log.origin)
    run, ordered = Run(log), Sealed(signed or order())
    before, after = first or review(2), second or review(1, lowered_from=2)
    run.add("run.start")
    openings, blobs = [], []

    def add(kind: str, name: str, sealed: Sealed, is_open: bool, **fields) -> None:
        leaf = run.add(kind, appr=APPR, **{name: sealed.commitment}, **fields)
        if is_open:
            openings.append(sealed.opening(leaf, name))
            blobs.append(sealed.blob)

    add("approval.requested", "bind", before, first is not None, rev=1, need=need[0])
    if glass is not None:
        add("approval.breakglass", "order", ordered, signed is not None, **{"by": P1, "rev": 2, "was": 2, **glass})
    add("approval.reissued", "bind", after, second is not None, rev=2, need=need[1])
    vote = run.add("approval.granted", appr=APPR, by=P2, bindc=after.commitment["c"], need=need[1], proof=review(1).commitment)
    intent = run.add("call.intent", call=CALL, dec="approve")
    run.add("approval.used", appr=APPR, bindc=after.commitment["c"], grants=grants or [{"h": b64(vote)}], use=CALL,
            intent=b64(intent))
    return evidence(log, openings, blobs, [])


def test_what_was_not_looked_for_is_said(archived, tmp_path):  # noqa: F811
    said = archived(used())
    assert "1 votes are not disclosed" in said and "1 approvals by break-glass, orders not checked" in said
    assert "1 orders of break-glass were checked" in archived(used(signed=order()))
    elsewhere = [{"h": b64(sha(b"x")), "o": "other.example"}]
    assert "1 votes are in other logs: they were not looked for" in archived(used(grants=elsewhere))
    assert "why is not disclosed" in archived(used(glass=None))
    known = archived(used(signed=order()), "--people", people(tmp_path, PERSON.public))
    assert "not identified" not in known


@pytest.mark.parametrize("bundle", [
    used(review(2), review(1, lowered_from=2), glass=None), used(review(2), review(1), glass=None), used(review(2), review(1)),
    used(second=review(1, lowered_from=3)), used(glass={"was": 3}), used(glass={"by": 1}), used(glass={"rev": 3}, second=review(
        1, lowered_from=2)), used(need=(2, 2)), used(need=(3, 1)), used(first=review(3)), used(second=review(2)),
    used(signed=order(request=OTHER_APPR)), used(signed=order(author=P2)), used(signed=order(deed="review")),
    used(signed=order(revision=2)), used(signed=order(Signer("eve", 90))), used(signed=envelope(statement())),
    used(grants=[{"h": b64(sha(b"x")), "o": "other.example"}] * 2), used(grants=[{"o": "other.example"}]),
    approved(need=2), approved(need=None),
])
def test_fewer_people_than_were_asked(archived, bundle):  # noqa: F811
    archived(bundle, expect=1)


@pytest.mark.parametrize("close, decided, expect", [
    ("call.outcome", "approve", 1), ("call.unknown", "approve", 1), ("call.denied", "approve", 0), ("call.outcome", "allow", 0),
])
def test_a_call_that_people_had_to_approve_is_executed_by_an_approval_alone(archived, close, decided, expect):  # noqa: F811
    log = Writer()
    log.add("log.genesis", origin=log.origin)
    run = Run(log)
    run.add("run.start")
    run.close(run.add("call.intent", call=CALL, dec=decided), close)
    archived(evidence(log, [], [], []), expect=expect)
