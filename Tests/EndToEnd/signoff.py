"""Writes `interlock.signoff` without the program: what it accepts is what the format says, not what it writes."""

import base64
import json
import socket
import struct
from datetime import datetime, timezone
from pathlib import Path

PAYLOAD_TYPE = "application/vnd.interlock.signoff+json"


def write(path: Path, identity: dict, author: str, people, signers: list[str]) -> None:
    """`identity` is `{digest, tests, files}`; each signer's key lies in the ssh-agent of `people`."""
    body = {**identity, "author": author}
    # RFC 8785 for text, and objects of text: sorted keys, no spaces.
    payload = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    message = b"DSSEv1 %d %s %d %s" % (len(PAYLOAD_TYPE), PAYLOAD_TYPE.encode(), len(payload), payload)
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    signatures = []
    for email in signers:
        blob = base64.b64decode(people.public[email].read_text().split()[1])
        signatures.append({
            "by": email, "key": base64.b64encode(blob[-32:]).decode(), "at": now,
            "sig": base64.b64encode(agent_signature(people.environment["SSH_AUTH_SOCK"], blob, message)).decode()})
    path.write_text(json.dumps({**body, "signatures": signatures}, indent=1))


def agent_signature(path: str, blob: bytes, message: bytes) -> bytes:
    """SSH_AGENTC_SIGN_REQUEST; the raw Ed25519 signature is the end of the answer."""
    def field(data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + data

    with socket.socket(socket.AF_UNIX) as agent:
        agent.connect(path)
        agent.sendall(field(bytes([13]) + field(blob) + field(message) + struct.pack(">I", 0)))
        length, = struct.unpack(">I", receive(agent, 4))
        answer = receive(agent, length)
    assert answer[0] == 14, answer[:1]
    return answer[-64:]


def receive(agent: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        data += agent.recv(count - len(data))
    return data
