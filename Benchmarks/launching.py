"""Launch of `true`: alone, by unshare, by bubblewrap and by `interlock-launch --spec`, interleaved, as an ordinary user; servers
on stdio, alone and by the launcher: the first answer of `cat`, round trips of one that parses JSON, also in a session of its own;
the memory of the launcher and pid 1 beside bubblewrap's pair.

    Benchmarks/launching.py [--json] [LAUNCHER]    default: the launcher compiled from its sources

The smallest and the median of 60. Bars: docs/specs/sandbox.md, section 18. A busy machine shows in the median: the kernel
takes namespaces apart in the background.
"""

import fcntl
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Tests" / "EndToEnd"))
import launching  # noqa: E402

ROUNDS, UNMEASURED = 60, 5
# Round trips with one server at a time, as a client has them: turns, trips of each, and those of a turn that do not count.
TURNS, TRIPS, FIRST_TRIPS = 20, 100, 10
UNSHARE = ["unshare", "-UmpniuC", "--fork", "--mount-proc", "true"]
BWRAP = ["bwrap", "--unshare-all", "--ro-bind", "/usr", "/usr", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64",
         "/lib64", "--symlink", "usr/bin", "/bin", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", "/home/agent",
         "--die-with-parent", "--"]
MESSAGE = b'{"jsonrpc":"2.0","id":1,"method":"ping"}\n'
CAT, PYTHON = ["cat"], ["python3", "-c", "import json, sys\nfor line in sys.stdin:\n"
                        "    print(json.dumps({'jsonrpc': '2.0', 'id': json.loads(line)['id'], 'result': {}}), flush=True)"]
HAS_BWRAP = Path("/usr/bin/bwrap").exists()


def spawn(path: str, arguments: list[str], actions=(), session: bool = False) -> int:
    return os.posix_spawn(path, arguments, {"PATH": "/usr/bin"}, file_actions=list(actions), setsid=session)


def run(path: str, arguments: list[str]) -> None:
    assert os.waitpid(spawn(path, arguments), 0)[1] == 0, arguments


class Launched:
    """A started launcher, which ends with this value's descriptors."""

    def __init__(self, program: str, memfds: list[int], streams: list[int] = ()):
        self.ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.pipes = [*os.pipe(), *os.pipe()]  # the lifeline and the status
        sources = [*memfds, theirs.fileno(), self.pipes[0], self.pipes[3]]
        given = [(fcntl.fcntl(one, fcntl.F_DUPFD_CLOEXEC, 40), 3 + number) for number, one in enumerate(sources)]
        given += [(fcntl.fcntl(one, fcntl.F_DUPFD_CLOEXEC, 40), number) for number, one in enumerate(streams)]
        self.pid = spawn(program, [program, "--spec"], [(os.POSIX_SPAWN_DUP2, *one) for one in given])
        for one, _ in given:
            os.close(one)
        theirs.close()

    def finish(self) -> None:
        code = os.waitpid(self.pid, 0)[1]
        for one in self.pipes:
            os.close(one)
        self.ours.close()
        assert code == 0, code


class Server:
    """A server on stdio, alone or in a sandbox, where it always has a session of its own."""

    def __init__(self, program: str | None, memfds: list[int], command: list[str] = CAT, session: bool = False):
        read, self.input = os.pipe2(os.O_CLOEXEC)
        self.output, write = os.pipe2(os.O_CLOEXEC)
        if program:
            self.launched = Launched(program, memfds, [read, write])
        else:
            self.pid = spawn(f"/usr/bin/{command[0]}", command,
                             [(os.POSIX_SPAWN_DUP2, read, 0), (os.POSIX_SPAWN_DUP2, write, 1)], session)
            self.launched = None
        os.close(read)
        os.close(write)

    def ask(self) -> None:
        os.write(self.input, MESSAGE)
        assert os.read(self.output, 4096).endswith(b"\n")

    def close(self) -> None:
        os.close(self.input)
        self.launched.finish() if self.launched else os.waitpid(self.pid, 0)
        os.close(self.output)


def timed(work) -> float:
    begin = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - begin)


def first_answer(program: str | None, memfds: list[int]) -> float:
    made = []

    def work():
        made.append(Server(program, memfds))
        made[0].ask()
    took = timed(work)
    made[0].close()
    return took


