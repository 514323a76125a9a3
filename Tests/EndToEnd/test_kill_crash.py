"""kill -9 after each write of a halt and of a release: the halts in force after the next start."""

import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from addresses import ADA, DANA, SAM
from conftest import UNREUSED, organise
from test_approval_crash import LOG, Crashing
from test_kill import is_halted

ORDER, EPOCH = "/kill/orders/", "/kill/epoch.json"


@pytest.fixture(scope="module")
def crashing(binary, people, fault_library):
    with ExitStack() as stack, ThreadPoolExecutor(2) as pool:
        folder = Path(tempfile.mkdtemp(prefix="interlock-e2e-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        made = organise(stack, binary, people, folder, servers=(), start=False, segment=UNREUSED)
        yield Crashing(made, fault_library, pool)


@pytest.fixture
def made(crashing):
    crashing.start()
    yield crashing.made
    crashing.stop()


def active(made) -> list[dict]:
    return made.gateway.json("kill", "--status")[0]["halts"]


def kill(made):
    return made.gateway.run("kill", "--agent", "support-triage", "--reason", "dies on the way", by=DANA, check=False)


def end_all(made) -> None:
    for halt in active(made):
        made.gateway.resume(halt["id"], ADA, SAM)
    assert not active(made)


@pytest.mark.parametrize("call, after", [
    ("write", (ORDER, 0)), ("fsync", (ORDER, 0)), ("rename", (ORDER, 0)), ("write", (EPOCH, 0)), ("fsync", (EPOCH, 0)),
    ("rename", (EPOCH, 0)), ("fdatasync", (LOG, 0))],
    ids=["written", "flushed", "named", "epoch written", "epoch flushed", "epoch named", "recorded"])
def test_a_halt_that_dies_on_its_way_is_in_force_or_stops_everything(crashing, made, call, after):
    crashing.dies(after, lambda: kill(made), call)
    crashing.start()
    # A truncated order could be any halt; a whole one is that halt, under any name.
    assert is_halted(made)
    assert {one["scope"] for one in active(made)} == {"agent"}, active(made)
    assert not is_halted(made, "refunds")
    end_all(made)
    assert not is_halted(made)


@pytest.mark.parametrize("call, after, released", [
    ("fdatasync", (LOG, 0), False), ("rename", (ORDER, 0), True), ("rename", (EPOCH, 0), True)],
    ids=["recorded", "named", "epoch named"])
def test_a_release_that_dies_on_its_way_resumes_nothing_that_two_people_did_not(crashing, made, call, after, released):
    halt = made.gateway.halt("--agent", "support-triage", by=DANA)
    release = made.gateway.ask_resume(halt, ADA)
    crashing.dies(after, lambda: made.gateway.confirm(release, SAM, check=False), call)
    crashing.start()
    assert is_halted(made) is not released
    assert {one["scope"] for one in active(made)} <= {"agent"}
    end_all(made)
