"""People as keys: an Ed25519 key each, held by an ssh-agent of our own."""

import os
import re
import signal
import subprocess
import tempfile
from pathlib import Path


class People:
    """Use as a context manager: the agent runs from `__enter__` to `__exit__` and nothing else of
    this user's keys is touched. Private halves are deleted from disk once the agent has them."""

    def __init__(self, folder: Path, roles: dict[str, list[str]]):
        self.folder, self.roles = folder, roles
        self.public = {email: folder / f"{email.split('@')[0]}.pub" for email in roles}
        self._pid = None

    def __enter__(self) -> "People":
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # The path of a unix socket has at most 107 bytes, so it does not go into `folder`.
        self._sockets = tempfile.TemporaryDirectory(prefix="interlock-people-")
        started = subprocess.run(
            ["ssh-agent", "-s", "-a", f"{self._sockets.name}/agent"],
            check=True, capture_output=True, text=True, timeout=10,
        ).stdout
        self._pid = int(re.search(r"SSH_AGENT_PID=(\d+)", started)[1])
        self.environment = {"SSH_AUTH_SOCK": f"{self._sockets.name}/agent"}
        for email in self.roles:
            self.add(email)
        return self

    def add(self, email: str) -> Path:
        """Makes a key, gives it to the agent, returns the public half's file."""
        public = self.folder / f"{email.split('@')[0]}.pub"
        private = public.with_suffix("")
        for stale in (private, public):
            stale.unlink(missing_ok=True)
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", email, "-f", private], check=True, timeout=10)
        subprocess.run(
            ["ssh-add", "-q", private], check=True, timeout=10, capture_output=True,
            env={**os.environ, **self.environment})
        private.unlink()
        self.public[email] = public
        return public

    def arguments(self) -> list[str]:
        """What `interlock init` is told about the founding people."""
        words = []
        for email, roles in self.roles.items():
            words += ["--person", f"{email}={self.public[email]}" + (":" + ",".join(roles) if roles else "")]
        return words

    def __exit__(self, *_) -> None:
        if self._pid:
            os.kill(self._pid, signal.SIGTERM)
        self._sockets.cleanup()
