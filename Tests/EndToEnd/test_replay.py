"""Every decision of a log is reproduced: from the log and the kept copies of its policies, after restarts and
reloads."""

import json
import signal
import time
from datetime import datetime, timedelta, timezone

import pytest

from addresses import ADA, DANA, SAM
from governed import DENIED, UNKNOWN, agent, governed, policy, server
from test_elevate import ask, identifier

SOON = datetime.now(timezone.utc) + timedelta(hours=2)


def written(ports: dict[str, int], cap: int = 5) -> str:
    return policy(
        f"""\
forbid:
  - {{id: cap, tools: [tickets.search], agents: [guarded], when: "args.limit > {cap}"}}
  - {{id: later, tools: [tickets.get_ticket], agents: [guarded], when: "now > timestamp('2030-01-01T00:00:00Z')"}}
servers:""",
        server("tickets", ports["tickets"], """
tools:
  search: {class: read}
  get_ticket: {class: read}
  close_ticket: {class: write, effects: [customer_facing]}
  add_label: {class: write, effects: [reversible]}
"""),
        server("crm", ports["crm"], """
tools:
  get_customer: {class: read, data: {mask: {email: domain_only}}}
"""),
        "agents:",
        agent("guarded", "mcp_scopes:\n  tickets: [read, write]\n  crm: [read]\n"),
        agent("open", """
mcp_scopes:
  tickets: [search]
hours: {days: [mon, tue, wed, thu, fri, sat, sun], from: "00:00", to: "23:59", tz: Europe/Lisbon}
"""),
        agent("closed", f"""
mcp_scopes:
  tickets: [search]
hours: {{days: [mon, tue, wed, thu, fri, sat, sun], from: "{SOON:%H:%M}", to: "{SOON + timedelta(hours=1):%H:%M}", tz: UTC}}
"""))


@pytest.fixture(scope="module")
def world(binary, people):
    """A log with decisions of every kind, under two revisions and in three processes."""
    ports = {}

    def write(given: dict[str, int]) -> str:
        ports.update(given)
        return written(given)

    with governed(binary, people, write, servers=("tickets", "crm")) as world:
        world.ports = ports
        world.gateway.wait_for_tools("guarded", "tickets", "crm")
        play(world)
        world.gateway.kill()
        restart(world)
        play(world)
        reload(world, written(ports, cap=3))
        play(world, capped=4)
        restart(world)
        yield world


def restart(world) -> None:
    world.hang_up()
    world.gateway.stop()
    world.gateway.start()
    world.gateway.wait_for_tools("guarded", "tickets", "crm")


def reload(world, text: str) -> None:
    world.hang_up()
    (before,) = world.gateway.json("status")
    (world.gateway.policy / "org.yaml").write_text(text)
    world.gateway.process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + 15
    while world.gateway.json("status")[0]["policy"] == before["policy"]:
        assert time.monotonic() < deadline, "the policy was not loaded"
        time.sleep(0.1)


def play(world, capped: int = 9) -> None:
    """Allowed, masked, denied by guard, class and hours, requested and approved, requested and refused, elevated."""
    assert world.call("guarded", "tickets__search", text="lamp", limit=2).told is None
    assert world.call("guarded", "tickets__search", text="lamp", limit=capped).told == DENIED
    assert world.call("guarded", "tickets__get_ticket", id="T-1001").told is None
    assert world.call("guarded", "crm__get_customer", {"on_behalf_of": ADA}, id="C-77").told is None
    assert world.call("guarded", "tickets__search", text=5).told == DENIED  # refused by its schema, without a decision
    assert world.call("open", "tickets__search", text="lamp").told is None
    assert world.call("closed", "tickets__search", text="lamp").told == DENIED
    assert world.call("open", "tickets__add_label", id="T-1001", label="x").told == UNKNOWN
    assert world.call_approved("guarded", "tickets__close_ticket", SAM, id="T-1001", message="Done").told is None
    world.call_denied("guarded", "tickets__close_ticket", ADA, id="T-1002", message="Done")
    wanted = identifier(ask(world.gateway, agent="open", grant="{tickets: [{tool: add_label, when: \"args.label == 'up'\"}]}"))
    for person in (ADA, SAM):
        world.gateway.run("elevate", "approve", wanted, by=person)
    assert world.call_approved("open", "tickets__add_label", ADA, id="T-1001", label="up").told is None
    assert world.call("open", "tickets__add_label", id="T-1001", label="down").told == DENIED
    world.gateway.run("elevate", "end", wanted, by=DANA)


