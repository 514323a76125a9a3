"""Runs with a task of the policy as their purpose: they may use the task's tools alone, also after a restart and a reload
(docs/specs/output-safety.md, section 7)."""

import json
from datetime import date, timedelta

import pytest

import wire
from addresses import ADA, SAM
from conftest import interpreter
from countingdesk import desk  # noqa: F401
from governed import DENIED, SDK, agent, governed, policy, server
from sandboxing import housed
from sdk import SDKClient
from test_replay import reload

pytestmark = pytest.mark.requirement("R084")

VISIT = "visit: {agent: clerk, tools: [tickets.get_ticket, tickets.add_label]}"
PURPOSE = {"purpose": "visit"}


def written(ports: dict[str, int], *tasks: str) -> str:
    return policy(
        "servers:",
        server("tickets", ports["tickets"], """
tools:
  get_ticket: {class: read}
  search: {class: read}
  add_label: {class: write, effects: [read]}
"""),
        server("crm", ports["crm"], "tools:\n  get_customer: {class: read}\n"),
        "agents:",
        agent("clerk", "mcp_scopes:\n  tickets: [read, write]\n  crm: [read]\n"),
        agent("free", "mcp_scopes:\n  tickets: [read]\n"),
        "tasks:", *(f"  {task}" for task in tasks))


@pytest.fixture(scope="module")
def world(binary, people):
    ports = {}

    def write(given: dict[str, int]) -> str:
        ports.update(given)
        return written(given, VISIT, "answer: {agent: clerk, tools: [crm.get_customer]}")

    with governed(binary, people, write, servers=("tickets", "crm")) as world:
        world.ports = ports
        world.gateway.wait_for_tools("clerk", "tickets", **PURPOSE)
        world.gateway.wait_for_tools("clerk", "crm", purpose="answer")
        yield world


def test_a_run_may_use_the_tools_of_its_task_alone(world):
    for tool, arguments in (("crm__get_customer", {"id": "C-77"}), ("tickets__search", {"text": "lamp"})):
        world.check_refused("clerk", tool, "tasks.visit", "visit: {agent", "out-of-task", token=PURPOSE, **arguments)
    assert world.call("clerk", "tickets__get_ticket", PURPOSE, id="T-1001").told is None
    listed = {tool["name"] for tool in world.client("clerk", **PURPOSE).list()}
    assert listed == {"tickets__get_ticket", "tickets__add_label"}
    # Another run of the agent, for another task.
    other = {"purpose": "answer"}
    assert world.call("clerk", "crm__get_customer", other, id="C-77").told is None
    assert world.call("clerk", "tickets__get_ticket", other, id="T-1001").told == DENIED


def test_a_run_without_a_purpose_is_as_wide_as_the_policy(world):
    token = world.gateway.run("agents", "token", "clerk").stdout.strip()
    client = SDKClient(interpreter(f"mcp-{SDK}"), "--http", world.gateway.url, token=token)
    try:
        for tool, arguments in (("crm__get_customer", {"id": "C-77"}), ("tickets__get_ticket", {"id": "T-1001"})):
            assert not client.call(tool, **arguments)["result"].get("isError")
    finally:
        client.close()


def test_nothing_that_an_agent_sends_is_a_purpose(world):
    token = world.gateway.token("clerk", **PURPOSE)
    session = wire.Session(world.gateway.port, token)
    session.headers |= {"Interlock-Purpose": "answer", "Purpose": "answer"}
    answer = session.request("tools/call", name="crm__get_customer", arguments={"id": "C-77"}, _meta={"purpose": "answer"})
    assert answer.code == DENIED, answer.body


@pytest.mark.parametrize("name, purpose, says", [
    ("clerk", "vist", "unknown task `vist` of agent `clerk`"), ("clerk", "Ticket 5512", "tasks of `clerk`: answer, visit"),
    ("free", "visit", "task of another agent"),
])
def test_another_purpose_makes_no_token(world, name, purpose, says):
    made = world.gateway.run("agents", "token", name, "--purpose", purpose, check=False)
    assert made.returncode == 66 and says in made.stderr, made.stderr
    assert world.gateway.token("free", purpose="Ticket 5512")


def test_people_see_the_tasks_of_an_agent(world):
    (status,) = world.gateway.json("status", "clerk")
    assert [(one["task"], one["tools"]) for one in status["tasks"]] == [
        ("answer", ["crm.get_customer"]), ("visit", ["tickets.get_ticket", "tickets.add_label"])]
    assert "a run for visit uses these tools alone: tickets.get_ticket" in world.gateway.run("status", "clerk").stdout
    own = ("--policy", str(world.gateway.policy), "--no-lock")
    page = world.gateway.run("policy", "explain", "clerk", *own).stdout
    assert "task       visit: tickets.get_ticket, tickets.add_label" in page
    explained = world.gateway.run(
        "policy", "explain", "clerk", "crm.get_customer", "--purpose", "visit", "--exit-code", *own, check=False)
    assert explained.returncode == 2 and "= deny  out-of-task  tasks.visit" in explained.stdout
    wrong = world.gateway.run("policy", "explain", "clerk", "crm.get_customer", "--purpose", "vist", *own, check=False)
    assert wrong.returncode == 66 and "answer, visit" in wrong.stderr


