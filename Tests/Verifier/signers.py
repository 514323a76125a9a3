"""The holders of the keys that signed statements (docs/auditing.md, section 11)."""

from dataclasses import dataclass

import strictjson
from encoding import HASH_SIZE, BadEvidence, Malformed, b64, unbase64
from notes import ed25519_verifies
from passkeys import Assertion, Credential
from records import Record

People = dict[str, set[bytes]]
# The credentials that the log enrols for people, with the index of the enrolment.
Enrolled = dict[str, dict[Credential, int]]


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


def signed(envelope: bytes, kind: str) -> tuple[dict, bytes | Assertion]:
    """The statement of a DSSE envelope whose only signature is valid, and the credential that signed it. A vote may be one
    of a signed batch, whose request the envelope then names."""
    signer: bytes | Assertion
    request, wanted = None, kind
    match strictjson.loose(envelope):
        case {"payloadType": str(said), "payload": str(encoded), "signatures": [
                {"keyid": str(keyid), "sig": str(sig), **more_of_it}], **more} if not more and not more_of_it:
            payload, signer = unbase64(encoded), unbase64(keyid, HASH_SIZE)
        case {"payloadType": str(said), "payload": str(encoded), "request": str(request), "signatures": [
                {"keyid": str(keyid), "sig": str(sig), **more_of_it}], **more} if kind == "vote" and not more and not more_of_it:
            payload, signer, wanted = unbase64(encoded), unbase64(keyid, HASH_SIZE), "batch"
        case {"payloadType": str(said), "payload": str(encoded), "key": str(key), "assertion": assertion,
              **more} if not more:
            payload, signer = unbase64(encoded), Assertion.parse(assertion, unbase64(key))
        case {"payloadType": str(said), "payload": str(encoded), "signatures": [{"key": str(key), **assertion}], **more} if not more:
            payload, signer = unbase64(encoded), Assertion.parse(assertion, unbase64(key))
        case _:
            raise Malformed("not a DSSE envelope with one signature, nor an assertion")
    if said != f"application/vnd.interlock.{wanted}+json":
        raise BadEvidence(f"signed as {said!r}")
    message = b"DSSEv1 %d %s %d %s" % (len(said.encode()), said.encode(), len(payload), payload)
    if isinstance(signer, Assertion):
        signer.check(message)
    elif not ed25519_verifies(signer, unbase64(sig), message):
        raise BadEvidence(f"the signature by {b64(signer)} is wrong")
    statement = strictjson.record(payload)
    if not isinstance(statement, dict) or statement.get("type") != wanted:
        raise BadEvidence(f"the signed statement is no {wanted}")
    return (vote_of(statement, request) if wanted == "batch" else statement), signer


def vote_of(batch: dict, request: str) -> dict:
    """The one vote of a signed batch about a request."""
    votes = batch.get("votes")
    if not isinstance(votes, list) or not all(isinstance(vote, dict) for vote in votes):
        raise BadEvidence("the signed batch has no list of votes")
    own = [vote for vote in votes if vote.get("request") == request]
    if len(own) != 1 or own[0].get("type") != "vote":
        raise BadEvidence("the signed batch has not one vote about the request")
    return own[0]


@dataclass
class Signers:
    """Counts the signatures whose signer is known."""
    people: People | None
    verified: int = 0
    by_log_alone: int = 0
    unidentified: int = 0

    def check(self, record: Record, signer: bytes | Assertion, enrolled: Enrolled, places: dict[bytes, int]) -> None:
        by = record.fields["by"]
        own = enrolled.get(by)
        if own is not None:
            since = own.get(Credential.of(signer))
            if since is None:
                raise record.fail("signed by something else than was enrolled for the person")
            if since >= places.get(record.leaf, since + 1):
                raise record.fail("signed by what was enrolled only afterwards")
        is_listed = self.people is not None and isinstance(signer, bytes)
        if is_listed and signer not in self.people.get(by, set()):
            raise record.fail("signed with a key that is not enrolled for the person")
        self.verified += 1
        self.by_log_alone += own is not None and not is_listed
        self.unidentified += own is None and not is_listed
