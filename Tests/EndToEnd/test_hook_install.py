"""`interlock hook install`, `uninstall` and the policy helper of Claude Code, in a mount namespace whose `/etc` and `/usr` can be
written without changing the machine."""

import json
import os
import shutil
import subprocess
import tempfile
import tomllib
from datetime import date, timedelta
from pathlib import Path

import pytest

import claudefacts
from conftest import interpreter, missing
from deployment import Deployment
from hooking import EVENT, USER
from people import People
from revising import sign_off_as

ADA, SAM = "ada@acme.example", "sam@acme.example"
POLICY = """\
interlock: 1
org: acme
owners: [{ada}, {sam}]
approvals:
  release: {{members: [{ada}, {sam}], expires: 15m}}
agents:
  coder:
    owner: {ada}
    purpose: Writes code
    tier: medium
    stage: supervised
    review_by: {review}
    approvers: release
    hooks: {{uid: {user}}}
    mcp_scopes: {{host: [read]}}
    sandbox: {{workspace: {{hide_extra: ["*.canary"]}}}}
"""
MANAGED = Path("/etc/claude-code/managed-settings.json")
SERVERS = Path("/etc/claude-code/managed-mcp.json")
HELPER = "/usr/lib/interlock/claude-policy-helper"
VERSION = claudefacts.VERSION
MOUNTS = """\
set -e
mount -t tmpfs -o mode=0755 none "$1"
for name in etc usr; do
  mkdir "$1/$name" "$1/$name.work"
  mount -t overlay -o "lowerdir=/$name,upperdir=$1/$name,workdir=$1/$name.work" none "/$name"
done
rm -rf /etc/interlock /etc/claude-code /etc/codex
install -o root -g root -m 755 "$2"/interlock "$2"/interlock-hook /usr/bin/
echo made
exec cat
"""


class Machine:
    """A gateway with a socket for hooks, and the namespace in which hooks are installed."""

    def __init__(self, binary: Path, people: People):
        self.base = Path(tempfile.mkdtemp(prefix="interlock-install-", dir="/var/tmp"))
        self.base.chmod(0o755)
        upper = self.base / "upper"
        upper.mkdir()
        self.keeper = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c", MOUNTS, "sh", upper, binary.parent],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.keeper.stdout.readline() == b"made\n"
        self.root = Path(f"/proc/{self.keeper.pid}/root")
        policy = self.base / "policy.yaml"
        policy.write_text(POLICY.format(ada=ADA, sam=SAM, user=USER, review=date.today() + timedelta(days=60)))
        self.gateway = Deployment(binary, self.base / "made", policy, people, segment="8MiB")
        self.gateway.init()
        self.gateway.configure("listeners", hooks_socket=f'"{self.base}/hooks.sock"')
        self.gateway.start()

    def close(self) -> None:
        self.gateway.kill()
        self.keeper.stdin.close()
        self.keeper.wait(10)
        shutil.rmtree(self.base, ignore_errors=True)

    def run(self, *words: str, as_user: bool = False, given: str = "", **how) -> subprocess.CompletedProcess:
        user = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--"] if as_user else []
        command = ["nsenter", f"--mount=/proc/{self.keeper.pid}/ns/mnt", *user, *words]
        return subprocess.run(command, input=given, capture_output=True, text=True, timeout=30, **how)

    def hook(self, *words: str, **how) -> subprocess.CompletedProcess:
        return self.run("/usr/bin/interlock", "hook", *words, "--dir", str(self.gateway.folder), **how)

    def at(self, path: Path | str) -> Path:
        return self.root / str(path).lstrip("/")

    def helper(self, *words: str, version: str | None = VERSION, as_user: bool = True) -> subprocess.CompletedProcess:
        """The policy helper, as Claude Code of a version starts it."""
        told = {} if version is None else {"CLAUDE_CODE_VERSION": version}
        return self.run(HELPER, *words, as_user=as_user, env={"PATH": "/usr/bin:/bin"} | told)

    def report(self, result: str) -> None:
        """A result of doctor, as the user reports it."""
        body = json.dumps({"v": 1, "host": "claude-code", "result": result})
        done = self.run("curl", "--silent", "--show-error", "--unix-socket", f"{self.base}/hooks.sock", "--write-out", "%{http_code}",
                        "--header", "content-type: application/json", "--data-binary", body, "http://localhost/hook/v1/doctor",
                        as_user=True)
        assert done.stdout.endswith("201"), done

    def recorded(self) -> list[tuple[str, str]]:
        return [(one["host"], one["st"]) for one in self.gateway.records(100) if one["t"] == "hook.installed"]


