"""Writes audit logs from docs/auditing.md alone, with no code of Interlock, as an operator who has the log's key and
may lie with it."""

import base64
import hashlib
import json
import struct
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

RUN = "01kag0q9v4x2m7c8d3e5f6g7h8"
CALL = "01kag0qwz3b5d7f9h1k3m5p7r9"


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def canonical(value) -> bytes:
    """RFC 8785 for the content of records: ASCII keys, no floats."""
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry)


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right)


def root(hashes: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, over leaf hashes."""
    if not hashes:
        return sha256(b"")
    level = hashes
    # Pairs level by level; an unpaired last hash moves up unchanged, which gives the same tree.
    while len(level) > 1:
        level = [node(*level[at:at + 2]) if at + 1 < len(level) else level[at] for at in range(0, len(level), 2)]
    return level[0]


def inclusion(hashes: list[bytes], index: int) -> list[bytes]:
    """The path from the leaf's sibling upwards (RFC 6962, section 2.1.1)."""
    path, level = [], hashes
    while len(level) > 1:
        if index ^ 1 < len(level):
            path.append(level[index ^ 1])
        level = [node(*level[at:at + 2]) if at + 1 < len(level) else level[at] for at in range(0, len(level), 2)]
        index //= 2
    return path


@dataclass
class Key:
    """An Ed25519 key with a name in notes: of a log (type 1) or a witness (type 4)."""
    name: str
    seed: bytes
    kind: int = 1

    @property
    def private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    @property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes_raw()

    @property
    def id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public)[:4]

    @property
    def vkey(self) -> str:
        return f"{self.name}+{self.id.hex()}+{b64(bytes([self.kind]) + self.public)}"

    def line(self, text: str, time: int = 1795169761) -> str:
        if self.kind == 1:
            value = self.private.sign(text.encode())
        else:
            value = struct.pack(">Q", time) + self.private.sign(f"cosignature/v1\ntime {time}\n{text}".encode())
        return f"\u2014 {self.name} {b64(self.id + value)}\n"


def example_key() -> Key:
    return Key("audit.acme.example/gw1/2026", bytes(range(32)))


@dataclass
class Log:
    key: Key = field(default_factory=example_key)
    entries: list[bytes] = field(default_factory=list)
    cosigners: list[Key] = field(default_factory=list)

    # Records.

    def add(self, kind: str, /, **fields) -> bytes:
        """Appends a record without the fields given as None, so that a test can remove any."""
        record = {"v": 1, "t": kind, "ts": 1795169700000000 + len(self.entries), "mono": 86382000000 + len(self.entries),
                  "boot": "9c1f04ab", "node": "gw1", **fields}
        return self.append(canonical({name: value for name, value in record.items() if value is not None}))

    def append(self, entry: bytes) -> bytes:
        self.entries.append(entry)
        return leaf_hash(entry)

    def genesis(self) -> "Log":
        self.add("log.genesis", origin=self.key.name, vkey=self.key.vkey)
        self.add("log.started", size=1, iso="same-uid")
        return self

    # Files.

    @property
    def hashes(self) -> list[bytes]:
        return [leaf_hash(entry) for entry in self.entries]

    def text(self, size: int | None = None) -> str:
        size = len(self.entries) if size is None else size
        return f"{self.key.name}\n{size}\n{b64(root(self.hashes[:size]))}\n"

    def checkpoint(self, size: int | None = None) -> bytes:
        text = self.text(size)
        return (text + "\n" + "".join(key.line(text) for key in [self.key, *self.cosigners])).encode()

    def write(self, folder: Path) -> Path:
        for name, data in self.files().items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return folder

    def files(self) -> dict[str, bytes]:
        files = {"checkpoint": self.checkpoint()}
        for index, entries in groups(self.entries):
            files[tile_path("entries", index, len(entries))] = bundle(entries)
        level, hashes = 0, self.hashes
        while hashes:
            for index, tile in groups(hashes):
                files[tile_path(str(level), index, len(tile))] = b"".join(tile)
            hashes = [root(tile) for _, tile in groups(hashes) if len(tile) == 256]
            level += 1
        return files

    def proof(self, index: int) -> bytes:
        lines = ["c2sp.org/tlog-proof@v1", f"index {index}", *map(b64, inclusion(self.hashes, index)), "", ""]
        return "\n".join(lines).encode() + self.checkpoint()


class Run:
    """Records of one run, each naming its predecessor."""

    def __init__(self, log: Log, run: str = RUN):
        self.log, self.run, self.count, self.last = log, run, 0, None

    def add(self, kind: str, /, **fields) -> bytes:
        chain = {"run": self.run, "rs": self.count, "prev": b64(self.last) if self.last else None, "agent": "refunds"}
        self.last = self.log.add(kind, **{**chain, **fields})
        self.count += 1
        return self.last

    def call(self, close: str | None = "call.outcome", call: str = CALL, **fields) -> bytes:
        intent = self.add("call.intent", call=call, dec="allow", tool="billing__refund")
        if close == "call.outcome":
            fields = {"st": "ok", "code": "0", "dur": 1, **fields}
        if close:
            self.add(close, **{"call": call, "intent": b64(intent), **fields})
        return intent


def groups(items: list) -> list[tuple[int, list]]:
    return [(at // 256, items[at:at + 256]) for at in range(0, len(items), 256)]


def bundle(entries: list[bytes]) -> bytes:
    return b"".join(struct.pack(">H", len(entry)) + entry for entry in entries)


def tile_path(level: str, index: int, width: int) -> str:
    parts = [f"{index % 1000:03}"]
    while index := index // 1000:
        parts.insert(0, f"x{index % 1000:03}")
    return f"tile/{level}/{'/'.join(parts)}" + ("" if width == 256 else f".p/{width}")


def read(folder: Path) -> list[bytes]:
    """The entries of a log on disk, as many as its checkpoint states."""
    size = int((folder / "checkpoint").read_text().split("\n")[1])
    entries: list[bytes] = []
    for index in range(-(-size // 256)):
        width = min(256, size - 256 * index)
        path = folder / tile_path("entries", index, width)
        data = (path if path.exists() else folder / tile_path("entries", index, 256)).read_bytes()
        at = 0
        for _ in range(width):
            (count,) = struct.unpack_from(">H", data, at)
            entries.append(data[at + 2:at + 2 + count])
            at += 2 + count
    return entries
