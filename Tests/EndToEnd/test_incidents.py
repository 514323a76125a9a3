"""Incidents: people open one without an alert, say what they did and what the cause was, and it takes autonomy from the agent
(docs/specs/trust-and-review.md, section 6)."""

import json

import pytest

from waits import until

pytestmark = pytest.mark.requirement("R123", "R127")

AGENT = "support-triage"


def incidents(made, *words: str, exit: int = 0):
    done = made.gateway.run("incidents", *words, check=False)
    assert done.returncode == exit, done.stdout + done.stderr
    return done


def rows(made, *words: str, exit: int = 0) -> list[dict]:
    return [json.loads(line) for line in incidents(made, *words, "--json", exit=exit).stdout.splitlines()]


def records(made, kind: str) -> list[dict]:
    return [one for one in made.gateway.records(500) if one["t"] == kind]


def test_an_incident_is_opened_handled_and_closed_for_good(organisation):
    made = organisation(servers=("crm",))
    session = made.session(AGENT)
    assert session.call("crm__get_customer", id="C-77").code is None
    (opened,) = rows(made, "open", "--severity", "1", "--agent", AGENT, "--reason", "it read a wrong customer")
    assert opened["severity"] == 1 and opened["agent"] == AGENT and "alert" not in opened
    (record,) = records(made, "incident.opened")
    assert record["inc"] == opened["id"] and record["sev"] == 1 and record["by"] and "alarm" not in record
    until(lambda: records(made, "trust.demoted"), made.gateway)
    (demoted,) = records(made, "trust.demoted")
    assert (demoted["code"], demoted["to"], demoted["agent"]) == ("incident-1", "gated", AGENT)
    assert demoted["until"] - demoted["ts"] >= 29 * 86_400 * 1_000_000
    assert [one["id"] for one in rows(made, "list", "--open", exit=1)] == [opened["id"]]
    incidents(made, "act", opened["id"], "--did", "the token was revoked")
    incidents(made, "act", opened["id"], "--did", "a case was made", "--case", "incident-crm-1f0a93cc")
    shown = rows(made, "timeline", opened["id"])
    kinds = {one["leaf"]["t"] for one in shown}
    assert {"call.intent", "incident.opened", "incident.action", "trust.demoted"} <= kinds, kinds
    incidents(made, "close", opened["id"], "--cause", "agent", "--reason", "its prompt named the wrong queue")
    (closed,) = rows(made, "show", opened["id"])
    assert closed["cause"] == "agent" and [one.get("case") for one in closed["actions"]] == [None, "incident-crm-1f0a93cc"]
    (end,) = records(made, "incident.closed")
    assert end["as"] == "agent" and end["inc"] == opened["id"] and end["agent"] == AGENT
    for words in (["act", opened["id"], "--did", "late"], ["close", opened["id"], "--cause", "other", "--reason", "again"]):
        assert "stays so" in incidents(made, *words, exit=1).stderr
    assert len(records(made, "incident.action")) == 2 and len(records(made, "incident.closed")) == 1
    # It stays in the list, and undoes nothing.
    assert rows(made, "list")[0]["cause"] == "agent"
    assert len(records(made, "trust.demoted")) == 1


def test_what_is_no_incident_is_refused(organisation):
    made = organisation(servers=("crm",))
    for words, exit in (
            (["open", "--severity", "0", "--reason", "x"], 64),
            (["open", "--severity", "4", "--reason", "x"], 64),
            (["open", "--severity", "2"], 64),
            (["open", "--severity", "2", "--reason", " "], 65),
            (["open", "--severity", "2", "--reason", "x" * 501], 65),
            (["open", "--severity", "2", "--agent", "stranger", "--reason", "x"], 66),
            (["open", "--severity", "1", "--run", "01kag0q9m2c4e6g8j0k2n4p6r8", "--reason", "x"], 64),
            (["show", "01kag0q9m2c4e6g8j0k2n4p6r8"], 66),
            (["show", "none"], 66),
            (["close", "01kag0q9m2c4e6g8j0k2n4p6r8", "--cause", "luck", "--reason", "x"], 64),
            (["close", "01kag0q9m2c4e6g8j0k2n4p6r8", "--cause", "fault", "--reason", "x"], 66)):
        incidents(made, *words, exit=exit)
    assert rows(made, "list") == [] and not records(made, "incident.opened")
