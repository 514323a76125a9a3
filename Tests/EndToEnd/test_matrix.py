"""Each client against each server, over both transports: list, call, error, progress, cancel, requests to the client.

The rows in `FAST` run each time, the others by `make stress`, or `pytest -m "" Tests/EndToEnd/test_matrix.py`.
"""

import json

import pytest

from matrixworld import FAST, ROWS, matrix, servers

SERVERS = [server.name for server in servers("")]
# The optional parts of a definition, by the first version that has them (docs/specs/mcp.md, section 5.2).
SINCE = {"annotations": "2025-03-26", "title": "2025-06-18", "outputSchema": "2025-06-18", "_meta": "2025-06-18",
         "icons": "2025-11-25", "execution": "2025-11-25"}
# Members of results of the modern era only.
MODERN = ("resultType", "ttlMs", "cacheScope")


def test_the_rows_of_each_run_have_every_version_and_both_eras_both_ways():
    fast = [row for row in ROWS if str(row) in FAST]
    assert len(fast) == len(FAST)
    assert {row.sdk for row in fast} == {row.sdk for row in ROWS}
    assert {(row.protocol >= "2026", row.way) for row in fast} == {(row.protocol >= "2026", row.way) for row in ROWS}


@pytest.fixture(scope="module")
def world(binary, people):
    with matrix(binary, people) as made:
        yield made


@pytest.fixture(scope="module", params=[
    pytest.param(row, id=str(row), marks=[] if str(row) in FAST else pytest.mark.stress) for row in ROWS])
def row(request):
    return request.param


@pytest.fixture(params=SERVERS)
def cell(request, world, row):
    """The client of the row, and the server."""
    client, server = world.client(row), world.servers[request.param]
    assert client.connected["protocol"] == row.protocol
    return client, server


def of(server, kind: str):
    """The operation for this server; the test is skipped with the reason if there is none."""
    found = getattr(server, kind)
    if isinstance(found, str) and kind != "cancel":
        pytest.skip(f"{server.name}: {found}")
    if found is None:
        pytest.skip(f"{server.name}: none of its tools takes long")
    return found


def text(answer: dict) -> str:
    assert "result" in answer, answer
    return json.dumps(answer["result"]["content"], ensure_ascii=False)


def test_list(cell, row):
    client, server = cell
    found = {tool["name"].removeprefix(f"{server.name}__"): tool for tool in client.list()
             if tool["name"].startswith(f"{server.name}__")}
    assert set(found) == set(server.tools)
    for tool in found.values():
        early = [member for member, version in SINCE.items() if member in tool and row.protocol < version]
        assert not early, f"{row.protocol} does not know {early}"
        assert not [member for member in MODERN if member in tool]
    for member in server.members:
        assert any(member in tool for tool in found.values()) == (row.protocol >= SINCE[member]), member


def test_call(cell, row):
    client, server = cell
    tool, arguments, expected = of(server, "call")
    answer = client.call(f"{server.name}__{tool}", **arguments)
    assert expected in text(answer) and not answer["result"].get("isError")
    if row.sdk != "2.3.0":  # this SDK sets `resultType` in every result
        assert not [member for member in MODERN if member in answer["result"]]
    if row.protocol < "2025-06-18":
        assert "structuredContent" not in answer["result"]
    elif "outputSchema" in server.members:
        assert answer["result"]["structuredContent"]


def test_error(cell):
    client, server = cell
    tool, arguments, expected = of(server, "error")
    answer = client.call(f"{server.name}__{tool}", **arguments)
    assert answer["result"]["isError"] and expected in text(answer)
    assert "interlock/decision" not in answer["result"].get("_meta", {}), "the error is the server's own"


def test_progress(cell):
    client, server = cell
    tool, arguments, expected = of(server, "progress")
    client.send("progress", name=f"{server.name}__{tool}", arguments=arguments)
    answer = client.answer()
    assert [number for number, _ in answer["progress"]] == expected, answer
    assert not answer["result"].get("isError")


def test_cancel(cell, world):
    client, server = cell
    tool = of(server, "cancel")
    begun, cancelled = world.noted(server, "slow") + 1, world.noted(server, "cancelled") + 1
    client.send("cancel", name=f"{server.name}__{tool}", arguments={}, path=str(server.notes), begun=begun)
    assert client.answer() == {"cancelled": True}
    world.until_noted(server, "cancelled", cancelled)


def call(client, server, row, tool: str, arguments: dict) -> dict:
    """A call of a tool that requests input. Some can do so in the legacy eras alone; the error of the first call in the
    modern one is the caller's, and lets the next call of the tool go in the legacy one."""
    answer = client.call(f"{server.name}__{tool}", **arguments)
    if row.is_modern and ("error" in answer or "server-initiated requests" in text(answer)):
        answer = client.call(f"{server.name}__{tool}", **arguments)
    return answer


def test_being_asked(cell, row):
    client, server = cell
    tool, arguments, accepted, word = of(server, "ask")
    if server.ask_legacy and not row.is_modern:
        tool, arguments, accepted, word = server.ask_legacy
    answer = call(client, server, row, tool, arguments)
    if row.can_be_asked:
        assert accepted in text(answer)
    else:
        assert accepted not in text(answer) and word not in text(answer), "nobody was asked"


def test_sampling(cell, row):
    client, server = cell
    tool, arguments, expected = of(server, "sample")
    if row.is_modern and server.name in ("everything", "everything-stdio"):
        pytest.skip("its tool reports that it cannot sample in the modern era as a result that is no error")
    answer = call(client, server, row, tool, arguments)
    assert (expected in text(answer)) == row.can_sample
