"""The figures of an evidence pack, made again from its log (docs/evidence.md)."""

import hmac
from dataclasses import dataclass, field

from encoding import Malformed, b64, is_hash
from notes import VKey
from passkeys import Credential, enrolled_by
from records import Record

# The beginning of the names of the agents of drills and self-tests.
CANARIES = "interlock-drill"
# The kinds of samples of each control: what was permitted or done, and what was refused or went wrong.
QUERIES = {
    "C01": ("allowed call.intent dec allow", "denied call.denied"),
    "C02": ("started run.start", "refused access.refused"),
    "C03": ("issued token.issued", ""),
    "C04": ("granted elevation.granted", "rejected elevation.denied"),
    "C05": ("approved approval.granted", "rejected approval.denied"),
    "C06": ("viewed approval.viewed", "probe approval.probe"),
    "C07": ("reserved budget.reserved", "limited limit.hit, opened breaker.opened"),
    "C08": ("drill kill.drill", "effective kill.effective, violation kill.violation"),
    "C09": ("outcome call.outcome", "unknown call.unknown"),
    "C10": ("listed key.listed, rotated key.rotate", ""),
    "C11": ("erased payload.erased, pruned log.pruned", ""),
    "C12": ("accepted pin.accepted", "drifted pin.drift, quarantined server.quarantined"),
    "C13": ("started run.start", "degraded run.degraded"),
    "C14": ("connected net.connect", ""),
    "C15": ("outcome call.outcome", "unredacted redaction.failed"),
    "C16": ("tainted run.tainted", "denied call.denied"),
    "C17": ("passed eval.result verdict pass", "failed eval.result verdict fail, refused eval.refused"),
    "C18": ("promoted trust.promoted", "demoted trust.demoted"),
    "C19": ("signed review.signed", ""),
    "C20": ("loaded policy.loaded", ""),
    "C21": ("raised alarm.raised, disposed alarm.disposed", ""),
    "C22": ("passed merge.checked verdict pass", "refused merge.checked verdict refused"),
    "C23": ("installed hook.installed", "unmanaged host.unmanaged"),
    "C24": ("opened incident.opened, closed incident.closed", ""),
}


def matches(query: str, fields: dict) -> bool:
    words = query.split()[1:]
    return fields["t"] == words[0] and (len(words) == 1 or fields.get(words[1]) == words[2])


def sides(control: str) -> list[list[str]]:
    return [[query for query in side.split(", ") if query] for side in QUERIES[control]]


@dataclass(frozen=True)
class Population:
    """The records that the figures of a pack are about, by the sizes of its log at both ends."""
    first: int
    last: int
    begin: int
    end: int
    agents: frozenset[str]

    def contains(self, fields: dict, index: int) -> bool:
        if not self.first <= index < self.last or not self.begin <= fields["ts"] < self.end:
            return False
        agent = fields.get("agent")
        if not isinstance(agent, str):
            return True
        return not agent.startswith(CANARIES) and (not self.agents or agent in self.agents)


@dataclass
class Recount:
    """Follows all records of a log, and keeps what the controls of the pack state figures of."""
    population: Population
    seed: bytes
    origin: str = ""
    # The first record at or after the end of the period, from its start on.
    first_after: int | None = None
    counted: list[tuple[dict, bytes]] = field(default_factory=list)
    # The keys that the log lists, and those that it enrols for people.
    keys: set[bytes] = field(default_factory=set)
    people: set[Credential] = field(default_factory=set)
    # The runs of evals and canaries, and the halts of drills, which are counted apart.
    apart: set[str] = field(default_factory=set)
    drills: set[str] = field(default_factory=set)
    # Intents that people must approve, and whether an approval was used; and all open intents.
    approvals: dict[str, bool] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)
    found: dict[str, int] = field(
        default_factory=lambda: {"outcome-without-approval-used": 0, "outcome-without-intent": 0})

    def add(self, record: Record) -> None:
        fields = record.fields
        if record.type == "key.listed" and isinstance(fields.get("vkey"), str):
            self._add_vkey(fields["vkey"])
        if enrolled := enrolled_by(record):
            self.people.add(enrolled)
        if self.first_after is None and record.index >= self.population.first and fields["ts"] >= self.population.end:
            self.first_after = record.index
        is_counted = not self._is_apart(fields) and self.population.contains(fields, record.index)
        self._join(record, is_counted)
        if is_counted:
            self.counted.append((fields, record.leaf))

    def _is_apart(self, fields: dict) -> bool:
        if fields["t"] == "run.start" and (fields.get("kind") == "eval" or str(fields.get("agent", "")).startswith(CANARIES)):
            self.apart.add(fields["run"])
        match fields:
            case {"run": str(run)} if run in self.apart:
                return True
            case {"t": "policy.loaded", "why": "drill"}:
                return True
            case {"t": "kill.requested", "scope": "drill", **more}:
                self.drills.add(more.get("req"))
                return True
            case {"t": "kill.effective", "req": order}:
                return order in self.drills
        return False

    def _add_vkey(self, text: str) -> None:
        try:
            self.keys.add(VKey.parse(text).public)
        except Malformed:
            return

    def _join(self, record: Record, is_counted: bool) -> None:
        fields, intent = record.fields, record.fields.get("intent")
        if record.type == "call.intent":
            hashed = b64(record.leaf)
            self.open.add(hashed)
            if fields.get("dec") == "approve":
                self.approvals[hashed] = False
        elif record.type == "approval.used" and intent in self.approvals:
            self.approvals[intent] = True
        elif record.type in ("call.outcome", "call.unknown", "call.denied") and "late" not in fields and is_hash(intent):
            used, known = self.approvals.pop(intent, None), intent in self.open
            self.open.discard(intent)
            if is_counted and record.type != "call.denied":
                self.found["outcome-without-approval-used"] += used is False
                self.found["outcome-without-intent"] += not known

    def count(self, leaf: dict) -> int:
        return sum(all(name in fields and _same(fields[name], value) for name, value in leaf.items())
                   for fields, _ in self.counted)

    def samples(self, control: str, limit: int) -> set[str]:
        """The records of the smallest codes; the smallest of a side that would have none replaces the last."""
        drawn = sorted((hmac.digest(self.seed, leaf, "sha256"), side, leaf)
                       for side, queries in enumerate(sides(control))
                       for fields, leaf in self.counted if any(matches(query, fields) for query in queries))
        taken = drawn[:limit]
        for side in (0, 1):
            own = [one for one in drawn if one[1] == side]
            if limit > 1 and own and not any(one in taken for one in own):
                taken[-1] = own[0]
        return {leaf.hex() for _, _, leaf in taken}


def _same(one: object, other: object) -> bool:
    return type(one) is type(other) and one == other
