"""The identity of an agent's workload: by the key of its certificate, by its user, and the binding of a token without
either."""

import hashlib
import json
import os
import re
import socket
import subprocess
from datetime import datetime, timedelta, timezone

import pytest
from cryptography.hazmat.primitives import serialization

from conftest import missing
from test_tls import Authority, ask, client, configure, show, write
from waits import until

BODY = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
    "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}})


def opening(token: str) -> bytes:
    return (f"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n"
            "Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n"
            f"Content-Length: {len(BODY)}\r\n\r\n{BODY}").encode()


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def spki(key) -> str:
    public = key.public_key().public_bytes(serialization.Encoding.DER,
                                           serialization.PublicFormat.SubjectPublicKeyInfo)
    return "sha256:" + hashlib.sha256(public).hexdigest()


def name_workload(made, text: str) -> None:
    path = made.gateway.policy / "agents" / "support-triage.yaml"
    found = path.read_text()
    path.write_text(found.replace("    tier: low\n", f"    tier: low\n    workloads: {text}\n", 1))
    assert path.read_text() != found


@pytest.fixture
def root() -> Authority:
    return Authority()


def shown(root, made, issued):
    context = client(root, made.folder)
    show(context, made.folder, *issued)
    return context


@pytest.mark.requirement("R011", "R148")
def test_an_agent_with_a_key_counts_by_it_alone(organisation, root):
    made = organisation(start=False, servers=())
    write(made, *root.issue())
    configure(made, clients="pin")
    mine, other = Authority("mine").issue("agent"), Authority("other").issue("agent")
    name_workload(made, f'{{mtls: "{spki(mine[1])}"}}')
    made.gateway.start()
    token = made.token("support-triage")
    foreign = ask(made.gateway.port, shown(root, made, other), opening(token))
    assert status(foreign) == 401 and b"does not run where this request comes from" in foreign
    assert status(ask(made.gateway.port, client(root, made.folder), opening(token))) == 401
    assert status(ask(made.gateway.port, shown(root, made, mine), opening(token))) == 200
    assert status(ask(made.gateway.port, shown(root, made, other), opening(token))) == 401
    # The certificates of the tests are so short that one may have an alert of its own.
    raised = [one for one in made.gateway.alarms() if one[0] != "certificate.expiring"]
    assert raised == [("access.foreign_workload", "support-triage")]
    refused = {one["code"] for one in made.gateway.records() if one["t"] == "access.refused"}
    assert "access.foreign_workload" in refused
    page = made.gateway.run("status", "support-triage").stdout
    assert f"workload key {spki(mine[1])}" in page


@pytest.mark.requirement("R011")
def test_a_token_is_bound_to_the_first_key_that_uses_it(organisation, root):
    made = organisation(start=False, servers=())
    write(made, *root.issue())
    configure(made, clients="pin")
    made.gateway.start()
    first, second = Authority("first").issue("agent"), Authority("second").issue("agent")
    token = made.token("support-triage")
    assert status(ask(made.gateway.port, shown(root, made, first), opening(token))) == 200
    for _ in range(3):
        stolen = ask(made.gateway.port, shown(root, made, second), opening(token))
        assert status(stolen) == 401 and b"bound to where it was first used" in stolen
    assert status(ask(made.gateway.port, client(root, made.folder), opening(token))) == 401
    assert status(ask(made.gateway.port, shown(root, made, first), opening(token))) == 200
    # The certificate of the test ends within days, which raises an alert of its own after a while.
    assert [code for code, _ in made.gateway.alarms() if code != "certificate.expiring"] == ["access.bound_elsewhere"]
    assert "weak" in made.gateway.run("status", "support-triage").stdout
    other = made.token("support-triage")
    assert status(ask(made.gateway.port, shown(root, made, second), opening(other))) == 200


def by_socket(path, token: str) -> bytes:
    with socket.socket(socket.AF_UNIX) as one:
        one.settimeout(10)
        one.connect(str(path))
        one.sendall(opening(token))
        received = b""
        while chunk := one.recv(65536):
            received += chunk
        return received