def proportional(pids: list[int]) -> int:
    """The kilobytes of memory of processes, with shared pages in parts."""
    total = 0
    for pid in pids:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        total += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return total


def children(pid: int) -> list[int]:
    return list(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def memory(program: str, library) -> dict[str, int]:
    """Needs root: pid 1 of a sandbox shows its own to no other user."""
    if os.geteuid() != 0:
        return {}
    found = {}
    filters = library.interlock_seccomp_program(launching.DEFAULT)
    launch = launching.Launch(Path(program), launching.Spec(["sleep", "60"], network=1).bytes(), filters, launching.environment())
    launch.line()
    time.sleep(0.2)
    found["launcher"] = proportional([launch.process.pid, *children(launch.process.pid)])
    launch.close()
    if HAS_BWRAP:
        user = ["setpriv", f"--reuid={launching.OUTSIDE_ID}", f"--regid={launching.OUTSIDE_ID}", "--clear-groups", "--"]
        other = subprocess.Popen([*user, *BWRAP, "sleep", "60"])
        time.sleep(0.5)
        found["bubblewrap"] = proportional([other.pid, *children(other.pid)])
        other.kill()
        other.wait()
    return found


def measure(program: str | None) -> dict:
    folder = Path(tempfile.mkdtemp(dir="/var/tmp"))
    folder.chmod(0o755)
    built, library = launching.build(folder, faults=False)
    program = program or str(built)
    given = [launching.sealed(launching.environment()), library.interlock_seccomp_program(launching.DEFAULT)]
    memfds = [launching.sealed(launching.Spec(["true"], network=1).bytes()), *given]
    server = [launching.sealed(launching.Spec(CAT).bytes()), *given]
    parsing = [launching.sealed(launching.Spec(PYTHON).bytes()), *given]
    result = {"memory_kb": memory(program, library)}
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(*[launching.OUTSIDE_ID] * 3)
        os.setresuid(*[launching.OUTSIDE_ID] * 3)
    ways = {"plain": lambda: timed(lambda: run("/usr/bin/true", ["true"])),
            "unshare": lambda: timed(lambda: run("/usr/bin/unshare", UNSHARE))}
    if HAS_BWRAP:
        ways["bubblewrap"] = lambda: timed(lambda: run("/usr/bin/bwrap", [*BWRAP, "true"]))
    ways["interlock-launch"] = lambda: timed(lambda: Launched(program, memfds).finish())
    ways["server"] = lambda: first_answer(None, server)
    ways["server, launched"] = lambda: first_answer(program, server)
    times = {name: [] for name in ways}
    for number in range(ROUNDS + UNMEASURED):
        for name, way in ways.items():
            took = way()
            if number >= UNMEASURED:
                times[name].append(took)
    result["ms"] = {name: {"least": min(values), "median": statistics.median(values)} for name, values in times.items()}
    # On one processor, which the children inherit: a wake-up of an idle one takes longer than the rest of a round trip. Where the
    # kernel groups tasks by their session (kernel.sched_autogroup_enabled), a switch to another session takes longer: the server
    # in a session of its own has that too, and no walls.
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    servers = {"server": Server(None, parsing, PYTHON), "server, session": Server(None, parsing, PYTHON, session=True),
               "server, launched": Server(program, parsing)}
    trips = {name: [] for name in servers}
    for _ in range(TURNS):
        for name, one in servers.items():
            trips[name] += [1000 * timed(one.ask) for _ in range(TRIPS)][FIRST_TRIPS:]
    for one in servers.values():
        one.close()
    result["trip_us"] = {name: statistics.median(values) for name, values in trips.items()}
    return result


def main() -> None:
    words = [word for word in sys.argv[1:] if word != "--json"]
    result = measure(words[0] if words else None)
    if "--json" in sys.argv:
        print(json.dumps(result))
        return
    plain = result["ms"]["plain"]
    for name, one in result["ms"].items():
        print(f"{name:18} smallest {one['least']:6.2f} ms, {one['least'] / plain['least']:5.1f}x   "
              f"median {one['median']:6.2f} ms, {one['median'] / plain['median']:5.1f}x")
    print(f"round trip {result['trip_us']}, memory {result['memory_kb']} kB")


if __name__ == "__main__":
    main()
