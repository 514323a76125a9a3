"""Drives `client.py` in the environment of a chosen SDK version."""

import json
import os
import queue
import subprocess
import threading
from pathlib import Path

HERE = Path(__file__).resolve().parent


class ClientFailure(Exception):
    """The client could not connect, or ended; the text is what it said."""


class SDKClient:
    """One connected client process. Operations may also be sent first and awaited later, so that a
    person can decide while a call is held."""

    def __init__(self, python: Path, *way: str, token: str | None = None, seconds: float = 30,
                 environment: dict[str, str] | None = None, script: Path = HERE / "client.py"):
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
        self.process = self.start(
            [str(python), str(script), *way],
            {**kept, **({"INTERLOCK_TOKEN": token} if token else {}), **(environment or {})})
        self._lines: queue.Queue[str] = queue.Queue()
        self._errors: list[str] = []
        for stream, sink in ((self.process.stdout, self._lines.put), (self.process.stderr, self._errors.append)):
            threading.Thread(target=lambda s=stream, k=sink: [k(line) for line in s] + [k("")], daemon=True).start()
        try:
            self.connected = self.answer(seconds)["connected"]
        except BaseException:
            self.close()
            raise

    @staticmethod
    def started(words: list[str], environment: dict[str, str]) -> subprocess.Popen:
        return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                env=environment)

    # How a client's process is started; tests may do it in another way.
    start = started

    def send(self, op: str, **fields) -> None:
        self.process.stdin.write(json.dumps({"op": op, **fields}) + "\n")
        self.process.stdin.flush()

    def answer(self, seconds: float = 60) -> dict:
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            raise ClientFailure(f"no answer within {seconds} s; stderr: {''.join(self._errors)[-2000:]}") from None
        found = json.loads(line) if line else {"failure": [f"ended: {''.join(self._errors)[-2000:]}"]}
        if "failure" in found:
            raise ClientFailure("; ".join(found["failure"]))
        return found

    def list(self) -> list[dict]:
        self.send("list")
        answer = self.answer()
        if "tools" not in answer:
            raise ClientFailure(str(answer))
        return answer["tools"]

    def call(self, name: str, seconds: float = 60, **arguments) -> dict:
        self.send("call", name=name, arguments=arguments)
        return self.answer(seconds)

    def do(self, op: str, **fields) -> dict:
        """One operation and its answer."""
        self.send(op, **fields)
        return self.answer()

    def heard(self, count: int = 0, seconds: float = 5) -> list:
        """What was heard beside the answers since the last time, once there are `count` notes."""
        return self.do("heard", count=count, seconds=seconds)["heard"]

    def close(self) -> None:
        """Ends the client by closing its input; kills it after 5 s."""
        try:
            self.process.stdin.close()
        except OSError:
            pass
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)

    def __enter__(self) -> "SDKClient":
        return self

    def __exit__(self, *_) -> None:
        self.close()
