"""A crash, or a full or broken disk, at each write of a result of evals: of the files that `interlock eval run` writes, and
of the record and the entry that let a result count (docs/specs/evals.md, section 12)."""

import json
import re
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

import evaluation
from addresses import ADA, LI
from conftest import UNREUSED, organise
from evaluation import AGENT
from governed import DENIED
from test_approval_crash import KILLED, LOG, STORE, Crashing

pytestmark = pytest.mark.requirement("R116")


class GatedCrashing(Crashing):
    """An organisation whose agent has a result, and then a wider policy that no result covers."""

    def __init__(self, made, library: Path, pool: ThreadPoolExecutor):
        super().__init__(made, library, pool)
        self.gateway, self.evals = made.gateway, evaluation.Evals(made.gateway)
        self.gateway.pin(ADA)
        self.evals.write()
        self.up()
        # The store's first flush after its making is that of its file's header.
        self.evals.evaluate()
        self.evals.widen()

    def up(self) -> None:
        self.start()
        self.gateway.wait_for_tools(AGENT, "tickets")

    def written(self) -> Path:
        """A new result on disk, which the gateway does not have."""
        done = self.gateway.run("eval", "run", AGENT, "--sign", "agent")
        return Path(re.search(rf"^result of {AGENT}: (.+)$", done.stderr, re.M)[1])

    def submit(self, path: Path) -> int:
        return self.gateway.run("eval", "gate", "--submit", str(path), check=False).returncode

    def told(self) -> int | None:
        return self.made.session(AGENT).call("tickets__search", text="lamp").code

    def recorded(self) -> list[str | None]:
        return [one.get("code") for one in self.gateway.records(300, type="eval.result")]


@pytest.fixture
def crash(binary, people, fault_library):
    with ExitStack() as stack, ThreadPoolExecutor(2) as pool:
        folder = Path(tempfile.mkdtemp(prefix="interlock-e2e-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        section = evaluation.signed_by(LI, people.public[LI])
        made = organise(stack, binary, people, folder, start=False, segment=UNREUSED,
                        extra={"org.yaml": lambda text: text + section})
        yield GatedCrashing(made, fault_library, pool)


@pytest.mark.parametrize("after, counts", [((LOG, 0), False), ((STORE, 0), True)], ids=["recorded", "kept"])
def test_a_crash_while_a_result_is_taken(crash, after, counts):
    path = crash.written()
    assert crash.told() == DENIED
    before = len(crash.recorded())
    crash.dies(after, lambda: crash.submit(path))
    crash.up()
    assert len(crash.recorded()) == before + 1, "the record comes first"
    assert (crash.told() is None) == counts
    # A result that does not count can be submitted again, one that does cannot.
    assert (crash.submit(path) == 0) != counts
    assert crash.told() is None
    assert crash.gateway.verify().returncode == 0 and crash.gateway.replay().returncode == 0


@pytest.mark.parametrize("part, how", [(LOG, "EIO"), (LOG, "ENOSPC"), (STORE, "EIO")])
def test_a_result_that_is_not_on_disk_does_not_count(crash, part, how):
    path = crash.written()
    crash.settle()
    crash.set("fdatasync", part, how, times=0)
    assert crash.submit(path) != 0
    assert crash.hits()
    crash.up()
    # The store's pages may be in its file although they could not be flushed; a record that could not be is cut off.
    told = crash.told()
    assert told == DENIED or part == STORE and told is None
    assert (crash.submit(path) == 0) == (told == DENIED)
    assert crash.told() is None and crash.gateway.verify().returncode == 0


@pytest.mark.parametrize("call, part, earlier", [
    ("write", "/results/", 0), ("fsync", "/results/", 0), ("rename", ".cases.json$", 0), ("fsync", "/results", 1),
    ("write", "/results/", 1), ("fsync", "/results/", 1), ("rename", ".json$", 1), ("fsync", "/results", 3),
])
def test_a_crash_while_a_result_is_written(crash, call, part, earlier):
    results = crash.evals.suite / "results"
    before = set(results.glob("*.json"))
    crash.set(call, part, "KILL+", after=earlier)
    words = ("eval", "run", AGENT, "--sign", "agent")
    done = crash.gateway.run(*words, check=False, environment={
        "LD_PRELOAD": str(crash.library), "FAULTS": str(crash.control)})
    assert done.returncode == KILLED and crash.hits(), done.stderr
    crash.clear()
    for path in results.glob("*.json"):
        json.loads(path.read_text())
    new = [path for path in set(results.glob("*.json")) - before if not path.name.endswith(".cases.json")]
    # Each file is whole or is not there, and a result is there only after its cases are.
    assert len(new) <= 1
    assert crash.evals.gate()[0] == (0 if new else 1)
    assert crash.gateway.run(*words).returncode == 0 and crash.evals.gate()[0] == 0
