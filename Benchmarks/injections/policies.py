"""The policy of the benchmark: an agent for each tool set and way of governing it."""

from dataclasses import dataclass
from datetime import date, timedelta

from .tasks import Suite

OWNER, FIRST, SECOND = (f"{name}@bench.example" for name in ("kim", "ada", "sam"))
PEOPLE = {FIRST: ["kill", "resume", "security"], SECOND: ["resume", "security"], OWNER: []}
# No task states a request, so no value of a call counts as the user's.
TAINTS = {"none": None, "strict": "{mode: strict}", "deny": "{mode: strict, hostile: deny}",
          "provenance": "{mode: provenance}"}


@dataclass(frozen=True)
class Way:
    """One way of governing the same tasks.

    In the world `open` each tool that does more than read is stated as reversible, which the controls allow, so that
    no call needs a person unless taint asks for one. In the world `stated` the effects are those of the templates.
    """
    world: str
    taint: str

    @property
    def name(self) -> str:
        return f"{self.world}-{self.taint}"

    def agent(self, suite: str) -> str:
        return f"{suite}-{self.name}"


WAYS = (Way("open", "none"), Way("open", "strict"), Way("open", "provenance"),
        Way("stated", "none"), Way("stated", "strict"), Way("stated", "provenance"), Way("stated", "deny"))

ORGANISATION = f"""\
interlock: 1
org: bench
owners: [{FIRST}]
kill_switch: {{scope: org-wide, drill_every: 31d, last_drill: "{date.today() - timedelta(days=7)}"}}
approvals: {{team: {{members: [{FIRST}, {SECOND}], expires: 30m}}}}
controls:
  reversible: {{supervised: allow, trusted: allow}}
  sensitive_data: {{supervised: allow, trusted: allow}}
tiers:
"""
TIERS = "".join(f"  {tier}: {{classes: [read, write, destructive, admin], calls: 1000000000/s}}\n"
                for tier in ("low", "medium", "high"))
AGENT = f"""\
  {{name}}:
    owner: {OWNER}
    purpose: Does the tasks of a benchmark
    tier: medium
    stage: supervised
    review_by: "{date.today() + timedelta(days=60)}"
    sandbox: {{{{profile: isolated, egress: []}}}}
    approvers: team
"""


def policy(suites: dict[str, Suite], url: str, ways: tuple[Way, ...]) -> str:
    """The policy as YAML; the servers of each world are at `url`/SERVER-WORLD."""
    servers = [server(f"{name}-{world}", entry, world, url) for world in sorted({way.world for way in ways})
               for suite in suites.values() for name, entry in suite.servers.items()]
    agents = [agent(way, suite) for way in ways for suite in suites.values()]
    return "".join((ORGANISATION, TIERS, "servers:\n", *servers, "agents:\n", *agents))


def server(name: str, entry: dict, world: str, url: str) -> str:
    tools = "".join(f"      {tool}: {{class: {each['class']}, effects: [{', '.join(effects(each, world))}]}}\n"
                    for tool, each in entry["tools"].items())
    return (f'  {name}:\n    connect: {{http: "{url}/{name}"}}\n'
            f'    reviewed: {{by: {FIRST}, on: "{date.today()}", trust: {entry["trust"]}}}\n    tools:\n{tools}')


def effects(tool: dict, world: str) -> list[str]:
    stated = tool.get("effects", ["read"])
    return stated if world == "stated" or set(stated) <= {"read", "sensitive_data"} else ["reversible"]


def agent(way: Way, suite: Suite) -> str:
    taint = f"    taint: {TAINTS[way.taint]}\n" if TAINTS[way.taint] else ""
    scopes = "".join(f"      {name}-{way.world}: [read, write, destructive, admin]\n" for name in suite.servers)
    return f"{AGENT.format(name=way.agent(suite.name))}{taint}    mcp_scopes:\n{scopes}"
