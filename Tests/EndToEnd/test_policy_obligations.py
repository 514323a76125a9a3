"""The policy's effect on the data of a call: arguments that never leave, results that are shown in part or withheld."""

import json
import subprocess
import tarfile

import pytest

from faulty import FaultyServer
from governed import agent, governed, policy, server
from wire import decision

WITHHELD = 5020
PLAIN = "the secret word is lantern"


def written(ports: dict[str, int], faulty: int) -> str:
    return policy(
        """\
controls:
  sensitive_data: {supervised: allow, trusted: allow}
servers:""",
        server("tickets", ports["tickets"], """
data: {drop: [customer]}
tools:
  search:     {class: read}
  get_ticket: {class: read, data: {drop: [body]}}
"""),
        server("crm", ports["crm"], """
tools:
  get_customer: {class: read, effects: [sensitive_data]}
"""),
        server("billing", ports["billing"], """
tools:
  get_invoice: {class: read}
"""),
        server("faulty", faulty, """
tools:
  echo: {class: read}
"""),
        "agents:",
        agent("reader", """
mcp_scopes:
  tickets: [get_ticket, {tool: search, when: "!has(args.limit)"}]
  crm: [read]
  billing: [read]
  faulty: [read]
data:
  tickets.get_ticket: {keep: [id, subject, body, customer]}
  tickets.search: {keep: [tickets.id], arguments: {drop: [limit]}}
  crm.get_customer: {mask: {name: redact, email: domain_only}}
  billing.get_invoice: {mask: {id: last4}}
  faulty.echo: {drop: [secret]}
"""),
        agent("narrow", """
mcp_scopes:
  tickets: [search, get_ticket]
data:
  tickets.search: {max_bytes: 300}
  tickets.get_ticket: {max_bytes: 4096}
"""))


@pytest.fixture(scope="module")
def world(binary, people, tmp_path_factory):
    with FaultyServer(tmp_path_factory.mktemp("faulty"), "http") as faulty:
        with governed(binary, people, lambda ports: written(ports, faulty.port)) as world:
            world.gateway.wait_for_tools("reader", "tickets", "crm", "billing", "faulty")
            world.faulty = faulty
            yield world


def shown(world, tool: str, agent: str = "reader", **arguments) -> dict:
    """The agent's result: the same as structured content and as text."""
    ended = world.check_allowed(agent, tool, world_rule(tool), **arguments)
    (block,) = ended.answer["result"]["content"]
    assert json.loads(block["text"]) == ended.structured
    return ended.structured


def world_rule(tool: str) -> str:
    return "controls.sensitive_data" if tool.startswith("crm") else "controls.read"


def check_withheld(world, ended, *secrets: str, code: str = "policy.obligation") -> None:
    """The call ran, and its result is withheld; the record keeps the reason."""
    assert ended.told == WITHHELD, ended.answer
    assert (ended.record["t"], ended.record["st"], ended.record["code"]) == (
        "call.outcome", "withheld", code)
    assert not any(secret in json.dumps(ended.answer) for secret in secrets)


@pytest.mark.requirement("R024")
def test_keep_and_drop_of_agent_tool_and_server_add_up(world):
    """The agent keeps four fields, the tool drops one of them, the server another."""
    assert shown(world, "tickets__get_ticket", id="T-1001") == {"id": "T-1001", "subject": "Lamp arrived broken"}


def test_the_record_commits_to_what_came_and_to_what_the_agent_got(world):
    ended = world.check_allowed("reader", "tickets__get_ticket", "controls.read", id="T-1001")
    assert {"res", "out"} <= ended.record.keys()
    payloads = json.loads(world.gateway.record_of(str(ended.record["index"])))["payloads"]
    assert {"body", "customer"} <= payloads["res"]["structuredContent"].keys()
    assert payloads["out"]["structuredContent"] == ended.structured == {
        "id": "T-1001", "subject": "Lamp arrived broken"}


def test_one_of_both_is_disclosed_alone(world, binary, tmp_path):
    run = world.check_allowed("reader", "tickets__get_ticket", "controls.read", id="T-1001").record["run"]
    path = tmp_path / "run.tar"
    world.gateway.run("audit", "bundle", run, "-o", str(path), "--disclose", "out")
    with tarfile.open(path) as archive:
        openings = json.load(archive.extractfile("openings.json"))
    assert openings and {one["field"] for one in openings} == {"out"}
    vkey = json.loads(world.gateway.run("audit", "show", "0", "--raw").stdout)["vkey"]
    done = subprocess.run([binary.parent / "interlock-verify", "--vkey", vkey, path], capture_output=True, text=True,
                          timeout=30)
    assert done.returncode == 0 and f"{len(openings)} payloads opened" in done.stdout, done.stdout + done.stderr


def test_keep_passes_through_lists(world):
    assert shown(world, "tickets__search", text="lamp") == {"tickets": [{"id": "T-1001"}, {"id": "T-1004"}]}


def test_a_dropped_argument_is_neither_judged_nor_recorded_nor_sent(world):
    """The guard grants only without `limit`, and the server fills in its own."""
    shown(world, "tickets__search", text="lamp", limit=1)
    assert world.last_arguments("tickets__search") == {"text": "lamp", "limit": 10}
    record = [one for one in world.gateway.records(20) if one["t"] == "call.intent"][-1]
    found = json.loads(world.gateway.record_of(str(record["index"])))
    assert found["payloads"]["args"] == {"text": "lamp"}


def test_mask_redact_and_domain_only(world):
    assert shown(world, "crm__get_customer", id="C-77") == {
        "id": "C-77", "name": "[redacted]", "email": "@customer.example", "plan": "business"}


def test_mask_last4(world):
    assert shown(world, "billing__get_invoice", id="INV-20931")["id"] == "****0931"


def test_a_result_above_max_bytes_is_withheld(world):
    assert shown(world, "tickets__search", "narrow", text="address")["tickets"][0]["id"] == "T-1003"
    ended = world.call("narrow", "tickets__search", text="")
    assert ended.arrived == 1
    check_withheld(world, ended, "T-1001", code="safety.result_too_large")
    assert decision(ended.answer["result"])["reason"] == "result-too-large"


def test_max_bytes_of_another_tool_is_its_own(world):
    assert "customer" not in shown(world, "tickets__get_ticket", "narrow", id="T-1001")


def test_a_result_that_is_not_json_is_withheld(world):
    before = world.faulty.arrived("echo")
    check_withheld(world, world.call("reader", "faulty__echo", text=PLAIN), "lantern")
    answer = world.call("reader", "faulty__echo", text='{"a": 1, "secret": "lantern"}').answer
    assert json.loads(answer["result"]["content"][0]["text"]) == {"a": 1}
    assert world.faulty.arrived("echo") == before + 2


def test_a_json_result_without_fields_is_withheld_too(world):
    check_withheld(world, world.call("reader", "faulty__echo", text='"lantern"'), "lantern")


def test_the_record_names_the_obligations_of_a_call(world):
    ended = world.check_allowed("reader", "tickets__get_ticket", "controls.read", id="T-1001")
    obligations = world.decision(ended)["obligations"]
    assert obligations["drop"] == ["body", "customer"]
    assert obligations["keep"] == ["body", "customer", "id", "subject"]
