"""`interlock audit key`: one key of the log replaces another, on a gateway that is stopped."""

import re
import shutil
import subprocess

import pytest

from deployment import Failure
from test_epochs import checkpoint, renamed

MONTH = 31 * 86_400_000_000


def test_both_keys_sign_until_the_overlap_is_over(organisation, binary):
    made = organisation()
    gateway = made.gateway
    assert gateway.run("audit", "key", "rotate", check=False).returncode == 75, "the gateway runs"
    gateway.stop()
    (old,) = signing(gateway)
    halts = gateway.folder / "state" / "kill" / "epoch.json"
    before = halts.read_bytes()

    new = rotated(gateway)
    assert sorted(signing(gateway)) == sorted([old, new])
    assert halts.read_bytes() != before, "the node signs its halts by the new key"
    assert trusted(gateway) == [old, new], "the line to give to others is in the trust file"
    refused = gateway.run("audit", "key", "rotate", check=False)
    assert refused.returncode == 73 and "two keys are in use until" in refused.stderr

    called(made)
    assert len(signatures(gateway)) == 2
    for key in (old, new):
        assert judged(binary, gateway, key) == [0, 0]
    said = gateway.verify()
    assert said.returncode == 0 and "rotated (planned)" in said.stderr

    over(gateway)
    called(made)
    assert files(gateway) == ["log.key", "log.rotations"] and len(signatures(gateway)) == 1
    assert signing(gateway) == [new]
    assert judged(binary, gateway, new) == [0, 0] and judged(binary, gateway, old) == [1, 1]
    assert gateway.verify().returncode == 0


def test_a_rotation_that_was_broken_off_goes_on(organisation):
    made = organisation()
    gateway = made.gateway
    gateway.stop()
    whole, copy = gateway.folder / "state", gateway.folder / "before"
    shutil.copytree(whole, copy, symlinks=True)
    new = rotated(gateway)
    key = (whole / "keys" / "log.next.key").read_bytes()

    # The state after a crash that left only the new key.
    shutil.rmtree(whole)
    copy.rename(whole)
    prepared = whole / "keys" / "log.next.key"
    prepared.write_bytes(key)
    prepared.chmod(0o400)
    with pytest.raises(Failure, match="a rotation of the log's key was broken off"):
        gateway.start()
    assert rotated(gateway) == new, "the same key"
    assert trusted(gateway).count(new) == 1
    called(made)
    assert gateway.verify().returncode == 0


@pytest.mark.parametrize("damage", ["gone", "torn", "from before the rotation"])
def test_without_the_new_key_nothing_starts(organisation, damage):
    gateway = organisation().gateway
    gateway.stop()
    rotated(gateway)
    key = gateway.folder / "state" / "keys" / "log.next.key"
    if damage == "torn":
        key.chmod(0o600)
        key.write_bytes(key.read_bytes()[:7])
    else:
        key.unlink()
    if damage == "from before the rotation":
        (key.parent / "log.rotations").unlink()
    expected = {"gone": "but the log was rotated to it", "torn": "7 bytes instead of 32",
                "from before the rotation": "signed by a newer key, which is not here"}
    with pytest.raises(Failure, match=expected[damage]):
        gateway.start()


def test_a_stolen_key_signs_nothing_more(organisation, binary):
    made = organisation()
    gateway = made.gateway
    gateway.stop()
    (stolen,) = signing(gateway)
    origin = checkpoint(gateway.ledger)[0]
    refused = gateway.run("audit", "key", "rotate", "--compromise", check=False)
    assert refused.returncode == 64 and "still names" in refused.stderr
    following = renamed(gateway, origin)

    new = rotated(gateway, "--compromise")
    assert files(gateway) == ["log.key", "log.rotations"]
    assert signing(gateway) == [new] and new.startswith(following + "+")
    assert trusted(gateway) == [new], "the stolen key is listed no more"
    assert checkpoint(gateway.ledger)[0] == following
    called(made)
    assert len(signatures(gateway)) == 1 and gateway.verify().returncode == 0

    # The log of the stolen key ended under the other one.
    ended = gateway.folder / "state" / "epochs" / origin.rsplit("/", 1)[1] / "log"
    assert audited(binary, ended, stolen).returncode == 1
    bundles = sorted((ended / "tile" / "entries").glob("000.p/*"), key=lambda path: int(path.name))
    (successor,) = re.findall(rb'"vkey":"([^"]+)","why":"compromise"', bundles[-1].read_bytes())
    said = audited(binary, ended, successor.decode())
    assert said.returncode == 0 and "rotated (compromise)" in said.stderr, said.stderr


