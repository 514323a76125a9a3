"""`interlock trust status|explain` on the log of a real gateway: runs are counted, bad ones are named, criteria files are read,
and no agent is above stage 0 (docs/specs/trust-and-review.md, sections 2 to 4 and 11)."""

import json
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from clocks import later
from deployment import Failure
from governed import agent, governed, policy, server
from test_replay import reload

pytestmark = pytest.mark.requirement("R123", "R124", "R128")

HOUR = 3600
TOOL = "tickets__get_ticket"
HEAD = 'interlock_trust: 1\nversion: "2026-11-20.1"\n'
CRITERIA = ["clean_runs", "days", "templates", "agent_denials", "approvals_rejected", "incidents", "eval", "review", "drill",
            "owner_confirmed"]


def written(ports: dict[str, int], more: str = "") -> str:
    return policy(
        "servers:",
        server("tickets", ports["tickets"], "tools:\n  get_ticket: {class: read}\n  search: {class: read}\n"),
        "agents:",
        agent("clerk", "mcp_scopes:\n  tickets: [get_ticket]\n" + more, stage="trusted"),
        agent("idle", "mcp_scopes:\n  tickets: [get_ticket]\n"),
        "tasks:", "  visit: {agent: clerk, tools: [tickets.get_ticket]}",
        "  answer: {agent: clerk, tools: [tickets.get_ticket]}")


def call(world, task: str, tool: str = TOOL, **arguments) -> None:
    """One run: a token of its own, and one call."""
    world.hang_up()
    world.client("clerk", purpose=task, ttl="30m").call(tool, **arguments)


@pytest.fixture(scope="module")
def world(binary, people):
    """Two clean runs of two tasks, and one that was denied; all of them have ended."""
    ports = {}

    def write(given: dict[str, int]) -> str:
        ports.update(given)
        return written(given)

    with governed(binary, people, write, servers=("tickets",)) as world:
        world.ports = ports
        world.gateway.wait_for_tools("clerk", "tickets", purpose="visit", ttl="30m")
        call(world, "visit", id="T-1001")
        call(world, "answer", id="T-1001")
        call(world, "visit", "tickets__search", text="lamp")
        world.hang_up()
        world.gateway.stop()
        # Their tokens have expired by then.
        try:
            world.gateway.start(environment=later(2 * HOUR))
        except Failure as failure:
            # The shared memory of the clock's library is gone now and then as a process starts.
            if "libfaketime" not in str(failure):
                raise
            world.gateway.start(environment=later(2 * HOUR))
        deadline = time.monotonic() + 30
        while (runs := status(world)["runs"])["open"] or runs["clean"] < 2:
            assert time.monotonic() < deadline, f"the runs have not ended: {runs}"
            time.sleep(0.5)
        yield world


def status(world, name: str = "clerk", *words: str, expect: int = 1) -> dict:
    done = world.gateway.run("trust", "status", name, "--json", *words, check=False)
    assert done.returncode == expect, done.stderr
    return json.loads(done.stdout)


def values(found: dict) -> dict[str, dict]:
    assert [one["criterion"] for one in found["values"]] == CRITERIA
    return {one["criterion"]: one for one in found["values"]}


def test_runs_are_counted_and_no_agent_is_above_stage_0(world):
    found = status(world)
    assert (found["stage"], found["quota"], found["column"]) == (0, 25, "supervised"), found
    assert (found["ceiling"], found["next"], found["met"]) == ("full", "assisted", False), found
    assert found["runs"]["clean"] == 2 and found["runs"]["bad"] == 1, found
    # One run of each of two tasks is more than the share of one template.
    assert found["credit"] == 0
    by = values(found)
    assert (by["templates"]["value"], by["days"]["value"]) == ("2", "1")
    assert by["templates"]["met"] and not by["days"]["met"]
    for criterion in ("eval", "review", "drill", "owner_confirmed", "approvals_rejected"):
        assert by[criterion]["value"].startswith("unknown: ") and not by[criterion]["met"], by[criterion]
    assert by["incidents"]["value"] == "0" and by["incidents"]["met"]
    assert not found["criteria"]["exists"]


