"""The way from nothing to Claude Code under policy: the commands that docs/coding-agents.md shows, typed by a user who has never used
Interlock."""

import json
import os
import pwd
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from codingagent import RememberingModel, place_claude
from conftest import ROOT
from deployment import filesystem
from newcomer import Newcomer
from sandboxing import OrdinaryUser

SECTION = "## Claude Code under policy in five commands\n"
README = "# Shop\n\nHelo, customer\n"
SCRIPT = [
    ("Read", {"file_path": "/workspace/README.md"}),
    ("Edit", {"file_path": "/workspace/README.md", "old_string": "Helo", "new_string": "Hello"}),
    ("Bash", {"command": "git add -A && git commit -q -m 'Fix the greeting'", "description": "Commit"}),
    ("Bash", {"command": "git push origin main", "description": "Push"}),
]


def commands() -> list[str]:
    """The commands of the section, each on one line."""
    text = (ROOT / "docs" / "coding-agents.md").read_text()
    section = text.split(SECTION)[1].split("\n## ")[0]
    (block,) = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    return re.sub(r" *\\\n +", " ", block).splitlines()


class FreshUser(Newcomer):
    """A newcomer with an account of its own, the programs in the PATH, the provider's key, and a project in Git."""

    def __init__(self, binary: Path):
        super().__init__(binary)
        self.account = OrdinaryUser()
        if self.account.name:
            entry = pwd.getpwnam(self.account.name)
            self.user = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}

    def __enter__(self) -> "FreshUser":
        super().__enter__()
        programs = self.base / "bin"
        programs.mkdir()
        for name in ("interlock", "interlock-launch", "interlock-hook"):
            shutil.copy(self.binary.parent / name, programs)
        place_claude(programs)
        self.environment["PATH"] = f"{programs}:{self.environment['PATH']}"
        self.write("id_ed25519.pub", (self.home / "key.pub").read_text(), folder=self.home / ".ssh")
        self.write("anthropic.key", "sk-known-outside-alone\n", 0o600, folder=self.home)
        self.write("README.md", README)
        self.git("init", "-q", "-b", "main")
        self.git("add", ".")
        self.git("commit", "-q", "-m", "First")
        return self

    def __exit__(self, *problem) -> None:
        super().__exit__(*problem)
        self.account.remove()

    def own(self, path: Path) -> None:
        if self.user:
            os.chown(path, self.user["user"], self.user["group"])

    def git(self, *words: str) -> str:
        return self.do("git", "-c", "user.name=me", "-c", "user.email=me@acme.example", *words).stdout

    def type(self, line: str) -> subprocess.CompletedProcess:
        """What a shell does with a line, in the folder of the project."""
        return self.do("bash", "-c", line)

    def begin(self, line: str, until: str, seconds: float = 60) -> None:
        """Types a line in a terminal of its own, and returns when it has printed a text."""
        self.log = self.base / "serve.log"
        with self.log.open("wb") as log:
            self.serving = subprocess.Popen(["bash", "-c", f"exec {line}"], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            cwd=self.shop, env=self.environment, **self.user)
        deadline = time.monotonic() + seconds
        while until not in self.log.read_text():
            assert self.serving.poll() is None and time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)


@pytest.fixture(scope="module")
def model():
    return RememberingModel(SCRIPT)


@pytest.fixture
def fresh(binary):
    with FreshUser(binary) as user:
        yield user


def test_the_section_has_five_commands():
    words = [line.split()[:2] for line in commands()]
    assert words == [["interlock", "policy"], ["interlock", "init"], ["install", "-m"], ["interlock", "serve"], ["interlock", "run"]]


@pytest.mark.requirement("R038", "R063")
def test_a_fresh_user_has_claude_code_under_policy_after_five_commands(fresh, model):
    policy, init, install, serve, run = commands()
    fresh.type(policy)
    checked = fresh.type("interlock policy check ~/claude-policy --strict --served --no-lock")
    assert checked.returncode == 0
    assert "4 of 4" in fresh.type("interlock policy test ~/claude-policy --no-lock").stdout

    # What the machine of the tests needs: the scripted model, free ports and small segments.
    path = fresh.home / "claude-policy" / "agents" / "claude-code.yaml"
    text = path.read_text()
    key = 'key: "files:anthropic"'
    path.write_text(text.replace(f'"https://api.anthropic.com", {key}', f'"{model.url}", {key}, private: true'))
    assert path.read_text() != text
    ports = f"--agents 127.0.0.1:{fresh.port} --people 127.0.0.1:{fresh.people_port} --segment 8MiB"
    made = fresh.type(f"{init} {ports}").stdout
    assert "policy: signed off by me@acme.example alone (founding)" in made
    if filesystem(fresh.home) not in ("ext2/ext3", "xfs"):
        configuration = fresh.deployment / "interlock.yaml"
        configuration.write_text(configuration.read_text().replace("any_filesystem: false", "any_filesystem: true"))

    fresh.type(install)
    fresh.begin(serve, until="ready agents")
    done = fresh.type(run)
    assert done.stdout.strip() == "done", done.stdout + done.stderr
    read, edited, committed, pushed = model.results
    assert "Helo" in read and "denied" not in edited + committed and "denied (" in pushed

    # The project is as it was until the person applies the changes, by the command that the run has named.
    assert (fresh.shop / "README.md").read_text() == README and fresh.git("status", "--short") == ""
    found = re.search(r"`interlock workspace diff (\w+)`", done.stderr)[1]
    diff = fresh.type(f"interlock workspace diff {found} --dir ~/.interlock").stdout
    assert f"M  README.md  file {len(README) + 1} bytes" in diff.splitlines()
    fresh.type(f"interlock workspace apply {found} --dir ~/.interlock")
    assert (fresh.shop / "README.md").read_text() == README.replace("Helo", "Hello")

    lines = fresh.type(f"interlock audit query --run {found} --json --limit 1000 --dir ~/.interlock").stdout.splitlines()
    leaves = [one["leaf"] for one in map(json.loads, lines) if "leaf" in one]
    calls = [(one["t"], one["tool"]) for one in leaves if one["t"] in ("call.intent", "call.denied")]
    assert calls == [("call.intent", "host__read"), ("call.intent", "host__edit"), ("call.intent", "host__shell"),
                     ("call.denied", "host__shell")]
    assert leaves[0]["t"] == "run.start" and any(one["t"] == "run.end" for one in leaves)
    assert "sk-known-outside-alone" not in json.dumps(leaves)
    fresh.serving.send_signal(signal.SIGTERM)
    assert fresh.serving.wait(20) == 0
    fresh.serving = None
    assert fresh.type("interlock audit verify --dir ~/.interlock").returncode == 0
