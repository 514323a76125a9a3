"""`interlock trust propose`, `promote`, `delegate` and `confirm` against a real gateway: what is missing is named and nothing is
stored, a ceiling and a confirmation are the owner's alone (docs/specs/trust-and-review.md, section 5)."""

import json

import pytest

from addresses import ADA, DANA, SAM
from waits import until

pytestmark = pytest.mark.requirement("R123", "R124", "R126")

AGENT = "support-triage"
NOTHING = "sha256:" + "0" * 64


@pytest.fixture
def made(organisation):
    return organisation(servers=("tickets",))


def propose(made, stage: str, agent: str = AGENT) -> tuple[int, dict]:
    done = made.gateway.run("trust", "propose", agent, "--to", stage, "--json", check=False)
    return done.returncode, json.loads(done.stdout) if done.stdout else {}


def values(made) -> dict[str, dict]:
    done = made.gateway.run("trust", "status", AGENT, "--json", check=False)
    assert done.returncode == 1, done.stderr
    return {one["criterion"]: one for one in json.loads(done.stdout)["values"]}


def test_an_agent_without_a_record_is_not_proposed_and_everything_that_is_missing_is_named(made):
    code, answer = propose(made, "assisted")
    assert code == 1 and "proposal" not in answer, answer
    missing = answer["missing"]
    assert any(one.startswith("criteria:") for one in missing), "the organisation has no criteria file"
    assert any(one.startswith("ready:") for one in missing), missing
    assert made.gateway.json("trust", "proposals") == []
    assert not made.gateway.records(200, type="trust.promoted")


def test_stages_that_do_not_follow_and_agents_that_do_not_exist_are_refused(made):
    assert propose(made, "bounded")[0] == 1, "a stage is skipped"
    assert propose(made, "gated")[0] == 1
    assert propose(made, "assisted", "ghost")[0] == 66
    assert propose(made, "higher")[0] == 64


def test_nothing_is_undone_where_no_demotion_holds_the_agent_back_and_no_cool_down_is_named_where_one_does(made):
    words = ("trust", "propose", AGENT, "--to", "assisted", "--undo", "--json")
    none = made.gateway.run(*words, check=False)
    assert none.returncode == 1 and "no demotion holds the agent back" in none.stderr, none.stderr
    halt = made.gateway.halt("--agent", AGENT, by=ADA)
    until(lambda: made.gateway.records(200, type="trust.demoted"), made.gateway)
    made.gateway.resume(halt, ADA, SAM)
    assert any(one.startswith("cool-down:") for one in propose(made, "assisted")[1]["missing"])
    done = made.gateway.run(*words, check=False)
    answer = json.loads(done.stdout)
    assert done.returncode == 1 and answer["undoes"] is True and "proposal" not in answer, answer
    assert not any(one.startswith("cool-down:") for one in answer["missing"]), answer
    assert any(one.startswith("ready:") for one in answer["missing"]), "undoing skips the cool-down alone"


def test_a_proposal_that_does_not_exist_is_not_signed(made):
    words = ("--owner", DANA, "--rationale", "x" * 40)
    done = made.gateway.run("trust", "promote", NOTHING, *words, by=SAM, check=False)
    assert done.returncode == 66, done.stderr
    done = made.gateway.run("trust", "promote", "luck", *words, by=SAM, check=False)
    assert done.returncode == 66, done.stderr


def test_a_ceiling_is_set_by_the_owner_alone(made):
    other = made.gateway.run("trust", "delegate", AGENT, "--max", "gated", by=SAM, check=False)
    assert other.returncode == 77, other.stderr
    assert not made.gateway.records(200, type="trust.delegated")
    made.gateway.run("trust", "delegate", AGENT, "--max", "gated", by=DANA)
    (record,) = until(lambda: made.gateway.records(200, type="trust.delegated"), made.gateway)
    assert (record["agent"], record["to"]) == (AGENT, "gated")
    assert DANA not in json.dumps(record), "people are pseudonyms in the log"
    assert any(one.startswith("owner:") for one in propose(made, "assisted")[1]["missing"])


def test_ownership_is_confirmed_by_the_owner_alone_and_counts(made):
    assert values(made)["owner_confirmed"]["met"] is False
    other = made.gateway.run("trust", "confirm", AGENT, by=SAM, check=False)
    assert other.returncode == 77, other.stderr
    assert values(made)["owner_confirmed"]["met"] is False
    made.gateway.run("trust", "confirm", AGENT, by=DANA)
    until(lambda: made.gateway.records(200, type="owner.confirmed"), made.gateway)
    shown = values(made)["owner_confirmed"]
    assert shown["met"] is True and shown["records"] == 1, shown
    assert made.gateway.verify().returncode == 0