def test_text_shows_each_value_with_its_threshold(world):
    done = world.gateway.run("trust", "status", check=False)
    assert done.returncode == 1
    assert "clerk: stage 0 gated, 25 % of the limits, decided as supervised" in done.stdout
    assert "idle: stage 0 gated" in done.stdout and "at least 50" in done.stdout
    assert "without it no agent rises" in done.stdout


def test_the_records_against_an_agent_are_named_once_that_is_recorded(world):
    before = world.newest()
    done = world.gateway.run("trust", "explain", "clerk", "--json", check=False)
    assert done.returncode == 1, done.stderr
    found = json.loads(done.stdout)
    (bad,) = found["bad_runs"]
    assert [one["kind"] for one in bad["flaws"]] == ["denial"]
    shown = [json.loads(line)["leaf"] for line in world.gateway.record_of(bad["flaws"][0]["leaf"]).splitlines()]
    assert ("call.denied", bad["run"]) in [(leaf["t"], leaf.get("run")) for leaf in shown], shown
    after = [one for one in world.gateway.records(50) if one["index"] > before]
    assert "export.made" in [one["t"] for one in after]
    assert bad["flaws"][0]["leaf"] in world.gateway.run("trust", "explain", "clerk", check=False).stdout


@pytest.fixture
def criteria(world):
    """`trust/criteria.yaml` of the deployment, written by a test."""
    folder = world.gateway.policy.parent / "trust"

    def write(text: str) -> None:
        folder.mkdir(exist_ok=True)
        (folder / "criteria.yaml").write_text(text)

    yield write
    shutil.rmtree(folder, ignore_errors=True)


def test_a_criteria_file_states_the_thresholds(world, criteria):
    criteria(HEAD + "stages: {assisted: {clean_runs: 60, agent_denials: 0.05}}\n")
    found = status(world)
    assert found["criteria"]["exists"] and found["criteria"]["version"] == "2026-11-20.1"
    assert values(found)["clean_runs"]["threshold"] == "at least 60"
    assert found["criteria"]["digest"].startswith("sha256:") and found["criteria"]["loosened"] == []


def test_numbers_that_a_file_loosens_are_shown(world, criteria):
    criteria(HEAD + "per_cluster: 500\nalways: {incidents: 3}\nstages: {assisted: {clean_runs: 60}}\n")
    loosened = ["per_cluster: 20 to 500", "always.incidents: 0 to 3"]
    assert status(world)["criteria"]["loosened"] == loosened
    shown = world.gateway.run("trust", "status", "clerk", check=False).stdout
    assert "loosened    " + "; ".join(loosened) in shown, shown


@pytest.mark.parametrize("text, says", [
    (HEAD + "stages: {assisted: {clean_run: 60}}\n", "did you mean `clean_runs`?"),
    (HEAD + "stages: {assisted: {clean_runs: 49}}\n", "below the minimum 50"),
    (HEAD + "minimums: {clean_runs: 10}\n", "the least that a file can state"),
    (HEAD + "interval: normal\n", "normal"), ("", "criteria.yaml"), ("interlock_trust: 2\nversion: x\n", "criteria.yaml:1"),
])
def test_a_bad_criteria_file_is_refused_with_its_place(world, criteria, text, says):
    criteria(text)
    done = world.gateway.run("trust", "status", "clerk", check=False)
    assert done.returncode == 65 and says in done.stderr and not done.stdout, done.stderr


def copied(world, to: Path) -> str:
    """A copy of the policy, beside which a test writes criteria."""
    to.mkdir()
    policy = to / world.gateway.policy.name
    (shutil.copytree if world.gateway.policy.is_dir() else shutil.copy)(world.gateway.policy, policy)
    (to / "trust").mkdir()
    return str(policy)


