"""A signer whose file is damaged, whose socket is wanted by others, and whose memory nobody may read
(docs/decisions/0194)."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from signing import received, refusal
from test_signer import search, signed  # noqa: F401

pytestmark = pytest.mark.requirement("R097")


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
