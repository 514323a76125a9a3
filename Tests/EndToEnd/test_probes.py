"""Requests that are known to be bad, and the effects of people's decisions, at the served gateway."""

import http.client
import json
import re
import shutil
import tempfile
import time
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path

import pytest

from addresses import PAUL, RUI
from conftest import missing, organise
from deployment import approval_id
from wire import Session

pytest.importorskip("selenium", reason="no selenium: run scripts/setup")
from office import Office  # noqa: E402

pytestmark = pytest.mark.requirement("R088")

# Every other request is followed by a probe, while none is pending.
OFTEN = {"probes": "{rate: 0.5, min_per_month: 0}", "countermeasures": "refuse"}


class Desk:
    """An organisation whose agent requests refunds and disconnects, so that its requests stay pending."""

    amounts = iter(range(1000, 8000))

    def __init__(self, acme):
        self.acme, self.gateway = acme, acme.gateway
        self.gateway.wait_for_tools("refunds", "billing")

    @staticmethod
    def made(stack: ExitStack, binary, people, **settings) -> "Desk":
        folder = Path(tempfile.mkdtemp(prefix="interlock-e2e-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        return Desk(organise(stack, binary, people, folder, servers=("billing",), wait=(),
                             settings={"approval_service": settings}))

    def ask(self) -> str:
        known = {approval_id(one) for one in self.waiting()}
        session = Session(self.gateway.port, self.acme.token("refunds"))
        body = {"jsonrpc": "2.0", "id": 5, "method": "tools/call", "params": {
            "name": "billing__refund_request",
            "arguments": {"invoice_id": "INV-20931", "amount_cents": next(self.amounts), "currency": "EUR"}}}
        connection = http.client.HTTPConnection("127.0.0.1", session.port, timeout=30)
        connection.request("POST", "/mcp", json.dumps(body), session.headers)
        deadline = time.monotonic() + 15
        # A probe may come at the same moment.
        while not (new := {approval_id(one) for one in self.waiting()} - known - set(self.probes())):
            assert time.monotonic() < deadline, "the request is not there"
            time.sleep(0.05)
        connection.close()
        (found,) = new
        return found

    def waiting(self) -> list[dict]:
        return self.gateway.json("approvals", "list")

    def asked(self) -> dict[str, dict]:
        return {one["appr"]: one for one in self.gateway.records(400) if one["t"] == "approval.requested"}

    def probes(self) -> list[str]:
        return [name for name, record in self.asked().items() if "intent" not in record]

    def probe(self) -> str:
        """Makes requests, and waits until one more probe is pending; returns its id."""
        known = set(self.probes())
        for _ in range(12):
            self.ask()
        end = time.monotonic() + 40
        while time.monotonic() < end:
            if new := set(self.probes()) - known:
                return new.pop()
            time.sleep(1)
        raise AssertionError("no probe after 12 requests, each followed by one at even odds")

    def paid(self) -> int:
        return self.acme.count("billing", "refund_request")

    def decided(self) -> list[dict]:
        return [one for one in self.gateway.records(400) if one["t"] == "approval.probe"]

    def figures(self, person: str) -> dict:
        return self.gateway.json("approvals", "metrics", "--approver", person)[0]


@pytest.fixture
def desk(binary, people, stack):
    return Desk.made(stack, binary, people, **OFTEN)


# What a page has, without the texts of the call.
SHAPE = """
    return [...document.querySelectorAll("main *:not(bdi, bdi *, wbr, .hidden, .sign, .tree, .tree *)")].map((one) =>
      [one.tagName, one.className, one.id, one.matches("dt, h2, button, label") ? one.textContent : ""].join(" "))"""
ROWS = """
    return [...document.querySelectorAll("#list tbody tr")].map((row) => [row.querySelector("a").href.slice(-26),
      [...row.querySelectorAll("*:not(bdi, bdi *, wbr)")].map((one) => one.tagName + one.className).join(" ")])"""


def looks_like(paul, probe: str, real: str) -> bool:
    """Whether the pages of two requests, and the rows of the list, differ in nothing but the texts of their calls."""
    shapes = []
    for request in (probe, real):
        paul.open(f"/approvals/apr_{request}")
        assert "probe" not in paul.driver.page_source.lower()
        shapes.append([one.replace(request, "ID") for one in paul.run(SHAPE)])
    assert shapes[0] == shapes[1], [(one, other) for one, other in zip(*shapes) if one != other][:5]
    paul.open("/approvals")
    rows = dict(paul.run(ROWS))
    return rows[probe] == rows[real] and len(shapes[0]) > 100


