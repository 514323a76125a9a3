"""R152: no stdio server can be mistaken for the console, and no such server finds a socket of its host."""

import json
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest

from addresses import LI
from browsing import Browser, wait
from conftest import FIXTURES, organise
from faulty import policy
from make_organisation import free_ports
from office import sign_in

pytestmark = pytest.mark.requirement("R152")

SERVER = FIXTURES / "reaching_server.py"


class Sockets:
    """Sockets of the host, of each kind, that respond to every message."""

    def __init__(self, folder: Path):
        self.abstract = f"interlock-{uuid4().hex}"
        self.pathname, self.datagrams = str(folder / "stream"), str(folder / "datagrams")
        self.open = {
            "tcp4": socket.create_server(("127.0.0.1", 0)),
            "tcp6": socket.create_server(("::1", 0), family=socket.AF_INET6),
            "udp4": self.bound(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
            "udp6": self.bound(socket.AF_INET6, socket.SOCK_DGRAM, ("::1", 0)),
            "abstract": self.bound(socket.AF_UNIX, socket.SOCK_STREAM, "\0" + self.abstract),
            "pathname": self.bound(socket.AF_UNIX, socket.SOCK_STREAM, self.pathname),
            "datagrams": self.bound(socket.AF_UNIX, socket.SOCK_DGRAM, self.datagrams),
        }
        self.aims = {name: self.open[name].getsockname()[1] for name in ("tcp4", "tcp6", "udp4", "udp6")}
        self.aims |= {"abstract": self.abstract, "pathname": self.pathname, "datagrams": self.datagrams}
        self.visited: set[str] = set()
        for path in (self.pathname, self.datagrams):
            Path(path).chmod(0o666)
        for name, one in self.open.items():
            threading.Thread(target=self.answer, args=(name, one), daemon=True).start()

    @staticmethod
    def bound(family: int, kind: int, address) -> socket.socket:
        one = socket.socket(family, kind)
        one.bind(address)
        if kind == socket.SOCK_STREAM:
            one.listen()
        return one

    def answer(self, name: str, one: socket.socket) -> None:
        try:
            while True:
                if one.type == socket.SOCK_STREAM:
                    client, _ = one.accept()
                    self.visited.add(name)
                    with client:
                        client.sendall(client.recv(64))
                else:
                    text, sender = one.recvfrom(64)
                    self.visited.add(name)
                    if sender:
                        one.sendto(text, sender)
        except OSError:
            pass  # the socket is closed

    def close(self) -> None:
        for one in self.open.values():
            one.close()


@pytest.fixture(scope="module")
def walled(binary, people):
    """An organisation with two such servers, one without and one with the machine's network, and the sockets they
    reached."""
    folder = Path(tempfile.mkdtemp(prefix="interlock-e2e-"))
    folder.chmod(0o755)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        seen = folder / "seen"
        seen.mkdir()
        sockets = Sockets(seen)
        stack.callback(sockets.close)
        extra = {}
        for name, network in (("walled", ""), ("online", ", network: host")):
            connect = (f'{{stdio: ["/usr/bin/python3", "{SERVER}"], '
                       f'sandbox: {{read: ["{FIXTURES}", "{seen}"]{network}}}}}')
            files = policy(name, connect, ("reach",))
            extra[f"servers/{name}.yaml"] = files[f"servers/{name}.yaml"]
            extra["agents/tester.yaml"] = files["agents/tester.yaml"]
        extra["agents/tester.yaml"] += "      walled: [read]\n"
        made = organise(stack, binary, people, folder / "org", extra=extra, servers=(), wait=(), console=True)
        made.gateway.wait_for_tools("tester", "walled", "online")
        aims = sockets.aims | {"console": made.gateway.people_port}
        session = made.session("tester")
        reports = {}
        for name in ("walled", "online"):
            before = set(sockets.visited)
            answer = session.call(f"{name}__reach", **aims)
            assert answer.code is None, answer.body
            reports[name] = json.loads(answer.message["result"]["content"][0]["text"])
            time.sleep(0.5)  # the reply to a datagram of a pair has no destination, and it may still be on its way
            reports[name]["visited"] = sockets.visited - before
        yield made, aims, reports


def asked(port: int, host: str = "::1") -> bytes:
    """The first page that a browser gets from `localhost`."""
    with socket.create_connection((host, port), timeout=10) as one:
        one.sendall(f"GET /sign-in HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n".encode())
        return b"".join(iter(lambda: one.recv(65536), b""))


INTERNET = ["tcp on IPv4", "tcp on IPv6", "udp on IPv4", "udp on IPv6", "the console on IPv4", "the console on IPv6"]
UNIX = ["an abstract socket", "a socket in a folder that it may read", "a datagram socket by one of a pair"]


@pytest.mark.parametrize("attempt", [*INTERNET, *UNIX, "the list of all sockets"])
def test_it_finds_no_socket_of_the_host(walled, attempt):
    """R152: the server does not reach the socket."""
    _, _, reports = walled
    assert not reports["walled"][attempt]["done"], reports["walled"][attempt]
    assert reports["walled"]["visited"] == set()


def test_it_is_not_taken_for_the_console(walled):
    """R152: the server has the port, in a network of its own; on the machine's the console responds on both
    addresses."""
    made, aims, reports = walled
    assert reports["walled"]["listen beside the console"]["done"], reports["walled"]
    for host in ("::1", "127.0.0.1"):
        page = asked(aims["console"], host)
        assert b"impostor" not in page and b"Interlock" in page, page[:300]


def test_a_browser_signs_in_at_the_console(walled, tmp_path, stack):
    """R152: Chromium, which tries `[::1]` for `localhost`, too, while the server waits there in its own network."""
    made, _, _ = walled
    browser = Browser(made.gateway.console, tmp_path / "profile")
    stack.callback(browser.close)
    browser.hold_passkeys()
    browser.open(made.gateway.links[LI].removeprefix(browser.origin))
    assert LI in browser.text()
    browser.click("#enrol-button")
    wait(browser, lambda: "Enrolled." in browser.one("#ceremony-hint").text)
    sign_in(browser, "/servers/online")
    wait(browser, lambda: "Weak: it is started in the machine's network" in browser.text())


def test_it_can_do_its_work(walled):
    _, _, reports = walled
    assert reports["walled"]["a connected pair"]["done"], reports["walled"]


def test_a_server_with_the_machine_s_network_has_that_and_no_more(walled):
    """The control: the sockets that are refused above exist. Unix sockets are refused in either network (R152)."""
    _, _, reports = walled
    online = reports["online"]
    assert all(online[name]["done"] for name in [*INTERNET, "a connected pair"]), online
    assert not any(online[name]["done"] for name in [*UNIX, "the list of all sockets", "listen beside the console"]), online
    assert reports["online"]["visited"] == {"tcp4", "tcp6", "udp4", "udp6"}


def test_without_walls_the_same_attempts_succeed(tmp_path):
    """The control for the sockets that no server reaches."""
    sockets = Sockets(tmp_path)
    aims = sockets.aims | {"console": free_ports(1)[0]}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "reach", "arguments": aims}}
    done = subprocess.run(["/usr/bin/python3", SERVER], input=json.dumps(message) + "\n", capture_output=True,
                          text=True, timeout=30, check=True)
    sockets.close()
    report = json.loads(json.loads(done.stdout)["result"]["content"][0]["text"])
    assert all(report[name]["done"] for name in [*UNIX, "the list of all sockets", "listen beside the console"]), report
    assert sockets.visited == set(sockets.open)


def test_it_is_said_to_be_weak(walled):
    """The check, the worst case, the status and the lock report it."""
    made, _, _ = walled
    gateway = made.gateway
    checked = gateway.run("policy", "check", str(gateway.policy))
    assert "W226 online: it is started in the machine's network" in checked.stdout + checked.stderr
    assert "W226 walled" not in checked.stdout + checked.stderr
    worst = gateway.run("policy", "worst-case", "tester", "--policy", str(gateway.policy)).stdout
    assert "weak server online: it is started in the machine's network" in worst and "server walled" not in worst
    status = gateway.run("status").stdout
    assert "WEAK: it is started in the machine's network" in status
