"""Waiting for events: a reload, a record, another process."""

import time


def until(found, gateway=None, seconds: float = 30):
    """Returns the first true value of `found`; fails if none comes in time, with the end of the output of `gateway`."""
    deadline = time.monotonic() + seconds
    while True:
        if value := found():
            return value
        assert time.monotonic() < deadline, f"nothing came: {gateway.stderr()[-3000:] if gateway else ''}"
        time.sleep(0.05)


def listed_alert(gateway, code: str) -> dict:
    """The newest alert with this code in `alerts list`."""
    return until(lambda: [one for one in gateway.json("alerts", "list", check=False) if one["code"] == code], gateway)[0]
