"""Signed notes and verifier keys (docs/auditing.md, section 4), and cosignatures (section 5)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from encoding import HASH_SIZE, BadEvidence, Malformed, b64, decimal, sha256, unbase64

LOG, WITNESS = 0x01, 0x04
NOTE_LIMIT, LINE_LIMIT, LINES_LIMIT = 512 * 1024, 5 * 1024, 64


def is_name(text: str) -> bool:
    """The name of a key: printable ASCII without space and plus sign."""
    return re.fullmatch(r"[!-*,-~]{1,64}", text) is not None


@dataclass(frozen=True)
class VKey:
    """A verifier key of a log (it signs notes) or of a witness (it cosigns)."""
    name: str
    id: bytes
    kind: int
    public: bytes

    @classmethod
    def parse(cls, text: str) -> "VKey":
        parts = text.split("+", 2)
        if len(parts) != 3 or not is_name(parts[0]) or not re.fullmatch(r"[0-9a-f]{8}", parts[1]):
            raise Malformed(f"{text[:120]!r} is not a vkey")
        key = unbase64(parts[2], 1 + HASH_SIZE)
        if key[0] not in (LOG, WITNESS):
            raise Malformed(f"vkey {parts[0]}: type {key[0]} is not known")
        if sha256(parts[0].encode() + b"\n" + key)[:4].hex() != parts[1]:
            raise Malformed(f"vkey {parts[0]}: its id is not {parts[1]}")
        return cls(parts[0], bytes.fromhex(parts[1]), key[0], key[1:])

    def verifies(self, signature: bytes, text: bytes) -> bool:
        """Returns True if the signature line's bytes after the key id are valid for the text of the note."""
        if self.kind == WITNESS:
            if len(signature) != 72:
                return False
            time, signature = int.from_bytes(signature[:8], "big"), signature[8:]
            if time >= 1 << 63:
                return False
            text = f"cosignature/v1\ntime {time}\n".encode() + text
        return ed25519_verifies(self.public, signature, text)


def ed25519_verifies(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


@dataclass(frozen=True)
class Signature:
    name: str
    id: bytes
    value: bytes


@dataclass(frozen=True)
class Checkpoint:
    """A note whose text is origin, size and root; it must not be trusted before `signers` was called."""
    text: bytes
    origin: str
    size: int
    root: bytes
    signatures: tuple[Signature, ...]

    @classmethod
    def parse(cls, data: bytes) -> "Checkpoint":
        if len(data) > NOTE_LIMIT:
            raise Malformed("checkpoint: larger than 512 KiB")
        if re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", data):
            raise Malformed("checkpoint: a control character")
        try:
            note = data.decode()
        except UnicodeDecodeError as error:
            raise Malformed("checkpoint: not UTF-8") from error
        end = note.rfind("\n\n")
        if end < 0 or not note.endswith("\n"):
            raise Malformed("checkpoint: not a signed note")
        text, signatures = note[:end + 1], note[end + 2:]
        lines = signatures.split("\n")[:-1]
        if not 1 <= len(lines) <= LINES_LIMIT:
            raise Malformed(f"checkpoint: {len(lines)} signatures")
        origin, size, root = cls._body(text)
        return cls(text.encode(), origin, size, root, tuple(map(_signature, lines)))

    @staticmethod
    def _body(text: str) -> tuple[str, int, bytes]:
        lines = text.split("\n")[:-1]
        if len(lines) < 3 or "" in lines:
            raise Malformed("checkpoint: not origin, size and root")
        return lines[0], decimal(lines[1]), unbase64(lines[2], HASH_SIZE)

    def signers(self, known: Iterable[VKey]) -> set[VKey]:
        """The known keys that signed; an invalid line of one of them makes the note invalid."""
        keys = {(key.name, key.id): key for key in known}
        found = set()
        for line in self.signatures:
            key = keys.get((line.name, line.id))
            if key is None:
                continue
            if not key.verifies(line.value, self.text):
                raise BadEvidence(f"checkpoint: the signature of {key.name} is wrong")
            found.add(key)
        return found


def _signature(line: str) -> Signature:
    parts = line.split(" ")
    if len(line.encode()) > LINE_LIMIT or len(parts) != 3 or parts[0] != "\u2014" or not is_name(parts[1]):
        raise Malformed(f"checkpoint: {line[:80]!r} is not a signature line")
    value = unbase64(parts[2])
    if len(value) <= 4:
        raise Malformed(f"checkpoint: the signature of {parts[1]} is empty")
    return Signature(parts[1], value[:4], value[4:])


def expected_root(checkpoint: Checkpoint, root: bytes, what: str) -> None:
    if checkpoint.root != root:
        raise BadEvidence(f"{what}: its root is {b64(checkpoint.root)}, that of the entries {b64(root)}")
