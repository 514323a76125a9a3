"""R075: `interlock-launch --spec`: each wall of a run's sandbox, by an attempt that succeeds without it."""

import errno
import json
import os
import platform
import re
import select
import signal
import socket
import stat
import struct
import subprocess
import time
from pathlib import Path

import pytest

from conftest import missing
from launching import (DEBUG, DEFAULT, NOEXEC, REDUCED, WRITABLE, Spec, attempts, bind, environment, living, overlay, project,
                       record, rlimit, shell, tmpfs, upper)
from terminal import to_the_end

pytestmark = pytest.mark.requirement("R075")

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


# TIOCSTI and TIOCLINUX, of which the kernel reads 32 bits; no such request is for what is no terminal.
TYPING = ("import ctypes, errno\nlibc = ctypes.CDLL(None, use_errno=True)\n"
          "for request in (0x5412, 0x541C):\n"
          "    for high in (0, 1 << 32, 0xFFFFFFFF << 32):\n"
          "        assert libc.syscall(ctypes.c_long(16), ctypes.c_long(0), ctypes.c_ulong(request | high), 0) == -1\n"
          "        print(errno.errorcode[ctypes.get_errno()])\n")


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the number of the call is that of x86-64")
@pytest.mark.parametrize("variant, error", [(DEFAULT, "EPERM"), (REDUCED, "EPERM"), ("off", "ENOTTY")])
def test_typing_into_a_terminal_is_refused_whatever_the_other_bits_are(launcher, variant, error):
    ended = launcher.run(Spec(["python3", "-c", TYPING]), variant)
    assert (ended.code, ended.output.split()) == (0, [error] * 6), ended


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
    assert to_the_end(ours).decode().split() == ["one", "two", "2", "0", "0"]


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
