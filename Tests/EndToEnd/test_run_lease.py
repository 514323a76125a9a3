"""A run whose gateway does not respond: it has no connections, and ends after a minute if its policy says `kill`
(docs/specs/kill-switch.md, section 6)."""

import json
import signal
import socketserver
import subprocess
import threading
import time
from datetime import date, timedelta

import pytest

from addresses import ADA, SAM
from sandboxing import housed

AGENT = """\
  {name}:
    owner: {ada}
    purpose: Fixes bugs
    tier: low
    stage: supervised
    review_by: {review}
    sandbox:
      on_lease_loss: {loss}
      egress: [{{host: 127.0.0.1, ports: [{port}], protocol: tcp, private: true}}]
      limits: {{wall: 5m}}
"""
# Says that it began, asks for a connection whenever it reads a line, and ends with its input.
INSIDE = """\
import socket, sys
target = "127.0.0.1:" + sys.argv[1]
print("up", flush=True)
for line in sys.stdin:
    try:
        with socket.create_connection(("127.0.0.1", 3128), timeout=20) as proxy:
            proxy.sendall(f"CONNECT {target} HTTP/1.1\\r\\nHost: {target}\\r\\n\\r\\n".encode())
            print(proxy.recv(200).decode().split("\\r\\n")[0] or "closed", flush=True)
    except OSError as error:
        print("none", type(error).__name__, flush=True)
"""
OPEN = "HTTP/1.1 200 Connection established\n"
# The answers of a process that lives and gets no connection.
REFUSED = {"HTTP/1.1 403 audit-unavailable\n", "HTTP/1.1 403 halted\n", "closed\n", "none TimeoutError\n",
           "none ConnectionResetError\n"}


@pytest.fixture
def port():
    """The port of a server on loopback that accepts connections."""
    class Accepting(socketserver.BaseRequestHandler):
        def handle(self):
            while self.request.recv(100):
                pass

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Accepting) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.fixture
def house(binary, tmp_path_factory, port):
    review = date.today() + timedelta(days=60)
    agents = "".join(AGENT.format(name=name, ada=ADA, review=review, loss=name, port=port) for name in ("stop", "kill"))
    policy = f"interlock: 1\norg: acme\nowners: [{ADA}, {SAM}]\nagents:\n{agents}"
    with housed(binary, tmp_path_factory, policy) as made:
        made.start()
        yield made


def begin(house, agent: str, port: int) -> subprocess.Popen:
    running = house.begin("python3", "-u", "-c", INSIDE, str(port), agent=agent)
    assert running.stdout.readline() == "up\n", running.stderr.read()
    return running


def asked(*runs: subprocess.Popen) -> list[str]:
    """The answers of runs that ask for a connection at the same time."""
    for running in runs:
        running.stdin.write("ask\n")
        running.stdin.flush()
    return [running.stdout.readline() for running in runs]


# The two faults side by side: a gateway that was killed, and one that lives and says nothing.
@pytest.mark.stress
@pytest.mark.requirement("R018", "R112")
@pytest.mark.parametrize("fault", ["killed", "silent"])
def test_without_its_gateway_a_run_has_no_connections_and_ends_if_the_policy_says_so(house, port, fault):
    with begin(house, "stop", port) as stopped, begin(house, "kill", port) as killed:
        assert asked(stopped, killed) == [OPEN, OPEN]
        if fault == "killed":
            house.gateway.kill()
        else:
            house.gateway.process.send_signal(signal.SIGSTOP)
        try:
            # The lease is lost, and the minute is not over until both have an answer.
            time.sleep(20)
            assert set(asked(stopped, killed)) <= REFUSED
            # Its input stays open, with which it would end by itself.
            killed.wait(timeout=120)
            error = killed.stderr.read()
            report = json.loads(error.splitlines()[-1])
            assert (killed.returncode, report["reason"], report["source"]) == (137, "lease", "interlock"), error
            assert stopped.poll() is None
        finally:
            if fault == "silent":
                house.gateway.process.send_signal(signal.SIGCONT)
            # Nothing of the other run is left either once its supervisor ends.
            # Its input stays open: the program would end with 0 by the end of it.
            stopped.send_signal(signal.SIGTERM)
            stopped.wait(timeout=30)
            stopped.communicate(timeout=30)
    assert stopped.returncode in (137, 143)


def test_a_restart_of_the_gateway_within_the_minute_ends_no_run(house, port):
    with begin(house, "kill", port) as running:
        assert asked(running) == [OPEN]
        house.gateway.stop()
        time.sleep(2)
        house.start()
        answers = asked(running)
        for _ in range(20):
            if answers == [OPEN]:
                break
            assert set(answers) <= REFUSED
            time.sleep(1)
            answers = asked(running)
        assert answers == [OPEN]
        out, error = running.communicate(timeout=30)
    assert running.returncode == 0, error
