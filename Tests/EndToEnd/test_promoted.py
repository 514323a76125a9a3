"""An agent is promoted by the commands of people, on the evidence of real runs on different days, and demoted again: what is
missing is mended by the command that `ready` names, two people sign, the gateway decides by the new stage, a second program computes
the evidence again, and an incident takes the stage back (docs/specs/trust-and-review.md, sections 3 to 6)."""

import base64
import json
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from addresses import ADA, DANA, LI, SAM
from conftest import ROOT
from deployment import approval_id
from promoting import AGENT, ALL, PEER, READ, TASKS, WRITE, career, digest_of, label, labelling, opened, promotions
from quarters import verifiers
from waits import passed_drill, until
from witnessing import false_witness

pytestmark = pytest.mark.requirement("R046", "R123", "R124", "R125", "R126", "R149")

WHY = "Each ticket was labelled as asked, and no request was rejected in all days"


@dataclass
class Plan:
    stages: list[str]
    days: int
    runs: int
    approved: int
    evals: tuple[int, ...] = ()  # the days ago of results and reviews before today
    reviews: tuple[int, ...] = ()

    @property
    def most(self) -> int:
        """The calls that stage 0 permits in an hour, which all days are for limits."""
        return self.days * self.runs + 40


STAGES = ["gated", "assisted", "bounded", "full"]
SERVED = [("supervised", 25), ("supervised", 50), ("trusted", 75), ("trusted", 100)]
# Without a result an agent is served for 14 days, and without the first review, due in a week, it reads only three weeks later.
PLANS = [
    pytest.param(Plan(STAGES[1:2], 5, 12, 8), id="assisted"),
    pytest.param(Plan(STAGES[1:3], 15, 21, 8, (10,)), id="bounded", marks=[pytest.mark.stress, pytest.mark.timeout(1_800)]),
    pytest.param(Plan(STAGES[1:], 60, 52, 4, (50, 39, 28, 17, 6), (45, 28, 10)), id="full",
                 marks=[pytest.mark.stress, pytest.mark.timeout(3_600)])]


@pytest.fixture(scope="module", params=PLANS)
def made(request, binary, people, tmp_path_factory):
    """The agent after its days, of which the last was the day before yesterday; the gateway runs today, with a witness."""
    plan = request.param
    with ExitStack() as stack:
        made = stack.enter_context(career(binary, people, plan.days + 1, plan.most))
        made.plan, gateway, folder = plan, made.gateway, tmp_path_factory.mktemp("review")
        for ago in range(plan.days + 1, 1, -1):
            made.day(ago, plan.runs, plan.approved)
            if ago in plan.evals:
                for name in (AGENT, PEER):
                    made.evaluate(name)
            if ago in plan.reviews:
                made.review(folder, ago, plan.days + 2 - ago)
            gateway.stop()
        witness = stack.enter_context(false_witness())
        gateway.ahead = 0
        gateway.run("audit", "witness", "add", witness.vkey, witness.url, "--now")
        made.go(0)
        gateway.wait_for_tools(PEER, "tickets")
        until(lambda: not made.trust()["runs"]["open"], gateway, seconds=240)
        yield made


def unmet(made) -> set[str]:
    code, checks = made.ready(made.plan.stages[0])
    found = {name for name, one in checks.items() if one["state"] != "ok"}
    assert code == (1 if found else 0)
    return found


def test_the_runs_count_and_everything_else_that_is_missing_is_named(made):
    plan, found = made.plan, made.trust()
    assert found["runs"]["clean"] == found["credit"] == plan.days * plan.runs and found["runs"]["bad"] == 0, found
    assert found["stage"] == 0 and made.status() == SERVED[0]
    until(lambda: "log" not in unmet(made), made.gateway)
    overdue = {"review"} if plan.days > 7 else {"eval"}
    assert unmet(made) == {"approvals", "owner", "drill", "self_test"} | overdue
    missing = made.propose("assisted")["missing"]
    assert {one.split()[1] for one in missing if one.startswith("ready: ")} == unmet(made), missing
    assert any(one.startswith("drill: ") for one in missing) and any(one.startswith("owner_confirmed: ") for one in missing)
    assert not [one for one in missing if one.startswith(("clean_runs", "days", "templates", "criteria"))], missing


