"""Parts of a running or a new gateway that are broken on purpose, for the tests of `docs/fail-closed.md`."""

import shutil
import time
from contextlib import contextmanager
from pathlib import Path

import wire
from test_faults import Faults

STORE = "interlock.db"
TOOL = "tickets__get_ticket"


def health(made, path: str) -> tuple[int, str]:
    answer = wire.exchange(made.gateway.people_port, "GET", path)
    return answer.status, answer.body.decode().strip()


def wait_for_health(made, path: str, status: int, word: str = "", seconds: float = 90) -> str:
    """Waits for this status and text, and returns the body."""
    deadline = time.monotonic() + seconds
    while True:
        found, text = health(made, path)
        if found == status and word in text:
            return text
        assert time.monotonic() < deadline, (found, text, made.gateway.stderr()[-2000:])
        time.sleep(0.1)


def breakable(made, library: Path) -> Faults:
    """Starts the gateway of `made` so that single system calls can be made to fail."""
    faults = Faults(made, library)
    faults.start()
    made.gateway.wait_for_tools("support-triage", "tickets")
    return faults


def ask(session: wire.Session, number: str = "T-1001") -> wire.Answer:
    return session.call(TOOL, id=number)


def check_refused(made, session: wire.Session, code: int, record: str | None = None) -> wire.Answer:
    """Requires that a call permitted by the policy is refused with this code, does not arrive, and is recorded with
    `record`."""
    before, newest = made.count("tickets", "get_ticket"), made.gateway.records(1)[-1]["index"]
    answer = ask(session)
    assert answer.code == code, answer.body
    assert made.count("tickets", "get_ticket") == before
    if record:
        wait_for_record(made, newest, "call.denied", record)
    return answer


def wait_for_record(made, after: int, kind: str, code: str, seconds: float = 30) -> dict:
    deadline = time.monotonic() + seconds
    while True:
        found = [one for one in made.gateway.records(50, type=kind) if one["index"] > after and one.get("code") == code]
        if found:
            return found[-1]
        assert time.monotonic() < deadline, [(one["t"], one.get("code")) for one in made.gateway.records(20)]
        time.sleep(0.1)


def wait_until_served(made, session: wire.Session, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    # Above the connections that there are, 503 is the answer, without a body.
    while (answer := ask(session)).status == 503 or answer.code is not None:
        assert time.monotonic() < deadline, answer.body
        time.sleep(0.1)


@contextmanager
def harmed(path: Path, text: bytes | None):
    """Gives the file or folder this text, or removes it if `text` is None, until the end of the block."""
    beside = path.with_name(path.name + ".kept")
    path.rename(beside)
    try:
        if text is not None:
            path.write_bytes(text)
            path.chmod(0o600)
        yield
    finally:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        beside.rename(path)


def check_does_not_start(made, codes: set[int], *words: str) -> str:
    """Requires that `serve` exits with one of these codes, prints these words and never listens."""
    process = made.gateway.launch()
    try:
        assert process.wait(60) in codes, (process.returncode, made.gateway.stderr()[-2000:])
    finally:
        made.gateway.kill()
    printed = made.gateway.stderr()
    assert "ready agents" not in printed
    for word in words:
        assert word in printed, printed[-2000:]
    return printed
