"""A disk that fills up under load: refusals, no loss, and calls again once there is room."""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

import counters
import ledgerfile
from conftest import UNREUSED, missing

MIB = 1 << 20


@pytest.fixture
def disk(tmp_path):
    """A mounted ext4 of 512 MiB of its own."""
    if os.geteuid() != 0:
        missing("mounting a disk needs root")
    # The path of a socket has at most 107 bytes.
    image, folder = tmp_path / "disk.img", Path(tempfile.mkdtemp(prefix="disk-"))
    with image.open("wb") as file:
        file.truncate(512 * MIB)
    subprocess.run(["mkfs.ext4", "-q", "-m", "0", image], check=True, timeout=60)
    mounted = subprocess.run(["mount", "-o", "loop", image, folder], capture_output=True, text=True, timeout=60)
    if mounted.returncode != 0:
        missing(f"no loop mount here: {mounted.stderr.strip()}")
    yield folder
    for _ in range(50):
        if subprocess.run(["umount", folder], capture_output=True, timeout=60).returncode == 0:
            folder.rmdir()
            break
        time.sleep(0.2)


def fill(path: Path, leave: int) -> None:
    """Writes a file until only `leave` bytes are free."""
    with path.open("wb") as file:
        while (free := shutil.disk_usage(path.parent).free) > leave:
            try:
                file.write(b"\0" * min(MIB, free - leave))
                file.flush()
            except OSError:
                break
        os.fsync(file.fileno())


@pytest.mark.alone
@pytest.mark.requirement("R148")
@pytest.mark.parametrize("leave", [8 * MIB, 0], ids=["below the mark", "not a byte left"])
def test_a_full_disk_refuses_and_loses_nothing(organisation, disk, leave):
    made = organisation(state=disk / "deployment", start=False, segment=UNREUSED)
    made.gateway.configure("ledger", soft_mark="64MiB", hard_mark="32MiB", beat="1s")
    made.gateway.start()
    try:
        made.gateway.wait_for_tools("support-triage", "tickets")
        session = made.session("support-triage")
        ran = [f"before-{number}" for number in range(20)]
        for text in ran:
            assert session.call("tickets__search", text=text).code is None

        fill(disk / "filler", leave)
        deadline, number = time.monotonic() + 60, 0
        while (answer := session.call("tickets__search", text=f"full-{number}")).code is None:
            ran.append(f"full-{number}")
            number += 1
            assert time.monotonic() < deadline, "the disk is full and calls are still let in"
        # Either part may notice it first.
        told = answer.body.decode()
        assert answer.code == 4030 and ("audit" in told or "the store does not keep" in told), told
        for number in range(20):
            assert session.call("tickets__search", text=f"refused-{number}").code == 4030
        assert made.gateway.process.poll() is None

        (disk / "filler").unlink()
        deadline = time.monotonic() + 60
        while session.call("tickets__search", text="after").code is not None:
            assert time.monotonic() < deadline, "there is room again and calls are still refused"
            time.sleep(0.2)
        ran.append("after")
    finally:
        made.gateway.stop()

    assert [call["text"] for call in counters.calls(made.data, "tickets", "search")] == ran
    assert made.gateway.verify().returncode == 0
    records = ledgerfile.read(made.gateway.folder / "state" / "ledger")
    assert set(ledgerfile.intents(records)) <= set(ledgerfile.closings(records))
    levels = [one.leaf["level"] for one in records if one.leaf["t"] == "log.full"]
    assert "hard" in levels and levels[-1] == "clear", "the condition has its end"


@pytest.mark.parametrize("leave", [8 * MIB, 0], ids=["below the mark", "not a byte left"])
def test_a_start_on_a_full_disk_ends_and_changes_nothing(organisation, disk, tmp_path, leave):
    """A start records which policy decides before it listens, and a full log takes no such record."""
    made = organisation(state=disk / "deployment", start=False, segment=UNREUSED)
    made.gateway.configure("ledger", soft_mark="64MiB", hard_mark="32MiB", beat="1s")
    # What the gateway prints has its place on another disk.
    made.gateway.log = tmp_path / "printed"
    made.gateway.start()
    try:
        made.gateway.wait_for_tools("support-triage", "tickets")
        assert made.session("support-triage").call("tickets__search", text="before").code is None
        made.gateway.stop()
        fill(disk / "filler", leave)
        assert made.gateway.launch().wait(60) == 74, made.gateway.stderr()
        printed = made.gateway.stderr()
        assert "ready agents" not in printed
        if leave:
            assert "audit.full" in printed and "free space on it, then start again" in printed, printed[-2000:]
        (disk / "filler").unlink()
        made.gateway.start()
        made.gateway.wait_for_tools("support-triage", "tickets")
        assert made.session("support-triage").call("tickets__search", text="after").code is None
    finally:
        made.gateway.stop()
    assert made.gateway.verify().returncode == 0
    assert [call["text"] for call in counters.calls(made.data, "tickets", "search")] == ["before", "after"]
    # The failed start noted the full disk, and the next one its end.
    records = ledgerfile.read(made.gateway.folder / "state" / "ledger")
    levels = [one.leaf["level"] for one in records if one.leaf["t"] == "log.full"]
    assert levels[-1:] == ["clear"] or not levels, levels
