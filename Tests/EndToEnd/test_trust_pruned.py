"""The log of which the first bundle was removed: what is left is compared with its checkpoint (docs/specs/trust-and-review.md,
section 11). A world of its own, since nothing can be counted afterwards."""

import shutil
import time

import pytest

from test_trust import TOOL, status, world  # noqa: F401  the fixture

pytestmark = pytest.mark.requirement("R123", "R128")


def test_a_log_without_its_beginning_is_checked_all_the_same(world):
    world.gateway.wait_for_tools("clerk", "tickets", purpose="visit", ttl="8h")
    client = world.client("clerk", purpose="visit", ttl="8h")
    # A bundle has 256 records, and calls beyond the limits of a client may have none.
    deadline = time.monotonic() + 90
    while world.newest() < 320:
        assert time.monotonic() < deadline, world.newest()
        for _ in range(10):
            client.call(TOOL, id="T-1001")
    assert status(world)["whole"] is True
    world.hang_up()
    world.gateway.stop()
    # Everything is published at a stop: nothing is read from the segments.
    shutil.rmtree(world.gateway.ledger / "wal")
    entries = world.gateway.ledger / "log" / "tile" / "entries"
    (entries / "000").unlink()
    assert status(world)["whole"] is False
    assert "earlier records are not here" in world.gateway.run("trust", "status", "clerk", check=False).stdout
    assert world.gateway.run("audit", "gaps", check=False).returncode in (0, 1)
    changed = 0
    for bundle in [one for one in entries.rglob("*") if one.is_file()]:
        text = bundle.read_bytes()
        # Each record has its time, whatever became of its call.
        changed += text.count(b'"ts":1')
        bundle.write_bytes(text.replace(b'"ts":1', b'"ts":2'))
    assert changed > 0
    for words in (("trust", "status", "clerk"), ("audit", "gaps")):
        done = world.gateway.run(*words, check=False)
        assert done.returncode == 65, (words, done.stdout, done.stderr)
