"""Orders that a person signs, made without the program and signed with the person's key in ssh-agent."""

import base64
import json
import secrets
import socket
import struct
import time
from datetime import datetime, timezone
from pathlib import Path

from deployment import Deployment
from logwriter import b64, canonical
from payloadkeys import CROCKFORD
from people import People
from statements import media_type, message


def string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def strings(data: bytes) -> list[bytes]:
    found = []
    while data:
        size = struct.unpack(">I", data[:4])[0]
        found.append(data[4:4 + size])
        data = data[4 + size:]
    return found


def public_key(people: People, person: str) -> bytes:
    """The public key in the format of agents and OpenSSH."""
    return base64.b64decode(Path(people.public[person]).read_text().split()[1])


def signature(people: People, person: str, message: bytes) -> bytes:
    """Signs by SSH2_AGENTC_SIGN_REQUEST of the agent's protocol."""
    request = b"\x0d" + string(public_key(people, person)) + string(message) + bytes(4)
    with socket.socket(socket.AF_UNIX) as agent:
        agent.connect(people.environment["SSH_AUTH_SOCK"])
        agent.sendall(string(request))
        with agent.makefile("rb") as answers:
            answer = answers.read(struct.unpack(">I", answers.read(4))[0])
    assert answer[0] == 14, answer
    kind, signed = strings(strings(answer[1:])[0])
    assert kind == b"ssh-ed25519" and len(signed) == 64
    return signed


def identifier() -> str:
    number = int(time.time() * 1000) << 80 | int.from_bytes(secrets.token_bytes(10))
    return "".join(CROCKFORD[number >> (125 - 5 * place) & 31] for place in range(26))


def signed(people: People, by: str, kind: str, statement: dict) -> dict:
    """The envelope of a statement, with the signature of one person."""
    media, payload = media_type(kind), canonical(statement)
    return {"payloadType": media, "payload": b64(payload), "signatures": [
        {"keyid": b64(strings(public_key(people, by))[1]), "sig": b64(signature(people, by, message(media, payload)))}]}


def order(gateway: Deployment, people: People, by: str, kind: str, **members) -> dict:
    """The envelope of one order; `members` are those that its `deed` requires."""
    trust = json.loads((gateway.folder / "state" / "kill" / "trust.json").read_bytes())
    (own,) = [one for one in trust["people"] if one["person"] == by]
    return signed(people, by, kind, {
        "v": 1, "type": kind, "id": identifier(), "org": "acme", "reason": "as the tests want it",
        "author": own["pseudonym"], "at": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ"), **members})
