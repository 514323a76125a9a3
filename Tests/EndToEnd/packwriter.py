"""Writes evidence packs from docs/evidence.md alone, with no code of Interlock, as an operator who has the keys and may lie."""

import hmac
import io
import json
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

from logwriter import Key, Log, Run, b64, canonical, leaf_hash, root, sha256
from statements import media_type, message

EVIDENCE = Key("evidence.acme.example", bytes(range(96, 128)))
RELEASE = Key("release.interlock.example", bytes(range(128, 160)))
PERSON = Key("ines", bytes(range(160, 192)))
SECOND = 1_000_000
FROM, TO, BUILT = "2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z", "2026-11-21T10:12:00Z"
BUILD = "sha256:" + "90" * 32
POLICY = b'{"interlock":1,"limits":{"refund":12.5}}'
REVIEW = "01kaf2c0q3x2m7c8d3e5f6g7h8"
CONTROLS = [f"C{number:02}" for number in range(1, 25)]
HALT = "01kag0q9v4x2m7c8d3e5f6g7h9"
# Records that name no canary, and are of a drill or a self-test.
OF_A_DRILL = ({"t": "kill.requested", "scope": "drill", "target": "*", "req": HALT}, {"t": "kill.effective", "req": HALT},
              {"t": "policy.loaded", "why": "drill", "pol": b64(bytes(32))})
# Kinds of samples of the controls that this writer's log has records for: what was permitted, what was refused.
QUERIES = {
    "C01": ({"allowed": {"t": "call.intent", "dec": "allow"}}, {"denied": {"t": "call.denied"}}),
    "C02": ({"started": {"t": "run.start"}}, {}),
    "C08": ({"drill": {"t": "kill.drill"}}, {"effective": {"t": "kill.effective"}, "violation": {"t": "kill.violation"}}),
    "C09": ({"outcome": {"t": "call.outcome"}}, {"unknown": {"t": "call.unknown"}}),
    "C10": ({"listed": {"t": "key.listed"}, "rotated": {"t": "key.rotate"}}, {}),
    "C13": ({"started": {"t": "run.start"}}, {}),
    "C15": ({"outcome": {"t": "call.outcome"}}, {}),
    "C16": ({}, {"denied": {"t": "call.denied"}}),
    "C20": ({"loaded": {"t": "policy.loaded"}}, {}),
}


def digest(data: bytes) -> str:
    return "sha256:" + sha256(data).hex()


def envelope(payload: bytes, kind: str, *keys: Key) -> bytes:
    media = media_type(kind)
    signatures = [{"keyid": b64(key.public), "sig": b64(key.private.sign(message(media, payload)))} for key in keys]
    return canonical({"payload": b64(payload), "payloadType": media, "signatures": signatures})


def consistency(hashes: list[bytes], old: int, is_whole: bool = True) -> list[bytes]:
    """The proof by the definition of RFC 6962, section 2.1.2; `is_whole`: the old tree is one that the reader knows."""
    if old == len(hashes):
        return [] if is_whole else [root(hashes)]
    half = 1 << (len(hashes) - 1).bit_length() - 1
    if old <= half:
        return [*consistency(hashes[:half], old, is_whole), root(hashes[half:])]
    return [*consistency(hashes[half:], old - half, False), root(hashes[:half])]


def lines(hashes: list[bytes]) -> bytes:
    return "".join(b64(one) + "\n" for one in hashes).encode()


