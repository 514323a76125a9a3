"""Log messages and progress of real servers, to real clients of every version that has them.

Tests with the name of an official scenario do the same as that scenario, through the gateway.
"""

from contextlib import ExitStack

import pytest

import modern
from conftest import organise
from everything import Everything
from modern import PREFIX, Shim, message

PEERS = [("2.3.0", "http"), ("2.3.0", "stdio"), ("1.30.0", "http")]
# Every version each time, over both transports and in both eras; the other combinations run by `make stress`.
CLIENTS = [("1.9.4", "http"), ("1.22.0", "http"), ("1.30.0", "stdio"), ("2.3.0", "http"),
           *(pytest.param(*cell, marks=pytest.mark.stress) for cell in [("1.30.0", "http"), ("2.3.0", "stdio")])]
LOGGED = ["Tool execution started", "Tool processing data", "Tool execution completed"]


@pytest.fixture(scope="module", params=PEERS, ids=lambda peer: f"{peer[0]}-{peer[1]}")
def behind(request, binary, people, tmp_path_factory):
    with ExitStack() as stack:
        server = stack.enter_context(Everything(*request.param, tmp_path_factory.mktemp("everything")))
        made = organise(stack, binary, people, tmp_path_factory.mktemp("organisation"), extra=server.policy,
                        servers=(), wait=())
        made.gateway.wait_for_tools("tester", "everything")
        yield made


def client(behind, version: str, way: str = "http", level: str | None = None):
    """Requests log messages in the way of its era."""
    environment = {"INTERLOCK_LOG_LEVEL": level} if level and version == "2.3.0" else {}
    made = behind.sdk(version, "tester", way, environment=environment)
    if level and version != "2.3.0":
        assert made.do("level", level=level)["result"] == {}
    return made


@pytest.mark.parametrize("version, way", CLIENTS)
def test_tools_call_with_logging(behind, version, way):
    with client(behind, version, way, "debug") as connected:
        assert not connected.call("everything__test_tool_with_logging")["result"].get("isError")
        assert connected.heard(3) == [["log", "info", text] for text in LOGGED]


@pytest.mark.parametrize("version, way", CLIENTS)
def test_no_log_messages_where_none_are_asked_for(behind, version, way):
    with client(behind, version, way) as connected:
        connected.call("everything__test_tool_with_logging")
        assert connected.heard(seconds=0) == []


@pytest.mark.parametrize("version, way", CLIENTS)
def test_logging_threshold_filtering(behind, version, way):
    with client(behind, version, way, "warning") as connected:
        connected.call("everything__test_tool_with_logging")
        assert connected.heard(seconds=0) == []


@pytest.mark.parametrize("version, way", CLIENTS)
def test_tools_call_with_progress(behind, version, way):
    with client(behind, version, way) as connected:
        assert not connected.do("call", name="everything__test_tool_with_progress", arguments={}, progress=True)["result"].get("isError")
        assert connected.heard(3) == [["progress", done, 100] for done in (0, 50, 100)]
        connected.call("everything__test_tool_with_progress")
        assert connected.heard(seconds=0.2) == [], "only where it is asked for"


def test_logging_set_level(behind):
    session = behind.session("tester")
    assert session.opening.message["result"]["capabilities"]["logging"] == {}
    answer = session.request("logging/setLevel", level="info")
    assert (answer.status, answer.message["result"]) == (200, {})


def test_logging_invalid_level(behind):
    answer = behind.session("tester").request("logging/setLevel", level="banana")
    assert answer.message["error"]["code"] == -32602


def per_request(behind, level: str | None, tool: str = "everything__test_tool_with_logging"):
    sent = message("tools/call", meta={PREFIX + "logLevel": level}, name=tool, arguments={})
    return modern.post(behind.gateway.port, behind.token("tester"), sent)


def test_per_request_loglevel(behind):
    def told(answer):
        return [one["params"]["level"] for one in answer.messages if one.get("method") == "notifications/message"]

    assert told(per_request(behind, "debug")) == ["info"] * 3
    assert told(per_request(behind, "error")) == []
    assert told(per_request(behind, None)) == []
    refused = per_request(behind, "banana")
    assert (refused.status, refused.code) == (400, -32602)


def test_progress_notifications(behind):
    """Progress has the caller's token, whatever its type; it rises, and never follows the response."""
    session = behind.session("tester")
    for token in ("progress-ordering-test", 42):
        answer = session.request("tools/call", name="everything__test_tool_with_progress", arguments={},
                                 _meta={"progressToken": token})
        *notes, result = answer.messages
        assert [(note["params"]["progressToken"], note["params"]["progress"]) for note in notes] == \
            [(token, done) for done in (0, 50, 100)]
        assert "result" in result


def test_the_relay_carries_both(behind):
    with Shim(behind.gateway.binary, behind.gateway.url, behind.token("tester")) as shim:
        shim.send(message("tools/call", "c", meta={PREFIX + "logLevel": "info", "progressToken": "t"},
                          name="everything__test_tool_with_logging", arguments={}))
        notes = [shim.answer() for _ in range(4)]
        assert [note["params"]["data"] for note in notes[:3]] == LOGGED and notes[3]["id"] == "c"
