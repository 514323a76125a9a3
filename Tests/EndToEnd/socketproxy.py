"""A unix socket in front of a real one, which holds back selected requests: used to capture a vote."""

import socket
import threading
from pathlib import Path


class SocketProxy:
    """Requests (one connection each) that contain `stop_at` are stored in `stopped` and never forwarded."""

    def __init__(self, path: Path, real: Path, stop_at: bytes):
        self.path, self.real, self.stop_at, self.stopped = path, real, stop_at, []

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
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(10)
            try:
                request = b""
                while not complete(request):
                    chunk = connection.recv(65536)
                    if not chunk:
                        return
                    request += chunk
                if self.stop_at in request:
                    self.stopped.append(request)
                    return
                connection.sendall(say(self.real, request))
            except OSError:
                pass


def say(path: Path, data: bytes, seconds: float = 10) -> bytes:
    """Sends bytes to a unix socket and returns the response up to silence or close."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(seconds)
        connection.connect(str(path))
        connection.sendall(data)
        received = b""
        try:
            while not complete(received):
                chunk = connection.recv(65536)
                if not chunk:
                    break
                received += chunk
        except TimeoutError:
            pass
        return received


def complete(message: bytes) -> bool:
    """Returns True if a request or response is complete; without a length it ends with its head."""
    head, end, body = message.partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return bool(end) and len(body) >= int(line.split(b":")[1])
    return bool(end)
