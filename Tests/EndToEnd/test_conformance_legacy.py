"""The requirements of the official suite for servers of 2025-11-25, restated, for the gateway in front of two real
servers.

`test_conformance.py` maps the scenarios to the tests.
"""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

import wire
from asking import Asked
from matrixworld import matrix

CAPABILITIES = {"sampling": {}, "elicitation": {"form": {}}, "roots": {}}
SAMPLE = {"role": "assistant", "content": {"type": "text", "text": "from the client"}, "model": "m", "stopReason": "endTurn"}


@pytest.fixture(scope="module")
def world(binary, people):
    with matrix(binary, people, ("everything", "everything-old")) as made:
        yield made


@pytest.fixture(scope="module", params=["everything", "everything-old"])
def path(request):
    return f"/mcp/{request.param}"


@pytest.fixture
def session(world, path):
    return Asked(world.gateway.port, world.token, path, capabilities=CAPABILITIES)


def content(session, tool: str, **arguments) -> list[dict]:
    result = session.ask(tool, **arguments)
    assert not result.get("isError"), result
    return result["content"]


def test_initialize(session):
    result = session.opening.message["result"]
    assert result["protocolVersion"] == "2025-11-25"
    assert result["serverInfo"]["name"] and result["serverInfo"]["version"]
    assert result["capabilities"]["tools"] is not None


def test_a_session_s_id_cannot_be_guessed(world, path):
    ids = [Asked(world.gateway.port, world.token, path).headers["Mcp-Session-Id"] for _ in range(3)]
    assert len(set(ids)) == 3
    for one in ids:
        assert all("!" <= letter <= "~" for letter in one) and len(one) * 6 >= 256, "256 bits in base64url at the least"


def test_ping(session):
    assert session.request("ping").message["result"] == {}


def test_tools_list(session):
    tools = session.request("tools/list").message["result"]["tools"]
    assert tools
    for tool in tools:
        assert tool["description"] and tool["inputSchema"]["type"] == "object", tool["name"]
        assert 1 <= len(tool["name"]) <= 64 and tool["name"].replace("_", "").isalnum()


def test_text(session):
    (block,) = content(session, "test_simple_text")
    assert (block["type"], block["text"]) == ("text", "This is a simple text response for testing.")


def test_a_call_without_arguments(session):
    answer = session.request("tools/call", name="test_simple_text")
    assert answer.message["result"]["content"][0]["text"]


def test_image(session):
    (block,) = content(session, "test_image_content")
    assert (block["type"], block["mimeType"]) == ("image", "image/png") and block["data"]


def test_audio(session):
    (block,) = content(session, "test_audio_content")
    assert (block["type"], block["mimeType"]) == ("audio", "audio/wav") and block["data"]


def test_embedded_resource(session):
    (block,) = content(session, "test_embedded_resource")
    assert block["type"] == "resource"
    assert block["resource"]["uri"] == "test://embedded-resource" and block["resource"]["text"]
    assert block["resource"]["mimeType"] == "text/plain"


def test_mixed_content(session):
    assert [block["type"] for block in content(session, "test_multiple_content_types")] == ["text", "image", "resource"]


def test_error(session):
    result = session.ask("test_error_handling")
    assert result["isError"] is True and result["content"][0]["text"]


def test_progress(session):
    found = session.stream("tools/call", name="test_tool_with_progress", arguments={}, _meta={"progressToken": "mine-1"})
    told = [one["params"] for one in found if one.get("method") == "notifications/progress"]
    assert [one["progressToken"] for one in told] == ["mine-1"] * 3
    assert [(one["progress"], one["total"]) for one in told] == [(0, 100), (50, 100), (100, 100)]
    assert "result" in found[-1]


def test_no_progress_without_a_token(session):
    found = session.stream("tools/call", name="test_tool_with_progress", arguments={})
    assert [one.get("method") for one in found] == [None]


def test_a_level_for_log_messages(session):
    assert session.request("logging/setLevel", level="info").message["result"] == {}
    assert session.request("logging/setLevel", level="loud").code == -32602


def test_log_messages_of_a_call(session):
    session.request("logging/setLevel", level="debug")
    found = session.stream("tools/call", name="test_tool_with_logging", arguments={})
    told = [one["params"] for one in found if one.get("method") == "notifications/message"]
    assert [one["data"] for one in told] == [
        "Tool execution started", "Tool processing data", "Tool execution completed"], found
    assert {one["level"] for one in told} == {"info"}


def test_sampling(session):
    # 1.30.0 sends the request on the session's standing stream, which does not name the call.
    session.answers["sampling/createMessage"] = lambda _: SAMPLE
    (block,) = content(session, "test_sampling", prompt="a word, please")
    assert block["text"] == "LLM response: from the client"
    (asked,) = session.seen
    assert asked["params"]["messages"][0]["content"]["text"] == "a word, please"
    assert asked["params"]["maxTokens"] == 100


