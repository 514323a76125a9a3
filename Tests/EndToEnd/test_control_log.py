"""The control log: everything that changes what is allowed, in one chain that a start verifies (decision 0047)."""

import sqlite3
import time
from contextlib import closing

import pytest

import controllog
from addresses import ADA, DANA, SAM
from broken import check_does_not_start
from test_elevate import ask, identifier
from test_kill import is_halted

pytestmark = pytest.mark.requirement("R070")


@pytest.fixture
def made(organisation):
    return organisation(servers=("tickets",))


def orders(made) -> list[tuple[str, str]]:
    return [one for one in controllog.verified(made) if one[0] in ("halt", "release")]


def wait_for_orders(made, count: int) -> list[tuple[str, str]]:
    deadline = time.monotonic() + 30
    while len(found := orders(made)) < count:
        assert time.monotonic() < deadline, (found, made.gateway.stderr()[-2000:])
        time.sleep(0.05)
    return found


def test_each_order_has_one_entry_over_crashes(made):
    people = [subject for kind, subject in controllog.verified(made) if kind == "person"]
    assert people and len(people) == len(set(people)), "each person who decides has an entry after the first start"
    halts = []
    for _ in range(3):
        halts.append(made.gateway.halt("--agent", "support-triage", by=DANA))
        # The entry follows the halt; the crash may come before it or after it.
        made.gateway.kill()
        made.gateway.start()
        assert is_halted(made)
        assert [subject for _, subject in wait_for_orders(made, len(halts))] == halts
    made.gateway.resume(halts[0], ADA, SAM)
    assert orders(made)[-1][0] == "release", "a release is in the control log before it takes effect"
    made.gateway.kill()
    made.gateway.start()
    assert [kind for kind, _ in orders(made)] == ["halt"] * 3 + ["release"]
    assert [subject for kind, subject in controllog.verified(made) if kind == "person"] == people


@pytest.mark.parametrize("statement", [
    "UPDATE control SET body = '{}' WHERE n = 1", "DELETE FROM control WHERE n = 2",
    "UPDATE control SET kind = 'later' WHERE n = 2"], ids=["edited", "deleted", "unknown"])
def test_an_edited_control_log_is_not_started(made, statement):
    made.gateway.stop()
    controllog.edit(made, statement)
    check_does_not_start(made, {65}, "the control log is not as it was written: ", "entry", "from a backup")


def test_an_ended_elevation_that_is_put_back_into_the_store_does_not_start(made):
    gateway = made.gateway
    wanted = identifier(ask(gateway, grant="{tickets: [read]}"))
    for person in (ADA, SAM):
        gateway.run("elevate", "approve", wanted, by=person)
    assert controllog.verified(made)[-1] == ("elevation", wanted)
    with closing(sqlite3.connect(controllog.path(made))) as store:
        (granted,) = store.execute("SELECT * FROM elevation WHERE id = ?", (wanted,)).fetchall()
    gateway.run("elevate", "end", wanted, by=DANA)
    gateway.stop()
    with closing(sqlite3.connect(controllog.path(made))) as store, store:
        store.execute("DELETE FROM elevation WHERE id = ?", (wanted,))
        store.execute(f"INSERT INTO elevation VALUES ({', '.join('?' * len(granted))})", granted)
    check_does_not_start(made, {65}, "elevation", wanted)


def test_a_halt_whose_file_is_lost_is_put_back(made):
    halt = made.gateway.halt("--agent", "support-triage", by=DANA)
    wait_for_orders(made, 1)
    made.gateway.stop()
    file = made.gateway.folder / "state" / "kill" / "orders" / f"{halt}.json"
    before = file.read_bytes()
    file.unlink()
    made.gateway.start()
    assert is_halted(made) and not is_halted(made, "refunds")
    assert file.read_bytes() == before
    assert len(orders(made)) == 1


def test_a_quarantine_is_an_entry_and_holds(made):
    made.gateway.run("servers", "quarantine", "tickets", "--reason", "a test of the chain")
    made.gateway.kill()
    assert controllog.verified(made)[-1] == ("quarantine", "tickets")
    made.gateway.start()
    deadline = time.monotonic() + 30
    while (states := {one["server"]: one["state"] for one in made.gateway.json("servers", "list")})["tickets"] \
            != "quarantined":
        assert time.monotonic() < deadline, states
        time.sleep(0.1)
