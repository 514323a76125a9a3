"""One system call of a running gateway fails under load, and so does its twin, which fails although it took effect
(docs/specs/ledger.md, section 22). `fixtures/faults.c` is loaded into the program and configured to break a call;
afterwards the callers, the upstreams' databases and the bytes of the ledger are compared."""

import itertools
import shutil
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from clocks import by_file
from conftest import UNREUSED, organise
from test_crash import Load, check

SEGMENT, PACK = ".seg$", ".pack"
STAGED, TILE, CHECKPOINT, GUARD = "/publish-", "/log/tile/", "/log/checkpoint$", "guard.checkpoint"
CALLERS = 3

# The call, a part of its file's path, and its failure. Afterwards the state of the disk is unknown: the process ends,
# and the next start determines it.
ENDS = [(call, SEGMENT, how) for call in ("pwrite", "fdatasync") for how in ("EIO", "EIO+", "ENOSPC", "ENOSPC+")] + [
    ("fsync", STAGED, "EIO"), ("fsync", STAGED, "EIO+"), ("fsync", GUARD, "EIO")]
# Failures that are retried: calls continue.
GOES_ON = [(call, file, how) for call, file in (
    ("pwrite", STAGED), ("rename", TILE), ("rename", CHECKPOINT), ("pwrite", GUARD), ("rename", GUARD))
    for how in ("EIO", "EIO+")] + [("pwrite", STAGED, "ENOSPC"), ("pwrite", SEGMENT, "short")]


numbers = itertools.count()  # numbers of calls: each has unique text


class Faults:
    """An organisation whose gateway can be broken one call at a time."""

    def __init__(self, made, library: Path):
        self.made, self.library = made, library
        self.control = made.folder / "fault"
        self.hits_file = made.folder / "fault.hits"
        self.answered, self.tokens = [], []
        made.gateway.configure("ledger", beat="1s")

    def start(self, **environment: str) -> None:
        self.made.gateway.kill()  # ends the gateway that a failed test may have left
        self.clear()
        preload = ":".join(filter(None, (str(self.library), environment.pop("LD_PRELOAD", None))))
        self.made.gateway.start(environment={**environment, "LD_PRELOAD": preload, "FAULTS": str(self.control)})

    def set(self, call: str, part: str, how: str, after: int = 0, times: int = 1) -> None:
        beside = self.control.with_suffix(".new")
        beside.write_text(f"{call} {part} {after} {times} {how}\n")
        beside.replace(self.control)

    def clear(self) -> None:
        self.control.unlink(missing_ok=True)
        self.hits_file.unlink(missing_ok=True)

    def hits(self) -> list[str]:
        return self.hits_file.read_text().splitlines() if self.hits_file.exists() else []

    def wait(self, what, seconds: float = 60):
        deadline = time.monotonic() + seconds
        while not (found := what()):
            assert time.monotonic() < deadline, (self.hits(), self.made.gateway.stderr()[-2000:])
            time.sleep(0.05)
        return found

    def load(self) -> Load:
        while len(self.tokens) < CALLERS:
            self.tokens.append(self.made.token("support-triage", ttl="8h"))
        load = Load(self.made.gateway.port, self.tokens, numbers)
        self.wait(lambda: load.answered)
        return load

    def ended(self, load: Load) -> None:
        load.join()
        self.answered += load.answered

    def stop(self) -> None:
        assert self.made.gateway.stop() == 0
        done = self.made.gateway.verify()
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def faults(binary, people, fault_library):
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="interlock-e2e-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        made = organise(stack, binary, people, folder, start=False, segment=UNREUSED)
        yield Faults(made, fault_library)


def named(fault) -> str:
    return " ".join(fault)


@pytest.mark.parametrize("fault", ENDS, ids=named)
def test_the_process_ends_and_the_next_one_finds_out(faults, fault):
    faults.start()
    load = faults.load()
    faults.set(*fault, after=2)
    process = faults.made.gateway.process
    faults.wait(lambda: process.poll() is not None)
    assert process.returncode == 74, faults.made.gateway.stderr()[-2000:]
    assert fault[0].removeprefix("p") in faults.made.gateway.stderr().splitlines()[-1]
    assert len(faults.hits()) == 1
    faults.made.gateway.process = None
    faults.ended(load)
    faults.start()
    faults.stop()


