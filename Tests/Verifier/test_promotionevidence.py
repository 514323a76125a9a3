"""`promotionevidence.py`, which computes the evidence of promotions again: it accepts what follows from log and document, and names
each value that is another one."""

import copy
import json
from datetime import UTC, datetime

import pytest

import promotionevidence
from autonomylog import DAY, STAGES, Reader
from autonomy import Earned
from encoding import b64, sha256
from promotionevidence import records
from strictjson import canonical
from synthetic import root
from test_autonomy import CRITERIA, START, STEP, World
from tree import leaf_hash

SECOND = 1_000_000


class Promoted(World):
    """An agent that has earned something, and is promoted to `assisted`; a demotion may come before, and be undone."""

    def __init__(self, undoes: bool = False) -> None:
        super().__init__()
        for task in ("visit", "answer", "refund"):
            self.run(task)
        self.denied(self.run("visit", end=False))
        if undoes:
            self.add("trust.demoted", agent="refunds", **{"from": "gated"}, to="gated", code="kill", until=self.time + 9)
        self.undoes = undoes
        self.at = self.time // SECOND * SECOND + SECOND
        self.snapshot = self.made()
        self.document: dict = {}

    def made(self) -> dict:
        reader = Reader(self.opened, {"refunds": 0} if self.undoes else {})
        for entry in self.log.entries:
            reader.add(entry)
        earned = Earned(reader, "refunds", self.at)
        values = earned._criteria("assisted")
        shown, leaves = earned._shown(values["incidents"][0], "assisted"), records(earned)
        lines = [{"criterion": name, "value": self.text(value), "met": met, "threshold": shown[name][0],
                  "leaves": "clean_runs" if name in ("days", "templates") else leaves.get(name, [])}
                 for name, (value, met) in values.items()]
        hashes = [leaf_hash(entry) for entry in self.log.entries]
        day = self.day(self.at)
        return {"agent": "refunds", "criteria": "sha256:" + sha256(canonical(CRITERIA)).hex(), "date": day, "eval": "sha256:" + "2" * 64,
                "fingerprint": "sha256:" + "3" * 64, "from": 0, "lines": lines, "org": "acme", "policy": "sha256:" + "4" * 64,
                "log": {"origin": self.log.origin, "root": "sha256:" + root(hashes).hex(), "size": len(hashes)},
                "to": 1, "type": "promotion-evidence", "v": 1, **({"undoes": True} if self.undoes else {})}

    @staticmethod
    def day(time: int) -> str:
        return datetime.fromtimestamp(time // SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    @staticmethod
    def text(value: object) -> str:
        if value is None:
            return "unknown: no record states it"
        if isinstance(value, str):
            return value
        return f"{value[0]}/{value[1]}, 0.00 %, 95 % interval 0.00 to {100 * value[2]:.2f} %"

    def sign(self, snapshot: dict | None = None, **changes) -> None:
        """The document, and its record in the log."""
        shared = {name: self.snapshot[name] for name in promotionevidence.SHARED}
        evidence = sha256(canonical(snapshot or self.snapshot)).hex()
        self.document = {"date": self.day(self.at), **shared, "evidence": f"sha256:{evidence}", "undoes": self.undoes, **changes}
        self.time = date = promotionevidence._time(self.document["date"])
        self.add("trust.promoted", agent="refunds", **{"from": STAGES[0]}, to=STAGES[1], date=date, until=date + 90 * SECOND,
                 h=b64(bytes.fromhex(evidence)))

    def check(self, folder, expect: int, snapshot: dict | None = None) -> None:
        self.log.write(folder / "log")
        (folder / "opened.json").write_text(json.dumps(vars(self.opened)))
        line = {"document": b64(canonical(self.document)), "snapshot": b64(canonical(snapshot or self.snapshot))}
        (folder / "promotions").write_text(json.dumps(line) + "\n")
        assert promotionevidence.main([str(folder / name) for name in ("log", "opened.json", "promotions")]) == expect


@pytest.mark.parametrize("undoes", [False, True])
def test_what_follows_from_log_and_document_is_accepted(tmp_path, capsys, undoes):
    world = Promoted(undoes)
    clean = {line["criterion"]: line for line in world.snapshot["lines"]}["clean_runs"]
    assert len(clean["leaves"]) == 3 and clean["threshold"] == f"at least {STEP['clean_runs']}"
    world.sign()
    world.check(tmp_path, 0)
    assert capsys.readouterr().out == "ok: 1 promotions\n"


def test_a_demotion_takes_the_credit_unless_it_is_undone(tmp_path, capsys):
    world = Promoted(undoes=True)
    world.undoes = False
    world.snapshot = world.made()
    assert {line["criterion"]: line for line in world.snapshot["lines"]}["clean_runs"]["leaves"] == []
    world.sign()
    world.check(tmp_path, 0)


@pytest.mark.parametrize("name", ["clean_runs", "days", "templates", "agent_denials", "approvals_rejected", "incidents"])
@pytest.mark.parametrize("field", ["value", "threshold", "met", "leaves"])
def test_each_other_value_is_named(tmp_path, capsys, name, field):
    world = Promoted()
    other = copy.deepcopy(world.snapshot)
    line = next(one for one in other["lines"] if one["criterion"] == name)
    line[field] = {"value": "9", "threshold": "at least 0", "met": not line["met"], "leaves": [b64(bytes(32))]}[field]
    world.sign(other)
    world.check(tmp_path, 1, other)
    said = capsys.readouterr().out
    assert f"promotion 1: {name}: " in said and "evidence: " not in said


@pytest.mark.parametrize("name, value, says", [
    ("criteria", "sha256:" + "5" * 64, "criteria: "), ("policy", "sha256:" + "5" * 64, "policy: "), ("to", 2, "to: "),
    ("date", "2026-01-01T00:00:00Z", "date: "), ("agent", "other", "agent: "), ("undoes", True, "undoes: ")])
def test_a_document_about_something_else_is_named(tmp_path, capsys, name, value, says):
    world = Promoted()
    world.sign(**{name: value})
    world.check(tmp_path, 1)
    assert f"promotion 1: {says}" in capsys.readouterr().out


@pytest.mark.parametrize("days, expect", [(0, 0), (7, 0), (8, 1), (-1, 1)])
def test_people_sign_within_the_days_of_the_proposal(tmp_path, capsys, days, expect):
    world = Promoted()
    world.sign(date=world.day(world.at + days * DAY))
    world.check(tmp_path, expect)
    assert ("promotion 1: date: " in capsys.readouterr().out) == bool(expect)


OWNER = "p_owner"
STATED = {
    "eval.result": {"verdict": "pass", "fp": b64(bytes.fromhex("3" * 64)), "until": 2 * START},
    "owner.confirmed": {"signers": [OWNER]}, "review.signed": {}}


@pytest.mark.parametrize("kind, other, says", [
    (None, {}, None), ("eval.result", {"verdict": "fail"}, "eval"), ("eval.result", {"fp": b64(bytes(32))}, "eval"),
    ("eval.result", {"until": START}, "eval"), ("eval.result", {"code": "result.unkept"}, "eval"),
    ("eval.result", {"agent": "other"}, "eval"), ("owner.confirmed", {"signers": ["p_other"]}, "owner_confirmed"),
    ("owner.confirmed", {"agent": "other"}, "owner_confirmed"), ("review.signed", {"agent": "other"}, "review")])
def test_evals_review_and_ownership_are_borne_out_by_their_newest_records(tmp_path, capsys, kind, other, says):
    world = Promoted()
    world.opened.agents["refunds"]["owner"] = OWNER
    leaves = {}
    for one, fields in STATED.items():
        leaves[one] = [b64(world.add(one, **{"agent": "refunds", **fields, **(other if one == kind else {})}))]
    world.at = world.time // SECOND * SECOND + SECOND
    world.snapshot = world.made()
    lines = {line["criterion"]: line for line in world.snapshot["lines"]}
    lines["eval"].update(value="1", met=True)
    lines["review"].update(value="1", met=True, leaves=leaves["review.signed"])
    lines["owner_confirmed"].update(value="0", met=True, leaves=leaves["owner.confirmed"])
    world.sign()
    world.check(tmp_path, 1 if says else 0)
    said = capsys.readouterr().out
    assert (f"promotion 1: {says}: " in said and said.count("promotion 1: ") == 1 + (kind == "owner.confirmed")) if says else (
        said == "ok: 1 promotions\n"), said


def test_another_log_another_snapshot_and_another_record_are_named(tmp_path, capsys):
    world = Promoted()
    other = copy.deepcopy(world.snapshot)
    other["log"]["root"] = "sha256:" + "0" * 64
    world.sign(other)
    world.check(tmp_path, 1, other)
    assert "log: not the root of the first" in capsys.readouterr().out
    world.check(tmp_path, 1)
    said = capsys.readouterr().out
    assert "promotion 1: evidence: " in said and "log: " not in said
    world = Promoted()
    world.sign()
    entry = json.loads(world.log.entries[-1])
    world.log.entries[-1] = canonical({**entry, "h": b64(bytes(32))})
    world.check(tmp_path, 1)
    assert "h: the record has" in capsys.readouterr().out
    world.log.entries.pop()
    world.check(tmp_path, 1)
    assert "the log ends before the record of a promotion" in capsys.readouterr().out


def test_a_misuse_has_its_exit_code():
    assert promotionevidence.main([]) == 64
