"""`reviewsample.py`, which draws the sample of a review again: the golden files that the gateway's tests have too, the rules
of docs/governance-review.md, and that a record more or less is found."""

import hashlib
import hmac
import json
from pathlib import Path

import pytest

import reviewsample
from encoding import b64
from reviewsample import Population, differences, draw, entries, seed
from strictjson import canonical
from synthetic import Run, Writer, root, sha

GOLDEN = Path(__file__).parent.parent / "ReviewTests/Golden"
START, DAY = 1_795_169_700_000_000, 86_400_000_000
FROM, TO = "2026-11-01T00:00:00Z", "2026-12-31T00:00:00Z"
RANDOM = bytes(range(32))


class World:
    """A log with runs of agents, and the sample of it."""

    def __init__(self, scope: str = "agent:refunds", tier: str = "medium", stage: int = 2) -> None:
        self.log, self.count, self.scope = Writer(), 0, scope
        self.agents = [{"name": "refunds", "stage": stage, "tier": tier}]
        self.log.add("log.genesis", origin=self.log.origin)

    def run(self, agent: str = "refunds") -> Run:
        self.count += 1
        run = Run(self.log, f"01kag0q9v4x2m7c8d3e5f{self.count:05}")
        run.agent = agent
        run.add("run.start", agent=agent)
        return run

    def call(self, run: Run, risk: str = "write", end: str | None = "call.outcome", **more) -> str:
        intent = run.add("call.intent", agent=run.agent, call="c", dec="allow", risk=risk, tool="pay__refund")
        if end:
            run.add(end, agent=run.agent, call="c", intent=b64(intent), **more)
        return b64(intent)

    def approved(self, run: Run, via: str = "cli-key", before=(), **more) -> str:
        """A call with a request for approval, after the records `before` it is granted."""
        self.count += 1
        appr = f"01kag0qx0e2g4j6m8p0r2{self.count:05}"
        intent = run.add("call.intent", agent=run.agent, call="c", dec="approve", risk="write", tool="pay__refund")
        run.add("approval.requested", agent=run.agent, appr=appr, intent=b64(intent))
        for kind, fields in before:
            run.add(kind, agent=run.agent, **({"appr": appr} if kind.startswith("approval.") else {}), **fields)
        run.add("approval.granted", agent=run.agent, appr=appr, via=via)
        run.add("approval.used", agent=run.agent, appr=appr, intent=b64(intent))
        run.add("call.outcome", agent=run.agent, call="c", intent=b64(intent), **more)
        return b64(intent)

    @property
    def request(self) -> dict:
        log_root = root([sha(b"\0" + one) for one in self.log.entries])
        checkpoint = {"origin": self.log.origin, "root": b64(log_root), "size": len(self.log.entries)}
        return {
            "agents": self.agents, "checkpoint": checkpoint, "from": FROM, "random": b64(RANDOM), "scope": self.scope,
            "senders": ["mail__send"], "strata": [], "to": TO, "type": "review-sample", "v": 1,
        }

    def draw(self) -> dict:
        return draw(self.request, enumerate(self.log.entries))

    def strata(self, agent: str = "refunds") -> dict[str, list[str]]:
        return {
            one["stratum"]: [record["leaf"] for record in one["records"]]
            for one in self.draw()["strata"] if one["agent"] == agent
        }


@pytest.fixture
def world() -> World:
    return World()


def golden(world: World, runs: int = 60) -> World:
    """Every stratum, more calls than are read, and calls that are open."""
    for number in range(runs):
        run = world.run()
        for _ in range(3):
            world.call(run, "read")
        world.call(run)
        if number % 3 == 0:
            world.approved(run)
        if number % 10 == 0:
            world.approved(run, before=[("run.tainted", {"tl": 1, "code": "mention"})])
            world.call(run, end="call.unknown", why="timeout", last="intent")
        if number % 7 == 0:
            run.add("call.denied", agent="refunds", code="policy.forbid", cnt=1, dec="deny")
            world.call(run, end="call.denied", code="approval.expired", cnt=1, dec="deny")
        if number % 2:
            world.call(run, end=None)
            run.add("run.end", agent="refunds", cnt=9, code="expired")
    world.call(world.run("gone"))
    return world


# The scope, tier and stage of a golden file, and the runs in its log.
CASES = {"agent": ("agent:refunds", "medium", 2, 60), "org": ("org", "high", 3, 12), "gated": ("org", "low", 0, 12)}


@pytest.mark.parametrize("name", CASES)
def test_the_golden_files_are_drawn_again(name):
    expected, *records = (GOLDEN / f"{name}.jsonl").read_bytes().splitlines()
    sample = json.loads(expected)
    assert canonical(draw({**sample, "strata": []}, enumerate(records))) == expected
    assert sum(len(one["spares"]) for one in sample["strata"]) > 0


@pytest.mark.parametrize("name", CASES)
def test_the_golden_files_are_what_this_file_writes(name):
    world = golden(World(*CASES[name][:3]), CASES[name][3])
    assert (GOLDEN / f"{name}.jsonl").read_bytes().splitlines() == [canonical(world.draw()), *world.log.entries]


def test_each_call_is_in_the_stratum_of_its_end(world):
    run = world.run()
    read, sent = world.call(run, "read"), run.add(
        "call.intent", agent="refunds", call="c", dec="allow", risk="read", tool="mail__send")
    run.add("call.outcome", agent="refunds", call="c", intent=b64(sent))
    alone, unknown = world.call(run), world.call(run, end="call.unknown", why="crash", tl=0)
    by_people, by_client = world.approved(run), world.approved(run, via="client")
    glass = world.approved(run, before=[("approval.breakglass", {}), ("approval.reissued", {})])
    denied, refused = world.call(run, end="call.denied", tl=0), b64(run.add("call.denied", agent="refunds"))
    tainted = world.approved(run, before=[("run.tainted", {"tl": 1})])
    opened = world.call(run, end=None)
    found = {stratum: set(leaves) for stratum, leaves in world.strata().items()}
    assert found == {
        "always": {unknown, glass, tainted, opened}, "approved": {by_people}, "denied": {denied, refused},
        "unattended": {b64(sent), alone, by_client}, "read": {read},
    }


