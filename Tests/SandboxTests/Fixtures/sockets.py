"""Makes sockets of each kind, and one connection to the host. One line each: name, tab, `made` or the error's name."""

import errno
import os
import socket
import sys

work, port = sys.argv[1], int(sys.argv[2])


def connect(family, address):
    with socket.socket(family) as client:
        client.settimeout(2)
        client.connect(address)


def serve(family, address):
    """To itself: its own loopback interface works."""
    with socket.create_server(address, family=family) as server:
        connect(family, server.getsockname())


def send_by_a_pair():
    one, other = socket.socketpair(type=socket.SOCK_DGRAM)
    with one, other:
        one.sendto(b"x", f"{work}/readable/datagrams")


def interfaces():
    if [name for _, name in socket.if_nameindex()] != ["lo"]:
        raise OSError(errno.EEXIST, "others")


def x32_socket():
    """The third set of numbers, in a process of its own, which is killed for the attempt."""
    import ctypes

    child = os.fork()
    if child == 0:
        os._exit(0 if ctypes.CDLL(None).syscall(0x40000000 + 41, 1, 1, 0) >= 0 else 1)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code != 0:
        raise OSError(errno.ENOSYS if code == 1 else errno.EPERM, "refused")


attempts = {
    "connect to the host": lambda: connect(socket.AF_INET, ("127.0.0.1", port)),
    "connect to a unix socket": lambda: connect(socket.AF_UNIX, f"{work}/readable/stream"),
    "send by one of a pair": send_by_a_pair,
    "unix": lambda: socket.socket(socket.AF_UNIX).close(),
    "unix, datagrams": lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).close(),
    "unix, by the third set of numbers": x32_socket,
    "packet": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM).close(),
    "vsock": lambda: socket.socket(40, socket.SOCK_STREAM).close(),
    "netlink, of sockets": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 4).close(),
    "raw": lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1).close(),
    "see lo alone": interfaces,
    "netlink, of routes": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).close(),
    "a pair": lambda: [one.close() for one in socket.socketpair()],
    "a pair of packets": lambda: [one.close() for one in socket.socketpair(type=socket.SOCK_SEQPACKET)],
    "serve itself on IPv4": lambda: serve(socket.AF_INET, ("127.0.0.1", 0)),
    "serve itself on IPv6": lambda: serve(socket.AF_INET6, ("::1", 0)),
}
for name, attempt in attempts.items():
    try:
        attempt()
        print(name, "made", sep="\t")
    except OSError as error:
        print(name, errno.errorcode.get(error.errno, "late"), sep="\t")
print("end", flush=True)
