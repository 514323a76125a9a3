"""Invalid input of agents: a clear response, a record, and no damage."""

import json

import pytest

import wire

# The organisation of this file has no servers of PyPI, and none of the SDK.
PLAIN = True


@pytest.fixture
def session(acme):
    return acme.session("support-triage")


@pytest.fixture(autouse=True)
def still_well(acme, session):
    """Checks after every test that the gateway is the same process and answers a valid call."""
    pid = acme.gateway.process.pid
    yield
    assert acme.gateway.process.poll() is None and acme.gateway.process.pid == pid
    assert session.call("tickets__get_ticket", id="T-1001").code is None


def recorded(acme, since: int) -> list[dict]:
    return [record for record in acme.gateway.records(100) if record["index"] >= since
            and record.get("agent") == "support-triage"]


def size(acme) -> int:
    return acme.gateway.records(1)[-1]["index"] + 1


def call(name: str = "tickets__get_ticket", identifier=7, **arguments) -> dict:
    return {"jsonrpc": "2.0", "id": identifier, "method": "tools/call",
            "params": {"name": name, "arguments": arguments}}


@pytest.mark.parametrize("body", [
    b"{", b"", b"nonsense", b"\xff\xfe", b'{"jsonrpc":"2.0","id":1,"method":"ping"}}', b'{"jsonrpc":"2.0","id":NaN}',
    b'{"jsonrpc":"2.0","jsonrpc":"2.0","id":1,"method":"ping"}',
    b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"\\ud800"}}',
], ids=["half", "empty", "words", "not utf-8", "more after", "NaN", "a key twice", "half a surrogate"])
def test_broken_json(session, body):
    answer = session.post(body)
    assert (answer.status, answer.message["error"]["code"]) == (400, -32700)


def test_an_integer_that_cannot_be_exact_is_refused_with_its_place(session):
    answer = session.post(b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"tickets__search",'
                          b'"arguments":{"text":"x","limit":9007199254740993}}}')
    assert (answer.status, answer.message["error"]["code"]) == (400, -32700), answer.body
    assert "string" in json.dumps(answer.message)


def test_a_batch_where_none_is_allowed(session):
    answer = session.post([call(), call(identifier=8)])
    assert (answer.status, answer.message["error"]["code"]) == (400, -32600)


@pytest.mark.parametrize("identifier, code", [
    (None, -32600), (1.5, -32600), (True, -32600), ({}, -32600), ([], -32600), (2**53 + 2, -32700)],
    ids=["null", "fraction", "boolean", "object", "array", "too large"])
def test_an_id_of_a_wrong_type(acme, session, identifier, code):
    before = acme.count("tickets", "get_ticket")
    answer = session.post(call(identifier=identifier, id="T-1001"))
    assert (answer.status, answer.message["error"]["code"]) == (400, code), answer.body
    assert acme.count("tickets", "get_ticket") == before


def test_a_message_that_is_no_request(session):
    for message in ({"jsonrpc": "1.0", "id": 1, "method": "ping"}, {"id": 1, "method": "ping"}, "ping", 4,
                    {"jsonrpc": "2.0", "id": 1}, {"jsonrpc": "2.0", "id": 1, "method": 4}):
        answer = session.post(message)
        assert (answer.status, answer.message["error"]["code"]) == (400, -32600), message


def test_a_body_of_5_mib(acme, session):
    answer = session.post(call("tickets__search", text="x" * (5 << 20)))
    assert answer.status == 413
    assert acme.count("tickets", "search") == 0


def test_a_chunked_body_of_5_mib_without_a_length(acme, session):
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    answer = wire.exchange(acme.gateway.port, headers={**session.headers, "Transfer-Encoding": "chunked"},
                           body=chunk * 80 + b"0\r\n\r\n")
    assert answer.status == 413


@pytest.mark.parametrize("nest", ["[", '{"a":'], ids=["arrays", "objects"])
def test_json_200_deep(session, nest):
    depth, end = 200, "]" if nest == "[" else "}"
    text = '{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":' + nest * depth + "1" + end * depth + "}}"
    answer = session.post(text.encode())
    assert (answer.status, answer.message["error"]["code"]) == (400, -32700)


def test_an_unknown_tool(acme, session):
    since = size(acme)
    answer = session.call("tickets__no_such_tool")
    assert (answer.status, answer.code) == (200, -32602)
    assert any(record["t"] == "call.denied" for record in recorded(acme, since))


