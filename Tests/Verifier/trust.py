"""The trust file: the trusted logs, witnesses and quorum (docs/auditing.md, section 5)."""

import re
from dataclasses import dataclass, field

from encoding import BadEvidence, Malformed, decimal
from notes import LOG, WITNESS, Checkpoint, VKey

LIMIT = 64
BYTES_LIMIT = 128 * 1024


@dataclass
class Trust:
    """The keys that the auditor received from outside the log."""
    logs: list[VKey] = field(default_factory=list)
    witnesses: dict[str, VKey] = field(default_factory=dict)
    groups: dict[str, tuple[int, list[str]]] = field(default_factory=dict)
    quorum: str | None = None

    def check_log(self, checkpoint: Checkpoint) -> set[VKey]:
        """Requires a signature by a trusted key of the log and no invalid known signature; returns all known
        signers."""
        signers = checkpoint.signers([*self.logs, *self.witnesses.values()])
        if not any(key.kind == LOG and key.name == checkpoint.origin for key in signers):
            raise BadEvidence(f"checkpoint: not signed by any key of {checkpoint.origin!r} that you trust")
        return signers

    def check(self, checkpoint: Checkpoint) -> None:
        """The same as `check_log`, and the quorum must be met."""
        signers = self.check_log(checkpoint)
        if self.quorum is not None and not self._met(self.quorum, signers):
            raise BadEvidence(f"checkpoint: the quorum {self.quorum} is not met")

    def _met(self, name: str, signers: set[VKey]) -> bool:
        if name in self.witnesses:
            return self.witnesses[name] in signers
        needed, members = self.groups[name]
        return sum(self._met(member, signers) for member in members) >= needed


def parse_trust(data: bytes) -> Trust:
    if len(data) > BYTES_LIMIT or not data.endswith(b"\n"):
        raise Malformed("trust file: larger than 128 KiB, or its last line does not end")
    if re.search(rb"[\x00-\x08\x0b-\x1f\x7f]", data):
        raise Malformed("trust file: a control character")
    parser = _Parser()
    for number, line in enumerate(data.split(b"\n"), 1):
        words = [word for word in re.split(rb"[ \t]", line) if word]
        if words and not words[0].startswith(b"#"):
            try:
                parser.line([word.decode() for word in words])
            except (Malformed, UnicodeDecodeError) as error:
                raise Malformed(f"trust file, line {number}: {error}") from error
    if not parser.has_quorum:
        raise Malformed("trust file: no quorum")
    return parser.trust


class _Parser:
    def __init__(self) -> None:
        self.trust = Trust()
        self.has_quorum = False
        self.members: set[str] = set()

    def line(self, words: list[str]) -> None:
        match words:
            case ["log", vkey] | ["log", vkey, _]:
                self._log(vkey)
            case ["witness", name, vkey] | ["witness", name, vkey, _]:
                self._witness(name, vkey)
            case ["group", name, needed, *members]:
                self._group(name, needed, members)
            case ["quorum", name]:
                self._quorum(name)
            case _:
                raise Malformed(f"{words[0][:40]!r} is not understood")

    def _log(self, text: str) -> None:
        _add(self.trust.logs, _key(text, LOG, self.trust.logs))

    def _witness(self, name: str, text: str) -> None:
        self._define(name, len(self.trust.witnesses))
        self.trust.witnesses[name] = _key(text, WITNESS, self.trust.witnesses.values())

    def _group(self, name: str, needed: str, members: list[str]) -> None:
        self._define(name, len(self.trust.groups))
        for member in members:
            self._defined(member)
            if member in self.members:
                raise Malformed(f"{member} is already a member")
            self.members.add(member)
        count = {"any": 1, "all": len(members)}.get(needed)
        count = decimal(needed) if count is None else count
        if not 1 <= count <= len(members):
            raise Malformed(f"{needed} of {len(members)} members")
        self.trust.groups[name] = (count, members)

    def _quorum(self, name: str) -> None:
        if self.has_quorum:
            raise Malformed("a second quorum")
        self.has_quorum = True
        if name != "none":
            self._defined(name)
            self.trust.quorum = name

    def _define(self, name: str, count: int) -> None:
        if name == "none" or name in self.trust.witnesses or name in self.trust.groups:
            raise Malformed(f"{name} cannot be defined here")
        if count >= LIMIT:
            raise Malformed(f"more than {LIMIT}")

    def _defined(self, name: str) -> None:
        if name not in self.trust.witnesses and name not in self.trust.groups:
            raise Malformed(f"{name} is not defined")


def _key(text, kind, others) -> VKey:
    key = VKey.parse(text)
    if key.kind != kind:
        raise Malformed(f"{key.name}: a key of type {key.kind}")
    if any(other.public == key.public for other in others):
        raise Malformed(f"{key.name}: its public key occurs twice")
    return key


def _add(logs: list[VKey], key: VKey) -> None:
    if len(logs) >= LIMIT:
        raise Malformed(f"more than {LIMIT} logs")
    logs.append(key)
