"""Arguments that a schema does not name, results that lose fields of their schema, and results that are too long, with a
real client and a real server."""

import json

import pytest

from faulty import FaultyServer
from governed import agent, governed, policy, server
from wire import decision

DENIED, WITHHELD = 4030, 5020
ROOM = 2000


def written(faulty: int) -> str:
    tools = """
tools:
  echo:    {class: read}
  nested:  {class: read}
  invoice: {class: read}
  huge:    {class: read}
"""
    return policy(
        "servers:",
        server("faulty", faulty, tools),
        server("open", faulty, tools.replace("nested:  {class: read}", "nested: {class: read, allow_extra: true}")),
        "agents:",
        agent("reader", "mcp_scopes:\n  faulty: [read]\n  open: [read]"),
        agent("narrow", f"""
mcp_scopes:
  faulty: [read]
data:
  faulty.invoice: {{drop: [iban, lines.card]}}
  faulty.echo: {{max_bytes: {ROOM}, overflow: truncate}}
  faulty.huge: {{max_bytes: 2MiB}}
"""))


@pytest.fixture(scope="module")
def world(binary, people, tmp_path_factory):
    with FaultyServer(tmp_path_factory.mktemp("faulty"), "http") as faulty:
        with governed(binary, people, lambda ports: written(faulty.port)) as world:
            world.gateway.wait_for_tools("reader", "faulty", "open")
            world.faulty = faulty
            yield world


def text(answer: dict) -> str:
    return answer["result"]["content"][0]["text"]


@pytest.mark.requirement("R138")
@pytest.mark.parametrize("arguments, pointer", [
    ({"other": 1}, "/other"), ({"Text": "x"}, "/Text"), ({"filter": {"state": "open", "where": "1=1"}}, "/filter/where"),
    ({"filter": {"labels": {"team": "a"}}}, "/filter/labels/team"), ({"text": "x", "te\u200bxt": "y"}, "/te⟦U+200B⟧xt"),
], ids=["root", "case", "nested", "object without properties", "zero width"])
def test_a_member_that_the_schema_does_not_name_is_refused(world, arguments, pointer):
    before = world.faulty.arrived("nested")
    ended = world.call("reader", "faulty__nested", **arguments)
    told = decision(ended.answer["result"])
    assert (told["code"], told["reason"]) == (DENIED, "extra-field"), ended.answer
    assert f"`{pointer}` is not known to the tool" in text(ended.answer), ended.answer
    assert (ended.record["t"], ended.record["code"]) == ("call.denied", "schema.extra_field")
    assert world.faulty.arrived("nested") == before


@pytest.mark.requirement("R138")
def test_what_the_schema_names_is_sent_and_so_is_what_the_policy_admits(world):
    given = {"text": "x", "filter": {"state": "open", "labels": {}}}
    assert json.loads(text(world.call("reader", "faulty__nested", **given).answer)) == given
    more = {**given, "filter": {"state": "open", "where": "1=1"}, "other": [{"a": 1}]}
    assert json.loads(text(world.call("reader", "open__nested", **more).answer)) == more
    refused = world.call("reader", "open__nested", text=7, other=1)
    assert decision(refused.answer["result"])["reason"] == "violation", refused.answer


@pytest.mark.requirement("R024")
def test_a_list_publishes_the_schema_of_what_is_left_and_a_client_validates_by_it(world):
    """The client has listed the tools, so that it checks each result against the schema of the list."""
    def schema(agent: str) -> dict:
        (found,) = [one for one in world.client(agent).list() if one["name"] == "faulty__invoice"]
        return found["outputSchema"]

    whole, left = schema("reader"), schema("narrow")
    assert "iban" in whole["required"] and "card" in json.dumps(whole)
    assert left["required"] == ["id", "lines"] and "card" not in json.dumps(left) and "iban" not in json.dumps(left)
    assert world.call("reader", "faulty__invoice").structured["iban"] == "PT50"
    ended = world.call("narrow", "faulty__invoice")
    assert ended.structured == {"id": "INV-7", "lines": [{"text": "a lamp"}]}
    (block,) = ended.answer["result"]["content"]
    assert json.loads(block["text"]) == ended.structured
    assert "PT50" not in json.dumps(ended.answer) and "4111" not in json.dumps(ended.answer)
    assert {"res", "out"} <= ended.record.keys()


def test_a_text_that_is_cut_says_so_and_is_on_record(world):
    ended = world.call("narrow", "faulty__echo", text="line \u00e9\n" * 1000)
    blocks = [block["text"] for block in ended.answer["result"]["content"]]
    assert len(blocks) == 2 and blocks[0].startswith("line \u00e9\nline") and "result cut: " in blocks[1]
    assert not ended.answer["result"].get("isError") and len(json.dumps(blocks, ensure_ascii=False).encode()) <= ROOM
    assert ended.record["st"] == "ok" and {"res", "out"} <= ended.record.keys()
    payloads = json.loads(world.gateway.record_of(str(ended.record["index"])))["payloads"]
    assert len(payloads["res"]["content"][0]["text"]) == 7000 and len(payloads["out"]["content"]) == 2
    short = world.call("narrow", "faulty__echo", text="short")
    assert text(short.answer) == "short" and "out" not in short.record


@pytest.mark.requirement("R138")
def test_more_than_1_mib_is_withheld_unless_the_policy_states_a_size(world):
    size = (1 << 20) + 1
    refused = world.call("reader", "faulty__huge", bytes=size)
    told = decision(refused.answer["result"])
    assert (told["code"], told["reason"], told["outcome"]) == (WITHHELD, "result-too-large", "executed"), told
    assert (refused.record["st"], refused.record["code"]) == ("withheld", "safety.result_too_large")
    assert len(text(world.call("narrow", "faulty__huge", bytes=size).answer)) == size


def test_the_log_with_these_records_is_verified(world):
    world.gateway.run("audit", "verify")
