"""Policies and requests of a given size: agents that may read and, within bounds, write on 8 of 20 servers."""

import json
import random
from pathlib import Path

SERVERS, TOOLS = 20, 10  # half of the tools read, half write
OFFICE = ("now.getDayOfWeek() >= 1 && now.getDayOfWeek() <= 5 && now.getHours() >= 8 && now.getHours() < 17")
GUARD = f"args.amount <= 500 && args.environment != 'production' && {OFFICE}"
# The guard that takes most of a decision's 20,000 steps: two lists, each element with each.
WORST = "args.a.all(x, args.b.all(y, x != y))"
WORST_ITEMS = 64
SEED = 4711

ORG = """\
interlock: 1
org: bench
owners: [ada@bench.example]
kill_switch: {scope: org-wide, drill_every: 31d, last_drill: "2026-11-03"}
approvals:
  people: {members: [ada@bench.example, sam@bench.example]}
tiers:
  low:    {classes: [read], calls: 1000000000/s}
  medium: {classes: [read, write], calls: 60/m}
  high:   {classes: [read, write, destructive], calls: 20/m}
"""


def granted(agent: int) -> list[int]:
    """The servers of an agent, for the policy, for Cedar's entities and for the table of the plain Python baseline."""
    return [server for server in range(SERVERS) if (agent * 7 + server * 3) % 5 < 2]


def name_of(agent: int) -> str:
    return f"agent-{agent:05d}"


def write_policy(folder: Path, agents: int) -> Path:
    """Writes a policy folder. A file holds 100 agents, to stay below the size limit of a file."""
    for part in ("servers", "agents"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    (folder / "org.yaml").write_text(ORG)
    servers = ["servers:"]
    for server in range(SERVERS):
        servers += [f"  s{server:02d}:", "    tools:"]
        servers += [f"      t{tool}: {{class: read}}" if tool < TOOLS // 2 else
                    f"      t{tool}: {{class: write, effects: [reversible]}}" for tool in range(TOOLS)]
    servers += ["  worst:", "    tools:", "      run: {class: read}"]
    (folder / "servers" / "all.yaml").write_text("\n".join(servers) + "\n")
    for first in range(0, agents, 100):
        lines = ["agents:"]
        for agent in range(first, min(first + 100, agents)):
            lines += [f"  {name_of(agent)}:", "    owner: lea@bench.example", "    purpose: Is measured",
                      "    tier: medium", "    stage: trusted", '    review_by: "2027-01-31"',
                      "    approvers: people", "    sandbox: {profile: isolated, egress: []}", "    mcp_scopes:"]
            for server in granted(agent):
                lines.append(f'      s{server:02d}: [read, {{class: write, when: "{GUARD}"}}]')
            lines.append(f'      worst: [{{tool: run, when: "{WORST}"}}]')
        (folder / "agents" / f"{first:05d}.yaml").write_text("\n".join(lines) + "\n")
    return folder


def requests(agents: int, count: int = 4000) -> dict[str, list[dict]]:
    """The same requests for every engine, by group. Two reads in five are granted; every write is on a granted server,
    so that each evaluates its guard."""
    chance = random.Random(SEED)

    def one(tools: range) -> dict:
        hour, day, agent = chance.randrange(24), chance.randrange(16, 23), chance.randrange(agents)
        server = chance.randrange(SERVERS) if 0 in tools else chance.choice(granted(agent))
        return {"agent": name_of(agent), "server": f"s{server:02d}",
                "tool": f"t{chance.choice(tools)}",
                "args": {"amount": chance.randrange(1000), "environment": chance.choice(["dev", "staging", "production"])},
                "at": f"2026-11-{day}T{hour:02d}:30:00Z"}

    lists = {"a": list(range(WORST_ITEMS)), "b": list(range(1000, 1000 + WORST_ITEMS))}
    worst = [{"agent": name_of(chance.randrange(agents)), "server": "worst", "tool": "run", "args": lists,
              "at": "2026-11-20T10:00:00Z"} for _ in range(50)]
    return {"read": [one(range(TOOLS // 2)) for _ in range(count)],
            "guarded_write": [one(range(TOOLS // 2, TOOLS)) for _ in range(count)], "worst_guard": worst}


def write_requests(path: Path, agents: int) -> Path:
    path.write_text(json.dumps(requests(agents)))
    return path
