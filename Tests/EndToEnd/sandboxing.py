"""A deployment whose gateway, and whose sandboxed runs, belong to an ordinary user, whom the tests make if root runs them."""

import json
import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from addresses import ADA, SAM
from deployment import Deployment
from people import People


class OrdinaryUser:
    """A user without rights, or the one who runs the tests if that is not root."""

    def __init__(self):
        self.name = None
        self.prefix: list[str] = []
        if os.geteuid() == 0:
            self.name = f"ilk-running-{uuid.uuid4().hex[:6]}"
            subprocess.run(["useradd", "--no-create-home", "--shell", "/bin/sh", self.name], check=True)
            self.prefix = ["setpriv", f"--reuid={self.name}", f"--regid={self.name}", "--clear-groups", "--"]

    def own(self, folder: Path) -> None:
        if self.name:
            subprocess.run(["chown", "-R", f"{self.name}:{self.name}", folder], check=True)

    def remove(self) -> None:
        if self.name:
            subprocess.run(["userdel", self.name], capture_output=True)


class SandboxHouse:
    """The gateway, its user and a project, in a folder that the user can reach. `interlock run` ends with 0 or with the
    code that is asked for. `console`: whether there is one, with links by which the founding people enrol passkeys."""

    def __init__(self, binary: Path, people: People, policy: str, console: bool = False):
        self.user = OrdinaryUser()
        self.base = Path(tempfile.mkdtemp(prefix="interlock-running-"))
        self.base.chmod(0o755)
        programs = self.base / "bin"
        programs.mkdir()
        for name in ("interlock", "interlock-launch", "interlock-hook"):
            shutil.copy(binary.parent / name, programs / name)
        shutil.copy(Path(__file__).parent / "refusing.py", self.base)
        written = self.base / "policy.yaml"
        written.write_text(policy)
        self.gateway = Deployment(programs / "interlock", self.base / "made", written, people, segment="8MiB")
        if console:
            self.gateway.console = f"http://localhost:{self.gateway.people_port}"
        self.gateway.init()
        self.project = self.base / "project"
        self.project.mkdir()
        (self.project / "a.txt").write_text("as it was\n")
        for folder in (self.gateway.folder, self.project):
            self.user.own(folder)
        self.gateway.prefix = self.user.prefix

    def start(self) -> None:
        self.gateway.start(prefix=self.user.prefix)

    def close(self) -> None:
        self.gateway.kill()
        self.user.remove()
        shutil.rmtree(self.base, ignore_errors=True)

    def make_project(self, name: str, files: dict[str, str]) -> Path:
        """A further project of the user, with these files."""
        made = self.base / name
        for path, text in files.items():
            (made / path).parent.mkdir(parents=True, exist_ok=True)
            (made / path).write_text(text)
        self.user.own(made)
        return made

    def keep_secret(self, name: str, value: str) -> Path:
        """Makes the secret `files:NAME`."""
        secrets = self.gateway.folder / "secrets"
        secrets.mkdir(mode=0o700, exist_ok=True)
        path = secrets / name
        path.write_text(value + "\n")
        path.chmod(0o600)
        self.user.own(secrets)
        return path

    def command(self, *words: str, agent: str = "fixer", options: tuple[str, ...] = (),
                project: Path | None = None, host: str | None = None) -> list[str]:
        """`host` is one of `refusing.HOSTS`: a host that cannot isolate."""
        refusing = [] if host is None else ["/usr/bin/python3", str(self.base / "refusing.py"), host]
        return [*self.user.prefix, *refusing, str(self.gateway.binary), "run", agent, "--dir", str(self.gateway.folder),
                "--workspace", str(project or self.project), "--json", *options, "--", *words]

    def workspace(self, *words: str) -> subprocess.CompletedProcess:
        """`interlock workspace WORDS`, as the user."""
        return subprocess.run([*self.user.prefix, str(self.gateway.binary), "workspace", *words, "--dir",
                               str(self.gateway.folder)], capture_output=True, text=True, cwd="/", timeout=30)

    def begin(self, *words: str, environment: dict[str, str] | None = None, **options) -> subprocess.Popen:
        """`environment` is added to that of `interlock run`, of which nothing comes inside."""
        return subprocess.Popen(self.command(*words, **options), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, cwd="/",
                                env={"PATH": os.environ["PATH"], "LEAK": "outside", **(environment or {})})

    def run(self, *words: str, given: str = "", seconds: float = 30, **options) -> tuple[int, str, dict]:
        """The exit code, what the command printed, and the object on the last line of standard error."""
        with self.begin(*words, **options) as running:
            out, error = running.communicate(given, timeout=seconds)
        lines = error.splitlines()
        assert lines, "there is no report"
        report = json.loads(lines[-1])
        assert report["code"] == running.returncode, error
        return running.returncode, out, {**report, "said": lines[:-1]}

    def leaves(self, run: str) -> list[dict]:
        """The records of a run as `audit query` shows them."""
        found = self.gateway.json("audit", "query", "--run", run, "--limit", "1000")
        return [one["leaf"] for one in found if "leaf" in one]

    def records(self, run: str) -> list[dict]:
        return [one for one in self.gateway.records(200) if one.get("run") == run and "rs" in one]


@contextmanager
def housed(binary: Path, folders, policy: str, *voters: str) -> Iterator[SandboxHouse]:
    """A house whose gateway is not started yet. `ada` may do all, `sam` and the voters may resume.

    `folders`: pytest's factory of folders."""
    roles = {ADA: ["kill", "resume", "security"], **{one: ["resume"] for one in (SAM, *voters)}}
    with People(folders.mktemp("people"), roles) as people:
        made = SandboxHouse(binary, people, policy)
        try:
            yield made
        finally:
            made.close()


class SteppedAgent:
    """A running agent that does one step after the other: a line of words in, a line of JSON out."""

    def __init__(self, running: subprocess.Popen):
        self.running = running

    def send(self, line: str) -> None:
        self.running.stdin.write(line + "\n")
        self.running.stdin.flush()

    def do(self, *words) -> object:
        self.send(" ".join(map(str, words)))
        return json.loads(self.running.stdout.readline())

    def end(self) -> dict:
        """The report of the run, after its input was closed."""
        _, error = self.running.communicate(timeout=20)
        return json.loads(error.splitlines()[-1])
