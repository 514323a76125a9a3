"""R075: `interlock-launch --spec`: each wall of a run's sandbox, by an attempt that succeeds without it."""

import ctypes
import errno
import fcntl
import json
import os
import platform
import re
import select
import shutil
import signal
import socket
import stat
import struct
import subprocess
import time
from pathlib import Path

import pytest

import launching
from conftest import FIXTURES, missing
from launching import (DEBUG, DEFAULT, LAUNCH, NOEXEC, REDUCED, WRITABLE, Launcher, Spec, bind, environment, file, folder,
                       overlay, record, rlimit, sealed, symlink, tmpfs)

pytestmark = pytest.mark.requirement("R075")

ATTEMPTS = FIXTURES / "escaping.py"
TOOLS = bind(FIXTURES, "/opt/fixtures")
OK = ["started 7", "ended exited 0"]


@pytest.fixture(scope="module")
def launcher():
    if launching.compiler() is None or not Path("/usr/include/seccomp.h").exists():
        missing("no C compiler or libseccomp-dev: run scripts/setup")
    made = Launcher()
    yield made
    made.close()


def attempts(launcher, *names, variant=DEFAULT, tree=(), **keywords) -> dict:
    command = ["python3", "/opt/fixtures/escaping.py", *names]
    if "stdin" in keywords:  # a folder, with which Python does not start
        command = ["sh", "-c", 'exec "$@" 3<&0 </dev/null', "sh", *command]
    ended = launcher.run(Spec(command, [TOOLS, *tree]), variant, **keywords)
    assert ended.code == 0, ended
    return json.loads(ended.output)


def shell(launcher, script: str, *tree, **keywords):
    spec = Spec(["sh", "-c", script], list(tree), **{k: keywords.pop(k) for k in ("network", "directory", "extra", "wall")
                                                     if k in keywords})
    return launcher.run(spec, **keywords)


# The command's end.


@pytest.mark.parametrize("command, code, said", [
    (["true"], 0, "ended exited 0"), (["sh", "-c", "exit 7"], 7, "ended exited 7"),
    (["sh", "-c", "exit 137"], 137, "ended exited 137"), (["sh", "-c", "kill -TERM $$"], 143, "ended killed 15"),
    (["sh", "-c", "kill -9 $$"], 137, "ended killed 9"), (["nosuch"], 127, f"not-executed {errno.ENOENT}"),
    (["/etc/passwd"], 126, f"not-executed {errno.EACCES}")])
def test_exit_code_and_status_of_the_command(launcher, command, code, said):
    ended = launcher.run(Spec(command))
    assert (ended.code, ended.said) == (code, said), ended
    assert ended.status[0].startswith("started ") == said.startswith("ended"), ended


def test_check_performs_every_step_and_executes_nothing(launcher):
    ended = launcher.run(Spec(["sh", "-c", "echo ran"]), arguments=("--spec", "--check"))
    assert (ended.code, ended.output) == (0, "") and re.fullmatch(r"checked \d+", ended.said), ended


def test_orphans_are_reaped_and_end_with_the_command(launcher):
    ended = shell(launcher, "(sleep 60 &) ; (true &) ; sleep 0.05; ps -e -o stat= | grep -c Z; true")
    assert (ended.code, ended.output) == (0, "0\n"), ended


# What it sees.


def test_environment_identity_and_descriptors_are_those_of_the_specification(launcher):
    variables = {"PATH": "/usr/bin", "A": "1=2", "EMPTY": "", "TOKEN": "value of a secret"}
    spec = Spec(["python3", "-c", "import os, json; print(json.dumps([dict(os.environ), os.getresuid(), os.getgroups(), "
                                  "os.uname().nodename, sorted(os.listdir('/proc/self/fd')), os.getcwd(), os.getpid()]))"],
                directory="/home/agent")
    seen, ids, groups, host, descriptors, directory, pid = json.loads(
        launcher.run(spec, environ=environment(variables)).output)
    seen.pop("LC_CTYPE", None)  # Python's own
    assert seen == variables and ids == [1000] * 3 and set(groups) <= {1000} and host == "sandbox"
    assert descriptors == ["0", "1", "2", "3"] and directory == "/home/agent" and pid == 2


