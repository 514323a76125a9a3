"""Reads the log from its bytes alone, by the specification and with no code of Interlock.

The records are those of the write-ahead log; those whose segment was used again are read where they were published. Each fault that it finds is an assertion error: frame, checksum, order, tree, signature, run chain, commitment.
"""

import base64
import hashlib
import json
import struct
from dataclasses import dataclass
from pathlib import Path

import logwriter
import payloadkeys
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MAGIC = b"ILWAL\x00\x00\x01"
BLOCK = 4096
HEAD = struct.Struct(">8sQQ6I")
CLOSING = {"call.outcome", "call.unknown", "call.denied"}


@dataclass
class Record:
    index: int
    leaf: dict
    hash: bytes
    payloads: dict[str, bytes]  # field -> plaintext, for those found in frames whose key exists


def read(ledger: Path) -> list[Record]:
    """Every durable record. A truncated last frame is omitted, as in a recovery."""
    whole = frames(ledger / "wal")
    leaves, blobs, last = published(ledger, whole[0][0] if whole else 0)
    for index, records, packs, checkpoint in whole:
        assert index == len(leaves), f"frame at {index}, expected {len(leaves)}"
        leaves += records
        for digest, blob in packs:
            assert hashlib.sha256(blob).digest() == digest, "a blob does not have its digest"
            blobs[digest] = blob
        last = checkpoint
    found = [Record(index, parsed(leaf), leaf_hash(leaf), {}) for index, leaf in enumerate(leaves)]
    assert found and found[0].leaf["t"] == "log.genesis"
    if last is not None:
        check_checkpoint(last, found)
    check_runs(found)
    keys = payloadkeys.Keys(ledger.parent)
    names = set()
    for record in found:
        for field, commitment in record.leaf.items():
            if isinstance(commitment, dict) and {"b", "c", "n"} <= set(commitment):
                name = payloadkeys.payload_name(record.leaf, field)
                assert name not in names, f"a second payload has the key of {name}"
                names.add(name)
                blob = blobs.get(base64.b64decode(commitment["b"]))
                plaintext = blob and keys.open(blob, record.leaf, field)
                if plaintext is not None:
                    record.payloads[field] = plaintext
    return found


def published(ledger: Path, count: int) -> tuple[list[bytes], dict[bytes, bytes], None]:
    """The first `count` records and every blob of the packs, which hold those whose segment was used again."""
    if count == 0:
        return [], {}, None
    leaves = logwriter.read(ledger / "log")
    assert len(leaves) >= count, f"{len(leaves)} records are published, and the segments begin at {count}"
    blobs = {}
    for path in (ledger.parent / "payloads").rglob("*.pack"):
        for digest, blob in pack(path.read_bytes()):
            assert hashlib.sha256(blob).digest() == digest, f"a blob of {path.name} does not have its digest"
            blobs[digest] = blob
    return leaves[:count], blobs, None


def frames(folder: Path) -> list[tuple[int, list[bytes], list[tuple[bytes, bytes]], bytes]]:
    """(first index, leaves, blobs, checkpoint) of every whole frame, in the order of the records."""
    whole = []
    for path in folder.glob("*.seg"):
        data, at, use = path.read_bytes(), 0, None
        while at + HEAD.size <= len(data) and data[at:at + 8] == MAGIC:
            _, number, index, records, blobs, *sizes, zero = HEAD.unpack_from(data, at)
            assert zero == 0
            if use is not None and number < use:
                break  # of the segment's last use
            use = number
            end = at + HEAD.size + sum(sizes)
            if end + 4 > len(data) or crc32c(data[at:end]) != struct.unpack_from(">I", data, end)[0]:
                break
            parts, start = [], at + HEAD.size
            for size in sizes:
                parts.append(data[start:start + size])
                start += size
            leaves, packs = bundle(parts[0]), pack(parts[1])
            assert (len(leaves), len(packs)) == (records, blobs)
            whole.append((index, leaves, packs, parts[2]))
            at = end + 4 + -(end + 4) % BLOCK
    return sorted(whole, key=lambda frame: frame[0])


