"""A server that tries to get out. One line per attempt: name, tab, `succeeded` or `blocked`, tab, detail."""

import ctypes
import os
import socket
import subprocess
import sys

libc = ctypes.CDLL(None, use_errno=True)
work, gateway, victim = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


def call(function, *arguments):
    ctypes.set_errno(0)
    result = function(*arguments)
    if result == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def read(path):
    with open(path, "rb") as file:
        return repr(file.read(64))


def write(path):
    with open(path, "ab") as file:
        file.write(b"was here\n")


def connect(path):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(path)


def trace(pid):
    PTRACE_SEIZE = 0x4206
    call(libc.ptrace, PTRACE_SEIZE, pid, None, None)


def read_memory(pid):
    with open(f"/proc/{pid}/maps") as maps:
        start = int(maps.readline().split("-")[0], 16)
    with open(f"/proc/{pid}/mem", "rb") as memory:
        memory.seek(start)
        return repr(memory.read(16))


def vm_read(pid):
    class IOVec(ctypes.Structure):
        _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]

    buffer = ctypes.create_string_buffer(8)
    here, there = IOVec(ctypes.addressof(buffer), 8), IOVec(0x10000, 8)
    try:
        call(libc.process_vm_readv, pid, ctypes.byref(here), 1, ctypes.byref(there), 1, 0)
    except OSError as error:
        if error.errno != 14:  # a bad address: the process itself could be read
            raise


def mount(source, target, kind, flags):
    call(libc.mount, source and source.encode(), target.encode(), kind and kind.encode(), flags, None)


def new_namespaces():
    CLONE_NEWUSER, CLONE_NEWNS = 0x10000000, 0x00020000
    child = os.fork()
    if child == 0:
        os._exit(0 if libc.unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 else 1)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0:
        raise OSError("refused")


def plant(make):
    """A file in the own data, which belongs to somebody else on the host, with a set-id bit."""
    path = f"{work}/data/planted"
    if os.path.lexists(path):
        os.unlink(path)
    make(path)
    if not os.stat(path).st_mode & 0o6000:
        raise OSError("no such bit")


def plant_then_change(change):
    def make(path):
        with open(path, "wb"):
            pass
        change(path)

    plant(make)


def open_with_how(path):
    how = (ctypes.c_uint64 * 3)(os.O_CREAT | os.O_WRONLY, 0o4755, 0)
    os.close(call(libc.syscall, 437, -100, path.encode(), ctypes.byref(how), 24))


def set_id_program():
    uid = subprocess.run([f"{work}/setuid-id", "-u"], capture_output=True, text=True, check=True).stdout.strip()
    if uid != "0":
        raise OSError(f"runs as {uid}")


def foreign_processes():
    family = {1, os.getpid(), os.getppid()}
    found = [name for name in os.listdir("/proc") if name.isdigit() and int(name) not in family]
    if not found:
        raise OSError("none to be seen")
    return ",".join(found[:5])


def inherited_descriptors():
    found = []
    for fd in range(3, 1024):
        try:
            os.fstat(fd)
            found.append(fd)
        except OSError:
            pass
    if not found:
        raise OSError("none")
    return str(found)


def status_field(name):
    with open("/proc/self/status") as status:
        return next(line.split()[1] for line in status if line.startswith(name + ":"))


