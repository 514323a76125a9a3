"""Processes that live at another time by their wall clock, by Debian's `faketime`."""

import shutil
import subprocess

from conftest import missing


def later(seconds: int) -> dict[str, str]:
    """The environment of a process that lives so much later, by its wall clock alone."""
    if shutil.which("faketime") is None:
        missing("no `faketime`: run scripts/setup")
    clock = subprocess.run(["faketime", "-m", "-f", f"+{seconds}", "env"], check=True, capture_output=True,
                           text=True).stdout
    names = ("LD_PRELOAD", "FAKETIME", "FAKETIME_SHARED")
    return {"DONT_FAKE_MONOTONIC": "1",
            **dict(line.split("=", 1) for line in clock.splitlines() if line.split("=")[0] in names)}
