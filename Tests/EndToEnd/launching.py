"""Launches by specification: the records of `Sources/C/CLaunch/include/CLaunch.h`, and `interlock-launch --spec` run as an
ordinary user. Needs the C sources alone, which it compiles."""

import ctypes
import fcntl
import json
import os
import resource
import select
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
C, LAUNCH = ROOT / "Sources" / "C", ROOT / "Sources" / "Programs" / "interlock-launch"
# An id without an account, where the tests are run by root: one for each process of them.
OUTSIDE_ID = 50_000 + os.getpid() % 10_000 if os.geteuid() == 0 else os.geteuid()
WRITABLE, NOEXEC, OWNED = 1, 2, 4
DEFAULT, DEBUG, REDUCED, PAIRED = 0, 1, 2, 4
RUN = "01kag0q9v4x2m7c8d3e5f6g7h8"


def compiler() -> str | None:
    return shutil.which("clang") or shutil.which("cc")


def build(folder: Path, faults: bool = True) -> tuple[Path, ctypes.CDLL]:
    """The launcher, in which a test can break a step unless told otherwise, and the library that makes the filters."""
    warnings = ["-Wall", "-Wextra", "-Werror", *(["-DINTERLOCK_LAUNCH_FAULTS"] if faults else [])]
    flags = [compiler(), "-std=c11", "-O2", *warnings, f"-I{C / 'CLaunch' / 'include'}", f"-I{C / 'CSeccomp' / 'include'}"]
    sources = [*(C / "CLaunch").glob("*.c"), *LAUNCH.glob("*.c"), *(LAUNCH / "Agent").glob("*.c")]
    program, library = folder / "interlock-launch", folder / "seccomp.so"
    both = [subprocess.Popen([*flags, *map(str, sources), "-o", program]),
            subprocess.Popen([*flags, "-fPIC", "-shared", *map(str, (C / "CSeccomp").glob("*.c")), "-o", library,
                              "-lseccomp"])]
    assert [one.wait() for one in both] == [0, 0]
    return program, ctypes.CDLL(str(library))