def hold_capability():
    held = {name: status_field(name) for name in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"]}
    if not any(int(value, 16) for value in held.values()):
        raise OSError("none")
    return str(held)


def gain_by_execution():
    if status_field("NoNewPrivs") == "1":
        raise OSError("no new privileges")


def share_session():
    if os.getsid(0) == os.getpid():
        raise OSError("alone in it")


def core_file():
    import resource

    # The filter of servers lets the call succeed and change nothing.
    resource.setrlimit(resource.RLIMIT_CORE, (4096, 4096))
    if resource.getrlimit(resource.RLIMIT_CORE)[0] < 4096:
        raise OSError("the limit stays")


MS_REMOUNT, MS_BIND = 32, 4096
attempts = {
    "read state": lambda: read(f"{work}/state/secret"),
    "list state": lambda: os.listdir(f"{work}/state")[0],
    "read key": lambda: read(f"{work}/state/keys/node.key"),
    "read key through the launcher's root": lambda: read(f"/proc/1/root{work}/state/keys/node.key"),
    "write into state": lambda: write(f"{work}/state/planted"),
    "connect to control socket": lambda: connect(f"{work}/state/interlock.sock"),
    "connect to agent socket": lambda: connect(f"{work}/agent.sock"),
    "read covered file": lambda: read(f"{work}/covered-file"),
    "trace gateway": lambda: trace(gateway),
    "trace neighbour": lambda: trace(victim),
    "trace pid 1": lambda: trace(1),
    "read neighbour's environment": lambda: read(f"/proc/{victim}/environ"),
    "read neighbour's memory": lambda: read_memory(victim),
    "read gateway's memory": lambda: read_memory(gateway),
    "read pid 1's memory": lambda: read_memory(1),
    "copy neighbour's memory": lambda: vm_read(victim),
    "see other processes": foreign_processes,
    "use inherited descriptors": inherited_descriptors,
    "write outside": lambda: write(f"{work}/outside/file"),
    "create outside": lambda: write(f"{work}/outside/planted"),
    "write to the read-only place": lambda: write(f"{work}/readable/file"),
    "write to the system": lambda: write("/etc/interlock-planted"),
    "remount root writable": lambda: mount(None, "/", None, MS_REMOUNT | MS_BIND),
    "uncover state": lambda: call(libc.umount2, f"{work}/state".encode(), 2),
    "mount a tmpfs": lambda: mount("none", "/tmp", "tmpfs", 0),
    "mount the proc of the host": lambda: mount("proc", "/tmp", "proc", 0),
    "bind over a file": lambda: mount("/etc/hosts", "/etc/passwd", None, MS_BIND),
    "new user namespace": new_namespaces,
    "enter the launcher's namespace": lambda: call(libc.setns, os.open("/proc/1/ns/mnt", os.O_RDONLY), 0),
    "become root": lambda: os.setuid(0),
    "become another user": lambda: os.setuid(os.getuid() + 1),
    "join a group": lambda: os.setgroups([0]),
    "run a set-id program": set_id_program,
    "plant by chmod": lambda: plant_then_change(lambda path: os.chmod(path, 0o4755)),
    "plant by fchmod": lambda: plant_then_change(lambda path: os.fchmod(os.open(path, os.O_RDONLY), 0o4755)),
    "plant by fchmodat": lambda: plant_then_change(
        lambda path: os.chmod(os.path.basename(path), 0o2755, dir_fd=os.open(os.path.dirname(path), os.O_RDONLY))),
    "plant by fchmodat2": lambda: plant_then_change(
        lambda path: call(libc.syscall, 452, -100, path.encode(), 0o4755, 0)),
    "plant by open": lambda: plant(lambda path: os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o4755))),
    "plant by creat": lambda: plant(lambda path: os.close(call(libc.creat, path.encode(), 0o4755))),
    "plant by openat2": lambda: plant(open_with_how),
    "plant by mknod": lambda: plant(lambda path: os.mknod(path, 0o104755)),
    "set up a ring": lambda: call(libc.syscall, 425, 1, ctypes.create_string_buffer(120)),
    # mseal of no memory: kernels from 6.10 on have it, and the filters do not know it.
    "use a call newer than the filter": lambda: call(libc.syscall, 462, 0, 0, 0),
    "use the keys of the user": lambda: call(libc.syscall, 250, 0, -4, 1),
    "open a vsock": lambda: socket.socket(40, socket.SOCK_STREAM).close(),
    "hold a capability": hold_capability,
    "gain privileges by execution": gain_by_execution,
    "share the session": share_session,
    "change root": lambda: os.chroot("/tmp"),
    "make a device": lambda: os.mknod("/tmp/disk", 0o60666, os.makedev(8, 0)),
    "open a disk": lambda: os.close(os.open("/dev/vda" if os.path.exists("/dev/vda") else "/dev/sda", os.O_RDONLY)),
    "set a kernel parameter": lambda: write("/proc/sys/kernel/core_pattern"),
    "allow user namespaces": lambda: write("/proc/sys/user/max_user_namespaces"),
    "open the terminal": lambda: os.close(os.open("/dev/tty", os.O_RDWR)),
    "leave a core file": core_file,
    # Last, because without walls it ends the neighbour.
    "signal gateway": lambda: os.kill(gateway, 0),
    "signal neighbour": lambda: os.kill(victim, 15),
}

for name, attempt in attempts.items():
    try:
        print(name, "succeeded", attempt(), sep="\t")
    except Exception as error:
        print(name, "blocked", error, sep="\t")

# What a server must still be able to do.
abilities = {
    "write own data": lambda: write(f"{work}/data/own"),
    "read what it was given": lambda: read(f"{work}/readable/file"),
    "use a scratch folder": lambda: write("/tmp/scratch"),
    "start a process": lambda: subprocess.run(["/bin/true"], check=True),
    "random bytes": lambda: os.close(os.open("/dev/urandom", os.O_RDONLY)),
}
for name, ability in abilities.items():
    try:
        ability()
        print(name, "can", "", sep="\t")
    except Exception as error:
        print(name, "cannot", error, sep="\t")
print("end", "of", "attempts", sep="\t", flush=True)
