"""Processes whose wall clock shows another time, with Debian's `faketime`."""

import functools
import re
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
    return faked(f"@{moment}", TZ="UTC")


def by_file(path: Path) -> dict[str, str]:
    """The environment of a process whose wall clock always has the offset that the file states."""
    shown = faked("+0")
    shown.pop("FAKETIME", None)
    return {**shown, "FAKETIME_TIMESTAMP_FILE": str(path), "FAKETIME_NO_CACHE": "1", "DONT_FAKE_MONOTONIC": "1"}


def faked(shift: str, **environment: str) -> dict[str, str]:
    """The variables that `faketime -m -f SHIFT` itself would set. Its shared memory has the name of a process that has
    ended, which another may have by now, so it gets a name of its own."""
    name = uuid.uuid4().hex
    return {**environment, "LD_PRELOAD": library(), "FAKETIME": shift,
            "FAKETIME_SHARED": f"/faketime_sem_{name} /faketime_shm_{name}"}


def sweep(folder: Path = Path("/dev/shm")) -> None:
    """Removes the shared memory of processes that have ended. The library leaves that of each program that it is loaded into, and
    a later process with the same number does not start then."""
    for path in folder.iterdir():
        name = re.fullmatch(r"(?:sem\.faketime_sem|faketime_shm)_([1-9][0-9]*)", path.name)
        if name and not Path("/proc", name[1]).exists():
            path.unlink(missing_ok=True)


@functools.cache
def library() -> str:
    """What `faketime` preloads. It fails if a killed process left shared memory of the same number, so it is asked again."""
    check_faketime()
    for attempt in range(20):
        shown = subprocess.run(["faketime", "-m", "-f", "+0", "env"], check=attempt == 19, capture_output=True, text=True)
        for line in shown.stdout.splitlines():
            if line.startswith("LD_PRELOAD="):
                return line.partition("=")[2]
    raise AssertionError("`faketime` preloads nothing")