def replay(world, *words: str, exit: int = 0) -> tuple[list[dict], dict]:
    """The result of each decision's replay, and the sums."""
    done = world.gateway.run("audit", "replay", *words, "--log", str(world.gateway.ledger), "--json", check=False)
    assert done.returncode == exit, done.stdout[-2000:] + done.stderr
    *decisions, sums = [json.loads(line) for line in done.stdout.splitlines()]
    return decisions, sums


def decisions_recorded(world) -> int:
    return sum(name in one for one in world.gateway.records(100_000) for name in ("in", "again", "release"))


ALL = ("--since", "2020-01-01T00:00:00Z")


def test_every_decision_comes_out_again(world):
    decisions, sums = replay(world, *ALL)
    assert sums == {"decisions": decisions_recorded(world), "equal": len(decisions), "differences": 0,
                    "cannot_tell": 0, "other_builds": []}
    said = {(one["decision"]["dec"], one["decision"]["rule"]) for one in decisions if "decision" in one}
    assert {("deny", "cap"), ("deny", "agents.closed.hours"), ("allow", "controls.read"),
            ("approve", "controls.customer_facing")} <= said, said
    assert any(one["decision"].get("obl") == ["mask"] for one in decisions if "decision" in one)
    assert {one["input"] for one in decisions} >= {"in", "release"}
    policies = {one["pol"] for one in world.gateway.records(100_000) if one["t"] == "call.intent"}
    assert len(policies) == 2


def test_the_gateway_records_that_somebody_replayed(world):
    done = world.gateway.run("audit", "replay", *ALL)
    assert done.stdout.endswith(" differences, 0 cannot tell\n") and ", 0 differences" in done.stdout
    assert [one for one in world.gateway.records(20) if one["t"] == "export.made"][-1]["kind"] == "replay"


def test_one_run_is_replayed_by_itself(world):
    run = next(one["run"] for one in world.gateway.records(100_000)
               if one["t"] == "call.intent" and one["agent"] == "open")
    decisions, _ = replay(world, run)
    mine = {one["call"] for one in world.gateway.records(100_000) if one.get("run") == run and "in" in one}
    assert {one["call"] for one in decisions} == mine


def test_another_policy_s_decisions_are_listed(world, tmp_path):
    path = tmp_path / "policy.yaml"
    path.write_text(written(world.ports, cap=3))
    decisions, _ = replay(world, *ALL, "--policy", str(path), exit=0)
    path.write_text(written(world.ports, cap=1))
    decisions, sums = replay(world, *ALL, "--policy", str(path), exit=1)
    changed = [one for one in decisions if one["result"] == "differs"]
    assert sums["differences"] == len(changed) > 0
    assert all({"field": "dec", "recorded": "allow", "again": "deny"} in one["differences"] for one in changed)
    assert all({"field": "rule", "recorded": "controls.read", "again": "cap"} in one["differences"] for one in changed)
    shown = world.gateway.run("audit", "replay", *ALL, "--policy", str(path), "--log", str(world.gateway.ledger), check=False)
    assert shown.returncode == 1 and "dec: recorded allow, again deny" in shown.stdout


def simulate(world, path, *words: str, exit: int) -> tuple[list[dict], dict]:
    done = world.gateway.run("policy", "simulate", str(path), "--dir", str(world.gateway.folder), "--log",
                             str(world.gateway.ledger), "--json", *words, check=False)
    assert done.returncode == exit, done.stdout[-2000:] + done.stderr
    *changes, sums = [json.loads(line) for line in done.stdout.splitlines()]
    return changes, sums


