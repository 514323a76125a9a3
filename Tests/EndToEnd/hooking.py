"""The hook adapter as a host starts it: an ordinary user, a mount namespace whose `/etc` has the file that names the gateway,
and a gateway that answers as a test wants. Needs the adapter alone."""

import ctypes
import json
import os
import shutil
import socket
import subprocess
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

USER = 50_000 + os.getpid() % 10_000
CLONE_NEWNS = 0x20000
EVENT = {"session_id": "5b1c", "cwd": "/workspace", "hook_event_name": "PreToolUse", "permission_mode": "default",
         "tool_name": "Bash", "tool_input": {"command": "git push"}, "tool_use_id": "toolu_01A"}
ALLOW = {"v": 1, "verdict": "allow", "reason": "granted", "rule": None, "text": "", "approval": None, "record": None}
DENY = ALLOW | {"verdict": "deny", "reason": "no-grant", "rule": "no-grant", "text": "no scope allows a push",
                "record": "9f2c"}
libc = ctypes.CDLL(None, use_errno=True)


def response(verdict: dict | bytes, status: str = "200 OK", content_type: str = "application/json", **fields) -> bytes:
    """The bytes of a response; a field of None is left out."""
    body = verdict if isinstance(verdict, bytes) else json.dumps(verdict).encode()
    named = {"Content-Type": content_type, "Content-Length": len(body)}
    named |= {name.replace("_", "-"): value for name, value in fields.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in named.items() if value is not None)
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body


class Gateway:
    """A gateway on a unix socket, or on a port of 127.0.0.1. `answer` is the response's bytes for all requests, or makes them
    of an event; with None it reads a request and does not answer."""

    def __init__(self, path: Path | None = None, answer=response(ALLOW), port: int = 0):
        self.answer, self.requests, self.held = answer, [], []
        self.came = threading.Event()
        self.listener = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
        self.listener.bind(str(path) if path else ("127.0.0.1", port))
        if path:
            path.chmod(0o666)
        self.listener.listen(64)
        threading.Thread(target=self.serve, daemon=True).start()

    @property
    def port(self) -> int:
        return self.listener.getsockname()[1]

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            try:
                self.handle(connection)
            except OSError:
                connection.close()

    def handle(self, connection: socket.socket) -> None:
        received = b""
        while b"\r\n\r\n" not in received:
            if not (part := connection.recv(1 << 20)):
                return connection.close()
            received += part
        head, body = received.split(b"\r\n\r\n", 1)
        length = int(next(line for line in head.split(b"\r\n") if line.startswith(b"Content-Length: "))[16:])
        while len(body) < length:
            body += connection.recv(1 << 20)
        self.requests.append((head.decode(), body))
        self.came.set()
        answer = self.answer(json.loads(body)) if callable(self.answer) else self.answer
        if answer is None:
            return self.held.append(connection)
        connection.sendall(answer)
        connection.close()

    def close(self) -> None:
        # A thread that waits in accept keeps a socket that is only closed.
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()
        for connection in self.held:
            connection.close()


@dataclass
class Ended:
    code: int
    output: bytes
    said: str

    @property
    def refused(self) -> bool:
        """Exit 2, nothing on standard output, one line."""
        return (self.code == 2 and self.output == b"" and self.said.startswith("interlock: denied (")
                and self.said.count("\n") == 1 and self.said.endswith("\n"))


class Hooks:
    """The adapter, its `/etc` and the mount namespace."""

    def __init__(self, program: Path):
        self.folder = Path(tempfile.mkdtemp(prefix="interlock-hook-", dir="/var/tmp"))
        self.folder.chmod(0o755)
        self.program = self.folder / "interlock-hook"
        shutil.copy(program, self.program)
        self.program.chmod(0o755)
        self.etc = self.folder / "etc"
        self.socket = self.folder / "interlock.sock"
        self.reset()
        # The namespace lives as long as this process, whose standard input is a pipe of ours.
        self.keeper = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c",
             'mount --bind "$1" /etc && echo made && exec cat', "sh", str(self.etc)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.keeper.stdout.readline() == b"made\n"
        self.namespace = os.open(f"/proc/{self.keeper.pid}/ns/mnt", os.O_RDONLY)

    def close(self) -> None:
        os.close(self.namespace)
        self.keeper.stdin.close()
        self.keeper.wait(10)
        shutil.rmtree(self.folder)

    @property
    def file(self) -> Path:
        return self.etc / "interlock" / "hook.json"

    def reset(self) -> None:
        """`/etc` as the installer makes it: the folder stays the same, which is mounted."""
        self.etc.mkdir(exist_ok=True)
        for made in self.etc.iterdir():
            made.unlink() if made.is_symlink() or not made.is_dir() else shutil.rmtree(made)
        os.chown(self.etc, 0, 0)
        self.etc.chmod(0o755)
        self.file.parent.mkdir()
        self.file.parent.chmod(0o755)
        self.write({"socket": str(self.socket)})

    def write(self, value: object) -> None:
        self.file.write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())
        self.file.chmod(0o644)

    def enter(self, also, as_root: bool):
        """Runs in the child before the adapter: its namespace and its user."""
        def prepare():
            if libc.setns(self.namespace, CLONE_NEWNS) != 0:
                os._exit(99)
            if not as_root:
                os.setgroups([])
                os.setresgid(USER, USER, USER)
                os.setresuid(USER, USER, USER)
            if also:
                also()
        return prepare

    def start(self, *words: str, program: list = (), wrapper: list = (), also=None, as_root: bool = False,
              **streams) -> subprocess.Popen:
        streams = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE) | {"env": {}} | streams
        command = [*wrapper, *(program or [self.program]), *(words or ["claude-code"])]
        if also or as_root or streams["env"]:
            return subprocess.Popen(command, preexec_fn=self.enter(also, as_root), **streams)
        # A process of this size is copied slowly, so that two small programs do the same where they can.
        return subprocess.Popen([shutil.which("nsenter"), f"--mount=/proc/{self.keeper.pid}/ns/mnt", shutil.which("setpriv"),
                                 f"--reuid={USER}", f"--regid={USER}", "--clear-groups", *command], **streams)

    def run(self, *words: str, given: object = EVENT, timeout: float = 20, **how) -> Ended:
        started = self.start(*words, **how)
        text = given if isinstance(given, bytes) else json.dumps(given).encode()
        try:
            output, said = started.communicate(text if started.stdin else None, timeout=timeout)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()
            raise
        return Ended(started.returncode, output or b"", (said or b"").decode())
