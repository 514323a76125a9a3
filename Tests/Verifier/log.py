"""A whole log: sections 2 to 7 of docs/auditing.md."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from approvals import Approvals
from encoding import BadEvidence, Malformed, Missing
from consistency import Consistency
from notes import Checkpoint, expected_root
from payloads import PayloadFolder, StoredPayloads
from records import KNOWN_TYPES, Absent, Chains, Closings, Record, Succession, check_genesis
from tiles import Folder, required
from tree import TILE, Levels, leaf_hash
from trust import Trust


@dataclass
class LogOptions:
    old_checkpoints: list[Checkpoint] = field(default_factory=list)
    min_size: int = 0
    min_index: int = 0
    payloads: PayloadFolder | None = None
    tree_only: bool = False
    # Called with each record after it was checked.
    observer: Callable[[Record], None] | None = None


@dataclass
class LogReport:
    checkpoint: Checkpoint
    open_intents: int
    payloads: int
    warnings: list[str]
    unknown_types: list[str]


def check_min_size(checkpoint: Checkpoint, least: int) -> None:
    if checkpoint.size < least:
        raise BadEvidence(f"checkpoint: its size is {checkpoint.size}, less than {least}")


def read_checkpoint(path: Path) -> Checkpoint:
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise Missing(f"{path} is not there") from error
    try:
        return Checkpoint.parse(data)
    except Malformed as error:
        raise BadEvidence(str(error)) from error


def verify_log(path: Path, trust: Trust, options: LogOptions) -> LogReport:
    checkpoint = read_checkpoint(path / "checkpoint")
    trust.check(checkpoint)
    check_min_size(checkpoint, options.min_size)
    for old in options.old_checkpoints:
        _check_old(old, checkpoint, trust)
    return _Log(Folder(path), checkpoint, options).verify()


def _check_old(old: Checkpoint, checkpoint: Checkpoint, trust: Trust) -> None:
    trust.check_log(old)
    if old.origin != checkpoint.origin:
        raise BadEvidence(f"old checkpoint: of another log, {old.origin!r}")
    if old.size > checkpoint.size:
        raise BadEvidence(f"old checkpoint: the log had {old.size} entries, now {checkpoint.size}")


class _Log:
    def __init__(self, folder: Folder, checkpoint: Checkpoint, options: LogOptions) -> None:
        self.folder, self.checkpoint, self.options = folder, checkpoint, options
        self.levels = Levels()
        self.absent_bundles: list[int] = []
        absent = Absent() if options.min_index else None
        self.absent = absent
        self.chains, self.closings = Chains(absent), Closings(absent)
        self.stored = StoredPayloads(options.payloads) if options.payloads else None
        self.unknown_types: set[str] = set()
        self.keys, self.rotations = Succession(checkpoint.origin), []
        self.approvals = Approvals(checkpoint.origin)
        self.consistency = Consistency()

    def verify(self) -> LogReport:
        size = self.checkpoint.size
        for bundle in required(None, size):
            entries = self.folder.required_entries(bundle, self.options.min_index)
            if entries is None:
                self.absent_bundles.append(bundle.index)
                tile = type(bundle)(0, bundle.index, bundle.width)
                self.levels.append(self.folder.required_hashes(tile))
                self.approvals.skip(bundle.width)
                self.consistency.skip()
            else:
                self._entries(bundle.index * TILE, entries)
        expected_root(self.checkpoint, self.levels.root(size), "checkpoint")
        for old in self.options.old_checkpoints:
            expected_root(old, self.levels.root(old.size), f"old checkpoint of {old.size} entries")
        warnings = self.folder.check_files(self.levels, size) + self.rotations + self.approvals.unchecked[:100]
        if self.absent:
            self.absent.check(self._absent_leaves())
        if self.stored:
            self.stored.check()
            warnings += self.stored.folder.warnings
        return LogReport(self.checkpoint, len(self.closings.open), self.stored.found if self.stored else 0, warnings,
                         sorted(self.unknown_types))

    def _entries(self, start: int, entries: list[bytes]) -> None:
        leaves = [leaf_hash(entry) for entry in entries]
        self.levels.append(b"".join(leaves))
        if not self.options.tree_only:
            for index, (entry, leaf) in enumerate(zip(entries, leaves), start):
                self._record(Record.parse(entry, index, leaf))

    def _record(self, record: Record) -> None:
        if record.index == 0:
            check_genesis(record, self.checkpoint.origin)
        self.chains.add(record)
        self.closings.add(record)
        self.consistency.add(record)
        self.approvals.add(record)
        if said := self.keys.add(record):
            self.rotations.append(said)
        if self.stored:
            self.stored.add(record)
        if self.options.observer:
            self.options.observer(record)
        if record.type not in KNOWN_TYPES:
            self.unknown_types.add(record.type)

    def _absent_leaves(self) -> Iterator[tuple[int, bytes]]:
        for bundle in self.absent_bundles:
            for index in range(bundle * TILE, min((bundle + 1) * TILE, self.checkpoint.size)):
                yield index, self.levels.leaf(index)
