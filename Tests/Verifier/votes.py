"""Votes of people on held calls (docs/auditing.md, section 11)."""

from dataclasses import dataclass

import strictjson
from approvals import Coverage, uses
from encoding import HASH_SIZE, BadEvidence, Malformed, sha256, unbase64
from passkeys import Assertion
from payloads import Commitment
from quorums import Quorums
from records import Record
from signers import Enrolled, Signers, signed

VERDICTS = {"approval.granted": "approve", "approval.denied": "deny"}
REQUESTS = {"approval.requested", "approval.reissued"}
ENDS = {"approval.denied", "approval.expired", "approval.withdrawn", "approval.void"}

# The disclosed plaintexts, by leaf hash and field.
Opened = dict[tuple[bytes, str], bytes]


@dataclass
class Votes:
    """Checks the approvals of one chain, in its order."""
    opened: Opened
    signers: Signers
    undisclosed: int = 0
    consents: int = 0
    objections: int = 0
    elsewhere: int = 0

    def check(self, records: list[Record], enrolled: Enrolled, places: dict[bytes, int], origin: str) -> None:
        requests: dict[str, Record] = {}
        self.enrolled, self.places = enrolled, places
        self._check_uses(records, origin)
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

    def _check_uses(self, records: list[Record], origin: str) -> None:
        shown: dict[str, Record] = {}
        granted: dict[str, list[Record]] = {}
        ended: set[str] = set()
        left: dict[str, int] = {}
        calls = Coverage()
        for record in records:
            calls.add(record)
            if record.type == "approval.used" and calls.use(record) is None:
                raise record.fail("it names no open call that people had to approve")
            appr = record.fields.get("appr")
            if not isinstance(appr, str):
                continue
            if record.type in REQUESTS:
                shown[appr], granted[appr], left[appr] = record, [], uses(record)
            elif record.type == "approval.granted" and appr in shown:
                if record.fields.get("need") is None or not _same(record.fields["need"], shown[appr].fields.get("need")):
                    raise record.fail("need is not that of the request")
                granted[appr].append(record)
            elif record.type in ENDS:
                ended.add(appr)
            elif record.type == "approval.used":
                self._use(record, shown.get(appr), {one.leaf: one for one in granted.get(appr, [])}, appr in ended, origin)
                left[appr] = left.get(appr, 1) - 1
                if left[appr] < 1:
                    ended.add(appr)

    def _use(self, record: Record, request: Record | None, granted: dict[bytes, Record], has_ended: bool,
             origin: str) -> None:
        bind = Commitment.of(request.fields.get("bind")) if request is not None else None
        if request is None or bind is None or record.fields.get("bindc") != request.fields["bind"]["c"]:
            raise record.fail("bindc is not what the newest request commits to")
        if has_ended:
            raise record.fail("the approval had ended or was used")
        grants = record.fields.get("grants")
        if not isinstance(grants, list) or not all(isinstance(grant, dict) for grant in grants):
            raise record.fail("grants is no list of objects")
        people: list[str] = []
        others: set[tuple[str, str]] = set()
        for grant in grants:
            try:
                leaf = unbase64(grant.get("h"), HASH_SIZE)
                if "o" in grant:
                    if not isinstance(grant["o"], str) or grant["o"] == origin or (grant["o"], grant["h"]) in others:
                        raise record.fail("grants names a vote in another log twice, or one of this log")
                    others.add((grant["o"], grant["h"]))
                    continue
                vote = granted[leaf]
            except (KeyError, Malformed, TypeError, AttributeError) as error:
                raise record.fail("grants names no vote of this approval") from error
            if vote.fields.get("by") in people:
                raise record.fail("one person counted twice")
            if _is_clients_word(vote) and len(grants) > 1:
                raise record.fail("a client's word beside other votes")
            people.append(vote.fields.get("by"))
        need = request.fields["need"]
        if len(people) + len(others) < need:
            raise record.fail(f"{len(people)} votes where {need} are needed")
        self.elsewhere += len(others)

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
        if "proof" not in record.fields:
            self.objections += 1
            return
        proof = self.opened.get((record.leaf, "proof"))
        if proof is None:
            self.undisclosed += 1
            return
        try:
            statement, signer = signed(proof, "vote")
            self._check(record, statement, signer, self.opened.get((request.leaf, "bind")), uses(request))
        except Malformed as error:
            raise record.fail(f"proof: {error}") from error

    def _consent(self, record: Record, request: Record) -> None:
        """Checks a client's consent, which no one signed: it counts as one approval of a call at tier low."""
        if record.fields.get("bindc") != request.fields["bind"]["c"]:
            raise record.fail("bindc is not what the newest request commits to")
        self.consents += 1
        shown = self.opened.get((request.leaf, "bind"))
        if shown is None:
            return
        bound = strictjson.rfc8785(shown)
        decision = bound.get("decision") if isinstance(bound, dict) else None
        if (not isinstance(decision, dict) or decision.get("tier") != "low" or "lowered_from" in decision
                or not _same(decision.get("quorum"), 1)):
            raise record.fail("a client's word where people had to decide")

    def _check(self, record: Record, statement: dict, signer: bytes | Assertion, shown: bytes | None,
               often: int) -> None:
        appr = record.fields["appr"]
        expected = {"verdict": VERDICTS[record.type], "bind": record.fields["bindc"],
                    "approver": record.fields.get("by")}
        for name, value in expected.items():
            if not isinstance(value, str) or statement.get(name) != value:
                raise record.fail(f"the signed {name} is not that of the record")
        if statement.get("request") not in (appr, f"apr_{appr}"):
            raise record.fail("the signed request is another one")
        need, quorum = record.fields.get("need"), statement.get("quorum")
        if need is not None and quorum is not None and not _same(need, quorum):
            raise record.fail("the signed quorum is not what the record needs")
        if not _same(statement.get("uses", 1), often):
            raise record.fail("the signed number of uses is not that of the request")
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
        self.signers.check(record, signer, self.enrolled, self.places)


def _is_clients_word(record: Record) -> bool:
    return record.type == "approval.granted" and record.fields.get("via") == "client" and "by" not in record.fields


def _same(shown: object, signed: object) -> bool:
    """Compares two values in forms that have one spelling per value and one kind of number."""
    return strictjson.canonical(shown) == strictjson.canonical(signed)


def not_checked(votes: Votes, quorums: Quorums) -> list[str]:
    """The checks that were not made, and those that rest on less evidence than possible."""
    counts = [
        (votes.undisclosed, "votes are not disclosed: their signatures were not checked"),
        (votes.consents, "approvals are a client's consent: no person has signed them"),
        (votes.objections, "denials need no signature and have none"),
        (votes.elsewhere, "votes are in other logs: they were not looked for"),
        (votes.signers.by_log_alone, "signers of votes are known by the log's word alone"),
        (votes.signers.unidentified, "signers of votes were not identified"),
        (quorums.broken - quorums.signers.verified, "approvals by break-glass, orders not checked"),
        (quorums.signers.verified, "orders of break-glass were checked"),
        (quorums.signers.by_log_alone, "signers of orders of break-glass are known by the log's word alone"),
        (quorums.signers.unidentified, "signers of orders of break-glass were not identified"),
        (quorums.unexplained, "requests ask for fewer people than before: why is not disclosed"),
    ]
    return [f"{count} {text}" for count, text in counts if count]