def text(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value


def string(value: str | bytes) -> bytes:
    return struct.pack("<H", len(text(value))) + text(value)


def record(tag: int, payload: bytes = b"") -> bytes:
    return struct.pack("<IH", len(payload), tag) + payload


VERSION, END = record(1, struct.pack("<I", 1)), record(2)


def bind(source, target, flags=0) -> bytes:
    return record(30, bytes([flags]) + string(str(source)) + string(str(target)))


def overlay(lower, target, layer=None, writable=True) -> bytes:
    paths = string(str(lower)) + string(str(layer or "")) + string(str(target))
    return record(31, bytes([layer is not None and writable]) + paths)


def tmpfs(target, mode=0o755, size=16 << 20, inodes=1024, flags=0) -> bytes:
    return record(32, struct.pack("<IQIB", mode, size, inodes, flags) + text(target))


def symlink(content, target) -> bytes:
    return record(33, string(content) + string(target))


def file(target, content="", mode=0o444) -> bytes:
    return record(34, struct.pack("<I", mode) + string(target) + text(content))


def folder(target, mode=0o755) -> bytes:
    return record(35, struct.pack("<I", mode) + text(target))


def rlimit(kind: int, value: int) -> bytes:
    return record(22, struct.pack("<BQ", kind, value))


def system_tree() -> list[bytes]:
    """What every command needs, and no more: /usr with its links, five files of /etc, and three scratch folders."""
    links = [symlink(os.readlink(path), path) for path in ("/bin", "/sbin", "/lib", "/lib64") if Path(path).is_symlink()]
    return [bind("/usr", "/usr"), *links, folder("/etc"), bind("/etc/ld.so.cache", "/etc/ld.so.cache"),
            bind("/etc/alternatives", "/etc/alternatives"),
            file("/etc/passwd", "agent:x:1000:1000::/home/agent:/bin/sh\n"), file("/etc/group", "agent:x:1000:\n"),
            file("/etc/hosts", "127.0.0.1 localhost sandbox\n"), file("/etc/nsswitch.conf", "hosts: files\n"),
            file("/etc/resolv.conf"), tmpfs("/home/agent"), tmpfs("/tmp", 0o1777), tmpfs("/dev/shm", 0o1777)]


@dataclass
class Spec:
    """A specification; `records` is its middle part, `tree` what is added to the file tree, which `base` begins."""

    command: list[str]
    tree: list[bytes] = field(default_factory=list)
    extra: list[bytes] = field(default_factory=list)
    network: int = 0
    isolation: int = 0
    backend: int = 0
    directory: str = "/"
    wall: int | None = 60_000
    base: list[bytes] | None = None

    def records(self) -> list[bytes]:
        made = [VERSION, record(10, bytes([self.isolation])), record(11, bytes([self.backend])),
                record(12, bytes([self.network])), record(13, RUN.encode())]
        if self.wall is not None:
            made.append(record(20, struct.pack("<Q", self.wall)))
        base = system_tree() if self.base is None else self.base
        made += [*self.extra, *base, *self.tree, record(40, self.directory.encode())]
        return [*made, *(record(41, text(word)) for word in self.command), END]

    def bytes(self) -> bytes:
        return b"".join(self.records())


def environment(variables=None, secrets=None) -> bytes:
    variables = {"PATH": "/usr/bin:/bin", "HOME": "/home/agent"} if variables is None else variables
    return b"".join([VERSION, *(record(50, text(f"{name}={value}")) for name, value in variables.items()),
                     *(record(51, string(name) + text(value)) for name, value in (secrets or {}).items()), END])


def sealed(content: bytes, seals=fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL) -> int:
    memfd = os.memfd_create("spec", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.write(memfd, content)
    fcntl.fcntl(memfd, fcntl.F_ADD_SEALS, seals)
    return memfd


@dataclass
class Ended:
    code: int
    status: list[str]
    output: str
    error: str

    @property
    def said(self) -> str:
        return self.status[-1] if self.status else ""


class Launch:
    """One launch. `handed` are the descriptors that the launcher sent, by the byte of their message."""

    def __init__(self, program: Path, spec: bytes, filter_memfd: int, environ: bytes, faults=None, cgroup: int | None = None,
                 checked: int | None = None,
                 arguments=("--spec",), terminal: int | None = None, seals: int | None = None, stdin: Path | None = None,
                 before=None, before_user=None, as_root: bool = False):
        made = [sealed(spec) if seals is None else sealed(spec, seals), sealed(environ), os.dup(filter_memfd)]
        self.socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        life_read, self.lifeline = os.pipe2(os.O_CLOEXEC)
        self.status, status_write = os.pipe2(os.O_CLOEXEC)
        self.output, output = os.pipe2(os.O_CLOEXEC)
        self.error, error = os.pipe2(os.O_CLOEXEC)
        first = os.open(stdin or "/dev/null", os.O_RDONLY)
        streams = [first, output, error] if terminal is None else [terminal] * 3
        given = [*streams, *made, theirs.fileno(), life_read, status_write, *(one for one in (cgroup, checked) if one is not None)]
        # Above the numbers that they are to get, so that none is overwritten before it is duplicated.
        high = [fcntl.fcntl(one, fcntl.F_DUPFD_CLOEXEC, 40) for one in given]
        self.process = subprocess.Popen(
            [str(program), *arguments], env=dict(faults or {}), close_fds=False, start_new_session=True,
            preexec_fn=lambda: self.place(high, before, before_user, as_root))
        for one in [*high, *made, first, output, error, life_read, status_write]:
            os.close(one)
        theirs.close()
        self.handed: dict[str, list[int]] = {}

    @staticmethod
    def place(high: list[int], before, before_user, as_root: bool) -> None:
        """In the child: each descriptor at its number, then the ordinary user; a test may change the host before and after."""
        for number, one in enumerate(high):
            os.dup2(one, number)
        os.closerange(len(high), 40)
        resource.setrlimit(resource.RLIMIT_CORE, (1, 1))
        if before_user is not None:
            before_user()
        if os.geteuid() == 0 and not as_root:
            os.setgroups([])
            os.setresgid(OUTSIDE_ID, OUTSIDE_ID, OUTSIDE_ID)
            os.setresuid(OUTSIDE_ID, OUTSIDE_ID, OUTSIDE_ID)
        if before is not None:
            before()

    def receive(self) -> None:
        """Takes one message of descriptors."""
        data, descriptors, _, _ = socket.recv_fds(self.socket, 1, 4)
        if data:
            self.handed[data.decode()] = descriptors

    def line(self, wait: float = 10) -> str:
        """The next line of the status."""
        if not select.select([self.status], [], [], wait)[0]:
            raise TimeoutError("no status")
        return os.read(self.status, 128).decode().strip()

    def finish(self, wait: float = 20) -> Ended:
        """Waits for the end, reading what is said."""
        read = {self.status: b"", self.output: b"", self.error: b""}
        deadline = time.monotonic() + wait
        left = set(read)
        while left:
            ready, _, _ = select.select(list(left), [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                self.process.kill()
                raise TimeoutError(f"still running: {read}")
            for one in ready:
                piece = os.read(one, 1 << 16)
                read[one] += piece
                if not piece:
                    left.discard(one)
        code = self.process.wait(wait)
        status, output, error = (read[one].decode(errors="replace") for one in (self.status, self.output, self.error))
        self.close()
        return Ended(code, status.splitlines(), output, error)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        for one in [self.status, self.output, self.error, self.lifeline, *sum(self.handed.values(), [])]:
            if one >= 0:
                try:
                    os.close(one)
                except OSError:
                    pass  # closed by the test
        self.socket.close()


class Launcher:
    """The compiled parts, and a folder that the ordinary user may reach."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="interlock-launch-", dir="/var/tmp"))
        self.folder.chmod(0o755)
        self.program, self.library = build(self.folder)
        self.program.chmod(0o755)
        self.filters = {variant: self.library.interlock_seccomp_program(variant) for variant in range(8)}
        allow_all = struct.pack("<HBBI", 0x06, 0, 0, 0x7FFF0000)
        self.filters["off"] = sealed(allow_all)
        self.count = 0

    def start(self, spec: Spec | bytes, variant=DEFAULT, environ: bytes | None = None, program: Path | None = None,
              **keywords) -> Launch:
        content = spec if isinstance(spec, bytes) else spec.bytes()
        return Launch(program or self.program, content, self.filters[variant], environment() if environ is None else environ,
                      **keywords)

    def run(self, spec: Spec | bytes, *words, **keywords) -> Ended:
        return self.start(spec, *words, **keywords).finish()

    def directory(self, name: str = "") -> Path:
        """A new directory of the ordinary user."""
        self.count += 1
        made = self.folder / f"{name}{self.count}"
        made.mkdir(mode=0o700)
        self.give(made)
        return made

    @staticmethod
    def give(path: Path) -> Path:
        if os.geteuid() == 0:
            os.chown(path, OUTSIDE_ID, OUTSIDE_ID)
        return path

    def write(self, path: Path, content: str) -> Path:
        path.write_text(content)
        return self.give(path)

    def close(self) -> None:
        for one in self.filters.values():
            os.close(one)
        shutil.rmtree(self.folder, ignore_errors=True)


def project(launcher) -> Path:
    made = launcher.directory("project")
    launcher.write(made / "file", "lower")
    return made


def upper(launcher) -> Path:
    layer = launcher.directory("layer")
    for name in ("upper", "work"):
        (layer / name).mkdir()
        launcher.give(layer / name)
    return layer


TOOLS = bind(ROOT / "Tests" / "EndToEnd" / "fixtures", "/opt/fixtures")


def attempts(launcher, *names, variant=DEFAULT, tree=(), backend=0, **keywords) -> dict:
    """What became of attempts of `fixtures/escaping.py`, by name: True, or why it failed."""
    command = ["python3", "/opt/fixtures/escaping.py", *names]
    if "stdin" in keywords:  # a folder, with which Python does not start
        command = ["sh", "-c", 'exec "$@" 3<&0 </dev/null', "sh", *command]
    ended = launcher.run(Spec(command, [TOOLS, *tree], backend=backend), variant, **keywords)
    assert ended.code == 0, ended
    return json.loads(ended.output)


def shell(launcher, script: str, *tree, **keywords):
    spec = Spec(["sh", "-c", script], list(tree), **{k: keywords.pop(k) for k in ("network", "directory", "extra", "wall")
                                                     if k in keywords})
    return launcher.run(spec, **keywords)


# What a command without namespaces reads of the host.
HOST_PATHS = ("/usr", "/etc/ld.so.cache", "/etc/alternatives", "/etc/passwd", "/etc/group", "/etc/nsswitch.conf")


def reduced(command: list[str], *tree: bytes, ports=(), extra=(), **keywords) -> Spec:
    """A specification of isolation `reduced`, whose filter is `REDUCED`."""
    extra = [*extra, *(record(17, struct.pack("<H", port)) for port in ports)]
    return Spec(command, list(tree), extra, network=2 if ports else 0, isolation=1,
                base=[bind(path, path) for path in HOST_PATHS if Path(path).exists()], **keywords)


def unconfined(command: list[str], **keywords) -> Spec:
    """A specification of isolation `none`."""
    return Spec(command, network=3, isolation=2, base=[], **keywords)


def everything(launcher) -> Spec:
    """A specification that performs every step."""
    return Spec(["sh", "-c", "echo ran"], [overlay(project(launcher), "/workspace", upper(launcher))], network=1)


def living() -> list[str]:
    """Processes of the launcher's user that do not end by themselves within two seconds, where no other program is that
    user's: without its launcher pid 1 ends a moment after what it holds open."""
    deadline = time.monotonic() + 2
    while OUTSIDE_ID != os.geteuid():
        found = processes()
        if not found or time.monotonic() > deadline:
            return found
        time.sleep(0.01)
    return []


def processes() -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if path.stat().st_uid == OUTSIDE_ID and "State:\tZ" not in (path / "status").read_text():
                found.append((path / "cmdline").read_text())
        except OSError:
            pass  # it ended
    return found