def test_elicitation(session):
    session.answers["elicitation/create"] = lambda _: {"action": "accept", "content": {"response": "north"}}
    (block,) = content(session, "test_elicitation", message="Which way?")
    assert block["text"].startswith("User response: action=accept") and "north" in block["text"]
    (asked,) = session.seen
    assert asked["params"]["message"].endswith("Which way?")
    assert asked["params"]["requestedSchema"]["properties"]["response"]["type"] == "string"


@pytest.mark.parametrize("action", ["decline", "cancel"])
def test_a_person_who_says_no(session, action):
    session.answers["elicitation/create"] = lambda _: {"action": action}
    assert f"action={action}" in content(session, "test_elicitation", message="Which way?")[0]["text"]


def test_defaults_of_a_form(session):
    given = {"name": "Ann", "age": 31, "score": 1.5, "status": "pending", "verified": False}
    session.answers["elicitation/create"] = lambda _: {"action": "accept", "content": given}
    (block,) = content(session, "test_elicitation_sep1034_defaults")
    assert "action=accept" in block["text"] and "Ann" in block["text"]
    (asked,) = session.seen
    fields = asked["params"]["requestedSchema"]["properties"]
    assert {name: field["default"] for name, field in fields.items()} == {
        "name": "John Doe", "age": 30, "score": 95.5, "status": "active", "verified": True}
    assert fields["age"]["type"] == "integer" and fields["score"]["type"] == "number"
    assert fields["status"]["enum"] == ["active", "inactive", "pending"]


def titled(choices: list[dict]) -> bool:
    return len(choices) >= 2 and all(one["const"] and one["title"] for one in choices)


def test_choices_of_a_form(session):
    given = {"untitledSingle": "active", "titledSingle": "low", "untitledMulti": ["read"], "titledMulti": ["bug"],
             "legacyEnum": "small"}
    session.answers["elicitation/create"] = lambda _: {"action": "accept", "content": given}
    assert "action=accept" in content(session, "test_elicitation_sep1330_enums")[0]["text"]
    (asked,) = session.seen
    fields = asked["params"]["requestedSchema"]["properties"]
    assert fields["untitledSingle"]["enum"] and "oneOf" not in fields["untitledSingle"]
    assert titled(fields["titledSingle"]["oneOf"])
    assert len(fields["legacyEnum"]["enumNames"]) == len(fields["legacyEnum"]["enum"]) == 3
    assert fields["untitledMulti"]["type"] == "array" and fields["untitledMulti"]["items"]["enum"]
    assert titled(fields["titledMulti"]["items"]["anyOf"])


def test_three_calls_at_once_have_a_stream_each(world, path):
    session = Asked(world.gateway.port, world.token, path)
    with ThreadPoolExecutor(3) as pool:
        sent = [{"jsonrpc": "2.0", "id": f"call-{number}", "method": "tools/call",
                 "params": {"name": "test_tool_with_progress", "arguments": {}, "_meta": {"progressToken": number}}}
                for number in range(3)]
        answers = list(pool.map(session.post, sent))
    for number, answer in enumerate(answers):
        assert answer.message["id"] == f"call-{number}" and "result" in answer.message
        tokens = {one["params"]["progressToken"] for one in answer.messages if "method" in one}
        assert tokens == {number}, "what belongs to another call"


@pytest.mark.parametrize("headers, status", [
    ({"Host": "evil.example.com"}, 421), ({"Host": "127.0.0.1.evil.example.com"}, 421),
    ({"Origin": "http://evil.example.com"}, 403), ({"Host": "localhost:9", "Origin": "http://localhost:9"}, 200),
    ({}, 200)], ids=str)
def test_dns_rebinding(session, headers, status):
    opening = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}}
    kept = {name: session.headers[name] for name in ("Accept", "Content-Type", "Authorization")}
    answer = wire.exchange(session.port, path=session.path, headers={**kept, **headers}, body=json.dumps(opening).encode())
    assert answer.status == status


def test_a_session_ends_by_delete(session):
    head = {name: session.headers[name] for name in ("Authorization", "Mcp-Session-Id", "MCP-Protocol-Version")}
    assert 200 <= wire.exchange(session.port, "DELETE", session.path, head).status < 300
    assert session.request("tools/list").status == 404


def test_unknown_methods_and_tools(session):
    assert (session.request("no/such/method").status, session.request("no/such/method").code) == (200, -32601)
    assert session.request("tools/call", name="no_such_tool", arguments={}).code == -32602
