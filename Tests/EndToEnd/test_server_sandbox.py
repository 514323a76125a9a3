"""R075: the sandbox of a stdio server: what it sees, the hosts that it reaches by its proxy, its end and its next start.
The gateway belongs to root, if root runs the tests, and to an ordinary user."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from datetime import date, timedelta
from pathlib import Path

import pytest

from conftest import FIXTURES
from people import People
from sandboxing import SandboxHouse
from waits import until
from wire import Session

pytestmark = pytest.mark.requirement("R075", "R029")

ADA, SAM = "ada@acme.example", "sam@acme.example"
POLICY = """\
interlock: 1
org: acme
owners: [{ada}, {sam}]
servers:
  desk:
    connect:
      stdio: [/usr/bin/python3, "{program}/server.py"]
      sandbox:
        read: ["{shown}"]
        writable_cache: ["{data}", /home/agent/.cache/desk]
        env: {{STATED: here}}
        secrets:
          - {{name: token, from: "files:desk-token", as: file}}
          - {{name: key, from: "env:desk-key", as: file}}
          - {{name: DESK_CODE, from: "commands:desk-code", as: env}}
        resolver: ["127.0.0.1:{dns}"]
        egress:
          - {{host: shop.test, ports: [{port}], protocol: http, private: true}}
          - {{host: strict.test, ports: [{port}], protocol: http}}
        limits: {{pids: 64, file_size: 1MiB}}
    reviewed: {{by: {ada}, on: "2026-11-01", trust: internal}}
    tools: {{evaluate: {{class: read}}}}
agents:
  tester:
    owner: {ada}
    purpose: Calls the server
    tier: low
    stage: supervised
    review_by: {review}
    mcp_scopes: {{desk: [read]}}
"""
# The control: without the sandbox each of these succeeds.
TREE = """
import os
found = {}
for name, path in PATHS.items():
    try:
        if os.path.isdir(path):
            found[name] = sorted(os.listdir(path))
        else:
            found[name] = open(path).read()
    except OSError as error:
        found[name] = error.errno
"""
FETCH = """
import http.client
connection = http.client.HTTPConnection("127.0.0.1", 3128, timeout=10)
connection.request("GET", "http://HOST/", headers={"Host": "HOST"})
answer = connection.getresponse()
found = [answer.status, answer.read().decode().strip()]
"""
DIRECT = """
import socket
with socket.create_connection(("127.0.0.1", PORT), 3):
    found = "connected"
"""


class Shop:
    """An HTTP server on loopback that answers each connection once, and a name server that has only 127.0.0.1."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.names.bind(("127.0.0.1", 0))
        self.dns = self.names.getsockname()[1]
        self.connections = 0
        self.asked: list[bytes] = []
        for work in (self.serve, self.answer):
            threading.Thread(target=work, daemon=True).start()

    def serve(self):
        while True:
            connection, _ = self.listener.accept()
            self.connections += 1
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nopen")

    def answer(self):
        while True:
            query, sender = self.names.recvfrom(4096)
            self.asked.append(query)
            end = query.index(b"\0", 12)
            question = query[12:end + 5]
            is_four = question[-4:-2] == b"\0\x01"
            answer = b"\xc0\x0c\0\x01\0\x01\0\0\0\x05\0\x04\x7f\0\0\x01" if is_four else b""
            self.names.sendto(query[:2] + b"\x81\x80\0\x01\0" + bytes([is_four]) + b"\0\0\0\0" + question + answer, sender)


