"""Ends of runs and of what follows them, when everything is against it (docs/specs/sandbox.md, section 17): 300 hostile
processes, 200 launches at a time, a full disk, an apply that is killed at each of its steps."""

import ctypes
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from datetime import date, timedelta
from pathlib import Path

import pytest

import launching
from conftest import missing
from launching import Launcher, Spec
from people import People
from sandboxing import SandboxHouse
from test_launcher_spec import HOSTILE
from test_workspace import RUN, made  # noqa: F401 (a fixture)
from waits import until

pytestmark = pytest.mark.requirement("R075")

ADA = "ada@acme.example"
SAM = "sam@acme.example"
POLICY = """\
interlock: 1
org: acme
owners: [{ada}, {sam}]
agents:
  fixer:
    owner: {ada}
    purpose: Fixes bugs
    tier: low
    stage: supervised
    review_by: {review}
    sandbox: {{egress: [{{host: 127.0.0.1, ports: [9], protocol: tcp, private: true}}], limits: {{wall: 60s, pids: 512}}}}
"""


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    with People(tmp_path_factory.mktemp("people"), {ADA: ["kill", "resume", "security"], SAM: ["resume"]}) as made:
        yield made


def deployed(binary, people) -> SandboxHouse:
    return SandboxHouse(binary, people, POLICY.format(ada=ADA, sam=SAM, review=date.today() + timedelta(days=60)))


@pytest.fixture(scope="module")
def house(binary, people):
    made = deployed(binary, people)
    try:
        made.start()
        yield made
    finally:
        made.close()


