"""Processes whose wall clock shows another time, with Debian's `faketime`."""

import os
import shutil
import subprocess
import uuid
from pathlib import Path

from conftest import missing


def check_faketime() -> None:
    if shutil.which("faketime") is None:
        missing("no `faketime`: run scripts/setup")


def later(seconds: int) -> dict[str, str]:
    """The environment of a process whose wall clock is ahead by `seconds`, or behind; its other clocks are real."""
    return {**faked(f"{seconds:+}"), "DONT_FAKE_MONOTONIC": "1"}


def at(moment: str) -> dict[str, str]:
    """The environment of a process whose wall clock starts at this moment in UTC; its other clocks are real."""
    return {**faked(f"@{moment}", TZ="UTC"), "TZ": "UTC"}


def by_file(path: Path) -> dict[str, str]:
    """The environment of a process whose wall clock always has the offset that the file states."""
    shown = faked("+0")
    shown.pop("FAKETIME", None)
    return {**shown, "FAKETIME_TIMESTAMP_FILE": str(path), "FAKETIME_NO_CACHE": "1", "DONT_FAKE_MONOTONIC": "1"}


def faked(shift: str, **environment: str) -> dict[str, str]:
    """The variables that `faketime` itself would set. Its shared memory has the name of a process that has ended, which
    another may have by now, so it gets a name of its own."""
    check_faketime()
    shown = subprocess.run(["faketime", "-m", "-f", shift, "env"], check=True, capture_output=True, text=True,
                           env={**os.environ, **environment}).stdout
    names = ("LD_PRELOAD", "FAKETIME", "DONT_FAKE_MONOTONIC")
    found = dict(line.split("=", 1) for line in shown.splitlines() if line.split("=")[0] in names)
    name = uuid.uuid4().hex
    return {**found, "FAKETIME_SHARED": f"/faketime_sem_{name} /faketime_shm_{name}"}