def bundle(data: bytes) -> list[bytes]:
    found, at = [], 0
    while at < len(data):
        (size,) = struct.unpack_from(">H", data, at)
        found.append(data[at + 2:at + 2 + size])
        at += 2 + size
    return found


def pack(data: bytes) -> list[tuple[bytes, bytes]]:
    found, at = [], 0
    while at < len(data):
        (size,) = struct.unpack_from(">I", data, at + 32)
        found.append((data[at:at + 32], data[at + 36:at + 36 + size]))
        at += 36 + size
    return found


def parsed(leaf: bytes) -> dict:
    """Parses a leaf and requires its canonical form (ASCII keys, no floats, so Python's sort is RFC 8785's)."""
    value = json.loads(leaf)
    assert json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode() == leaf
    return value


def leaf_hash(leaf: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + leaf).digest()


def root(hashes: list[bytes]) -> bytes:
    """The root by RFC 6962, section 2.1, with a stack of perfect subtrees."""
    stack: list[tuple[int, bytes]] = []
    for one in hashes:
        size = 1
        while stack and stack[-1][0] == size:
            one = hashlib.sha256(b"\x01" + stack.pop()[1] + one).digest()
            size *= 2
        stack.append((size, one))
    whole = stack.pop()[1]
    while stack:
        whole = hashlib.sha256(b"\x01" + stack.pop()[1] + whole).digest()
    return whole


def check_checkpoint(note: bytes, records: list[Record]) -> None:
    """Checks a signed note of C2SP with the key that `log.genesis` names."""
    text, _, signatures = note.decode().partition("\n\n")
    origin, size, base, *_ = (text + "\n").split("\n")
    assert origin == records[0].leaf["origin"]
    assert int(size) == len(records)
    assert base64.b64decode(base) == root([record.hash for record in records])
    name, key_id, key = records[0].leaf["vkey"].split("+", 2)
    dash, signer, signature = signatures.strip().split("\n")[0].split(" ")
    value = base64.b64decode(signature)
    assert (dash, signer, value[:4].hex()) == ("—", name, key_id)
    Ed25519PublicKey.from_public_bytes(base64.b64decode(key)[1:]).verify(value[4:], (text + "\n").encode())


def check_runs(records: list[Record]) -> None:
    """Requires dense counters, and that each record names its predecessor in its run."""
    last: dict[str, tuple[int, str]] = {}
    for record in records:
        if "rs" not in record.leaf:
            continue
        run, before = record.leaf["run"], last.get(record.leaf["run"])
        if before is None:
            assert record.leaf["rs"] == 0 and "prev" not in record.leaf
        else:
            assert (record.leaf["rs"], record.leaf["prev"]) == (before[0] + 1, before[1]), f"run {run} is broken"
        last[run] = (record.leaf["rs"], base64.b64encode(record.hash).decode())


def intents(records: list[Record]) -> dict[str, Record]:
    """The intents by leaf hash in base64, as closing records name them."""
    return {base64.b64encode(record.hash).decode(): record
            for record in records if record.leaf["t"] == "call.intent"}


def closings(records: list[Record]) -> dict[str, list[Record]]:
    """Intent -> the records that close it."""
    found: dict[str, list[Record]] = {}
    for record in records:
        if record.leaf["t"] in CLOSING and "intent" in record.leaf:
            found.setdefault(record.leaf["intent"], []).append(record)
    return found


def _table() -> list[int]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


_CRC = _table()


def crc32c(data: bytes) -> int:
    value = 0xFFFFFFFF
    for byte in data:
        value = _CRC[(value ^ byte) & 0xFF] ^ value >> 8
    return value ^ 0xFFFFFFFF
