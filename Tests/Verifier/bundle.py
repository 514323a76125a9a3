"""An evidence bundle of a run (docs/auditing.md, section 9)."""

import re
from dataclasses import dataclass
from pathlib import Path

import strictjson
from encoding import BadEvidence, Malformed, is_hash, sha256, unbase64
from log import check_min_size
from payloads import Commitment
from proof import Proof
from records import KNOWN_TYPES, Chains, Closings, Record, is_count, is_id
from tiles import split_bundle
from tree import leaf_hash
from trust import Trust
from ustar import Archive
from passkeys import enrolment
from quorums import Quorums
from signers import Enrolled, People, Signers
from votes import Opened, Votes, not_checked

CHAINS_LIMIT, RECORDS_LIMIT = 1024, 1 << 20


@dataclass(frozen=True)
class ChainClaim:
    """The manifest's statements about a chain."""
    count: int
    ends: bool
    index: int
    origin: str

    @classmethod
    def of(cls, value: object) -> "ChainClaim":
        match value:
            case {"cnt": int(count), "end": bool(ends), "index": int(index), "o": str(origin), **more}:
                if not more and is_count(count) and count > 0 and is_count(index):
                    return cls(count, ends, index, origin)
        raise Malformed("manifest.json: a chain is not of its form")


@dataclass(frozen=True)
class Manifest:
    run: str
    chains: list[ChainClaim]
    files: dict[str, object]

    @classmethod
    def parse(cls, data: bytes) -> "Manifest":
        match strictjson.record(data):
            case {"format": "interlock/evidence/1", "run": str(run), "chains": [_, *_] as chains, "files": dict(files),
                  **more}:
                digests = [re.fullmatch("sha256:[0-9a-f]{64}", str(digest)) for digest in files.values()]
                if not more and is_id(run) and all(digests) and len(chains) <= CHAINS_LIMIT:
                    return cls(run, [ChainClaim.of(chain) for chain in chains], files)
        raise Malformed("manifest.json: not that of an evidence bundle")


@dataclass
class BundleReport:
    run: str
    records: int
    ended: bool
    open_intents: int
    opened: int
    votes: int
    # Parts that were not checked, or rest on less evidence than possible.
    warnings: list[str]
    unknown_types: list[str]


def verify_bundle(path: Path, trust: Trust, people: People | None, min_size: int) -> BundleReport:
    archive = Archive(path)
    if archive.names[:1] != ["manifest.json"]:
        raise Malformed("archive: manifest.json is not its first file")
    manifest = Manifest.parse(archive.read("manifest.json"))
    _check_names(archive.names, manifest.chains)
    if manifest.files.keys() != set(archive.names[1:]):
        raise BadEvidence("manifest.json: it lists other files than the archive has")
    for name, digest in manifest.files.items():
        if archive.digest(name) != digest:
            raise BadEvidence(f"{name}: not the content that the manifest names")
    return _Bundle(archive, manifest, trust, min_size).verify(people)


def _check_names(names: list[str], chains: list[ChainClaim]) -> None:
    """Requires the files in their order; with a proof for any single record there must be one for each."""
    expected = ["manifest.json"]
    proves_each = any(re.match(r"chain/.*/", name) for name in names)
    for number, chain in enumerate(chains):
        expected += [f"chain/{number}.bin", f"chain/{number}.tlog-proof"]
        # More files than there are names are refused in any case.
        count = min(chain.count, len(names)) if proves_each else 0
        expected += [f"chain/{number}/{rs}.tlog-proof" for rs in range(count)]
    for number in range(len(chains)):
        count = sum(name.startswith(f"people/{number}/") for name in names)
        if count or f"people/{number}.bin" in names:
            expected += [f"people/{number}.bin", *(f"people/{number}/{place}.tlog-proof" for place in range(count))]
    expected += ["trust.policy", "openings.json"]
    for folder in ("payload", "policies"):
        expected += sorted(name for name in names if re.fullmatch(rf"{folder}/[0-9a-f]{{64}}", name))
    if names != [*expected, "VERIFY.txt"]:
        raise BadEvidence("archive: not the files of an evidence bundle in their order")