@pytest.mark.requirement("R156")
def test_a_proposal_is_judged_by_the_calls_that_came(world, tmp_path):
    path = tmp_path / "policy.yaml"
    path.write_text(written(world.ports, cap=3))
    _, same = simulate(world, path, "--agent", "open", exit=0)
    assert same["calls"] > 0 and same["easier"] == same["stricter"] == 0
    path.write_text(written(world.ports, cap=1))
    changes, sums = simulate(world, path, exit=1)
    assert (sums["easier"], sums["stricter"]) == (0, sum(one["calls"] for one in changes)) and sums["stricter"] > 0
    assert {(one["before"], one["after"], one["tool"]) for one in changes} == {("allow", "deny", "tickets.search")}
    rules = {one["rule"]: one["calls"] for one in sums["rules"]}
    assert sum(rules.values()) == sums["calls"] and rules["cap"] >= sums["stricter"] and rules["later"] == 0
    again, _ = replay(world, *ALL, "--policy", str(path), exit=1)
    assert sums["stricter"] == sum(one["result"] == "differs" and one["input"] == "in" for one in again)
    path.write_text(written(world.ports, cap=99))
    changes, sums = simulate(world, path, exit=2)
    assert sums["easier"] > 0 and {(one["before"], one["after"]) for one in changes} == {("deny", "allow")}


@pytest.mark.requirement("R156")
def test_each_example_of_a_simulation_is_what_deciding_it_alone_gives(world, tmp_path):
    path = tmp_path / "policy.yaml"
    path.write_text(written(world.ports, cap=1))
    changes, _ = simulate(world, path, "--since", "2020-01-01T00:00:00Z", exit=1)
    for one in changes:
        assert 1 <= len(one["examples"]) <= min(3, one["calls"])
        for example in one["examples"]:
            done = world.gateway.run(
                "policy", "explain", one["agent"], one["tool"], "--args", json.dumps(example["arguments"]), "--at",
                example["at"], "--policy", str(path), "--json")
            assert json.loads(done.stdout)["verdict"] == one["after"]
            assert json.loads(done.stdout)["rule"] == example["rule"] == "cap"
    words = ("--since", "2020-01-01T00:00:00Z")
    told = world.gateway.run("policy", "simulate", str(path), "--dir", str(world.gateway.folder), *words, check=False)
    assert told.returncode == 1 and "stricter  " in told.stdout and "approvals a day: " in told.stdout
    assert "rule later (forbid) is never reached" in told.stdout and "rule cap (forbid) decides " in told.stdout
    assert [one for one in world.gateway.records(20) if one["t"] == "export.made"][-1]["kind"] == "replay"


def test_what_cannot_be_simulated_is_said(world, tmp_path):
    good = tmp_path / "policy.yaml"
    good.write_text(written(world.ports))
    bad = tmp_path / "bad.yaml"
    bad.write_text("interlock: 1\nagents: 7\n")
    log = ("--dir", str(world.gateway.folder), "--log", str(world.gateway.ledger))
    for code, words in [(66, (tmp_path / "none",)), (65, (bad,)), (64, ()), (66, (good, "--agent", "No Agent")),
                        (64, (good, "--since", "yesterday")), (64, (good, "--since", "1d", "--until", "2d"))]:
        done = world.gateway.run("policy", "simulate", *map(str, words), *log, check=False)
        assert done.returncode == code, (words, done.stdout, done.stderr)
    nothing, sums = simulate(world, good, "--since", "2020-01-01", "--until", "2020-01-02", exit=0)
    assert nothing == [] and sums["calls"] == 0


