"""The three questions of `interlock status AGENT` against the gateway's answers to drawn calls: what the screen permits, asks people
about or does not list is permitted, asked about or refused (docs/specs/evidence.md, section 6)."""

import json

import pytest

from addresses import ADA
from governed import DENIED, UNKNOWN, agent, governed, policy, server

pytestmark = pytest.mark.requirement("R134", "R154")

TOOLS = "tools:\n  get_ticket: {class: read}\n  search: {class: read}\n  close_ticket: {class: write, effects: [reversible]}\n"
SCOPES = {
    "reader": "mcp_scopes:\n  tickets: [get_ticket]\n",
    "finder": 'mcp_scopes:\n  tickets:\n    - get_ticket\n    - {tool: search, when: "args.limit <= 100"}\n',
    "closer": "mcp_scopes:\n  tickets: [get_ticket, close_ticket]\n",
    "stray": "mcp_scopes:\n  tickets: [get_ticket, close_ticket]\n",
}
DRAWS = 24


def written(ports: dict[str, int]) -> str:
    agents = [agent(name, scope, **({"owner": None} if name == "stray" else {})) for name, scope in SCOPES.items()]
    return policy("servers:", server("tickets", ports["tickets"], TOOLS), "agents:", *agents)


@pytest.fixture(scope="module")
def world(binary, people):
    with governed(binary, people, written, servers=("tickets",)) as world:
        world.gateway.wait_for_tools("closer", "tickets")
        yield world


def rows(world, name: str) -> dict[str, dict]:
    done = world.gateway.run("status", name, "--json", check=False)
    assert done.returncode in (0, 1), done.stderr
    return {one["tool"].replace(".", "__", 1): one for one in json.loads(done.stdout)["tools"]}


def drawn(chance) -> tuple[str, dict]:
    tool = chance.choice(["tickets__get_ticket", "tickets__search", "tickets__close_ticket"])
    match tool:
        case "tickets__search":
            return tool, {"text": chance.choice(["lamp", "late"]), "limit": chance.choice([1, 100, 101, 5_000])}
        case "tickets__close_ticket":
            return tool, {"id": f"T-100{chance.randint(1, 3)}", "message": f"done {chance.random()}"}
        case _:
            return tool, {"id": f"T-100{chance.randint(1, 3)}"}


def expected(row: dict | None, arguments: dict) -> str:
    """The verdict of the screen: the one of its row where the guard of the row holds, else a refusal."""
    if row is None or not row["verdicts"]:
        return "deny"
    (verdict,) = row["verdicts"]
    if row["guards"]:
        assert "args.limit <= 100" in json.dumps(row["guards"]), row
        return verdict if arguments["limit"] <= 100 else "deny"
    return verdict


def test_drawn_calls_end_as_the_screen_says(world, chance):
    screens = {name: rows(world, name) for name in SCOPES}
    seen = set()
    for _ in range(DRAWS):
        name, (tool, arguments) = chance.choice(list(SCOPES)), drawn(chance)
        verdict = expected(screens[name].get(tool), arguments)
        seen.add(verdict)
        if verdict == "approve":
            ended = world.call_approved(name, tool, ADA, **arguments)
            assert ended.told is None and ended.arrived == 1, (name, tool, ended)
        else:
            ended = world.call(name, tool, **arguments)
            wanted = {None} if verdict == "allow" else {UNKNOWN, DENIED}
            assert ended.told in wanted and ended.arrived == (verdict == "allow"), (name, tool, arguments, verdict, ended)
    assert seen == {"allow", "approve", "deny"}, seen


def test_the_lines_of_the_screen_name_the_tools_by_what_calls_receive(world):
    for name in SCOPES:
        shown = world.gateway.run("status", name, check=False).stdout.splitlines()
        lines = dict(line[10:].split(" ", 1) for line in shown[:12] if line.startswith(("ALLOWED", " " * 10)))
        for tool, row in rows(world, name).items():
            named, permits = tool.replace("__", "."), any(one != "deny" for one in row["verdicts"])
            is_read = row["class"] == "read"
            assert (named in lines["sees"]) == (permits and is_read), (name, named, lines)
            assert (named in lines["does"]) == (permits and not is_read), (name, named, lines)
            assert (named in lines["human"]) == ("approve" in row["verdicts"]), (name, named, lines)
