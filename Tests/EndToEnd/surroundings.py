"""What there is to reach around a sandbox: secrets, a process, sockets and servers of the same user, each of which the user
reaches without a sandbox."""

import ctypes
import hashlib
import json
import os
import shutil
import socket
import ssl
import stat
import struct
import subprocess
import tempfile
import threading
import uuid
from pathlib import Path

from certificates import Authority, serving
from conftest import FIXTURES

SECRET = b"the secret of the host\n"
SCRIPTS = ("escapes.py", "escaping.py", "planting.py", "proxying.py")
GIT_CONFIGURATION = ('[core]\n\trepositoryformatversion = 0\n[remote "origin"]\n'
                     "\turl = https://ada:hunter2@git.example.com/x.git\n")


class Servers:
    """TLS on two ports, plain HTTP on one, and a name server, all on loopback, where names lead to them."""

    special = {"meta.test": ["169.254.169.254"], "metadata.google.internal": ["169.254.169.254"],
               "mixed.test": ["93.184.215.14", "127.0.0.1"]}

    def __init__(self, folder: Path):
        self.context = serving(Authority(), folder)
        self.asked: list[str] = []
        self.reached: list[str] = []
        self.names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.names.bind(("127.0.0.1", 0))
        self.dns = self.names.getsockname()[1]
        self.ports = {name: self.listen(serve) for name, serve in
                      (("tls", self.serve_tls), ("other", self.serve_tls), ("plain", self.serve_plain))}
        threading.Thread(target=self.answer, daemon=True).start()

    def listen(self, serve) -> int:
        listener = socket.create_server(("127.0.0.1", 0))

        def accept():
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=self.guarded, args=(serve, connection), daemon=True).start()
        threading.Thread(target=accept, daemon=True).start()
        return listener.getsockname()[1]

    @staticmethod
    def guarded(serve, connection: socket.socket) -> None:
        try:
            connection.settimeout(10)
            serve(connection)
        except (OSError, ssl.SSLError):
            pass
        finally:
            connection.close()

    def serve_tls(self, connection: socket.socket) -> None:
        self.reached.append("tls")
        with self.context.wrap_socket(connection, server_side=True) as secure:
            secure.recv(65536)
            secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nopen")

    def serve_plain(self, connection: socket.socket) -> None:
        self.reached.append("plain")
        got = b""
        while b"\r\n\r\n" not in got or (b"ength: 2" in got and not got.endswith(b"ok")):
            if not (more := connection.recv(65536)):
                break
            got += more
        self.reached.append(got.decode(errors="replace"))
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nopen\n")

    def answer(self) -> None:
        while True:
            query, sender = self.names.recvfrom(4096)
            labels, place = [], 12
            while size := query[place]:
                labels.append(query[place + 1:place + 1 + size].decode())
                place += 1 + size
            name = ".".join(labels).lower()
            self.asked.append(name)
            question = query[12:place + 5]
            found = self.special.get(name, ["127.0.0.1"]) if struct.unpack("!H", question[-4:-2])[0] == 1 else []
            answers = b"".join(b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 5, 4) + socket.inet_aton(one) for one in found)
            self.names.sendto(query[:2] + b"\x81\x80" + struct.pack("!HHHH", 1, len(found), 0, 0) + question + answers, sender)


class Responders:
    """Sockets of the host, each of which responds to `ping` with `pong`."""

    def __init__(self):
        self.open: list[socket.socket] = []

    def listen(self, family: int, kind: int, address) -> socket.socket:
        one = socket.socket(family, kind)
        one.bind(address)
        if kind == socket.SOCK_STREAM:
            one.listen()
        self.open.append(one)
        threading.Thread(target=self.respond, args=(one,), daemon=True).start()
        if family == socket.AF_UNIX and not str(address).startswith("\0"):
            os.chmod(address, 0o666)
        return one

    @staticmethod
    def respond(one: socket.socket) -> None:
        try:
            while True:
                if one.type == socket.SOCK_STREAM:
                    client, _ = one.accept()
                    with client:
                        client.recv(64)
                        client.sendall(b"pong")
                else:
                    _, sender = one.recvfrom(64)
                    one.sendto(b"pong", sender)
        except OSError:
            pass  # the socket is closed

    def close(self) -> None:
        for one in self.open:
            one.close()


