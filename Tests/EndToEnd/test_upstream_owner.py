"""An HTTP server on this machine must be a process of the user that its reviewed entry names; otherwise it gets
nothing."""

import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest

from conftest import missing, organise
from faulty import FaultyServer
from waits import until
from wire import decision

# Prints the bytes that it receives, and never responds.
IMPOSTOR = """
import socket, sys
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("ready", flush=True)
while True:
    client, _ = server.accept()
    client.settimeout(10)
    print(client.recv(4096), flush=True)
    client.close()
"""
OTHER = 40_001


def test_a_process_of_another_user_gets_nothing(binary, people, tmp_path):
    """Another user of the machine takes the port while the server is down, and waits for the gateway's credentials."""
    if os.geteuid() != 0:
        missing("only root starts a process of another user")
    with ExitStack() as stack:
        server = stack.enter_context(FaultyServer(tmp_path, "http"))
        extra = server.policy
        name = "servers/faulty.yaml"
        assert '/mcp"}' in extra[name]
        extra[name] = extra[name].replace('/mcp"}', f'/mcp", uid: {os.geteuid()}}}')
        # A short name: the path of a local socket has at most 108 bytes.
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="interlock-e2e-")))
        made = organise(stack, binary, people, folder / "org", extra=extra, servers=(), wait=())
        made.gateway.wait_for_tools("tester", "faulty")
        session = made.session("tester")
        assert session.call("faulty__echo", text="well").code is None
        checked = made.gateway.run("policy", "check", str(made.gateway.policy))
        assert "W226 faulty" not in checked.stdout + checked.stderr

        heard = tmp_path / "heard"
        server.process.kill()
        server.process.wait(5)
        impostor = subprocess.Popen(
            ["setpriv", f"--reuid={OTHER}", f"--regid={OTHER}", "--clear-groups", "/usr/bin/python3", "-c", IMPOSTOR,
             str(server.port)], stdout=stack.enter_context(heard.open("wb")))
        stack.callback(impostor.wait)
        stack.callback(impostor.kill)
        until(lambda: heard.read_text() == "ready\n")
        answer = session.call("faulty__echo", text="secret")
        assert decision(answer.message["result"]).get("outcome") == "not_executed", answer.body
        assert f"is of user {OTHER}, and not of {os.geteuid()}" in answer.body.decode()
        # Each connection was closed before anything was sent.
        until(lambda: heard.read_text().splitlines()[1:])
        assert set(heard.read_text().splitlines()[1:]) == {"b''"}


def test_without_a_user_it_is_said_to_be_weak(binary, people, tmp_path):
    with FaultyServer(tmp_path, "http") as server:
        folder = tmp_path / "policy.yaml"
        folder.write_text("interlock: 1\norg: acme\n" + server.policy["servers/faulty.yaml"])
        done = subprocess.run([binary, "policy", "check", "--no-lock", folder], capture_output=True, text=True, timeout=20)
    assert "W226 faulty: nothing proves that the process at its address is the one that was reviewed" in (
        done.stdout + done.stderr)
