"""Witnesses of a gateway's log: other gateways, and one of the tests with configurable behaviour."""

import base64
import hashlib
import json
import os
import struct
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography.hazmat.primitives import serialization

from logwriter import Key

DASH = "\u2014"


@dataclass
class Note:
    """A signed note: its text, and name and bytes of each signature."""
    text: str
    lines: list[tuple[str, bytes]]

    @staticmethod
    def parse(note: str) -> "Note":
        text, _, rest = note.rpartition("\n\n")
        lines = [line.split(" ") for line in rest.splitlines()]
        assert all(len(line) == 3 and line[0] == DASH for line in lines), note
        return Note(text + "\n", [(name, base64.b64decode(data, validate=True)) for _, name, data in lines])

    @property
    def size(self) -> int:
        return int(self.text.splitlines()[1])

    @property
    def signers(self) -> list[str]:
        return [name for name, _ in self.lines]


def key_id(name: str, kind: int, key: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + key).digest()[:4]


def published(deployment) -> Note:
    return Note.parse((deployment.ledger / "log" / "checkpoint").read_text())


def cosigned(note: Note, vkey: str) -> bool:
    """Returns True if the witness's line is under the note and valid; checked without the program."""
    name, shown, data = vkey.split("+", 2)
    key = base64.b64decode(data)
    assert key[0] == 4 and bytes.fromhex(shown) == key_id(name, 4, key[1:])
    for signer, line in note.lines:
        if signer != name or line[:4] != key_id(name, 4, key[1:]):
            continue
        (seconds,) = struct.unpack(">Q", line[4:12])
        assert abs(seconds - time.time()) < 600
        public = serialization.load_der_public_key(bytes.fromhex("302a300506032b6570032100") + key[1:])
        public.verify(line[12:], f"cosignature/v1\ntime {seconds}\n{note.text}".encode())
        return True
    return False


@dataclass
class FalseWitness:
    """A witness with its own key and configured responses. `answer(body)` returns status, media type and text."""
    key: Key
    port: int = 0
    asked: list[str] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)  # the heads of those requests, with the request lines
    delay: float = 0
    answer: object = None

    @property
    def name(self) -> str:
        return self.key.name

    @property
    def vkey(self) -> str:
        return self.key.vkey

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/w"

    def good(self, body: str) -> tuple[int, str, str]:
        """Cosigns anything."""
        note = Note.parse(body.partition("\n\n")[2])
        return 200, "text/plain", self.key.line(note.text, int(time.time()))

    def bad(self, body: str) -> tuple[int, str, str]:
        """Signs something else."""
        return 200, "text/plain", self.key.line("something else\n", int(time.time()))


@contextmanager
def false_witness(name: str = "auditor.example"):
    witness = FalseWitness(Key(name, os.urandom(32), kind=4))
    witness.answer = witness.good

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            witness.asked.append(body)
            witness.heads.append(f"{self.requestline}\n{self.headers}")
            time.sleep(witness.delay)
            status, kind, text = witness.answer(body)
            data = text.encode()
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(data)))
            if status == 302:
                self.send_header("location", f"{witness.url}/elsewhere")
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    witness.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield witness
    finally:
        server.shutdown()
        server.server_close()


def vkey(deployment) -> str:
    """The key of the deployment as a witness."""
    return deployment.run("audit", "witness", "vkey").stdout.strip()


def log_line(deployment) -> str:
    """The line by which others know its log."""
    lines = (deployment.folder / "trust.policy").read_text().splitlines()
    return next(line for line in lines if line.startswith("log "))


def learn(deployment, *lines: str) -> None:
    """Inserts lines before the rest of a trust file."""
    path = Path(deployment.folder) / "trust.policy"
    path.write_text("\n".join(lines) + "\n" + path.read_text())


def witness_url(deployment) -> str:
    return f"http://127.0.0.1:{deployment.people_port}/witness"


def status(deployment) -> dict:
    return json.loads(deployment.run("audit", "witness", "status", "--json").stdout)


def alarms(deployment) -> list[str]:
    return [one["code"] for one in deployment.records(200) if one["t"] == "alarm.raised"]
