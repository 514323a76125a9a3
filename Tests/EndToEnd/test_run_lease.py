"""A run whose gateway is not heard any more: it has no connections, and ends after a minute if its policy says `kill`
(docs/specs/kill-switch.md, section 6)."""

import json
import signal
import subprocess
import time
from datetime import date, timedelta

import pytest

from people import People
from sandboxing import SandboxHouse

ADA, SAM = "ada@acme.example", "sam@acme.example"
AGENT = """\
  {name}:
    owner: {ada}
    purpose: Fixes bugs
    tier: low
    stage: supervised
    review_by: {review}
    sandbox: {{on_lease_loss: {loss}, limits: {{wall: 5m}}}}
"""
# Says that it began, asks for a connection whenever it reads a line, and ends with its input.
INSIDE = """\
import socket, sys
print("up", flush=True)
for line in sys.stdin:
    try:
        proxy = socket.create_connection(("127.0.0.1", 3128), timeout=20)
        proxy.sendall(b"CONNECT 127.0.0.1:9 HTTP/1.1\\r\\nHost: 127.0.0.1:9\\r\\n\\r\\n")
        print(proxy.recv(200).decode().split("\\r\\n")[0] or "closed", flush=True)
    except OSError as error:
        print("none", type(error).__name__, flush=True)
"""


@pytest.fixture
def house(binary, tmp_path_factory):
    review = date.today() + timedelta(days=60)
    agents = "".join(AGENT.format(name=name, ada=ADA, review=review, loss=name) for name in ("stop", "kill"))
    policy = f"interlock: 1\norg: acme\nowners: [{ADA}, {SAM}]\nagents:\n{agents}"
    with People(tmp_path_factory.mktemp("people"), {ADA: ["kill", "resume", "security"], SAM: ["resume"]}) as people:
        made = SandboxHouse(binary, people, policy)
        try:
            made.start()
            yield made
        finally:
            made.close()


def begin(house, agent: str) -> subprocess.Popen:
    running = house.begin("python3", "-u", "-c", INSIDE, agent=agent)
    assert running.stdout.readline() == "up\n", running.stderr.read()
    return running


def asked(running: subprocess.Popen) -> str:
    running.stdin.write("ask\n")
    running.stdin.flush()
    return running.stdout.readline()


# The two faults side by side: a gateway that was killed, and one that lives and says nothing.
@pytest.mark.stress
@pytest.mark.requirement("R018", "R112")
@pytest.mark.parametrize("fault", ["killed", "silent"])
def test_without_its_gateway_a_run_has_no_connections_and_ends_if_the_policy_says_so(house, fault):
    with begin(house, "stop") as stopped, begin(house, "kill") as killed:
        assert asked(stopped).startswith("HTTP/1.1 403") and asked(killed).startswith("HTTP/1.1 403")
        lost = time.monotonic()
        if fault == "killed":
            house.gateway.kill()
        else:
            house.gateway.process.send_signal(signal.SIGSTOP)
        try:
            time.sleep(45)
            # The lease is lost, and the minute is not over.
            assert killed.poll() is None and stopped.poll() is None
            for running in (stopped, killed):
                assert "200" not in asked(running)
            out, error = killed.communicate(timeout=60)
            took = time.monotonic() - lost
            report = json.loads(error.splitlines()[-1])
            assert (killed.returncode, report["reason"], report["source"]) == (137, "lease", "interlock"), error
            assert 55 < took < 90, took
            assert stopped.poll() is None
        finally:
            if fault == "silent":
                house.gateway.process.send_signal(signal.SIGCONT)
            # Nothing of the other run is left either once its supervisor ends.
            stopped.send_signal(signal.SIGTERM)
            stopped.communicate(timeout=30)
    assert stopped.returncode in (137, 143)


def test_a_restart_of_the_gateway_within_the_minute_ends_no_run(house):
    with begin(house, "kill") as running:
        house.gateway.stop()
        time.sleep(2)
        house.start()
        assert asked(running).startswith("HTTP/1.1 403")
        out, error = running.communicate(timeout=30)
    assert running.returncode == 0, error
