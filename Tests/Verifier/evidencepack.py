"""An evidence pack (docs/evidence.md), checked in the order that the page states; the first fault ends it."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import strictjson
from encoding import BadEvidence, Malformed, b64, decimal, sha256, unbase64
from log import LogOptions, verify_log
from notes import Checkpoint, VKey
from packcounts import Population, Recount, matches, sides
from packfiles import MANIFEST, PackFiles, bad
from packforms import CONTROLS, MEDIA, Control, Envelope, Manifest, time_of
from packstatements import DEPLOYMENT, RELEASE, SIGNED, Statements
from proof import Proof
from records import Record, check_genesis
from tree import check_consistency, leaf_hash
from trust import Trust

NAMES = re.compile(
    r"(people|agents|roles)\.json|README\.md|report\.md|report\.html|exceptions\.json|inventory\.json|tests/(release|deployment)\.json|controls/.+\.json"
    r"|records/.+\.json|proofs/.+\.tlog-proof|policy/.+\.json|tests/.+\.xml|evals/.+\.dsse\.json|(trust|reviews|drills)/.+\.json"
    r"|frameworks/.+\.json|verifier/.+|logs/.+/(checkpoint\.(start|end)|consistency\.proof|seed\.proof|vkeys|trust\.policy)")
VIOLATIONS = ("kill.violation", "redaction.failed", "run.degraded")
FRESH = 7 * 24 * 3600 * 1_000_000


@dataclass
class PackReport:
    controls: int = 0
    records: int = 0
    # Parts that were not checked, with the reason.
    unverified: list[str] = field(default_factory=list)


def verify_pack(path: Path, trust: Trust, min_size: int, logs: list[Path]) -> PackReport:
    return _Pack(PackFiles(path), trust).verify(min_size, logs)


def _lists(record: Record, key: bytes) -> bool:
    try:
        return VKey.parse(str(record.fields.get("vkey"))).public == key
    except Malformed:
        return False


class _Pack:
    def __init__(self, files: PackFiles, trust: Trust) -> None:
        self.files, self.trust, self.report = files, trust, PackReport()
        self.origins: dict[str, str] = {}

    def verify(self, min_size: int, logs: list[Path]) -> PackReport:
        self.manifest, key = self._manifest()
        self._check_files()
        self._check_forms()
        self.controls = [self.files.form(name, Control.parse, name) for name in self.files.within("controls")]
        self.ends = {claim.origin: self._checkpoints(claim, min_size) for claim in self.manifest.logs}
        self.records = self._records()
        self._check_key(key)
        self._check_samples()
        self._check_policies()
        self.statements = Statements(self.files, self.manifest, self.records)
        self._check_controls()
        self._recount(logs)
        self._check_frameworks()
        self.report.controls, self.report.records = len(self.controls), len(self.records)
        return self.report

    def _leave(self, what: str) -> None:
        self.report.unverified.append(what)

    def _manifest(self) -> tuple[Manifest, bytes]:
        envelope = self.files.form(MANIFEST, Envelope.parse)
        if envelope.media != MEDIA.format("evidence") or [one.id for one in envelope.signers] != [None]:
            raise bad(MANIFEST, "a statement of another kind, or not signed by one key")
        try:
            return Manifest.parse(envelope.payload), envelope.signers[0].key
        except Malformed as error:
            raise bad(MANIFEST, error) from error

    def _check_files(self) -> None:
        self.files.digests = self.manifest.fields["files"]
        for name in sorted(self.files.digests):
            if name not in self.files.names:
                raise bad(name, "the manifest lists it, but it is missing")
        for name in self.files.names:
            if name != MANIFEST:
                if not NAMES.fullmatch(name):
                    raise bad(name, "no pack has such a file")
                self.files.read(name)

    def _check_forms(self) -> None:
        for name in self.files.names:
            if name.endswith(".json") and name != MANIFEST:
                is_signed = name in (RELEASE, DEPLOYMENT) or name.split("/")[0] in SIGNED
                value = self.files.form(name, strictjson.loose if is_signed else strictjson.rfc8785)
                if not isinstance(value, (dict, list)):
                    raise bad(name, "neither an object nor a list")

    def _checkpoints(self, claim, min_size: int) -> Checkpoint:
        folder = f"logs/{claim.origin}"
        end = self._checkpoint(f"{folder}/checkpoint.end", claim.origin)
        if (end.size, end.root) != (claim.end, claim.root):
            raise bad(f"{folder}/checkpoint.end", f"expected size {claim.end}, found {end.size}, or another root")
        if end.size < min_size:
            raise bad(f"{folder}/checkpoint.end", f"its size is {end.size}, less than {min_size}")
        if self.trust.quorum is None:
            self._leave(f"cosignatures of {claim.origin}")
        else:
            try:
                self.trust.check(end)
            except BadEvidence as error:
                raise bad(f"{folder}/checkpoint.end", error) from error
        self._consistency(claim, folder, end)
        return end

    def _checkpoint(self, name: str, origin: str) -> Checkpoint:
        checkpoint = self.files.form(name, Checkpoint.parse)
        if checkpoint.origin != origin:
            raise bad(name, f"of the log {checkpoint.origin}")
        try:
            self.trust.check_log(checkpoint)
        except BadEvidence as error:
            raise bad(name, error) from error
        return checkpoint

    def _consistency(self, claim, folder: str, end: Checkpoint) -> None:
        start, proof = f"{folder}/checkpoint.start", f"{folder}/consistency.proof"
        if claim.start == 0 and start not in self.files.names:
            if proof in self.files.names:
                raise bad(proof, "it proves nothing")
            return
        old = self._checkpoint(start, claim.origin)
        if old.size != claim.start:
            raise bad(start, f"expected size {claim.start}, found {old.size}")
        self._check_beginning(proof, old.size, old.root, end)

    def _check_beginning(self, name: str, size: int, root: bytes, end: Checkpoint) -> None:
        """The tree is the beginning of the log at the end of the period."""
        data = self.files.read(name)
        if not re.fullmatch(rb"([A-Za-z0-9+/=]{44}\n){0,64}", data):
            raise bad(name, "it is no consistency proof")
        try:
            path = [unbase64(line, 32) for line in data.decode().splitlines()]
            check_consistency(size, root, end.size, end.root, path)
        except (Malformed, BadEvidence) as error:
            raise bad(name, error) from error

    def _records(self) -> dict[str, Record]:
        found = {}
        notes = {origin: self.files.read(f"logs/{origin}/checkpoint.end") for origin in self.ends}
        for name in self.files.within("records"):
            stem = re.fullmatch(r"records/([0-9a-f]{64})\.json", name)
            entry = self.files.read(name)
            leaf = leaf_hash(entry)
            if not stem or leaf.hex() != stem[1]:
                raise bad(name, f"found the leaf hash {leaf.hex()}")
            proof_name = f"proofs/{stem[1]}.tlog-proof"
            data = self.files.read(proof_name)
            proof = self.files.form(proof_name, Proof.parse)
            origin = proof.checkpoint.origin
            if notes.get(origin) is None or not data.endswith(b"\n\n" + notes[origin]):
                raise bad(proof_name, "its checkpoint is none of the pack")
            try:
                proof.check(leaf, Trust(self.trust.logs))
                found[stem[1]] = Record.parse(entry, proof.index, leaf)
                self.origins[stem[1]] = origin
                if proof.index == 0:
                    check_genesis(found[stem[1]], origin)
            except BadEvidence as error:
                raise bad(proof_name, error) from error
        for name in self.files.within("proofs"):
            if name[7:].removesuffix(".tlog-proof") not in found:
                raise bad(name, "it proves no record of the pack")
        return found

    def _check_key(self, key: bytes) -> None:
        ends = [(record.index, record.fields.get("until", 1 << 64)) for record in self.records.values()
                if record.type == "key.listed" and record.fields.get("use") == "evidence" and _lists(record, key)]
        if not ends:
            raise bad(MANIFEST, f"no record of the log lists its key {b64(key)} for evidence")
        if self.manifest.built >= max(ends)[1]:
            raise bad(MANIFEST, "its key had expired when it was signed")
        if self.manifest.built < max(record.fields["ts"] for record in self.records.values()) // 1_000_000 * 1_000_000:
            raise bad(MANIFEST, "it states that it was built before one of its records")

    # The population of each log.

    def _population(self, claim) -> Population:
        agents = frozenset(self.manifest.fields["scope"]["agents"])
        return Population(claim.start, claim.end, self.manifest.begin, self.manifest.end, agents)

    def _check_samples(self) -> None:
        first = self.manifest.logs[0]
        if "seed" in self.manifest.fields:
            self._leave("the seed was given by a person")
        else:
            head = self.manifest.seed_head
            if sha256(b"interlock/evidence-seed/1" + (head[1] if head else first.root)) != self.manifest.seed:
                raise bad(MANIFEST, "its seed does not follow from the log")
            self._check_seed_head(first)
        for control in self.controls:
            seen = set()
            for sample in control.fields["samples"]:
                leaf = sample["leaf"].removeprefix("sha256:")
                record = self.records.get(leaf)
                if record is None or leaf in seen:
                    raise bad(control.name, f"the record {leaf} is not in the pack, or occurs twice")
                seen.add(leaf)
                queries = [one for side in sides(control.id) for one in side if one.split()[0] == sample["kind"]]
                if not any(matches(one, record.fields) for one in queries):
                    raise bad(control.name, f"the record {leaf} is no sample {sample['kind']} of it")
                if record.index != decimal(sample["index"]):
                    raise bad(control.name, f"the record {leaf}: expected index {sample['index']}, found {record.index}")
                (claim,) = [one for one in self.manifest.logs if one.origin == self.origins[leaf]]
                if not self._population(claim).contains(record.fields, record.index):
                    raise bad(control.name, f"the record {leaf} is not of the period or its agents")

    def _check_seed_head(self, claim) -> None:
        """The tree of the seed is one of the log, and its last record is the first after the period."""
        name, head = f"logs/{claim.origin}/seed.proof", self.manifest.seed_head
        if head is None:
            if name in self.files.names:
                raise bad(name, "the manifest names no tree of the seed")
            self._leave("the seed follows from the end of the log")
            return
        size, root = head
        self._check_beginning(name, size, root, self.ends[claim.origin])
        places = {record.index: record for leaf, record in self.records.items() if self.origins[leaf] == claim.origin}
        if size - 1 not in places or places[size - 1].fields["ts"] < self.manifest.end:
            raise bad(MANIFEST, f"the record {size - 1} of the seed is not in the pack, or not from the end of the period")
        if size > max(1, claim.start + 1):
            if size - 2 not in places:
                self._leave("the record before the one of the seed")
            elif places[size - 2].fields["ts"] >= self.manifest.end:
                raise bad(MANIFEST, f"the record {size - 1} is not the first after the period")

    def _check_policies(self) -> None:
        found = set()
        for name in self.files.within("policy"):
            if not name.startswith("policy/diffs/"):
                digest = sha256(self.files.read(name)).hex()
                if name != f"policy/{digest}.json":
                    raise bad(name, f"found {digest}")
                found.add("sha256:" + digest)
        if found != set(self.manifest.fields["policy"]):
            raise bad(MANIFEST, "its policies are not those of policy/")
        for control in self.controls:
            if not found.issuperset(control.fields["policy"]):
                raise bad(control.name, "it names a policy that the pack does not have")

    def _check_controls(self) -> None:
        if [control.id for control in self.controls] != CONTROLS:
            missing = sorted(set(CONTROLS) - {control.id for control in self.controls})
            raise bad(f"controls/{missing[0] if missing else 'C25'}.json", "it is missing, or one too many")
        for control in self.controls:
            self._check_tests(control)
            for review in control.reviews:
                if review not in self.statements.reviews:
                    raise bad(control.name, f"it names the review {review}, which the pack does not have")
            if control.status == "gap" and not control.fields["gaps"]:
                raise bad(control.name, "it is a gap, and does not say which")
        statuses = [control.status for control in self.controls]
        for status, stated in self.manifest.fields["summary"].items():
            if statuses.count(status) != stated:
                raise bad(MANIFEST, f"expected {statuses.count(status)} {status}, found {stated}")

    def _check_tests(self, control: Control) -> None:
        tests = control.fields["tests"]
        for test in tests:
            if "build" in test and test["build"] != self.manifest.fields["build"]:
                raise bad(control.name, f"expected {self.manifest.fields['build']}, found {test['build']}")
            result = self.statements.results[test["where"]].get(test["id"])
            if (result == "pass") != (test["result"] == "pass") or result is None:
                raise bad(control.name, f"the test {test['id']} has another result in the pack, or none")
            if "at" in test and time_of(test["at"]) != self.statements.tested:
                raise bad(control.name, f"the test {test['id']} is of another time in the pack")
        if control.status == "enforced":
            fresh = [test for test in tests if "at" in test and 0 <= self.manifest.built - time_of(test["at"]) < FRESH]
            if not fresh or not any(test["where"] == "release" for test in tests) or any(test["result"] != "pass" for test in tests):
                raise bad(control.name, "it is enforced without passed tests of both kinds")
            wrong = [one for one in control.fields["counts"] if one.get("n", 0) > 0 and ("check" in one or one["leaf"].get("t") in VIOLATIONS)]
            if control.fields["gaps"] or wrong:
                raise bad(control.name, f"it is enforced, and a gap or a count contradicts it: {wrong}")

    def _recount(self, folders: list[Path]) -> None:
        if not folders:
            self._leave("the counts: no log was given")
            self._leave("the choice of the samples: no log was given")
            self.report.unverified += self.statements.unknown(self.trust, set(), set())
            return
        found: list[Recount] = []
        seen = set()
        for folder in folders:
            origin = Checkpoint.parse((folder / "checkpoint").read_bytes()).origin
            claims = [claim for claim in self.manifest.logs if claim.origin == origin and origin not in seen]
            if not claims:
                raise Malformed(f"{folder} is no log of the pack, or is given twice")
            seen.add(origin)
            found.append(self._follow(folder, claims[0]))
        if len(seen) < len(self.manifest.logs):
            self._leave("the counts: not every log was given")
        else:
            self._compare(found)
        listed = {key for recount in found for key in recount.keys}
        people = {one for recount in found for one in recount.people}
        self.statements.check_passkeys(people)
        self.report.unverified += self.statements.unknown(self.trust, listed, people)

    def _follow(self, folder: Path, claim) -> Recount:
        old = [Checkpoint.parse(self.files.read(f"logs/{claim.origin}/checkpoint.{end}")) for end in ("start", "end")
               if f"logs/{claim.origin}/checkpoint.{end}" in self.files.names]
        recount = Recount(self._population(claim), self.manifest.seed, claim.origin)
        try:
            verify_log(folder, self.trust, LogOptions(old, observer=recount.add))
        except BadEvidence as error:
            raise BadEvidence(f"the log {folder}: {error}") from error
        return recount

    def _compare(self, found: list[Recount]) -> None:
        head, first = self.manifest.seed_head, self.manifest.logs[0].origin
        after = next(recount.first_after for recount in found if recount.origin == first)
        if head and after != head[0] - 1:
            raise bad(MANIFEST, f"expected the seed of record {after}, found {head[0] - 1}")
        whole = Recount(found[0].population, self.manifest.seed)
        whole.counted = [one for recount in found for one in recount.counted]
        most = max((len(control.fields["samples"]) for control in self.controls), default=0)
        for control in self.controls:
            for count in control.fields["counts"]:
                if "leaf" in count:
                    real = whole.count(count["leaf"])
                elif "check" in count and count["check"] in whole.found:
                    real = sum(recount.found[count["check"]] for recount in found)
                else:
                    self._leave(f"{control.name}: {count}")
                    continue
                if real != count["n"]:
                    raise bad(control.name, f"expected a count of {real} records, found {count['n']}")
        for control in self.controls:
            stated = {sample["leaf"].removeprefix("sha256:") for sample in control.fields["samples"]}
            if stated != whole.samples(control.id, most):
                raise bad(control.name, "its samples are not those that follow from the seed")

    def _check_frameworks(self) -> None:
        editions, maps = self.manifest.fields["frameworks"], {}
        if set(self.files.within("frameworks")) != {f"frameworks/{one}.json" for one in editions}:
            raise bad(MANIFEST, "its frameworks are not those of frameworks/")
        for one, edition in editions.items():
            name = f"frameworks/{one}.json"
            match self.files.form(name, strictjson.record):
                case {"id": found, "edition": of, "status": "checked" | "not verified", "items": list(items)}:
                    if found == one and of == edition:
                        maps[one] = self._items(name, items)
            if one not in maps:
                raise bad(name, f"of another framework or edition than {edition}, or of another status")
        for control in self.controls:
            for one, items in control.fields["frameworks"].items():
                for item in items:
                    if control.id not in maps.get(one, {}).get(item, []):
                        raise bad(control.name, f"{item} of {one} does not name this control")

    @staticmethod
    def _items(name: str, items: list) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for item in items:
            match item:
                case {"id": str(one), "controls": list(controls),
                      "coverage": "strong" | "partial" | "none" | "out of scope"} if one not in found:
                    found[one] = controls
                case _:
                    raise bad(name, "an item is malformed, or occurs twice")
        return found
