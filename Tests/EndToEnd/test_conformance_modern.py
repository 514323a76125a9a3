"""The requirements of the official suite for servers of 2026-07-28, restated, for the gateway in front of two real
servers.

`test_conformance.py` maps the scenarios to the tests.
"""

import base64
from concurrent.futures import ThreadPoolExecutor

import pytest

import modern
import wire
from matrixworld import matrix
from modern import PREFIX, VERSION, message

ALL = {"elicitation": {"form": {}, "url": {}}, "sampling": {}, "roots": {}}
ROOTS = {"roots": [{"uri": "file:///work", "name": "work"}]}
SAMPLE = {"role": "assistant", "content": {"type": "text", "text": "Paris"}, "model": "m", "stopReason": "endTurn"}


class Peer:
    """A hand-written modern client at one server."""

    def __init__(self, world, name: str):
        self.world, self.name, self.port, self.token = world, name, world.gateway.port, world.token

    def post(self, sent: dict, **headers) -> wire.Answer:
        return modern.post(self.port, self.token, sent, f"/mcp/{self.name}", **headers)

    def call(self, tool: str, capabilities: dict | None = None, **params) -> wire.Answer:
        params.setdefault("arguments", {})
        return self.post(message("tools/call", 7, ALL if capabilities is None else capabilities, name=tool, **params))

    def result(self, tool: str, *words, **params) -> dict:
        answer = self.call(tool, *words, **params)
        assert answer.status == 200 and "result" in answer.message, answer.body
        return answer.message["result"]


@pytest.fixture(scope="module")
def world(binary, people):
    with matrix(binary, people, ("everything", "everything-old")) as made:
        yield made


@pytest.fixture(scope="module", params=["everything", "everything-old"])
def peer(world, request):
    return Peer(world, request.param)


@pytest.fixture(scope="module")
def new(world):
    """The server whose tools return the questions that they have; the older one has no such tools."""
    return Peer(world, "everything")


# The scenario server-stateless.

@pytest.mark.parametrize("missing", ["all", "protocolVersion", "clientCapabilities"])
def test_a_request_without_its_meta_is_refused(peer, missing):
    sent = message("server/discover", 101)
    if missing == "all":
        sent["params"] = {}
    else:
        del sent["params"]["_meta"][PREFIX + missing]
    answer = peer.post(sent)
    assert (answer.status, answer.code, answer.message["id"]) == (400, -32602, 101)


def test_who_the_client_is_need_not_be_said(peer):
    answer = peer.post(message("server/discover", meta={PREFIX + "clientInfo": None}))
    assert answer.status == 200 and "result" in answer.message


def test_discover(peer):
    result = peer.post(message("server/discover")).message["result"]
    assert result["supportedVersions"] == [VERSION] and isinstance(result["capabilities"], dict)
    assert result["_meta"][PREFIX + "serverInfo"]["name"] and result["_meta"][PREFIX + "serverInfo"]["version"]


def test_capabilities_are_those_that_are_served(peer):
    declared = peer.post(message("server/discover")).message["result"]["capabilities"]
    for capability, method, member in (
            ("tools", "tools/list", "tools"), ("prompts", "prompts/list", "prompts"),
            ("resources", "resources/list", "resources")):
        answer = peer.post(message(method))
        if capability in declared:
            assert isinstance(answer.message["result"][member], list)
        else:
            assert (answer.status, answer.code) == (404, -32601), method


def test_a_version_that_is_not_spoken(peer):
    sent = message("server/discover", 301, meta={PREFIX + "protocolVersion": "v999.0.0"})
    answer = peer.post(sent, **{"MCP-Protocol-Version": "v999.0.0"})
    assert (answer.status, answer.code, answer.message["id"]) == (400, -32022, 301)
    assert answer.message["error"]["data"] == {"supported": [VERSION], "requested": "v999.0.0"}


def test_a_version_that_is_not_the_header_s(peer):
    answer = peer.post(message("server/discover", 302, meta={PREFIX + "protocolVersion": "v999.0.0"}))
    assert (answer.status, answer.code, answer.message["id"]) == (400, -32020, 302)


