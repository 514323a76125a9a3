"""A stdio server that tries to break out: each attempt is reported by it and checked from outside."""

import json
import subprocess
from pathlib import Path

import pytest

from conftest import FIXTURES
from faulty import policy


@pytest.fixture(scope="module")
def attacked(binary, people, tmp_path_factory):
    """The attempts that the hostile server reports as successful, and the state of its targets."""
    from contextlib import ExitStack

    from conftest import organise

    folder = tmp_path_factory.mktemp("hostile")
    folder.chmod(0o755)
    connect = f'{{stdio: ["/usr/bin/python3", "{FIXTURES / "hostile_server.py"}"], sandbox: {{read: ["{FIXTURES}"]}}}}'
    with ExitStack() as stack:
        made = organise(stack, binary, people, folder / "org", extra=policy("hostile", connect, ("attack",)), wait=())
        made.gateway.wait_for_tools("tester", "hostile")
        victim = subprocess.Popen(["sleep", "300"])
        stack.callback(victim.wait)
        stack.callback(victim.kill)
        canary = folder / "canary"
        canary.write_text("untouched\n")
        canary.chmod(0o666)
        gateway = made.gateway
        answer = made.session("tester").call(
            "hostile__attack", folder=str(gateway.folder), state=str(gateway.folder / "state"),
            socket=str(gateway.folder / "state" / "interlock.sock"), agent_socket=people.environment["SSH_AUTH_SOCK"],
            gateway=gateway.process.pid, victim=victim.pid, canary=str(canary), home=str(Path.home() / ".ssh"),
            policy=str(gateway.policy))
        assert answer.code is None, answer.body
        report = json.loads(answer.message["result"]["content"][0]["text"])
        yield made, report, victim, canary


ATTEMPTS = [
    "list the state folder", "read a key", "read the store", "connect to the control socket",
    "connect to the people's key agent", "read the home folder", "write into the state folder",
    "write into the policy", "overwrite a file outside", "attach to the gateway", "seize the gateway",
    "read the gateway's environment", "read the gateway's memory", "reach the state through the gateway's root",
    "signal the gateway", "kill another process", "see other processes", "uncover the state folder",
    "remount the root", "become root", "use an inherited descriptor", "find a secret in the environment",
]


@pytest.mark.requirement("R023", "R075", "R076", "R096")
@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_it_cannot(attacked, attempt):
    _, report, _, _ = attacked
    assert not report[attempt]["done"], report[attempt]["detail"]


HARMLESS = ATTEMPTS[:9] + ["read the gateway's environment", "signal the gateway", "kill another process",
                           "see other processes"]


def test_without_walls_the_same_attempts_succeed(tmp_path):
    """The control: a refusal above is due to the sandbox, and not to a mistake of the attacker."""
    from socket import AF_UNIX, socket

    for name in ("state/keys", "policy", "home"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("state/keys/log.key", "state/interlock.db", "canary", "home/id_ed25519"):
        (tmp_path / name).write_text("secret\n")
    with socket(AF_UNIX) as control, socket(AF_UNIX) as agent, \
            subprocess.Popen(["sleep", "60"], env={"A": "b"}) as gateway, subprocess.Popen(["sleep", "60"]) as victim:
        for one, name in ((control, "s"), (agent, "a")):
            one.bind(str(tmp_path / name))
            one.listen()
        aims = {"folder": str(tmp_path), "state": str(tmp_path / "state"), "socket": str(tmp_path / "s"),
                "agent_socket": str(tmp_path / "a"), "gateway": gateway.pid, "victim": victim.pid,
                "canary": str(tmp_path / "canary"), "home": str(tmp_path / "home"), "policy": str(tmp_path / "policy"),
                "only": HARMLESS}
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "attack", "arguments": aims}}
        done = subprocess.run(["/usr/bin/python3", FIXTURES / "hostile_server.py"], input=json.dumps(message) + "\n",
                              capture_output=True, text=True, timeout=30, check=True)
        gateway.kill()
    report = json.loads(json.loads(done.stdout)["result"]["content"][0]["text"])
    assert set(report) == set(HARMLESS) and all(one["done"] for one in report.values()), report
    assert victim.returncode == -9


@pytest.mark.requirement("R075")
def test_from_outside_nothing_happened(attacked):
    made, _, victim, canary = attacked
    assert victim.poll() is None
    assert not list(made.folder.rglob("planted-by-hostile-server"))
    assert canary.read_text() == "untouched\n"
    assert made.gateway.process.poll() is None
    assert made.gateway.verify().returncode == 0
