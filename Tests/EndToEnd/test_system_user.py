"""R153: `interlock init --system`: the gateway has a user of its own, and the agents' user reaches nothing of it."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from datetime import date, timedelta
from pathlib import Path

import pytest
from conftest import missing
from deployment import filesystem
from make_organisation import free_ports
from people import People

ADA = "ada@acme.example"
POLICY = f"""\
interlock: 1
org: acme
owners: [ada@acme.example]
agents:
  triage:
    owner: ada@acme.example
    purpose: Sorts tickets
    tier: low
    stage: supervised
    review_by: {date.today() + timedelta(days=60)}
"""



@pytest.fixture(autouse=True)
def as_root():
    if os.geteuid() != 0:
        missing("only root can make a user for the gateway")


class System:
    """A deployment by root, the user of its gateway, and the user that agents run as."""

    def __init__(self, binary: Path, people: People):
        self.people = people
        name = uuid.uuid4().hex[:8]
        self.gateway, self.agent = f"il-gateway-{name}", f"il-agent-{name}"
        self.base = Path(tempfile.mkdtemp(prefix="interlock-system-"))
        self.base.chmod(0o755)
        self.programs = self.base / "bin"
        self.programs.mkdir()
        for one in ("interlock", "interlock-launch"):
            shutil.copy(binary.parent / one, self.programs / one)
        self.binary, self.folder, self.unit = self.programs / "interlock", self.base / "made", self.base / "interlock.service"
        self.policy = self.base / "policy.yaml"
        self.policy.write_text(POLICY)
        self.ports = free_ports(2)
        self.serving: subprocess.Popen | None = None
        subprocess.run(["useradd", "--system", "--shell", "/bin/sh", self.agent], check=True)

    def close(self) -> None:
        if self.serving:
            os.killpg(self.serving.pid, signal.SIGKILL)
            self.serving.wait(10)
        for user in (self.gateway, self.agent):
            subprocess.run(["userdel", user], capture_output=True)
        shutil.rmtree(self.base, ignore_errors=True)

    def init(self, *words: str) -> subprocess.CompletedProcess:
        agents, people = (f"127.0.0.1:{port}" for port in self.ports)
        return subprocess.run(
            [self.binary, "init", "--system", "--user", self.gateway, "--unit", self.unit, "--dir", self.folder,
             "--policy", self.policy, *self.people.arguments(), "--as", ADA, "--segment", "8MiB", "--agents", agents,
             "--people", people, *words],
            capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
            env={**os.environ, **self.people.environment})

    def by(self, user: str, *words, seconds: float = 30) -> subprocess.CompletedProcess:
        return subprocess.run(["runuser", "-u", user, "--", *map(str, words)], capture_output=True, text=True,
                              timeout=seconds, stdin=subprocess.DEVNULL, cwd="/")

    def interlock(self, *words: str) -> subprocess.CompletedProcess:
        """By root."""
        return subprocess.run([self.binary, *words, "--dir", self.folder], capture_output=True, text=True, timeout=30,
                              stdin=subprocess.DEVNULL)

    def serve(self) -> None:
        if filesystem(self.base) not in ("ext2/ext3", "xfs"):
            path = self.folder / "interlock.yaml"
            path.write_text(path.read_text().replace("any_filesystem: false", "any_filesystem: true"))
        log = self.base / "serve.log"
        with log.open("wb") as out:
            self.serving = subprocess.Popen(
                ["runuser", "-u", self.gateway, "--", str(self.binary), "serve", "--dir", str(self.folder)],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd="/", start_new_session=True)
        deadline = time.monotonic() + 60
        while "ready agents" not in log.read_text():
            assert self.serving.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)


@pytest.fixture
def system(binary, tmp_path):
    with People(tmp_path / "people", {ADA: ["kill", "resume", "security"]}) as people:
        made = System(binary, people)
        yield made
        made.close()


def test_r153_the_gateways_own_user_keeps_policy_keys_and_socket_from_the_agents_user(system):
    done = system.init()
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"signed off by {ADA} alone (founding)" in done.stdout and "of its own" in done.stdout
    assert f"runuser -u {system.gateway} -- {system.binary} serve --dir {system.folder}" in done.stdout
    if shutil.which("systemd-analyze") is None:
        missing("no systemd-analyze: run scripts/setup")
    verified = subprocess.run(["systemd-analyze", "verify", system.unit], capture_output=True, text=True, timeout=60)
    assert verified.returncode == 0 and str(system.unit) not in verified.stderr, verified
    unit = system.unit.read_text()
    assert f"User={system.gateway}\n" in unit and "NoNewPrivileges=yes" in unit and "ProtectSystem=strict" in unit

    refused = system.interlock("serve")
    assert refused.returncode == 77 and f"belongs to user `{system.gateway}`" in refused.stderr, refused
    system.serve()
    before = json.loads(system.interlock("status", "--json").stdout)
    assert before["policy_load"]["sign_off"] == "founding" and before["user"]["own"] is True
    assert before["user"]["name"] == system.gateway

    folder, policy = system.folder, system.folder / "policy.yaml"
    for attempt in (
            f"cat {policy}", f"ls {folder}", f"cat {folder}/state/keys/token.key", f"ls {folder}/state",
            f"cat {folder}/interlock.yaml", f"echo >> {policy}", f"rm -f {policy}", f"touch {folder}/interlock.signoff",
            f"mv {folder} {folder}.old", f"echo > {system.binary}", f"{system.binary} status --dir {folder}",
            f"{system.binary} kill --all --reason 'by an agent' --dir {folder}",
            f"{system.binary} agents token triage --purpose mine --dir {folder}",
            "python3 -c \"import socket; socket.socket(socket.AF_UNIX).connect("
            f"'{folder}/state/interlock.sock')\""):
        done = system.by(system.agent, "sh", "-c", attempt)
        assert done.returncode != 0, (attempt, done.stdout)
    # The gateway itself, if it is taken over: its own files, not policy and configuration.
    for attempt in (f"echo >> {policy}", f"mv {policy} {policy}.old", f"rm -f {policy}", f"rm -f {folder}/interlock.yaml"):
        assert system.by(system.gateway, "sh", "-c", attempt).returncode != 0, attempt
    assert policy.read_text() == POLICY

    # Root edits it, and signs nothing: what is served stays.
    policy.write_text(POLICY.replace("Sorts tickets", "Sorts everything"))
    deadline = time.monotonic() + 30
    while (load := json.loads(system.interlock("status", "--json").stdout)["policy_load"])["last_reload"] is None:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert load["last_reload"]["code"] == "sign_off" and load["digest"] == before["policy_load"]["digest"]


def test_r153_a_system_deployment_is_refused_where_another_user_could_replace_a_part(system):
    for where, words in (
            (system.base / "open", ("--dir", str(system.base / "open" / "made"))),
            (None, ("--user", "root")), (None, ("--yes",))):
        if where:
            where.mkdir()
            where.chmod(0o777)
        done = system.init(*words)
        assert done.returncode in (64, 77), done.stdout + done.stderr
    system.binary.chmod(0o757)
    done = system.init()
    assert done.returncode == 77 and "can be changed by other users than root" in done.stderr, done.stderr
    assert not system.folder.exists() and not system.unit.exists()
    assert system.by(system.agent, system.binary, "init", "--system").returncode == 77