@pytest.mark.parametrize("kind", ["eval.excepted", "trust.excepted"])
def test_consequential_calls_under_an_exception_are_all_read(world, kind):
    before = world.call(world.run())
    world.log.add(kind, agent="refunds", until=START + DAY)
    run = world.run()
    within, read = world.call(run), world.call(run, "read")
    world.log.add(kind, agent="refunds", until=START + 9 * DAY, code="exception.unkept")
    found = world.strata()
    assert (found["unattended"], found["always"], found["read"]) == ([before], [within], [read])


def test_an_end_without_a_level_taints_the_run(world):
    run = world.run()
    unknown = world.call(run, end="call.unknown", why="crash")
    assert set(world.strata()["always"]) == {unknown}
    later = world.approved(run)
    assert set(world.strata()["always"]) == {unknown, later}


def test_calls_outside_the_period_and_of_other_agents_are_left_out(world):
    world.call(world.run("other"))
    run = world.run()
    early = run.add("call.intent", agent="refunds", call="c", risk="write", ts=START - 60 * DAY)
    run.add("call.outcome", agent="refunds", call="c", intent=b64(early))
    assert not any(world.strata().values())


def test_canaries_of_drills_are_in_no_sample_and_another_unknown_agent_is():
    world = World("org")
    for agent in ("interlock-drill-selftest", "interlock-drills", "stranger"):
        world.call(world.run(agent))
    drawn = world.draw()
    assert {one["name"] for one in drawn["agents"]} == {"refunds", "stranger"}
    assert sum(one["population"] for one in drawn["strata"]) == 1


def test_sizes_are_those_of_the_table():
    assert [reviewsample.size_of(one, "low", 2) for one in reviewsample.STRATA] == ["all", 20, 59, 20, 10]
    assert [reviewsample.size_of(one, "medium", 3) for one in reviewsample.STRATA] == ["all", 59, 59, 20, 20]
    assert [reviewsample.size_of(one, "high", 2) for one in reviewsample.STRATA] == ["all", 299, 299, 59, 20]
    assert [reviewsample.size_of(one, "low", 1) for one in reviewsample.STRATA] == ["all", "all", 59, 20, 10]
    assert [reviewsample.size_of(one, "low", 0) for one in reviewsample.STRATA] == ["all", "all", "all", 20, 10]


def test_a_record_more_less_or_other_is_found():
    world = golden(World())
    sample = world.draw()
    assert differences(sample, world.draw()) == []
    selected = next(one for one in sample["strata"] if one["stratum"] == "unattended")["records"][0]["index"]
    left = [one for at, one in enumerate(world.log.entries) if at != selected]
    assert any("unattended" in one for one in differences(sample, draw(sample, enumerate(left))))
    other = {**sample, "random": b64(bytes(32))}
    assert differences(sample, draw(other, enumerate(world.log.entries)))
    assert differences({**sample, "strata": sample["strata"][:-1]}, world.draw())


def test_records_are_those_with_the_smallest_codes():
    world = golden(World())
    key = seed(root([sha(b"\0" + one) for one in world.log.entries]), RANDOM)
    assert key == hashlib.sha256(
        b"interlock/review-seed/1" + root([sha(b"\0" + one) for one in world.log.entries]) + RANDOM).digest()
    population = Population(world.request)
    for index, entry in enumerate(world.log.entries):
        population.add(entry, index)
    ranked = sorted(population.calls["refunds", "unattended"], key=lambda one: hmac.new(key, one.leaf, "sha256").digest())
    assert [b64(one.leaf) for one in ranked[:59]] == world.strata()["unattended"]


def test_the_program_reads_a_published_log(tmp_path, capsys):
    world = golden(World())
    (tmp_path / "sample.json").write_bytes(canonical(world.draw()))
    world.log.add("log.tick")  # The log grows after the checkpoint of the sample.
    world.log.write(tmp_path / "log")
    assert reviewsample.main([str(tmp_path / "log"), str(tmp_path / "sample.json")]) == 0
    assert capsys.readouterr().out.startswith("ok: ")
    sample = json.loads((tmp_path / "sample.json").read_bytes())
    sample["strata"][1]["population"] += 1
    (tmp_path / "sample.json").write_bytes(canonical(sample))
    assert reviewsample.main([str(tmp_path / "log"), str(tmp_path / "sample.json")]) == 1
    assert "refunds approved" in capsys.readouterr().out
    assert reviewsample.main([]) == 64


def test_a_checkpoint_of_another_log_is_refused(tmp_path, capsys):
    world = golden(World())
    world.log.write(tmp_path / "log")
    sample = world.draw()
    sample["checkpoint"] = {**sample["checkpoint"], "root": b64(bytes(32))}
    (tmp_path / "sample.json").write_bytes(canonical(sample))
    assert reviewsample.main([str(tmp_path / "log"), str(tmp_path / "sample.json")]) == 1
    assert "not those of the checkpoints" in capsys.readouterr().out
    assert len(list(entries(tmp_path / "log", world.draw()["checkpoint"]))) == len(world.log.entries)


def test_pruned_records_of_the_period_are_missed(world):
    world.call(world.run())
    with pytest.raises(reviewsample.BadEvidence, match="were pruned"):
        draw(world.request, list(enumerate(world.log.entries))[2:])
