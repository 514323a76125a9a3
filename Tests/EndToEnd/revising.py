"""Revisions of the policy in a deployment: read again, signed off, and one that waits for people."""

import signal
import time
from datetime import datetime

import signoff
from addresses import ADA, DANA, SAM
from waits import until

TRIAGE = "agents/support-triage.yaml"


def loading(gateway) -> dict:
    (status,) = gateway.json("status")
    return status["policy_load"]


def reload(gateway) -> dict:
    """What became of it."""
    before = loading(gateway)["last_reload"]
    if before:  # its time has whole seconds, and is all that tells it from the next
        time.sleep(max(0, datetime.fromisoformat(before["at"]).timestamp() + 1 - time.time()))
    gateway.process.send_signal(signal.SIGHUP)
    until(lambda: loading(gateway)["last_reload"] != before, gateway)
    return loading(gateway)["last_reload"]


def sign(gateway, *signers: str, author: str = DANA, identity: dict | None = None) -> None:
    """The author and each signer: what is in force, or what the identity says."""
    path = gateway.folder / "interlock.signoff"
    everybody = list(dict.fromkeys((author, *signers)))
    signoff.write(path, identity or loading(gateway)["identity"], author, gateway.people, everybody)


def sign_off(gateway) -> None:
    """What is in force, by its author and two others: from now on nothing is loaded that people have not signed."""
    sign(gateway, ADA, SAM)
    reload(gateway)
    assert loading(gateway)["founding"] is False


def edit(gateway, old: str, new: str, name: str = TRIAGE) -> None:
    path = gateway.policy / name
    text = path.read_text()
    assert old in text, name
    path.write_text(text.replace(old, new))


def propose(gateway, *changes: tuple[str, str, str]) -> str:
    """`changes`: file of the policy, what stands in it, and what shall; the digest of the revision that waits then."""
    before = loading(gateway)["last_reload"]
    for name, old, new in changes:
        edit(gateway, old, new, name)
    gateway.process.send_signal(signal.SIGHUP)

    def waits() -> bool:
        found = loading(gateway)["last_reload"]
        return found != before and found.get("code") == "sign_off"

    until(waits, gateway)
    return loading(gateway)["last_reload"]["candidate"]
