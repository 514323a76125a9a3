"""The basis of the end-to-end tests: the built program, real servers, real clients, people with keys.

    INTERLOCK_BIN       the program; default .build/release/interlock
    INTERLOCK_PYTHONS   the folder of the Python environments; default .build/python
    INTERLOCK_SEED      the seed of the random moments; printed with each use
    ROUNDS              the rounds of the crash tests; default 3

A test without the program or an environment is skipped with the reason; with CI=true it fails, and so does a file that
would be skipped as a whole.
"""

import atexit
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = Path(__file__).resolve().parent / "fixtures"
sys.path.insert(0, str(ROOT / "Examples" / "support"))

import counters  # noqa: E402
import forkedpython  # noqa: E402
import make_organisation  # noqa: E402
from deployment import Deployment  # noqa: E402
from forking import ForkedUpstreams  # noqa: E402
from judging import judge  # noqa: E402
from people import People  # noqa: E402
from sdk import SDKClient  # noqa: E402
from wire import Session  # noqa: E402

SDKS = ("1.9.4", "1.22.0", "1.30.0", "2.3.0")
# 1.0.0 supports only stdio and HTTP+SSE, which the gateway does not offer.
CLIENTS = [("1.0.0", "stdio"), *((version, way) for version in SDKS for way in ("http", "stdio"))]
SPOKEN = {"1.0.0": "2024-11-05", "1.9.4": "2025-03-26", "1.22.0": "2025-06-18", "1.30.0": "2025-11-25",
          "2.3.0": "2026-07-28"}
# The agent with servers of PyPI, which take two more Python processes at each start.
DEVELOPERS = ("servers/developer.yaml", "agents/code-fix.yaml")
# The tests make hundreds of logs, each of which writes three segments of zeros, so the segments are small.
SEGMENT = "8MiB"
# Large enough that no segment is reused during a test, so that all records are in the write-ahead log.
UNREUSED = "64MiB"
UNLIMITED = {tier: "1000000/m" for tier in ("low", "medium", "high")}
# The tests of a file share agents and runs, and often repeat the same calls.
PATIENT = {
    "agent": "{same_write: 10 in 10s, same_read: 1000 in 10s, same_any: 50 in 10s, cycles: 8, denials: 20, "
             "denials_minute: 60, variants: 10 in 10s, refusals: 5}",
    "run": "{calls: 100000, wall: 7d}", "upstream": "{failures: 50, ratio: 0.9, of: 1000}"}
Deployment.breakers = PATIENT
SDKClient.start = staticmethod(forkedpython.client)
# The seconds that files took in one of the processes of scripts/test; each run of many files writes those of its own to
# MEASURED, from which the table is renewed: `cp .build/end-to-end-durations.txt Tests/EndToEnd/durations.txt`.
DURATIONS, MEASURED = Path(__file__).with_name("durations.txt"), ROOT / ".build" / "end-to-end-durations.txt"
# The seconds per test of a new file.
USUAL_SECONDS = 1.5
took: Counter[str] = Counter()


def pytest_configure(config):
    """A SIGTERM to the tests also ends the programs that they started: fixtures are undone as after ^C."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item):
    """Lets the windows of the file rest until its next test, unless that goes on with the page (`CONTINUES`)."""
    if browsing := sys.modules.get("browsing"):
        if not getattr(item.module, "CONTINUES", False):
            for window in list(browsing.Browser.opened):
                window.rest()


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    """Fails a file that lacks an import (`pytest.importorskip`), which would otherwise be skipped silently."""
    report = yield
    if report.skipped and os.environ.get("CI") == "true":
        report.outcome, report.longrepr = "failed", f"{collector.nodeid}: {report.longrepr[-1]}"
    return report


def durations() -> dict[str, float]:
    """The table of DURATIONS: file -> seconds."""
    rows = (line.split() for line in DURATIONS.read_text().splitlines() if not line.startswith("#"))
    return {name: float(seconds) for seconds, name in rows}


def pytest_collection_modifyitems(items):
    """Runs the files that take longest first: each process runs one file at a time, as in scripts/test, and none is
    left alone with a long file at the end."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return
    measured, counts = durations(), Counter(item.path.stem for item in items)
    expected = {name: measured.get(name, USUAL_SECONDS * count) for name, count in counts.items()}
    items.sort(key=lambda item: (-expected[item.path.stem], item.path.stem))


def pytest_runtest_logreport(report):
    took[Path(report.nodeid.partition("::")[0]).stem] += report.duration


