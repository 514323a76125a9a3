"""Other engines on the same requests: one JSON object of rows on standard output.

    engines.py REQUESTS AGENTS

Runs under the Python of requirements/oracles.txt. Each engine is prepared as well as possible and makes the whole
decision: whether the server is granted and, for a write, whether the guard holds.
"""

import json
import sys
import time
from datetime import datetime

import cedarpy
from cel_expr_python import cel

import policies

BLOCKS = 5
CEDAR = """
permit(principal, action == Action::"read", resource) when { principal.servers.contains(resource) };
permit(principal, action == Action::"write", resource) when {
  principal.servers.contains(resource) && context.amount <= 500 && context.environment != "production" &&
  context.day >= 1 && context.day <= 5 && context.hour >= 8 && context.hour < 17 };
"""


def timed(decide, requests: list) -> dict:
    """The best of the blocks; single decisions in nanoseconds."""
    best, rate = [], 0.0
    for _ in range(BLOCKS):
        samples = []
        for request in requests:
            start = time.perf_counter_ns()
            decide(request)
            samples.append(time.perf_counter_ns() - start)
        found = len(samples) * 1e9 / sum(samples)
        if found > rate:
            rate, best = found, sorted(samples)
    verdicts = "".join("a" if decide(request) else "d" for request in requests)
    return {"per_second": round(rate), "p50_ns": best[len(best) // 2], "p99_ns": best[len(best) * 99 // 100],
            "verdicts": verdicts}


def moment(request: dict) -> datetime:
    return datetime.fromisoformat(request["at"].replace("Z", "+00:00"))


def cedar(agents: int, groups: dict) -> dict:
    entities = [{"uid": {"type": "Server", "id": f"s{server:02d}"}, "attrs": {}, "parents": []}
                for server in range(policies.SERVERS)]
    for agent in range(agents):
        servers = [{"__entity": {"type": "Server", "id": f"s{server:02d}"}} for server in policies.granted(agent)]
        entities.append({"uid": {"type": "Agent", "id": policies.name_of(agent)}, "attrs": {"servers": servers}, "parents": []})
    rules, known = cedarpy.PolicySet.from_str(CEDAR), cedarpy.Entities.from_json_str(json.dumps(entities))

    def prepared(request: dict, action: str) -> dict:
        at = moment(request)
        return {"principal": f'Agent::"{request["agent"]}"', "action": f'Action::"{action}"',
                "resource": f'Server::"{request["server"]}"',
                "context": {**request["args"], "day": at.isoweekday() % 7, "hour": at.hour}}

    def decide(request: dict) -> bool:
        return cedarpy.is_authorized(request, rules, known).decision == cedarpy.Decision.Allow

    return {group: timed(decide, [prepared(one, action) for one in groups[group]])
            for group, action in (("read", "read"), ("guarded_write", "write"))}


def cel_cpp(agents: int, groups: dict) -> dict:
    table = {policies.name_of(agent): {f"s{server:02d}" for server in policies.granted(agent)} for agent in range(agents)}
    env = cel.NewEnv(variables={"args": cel.Type.Map(cel.Type.STRING, cel.Type.DYN), "now": cel.Type.TIMESTAMP})
    write, worst = env.compile(policies.GUARD), env.compile(policies.WORST)

    def guarded(program):
        def decide(request: tuple) -> bool:
            agent, server, data = request
            return (server == "worst" or server in table[agent]) and program.eval(data=data).value() is True
        return decide

    def prepared(group: str) -> list:
        return [(one["agent"], one["server"], {"args": one["args"], "now": moment(one)}) for one in groups[group]]

    return {"guarded_write": timed(guarded(write), prepared("guarded_write")),
            "worst_guard": timed(guarded(worst), prepared("worst_guard"))}


def main() -> None:
    with open(sys.argv[1]) as file:
        groups = json.load(file)
    agents = int(sys.argv[2])
    print(json.dumps({"cedarpy": cedar(agents, groups), "cel-expr-python": cel_cpp(agents, groups)}))


if __name__ == "__main__":
    main()