class House(SandboxHouse):
    """A gateway with one such server, whose folders belong to the gateway's user."""

    def __init__(self, binary, people, shop, folder, is_root: bool):
        self.program, self.shown, self.data = (folder / name for name in ("program", "shown", "data"))
        for made in (self.program, self.shown, self.data):
            made.mkdir(parents=True)
        shutil.copy(FIXTURES / "evaluating_server.py", self.program / "server.py")
        (self.shown / "page").write_text("shown")
        (folder / "other").write_text("of the host")
        self.other = folder / "other"
        super().__init__(binary, people, POLICY.format(
            ada=ADA, sam=SAM, program=self.program, shown=self.shown, data=self.data, dns=shop.dns, port=shop.port,
            review=date.today() + timedelta(days=60)))
        secrets = self.gateway.folder / "secrets"
        secrets.mkdir(exist_ok=True)
        secrets.chmod(0o700)
        (secrets / "desk-token").write_text("of the desk\n")
        (secrets / "desk-token").chmod(0o600)
        # A program that is to print a secret hangs as long as `hold` is there; it has a /tmp of its own.
        asked = Path(tempfile.mkdtemp(prefix="interlock-asked-", dir="/srv"))
        asked.chmod(0o755)
        self.asked, self.hold = asked, asked / "hold"
        (asked / "more").write_text(f"#!/bin/sh\nwhile test -e {self.hold}; do /bin/sleep 0.1; done\necho of another\n")
        (asked / "more").chmod(0o755)
        self.gateway.configure("secrets", command_time="60s", commands=(
            f'{{desk-code: [/bin/echo, "of a program"], desk-more: [{asked}/more]}}'))
        if is_root:
            self.gateway.prefix = self.user.prefix = []
        folder.chmod(0o755)
        for one in (folder, self.gateway.folder):
            if is_root:
                subprocess.run(["chown", "-R", "root:root", one], check=True)
            else:
                self.user.own(one)
        self.data.chmod(0o700)

    def start(self):
        self.gateway.start(environment={"INTERLOCK_SECRET_DESK_KEY": "of the environment"}, prefix=self.user.prefix)

    def begin_session(self) -> Session:
        self.gateway.wait_for_tools("tester", "desk")
        return Session(self.gateway.port, self.gateway.token("tester"))


def evaluate(session: Session, code: str):
    answer = session.call("desk__evaluate", code=code)
    assert answer.code is None, answer.body
    return json.loads(answer.message["result"]["content"][0]["text"])


@pytest.fixture(scope="module")
def shop():
    return Shop()


@pytest.fixture(scope="module", params=["user", *(["root"] if os.geteuid() == 0 else [])])
def house(request, binary, tmp_path_factory, shop):
    folder = tmp_path_factory.getbasetemp() / f"servers-{request.param}"
    for above in folder.parents:
        if above == Path(tempfile.gettempdir()):
            break
        above.chmod(0o755)
    with People(tmp_path_factory.mktemp("people"), {ADA: ["kill", "resume", "security"], SAM: ["resume"]}) as people:
        made = House(binary, people, shop, folder, request.param == "root")
        try:
            made.start()
            yield made
        finally:
            made.close()
            shutil.rmtree(made.asked)


def test_a_server_sees_what_is_listed_and_nothing_else(house):
    session = house.begin_session()
    paths = {"program": str(house.program), "shown": str(house.shown / "page"), "other": str(house.other),
             "state": str(house.gateway.folder / "state"), "etc": "/etc/shadow", "home": "/home", "root": "/",
             "token": "/run/secrets/token", "key": "/run/secrets/key"}
    found = evaluate(session, f"PATHS = {paths!r}\n{TREE}")
    assert found["program"] == ["server.py"] and found["shown"] == "shown", found
    # A value of the folder of secrets is there, and does not reach the agent.
    assert found["token"].startswith("[redacted:brokered-value:"), found
    assert evaluate(session, "found = open('/run/secrets/token').read() == 'of ' + 'the desk'") is True
    assert found["key"] == "of the environment", found
    assert (found["other"], found["state"], found["etc"]) == (2, 2, 2) and found["home"] == ["agent"], found
    assert set(found["root"]) <= {"bin", "dev", "etc", "home", "lib", "lib32", "lib64", "libx32", "proc", "run", "sbin", "tmp",
                                  "usr", *house.program.parts[1:2]}, found
    ids = evaluate(session, "import os; found = [os.getuid(), os.getgid(), os.getcwd(), dict(os.environ)]")
    assert ids[:3] == [1000, 1000, str(house.data)]
    # Each secret has the value of its source, and no other variable of the gateway is there.
    assert ids[3]["DESK_CODE"] == "of a program"
    assert set(ids[3]) == {
        "DESK_CODE", "PATH", "LANG", "HOME", "USER", "TMPDIR", "STATED", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE",
        *(name for one in ("http_proxy", "https_proxy", "no_proxy") for name in (one, one.upper()))}, ids[3]
    # What it writes reaches the host where it is listed, and its cache outlives it.
    for path in (f"{house.data}/made", "/home/agent/.cache/desk/made", "/tmp/made"):
        assert evaluate(session, f"open({path!r}, 'w').write('x'); found = 1") == 1, path
    assert "Read-only" in evaluate(session, f"open({str(house.shown / 'page')!r}, 'w')")
    assert (house.data / "made").stat().st_uid == house.data.stat().st_uid
    # A socket of the host is not reached through a folder that it may read.
    assert "OSError" in evaluate(session, "import socket; socket.socket(socket.AF_UNIX)")


