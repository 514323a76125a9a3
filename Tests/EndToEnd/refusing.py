"""Hosts that cannot isolate: what a process applies to itself before it starts a sandbox. On x86-64 alone.

    python3 refusing.py NAME COMMAND...
"""

import ctypes
import errno
import os
import struct
import sys
from pathlib import Path

CLONE, CLONE3, SECCOMP, LANDLOCK = 56, 435, 317, 444


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
    user, group = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(4, 1, 0, 0, 0)  # dumpable, so that its own files of /proc are its own
    assert libc.unshare(0x10000000 | flags) == 0, os.strerror(ctypes.get_errno())
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"1000 {user} 1\n")
    Path("/proc/self/gid_map").write_text(f"1000 {group} 1\n")
    return libc


def no_more_namespaces():
    enter_namespaces(0)
    Path("/proc/sys/user/max_user_namespaces").write_text("0")


def masked_proc():
    libc = enter_namespaces(0x20000)
    assert libc.mount(b"tmpfs", b"/proc/tty", b"tmpfs", 0, None) == 0, os.strerror(ctypes.get_errno())


# A container's filter, and AppArmor's answer to a program that uses clone.
container_filter = calls_fail((CLONE3, errno.ENOSYS), only_new_users=((CLONE, errno.EPERM),))
denied_to_clone = calls_fail(only_new_users=((CLONE, errno.EPERM),))
HOSTS = {"container-filter": container_filter, "userns-limit": no_more_namespaces, "proc-masked": masked_proc}

if __name__ == "__main__":
    HOSTS[sys.argv[1]]()
    os.execvp(sys.argv[2], sys.argv[2:])