class _Bundle:
    def __init__(self, archive: Archive, manifest: Manifest, trust: Trust, min_size: int) -> None:
        self.archive, self.manifest, self.trust, self.min_size = archive, manifest, trust, min_size
        self.records: dict[bytes, Record] = {}
        # The indices of records in their log, as far as they were proved.
        self.places: dict[bytes, int] = {}
        self.open_intents = 0

    def verify(self, people: People | None) -> BundleReport:
        claims = self.manifest.chains
        if len({claim.origin for claim in claims}) != len(claims):
            raise BadEvidence("manifest.json: two chains of one log")
        chains = [self._chain(number, claim) for number, claim in enumerate(claims)]
        opened = self._open()
        self._check_policies()
        votes, quorums = Votes(opened, Signers(people)), Quorums(opened, Signers(people))
        for number, (claim, records) in enumerate(zip(claims, chains)):
            enrolled = self._enrolled(number, claim)
            quorums.check(records, enrolled, self.places)
            votes.check(records, enrolled, self.places, claim.origin)
        unknown = {record.type for record in self.records.values()} - KNOWN_TYPES
        ended = any(claim.ends for claim in claims)
        return BundleReport(self.manifest.run, len(self.records), ended, self.open_intents, len(opened),
                            votes.signers.verified, not_checked(votes, quorums), sorted(unknown))

    def _chain(self, number: int, claim: ChainClaim) -> list[Record]:
        name = f"chain/{number}.bin"
        entries = split_bundle(self.archive.read(name), name)
        records = [Record.parse(entry, rs, leaf_hash(entry)) for rs, entry in enumerate(entries)]
        if len(records) != claim.count or claim.count > RECORDS_LIMIT:
            raise BadEvidence(f"{name}: {len(records)} records, not {claim.count}")
        if records[0].type not in ("run.start", "run.attach"):
            raise records[0].fail("a chain begins with run.start or run.attach")
        chain, closings = Chains(), Closings()
        for record in records:
            if record.fields.get("run") != self.manifest.run or "rs" not in record.fields:
                raise record.fail("not a record of this run's chain")
            chain.add(record)
            closings.add(record)
            self.records[record.leaf] = record
        if (records[-1].type == "run.end") != claim.ends:
            raise BadEvidence(f"{name}: whether it has run.end is not as the manifest says")
        self.open_intents += len(closings.open)
        self._check_proofs(number, claim, records)
        return records

    def _enrolled(self, number: int, claim: ChainClaim) -> Enrolled:
        name = f"people/{number}.bin"
        enrolled: Enrolled = {}
        if name not in self.archive.names:
            return enrolled
        entries = split_bundle(self.archive.read(name), name)
        proofs = [one for one in self.archive.names if one.startswith(f"people/{number}/")]
        if not entries or len(entries) != len(proofs):
            raise BadEvidence(f"{name}: {len(entries)} records with {len(proofs)} proofs")
        last = Proof.parse(self.archive.read(f"chain/{number}.tlog-proof"))
        before = -1
        for place, (entry, one) in enumerate(zip(entries, proofs)):
            try:
                record = Record.parse(entry, place, leaf_hash(entry))
                by, credential = enrolment(record)
            except Malformed as error:
                raise BadEvidence(f"{name}: {error}") from error
            proof = self._proof(one, record, claim)
            if proof.checkpoint != last.checkpoint or not before < proof.index < last.index:
                raise BadEvidence(f"{one}: not before the votes, or under another checkpoint")
            before = proof.index
            enrolled.setdefault(by, {}).setdefault(credential, proof.index)
        return enrolled

    def _check_proofs(self, number: int, claim: ChainClaim, records: list[Record]) -> None:
        last = self._proof(f"chain/{number}.tlog-proof", records[-1], claim)
        if last.index != claim.index:
            raise BadEvidence(f"chain/{number}.tlog-proof: index {last.index}, not {claim.index}")
        each = [name for name in self.archive.names if name.startswith(f"chain/{number}/")]
        if not each:
            return
        before = -1
        for name, record in zip(each, records):
            proof = self._proof(name, record, claim)
            if proof.checkpoint != last.checkpoint:
                raise BadEvidence(f"{name}: under another checkpoint")
            if proof.index <= before:
                raise BadEvidence(f"{name}: not after the record before it")
            before = self.places[record.leaf] = proof.index
        if before != last.index:
            raise BadEvidence(f"{each[-1]}: index {before}, not {last.index}")

    def _proof(self, name: str, record: Record, claim: ChainClaim) -> Proof:
        try:
            proof = Proof.parse(self.archive.read(name))
            proof.check(record.leaf, self.trust)
        except (Malformed, BadEvidence) as error:
            raise BadEvidence(f"{name}: {error}") from error
        if proof.checkpoint.origin != claim.origin:
            raise BadEvidence(f"{name}: of the log {proof.checkpoint.origin!r}, not {claim.origin!r}")
        check_min_size(proof.checkpoint, self.min_size)
        return proof

    def _open(self) -> Opened:
        opened: Opened = {}
        blobs = {name for name in self.archive.names if name.startswith("payload/")}
        used = set()
        for leaf, field, key in self._openings():
            record = self.records.get(leaf)
            if record is None:
                raise BadEvidence("openings.json: an opening of a record that is in no chain")
            commitment = Commitment.of(record.fields.get(field))
            if commitment is None or commitment.blob is None:
                raise record.fail(f"{field} is no commitment to a stored payload")
            name = f"payload/{commitment.blob.hex()}"
            if name not in blobs:
                raise record.fail(f"{field}: {name} is missing")
            blob = self.archive.read(name)
            if sha256(blob) != commitment.blob:
                raise BadEvidence(f"{name}: not the hash of its content")
            if (leaf, field) in opened:
                raise record.fail(f"{field} is opened twice")
            opened[leaf, field] = commitment.open(blob, key, f"record {record.index}, {field}")
            used.add(name)
        for name in sorted(blobs - used):
            raise BadEvidence(f"{name}: no opening opens it")
        return opened

    def _openings(self) -> list[tuple[bytes, str, bytes]]:
        try:
            found = strictjson.values(self.archive.read("openings.json"))
        except Malformed as error:
            raise BadEvidence(f"openings.json: {error}") from error
        if not isinstance(found, list):
            raise BadEvidence("openings.json: not a list")
        openings = []
        for one in found:
            match one:
                case {"field": str(field), "key": key, "leaf": of} if len(one) == 3 and is_hash(key) and is_hash(of):
                    openings.append((unbase64(of), field, unbase64(key)))
                case _:
                    raise BadEvidence("openings.json: an opening is not of its form")
        return openings

    def _check_policies(self) -> None:
        named = {unbase64(record.fields["pol"]).hex() for record in self.records.values()
                 if is_hash(record.fields.get("pol"))}
        for name in self.archive.names:
            if name.startswith("policies/"):
                digest = name.removeprefix("policies/")
                if self.archive.digest(name) != f"sha256:{digest}":
                    raise BadEvidence(f"{name}: not the hash of its content")
                if digest not in named:
                    raise BadEvidence(f"{name}: no record names this policy")
