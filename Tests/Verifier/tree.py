"""The tree of RFC 6962 (docs/auditing.md, section 3), kept as the levels of section 2."""

from encoding import HASH_SIZE, BadEvidence, sha256

TILE = 256


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry)


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right)


def full_root(hashes: bytes) -> bytes:
    """The root of consecutive hashes, whose number is a power of two."""
    level = [hashes[at:at + HASH_SIZE] for at in range(0, len(hashes), HASH_SIZE)]
    while len(level) > 1:
        level = [node(level[at], level[at + 1]) for at in range(0, len(level), 2)]
    return level[0]


class Levels:
    """Level 0 holds the leaf hashes; hash i of the next one is the root of the full tile i of this one."""

    def __init__(self) -> None:
        self.hashes: list[bytearray] = [bytearray()]

    def append(self, leaves: bytes) -> None:
        """Appends whole tiles of leaf hashes; only the last may be partial."""
        self.hashes[0] += leaves
        level = 0
        while len(self.hashes[level]) % (TILE * HASH_SIZE) == 0:
            if level + 1 == len(self.hashes):
                self.hashes.append(bytearray())
            self.hashes[level + 1] += full_root(bytes(self.hashes[level][-TILE * HASH_SIZE:]))
            level += 1

    def tile(self, level: int, index: int, width: int) -> bytes:
        start = index * TILE * HASH_SIZE
        return bytes(self.hashes[level][start:start + width * HASH_SIZE])

    def leaf(self, index: int) -> bytes:
        return bytes(self.hashes[0][index * HASH_SIZE:(index + 1) * HASH_SIZE])

    def root(self, size: int) -> bytes:
        """The root of the first `size` entries: combines full subtrees from the smallest, at the right, to the
        largest."""
        right = None
        for hashes in self.hashes:
            width, end = size % TILE, size * HASH_SIZE
            while width:
                lowest = width & -width
                left = full_root(bytes(hashes[end - lowest * HASH_SIZE:end]))
                right = left if right is None else node(left, right)
                width, end = width - lowest, end - lowest * HASH_SIZE
            size //= TILE
        return sha256(b"") if right is None else right


def check_inclusion(leaf: bytes, index: int, size: int, path: list[bytes], root: bytes) -> None:
    """Checks the inclusion proof of docs/auditing.md, section 8."""
    if index >= size:
        raise BadEvidence(f"proof: index {index} is not below the size {size}")
    found, fn, sn = leaf, index, size - 1
    for sibling in path:
        if sn == 0:
            raise BadEvidence("proof: too many hashes")
        if fn & 1 or fn == sn:
            found = node(sibling, found)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            found = node(found, sibling)
        fn, sn = fn >> 1, sn >> 1
    if sn:
        raise BadEvidence("proof: too few hashes")
    if found != root:
        raise BadEvidence("proof: it does not lead from the record to the root")


def check_consistency(old_size: int, old_root: bytes, size: int, root: bytes, path: list[bytes]) -> None:
    """Checks that the larger tree begins with the older one (RFC 9162, section 2.1.4.2)."""
    if old_size > size:
        raise BadEvidence(f"consistency: the log had {old_size} entries, now {size}")
    if old_size in (0, size):
        if path or old_root != (root if old_size == size else sha256(b"")):
            raise BadEvidence("consistency: another root, or hashes that prove nothing")
        return
    rest = [old_root, *path] if old_size & (old_size - 1) == 0 else list(path)
    fn, sn = old_size - 1, size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    if not rest:
        raise BadEvidence("consistency: no hashes")
    older = newer = rest[0]
    for sibling in rest[1:]:
        if sn == 0:
            raise BadEvidence("consistency: too many hashes")
        if fn & 1 or fn == sn:
            older, newer = node(sibling, older), node(sibling, newer)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            newer = node(newer, sibling)
        fn, sn = fn >> 1, sn >> 1
    if sn or older != old_root or newer != root:
        raise BadEvidence(f"consistency: the log of {size} entries does not extend that of {old_size}")
