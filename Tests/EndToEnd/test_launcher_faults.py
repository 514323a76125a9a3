"""R075: steps and system calls that fail, and hosts that cannot isolate: nothing runs, and nothing is left."""

import ctypes
import errno
import os
import platform
import re
import shutil
import struct
import subprocess
from pathlib import Path
import pytest

import launching
import refusing
from conftest import missing
from launching import (DEFAULT, LAUNCH, REDUCED, Launcher, Spec, bind, everything, living, record, reduced, shell,
                       unconfined)

pytestmark = pytest.mark.requirement("R075")


# Steps that fail.

SOURCE = (LAUNCH / "Agent" / "steps.c").read_text()
LISTS = {name: re.findall(r'\{"([a-z-]+)", \w+\}', body)
         for name, body in re.findall(r"agent_step (\w+)\[\] = \{(.*?)\n\};", SOURCE, re.S)}
OF_COMMAND = [*LISTS["command_steps"], *LISTS["end_steps"]]
WALLS = [*LISTS["first_walls"], *LISTS["last_walls"]]
STEPS = {
    "own": [*LISTS["sandbox_steps"], "source", *LISTS["root_steps"], *LISTS["entry_steps"], *LISTS["last_steps"], *OF_COMMAND,
            *WALLS],
    "bwrap": [*LISTS["inner_steps"], *OF_COMMAND, *WALLS], "reduced": [*LISTS["host_steps"], *OF_COMMAND, *WALLS],
    "none": [*LISTS["host_steps"], *OF_COMMAND],
}
RAN = ["sh", "-c", "echo ran"]
FORMS = {"own": (everything, DEFAULT), "bwrap": (lambda launcher: Spec(RAN, backend=1, network=1), DEFAULT),
         "reduced": (lambda launcher: reduced(RAN, ports=[9]), REDUCED), "none": (lambda launcher: unconfined(RAN), DEFAULT)}


@pytest.mark.parametrize("form", FORMS)
def test_every_step_that_fails_ends_with_nothing_run(launcher, form):
    require(form)
    before = Path("/proc/self/mountinfo").read_text()
    make, variant = FORMS[form]
    spec = make(launcher)
    assert len(STEPS[form]) > {"own": 35, "none": 12}.get(form, 15) and launcher.run(spec, variant).output == "ran\n"
    for step in STEPS[form]:
        ended = launcher.run(spec, variant, faults={"INTERLOCK_FAULT": step})
        assert (ended.code, ended.status, ended.output) == (71, [f"failed {step} {errno.EIO}"], ""), (step, ended)
    assert living() == [] and Path("/proc/self/mountinfo").read_text() == before


@pytest.mark.parametrize("form, step", [("bwrap", "send-pidfd"), ("bwrap", "landlock"), ("reduced", "await-ids"),
                                        ("reduced", "filter-calls")])
def test_set_up_that_hangs_ends_with_nothing_run(launcher, form, step):
    require(form)
    make, variant = FORMS[form]
    spec = make(launcher)
    spec.extra.append(record(21, struct.pack("<I", 150)))
    ended = launcher.run(spec, variant, faults={"INTERLOCK_HANG": step})
    assert (ended.code, ended.status, ended.output) == (71, [f"failed time {errno.ETIMEDOUT}"], ""), ended
    assert living() == []


def require(form: str) -> None:
    if form == "bwrap" and not Path("/usr/bin/bwrap").exists():
        missing("no bubblewrap: run scripts/setup")


# The system calls of the set-up. Each is made to fail once, by its number in the order of its process.
CALLS = ("mount", "umount2", "pivot_root", "open_tree", "move_mount", "mount_setattr", "openat2", "mkdir", "mkdirat", "symlink",
         "symlinkat", "chdir", "fchmod", "write", "socket", "bind", "listen", "sendmsg", "sethostname", "prctl", "capset",
         "setsid", "prlimit64", "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self", "close_range",
         "seccomp", "clone3", "pipe2", "mmap", "openat", "ioctl", "fstat", "newfstatat", "timerfd_create", "fchmodat", "keyctl",
         "uname", "execve", "dup2", "dup3", "fcntl", "signalfd4",
         # Those of bubblewrap, and of the launcher inside it.
         "clone", "unshare", "memfd_create", "pidfd_open", "eventfd2", "socketpair", "sendto", "recvfrom", "recvmsg", "execveat",
         "lseek", "fchdir", "creat", "chmod", "capget")
# The command makes these too, and so does the launcher when nothing depends on them.
TOLERATED = {"mmap", "write", "prctl", "openat", "close_range", "fstat", "newfstatat", "ioctl", "prlimit64", "dup2", "dup3",
             "fcntl"}


