"""Processes below a process, and what they hold in memory, as /proc shows them."""

import os
from pathlib import Path


def descendants(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [one for child in map(int, children) for one in (child, *descendants(child))]


def memory_files(pid: int) -> list[Path]:
    """The open files of a process that lie in memory alone, such as the specification of a launch; none of a process whose
    descriptors the user of the tests may not list."""
    found = []
    try:
        for link in Path(f"/proc/{pid}/fd").iterdir():
            try:
                if os.readlink(link).startswith("/memfd:"):
                    found.append(link)
            except FileNotFoundError:
                pass  # it was closed
    except PermissionError:
        return []
    return found