def test_each_command_mends_what_was_missing(made, tmp_path):
    gateway = made.gateway
    if "eval" in unmet(made):
        made.evaluate()
        assert "eval" not in unmet(made)
    gateway.run("trust", "confirm", AGENT, by=LI)
    assert "owner" not in unmet(made)
    # It names recommendations as well that this deployment does not follow; what counts is what was refused.
    done = gateway.run("selftest", "run", "--json", check=False, seconds=200)
    assert json.loads(done.stdout)["passed"], done
    assert not {"approvals", "self_test"} & unmet(made)
    drill = passed_drill(gateway)
    gateway.run("drill", "sign", drill, by=ADA)
    until(lambda: "drill" not in unmet(made), gateway)
    made.review(tmp_path, 0, made.plan.days + 2)
    assert unmet(made) == set()
    assert gateway.run("ready", AGENT, "--for", "assisted").stdout.startswith(f"{AGENT}: ready")


def promote(made, stage: str, first: str, second: str) -> str:
    """Proposes the stage, and has two people sign it."""
    gateway, proposed = made.gateway, made.propose(stage)
    assert proposed["missing"] == [], proposed
    assert all(line["met"] for line in proposed["lines"]), proposed
    proposal = proposed["proposal"]
    words = ("trust", "promote", proposal, "--owner", LI, "--with", second)
    short = gateway.run(*words, "--rationale", "It is fine", by=first, check=False)
    assert short.returncode == 64 and "at least 40 characters" in short.stderr, short.stderr
    before = made.status()
    gateway.run(*words, "--rationale", WHY, by=first, seconds=200)
    assert made.status() == before, "one signature promotes nobody"
    (waiting,) = gateway.json("trust", "proposals")
    assert (waiting["signed"], waiting["waits_for"]) == ([first], [second]), waiting
    stranger = gateway.run("trust", "promote", proposal, by=DANA, check=False)
    assert stranger.returncode == 77, stranger.stderr
    done = gateway.run("trust", "promote", proposal, by=second, seconds=200)
    assert f"promoted {AGENT} to {stage}" in done.stdout and WHY in done.stdout + done.stderr, done
    assert gateway.json("trust", "proposals") == []
    return proposal


def test_two_people_promote_it_and_its_requests_are_decided_by_the_new_stage(made):
    gateway, before = made.gateway, made.arrived(WRITE)
    with labelling([made.open(task) for task in TASKS[:2]], 1_001) as calls:
        ids = [approval_id(one) for one in made.waiting(2)]
        words = ("approvals", "batch", *ids, "--digest", digest_of(gateway, ids))
        refused = gateway.run(*words, by=ADA, check=False)
        assert refused.returncode == 77 and "the agent is at stage 0" in refused.stderr, refused.stderr
        made.proposal = promote(made, "assisted", LI, ADA)
        assert made.status() == SERVED[1]
        gateway.run(*words, by=ADA)
        assert [call.result() for call in calls] == [None, None]
    assert made.arrived(WRITE) == before + 2
    found = made.trust()
    assert (found["stage"], found["promotion"], found["quota"]) == (1, "assisted", 50), found
    assert "stage 1 assisted" in gateway.run("trust", "status", AGENT, check=False).stdout
    assert "assisted" in gateway.run("status", AGENT, check=False).stdout


def reads(made, name: str, number: int) -> list[int | None]:
    """The codes of so many calls; a run has a limit of its own."""
    codes: list[int | None] = []
    while len(codes) < number:
        session = made.open("example" if name == PEER else TASKS[1], name)
        codes += [session.call(READ, id=f"T-{1_001 + at % 5}").code for at in range(min(50, number - len(codes)))]
    return codes


def test_it_may_call_twice_as_often_as_an_agent_at_stage_0(made):
    most = made.plan.most
    assert set(reads(made, AGENT, most + 5)) == {None}
    codes = reads(made, PEER, most + 5)
    assert set(codes[:most]) == {None} and codes[-1] is not None, codes


