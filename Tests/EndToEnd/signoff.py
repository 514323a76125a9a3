"""Writes `interlock.signoff` without the program, from the documented format."""

import base64
import json
from datetime import datetime, timezone
from pathlib import Path

from ordering import public_key, signature
from statements import media_type, message


def statement(identity: dict, author: str) -> bytes:
    """The bytes that people sign: RFC 8785 for text, and objects of text, has sorted keys and no spaces."""
    return json.dumps({**identity, "author": author}, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def write(path: Path, identity: dict, author: str, people, signers: list[str]) -> None:
    """Writes the file; `identity` is `{digest, tests, files}`, and each signer's key is in the ssh-agent of
    `people`."""
    payload = statement(identity, author)
    signed = message(media_type("signoff"), payload)
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    signatures = []
    for email in signers:
        signatures.append({
            "by": email, "key": base64.b64encode(public_key(people, email)[-32:]).decode(), "at": now,
            "sig": base64.b64encode(signature(people, email, signed)).decode()})
    path.write_text(json.dumps({**identity, "author": author, "signatures": signatures}, indent=1))
