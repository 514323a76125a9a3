"""Opens stored payloads with the keys of a deployment, by the specification and with no code of Interlock.

The wrapping key opens the bucket of a day, the bucket the key of a run, and HKDF derives the key of each payload.
"""

import base64
import datetime
import hashlib
import struct
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
SLOT = 1 + 32 + 60


class Keys:
    def __init__(self, state: Path):
        self.folder = state / "keys"
        self.owners: dict[str, bytes | None] = {}  # None if erased
        for path in sorted((self.folder / "buckets").glob("*.bucket")):
            self._read(path)

    def _read(self, path: Path) -> None:
        data, day = path.read_bytes(), path.stem
        assert data[:8] == b"ILBKT\x00\x00\x01", path
        days, state, wraps = struct.unpack_from(">IBB", data, 8)
        assert datetime.date(1970, 1, 1) + datetime.timedelta(days) == datetime.date.fromisoformat(day)
        if state == 2:
            assert len(data) == 14
            return
        at, bucket = 14, None
        for _ in range(wraps):
            kind, size = struct.unpack_from(">BH", data, at)
            wrapped, at = data[at + 3:at + 3 + size], at + 3 + size
            if kind == 1:
                key = (self.folder / "wrap.key").read_bytes()
                assert wrapped[:8] == hashlib.sha256(b"interlock/wk/1" + key).digest()[:8]
                bucket = opened(key, wrapped[8:], b"interlock/bw/1" + day.encode())
        for start in range(at, len(data) - SLOT + 1, SLOT):
            slot = data[start:start + SLOT]
            owner = slot[1:33].rstrip(b"\x00").decode()
            key = opened(bucket, slot[33:], b"interlock/bk/1" + day.encode() + slot[:33])
            self.owners[owner] = key if slot[0] == 1 else None

    def key(self, leaf: dict, field: str) -> bytes | None:
        """The key of one payload; None if its owner has no key or was erased."""
        owner, scope, name = payload_name(leaf, field)
        run_key = self.owners.get(owner)
        if run_key is None:
            return None
        info = b"\x00".join((b"interlock/pk/1", scope.encode(), name.encode()))
        return HKDF(SHA256(), 32, salt=None, info=info).derive(run_key)

    def open(self, blob: bytes, leaf: dict, field: str) -> bytes | None:
        """The plaintext, after checking key, tag, length and commitment; None without a key."""
        commitment = leaf[field]
        assert hashlib.sha256(blob).digest() == base64.b64decode(commitment["b"])
        key = self.key(leaf, field)
        if key is None:
            return None
        assert blob[0] == 1
        content = opened(key, blob[1:], b"interlock/pb/1")
        assert len(content) - 32 == commitment["n"]
        assert hashlib.sha256(b"interlock/pc/1" + content).digest() == base64.b64decode(commitment["c"])
        return content[32:]


def opened(key: bytes, sealed: bytes, data: bytes) -> bytes:
    return AESGCM(key).decrypt(sealed[:12], sealed[12:], data)


def payload_name(leaf: dict, field: str) -> tuple[str, str, str]:
    """The (owner of the key, scope, field) from which the key is derived."""
    in_run = "rs" in leaf
    owner = leaf["run"] if in_run else f"day:{day_of(leaf['seal'])}"
    scope = leaf.get("call", owner) if in_run else owner
    revision = f".r{leaf['rev']}" if leaf.get("rev", 1) > 1 else ""
    if field == "answers" or field == "again" and "round" in leaf:
        name = f"{field}.{leaf['round']}"
    elif field == "why" and "kep" in leaf:
        name = f"why.{leaf['kep']}"
    elif scope != owner and field in ("proof", "bind"):
        name = f"proof.{leaf.get('i', 0)}{revision}" if field == "proof" else field + revision
    elif scope != owner:
        name = field
    else:
        name = f"{field}.{leaf['seal']}"
    return owner, scope, name


def day_of(identifier: str) -> str:
    milliseconds = 0
    for symbol in identifier[:10]:
        milliseconds = milliseconds << 5 | CROCKFORD.index(symbol)
    return (datetime.date(1970, 1, 1) + datetime.timedelta(milliseconds // 86_400_000)).isoformat()
