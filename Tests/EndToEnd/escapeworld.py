"""Where the suite of escapes runs: one deployment with what there is to reach around it, a sandbox in each form, and the
launcher alone, from which a layer can be left out."""

import functools
import json
import os
import shutil
import subprocess
from datetime import date, timedelta
from pathlib import Path

import launching
from launching import DEFAULT, PAIRED, WRITABLE, Launcher, Spec, bind, environment, overlay, record
from people import People
from refusing import LANDLOCK, calls_fail
from sandboxing import SandboxHouse
from surroundings import SECRET, Surroundings

ADA = "ada@acme.example"
SAM = "sam@acme.example"
PEOPLE = {ADA: ["kill", "resume", "security"], SAM: ["resume"]}
POLICY = """\
interlock: 1
org: acme
owners: [{ada}, {sam}]
agents:
  fixer:
    owner: {ada}
    purpose: Fixes bugs
    tier: low
    stage: supervised
    review_by: {review}
    sandbox: {sandbox}
  weaker:
    owner: {ada}
    purpose: Works where there are no namespaces
    tier: low
    stage: supervised
    review_by: {review}
    sandbox: {weaker}
"""


class World:
    """A deployment, what is around it, and what each attempt did outside."""

    def __init__(self, binary: Path, people: People):
        self.around = Surroundings()
        policy = POLICY.format(ada=ADA, sam=SAM, review=date.today() + timedelta(days=60), sandbox=self.around.policy("{"),
                               weaker=self.around.policy("{minimum: reduced, "))
        self.house = SandboxHouse(binary, people, policy)
        self.marker = f"600.{os.getpid()}"

    def start(self) -> None:
        self.house.start()
        self.around.start(self.house)

    @functools.cached_property
    def outside(self) -> dict:
        """What became of each attempt without a sandbox."""
        return self.perform("outside", self.marker, lambda project: [
            *self.house.user.prefix, "/usr/bin/python3", str(project / "escapes.py")])["done"]

    def perform(self, name: str, marker: str, command) -> dict:
        """All attempts in one process: what became of each, the error, and the exit code. Standard input is a file of the
        host, and a descriptor of the secret is left open."""
        self.restore()
        self.around.input.write_text("standard input\n")
        self.house.user.own(self.around.input)
        with self.around.secret.open("r+") as held, self.around.input.open("r+b") as given:
            project = self.around.project(self.house, name, inherited=held.fileno(), marker=marker)
            done = subprocess.run(command(project), stdin=given, capture_output=True, text=True, cwd="/", timeout=60,
                                  pass_fds=[held.fileno()],
                                  env={"PATH": "/usr/bin:/bin", "LEAK": "outside", "TMPDIR": str(self.around.scratch),
                                       "PYTHONDONTWRITEBYTECODE": "1"})
        assert done.stdout, done.stderr
        return {**json.loads(done.stdout), "error": done.stderr, "code": done.returncode}

    def restore(self) -> None:
        """An attempt that succeeded outside has written to the secret, which an attempt inside must recognise."""
        self.around.secret.write_bytes(SECRET)

    def close(self) -> None:
        subprocess.run(["pkill", "-KILL", "-f", f"time.sleep.{self.marker}"], capture_output=True)
        self.around.close()
        self.house.close()


class Sandbox:
    """The same attempts in one run by a backend, or in one of isolation `reduced`."""

    def __init__(self, world: World, form: str):
        self.world, self.form = world, form
        is_reduced = form == "reduced"
        self.agent = "weaker" if is_reduced else "fixer"
        self.options = ("--isolation", form) if is_reduced else ("--backend", form)
        self.marker = f"{600 + len(form)}.1{os.getpid()}"

    def refusal(self) -> str | None:
        """Why there is no such sandbox here."""
        command = self.world.house.command("true", agent=self.agent, options=("--dry-run", *self.options))
        done = subprocess.run(command, capture_output=True, text=True, cwd="/", timeout=30)
        return json.loads(done.stderr.splitlines()[-1])["reason"] if done.returncode == 70 else None

    @functools.cached_property
    def inside(self) -> dict:
        return self.world.perform(f"inside-{self.form}", self.marker, lambda project: self.world.house.command(
            "python3", "escapes.py", agent=self.agent, project=project, options=self.options))

    def project(self, name: str) -> Path:
        return self.world.around.project(self.world.house, f"{name}-{self.form}")

    def run(self, *words: str, project: Path) -> tuple[int, str, dict]:
        return self.world.house.run(*words, project=project, options=self.options)

    def begin(self, *words: str, project: Path) -> subprocess.Popen:
        return self.world.house.begin(*words, project=project, options=self.options)


