"""The archive of an evidence bundle (docs/auditing.md, section 9), of which only one form is valid."""

import re
from pathlib import Path

from encoding import Malformed, sha256

BLOCK = 512
MANIFEST = "manifest.json"
FILES_LIMIT, MANIFEST_LIMIT, FILE_LIMIT = 1 << 17, 32 << 20, 256 << 20


def header(name: str, size: int) -> bytes:
    """The only valid header of a file with this name and size."""
    before = name.encode().ljust(100, b"\0") + b"0000644\0" + b"0000000\0" * 2 + b"%011o\0" % size + b"0" * 11 + b"\0"
    after = (b"0" + b"\0" * 100 + b"ustar\0" + b"00").ljust(BLOCK - len(before) - 8, b"\0")
    # The checksum is computed over the header with spaces in its own place.
    return before + b"%06o\0 " % (sum(before) + 8 * 0x20 + sum(after)) + after


class Archive:
    """Finds the files of an archive; their content is read on demand."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.places: dict[str, tuple[int, int]] = {}
        self.names: list[str] = []
        with path.open("rb") as file:
            while (block := file.read(BLOCK)) != bytes(BLOCK):
                name, size = _name_and_size(block)
                self.names.append(name)
                if len(self.names) > FILES_LIMIT or size > (MANIFEST_LIMIT if name == MANIFEST else FILE_LIMIT):
                    raise Malformed(f"archive: too many files, or {name} is too large")
                self.places.setdefault(name, (file.tell(), size))
                file.seek(size, 1)
                padding = -size % BLOCK
                if file.read(padding) != bytes(padding):
                    raise Malformed(f"archive: {name} is not padded with zeros")
            if file.read(BLOCK + 1) != bytes(BLOCK):
                raise Malformed("archive: it does not end with two blocks of zeros")

    def read(self, name: str) -> bytes:
        offset, size = self.places[name]
        with self.path.open("rb") as file:
            file.seek(offset)
            return file.read(size)

    def digest(self, name: str) -> str:
        return "sha256:" + sha256(self.read(name)).hex()


def _name_and_size(block: bytes) -> tuple[str, int]:
    name, size = block[:100].rstrip(b"\0"), block[124:135]
    if not re.fullmatch(rb"[ -~]{1,99}", name) or not re.fullmatch(rb"[0-7]{11}", size):
        raise Malformed("archive: cut off, or a header without name or size")
    if header(name.decode(), int(size, 8)) != block:
        raise Malformed(f"archive: the header of {name.decode()} is not of the one allowed form")
    return name.decode(), int(size, 8)
