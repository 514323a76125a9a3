"""An ordinary user with a home, an ssh-agent and hosts, who has never used Interlock."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from conftest import FIXTURES, interpreter
from deployment import filesystem
from make_organisation import free_ports
from sdk import SDKClient

ADDRESS = "me@shop.example"
CANARY = "canary-7f21-do-not-keep"
NOBODY = 65534


class Newcomer:
    """Use as a context manager. If the tests run as root, another user performs all actions."""

    def __init__(self, binary: Path):
        self.binary = binary
        self.user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        self.serving: subprocess.Popen | None = None

    def __enter__(self) -> "Newcomer":
        self.base = Path(tempfile.mkdtemp(prefix="interlock-new-"))
        self.base.chmod(0o755)
        self.home, self.shop = self.base / "home", self.base / "home" / "shop"
        for folder in (self.home, self.shop):
            folder.mkdir()
            self.own(folder)
        self.port, self.people_port = free_ports(2)
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(self.home), "LANG": "C.UTF-8",
                            "SSH_AUTH_SOCK": str(self.base / "home" / "agent")}
        key = self.home / "key"
        self.do("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", ADDRESS, "-f", key)
        self.agent = subprocess.Popen(
            ["ssh-agent", "-D", "-a", self.environment["SSH_AUTH_SOCK"]], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env=self.environment, **self.user)
        deadline = time.monotonic() + 10
        while not Path(self.environment["SSH_AUTH_SOCK"]).exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        self.do("ssh-add", "-q", key)
        return self

    def __exit__(self, *_) -> None:
        self.stop()
        self.agent.kill()
        self.agent.wait(10)
        shutil.rmtree(self.base, ignore_errors=True)

    def own(self, path: Path) -> None:
        if self.user:
            os.chown(path, NOBODY, NOBODY)

    @property
    def deployment(self) -> Path:
        return self.home / ".interlock"

    def write(self, name: str, text: str, mode: int = 0o644, folder: Path | None = None) -> Path:
        path = (folder or self.shop) / name
        for parent in reversed(path.relative_to(self.home).parents):
            if not (self.home / parent).exists():
                (self.home / parent).mkdir()
                self.own(self.home / parent)
        path.write_bytes(text.encode())
        path.chmod(mode)
        self.own(path)
        return path

    def servers(self, **entries) -> Path:
        return self.write(".mcp.json", json.dumps({"mcpServers": entries}, indent=2) + "\n")

    def do(self, *words, seconds: float = 120, check: bool = True, **more) -> subprocess.CompletedProcess:
        done = subprocess.run(
            [*map(str, words)], capture_output=True, text=True, timeout=seconds, stdin=subprocess.DEVNULL,
            cwd=self.shop, env={**self.environment, **more}, **self.user)
        assert not check or done.returncode == 0, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def interlock(self, *words, expect: int = 0, **more) -> subprocess.CompletedProcess:
        done = self.do(self.binary, *words, check=False, **more)
        assert done.returncode == expect, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def init(self, *words, expect: int = 0, **more) -> subprocess.CompletedProcess:
        return self.interlock(
            "init", *words, "--segment", "8MiB", "--agents", f"127.0.0.1:{self.port}",
            "--people", f"127.0.0.1:{self.people_port}", expect=expect, **more)

    def run(self, *words, expect: int = 0, **more) -> subprocess.CompletedProcess:
        return self.interlock(*words, "--dir", self.deployment, expect=expect, **more)

    # The gateway.

    def serve(self, seconds: float = 60) -> None:
        if filesystem(self.home) not in ("ext2/ext3", "xfs"):
            path = self.deployment / "interlock.yaml"
            path.write_text(path.read_text().replace("any_filesystem: false", "any_filesystem: true"))
        self.log = self.base / "serve.log"
        with self.log.open("wb") as log:
            self.serving = subprocess.Popen(
                [str(self.binary), "serve", "--dir", str(self.deployment)], stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, cwd=self.home, env=self.environment, **self.user)
        deadline = time.monotonic() + seconds
        while "ready agents" not in self.log.read_text():
            assert self.serving.poll() is None and time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)

    def wait_for_servers(self, *names: str, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while any(f"server {name} connected" not in self.log.read_text() for name in names):
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)

    def stop(self) -> None:
        if self.serving is not None:
            self.serving.send_signal(signal.SIGTERM)
            try:
                self.serving.wait(20)
            except subprocess.TimeoutExpired:
                self.serving.kill()
                self.serving.wait(10)
            self.serving = None

    def entry(self, name: str, path: Path | None = None, table: str = "mcpServers") -> dict:
        """An entry of a host's file, read as JSON without comments."""
        return json.loads((path or self.shop / ".mcp.json").read_text())[table][name]

    def client(self, entry: dict, sdk: str = "1.22.0", **options) -> SDKClient:
        """A host that starts the command of its file's entry."""
        return SDKClient(interpreter(f"mcp-{sdk}"), "--stdio", entry["command"], *entry["args"], **options)


def program(name: str) -> str:
    return str(interpreter("servers").parent / name)


def variables(*arguments: str, **env: str) -> dict:
    """The entry of a server that lists its environment variables."""
    return {"command": "/usr/bin/python3", "args": [str(FIXTURES / "variables_server.py"), *arguments], "env": env}