# Layers removed, by the launcher alone: never by a switch of the product.

HIDDEN = ("server.pem", "notes.txt", ".ssh", "service.sock", "Old/SERVER.PEM")


class Layers:
    """Sandboxes as a run has them, of the same user, with or without a layer."""

    def __init__(self, world: World):
        self.world, self.launcher, self.count = world, Launcher(), 0

    def attempts(self, backend: str, filtered: bool = True, landlock: bool = True, hiding: bool = True) -> set[str]:
        """The attempts that succeed."""
        self.count += 1
        self.world.restore()
        around, house = self.world.around, self.world.house
        with around.secret.open("r+") as held:
            project = around.project(house, f"layers{self.count}", inherited=held.fileno(), marker=f"2{self.world.marker}")
            workspace = (self.overlaid if backend == "own" else self.copied)(project, hiding)
            extra = [record(21, (5000).to_bytes(4, "little")), launching.rlimit(1, 64)]
            if not landlock:
                extra.insert(0, record(14, (1).to_bytes(4, "little")))
            read = overlay if backend == "own" else bind
            spec = Spec(["python3", "-B", "/workspace/escapes.py"], [workspace, read(around.tools, str(around.tools))],
                        extra=extra, backend=int(backend == "bwrap"))
            variant = "off" if not filtered else DEFAULT if backend == "own" else PAIRED
            ended = self.launcher.run(
                spec, variant, environment({"PATH": "/usr/bin:/bin", "HOME": "/home/agent", "TMPDIR": "/tmp"}),
                before_user=self.become, before=None if landlock else calls_fail((LANDLOCK, 95)))
        assert ended.code == 0, ended
        return {name for name, result in json.loads(ended.output)["done"].items() if result is True}

    def become(self) -> None:
        """The user to whom everything around belongs."""
        if (name := self.world.house.user.name) is not None:
            owner = (self.world.around.secret.stat().st_uid, self.world.around.secret.stat().st_gid)
            assert owner[0] != 0, name
            os.setgroups([])
            os.setresgid(*[owner[1]] * 3)
            os.setresuid(*[owner[0]] * 3)

    def overlaid(self, project: Path, hiding: bool) -> bytes:
        """The project below a layer that hides what a run hides."""
        layer = self.launcher.directory("layer")
        for name in ("upper", "work"):
            (layer / name).mkdir()
        if hiding:
            for name in ("Old", ".git"):
                (layer / "upper" / name).mkdir()
            clean(layer / "upper")
            for name in (*HIDDEN, *(["disk"] if os.geteuid() == 0 else [])):
                os.mknod(layer / "upper" / name, 0o20600, os.makedev(0, 0))
        self.world.house.user.own(layer)
        return overlay(project, "/workspace", layer)

    def copied(self, project: Path, hiding: bool) -> bytes:
        """A copy of the project without what a run hides; sockets and devices are never copied."""
        copy = self.launcher.directory("copy") / "upper"
        names = {"service.sock", "disk"} | ({name.rpartition("/")[2] for name in HIDDEN} if hiding else set())
        shutil.copytree(project, copy, symlinks=True, ignore=lambda _, found: names & set(found))
        if hiding:
            clean(copy)
        self.world.house.user.own(copy.parent)
        return bind(copy, "/workspace", WRITABLE)

    def close(self) -> None:
        self.launcher.close()


def clean(project: Path) -> None:
    (project / ".git" / "config").write_text("[core]\n\trepositoryformatversion = 0\n")
