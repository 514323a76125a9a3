"""`autonomy.py`, which computes again what an agent has earned: known numbers, rules of docs/trust.md, and that it names
each value that is another one."""

import copy
import json

import pytest

import autonomy
from autonomy import Earned
from autonomylog import DAY, STAGES, Reader
from autonomynumbers import Sum, bound
from autonomyruns import Opened
from strictjson import canonical
from encoding import b64
from synthetic import P1, Run, Writer, leaf, sha
from tree import leaf_hash

START = 1_795_169_700_000_000
STEP = {"clean_runs": 50, "days": 5, "templates": 2, "agent_denials": 1_000, "approvals_rejected": 1_000}
CRITERIA = {
    "v": 1, "version": "t", "interval": "wilson95", "per_cluster": 20, "template_share": 4_000,
    "stages": {"assisted": STEP, "bounded": {**STEP, "agent_denials": 300}, "full": {**STEP, "agent_denials": 50}},
    "incidents": 0, "incident_severity": 2, "incident_window": 90 * 86_400, "owner_confirmed": 30 * 86_400,
}
POLICIES = {b64(sha(name)): {"refunds": grants} for name, grants in [
    (b"first", {"get": 9}), (b"narrower", {"get": 5}), (b"wider", {"get": 5, "pay": 1}),
]}
FIRST, NARROWER, WIDER = POLICIES
FILES = {"program": [], "prompt": [{"path": "p", "sha256": "00"}], "skills": [], "settings": []}


class World:
    """A log about one agent, and what its leaves only commit to."""

    def __init__(self) -> None:
        self.log, self.count = Writer(), 0
        self.opened = Opened({"refunds": {"ceiling": "full", "servers": ["pay"]}}, CRITERIA, policies=POLICIES)
        self.log.add("log.genesis", origin=self.log.origin)
        self.time = START

    def add(self, kind: str, /, **fields) -> bytes:
        self.time += 1
        return self.log.add(kind, ts=self.time, **fields)

    def run(self, task: str | None = "visit", policy: str = FIRST, end: bool = True, **more) -> Run:
        self.count += 1
        run = Run(self, f"01kag0q9v4x2m7c8d3e5f{self.count:05}")
        run.task = task
        run.add("run.start", agent="refunds", pol=policy, **more)
        if end:
            self.call(run)
            self.end(run)
        return run

    def call(self, run: Run) -> bytes:
        intent = run.add("call.intent", call="c")
        if run.task:
            self.opened.tasks[b64(intent)] = run.task
        return run.add("call.outcome", call="c", intent=b64(intent), st="ok")

    def end(self, run: Run) -> None:
        run.add("run.end", cnt=len(run.leaves) + 1, code="expired")

    def denied(self, run: Run, **more) -> str:
        return b64(run.add("call.denied", agent="refunds", code="policy.forbid", **more))

    def earned(self, now: int | None = None) -> Earned:
        reader = Reader(self.opened)
        for entry in self.log.entries:
            reader.add(entry)
        return Earned(reader, "refunds", self.time if now is None else now)


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize("interval, cases, total, percent", [
    ("wilson95", 0, 50, 7.13), ("clopper-pearson95", 0, 50, 7.11), ("wilson95", 1, 50, 10.50), ("wilson95", 3, 300, 2.90),
    ("wilson95", 7, 3000, 0.48), ("wilson95", 20, 1000, 3.07), ("wilson95", 0, 3000, 0.13), ("wilson95", 5, 5, 100.0),
    ("clopper-pearson95", 5, 5, 100.0),
])
def test_known_bounds(interval, cases, total, percent):
    assert round(100 * bound(interval, cases, total), 2) == percent


def test_known_sums():
    sums = Sum(CRITERIA, 1)
    assert [(sums.add(denied), sums.value) for denied in (True, False, True, True, True)] == [
        (False, 2500), (False, 1667), (False, 4167), (False, 6667), (True, 0)]
    sums = Sum(CRITERIA, 3)
    assert [(sums.add(denied), sums.value) for denied in (True, False, False, False, True)] == [
        (False, 5186), (False, 4510), (False, 3834), (False, 3158), (True, 0)]


