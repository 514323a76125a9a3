"""R075: what `interlock-launch --spec` does for stdio servers alone: the network of the host, the program that was checked,
the filter of servers, and a launcher that root started."""

import errno
import json
import os
import select
import shutil
import signal
import socket
import time
from pathlib import Path

import pytest

import launching
from conftest import missing
from launching import DEFAULT, OUTSIDE_ID, OWNED, PAIRED, WRITABLE, Launcher, Spec, bind, environment, record

pytestmark = pytest.mark.requirement("R075")

NOBODY, PROGRAM = record(16), record(43)
HOST = 3
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.fixture(scope="module")
def launcher():
    if launching.compiler() is None or not Path("/usr/include/seccomp.h").exists():
        missing("no C compiler or libseccomp-dev: run scripts/setup")
    made = Launcher()
    yield made
    made.close()


def python(launcher, script: str, *tree, variant=PAIRED, **keywords):
    spec = Spec(["python3", "-c", script], list(tree), **{k: keywords.pop(k) for k in ("network", "extra") if k in keywords})
    return launcher.run(spec, variant, **keywords)


def test_a_server_has_unix_sockets_only_as_connected_pairs(launcher):
    script = """
import json, socket
def tried(body):
    try:
        body()
        return 0
    except OSError as error:
        return error.errno
print(json.dumps([tried(lambda: socket.socket(socket.AF_UNIX)),
                  tried(lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)), tried(socket.socketpair)]))"""
    assert json.loads(python(launcher, script).output) == [errno.EAFNOSUPPORT, errno.ESOCKTNOSUPPORT, 0]
    # The control: the filter of agents leaves them.
    assert json.loads(python(launcher, script, variant=DEFAULT).output) == [0, 0, 0]


def test_the_network_of_the_host_is_had_only_where_the_specification_says_so(launcher):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        script = f"import socket; socket.create_connection(('127.0.0.1', {listening.getsockname()[1]}), 2); print('reached')"
        reached, refused = python(launcher, script, network=HOST), python(launcher, script)
    assert reached.output == "reached\n", reached
    assert "ConnectionRefusedError" in refused.error, refused


@pytest.mark.parametrize("kind", ["binary", "script"])
def test_only_the_file_that_was_checked_is_executed(launcher, kind):
    """A link or a file is replaced after the check."""
    folder = launcher.directory("program")
    good, bad, link, looked = (folder / name for name in ("good", "bad", "link", "looked"))

    def run(checked: Path, path: Path):
        program = os.open(checked, os.O_RDONLY)
        ended = launcher.run(Spec([str(path), "hello"], [bind(folder, folder)], [PROGRAM]), PAIRED, checked=program)
        os.close(program)
        return ended.code, ended.output, ended.said

    if kind == "binary":
        shutil.copy("/bin/echo", good)
    else:
        good.write_text('#!/bin/sh\necho "$@"\n')
    bad.write_text("#!/bin/sh\necho stolen\n")
    for path in (good, bad):
        launcher.give(path).chmod(0o755)
    link.symlink_to(good)
    assert run(good, link) == (0, "hello\n", "ended exited 0")
    link.unlink()
    link.symlink_to(bad)
    assert run(good, link) == (126, "", f"not-executed {errno.ESTALE}")
    os.link(good, looked)
    shutil.copy(good, folder / "same")
    launcher.give(folder / "same").rename(good)
    assert run(looked, good) == (126, "", f"not-executed {errno.ESTALE}"), "the same bytes in another file"
    good.unlink()
    assert run(looked, good)[::2] == (127, f"not-executed {errno.ENOENT}")


def test_a_request_to_end_reaches_the_command(launcher):
    script = ("import signal, sys, time\nsignal.signal(signal.SIGTERM, lambda *_: (print('ending'), sys.exit(3)))\n"
              "print('ready', flush=True)\ntime.sleep(60)")
    launch = launcher.start(Spec(["python3", "-c", script]), PAIRED)
    launch.receive()
    assert launch.line().startswith("started") and os.read(launch.output, 6) == b"ready\n"
    signal.pidfd_send_signal(launch.handed["P"][0], signal.SIGTERM)
    ended = launch.finish()
    assert (ended.code, ended.output, ended.said) == (3, "ending\n", "ended exited 3"), ended


def test_a_closed_lifeline_ends_every_process_before_the_launcher(launcher):
    launch = launcher.start(Spec(["sh", "-c", "setsid sleep 60 & trap '' TERM; sleep 60"]), PAIRED)
    launch.receive()
    assert launch.line().startswith("started")
    began = time.monotonic()
    os.close(launch.lifeline)
    launch.lifeline = -1
    ended = launch.finish()
    assert (ended.code, ended.said) == (137, "ended lifeline 0") and time.monotonic() - began < 1, ended


@as_root
def test_a_launcher_of_root_needs_the_word_for_it_and_others_are_refused_it(launcher):
    assert launcher.run(Spec(["true"]), as_root=True).said == "refused root host 0"
    assert launcher.run(Spec(["true"], extra=[NOBODY])).said == "refused root host 0"


@as_root
def test_a_command_of_root_is_nobody_on_the_host_and_owns_only_what_it_is_given(launcher):
    """Its folders are closed to others and belong to different users; a file without the word is not its own."""
    mine = launcher.directory("mine")  # of the ordinary user, mode 0700
    roots = launcher.folder / "roots"
    roots.mkdir(mode=0o700)
    (roots / "secret").write_text("of root")
    (roots / "secret").chmod(0o600)
    script = f"""
import json, os
found = dict(ids=[os.getuid(), os.getgid()], groups=os.getgroups())
status = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
found["caps"] = [int(status[name], 16) for name in ("CapEff", "CapPrm", "CapBnd")]
found["uid_map"] = open("/proc/self/uid_map").read().split()
open("{mine}/made", "w").write("x")
found["home"] = os.access(os.environ["HOME"], os.W_OK)
found["token"] = open("/run/secrets/token").read()
for name, path in (("secret", "/srv/roots/secret"), ("shadow", "/etc/shadow"), ("init", "/proc/1/root")):
    try:
        os.listdir(path) if name == "init" else open(path).read()
        found[name] = "read"
    except OSError as error:
        found[name] = error.errno
print(json.dumps(found))"""
    ended = launcher.run(
        Spec(["python3", "-c", script], [bind(mine, mine, WRITABLE | OWNED), bind(roots, "/srv/roots")], [NOBODY]), PAIRED,
        environment(secrets={"token": "value"}), as_root=True)
    assert ended.code == 0, ended
    found = json.loads(ended.output)
    assert found["ids"] == [1000, 1000] and found["caps"] == [0, 0, 0] and found["uid_map"] == ["1000", "65534", "1"], found
    assert found["home"] and found["token"] == "value", found
    assert (found["secret"], found["shadow"]) == (errno.EACCES, errno.ENOENT) and found["init"] == errno.EACCES, found
    # On the host the file belongs to the folder's owner.
    assert (mine / "made").stat().st_uid == OUTSIDE_ID


@as_root
def test_the_end_of_a_launcher_of_root_ends_the_command(launcher):
    launch = launcher.start(Spec(["sleep", "60"], extra=[NOBODY]), PAIRED, as_root=True)
    launch.receive()
    assert launch.line().startswith("started")
    launch.process.kill()
    launch.process.wait()
    assert select.select([launch.handed["P"][0]], [], [], 5)[0], "pid 1 goes on"
    launch.close()