def test_secrets_are_files_that_nothing_can_change(launcher):
    ended = shell(launcher, "cat /run/secrets/NPM; stat -c %a /run/secrets/NPM; chmod 600 /run/secrets/NPM; "
                            "cat /proc/self/environ /proc/1/environ /proc/1/cmdline",
                  environ=environment({"PATH": "/usr/bin"}, {"NPM": "the value"}))
    assert ended.output.startswith("the value400\n") and "the value" not in ended.output[9:], ended
    assert "Read-only file system" in ended.error and "/proc/1/environ: Permission denied" in ended.error


def test_mounts_name_no_path_of_the_project(launcher):
    lower, layer = project(launcher), upper(launcher)
    ended = shell(launcher, "cat /proc/self/mountinfo /proc/1/cmdline", overlay(lower, "/workspace", layer),
                  overlay(lower, "/opt/read"))
    assert ended.code == 0 and "/workspace" in ended.output and str(launcher.folder) not in ended.output, ended
    assert "interlock" not in ended.output


def project(launcher) -> Path:
    made = launcher.directory("project")
    launcher.write(made / "file", "lower")
    return made


def upper(launcher) -> Path:
    layer = launcher.directory("layer")
    for name in ("upper", "work"):
        (layer / name).mkdir()
        launcher.give(layer / name)
    return layer


def test_overlay_keeps_the_project_and_collects_the_changes(launcher):
    lower, layer = project(launcher), upper(launcher)
    ended = shell(launcher, "cat file && echo upper >file && echo new >made && cat file made && rm file && ls",
                  overlay(lower, "/workspace", layer), directory="/workspace")
    assert ended.output == "lowerupper\nnew\nmade\n", ended
    assert (lower / "file").read_text() == "lower" and not (lower / "made").exists()
    assert (layer / "upper" / "made").read_text() == "new\n"


def test_a_layer_that_is_only_read_covers_the_project(launcher):
    lower, layer = project(launcher), upper(launcher)
    (lower / "secret").write_text("hidden")
    (layer / "upper" / "file").write_text("cleaned")
    os.mknod(layer / "upper" / "secret", 0o600 | stat.S_IFCHR, os.makedev(0, 0))
    for path in (layer / "upper").iterdir():
        launcher.give(path)
    ended = shell(launcher, "cat file; ls; echo x >made; echo x >file; rm file; ls",
                  overlay(lower, "/workspace", layer, writable=False), directory="/workspace")
    assert ended.output == "cleanedfile\nfile\n", ended
    assert sorted(os.listdir(layer / "upper")) == ["file", "secret"] and (lower / "file").read_text() == "lower"


def test_what_is_not_listed_does_not_exist(launcher):
    secret = project(launcher) / "file"
    reads = f"cat {secret}; ls {secret.parent}"
    outside = subprocess.run(["sh", "-c", reads], capture_output=True, text=True)
    assert outside.stdout.startswith("lower")
    ended = shell(launcher, f"{reads}; ls /home /root /var /boot /sys", bind("/usr", "/opt/usr"))
    assert "lower" not in ended.output and "agent" in ended.output
    assert ended.error.count("No such file or directory") == 6, ended


def test_read_only_and_writable_binds(launcher):
    tree = project(launcher)
    script = "cat /opt/bound/file; echo x >/opt/bound/made"
    for flags, made in ((0, False), (WRITABLE, True)):
        ended = shell(launcher, script, bind(tree, "/opt/bound", flags))
        assert ended.output == "lower" and (tree / "made").exists() == made, ended
        assert ("Read-only file system" in ended.error) is not made
    launcher.write(tree / "program", "#!/bin/sh\necho ran\n").chmod(0o755)
    assert shell(launcher, "/opt/bound/program", bind(tree, "/opt/bound")).output == "ran\n"
    assert "ermission denied" in shell(launcher, "/opt/bound/program", bind(tree, "/opt/bound", NOEXEC)).error