def test_a_policy_that_was_touched_or_is_gone_is_told(world):
    kept = world.gateway.folder / "state" / "policies"
    assert kept.stat().st_mode & 0o777 == 0o700
    bundles = sorted(kept.glob("*.bundle"))
    assert len(bundles) == 2 and len(list(kept.glob("*.json"))) == 2
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in kept.iterdir())
    for path in bundles:
        whole = path.read_bytes()
        try:
            path.write_bytes(whole.replace(b"tzdata", b"tzdatb"))
            decisions, sums = replay(world, *ALL, exit=1)
            assert any("is not what its name says" in one.get("why", "") for one in decisions)
            path.unlink()
            decisions, sums = replay(world, *ALL, exit=1)
            assert sums["differences"] == 0 and sums["cannot_tell"] > 0
            assert any(path.stem in one.get("why", "") for one in decisions)
        finally:
            path.write_bytes(whole)
    replay(world, *ALL)


def test_the_canonical_text_of_each_policy_has_its_digest(world):
    import hashlib
    kept = list((world.gateway.folder / "state" / "policies").glob("*.json"))
    assert len(kept) == 2
    for path in kept:
        text = path.read_bytes()
        assert hashlib.sha256(text).hexdigest() == path.stem
        value = json.loads(text)
        assert sorted(value) == ["interlock", "lock", "policy"] and value["policy"]["org"] == "acme"


@pytest.mark.requirement("R092", "R099")
def test_a_run_s_story_is_told_in_order(world):
    client = world.client("guarded", purpose="story")
    client.send("call", name="tickets__search", arguments={"text": "lamp", "limit": 1}, context="Find the lamp")
    client.answer()
    client.call("tickets__search", text="lamp", limit=8)
    run = next(one["run"] for one in reversed(world.gateway.records(50)) if one["t"] == "run.input")
    time.sleep(0.5)
    log = ("--log", str(world.gateway.ledger))
    lines = world.gateway.run("audit", "replay", run, "--level", "R0", *log).stdout.splitlines()
    story = [line.split("  ", 1)[1] for line in lines]
    order = ["run started", "prompt (user)  Find the lamp", "allowed  tickets__search", "result  ok", "denied  tickets__search"]
    places = [next(number for number, line in enumerate(story) if line.startswith(what)) for what in order]
    assert places == sorted(places), story
    assert '"text":"lamp"' in story[places[2]] and "policy.forbid by cap" in story[places[4]]
    events = world.gateway.json("audit", "replay", run, "--level", "R0", *log)
    assert [one["type"] for one in events][0] == "run.start"
    assert next(one for one in events if one["type"] == "run.input")["payloads"]["text"] == "Find the lamp"


def test_what_cannot_be_replayed_is_said(world):
    log = ("--log", str(world.gateway.ledger))
    for code, words in [
            (66, ("01kag0q9v4x2m7c8d3e5f6g7h8",)), (64, ("no-run",)), (64, ()), (64, (*ALL, "01kag0q9v4x2m7c8d3e5f6g7h8")),
            (64, (*ALL, "--level", "R2")), (64, (*ALL, "--level", "R3")), (64, (*ALL, "--live")),
            (64, (*ALL, "--level", "R9")), (64, (*ALL, "--level", "R0", "--policy", "x")),
            (66, (*ALL, "--policy", "/nowhere/policy"))]:
        done = world.gateway.run("audit", "replay", *words, *log, check=False)
        assert done.returncode == code, (words, done.stdout, done.stderr)


def test_of_an_erased_run_nothing_can_be_told_and_that_is_no_fault(world):
    client = world.client("guarded", purpose="erased")
    client.call("tickets__search", text="lamp", limit=1)
    run = next(one["run"] for one in reversed(world.gateway.records(50)) if one["t"] == "call.intent")
    world.hang_up()
    world.gateway.run("audit", "erase", "--run", run, "--reason", "erasure.request", "--confirm", run)
    decisions, sums = replay(world, run)
    assert (sums["decisions"], sums["cannot_tell"], sums["differences"]) == (1, 1, 0)
    assert decisions[0]["why"] == "its input was erased"
    told = world.gateway.run("audit", "replay", run, "--level", "R0", "--log", str(world.gateway.ledger)).stdout
    assert "lamp" not in told and "(erased)" in told
