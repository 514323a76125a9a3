"""The approvals of a whole log (docs/auditing.md, section 11): who had to agree, who did, and what was executed."""

from dataclasses import dataclass, field

from encoding import b64, is_hash
from payloads import Commitment
from records import Record, is_count

ENDS = {"approval.denied", "approval.expired", "approval.withdrawn", "approval.void", "approval.used", "approval.probe"}
DECIDING = ENDS | {"approval.requested", "approval.reissued", "approval.granted", "approval.breakglass"}


def uses(record: Record) -> int:
    """How many calls may use the approval of this request."""
    number = record.fields.get("uses", 1)
    if not is_count(number) or not 1 <= number <= 10:
        raise record.fail("uses is no number from 1 to 10")
    return number


class Coverage:
    """The calls that people had to approve: no one is executed without one use of an approval."""

    def __init__(self) -> None:
        self.open: dict[str, Record] = {}
        self._used: set[str] = set()
        self._seen_at: dict[str, int] = {}

    def add(self, record: Record, absent: int = 0) -> str | None:
        """Returns what cannot be checked."""
        if record.type == "call.intent" and record.fields.get("dec") == "approve":
            self.open[b64(record.leaf)] = record
            self._seen_at[b64(record.leaf)] = absent
        if record.type not in ("call.outcome", "call.unknown", "call.denied") or "late" in record.fields:
            return None
        intent = record.fields.get("intent")
        if not isinstance(intent, str) or self.open.pop(intent, None) is None:
            return None
        seen_at = self._seen_at.pop(intent)
        if record.type == "call.denied" or intent in self._used:
            return None
        if seen_at == absent:
            raise record.fail("people had to approve this call, and no approval of it was used")
        return "the approval of its call"

    def use(self, record: Record) -> Record | None:
        """The open call that a use names."""
        intent = record.fields.get("intent")
        call = self.open.get(intent) if isinstance(intent, str) else None
        if call is None:
            return None
        if intent in self._used:
            raise record.fail("a second use for one call")
        self._used.add(intent)
        if record.fields.get("run") != call.fields["run"] or record.fields.get("use") != call.fields["call"]:
            raise record.fail("the use is of another call than its intent")
        return call


@dataclass
class _Credential:
    since: int
    kind: object
    cred: object
    end: int | None = None


class People:
    """The credentials and roles of people, by pseudonym, as the log has them."""

    def __init__(self) -> None:
        self.founded: bool | None = None
        self._held: dict[str, list[_Credential]] = {}
        self._lost: dict[str, int] = {}
        self._glass: dict[str, list[tuple[int, bool]]] = {}

    def add(self, record: Record) -> None:
        by, cred = record.fields.get("by"), record.fields.get("cred")
        if record.type not in ("approver.enrolled", "approver.revoked", "people.role") or not isinstance(by, str):
            return
        if record.type == "approver.enrolled":
            if self.founded is None:
                self.founded = record.fields.get("founding") is True
            self._held.setdefault(by, []).append(_Credential(record.index, record.fields.get("kind"), cred))
        if record.type == "approver.revoked":
            if not is_hash(cred):
                self._lost[by] = record.index
            for one in self._held.get(by, []):
                if one.end is None and (not is_hash(cred) or one.cred == cred):
                    one.end = record.index
        elif isinstance(record.fields.get("roles"), list):
            self._glass.setdefault(by, []).append((record.index, "break_glass" in record.fields["roles"]))

    def enrolled(self, by: str, via: object, index: int, limit: int) -> bool | None:
        """Whether a credential that fits `via` was enrolled before `index` and not revoked up to `limit`; None if the log
        does not say."""
        kind = {"console-webauthn": "passkey", "cli-key": "ed25519"}.get(via) if isinstance(via, str) else None
        for one in self._held.get(by, []):
            fits = kind is None or (one.kind == "passkey") == (kind == "passkey")
            if one.since < index and fits and (one.end is None or one.end > limit):
                return True
        return False if self._lost.get(by, limit) < limit else None

    def breaks_glass(self, by: str, start: int, end: int) -> bool:
        """Whether the person had a credential and the role at some time between two records."""
        if not any(one.since < end and (one.end is None or one.end > start) for one in self._held.get(by, [])):
            return False
        known = self._glass.get(by, [])
        before = [may for index, may in known if index <= start]
        return (bool(before) and before[-1]) or any(may for index, may in known if start < index < end)