def test_links_lead_nowhere_outside(launcher):
    """A link in a bound folder is resolved inside; one in the path of a source or a target is refused."""
    tree, other = project(launcher), project(launcher)
    (tree / "link").symlink_to(other)
    (other / "inner").mkdir()
    assert (tree / "link" / "file").read_text() == "lower"
    ended = shell(launcher, "cat /opt/bound/link/file", bind(tree, "/opt/bound"))
    assert "No such file" in ended.error, ended
    for source in (tree / "link", tree / "link" / "inner"):
        ended = shell(launcher, "echo ran", bind(source, "/opt/bound"))
        assert (ended.code, ended.said, ended.output) == (71, f"failed source {errno.ELOOP}", ""), ended
    ended = shell(launcher, "echo ran", bind(tree, "/opt/bound"), tmpfs("/opt/bound/link/inner"))
    assert (ended.code, ended.said) == (71, f"failed tmpfs {errno.ELOOP}"), ended
    ended = shell(launcher, "echo ran", bind(tree, "/opt/bound"), tmpfs("/opt/bound/missing"))
    assert (ended.code, ended.said) == (71, f"failed tmpfs {errno.ENOENT}"), ended
    assert not (tree / "missing").exists() and not (other / "missing").exists()


def test_sockets_of_the_host_are_not_reachable(launcher):
    """A socket cannot be bound itself. In a bound folder it works; in a read-only overlay nothing listens on it."""
    tree = project(launcher)
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(tree / "s"))
        one.listen()
        (tree / "s").chmod(0o777)
        script = ["python3", "-c", "import socket; socket.socket(socket.AF_UNIX).connect('/opt/seen/s')"]
        assert launcher.run(Spec(script, [bind(tree, "/opt/seen")])).code == 0
        ended = launcher.run(Spec(script, [overlay(tree, "/opt/seen")]))
        assert ended.code == 1 and "ConnectionRefusedError" in ended.error, ended
        ended = launcher.run(Spec(["true"], [bind(tree / "s", "/opt/seen")]))
        assert ended.said == f"failed source {errno.EINVAL}", ended


# The walls, each with the step that makes it left out.

WALLS = {
    "seal-root": ["write_etc", "write_root"], "seal-devices": ["write_dev"], "proc-masks": ["read_timer_list"],
    "undumpable": ["init_environment", "init_root", "init_memory"], "wipe-arguments": ["init_arguments"], "close-descriptors": ["more_descriptors"],
    "landlock": ["inherited_folder", "signal_init", "whiteout"], "session": ["session"], "limits": ["core_dumps"],
    "host-name": ["host_name"], "capabilities": ["bounding_set"],
}
# Landlock alone refuses what the other walls leave open, and it keeps a wrong mount from being written.
WITHOUT_LANDLOCK = {"seal-root", "seal-devices", "proc-masks", "undumpable"}


@pytest.mark.parametrize("step", WALLS)
def test_wall_holds_and_attempt_succeeds_without_it(launcher, step):
    names = WALLS[step]
    given = {}
    if "inherited_folder" in names:  # no mount is between standard input and the command
        given["stdin"] = launcher.directory("inherited")
        launcher.write(given["stdin"] / "secret", "x")
    held = attempts(launcher, *names, **given)
    assert all(value is not True for value in held.values()), held
    left_out = f"{step},landlock" if step in WITHOUT_LANDLOCK else step
    assert attempts(launcher, *names, faults={"INTERLOCK_LEFT_OUT": left_out}, **given) == dict.fromkeys(names, True)


def test_loopback_works_only_once_it_is_up(launcher):
    assert attempts(launcher, "interface_down") == {"interface_down": True}
    faults = {"INTERLOCK_LEFT_OUT": "loopback"}
    assert attempts(launcher, "interface_down", faults=faults) == {"interface_down": "ENETUNREACH"}


# The filter. What the kernel lacks fails in both and is absent.