def test_policy_check_reads_the_criteria(world, tmp_path):
    policy = copied(world, tmp_path / "one")
    file = tmp_path / "one" / "trust" / "criteria.yaml"

    def checked(text: str, *words: str) -> subprocess.CompletedProcess:
        file.write_text(text)
        return world.gateway.run("policy", "check", policy, *words, check=False)

    strict = checked(HEAD)
    assert "criteria.yaml" not in strict.stdout
    loose = checked(HEAD + "per_cluster: 500\n")
    assert loose.returncode == strict.returncode and "W243" in loose.stdout and "per_cluster: 20 to 500" in loose.stdout, loose
    assert checked(HEAD + "per_cluster: 500\n", "--strict").returncode == 1
    bad = checked(HEAD + "per_clusters: 20\n")
    assert bad.returncode == 65 and "criteria.yaml:3" in bad.stdout and "per_cluster" in bad.stdout, bad


def test_policy_diff_shows_numbers_of_the_criteria(world, tmp_path):
    policies = [copied(world, tmp_path / name) for name in ("old", "new")]

    def compared(old: str | None, new: str | None) -> tuple[int, str]:
        for name, text in (("old", old), ("new", new)):
            file = tmp_path / name / "trust" / "criteria.yaml"
            file.unlink(missing_ok=True)
            if text is not None:
                file.write_text(text)
        done = world.gateway.run("policy", "diff", *policies, check=False)
        return done.returncode, done.stdout

    assert compared(None, None) == (0, "") == compared(HEAD, HEAD)
    code, said = compared(None, HEAD)
    assert code == 2 and "WIDENS trust/criteria.yaml: version 2026-11-20.1 was none" in said, said
    code, said = compared(HEAD, None)
    assert code == 1 and "NARROWS trust/criteria.yaml: none was version 2026-11-20.1" in said, said
    code, said = compared(HEAD, HEAD + "stages: {full: {agent_denials: 0.01}}\n")
    assert code == 2 and "WIDENS trust/criteria.yaml stages.full.agent_denials: 1.00 % was 0.50 %" in said, said
    code, said = compared(HEAD + "stages: {full: {agent_denials: 0.01}}\n", HEAD)
    assert code == 1 and "NARROWS trust/criteria.yaml stages.full.agent_denials: 0.50 % was 1.00 %" in said, said
    code, said = compared(HEAD, HEAD + "interval: clopper-pearson95\n")
    assert code == 2 and "NOT COMPARABLE trust/criteria.yaml interval" in said, said
    assert compared(HEAD, HEAD + "per_clusters: 20\n")[0] == 65


def test_other_bad_input(world, tmp_path):
    def ends(*words: str) -> subprocess.CompletedProcess:
        return world.gateway.run("trust", *words, check=False)

    unknown = ends("status", "clark")
    assert unknown.returncode == 66 and "clerk" in unknown.stderr
    assert ends("explain").returncode == 64
    assert ends("status", "clerk", "idle").returncode == 64
    assert ends("status", "--log", str(tmp_path / "none")).returncode == 66


def test_a_narrower_policy_keeps_the_credit_and_a_wider_one_begins_it_anew(world):
    reload(world, written(world.ports, "limits: {calls: 9/m}\n"))
    kept = status(world)
    assert (kept["runs"]["clean"], kept["runs"]["bad"]) == (2, 1) and "since" not in kept, kept
    reload(world, written(world.ports))
    found = status(world)
    assert (found["runs"]["clean"], found["runs"]["bad"]) == (0, 0), found
    assert found["reset_by"] in ("the policy was widened", "the policy changed") and found["since"]


def test_without_a_gateway_status_reads_the_log_and_explain_shows_nothing(world):
    world.gateway.stop()
    assert status(world)["stage"] == 0
    done = world.gateway.run("trust", "explain", "clerk", check=False)
    assert done.returncode == 69 and not done.stdout, done.stderr
    assert world.gateway.run(
        "trust", "explain", "clerk", "--log", str(world.gateway.ledger), check=False).returncode == 1