def test_a_capability_that_was_not_declared(new):
    answer = new.call("test_missing_capability", {})
    assert (answer.status, answer.code, answer.message["id"]) == (400, -32021, 7)
    assert answer.message["error"]["data"]["requiredCapabilities"] == {"sampling": {}}
    assert "proceeding" in new.result("test_missing_capability", {"sampling": {}})["content"][0]["text"]


@pytest.mark.parametrize("method", ["initialize", "ping", "logging/setLevel", "resources/subscribe",
                                    "resources/unsubscribe", "unknown/method"])
def test_methods_that_the_era_does_not_have(peer, method):
    answer = peer.post(message(method, 500))
    assert (answer.status, answer.code, answer.message["id"]) == (404, -32601, 500)


def test_a_stream_has_no_requests(new):
    answer = new.call("test_streaming_elicitation", {"elicitation": {}})
    assert not [one for one in answer.messages if "method" in one and not one["method"].startswith("notifications/")]
    assert answer.message["result"]["resultType"] == "input_required"


def test_nothing_is_logged_that_was_not_asked_for(new):
    answer = new.call("test_logging_tool")
    assert [one.get("method") for one in answer.messages] == [None] and "result" in answer.message


def test_what_is_logged_is_told_who_asked(new):
    sent = message("tools/call", 3, meta={PREFIX + "logLevel": "info"}, name="test_logging_tool", arguments={})
    answer = new.post(sent)
    told = [one["params"]["data"] for one in answer.messages if one.get("method") == "notifications/message"]
    assert told == ["test_logging_tool ran"] and "result" in answer.message


# The scenarios of tools.

def test_tools_list(peer):
    first, again = (peer.post(message("tools/list")).message["result"] for _ in range(2))
    assert [tool["name"] for tool in first["tools"]] == [tool["name"] for tool in again["tools"]]
    for tool in first["tools"]:
        assert tool["description"] and tool["inputSchema"]["type"] == "object", tool["name"]
        assert 1 <= len(tool["name"]) <= 64 and tool["name"].replace("_", "").isalnum()


@pytest.mark.parametrize("tool, kinds", [
    ("test_simple_text", ["text"]), ("test_image_content", ["image"]), ("test_audio_content", ["audio"]),
    ("test_embedded_resource", ["resource"]), ("test_multiple_content_types", ["text", "image", "resource"])])
def test_content(peer, tool, kinds):
    result = peer.result(tool)
    assert [block["type"] for block in result["content"]] == kinds and result["resultType"] == "complete"
    for block in result["content"]:
        assert block.get("text") or block.get("data") and block["mimeType"] or block["resource"]["uri"]


def test_error(peer):
    result = peer.result("test_error_handling")
    assert result["isError"] is True and result["content"][0]["text"]


def test_progress(peer):
    sent = message("tools/call", 9, meta={"progressToken": "mine-1"}, name="test_tool_with_progress", arguments={})
    answer = peer.post(sent)
    told = [one["params"] for one in answer.messages if one.get("method") == "notifications/progress"]
    assert [(one["progressToken"], one["progress"], one["total"]) for one in told] == [
        ("mine-1", 0, 100), ("mine-1", 50, 100), ("mine-1", 100, 100)]


def test_three_calls_at_once_have_a_stream_each(peer):
    sent = [message("tools/call", f"call-{number}", meta={"progressToken": number}, name="test_tool_with_progress",
                    arguments={}) for number in range(3)]
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(peer.post, sent))
    for number, answer in enumerate(answers):
        assert answer.message["id"] == f"call-{number}" and "result" in answer.message
        tokens = {one["params"]["progressToken"] for one in answer.messages if "method" in one}
        assert tokens == {number}, "what belongs to another call"


def test_a_schema_of_2020_12_comes_through_whole(new):
    (tool,) = [one for one in new.post(message("tools/list")).message["result"]["tools"]
               if one["name"] == "json_schema_2020_12_tool"]
    schema = tool["inputSchema"]
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$defs"]["address"]["$anchor"] == "addressDef"
    assert schema["properties"]["address"] == {"$ref": "#/$defs/address"}
    assert {"allOf", "if", "then", "else"} <= set(schema) and schema["additionalProperties"] is False


# The scenario caching.

