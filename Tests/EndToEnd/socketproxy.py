"""A unix socket that passes everything on and remembers what was said: how a vote is captured."""

import socket
import threading
from pathlib import Path


class SocketProxy:
    """`requests` has the bytes of each connection towards the real socket."""

    def __init__(self, path: Path, real: Path):
        self.path, self.real, self.requests = path, real, []

    def __enter__(self) -> "SocketProxy":
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.path))
        self.path.chmod(0o600)
        self.listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self.listener.close()
        self.path.unlink(missing_ok=True)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            real = socket.socket(socket.AF_UNIX)
            real.connect(str(self.real))
            said = bytearray()
            self.requests.append(said)
            threading.Thread(target=self._pass, args=(connection, real, said), daemon=True).start()
            threading.Thread(target=self._pass, args=(real, connection, None), daemon=True).start()

    @staticmethod
    def _pass(source: socket.socket, target: socket.socket, said: bytearray | None) -> None:
        try:
            while data := source.recv(65536):
                if said is not None:
                    said += data
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def say(path: Path, data: bytes, seconds: float = 10) -> bytes:
    """Sends bytes to a unix socket and returns the answer up to silence or close."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(seconds)
        connection.connect(str(path))
        connection.sendall(data)
        received = b""
        try:
            while b"\r\n\r\n" not in received or not complete(received):
                chunk = connection.recv(65536)
                if not chunk:
                    break
                received += chunk
        except TimeoutError:
            pass
        return received


def complete(answer: bytes) -> bool:
    head, _, body = answer.partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return len(body) >= int(line.split(b":")[1])
    return False
