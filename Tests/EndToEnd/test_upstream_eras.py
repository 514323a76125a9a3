"""Real servers of both eras behind the gateway, over HTTP and over stdio."""

import json
from contextlib import ExitStack

import pytest

from conftest import organise
from everything import Everything
from wire import decision

MODERN, LEGACY = "2026-07-28", "2025-11-25"
PEERS = [("2.3.0", "http", MODERN), ("2.3.0", "stdio", MODERN), ("1.30.0", "http", LEGACY)]


@pytest.fixture(scope="module", params=PEERS, ids=lambda peer: f"{peer[0]}-{peer[1]}")
def behind(request, binary, people, tmp_path_factory):
    """The organisation with that server, a session of the agent that may call it, and the server's era."""
    version, way, era = request.param
    with ExitStack() as stack:
        server = stack.enter_context(Everything(version, way, tmp_path_factory.mktemp("everything")))
        made = organise(stack, binary, people, tmp_path_factory.mktemp("organisation"), extra=server.policy,
                        servers=(), wait=())
        made.gateway.wait_for_tools("tester", "everything")
        made.session_of_tester, made.era, made.way = made.session("tester"), era, way
        yield made


def call(behind, tool: str, **arguments) -> dict:
    answer = behind.session_of_tester.call(f"everything__{tool}", **arguments)
    assert answer.status == 200 and "result" in answer.message, answer.body[:500]
    return answer.message["result"]


def test_its_tools_are_listed_and_answer(behind):
    names = behind.session_of_tester.tools()
    assert {"everything__test_simple_text", "everything__test_error_handling"} <= set(names)
    assert "simple text" in json.dumps(call(behind, "test_simple_text"))
    kinds = [block["type"] for block in call(behind, "test_multiple_content_types")["content"]]
    assert kinds == ["text", "image", "resource"]


def test_nothing_of_its_era_reaches_a_legacy_caller(behind):
    result = call(behind, "test_simple_text")
    assert not {"resultType", "ttlMs", "cacheScope"} & set(result)
    assert "serverInfo" not in json.dumps(result.get("_meta", {}))


def test_its_own_errors_come_through(behind):
    result = call(behind, "test_error_handling")
    assert result["isError"] and "intentionally returns an error" in json.dumps(result["content"])


def test_arguments_stand_in_the_headers_that_it_declares(behind):
    """The server itself refuses a call without them over HTTP."""
    if behind.era == LEGACY:
        pytest.skip("declared by modern servers alone")
    for region in ("eu-west", "Zürich", " edge "):
        assert f"region={region}" in json.dumps(call(behind, "test_x_mcp_header", region=region), ensure_ascii=False)


def test_a_capability_that_it_misses_is_named(behind):
    if behind.era == LEGACY:
        pytest.skip("declared for each request by modern clients alone")
    result = call(behind, "test_missing_capability")
    assert result["isError"] and "`sampling`" in json.dumps(result["content"])
    assert decision(result)["outcome"] == "not_executed"


def test_its_questions_are_declined_where_nobody_may_be_asked(behind):
    if behind.era == MODERN:
        result = call(behind, "test_input_required_result_elicitation")
        assert "Hello, ?!" in json.dumps(result), result  # the server's result for an answer without content
    else:
        result = call(behind, "test_elicitation", message="your name?")
        assert "action=decline" in json.dumps(result), result


def test_the_era_is_kept_at_review(behind):
    behind.gateway.run("servers", "pin", "everything", "--accept", "--accept-findings", "--as", "ada@acme.example",
                       seconds=120)
    lock = json.loads((behind.gateway.folder / "interlock.lock").read_text())
    assert lock["servers"]["everything"]["protocolVersion"] == behind.era
