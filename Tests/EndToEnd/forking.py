"""The servers of the example organisation, started from one process per test process."""

import atexit
import json
import os
import select
import signal
import subprocess
from functools import cache
from pathlib import Path

from upstreams import HERE, Upstreams

PROGRAM = Path(__file__).resolve().parent / "fixtures" / "forking_servers.py"


class Forked:
    """A process started by another process, with the part of `subprocess.Popen` that the tests need."""

    def __init__(self, pid: int):
        self.pid, self.returncode = pid, None
        try:
            self.handle = os.pidfd_open(pid)
        except ProcessLookupError:
            self.handle, self.returncode = -1, -1

    def poll(self) -> int | None:
        return self._look(0)

    def wait(self, seconds: float) -> int:
        if self._look(seconds) is None:
            raise subprocess.TimeoutExpired(str(self.pid), seconds)
        return self.returncode

    def terminate(self) -> None:
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        self._send(signal.SIGKILL)

    def _send(self, number: int) -> None:
        if self.poll() is None:
            try:
                signal.pidfd_send_signal(self.handle, number)
            except ProcessLookupError:
                pass

    def _look(self, seconds: float) -> int | None:
        if self.returncode is None and select.select([self.handle], [], [], seconds)[0]:
            self.returncode = -1  # its exit status is unknown
            os.close(self.handle)
        return self.returncode


@cache
def forker(python: str) -> subprocess.Popen:
    process = subprocess.Popen([python, PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def end() -> None:
        process.stdin.close()
        process.wait(5)

    atexit.register(end)
    return process


class ForkedUpstreams(Upstreams):
    def spawn(self, words: list[str]) -> Forked:
        process = forker(self.python)
        wanted = {"folder": str(HERE / "servers"), "words": words, "log": str(self.log)}
        process.stdin.write(json.dumps(wanted) + "\n")
        process.stdin.flush()
        return Forked(int(process.stdout.readline()))