def test_runs_are_clean_bad_empty_open_or_not_counted(world):
    world.run()
    world.denied(world.run(end=False))
    world.end(world.run(end=False))
    world.call(world.run(end=False))
    world.run(kind="eval")
    earned = world.earned()
    assert earned.kinds == {"clean": 1, "bad": 1, "empty": 1, "open": 1, "not_counted": 1}
    assert earned.history.sum.value == 2500 and earned.history.alarms == 0


@pytest.mark.parametrize("code, bad", [("approval.pending", 0), ("eval.eval_missing", 0), ("approval.expired", 1)])
def test_a_call_that_waits_or_that_the_change_gate_refused_is_no_denial_of_the_agent(world, code, bad):
    run = world.run(end=False)
    run.add("call.denied", agent="refunds", code=code)
    world.call(run)
    world.end(run)
    world.add("call.denied", run="01kag0q9v4x2m7c8d3e5fzzzzz", agent="refunds", code=code)
    earned = world.earned()
    assert (earned.kinds["bad"], earned.kinds["clean"], len(earned.history.outside)) == (bad, 1 - bad, bad)
    assert (earned.history.sum.value > 0) == bool(bad)


def test_caps_bound_one_task_and_one_day(world):
    for _ in range(30):
        world.run()
    assert world.earned().credit == 8
    world.run("answer")
    assert (world.earned().templates, world.earned().days) == (2, 1)


@pytest.mark.parametrize("cause, bad", [("attack", 0), ("policy", 0), ("agent", 1)])
def test_a_stated_cause_counts_and_the_sum_ignores_it(world, cause, bad):
    run = world.run(end=False)
    denial = world.denied(run, tl=1)
    world.call(run)
    world.end(run)
    world.add("trust.classified", agent="refunds", h=denial, by=P1, **{"as": cause})
    earned = world.earned()
    assert earned.kinds["bad"] == bad and earned.kinds["clean"] == 1 - bad
    assert earned.history.sum.value == 2500


def test_one_cause_does_not_excuse_other_denials_of_a_run_that_is_not_in_the_log(world):
    denials = [b64(world.add("call.denied", run="01kag0q9v4x2m7c8d3e5fzzzzz", agent="refunds", code="policy.forbid"))
               for _ in range(2)]
    world.add("trust.classified", agent="refunds", h=denials[0], by=P1, **{"as": "attack"})
    assert world.earned().causes == {} and world.earned().history.outside == denials[:1]


@pytest.mark.parametrize("policy, clean, why", [
    (FIRST, 2, None), (NARROWER, 2, None), (WIDER, 1, "the policy was widened"), (b64(sha(b"?")), 1, "the policy changed"),
])
def test_a_policy_keeps_the_credit_only_if_it_is_not_wider(world, policy, clean, why):
    world.run()
    world.run(policy=policy)
    earned = world.earned()
    assert earned.kinds["clean"] == clean and (earned.history.change or (0, None))[1] == why


@pytest.mark.parametrize("part, why, clean", [
    ("skills", "a skill changed", 2), ("prompt", "the prompt changed", 1), ("program", "the files of the agent changed", 1),
])
def test_files_tell_skills_from_the_rest(world, part, why, clean):
    for files in (FILES, {**FILES, part: [{"path": "x", "sha256": "11"}]}):
        print_ = b64(sha(canonical({**files, "v": 2})))
        run = world.run(fp=print_)
        world.opened.files[b64(run.leaves[0])] = files
    earned = world.earned()
    assert (earned.history.change[1], earned.kinds["clean"]) == (why, clean)
    world.opened.files[b64(run.leaves[0])] = {**files, "prompt": []}
    assert world.earned().history.change[1] == "the files of the agent changed"


