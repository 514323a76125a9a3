"""Writes evidence bundles from docs/auditing.md alone, with no code of Interlock."""

import hashlib
import io
import tarfile
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from logwriter import RUN, Log, b64, bundle, canonical, leaf_hash, sha256

KEY, NONCE, SALT = bytes(range(32)), b"\x03" * 12, b"\x83" * 32


@dataclass
class Payload:
    """A sealed plaintext, and its commitment in a record."""
    plaintext: bytes
    key: bytes = KEY
    salt: bytes = SALT
    nonce: bytes = NONCE

    @property
    def blob(self) -> bytes:
        return b"\x01" + self.nonce + AESGCM(self.key).encrypt(self.nonce, self.salt + self.plaintext, b"interlock/pb/1")

    @property
    def commitment(self) -> dict:
        return {"b": b64(sha256(self.blob)), "c": b64(sha256(b"interlock/pc/1" + self.salt + self.plaintext)),
                "n": len(self.plaintext)}

    def opening(self, leaf: bytes, field: str) -> dict:
        return {"field": field, "key": b64(self.key), "leaf": b64(leaf)}


@dataclass
class Evidence:
    """One chain of a log with its openings and policies; a test can change each file of `archive`."""
    log: Log
    indices: list[int]
    ended: bool = False
    openings: list[dict] = field(default_factory=list)
    blobs: list[bytes] = field(default_factory=list)
    policies: list[bytes] = field(default_factory=list)
    each: bool = False
    run: str = RUN

    def files(self) -> dict[str, bytes]:
        entries = [self.log.entries[index] for index in self.indices]
        files = {"chain/0.bin": bundle(entries), "chain/0.tlog-proof": self.log.proof(self.indices[-1])}
        if self.each:
            files |= {f"chain/0/{rs}.tlog-proof": self.log.proof(index) for rs, index in enumerate(self.indices)}
        files["trust.policy"] = f"log {self.log.key.vkey}\nquorum none\n".encode()
        files["openings.json"] = canonical(self.openings)
        files |= {name: data for name, data in sorted((f"payload/{sha256(blob).hex()}", blob) for blob in self.blobs)}
        files |= {name: data for name, data in sorted((f"policies/{sha256(one).hex()}", one) for one in self.policies)}
        files["VERIFY.txt"] = b"see docs/auditing.md\n"
        return files

    def manifest(self, files: dict[str, bytes], **changes) -> dict:
        chain = {"cnt": len(self.indices), "end": self.ended, "index": self.indices[-1], "o": self.log.key.name}
        digests = {name: f"sha256:{hashlib.sha256(data).hexdigest()}" for name, data in files.items()}
        return {"chains": [chain], "files": digests, "format": "interlock/evidence/1", "run": self.run, **changes}

    def archive(self, **changes) -> bytes:
        files = self.files()
        return tar({"manifest.json": canonical(self.manifest(files, **changes)), **files})


def tar(files: dict[str, bytes], **header) -> bytes:
    """Writes the archive; `header` sets fields that a bundle leaves at zero."""
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode, member.mtime = len(data), 0o644, 0
            for key, value in header.items():
                setattr(member, key, value)
            archive.addfile(member, io.BytesIO(data))
    data = output.getvalue().rstrip(b"\0")
    padded = data + b"\0" * (-len(data) % 512)
    return padded + b"\0" * 1024


def leaf(log: Log, index: int) -> bytes:
    return leaf_hash(log.entries[index])
