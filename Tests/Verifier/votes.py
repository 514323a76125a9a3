"""Votes of people on held calls (docs/auditing.md, section 11)."""

from dataclasses import dataclass

import strictjson
from encoding import HASH_SIZE, BadEvidence, Malformed, b64, sha256, unbase64
from notes import ed25519_verifies
from payloads import Commitment
from records import Record

PAYLOAD_TYPE = "application/vnd.interlock.vote+json"
VERDICTS = {"approval.granted": "approve", "approval.denied": "deny"}
REQUESTS = {"approval.requested", "approval.reissued"}

# Plaintexts that were disclosed, by leaf hash and field.
Opened = dict[tuple[bytes, str], bytes]
People = dict[str, set[bytes]]


def parse_people(data: bytes) -> People:
    """The enrolled keys of each approver, by pseudonym."""
    people: People = {}
    try:
        listed = strictjson.loose(data)["people"]
        if not isinstance(listed, list):
            raise Malformed("people: no list")
        for person in listed:
            if not isinstance(person["keys"], list) or not isinstance(person["pseudonym"], str) or person["pseudonym"] in people:
                raise Malformed("people: a pseudonym that is no string, or occurs twice")
            people[person["pseudonym"]] = {unbase64(key["key"], HASH_SIZE) for key in person["keys"]}
    except (KeyError, TypeError, AttributeError) as error:
        raise Malformed("people: not a list of people with their keys") from error
    return people


@dataclass
class Votes:
    """Checks the approvals of one chain, in its order."""
    opened: Opened
    people: People | None
    verified: int = 0
    unidentified: int = 0

    def check(self, records: list[Record]) -> None:
        requests: dict[str, Record] = {}
        for record in records:
            if record.type not in REQUESTS and record.type not in VERDICTS:
                continue
            appr = record.fields.get("appr")
            if not isinstance(appr, str):
                raise record.fail("no appr")
            if record.type in REQUESTS:
                if Commitment.of(record.fields.get("bind")) is None:
                    raise record.fail("bind is no commitment")
                requests[appr] = record
            else:
                self._answer(record, requests.get(appr))

    def _answer(self, record: Record, request: Record | None) -> None:
        if request is None:
            raise record.fail("no request before it")
        if not isinstance(record.fields.get("by"), str):
            raise record.fail("no by")
        if record.fields.get("bindc") != request.fields["bind"]["c"]:
            raise record.fail("bindc is not what the newest request commits to")
        proof = self.opened.get((record.leaf, "proof"))
        if proof is not None:
            try:
                statement, signer = _statement(proof)
                self._check(record, statement, signer, self.opened.get((request.leaf, "bind")))
            except Malformed as error:
                raise record.fail(f"proof: {error}") from error

    def _check(self, record: Record, statement: dict, signer: bytes, shown: bytes | None) -> None:
        appr = record.fields["appr"]
        expected = {"type": "vote", "verdict": VERDICTS[record.type], "bind": record.fields["bindc"],
                    "approver": record.fields.get("by")}
        for name, value in expected.items():
            if not isinstance(value, str) or statement.get(name) != value:
                raise record.fail(f"the signed {name} is not that of the record")
        if statement.get("request") not in (appr, f"apr_{appr}"):
            raise record.fail("the signed request is another one")
        if shown is not None:
            bound = strictjson.rfc8785(shown)
            if not isinstance(bound, dict) or "call" not in bound:
                raise record.fail("what was shown has no call")
            if statement.get("call") != "sha256:" + sha256(strictjson.canonical(bound["call"])).hex():
                raise record.fail("the signed call is not the one that was shown")
        if self.people is None:
            self.unidentified += 1
        elif signer not in self.people.get(record.fields["by"], set()):
            raise record.fail("signed with a key that is not enrolled for the approver")
        self.verified += 1


def _statement(envelope: bytes) -> tuple[dict, bytes]:
    """The signed statement of a DSSE envelope whose one signature is right, and the key that it is right for."""
    match strictjson.loose(envelope):
        case {"payloadType": str(kind), "payload": str(encoded), "signatures": [
                {"keyid": str(keyid), "sig": str(sig), **more_of_it}], **more} if not more and not more_of_it:
            payload, public = unbase64(encoded), unbase64(keyid, HASH_SIZE)
        case _:
            raise Malformed("not a DSSE envelope with one signature")
    if kind != PAYLOAD_TYPE:
        raise BadEvidence(f"proof: signed as {kind!r}")
    message = b"DSSEv1 %d %s %d %s" % (len(kind.encode()), kind.encode(), len(payload), payload)
    if not ed25519_verifies(public, unbase64(sig), message):
        raise BadEvidence(f"proof: the signature by {b64(public)} is wrong")
    return strictjson.record(payload), public