@pytest.mark.parametrize("kind, fields, why", [
    ("pin.accepted", {"srv": "pay", "st": "drifted", "lock": FIRST}, "the pin of a tool changed"),
    ("pin.accepted", {"srv": "pay", "st": "gone", "lock": FIRST}, None),
    ("pin.accepted", {"srv": "mail", "st": "drifted", "lock": FIRST}, None),
    ("trust.demoted", {"agent": "refunds", "from": "bounded", "to": "assisted", "code": "denials", "until": START + 9 * DAY},
     "the agent was demoted"),
])
def test_other_changes(world, kind, fields, why):
    world.run()
    world.add(kind, **fields)
    earned = world.earned()
    assert (earned.history.change or (0, None))[1] == why and earned.kinds["clean"] == (why is None)


def test_another_model_begins_the_credit_anew(world):
    for model in ("a", "a", "b"):
        run = world.run(end=False)
        for asked in (model, "helper"):
            run.add("net.connect", acc="model", model=asked, dec="allow")
        world.call(run)
        world.end(run)
    earned = world.earned()
    assert earned.history.change[1] == "the model changed"
    assert earned.kinds == {"not_counted": 1}, "the run that shows it began before it"


def promoted(world, origin: str, to: str, days: int = 90, **more) -> None:
    world.add("trust.promoted", agent="refunds", to=to, until=world.time + days * DAY, **{"from": origin, **more})


def demoted(world, origin: str, to: str, days: int = 30) -> None:
    world.add("trust.demoted", agent="refunds", to=to, until=world.time + days * DAY, code="kill", **{"from": origin})


def test_stages_fall_by_demotions_and_time_and_rise_by_promotions_alone(world):
    assert world.earned().stage == 0
    promoted(world, "gated", "assisted")
    promoted(world, "assisted", "bounded")
    assert world.earned().stage == 2
    assert [world.earned(world.time + days * DAY).stage for days in (89, 91, 181, 400)] == [2, 1, 0, 0]
    demoted(world, "bounded", "gated")
    earned = world.earned()
    assert earned.stage == 0 and earned.cooldown is not None
    assert world.earned(world.time + 31 * DAY).cooldown is None
    world.opened.agents["refunds"]["ceiling"] = "assisted"
    promoted(world, "gated", "assisted")
    promoted(world, "assisted", "bounded")
    assert world.earned().stage == 1 and world.earned().cooldown is None
    world.add("trust.delegated", agent="refunds", to="gated")
    assert world.earned().stage == 0


def test_the_length_of_a_promotion_counts_from_its_document(world):
    promoted(world, "assisted", "bounded", days=84, date=world.time - 6 * DAY)
    assert [world.earned(world.time + days * DAY).stage for days in (83, 85, 170, 175)] == [2, 1, 1, 0]


def test_a_promotion_that_was_not_kept_does_not_count(world):
    promoted(world, "gated", "assisted")
    world.time -= 1
    promoted(world, "gated", "assisted", code="promotion.unkept")
    assert world.earned().history.stages == [] and world.earned().stage == 0


def test_runs_under_an_exception_are_not_counted(world):
    open_run = world.run(end=False)
    world.add("eval.excepted", agent="refunds", until=world.time + DAY)
    world.run()
    world.call(open_run)
    world.end(open_run)
    world.time += 2 * DAY
    world.run()
    assert world.earned().kinds == {"not_counted": 2, "clean": 1}


def test_an_incident_about_a_run_counts_only_with_the_agent_of_the_run(world):
    run, alarmed = world.run(), world.run()
    for agent in ({}, {"agent": "other"}):
        world.add("incident.opened", inc="01kag0q9v4x2m7c8d3e5f00091", sev=1, ofrun=run.run, **agent)
    assert world.earned().kinds == {"clean": 2}
    world.add("incident.opened", inc="01kag0q9v4x2m7c8d3e5f00092", sev=1, ofrun=run.run, agent="refunds")
    assert world.earned().kinds == {"clean": 1, "bad": 1}
    world.add("alarm.raised", alarm="01kag0q9v4x2m7c8d3e5f00093", code="c", ofrun=alarmed.run)
    world.add("incident.opened", inc="01kag0q9v4x2m7c8d3e5f00094", sev=1, alarm="01kag0q9v4x2m7c8d3e5f00093", ofrun=alarmed.run)
    assert world.earned().kinds == {"bad": 2}


