"""R153: `interlock init --system`: the gateway has a user of its own, and the agents' user reaches none of its
files."""

import json
import os
import re
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

pytestmark = pytest.mark.requirement("R153")

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
    """A deployment by root, the user of its gateway, and the user that runs the agents."""

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

    def init(self, *words: str, user: str | None = None, folder: Path | None = None) -> subprocess.CompletedProcess:
        agents, people = (f"127.0.0.1:{port}" for port in self.ports)
        return subprocess.run(
            [self.binary, "init", "--system", "--user", user or self.gateway, "--unit", self.unit, "--dir", folder or self.folder,
             "--policy", self.policy, *self.people.arguments(), "--as", ADA, "--segment", "8MiB", "--agents", agents,
             "--people", people, *words],
            capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
            env={**os.environ, **self.people.environment})

    def by(self, user: str, *words, seconds: float = 30) -> subprocess.CompletedProcess:
        return subprocess.run(["runuser", "-u", user, "--", *map(str, words)], capture_output=True, text=True,
                              timeout=seconds, stdin=subprocess.DEVNULL, cwd="/")

    def interlock(self, *words: str) -> subprocess.CompletedProcess:
        """Runs a command as root."""
        return subprocess.run([self.binary, *words, "--dir", self.folder], capture_output=True, text=True, timeout=30,
                              stdin=subprocess.DEVNULL)

    def stop(self) -> None:
        os.killpg(self.serving.pid, signal.SIGTERM)
        self.serving.wait(20)
        self.serving = None

    def serve(self, user: str | None = None) -> None:
        if filesystem(self.base) not in ("ext2/ext3", "xfs"):
            path = self.folder / "interlock.yaml"
            path.write_text(path.read_text().replace("any_filesystem: false", "any_filesystem: true"))
        log = self.base / "serve.log"
        with log.open("wb") as out:
            self.serving = subprocess.Popen(
                ["runuser", "-u", user or self.gateway, "--", str(self.binary), "serve", "--dir", str(self.folder)],
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


@pytest.mark.requirement("R096")
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
    # It refuses `sethostname`, which the launcher calls in the namespace of a sandbox.
    assert "ProtectHostname" not in unit

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
        assert done.returncode != 0 and "permission denied" in done.stderr.lower(), (attempt, done)
    # The gateway itself, if it is taken over, may change its own files, but neither policy nor configuration.
    for attempt in (f"echo >> {policy}", f"mv {policy} {policy}.old", f"rm -f {policy}", f"rm -f {folder}/interlock.yaml"):
        done = system.by(system.gateway, "sh", "-c", attempt)
        assert done.returncode != 0 and re.search("Permission denied|Operation not permitted", done.stderr), (attempt, done)
    assert policy.read_text() == POLICY

    # Root edits the policy without signing it: the served revision stays.
    policy.write_text(POLICY.replace("Sorts tickets", "Sorts everything"))
    deadline = time.monotonic() + 30
    while (load := json.loads(system.interlock("status", "--json").stdout)["policy_load"])["last_reload"] is None:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert load["last_reload"]["code"] == "sign_off" and load["digest"] == before["policy_load"]["digest"]


def test_r153_a_system_deployment_is_refused_where_another_user_could_replace_a_part(system):
    (system.base / "open").mkdir()
    (system.base / "open").chmod(0o777)

    def check_refused(code: int, words: str, done: subprocess.CompletedProcess) -> None:
        assert done.returncode == code and words in done.stderr, done
        made = [system.folder, system.unit, system.base / "open" / "made"]
        assert not any(path.exists() for path in made), "nothing is made"
        users = [line.split(":")[0] for line in Path("/etc/passwd").read_text().splitlines()]
        assert system.gateway not in users

    changed = "can be changed by other users than root"
    check_refused(77, changed, system.init(folder=system.base / "open" / "made"))
    check_refused(64, "`root` cannot be the gateway's user", system.init(user="root"))
    check_refused(64, "`--system` cannot be used with `--yes`", system.init("--yes"))
    by_agent = system.by(system.agent, system.binary, "init", "--system")
    check_refused(77, "cannot make a user and files of root: not root", by_agent)
    system.binary.chmod(0o757)
    check_refused(77, changed, system.init())


def test_r153_what_another_user_put_there_becomes_no_part_of_a_system_deployment(system):
    """A folder with a policy of theirs, a link to a folder of root, and a folder for the unit."""
    shared, target, units = (system.base / name for name in ("shared", "target", "units"))
    for folder, mode in ((shared, 0o1777), (target, 0o755), (units, 0o755)):
        folder.mkdir()
        folder.chmod(mode)
    shutil.chown(units, system.agent)
    planted = shared / "planted" / "policy" / "agents"
    for attempt in (f"mkdir -p {planted}", f"touch {planted}/evil.yaml", f"ln -s {target} {shared}/link",
                    f"mkdir {shared}/empty"):
        assert system.by(system.agent, "sh", "-c", attempt).returncode == 0, attempt
    for name in ("planted", "link", "empty"):
        done = system.init(folder=shared / name)
        assert done.returncode == 77 and "can be changed by other users than root" in done.stderr, (name, done)
    assert target.stat().st_mode & 0o7777 == 0o755 and not any(target.iterdir())
    system.unit = units / "interlock.service"
    done = system.init()
    assert done.returncode == 77 and f"`{units}` can be changed" in done.stderr and not any(units.iterdir()), done
    system.unit = system.base / "interlock.service"
    system.folder.mkdir()
    (system.folder / "policy.yaml").write_text(POLICY)
    done = system.init()
    assert done.returncode == 73 and "is not empty" in done.stderr, done


def test_r153_nobody_works_on_a_deployment_that_another_user_may_change(system):
    theirs = system.base / "theirs"
    theirs.mkdir()
    theirs.chmod(0o777)
    shutil.chown(theirs, "nobody")
    words = (system.binary, "init", "--dir", theirs, "--policy", system.policy, *system.people.arguments())
    done = system.by(system.agent, *words)
    assert done.returncode == 77 and "belongs to another user" in done.stderr, done
    shutil.chown(theirs, system.agent)
    done = system.by(system.agent, *words)
    assert done.returncode == 77 and "every user may write" in done.stderr, done
    theirs.chmod(0o700)
    (theirs / "interlock.yaml").write_text("interlock: 1\n")
    shutil.chown(theirs / "interlock.yaml", "nobody")
    done = system.by(system.agent, system.binary, "status", "--dir", theirs)
    assert done.returncode == 77 and f"`{theirs}/interlock.yaml` belongs to another user" in done.stderr, done
