"""Runs that state the user's request at the local socket of the gateway, as `interlock run --request` does, and get the
token that it gets. No sandbox is made: the agents of the benchmark are outside of all walls."""

import base64
import hashlib
import http.client
import json
import socket
import threading
import time
from pathlib import Path

LAYERS = ["user", "mount", "pid", "net", "ipc", "uts", "cgroup", "seccomp"]
BUSY = 503  # the gateway lets few requests of commands wait at a time
LEASE = 5  # seconds between signs of life; the gateway ends a run after 15 without one


class Local(http.client.HTTPConnection):
    def __init__(self, path: Path):
        super().__init__("localhost", timeout=60)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


class Run:
    """It lasts from entry to exit."""

    def __init__(self, path: Path, policy: str, agent: str, request: str):
        self.path, self.ended = path, threading.Event()
        digest = base64.b64encode(hashlib.sha256(b"bench").digest()).decode()
        self.start = {"agent": agent, "kind": "task", "policy": policy, "argv": digest, "isolation": "full",
                      "backend": "own", "layers": LAYERS, "degraded": [], "landlock": 0, "hidden": [], "secrets": [],
                      "request": request}

    def __enter__(self) -> "Run":
        begun = self.post("/v1/sandboxes", self.start)
        self.id, self.token = begun["run"], begun["token"]
        self.keeper = threading.Thread(target=self.keep, daemon=True)
        self.keeper.start()
        return self

    def __exit__(self, *_) -> None:
        self.ended.set()
        self.keeper.join()
        self.post(f"/v1/sandboxes/{self.id}/end", {"code": "exited", "source": "agent", "exit": 0})

    def keep(self) -> None:
        while not self.ended.wait(LEASE):
            self.post(f"/v1/sandbox-runs/{self.id}/wait", {})

    def post(self, path: str, body: dict, seconds: float = 60) -> dict:
        deadline = time.monotonic() + seconds
        while (answer := self.answer(path, body))[0] == BUSY and time.monotonic() < deadline:
            time.sleep(0.1)
        status, read = answer
        if status != 200:
            raise RuntimeError(f"{path}: status {status}: {read.decode()[:500]}")
        return json.loads(read)

    def answer(self, path: str, body: dict) -> tuple[int, bytes]:
        connection = Local(self.path)
        try:
            connection.request("POST", path, json.dumps(body).encode(), {"Content-Type": "application/json"})
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()