def test_an_agent_with_a_uid_counts_on_the_socket_alone(organisation):
    made = organisation(start=False, servers=())
    made.gateway.configure("listeners", agents_socket='"agents.sock"')
    name_workload(made, f"{{uid: {os.geteuid()}}}")
    made.gateway.start()
    path = made.gateway.folder / "agents.sock"
    token = made.token("support-triage")
    assert status(by_socket(path, token)) == 200
    assert status(by_tcp(made, token)) == 401
    free = made.token("refunds")
    assert status(by_tcp(made, free)) == 200
    assert status(by_socket(path, free)) == 401
    assert path.stat().st_mode & 0o777 == 0o666
    made.gateway.stop()
    assert not path.exists()


def by_tcp(made, token: str) -> bytes:
    with socket.create_connection(("127.0.0.1", made.gateway.port), timeout=10) as one:
        one.sendall(opening(token))
        received = b""
        while chunk := one.recv(65536):
            received += chunk
        return received


def test_another_user_is_another_workload(organisation):
    if os.geteuid() != 0:
        missing("only root can be another user")
    made = organisation(start=False, servers=())
    made.folder.chmod(0o755)
    made.gateway.folder.chmod(0o755)
    made.gateway.configure("listeners", agents_socket='"agents.sock"')
    name_workload(made, "{uid: 65534}")
    made.gateway.start()
    path, token = made.gateway.folder / "agents.sock", made.token("support-triage")
    assert status(by_socket(path, token)) == 401
    program = "import socket,sys\ns=socket.socket(socket.AF_UNIX);s.connect(sys.argv[1]);s.sendall(sys.stdin.buffer.read())\n" \
              "d=b''\nwhile c:=s.recv(65536): d+=c\nsys.stdout.buffer.write(d)"
    done = subprocess.run(["/usr/bin/python3", "-c", program, str(path)], input=opening(token), user=65534,
                          capture_output=True, timeout=30)
    assert done.returncode == 0, done.stderr
    assert status(done.stdout) == 200


@pytest.mark.parametrize("text, words", [
    ('{mtls: "77ab"}', "write `sha256:`"), ("{uid: -1}", "uid"),
])
def test_a_workload_that_cannot_be_enforced_does_not_start(organisation, text, words):
    made = organisation(start=False, servers=())
    name_workload(made, text)
    done = made.gateway.run("serve", check=False)
    assert done.returncode == 65 and words in done.stderr, done.stderr


@pytest.mark.requirement("R105", "R108")
def test_two_independent_signals_stop_the_agent_until_two_people_release_it(organisation, root):
    """A call two hours away from its hours, then its token shown by another workload."""
    made = organisation(start=False, servers=())
    write(made, *root.issue())
    configure(made, clients="pin")
    away = datetime.now(timezone.utc) + timedelta(hours=3)
    path = made.gateway.policy / "agents" / "support-triage.yaml"
    hours = (f'{{days: [mon, tue, wed, thu, fri, sat, sun], from: "{away:%H:%M}", '
             f'to: "{away + timedelta(hours=2):%H:%M}", tz: UTC}}')
    path.write_text(path.read_text().replace("    tier: low\n", f"    tier: low\n    hours: {hours}\n", 1))
    made.gateway.start()
    until(lambda: any((one["server"], one["state"]) == ("kb", "ready")
                      for one in made.gateway.json("status")[0]["servers"]), made.gateway)
    first, second = Authority("first").issue("agent"), Authority("second").issue("agent")
    token, port = made.token("support-triage"), made.gateway.port
    call = json.dumps({"jsonrpc": "2.0", "id": 2, "method": "tools/call",
                       "params": {"name": "kb__search", "arguments": {"text": "lamp"}}})
    opened = ask(port, shown(root, made, first), opening(token))
    session = re.search(rb"(?i)mcp-session-id: (\S+)", opened)[1].decode()
    assert status(opened) == 200

    def calls() -> bytes:
        return ask(port, shown(root, made, first), (
            f"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n"
            f"Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n"
            f"Mcp-Session-Id: {session}\r\nContent-Length: {len(call)}\r\n\r\n{call}").encode())

    answer = calls()
    assert b"4030" in answer, answer
    until(lambda: "signal.outside_hours" in [code for code, _ in made.gateway.alarms()], made.gateway)
    assert status(ask(port, shown(root, made, second), opening(token))) == 401
    until(lambda: b"4230" in calls(), made.gateway)
    (order,) = [one for one in made.gateway.records() if one["t"] == "kill.requested"]
    assert order["src"] == "detector"
    assert "independent signals within an hour: outside_hours, two_workloads" in json.dumps(made.gateway.json("status"))
    assert made.gateway.verify().returncode == 0
