"""Python scripts that tests start hundreds of times, SDK clients and the verifier, each forked from one process per test
process that has imported what they import."""

import atexit
import json
import os
import socket
import subprocess
from functools import cache
from pathlib import Path

from forking import Forked
from sdk import SDKClient

PROGRAM = Path(__file__).resolve().parent / "fixtures" / "forking_python.py"
CLIENT = ("mcp.client.session", "mcp.client.sse", "mcp.client.stdio", "mcp.client.streamable_http")
VERIFIER = ("ledger_verifier",)


class ForkedPython(Forked):
    """The process of a script with its standard streams, as `subprocess.Popen` has them."""

    def __init__(self, words: list[str], environment: dict[str, str], modules: tuple[str, ...], folder: str | Path = "."):
        python, script, *rest = words
        theirs, ours = zip(os.pipe(), *(reversed(os.pipe()) for _ in range(3)))
        self.stdin, self.stdout, self.stderr, self._end = (os.fdopen(one, way) for one, way in zip(ours, "wrrr"))
        wanted = {"script": script, "words": rest, "environment": environment, "folder": str(Path(folder).resolve())}
        asked = forker(python, str(Path(script).parent), modules)
        socket.send_fds(asked, [json.dumps(wanted).encode()], theirs)
        for one in theirs:
            os.close(one)
        super().__init__(int(asked.recv(16)))

    def exit_code(self) -> int:
        """Waits for the end; -1 if something ended it."""
        return int(self._end.read() or -1)


@cache
def forker(python: str, folder: str, modules: tuple[str, ...]) -> socket.socket:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    process = subprocess.Popen([python, PROGRAM, str(theirs.fileno()), folder, *modules], pass_fds=[theirs.fileno()],
                               stdin=subprocess.DEVNULL)
    theirs.close()

    def end() -> None:
        ours.close()
        process.wait(5)

    atexit.register(end)
    return ours


def client(words: list[str], environment: dict[str, str]):
    """Forks the clients of an SDK's own environment; others (`hosts`) import other libraries."""
    if Path(words[0]).parents[1].name.startswith("mcp-"):
        return ForkedPython(words, environment, CLIENT)
    return SDKClient.started(words, environment)


def verifier(words: list, folder: str | Path = ".") -> subprocess.CompletedProcess:
    """Runs the verifier in Python, without an environment. Its output is a few lines."""
    made = ForkedPython([*map(str, words)], {}, VERIFIER, folder)
    made.stdin.close()
    code = made.exit_code()
    return subprocess.CompletedProcess(words, code, made.stdout.read(), made.stderr.read())
