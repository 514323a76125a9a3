"""Revisions of the policy in a deployment: the first one signed off, and then one that waits for people."""

import signal
import time
from collections.abc import Callable

import signoff

ADA, DANA, SAM = (f"{name}@acme.example" for name in ("ada", "dana", "sam"))


def loading(gateway) -> dict:
    (status,) = gateway.json("status")
    return status["policy_load"]


def sign_off(gateway) -> None:
    """What is in force, by its author and two others: from now on nothing is loaded that people have not signed."""
    signoff.write(gateway.folder / "interlock.signoff", loading(gateway)["identity"], DANA, gateway.people, [DANA, ADA, SAM])
    gateway.process.send_signal(signal.SIGHUP)
    until(gateway, lambda found: not found["founding"])


def propose(gateway, changes: dict[str, Callable[[str], str]]) -> None:
    """`changes`: file of the policy -> what changes its text; the revision waits on return."""
    for name, change in changes.items():
        path = gateway.policy / name
        before = path.read_text()
        path.write_text(change(before))
        assert path.read_text() != before, name
    gateway.process.send_signal(signal.SIGHUP)
    until(gateway, lambda found: (found["last_reload"] or {}).get("code") == "sign_off")


def until(gateway, holds, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not holds(loading(gateway)):
        assert time.monotonic() < deadline, (loading(gateway), gateway.stderr()[-2000:])
        time.sleep(0.1)