FILTERED = {
    "set_id_file": "EPERM", "set_id_file_by_open": "EPERM", "vsock": "EAFNOSUPPORT", "netlink": "EAFNOSUPPORT",
    "nested_user_namespace": "EPERM", "nested_by_clone": "EPERM", "by_clone3": "ENOSYS", "io_uring": "ENOSYS",
    "a_kernel_interface": "EPERM", "personality": "EPERM", "modify_ldt": "EPERM", "keyring": "EPERM",
    "wide_family": "EAFNOSUPPORT", "int_0x80": "signal 31", "x32": "signal 31", "unfiltered": "EPERM",
}
ABSENT = {"x32": "ENOSYS", "keyring": "ENOSYS", "int_0x80": "signal 11"}


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the numbers of the attempts are those of x86-64")
def test_filter_refuses_exactly_what_succeeds_without_it(launcher):
    assert attempts(launcher, *FILTERED) == FILTERED
    free = attempts(launcher, *FILTERED, variant="off")
    assert {name: value for name, value in free.items() if value is not True and value != ABSENT.get(name)} == {}


def test_variants_of_the_filter(launcher):
    names = ("traced_child", "udp", "unix", "datagram_pair", "unix_pair", "tcp")
    open_ones = dict.fromkeys(names, True)
    assert attempts(launcher, *names) == open_ones | {"traced_child": "EPERM"}
    assert attempts(launcher, *names, variant=DEBUG) == open_ones
    assert attempts(launcher, *names, variant=REDUCED) == {
        "traced_child": "EPERM", "udp": "EPERM", "unix": "EAFNOSUPPORT", "datagram_pair": "EPERM", "unix_pair": True,
        "tcp": True}


def test_programs_work_under_the_filter(launcher):
    """Controls: what agents do all day."""
    script = ("cd /tmp && printf 'int main(void){return 0;}' >a.c && cc a.c -o a && ./a && git init -q r && cd r && "
              "git -c user.name=a -c user.email=a@b commit -q --allow-empty -m x && git log --oneline | wc -l && "
              "python3 -c 'import threading; t = threading.Thread(target=print, args=(1,)); t.start(); t.join()' && "
              "echo pipe | cat && (python3 -m http.server --bind 127.0.0.1 8000 >/dev/null 2>&1 & sleep 0.4; "
              "curl -s -o /dev/null -w '%{http_code}\\n' http://127.0.0.1:8000/)")
    ended = shell(launcher, script)
    assert (ended.code, ended.output) == (0, "1\n1\npipe\n200\n"), ended


def test_table_is_printed(launcher, tmp_path):
    """The list of docs/specs/sandbox.md, section 5, by group."""
    with (tmp_path / "table").open("w+b") as table:
        assert launcher.library.interlock_seccomp_print(DEFAULT, table.fileno()) == 0
        table.seek(0)
        lines = table.read().decode().splitlines()
    groups = {line.split(":")[0] for line in lines}
    assert groups == {"mounts", "namespaces", "unfilterable", "kernel", "processes", "files", "machine", "terminal", "sockets",
                      "set-id bits"}
    assert "unfilterable: fchmodat2 ENOSYS" in lines and "terminal: ioctl EPERM arg1&0xffffffff=0x5412" in lines
    assert launcher.library.interlock_seccomp_program(8) == -errno.EINVAL


# The network.


def test_listeners_are_handed_out_and_nothing_else_is_reachable(launcher):
    with socket.create_server(("127.0.0.1", 0)) as host:
        port = host.getsockname()[1]
        script = ("import socket\nfor port in (3128, 1080):\n    print(socket.create_connection(('127.0.0.1', port)).recv(9))\n"
                  f"for address in (('127.0.0.1', {port}), ('192.0.2.1', 443)):\n"
                  "    print(socket.socket().connect_ex(address))\n")
        launch = launcher.start(Spec(["python3", "-c", script], network=1))
        launch.receive()
        launch.receive()
        for descriptor, greeting in zip(launch.handed["L"], (b"http", b"socks")):
            with socket.socket(fileno=os.dup(descriptor)) as listener:
                listener.settimeout(10)
                client, _ = listener.accept()
                client.sendall(greeting)
                client.close()
        ended = launch.finish()
    assert ended.output == f"b'http'\nb'socks'\n{errno.ECONNREFUSED}\n{errno.ENETUNREACH}\n", ended
    assert "P" in launch.handed


