"""The files of a log (docs/auditing.md, section 2)."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from encoding import HASH_SIZE, BadEvidence
from tree import TILE, Levels, leaf_hash

ENTRIES = "entries"


@dataclass(frozen=True)
class Tile:
    """A hash tile, or an entry bundle if `level` is None."""
    level: int | None
    index: int
    width: int

    @property
    def path(self) -> str:
        groups = [f"{self.index % 1000:03}"]
        above = self.index // 1000
        while above:
            groups.insert(0, f"x{above % 1000:03}")
            above //= 1000
        kind = ENTRIES if self.level is None else str(self.level)
        return f"tile/{kind}/{'/'.join(groups)}" + ("" if self.width == TILE else f".p/{self.width}")

    @property
    def full(self) -> "Tile":
        return Tile(self.level, self.index, TILE)

    @classmethod
    def of(cls, path: str) -> "Tile | None":
        found = re.fullmatch(r"tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([0-9]{1,3}))?", path)
        if not found:
            return None
        level = None if found[1] == ENTRIES else int(found[1])
        tile = cls(level, int(re.sub("[x/]", "", found[2])), int(found[3] or TILE))
        # Other spellings of a number (x000/005, a width of 0 or 256) are not valid names.
        good = tile.path == path and tile.width > 0 and (level or 0) <= 63
        return tile if good else None


def required(level: int | None, size: int) -> Iterator[Tile]:
    """The full tiles of a level and the last partial one."""
    count = size >> 8 * (level or 0)
    for index in range(count // TILE):
        yield Tile(level, index, TILE)
    if count % TILE:
        yield Tile(level, count // TILE, count % TILE)


def within(tile: Tile, size: int) -> bool:
    """Returns True if the whole content of the file lies below `size`."""
    return tile.index * TILE + tile.width <= size >> 8 * (tile.level or 0)


def split_bundle(data: bytes, name: str) -> list[bytes]:
    entries, at = [], 0
    while at < len(data):
        length = int.from_bytes(data[at:at + 2], "big")
        entry = data[at + 2:at + 2 + length]
        if at + 2 > len(data) or len(entry) != length:
            raise BadEvidence(f"{name}: cut off")
        if not length:
            raise BadEvidence(f"{name}: an empty entry")
        entries.append(entry)
        at += 2 + length
    return entries


class Folder:
    """Reads the tiles and bundles of a log, each in its exact form."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def data(self, tile: Tile) -> bytes | None:
        try:
            return (self.path / tile.path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def hashes(self, tile: Tile) -> bytes | None:
        data = self.data(tile)
        if data is not None and len(data) != tile.width * HASH_SIZE:
            raise BadEvidence(f"{tile.path}: {len(data)} bytes, not {tile.width * HASH_SIZE}")
        return data

    def entries(self, tile: Tile) -> list[bytes] | None:
        data = self.data(tile)
        if data is None:
            return None
        entries = split_bundle(data, tile.path)
        if len(entries) != tile.width:
            raise BadEvidence(f"{tile.path}: {len(entries)} entries, not {tile.width}")
        return entries

    def required_hashes(self, tile: Tile) -> bytes:
        hashes = self.hashes(tile)
        if hashes is None:
            hashes = self.hashes(tile.full)
        if hashes is None:
            raise BadEvidence(f"{tile.path} is missing")
        return hashes[:tile.width * HASH_SIZE]

    def required_entries(self, tile: Tile, absent_below: int) -> list[bytes] | None:
        """Returns None if the bundle is absent and may be: only a full one may."""
        entries = self.entries(tile)
        if entries is None and tile.width < TILE:
            entries = self.entries(tile.full)
        if entries is None and (tile.width < TILE or (tile.index + 1) * TILE > absent_below):
            raise BadEvidence(f"{tile.path} is missing")
        return None if entries is None else entries[:tile.width]

    def check_files(self, levels: Levels, size: int) -> list[str]:
        """Compares every file below `size`, and requires the tiles; returns warnings about other files."""
        for level in range(len(levels.hashes)):
            for tile in required(level, size):
                if self.required_hashes(tile) != levels.tile(level, tile.index, tile.width):
                    raise BadEvidence(f"{tile.path}: not the hashes of the entries")
        beyond, others = [], []
        for name in self._names():
            tile = Tile.of(name)
            if tile is None:
                others.append(name)
            elif within(tile, size):
                self._compare(tile, levels)
            else:
                beyond.append(name)
        warnings = [f"{name}: not a file of a log" for name in others]
        if beyond:
            warnings.append(f"files beyond the checkpoint: {len(beyond)}, such as {beyond[0]}")
        return warnings

    def _compare(self, tile: Tile, levels: Levels) -> None:
        if tile.level is None:
            entries = self.entries(tile) or []
            hashes: bytes | None = b"".join(map(leaf_hash, entries))
        else:
            hashes = self.hashes(tile)
        if hashes != levels.tile(tile.level or 0, tile.index, tile.width):
            raise BadEvidence(f"{tile.path}: not what the log holds at this place")

    def _names(self) -> Iterator[str]:
        def refuse(error: OSError) -> None:
            raise error

        for folder, folders, files in os.walk(self.path, onerror=refuse):
            folders.sort()
            for file in sorted(files):
                name = (Path(folder) / file).relative_to(self.path).as_posix()
                if name != "checkpoint":
                    yield name


def checked_entries(folder: Path, size: int, root: bytes, levels: Levels) -> Iterator[bytes]:
    """The entries of a tree; after the last one they are compared with its root. `levels` takes their hashes."""
    files = Folder(folder)
    for bundle in required(None, size):
        found = files.required_entries(bundle, 0) or []
        levels.append(b"".join(map(leaf_hash, found)))
        yield from found
    if levels.root(size) != root:
        raise BadEvidence("the entries are not those of the checkpoint")
