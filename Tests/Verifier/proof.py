"""The proof of one record (docs/auditing.md, section 8)."""

import re
from dataclasses import dataclass

from encoding import HASH_SIZE, Malformed, decimal, unbase64
from notes import Checkpoint
from tree import check_inclusion
from trust import Trust

LIMIT = 1024 * 1024


@dataclass(frozen=True)
class Proof:
    index: int
    path: list[bytes]
    checkpoint: Checkpoint

    @classmethod
    def parse(cls, data: bytes) -> "Proof":
        if len(data) > LIMIT:
            raise Malformed("proof: larger than 1 MiB")
        head, empty, note = data.partition(b"\n\n")
        if not empty:
            raise Malformed("proof: no checkpoint")
        try:
            lines = head.decode("ascii").split("\n")
        except UnicodeDecodeError as error:
            raise Malformed("proof: not ASCII") from error
        if lines.pop(0) != "c2sp.org/tlog-proof@v1":
            raise Malformed("proof: not a c2sp.org/tlog-proof@v1")
        if lines and lines[0].startswith("extra "):
            unbase64(lines.pop(0).removeprefix("extra "))
        index = re.fullmatch("index ([0-9]+)", lines[0]) if lines else None
        if not index or len(lines) > 64:
            raise Malformed("proof: no index, or too many hashes")
        return cls(decimal(index[1]), [unbase64(line, HASH_SIZE) for line in lines[1:]], Checkpoint.parse(note))

    def check(self, leaf: bytes, trust: Trust) -> None:
        """Requires a trusted checkpoint and the record in its tree."""
        trust.check(self.checkpoint)
        check_inclusion(leaf, self.index, self.checkpoint.size, self.path, self.checkpoint.root)