def pytest_sessionfinish(session):
    """Writes the durations of a run that was divided among several processes."""
    if getattr(session.config.option, "numprocesses", None) and len(took) > 100:
        rows = [f"{seconds:6.1f} {name}\n" for name, seconds in took.most_common()]
        MEASURED.parent.mkdir(exist_ok=True)
        MEASURED.write_text("# Seconds of each file in one process beside others.\n" + "".join(rows))


def missing(reason: str):
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def interpreter(name: str) -> Path:
    """The Python of one environment of `requirements/`."""
    folder = Path(os.environ.get("INTERLOCK_PYTHONS", ROOT / ".build" / "python"))
    path = folder / name / "bin" / "python"
    if not path.exists():
        missing(f"no Python environment `{name}`: run scripts/setup")
    return path


@pytest.fixture(scope="session")
def binary() -> Path:
    path = Path(os.environ.get("INTERLOCK_BIN", ROOT / ".build" / "release" / "interlock")).absolute()
    if not path.exists():
        missing("the program is not built: run `make test` or `scripts/build`")
    return path


@pytest.fixture
def stack():
    """Closes the resources that a test opens, at its end."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def new(binary):
    """A user who has never used Interlock."""
    from newcomer import Newcomer  # which imports this module
    with Newcomer(binary) as newcomer:
        yield newcomer


@pytest.fixture(scope="session")
def verify(binary):
    """`interlock-verify`, compared with the verifier in Python."""
    def run(*words, expect: int | tuple[int, ...], is_of_the_page: bool = True) -> str:
        """Standard output and standard error of a run with the expected exit code, which must equal that of the Python
        verifier."""
        done = judge([binary.parent / "interlock-verify", *words], expect, env={})
        third = [sys.executable, ROOT / "Tests" / "Verifier" / "ledger_verifier.py", *words]
        other = forkedpython.verifier(third)
        assert not is_of_the_page or other.returncode == done.returncode, (
            f"the Python verifier: {other.returncode} {other.stderr}{done.stderr}")
        return done.stdout + done.stderr

    return run


@pytest.fixture(scope="session")
def launcher():
    """The launcher as an ordinary user starts it, compiled with faults."""
    import launching
    if launching.compiler() is None or not Path("/usr/include/seccomp.h").exists():
        missing("no C compiler or libseccomp-dev: run scripts/setup")
    made = launching.Launcher()
    yield made
    made.close()


@pytest.fixture(scope="session")
def seed() -> int:
    value = int(os.environ.get("INTERLOCK_SEED", "20261120"))
    print(f"seed {value}")
    return value


@pytest.fixture
def chance(seed, request) -> random.Random:
    """A generator of its own for each test, so that one test alone repeats its behaviour among the others."""
    return random.Random(f"{seed} {request.node.nodeid}")


@pytest.fixture(scope="session")
def fault_library(tmp_path_factory) -> Path:
    """`fixtures/faults.c`, for LD_PRELOAD."""
    return preloaded(tmp_path_factory.mktemp("faults"), "faults")


@pytest.fixture(scope="session")
def engine_library(tmp_path_factory) -> Path:
    """`fixtures/engine_faults.c`, for LD_PRELOAD. Exceptions pass through it."""
    return preloaded(tmp_path_factory.mktemp("faults"), "engine_faults", "-fexceptions")


def preloaded(folder: Path, name: str, *more: str) -> Path:
    if shutil.which("cc") is None:
        missing("no C compiler: run scripts/setup")
    path = folder / f"{name}.so"
    subprocess.run(["cc", "-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-pthread", *more, "-o", path,
                    FIXTURES / f"{name}.c"], check=True, timeout=60)
    return path


@cache
def repository() -> Path:
    """The repository of the example, made once per process, where each organisation would start git five times."""
    folder = Path(tempfile.mkdtemp(prefix="interlock-repository-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    make_organisation.make_repository(folder / "repository")
    return folder / "repository"


class Organisation:
    """The example organisation, or a variation of it, with its servers and its gateway running."""

    def __init__(self, binary: Path, folder: Path, people: People, extra: dict[str, str],
                 servers: tuple[str, ...] | None, developers: bool, state: Path | None, segment: str, sdk: bool):
        if not (copy := folder / "data" / "repository").exists():
            shutil.copytree(repository(), copy)
        self.made = make_organisation.make(folder, interpreter("servers"), calls=UNLIMITED)
        self.folder, self.people = folder, people
        self.data = Path(self.made["data"])
        self.repository = self.made["repository"]
        policy = Path(self.made["policy"])
        if not developers:
            for name in DEVELOPERS:
                (policy / name).unlink()
        if not sdk:
            without_sdk(policy / "servers" / "support.yaml", self.data)
        for name, text in extra.items():
            (policy / name).write_text(text((policy / name).read_text()) if callable(text) else text)
        ports = {name: port for name, port in self.made["ports"].items() if servers is None or name in servers}
        self.upstreams = ForkedUpstreams(self.made["python"], self.data, ports, folder / "upstreams.log")
        self.gateway = Deployment(binary, state or folder / "deployment", policy, people, segment=segment)

    def count(self, server: str, tool: str) -> int:
        return counters.count(self.data, server, tool)

    def token(self, agent: str, **flags: str) -> str:
        return self.gateway.token(agent, **flags)

    def session(self, agent: str, **options) -> Session:
        return Session(self.gateway.port, self.token(agent), **options)

    def sdk(self, version: str, agent: str, way: str = "http", server: str | None = None, **options) -> SDKClient:
        python, token = interpreter(f"mcp-{version}"), options.pop("token", None) or self.token(agent)
        url = self.gateway.url + (f"/{server}" if server else "")
        if way == "http":
            return SDKClient(python, "--http", url, token=token, **options)
        words = ["stdio", "--gateway", self.gateway.url, *(["--server", server] if server else [])]
        return SDKClient(python, "--stdio", str(self.gateway.binary), *words, token=token, **options)


def without_sdk(servers: Path, data: Path) -> None:
    """Lets the server on stdio run without the SDK, whose import takes ten times the processor time of a start of the
    gateway."""
    old, folder = servers.read_text(), make_organisation.HERE / "servers"
    plain = FIXTURES / "plain_server.py"
    new = old.replace(f'"{folder}/server.py", kb, --stdio, --data', f'"{plain}", "{folder}", kb, --data')
    new = new.replace(f'sandbox: {{read: ["{folder}"]', f'sandbox: {{read: ["{folder}", "{plain}"]')
    assert new.count(str(plain)) == 2
    servers.write_text(new)


@pytest.fixture(scope="session")
def people():
    with tempfile.TemporaryDirectory(prefix="interlock-e2e-") as folder:
        with People(Path(folder), make_organisation.PEOPLE) as found:
            yield found


def organise(stack: ExitStack, binary: Path, people: People, folder: Path, *, extra=None, servers=None,
             developers=False, state=None, start=True, wait=None, settings=None, console=False,
             segment=SEGMENT, sdk=False) -> Organisation:
    """Makes an organisation. `extra`: policy files, or functions that change existing ones; `console`: made by `init`;
    `servers`: the HTTP servers to run, by default all; `developers`: whether the servers of PyPI run and their agent
    exists; `wait`: the servers whose tools must be listed, by default those that run; `settings`: section -> keys of
    interlock.yaml; `segment`: `UNREUSED` if `ledgerfile` reads much; `sdk`: whether the server on stdio runs on the
    SDK, as all others do."""
    made = Organisation(binary, folder, people, extra or {}, servers, developers, state, segment, sdk)
    stack.push(made.upstreams)
    stack.callback(made.gateway.kill)  # also a gateway that its test starts later
    made.upstreams.launch()
    if console:
        made.gateway.console = f"http://localhost:{made.gateway.people_port}"
    made.gateway.init()  # it mostly writes while the servers, starting, mostly compute
    for section, values in (settings or {}).items():
        made.gateway.configure(section, **values)
    made.upstreams.wait()
    if start:
        made.gateway.start()
        if wait is None:
            wait = ("kb", *(name for name in ("tickets", "crm") if servers is None or name in servers))
        made.gateway.wait_for_tools("support-triage", *wait)
    return made


@pytest.fixture
def organisation(binary, people):
    """Makes an organisation for this test alone: `organisation(extra={file: policy text}, servers=(...))`."""
    with ExitStack() as stack:
        def make(**options) -> Organisation:
            folder = Path(tempfile.mkdtemp(prefix="interlock-e2e-"))
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            return organise(stack, binary, people, folder, **options)

        yield make


@pytest.fixture(scope="module")
def acme(binary, people, request):
    """One running organisation for all tests of a file that do not change its state, with the servers of PyPI and those
    on the SDK, unless the file has `PLAIN`."""
    whole = not getattr(request.module, "PLAIN", False)
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="interlock-e2e-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        yield organise(stack, binary, people, folder, developers=whole, sdk=whole)
