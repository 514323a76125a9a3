"""The cache `state/collected-runs` of a gateway, and edits of it, also such as only one who has the deployment's secret can make."""

import hmac
import os
import struct
from pathlib import Path

MAGIC = b"interlock/collected-runs/1\n"
CODE = 32


def place(gateway) -> Path:
    return gateway.folder / "state" / "collected-runs"


def put(gateway, data: bytes) -> None:
    """Replaces the file in one step, as the gateway does."""
    draft = place(gateway).with_suffix(".test")
    draft.write_bytes(data)
    os.replace(draft, place(gateway))


def not_whole(data: bytes) -> bytes:
    """The same runs, as if records before the log were missing; without the code."""
    def number(at: int) -> int:
        return struct.unpack_from(">q", data, at)[0]

    assert data.startswith(MAGIC)
    at = len(MAGIC) + 32 + 8 + 8
    at += 8 + 32 * number(at)
    policies = number(at)
    at += 8
    for _ in range(policies):
        at += 8 + number(at)
    at += 8 + 8
    assert data[at] == 1, "the flag is not where it should be"
    return data[:at] + b"\0" + data[at + 1:-CODE]


def signed(gateway, content: bytes, secret: bytes | None = None) -> bytes:
    """The content with its code; by default under the secret of the deployment."""
    secret = secret or (gateway.folder / "state" / "keys" / "pseudonym.key").read_bytes()
    key = hmac.digest(secret, b"interlock/collected-runs/1", "sha256")
    return content + hmac.digest(key, content, "sha256")