@pytest.mark.parametrize("method", ["server/discover", "tools/list"])
def test_how_long_an_answer_holds_and_for_whom(peer, method):
    result = peer.post(message(method)).message["result"]
    assert type(result["ttlMs"]) is int and result["ttlMs"] >= 0
    assert result["cacheScope"] == "private"


# The scenario dns-rebinding-protection.

@pytest.mark.parametrize("headers, status", [
    ({"Host": "evil.example.com"}, 421), ({"Origin": "http://evil.example.com"}, 403), ({}, 200),
    ({"Host": "localhost:9", "Origin": "http://localhost:9"}, 200), ({"Host": "localhost", "Origin": "https://LOCALHOST"}, 200),
    ({"Host": "localhost:9", "Origin": "http://localhost:8"}, 403), ({"Host": "localhost:9", "Origin": "null"}, 403)], ids=str)
def test_dns_rebinding(peer, headers, status):
    assert peer.post(message("tools/list"), **headers).status == status


# The scenarios input-required-result-*.

def ask(peer, tool: str, **params) -> dict:
    """The questions of the first round."""
    result = peer.result(tool, **params)
    assert result["resultType"] == "input_required" and result["inputRequests"], result
    return result


def accepted(**content) -> dict:
    return {"action": "accept", "content": content}


def back(peer, tool: str, asked: dict, responses: dict) -> wire.Answer:
    state = {"requestState": asked["requestState"]} if "requestState" in asked else {}
    return peer.call(tool, inputResponses=responses, **state)


def text(answer: wire.Answer) -> str:
    assert answer.status == 200 and answer.message["result"]["resultType"] == "complete", answer.body
    return answer.message["result"]["content"][0]["text"]


def test_input_elicitation(new):
    asked = ask(new, "test_input_required_result_elicitation")
    assert asked["inputRequests"]["user_name"]["method"] == "elicitation/create"
    assert asked["inputRequests"]["user_name"]["params"]["requestedSchema"]["required"] == ["name"]
    assert text(back(new, "test_input_required_result_elicitation", asked,
                     {"user_name": accepted(name="Alice")})) == "Hello, Alice!"


def test_input_sampling(new):
    asked = ask(new, "test_input_required_result_sampling")
    (key,), (request,) = asked["inputRequests"].keys(), asked["inputRequests"].values()
    assert request["method"] == "sampling/createMessage"
    assert text(back(new, "test_input_required_result_sampling", asked, {key: SAMPLE})) == "Model said: Paris"


def test_input_roots(new):
    asked = ask(new, "test_input_required_result_list_roots")
    (key,), (request,) = asked["inputRequests"].keys(), asked["inputRequests"].values()
    assert request["method"] == "roots/list"
    assert text(back(new, "test_input_required_result_list_roots", asked, {key: ROOTS})) == "Client exposed 1 root(s)."


def test_input_state(new):
    asked = ask(new, "test_input_required_result_request_state")
    assert isinstance(asked["requestState"], str)
    assert "state-ok" in text(back(new, "test_input_required_result_request_state", asked, {"confirm": accepted(ok=True)}))


def test_input_several(new):
    asked = ask(new, "test_input_required_result_multiple_inputs")
    made = {"elicitation/create": accepted(name="Alice"), "sampling/createMessage": SAMPLE, "roots/list": ROOTS}
    assert {one["method"] for one in asked["inputRequests"].values()} == set(made)
    responses = {key: made[one["method"]] for key, one in asked["inputRequests"].items()}
    assert text(back(new, "test_input_required_result_multiple_inputs", asked, responses)) == "All inputs received."


def test_input_rounds(new):
    tool = "test_input_required_result_multi_round"
    first = ask(new, tool)
    second = back(new, tool, first, {"step1": accepted(name="Alice")}).message["result"]
    assert second["resultType"] == "input_required" and second["requestState"] != first["requestState"]
    assert text(back(new, tool, second, {"step2": accepted(color="blue")})) == "Alice likes blue."


def test_input_that_is_missing_is_asked_for_again(new):
    result = new.result("test_input_required_result_elicitation", inputResponses={"wrong_key": accepted(data="wrong")})
    assert result["resultType"] == "input_required" and "user_name" in result["inputRequests"]


