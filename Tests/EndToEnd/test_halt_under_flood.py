"""The emergency stop is independent of hostile input (R151): kills are acknowledged within a second while both loops
are busy with the most expensive known bodies, and by the upstream's own database no call is sent after that."""

import json
import os
import socket
import threading
import time
from pathlib import Path

import pytest

import faulty
import modern
from addresses import ADA
from flooding import Flood, bodies
from ordering import order
from test_kill_load import Counting, local, tokens

pytestmark = pytest.mark.requirement("R151")

ROUNDS = int(os.environ.get("ROUNDS", "20"))
SECOND = 1.0
AHEAD = 4
SPAM = Path(__file__).resolve().parent / "fixtures" / "spamming_server.py"


def spammers(kind: str, folder: Path) -> dict[str, str]:
    connect = (f'{{stdio: ["/usr/bin/python3", "{SPAM}", "{kind}", "{folder}/go"], '
               f'sandbox: {{read: ["{SPAM.parent}", "{folder}"]}}}}')
    return {name: text for spam in ("spam-one", "spam-two")
            for name, text in faulty.policy(spam, connect, ("echo",)).items() if name.startswith("servers/")}


class Caller(threading.Thread):
    """One run that repeats its call until it is halted, or the test is over."""

    def __init__(self, port: int, token: str, number: int, over: threading.Event):
        super().__init__(daemon=True)
        self.port, self.token, self.number, self.over = port, token, number, over
        self.halted = False
        self.start()

    def run(self) -> None:
        sent = modern.message("tools/call", name="counting__hold", arguments={"run": str(self.number), "ms": 400})
        while not self.over.is_set() and not self.halted:
            try:
                self.halted = modern.post(self.port, self.token, sent).code == 4230
            except (OSError, AttributeError):
                continue


def is_well(gateway) -> bool:
    with socket.create_connection(("127.0.0.1", gateway.people_port), timeout=SECOND) as one:
        one.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return one.recv(100).startswith((b"HTTP/1.1 200", b"HTTP/1.1 503"))


def size(gateway) -> int:
    """The size of each body: as much work for a debug build, which computes much more slowly, as for a release
    build."""
    return 1_800_000 if "release" in gateway.binary.parts else 200_000


@pytest.mark.alone
@pytest.mark.parametrize("kind", ["keys", "large"])
def test_r151_kills_are_acknowledged_within_a_second_under_a_flood(organisation, people, tmp_path, kind):
    """ROUNDS runs are halted one by one. With `large` each has a call in flight; with `keys` both loops may be busy
    with one body for as long as the test lasts, so that only the order's own thread can respond."""
    with Counting(tmp_path) as counting:
        made = organisation(extra={**counting.policy, **spammers(kind, tmp_path)}, servers=())
        gateway = made.gateway
        gateway.wait_for_tools("tester", "counting")
        sent = bodies(1_800_000 if kind == "keys" else size(gateway))
        sent = sent[:1] if kind == "keys" else sent[1:]
        runs = [local(made, "POST", "/v1/tokens", {"agent": "tester", "purpose": "load", "ttl_s": 3600})
                for _ in range(ROUNDS)]
        attackers = tokens(made, 2)
        orders = [order(gateway, people, ADA, "halt", scope="run", target=run["run"]) for run in runs]
        over, took, acknowledged, callers = threading.Event(), [], [], []

        def call(number: int) -> None:
            if kind == "large" and number < ROUNDS:
                callers.append(Caller(gateway.port, runs[number]["token"], number, over))

        for number in range(AHEAD):
            call(number)
        # The halted runs continue the flood: a body that is refused is as expensive to send.
        with Flood(gateway.port, attackers, sent):
            (tmp_path / "go").touch()
            time.sleep(1)
            for number, halt in enumerate(orders):
                began = time.monotonic()
                report = local(made, "POST", "/v1/halts", halt)
                acknowledged.append(time.monotonic())
                took.append(acknowledged[-1] - began)
                (point,) = [one for one in report["points"] if one["state"] != "not_present"]
                assert point["state"] == "confirmed" and point["left"] == 0, (number, report)
                call(number + AHEAD)
                assert is_well(gateway)
            for server in ("spam-one", "spam-two"):
                began = time.monotonic()
                done = gateway.run("kill", "--server", server, "--reason", "it spams", "--json", by=ADA, check=False)
                took.append(time.monotonic() - began)
                report = json.loads(done.stdout)
                assert done.returncode == 0 and report["state"] == "halted", report
            time.sleep(0.5)  # longer than a call, so that all would have called again
            gateway.kill()
        over.set()
        print(f"{kind}: {max(took) * 1000:.0f} ms at most, {sorted(took)[len(took) // 2] * 1000:.0f} ms median")
        assert max(took) < SECOND, took
        for number, at in enumerate(acknowledged):
            later = counting.ask("SELECT at - ? FROM calls WHERE what = 'begun' AND run = ? AND at > ?", at, str(number), at)
            assert not later, f"run {number} was served after its halt: {later}"
