"""Commitments to payloads, their blobs, and the folders that keep them (docs/auditing.md, section 7)."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from encoding import HASH_SIZE, BadEvidence, b64, is_hash, sha256, unbase64
from records import Record, is_count

SALT_SIZE, NONCE_SIZE, TAG_SIZE = 32, 12, 16
OVERHEAD = 1 + NONCE_SIZE + SALT_SIZE + TAG_SIZE
MILLISECONDS_PER_DAY = 86_400_000


@dataclass(frozen=True)
class Commitment:
    blob: bytes | None
    plaintext: bytes
    length: int

    @classmethod
    def of(cls, value: object) -> "Commitment | None":
        """Returns None if a field is not a commitment."""
        if not isinstance(value, dict) or not {"c", "n"} <= value.keys():
            return None
        if not is_hash(value["c"]) or not is_hash(value.get("b", value["c"])) or not is_count(value["n"]):
            return None
        return cls(unbase64(value["b"]) if "b" in value else None, unbase64(value["c"]), value["n"])

    def open(self, blob: bytes, key: bytes, what: str) -> bytes:
        """The plaintext of a blob whose hash was compared; key is K of section 7."""
        if len(blob) != OVERHEAD + self.length:
            raise BadEvidence(f"{what}: the blob has {len(blob)} bytes, not {OVERHEAD + self.length}")
        if blob[0] != 1:
            raise BadEvidence(f"{what}: the blob begins with {blob[0]}, not 1")
        try:
            salted = AESGCM(key).decrypt(blob[1:1 + NONCE_SIZE], blob[1 + NONCE_SIZE:], b"interlock/pb/1")
        except InvalidTag as error:
            raise BadEvidence(f"{what}: the key does not open the blob") from error
        if sha256(b"interlock/pc/1" + salted) != self.plaintext:
            raise BadEvidence(f"{what}: the plaintext is not the one committed to")
        return salted[SALT_SIZE:]


def commitments(fields: dict) -> Iterator[Commitment]:
    """The commitments among the fields of the record itself; nested ones do not count."""
    for value in fields.values():
        found = Commitment.of(value)
        if found is not None:
            yield found


def day_of(record: Record) -> str:
    """The day (UTC) on which the record's run began, or that of its own time."""
    if "run" in record.fields:
        number = 0
        for character in record.fields["run"]:
            number = number << 5 | "0123456789abcdefghjkmnpqrstvwxyz".index(character)
        milliseconds = number >> 80
    else:
        milliseconds = record.fields["ts"] // 1000
    # Dates end with the year 9999; no erasure is later.
    days = min(milliseconds // MILLISECONDS_PER_DAY, 2_932_896)
    return datetime.fromtimestamp(days * 86_400, timezone.utc).strftime("%Y-%m-%d")


class PayloadFolder:
    """The stored blobs: their hashes, each computed from its bytes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.hashes: set[bytes] = set()
        self.warnings: list[str] = []
        for folder, folders, files in os.walk(path, onerror=_refuse):
            folders.sort()
            for file in sorted(files):
                self._read(Path(folder) / file)

    def _read(self, path: Path) -> None:
        name = path.relative_to(self.path).as_posix()
        addendum = re.fullmatch(r"addenda/([0-9a-f]{2})/([0-9a-f]{2})/(\1\2[0-9a-f]{60})", name)
        if addendum:
            self._keep(name, bytes.fromhex(addendum[3]), path.read_bytes())
        elif re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}/[0-9]+\.pack", name):
            self._read_pack(name, path)
        else:
            self.warnings.append(f"{name}: neither a pack nor an addendum")

    def _read_pack(self, name: str, path: Path) -> None:
        with path.open("rb") as pack:
            size = os.fstat(pack.fileno()).st_size
            while head := pack.read(HASH_SIZE + 4):
                length = int.from_bytes(head[HASH_SIZE:], "big")
                if len(head) < HASH_SIZE + 4 or pack.tell() + length > size:
                    self.warnings.append(f"{name}: its end is cut off")
                    return
                self._keep(name, head[:HASH_SIZE], pack.read(length))

    def _keep(self, name: str, digest: bytes, blob: bytes) -> None:
        if sha256(blob) != digest:
            raise BadEvidence(f"{name}: the blob {digest.hex()} has another hash")
        self.hashes.add(digest)


def _refuse(error: OSError) -> None:
    raise error


class StoredPayloads:
    """Requires every `b` of a log to be in the folder, except those erased later."""

    def __init__(self, folder: PayloadFolder) -> None:
        self.folder = folder
        self.found = 0
        self._missing: dict[tuple[str | None, str], str] = {}

    def add(self, record: Record) -> None:
        for one in commitments(record.fields):
            if one.blob is None:
                continue
            if one.blob not in self.folder.hashes:
                owner = (record.fields.get("run"), day_of(record))
                self._missing.setdefault(owner, f"record {record.index}: the payload {b64(one.blob)} is not there")
            else:
                self.found += 1
        if record.type == "payload.erased":
            self._erase(record)

    def _erase(self, record: Record) -> None:
        runs, bucket = record.fields.get("runs", []), record.fields.get("bucket")
        erased = {run for run in runs if isinstance(run, str)} if isinstance(runs, list) else set()
        self._missing = {(run, day): fault for (run, day), fault in self._missing.items()
                         if run not in erased and day != bucket}

    def check(self) -> None:
        for fault in self._missing.values():
            raise BadEvidence(fault)