class Surroundings:
    """Made before its deployment; `own` gives everything to the user and starts what runs as the user."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="interlock-outside-", dir="/var/tmp"))
        self.folder.chmod(0o755)
        self.servers = Servers(self.folder)
        self.responders = Responders()
        self.target, self.tools, self.marks, self.scratch = made = [
            self.folder / name for name in ("target", "tools", "marks", "scratch")]
        for one in made:
            one.mkdir()
        (self.tools / "tool").write_text("#!/bin/sh\n")
        self.secret = self.folder / "secret"
        self.temporary = Path(tempfile.mkstemp(prefix="interlock-outside-", dir="/tmp")[1])
        self.shared = Path("/dev/shm") / f"interlock-{uuid.uuid4().hex}"
        for one in (self.secret, self.temporary, self.shared):
            one.write_bytes(SECRET)
        self.input = self.folder / "input"
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.key = uuid.uuid4().int & 0x7fffffff
        self.segment = self.libc.shmget(self.key, 4096, 0o1666)
        self.victim: subprocess.Popen | None = None
        listen = self.responders.listen
        self.tcp = listen(socket.AF_INET6, socket.SOCK_STREAM, ("::", 0)).getsockname()[1]
        self.udp = listen(socket.AF_INET, socket.SOCK_DGRAM, ("0.0.0.0", 0)).getsockname()[1]
        self.abstract = f"interlock-{uuid.uuid4().hex}"
        listen(socket.AF_UNIX, socket.SOCK_STREAM, "\0" + self.abstract)
        for path in (self.folder / "service.sock", self.tools / "service.sock"):
            listen(socket.AF_UNIX, socket.SOCK_STREAM, str(path))

    def policy(self, beginning: str) -> str:
        """The keys of `sandbox` for an agent that may reach a part of this, after the beginning of the mapping."""
        egress = ["{host: shop.test, ports: [%(tls)d], private: true}", '{host: "*.wild.test", ports: [%(tls)d], private: true}',
                  "{host: strict.test, ports: [%(tls)d]}", "{host: mixed.test, ports: [%(tls)d]}",
                  "{host: meta.test, ports: [%(tls)d], private: true}",
                  "{host: plain.test, ports: [%(plain)d], protocol: http, private: true}",
                  "{host: 169.254.169.254, ports: [%(plain)d], protocol: http, private: true}"]
        # Not even a rule that names them admits the metadata services of clouds, and the unspecified address.
        egress += [f"{{host: {host}, ports: [%(tls)d], protocol: tcp, private: true}}" for host in
                   ("169.254.169.254", "metadata.google.internal", '"[fd00:ec2::254]"', '"[::ffff:a9fe:a9fe]"', "0.0.0.0")]
        rules = ", ".join(egress) % self.servers.ports
        return (f'{beginning}resolver: ["127.0.0.1:{self.servers.dns}"], egress: [{rules}], read: ["{self.tools}"], '
                "workspace: {mode: overlay}, limits: {wall: 60s, pids: 64}}")

    def start(self, house) -> None:
        house.user.own(self.folder)
        for path in (self.temporary, self.shared):
            house.user.own(path)
        script = f"import time; held = open({str(self.secret)!r}); print(held.fileno(), flush=True); time.sleep(600)"
        self.victim = subprocess.Popen([*house.user.prefix, "env", "VICTIM=yes", "/usr/bin/python3", "-c", script],
                                       stdout=subprocess.PIPE, text=True, cwd="/")
        self.victim_fd = int(self.victim.stdout.readline())

    def facts(self, house, **more) -> dict:
        user = house.user.name or os.environ.get("USER", "nobody")
        return {"secret": str(self.secret), "digest": hashlib.sha256(SECRET).hexdigest(), "victim": self.victim.pid,
                "victim_fd": self.victim_fd, "shared": self.shared.name, "key": self.key, "temporary": str(self.temporary),
                "user": user, "target": str(self.target), "tools": str(self.tools), "tcp": self.tcp, "udp": self.udp,
                "dns": self.servers.dns, "address": host_address(), "abstract": self.abstract,
                "pathname": str(self.folder / "service.sock"), "gateway": str(house.gateway.folder / "state" / "interlock.sock"),
                **self.servers.ports, **more}

    def project(self, house, name: str, **more) -> Path:
        """A project with the scripts, hidden names and ways out."""
        files = {script: (FIXTURES / script).read_text() for script in SCRIPTS}
        made = house.make_project(name, {**files, "facts.json": json.dumps(self.facts(house, **more)), "tool.py": "",
                                         "server.pem": SECRET.decode(), "Old/SERVER.PEM": SECRET.decode(),
                                         ".ssh/id": SECRET.decode()})
        subprocess.run(["git", "init", "-q", "-b", "main", made], check=True)
        (made / ".git" / "config").write_text(GIT_CONFIGURATION)
        os.link(made / "server.pem", made / "notes.txt")
        (made / "way-out").symlink_to(self.secret)
        (made / "folder-out").symlink_to(self.target)
        here = os.getcwd()
        os.chdir(made)  # its whole path may be too long for a socket
        try:
            self.responders.listen(socket.AF_UNIX, socket.SOCK_STREAM, "service.sock")
        finally:
            os.chdir(here)
        if os.geteuid() == 0:
            os.mknod(made / "disk", stat.S_IFCHR | 0o666, os.makedev(1, 5))
        house.user.own(made)
        if os.geteuid() == 0:
            os.chmod(made / "disk", 0o666)
        return made

    def close(self) -> None:
        self.responders.close()
        if self.victim:
            self.victim.kill()
            self.victim.communicate()
        self.libc.shmctl(self.segment, 0, None)
        for path in (self.temporary, self.shared):
            path.unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)


def host_address() -> str:
    """An address of the machine that is not loopback, or one that no machine has."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        try:
            one.connect(("192.0.2.254", 9))
            return one.getsockname()[0]
        except OSError:
            return "192.0.2.254"
