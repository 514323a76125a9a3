"""Values that an agent must not read, in what an MCP server sends apart from answers: progress, log messages, lists and
schemas. They are replaced, or the message or entry is left out, and the record says so
(docs/specs/output-safety.md, sections 2, 4 and 6)."""

import json
import re
import sys

import pytest

import modern
from conftest import FIXTURES
from faulty import FaultyServer
from governed import DENIED, agent, governed, policy, server
from modern import PREFIX
from waits import until

sys.path.insert(0, str(FIXTURES))
from faulty_server import TOKEN  # noqa: E402

MARK = re.compile(r"use \[redacted:github-token:[0-9a-f]{8}\]")


def written(port: int) -> str:
    tools = "\ntools:\n" + "".join(f"  {tool}: {{class: read}}\n" for tool in ("echo", "chatty", "labelled", "keyed"))
    return policy("servers:", server("faulty", port, tools), "agents:", agent("reader", "mcp_scopes: {faulty: [read]}"))


@pytest.fixture(scope="module")
def world(binary, people, tmp_path_factory):
    with FaultyServer(tmp_path_factory.mktemp("chatty"), "http") as faulty:
        with governed(binary, people, lambda _: written(faulty.port), servers=()) as world:
            world.gateway.wait_for_tools("reader", "faulty")
            yield world


def post(world, method: str, meta: dict | None = None, **params):
    answer = modern.post(world.gateway.port, world.gateway.token("reader"), modern.message(method, meta=meta, **params))
    assert TOKEN not in json.dumps(answer.messages)
    return answer


def chatter(world, **arguments) -> tuple[list[dict], dict]:
    """The parameters of the notifications that an agent got, and the record of the call."""
    since = world.newest()
    meta = {PREFIX + "logLevel": "debug", "progressToken": "t"}
    answer = post(world, "tools/call", meta, name="faulty__chatty", arguments=arguments)
    *notices, result = answer.messages
    assert result["result"]["content"][0]["text"] == arguments.get("text", "chatty")
    return [notice["params"] for notice in notices], world.closing("reader", "faulty__chatty", since)


@pytest.mark.requirement("R082")
def test_a_token_in_progress_and_log_messages_is_replaced(world):
    (progress, log, plain), record = chatter(world)
    assert progress["progressToken"] == "t" and MARK.fullmatch(progress["message"])
    assert MARK.fullmatch(log["data"]["note"]) and log["logger"] == "faulty"
    assert plain["data"] == "plain", "the message whose name is a token was dropped"
    assert (record["t"], record["st"]) == ("call.outcome", "ok")
    assert (record["nfind"], record["ndrop"]) == ({"token": 3}, 1) and "find" not in record


@pytest.mark.requirement("R082")
def test_a_token_over_several_messages_is_not_complete(world):
    notices, record = chatter(world, text="parts")
    assert [notice["data"] for notice in notices] == [TOKEN[:20], "plain"]
    assert (record["nfind"], record["ndrop"]) == ({"token": 1}, 1)


@pytest.mark.requirement("R082")
def test_descriptions_are_replaced_and_a_tool_with_a_token_in_its_schema_is_not_listed(world):
    tools = {tool["name"]: tool for tool in post(world, "tools/list").message["result"]["tools"]}
    assert set(tools) == {"faulty__echo", "faulty__chatty", "faulty__labelled"}
    assert MARK.search(tools["faulty__labelled"]["description"])
    assert tools["faulty__echo"]["description"] == "echo on request"

    def served() -> dict | None:
        return next((one for one in world.gateway.records(40) if one["t"] == "list.served" and "find" in one), None)

    record = until(served, world.gateway)
    assert (record["find"], record["left"], record["tools"]) == ({"token": 2}, 1, 3)
    assert len(record["scan"]) == 44


@pytest.mark.requirement("R082")
def test_a_refusal_does_not_quote_a_schema_with_a_token(world):
    since = world.newest()
    answer = post(world, "tools/call", name="faulty__keyed", arguments={})
    assert answer.message["result"]["_meta"]["interlock/decision"]["code"] == DENIED
    assert "do not fit the tool's schema" in answer.message["result"]["content"][0]["text"]
    assert world.closing("reader", "faulty__keyed", since)["code"] == "schema.violation"


def test_the_log_with_these_records_is_verified(world):
    world.gateway.run("audit", "verify")
