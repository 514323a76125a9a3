"""Launch of `true`: alone, by unshare, by bubblewrap and by `interlock-launch --spec`, interleaved, as an ordinary user.

    Benchmarks/launching.py [LAUNCHER]    default: the launcher compiled from its sources

The smallest and the median of 60. Bars: docs/specs/sandbox.md, section 18. A busy machine shows in the median: the kernel
takes namespaces apart in the background.
"""

import fcntl
import os
import socket
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Tests" / "EndToEnd"))
import launching  # noqa: E402

ROUNDS, UNMEASURED = 60, 5
UNSHARE = ["unshare", "-UmpniuC", "--fork", "--mount-proc", "true"]
BWRAP = ["bwrap", "--unshare-all", "--ro-bind", "/usr", "/usr", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64",
         "--symlink", "usr/bin", "/bin", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", "/home/agent",
         "--die-with-parent", "--", "true"]


def run(path: str, arguments: list[str], actions=()) -> None:
    child = os.posix_spawn(path, arguments, {"PATH": "/usr/bin"}, file_actions=list(actions))
    assert os.waitpid(child, 0)[1] == 0, arguments


def launch(program: str, memfds: list[int]) -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pipes = [*os.pipe(), *os.pipe()]  # the lifeline and the status
    given = [fcntl.fcntl(one, fcntl.F_DUPFD_CLOEXEC, 40) for one in (*memfds, theirs.fileno(), pipes[0], pipes[3])]
    run(program, [program, "--spec"], [(os.POSIX_SPAWN_DUP2, one, 3 + number) for number, one in enumerate(given)])
    for one in [*given, *pipes]:
        os.close(one)
    ours.close()
    theirs.close()


def main() -> None:
    folder = Path(tempfile.mkdtemp(dir="/var/tmp"))
    folder.chmod(0o755)
    built, library = launching.build(folder, faults=False)
    program = sys.argv[1] if len(sys.argv) > 1 else str(built)
    memfds = [launching.sealed(launching.Spec(["true"], network=1).bytes()), launching.sealed(launching.environment()),
              library.interlock_seccomp_program(launching.DEFAULT)]
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(*[launching.OUTSIDE_ID] * 3)
        os.setresuid(*[launching.OUTSIDE_ID] * 3)
    ways = {"plain": lambda: run("/usr/bin/true", ["true"]), "unshare": lambda: run("/usr/bin/unshare", UNSHARE)}
    if Path("/usr/bin/bwrap").exists():
        ways["bubblewrap"] = lambda: run("/usr/bin/bwrap", BWRAP)
    ways["interlock-launch"] = lambda: launch(program, memfds)
    times = {name: [] for name in ways}
    for number in range(ROUNDS + UNMEASURED):
        for name, way in ways.items():
            begin = time.perf_counter()
            way()
            if number >= UNMEASURED:
                times[name].append(1000 * (time.perf_counter() - begin))
    for name, values in times.items():
        least, median = min(values), statistics.median(values)
        print(f"{name:18} smallest {least:6.2f} ms, {least / min(times['plain']):5.1f}x   median {median:6.2f} ms, "
              f"{median / statistics.median(times['plain']):5.1f}x")


main()
