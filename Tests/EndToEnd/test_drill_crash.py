"""kill -9 on the way of a drill: nobody is stopped after the next start, and the drill's halt is released by itself."""

import pytest

import waits
from test_approval_crash import LOG
from test_kill import is_halted
from test_kill_crash import EPOCH, ORDER, active, crashing, made  # noqa: F401


def drill(made):
    return made.gateway.run("drill", "run", check=False, seconds=60)


@pytest.mark.requirement("R113")
@pytest.mark.parametrize("call, after", [
    ("rename", ("/kill/drill.json", 0)), ("rename", (ORDER, 0)), ("rename", (EPOCH, 0)), ("rename", (ORDER, 1)),
    ("rename", (EPOCH, 1)), ("fdatasync", (LOG, 3))],
    ids=["keys named", "halt named", "halt's epoch named", "release named", "release's epoch named", "recorded"])
def test_a_drill_that_dies_on_its_way_stops_nobody(crashing, made, call, after):
    crashing.dies(after, lambda: drill(made), call)
    crashing.start()
    assert not is_halted(made) and not is_halted(made, "refunds")
    waits.until(lambda: active(made) == [], seconds=15)
    done = drill(made)
    assert done.returncode == 0, done.stdout + done.stderr
