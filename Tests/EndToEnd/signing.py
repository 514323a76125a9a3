"""A signer of its own for a gateway: `interlock signer` as a process, as an ordinary user where the tests run as root."""

import hashlib
import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time
from pathlib import Path

# No user of the machine has these numbers; files of theirs are reached by root alone.
USER, STRANGER = 64_321, 64_322
CODES = {1: "malformed", 2: "too large", 3: "unknown kind", 4: "foreign", 5: "fork", 6: "gap", 7: "late", 8: "unavailable"}


class Signer:
    """The folder, the socket and the process of one signer."""

    def __init__(self, binary: Path):
        self.is_root = os.geteuid() == 0
        self.base = Path(tempfile.mkdtemp(prefix="il-sign-"))
        self.base.chmod(0o755)
        self.keys, self.socket, self.log = self.base / "keys", self.base / "socket", self.base / "log"
        # The folder of the build may be closed to the signer's user.
        self.binary = Path(shutil.copy(binary, self.base / "interlock")) if self.is_root else binary
        self.process: subprocess.Popen | None = None

    def adopt(self, gateway) -> None:
        """Moves the key of a gateway that is stopped, and tells the gateway where it is."""
        gateway.run("signer", "move", "--keys", str(self.keys))
        self.give()
        gateway.configure("ledger", signer=f'"{self.socket}"')

    def give(self, user: int = USER) -> None:
        """What `chown -R` does for the signer's user."""
        if self.is_root:
            os.chown(self.base, USER, USER)
            for path in (self.keys, *self.keys.iterdir()):
                os.chown(path, user, user)

    def start(self, *words: str, seconds: float = 30) -> "Signer":
        gateway = ("--user-of-serve", str(os.geteuid()))
        with self.log.open("ab") as log:
            since = log.tell()
            self.process = subprocess.Popen(
                [str(self.binary), "signer", "--socket", str(self.socket), "--keys", str(self.keys), *gateway, *words],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                **({"user": USER, "group": USER, "extra_groups": []} if self.is_root else {}))
        deadline = time.monotonic() + seconds
        while "ready signer" not in self.said(since):
            assert self.process.poll() is None, self.said(since)
            assert time.monotonic() < deadline, self.said(since)
            time.sleep(0.02)
        return self

    def said(self, since: int = 0) -> str:
        with self.log.open("rb") as log:
            log.seek(since)
            return log.read().decode(errors="replace")

    def kill(self, number: int = signal.SIGKILL) -> None:
        if self.process:
            self.process.send_signal(number)
            self.process.wait(10)
            self.process = None

    def close(self) -> None:
        if self.process:
            self.process.send_signal(signal.SIGCONT)
        self.kill()
        shutil.rmtree(self.base, ignore_errors=True)

    def connect(self, seconds: float = 20) -> socket.socket:
        one = socket.socket(socket.AF_UNIX)
        one.settimeout(seconds)
        one.connect(str(self.socket))
        return one

    def ask(self, body: bytes, length: int | None = None) -> bytes:
        """The answer to one request, without its length; nothing if the signer closes the connection."""
        with self.connect() as one:
            try:
                one.sendall(struct.pack(">I", len(body) if length is None else length) + body)
            except BrokenPipeError:
                pass  # it had answered before it read all
            return received(one)

    def status(self) -> tuple[str, int, bytes]:
        """Origin, size and root of what it signed last."""
        answer = self.ask(b"\x01")
        assert answer[0] == 1, answer
        name = answer[2:2 + answer[1]]
        rest = answer[2 + answer[1]:]
        return name.decode(), struct.unpack(">Q", rest[:8])[0], rest[8:40]


def received(one: socket.socket) -> bytes:
    taken = b""
    while True:
        try:
            more = one.recv(65536)
        except ConnectionResetError:
            more = b""
        if not more:
            return taken[4:] if len(taken) >= 4 and struct.unpack(">I", taken[:4])[0] == len(taken) - 4 else taken
        taken += more


def text(value: str) -> bytes:
    return bytes([len(value)]) + value.encode()


def growth(origin: str, since: int, leaves: list[bytes], root: bytes) -> bytes:
    return (b"\x02" + text(origin) + struct.pack(">QI", since, len(leaves)) + b"".join(leaves) + root)


def heads(origin: str, size: int, root: bytes) -> bytes:
    return b"\x03" + text(origin) + struct.pack(">Q", size) + root + hashlib.sha256(b"heads").digest()


def refusal(answer: bytes) -> str | None:
    """The code of a refusal; None for anything else."""
    return CODES.get(answer[1]) if len(answer) > 1 and answer[0] == 4 else None
