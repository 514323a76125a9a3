"""A disk that fills up under load: refusals, no loss, and calls again once there is room."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

import counters
import ledgerfile
from conftest import UNREUSED, missing

pytestmark = pytest.mark.alone

MIB = 1 << 20


@pytest.fixture
def disk(tmp_path):
    """A mounted ext4 of 512 MiB of its own."""
    if os.geteuid() != 0:
        missing("mounting a disk needs root")
    image, folder = tmp_path / "disk.img", tmp_path / "disk"
    with image.open("wb") as file:
        file.truncate(512 * MIB)
    subprocess.run(["mkfs.ext4", "-q", "-m", "0", image], check=True, timeout=60)
    folder.mkdir()
    mounted = subprocess.run(["mount", "-o", "loop", image, folder], capture_output=True, text=True, timeout=60)
    if mounted.returncode != 0:
        missing(f"no loop mount here: {mounted.stderr.strip()}")
    yield folder
    for _ in range(50):
        if subprocess.run(["umount", folder], capture_output=True, timeout=60).returncode == 0:
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
    assert {"soft", "hard", "clear"} & {one.leaf.get("level") for one in records if one.leaf["t"] == "log.full"}