def test_a_crash_takes_nothing_from_it(made):
    made.gateway.kill()
    made.go(0)
    made.gateway.wait_for_tools(PEER, "tickets")
    assert made.status() == SERVED[1] and made.trust()["stage"] == 1


def test_the_next_stages_let_it_label_without_a_person(made):
    after = made.plan.stages[1:]
    if not after:
        answer = made.propose("bounded")
        assert any(one.startswith("clean_runs: ") for one in answer["missing"]), answer
    for stage in after:
        until(lambda: made.ready(stage)[0] == 0, made.gateway)
        promote(made, stage, ADA, LI)
        assert made.status() == SERVED[STAGES.index(stage)]
        assert label(made.open(TASKS[0]), 2_001) is None and not made.pending()
        intent = [one for one in made.gateway.records(50, type="call.intent") if one["tool"] == WRITE][-1]
        assert intent["dec"] == "allow", intent


def test_each_promotion_is_on_record_and_a_second_program_computes_its_evidence(made, tmp_path):
    gateway, stages = made.gateway, made.plan.stages
    records = gateway.records(ALL, type="trust.promoted")
    assert [one["to"] for one in records] == stages
    until(lambda: gateway.published_size() > records[-1]["index"], gateway)
    texts = promotions(gateway, records)
    for record, one in zip(records, texts, strict=True):
        document = json.loads(base64.b64decode(one["document"]))
        assert (document["owner"], document["rationale"]) == (LI, WHY) and set(document["deciders"]) == {LI, ADA}
        assert len(record["signers"]) == 2 and LI not in json.dumps(record), "people are pseudonyms in the log"
        assert record["until"] > record["date"] > 0
    given, lines = tmp_path / "opened.json", tmp_path / "promotions"
    given.write_text(json.dumps(opened(made)))
    lines.write_text("".join(json.dumps(one) + "\n" for one in texts))
    program = [sys.executable, ROOT / "Tests" / "Verifier" / "promotionevidence.py", gateway.ledger / "log", given, lines]
    done = subprocess.run(program, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0 and done.stdout == f"ok: {len(stages)} promotions\n", done.stdout + done.stderr
    # Another name of one task in the payloads, and the credit is another one.
    given.write_text(json.dumps({**opened(made), "tasks": {}}))
    done = subprocess.run(program, capture_output=True, text=True, timeout=300)
    assert done.returncode == 1 and "clean_runs" in done.stdout, done.stdout + done.stderr


def test_the_log_verifies(made):
    assert made.gateway.verify().returncode == 0
    key, log = made.gateway.log_key, made.gateway.ledger / "log"
    for name, program in verifiers(made.gateway.binary).items():
        done = subprocess.run([*map(str, program), "--vkey", key, str(log)], capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, (name, done.stdout, done.stderr)


def test_an_incident_takes_two_stages_at_once_and_the_cool_down_holds(made):
    gateway, before = made.gateway, STAGES.index(made.plan.stages[-1])
    after = max(0, before - 2)
    gateway.run("incidents", "open", "--severity", "2", "--agent", AGENT, "--reason", "it labelled the tickets of others")
    (record,) = until(lambda: gateway.records(ALL, type="trust.demoted"), gateway)
    assert (record["code"], record["from"], record["to"]) == ("incident-2", STAGES[before], STAGES[after]), record
    assert made.status() == SERVED[after] and made.trust()["stage"] == after
    if after == 0:
        assert reads(made, AGENT, 1) != [None], "it has made more calls than stage 0 permits"
    answer = made.propose(STAGES[after + 1])
    assert any(one.startswith("cool-down: until ") for one in answer["missing"]), answer
    assert any(one.startswith("ready: incidents ") for one in answer["missing"]), answer
    again = gateway.run("trust", "promote", made.proposal, by=ADA, check=False)
    assert again.returncode == 1, "one proposal promotes once"
    gateway.kill()
    made.go(0)
    assert made.status() == SERVED[after]
    assert len(gateway.records(ALL, type="trust.demoted")) == 1
