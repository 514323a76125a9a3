"""R075: the reader of specifications: what is wrong somewhere is refused as a whole."""

import ctypes
import errno
import fcntl
import struct
import subprocess
import pytest

import launching
from launching import Spec, bind, environment, file, folder, overlay, record, reduced, rlimit, symlink, tmpfs, unconfined

pytestmark = pytest.mark.requirement("R075")


def reader(launcher):
    library = launcher.folder / "reader.so"
    if not library.exists():
        sources = map(str, (launching.C / "CLaunch").glob("*.c"))
        subprocess.run([launching.compiler(), "-std=c11", "-O1", "-shared", "-fPIC", f"-I{launching.C / 'CLaunch' / 'include'}",
                        *sources, "-o", library], check=True)
    loaded = ctypes.CDLL(str(library))
    return lambda content, kind="spec": getattr(loaded, f"interlock_{kind}_check")(content, ctypes.c_size_t(len(content)))


def test_torn_specifications_are_refused_at_every_byte(launcher):
    read = reader(launcher)
    whole = Spec(["true"], [overlay("/a", "/workspace", "/b")], extra=[rlimit(1, 9), record(42)]).bytes()
    secrets = environment({"A": "1"}, {"B": "2"})
    for kind, content in (("spec", whole), ("environment", secrets)):
        assert read(content, kind) == 0
        assert {read(content[:cut], kind) for cut in range(len(content))} == {errno.EBADMSG}
        assert read(content + b"\0", kind) == errno.EBADMSG


def test_torn_specifications_run_nothing(launcher):
    whole = Spec(["sh", "-c", "echo ran"]).bytes()
    step = len(whole) // 12
    for cut in [*range(1, len(whole), step), len(whole) - 1]:
        ended = launcher.run(whole[:cut])
        assert (ended.code, ended.status, ended.output) == (71, [f"failed spec {errno.EBADMSG}"], ""), (cut, ended)
    torn = environment()[:-1]
    assert launcher.run(whole, environ=torn).status == [f"failed environment {errno.EBADMSG}"]
    assert launcher.run(whole, arguments=("--check-spec",)).code == 0
    assert launcher.run(whole[:-1], arguments=("--check-spec",)).code == 71
    assert launcher.run(whole, seals=fcntl.F_SEAL_WRITE).status == [f"failed spec {errno.EBADMSG}"]
    assert launcher.run(whole, arguments=("--spec", "--other")).code == 64


BASE = Spec(["true"]).records()
WRONG = {
    "no version": BASE[1:], "a later version": [record(1, struct.pack("<I", 2)), *BASE[1:]],
    "no isolation": [*BASE[:1], *BASE[2:]], "twice": [*BASE[:2], *BASE[1:]],
    "an unknown tag": [*BASE[:-1], record(99), BASE[-1]], "a tag of the environment": [*BASE[:-1], record(50, b"A=1"), BASE[-1]],
    "a large tag": [*BASE[:-1], record(65_535), BASE[-1]], "nothing to execute": [*BASE[:-2], BASE[-1]],
    "after the end": [*BASE, record(41, b"x")], "isolation 3": [BASE[0], record(10, b"\3"), *BASE[2:]],
}
TREES = {
    "a relative target": [tmpfs("tmp2")], "two dots": [tmpfs("/a/../b")], "a dot": [tmpfs("/a/.")],
    "two slashes": [tmpfs("/a//b")],
    "a final slash": [tmpfs("/a/")], "the root": [tmpfs("/")], "proc": [tmpfs("/proc/x")], "dev": [file("/dev/x")],
    "shm as a bind": [bind("/usr", "/dev/shm2")], "a secret": [file("/run/secrets/x")],
    "the run": [file("/etc/interlock/sandbox")], "the launcher": [file("/etc/interlock/launch")],
    "a bind above the run": [bind("/usr", "/etc/interlock")], "a bind above the secrets": [bind("/usr", "/run")],
    "a target twice": [tmpfs("/a"), folder("/a")], "a child first": [tmpfs("/a/b"), tmpfs("/a")],
    "a file in a bind": [file("/usr/x")], "a folder in an overlay": [overlay("/a", "/b"), folder("/b/c")],
    "a link in a bind's folder": [symlink("x", "/usr/share/x")], "below a file": [tmpfs("/etc/passwd/x")],
    "a NUL": [tmpfs("/a\0b")], "an odd flag": [bind("/usr", "/b", 8)], "a set-id file": [file("/x", mode=0o4755)],
    "a small tmpfs": [tmpfs("/x", size=1)], "a huge tmpfs": [tmpfs("/x", size=1 << 60)], "an empty link": [symlink("", "/x")],
    "a relative layer": [overlay("/a", "/c", "b", writable=False)], "no layer to write": [overlay("/a", "/c", "", writable=True)],
    "too many mounts": [tmpfs(f"/m{n}") for n in range(260)], "a long path": [tmpfs("/" + "a" * 4096)],
    "one limit twice": [rlimit(1, 2), rlimit(1, 3)], "a limit of limits": [rlimit(1, (1 << 64) - 1)], "limit 6": [rlimit(6, 1)],
    "no wall": [record(20, struct.pack("<Q", 0))], "too many records": [file(f"/f{n}") for n in range(2048)],
}