def test_a_server_reaches_the_hosts_of_its_entry_and_each_connection_is_on_record(house, shop):
    session, before = house.begin_session(), shop.connections
    assert evaluate(session, FETCH.replace("HOST", f"shop.test:{shop.port}")) == [200, "open"]
    for host, reason in ((f"evil.test:{shop.port}", "no-rule"), ("shop.test:1", "port"),
                         (f"strict.test:{shop.port}", "private-address"), (f"127.0.0.1:{shop.port}", "no-rule")):
        assert evaluate(session, FETCH.replace("HOST", host)) == [403, reason], host
    assert "Refused" in evaluate(session, DIRECT.replace("PORT", str(shop.port)))
    assert shop.connections == before + 1 and not any(b"evil" in one for one in shop.asked)
    records = [one for one in house.gateway.records(200) if one["t"].startswith("net.") and one.get("agent") == "tester"]
    allowed, *_ = [one for one in records if one.get("dec") == "allow"]
    assert (allowed["srv"], allowed["rule"]) == ("desk", f"http shop.test:{shop.port}") and "run" not in allowed
    denied = {one["code"] for one in records if one.get("dec") == "deny"}
    assert denied == {"net.no_rule", "net.port", "net.private_address"}, records
    (closed,) = [one for one in records if one["t"] == "net.close"]
    assert (closed["call"], closed["sbx"]) == (allowed["call"], allowed["sbx"]) and "evil" not in json.dumps(records)
    assert house.gateway.verify().returncode == 0


def test_a_killed_server_leaves_nothing_and_starts_again_in_a_new_sandbox(house):
    session = house.begin_session()
    started = evaluate(session, "import os; os.system('setsid sleep 613 &'); found = open('/etc/interlock/sandbox').read()")
    deadline = time.monotonic() + 5
    while not running("613") and time.monotonic() < deadline:
        time.sleep(0.02)
    assert running("613")
    halt = house.gateway.halt("--server", "desk", by=ADA)
    assert not running("613")
    house.gateway.resume(halt, ADA, SAM)
    deadline = time.monotonic() + 20
    while True:
        session = house.begin_session()
        answer = session.call("desk__evaluate", code="found = open('/etc/interlock/sandbox').read()")
        if answer.code is None:
            break
        assert time.monotonic() < deadline, answer.body
        time.sleep(0.2)
    assert json.loads(answer.message["result"]["content"][0]["text"]) != started


def test_a_policy_is_in_force_while_a_program_that_prints_a_secret_hangs(house):
    """The last of this file: from here on the server has one secret more."""
    gateway = house.gateway
    house.begin_session()
    house.hold.write_text("")
    path = gateway.folder / "policy.yaml"
    before, next_one, owner = gateway.stderr().count(" in force"), gateway.folder / "next.yaml", path.stat()
    next_one.write_text(path.read_text().replace(
        "secrets:\n", "secrets:\n          - {name: more, from: \"commands:desk-more\", as: file}\n"))
    os.chown(next_one, owner.st_uid, owner.st_gid)
    os.replace(next_one, path)
    gateway.process.send_signal(signal.SIGHUP)
    # Both while the program hangs, which has more time than is waited here.
    until(lambda: gateway.stderr().count(" in force") > before, gateway)
    until(lambda: [one["state"] for one in gateway.json("servers", "list") if one["server"] == "desk"] == ["connecting"],
          gateway)
    house.hold.unlink()
    assert evaluate(house.begin_session(), "found = open('/run/secrets/more').read()") == "of another"


def running(word: str) -> bool:
    """Whether a process of the host has the word as an argument."""
    for folder in os.listdir("/proc"):
        try:
            with open(f"/proc/{folder}/cmdline", "rb") as file:
                if word.encode() in file.read().split(b"\0"):
                    return True
        except OSError:
            continue
    return False
