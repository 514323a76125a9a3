"""The real engines of the search without memory, with an error, hanging and crashing: nothing passes unsearched
(docs/specs/output-safety.md, sections 5 and 10). `fixtures/engine_faults.c` is loaded into the program."""

import http.client
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import FIXTURES
from deployment import Failure
from faulty import FaultyServer
from governed import agent, governed, policy, server
from waits import until
from wire import Session

sys.path.insert(0, str(FIXTURES))
from faulty_server import TOKEN  # noqa: E402

pytestmark = pytest.mark.requirement("R082", "R070")

# A token behind so many bytes: the answer is searched at once, and on the thread of the search.
AT_ONCE, IN_PARTS = "long 40000", "long 200000"
# Sizes in bytes: more than any other text of these tests has, and more than is searched at once.
MOST_OF_OTHERS, MOST_AT_ONCE = 20_000, 100_000


class Engine:
    """The file that says which call of an engine fails."""

    def __init__(self, library: Path, folder: Path):
        self.control, self.hits_file = folder / "engine", folder / "engine.hits"
        # A crash is to end the process at once.
        self.environment = {"LD_PRELOAD": str(library), "ENGINE_FAULTS": str(self.control), "SWIFT_BACKTRACE": "enable=no"}

    def set(self, line: str) -> None:
        self.clear()
        beside = self.control.with_suffix(".new")
        beside.write_text(line + "\n")
        beside.replace(self.control)

    def clear(self) -> None:
        self.control.unlink(missing_ok=True)
        self.hits_file.unlink(missing_ok=True)

    @property
    def hits(self) -> list[str]:
        return self.hits_file.read_text().splitlines() if self.hits_file.exists() else []


# The end of one process by its code, and a part of what it prints.
ENDS = {
    "hs_alloc_scratch 0 refuse": (70, "no memory for the rules"),
    "libhs 0 refuse": (70, "no memory for the rules"),
    "libhs 4096 refuse": (70, "no memory for the rules"),
    "hs_scan 0 refuse": (70, "vectorscan ended the search"),
    "libre2 0 refuse": (-signal.SIGABRT, "bad_alloc"),
    "libre2 256 refuse": (-signal.SIGABRT, "bad_alloc"),
    "hs_scan 0 crash": (-signal.SIGSEGV, ""),
}


@pytest.mark.parametrize("line", ENDS)
@pytest.mark.parametrize("words", [(), ("--direction", "arguments")], ids=["files", "calls"])
def test_a_file_is_not_called_clean_by_an_engine_that_fails(binary, engine_library, tmp_path, line, words):
    engine = Engine(engine_library, tmp_path)
    (tmp_path / "clean").write_text("plain words\n" * 1000)
    (tmp_path / "token").write_text("plain words\n" * 1000 + TOKEN)

    def ended(name: str) -> subprocess.CompletedProcess:
        done = subprocess.run([binary, "safety", "test", name, *words], capture_output=True, text=True, cwd=tmp_path,
                              timeout=60, env={"PATH": "/usr/bin:/bin", **engine.environment})
        assert TOKEN not in done.stdout + done.stderr
        return done

    assert [ended(name).returncode for name in ("clean", "token")] == [0, 1]
    code, said = ENDS[line]
    engine.set(line)
    for name in ("clean", "token"):
        done = ended(name)
        assert engine.hits and done.returncode == code and said in done.stderr and not done.stdout, done


def written(port: int) -> str:
    tools = "\ntools:\n  echo: {class: read}\n  leaky: {class: read}\n"
    return policy("servers:", server("faulty", port, tools), "agents:", agent("reader", "mcp_scopes: {faulty: [read]}"))


@pytest.fixture(scope="module")
def world(binary, people, engine_library, tmp_path_factory):
    with FaultyServer(tmp_path_factory.mktemp("engine"), "http") as faulty:
        with governed(binary, people, lambda _: written(faulty.port), servers=(), start=False) as world:
            world.faulty, world.engine = faulty, Engine(engine_library, tmp_path_factory.mktemp("control"))
            yield world


@pytest.fixture
def session(world) -> Session:
    """A session with a gateway whose engines work, and that searched for an agent before."""
    world.gateway.kill()
    world.engine.clear()
    world.gateway.start(environment=world.engine.environment)
    world.gateway.wait_for_tools("reader", "faulty")
    session = Session(world.gateway.port, world.gateway.token("reader"))
    assert session.call("faulty__echo", text="plain").code is None
    yield session
    world.engine.clear()


