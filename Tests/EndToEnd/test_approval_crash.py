"""A crash (kill -9) at each write of an approval (docs/specs/approvals.md, section 5): `fixtures/faults.c` lets one
write or flush of the store or of the log succeed and kills the gateway there. The tests check the recovery at the next
start, and the calls that ran upstream."""

import http.client
import shutil
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from addresses import PAUL, RUI
from conftest import UNREUSED, organise
from deployment import approval_id
from refunding import Asking
from test_faults import Faults

# The first flush of the store after a start is that of its file's header.
LOG, STORE = ".seg$", "/interlock.db-wal$"

KILLED = -9


@pytest.fixture(scope="module")
def crashing(binary, people, fault_library):
    with ExitStack() as stack, ThreadPoolExecutor(8) as pool:
        folder = Path(tempfile.mkdtemp(prefix="interlock-e2e-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        made = organise(stack, binary, people, folder, start=False, segment=UNREUSED)
        yield Crashing(made, fault_library, pool)


class Crashing(Faults):
    """An organisation whose gateway crashes at a chosen write."""

    def __init__(self, made, library: Path, pool: ThreadPoolExecutor):
        super().__init__(made, library)
        made.gateway.configure("ledger", beat="60s")  # its flushes would be counted
        self.pool = pool

    def asking(self) -> Asking:
        self.start()
        self.made.gateway.wait_for_tools("refunds", "billing")
        return Asking(self.made, self.pool)

    def dies(self, after: tuple[str, int], doing, call: str = "fdatasync") -> None:
        """Runs `doing`, with any outcome, while the gateway is killed after the flush of that file, or after another
        call."""
        part, earlier = after
        self.settle()
        self.set(call, part, "KILL+", after=earlier)
        process = self.made.gateway.process
        try:
            doing()
        except (OSError, http.client.HTTPException, ValueError):
            pass  # the gateway was killed during the request
        self.wait(lambda: process.poll() is not None, 20)
        assert process.returncode == KILLED and len(self.hits()) == 1
        self.made.gateway.process = None
        self.clear()

    def settle(self) -> None:
        """Waits until the gateway writes nothing more: late writes of others would be counted."""
        store = self.made.gateway.folder / "state" / "interlock.db-wal"
        last, since = None, time.monotonic()
        while time.monotonic() < since + 1.5:  # more than the time between two sweeps
            newest = self.made.gateway.records(1)[-1]["index"], store.stat().st_mtime_ns
            if newest != last:
                last, since = newest, time.monotonic()
            time.sleep(0.05)

    def again(self) -> list[str]:
        """Starts the gateway again; returns the new records by type and code."""
        since = self.made.gateway.records(1)[-1]["index"]
        self.start()
        self.made.gateway.wait_for_tools("refunds", "billing")
        return [f"{one['t']} {one.get('code', '')}".strip() for one in self.made.gateway.records(100)
                if one["index"] > since]

    def state(self, request: str) -> str | None:
        found = [one for one in self.made.gateway.json("approvals", "list") if approval_id(one) == request]
        return found[0]["state"] if found else None

    def call(self, refunds: Asking):
        """Returns a function that makes the call on a session that is already open."""
        session = refunds.session()
        return lambda: session.call("billing__refund_request", 30, **refunds.arguments)

    def grant(self, refunds: Asking) -> str:
        request = refunds.ask_and_leave()
        for person in (PAUL, RUI):
            self.made.gateway.approve(request, person)
        return request


def is_asked_anew(refunds: Asking) -> bool:
    """The call is held for approval again, and people refuse it."""
    held = refunds.ask()
    refunds.deny(refunds.request())
    return held.result(30).code == 4031


@pytest.mark.parametrize("after, is_there", [((LOG, 1), False), ((STORE, 1), True)], ids=["requested", "stored"])
def test_while_a_question_is_asked(crashing, after, is_there):
    refunds = crashing.asking()
    crashing.dies(after, crashing.call(refunds))
    crashing.again()
    waiting = [one for one in crashing.made.gateway.json("approvals", "list") if one["state"] == "pending"]
    assert len(waiting) == (1 if is_there else 0)
    assert is_asked_anew(refunds) and refunds.paid() == refunds.before
    crashing.stop()


@pytest.mark.parametrize("after, votes", [((LOG, 0), 0), ((STORE, 0), 0), ((LOG, 1), 0), ((STORE, 1), 1)],
                         ids=["viewed", "nonce", "granted", "stored"])
def test_while_a_vote_is_counted(crashing, after, votes):
    refunds = crashing.asking()
    request = refunds.ask_and_leave()
    crashing.dies(after, lambda: crashing.made.gateway.approve(request, PAUL, check=False))
    crashing.again()
    (shown,) = crashing.made.gateway.json("approvals", "show", request)
    assert shown["state"] == "pending" and shown["have"] == votes
    for person in (PAUL, RUI)[votes:]:
        crashing.made.gateway.approve(request, person)
    assert refunds.ask().result(30).code is None and refunds.paid() == refunds.before + 1
    crashing.stop()


@pytest.mark.parametrize("after", [(LOG, 0), (STORE, 1)], ids=["recorded", "stored"])
def test_while_a_denial_is_counted_it_holds_once_it_is_on_record(crashing, after):
    refunds = crashing.asking()
    request = refunds.ask_and_leave()
    digest = crashing.made.gateway.json("approvals", "show", request)[0]["digest"]
    words = ("approvals", "deny", request, "--reason", "not this one")
    crashing.dies(after, lambda: crashing.made.gateway.run(*words, by=PAUL, check=False))
    crashing.again()
    assert crashing.state(request) is None, "it waits for nobody"
    late = crashing.made.gateway.run("approvals", "approve", request, "--digest", digest, by=RUI, check=False)
    assert late.returncode == 1 and "the request is denied" in late.stderr, late
    assert refunds.paid() == refunds.before
    crashing.stop()


USES = {
    "intent": ((LOG, 0), "approved", "call.denied audit.restart", None),
    "given away in the store": ((STORE, 0), None, "call.denied audit.restart", "approval.void approval.restart"),
    "used": ((LOG, 1), None, "call.unknown", None),
    "used, and stored": ((STORE, 1), None, "call.unknown", None),
}


@pytest.mark.parametrize("name", USES)
def test_while_a_grant_is_used(crashing, name):
    after, state, closing, void = USES[name]
    refunds = crashing.asking()
    request = crashing.grant(refunds)
    crashing.dies(after, crashing.call(refunds))
    said = crashing.again()
    assert [one for one in said if one.startswith(closing)], said
    assert [one for one in said if one.startswith("approval.")] == ([void] if void else []), said
    assert crashing.state(request) == state
    assert refunds.paid() == refunds.before, "nothing was sent"
    if state == "approved":
        assert refunds.ask().result(30).code is None and refunds.paid() == refunds.before + 1
    else:
        assert is_asked_anew(refunds) and refunds.paid() == refunds.before
    crashing.start()
    assert not [one for one in crashing.made.gateway.records(5) if one["t"] == "approval.void"], "said once"
    crashing.stop()
