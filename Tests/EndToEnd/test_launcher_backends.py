"""R075: the other forms of a sandbox: bubblewrap makes the namespaces, or there are none (docs/specs/sandbox.md, section 10)."""

import errno
import json
import os
import platform
import signal
import socket
import time
from pathlib import Path

import pytest

import launching
from conftest import missing
from launching import (PAIRED, REDUCED, WRITABLE, Spec, attempts, bind, environment, living, project, reduced, tmpfs,
                       unconfined)
from process_tree import descendants, memory_files

pytestmark = pytest.mark.requirement("R075")

# Each fails under the launcher's own namespaces; `signal_init` and `whiteout` are left to Landlock there too.
WALLS = ("write_etc", "write_root", "write_dev", "write_usr", "init_environment", "init_arguments", "more_descriptors",
         "signal_init", "whiteout", "bounding_set", "privileges", "session", "core_dumps", "host_name")


@pytest.fixture(autouse=True)
def bubblewrap():
    if not Path("/usr/bin/bwrap").exists():
        missing("no bubblewrap: run scripts/setup")


def by_bubblewrap(launcher, script: str, *tree, **keywords):
    return launcher.run(Spec(["sh", "-c", script], list(tree), backend=1), **keywords)


def test_the_walls_are_those_of_the_launcher_s_own_namespaces(launcher):
    held = attempts(launcher, *WALLS, backend=1)
    assert held == attempts(launcher, *WALLS) and all(value is not True for value in held.values()), held


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the numbers of the attempts are those of x86-64")
def test_without_the_filter_the_same_attempts_succeed(launcher):
    names = ("set_id_file", "vsock", "netlink", "nested_user_namespace", "io_uring", "personality", "unfiltered")
    refused = attempts(launcher, *names, backend=1)
    assert refused == attempts(launcher, *names) and all(value is not True for value in refused.values())
    assert attempts(launcher, *names, backend=1, variant="off") == attempts(launcher, *names, variant="off")


def test_the_tree_is_an_allowlist_of_sources_by_descriptor(launcher):
    tree = project(launcher)
    (tree / "link").symlink_to("/etc")
    ended = by_bubblewrap(launcher, "cat /workspace/file; echo x >/workspace/made; ls /workspace/link/shadow /home /var; "
                          "stat -c %a /run/secrets /run/secrets/KEY; cat /run/secrets/KEY; stat -fc %T /dev/shm; "
                          "df -k /tmp | tail -1",
                          bind(tree, "/workspace", WRITABLE), tmpfs("/opt/small", size=1 << 16),
                          environ=environment({"PATH": "/usr/bin"}, {"KEY": "the value\n"}))
    assert ended.output.startswith("lower/home:\nagent\n500\n400\nthe value\ntmpfs\n") and " 16384 " in ended.output, ended
    assert (tree / "made").read_text() == "x\n" and ended.error.count("No such file or directory") == 2
    for source in (tree / "link", tree / "missing"):
        ended = by_bubblewrap(launcher, "echo ran", bind(source, "/opt/bound"))
        assert (ended.code, ended.output) == (71, "") and ended.said.startswith("failed arguments "), ended


def test_sockets_of_a_bound_folder_are_not_reachable(launcher):
    """A bind, unlike an overlay, lets them be connected to: the filter takes unix sockets other than pairs."""
    tree = project(launcher)
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(tree / "s"))
        one.listen()
        (tree / "s").chmod(0o777)
        spec = Spec(["python3", "-c", "import socket; socket.socket(socket.AF_UNIX).connect('/opt/seen/s')"],
                    [bind(tree, "/opt/seen")], backend=1)
        assert launcher.run(spec).code == 0
        ended = launcher.run(spec, PAIRED)
        assert ended.code == 1 and f"Errno {errno.EAFNOSUPPORT}" in ended.error, ended
        ended = launcher.run(Spec(["true"], [bind(tree / "s", "/opt/seen")], backend=1))
        assert ended.said == f"failed arguments {errno.EINVAL}", ended


def test_listeners_are_handed_out_by_the_launcher_inside(launcher):
    script = "import socket; print(socket.create_connection(('127.0.0.1', 3128)).recv(9))"
    launch = launcher.start(Spec(["python3", "-c", script], backend=1, network=1))
    launch.receive()
    launch.receive()
    with socket.socket(fileno=os.dup(launch.handed["L"][0])) as listener:
        listener.settimeout(10)
        client, _ = listener.accept()
        client.sendall(b"http")
        client.close()
    assert launch.finish().output == "b'http'\n" and "P" in launch.handed