def test_without_the_proxy_nothing_listens(launcher):
    launch = launcher.start(Spec(["sh", "-c", "cat /proc/net/tcp | wc -l"]))
    launch.receive()
    launch.receive()
    assert launch.finish().output == "1\n" and list(launch.handed) == ["P"]


# Limits.


def test_limits_are_those_of_the_specification(launcher):
    script = "prlimit --noheadings --raw -o SOFT,HARD -u -n -f -v -t; dd if=/dev/zero of=/opt/small/x bs=64k count=3"
    ended = shell(launcher, script, tmpfs("/opt/small", size=4096 * 16),
                  extra=[rlimit(1, 64), rlimit(2, 99), rlimit(3, 4 << 20), rlimit(4, 1 << 30), rlimit(5, 77)])
    values = [line.split() for line in ended.output.splitlines()]
    assert sorted(values) == sorted([[str(n)] * 2 for n in (64, 99, 4 << 20, 1 << 30, 77)]), ended
    assert "No space left on device" in ended.error


def test_wall_clock_ends_the_run(launcher):
    ended = shell(launcher, "trap '' TERM; setsid sleep 60 & sleep 60", wall=150)
    assert (ended.code, ended.status[1:]) == (124, ["ended wall 0"]), ended


def test_set_up_that_takes_too_long_ends_with_nothing_run(launcher):
    for step in ("follow-launcher", "proc", "filter-calls"):
        ended = shell(launcher, "echo ran", extra=[record(21, struct.pack("<I", 150))], faults={"INTERLOCK_HANG": step})
        assert (ended.code, ended.status, ended.output) == (71, [f"failed time {errno.ETIMEDOUT}"], ""), ended


def test_terminal_is_the_command_s_own(launcher):
    ours, theirs = os.openpty()
    launcher.give(Path(os.ttyname(theirs)))  # it is the supervisor's
    script = "echo one >/dev/tty && echo two >/dev/stdout && ps -o tpgid= -p $$ && stty -F /dev/tty size"
    launch = launcher.start(Spec(["sh", "-c", script], extra=[record(42)]), terminal=theirs)
    os.close(theirs)
    ended = launch.finish()
    assert ended.code == 0, ended
    said = os.read(ours, 4096).decode().split()
    os.close(ours)
    assert said == ["one", "two", "2", "0", "0"]


# The end of a run.

HOSTILE = ("import os, signal, time\n"
           "for n in range(1, 65):\n"
           "    if n not in (9, 19): signal.signal(n, signal.SIG_IGN) if n not in (32, 33) else None\n"
           "for _ in range(300):\n"
           "    if os.fork() == 0:\n"
           "        os.setsid()\n"
           "        while True: time.sleep(60)\n"
           "print('ready', flush=True)\n"
           "while True: time.sleep(60)\n")


def close_lifeline(launch):
    os.close(launch.lifeline)
    launch.lifeline = -1


def kill_init(launch):
    signal.pidfd_send_signal(launch.handed["P"][0], signal.SIGKILL)


KILLS = {"lifeline": (close_lifeline, 137, "ended lifeline 0"), "launcher": (lambda launch: launch.process.kill(), -9, None),
         "pidfd": (kill_init, 137, "ended killed 9")}


@pytest.mark.alone
@pytest.mark.parametrize("way", KILLS)
def test_kill_ends_three_hundred_hostile_processes_within_a_second(launcher, way):
    kill, code, said = KILLS[way]
    launch = launcher.start(Spec(["python3", "-c", HOSTILE]))
    launch.receive()
    assert os.read(launch.output, 6) == b"ready\n"
    begin = time.monotonic()
    kill(launch)
    ended = launch.finish()  # each of them holds the end of the output
    assert time.monotonic() - begin < 1
    assert (ended.code, ended.said if said else None) == (code, said), ended
    assert living() == []