def test_an_approved_probe_runs_nothing_and_says_what_was_wrong(binary, people, stack, verify, tmp_path):
    office = Office(stack, binary, people, invited=(PAUL,), settings={"approval_service": OFTEN})
    desk, paul = Desk(office.acme), office.person(PAUL)
    before = desk.paid()
    probe = desk.probe()
    listed = {approval_id(one): one for one in desk.waiting()}
    # The newest one has a history, as the probe has.
    real = listed[max(name for name in listed if name != probe)]
    assert set(listed[probe]) == set(real), "nothing tells it from the others"
    shown, other = (desk.gateway.run("approvals", "show", one).stdout for one in (probe, approval_id(real)))
    assert "probe" not in shown
    first, second = ([re.sub(r"^\d.*", "an amount", line.split()[0]) for line in one.splitlines()] for one in (shown, other))
    assert first == second
    assert looks_like(paul, probe, approval_id(real))

    # A start between request and decision: the request stays pending, and looks unchanged.
    desk.gateway.kill()
    desk.gateway.start()
    assert probe in {approval_id(one) for one in desk.waiting()}
    assert desk.gateway.run("approvals", "show", probe).stdout == shown

    done = desk.gateway.approve(probe, PAUL, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "this was a probe" in done.stdout and "What was wrong: `" in done.stdout
    assert probe not in {approval_id(one) for one in desk.waiting()}
    (record,) = desk.decided()
    assert record["appr"] == probe and record["verdict"] == "approve" and record["via"] == "cli-key"
    kinds = {one["t"] for one in desk.gateway.records(400) if one.get("appr") == probe}
    assert kinds <= {"approval.requested", "approval.viewed", "approval.probe"}
    assert desk.paid() == before
    figures = desk.figures(PAUL)
    assert figures["probes"]["missed"] == 1 and figures["probes"]["caught"] == 0
    assert figures["approved"] == 0 and figures["probes"]["detection_rate"] == [0.0, 0.793]
    # Evidence of its run is as good as any other.
    bundle = tmp_path / "run.tar"
    desk.gateway.run("audit", "bundle", record["run"], "-o", str(bundle), "--disclose-all")
    verify("--vkey", desk.gateway.log_key, bundle, expect=0)
    desk.gateway.stop()
    desk.gateway.verify()


def test_a_denied_probe_is_caught_and_counts_as_nothing_else(desk):
    probe = desk.probe()
    done = desk.gateway.run("approvals", "deny", probe, "--reason", "not ours", by=RUI)
    assert "You were right: `" in done.stdout
    (record,) = desk.decided()
    assert record["verdict"] == "deny"
    figures = desk.figures(RUI)
    assert figures["probes"]["caught"] == 1 and figures["denied"] == 0
    assert figures["too_fast"] == 0 and figures["dwell_ms"] is None, "a denial was shown nothing"
    assert re.search(r"probes denied 1, approved 0: 21 % to 100 % found",
                     desk.gateway.run("approvals", "metrics", "--approver", RUI).stdout)


def test_the_page_tells_at_once_what_was_wrong(binary, people, stack):
    if find_spec("selenium") is None:
        missing("no selenium: run scripts/setup")
    from office import Office, approve
    office = Office(stack, binary, people, invited=(PAUL,), settings={"approval_service": OFTEN})
    desk = Desk(office.acme)
    paul = office.person(PAUL)
    probe = desk.probe()
    paul.open("/approvals")
    assert "probe" not in paul.text().lower()
    approve(paul, probe)
    assert "This was a probe" in paul.text() and "You have approved it." in paul.text()
    assert "What was wrong" in paul.text()
    (record,) = desk.decided()
    assert record["appr"] == probe and record["via"] == "console-webauthn" and record["verdict"] == "approve"
    assert desk.paid() == 0 and office.complaints() == []


def test_the_sixth_approval_in_a_minute_waits_and_a_denial_does_not(binary, people, stack):
    desk = Desk.made(stack, binary, people, countermeasures="refuse", cap_per_hour="7")
    requests = [desk.ask() for _ in range(8)]
    started = time.monotonic()
    for request in requests[:5]:
        desk.gateway.run("approvals", "deny", request, "--reason", "too much", by=PAUL)
    assert time.monotonic() - started < 55, "too slow a machine for this test"
    done = desk.gateway.approve(requests[5], PAUL, check=False)
    assert done.returncode == 77 and "one in 30 seconds" in done.stderr
    desk.gateway.approve(requests[5], RUI)
    for request in requests[6:]:
        desk.gateway.run("approvals", "deny", request, "--reason", "too much", by=PAUL)
    # Decisions made before the start are known after it.
    desk.gateway.stop()
    desk.gateway.start()
    done = desk.gateway.approve(requests[5], PAUL, check=False)
    assert done.returncode == 77 and "within the hour" in done.stderr
    assert set(desk.figures(PAUL)["measures"]) >= {"spaced"}


def test_nothing_is_approved_at_tier_high_before_it_can_have_been_read(binary, people, stack):
    desk = Desk.made(stack, binary, people, countermeasures="refuse")
    request = desk.ask()
    started = time.monotonic()
    desk.gateway.approve(request, PAUL)
    assert time.monotonic() - started > 2
