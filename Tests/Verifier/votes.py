"""Votes of people on held calls (docs/auditing.md, section 11)."""

from dataclasses import dataclass

import strictjson
from encoding import HASH_SIZE, BadEvidence, Malformed, b64, sha256, unbase64
from notes import ed25519_verifies
from passkeys import Assertion, Credential
from payloads import Commitment
from records import Record

PAYLOAD_TYPE = "application/vnd.interlock.vote+json"
VERDICTS = {"approval.granted": "approve", "approval.denied": "deny"}
REQUESTS = {"approval.requested", "approval.reissued"}
ENDS = {"approval.denied", "approval.expired", "approval.withdrawn", "approval.void"}

# Plaintexts that were disclosed, by leaf hash and field.
Opened = dict[tuple[bytes, str], bytes]
People = dict[str, set[bytes]]
# What the log says that people sign by.
Enrolled = dict[str, set[Credential]]


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

    def check(self, records: list[Record], enrolled: Enrolled) -> None:
        requests: dict[str, Record] = {}
        self.enrolled = enrolled
        self._check_uses(records)
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

    def _check_uses(self, records: list[Record]) -> None:
        shown: dict[str, Record] = {}
        granted: dict[str, list[Record]] = {}
        ended: set[str] = set()
        for record in records:
            appr = record.fields.get("appr")
            if not isinstance(appr, str):
                continue
            if record.type in REQUESTS:
                shown[appr], granted[appr] = record, []
            elif record.type == "approval.granted":
                granted.setdefault(appr, []).append(record)
            elif record.type in ENDS:
                ended.add(appr)
            elif record.type == "approval.used":
                self._use(record, shown.get(appr), {one.leaf: one for one in granted.get(appr, [])}, appr in ended)
                ended.add(appr)

    def _use(self, record: Record, request: Record | None, granted: dict[bytes, Record], has_ended: bool) -> None:
        bind = Commitment.of(request.fields.get("bind")) if request is not None else None
        if request is None or bind is None or record.fields.get("bindc") != request.fields["bind"]["c"]:
            raise record.fail("bindc is not what the newest request commits to")
        if has_ended:
            raise record.fail("the approval had ended or was used")
        grants = record.fields.get("grants")
        if not isinstance(grants, list) or not all(isinstance(grant, dict) for grant in grants):
            raise record.fail("grants is no list of objects")
        people: list[str] = []
        for grant in grants:
            if "o" in grant:
                continue
            try:
                vote = granted[unbase64(grant.get("h"), HASH_SIZE)]
            except (KeyError, Malformed, TypeError, AttributeError) as error:
                raise record.fail("grants names no vote of this approval") from error
            if vote.fields.get("by") in people:
                raise record.fail("one person counted twice")
            if _is_clients_word(vote) and len(grants) > 1:
                raise record.fail("a client's word beside other votes")
            people.append(vote.fields.get("by"))
        need = max([1] + [one.fields["need"] for one in (request, *granted.values()) if type(one.fields.get("need")) is int])
        if len(people) + sum("o" in grant for grant in grants) < need:
            raise record.fail(f"{len(people)} votes where {need} are needed")

    def _answer(self, record: Record, request: Record | None) -> None:
        if request is None:
            raise record.fail("no request before it")
        if _is_clients_word(record):
            return self._consent(record, request)
        if not isinstance(record.fields.get("by"), str):
            raise record.fail("no by")
        if record.fields.get("bindc") != request.fields["bind"]["c"]:
            raise record.fail("bindc is not what the newest request commits to")
        if "proof" not in record.fields and record.type != "approval.denied":
            raise record.fail("no proof")
        proof = self.opened.get((record.leaf, "proof"))
        if proof is not None:
            try:
                statement, signer = _statement(proof)
                self._check(record, statement, signer, self.opened.get((request.leaf, "bind")))
            except Malformed as error:
                raise record.fail(f"proof: {error}") from error

    def _consent(self, record: Record, request: Record) -> None:
        """Nobody signed it: it stands for one approval of a call at tier low."""
        if record.fields.get("bindc") != request.fields["bind"]["c"]:
            raise record.fail("bindc is not what the newest request commits to")
        shown = self.opened.get((request.leaf, "bind"))
        if shown is None:
            return
        bound = strictjson.rfc8785(shown)
        decision = bound.get("decision") if isinstance(bound, dict) else None
        if (not isinstance(decision, dict) or decision.get("tier") != "low" or "lowered_from" in decision
                or not _same(decision.get("quorum"), 1)):
            raise record.fail("a client's word where people had to decide")

    def _check(self, record: Record, statement: dict, signer: bytes | Assertion, shown: bytes | None) -> None:
        appr = record.fields["appr"]
        expected = {"type": "vote", "verdict": VERDICTS[record.type], "bind": record.fields["bindc"],
                    "approver": record.fields.get("by")}
        for name, value in expected.items():
            if not isinstance(value, str) or statement.get(name) != value:
                raise record.fail(f"the signed {name} is not that of the record")
        if statement.get("request") not in (appr, f"apr_{appr}"):
            raise record.fail("the signed request is another one")
        need, quorum = record.fields.get("need"), statement.get("quorum")
        if need is not None and quorum is not None and not _same(need, quorum):
            raise record.fail("the signed quorum is not what the record needs")
        if shown is not None:
            bound = strictjson.rfc8785(shown)
            if not isinstance(bound, dict) or "call" not in bound:
                raise record.fail("what was shown has no call")
            if statement.get("call") != "sha256:" + sha256(strictjson.canonical(bound["call"])).hex():
                raise record.fail("the signed call is not the one that was shown")
            decision = bound.get("decision")
            for part, names in ((bound, ("revision", "policy")), (decision, ("group", "quorum"))):
                for name in names:
                    if isinstance(part, dict) and name in part and not _same(part[name], statement.get(name)):
                        raise record.fail(f"the signed {name} is not the one that was shown")
        own = self.enrolled.get(record.fields["by"])
        if own is not None and Credential.of(signer) not in own:
            raise record.fail("signed by something else than was enrolled for the approver")
        is_listed = self.people is not None and isinstance(signer, bytes)
        if is_listed and signer not in self.people.get(record.fields["by"], set()):
            raise record.fail("signed with a key that is not enrolled for the approver")
        self.unidentified += own is None and not is_listed
        self.verified += 1


