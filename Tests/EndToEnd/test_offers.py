"""Resources, templates, prompts and completions of real servers of both eras, through the gateway, with real clients.
The tests of the official suite's requirements have the names of its scenarios."""

import json
from contextlib import ExitStack

import modern
import pytest

from conftest import FIXTURES, SDKS, interpreter, organise
from everything import Everything
from sdk import SDKClient
from wire import Session

MODERN, LEGACY = "2026-07-28", "2025-11-25"
PEERS = [("2.3.0", "http", MODERN), ("2.3.0", "stdio", MODERN), ("1.30.0", "http", LEGACY)]
# `class: read` grants all but the destructive one, which the agent's tier does not have.
OFFERS = """\
    asks: [elicitation_form]
    resources:
      text: {uri: "test://static-text", class: read}
      binary: {uri: "test://static-binary", class: read}
      template: {uri: "test://template/{id}/data", class: read}
      watched: {uri: "test://watched-resource", class: destructive, effects: [irreversible]}
      rest: {uri: "test://nonexistent-{+rest}", class: read}
    prompts:
      test_simple_prompt: {class: read}
      test_prompt_with_arguments: {class: read}
      test_prompt_with_embedded_resource: {class: read}
      test_prompt_with_image: {class: read}
      test_input_required_result_prompt: {class: read}
"""
PREFIX = "interlock:everything:"


@pytest.fixture(scope="module", params=PEERS, ids=lambda peer: f"{peer[0]}-{peer[1]}")
def behind(request, binary, people, tmp_path_factory):
    """The organisation with that server, and the server's era."""
    version, way, era = request.param
    with ExitStack() as stack:
        server = stack.enter_context(Everything(version, way, tmp_path_factory.mktemp("everything")))
        policy = dict(server.policy)
        policy["servers/everything.yaml"] += OFFERS
        made = organise(stack, binary, people, tmp_path_factory.mktemp("organisation"), extra=policy, servers=(), wait=())
        made.gateway.wait_for_tools("tester", "everything")
        made.era, made.way, made.bearer = era, way, made.token("tester")
        yield made


@pytest.fixture(scope="module", params=SDKS)
def client(request, behind):
    """Calls a method of the SDK; at `/mcp` unless the name of a server is given."""
    with SDKClient(interpreter(f"mcp-{request.param}"), "--http", behind.gateway.url, token=behind.token("tester"),
                   script=FIXTURES / "offers_client.py") as connected:
        def ask(method: str, **words) -> dict:
            connected.send("ask", method=method, words=words)
            return connected.answer()

        yield ask


def result(answer: dict) -> dict:
    assert "result" in answer, answer
    return answer["result"]


def contents(client, uri: str) -> dict:
    (found,) = result(client("read_resource", uri=PREFIX + uri))["contents"]
    return found


def messages(client, name: str, **arguments: str) -> list:
    return result(client("get_prompt", name=f"everything__{name}", arguments=arguments))["messages"]


def test_resources_list(client):
    listed = result(client("list_resources"))["resources"]
    assert [one["uri"] for one in listed] == [PREFIX + "test://static-binary", PREFIX + "test://static-text"]
    assert all(one["name"] for one in listed)


def test_resources_templates_list(client):
    (one,) = result(client("list_resource_templates"))["resourceTemplates"]
    assert one["uriTemplate"] == PREFIX + "test://template/{id}/data" and one["name"]


def test_resources_read_text(client):
    found = contents(client, "test://static-text")
    assert found["text"] == "This is the content of the static text resource."
    assert found["uri"] == PREFIX + "test://static-text" and found["mimeType"] == "text/plain"


def test_resources_read_binary(client):
    found = contents(client, "test://static-binary")
    assert found["blob"] and found["mimeType"]


def test_resources_templates_read(client):
    found = contents(client, "test://template/123/data")
    assert "123" in found["text"] and found["uri"] == PREFIX + "test://template/123/data"


