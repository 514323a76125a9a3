"""Waiting for events: a reload, a record, another process."""

import json
import time


def until(found, gateway=None, seconds: float = 30):
    """Returns the first true value of `found`; fails if none comes in time, with the end of the output of `gateway`."""
    deadline = time.monotonic() + seconds
    while True:
        if value := found():
            return value
        assert time.monotonic() < deadline, f"nothing came: {gateway.stderr()[-3000:] if gateway else ''}"
        time.sleep(0.05)


def passed_drill(gateway) -> str:
    """The id of a drill that passed. Beside other tests an agent may read a response late that was sent in time, which
    fails a drill; so it is repeated twice."""
    for _ in range(3):
        report = json.loads(gateway.run("drill", "run", "--json", check=False, seconds=150).stdout)["report"]
        if report["passed"]:
            break
    return report["id"]


def listed_alert(gateway, code: str) -> dict:
    """The newest alert with this code in `alerts list`."""
    return until(lambda: [one for one in gateway.json("alerts", "list", check=False) if one["code"] == code], gateway)[0]
