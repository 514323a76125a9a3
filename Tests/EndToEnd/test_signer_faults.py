"""A signer whose file is damaged, whose socket is wanted by others, and whose memory nobody may read
(docs/decisions/0194)."""

import os
import subprocess
from pathlib import Path

import pytest

from test_signer import signed  # noqa: F401

pytestmark = pytest.mark.requirement("R097")


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
