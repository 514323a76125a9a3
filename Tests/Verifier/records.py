"""Records, chains of runs and closings of calls (docs/auditing.md, section 6)."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import strictjson
from encoding import BadEvidence, Malformed, b64, is_hash, unbase64
from notes import LOG, VKey, ed25519_verifies

# The types that docs/auditing.md describes; others are kept and ignored.
KNOWN_TYPES = {
    "log.genesis", "log.started", "log.tick", "run.start", "run.attach", "run.end", "call.intent", "call.outcome",
    "call.denied", "call.unknown", "log.closed", "approval.requested", "approval.reissued", "approval.granted",
    "approval.denied", "approval.expired", "approval.withdrawn", "approval.void", "approval.used", "payload.erased",
    "key.rotate", "outcome.checked",
}


def is_id(value: object) -> bool:
    """26 lower-case Crockford base32 characters that fit into 128 bits."""
    return isinstance(value, str) and re.fullmatch(r"[0-7][0-9a-hjkmnp-tv-z]{25}", value) is not None


def is_count(value: object) -> bool:
    return type(value) is int and value >= 0


@dataclass(frozen=True)
class Record:
    """One entry, well-formed by itself, with its index in the log (or in a chain of a bundle)."""
    index: int
    leaf: bytes
    fields: dict

    @classmethod
    def parse(cls, entry: bytes, index: int, leaf: bytes) -> "Record":
        try:
            fields = strictjson.record(entry)
        except Malformed as error:
            raise BadEvidence(f"record {index}: {error}") from error
        record = cls(index, leaf, fields)
        record._check()
        return record

    @property
    def type(self) -> str:
        return self.fields["t"]

    def fail(self, why: str) -> BadEvidence:
        return BadEvidence(f"record {self.index} ({self.type}): {why}")

    def _check(self) -> None:
        if not isinstance(self.fields.get("t"), str):
            raise BadEvidence(f"record {self.index}: no type")
        if type(self.fields.get("v")) is not int or self.fields["v"] != 1:
            raise self.fail("v is not 1")
        if not is_count(self.fields.get("ts")):
            raise self.fail("ts is not a time")
        if not isinstance(self.fields.get("node"), str):
            raise self.fail("node is not a string")
        for name in ("run", "call"):
            if name in self.fields and not is_id(self.fields[name]):
                raise self.fail(f"{name} is not an id")

    def hash_field(self, name: str) -> bytes:
        value = self.fields.get(name)
        if not is_hash(value):
            raise self.fail(f"{name} is not a hash")
        return unbase64(value)


def check_genesis(first: Record, origin: str) -> None:
    if first.type != "log.genesis":
        raise first.fail("a log begins with log.genesis")
    if first.fields.get("origin") != origin:
        raise first.fail(f"its origin is not that of the checkpoint, {origin!r}")


class Succession:
    """The successive keys of one log."""

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._current: str | None = None

    def add(self, record: Record) -> str | None:
        """Returns the message about a rotation."""
        if record.type == "log.genesis" and self._current is None:
            self._current = self._first(record.fields.get("vkey"))
        if record.type != "key.rotate":
            return None
        try:
            written, signature = record.fields["vkey"], unbase64(record.fields["sig"])
            key = VKey.parse(written)
        except (KeyError, TypeError, AttributeError, Malformed) as error:
            raise record.fail("no vkey or no sig") from error
        old, self._current = self._current, written
        if key.kind != LOG or key.name != self._origin:
            raise record.fail(f"{written} is no key of this log")
        if old is None:
            return f"record {record.index}: the rotation to {written} was not checked"
        statement = b"\0".join([b"interlock/kr/1", self._origin.encode(), old.encode()])
        if old == written or not ed25519_verifies(key.public, signature, statement):
            raise record.fail("the new key did not sign for the place of the one before")
        return f"record {record.index}: the log's key was rotated to {written}"

    @staticmethod
    def _first(written: object) -> str | None:
        try:
            return written if isinstance(written, str) and VKey.parse(written).kind == LOG else None
        except Malformed:
            return None


class Absent:
    """Hashes that are valid only if an absent entry of a pruned log has them."""

    def __init__(self) -> None:
        self._sought: dict[bytes, list[tuple[int, int, str]]] = defaultdict(list)

    def seek(self, leaf: bytes, first: int, end: int, otherwise: BadEvidence) -> None:
        """An absent entry with an index from `first` to below `end` must have this hash."""
        self._sought[leaf].append((first, end, str(otherwise)))

    def check(self, absent: Iterable[tuple[int, bytes]]) -> None:
        for index, leaf in absent:
            if leaf in self._sought:
                self._sought[leaf] = [one for one in self._sought[leaf] if not one[0] <= index < one[1]]
        for unmet in self._sought.values():
            for _, _, otherwise in unmet:
                raise BadEvidence(otherwise)


@dataclass
class _Chain:
    rs: int
    leaf: bytes
    ended: bool


class Chains:
    """The chain of each run in one log."""

    def __init__(self, absent: Absent | None = None) -> None:
        self._absent = absent
        self._chains: dict[str, _Chain] = {}

    def add(self, record: Record) -> None:
        fields = record.fields
        if "rs" not in fields:
            if "prev" in fields:
                raise record.fail("prev without rs")
            return
        if not is_count(fields["rs"]) or "run" not in fields:
            raise record.fail("rs without a place or a run")
        chain = self._chains.get(fields["run"])
        if chain is None:
            self._first(record)
        elif chain.ended:
            raise record.fail("it follows run.end")
        elif fields["rs"] != chain.rs + 1:
            raise record.fail(f"rs is {fields['rs']}, not {chain.rs + 1}")
        elif record.hash_field("prev") != chain.leaf:
            raise record.fail("prev is not the record before it in its run")
        self._chains[fields["run"]] = _Chain(fields["rs"], record.leaf, record.type == "run.end")

    def _first(self, record: Record) -> None:
        if record.fields["rs"] == 0:
            if "prev" in record.fields:
                raise record.fail("prev at the beginning of a run")
            return
        fault = record.fail(f"the first of its run has rs {record.fields['rs']}")
        if self._absent is None:
            raise fault
        self._absent.seek(record.hash_field("prev"), 0, record.index, fault)


Owner = tuple[str | None, str | None]


class Closings:
    """Each call.intent is closed once, by a later record of the same run and call."""

    def __init__(self, absent: Absent | None = None) -> None:
        self._absent = absent
        self._started = 0
        self._ended = False
        self.open: dict[bytes, Owner] = {}
        self._unknown: dict[bytes, Owner] = {}
        self._settled: set[bytes] = set()
        self._closed_absent: set[bytes] = set()
        self._late_absent: set[bytes] = set()

    def add(self, record: Record) -> None:
        if self._ended:
            raise record.fail("it follows log.closed")
        match record.type:
            case "log.closed":
                self._ended = True
            case "call.intent":
                self._intent(record)
            case "call.outcome" if "late" in record.fields:
                self._late(record)
            case "call.outcome" | "call.unknown":
                self._close(record)
            case "call.denied" if "intent" in record.fields:
                self._close(record)
            case "outcome.checked":
                self._check(record)
            case "log.started":
                if self.open:
                    raise record.fail(f"{len(self.open)} intents are open, such as {b64(next(iter(self.open)))}")
                self._started = record.index

    def _intent(self, record: Record) -> None:
        # `rs` makes each pair of run and intent unique.
        if "call" not in record.fields or "rs" not in record.fields:
            raise record.fail("an intent without a call, or in no chain")
        self.open[record.leaf] = _owner(record)

    def _close(self, record: Record) -> None:
        intent = record.hash_field("intent")
        if intent in self.open:
            _same_owner(record, self.open.pop(intent))
        else:
            # Only an absent intent after the last start can still have been open.
            fault = record.fail("its intent is not open")
            if self._absent is None or intent in self._closed_absent or intent in self._late_absent:
                raise fault
            self._absent.seek(intent, self._started, record.index, fault)
            self._closed_absent.add(intent)
        if record.type == "call.unknown":
            self._unknown[intent] = _owner(record)

    def _late(self, record: Record) -> None:
        if record.fields["late"] is not True:
            raise record.fail("late is not true")
        intent = record.hash_field("intent")
        if intent in self._unknown:
            _same_owner(record, self._unknown.pop(intent))
            self._late_absent.add(intent)
            return
        # The call.unknown may be among the absent entries, with its intent.
        fault = record.fail("late, but its intent was not closed as unknown")
        closed = intent in self.open or intent in self._closed_absent or intent in self._late_absent
        if self._absent is None or closed:
            raise fault
        self._absent.seek(intent, 0, record.index, fault)
        self._late_absent.add(intent)

    def _check(self, record: Record) -> None:
        """A person's finding about a call that was closed as unknown, whose true end has not come since, and of which no
        final finding came before."""
        about = record.fields.get("ofrun"), record.fields.get("call")
        if not all(map(is_id, about)):
            raise record.fail("it names no run or no call")
        intent = record.hash_field("intent")
        if intent in self._unknown:
            if about != self._unknown[intent]:
                raise record.fail("it checks another call than that of its intent")
        else:
            # The call.unknown may be among the absent entries, with its intent.
            fault = record.fail("it checks a call whose outcome is not unknown")
            ended = intent in self.open or intent in self._closed_absent or intent in self._late_absent
            if self._absent is None or ended:
                raise fault
            self._absent.seek(intent, 0, record.index, fault)
        if intent in self._settled:
            raise record.fail("it follows a final finding about the same call")
        if record.fields.get("as") != "still_unknown":
            self._settled.add(intent)


def _owner(record: Record) -> Owner:
    return record.fields.get("run"), record.fields.get("call")


def _same_owner(record: Record, owner: Owner) -> None:
    if _owner(record) != owner:
        raise record.fail("it closes an intent of another run or call")