@dataclass
class _Form:
    record: Record
    absent: int
    tool: object
    again: bool
    lowered: bool
    left: int
    order: Record | None = None
    votes: dict[str, Record] = field(default_factory=dict)

    @property
    def need(self) -> int:
        return self.record.fields["need"]


class Approvals:
    """Follows the approvals of a log, record by record."""

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._calls, self._people = Coverage(), People()
        self._forms: dict[tuple[str, str], _Form] = {}
        self._over: set[tuple[str, str]] = set()
        self._absent, self._continued = 0, False
        self.uses = 0
        self.unchecked: list[str] = []

    def skip(self, count: int) -> None:
        """Counts absent entries."""
        self._absent += count

    @property
    def is_whole(self) -> bool:
        return self._absent == 0 and not self._continued

    def _leave(self, record: Record, what: str) -> None:
        self.unchecked.append(f"not checked: record {record.index}: {what} cannot be checked")

    def add(self, record: Record) -> None:
        if record.index == 0 and "from" in record.fields:
            self._continued = True
        if left := self._calls.add(record, self._absent):
            self._leave(record, left)
        self._people.add(record)
        if record.type not in DECIDING:
            return
        run, appr = record.fields.get("run"), record.fields.get("appr")
        if not isinstance(run, str) or not isinstance(appr, str) or "rs" not in record.fields:
            raise record.fail("no run or no appr, or outside the run's chain")
        name = run, appr
        if name in self._over and record.type != "approval.probe":
            raise record.fail("it follows the end of the request")
        form = self._forms.get(name)
        if form is None and self.is_whole and record.type not in ("approval.requested", "approval.probe"):
            raise record.fail("no request before it")
        if record.type == "approval.used" and form is not None and form.left > 1:
            form.left -= 1
        elif record.type in ENDS:
            self._over.add(name)
            self._forms.pop(name, None)
        match record.type:
            case "approval.requested" | "approval.reissued":
                self._show(record, name, form)
            case "approval.granted":
                self._grant(record, form)
            case "approval.breakglass":
                self._lower(record, form)
            case "approval.denied" if form is not None and form.absent == self._absent:
                self._same_form(record, form)
            case "approval.used":
                self._use(record, form)

    def _same_form(self, record: Record, form: _Form) -> bool:
        """Whether the record is about this form; False if another form may be absent."""
        if record.fields.get("bindc") == form.record.fields["bind"]["c"]:
            return True
        if form.absent == self._absent:
            raise record.fail("bindc is not what the newest request commits to")
        return False

    def _show(self, record: Record, name: tuple[str, str], before: _Form | None) -> None:
        again = record.type == "approval.reissued"
        if before is not None and not again:
            raise record.fail("the request was opened before")
        need, call = record.fields.get("need"), record.fields.get("call")
        if Commitment.of(record.fields.get("bind")) is None or not is_count(need) or need == 0 or not isinstance(call, str):
            raise record.fail("no bind, need or call")
        intent = record.fields.get("intent")
        asking = self._calls.open.get(intent) if isinstance(intent, str) else None
        if asking is not None and (asking.fields["call"] != call or asking.fields["run"] != name[0]):
            raise record.fail("its intent is of another call")
        if before is not None and before.record.fields["call"] != call:
            raise record.fail("the request was about another call")
        order = before.order if before is not None else None
        lowered = (order is not None and need == 1 and order.fields["was"] == before.need
                   and order.fields["rev"] == record.fields.get("rev"))
        if before is not None and need < before.need and not lowered:
            self._leave(record, "why fewer people are asked than before")
        tool = before.tool if before is not None else asking.fields.get("tool") if asking is not None else None
        self._forms[name] = _Form(record, self._absent, tool, again, lowered, left=uses(record))

    def _grant(self, record: Record, form: _Form | None) -> None:
        if form is None:
            return self._leave(record, "a vote on a request that is not there")
        if not self._same_form(record, form):
            return self._leave(record, "a vote on a form that is not there")
        need = record.fields.get("need")
        if not is_count(need) or need != form.need:
            raise record.fail("need is not that of the request")
        if record.fields.get("call") != form.record.fields["call"]:
            raise record.fail("the vote is about another call")
        if record.fields.get("via") == "client" and "by" not in record.fields:
            if need != 1 or form.lowered:
                raise record.fail("a client's word where people had to decide")
        elif not isinstance(record.fields.get("by"), str) or "proof" not in record.fields:
            raise record.fail("no by or no proof")
        form.votes[b64(record.leaf)] = record

    def _lower(self, record: Record, form: _Form | None) -> None:
        if form is None:
            return self._leave(record, "break-glass for a request that is not there")
        by, rev, was = (record.fields.get(name) for name in ("by", "rev", "was"))
        if not isinstance(by, str) or not is_count(rev) or not is_count(was) or was < 2 or was != form.need:
            raise record.fail("break-glass that does not say who lowers what")
        form.order = record
        if not self._people.breaks_glass(by, form.record.index, record.index):
            if self.is_whole and self._people.founded:
                raise record.fail("break-glass by a person who may not order it")
            self._leave(record, "the role of the person who breaks glass")

    def _use(self, record: Record, form: _Form | None) -> None:
        call = self._calls.use(record)
        if call is None and self.is_whole:
            raise record.fail("the use names no open call that people had to approve")
        if form is None:
            return self._leave(record, "the use of a request that is not there")
        asked = form.record.fields
        tool = call.fields.get("tool") if call is not None else None
        if record.fields.get("call") != asked["call"] or (None not in (tool, form.tool) and tool != form.tool):
            raise record.fail("the use is of another call than the request")
        if not self._same_form(record, form):
            return self._leave(record, "the use of a form that is not there")
        votes, others = self._counted(record, form)
        if votes is None:
            return self._leave(record, "a vote that is not there")
        have = len(votes) + others
        if have < form.need:
            raise record.fail(f"{have} votes where {form.need} are needed")
        if call is not None and not form.lowered and not form.again and "pol" in record.fields \
                and record.fields["pol"] == call.fields.get("pol") and is_count(call.fields.get("need")) \
                and have < call.fields["need"]:
            raise record.fail(f"{have} votes where the call needs {call.fields['need']}")
        if others:
            self._leave(record, f"{others} votes in other logs")
        limit = max([vote.index for vote in votes] + [call.index if call is not None else 0])
        for vote in votes:
            self._person(record, vote, call, limit)
        self.uses += 1

    def _counted(self, record: Record, form: _Form) -> tuple[list[Record] | None, int]:
        grants = record.fields.get("grants")
        if not isinstance(grants, list) or not all(isinstance(one, dict) and is_hash(one.get("h")) for one in grants):
            raise record.fail("grants is no list of votes")
        votes: list[Record] = []
        others: set[tuple[str, str]] = set()
        for grant in grants:
            if "o" in grant:
                other = grant["o"], grant["h"]
                if not isinstance(grant["o"], str) or grant["o"] == self._origin or other in others:
                    raise record.fail("grants names a vote in another log twice, or one of this log")
                others.add(other)
            elif grant["h"] in form.votes:
                votes.append(form.votes[grant["h"]])
            elif form.absent == self._absent:
                raise record.fail("grants names no vote on what was shown last")
            else:
                return None, 0
        people = [vote.fields.get("by") for vote in votes]
        if len(set(people)) < len(people):
            raise record.fail("one person counted twice")
        if None in people and len(grants) > 1:
            raise record.fail("a client's word beside other votes")
        return votes, len(others)

    def _person(self, record: Record, vote: Record, call: Record | None, limit: int) -> None:
        by = vote.fields.get("by")
        if by is None:
            return
        if call is not None and call.fields.get("subj") == by:
            raise record.fail("a vote of the person on whose behalf the agent acts")
        enrolled = self._people.enrolled(by, vote.fields.get("via"), vote.index, limit)
        if enrolled:
            return
        if enrolled is False or self.is_whole and self._people.founded:
            raise record.fail("a vote whose person was not enrolled, or was revoked since")
        self._leave(record, "the enrolment of a person who voted")
