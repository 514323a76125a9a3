"""An evidence bundle taken apart and put together again, from docs/auditing.md: by an outsider who has the bundle, or
by the operator, who holds the log's key and may write any record anew."""

import base64
import io
import json
import struct
import tarfile
from copy import deepcopy

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from evidencewriter import Evidence, Payload, tar
from logwriter import Log, b64, bundle, canonical, leaf_hash, sha256
from statements import message, unurl, url


def untar(archive: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        return {member.name: opened.extractfile(member).read() for member in opened}


def split(data: bytes) -> list[bytes]:
    entries, at = [], 0
    while at < len(data):
        (count,) = struct.unpack_from(">H", data, at)
        entries.append(data[at + 2:at + 2 + count])
        at += 2 + count
    return entries


class Vote:
    """The parts that one person signed by passkey; each can be changed."""

    def __init__(self, proof: bytes):
        self.envelope = json.loads(proof)
        self.statement = json.loads(base64.b64decode(self.envelope["payload"]))
        self.assertion = {name: unurl(text) for name, text in self.envelope["assertion"].items()}
        self.client = json.loads(self.assertion["clientDataJSON"])

    def challenge(self) -> str:
        """The challenge that a browser would get for the current statement."""
        return url(sha256(message(self.envelope["payloadType"], canonical(self.statement))))

    def say(self) -> None:
        """Writes `client` as a browser does."""
        self.assertion["clientDataJSON"] = json.dumps(self.client, separators=(",", ":")).encode()

    @property
    def proof(self) -> bytes:
        parts = {name: url(data) for name, data in self.assertion.items()}
        return canonical({**self.envelope, "payload": b64(canonical(self.statement)), "assertion": parts})


class Taken:
    """One run of one log: its records, its approvers' enrolments, and the disclosed payloads."""

    def __init__(self, archive: bytes):
        self.files = untar(archive)
        self.manifest = json.loads(self.files["manifest.json"])
        self.entries = split(self.files["chain/0.bin"])
        self.records = [json.loads(entry) for entry in self.entries]
        self.people = [json.loads(entry) for entry in split(self.files["people/0.bin"])]
        self.payloads: dict[tuple[int, str], Payload] = {}
        places = {b64(leaf_hash(entry)): place for place, entry in enumerate(self.entries)}
        for one in json.loads(self.files["openings.json"]):
            place = places[one["leaf"]]
            self.payloads[place, one["field"]] = self._open(self.records[place][one["field"]], one["key"])

    def _open(self, commitment: dict, key: str) -> Payload:
        blob = self.files[f"payload/{base64.b64decode(commitment['b']).hex()}"]
        opener = base64.b64decode(key)
        salted = AESGCM(opener).decrypt(blob[1:13], blob[13:], b"interlock/pb/1")
        return Payload(salted[32:], key=opener, salt=salted[:32], nonce=blob[1:13])

    def copy(self) -> "Taken":
        return deepcopy(self)

    def places(self, kind: str) -> list[int]:
        return [place for place, record in enumerate(self.records) if record["t"] == kind]

    def vote(self, place: int) -> Vote:
        return Vote(self.payloads[place, "proof"].plaintext)

    def put(self, place: int, proof: bytes, field: str = "proof") -> None:
        old = self.payloads[place, field]
        self.payloads[place, field] = Payload(proof, key=old.key, salt=old.salt, nonce=old.nonce)

    # Putting the bundle together again.

    def found(self) -> bytes:
        """The bundle of an outsider: all files agree with each other, and the log is unchanged."""
        blobs = {f"payload/{sha256(one.blob).hex()}": one.blob for one in self.payloads.values()}
        made = {}
        for name, data in self.files.items():
            if name.startswith("payload/"):
                made |= dict(sorted(blobs.items()))  # all payloads take the place of the first
            elif name != "manifest.json":
                made[name] = data
        made["people/0.bin"] = bundle([canonical(one) for one in self.people])
        digests = {name: f"sha256:{sha256(data).hex()}" for name, data in made.items()}
        return tar({"manifest.json": canonical({**self.manifest, "files": digests}), **made})

    def forged(self) -> bytes:
        """The bundle of a dishonest operator: a log of these records, each naming its predecessor, under a key of the
        operator."""
        log = Log().genesis()
        people = [len(log.entries) + place for place in range(len(self.people))]
        for one in self.people:
            log.append(canonical(one))
        log.add("log.tick")
        indices, renamed, openings = [], {}, []
        for place, record in enumerate(self.records):
            own = {field: one.commitment for (at, field), one in self.payloads.items() if at == place}
            entry = canonical({**record, **own})
            for old, new in renamed.items():
                entry = entry.replace(old, new)
            indices.append(len(log.entries))
            leaf = log.append(entry)
            renamed[b64(leaf_hash(self.entries[place])).encode()] = b64(leaf).encode()
            openings += [self.payloads[place, field].opening(leaf, field) for field in own]
        policies = [data for name, data in self.files.items() if name.startswith("policies/")]
        evidence = Evidence(log, indices, self.manifest["chains"][0]["end"], openings,
                            [one.blob for one in self.payloads.values()], policies, run=self.manifest["run"])
        files = {}
        for name, data in evidence.files().items():
            if name == "trust.policy" and people:
                files["people/0.bin"] = bundle([log.entries[index] for index in people])
                files |= {f"people/0/{at}.tlog-proof": log.proof(index) for at, index in enumerate(people)}
            files[name] = data
        return tar({"manifest.json": canonical(evidence.manifest(files)), **files})
