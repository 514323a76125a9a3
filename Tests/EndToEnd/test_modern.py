"""Clients of the modern era (2026-07-28): over HTTP, and through `interlock stdio`."""

import json
import socket
import time

import pytest

import modern
import wire
from addresses import LI
from conftest import FIXTURES, interpreter
from governed import agent, governed, policy
from modern import PREFIX, Shim, message
from sdk import SDKClient


class Routed:
    """A gateway in front of a server whose tool repeats an argument in a header."""

    def __init__(self, world, arrivals):
        self.world, self.gateway, self.arrivals = world, world.gateway, arrivals
        self.gateway.wait_for_tools("caller", "routed")
        self.token = self.gateway.token("caller")

    def post(self, sent: dict, path: str = "/mcp", **changes) -> wire.Answer:
        return modern.post(self.gateway.port, self.token, sent, path, **changes)

    def shim(self, *words: str) -> Shim:
        return Shim(self.gateway.binary, self.gateway.url, self.token, *words)

    def arrived(self, what: str) -> int:
        return self.arrivals.read_text().splitlines().count(what)

    def until_arrived(self, what: str, number: int) -> None:
        deadline = time.monotonic() + 10
        while self.arrived(what) < number:
            assert time.monotonic() < deadline, self.arrivals.read_text()
            time.sleep(0.02)


@pytest.fixture(scope="module")
def routed(binary, people, tmp_path_factory):
    arrivals = tmp_path_factory.mktemp("routed") / "arrivals"
    arrivals.write_text("")

    def write(_):
        connect = f'{{stdio: ["/usr/bin/python3", "{FIXTURES / "routed_server.py"}", "{arrivals}"], ' \
                  f'sandbox: {{read: ["{FIXTURES}"], writable_cache: ["{arrivals.parent}"]}}}}'
        return policy(
            "servers:", "  routed:", f"    connect: {connect}",
            f'    reviewed: {{by: {LI}, on: "2026-11-01", trust: internal}}',
            "    asks: [elicitation_form]",
            "    tools: {fetch: {class: read}, slow: {class: read}, ask: {class: read}}",
            "agents:", agent("caller", "mcp_scopes: {routed: [fetch, slow, ask]}"))

    with governed(binary, people, write, servers=()) as world:
        yield Routed(world, arrivals)


def call(tool: str = "routed__fetch", identifier=1, **arguments) -> dict:
    return message("tools/call", identifier, name=tool, arguments=arguments)


# Calls over HTTP.

def test_discover_list_and_call_without_a_session(routed):
    found = routed.post(message("server/discover")).message["result"]
    assert found["supportedVersions"] == ["2026-07-28"] and found["resultType"] == "complete"
    listed = routed.post(message("tools/list"))
    result = listed.message["result"]
    assert [tool["name"] for tool in result["tools"]] == ["routed__ask", "routed__fetch", "routed__slow"]
    assert (result["ttlMs"], result["cacheScope"], result["resultType"]) == (0, "private", "complete")
    assert result["_meta"][PREFIX + "serverInfo"]["name"] == "interlock"
    answer = routed.post(call(region="eu"), **{"Mcp-Param-Region": "eu"})
    assert answer.message["result"]["content"][0]["text"] == "fetch"
    assert answer.message["result"]["resultType"] == "complete"
    assert "mcp-session-id" not in answer.headers


def test_one_server_alone_has_its_own_names(routed):
    listed = routed.post(message("tools/list"), path="/mcp/routed").message["result"]["tools"]
    assert [tool["name"] for tool in listed] == ["ask", "fetch", "slow"]
    answer = routed.post(call("fetch", region="eu"), path="/mcp/routed", **{"Mcp-Param-Region": "eu"})
    assert answer.message["result"]["content"][0]["text"] == "fetch"


@pytest.mark.parametrize("changes", [
    {"Mcp-Method": None}, {"Mcp-Method": "tools/list"}, {"Mcp-Name": None}, {"Mcp-Name": "routed__slow"},
    {"MCP-Protocol-Version": None}, {"MCP-Protocol-Version": "2025-11-25"}, {"Mcp-Param-Region": "us"},
    {"Mcp-Param-Region": None}, {"Mcp-Name": ["routed__fetch", "routed__fetch"]},
    {"Mcp-Method": ["tools/call", "tools/call"]}, {"Mcp-Param-Region": ["eu", "eu"]},
], ids=str)
def test_headers_that_are_not_the_body_s(routed, changes):
    before = routed.arrived("fetch")
    answer = routed.post(call(region="eu"), **{"Mcp-Param-Region": "eu", **changes})
    assert answer.status == 400, answer.body
    if answer.messages:
        assert answer.code == -32020, answer.message
    assert routed.arrived("fetch") == before


def test_what_the_era_does_not_have(routed):
    for method in ("ping", "logging/setLevel", "initialize", "no/such/method"):
        answer = routed.post(message(method))
        assert (answer.status, answer.code) == (404, -32601), method
    for verb in ("GET", "DELETE"):
        answer = wire.exchange(routed.gateway.port, verb, headers=modern.headers(routed.token, message("x")))
        assert (answer.status, answer.headers["allow"]) == (405, "POST")
    answer = routed.post({"jsonrpc": "2.0", "id": 1, "result": {}}, **{"Mcp-Method": None})
    assert (answer.status, answer.code) == (400, -32600)
    assert routed.post([message("tools/list")][0] | {"jsonrpc": "1.0"}).code == -32600
    assert routed.post(message("notifications/whatever", None)).status == 202


