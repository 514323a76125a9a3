"""The real program of a coding agent, offline: an ordinary user with a private `/etc`, a network that has loopback alone, and
a scripted model on it. Its tools make the file `mark`, which shows that one ran."""

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from conftest import interpreter, missing
from hooking import USER, Hooks, libc

CLONE_NEWNET = 0x40000000


def bundled(*patterns: str, environment: str = "hosts") -> list[Path]:
    """Files that packages of an environment bring."""
    packages = interpreter(environment).parents[1]
    found = [path.resolve() for pattern in patterns for path in packages.glob(f"lib/python3*/site-packages/{pattern}")]
    if len(found) < len(patterns):
        missing(f"no {patterns[0]}: run scripts/setup")
    return found


@dataclass
class Session:
    """One session without a person: its exit code, both outputs, the requests that the model got, and whether a tool ran."""
    code: int
    output: str
    said: str
    heard: list[str]
    ran: bool

    def is_heard(self, text: str) -> bool:
        return any(text in one for one in self.heard)


class OfflineHost(Hooks):
    """`program` may be in a folder that the user cannot reach; files beside it come with it."""

    def __init__(self, adapter: Path, program: Path, make_model: Callable):
        super().__init__(adapter)
        self.home, self.project, self.programs = (self.folder / name for name in ("home", "project", "programs"))
        self.programs.mkdir(mode=0o755)
        self.host = self.programs / program.name
        # A copy would take 400 MB.
        subprocess.run(["nsenter", f"--mount=/proc/{self.keeper.pid}/ns/mnt", "mount", "--bind", program.parent, self.programs],
                       check=True)
        self.network = subprocess.Popen(["unshare", "--net", "sh", "-c", "ip link set lo up && echo made && exec cat"],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.network.stdout.readline() == b"made\n"
        self.model = self.on_loopback(make_model)
        self.renew()

    def close(self) -> None:
        self.model.server.shutdown()
        self.model.server.server_close()
        self.network.stdin.close()
        self.network.wait(10)
        super().close()

    def on_loopback(self, make: Callable):
        """The result of `make`, whose sockets belong to the network of the host."""
        made = []

        def enter():
            with open(f"/proc/{self.network.pid}/ns/net") as network:
                assert libc.setns(network.fileno(), CLONE_NEWNET) == 0
            made.append(make())

        thread = threading.Thread(target=enter)
        thread.start()
        thread.join()
        return made[0]

    @property
    def mark(self) -> Path:
        return self.project / "mark"

    def renew(self) -> None:
        """A new user with a new project, and no managed settings."""
        self.reset()
        self.manage("passwd", f"root:x:0:0::/root:/bin/sh\nagent:x:{USER}:{USER}::{self.home}:/bin/bash\n")
        for folder in (self.home, self.project):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(mode=0o755)
            os.chown(folder, USER, USER)

    def manage(self, name: str, value: object, mode: int = 0o644) -> None:
        """Writes a file of `/etc` as root, in one step."""
        path = self.etc / name
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        made = path.with_name(f".{path.name}")
        made.write_text(value if isinstance(value, str) else json.dumps(value))
        made.chmod(mode)
        made.rename(path)

    def write_own(self, path: Path, value: object) -> Path:
        """Writes a file of the user, in the home or the project."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(value if isinstance(value, str) else json.dumps(value))
        for made in (path, path.parent):
            os.chown(made, USER, USER)
        return path

    def begin(self, *words: str, environment: dict[str, str], **streams) -> subprocess.Popen:
        """Starts the host as its user, in the project."""
        self.mark.unlink(missing_ok=True)
        self.model.heard = []
        command = ["nsenter", f"--mount=/proc/{self.keeper.pid}/ns/mnt", f"--net=/proc/{self.network.pid}/ns/net",
                   f"--wdns={self.project}", "setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", self.host, *words]
        variables = {"PATH": "/usr/bin:/bin", "HOME": str(self.home), "SHELL": "/bin/bash"} | environment
        return subprocess.Popen(command, env=variables, text=True, **streams)

    def launch(self, *words: str, environment: dict[str, str], timeout: float = 60) -> Session:
        with self.begin(*words, environment=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                        stderr=subprocess.PIPE) as running:
            try:
                output, said = running.communicate(timeout=timeout)
            finally:
                running.kill()
        return Session(running.returncode, output, said, self.model.heard, self.mark.exists())
