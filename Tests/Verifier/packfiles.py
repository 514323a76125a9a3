"""The files of an evidence pack, a folder or an archive (docs/evidence.md), in the one form that a pack has."""

import os
import re
import stat
from pathlib import Path

from encoding import BadEvidence, Malformed, sha256
from ustar import BLOCK, header

MANIFEST = "manifest.dsse.json"
FILES_LIMIT, FILE_LIMIT, TOTAL_LIMIT = 1 << 17, 256 << 20, 4 << 30


def bad(name: str, why: object) -> BadEvidence:
    return BadEvidence(f"{name}: {why}")


def is_name(name: str) -> bool:
    """A relative path that stays in its folder."""
    return re.fullmatch(r"[!-\[\]-~]{1,99}", name) is not None and not {"", ".", ".."} & set(name.split("/"))


class PackFiles:
    """Finds the files; each content is compared with the manifest when it is read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.digests: dict[str, str] = {}
        self.places: dict[str, tuple[int, int]] | None = None
        if path.is_dir():
            self.names = sorted(_folder(path))
        else:
            self.places = _archive(path)
            self.names = list(self.places)
            if self.names != sorted(self.names):
                raise Malformed("the files of the archive are not in order")
        if MANIFEST not in self.names:
            raise Malformed(f"{path} has no {MANIFEST}")

    def read(self, name: str) -> bytes:
        if name not in self.names:
            raise bad(name, "it is missing")
        if self.places is None:
            data = (self.path / name).read_bytes()
        else:
            offset, size = self.places[name]
            with self.path.open("rb") as file:
                file.seek(offset)
                data = file.read(size)
        if self.digests:
            found = "sha256:" + sha256(data).hex()
            if found != self.digests.get(name):
                raise bad(name, f"expected {self.digests.get(name)}, found {found}")
        return data

    def form(self, name: str, parse, *before):
        """What `parse` makes of a file; its errors name the file."""
        try:
            return parse(*before, self.read(name))
        except (Malformed, BadEvidence) as error:
            raise bad(name, error) from error

    def within(self, folder: str) -> list[str]:
        return [name for name in self.names if name.startswith(folder + "/")]


def _folder(path: Path) -> list[str]:
    names, seen, total, folders = [], 0, 0, [""]
    while folders:
        folder = folders.pop()
        for last in os.listdir(path / folder):
            name = f"{folder}/{last}" if folder else last
            seen += 1
            found = os.lstat(path / name)
            if not stat.S_ISREG(found.st_mode) and not stat.S_ISDIR(found.st_mode):
                raise Malformed(f"{name} is neither a file nor a folder")
            size = found.st_size if stat.S_ISREG(found.st_mode) else 0
            total += size
            _check(name, seen, size, total)
            (folders if stat.S_ISDIR(found.st_mode) else names).append(name)
    return names


def _archive(path: Path) -> dict[str, tuple[int, int]]:
    places, total, end = {}, 0, path.stat().st_size
    with path.open("rb") as file:
        while (block := file.read(BLOCK)) != bytes(BLOCK):
            text, digits = block[:100].rstrip(b"\0"), block[124:135]
            if not re.fullmatch(rb"[!-~]{1,99}", text) or not re.fullmatch(rb"[0-7]{11}", digits):
                raise Malformed("no evidence pack: cut off, or a header without name or size")
            name, size = text.decode(), int(digits, 8)
            if header(name, size) != block or file.tell() + size > end:
                raise Malformed("no evidence pack: a header of another form, or a file that is cut off")
            total += size
            _check(name, len(places) + 1, size, total)
            if name in places:
                raise Malformed(f"the pack has {name} twice")
            places[name] = file.tell(), size
            file.seek(size, 1)
            if any(file.read(-size % BLOCK)):
                raise Malformed(f"no evidence pack: {name} is not padded with zeros")
        if file.read(BLOCK + 1) != bytes(BLOCK):
            raise Malformed("no evidence pack: it does not end with two blocks of zeros")
    return places


def _check(name: str, count: int, size: int, total: int) -> None:
    if not is_name(name):
        raise Malformed(f"{name} is no name of a file of a pack")
    if count > FILES_LIMIT or size > FILE_LIMIT or total > TOTAL_LIMIT:
        raise Malformed(f"{name} makes the pack too large")