def test_without_the_parent_death_signal_a_killed_launcher_leaves_the_run(launcher):
    """The wall behind the kill by the launcher's end."""
    launch = launcher.start(Spec(["sh", "-c", "echo ready; sleep 60"]), faults={"INTERLOCK_LEFT_OUT": "follow-launcher"})
    launch.receive()
    assert os.read(launch.output, 6) == b"ready\n"
    launch.process.kill()
    assert not select.select([launch.output], [], [], 0.1)[0], "it has ended"
    kill_init(launch)
    launch.finish()
    assert living() == []


def test_command_starts_inside_its_cgroup(launcher):
    root = Path("/sys/fs/cgroup/unified" if Path("/sys/fs/cgroup/unified").exists() else "/sys/fs/cgroup")
    if os.geteuid() != 0 or not (root / "cgroup.procs").exists():
        missing("only root can delegate a part of the cgroup v2 tree")
    made = [root / "interlock-test", root / "interlock-test" / "launcher", root / "interlock-test" / "run"]
    for one in made:
        one.mkdir(exist_ok=True)
        for path in (one, one / "cgroup.procs"):
            launcher.give(path)
    inside = os.open(made[2], os.O_RDONLY | os.O_DIRECTORY)
    launch = launcher.start(Spec(["sh", "-c", "echo ready; sleep 60"], extra=[record(15)]), cgroup=inside,
                            before_user=lambda: (made[1] / "cgroup.procs").write_text("0"))
    os.close(inside)
    try:
        assert os.read(launch.output, 6) == b"ready\n"
        # Pid 1, the shell, and sleep, which the shell starts after its word.
        deadline = time.monotonic() + 5
        while len((made[2] / "cgroup.procs").read_text().split()) != 3:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        (made[2] / "cgroup.kill").write_text("1")
        assert launch.finish().said == "ended killed 9"
    finally:
        launch.close()
        for one in reversed(made):
            one.rmdir()


def living() -> list[str]:
    """Processes of the launcher's user that do not end by themselves within two seconds, where no other program is that
    user's: without its launcher pid 1 ends a moment after what it holds open."""
    deadline = time.monotonic() + 2
    while launching.OUTSIDE_ID != os.geteuid():
        found = processes()
        if not found or time.monotonic() > deadline:
            return found
        time.sleep(0.01)
    return []


def processes() -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if path.stat().st_uid == launching.OUTSIDE_ID and "State:\tZ" not in (path / "status").read_text():
                found.append((path / "cmdline").read_text())
        except OSError:
            pass  # it ended
    return found


# Steps that fail.

STEPS = re.findall(r'\{"([a-z-]+)", \w+\}', (LAUNCH / "Agent" / "steps.c").read_text())
STEPS += re.findall(r'step = \{"([a-z-]+)", \w+\}', (LAUNCH / "Agent" / "steps.c").read_text())


def everything(launcher) -> Spec:
    """A specification that performs every step."""
    return Spec(["sh", "-c", "echo ran"], [overlay(project(launcher), "/workspace", upper(launcher))], network=1)


def test_every_step_that_fails_ends_with_nothing_run(launcher):
    assert len(set(STEPS)) > 35
    before = Path("/proc/self/mountinfo").read_text()
    spec = everything(launcher)
    for step in sorted(set(STEPS)):
        ended = launcher.run(spec, faults={"INTERLOCK_FAULT": step})
        assert (ended.code, ended.status, ended.output) == (71, [f"failed {step} {errno.EIO}"], ""), (step, ended)
    assert living() == [] and Path("/proc/self/mountinfo").read_text() == before


# The system calls of the set-up. Each is made to fail once, by its number in the order of its process.
CALLS = ("mount", "umount2", "pivot_root", "open_tree", "move_mount", "mount_setattr", "openat2", "mkdir", "mkdirat", "symlink",
         "symlinkat", "chdir", "fchmod", "write", "socket", "bind", "listen", "sendmsg", "sethostname", "prctl", "capset",
         "setsid", "prlimit64", "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self", "close_range",
         "seccomp", "clone3", "pipe2", "mmap", "openat", "ioctl", "fstat", "newfstatat")
