"""A signer whose file is damaged, whose socket is wanted by others, and whose memory nobody may read
(docs/decisions/0194)."""

import json
import os
import subprocess
import time
from pathlib import Path

import pytest

from signing import received, refusal
from test_signer import begin, search, signed  # noqa: F401

pytestmark = pytest.mark.requirement("R097")

SLOT, SECTOR = 4096, 512


def numbers(file: bytes) -> list[int]:
    """The number of the write of each slot."""
    return [int.from_bytes(file[place:place + 8], "big") for place in (0, SLOT)]


def test_a_write_that_a_crash_tore_is_a_warning(signed):
    """The newest slot is torn before its signature left: the tree before it is signed on, and it is said everywhere."""
    made, signer = signed(start=False)
    path = signer.keys / "signed.tree"
    begin(made)
    assert made.gateway.stop() == 0
    origin, size, root = signer.status()
    signer.kill()
    file = bytearray(path.read_bytes())
    place = SLOT * (1 - max(range(2), key=lambda slot: numbers(file)[slot]))
    # The next write, of which one sector reached the disk.
    file[place:place + SECTOR] = sector(max(numbers(file)) + 1, b"\x5a" * (SECTOR - 12))
    path.write_bytes(file)
    signer.start()
    assert "a slot of `signed.tree` was damaged" in signer.said()
    assert signer.status() == (origin, size, root)
    told = subprocess.run([signer.binary, "signer", "status", "--socket", signer.socket],
                          capture_output=True, text=True, timeout=20)
    assert told.returncode == 0 and "warning: a slot of `signed.tree`" in told.stdout, told
    told = subprocess.run([signer.binary, "signer", "status", "--socket", signer.socket, "--json"],
                          capture_output=True, text=True, timeout=20)
    assert json.loads(told.stdout)["damaged"] is True
    doctor = made.gateway.run("doctor", "--host", "codex", check=False)
    assert "had a damaged slot" in doctor.stdout, doctor
    begin(made)
    assert search(made.session("support-triage"), "on").code is None
    assert made.gateway.stop() == 0
    assert made.gateway.verify().returncode == 0
    signer.kill()
    since = signer.log.stat().st_size
    signer.start()
    assert "damaged" not in signer.said(since), "it was written again"


def sector(number: int, content: bytes) -> bytes:
    head = number.to_bytes(8, "big")
    return head + crc32c(head + content).to_bytes(4, "big") + content


def crc32c(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def test_damage_to_the_newest_tree_gets_no_older_one_signed(signed):
    """The signature of the newest slot has left: a signer that forgot it would sign a fork."""
    made, signer = signed()
    assert search(made.session("support-triage"), "newest").code is None
    assert made.gateway.stop() == 0
    signer.kill()
    path = signer.keys / "signed.tree"
    good = path.read_bytes()
    newest = SLOT * max(range(2), key=lambda slot: numbers(good)[slot])
    for place in (newest + 100, newest + SLOT - 1):
        bad = bytearray(good)
        bad[place] ^= 1
        path.write_bytes(bad)
        with pytest.raises(AssertionError, match="is damaged"):
            signer.start()
        signer.process = None
    path.write_bytes(good)
    signer.start()
    begin(made)
    assert made.gateway.stop() == 0


def test_a_gateway_that_is_ahead_of_its_signer_is_refused(signed):
    """An older copy of the whole file cannot be told from a new one by the signer; the gateway's log tells."""
    made, signer = signed()
    old = (signer.keys / "signed.tree").read_bytes()
    session = made.session("support-triage")
    assert search(session, "ahead").code is None
    signer.kill()
    (signer.keys / "signed.tree").write_bytes(old)
    signer.start()
    # The gateway that runs asks for a tree that begins after what the signer knows.
    assert search(session, "refused").code == 4030
    made.gateway.kill()
    with pytest.raises(Exception, match="its folder is an older copy"):
        made.gateway.start()


def test_idle_connections_keep_no_call_out(signed):
    """One user opens more connections than there are, all the time, and sends nothing."""
    made, signer = signed()
    session = made.session("support-triage")
    idle = []
    for number in range(10):
        idle += [signer.connect() for _ in range(32)]
        assert search(session, f"crowd-{number}").code is None
    assert refusal(received(idle[0])) in ("unavailable", "late"), "the oldest gave way"
    late = signer.connect()
    started = time.monotonic()
    assert refusal(received(late)) == "late"
    assert time.monotonic() - started < 4, "a connection that sends nothing is closed soon"
    for one in idle:
        one.close()
    assert made.gateway.stop() == 0


def test_two_signers_have_two_sockets(signed):
    (made, signer), (other, second) = signed(start=False), signed(start=False)
    second.kill()
    user = {"user": signer.base.stat().st_uid, "extra_groups": []} if signer.is_root else {}
    taken = signer.socket.stat().st_ino
    refused = subprocess.run(
        [signer.binary, "signer", "--socket", signer.socket, "--keys", second.keys, "--user-of-serve", str(os.geteuid())],
        capture_output=True, text=True, timeout=20, **user)
    assert refused.returncode == 75 and "is in use by another process" in refused.stderr, refused
    assert signer.socket.stat().st_ino == taken
    assert signer.status()
    # A signer that was killed leaves a socket that the next one replaces.
    signer.kill()
    signer.start()
    assert signer.status()


def test_nobody_reads_the_signers_memory(signed):
    made, signer = signed(start=False)
    process = Path(f"/proc/{signer.process.pid}")
    assert (process / "mem").stat().st_uid == 0, "it is not dumpable"
    limits = [line.split() for line in (process / "limits").read_text().splitlines() if "core file" in line]
    assert limits[0][4:6] == ["0", "0"], limits
    if not signer.is_root:
        with pytest.raises(PermissionError):
            (process / "environ").read_bytes()