@pytest.mark.requirement("R138")
@pytest.mark.parametrize("arguments", [{}, {"id": 7}, {"id": None}, {"id": ["T-1001"]}],
                         ids=["missing", "number", "null", "array"])
def test_arguments_that_violate_the_schema(acme, session, arguments):
    before, since = acme.count("tickets", "get_ticket"), size(acme)
    answer = session.call("tickets__get_ticket", **arguments)
    assert answer.status == 200 and answer.message["result"]["isError"]
    assert "id" in answer.message["result"]["content"][0]["text"]
    assert acme.count("tickets", "get_ticket") == before
    assert recorded(acme, since)


def test_arguments_that_are_no_object(session):
    for arguments in ([], "x", 4):
        answer = session.request("tools/call", name="tickets__get_ticket", arguments=arguments)
        assert answer.code == -32602
    assert session.request("tools/call", arguments={}).code == -32602
    assert session.request("tools/call", name=4).code == -32602


@pytest.mark.requirement("R138")
def test_unknown_fields(acme, session):
    """Unknown fields of the message are ignored and not forwarded; among parameters and arguments they are refused by
    name."""
    before = acme.count("tickets", "get_ticket")
    beside = session.post({**call(id="T-1001"), "extra": {"admin": True}})
    assert beside.code is None
    message = call(id="T-1001")
    message["params"]["alsoExtra"] = [1]
    among = session.post(message)
    assert among.code == -32602 and "alsoExtra" in among.message["error"]["message"]
    within = session.call("tickets__get_ticket", id="T-1001", andExtra=1)
    assert within.message["result"]["isError"] and "andExtra" in within.message["result"]["content"][0]["text"]
    assert acme.count("tickets", "get_ticket") == before + 1


def test_unknown_members_of_initialize_are_ignored(acme):
    answer = wire.exchange(acme.gateway.port, headers={
        "Accept": wire.ACCEPT, "Content-Type": "application/json",
        "Authorization": f"Bearer {acme.token('support-triage')}"}, body=json.dumps({
            "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
                "protocolVersion": "2025-06-18", "capabilities": {"x": {"y": 1}}, "z": 1,
                "clientInfo": {"name": "x", "version": "1", "w": 1}}}).encode())
    assert answer.status == 200


def test_an_unknown_method(session):
    for method in ("resources/list", "prompts/list", "tasks/get", "no/such/method"):
        assert session.request(method).code == -32601


def test_an_unknown_notification_is_taken_and_dropped(session):
    assert session.post({"jsonrpc": "2.0", "method": "notifications/no_such_thing"}).status == 202


def test_a_foreign_origin(session):
    assert session.post(call(id="T-1001"), Origin="https://evil.example").status == 403


def test_a_foreign_host(session):
    for host in ("evil.example", f"evil.example:{session.port}", "localhost.evil.example"):
        assert session.post(call(id="T-1001"), Host=host).status == 421


@pytest.mark.parametrize("header", ["Host", "Authorization", "Content-Length", "Content-Type", "Mcp-Session-Id",
                                    "MCP-Protocol-Version"])
def test_a_header_that_must_stand_once_stands_twice(session, header):
    body = json.dumps(call(id="T-1001")).encode()
    headers = {**session.headers, "Host": f"127.0.0.1:{session.port}", "Content-Length": str(len(body))}
    headers[header] = [headers[header], headers[header]]
    assert wire.exchange(session.port, headers=headers, body=body).status == 400


def test_a_length_and_chunks_at_once(session):
    body = b"2\r\n{}\r\n0\r\n\r\n"
    headers = {**session.headers, "Content-Length": str(len(body)), "Transfer-Encoding": "chunked"}
    assert wire.exchange(session.port, headers=headers, body=body).status == 400


@pytest.mark.parametrize("data, status", [
    (b"GET / HTTP/1.1\r\n\r\n", b"400"), (b"BREW / HTTP/9.9\r\nHost: localhost\r\n\r\n", b"505"),
    (b"\x00\x01\x02\r\n\r\n", b"400"), (b"GET /mcp HTTP/1.1\r\nHost: localhost\r\n folded: x\r\n\r\n", b"400"),
    (b"GET /mcp HTTP/1.1\r\nHost : localhost\r\n\r\n", b"400"),
    (b"GET /mcp HTTP/1.1\r\nHost: localhost\r\nX: " + b"y" * 9000 + b"\r\n\r\n", b"431"),
], ids=["no host", "version", "no text", "folded", "space before colon", "long header"])
def test_what_is_hardly_http(acme, data, status):
    assert wire.raw(acme.gateway.port, data).split(b"\r\n")[0].split(b" ")[1] == status