# The command makes these too, and so does the launcher when nothing depends on them.
TOLERATED = {"mmap", "write", "prctl", "openat", "close_range", "fstat", "newfstatat", "ioctl", "prlimit64"}


@pytest.mark.stress
@pytest.mark.parametrize("name", CALLS)
def test_every_system_call_that_fails_ends_with_nothing_run(launcher, name):
    if shutil.which("strace") is None:
        missing("no strace: run scripts/setup")
    spec, wrapper, trace = everything(launcher), launcher.folder / f"strace-{name}", launcher.directory("trace") / "calls"
    for number in range(1, 400):
        launcher.write(wrapper, f"#!/bin/sh\nexec strace -f -qq -o {trace} -e trace={name} "
                                f"-e inject={name}:error=EIO:when={number} {launcher.program} \"$@\"\n").chmod(0o755)
        ended = launcher.run(spec, program=wrapper)
        if "(INJECTED)" not in trace.read_text():
            break
        if ended.code == 71 or ended.code == 70:
            assert ended.output == "", (number, ended)
            assert ended.said.split()[:1] in (["failed"], ["refused"]) or name == "write", (number, ended)
        else:
            assert name in TOLERATED, (number, ended, trace.read_text())
    assert living() == []


# Specifications that are wrong.


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
    "after the end": [*BASE, record(41, b"x")], "isolation 2": [BASE[0], record(10, b"\2"), *BASE[2:]],
}
TREES = {
    "a relative target": [tmpfs("tmp2")], "two dots": [tmpfs("/a/../b")], "a dot": [tmpfs("/a/.")],
    "two slashes": [tmpfs("/a//b")],
    "a final slash": [tmpfs("/a/")], "the root": [tmpfs("/")], "proc": [tmpfs("/proc/x")], "dev": [file("/dev/x")],
    "shm as a bind": [bind("/usr", "/dev/shm2")], "a secret": [file("/run/secrets/x")],
    "the run": [file("/etc/interlock/sandbox")],
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


# Hosts that cannot isolate.


def calls_fail(*refused: tuple[int, int], only_new_users=()):
    """A seccomp program, as that of a container: calls by number that fail with an errno."""
    program = [(0x20, 0, 0, 0)]
    for number, error in refused:
        program += [(0x15, 0, 1, number), (0x06, 0, 0, 0x50000 | error)]
    for number, error in only_new_users:
        program += [(0x15, 0, 4, number), (0x20, 0, 0, 16), (0x45, 0, 1, 0x10000000), (0x06, 0, 0, 0x50000 | error),
                    (0x20, 0, 0, 0)]
    program.append((0x06, 0, 0, 0x7FFF0000))
    content = b"".join(struct.pack("<HBBI", *one) for one in program)

    def apply():
        libc = ctypes.CDLL(None)
        buffer = ctypes.create_string_buffer(content)
        described = ctypes.create_string_buffer(struct.pack("<HxxxxxxQ", len(program), ctypes.addressof(buffer)))
        assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, described, 0, 0) == 0
    return apply


def enter_namespaces(flags: int):
    """Becomes uid 1000 of a new user namespace, with its capabilities."""
    outside = launching.OUTSIDE_ID
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(4, 1, 0, 0, 0)  # dumpable, so that its own files of /proc are its own
    assert libc.unshare(0x10000000 | flags) == 0, os.strerror(ctypes.get_errno())
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"1000 {outside} 1\n")
    Path("/proc/self/gid_map").write_text(f"1000 {outside if os.getgroups() == [] else os.getegid()} 1\n")
    return libc


def no_more_namespaces():
    enter_namespaces(0)
    Path("/proc/sys/user/max_user_namespaces").write_text("0")


def masked_proc():
    libc = enter_namespaces(0x20000)
    assert libc.mount(b"tmpfs", b"/proc/tty", b"tmpfs", 0, None) == 0, os.strerror(ctypes.get_errno())


