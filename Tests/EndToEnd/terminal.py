"""A program at a terminal of its own, with typed input."""

import fcntl
import os
import pty
import select
import subprocess
import termios
import time
from contextlib import suppress


def to_the_end(ours: int) -> bytes:
    """Returns what a terminal shows until no process has it open any more, and closes it."""
    shown = b""
    with suppress(OSError):  # EIO, once no process has it open
        while part := os.read(ours, 65536):
            shown += part
    os.close(ours)
    return shown


def at_terminal(words: list[str], *answers: tuple[str, str], seconds: float = 60, **options) -> tuple[int, str]:
    """Returns the exit code and the whole output; each answer is typed once its question is shown. `options` are those
    of Popen."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        words, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0), **options)
    os.close(theirs)
    shown, place, waiting = "", 0, list(answers)
    deadline = time.monotonic() + seconds
    while True:
        assert time.monotonic() < deadline, shown
        if select.select([ours], [], [], 0.1)[0]:
            try:
                shown += os.read(ours, 65536).decode(errors="replace")
            except OSError:
                break
        if waiting and waiting[0][0] in shown[place:]:
            place = len(shown)
            os.write(ours, (waiting.pop(0)[1] + "\n").encode())
    os.close(ours)
    code = child.wait(20)
    assert not waiting, (waiting, shown)
    return code, shown