def test_a_token_keeps_its_task_after_a_restart_and_when_the_task_is_gone(world):
    token = world.gateway.token("clerk", **PURPOSE)

    def told(tool: str, **arguments) -> int | None:
        """By the same token, in a session of its own."""
        return wire.Session(world.gateway.port, token).call(tool, **arguments).code

    assert told("crm__get_customer", id="C-77") == DENIED
    world.hang_up()
    world.gateway.kill()
    world.gateway.start()
    world.gateway.wait_for_tools("clerk", "tickets", **PURPOSE)
    world.gateway.wait_for_tools("clerk", "crm", purpose="answer")
    assert told("crm__get_customer", id="C-77") == DENIED
    assert told("tickets__get_ticket", id="T-1001") is None
    reload(world, written(world.ports, "answer: {agent: clerk, tools: [crm.get_customer]}"))
    for tool, arguments in (("tickets__get_ticket", {"id": "T-1001"}), ("crm__get_customer", {"id": "C-77"})):
        assert told(tool, **arguments) == DENIED
    denied = [one for one in world.gateway.records(20) if one["t"] == "call.denied"][-1]
    assert denied["code"] == "policy.out_of_task"
    assert wire.Session(world.gateway.port, token).tools() == []
    assert world.gateway.run("audit", "replay", "--since", "2020-01-01T00:00:00Z").returncode == 0
    assert world.gateway.verify().returncode == 0


HOUSE = """\
interlock: 1
org: acme
owners: [{ada}, {sam}]
servers:
  desk:
    connect: {{http: "http://127.0.0.1:{desk}/mcp"}}
    reviewed: {{by: {ada}, on: "{seen}", trust: internal}}
    tools: {{count: {{class: read}}, hold: {{class: read}}}}
agents:
  fixer:
    owner: {ada}
    purpose: Fixes bugs
    tier: low
    stage: supervised
    review_by: {review}
    mcp_scopes: {{desk: [read]}}
    sandbox: isolated
tasks:
  counting: {{agent: fixer, tools: [desk.count]}}
  holding: {{agent: fixer, tools: [desk.hold]}}
"""
# Run inside: what the agent is shown, and what a call of `count` is answered.
INSIDE = """\
import http.client, json

def post(message, **more):
    connection = http.client.HTTPConnection("127.0.0.1", 3128, timeout=10)
    connection.request("POST", "/mcp", json.dumps({"jsonrpc": "2.0", **message}), {
        "Host": "127.0.0.1:3128", "Content-Type": "application/json",
        "Accept": "application/json, text/event-stream", **more})
    response = connection.getresponse()
    return response, response.read().decode()

opened, _ = post({"id": 1, "method": "initialize", "params": {"protocolVersion": "2025-06-18", "capabilities": {},
                  "clientInfo": {"name": "inside", "version": "1"}}})
session = {"Mcp-Session-Id": opened.getheader("Mcp-Session-Id"), "MCP-Protocol-Version": "2025-06-18"}
post({"method": "notifications/initialized"}, **session)
listed = post({"id": 2, "method": "tools/list", "params": {}}, **session)[1]
called = post({"id": 3, "method": "tools/call", "params": {"name": "desk__count", "arguments": {}}}, **session)[1]
print(json.dumps([listed, called]))
"""


@pytest.fixture(scope="module")
def house(binary, tmp_path_factory, desk):
    text = HOUSE.format(ada=ADA, sam=SAM, desk=desk, review=date.today() + timedelta(days=60),
                        seen=date.today() - timedelta(days=7))
    with housed(binary, tmp_path_factory, text) as made:
        made.start()
        made.gateway.wait_for_tools("fixer", "desk", purpose="counting")
        yield made


@pytest.mark.parametrize("task, tool", [("counting", "desk__count"), ("holding", "desk__hold")])
def test_a_sandboxed_run_is_for_the_task_that_its_launcher_names(house, task, tool):
    code, out, report = house.run("python3", "-c", INSIDE, options=("--purpose", task))
    assert code == 0, report
    listed, called = json.loads(out)
    assert {name for name in ("desk__count", "desk__hold") if name in listed} == {tool}
    denied = [one for one in house.leaves(report["run"]) if one["t"] == "call.denied"]
    if task == "counting":
        assert "counted" in called and denied == []
    else:
        assert "out-of-task" in called and [one["rule"] for one in denied] == ["tasks.holding"]


@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_a_launch_for_another_purpose_is_refused(house, more):
    starts = len([one for one in house.gateway.records(200) if one["t"] == "run.start"])
    code, out, report = house.run("true", options=("--purpose", "countng", *more))
    assert (code, report["source"], report["reason"]) == (77, "interlock", "unknown-task") and out == ""
    assert "tasks of `fixer`: counting, holding" in "\n".join(report["said"])
    assert len([one for one in house.gateway.records(200) if one["t"] == "run.start"]) == starts
