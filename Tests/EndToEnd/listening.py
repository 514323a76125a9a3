"""A subscription of the modern era over HTTP, by hand: the stream, message by message."""

import json
import socket

import modern
from modern import message


class Listening:
    def __init__(self, port: int, token: str, identifier: str | int = "one", **wanted):
        sent = message("subscriptions/listen", identifier, notifications=wanted)
        body = json.dumps(sent).encode()
        head = "".join(f"{name}: {value}\r\n" for name, value in modern.headers(token, sent).items())
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.socket.sendall(
            f"POST /mcp HTTP/1.1\r\nHost: localhost\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        self.file = self.socket.makefile("rb")

    def next(self, seconds: float = 20) -> dict | None:
        """The next message; None if the stream has ended or is silent for that long."""
        self.socket.settimeout(seconds)
        try:
            for line in self.file:
                if line.startswith(b"data:"):
                    return json.loads(line[5:])
        except TimeoutError:
            pass
        return None

    def close(self) -> None:
        self.file.close()
        self.socket.close()