# What does not go together.
PORT = record(17, struct.pack("<H", 9))
MIXED = {
    "bubblewrap with an overlay": Spec(["true"], [overlay("/a", "/b")], backend=1),
    "bubblewrap with a mount in a bind": Spec(["true"], [bind("/a", "/b"), tmpfs("/b/c")], backend=1),
    "bubblewrap with a cgroup": Spec(["true"], extra=[record(15)], backend=1),
    "full with ports": Spec(["true"], extra=[PORT], network=2), "bubblewrap with the host's network": Spec(["true"], network=3, backend=1),
    "a port of the proxy": Spec(["true"], extra=[PORT], network=1), "reduced with a tmpfs": reduced(["true"], tmpfs("/x")),
    "reduced with another target": reduced(["true"], bind("/a", "/b")), "reduced by bubblewrap": reduced(["true"], backend=1),
    "reduced without Landlock": reduced(["true"], extra=[record(14, struct.pack("<I", 1))]),
    "none with a tree": Spec(["true"], network=3, isolation=2),
    "none with a proxy": Spec(["true"], network=1, isolation=2, base=[]),
    "isolation 3": Spec(["true"], isolation=3), "network 4": Spec(["true"], network=4),
    "port 0": Spec(["true"], network=2, isolation=1, base=[], extra=[record(17, bytes(2))]),
    "too many ports": Spec(["true"], network=2, isolation=1, base=[], extra=[PORT] * 17),
}


@pytest.mark.parametrize("name", MIXED)
def test_parts_that_do_not_go_together_are_refused(launcher, name):
    assert reader(launcher)(MIXED[name].bytes()) == errno.EBADMSG


def test_each_form_is_read(launcher):
    for spec in (Spec(["true"], backend=1, network=1), reduced(["true"], ports=[9, 10]), unconfined(["true"])):
        assert reader(launcher)(spec.bytes()) == 0


@pytest.mark.parametrize("name", [*WRONG, *TREES])
def test_wrong_specification_is_refused(launcher, name):
    content = b"".join(WRONG[name]) if name in WRONG else Spec(["true"], TREES[name], wall=None).bytes()
    assert reader(launcher)(content) == errno.EBADMSG


@pytest.mark.parametrize("content", [
    [record(50, b"A")], [record(50, b"=1")], [record(50, b"A=1"), record(50, b"A=2")], [record(50, b"A=\0")],
    [record(51, launching.string("../x") + b"1")], [record(51, launching.string(".x") + b"1")],
    [record(51, launching.string("") + b"1")],
    [record(51, launching.string("A") + b"1"), record(51, launching.string("A") + b"2")], [record(41, b"true")]])
def test_wrong_environment_is_refused(launcher, content):
    assert reader(launcher)(b"".join([launching.VERSION, *content, launching.END]), "environment") == errno.EBADMSG


