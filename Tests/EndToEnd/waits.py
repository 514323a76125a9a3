"""Waiting for what comes by itself: a reload, a record, another process."""

import time


def until(found, gateway=None, seconds: float = 30):
    """The first true value; an error when there is none in time, with the end of what `gateway` printed."""
    deadline = time.monotonic() + seconds
    while True:
        if value := found():
            return value
        assert time.monotonic() < deadline, f"nothing came: {gateway.stderr()[-3000:] if gateway else ''}"
        time.sleep(0.05)
