"""A call of a real gateway that is killed while a server works on it: its outcome is unknown, it waits in the Inbox of those
who may check it, and goes when one of them has said what became of it. The log with the findings is good."""

import shutil
import statistics
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip("selenium", reason="no selenium: run scripts/setup")
from addresses import ADA, DANA, INES, LI, SAM  # noqa: E402
from browsing import wait  # noqa: E402
from faulty import FaultyServer  # noqa: E402
from office import Office  # noqa: E402
from program import Program  # noqa: E402
from proving import SessionKey  # noqa: E402
from selenium.webdriver.support.ui import Select  # noqa: E402
from test_inbox import comes, goes, rows  # noqa: E402
from waits import until  # noqa: E402

TITLE = "Check outcome: faulty.slow"


@pytest.fixture(scope="module")
def house(binary, people, tmp_path_factory):
    """A gateway whose server, which agent `tester` of LI calls, works for half a minute on each call."""
    with ExitStack() as stack:
        faulty = stack.enter_context(FaultyServer(Path(tmp_path_factory.mktemp("outcomes")), way="http"))
        office = Office(stack, binary, people, (LI, INES, ADA, DANA), extra=faulty.policy)
        office.gateway.wait_for_tools("tester", "faulty")
        yield SimpleNamespace(office=office, gateway=office.gateway, faulty=faulty,
                              people={name: office.person(name) for name in (LI, INES, ADA, DANA)})


def killed_in_call(house, calls: int = 1) -> None:
    """Kills the gateway while the server works on so many calls, and starts it again."""
    before = house.faulty.arrived("slow")
    sessions = [house.office.acme.session("tester") for _ in range(calls)]
    with ThreadPoolExecutor(calls) as pool:
        for session in sessions:
            pool.submit(lose, session)
        house.faulty.wait_for("slow", before + calls)
        house.gateway.kill()
    house.gateway.start()


def lose(session) -> None:
    with suppress(Exception):
        session.call("faulty__slow", 60, delay=30)


def unknown(house, person: str) -> list[dict]:
    return Program(house.office, house.people[person]).get("/outcomes/unknown").json["outcomes"]


def verified(house, verify, folder: Path) -> None:
    """All verifiers accept the log."""
    key = house.gateway.log_key
    house.gateway.stop()
    shutil.copytree(house.gateway.ledger / "log", folder / "log")
    house.gateway.start()
    done = house.gateway.verify()
    assert done.returncode == 0, done.stdout + done.stderr
    verify("--vkey", key, folder / "log", expect=0)


@pytest.mark.requirement("R111")
def test_a_call_that_a_crash_cut_waits_for_its_owner_and_goes_when_it_is_checked(house, verify, tmp_path):
    killed_in_call(house)
    li, ines, dana = (house.people[name] for name in (LI, INES, DANA))
    li.open("/approvals")
    assert "tester" in comes(li, TITLE)
    assert "delay" not in comes(li, TITLE)
    (outcome,) = until(lambda: [one for one in unknown(house, LI) if "record" in one], house.gateway)
    (item,) = Program(house.office, li).get("/inbox?kind=outcome").json["items"]
    assert (item["mine"], item["agent"]) == (True, "tester") and item["due"] > item["since"]
    assert (outcome["cause"], outcome["tool"], outcome["mine"]) == ("crash", "faulty.slow", True)
    assert item["link"] == f"/audit/{outcome['record']}"
    # The owner of another agent and a role that reads no records do not have it.
    for other in (ines, dana):
        other.open("/approvals?show=pending")
        assert not any(TITLE in row for row in rows(other))
    assert unknown(house, INES) == [] and [one["mine"] for one in unknown(house, DANA)] == [False]
    path = f"/outcomes/{outcome['record']}/checked"
    for name in (INES, DANA):
        refused = Program(house.office, house.people[name]).post(path, {"found": "ran"})
        assert (refused.status, refused.json["code"]) == (404, "no_such_record"), refused
    # A person who resumes what is stopped sees what is not known of it.
    halt = house.gateway.halt("--agent", "tester", by=DANA)
    dana.open(f"/halts/{halt}")
    assert "Unknown outcomes" in dana.text() and "faulty.slow" in dana.text() and "delay: 30" not in dana.text()
    house.gateway.resume(halt, ADA, SAM)
    li.open(f"/audit/{outcome['record']}")
    assert li.overflow() <= 0 and li.barriers() == []
    Select(li.one("#found")).select_by_visible_text("Still unknown")
    li.driver.find_element("xpath", "//button[.='Mark as checked']").click()
    wait(li, lambda: "needs a comment" in li.text())
    inbox = house.office.visitor(li)
    inbox.open("/approvals")
    comes(inbox, TITLE)
    Select(li.one("#found")).select_by_visible_text("It ran")
    li.one("#comment").send_keys("the server's list has it")
    li.driver.find_element("xpath", "//button[.='Mark as checked']").click()
    wait(li, lambda: "Checked by" in li.text())
    assert LI in li.text() and "It ran" in li.text() and li.all("#found") == []
    goes(inbox, TITLE)
    (record,) = [one for one in house.gateway.records(200) if one["t"] == "outcome.checked"]
    assert (record["as"], record["call"], record["agent"]) == ("ran", outcome["call"], "tester")
    again = Program(house.office, li).post(path, {"found": "not_run"})
    assert (again.status, again.json["code"]) == (409, "checked_already"), again
    assert Program(house.office, li).post(path, {"found": "ran"}).status == 200
    assert "outcome.refused" in [code for code, _ in house.gateway.alarms()]
    verified(house, verify, tmp_path)