def test_input_is_not_asked_for_by_lists(peer):
    for method in ("tools/list", "prompts/list"):
        answer = peer.post(message(method, 1, ALL))
        if method == "prompts/list":  # these servers do not support this method
            assert answer.code == -32601, answer.body
        else:
            assert answer.message["result"]["resultType"] == "complete", method


def test_input_state_that_was_changed(new):
    tool = "test_input_required_result_tampered_state"
    asked = ask(new, tool)
    for state in (asked["requestState"] + "-TAMPERED", asked["requestState"][:-2], "round-1", ""):
        answer = new.call(tool, inputResponses={"confirm": accepted(ok=True)}, requestState=state)
        assert (answer.status, answer.code) == (400, -32602), state
    assert "state-ok" in text(back(new, tool, asked, {"confirm": accepted(ok=True)}))


def test_input_is_asked_for_only_as_declared(new):
    result = new.result("test_input_required_result_capabilities", {"sampling": {}})
    assert {one["method"] for one in result["inputRequests"].values()} == {"sampling/createMessage"}


def test_input_that_nobody_asked_for_is_let_go(new):
    tool = "test_input_required_result_elicitation"
    responses = {"user_name": accepted(name="Alice"), "another": accepted(foo="bar")}
    assert text(back(new, tool, ask(new, tool), responses)) == "Hello, Alice!"
    assert text(new.call(tool, inputResponses=responses)) == "Hello, Alice!"


@pytest.mark.parametrize("responses", [{"user_name": 12345}, None, [], "x"], ids=str)
def test_input_of_another_form(new, responses):
    answer = new.call("test_input_required_result_elicitation", inputResponses=responses)
    if isinstance(responses, dict):  # the question is repeated
        assert answer.message["result"]["resultType"] == "input_required", answer.body
    else:
        assert (answer.status, answer.code) == (400, -32602), answer.body


# The scenarios http-header-validation and http-custom-header-server-validation.

@pytest.mark.parametrize("changes", [
    {"Mcp-Method": "prompts/list"}, {"Mcp-Method": None}, {"Mcp-Method": "TOOLS/CALL"}, {"Mcp-Name": "wrong"},
    {"Mcp-Name": None}, {"Mcp-Name": "TEST_SIMPLE_TEXT"}], ids=str)
def test_headers_that_are_not_the_body_s(peer, changes):
    answer = peer.post(message("tools/call", 4, name="test_simple_text", arguments={}), **changes)
    assert (answer.status, answer.code, answer.message["id"]) == (400, -32020, 4)


def test_headers_in_another_case_and_with_space_around(peer):
    sent = message("tools/call", name="test_simple_text", arguments={})
    answer = peer.post(sent, **{"Mcp-Method": None, "MCP-METHOD": "tools/call", "Mcp-Name": None,
                                "mcp-name": "  test_simple_text \t"})
    assert answer.status == 200 and "result" in answer.message


def coded(value: str) -> str:
    return f"=?base64?{base64.b64encode(value.encode()).decode()}?="


@pytest.mark.parametrize("region, header, status", [
    ("eu", "eu", 200), ("eu", coded("eu"), 200), ("Zürich", coded("Zürich"), 200), (" edge ", coded(" edge "), 200),
    ("eu", "us", 400), ("eu", coded("us"), 400), ("eu", None, 400), (None, "eu", 400), (None, None, 200),
    ("eu", "=?base64?!!?=", 400), ("eu", "=?base64?ZXU?=", 400), ("Zürich", "Zürich", 400)], ids=str)
def test_headers_that_repeat_an_argument(new, region, header, status):
    arguments = {} if region is None else {"region": region}
    answer = new.post(message("tools/call", name="test_x_mcp_header", arguments=arguments),
                      **({"Mcp-Param-Region": header.encode() if header == "Zürich" else header} if header else {}))
    assert answer.status == status, answer.body
    if status == 400:
        if header == "Zürich":  # bytes that are invalid in a header: no message at all
            assert not answer.messages, answer.body
        else:
            assert answer.code == -32020, answer.body
    else:
        assert f"region={region or '<none>'}" in answer.message["result"]["content"][0]["text"]
