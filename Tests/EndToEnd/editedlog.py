"""A copy of a log that a gateway wrote, to be changed as its operator or an outsider could."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from logwriter import Key, Log, b64, canonical, leaf_hash, read, tile_path


@dataclass
class Real:
    """A log that a gateway wrote, an older checkpoint of it, and the secret of its operator."""
    folder: Path
    old: bytes
    key: Key


class Edited:
    """A copy of the log that a test changes."""

    def __init__(self, real: Real, folder: Path):
        self.real, self.key, self.flags = real, real.key, []
        self.outside = folder
        self.log = shutil.copytree(real.folder, folder / "log")

    @property
    def entries(self) -> list[bytes]:
        return read(self.real.folder)

    def path(self, level: str, index: int, width: int = 256) -> Path:
        return self.log / tile_path(level, index, width)

    @property
    def last(self) -> tuple[int, int]:
        """The number and width of the last bundle."""
        return divmod(len(self.entries), 256)

    def flip(self, path: Path, place: int) -> None:
        data = bytearray(path.read_bytes())
        data[place] ^= 1
        path.write_bytes(data)

    def line(self, number: int, text: str) -> None:
        """Replaces a line of the checkpoint and keeps the old signature."""
        path = self.log / "checkpoint"
        lines = path.read_text().split("\n")
        lines[number] = text
        path.write_text("\n".join(lines))

    def signed(self, entries: list[bytes]) -> None:
        """Writes the whole log anew, signed with the true key."""
        shutil.rmtree(self.log)
        Log(self.key, entries).write(self.log)

    def added(self, *records: dict | bytes) -> None:
        """Appends records to the log, signed with the true key."""
        self.signed(self.entries + [one if isinstance(one, bytes) else canonical(one) for one in records])

    def remember(self, note: bytes) -> None:
        """Adds a checkpoint that the auditor kept elsewhere."""
        (self.outside / "old").write_bytes(note)
        self.flags += ["--old-checkpoint", self.outside / "old"]

    # Records to build on.

    def newest(self, fits) -> tuple[dict, bytes]:
        """The newest record for which `fits` is true, and its leaf hash."""
        for entry in reversed(self.entries):
            record = json.loads(entry)
            if fits(record):
                return record, leaf_hash(entry)
        raise AssertionError("the log has no such record")

    def following(self, **fields) -> dict:
        """A record that continues the chain of the newest run."""
        record, hash_ = self.newest(lambda one: "rs" in one)
        names = ("agent", "subj", "run", "node", "boot", "v", "mono", "ts")
        kept = {name: record[name] for name in names if name in record}
        return {**kept, "t": "list.served", "rs": record["rs"] + 1, "prev": b64(hash_), **fields}

    def unchained(self, **fields) -> dict:
        """A record outside any chain."""
        return {name: value for name, value in self.following(**fields).items() if name not in ("rs", "prev")}

    def intent(self) -> dict:
        return self.following(t="call.intent", call="01kag0qwz3b5d7f9h1k3m5p7r9", dec="allow", tool="tickets__search")

    def rotation(self, to: Key, after: Key, by: Key) -> dict:
        """A record by which `to` replaces `after`, signed with `by`."""
        tick, _ = self.newest(lambda one: "run" not in one)
        kept = {name: tick[name] for name in ("node", "boot", "v", "mono", "ts")}
        statement = b"\0".join([b"interlock/kr/1", after.name.encode(), after.vkey.encode()])
        return {**kept, "t": "key.rotate", "vkey": to.vkey, "why": "planned", "sig": b64(by.private.sign(statement))}

    def outcome(self, before: dict, intent: dict, **fields) -> dict:
        return {**before, "t": "call.outcome", "rs": before["rs"] + 1, "prev": b64(leaf_hash(canonical(before))),
                "intent": b64(leaf_hash(canonical(intent))), "call": intent["call"], "st": "ok", **fields}
