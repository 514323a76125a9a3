"""Concurrent callers of `tools/call` in a closed loop, in one thread.

`load/` needs responses with Content-Length; some MCP gateways answer with chunks and event streams, which this reads too.
It costs more processor time than `load/`, so routes that are measured by it are only compared with each other.
"""

import re
import selectors
import socket
import time
from statistics import median, quantiles

import processes
import routes
import speaking

FAILED = re.compile(rb'"isError"\s*:\s*true')
LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)
NONE_FOR = 30  # seconds without any response
LEAST = 100  # calls that are counted, so that a slow route has a p99 too; it takes longer for them
BUFFER = 65536


class Caller:
    """One connection with an MCP session of its own; one call at a time."""

    def __init__(self, way):
        path = getattr(way, "path", "/mcp")
        client = speaking.Client(way.port, speaking.LEGACY, path, getattr(way, "token", None))
        client.close()
        self.way = way
        self.socket = socket.create_connection(("127.0.0.1", way.port), timeout=NONE_FOR)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        lines = "".join(f"{name}: {value}\r\n" for name, value in client.headers.items())
        self.head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{way.port}\r\n{lines}Content-Length: ".encode()

    def send(self) -> None:
        # No two calls are the same, because repeating one call would open a breaker.
        number = next(speaking.NUMBERS)
        body = (f'{{"jsonrpc":"2.0","id":{number},"method":"tools/call","params":{{"name":"{self.way.tool}",'
                f'"arguments":{{"text":"lamp {number}"}}}}}}').encode()
        self.used, self.sent = b"", time.perf_counter()
        self.socket.sendall(self.head + b"%d\r\n\r\n" % len(body) + body)

    def receive(self) -> float | None:
        """Reads what has arrived; returns the microseconds of the call once its response is complete."""
        got = self.socket.recv(BUFFER)
        self.used += got
        head, end, body = self.used.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        complete = end and (len(body) >= int(length[1]) if length else body.endswith(b"\r\n0\r\n\r\n"))
        if complete and head.startswith(b"HTTP/1.1 200") and b'"result"' in body and not FAILED.search(body):
            return (time.perf_counter() - self.sent) * 1e6
        if complete or not got:
            raise RuntimeError(f"a call through {self.way.name} was refused: {self.used[:500]!r}")
        return None

    def finish(self) -> None:
        """Reads the response of the last call and closes the connection."""
        while self.receive() is None:
            pass
        self.socket.close()


def run(way, number: int, seconds: float) -> dict:
    """Runs that many callers; the first tenth of the time is warm-up. Adds the processor time of the route's processes
    for each call sent, without the upstream, which does the same work in every route."""
    way.renew()
    callers = [Caller(way) for _ in range(number)]
    pids = routes.own(way)
    before, own, sent, times = processes.cpu_seconds(pids), time.process_time(), number, []
    now = time.perf_counter()
    counting, end, last = now + seconds / 10, now + seconds, now + 10 * seconds
    with selectors.DefaultSelector() as ready:
        for caller in callers:
            ready.register(caller.socket, selectors.EVENT_READ, caller)
            caller.send()
        while now < end or (len(times) < LEAST and now < last):
            events = ready.select(NONE_FOR)
            if not events:
                raise RuntimeError(f"no response through {way.name} for {NONE_FOR} s")
            for key, _ in events:
                took = key.data.receive()
                if took is not None:
                    now = time.perf_counter()
                    if now >= counting:
                        times.append(took)
                    key.data.send()
                    sent += 1
    counted = now - counting
    for caller in callers:
        caller.finish()
    spent, own = processes.cpu_seconds(pids) - before, time.process_time() - own
    if len(times) < 2:
        raise RuntimeError(f"{len(times)} calls through {way.name} in {counted:.0f} s")
    return {"calls": len(times), "per_second": len(times) / counted, "p50_us": median(times),
            "p99_us": quantiles(times, n=100)[98], "cpu_us_per_call": 1e6 * spent / sent, "caller_us": 1e6 * own / sent}