@pytest.mark.stress
@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("form", ["own", "bwrap", "reduced"])
def test_every_system_call_that_fails_ends_with_nothing_run(launcher, form, name):
    if shutil.which("strace") is None:
        missing("no strace: run scripts/setup")
    require(form)
    before = Path("/proc/self/mountinfo").read_text()
    make, variant = FORMS[form]
    spec, wrapper, trace = make(launcher), launcher.folder / f"strace-{name}", launcher.directory("trace") / "calls"
    for number in range(1, 400):
        launcher.write(wrapper, f"#!/bin/sh\nexec strace -f -qq -o {trace} -e trace={name} "
                                f"-e inject={name}:error=EIO:when={number} {launcher.program} \"$@\"\n").chmod(0o755)
        ended = launcher.run(spec, variant, program=wrapper)
        if "(INJECTED)" not in trace.read_text():
            break
        if ended.code == 71 or ended.code == 70:
            assert ended.output == "", (number, ended)
            assert ended.said.split()[:1] in (["failed"], ["refused"]) or name == "write", (number, ended)
        elif ended.said == f"not-executed {errno.EIO}":
            assert (name, ended.code, ended.output) == ("execve", 126, ""), (number, ended)
        else:
            # bubblewrap looks up the name of `lo` by a socket of any family.
            is_tolerated = name in TOLERATED or (form, name) == ("bwrap", "socket")
            assert is_tolerated, (number, ended, trace.read_text())
    assert living() == [] and Path("/proc/self/mountinfo").read_text() == before


@pytest.mark.parametrize("form", ["own", "bwrap", "reduced"])
@pytest.mark.parametrize("number, code, said", [(1, 71, f"failed time {errno.ETIMEDOUT}"), (2, 124, "ended wall 0")])
def test_a_deadline_that_cannot_be_set_ends_the_run(launcher, form, number, code, said):
    """That of the set-up, and that of the command."""
    if shutil.which("strace") is None:
        missing("no strace: run scripts/setup")
    require(form)
    words = ["sh", "-c", "sleep 20; echo ran"]
    spec = reduced(words) if form == "reduced" else Spec(words, backend=int(form == "bwrap"))
    wrapper = launcher.write(launcher.folder / f"strace-deadline-{form}-{number}", (
        "#!/bin/sh\nexec strace -f -qq -o /dev/null -e trace=timerfd_settime -e "
        f'inject=timerfd_settime:error=EIO:when={number} {launcher.program} "$@"\n'))
    wrapper.chmod(0o755)
    ended = launcher.run(spec, REDUCED if form == "reduced" else DEFAULT, program=wrapper)
    assert (ended.code, ended.said, ended.output) == (code, said, ""), ended
    assert living() == []


# Hosts that cannot isolate.


HOSTS = {
    "container-filter": (refusing.container_filter, "clone", errno.EPERM),
    "userns-denied": (refusing.calls_fail((refusing.CLONE3, errno.EPERM)), "clone", errno.EPERM),
    "userns-limit": (refusing.no_more_namespaces, "clone", errno.ENOSPC),
    "proc-masked": (refusing.masked_proc, "proc", errno.EPERM),
    "no-seccomp": (refusing.calls_fail((refusing.SECCOMP, errno.ENOSYS)), "host", 0),
    "no-landlock": (refusing.calls_fail((refusing.LANDLOCK, errno.EOPNOTSUPP)), "host", 0),
    "kernel-too-old": (lambda: ctypes.CDLL(None).personality(0x20000), "host", 0),
}


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the numbers of the calls are those of x86-64")
@pytest.mark.parametrize("reason", HOSTS)
@pytest.mark.parametrize("form", ["own", "bwrap"])
def test_host_that_cannot_isolate_is_refused_with_its_reason(launcher, form, reason):
    require(form)
    before, step, error = HOSTS[reason]
    if form == "bwrap" and step != "host":
        step, error = "bwrap", errno.EPERM  # what it prints has no number
    if form == "bwrap" and reason == "userns-denied":
        before = refusing.denied_to_clone  # it has no clone3
    ended = launcher.run(Spec(RAN, backend=form == "bwrap"), before=before)
    assert (ended.code, ended.status, ended.output) == (70, [f"refused {reason} {step} {error}"], ""), ended


