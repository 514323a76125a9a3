"""Revisions of the policy in a deployment: reloading, signing off, and one that waits for people."""

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
    """Reloads and returns the result."""
    before = loading(gateway)["last_reload"]
    if before:  # its time, in whole seconds, is all that distinguishes it from the next
        time.sleep(max(0, datetime.fromisoformat(before["at"]).timestamp() + 1 - time.time()))
    gateway.process.send_signal(signal.SIGHUP)
    until(lambda: loading(gateway)["last_reload"] != before, gateway)
    return loading(gateway)["last_reload"]


def sign(gateway, *signers: str, author: str = DANA, identity: dict | None = None) -> None:
    """Signs as the author and as each signer, by default the revision in force, otherwise that of `identity`."""
    path = gateway.folder / "interlock.signoff"
    everybody = list(dict.fromkeys((author, *signers)))
    signoff.write(path, identity or loading(gateway)["identity"], author, gateway.people, everybody)


def sign_off(gateway) -> None:
    """Signs off the revision in force as its author and two others: from now on unsigned revisions are refused."""
    sign(gateway, ADA, SAM)
    reload(gateway)
    assert loading(gateway)["founding"] is False


def sign_off_as(gateway, author: str, *others: str) -> None:
    """Signs off the revision in force by these people alone."""
    sign(gateway, *others, author=author)
    assert reload(gateway)["outcome"] == "loaded"
    assert loading(gateway)["founding"] is False


def edit(gateway, old: str, new: str, name: str = TRIAGE) -> None:
    path = gateway.policy / name
    text = path.read_text()
    assert old in text, name
    path.write_text(text.replace(old, new))


def propose(gateway, *changes: tuple[str, str, str]) -> str:
    """Makes `changes`, each a policy file with the old and the new text; returns the digest of the revision that then
    waits."""
    before = loading(gateway)["last_reload"]
    for name, old, new in changes:
        edit(gateway, old, new, name)
    gateway.process.send_signal(signal.SIGHUP)

    def waits() -> bool:
        found = loading(gateway)["last_reload"]
        return found != before and found.get("code") == "sign_off"

    until(waits, gateway)
    return loading(gateway)["last_reload"]["candidate"]