def _is_clients_word(record: Record) -> bool:
    return record.type == "approval.granted" and record.fields.get("via") == "client" and "by" not in record.fields


def _same(shown: object, signed: object) -> bool:
    """Both are in forms in which a value is written in one way, and read as one kind of number."""
    return strictjson.canonical(shown) == strictjson.canonical(signed)


def _statement(envelope: bytes) -> tuple[dict, bytes | Assertion]:
    """The signed statement of a DSSE envelope whose one signature is right, and by what it was signed."""
    signer: bytes | Assertion
    match strictjson.loose(envelope):
        case {"payloadType": str(kind), "payload": str(encoded), "signatures": [
                {"keyid": str(keyid), "sig": str(sig), **more_of_it}], **more} if not more and not more_of_it:
            payload, signer = unbase64(encoded), unbase64(keyid, HASH_SIZE)
        case {"payloadType": str(kind), "payload": str(encoded), "key": str(key), "assertion": assertion,
              **more} if not more:
            payload, signer = unbase64(encoded), Assertion.parse(assertion, unbase64(key))
        case _:
            raise Malformed("not a DSSE envelope with one signature, nor an assertion")
    if kind != PAYLOAD_TYPE:
        raise BadEvidence(f"proof: signed as {kind!r}")
    message = b"DSSEv1 %d %s %d %s" % (len(kind.encode()), kind.encode(), len(payload), payload)
    if isinstance(signer, Assertion):
        signer.check(message)
    elif not ed25519_verifies(signer, unbase64(sig), message):
        raise BadEvidence(f"proof: the signature by {b64(signer)} is wrong")
    return strictjson.record(payload), signer