def test_prompts_list(client):
    listed = {one["name"]: one for one in result(client("list_prompts"))["prompts"]}
    assert {"everything__test_simple_prompt", "everything__test_prompt_with_arguments"} <= set(listed)
    named = listed["everything__test_prompt_with_arguments"]["arguments"]
    assert [(one["name"], one.get("required")) for one in named] == [("arg1", True), ("arg2", True)]


def test_prompts_get_simple(client):
    (message,) = messages(client, "test_simple_prompt")
    assert message == {"role": "user", "content": {"type": "text", "text": "This is a simple prompt for testing."}}


def test_prompts_get_with_args(client):
    (message,) = messages(client, "test_prompt_with_arguments", arg1="testValue1", arg2="testValue2")
    assert "testValue1" in message["content"]["text"] and "testValue2" in message["content"]["text"]


def test_prompts_get_embedded_resource(client):
    first, _ = messages(client, "test_prompt_with_embedded_resource", resourceUri="test://example-resource")
    assert first["content"]["type"] == "resource"
    assert first["content"]["resource"]["uri"] == PREFIX + "test://example-resource"


def test_prompts_get_with_image(client):
    first, _ = messages(client, "test_prompt_with_image")
    assert first["content"]["type"] == "image" and first["content"]["mimeType"] == "image/png"


def test_completion_complete(client):
    for reference, name in [({"name": "everything__test_prompt_with_arguments"}, "arg1"),
                            ({"uri": PREFIX + "test://template/{id}/data"}, "id")]:
        answer = result(client("complete", ref=reference, argument={"name": name, "value": "te"}))
        assert isinstance(answer["completion"]["values"], list)


@pytest.mark.requirement("R021")
def test_what_the_policy_does_not_give_is_not_there(client):
    """One is above the agent's tier, one has no entry in the policy, one does not exist."""
    for uri in ("test://watched-resource", "test://dynamic-resource", "test://template/1/../data"):
        answer = client("read_resource", uri=PREFIX + uri)
        assert answer["error"]["code"] in (-32002, -32602), answer
    answer = client("get_prompt", name="everything__test_dynamic_prompt", arguments={})
    assert answer["error"]["code"] == -32602, answer


# Manual requests, for details that clients do not show.


def post(behind, method: str, path: str = "/mcp", capabilities: dict | None = None, changes: dict | None = None,
         **params):
    sent = modern.message(method, capabilities=capabilities, **params)
    return modern.post(behind.gateway.port, behind.bearer, sent, path=path, **(changes or {}))


def test_sep_2164_resource_not_found(behind):
    uri = PREFIX + "test://nonexistent-resource-for-conformance-testing"
    answer = post(behind, "resources/read", uri=uri)
    assert answer.status == 400 and answer.message["error"]["code"] == -32602, answer.body
    assert answer.message["error"]["data"] == {"uri": uri}
    legacy = behind.session("tester").request("resources/read", uri=uri)
    assert legacy.status == 200 and legacy.message["error"]["code"] == -32002, legacy.body


def test_hidden_reads_as_missing(behind):
    """A hidden, an unlisted and a missing resource differ only in the URI."""
    bodies = set()
    for uri in ("test://watched-resource", "test://dynamic-resource", "test://nonexistent-resource"):
        for path, sent in (("/mcp", PREFIX + uri), ("/mcp/everything", uri)):
            answer = post(behind, "resources/read", path=path, uri=sent)
            bodies.add((answer.status, json.dumps(answer.message).replace(sent, "URI")))
    assert len(bodies) == 1, bodies


def test_caching(behind):
    lists = [("resources/list", {}), ("resources/templates/list", {}), ("prompts/list", {}),
             ("resources/read", {"uri": PREFIX + "test://static-text"})]
    for method, params in lists:
        found = post(behind, method, **params).message["result"]
        assert found["ttlMs"] == 0 and found["cacheScope"] == "private" and found["resultType"] == "complete", method