@pytest.mark.parametrize("fault", GOES_ON, ids=named)
def test_calls_go_on_and_the_next_try_succeeds(faults, fault):
    faults.start()
    load = faults.load()
    faults.set(*fault, after=1)
    faults.wait(faults.hits)
    before = len(load.answered)
    faults.wait(lambda: len(load.answered) > before + CALLERS)
    faults.ended(load)
    faults.stop()


def test_a_log_that_cannot_be_published_says_so_and_goes_on(faults):
    """Records stay in the write-ahead log until there is room for tiles again."""
    faults.start()
    load, checkpoint = faults.load(), faults.made.gateway.ledger / "log" / "checkpoint"
    faults.set("pwrite", STAGED, "ENOSPC", times=0)
    faults.wait(lambda: [one for one in faults.made.gateway.records(50, type="alarm.raised")
                         if one["code"] == "audit.publish"])
    published, before = checkpoint.read_bytes(), len(load.answered)
    faults.wait(lambda: len(load.answered) > before + CALLERS)
    assert checkpoint.read_bytes() == published
    faults.clear()
    faults.wait(lambda: checkpoint.read_bytes() != published)
    faults.ended(load)
    faults.stop()


def test_a_clock_set_back_is_recorded_and_changes_no_order(faults):
    clock = faults.made.folder / "clock"
    clock.write_text("+0\n")
    faults.start(**by_file(clock))
    load = faults.load()
    # Tokens of what is now the future are invalid, so no calls are made meanwhile.
    for moment, count in (("-3600", 1), ("+0", 2)):
        clock.write_text(f"{moment}\n")
        faults.wait(lambda: len(steps(faults)) == count)
    assert [round(one["step"] / 1_000_000) for one in steps(faults)] == [-3600, 3600]
    before = len(load.answered)
    faults.wait(lambda: len(load.answered) > before)
    faults.ended(load)
    faults.stop()


def steps(faults) -> list[dict]:
    return faults.made.gateway.records(50, type="clock.step")


@pytest.mark.requirement("R071")
def test_callers_servers_and_ledger_agree_after_all_of_it(faults):
    """No call upstream without its intent, one end for each intent, and no answer without a record."""
    check(faults.made, faults.answered)


def test_a_payload_without_a_place_stops_its_call_alone(organisation, fault_library):
    """More than 64 KiB of arguments are written to a pack before their intent is queued."""
    faults = Faults(organisation(start=False), fault_library)
    faults.start()
    faults.made.gateway.wait_for_tools("support-triage", "tickets")
    session = faults.made.session("support-triage")
    assert session.call("tickets__search", text="x" * 70_000).code is None
    for how in ("ENOSPC", "EIO", "EIO+"):
        before = faults.made.count("tickets", "search")
        # The publication of the calls before may write a pack at the same time.
        faults.set("pwrite", PACK, how, times=0)
        refused = session.call("tickets__search", text="y" * 70_000)
        assert faults.hits() and refused.code == 4030 and b"audit" in refused.body, (how, faults.hits(), refused.body)
        faults.clear()
        assert faults.made.count("tickets", "search") == before
        assert session.call("tickets__search", text="z" * 70_000).code is None
    faults.stop()


def test_yesterday_s_folder_is_refused_by_what_the_guard_remembers(organisation, tmp_path):
    made = organisation(start=False)
    guard = tmp_path / "guard"
    guard.mkdir(mode=0o700)
    made.gateway.configure("ledger", guard=f'"{guard / "copy.checkpoint"}"')
    state = made.gateway.folder / "state"
    (state / "guard.checkpoint").rename(guard / "copy.checkpoint")
    made.gateway.start()
    made.gateway.stop()
    shutil.copytree(state, tmp_path / "yesterday", ignore=shutil.ignore_patterns("*.sock"))
    made.gateway.start()
    made.gateway.wait_for_tools("support-triage", "tickets")
    assert made.session("support-triage").call("tickets__search", text="today").code is None
    made.gateway.stop()
    shutil.rmtree(state)
    shutil.copytree(tmp_path / "yesterday", state)
    state.chmod(0o700)
    process = made.gateway.launch()
    assert process.wait(30) == 65
    assert "audit.rolled_back" in made.gateway.stderr()
    made.gateway.process = None