def inside(launcher: int) -> set[int]:
    """The processes of a launcher: pid 1 and everything below it."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended
        parents[int(path.parent.name)] = int(words[1])
    found, more = set(), {launcher}
    while more:
        more = {one for one, parent in parents.items() if parent in more} - found
        found |= more
    return found


def living(processes: set[int]) -> set[int]:
    found = set()
    for one in processes:
        try:
            if "State:\tZ" not in Path(f"/proc/{one}/status").read_text():
                found.add(one)
        except OSError:
            pass
    return found


def child(pid: int) -> int:
    (found,) = map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    return found


WAYS = {"command": 137, "supervisor": None, "launcher": 137, "wall clock": 124}
KILLS = [pytest.param(backend, way, marks=pytest.mark.stress if (backend, way) == ("bwrap", "wall clock") else ())
         for way in WAYS for backend in ("own", "bwrap")]


@pytest.mark.alone
@pytest.mark.requirement("R112")
@pytest.mark.parametrize("backend, way", KILLS)
def test_three_hundred_hostile_processes_end_within_a_second(house, backend, way):
    if backend == "bwrap" and not Path("/usr/bin/bwrap").exists():
        missing("no bubblewrap: run scripts/setup")
    wall = ("--wall", "4s") if way == "wall clock" else ()
    running = house.begin("python3", "-c", HOSTILE, options=("--backend", backend, *wall))
    assert running.stdout.readline() == "ready\n"
    launcher = child(running.pid)
    processes = inside(launcher)
    assert len(processes) > 300
    halt = None
    if way == "wall clock":
        until(lambda: not living({launcher}), seconds=10)
        begun = time.monotonic() - 1  # the others may have a second after the launcher
    else:
        begun = time.monotonic()
        if way == "command":
            halt = house.gateway.halt("--agent", "fixer", by=ADA)
        else:
            os.kill(running.pid if way == "supervisor" else launcher, signal.SIGKILL)
    try:
        until(lambda: not living(processes), seconds=5)
        # A halt is a signed order, which a person's command makes: the kill itself has its time on record.
        assert time.monotonic() - begun < (5 if way == "command" else 2 if way == "wall clock" else 1)
        _, error = running.communicate(timeout=10)
        if WAYS[way] is not None:
            report = json.loads(error.splitlines()[-1])
            assert running.returncode == report["code"] == WAYS[way]
        if way == "command":
            (point,) = [one for one in house.records(report["run"]) if one["t"] == "kill.point"]
            assert point["left"] == 0 and point["dur"] < 1_000_000
    finally:
        if halt:
            house.gateway.resume(halt, ADA, SAM)


# A supervisor that is killed at a step of its own: before the start is on record, between it and the command, and at the end.

QUICK = ("sendto", "recvfrom", "socketpair", "waitid")
STEPS = (*QUICK, "mkdir", "mkdirat", "openat2", "rename", "renameat", "fsync", "memfd_create", "pipe2", "clone3", "connect",
         "recvmsg", "poll", "write")


def killed_at(house, call: str) -> int:
    """Kills the supervisor at each use of a call, until a run ends by itself. Nothing that it started is left, and the project
    is as it was."""
    if shutil.which("strace") is None:
        missing("no strace: run scripts/setup")
    marker = f"0.2{os.getpid()}{len(call)}"
    before = {path.name: path.read_bytes() for path in house.project.iterdir()}
    for number in range(1, 100):
        # The thread that launches alone: strace follows no other, and nothing inside.
        done = subprocess.run(["strace", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e",
                               f"inject={call}:signal=KILL:when={number}",
                               *house.command("sh", "-c", f"echo inside > a.txt; exec sleep {marker}")],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd="/", timeout=30)
        until(lambda: subprocess.run(["pgrep", "-f", f"sleep {marker}"], capture_output=True).returncode != 0, seconds=2)
        assert {path.name: path.read_bytes() for path in house.project.iterdir()} == before
        if done.returncode == 0:
            return number - 1
        assert done.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL), (call, number, done.stderr)
    raise AssertionError(f"{call} never ends")


@pytest.mark.requirement("R018")
@pytest.mark.parametrize("call", QUICK)
def test_a_supervisor_killed_at_a_step_leaves_nothing(house, call):
    assert killed_at(house, call) > 0


@pytest.mark.stress
@pytest.mark.requirement("R018", "R029")
def test_a_supervisor_killed_at_each_step_leaves_nothing_and_its_run_is_closed(house):
    assert sum(killed_at(house, call) for call in STEPS) > 60

    def open_runs() -> set[str]:
        records = house.gateway.records(5000)
        started = {one["run"] for one in records if one["t"] == "run.start" and "iso" in one}
        return started - {one["run"] for one in records if one["t"] == "run.end"}

    until(lambda: not open_runs(), seconds=30)
    ended = [one["code"] for one in house.gateway.records(5000) if one["t"] == "run.end" and "src" in one]
    assert "unknown" in ended
    assert house.run("true")[0] == 0


# Launches at the same time.

@pytest.fixture(scope="module")
def launcher():
    if launching.compiler() is None or not Path("/usr/include/seccomp.h").exists():
        missing("no C compiler or libseccomp-dev: run scripts/setup")
    made = Launcher()
    yield made
    made.close()


def test_the_command_lives_when_the_thread_that_started_it_has_ended(launcher):
    started = []
    thread = threading.Thread(target=lambda: started.append(launcher.start(Spec(["sh", "-c", "echo up; sleep 60"]))))
    thread.start()
    thread.join()
    (launch,) = started
    assert os.read(launch.output, 3) == b"up\n"
    time.sleep(0.1)
    assert launch.process.poll() is None
    os.close(launch.lifeline)
    launch.lifeline = -1
    assert launch.finish().said == "ended lifeline 0"


class Spawner:
    """The product's own shim, as its threads use it."""

    class Child(ctypes.Structure):
        _fields_ = [("pid", ctypes.c_int), ("pidfd", ctypes.c_int)]

    def __init__(self, folder: Path):
        library = folder / "spawn.so"
        source = launching.C / "CSpawn"
        subprocess.run([launching.compiler(), "-std=c11", "-O1", "-shared", "-fPIC", f"-I{source / 'include'}",
                        *map(str, source.glob("*.c")), "-o", library], check=True)
        self.library = ctypes.CDLL(str(library), use_errno=True)

    def start(self, words: list[str], sources: list[int]) -> Child:
        arguments = (ctypes.c_char_p * (len(words) + 1))(*map(os.fsencode, words), None)
        environment = (ctypes.c_char_p * 1)(None)
        given = (ctypes.c_int * len(sources))(*sources)
        child = self.Child()
        error = self.library.interlock_spawn_with(words[0].encode(), arguments, environment, given, len(sources),
                                                  ctypes.byref(child))
        assert error == 0, os.strerror(error)
        return child


def test_two_hundred_launches_while_descriptors_come_and_go(launcher):
    spawner, stop = Spawner(launcher.folder), threading.Event()

    def churn():
        while not stop.is_set():
            held = [os.open("/dev/null", os.O_RDONLY) for _ in range(50)]
            for one in held:
                os.set_inheritable(one, True)
            for one in held:
                os.close(one)

    found, failed = [], []

    def launch(number: int):
        try:
            for _ in range(25):
                read, write = os.pipe()
                null = os.open("/dev/null", os.O_RDONLY)
                child = spawner.start(["/usr/bin/ls", "/proc/self/fd"], [null, write, null])
                os.close(write)
                os.close(null)
                said = b"".join(iter(lambda: os.read(read, 4096), b""))
                os.close(read)
                os.waitpid(child.pid, 0)
                os.close(child.pidfd)
                found.append(said.split())
        except BaseException as error:  # noqa: BLE001 (named below)
            failed.append(error)

    threads = [threading.Thread(target=churn) for _ in range(3)] + [
        threading.Thread(target=launch, args=(number,)) for number in range(8)]
    for one in threads:
        one.start()
    for one in threads[3:]:
        one.join()
    stop.set()
    # `ls` has the folder that it lists as 3.
    assert not failed and len(found) == 200 and all(one == [b"0", b"1", b"2", b"3"] for one in found), failed or found


