"""A signer whose file is damaged, whose socket is wanted by others, and whose memory nobody may read
(docs/decisions/0194)."""

from pathlib import Path

import pytest

from test_signer import signed  # noqa: F401

pytestmark = pytest.mark.requirement("R097")


def test_nobody_reads_the_signers_memory(signed):
    made, signer = signed(start=False)
    process = Path(f"/proc/{signer.process.pid}")
    assert (process / "mem").stat().st_uid == 0, "it is not dumpable"
    limits = [line.split() for line in (process / "limits").read_text().splitlines() if "core file" in line]
    assert limits[0][4:6] == ["0", "0"], limits
    if not signer.is_root:
        with pytest.raises(PermissionError):
            (process / "environ").read_bytes()
