#!/usr/bin/env python3
"""What evals cost (docs/specs/evals.md, section 11): 1,000 policy cases beside the same decisions one by one in cedarpy, the
list of agents that a skill shapes among 10,000 agents and 1,000 skills, what the runner adds to the time of an agent under
eval, and the trust report of a long log.

Alone: evaluating.py --binary PROGRAM [--oracles PYTHON] [--records N] [--folder DIR]

`--records 0` leaves the long log out, for which a gateway writes as many records. The policy has no lock, so arguments are
searched and decided, and not compared with a schema.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

CASES, AGENTS, SKILLS, RECORDS = 1_000, 10_000, 1_000, 1_000_000
CASES_SECONDS, IMPACT_SECONDS, TRUST_SECONDS, ROUNDS = 2.0, 1.0, 20.0, 5
CAP = 50_000
# An agent that only waits, so that all other time is the runner's.
TRIALS, AGENT_SECONDS, ADDED_PERCENT = 5, 10, 5.0

ORG = """\
interlock: 1
org: bench
owners: [ada@bench.example]
kill_switch: org-wide, tested monthly
tiers:
  low: {classes: [read, write], calls: 1000000/h}
servers:
  billing:
    connect: {http: "http://127.0.0.1:1/mcp"}
    tools:
      get_invoice: {class: read}
      refund_request: {class: write, effects: [reversible]}
agents:
"""
AGENT = """\
  {name}:
    owner: lea@bench.example
    purpose: Is measured
    tier: low
    stage: trusted
    review_by: "2099-01-31"
    sandbox: {{profile: isolated, egress: []}}
    mcp_scopes:
      billing: [get_invoice, {{tool: refund_request, when: "args.amount <= 50000"}}]
"""
CEDAR = """
permit(principal, action == Action::"get_invoice", resource) when { principal.servers.contains(resource) };
permit(principal, action == Action::"refund_request", resource) when {
  principal.servers.contains(resource) && context.amount <= 50000 };