# The files made durable, in this order; `key.rotate` and the end of the old log are records in between.
STEPS = ("/log.next.key$", "/kill/epoch.json$", "/log.rotations$", "/epochs/2026$", "/log/checkpoint$",
         "/log.old.key$", "/log.key$")


def test_after_a_theft_the_command_goes_on_wherever_it_died(organisation, fault_library, tmp_path):
    made = organisation()
    gateway = made.gateway
    gateway.stop()
    (stolen,) = signing(gateway)
    origin = checkpoint(gateway.ledger)[0]
    following = renamed(gateway, origin)
    state, before = gateway.folder / "state", tmp_path / "before"
    shutil.copytree(state, before, symlinks=True)
    for step in STEPS:
        fault = tmp_path / "fault"
        fault.write_text(f"rename {step} 0 1 KILL+\n")
        died = gateway.run("audit", "key", "rotate", "--compromise", check=False,
                           environment={"LD_PRELOAD": str(fault_library), "FAULTS": str(fault)})
        assert died.returncode == -9, (step, died)
        fault.unlink()
        if step == STEPS[-1]:  # only a file remains, which the next start destroys
            called(made)
        else:
            assert rotated(gateway, "--compromise") in signing(gateway), step
        assert files(gateway) == ["log.key", "log.rotations"], step
        assert len(signing(gateway)) == 1 and stolen not in signing(gateway), step
        assert checkpoint(gateway.ledger)[0] == following and len(signatures(gateway)) == 1, step
        assert gateway.verify().returncode == 0, step
        entries = b"".join(path.read_bytes() for path in (state / "epochs").rglob("tile/entries/*/*"))
        assert len(set(re.findall(rb'"t":"key.rotate","ts":\d+', entries))) == 1, "recorded once"
        shutil.rmtree(state)
        shutil.copytree(before, state, symlinks=True)
        state.chmod(0o700)


def called(made) -> None:
    made.gateway.start()
    made.gateway.wait_for_tools("support-triage", "tickets")
    assert made.session("support-triage").call("tickets__get_ticket", id="T-1001").code is None
    made.gateway.stop()


def rotated(gateway, *flags: str) -> str:
    """The new key, as printed by the command."""
    done = gateway.run("audit", "key", "rotate", *flags)
    return done.stdout.splitlines()[0].removeprefix("log ")


def signing(gateway) -> list[str]:
    listed = gateway.json("audit", "key", "list")
    return [one["vkey"] for one in listed if one["use"] == "log" and one["signs"]]


def signatures(gateway) -> list[str]:
    """The lines of the log's own keys under its checkpoint."""
    origin, *lines = checkpoint(gateway.ledger)
    return [line for line in lines if line.startswith(f"— {origin} ")]


def files(gateway) -> list[str]:
    return sorted(path.name for path in (gateway.folder / "state" / "keys").glob("log.*"))


def trusted(gateway) -> list[str]:
    """The keys of logs in `trust.policy`."""
    lines = (gateway.folder / "trust.policy").read_text().splitlines()
    return [line.removeprefix("log ") for line in lines if line.startswith("log ")]


def over(gateway) -> None:
    """Backdates the rotation by more than a month."""
    path = gateway.folder / "state" / "keys" / "log.rotations"
    cause, since, until, *keys = path.read_text().split()
    path.chmod(0o600)
    path.write_text(" ".join([cause, str(int(since) - MONTH), str(int(until) - MONTH), *keys]) + "\n")


def judged(binary, gateway, key: str) -> list[int]:
    folder = gateway.ledger / "log"
    small = subprocess.run([binary.parent / "interlock-verify", "--vkey", key, folder], capture_output=True)
    return [audited(binary, folder, key).returncode, small.returncode]


def audited(binary, folder, key: str) -> subprocess.CompletedProcess:
    return subprocess.run([binary, "audit", "verify", folder, "--vkey", key], capture_output=True, text=True)