@pytest.mark.parametrize("word", ["--version", "--", "--bind"])
def test_a_command_that_looks_like_an_option_is_a_command(launcher, word):
    ended = launcher.run(Spec([word, "/", "/"], backend=1))
    assert (ended.code, ended.output) == (127, ""), ended


def test_the_launcher_inside_does_nothing_by_itself(launcher):
    ended = launcher.run(Spec(["sh", "-c", "echo ran"]), arguments=("--inside",))
    assert (ended.code, ended.output) == (64, ""), ended


# Without namespaces.

REACH = """\
import json, os, socket, sys
def tried(work):
    try:
        work()
        return True
    except OSError as error:
        return errno.errorcode[error.errno]
import errno
listed, other, supervisor = map(int, sys.argv[1:4])
def connect(port):
    with socket.socket() as one:
        one.connect(("127.0.0.1", port))
json.dump({
    "listed": tried(lambda: connect(listed)), "other": tried(lambda: connect(other)),
    "first_segment": tried(lambda: socket.socket().sendto(b"x", 0x20000000, ("127.0.0.1", other))),
    "listen": tried(lambda: socket.create_server(("127.0.0.1", 0)).close()),
    "udp": tried(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)),
    "unix": tried(lambda: socket.socket(socket.AF_UNIX)), "signal": tried(lambda: os.kill(supervisor, 0)),
    "limits": tried(lambda: __import__("resource").prlimit(supervisor, 7, (9, 9))),
    "project": tried(lambda: open(sys.argv[4])), "root": tried(lambda: os.listdir("/")),
    "process": tried(lambda: open(f"/proc/{supervisor}/cmdline")), "other_file": tried(lambda: open(sys.argv[4] + ".new", "w")),
    "own": tried(lambda: open("made", "w").write("x")), "programs": tried(lambda: os.listdir("/usr/bin"))}, sys.stdout)
"""


def test_reduced_reaches_what_is_listed_alone(launcher):
    own, other = project(launcher), project(launcher)
    with socket.create_server(("127.0.0.1", 0)) as first, socket.create_server(("127.0.0.1", 0)) as second:
        ports = [one.getsockname()[1] for one in (first, second)]
        # A process of the same user, outside.
        outside = launcher.start(unconfined(["sleep", "60"]))
        outside.receive()
        words = ["python3", "-c", REACH, *map(str, ports), str(outside.process.pid), str(other / "file")]
        ended = launcher.run(reduced(words, bind(own, own, WRITABLE), ports=ports[:1], directory=str(own)), REDUCED)
        free = launcher.run(unconfined(words, directory=str(own)))
        outside.close()
    assert ended.said == "ended exited 0", ended
    held = json.loads(ended.output)
    assert held == {
        "listed": True, "own": True, "programs": True, "other": "EACCES", "first_segment": "EPERM", "listen": "EACCES",
        "udp": "EPERM", "unix": "EAFNOSUPPORT", "signal": "EPERM", "limits": "EPERM", "project": "EACCES", "root": "EACCES",
        "process": "EACCES", "other_file": "EACCES"}, held
    assert free.status[0] == "started 0" and set(json.loads(free.output).values()) == {True}, free


