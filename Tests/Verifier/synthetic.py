"""Writes the logs and bundles that the tests verify, as an operator who holds the log's key and can lie with it."""

import hashlib
import io
import json
import struct
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from encoding import b64

RUN, CALL = "01kag0q9v4x2m7c8d3e5f6g7h8", "01kag0qwz3b5d7f9h1k3m5p7r9"
TIME = 1795169761
# Requests for approval, and pseudonyms of people.
APPR, OTHER_APPR = "01kag0qx0e2g4j6m8p0r2t4v6x", "01kag0qx0e2g4j6m8p0r2t4v6y"
P1, P2 = "qAtvNSliVAlAcLHGLhmnpA==", "AAAAAAAAAAAAAAAAAAAAAA=="


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def jcs(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()


def leaf(entry: bytes) -> bytes:
    return sha(b"\0" + entry)


def root(hashes: list[bytes]) -> bytes:
    """The root by the definition of RFC 6962, section 2.1."""
    if len(hashes) < 2:
        return hashes[0] if hashes else sha(b"")
    half = 1 << (len(hashes) - 1).bit_length() - 1
    return sha(b"\1" + root(hashes[:half]) + root(hashes[half:]))


def path(hashes: list[bytes], index: int) -> list[bytes]:
    """The path by the definition of RFC 6962, section 2.1.1."""
    if len(hashes) < 2:
        return []
    half = 1 << (len(hashes) - 1).bit_length() - 1
    if index < half:
        return [*path(hashes[:half], index), root(hashes[half:])]
    return [*path(hashes[half:], index - half), root(hashes[:half])]


class Signer:
    """A key of a log (type 1) or of a witness (type 4)."""

    def __init__(self, name: str, first: int, kind: int = 1) -> None:
        self.name, self.kind = name, kind
        self.key = Ed25519PrivateKey.from_private_bytes(bytes(range(first, first + 32)))
        self.public = self.key.public_key().public_bytes_raw()
        self.id = sha(name.encode() + b"\n" + bytes([kind]) + self.public)[:4]
        self.vkey = f"{name}+{self.id.hex()}+{b64(bytes([kind]) + self.public)}"

    def line(self, text: str) -> str:
        if self.kind == 1:
            signature = self.key.sign(text.encode())
        else:
            signed = f"cosignature/v1\ntime {TIME}\n{text}"
            signature = struct.pack(">Q", TIME) + self.key.sign(signed.encode())
        return f"\u2014 {self.name} {b64(self.id + signature)}\n"


def dsse(kind: str, payload: bytes, signer: Signer, /, key: bytes | None = None, **changes) -> bytes:
    """A statement in its envelope; `key` is named in place of the signer's."""
    media = f"application/vnd.interlock.{kind}+json"
    signature = signer.key.sign(f"DSSEv1 {len(media)} {media} {len(payload)} ".encode() + payload)
    signatures = [{"keyid": b64(key or signer.public), "sig": b64(signature)}]
    return jcs({"payloadType": media, "payload": b64(payload), "signatures": signatures, **changes})


LOG_KEY = Signer("audit.acme.example/gw1/2026", 0)
WITNESS_KEY = Signer("auditor.example", 32, kind=4)
KEY = ("--vkey", LOG_KEY.vkey)


@dataclass
class Writer:
    entries: list[bytes] = field(default_factory=list)
    signers: list[Signer] = field(default_factory=lambda: [LOG_KEY])
    origin: str = LOG_KEY.name

    def add(self, kind: str, /, **fields) -> bytes:
        """Appends a record without the fields given as None, and returns its leaf hash."""
        record = {"v": 1, "t": kind, "ts": 1795169700000000 + len(self.entries), "node": "gw1", **fields}
        return self.append(jcs({name: value for name, value in record.items() if value is not None}))

    def append(self, entry: bytes) -> bytes:
        self.entries.append(entry)
        return leaf(entry)

    def checkpoint(self, size: int | None = None) -> bytes:
        size = len(self.entries) if size is None else size
        text = f"{self.origin}\n{size}\n{b64(root(list(map(leaf, self.entries[:size]))))}\n"
        return (text + "\n" + "".join(signer.line(text) for signer in self.signers)).encode()

    def proof(self, index: int) -> bytes:
        hashes = [b64(one) + "\n" for one in path(list(map(leaf, self.entries)), index)]
        return f"c2sp.org/tlog-proof@v1\nindex {index}\n{''.join(hashes)}\n".encode() + self.checkpoint()

    def files(self) -> dict[str, bytes]:
        bundles = [b"".join(struct.pack(">H", len(entry)) + entry for entry in self.entries[at:at + 256])
                   for at in range(0, len(self.entries), 256)]
        files = {name_of("entries", at, len(self.entries)): data for at, data in enumerate(bundles)}
        level, hashes = 0, list(map(leaf, self.entries))
        while hashes:
            tiles = [hashes[at:at + 256] for at in range(0, len(hashes), 256)]
            files |= {name_of(str(level), at, len(hashes)): b"".join(tile) for at, tile in enumerate(tiles)}
            level, hashes = level + 1, [root(tile) for tile in tiles if len(tile) == 256]
        return {"checkpoint": self.checkpoint(), **files}

    def write(self, folder: Path) -> Path:
        put(folder, self.files())
        return folder


def put(folder: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def name_of(kind: str, index: int, count: int) -> str:
    digits = f"{index:0{-(-len(str(index)) // 3) * 3}}"
    groups = [digits[at:at + 3] for at in range(0, len(digits), 3)]
    width = min(256, count - 256 * index)
    name = "/".join(["x" + group for group in groups[:-1]] + groups[-1:])
    return f"tile/{kind}/{name}" + (f".p/{width}" if width < 256 else "")


class Run:
    """Records of one run; each names its predecessor."""

    def __init__(self, log: Writer, run: str = RUN) -> None:
        self.log, self.run, self.leaves = log, run, []

    def add(self, kind: str, /, **fields) -> bytes:
        chain = {"run": self.run, "rs": len(self.leaves), "prev": b64(self.leaves[-1]) if self.leaves else None}
        self.leaves.append(self.log.add(kind, **{**chain, **fields}))
        return self.leaves[-1]

    def close(self, opened: bytes, kind: str = "call.outcome", **fields) -> bytes:
        return self.add(kind, **{"call": CALL, "intent": b64(opened), **fields})


def sample() -> tuple[Writer, Run]:
    """A log with a run of one closed call, one of unknown end that was closed late, and one in flight."""
    log = Writer()
    log.add("log.genesis", origin=log.origin)
    log.add("log.started")
    run = Run(log)
    run.add("run.start")
    run.close(run.add("call.intent", call=CALL))
    unknown = run.add("call.intent", call=CALL)
    run.close(unknown, "call.unknown")
    run.close(unknown, late=True)
    run.add("call.intent", call=CALL)
    return log, run


@dataclass
class Sealed:
    """A payload with its blob."""
    plaintext: bytes
    key: bytes = bytes(range(32))
    salt: bytes = bytes([0x83]) * 32

    @property
    def blob(self) -> bytes:
        nonce = bytes([3]) * 12
        return b"\1" + nonce + AESGCM(self.key).encrypt(nonce, self.salt + self.plaintext, b"interlock/pb/1")

    @property
    def commitment(self) -> dict:
        return {"b": b64(sha(self.blob)), "c": b64(sha(b"interlock/pc/1" + self.salt + self.plaintext)),
                "n": len(self.plaintext)}

    def opening(self, of: bytes, name: str) -> dict:
        return {"field": name, "key": b64(self.key), "leaf": b64(of)}


def evidence(log: Writer, openings: list[dict], blobs: list[bytes], policies: list[bytes], run: str = RUN,
             each: bool = False) -> dict[str, bytes]:
    """The files of a bundle with one chain."""
    records = [json.loads(entry) for entry in log.entries]
    indices = [index for index, record in enumerate(records) if record.get("run") == run]
    entries = [log.entries[index] for index in indices]
    files = {"chain/0.bin": b"".join(struct.pack(">H", len(entry)) + entry for entry in entries),
             "chain/0.tlog-proof": log.proof(indices[-1])}
    if each:
        files |= {f"chain/0/{rs}.tlog-proof": log.proof(index) for rs, index in enumerate(indices)}
    files |= {"trust.policy": b"quorum none\n", "openings.json": jcs(openings)}
    files |= dict(sorted((f"payload/{sha(blob).hex()}", blob) for blob in blobs))
    files |= dict(sorted((f"policies/{sha(policy).hex()}", policy) for policy in policies))
    files["VERIFY.txt"] = b"as docs/auditing.md says\n"
    chain = {"cnt": len(entries), "end": records[indices[-1]]["t"] == "run.end", "index": indices[-1], "o": log.origin}
    return {"manifest.json": manifest(files, [chain], run), **files}


def manifest(files: dict[str, bytes], chains: list[dict], run: str = RUN) -> bytes:
    digests = {name: "sha256:" + sha(data).hex() for name, data in files.items()}
    return jcs({"chains": chains, "files": digests, "format": "interlock/evidence/1", "run": run})


def tar(files: dict[str, bytes], **header) -> bytes:
    output = io.BytesIO()
    for name, data in files.items():
        member = tarfile.TarInfo(name)
        member.size, member.mode = len(data), 0o644
        for key, value in header.items():
            setattr(member, key, value)
        output.write(member.tobuf(tarfile.USTAR_FORMAT) + data + bytes(-len(data) % 512))
    return output.getvalue() + bytes(1024)


def record(**fields) -> bytes:
    base = {"v": 1, "t": "log.tick", "ts": 1, "node": "gw1"}
    return jcs({name: value for name, value in {**base, **fields}.items() if value is not None})


def flip(name: str, at: int):
    def change(folder: Path) -> None:
        data = bytearray((folder / name).read_bytes())
        data[at] ^= 1
        (folder / name).write_bytes(data)
    return change
