"""Conventions of docs/auditing.md: hashes, strict base64 and decimal numbers, and the ways to fail."""

import base64
import binascii
import hashlib
import re

HASH_SIZE = 32


class BadEvidence(Exception):
    """The evidence does not verify: exit code 1."""


class Malformed(Exception):
    """A file does not have its format: exit code 65, or 1 if the file is part of a log."""


class Missing(Exception):
    """A file or folder is missing: exit code 66."""


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def unbase64(text: str, size: int | None = None) -> bytes:
    """Decodes standard base64 with padding and nothing else, of `size` bytes if that is given."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise Malformed(f"{text[:80]!r} is not base64") from error
    # Encoding again finds defects that decoders accept: unused bits that are set, excess padding.
    if b64(data) != text:
        raise Malformed(f"{text[:80]!r} is not strict base64")
    if size is not None and len(data) != size:
        raise Malformed(f"{text[:80]!r} has {len(data)} bytes, not {size}")
    return data


def is_hash(value: object) -> bool:
    """Returns True if a value from JSON is a hash in base64."""
    if not isinstance(value, str):
        return False
    try:
        return len(unbase64(value)) == HASH_SIZE
    except Malformed:
        return False


def decimal(text: str) -> int:
    """A number below 2^64, with no sign and no leading zero."""
    if not re.fullmatch(r"0|[1-9][0-9]{0,19}", text) or int(text) >= 1 << 64:
        raise Malformed(f"{text[:80]!r} is not a decimal number")
    return int(text)