def test_without_the_filter_a_first_segment_passes_landlock(launcher):
    """The reason for a rule of the filter; a kernel that asks Landlock needs it no more."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        script = f"import socket; socket.socket().sendto(b'x', 0x20000000, ('127.0.0.1', {one.getsockname()[1]}))"
        assert launcher.run(reduced(["python3", "-c", script], ports=[9]), REDUCED).code == 1
        if launcher.run(reduced(["python3", "-c", script], ports=[9]), "off").code != 0:
            pytest.skip("this kernel asks Landlock about first segments")


DAEMONS = ("import os, signal, time\n"
           "for _ in range(20):\n"
           "    if os.fork() == 0:\n"
           "        os.setsid()\n"
           "        signal.signal(15, signal.SIG_IGN)\n"
           "        if os.fork() == 0:\n"
           "            while True: time.sleep(60)\n"
           "        os._exit(0)\n"
           "print('ready', flush=True)\n")
WAIT = DAEMONS + "while True: time.sleep(60)\n"
# Each generation lives for a moment alone.
RUNNER = "import os\nprint('ready', flush=True)\nwhile True:\n    if os.fork(): os._exit(0)\n"


def close_lifeline(launch):
    os.close(launch.lifeline)
    launch.lifeline = -1


KILLS = {"lifeline": close_lifeline, "launcher": lambda launch: launch.process.kill(),
         "pidfd": lambda launch: signal.pidfd_send_signal(launch.handed["P"][0], signal.SIGKILL)}
MAKERS = {"reduced": (reduced, REDUCED), "none": (unconfined, launching.DEFAULT),
          "bwrap": (lambda command: Spec(command, backend=1), launching.DEFAULT)}


@pytest.mark.parametrize("way", KILLS)
@pytest.mark.parametrize("form", MAKERS)
def test_every_daemon_ends_with_the_run(launcher, form, way):
    make, variant = MAKERS[form]
    launch = launcher.start(make(["python3", "-c", WAIT]), variant)
    launch.receive()
    assert os.read(launch.output, 6) == b"ready\n"
    begun = time.monotonic()
    KILLS[way](launch)
    ended = launch.finish()
    assert time.monotonic() - begun < 2 and living() == []
    said = {"lifeline": "ended lifeline 0", "pidfd": "ended killed 9"}.get(way)
    assert said is None or ended.said == said, ended


@pytest.mark.parametrize("form", ["reduced", "none"])
def test_every_daemon_ends_with_the_command(launcher, form):
    make, variant = MAKERS[form]
    ended = launcher.run(make(["python3", "-c", DAEMONS + "os._exit(5)"]), variant)
    assert (ended.code, ended.said) == (5, "ended exited 5") and living() == [], ended


def test_a_process_that_always_forks_does_not_outrun_its_end(launcher):
    launch = launcher.start(reduced(["sh", "-c", 'python3 -c "$0" & sleep 60', RUNNER]), REDUCED)
    launch.receive()
    assert os.read(launch.output, 6) == b"ready\n"
    close_lifeline(launch)
    assert launch.finish().said == "ended lifeline 0" and living() == []


# The descriptor of the environment.

MARKER = "the value of a secret"
FOUND = ("import json, os, time\n"
         "found = {}\n"
         "for name in os.listdir('/proc/self/fd'):\n"
         "    try: found[name] = os.readlink('/proc/self/fd/' + name)\n"
         "    except OSError: pass\n"
         "print(json.dumps([found, os.environ['TOKEN']]), flush=True)\n")


@pytest.mark.requirement("R023", "R076")
@pytest.mark.parametrize("backend", [0, 1])
def test_the_command_has_no_descriptor_of_its_environment(launcher, backend):
    """Also where the wall that closes everything is left out: the specification is open then, the environment is not."""
    ended = launcher.run(Spec(["python3", "-c", FOUND], backend=backend), environ=environment({"PATH": "/usr/bin", "TOKEN": MARKER}),
                         faults={"INTERLOCK_LEFT_OUT": "close-descriptors"})
    found, token = json.loads(ended.output)
    assert token == MARKER and found["3"].startswith("/memfd:spec") and "4" not in found, ended


def readable(process: int) -> list[str]:
    """The descriptors of a process through which the values of the environment can be read."""
    found = []
    for link in memory_files(process):
        try:
            if MARKER.encode() in link.read_bytes():
                found.append(link.name)
        except FileNotFoundError:
            pass  # it was closed
    return found


@pytest.mark.requirement("R023", "R076")
@pytest.mark.parametrize("form", ["own", *MAKERS])
def test_no_process_keeps_the_descriptor_of_the_environment(launcher, form):
    if os.geteuid() != 0:
        missing("only root reads the descriptors of a process that keeps its memory from others")
    make, variant = {"own": (Spec, launching.DEFAULT), **MAKERS}[form]
    launch = launcher.start(make(["sh", "-c", "echo ready; exec sleep 60"]), variant,
                            environ=environment({"PATH": "/usr/bin:/bin", "TOKEN": MARKER}))
    launch.receive()
    try:
        assert os.read(launch.output, 6) == b"ready\n"
        processes = [launch.process.pid, *descendants(launch.process.pid)]
        assert len(processes) >= 3, "launcher, the process above the command, and the command"
        assert {one: readable(one) for one in processes} == dict.fromkeys(processes, [])
    finally:
        close_lifeline(launch)
        launch.finish()