# A disk without room for records, which still has the room that a run must leave.

GIB = 1 << 30


@pytest.fixture
def disk(tmp_path):
    """A mounted ext4 of 4 GiB of its own, of which little is written."""
    if os.geteuid() != 0:
        missing("mounting a disk needs root")
    # The path of a socket has at most 107 bytes.
    image, folder = tmp_path / "disk.img", Path(tempfile.mkdtemp(prefix="disk-"))
    with image.open("wb") as file:
        file.truncate(4 * GIB)
    subprocess.run(["mkfs.ext4", "-q", "-m", "0", image], check=True, timeout=60)
    mounted = subprocess.run(["mount", "-o", "loop", image, folder], capture_output=True, text=True, timeout=60)
    if mounted.returncode != 0:
        missing(f"no loop mount here: {mounted.stderr.strip()}")
    yield folder
    until(lambda: subprocess.run(["umount", folder], capture_output=True, timeout=60).returncode == 0, seconds=10)
    folder.rmdir()


def reserve(path: Path, leave: int) -> None:
    """Takes the blocks of a disk without writing them."""
    with path.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(path.parent).free - leave)


CONNECT = """\
import socket, sys
for line in sys.stdin:
    with socket.create_connection(("127.0.0.1", 3128), 20) as one:
        one.sendall(b"CONNECT 127.0.0.1:9 HTTP/1.1\\r\\nHost: 127.0.0.1:9\\r\\n\\r\\n")
        print(one.makefile("rb").read().decode().splitlines()[-1], flush=True)
"""


@pytest.mark.stress
@pytest.mark.requirement("R029")
def test_on_a_full_disk_the_proxy_refuses_and_nothing_is_launched(binary, people, disk):
    house = deployed(binary, people)
    try:
        moved = disk / "made"
        shutil.move(house.gateway.folder, moved)
        house.gateway.folder = moved
        house.user.own(moved)
        disk.chmod(0o755)
        house.gateway.configure("ledger", soft_mark="2560MiB", hard_mark="2GiB", beat="1s")
        house.start()
        running = house.begin("python3", "-c", CONNECT)

        def asked() -> str:
            running.stdin.write("go\n")
            running.stdin.flush()
            return running.stdout.readline().strip()

        assert asked() == "unreachable", "nothing listens there, and it is allowed"
        reserve(disk / "filler", 3 * GIB // 2)
        until(lambda: asked() == "audit-unavailable", seconds=30)
        code, out, report = house.run("echo", "ran")
        assert (code, out, report["source"]) == (69, "", "interlock"), report
        (disk / "filler").unlink()
        until(lambda: asked() == "unreachable", seconds=30)
        running.communicate(timeout=20)
        assert house.run("echo", "ran")[:2] == (0, "ran\n")
    finally:
        house.close()


# An apply that is killed.

CALLS = ("renameat2", "renameat", "fsync", "openat2", "mkdirat", "unlinkat", "symlinkat", "fchmod")


@pytest.mark.stress
@pytest.mark.requirement("R078")
@pytest.mark.parametrize("call", CALLS)
def test_an_apply_killed_at_each_step_is_finished_by_the_next(made, call):  # noqa: F811
    if shutil.which("strace") is None:
        missing("no strace: run scripts/setup")
    made.write("a", "two\n")
    for name in ("b", "c"):
        made.write(name, name)
    (made.upper / "d").mkdir(mode=0o755)
    made.write("d/e", "e\n")
    os.symlink("a", made.upper / "link")
    before = {path: path.read_bytes() for path in made.folder.rglob("*") if path.is_file() and "upper" in str(path)}
    wanted = {"a": "two\n", "b": "b", "c": "c", "d/e": "e\n"}
    for number in range(1, 200):
        done = subprocess.run(["strace", "-f", "-qq", "-o", made.folder / "trace", "-e", f"trace={call}", "-e",
                               f"inject={call}:signal=KILL:when={number}", made.binary, "workspace", "apply", RUN, "--dir",
                               made.folder], capture_output=True, text=True, timeout=60)
        if done.returncode == 0:
            break
        # Each file is as it was or as it is to be, and nothing else is there.
        for name, text in wanted.items():
            path = made.project / name
            assert not path.exists() or path.read_text() in (text, "one\n"), (call, number, name)
        assert {path: path.read_bytes() for path in before} == before
    else:
        pytest.fail("it never ends")
    assert made("apply", RUN).returncode in (0, 66, 72)
    assert {name: (made.project / name).read_text() for name in wanted} == wanted
    assert os.readlink(made.project / "link") == "a"
    assert [path.name for path in made.project.rglob("*") if re.search("tmp|interlock", path.name)] == []
