"""`interlock doctor --probe`: the real Claude Code with the program's own scripted model, in an installation of `hook install`
with a running gateway. Each guard that is taken away turns its own lines red, and no others (docs/specs/coding-agents.md,
section 11)."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from conftest import missing
from hooking import USER
from offlinehost import bundled
from people import People
from revising import sign_off_as
from test_hook_install import ADA, MANAGED, SAM, Machine

pytestmark = pytest.mark.requirement("R039", "R080")

CALL, READ, MENTION, IMPORT = WAYS = ("a guarded call", "a hidden file", "an @-mention", "an import")
REWRITTEN = ", with settings rewritten"
ALL = {way + more for way in WAYS for more in ("", REWRITTEN)}


def both(*ways: str) -> set[str]:
    """The lines of these ways, before and after the settings of user and project were rewritten."""
    return {way + more for way in ways for more in ("", REWRITTEN)}


class Checks:
    def __init__(self, done: subprocess.CompletedProcess):
        assert done.returncode in (0, 1, 69), done
        self.code = done.returncode
        *self.rows, self.summary = [json.loads(line) for line in done.stdout.splitlines()]
        self.probes = {row["subject"]: row for row in self.rows if row["check"] == "probe"}

    def having(self, verdict: str) -> set[str]:
        return {way for way, row in self.probes.items() if row["verdict"] == verdict}

    def failed(self) -> set[str]:
        return {row["check"] for row in self.rows if row["verdict"] == "failed"}


class Probed(Machine):
    """An installation, and a user with Claude Code, a home and a project."""

    def __init__(self, binary: Path, people: People):
        (program,) = bundled("claude_agent_sdk/_bundled/claude")
        super().__init__(binary, people)
        self.home, self.temporary, programs = (self.base / name for name in ("home", "temporary", "programs"))
        self.project = self.home / "project"
        programs.mkdir()
        for folder in (self.home, self.temporary, self.project):
            folder.mkdir(mode=0o755)
            os.chown(folder, USER, USER)
        # A copy would take 400 MB. The host's own sandbox needs `socat` by its name, and this machine may lack it.
        self.run("sh", "-ec", 'mount --bind "$1" "$2"; echo "agent:x:$3:$3::$4:/bin/bash" >> /etc/passwd; '
                 "command -v socat || install -m 755 /bin/true /usr/bin/socat",
                 "sh", str(program.parent), str(programs), str(USER), str(self.home), check=True)
        self.path = f"{programs}:/usr/bin:/bin"

    def install(self, *words: str) -> subprocess.CompletedProcess:
        done = self.hook("install", "claude-code", *words)
        assert done.returncode == 0, done.stderr
        return done

    def settings(self, **changes: object) -> None:
        """Installs, without what this test machine makes slow: the host's own sandbox, and the helper, which would refuse a
        changed file. A member of None is removed."""
        self.install()
        settings = json.loads(self.at(MANAGED).read_text()) | {"sandbox": None, "policyHelper": None} | changes
        kept = {name: value for name, value in settings.items() if value is not None}
        self.at(MANAGED).write_text(json.dumps(kept))

    def reset(self) -> None:
        for folder in ("/etc/claude-code", "/etc/interlock"):
            self.run("rm", "-rf", folder, check=True)

    def doctor(self, *words: str) -> Checks:
        """As the user, in a network that has loopback alone."""
        command = ["nsenter", f"--mount=/proc/{self.keeper.pid}/ns/mnt", f"--wdns={self.project}", "unshare", "--net", "sh", "-c",
                   'ip link set lo up && exec "$@"', "sh", "setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--",
                   str(self.gateway.binary), "doctor", "--host", "claude-code", "--json", *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=240, stdin=subprocess.DEVNULL,
                              env={"PATH": self.path, "HOME": str(self.home), "TMPDIR": str(self.temporary)})
        return Checks(done)


@pytest.fixture(scope="module")
def probed(binary, tmp_path_factory):
    if os.geteuid() != 0:
        missing("only root can make a private /etc")
    with People(tmp_path_factory.mktemp("people"), {ADA: ["kill", "resume", "security"], SAM: ["resume"]}) as people:
        made = Probed(binary, people)
        try:
            yield made
        finally:
            made.close()


@pytest.fixture
def machine(probed):
    yield probed
    probed.reset()


def test_a_guarded_host_stops_each_way_and_nothing_of_the_user_changes(machine):
    machine.settings()
    before = sorted(machine.home.rglob("*"))
    checks = machine.doctor("--probe")
    assert checks.having("enforced") == ALL == set(checks.probes), checks.probes
    assert checks.failed() == {"settings"}
    assert {checks.probes[way]["at"] for way in both(CALL)} == {"hook"}
    assert {checks.probes[way]["at"] for way in both(MENTION, IMPORT)} == {"managed settings"}
    assert sorted(machine.home.rglob("*")) == before and not list(machine.temporary.iterdir())

    # The probe is on record as two sessions of the user's agent.
    records = machine.gateway.records(500)
    denied = [one for one in records if one["t"] == "call.denied" and one["agent"] == "coder"]
    assert len(denied) == 2 and len({one["run"] for one in denied}) == 2, denied
    starts = [one for one in records if one["t"] == "run.start" and one["run"] in {call["run"] for call in denied}]
    assert {(one["agent"], one["host"]) for one in starts} == {("coder", "claude-code")}


def test_without_deny_rules_files_reach_the_model_and_the_call_is_still_stopped(machine):
    machine.settings(permissions={"disableBypassPermissionsMode": "disable"})
    checks = machine.doctor("--probe")
    assert checks.code == 1 and checks.having("failed") == both(READ, MENTION, IMPORT), checks.probes
    assert checks.having("enforced") == both(CALL)


def test_without_the_hook_the_call_fails_and_files_are_still_hidden(machine):
    """The host's own rules refuse the command, which no person is there to allow: this is not Interlock's refusal."""
    machine.settings(hooks=None)
    checks = machine.doctor("--probe")
    assert checks.code == 1 and checks.having("failed") == both(CALL), checks.probes
    assert checks.having("enforced") == both(READ, MENTION, IMPORT)


@pytest.mark.stress
def test_without_managed_settings_everything_fails_and_the_command_runs(machine):
    machine.settings()
    machine.at(MANAGED).unlink()
    checks = machine.doctor("--probe")
    assert checks.code == 1 and checks.having("failed") == ALL, checks.probes
    assert all(checks.probes[way]["cause"].endswith("ran") for way in both(CALL))


@pytest.mark.stress
def test_a_host_whose_prompt_is_refused_shows_nothing(machine):
    machine.settings()
    machine.at("/etc/interlock/hook.json").write_text(json.dumps({"socket": str(machine.base / "absent.sock")}))
    checks = machine.doctor("--probe")
    assert checks.having("unknown") == ALL, checks.probes


@pytest.mark.stress
def test_the_settings_as_they_are_installed_are_good(machine):
    """With the host's own sandbox, which starts slowly here, and the policy helper."""
    sign_off_as(machine.gateway, ADA, SAM)
    machine.install()
    checks = machine.doctor("--probe")
    assert checks.having("enforced") == ALL, checks.probes
    assert checks.code == 0 and checks.summary["result"] == "good", checks.rows


def test_a_drop_in_requires_the_probe(machine):
    done = machine.install("--drop-in")
    assert "required: run `interlock doctor --host claude-code --probe`" in done.stderr
    checks = machine.doctor()
    path = "/etc/claude-code/managed-settings.d/50-interlock.json"
    assert checks.having("unknown") == {path} and checks.code in (1, 69)
    assert checks.probes[path]["help"] == "interlock doctor --host claude-code --probe"