def test_findings_by_the_command_line_and_the_api_are_kept_over_a_restart(house, verify, tmp_path):
    killed_in_call(house, calls=2)
    listed = until(lambda: (found := house.gateway.json("outcomes", "list")) and len(found) == 2
                   and all("record" in one for one in found) and found, house.gateway)
    first, second = (one["record"] for one in listed)
    house.gateway.run("outcomes", "check", str(first), "--found", "still_unknown", "--comment", "its log was rotated")
    assert [one["record"] for one in house.gateway.json("outcomes", "list")] == [second]
    house.gateway.stop()
    house.gateway.start()
    until(lambda: [one.get("record") for one in house.gateway.json("outcomes", "list")] == [second], house.gateway)
    house.gateway.run("outcomes", "check", str(first), "--found", "undone")
    done = house.gateway.run("outcomes", "check", str(first), "--found", "ran", check=False)
    assert done.returncode == 1 and "checked already" in done.stderr
    assert Program(house.office, house.people[ADA]).post(f"/outcomes/{second}/checked", {"found": "not_run"}).status == 200
    assert house.gateway.json("outcomes", "list") == []
    intent = next(one["index"] for one in house.gateway.records(400) if one["t"] == "call.intent")
    known = Program(house.office, house.people[ADA]).post(f"/outcomes/{intent}/checked", {"found": "ran"})
    assert (known.status, known.json["code"]) == (409, "outcome_known"), known
    verified(house, verify, tmp_path)


@contextmanager
def stream(program: Program):
    """The events that an open page of the person receives, line by line."""
    session, target = program.session, "/api/v1/approvals/stream"
    proof = SessionKey(session.jwk).proof(session.office.origin, session.nonce, "GET", target)
    asked = urllib.request.Request(session.office.origin + target, headers={"cookie": program.cookie, "x-interlock-proof": proof})
    with urllib.request.urlopen(asked, timeout=10) as answer:
        yield answer


def shown_after(program: Program, kind: str, events, begin: Callable[[], Future]) -> float:
    """Follows the stream as a page does, until the inbox has a new task of this kind; returns the time of that."""
    def ids() -> set[str]:
        return {one["id"] for one in program.get(f"/inbox?show=pending&kind={kind}").json["items"]}

    before, deadline = ids(), time.monotonic() + 10
    happening = begin()
    for line in events:
        if line == b"event: changed\n" and ids() - before:
            happening.result(30)
            return time.time()
        assert time.monotonic() < deadline, (kind, before)
    raise AssertionError("the stream ended")


def test_open_pages_have_alerts_and_unknown_outcomes_within_a_second(house):
    """By the gateway's own clock: from the record of it until the inbox has it, asked for when the stream says so."""
    program, li = (Program(house.office, house.people[name]) for name in (ADA, LI))
    session = house.office.acme.session("tester")
    assert session.call("faulty__echo", text="well").code is None
    intent = [one["index"] for one in house.gateway.records(60) if one["t"] == "call.intent"][-1]

    def refused():
        assert li.post(f"/outcomes/{intent}/checked", {"found": "ran"}).json["code"] == "outcome_known"

    def lost():
        assert "unknown" in session.call("faulty__die", 30).body.decode()

    took = {}
    with ThreadPoolExecutor(1) as pool, stream(program) as events:
        for kind, record, happens in (("alert", "alarm.raised", refused), ("outcome", "call.unknown", lost)):
            shown = [shown_after(program, kind, events, partial(pool.submit, happens)) for _ in range(3)]
            at = [one["ts"] / 1e6 for one in house.gateway.records(60) if one["t"] == record][-3:]
            took[kind] = [after - before for before, after in zip(at, shown, strict=True)]
    print(f"tasks are in the inbox after {took}")
    assert all(0 < statistics.median(one) < 1 for one in took.values()), took