"""


def name_of(agent: int) -> str:
    return f"agent-{agent:05d}"


def requests() -> list[dict]:
    """The calls of the cases: reads, refunds below the cap and above it, in turns."""
    found = []
    for number in range(CASES):
        tool = "get_invoice" if number % 3 == 0 else "refund_request"
        amount = CAP + number if number % 3 == 2 else number
        arguments = {"invoice": f"INV-{number}"} if number % 3 == 0 else {"amount": amount}
        found.append({"tool": tool, "args": arguments, "allowed": number % 3 != 2})
    return found


def write_suite(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "policy.yaml").write_text(ORG + AGENT.format(name=name_of(0)))
    suite = folder / "suites" / name_of(0)
    (suite / "cases").mkdir(parents=True)
    (suite / "suite.yaml").write_text(f"interlock_eval: 1\nagent: {name_of(0)}\nowner: lea@bench.example\n")
    for number, request in enumerate(requests()):
        kind, expect = ("allow", "allow") if request["allowed"] else ("refuse", "deny")
        (suite / f"cases/case-{number:04d}.yaml").write_text(
            f"interlock_eval: 1\nid: case-{number:04d}\nkind: policy\nclass: {kind}\nmutate: none\n"
            f"call: billing.{request['tool']}\nargs: {json.dumps(request['args'])}\n"
            f'at: "2026-11-20T10:00:00Z"\nexpect: {expect}\n')


def timed(binary: Path, folder: Path, *words: str, expect: tuple[int, ...] = (0,)) -> tuple[float, str]:
    """The shortest time of a whole process on one processor, in seconds, and its output."""
    processor = min(os.sched_getaffinity(0))
    best, said = float("inf"), ""
    for _ in range(ROUNDS):
        started = time.monotonic()
        done = subprocess.run(
            [str(binary), *words], cwd=folder, capture_output=True, text=True, timeout=600,
            preexec_fn=lambda: os.sched_setaffinity(0, {processor}))
        best = min(best, time.monotonic() - started)
        said = done.stdout
        if done.returncode not in expect:
            raise RuntimeError(f"{' '.join(words)} ended with {done.returncode}: {done.stderr[-2000:]}")
    return best, said


def cases(binary: Path, oracles: Path, folder: Path) -> dict:
    write_suite(folder)
    policy = ("--policy", "policy.yaml")
    whole, said = timed(binary, folder, "eval", "run", *policy)
    if f"pass, {CASES} cases" not in said:
        raise RuntimeError(f"the suite does not pass: {said}")
    one, _ = timed(binary, folder, "eval", "run", "--case", "case-0000", *policy)
    mutants, _ = timed(binary, folder, "eval", "lint", *policy, expect=(0, 1))
    found = {"cases": CASES, "seconds": whole, "seconds_of_one": one, "lint_seconds": mutants}
    if not oracles.exists():
        return found | {"left_out": "cedarpy: scripts/setup installs it"}
    (folder / "requests.json").write_text(json.dumps(requests()))
    asked = subprocess.run([str(oracles), __file__, "--cedar", str(folder / "requests.json")], capture_output=True, text=True,
                           timeout=300)
    if asked.returncode != 0:
        raise RuntimeError(f"cedarpy: {asked.stderr[-2000:]}")
    return found | {"cedarpy": json.loads(asked.stdout)}


def cedar(path: str) -> int:
    """Runs under the Python of requirements/oracles.txt: the same decisions, with the policy read once, and with it read for
    each decision, as the plain call does."""
    import cedarpy

    rows = json.loads(Path(path).read_text())
    entities = [{"uid": {"type": "Server", "id": "billing"}, "attrs": {}, "parents": []},
                {"uid": {"type": "Agent", "id": name_of(0)}, "parents": [],
                 "attrs": {"servers": [{"__entity": {"type": "Server", "id": "billing"}}]}}]
    prepared = [{"principal": f'Agent::"{name_of(0)}"', "action": f'Action::"{row["tool"]}"',
                 "resource": 'Server::"billing"', "context": row["args"]} for row in rows]
    ways = {"read_once": (cedarpy.PolicySet.from_str(CEDAR), cedarpy.Entities.from_json_str(json.dumps(entities))),
            "read_each_time": (CEDAR, json.dumps(entities))}
    found = {}
    for name, (rules, known) in ways.items():
        best = float("inf")
        for _ in range(ROUNDS):
            started = time.monotonic()
            verdicts = [cedarpy.is_authorized(one, rules, known).decision == cedarpy.Decision.Allow for one in prepared]
            best = min(best, time.monotonic() - started)
        if verdicts != [row["allowed"] for row in rows]:
            raise RuntimeError("cedarpy decides differently")
        found[name] = best
    print(json.dumps(found))
    return 0


def impact(binary: Path, folder: Path) -> dict:
    """The agents of one skill of many: each has a list of three skills."""
    folder.mkdir(parents=True)
    (folder / "policy").mkdir()
    (folder / "policy/org.yaml").write_text(ORG.removesuffix("agents:\n"))
    (folder / "policy/agents").mkdir()
    for first in range(0, AGENTS, 100):
        agents = "".join(AGENT.format(name=name_of(agent)) for agent in range(first, first + 100))
        (folder / f"policy/agents/{first:05d}.yaml").write_text("agents:\n" + agents)
    for skill in range(SKILLS):
        path = folder / f"skills/skill-{skill:04d}"
        path.mkdir(parents=True)
        (path / "SKILL.md").write_text(f"Skill {skill}.\n")
    for agent in range(AGENTS):
        path = folder / "suites" / name_of(agent)
        path.mkdir(parents=True)
        skills = ", ".join(f"{{name: skill-{skill:04d}, path: skills/skill-{skill:04d}}}"
                           for skill in sorted({(agent * step) % SKILLS for step in (1, 7, 13)}))
        (path / "fingerprint.yaml").write_text(f"interlock_fingerprint: 1\nskills: [{skills}]\n")
    load, _ = timed(binary, folder, "policy", "explain", name_of(0), "--policy", "policy", "--no-lock")
    # No agent has a result, so the answer is 1.
    seconds, said = timed(binary, folder, "eval", "report", "--impact", "skill:skill-0017", "--policy", "policy", expect=(1,))
    return {"agents": AGENTS, "skills": SKILLS, "seconds": seconds, "seconds_of_the_policy": load,
            "found": said.count("eval-missing")}


def trials(binary: Path, folder: Path) -> dict:
    """An agent case whose command waits, beside the command alone."""
    suite = folder / "suites" / name_of(0)
    for name in ("cases", "fixtures"):
        (suite / name).mkdir(parents=True)
    (folder / "policy.yaml").write_text(ORG + AGENT.format(name=name_of(0)))
    (folder / "interlock.lock").write_text(json.dumps(lock()))
    command = ["/bin/sleep", str(AGENT_SECONDS)]
    (suite / "suite.yaml").write_text(
        f"interlock_eval: 1\nagent: {name_of(0)}\nowner: lea@bench.example\ntrials: {TRIALS}\ncommand: {json.dumps(command)}\n")
    (suite / "cases/waits.yaml").write_text(
        "interlock_eval: 1\nid: waits\nkind: agent\nclass: golden\nrequest: Wait.\nworld: fixtures/world.yaml\n"
        'reviewed: {by: ada@bench.example, on: "2026-11-01"}\nexpect: {denials: {max: 0}}\n')
    (suite / "fixtures/world.yaml").write_text(
        "interlock_eval: 1\nservers: {billing: {tools: {get_invoice: {answer: {text: paid}}}}}\n")
    started = time.monotonic()
    for _ in range(TRIALS):
        subprocess.run(command, check=True)
    alone = time.monotonic() - started
    started = time.monotonic()
    done = subprocess.run([str(binary), "eval", "run", "--jobs", "1", "--policy", "policy.yaml"], cwd=folder, text=True,
                          capture_output=True, timeout=600)
    seconds = time.monotonic() - started
    # One case is too few for the floor of a suite.
    if f" waits, {TRIALS}/{TRIALS} trials" not in done.stdout:
        raise RuntimeError(f"the trials do not pass: {done.stdout}{done.stderr[-2000:]}")
    return {"trials": TRIALS, "seconds": seconds, "seconds_alone": alone}


def lock() -> dict:
    """The reviewed tools of the policy's server."""
    tools = {}
    for name, properties in (("get_invoice", {"invoice": "string"}), ("refund_request", {"amount": "integer"})):
        definition = {"name": name, "inputSchema": {
            "type": "object", "properties": {key: {"type": kind} for key, kind in properties.items()}}}
        canonical = json.dumps(definition, sort_keys=True, separators=(",", ":"))
        tools[name] = {"pin": "sha256:" + hashlib.sha256(canonical.encode()).hexdigest(), "floor": None, "alias": None,
                       "override": None, "definition": definition,
                       "reviewed": {"by": "ada@bench.example", "at": "2026-11-01T10:00:00Z"}}
    return {"interlockLock": 1, "signatures": [], "servers": {"billing": {
        "name": None, "version": None, "protocolVersion": "2025-06-18", "capabilities": ["tools"],
        "remote": {"type": "streamable-http", "url": "http://127.0.0.1:1/mcp", "tlsName": None, "tlsKey": None},
        "elicitationHosts": [], "instructions": None, "prompts": {}, "tools": tools}}}