def test_a_closed_response_stream_cancels_the_call(routed):
    calls, cancelled = routed.arrived("slow"), routed.arrived("cancelled")
    sent = call("routed__slow")
    body = json.dumps(sent).encode()
    lines = ["POST /mcp HTTP/1.1", f"Host: 127.0.0.1:{routed.gateway.port}", f"Content-Length: {len(body)}",
             *(f"{name}: {value}" for name, value in modern.headers(routed.token, sent).items())]
    with socket.create_connection(("127.0.0.1", routed.gateway.port)) as connection:
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        routed.until_arrived("slow", calls + 1)
    routed.until_arrived("cancelled", cancelled + 1)
    deadline = time.monotonic() + 10
    while "call.unknown" not in [one["t"] for one in routed.gateway.records(3)]:
        assert time.monotonic() < deadline, routed.gateway.records(5)
        time.sleep(0.05)


# Calls through `interlock stdio`.

def test_the_shim_makes_the_headers_from_the_body(routed):
    with routed.shim() as shim:
        assert shim.ask(message("server/discover"))["result"]["supportedVersions"] == ["2026-07-28"]
        names = [tool["name"] for tool in shim.ask(message("tools/list", 2))["result"]["tools"]]
        assert names == ["routed__ask", "routed__fetch", "routed__slow"]
        assert shim.ask(call(identifier=3, region="höhe"))["result"]["content"][0]["text"] == "fetch"
        assert shim.ask(message("ping", 4))["error"]["code"] == -32601
        assert shim.close() == 0


def test_the_shim_reads_the_list_itself_when_a_header_is_missing(routed):
    before = routed.arrived("fetch")
    with routed.shim() as shim:
        answer = shim.ask(call(identifier="first", region="eu"))
        assert (answer["id"], answer["result"]["content"][0]["text"]) == ("first", "fetch")
    assert routed.arrived("fetch") == before + 1


def test_both_eras_on_one_pipe(routed):
    with routed.shim("--server", "routed") as shim:
        opening = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
            "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}}
        assert shim.ask(opening)["result"]["protocolVersion"] == "2025-06-18"
        shim.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        legacy = {"jsonrpc": "2.0", "id": 2, "method": "tools/call",
                  "params": {"name": "fetch", "arguments": {"region": "eu"}}}
        for identifier in range(10, 14):
            assert "resultType" in shim.ask(call("fetch", identifier, region="eu"))["result"]
            assert "resultType" not in shim.ask({**legacy, "id": identifier + 100})["result"]
        assert shim.ask({"jsonrpc": "2.0", "id": 3, "method": "ping"})["result"] == {}


def test_a_modern_cancellation_closes_the_stream_of_its_request(routed):
    calls, cancelled = routed.arrived("slow"), routed.arrived("cancelled")
    with routed.shim() as shim:
        shim.send(call("routed__slow", 5))
        routed.until_arrived("slow", calls + 1)
        shim.send(message("notifications/cancelled", None, requestId=99))
        shim.send(message("notifications/cancelled", None, requestId=5))
        routed.until_arrived("cancelled", cancelled + 1)
        assert shim.is_silent(), "a cancelled request is not answered"
        assert shim.ask(message("tools/list", 6))["id"] == 6


# A legacy server that sends a request during a call.

FORMS = {"elicitation": {}}


def text(answer: wire.Answer) -> str:
    return answer.message["result"]["content"][0]["text"]


def ask(identifier=1, capabilities=FORMS, **more) -> dict:
    return message("tools/call", identifier, capabilities, name="routed__ask", arguments=more.pop("arguments", {}), **more)


def test_a_modern_caller_is_asked_and_comes_back(routed):
    before = routed.arrived("ask")
    first = routed.post(ask()).message["result"]
    assert first["resultType"] == "input_required"
    (key, asked), = first["inputRequests"].items()
    assert asked["method"] == "elicitation/create"
    assert asked["params"]["message"] == "The server `routed` asks: Which region?"
    answers = {key: {"action": "accept", "content": {"region": "eu"}}}
    retry = ask(2, inputResponses=answers, requestState=first["requestState"])
    assert text(routed.post(retry)) == "accept eu"
    again = routed.post(retry)
    assert (again.status, again.code) == (400, -32602)
    assert routed.arrived("ask") == before + 1
    kinds = [one["t"] for one in routed.gateway.records(12) if one["t"] != "alarm.raised"
             and (one.get("tool") == "routed__ask" or "round" in one or one["t"] == "call.outcome")]
    assert kinds[-4:-1] == ["call.intent", "call.input", "call.outcome"], kinds


def test_a_secret_is_not_asked_for_and_who_cannot_be_asked_is_not(routed):
    assert text(routed.post(ask(arguments={"secret": True}))) == "decline"
    assert text(routed.post(ask(capabilities={}))).startswith(("decline", "error"))


@pytest.mark.parametrize("way", ("http", "stdio"))
@pytest.mark.parametrize("version, mode", [("1.22.0", "auto"), ("1.30.0", "auto"), ("2.3.0", "legacy"), ("2.3.0", "auto")])
def test_a_real_client_answers(routed, version, mode, way):
    words = ["--http", routed.gateway.url] if way == "http" else [
        "--stdio", str(routed.gateway.binary), "stdio", "--gateway", routed.gateway.url]
    environment = {"INTERLOCK_ANSWER": json.dumps({"region": "north"}), "MCP_MODE": mode}
    with SDKClient(interpreter(f"mcp-{version}"), *words, token=routed.token, environment=environment) as client:
        answer = client.call("routed__ask")
        assert answer["result"]["content"][0]["text"] == "accept north", answer