def sample_log(size: int = 0, more: tuple[dict, ...] = ()) -> tuple[Log, int]:
    """A log, and its size at the start of the period: two days of calls, of which the pack is about the second."""
    log = Log().genesis()
    log.add("key.listed", use="evidence", vkey=EVIDENCE.vkey)
    log.add("approver.enrolled", by=b64(bytes(16)), kind="ed25519", key=b64(PERSON.public))
    log.add("policy.loaded", pol=b64(sha256(POLICY)))
    day(log, 1795046400, 2, runs=1)
    start = len(log.entries)
    log.add("policy.loaded", pol=b64(sha256(POLICY)), ts=1795132800 * SECOND)
    day(log, 1795132800, 9, runs=3)
    for fields in more:
        log.add(fields["t"], **{"ts": 1795132800 * SECOND, **{name: value for name, value in fields.items() if name != "t"}})
    log.add("selftest.result", cnt=21, codes=["C23-probe"], passed=True, ts=1795143600 * SECOND + 7)
    while len(log.entries) < size - 1:
        log.add("log.tick", ts=1795219100 * SECOND)
    log.add("log.tick", ts=1795219200 * SECOND)
    return log, start


def day(log: Log, begin: int, calls: int, runs: int) -> None:
    alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
    for number in range(runs):
        run = Run(log, f"01kag0q9v4x2m7c8d3e5f6g7{alphabet[begin % 31]}{alphabet[number]}")
        at = (begin + 60 * number) * SECOND
        run.add("run.start", pol=b64(sha256(POLICY)), ts=at, kind="eval" if number == 2 else None)
        for call in range(calls):
            name = f"01kag0qwz3b5d7f9h1k3m5p{alphabet[begin % 31]}{alphabet[number]}{alphabet[call]}"
            intent = run.add("call.intent", call=name, dec="allow", tool="billing__refund", pol=b64(sha256(POLICY)), ts=at + call)
            if call % 5 == 3:
                run.add("call.denied", call=name, intent=b64(intent), dec="deny", code="policy.no_grant", ts=at + call, cnt=1)
            elif call % 5 == 4:
                run.add("call.unknown", call=name, intent=b64(intent), ts=at + call)
            else:
                run.add("call.outcome", call=name, intent=b64(intent), st="ok", code="0", dur=1, ts=at + call)
        run.add("run.end", cnt=1, ts=at + calls)


