"""An agent that a gateway has known for days, and that then makes far more calls than usual."""

import sqlite3
import struct
import time
from math import sqrt

import wire

AGENT = "support-triage"
# Calls per minute, for more than half a day; the spike has five times as many.
USUAL, SPIKE = [2, 3, 4] * 350, 15
LEARNED_ALARM = "detector.calls"


def learned(counts: list[int]) -> bytes:
    """The baselines of a gateway that saw so many calls in each minute (Sources/Pure/Monitoring/MonitorBytes.swift)."""
    steady = [2 * sqrt(count + 0.375) for count in counts[-1_000:]]
    blocks = [(sum(block), sum(y * y for y in block)) for block in zip(*[iter(steady)] * 50)]
    calls = struct.pack("<BB", 1, len(blocks)) + b"".join(struct.pack("<dd", *block) for block in blocks)
    calls += struct.pack("<Bdd", 0, 0, 0) + struct.pack("<B160d", 160, *counts[-160:])
    week = struct.pack("<Bff", 0, 0, 0) * 168
    return b"\1" + calls + week + struct.pack("<BH", 0, len(steady)) * 3


def remember(gateway, bytes: bytes) -> None:
    """Writes baselines into the store of a gateway that was started once and is stopped."""
    with sqlite3.connect(gateway.folder / "state" / "interlock.db") as store:
        store.execute("INSERT OR REPLACE INTO baseline VALUES (?, ?)", (AGENT, bytes))


def kept(gateway) -> bytes:
    with sqlite3.connect(gateway.folder / "state" / "interlock.db") as store:
        ((found,),) = store.execute("SELECT learned FROM baseline WHERE agent = ?", (AGENT,))
    return found


def alarm(gateway, code: str) -> dict | None:
    """The newest alert with this code."""
    return next((one for one in gateway.json("alerts", "list", check=False) if one["code"] == code), None)


def spike(gateway, quiet: int = 0) -> dict:
    """Makes calls until the alert is raised, for which a whole minute must end; returns the alert.

    `quiet`: the number of usual minutes before it. The learned baselines alone contain no windows to show."""
    session = wire.Session(gateway.port, gateway.token(AGENT))

    def call(number: int) -> None:
        for each in range(number):
            session.call("kb__search", text=f"{time.monotonic()} {each}")

    for minute in range(quiet):
        call(USUAL[minute])
        time.sleep(60)
    began = time.monotonic()
    while (found := alarm(gateway, LEARNED_ALARM)) is None:
        assert time.monotonic() < began + 300, gateway.json("alerts", "list", check=False)
        call(SPIKE)
        time.sleep(10)
    return found