CLONE, CLONE3, SECCOMP, LANDLOCK = 56, 435, 317, 444
HOSTS = {
    "container-filter": (calls_fail((CLONE3, errno.ENOSYS), only_new_users=((CLONE, errno.EPERM),)), "clone", errno.EPERM),
    "userns-denied": (calls_fail((CLONE3, errno.EPERM)), "clone", errno.EPERM),
    "userns-limit": (no_more_namespaces, "clone", errno.ENOSPC),
    "proc-masked": (masked_proc, "proc", errno.EPERM),
    "no-seccomp": (calls_fail((SECCOMP, errno.ENOSYS)), "host", 0),
    "no-landlock": (calls_fail((LANDLOCK, errno.EOPNOTSUPP)), "host", 0),
    "kernel-too-old": (lambda: ctypes.CDLL(None).personality(0x20000), "host", 0),
}


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the numbers of the calls are those of x86-64")
@pytest.mark.parametrize("reason", HOSTS)
def test_host_that_cannot_isolate_is_refused_with_its_reason(launcher, reason):
    before, step, error = HOSTS[reason]
    ended = shell(launcher, "echo ran", before=before)
    assert (ended.code, ended.status, ended.output) == (70, [f"refused {reason} {step} {error}"], ""), ended


def test_missing_landlock_can_be_allowed(launcher):
    ended = shell(launcher, "echo ran", before=HOSTS["no-landlock"][0], extra=[record(14, struct.pack("<I", 1))])
    assert (ended.code, ended.status[0], ended.output) == (0, "started 0", "ran\n"), ended


def test_clone_takes_the_place_of_clone3(launcher):
    ended = shell(launcher, "echo ran", before=calls_fail((CLONE3, errno.ENOSYS)))
    assert (ended.code, ended.output) == (0, "ran\n"), ended


@pytest.mark.parametrize("step, error, reason", [
    ("overlay", errno.ENODEV, "no-overlay"), ("private-mounts", errno.EACCES, "userns-denied"),
    ("landlock", errno.EOPNOTSUPP, "no-landlock"), ("filter-calls", errno.ENOSYS, "no-seccomp")])
def test_step_that_the_host_lacks_is_refused(launcher, step, error, reason):
    ended = launcher.run(everything(launcher), faults={"INTERLOCK_FAULT": f"{step}:{error}"})
    assert (ended.code, ended.status, ended.output) == (70, [f"refused {reason} {step} {error}"], ""), ended


def test_what_is_not_built_is_refused(launcher):
    assert launcher.run(Spec(["true"], isolation=1)).status == ["refused isolation-unsupported host 0"]
    assert launcher.run(Spec(["true"], backend=1)).status == ["refused backend-unsupported host 0"]


def test_cgroup_that_is_none_is_refused(launcher):
    with open(os.devnull) as other:
        ended = launcher.run(Spec(["true"], extra=[record(15)]), cgroup=other.fileno())
    assert (ended.code, ended.said) == (70, f"refused no-cgroup clone {errno.EBADF}"), ended


def test_root_is_refused(launcher):
    if os.geteuid() != 0:
        missing("not root")
    ended = launcher.run(Spec(["sh", "-c", "echo ran"]), as_root=True)
    assert (ended.code, ended.status, ended.output) == (64, ["refused root host 0"], ""), ended


def test_sandbox_inside_a_sandbox_is_refused(launcher):
    """The launcher runs again inside, with everything that it needs, and without a filter that would stop it first."""
    tree = [bind(Path(launching.__file__).parent, "/opt/tests"), bind(launcher.program, "/opt/interlock-launch")]
    script = ("import struct, sys; sys.path.insert(0, '/opt/tests'); from launching import *\n"
              "allow = sealed(struct.pack('<HBBI', 6, 0, 0, 0x7FFF0000))\n"
              "print(Launch(Path('/opt/interlock-launch'), Spec(['true']).bytes(), allow, environment()).finish().said)")
    assert launcher.run(Spec(["python3", "-B", "-c", script], tree), "off").output == "refused nested host 0\n"
