"""The stages of agents in a real gateway: no row of the store raises one, a halt demotes, and demotions that are not as the program
wrote them stop a start (docs/specs/trust-and-review.md, sections 2, 5 and 6)."""

import json
import sqlite3
import time
from contextlib import closing

import pytest

import controllog
from addresses import ADA, DANA, SAM
from broken import check_does_not_start
from waits import until

pytestmark = pytest.mark.requirement("R123", "R126")

AGENT = "support-triage"


@pytest.fixture
def made(organisation):
    return organisation(servers=("tickets",))


def insert(made, kind: str, subject: str, body: dict) -> None:
    """Adds an entry that follows from the newest one, as a program that can write the store could."""
    number, previous = controllog.entries(made)[-1][0] + 1, controllog.entries(made)[-1][2]
    entry = (number, previous, b"", kind, subject, json.dumps(body), "gw1", 1_795_000_000_000_000)
    entry = entry[:2] + (controllog.digest(entry),) + entry[3:]
    with closing(sqlite3.connect(controllog.path(made))) as store, store:
        store.execute(f"INSERT INTO control ({controllog.COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", entry)


def test_a_promotion_that_no_person_signed_raises_no_agent_and_people_are_told(made):
    made.gateway.stop()
    envelope = {"payloadType": "application/vnd.interlock.promotion+json", "payload": "e30=",
                "signatures": [{"keyid": "A" * 43 + "=", "sig": "A" * 86 + "=="}]}
    insert(made, "trust.promotion", AGENT, {"signed": envelope})
    insert(made, "trust.promotion", AGENT, {"to": 3})
    made.gateway.start()
    until(lambda: [one for one in made.gateway.alarms(100) if one[0] == "trust.foreign"], made.gateway)
    (status,) = made.gateway.json("status", AGENT)
    assert (status["stage"], status["quota_percent"]) == ("supervised", 25)


def test_a_demotion_that_the_program_did_not_write_is_not_started_with(made):
    made.gateway.stop()
    insert(made, "trust.demotion", AGENT, {"code": "kill"})
    check_does_not_start(made, {65}, "about a demotion is not as it was written")


def test_a_halt_of_the_agent_is_a_demotion_over_a_restart_and_one_of_the_organisation_is_none(made):
    gateway = made.gateway

    def demotions() -> list[dict]:
        return gateway.records(500, type="trust.demoted")

    org = gateway.halt("--all", by=DANA)
    time.sleep(2)
    assert not demotions()
    gateway.resume(org, ADA, SAM)
    halt = gateway.halt("--agent", AGENT, by=DANA)
    (found,) = until(demotions, made.gateway)
    assert (found["agent"], found["code"], found["from"], found["to"]) == (AGENT, "kill", "gated", "gated"), found
    assert ("trust.demoted", AGENT) not in gateway.alarms(100), "it has lost a cool-down alone"
    until(lambda: ("trust.demotion", AGENT) in controllog.verified(made), made.gateway)
    gateway.kill()
    gateway.start()
    time.sleep(2)
    assert len(demotions()) == 1, "the same halt counts once"
    gateway.resume(halt, ADA, SAM)


def test_a_demotion_whose_entry_is_lost_is_taken_from_its_record_at_the_next_start(made):
    gateway = made.gateway
    gateway.halt("--agent", AGENT, by=DANA)
    (before,) = until(lambda: gateway.records(500, type="trust.demoted"), made.gateway)
    until(lambda: ("trust.demotion", AGENT) in controllog.verified(made), made.gateway)
    gateway.kill()
    (number,) = [entry[0] for entry in controllog.entries(made) if entry[3] == "trust.demotion"]
    with closing(sqlite3.connect(controllog.path(made))) as store, store:
        store.execute(f"DELETE FROM control WHERE n >= {number}")
    gateway.start()
    until(lambda: ("trust.demotion", AGENT) in controllog.verified(made), made.gateway)
    time.sleep(2)
    # The halt that is still in force would be a cause once more if nothing of the first demotion were known.
    (after,) = gateway.records(500, type="trust.demoted")
    assert after["until"] == before["until"]
