"""kill -9 under load: every answered call is on record, every call that ran was intended, no call stays open."""

import http.client
import itertools
import json
import os
import threading
import time
from pathlib import Path

import pytest

import counters
import ledgerfile
import wire
from conftest import UNREUSED

pytestmark = pytest.mark.alone

ROUNDS = int(os.environ.get("ROUNDS", "3"))
CALLERS = 6


class Load:
    """Callers with one session each; every call has unique text; they run until they are stopped."""

    def __init__(self, port: int, tokens: list[str], numbers):
        self.answered: list[str] = []
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self._run, args=(port, token, numbers, way))
                        for token, way in zip(tokens, itertools.cycle(("tickets", "tickets", "kb")))]
        for thread in self.threads:
            thread.start()

    def _run(self, port: int, token: str, numbers, server: str) -> None:
        try:
            session = wire.Session(port, token)
            while not self.stop.is_set():
                text = f"load-{next(numbers)}"
                answer = session.call(f"{server}__search", text=text)
                if answer.status == 200 and answer.messages and answer.code is None:
                    self.answered.append(text)
        except (OSError, ConnectionError, http.client.HTTPException, ValueError):
            pass  # the gateway was killed during the call

    def join(self) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join(30)
            assert not thread.is_alive()


def children_of(folder: Path) -> list[str]:
    """Processes whose command line names this organisation's data: its servers on stdio."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if f"{folder}/data".encode() in words and b"--http" not in words:
                found.append(entry.name)
    return found


@pytest.mark.requirement("R101")
def test_kill_9_at_random_moments_under_load(organisation, chance):
    made = organisation()
    tokens = [made.token("support-triage", ttl="8h") for _ in range(CALLERS)]
    numbers, answered = itertools.count(), []
    for round in range(ROUNDS):
        load = Load(made.gateway.port, tokens, numbers)
        time.sleep(chance.uniform(0.05, 1.5))
        made.gateway.kill()
        load.join()
        answered += load.answered
        deadline = time.monotonic() + 5
        while left := children_of(made.folder):
            assert time.monotonic() < deadline, f"round {round}: processes {left} outlive the gateway"
            time.sleep(0.05)
        made.gateway.start()
        done = made.gateway.verify()
        assert done.returncode == 0, f"round {round}: {done.stdout}{done.stderr}"
        made.gateway.wait_for_tools("support-triage", "tickets", "kb")
    made.gateway.stop()
    assert answered, "no call was answered, so nothing was tested"
    check(made, answered)


def check(made, answered: list[str]) -> None:
    """Compares three witnesses: the callers, the upstreams' databases and the ledger's bytes."""
    records = ledgerfile.read(made.gateway.folder / "state" / "ledger")
    intents, closings = ledgerfile.intents(records), ledgerfile.closings(records)
    intended = {json.loads(record.payloads["args"])["text"]: name for name, record in intents.items()}

    arrived = [call["text"] for server in ("tickets", "kb")
               for call in counters.calls(made.data, server, "search")]
    assert len(arrived) == len(set(arrived)), "a call was sent twice"
    assert set(arrived) <= set(intended), "a call ran without an intent"

    for name, record in intents.items():
        assert len(closings.get(name, [])) == 1, f"intent {record.index} has {len(closings.get(name, []))} endings"
    for text in answered:
        (closing,) = closings[intended[text]]
        assert (closing.leaf["t"], closing.leaf["st"]) == ("call.outcome", "ok"), text
    assert set(answered) <= set(arrived)
    assert made.gateway.verify().returncode == 0