def test_a_host_without_bubblewrap_refuses_its_backend_alone(launcher):
    if os.geteuid() != 0:
        missing("only root hides a folder of the host's programs from one process")

    def hide():
        libc = ctypes.CDLL(None, use_errno=True)
        # In a mount namespace of its own (CLONE_NEWNS), from which no mount reaches another (MS_REC | MS_PRIVATE).
        assert libc.unshare(0x20000) == 0 and libc.mount(None, b"/", None, ctypes.c_ulong(0x44000), None) == 0
        assert libc.mount(b"tmpfs", b"/usr/bin", b"tmpfs", ctypes.c_ulong(0), None) == 0

    ended = launcher.run(Spec(RAN, backend=1), before_user=hide)
    assert (ended.code, ended.status, ended.output) == (70, [f"refused no-bwrap bwrap {errno.ENOENT}"], ""), ended


def test_missing_landlock_can_be_allowed(launcher):
    ended = shell(launcher, "echo ran", before=HOSTS["no-landlock"][0], extra=[record(14, struct.pack("<I", 1))])
    assert (ended.code, ended.status[0], ended.output) == (0, "started 0", "ran\n"), ended


def test_clone_takes_the_place_of_clone3(launcher):
    ended = shell(launcher, "echo ran", before=refusing.calls_fail((refusing.CLONE3, errno.ENOSYS)))
    assert (ended.code, ended.output) == (0, "ran\n"), ended


@pytest.mark.parametrize("step, error, reason", [
    ("overlay", errno.ENODEV, "no-overlay"), ("private-mounts", errno.EACCES, "userns-denied"),
    ("landlock", errno.EOPNOTSUPP, "no-landlock"), ("filter-calls", errno.ENOSYS, "no-seccomp")])
def test_step_that_the_host_lacks_is_refused(launcher, step, error, reason):
    ended = launcher.run(everything(launcher), faults={"INTERLOCK_FAULT": f"{step}:{error}"})
    assert (ended.code, ended.status, ended.output) == (70, [f"refused {reason} {step} {error}"], ""), ended


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the numbers of the calls are those of x86-64")
def test_reduced_is_refused_without_its_layers(launcher):
    for reason in ("no-landlock", "no-seccomp"):
        ended = launcher.run(reduced(RAN), REDUCED, before=HOSTS[reason][0])
        assert (ended.code, ended.status, ended.output) == (70, [f"refused {reason} host 0"], ""), ended


def test_cgroup_that_is_none_is_refused(launcher):
    with open(os.devnull) as other:
        ended = launcher.run(Spec(["true"], extra=[record(15)]), cgroup=other.fileno())
    assert (ended.code, ended.said) == (70, f"refused no-cgroup clone {errno.EBADF}"), ended


@pytest.mark.parametrize("form", ["own", "bwrap"])
def test_root_is_refused(launcher, form):
    if os.geteuid() != 0:
        missing("not root")
    require(form)
    ended = launcher.run(Spec(RAN, backend=form == "bwrap"), as_root=True)
    assert (ended.code, ended.status, ended.output) == (64, ["refused root host 0"], ""), ended


def test_a_launcher_that_was_made_set_user_id_runs_nothing(launcher):
    """A launcher with the rights of another is the hole of other sandboxes (CVE-2022-31214); the same bit works for `id`."""
    if os.geteuid() != 0:
        missing("not root")
    raised = {}
    for name, program in (("launcher", launcher.program), ("id", Path("/usr/bin/id"))):
        raised[name] = launcher.folder / f"raised-{name}"
        shutil.copy(program, raised[name])
        raised[name].chmod(0o4755)
    found = subprocess.run([raised["id"], "-u"], user=launching.OUTSIDE_ID, group=launching.OUTSIDE_ID, extra_groups=[],
                           capture_output=True, text=True)
    assert found.stdout == "0\n", "set-user-id does not work here"
    ended = launcher.run(Spec(["sh", "-c", "echo ran"]), program=raised["launcher"])
    assert (ended.code, ended.status, ended.output) == (64, ["refused root host 0"], ""), ended


def test_sandbox_inside_a_sandbox_is_refused(launcher):
    """The launcher runs again inside, with everything that it needs, and without a filter that would stop it first."""
    tree = [bind(Path(launching.__file__).parent, "/opt/tests"), bind(launcher.program, "/opt/interlock-launch")]
    script = ("import struct, sys; sys.path.insert(0, '/opt/tests'); from launching import *\n"
              "allow = sealed(struct.pack('<HBBI', 6, 0, 0, 0x7FFF0000))\n"
              "print(Launch(Path('/opt/interlock-launch'), Spec(['true']).bytes(), allow, environment()).finish().said)")
    assert launcher.run(Spec(["python3", "-B", "-c", script], tree), "off").output == "refused nested host 0\n"