def test_other_http_methods_paths_and_types(acme, session):
    assert wire.exchange(session.port, "PUT", headers=session.headers, body=b"{}").status == 405
    assert session.post(b"{}", **{"Content-Type": "text/plain"}).status == 415
    assert session.post(call(id="T-1001"), Accept="text/html").status == 406
    assert wire.exchange(session.port, "GET", "/no/such/path", headers=session.headers).status == 404
    # An unknown server offers nothing, like a server that is hidden from the agent.
    before, body = acme.count("tickets", "get_ticket"), json.dumps(call(id="T-1001")).encode()
    assert wire.exchange(session.port, path="/mcp/nowhere", headers=session.headers, body=body).code == -32602
    assert acme.count("tickets", "get_ticket") == before


def test_a_stolen_session_under_another_agent(acme, session):
    since = size(acme)
    stolen = {**session.headers, "Authorization": f"Bearer {acme.token('refunds')}"}
    answer = wire.exchange(session.port, headers=stolen, body=json.dumps(call(id="T-1001")).encode())
    assert answer.status == 404
    for method in ("GET", "DELETE"):
        assert wire.exchange(session.port, method, headers=stolen).status == 404
    assert not [one for one in acme.gateway.records() if one["index"] >= since and one["t"] == "call.intent"]


def test_a_session_that_does_not_exist(session):
    assert session.post(call(id="T-1001"), **{"Mcp-Session-Id": "0" * 43}).status == 404


def test_a_call_without_its_session(acme, session):
    headers = {name: value for name, value in session.headers.items() if name != "Mcp-Session-Id"}
    assert wire.exchange(session.port, headers=headers, body=json.dumps(call(id="T-1001")).encode()).status == 400


def test_a_bad_version_header(session):
    assert session.post(call(id="T-1001"), **{"MCP-Protocol-Version": "1999-01-01"}).status == 400


def test_an_answer_to_nothing(session):
    assert session.post({"jsonrpc": "2.0", "id": 99, "result": {}}).status == 400


def test_a_batch_that_is_refused_leaves_no_call_waiting(acme):
    """An unsolicited response refuses the whole batch; the ids of its calls are free afterwards."""
    session = acme.session("support-triage", version="2025-03-26")
    for _ in range(8):  # more calls than one session may have open
        batch = [call(identifier=number, id="T-1001") for number in range(49)]
        refused = session.post([*batch, {"jsonrpc": "2.0", "id": 9, "result": {}}])
        assert refused.status == 400
    assert session.post(call(identifier=7, id="T-1001")).code is None


def test_a_foreign_host_learns_nothing_anywhere(acme):
    """Neither the metrics of the people plane nor the issuers of tokens are disclosed (DNS rebinding)."""
    for port, path in ((acme.gateway.people_port, "/metrics"), (acme.gateway.people_port, "/readyz"),
                       (acme.gateway.port, "/.well-known/oauth-protected-resource")):
        assert wire.exchange(port, "GET", path).status == 200
        assert wire.exchange(port, "GET", path, headers={"Host": "evil.example"}).status == 421


def test_a_session_ends_by_its_own_agent(session, acme):
    other = acme.session("support-triage")
    assert wire.exchange(other.port, "DELETE", headers=other.headers).status == 200
    assert other.post(call(id="T-1001")).status == 404


def test_pipelined_requests_are_answered_in_order(acme, session):
    def one(identifier: int, method: str) -> bytes:
        body = json.dumps({"jsonrpc": "2.0", "id": identifier, "method": method}).encode()
        lines = [f"POST /mcp HTTP/1.1", f"Host: 127.0.0.1:{session.port}", f"Content-Length: {len(body)}",
                 *(f"{name}: {value}" for name, value in session.headers.items())]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body

    last = one(3, "ping").replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1)
    received = wire.raw(session.port, one(1, "tools/list") + one(2, "ping") + last)
    places = [received.index(f'"id":{number}'.encode()) for number in (1, 2, 3)]
    assert places == sorted(places)
