"""Values that an agent must not read, in what an MCP server answers: they are replaced, or the answer is withheld, and the
record says so before the agent gets anything (docs/specs/output-safety.md, sections 4 and 8)."""

import json
import re
import sys

import pytest

from conftest import FIXTURES
from faulty import FaultyServer
from governed import agent, governed, policy, server
from waits import until

sys.path.insert(0, str(FIXTURES))
from faulty_server import KEY, TOKEN, VALUE  # noqa: E402

MARK = re.compile(r"\[redacted:([a-z-]+):([0-9a-f]{8})\]")


def written(port: int) -> str:
    tools = "\ntools:\n  echo: {class: read}\n  leaky: {class: read}\n"
    return policy("servers:", server("faulty", port, tools), "agents:", agent("reader", "mcp_scopes: {faulty: [read]}"))


@pytest.fixture(scope="module")
def world(binary, people, tmp_path_factory):
    with FaultyServer(tmp_path_factory.mktemp("leaky"), "http") as faulty:
        with governed(binary, people, lambda _: written(faulty.port), servers=()) as world:
            world.gateway.wait_for_tools("reader", "faulty")
            yield world


def payloads(world, ended) -> dict:
    return json.loads(world.gateway.record_of(str(ended.record["index"])))["payloads"]


def check_unseen(answer: dict) -> str:
    """Returns the answer as the agent reads it."""
    text = json.dumps(answer)
    assert TOKEN not in text and "canarykey" not in text and "PRIVATE KEY" not in text, text
    return text


@pytest.mark.requirement("R082", "R024")
def test_keys_and_tokens_are_replaced_in_texts_and_structured_content_alike(world):
    ended = world.call("reader", "faulty__leaky")
    assert ended.told is None
    check_unseen(ended.answer)
    repeated, prose = (block["text"] for block in ended.answer["result"]["content"])
    assert json.loads(repeated) == ended.structured and ended.structured["n"] == 1
    assert MARK.match(ended.structured["key"])[1] == "private-key"
    token = MARK.fullmatch(ended.structured["token"])
    assert token[1] == "github-token" and prose == f"use {token[0]}, please", "equal values have equal marks"
    record = ended.record
    assert (record["st"], record["code"]) == ("ok", "0")
    assert record["find"] == {"private_key": 2, "token": 3} and len(record["scan"]) == 44
    kept = payloads(world, ended)
    assert kept["res"]["structuredContent"] == {"key": KEY, "token": TOKEN, "n": 1}
    assert kept["out"]["structuredContent"] == ended.structured
    again = world.call("reader", "faulty__leaky")
    assert again.structured == ended.structured, "the marks of a run stay"


def test_the_text_of_an_error_is_searched(world):
    ended = world.call("reader", "faulty__leaky", text="error")
    check_unseen(ended.answer)
    assert ended.answer["result"]["isError"] and ended.record["st"] == "tool_error"
    assert ended.record["find"] == {"token": 1}


def test_a_key_whose_lines_are_a_list_withholds_the_result(world):
    ended = world.call("reader", "faulty__leaky", text="lines")
    assert ended.told == 5020
    assert "the call was executed" in check_unseen(ended.answer)
    record = ended.record
    assert (record["st"], record["code"], record["find"]) == (
        "withheld", "safety.result_withheld", {"private_key": 1})
    kept = payloads(world, ended)
    assert kept["res"]["content"][0]["text"] == KEY.splitlines()[0] and "out" not in kept


def test_a_value_of_the_folder_of_secrets_is_replaced_as_soon_as_it_is_there(world):
    def shown() -> str:
        return world.call("reader", "faulty__leaky", text="value").answer["result"]["content"][0]["text"]

    assert shown() == f"it is {VALUE}."
    secrets = world.gateway.folder / "secrets"
    secrets.mkdir(mode=0o700, exist_ok=True)
    path = secrets / "other"
    path.touch(mode=0o600)
    path.write_text(VALUE + "\n")

    def replaced() -> str | None:
        text = shown()
        return text if VALUE not in text else None

    # What touches the value goes too: it may be a part of a longer one.
    assert re.fullmatch(r"it is \[redacted:brokered-value:[0-9a-f]{8}\]", until(replaced, world.gateway))


def test_a_result_without_findings_is_given_as_it_came(world):
    ended = world.call("reader", "faulty__echo", text="plain")
    assert ended.answer["result"]["content"][0]["text"] == "plain"
    assert "find" not in ended.record and "out" not in ended.record and len(ended.record["scan"]) == 44


def test_the_log_with_these_records_is_verified(world):
    world.gateway.run("audit", "verify")
