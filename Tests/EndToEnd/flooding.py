"""An attacker who tries to occupy the gateway's loops: connections that send one large body after the other."""

import itertools
import json
import socket
import threading

import wire

MARKS = "\u05b0\u05b1\u05b2\u05b3\u05b4\u05b5\u05b6\u05b7\u05b8\u05b9"  # each of a combining class of its own
CONNECTIONS = 8


def keys_that_collide(number: int) -> bytes:
    """An object whose keys are equal for a reader that normalises before hashing."""
    orders = itertools.islice(itertools.permutations(MARKS), number)
    return ("{" + ",".join(f'"a{"".join(order)}":1' for order in orders) + "}").encode()


def wide(size: int) -> bytes:
    """Many small objects, as valid as any call."""
    part = b'{"name":"x","value":[1,2.5,true,null,"\\u00e9\\n"],"more":{"a":{"b":{"c":[]}}}}'
    return b"[" + b",".join([part] * (size // (len(part) + 1))) + b"]"


def bodies(size: int) -> list[bytes]:
    """The most expensive known bodies, each of about `size` bytes."""
    def call(value: bytes) -> bytes:
        return (b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"counting__count","arguments":{"x":'
                + value + b"}}}")

    deep = b"[" * 100 + b"]" * 100
    return [call(keys_that_collide(size // 26)), call(wide(size)),
            call(b"[" + b",".join([deep] * (size // 201)) + b"]"), call(b'"' + b"\\u0061" * (size // 6) + b'"')]


class Flood:
    """Sends bodies until the block ends, and discards the responses. `tokens` are used in turn."""

    def __init__(self, port: int, tokens: list[str], sent: list[bytes], connections: int = CONNECTIONS):
        self.port, self.over = port, threading.Event()
        self.begun, self.lock = 0, threading.Lock()
        turns = zip(range(connections), itertools.cycle(tokens), itertools.cycle(sent))
        self.threads = [threading.Thread(target=self.send, args=(token, body), daemon=True)
                        for _, token, body in turns]

    def send(self, token: str, body: bytes) -> None:
        request = (f"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: {wire.ACCEPT}\r\nContent-Type: application/json\r\n"
                   f"Authorization: Bearer {token}\r\nContent-Length: {len(body)}\r\n\r\n").encode() + body
        while not self.over.is_set():
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1) as one:
                    while not self.over.is_set():
                        one.sendall(request)
                        with self.lock:
                            self.begun += 1
                        one.recv(65_536)
            except OSError:
                continue  # the connection is too slow or closed: open another one

    def __enter__(self) -> "Flood":
        for thread in self.threads:
            thread.start()
        while self.begun < len(self.threads):
            self.over.wait(0.02)
        return self

    def __exit__(self, *_) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join(10)