@pytest.fixture(scope="module")
def machine(binary, tmp_path_factory):
    if os.geteuid() != 0:
        missing("only root can make a private /etc")
    with People(tmp_path_factory.mktemp("people"), {ADA: ["kill", "resume", "security"], SAM: ["resume"]}) as people:
        made = Machine(binary, people)
        try:
            yield made
        finally:
            made.close()


@pytest.mark.requirement("R038", "R063", "R065")
def test_managed_settings_are_installed_used_and_removed(machine):
    shown = machine.hook("install", "claude-code", "--print")
    assert shown.returncode == 0 and str(MANAGED) in shown.stdout and not machine.at(MANAGED).exists()
    assert machine.hook("install", "claude-code", as_user=True).returncode != 0
    before = sorted(str(one) for one in machine.at("/etc").iterdir())
    done = machine.hook("install", "claude-code")
    assert done.returncode == 0, done.stdout + done.stderr
    settings = json.loads(machine.at(MANAGED).read_text())
    assert settings["policyHelper"]["path"] == HELPER and "Read(//**/*.canary)" in settings["permissions"]["deny"]
    for name, group in settings["hooks"].items():
        assert [one["hooks"][0]["command"] for one in group] == [f"/usr/bin/interlock-hook claude-code --event {name}"]
    for path in (MANAGED, SERVERS, "/etc/interlock/hook.json"):
        status = machine.at(path).stat()
        assert (status.st_uid, status.st_mode & 0o777) == (0, 0o644) and machine.at(path).parent.stat().st_mode & 0o777 == 0o755
    assert machine.recorded() == [("claude-code", "installed")]

    # A hook of the user reaches the gateway by what was written, and a second installation changes nothing.
    read = EVENT | {"tool_name": "Read", "tool_input": {"file_path": "/workspace/a.txt"}}
    for event in (read, read | {"hook_event_name": "PostToolUse", "tool_response": {"content": "as it was"}}):
        given = json.dumps(event)
        assert machine.run("/usr/bin/interlock-hook", "claude-code", as_user=True, given=given).returncode == 0
    assert machine.hook("install", "claude-code").returncode == 0

    # A foreign file is never changed, and one that no host could read is named.
    written = machine.at(MANAGED).read_text()
    machine.at(MANAGED).write_text('{"env": {}}\n')
    refused = machine.hook("install", "claude-code")
    assert refused.returncode == 1 and '"policyHelper"' in refused.stdout and machine.at(MANAGED).read_text() == '{"env": {}}\n'
    assert machine.hook("uninstall", "claude-code").returncode == 1 and machine.at(SERVERS).exists()
    machine.at(MANAGED).write_text("{")
    assert machine.hook("install", "claude-code").returncode == 65
    machine.at(MANAGED).write_text(written)

    removed = machine.hook("uninstall", "claude-code")
    assert removed.returncode == 0, removed.stderr
    assert not machine.at(MANAGED).exists() and not machine.at(HELPER).is_symlink()
    assert not list(machine.at("/etc/interlock").iterdir())
    assert {str(one) for one in machine.at("/etc").iterdir()} - set(before) == {
        str(machine.at("/etc/interlock")), str(machine.at("/etc/claude-code"))}
    assert machine.hook("uninstall", "claude-code").returncode == 1
    assert machine.recorded()[-1] == ("claude-code", "removed")