def trust(binary: Path, folder: Path, records: int) -> dict:
    """`interlock trust status` on the log of a gateway that wrote so many records."""
    import bench
    import growing
    import rows
    from people import People

    folder.mkdir(parents=True)
    programs = bench.compile_programs(folder)
    with ExitStack() as stack:
        direct = rows.Direct(programs["upstream"])
        stack.callback(direct.close)
        people = stack.enter_context(People(folder / "people", rows.PEOPLE))
        way = rows.Interlock(direct, binary, folder / "gateway", people, growing.FEW)
        stack.callback(way.gateway.kill)
        way.start()
        way.open()
        growing.fill(programs["load"], way, records)
        way.gateway.stop()
        # A proposal reads the whole log.
        (way.gateway.folder / "state" / "collected-runs").unlink(missing_ok=True)
        seconds, said = timed(binary, way.gateway.folder, "trust", "status", "--dir", str(way.gateway.folder), expect=(0, 1))
        return {"records": records, "seconds": seconds, "agents": len(said.splitlines())}


def text(found: dict) -> list[str]:
    one = found["cases"]
    lines = [f"{one['cases']:,} policy cases, whole process on one processor: {one['seconds'] * 1000:,.0f} ms "
             f"(<= {CASES_SECONDS * 1000:,.0f} ms: {'met' if one['seconds'] <= CASES_SECONDS else 'NOT MET'}), "
             f"of which {one['seconds_of_one'] * 1000:,.0f} ms with one case",
             f"lint of them, with the changes of the policy: {one['lint_seconds'] * 1000:,.0f} ms"]
    for name, seconds in one.get("cedarpy", {}).items():
        lines.append(f"the same decisions in cedarpy, {name}: {seconds * 1000:,.0f} ms; Interlock's cases take "
                     f"{(one['seconds'] - one['seconds_of_one']) / seconds:.2f} times as long, the whole process "
                     f"{one['seconds'] / seconds:.2f} times")
    if "left_out" in one:
        lines.append(f"left out: {one['left_out']}")
    one = found["impact"]
    lines.append(f"impact of a skill among {one['agents']:,} agents and {one['skills']:,} skills: {one['seconds'] * 1000:,.0f} ms "
                 f"(<= {IMPACT_SECONDS * 1000:,.0f} ms: {'met' if one['seconds'] <= IMPACT_SECONDS else 'NOT MET'}), of which "
                 f"{one['seconds_of_the_policy'] * 1000:,.0f} ms for the policy; {one['found']} agents")
    one = found["trials"]
    added = 100 * (one["seconds"] / one["seconds_alone"] - 1)
    lines.append(f"{one['trials']} trials of an agent of {AGENT_SECONDS} s: the runner adds {added:.1f} % "
                 f"(<= {ADDED_PERCENT:.0f} %: {'met' if added <= ADDED_PERCENT else 'NOT MET'})")
    if "trust" in found:
        one = found["trust"]
        lines.append(f"trust status over {one['records']:,} records, which computes what a proposal needs: "
                     f"{one['seconds'] * 1000:,.0f} ms (<= {TRUST_SECONDS * 1000:,.0f} ms: "
                     f"{'met' if one['seconds'] <= TRUST_SECONDS else 'NOT MET'})")
    return lines


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--binary", type=Path)
    arguments.add_argument("--oracles", type=Path, default=Path(".build/python/oracles/bin/python"),
                           help="the Python that has cedarpy")
    arguments.add_argument("--records", type=int, default=RECORDS, help="of the long log; 0 leaves it out")
    arguments.add_argument("--folder", type=Path, default=Path(".build/bench"))
    arguments.add_argument("--cedar", metavar="REQUESTS", help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.cedar:
        return cedar(given.cedar)
    if not given.binary:
        arguments.error("--binary is missing")
    given.folder.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="evaluating-", dir=given.folder.resolve()))
    binary = given.binary.absolute()
    try:
        found = {"cases": cases(binary, given.oracles.absolute(), folder / "cases"), "impact": impact(binary, folder / "impact"),
                 "trials": trials(binary, folder / "trials")}
        if given.records:
            found["trust"] = trust(binary, folder / "trust", given.records)
    finally:
        shutil.rmtree(folder)
    print(json.dumps(found))
    print("\n".join(text(found)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