@dataclass
class Pack:
    """A pack that verifies; a test changes its parts, its files or what is signed."""
    log: Log
    start: int
    samples: int = 3
    seed: bytes | None = None
    key: Key = field(default_factory=lambda: EVIDENCE)
    controls: dict[str, dict] = field(default_factory=dict)
    release: dict = field(default_factory=dict)
    deployment: dict = field(default_factory=dict)
    claims: dict = field(default_factory=dict)
    extra: dict[str, bytes] = field(default_factory=dict)

    @classmethod
    def sample(cls, size: int = 0, agents: tuple[str, ...] = (), more: tuple[dict, ...] = ()) -> "Pack":
        """A pack of these agents, or of all; `more` are further records of the period."""
        log, start = sample_log(size, more)
        pack = cls(log, start)
        if agents:
            pack.claims = {"scope": {"agents": list(agents), "org": "acme"}}
        pack.release = {"build": BUILD, "tests": [{"id": f"{one}Tests", "result": "pass"} for one in CONTROLS[:22]]}
        pack.deployment = {**pack.self_test(), "tests": [{"id": f"{one}-probe", "result": "pass"} for one in CONTROLS[:21]]}
        pack.controls = {one: pack.control(one) for one in CONTROLS}
        return pack

    # What is in the log.

    @property
    def origin(self) -> str:
        return self.log.key.name

    @property
    def final_seed(self) -> bytes:
        return self.seed or sha256(b"interlock/evidence-seed/1" + root(self.log.hashes[:self.seed_size]))

    @property
    def seed_size(self) -> int:
        """The size of the tree that the first record after the period completes."""
        return 1 + next(index for index, entry in enumerate(self.log.entries)
                        if index >= self.start and json.loads(entry)["ts"] >= 1795219200 * SECOND)

    def self_test(self) -> dict:
        """What the results of the deployment state of their record."""
        index = next(index for index, entry in enumerate(self.log.entries) if json.loads(entry)["t"] == "selftest.result")
        return {"at": "2026-11-20T03:00:00Z", "index": str(index), "leaf": "sha256:" + self.log.hashes[index].hex()}

    def population(self) -> list[tuple[int, dict]]:
        """The records of the period, without those of evals and canaries."""
        first, last = 1795132800 * SECOND, 1795219200 * SECOND
        records = [json.loads(entry) for entry in self.log.entries]
        evals = {one["run"] for one in records if one["t"] == "run.start" and one.get("kind") == "eval"}
        drills = {one["req"] for one in records if one["t"] == "kill.requested" and one["scope"] == "drill"}
        agents = self.claims.get("scope", {}).get("agents", [])
        return [(index, one) for index, one in enumerate(records)
                if index >= self.start and first <= one["ts"] < last and one.get("run") not in evals
                and (not agents or one.get("agent", agents[0]) in agents) and not one.get("agent", "").startswith("interlock-drill")
                and not (one["t"] in ("kill.requested", "kill.effective") and one["req"] in drills) and one.get("why") != "drill"]

    def count(self, leaf: dict) -> dict:
        found = [one for _, one in self.population() if all(one.get(name) == value for name, value in leaf.items())]
        return {"leaf": leaf, "n": len(found)}

    def chosen(self, control: str) -> list[dict]:
        sides = QUERIES.get(control, ({}, {}))
        found = []
        for is_refusal, kinds in enumerate(sides):
            for kind, leaf in kinds.items():
                for index, one in self.population():
                    if all(one.get(name) == value for name, value in leaf.items()):
                        hashed = leaf_hash(self.log.entries[index])
                        code = hmac.digest(self.final_seed, hashed, "sha256")
                        sample = {"index": str(index), "kind": kind, "leaf": "sha256:" + hashed.hex()}
                        found.append((code, is_refusal, sample))
        found.sort(key=lambda one: one[0])
        taken = found[:self.samples]
        for side in (0, 1):
            if self.samples > 1 and not any(one[1] == side for one in taken):
                taken[-1:] = [one for one in found if one[1] == side][:1] or taken[-1:]
        return [sample for _, _, sample in taken]

    def control(self, one: str) -> dict:
        number = int(one[1:])
        tests = [{"build": BUILD, "id": f"{one}Tests", "result": "pass", "where": "release"}]
        tests += [{"at": "2026-11-20T03:00:00Z", "id": f"{one}-probe", "result": "pass", "where": "deployment"}]
        made = {"counts": [self.count({"t": "call.denied"}), {"check": "outcome-without-approval-used", "n": 0}],
                "frameworks": {"owasp-llm": ["LLM03"]} if one in ("C01", "C05") else {}, "gaps": [], "id": one,
                "policy": [digest(POLICY)], "samples": self.chosen(one), "statement": f"Statement of {one}.",
                "status": "enforced at decide", "tests": tests}
        if one == "C05":
            made["reviewer"] = {"on": "2026-11-20", "review": REVIEW, "who": "paul@acme.example"}
        if number > 21:
            made["tests"] = tests[:1] if number == 22 else []
            made["status"] = "guidance" if number == 24 else "gap"
            made["gaps"] = [] if number == 24 else [{"text": "No self-test."}]
        return made

    # Files.

    def files(self) -> dict[str, bytes]:
        """All files but the manifest."""
        folder = f"logs/{self.origin}"
        hashes = self.log.hashes
        files = {f"{folder}/checkpoint.end": self.log.checkpoint(), f"{folder}/checkpoint.start": self.log.checkpoint(self.start),
                 f"{folder}/consistency.proof": lines(consistency(hashes, self.start)),
                 f"{folder}/vkeys": (self.log.key.vkey + "\n").encode(),
                 "report.md": b"# Report\n", "report.html": b"<!doctype html>", "exceptions.json": b"[]",
                 "inventory.json": b"[]", "people.json": b"{}",
                 "README.md": b"# Pack\n", "agents.json": b"[]", "roles.json": b"{}", "verifier/README": b"Get your own copy.\n",
                 f"policy/{sha256(POLICY).hex()}.json": POLICY,
                 "tests/release.json": envelope(canonical(self.release), "test-results", RELEASE),
                 "tests/deployment.json": envelope(canonical(self.deployment), "test-results", EVIDENCE),
                 f"reviews/{REVIEW}.json": envelope(canonical({"review": REVIEW, "v": 1}), "review", PERSON),
                 "evals/refunds.dsse.json": envelope(b"{}", "eval-result", PERSON),
                 "frameworks/owasp-llm.json": canonical(self.framework())}
        files |= {f"controls/{one}.json": canonical(made) for one, made in self.controls.items()}
        if self.seed is None:
            files[f"{folder}/seed.proof"] = lines(consistency(hashes, self.seed_size))
        named = {sample["leaf"][7:] for made in self.controls.values() for sample in made["samples"]}
        for index, entry in enumerate(self.log.entries):
            record = json.loads(entry)
            is_due = record["t"] in ("key.listed", "selftest.result") or record["t"] == "approver.enrolled" and record["kind"] == "passkey"
            if is_due or hashes[index].hex() in named or self.seed_size - index in (1, 2):
                files[f"records/{hashes[index].hex()}.json"] = entry
                files[f"proofs/{hashes[index].hex()}.tlog-proof"] = self.log.proof(index)
        return {**files, **self.extra}

    @staticmethod
    def framework() -> dict:
        items = [{"controls": ["C01", "C05"], "coverage": "strong", "id": "LLM03"},
                 {"controls": [], "coverage": "out of scope", "id": "LLM09"}]
        return {"edition": "2026", "id": "owasp-llm", "items": items, "published": "2026-08-04", "status": "checked"}

    def manifest(self, files: dict[str, bytes]) -> dict:
        statuses = [made["status"].split(" ")[0] for made in self.controls.values()]
        size = len(self.log.entries)
        log = {"end": {"root": b64(root(self.log.hashes)), "size": str(size)}, "origin": self.origin,
               "start": {"size": str(self.start)}, "witnesses": len(self.log.cosigners)}
        return {"build": BUILD, "built": BUILT, "by": "ines@acme.example", "files": {name: digest(data) for name, data in files.items()},
                "frameworks": {"owasp-llm": "2026"}, "from": FROM, "interlock": "1.0.0", "kind": "interlock.evidence",
                "logs": [log], "policy": [digest(POLICY)], "sample_seed": self.final_seed.hex(),
                "scope": {"agents": [], "org": "acme"},
                "summary": {one: statuses.count(one) for one in ("enforced", "gap", "guidance")}, "to": TO, "v": 1,
                **({"seed": "given"} if self.seed else {"seed_head": self.head()}), **self.claims}

    def head(self) -> dict:
        size = self.seed_size
        return {"root": b64(root(self.log.hashes[:size])), "size": str(size)}

    def whole(self, files: dict[str, bytes] | None = None) -> dict[str, bytes]:
        """The files with a manifest that agrees with them."""
        files = self.files() if files is None else files
        return {**files, "manifest.dsse.json": envelope(canonical(self.manifest(files)), "evidence", self.key)}

    def write(self, folder: Path, files: dict[str, bytes] | None = None) -> Path:
        return put(folder, self.whole() if files is None else files)


def put(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def tar(files: dict[str, bytes] | list[tuple[str, bytes]], **header) -> bytes:
    """A reproducible archive; `header` sets fields that stay at zero, and a list keeps its order."""
    items = sorted(files.items()) if isinstance(files, dict) else files
    output = io.BytesIO()
    for name, data in items:
        member = tarfile.TarInfo(name)
        member.size, member.mode = len(data), 0o644
        for key, value in header.items():
            setattr(member, key, value)
        output.write(member.tobuf(tarfile.USTAR_FORMAT) + data + bytes(-len(data) % 512))
    return output.getvalue() + bytes(1024)
