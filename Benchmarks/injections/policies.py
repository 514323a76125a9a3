"""The policy of the benchmark: an agent for each tool set and way of governing it."""

from dataclasses import dataclass
from datetime import date, timedelta

from . import declarations
from .tasks import Suite

OWNER, FIRST, SECOND = (f"{name}@bench.example" for name in ("kim", "ada", "sam"))
PEOPLE = {FIRST: ["kill", "resume", "security"], SECOND: ["resume", "security"], OWNER: []}
# `requested` and `declared` state the request of each task, as `interlock run --request` does; in the others no value
# of a call counts as the user's. Tools of `declared` state the flow of values besides, by the rule of `declarations`.
TAINTS = {"none": None, "strict": "{mode: strict}", "deny": "{mode: strict, hostile: deny}",
          "provenance": "{mode: provenance}", "requested": "{mode: provenance}", "declared": "{mode: provenance}"}


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

    @property
    def states_request(self) -> bool:
        return self.taint in ("requested", "declared")

    @property
    def declares(self) -> bool:
        return self.taint == "declared"

    @property
    def servers(self) -> str:
        """The last part of the names of its servers: they are those of its world, with or without declarations."""
        return f"{self.world}declared" if self.declares else self.world

    def agent(self, suite: str) -> str:
        return f"{suite}-{self.name}"


OF_ORIGINS = ("provenance", "requested", "declared")
WAYS = (*(Way("open", taint) for taint in ("none", "strict", *OF_ORIGINS)),
        *(Way("stated", taint) for taint in ("none", "strict", *OF_ORIGINS, "deny")))

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
    """The policy as YAML; the servers of each world are at `url`/SERVER-WORLD, and at others if they declare."""
    chosen = {way.servers: way for way in ways}
    servers = [server(name, entry, chosen[one], url) for one in sorted(chosen)
               for suite in suites.values() for name, entry in suite.servers.items()]
    agents = [agent(way, suite) for way in ways for suite in suites.values()]
    return "".join((ORGANISATION, TIERS, "servers:\n", *servers, "agents:\n", *agents))


def server(own: str, entry: dict, way: Way, url: str) -> str:
    name, is_internal = f"{own}-{way.servers}", entry["trust"] == "internal"
    tools = ""
    for tool, each in entry["tools"].items():
        stated = declarations.statements(own, is_internal, tool, each) if way.declares else {}
        tools += (f"      {tool}: {{class: {each['class']}, effects: [{', '.join(effects(each, way.world))}]"
                  f"{declarations.text(stated)}{accounts(each)}}}\n")
    return (f'  {name}:\n    connect: {{http: "{url}/{name}"}}\n'
            f'    reviewed: {{by: {FIRST}, on: "{date.today()}", trust: {entry["trust"]}}}\n    tools:\n{tools}')


def accounts(tool: dict) -> str:
    """The accounts that a tool takes and returns: agents that pay have them in calls, and read them in results."""
    taken = [argument for argument in tool["args"] if argument == "iban"
             or argument == "to" and "spends_money" in tool.get("effects", [])]
    return (f", accepts: {{iban: [{', '.join(taken)}]}}" if taken else "") + ", returns: {iban: [content]}"


def effects(tool: dict, world: str) -> list[str]:
    stated = tool.get("effects", ["read"])
    return stated if world == "stated" or set(stated) <= {"read", "sensitive_data"} else ["reversible"]


def agent(way: Way, suite: Suite) -> str:
    taint = f"    taint: {TAINTS[way.taint]}\n" if TAINTS[way.taint] else ""
    scopes = "".join(f"      {name}-{way.servers}: [read, write, destructive, admin]\n" for name in suite.servers)
    return f"{AGENT.format(name=way.agent(suite.name))}{taint}    mcp_scopes:\n{scopes}"
