"""Durable, then sent: the system calls of one governed call, in the order in which the kernel did them."""

import os
import re
import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path

from conftest import missing

MARKER = "lamp-8d1f62"
# The number of the thread is cut off. A system call during which others ran has two lines, the second at its end.
LINE = re.compile(r"^\d+ +(?:<\.\.\. )?(\w+)(.*)$")
RECORD = '\\"t\\":\\"{}\\"'


def moments(trace: str) -> list[str]:
    """What happened, from the agent's request to its answer: `intent` and `outcome` when the record is written, `flush`
    when a flush has succeeded, `sent` when the server gets the call, `answered` when the agent gets the result."""
    found: list[str] = []
    for line in trace.splitlines():
        match = LINE.match(line)
        if not match:
            continue
        name, rest = match.groups()
        begins = "resumed>" not in rest
        if name == "recvfrom" and MARKER in rest:
            found.append("asked")
        elif not found:
            continue
        elif name == "pwrite64" and begins:
            found += [what for what in ("intent", "outcome") if RECORD.format(f"call.{what}") in rest]
        elif name == "fdatasync" and rest.endswith("= 0"):
            found.append("flush")
        elif name in ("sendto", "sendmsg") and begins and MARKER in rest:
            found.append("sent")
        elif name in ("sendto", "sendmsg") and begins and "HTTP/1.1 200" in rest:
            found.append("answered")
            break
    return found


def child(parent: int) -> int:
    """The only child of a process, from /proc."""
    (found,) = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return int(found)


def test_the_intent_is_durable_before_the_call_is_sent_and_the_outcome_before_it_is_answered(organisation):
    if not shutil.which("strace"):
        missing("no strace")
    made = organisation(servers=("tickets",), start=False)
    trace = made.gateway.folder.parent / "trace"
    made.gateway.start(seconds=120, prefix=[
        "strace", "-f", "-qq", "-s", "16384", "-e", "trace=recvfrom,read,pwrite64,fdatasync,sendto,sendmsg,write,writev",
        "-o", str(trace)])
    pid = child(made.gateway.process.pid)
    try:
        made.gateway.wait_for_tools("support-triage", "tickets", seconds=60)
        answer = made.session("support-triage").call("tickets__search", text=MARKER)
        assert answer.code is None, answer
        time.sleep(0.5)
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)  # strace itself holds signals back
        made.gateway.process.wait(30)
    found = moments(trace.read_text(errors="replace"))
    assert found[0] == "asked" and found[-1] == "answered", found
    assert found.count("sent") == 1 and found.count("intent") == 1 and found.count("outcome") == 1, found
    sent = found.index("sent")
    assert "flush" in found[found.index("intent"):sent], found
    assert "flush" in found[found.index("outcome"):], found
    assert found.index("intent") < sent < found.index("outcome"), found
