"""Upstreams that hang, die, print garbage or send too much, over HTTP and over stdio."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import pytest

from conftest import organise
from faulty import FaultyServer
from wire import decision

MIB = 1 << 20
# An HTTP response without the answer has ended; on stdio the answer may still come.
NO_ANSWER = {"http": 5020, "stdio": 5040}


@contextmanager
def serving(make, folder, way: str):
    """The organisation with that server, and a session of the agent that may call it."""
    with FaultyServer(folder, way) as server:
        text = server.policy["servers/faulty.yaml"]
        files = {**server.policy, "servers/faulty.yaml": text.replace(
            "huge: {class: read}", "huge: {class: read, data: {max_bytes: 16MiB}}")}
        made = make(extra=files, servers=(), settings={"mcp": {"idle_timeout": "5s"}})
        made.gateway.wait_for_tools("tester", "faulty")
        server.organisation, server.session = made, made.session("tester")
        yield server


@pytest.fixture(scope="module", params=["http", "stdio"])
def shared(request, binary, people, tmp_path_factory):
    """A server for tests that end with its recovery."""
    with ExitStack() as stack:
        def make(**options):
            return organise(stack, binary, people, tmp_path_factory.mktemp("organisation"), **options)

        yield stack.enter_context(serving(make, tmp_path_factory.mktemp("faulty"), request.param))


@pytest.fixture(params=["http", "stdio"])
def faulty(request, organisation, tmp_path):
    """A server for a test that leaves a call hanging."""
    with serving(organisation, tmp_path, request.param) as server:
        yield server


def recovers(faulty, seconds: float = 30) -> None:
    """Waits until the same gateway and the same upstream answer a valid call again."""
    assert faulty.organisation.gateway.process.poll() is None
    deadline = time.monotonic() + seconds
    while True:
        answer = faulty.session.call("faulty__echo", text="well")
        if answer.status == 200 and answer.code is None and "result" in answer.message:
            assert answer.message["result"]["content"][0]["text"] == "well"
            return
        assert time.monotonic() < deadline, answer.body
        time.sleep(0.5)


def failed(answer, code: int) -> None:
    """The call was sent, so its outcome is unknown."""
    assert answer.status == 200 and answer.message["result"]["isError"], answer.body[:500]
    told = decision(answer.message["result"])
    reason = {5020: "failed", 5040: "timeout"}[code]
    assert (told["code"], told["reason"], told["outcome"]) == (code, reason, "unknown"), told


def closed_as_unknown(faulty, tool: str) -> None:
    """Checks the record that closes the newest call of the tool."""
    records = faulty.organisation.gateway.records(20)
    intent = [one for one in records if one["t"] == "call.intent" and one["tool"] == f"faulty__{tool}"][-1]
    kinds = [(one["t"], one.get("st")) for one in records if one["index"] > intent["index"]]
    assert any(kind == "call.unknown" or (kind == "call.outcome" and state == "error") for kind, state in kinds), kinds


def test_one_that_dies_in_mid_call(shared):
    failed(shared.session.call("faulty__die", 30), 5020)
    closed_as_unknown(shared, "die")
    assert shared.arrived("die") == 1, "never sent again"
    recovers(shared)


def test_one_that_prints_garbage(shared):
    failed(shared.session.call("faulty__garbage", 90), NO_ANSWER[shared.way])
    recovers(shared)


def test_one_that_answers_another_id(shared):
    failed(shared.session.call("faulty__wrong_id", 90), NO_ANSWER[shared.way])
    recovers(shared)


def test_one_that_answers_neither_result_nor_error(shared):
    failed(shared.session.call("faulty__no_result", 90), NO_ANSWER[shared.way])
    recovers(shared)


def test_one_that_answers_10_mib(shared):
    """The result arrives over HTTP, whose limit is 16 MiB, and is withheld, since one text has more than 4 MiB; it is
    refused on stdio, whose limit of a line is 4 MiB."""
    answer = shared.session.call("faulty__huge", 60, bytes=10 * MIB)
    if shared.way == "http":
        told = decision(answer.message["result"])
        assert (told["reason"], told["outcome"]) == ("result-too-large", "executed"), told
    else:
        failed(answer, 5020)
    recovers(shared)


def test_one_that_answers_3_mib(shared):
    """Arrives whole, as the policy states a size for the tool."""
    answer = shared.session.call("faulty__huge", 60, bytes=3 * MIB)
    assert answer.code is None and len(answer.message["result"]["content"][0]["text"]) == 3 * MIB
    recovers(shared)


def test_one_that_answers_more_than_any_limit(shared):
    """Over HTTP the answer alone is given up, on stdio the program, whose lines have a limit."""
    answer = shared.session.call("faulty__huge", 60, bytes=20 * MIB)
    if shared.way == "http":
        told = decision(answer.message["result"])
        assert (told["code"], told["reason"], told["outcome"]) == (5020, "result-too-large", "unknown"), told
    else:
        failed(answer, 5020)
    recovers(shared)


def test_one_that_hangs_is_given_up_after_its_limit_and_delays_nobody(faulty):
    with ThreadPoolExecutor(1) as pool:
        started = time.monotonic()
        hanging = pool.submit(faulty.organisation.session("tester").call, "faulty__hang", 120)
        faulty.wait_for("hang")
        if faulty.way == "http":  # on stdio the fixture has one thread, so it answers no other call
            recovers(faulty)
        assert faulty.organisation.session("support-triage").call("kb__search", text="invoice").code is None
        failed(hanging.result(120), 5040)
        assert 4 < time.monotonic() - started < 20


def test_a_caller_may_cancel(faulty):
    with ThreadPoolExecutor(1) as pool:
        message = {"jsonrpc": "2.0", "id": "mine", "method": "tools/call",
                   "params": {"name": "faulty__hang", "arguments": {}}}
        hanging = pool.submit(faulty.session.post, message, 60)
        faulty.wait_for("hang")
        faulty.session.post({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": "mine"}})
        answer = hanging.result(4)  # earlier than the server's limit
    told = decision(answer.message["result"])
    assert (told["code"], told["reason"], told["outcome"]) == (5020, "cancelled", "unknown"), told
    closed_as_unknown(faulty, "hang")
    assert faulty.organisation.gateway.process.poll() is None


def test_one_that_is_not_there_is_not_offered_and_comes_back(organisation):
    made = organisation(servers=("crm", "billing"), wait=("kb", "crm"))
    session = made.session("support-triage")
    assert not any(name.startswith("tickets__") for name in session.tools())
    assert session.call("tickets__get_ticket", id="T-1001").code == -32602
    made.upstreams.ports = made.made["ports"]
    made.upstreams.start("tickets")
    made.gateway.wait_for_tools("support-triage", "tickets", seconds=90)
    assert made.session("support-triage").call("tickets__get_ticket", id="T-1001").code is None


def test_the_first_list_waits_for_a_server_that_is_starting(organisation):
    """A host lists once, when it starts; its gateway may have started a moment before."""
    made = organisation(servers=(), start=False)
    made.gateway.start()
    tools = made.session("support-triage").tools()
    assert [name for name in tools if name.startswith("kb__")], tools