def status(earned: Earned) -> dict:
    """What a gateway that counts the same would print, from the differences to a status that says nothing."""
    history, values, criteria = earned.history, [], earned._criteria()
    for name, (value, met) in criteria.items():
        threshold, records = earned._shown(criteria["incidents"][0])[name]
        one = {"criterion": name, "met": met, "value": value, "threshold": threshold, "records": records}
        if value is None:
            one["value"] = "unknown: it is"
        elif isinstance(value, tuple):
            one |= {"value": "", "cases": value[0], "of": value[1], "upper": f"{value[2]:.5f}"}
        values.append(one)
    made = {
        "agent": "refunds", "stage": earned.stage, "column": earned.column, "quota": autonomy.QUOTA[earned.stage], "credit": earned.credit, "whole": True,
        "next": STAGES[earned.stage + 1], "met": False, "values": values,
        "runs": {kind: earned.kinds[kind] for kind in ("clean", "bad", "empty", "open", "not_counted")},
        "denials": {"sum": history.sum.value, "limit": 8000, "alarms": history.alarms, "attack": 0, "policy": 0, "agent": 0},
        "criteria": {"digest": "sha256:" + sha(canonical(CRITERIA)).hex(), "version": "t", "exists": True}, "history": [],
    }
    return {**made, **{name: value for name, value in earned.limits.items() if value is not None}}


def test_each_value_that_differs_is_named(world, tmp_path, capsys):
    for _ in range(3):
        world.run()
    world.denied(world.run(end=False))
    right = status(world.earned())
    folder = tmp_path / "log"
    world.log.write(folder)
    opened = tmp_path / "opened.json"
    opened.write_text(json.dumps(vars(world.opened)))

    def compared(one: dict, expect: int) -> str:
        points = tmp_path / "points"
        point = {"size": len(world.log.entries), "at": world.time, "agent": "refunds", "status": one}
        points.write_text(json.dumps(point) + "\n")
        assert autonomy.main([str(folder), str(opened), str(points)]) == expect
        return capsys.readouterr().out

    assert compared(right, 0) == "ok: 1 points\n"
    for name, value in right.items():
        wrong = copy.deepcopy(right)
        if isinstance(value, dict):
            first = next(iter(wrong[name]))
            wrong[name][first] = "other"
        elif name == "values":
            wrong[name][0]["value"] = "other"
        elif name == "history":
            wrong[name] = [{}]
        else:
            wrong[name] = "other"
        said = compared(wrong, 1)
        assert (name if name != "values" else "clean_runs") in said, said
    missing = copy.deepcopy(right)
    del missing["values"][2]
    assert "criteria" in compared(missing, 1)
    for name, value in [("threshold", "at least 1"), ("records", 7), ("met", True)]:
        wrong = copy.deepcopy(right)
        wrong["values"][1][name] = value
        assert "days" in compared(wrong, 1), name
    late = copy.deepcopy(right)
    late["values"][3]["upper"] = "0.00000"
    assert "agent_denials" in compared(late, 1)


def test_words_and_records_of_criteria_are_those_of_the_documentation(world):
    for task in ("visit", None):
        world.run(task)
    first = world.run(end=False)
    for _ in range(2):
        world.denied(first)
    shown = world.earned()._shown("0")
    assert shown == {
        "clean_runs": ("at least 50", 2), "days": ("at least 5", 2), "templates": ("at least 2", 2),
        "agent_denials": ("upper bound at most 10.00 %", 2), "approvals_rejected": ("upper bound at most 10.00 %", 0),
        "incidents": ("at most 0 of severity 2 or worse in 90 days", 0), "eval": ("pass", 0), "review": ("current", 0),
        "drill": ("current", 0), "owner_confirmed": ("in the last 30 days", 0),
    }
    promoted(world, "gated", "assisted")
    promoted(world, "assisted", "bounded")
    assert world.earned().column == "trusted"
    world.opened.agents["refunds"]["tier"] = "high"
    assert world.earned().column == "supervised"


def test_the_program_wants_its_three_files(capsys):
    assert autonomy.main([]) == 64


def test_a_record_is_read_as_it_is_hashed(world):
    world.run()
    assert leaf(world.log.entries[0]) == leaf_hash(world.log.entries[0])
