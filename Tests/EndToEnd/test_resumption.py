"""Streams of legacy clients that break and are resumed: agents toward the gateway, the gateway toward servers.

Tests with the name of an official scenario do the same as that scenario, through the gateway.
"""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

import wire
from conftest import interpreter, organise
from everything import Everything
from faulty import FaultyServer
from relaying import Relay
from sdk import SDKClient

RECONNECTION = "everything__test_reconnection"


@pytest.fixture(scope="module")
def behind(binary, people, tmp_path_factory):
    """The everything server of 1.30.0, whose tool closes its stream before it answers."""
    with ExitStack() as stack:
        server = stack.enter_context(Everything("1.30.0", "http", tmp_path_factory.mktemp("everything")))
        made = organise(stack, binary, people, tmp_path_factory.mktemp("organisation"), extra=server.policy,
                        servers=(), wait=())
        made.gateway.wait_for_tools("tester", "everything")
        yield made


@pytest.fixture(scope="module")
def slow(binary, people, tmp_path_factory):
    with ExitStack() as stack:
        server = stack.enter_context(FaultyServer(tmp_path_factory.mktemp("faulty"), "http"))
        made = organise(stack, binary, people, tmp_path_factory.mktemp("organisation"), extra=server.policy,
                        servers=(), wait=())
        made.gateway.wait_for_tools("tester", "faulty")
        yield made


def events(answer: wire.Answer) -> list[dict]:
    """The fields of each event, without comments."""
    found = [dict(line.split(": ", 1) for line in event.splitlines() if ": " in line and not line.startswith(":"))
             for event in answer.body.decode().split("\n\n")]
    return [event for event in found if event]


def resume(session: wire.Session, identifier: str) -> wire.Answer:
    headers = {name: value for name, value in session.headers.items() if name != "Content-Type"}
    return wire.exchange(session.port, "GET", headers={**headers, "Accept": "text/event-stream", "Last-Event-ID": identifier})


def test_server_sse_polling(behind):
    """The server closes its stream in mid-call; the caller sees one call with its messages and its answer."""
    session = behind.session("tester", version="2025-11-25")
    session.request("logging/setLevel", level="debug")
    answer = session.call(RECONNECTION)
    first, *rest = events(answer)
    assert first == {"id": "1.1", "retry": "1000", "data": ""}, "primed, so that a client can come back"
    *notes, result = answer.messages
    assert [note["params"]["data"] for note in notes] == ["Before disconnect", "After reconnect"]
    assert "Reconnection test completed" in json.dumps(result["result"])
    again = resume(session, first["id"])
    assert again.messages == answer.messages and [one["id"] for one in events(again)] == [one["id"] for one in rest]


def test_older_clients_get_no_priming_event(behind):
    for version in ("2025-03-26", "2025-06-18"):
        session = behind.session("tester", version=version)
        session.request("logging/setLevel", level="debug")
        found = events(session.call(RECONNECTION))
        assert all(event["data"] and "retry" not in event for event in found)
        assert len({event["id"] for event in found}) == 3


@pytest.mark.parametrize("version", ["1.9.4", "1.22.0", "1.30.0", "2.3.0"])
def test_a_server_that_closes_its_stream_is_come_back_to(behind, version):
    with behind.sdk(version, "tester") as client:
        assert "Reconnection test completed" in json.dumps(client.call(RECONNECTION)["result"])


def test_server_sse_multiple_streams(behind):
    session = behind.session("tester", version="2025-11-25")
    session.request("logging/setLevel", level="debug")

    def call(number: int) -> wire.Answer:
        return session.post({"jsonrpc": "2.0", "id": 1000 + number, "method": "tools/call", "params": {
            "name": "everything__test_tool_with_logging", "arguments": {}}})

    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(call, range(3)))
    assert [answer.message["id"] for answer in answers] == [1000, 1001, 1002]
    assert len({event["id"] for answer in answers for event in events(answer)}) == 3 * 5
    for answer in answers:
        start, *_, before, _ = events(answer)
        assert resume(session, start["id"]).messages == answer.messages
        assert resume(session, before["id"]).messages == answer.messages[-1:]


def test_a_call_goes_on_while_its_client_is_away(slow):
    """The connection is cut in mid-call; the call runs, and a returning client gets the answer."""
    with Relay(slow.gateway.port) as proxy:
        session = wire.Session(proxy.port, slow.token("tester"), version="2025-11-25")
        session.headers["Host"] = "localhost"
        with ThreadPoolExecutor(1) as pool:
            lost = pool.submit(session.request, "tools/call", name="faulty__slow", arguments={"delay": 2},
                               _meta={"progressToken": "t"})
            time.sleep(0.7)
            assert proxy.cut() >= 1
            assert lost.exception(10) is not None
        answer = resume(session, "1.1")
        assert answer.message["id"] == 2 and not answer.message["result"].get("isError"), answer.body
    ends = [one for one in slow.gateway.records(20) if one["t"] in ("call.outcome", "call.unknown")]
    assert ends[-1]["t"] == "call.outcome" and ends[-1]["st"] == "ok"


def test_the_sdk_of_2025_11_25_comes_back_by_itself(slow):
    with Relay(slow.gateway.port) as proxy:
        client = SDKClient(interpreter("mcp-1.30.0"), "--http", f"http://127.0.0.1:{proxy.port}/mcp",
                           token=slow.token("tester"))
        with client:
            client.send("call", name="faulty__slow", arguments={"delay": 2}, progress=True)
            time.sleep(0.7)
            assert proxy.cut() >= 1
            assert not client.answer(20)["result"].get("isError")


def test_it_can_be_switched_off(organisation):
    made = organisation(servers=("tickets",), settings={"mcp": {"resumption": "false"}})
    session = made.session("support-triage", version="2025-11-25")
    answer = session.request("tools/call", name="tickets__get_ticket", arguments={"id": "T-1001"}, _meta={"progressToken": 1})
    found = events(answer)
    assert found and all("id" not in event for event in found)
    assert resume(session, "1.1").status == 400