def test_the_policy_helper_lets_a_session_begin_only_if_nothing_is_in_doubt(machine):
    def refused(word: str, *words: str, **how) -> None:
        said = machine.helper(*words, **how)
        assert (said.returncode, said.stdout, said.stderr.count("\n")) == (1, "", 1) and word in said.stderr, said
    done = machine.hook("install", "claude-code")
    assert done.returncode == 0 and "interlock doctor --host claude-code" in done.stderr
    settings = json.loads(machine.at(MANAGED).read_text())
    del settings["policyHelper"]

    # No person has signed the policy; then no version, no result of doctor, and one that is not good.
    for words in ([], ["--for-doctor"]):
        refused("no policy was ever signed off", *words)
    sign_off_as(machine.gateway, ADA, SAM)
    refused("states no version", version=None)
    refused("is older than", version="2.1.301")
    refused("no result of doctor")
    trial = machine.helper("--for-doctor", version=None)
    assert trial.returncode == 0 and json.loads(trial.stdout) == {"managedSettings": settings}, trial.stderr
    for result in ("failed", "unknown"):
        machine.report(result)
        refused(f"the last result of doctor is `{result}`")
    # Another argument than doctor's changes nothing.
    refused("the last result of doctor", "--for-doctor", "--for-doctor")
    machine.report("good")
    allowed = machine.helper()
    assert allowed.returncode == 0 and json.loads(allowed.stdout) == {"managedSettings": settings}, allowed.stderr
    assert [one["st"] for one in machine.gateway.records(100) if one["t"] == "host.checked"] == ["failed", "unknown", "good"]
    # The log has the result after a restart.
    machine.gateway.kill()
    refused("does not answer")
    machine.gateway.start()
    assert machine.helper().returncode == 0, machine.helper().stderr
    halt = machine.gateway.halt("--agent", "coder", by=ADA)
    refused("a halt of `coder`")
    machine.gateway.resume(halt, ADA, SAM)
    assert machine.helper().returncode == 0
    written = machine.at(MANAGED).read_text()
    machine.at(MANAGED).write_text(written.replace('"*"', '"Read"'))
    refused("was changed")
    machine.at(MANAGED).write_text(written)
    machine.at("/etc/interlock/hook.json").chmod(0o666)
    refused("can be changed")
    machine.at("/etc/interlock/hook.json").chmod(0o644)
    stopped = machine.helper(as_user=False)
    assert stopped.returncode == 1 and "no agent of this user" in stopped.stderr
    assert machine.hook("uninstall", "claude-code").returncode == 0


def test_claude_code_does_not_start_while_its_agent_is_halted(machine):
    (bundled,) = interpreter("hosts").parents[1].glob("lib/python3*/site-packages/claude_agent_sdk/_bundled/claude")
    try:
        os.link(bundled.resolve(), machine.base / "claude")
    except OSError:
        shutil.copy(bundled, machine.base / "claude")
    assert machine.hook("install", "claude-code").returncode == 0
    halt = machine.gateway.halt("--agent", "coder", by=ADA)
    home = machine.base / "empty"
    home.mkdir()
    os.chown(home, USER, USER)
    # No address of a model: it must end before it needs one.
    said = machine.run(str(machine.base / "claude"), "-p", "Fix it", as_user=True, cwd=home,
                       env={"PATH": "/usr/bin:/bin", "HOME": str(home), "ANTHROPIC_API_KEY": "x"})
    assert said.returncode == 1 and "policyHelper failed" in said.stderr and "a halt of `coder`" in said.stderr, said
    machine.gateway.resume(halt, ADA, SAM)
    assert machine.hook("uninstall", "claude-code").returncode == 0


def test_other_hosts_and_the_scopes_that_an_agent_can_change(machine):
    assert machine.hook("install", "codex").returncode == 0
    requirements = tomllib.loads(machine.at("/etc/codex/requirements.toml").read_text())
    assert requirements["allow_managed_hooks_only"] and "PreToolUse" in requirements["hooks"]
    home = machine.base / "home"
    home.mkdir()
    done = machine.hook("install", "cursor", "--scope", "user", env={"HOME": str(home)})
    assert done.returncode == 0 and "only managed settings hold" in done.stderr
    assert json.loads((home / ".cursor/hooks.json").read_text())["version"] == 1
    (home / ".gemini").symlink_to("/etc")
    assert machine.hook("install", "gemini-cli", "--scope", "user", env={"HOME": str(home)}).returncode == 1
    for wrong in (["claude"], ["codex", "--drop-in"], ["codex", "--scope", "all"]):
        assert machine.hook("install", *wrong).returncode == 64
    assert machine.hook("uninstall", "cursor", "--scope", "user", env={"HOME": str(home)}).returncode == 0
    assert not (home / ".cursor/hooks.json").exists()
    assert machine.hook("uninstall", "codex").returncode == 0
    machine.gateway.kill()
    done = machine.hook("install", "codex")
    assert done.returncode == 0 and "not on record" in done.stderr
    assert machine.hook("uninstall", "codex").returncode == 0