def test_http_header_validation(behind):
    """`Mcp-Name` repeats the URI or the name, in this direction; in the other the server itself would refuse."""
    uri = PREFIX + "test://static-text"
    for changes in ({"Mcp-Name": None}, {"Mcp-Name": "test://static-text"}, {"Mcp-Method": "prompts/get"}):
        answer = post(behind, "resources/read", changes=changes, uri=uri)
        assert answer.status == 400 and answer.message["error"]["code"] == -32020, changes
    answer = post(behind, "prompts/get", changes={"Mcp-Name": "x"}, name="everything__test_simple_prompt")
    assert answer.message["error"]["code"] == -32020


def test_a_server_has_its_own_names_at_its_own_path(behind):
    session = Session(behind.gateway.port, behind.bearer, path="/mcp/everything")
    listed = session.request("resources/list").message["result"]["resources"]
    assert [one["uri"] for one in listed] == ["test://static-binary", "test://static-text"]
    read = session.request("resources/read", uri="test://static-text").message["result"]
    assert read["contents"][0]["uri"] == "test://static-text"
    assert session.request("prompts/get", name="test_simple_prompt").message["result"]["messages"]


def test_capabilities_are_those_of_the_server(behind):
    found = post(behind, "server/discover").message["result"]["capabilities"]
    assert set(found) == {"completions", "logging", "prompts", "resources", "tools"}, found


def test_input_required_result_non_tool_request(behind):
    """A prompt that asks a question first: it is parked, sealed and continued."""
    if behind.era == LEGACY:
        pytest.skip("the server of 1.30.0 has no such prompt")
    name = "everything__test_input_required_result_prompt"
    asked = post(behind, "prompts/get", capabilities={"elicitation": {}}, name=name).message["result"]
    assert asked["resultType"] == "input_required", asked
    ((key, question),) = asked["inputRequests"].items()
    assert question["method"] == "elicitation/create" and "`everything`" in question["params"]["message"]
    again = post(behind, "prompts/get", capabilities={"elicitation": {}}, name=name, requestState=asked["requestState"],
                 inputResponses={key: {"action": "accept", "content": {"context": "ours"}}})
    assert "Use the following context: ours" in json.dumps(again.message["result"]), again.body


def test_each_is_recorded_as_a_call(behind):
    post(behind, "resources/read", uri=PREFIX + "test://template/77/data")
    post(behind, "prompts/get", name="everything__test_simple_prompt")
    intents = [leaf["tool"] for leaf in behind.gateway.records(20) if leaf["t"] == "call.intent"]
    assert intents[-2:] == ["everything__resource:template", "everything__prompt:test_simple_prompt"], intents


@pytest.mark.parametrize("version", ["1.22.0", "2.3.0"])
def test_through_interlock_stdio(behind, version):
    words = ["--stdio", str(behind.gateway.binary), "stdio", "--gateway", behind.gateway.url]
    with SDKClient(interpreter(f"mcp-{version}"), *words, token=behind.bearer,
                   script=FIXTURES / "offers_client.py") as connected:
        def ask(method: str, **words) -> dict:
            connected.send("ask", method=method, words=words)
            return result(connected.answer())

        assert len(ask("list_resources")["resources"]) == 2
        assert ask("read_resource", uri=PREFIX + "test://template/5/data")["contents"]
        assert ask("get_prompt", name="everything__test_simple_prompt", arguments={})["messages"]


def test_prompts_are_pinned_with_the_tools(behind):
    """The last test: from here on the lock is binding."""
    behind.gateway.run("servers", "pin", "everything", "--accept", "--accept-findings", "--as", "ada@acme.example",
                       seconds=120)
    lock = json.loads((behind.gateway.folder / "interlock.lock").read_text())["servers"]["everything"]
    assert {"prompts", "resources", "completions"} <= set(lock["capabilities"])
    pinned = lock["prompts"]["test_prompt_with_arguments"]
    assert pinned["pin"].startswith("sha256:") and len(pinned["definition"]["arguments"]) == 2
