"""Edits of an evidence pack that the program built, by an operator who has the keys of the deployment and may lie
(docs/evidence.md, section 10). Those of a pack that a writer of the tests made are in packtampering.py."""

import json
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from logwriter import Key, Log, b64, canonical, inclusion, leaf_hash, read, root
from packwriter import PERSON, digest, envelope, put

MANIFEST = "manifest.dsse.json"


class RealPack:
    """The files of a pack, the log that it is of, and the keys that sign both."""

    def __init__(self, quarter, folder: Path):
        self.quarter = quarter
        self.files = {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
        self.manifest = json.loads(b64decode(json.loads(self.files[MANIFEST])["payload"]))
        self.origin = self.manifest["logs"][0]["origin"]
        self.end = int(self.manifest["logs"][0]["end"]["size"])
        keys = quarter.gateway.folder / "state" / "keys"
        self.evidence = Key("evidence", (keys / "evidence.key").read_bytes())
        self.log_key = Key(self.origin, (keys / "log.key").read_bytes())

    @cached_property
    def entries(self) -> list[bytes]:
        return read(self.quarter.published)[:self.end]

    @cached_property
    def hashes(self) -> list[bytes]:
        return [leaf_hash(entry) for entry in self.entries]

    def name(self, part: str) -> str:
        return next(name for name in sorted(self.files) if part in name)

    def control(self, one: str) -> dict:
        return json.loads(self.files[f"controls/{one}.json"])

    def signed(self, files: dict[str, bytes], key: Key | None = None, **claims) -> dict[str, bytes]:
        """The files with a manifest that agrees with them."""
        rest = {name: data for name, data in files.items() if name != MANIFEST}
        manifest = {**self.manifest, "files": {name: digest(data) for name, data in rest.items()}, **claims}
        return {**rest, MANIFEST: envelope(canonical(manifest), "evidence", key or self.evidence)}

    def with_(self, changed: dict[str, bytes], **claims) -> dict[str, bytes]:
        return self.signed({**self.files, **changed}, **claims)

    def with_control(self, one: str, change: Callable[[dict], object]) -> dict[str, bytes]:
        control = self.control(one)
        change(control)
        return self.with_({f"controls/{one}.json": canonical(control)})

    def without(self, name: str) -> dict[str, bytes]:
        return {one: data for one, data in self.files.items() if one != name}

    def note(self, size: int, key: Key | None = None) -> bytes:
        text = f"{self.origin}\n{size}\n{b64(root(self.hashes[:size]))}\n"
        return (text + "\n" + (key or self.log_key).line(text)).encode()

    def proof(self, index: int) -> bytes:
        lines = ["c2sp.org/tlog-proof@v1", f"index {index}", *map(b64, inclusion(self.hashes, index)), "", ""]
        return "\n".join(lines).encode() + self.files[f"logs/{self.origin}/checkpoint.end"]


@dataclass
class Edit:
    """`messages` are those of `interlock-verify` and of the verifier in Python; `{end}` is the size of the log in the pack."""
    change: Callable[[RealPack], dict[str, bytes]]
    swift: str
    python: str
    # The log of the pack: the published one, or one that this function writes.
    log: Callable[[RealPack, Path], Path] | None = None
    needs_tree: bool = False
    # The file that both messages name, by a part of its name.
    part: str | None = None

    def make(self, real: RealPack, folder: Path) -> list:
        given = ["--log", self.log(real, folder / "log")] if self.log else []
        return [*given, "evidence", put(folder / "pack", self.change(real))]

    def messages(self, real: RealPack) -> tuple[str, str]:
        name = real.name(self.part) if self.part else ""
        quoted = f"fault: files: `{name}" if self.part else ""
        return quoted + self.swift.format(end=real.end), name + self.python.format(end=real.end)


def published(real: RealPack, _: Path) -> Path:
    return real.quarter.published


def truncated(real: RealPack, folder: Path) -> Path:
    return Log(key=real.log_key, entries=real.entries[:-40]).write(folder)


def forked(real: RealPack, folder: Path) -> Path:
    last = json.loads(real.entries[-1])
    other = canonical({"node": last["node"], "t": "log.tick", "ts": last["ts"], "v": 1})
    return Log(key=real.log_key, entries=[*real.entries[:-1], other]).write(folder)


def unchanged(real: RealPack) -> dict[str, bytes]:
    return real.files


def flipped(part: str) -> Callable[[RealPack], dict[str, bytes]]:
    def change(real: RealPack) -> dict[str, bytes]:
        name = real.name(part)
        data = bytearray(real.files[name])
        data[len(data) // 2] ^= 1
        return {**real.files, name: bytes(data)}
    return change


def swapped(real: RealPack) -> dict[str, bytes]:
    one, other = "controls/C05.json", "controls/C06.json"
    return {**real.files, one: real.files[other], other: real.files[one]}


def old_checkpoint(real: RealPack) -> dict[str, bytes]:
    return real.with_({f"logs/{real.origin}/checkpoint.end": real.note(real.end // 2)})


def other_log_key(real: RealPack) -> dict[str, bytes]:
    other = Key(real.origin, bytes(range(1, 33)))
    return real.with_({f"logs/{real.origin}/checkpoint.end": real.note(real.end, other)})


def foreign_leaf(real: RealPack) -> dict[str, bytes]:
    name = real.name("records/")
    record = {**json.loads(real.files[name]), "ts": 1_795_000_000_000_000}
    entry = canonical(record)
    hashed = leaf_hash(entry).hex()
    proof = real.files[f"proofs/{name[8:72]}.tlog-proof"]
    return real.with_({f"records/{hashed}.json": entry, f"proofs/{hashed}.tlog-proof": proof})


def another_leaf(real: RealPack) -> dict[str, bytes]:
    name = real.name("records/")
    return real.with_({name: canonical({**json.loads(real.files[name]), "ts": 1_795_000_000_000_000})})


def proof_of_another(real: RealPack) -> dict[str, bytes]:
    one, other = [name for name in sorted(real.files) if name.startswith("proofs/")][:2]
    return real.with_({one: real.files[other]})


def counted(one: str, place: Callable[[dict], bool]) -> Callable[[RealPack], dict[str, bytes]]:
    """A count that is one more."""
    def change(real: RealPack) -> dict[str, bytes]:
        def more(control: dict) -> None:
            next(count for count in control["counts"] if place(count))["n"] += 1
        return real.with_control(one, more)
    return change


def nicer_sample(real: RealPack) -> dict[str, bytes]:
    """Another permitted call of the period than the one that the seed chose."""
    control = real.control("C01")
    taken = {sample["leaf"][7:] for sample in control["samples"]}
    number = next(at for at, sample in enumerate(control["samples"]) if sample["kind"] == "allowed")
    middle = real.end // 2
    index = next(at for at in range(middle, real.end) if real.hashes[at].hex() not in taken
                 and json.loads(real.entries[at]).items() >= {"t": "call.intent", "dec": "allow"}.items())
    hashed = real.hashes[index].hex()
    control["samples"][number] = {"index": str(index), "kind": "allowed", "leaf": f"sha256:{hashed}"}
    return real.with_({
        "controls/C01.json": canonical(control), f"records/{hashed}.json": real.entries[index],
        f"proofs/{hashed}.tlog-proof": real.proof(index)})


def other_edition(real: RealPack) -> dict[str, bytes]:
    name = "frameworks/owasp-llm.json"
    return real.with_({name: canonical({**json.loads(real.files[name]), "edition": "2020"})})


# The kinds of files that every pack has.
KINDS = ["controls/C05.json", "README.md", "report.md", "report.html", "people.json", "agents.json", "roles.json",
         "frameworks/owasp-llm.json", "inventory.json",
         "exceptions.json", "verifier/", "records/", "proofs/", "policy/", "checkpoint.end", "seed.proof", "vkeys"]

EDITS = {
    **{f"a flipped byte of {kind}": Edit(flipped(kind), "`: expected sha256:", ": expected sha256:", part=kind) for kind in KINDS},
    "a flipped byte of the manifest": Edit(flipped(MANIFEST), "fault: manifest: `manifest.dsse.json`: ", "manifest.dsse.json: "),
    "a file dropped": Edit(lambda real: real.without("controls/C05.json"),
                           "`controls/C05.json`: the manifest lists it, but it is missing",
                           "controls/C05.json: the manifest lists it, but it is missing"),
    "a control dropped, signed": Edit(lambda real: real.signed(real.without("controls/C05.json")),
                                      "controls: `controls/C05.json`: it is missing", "controls/C05.json: it is missing"),
    "a file added": Edit(lambda real: {**real.files, "controls/C25.json": b"{}"},
                         "files: `controls/C25.json`: the manifest does not list it", "controls/C25.json: expected None"),
    "a file added, signed": Edit(lambda real: real.with_({"notes.txt": b"nothing"}),
                                 "files: `notes.txt`: no pack has such a file", "notes.txt: no pack has such a file"),
    "files swapped": Edit(swapped, "files: `controls/C05.json`: expected sha256:", "controls/C05.json: expected sha256:"),
    "files swapped, signed": Edit(lambda real: real.signed(swapped(real)),
                                  "form: `controls/C05.json`: it is of the control `C06`", "controls/C05.json: "),
    "an old checkpoint": Edit(old_checkpoint, "checkpoint.end`: expected size {end}, root",
                              "checkpoint.end: expected size {end}, found", needs_tree=True),
    "another key of the log": Edit(other_log_key, "it has no signature of a trusted key of its log", "checkpoint.end: ",
                                   needs_tree=True),
    "a truncated log": Edit(unchanged, "but the log ends at", "old checkpoint: the log had", log=truncated, needs_tree=True),
    "a forked log": Edit(unchanged, "does not extend", "its root is", log=forked, needs_tree=True),
    "a foreign leaf": Edit(foreign_leaf, "the record does not stand at this place of the log", ".tlog-proof: "),
    "a leaf of another hash": Edit(another_leaf, "records: `records/", "found the leaf hash"),
    "the proof of another record": Edit(proof_of_another, "the record does not stand at this place of the log", ".tlog-proof: "),
    "no proof": Edit(lambda real: real.signed(real.without(real.name("proofs/"))), ".tlog-proof`: it is missing",
                     ".tlog-proof: it is missing"),
    "a foreign evidence key": Edit(lambda real: real.signed(real.files, PERSON), "no record of the log lists its key",
                                   "no record of the log lists its key"),
    "a gap removed": Edit(lambda real: real.with_control("C05", lambda one: one.update(gaps=[])),
                          "controls: `controls/C05.json`: it is a gap, and does not say which",
                          "controls/C05.json: it is a gap, and does not say which"),
    "a gap less in the summary": Edit(
        lambda real: real.with_({}, summary={"enforced": 1, "gap": 23, "guidance": 0}),
        "manifest.dsse.json`: expected enforced, gap, guidance", "manifest.dsse.json: expected 0 enforced, found 1"),
    "another seed": Edit(lambda real: real.with_({}, sample_seed="11" * 32), "samples: `manifest.dsse.json`: expected seed",
                         "its seed does not follow from the log"),
    "a policy that is not there": Edit(lambda real: real.with_({}, policy=["sha256:" + "11" * 32]),
                                       "its policies are not those of `policy/`", "its policies are not those of policy/"),
    "a sample at another index": Edit(
        lambda real: real.with_control("C01", lambda one: one["samples"][0].update(index="1")), "C01.json`: the record",
        "controls/C01.json: the record"),
    "a document of another form": Edit(lambda real: real.with_({"inventory.json": b"[ ]"}),
                                       "form: `inventory.json`: it is not in canonical form", "inventory.json: "),
    "another edition": Edit(other_edition, "frameworks: `frameworks/owasp-llm.json`: it is of another edition",
                            "of another framework or edition"),
    "a count off by one": Edit(counted("C09", lambda one: "leaf" in one), "counts: `controls/C09.json`: expected a count of",
                               "controls/C09.json: expected a count of", log=published),
    "a rule off by one": Edit(counted("C05", lambda one: "check" in one),
                              "`controls/C05.json`: expected `outcome-without-approval-used` 0, found 1",
                              "controls/C05.json: expected a count of 0 records, found 1", log=published),
    "a nicer sample": Edit(nicer_sample, "counts: `controls/C01.json`: expected the sample",
                           "controls/C01.json: its samples are not those", log=published, needs_tree=True),
    "a sample less": Edit(lambda real: real.with_control("C01", lambda one: one["samples"].pop()),
                          "counts: `controls/C01.json`: expected the sample", "controls/C01.json: its samples are not those",
                          log=published),
}