def check_replaced(session: Session, form: str) -> bool:
    answer = session.call("faulty__leaky", text=form)
    assert TOKEN.encode() not in answer.body
    return answer.code is None and b"[redacted:github-token:" in answer.body


def ends_since(world, index: int, kind: str) -> list[dict]:
    return [one for one in world.gateway.records(40, type=kind) if one["index"] > index]


def test_a_gateway_whose_engine_has_no_memory_does_not_start(world):
    world.gateway.kill()
    world.engine.set("hs_alloc_scratch 0 refuse")
    with pytest.raises(Failure, match="serve ended with"):
        world.gateway.start(environment=world.engine.environment)
    assert world.engine.hits and "no memory for the rules" in world.gateway.stderr()


@pytest.mark.parametrize("form, line", [
    (AT_ONCE, f"hs_scan {MOST_OF_OTHERS} refuse"), (IN_PARTS, f"hs_scan {MOST_AT_ONCE} refuse"),
    # The thread of the search has searched nothing yet, so that it needs scratch of its own.
    (IN_PARTS, "hs_alloc_scratch 0 refuse"),
], ids=["error at once", "error in parts", "no memory"])
def test_an_answer_that_the_engine_did_not_search_is_withheld(world, session, form, line):
    before, newest = world.faulty.arrived("leaky"), world.gateway.records(1)[-1]["index"]
    world.engine.set(line)
    answer = session.call("faulty__leaky", text=form)
    assert world.engine.hits and answer.code == 5020 and b"scan-failed" in answer.body, answer.body[:500]
    assert TOKEN.encode() not in answer.body and world.faulty.arrived("leaky") == before + 1
    assert [one["st"] for one in ends_since(world, newest, "call.outcome")] == ["withheld"]
    world.engine.clear()
    assert check_replaced(session, form)
    assert world.gateway.process.poll() is None


def test_arguments_that_the_engine_did_not_search_are_not_sent(world, session):
    before, newest = world.faulty.arrived("echo"), world.gateway.records(1)[-1]["index"]
    world.engine.set(f"hs_scan {MOST_OF_OTHERS} refuse")
    answer = session.call("faulty__echo", text="word " * (MOST_OF_OTHERS // 4))
    assert world.engine.hits and answer.code == 4030 and b"scan-failed" in answer.body, answer.body[:500]
    assert world.faulty.arrived("echo") == before
    until(lambda: ends_since(world, newest, "call.denied"), world.gateway)


def test_an_engine_that_hangs_lets_nothing_through(world, session):
    newest = world.gateway.records(1)[-1]["index"]
    world.engine.set(f"hs_scan {MOST_AT_ONCE} hang")
    answer = session.call("faulty__leaky", text=IN_PARTS)
    # It still hangs: the file is there.
    assert world.engine.hits and world.engine.control.exists()
    assert answer.code == 5020 and TOKEN.encode() not in answer.body, answer.body[:500]
    assert [one["code"] for one in ends_since(world, newest, "call.outcome")] == ["safety.scan_late"]
    world.engine.clear()
    until(lambda: check_replaced(session, IN_PARTS), world.gateway)


@pytest.mark.parametrize("line, number", [
    (f"hs_scan {MOST_OF_OTHERS} crash", signal.SIGSEGV), ("libre2 0 refuse", signal.SIGABRT)], ids=["crash", "RE2 has no memory"])
def test_an_engine_that_crashes_ends_the_process_and_the_call_is_lost(world, session, line, number):
    before, newest = world.faulty.arrived("leaky"), world.gateway.records(1)[-1]["index"]
    world.engine.set(line)
    try:
        body = session.call("faulty__leaky", text=AT_ONCE).body
    except http.client.IncompleteRead as error:
        body = error.partial
    except (OSError, http.client.HTTPException):
        body = b""
    assert TOKEN.encode() not in body and b"word word" not in body
    assert world.gateway.process.wait(30) == -number, world.gateway.stderr()[-2000:]
    assert world.engine.hits and world.faulty.arrived("leaky") == before + 1
    world.gateway.process = None
    world.engine.clear()
    world.gateway.start(environment=world.engine.environment)
    unknown = until(lambda: ends_since(world, newest, "call.unknown"), world.gateway)
    assert len(unknown) == 1 and not ends_since(world, newest, "call.outcome")
    assert world.gateway.stop() == 0 and world.gateway.verify().returncode == 0
