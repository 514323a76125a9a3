"""Notifications of changed lists to the clients whose list has changed: real clients of each era, and by hand."""

import os
import signal
import time
from contextlib import contextmanager

import pytest

from addresses import DANA
from conftest import interpreter
from governed import agent, governed, policy, server
from listening import Listening
from modern import PREFIX, Shim, message
from relaying import Relay
from sdk import SDKClient

CHANGED = "notifications/tools/list_changed"
ACKNOWLEDGED = "notifications/subscriptions/acknowledged"
ID = PREFIX + "subscriptionId"
GRANTS = {"narrow": "[search]", "wide": "[search, get_ticket]"}


def written(ports: dict[str, int], grant: str) -> str:
    return policy(
        "servers:",
        server("tickets", ports["tickets"], "tools:\n  search: {class: read}\n  get_ticket: {class: read}\n"),
        "agents:", agent("changed", f"mcp_scopes: {{tickets: {GRANTS[grant]}}}"),
        agent("other", "mcp_scopes: {tickets: [search]}"))


class Reloading:
    def __init__(self, world, ports):
        self.world, self.gateway, self.ports = world, world.gateway, ports

    def grant(self, which: str) -> None:
        """Activates the policy that grants this to `changed`."""
        before = self.gateway.json("status")[0]["policy"]
        made = self.gateway.folder / "next.yaml"
        made.write_text(written(self.ports, which))
        os.replace(made, self.gateway.policy / "org.yaml")
        self.gateway.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 20
        while self.gateway.json("status")[0]["policy"] == before:
            assert time.monotonic() < deadline, self.gateway.stderr()[-2000:]
            time.sleep(0.05)

    def sdk(self, version: str, name: str, way: str = "http") -> SDKClient:
        words = ["--http", self.gateway.url] if way == "http" else \
            ["--stdio", str(self.gateway.binary), "stdio", "--gateway", self.gateway.url]
        return SDKClient(interpreter(f"mcp-{version}"), *words, token=self.gateway.token(name))

    def shim(self, name: str = "changed") -> Shim:
        return Shim(self.gateway.binary, self.gateway.url, self.gateway.token(name))


@contextmanager
def reloading(binary, people):
    ports = {}

    def write(given: dict[str, int]) -> str:
        ports.update(given)
        return written(given, "narrow")

    with governed(binary, people, write, servers=("tickets",)) as world:
        world.gateway.wait_for_tools("changed", "tickets")
        yield Reloading(world, ports)


@pytest.fixture(scope="module")
def made(binary, people):
    with reloading(binary, people) as found:
        yield found


@pytest.fixture
def own(binary, people):
    """A gateway for a test that ends it."""
    with reloading(binary, people) as found:
        yield found


@pytest.mark.parametrize("version, way", [(version, way) for version in ("1.9.4", "1.22.0", "1.30.0", "2.3.0")
                                          for way in ("http", "stdio")])
def test_a_reload_is_told_to_the_agent_whose_grants_it_changes(made, version, way):
    with made.sdk(version, "changed", way) as changed, made.sdk(version, "other", way) as other:
        for client in (changed, other):
            client.list()
            if version == "2.3.0":
                client.do("listen", tools_list_changed=True)
                assert client.heard(1) == [["listening", {"toolsListChanged": True}]]
        time.sleep(0.5)  # 1.x opens its stream concurrently with other requests
        expected = [["event", "ToolsListChanged"]] if version == "2.3.0" else [["changed", CHANGED]]
        for grant, count in (("wide", 2), ("narrow", 1)):
            made.grant(grant)
            heard = changed.heard(1)
            # The newest SDK also hands each event to its message handler.
            assert [one for one in heard if one in expected] == expected, heard
            assert len(changed.list()) == count
        assert other.heard(seconds=0.3) == []


def listening(made, identifier="one", token=None, **wanted) -> Listening:
    return Listening(made.gateway.port, token or made.gateway.token("changed"), identifier, **wanted)


def test_server_stateless_subscriptions(made):
    """The scenario's three rules: acknowledged first, each message tagged, no unsolicited messages."""
    tools, prompts = listening(made, 41, toolsListChanged=True), listening(made, 42, promptsListChanged=True)
    first = tools.next()
    assert (first["method"], first["params"]["_meta"][ID]) == (ACKNOWLEDGED, 41)
    assert first["params"]["notifications"] == {"toolsListChanged": True}
    assert prompts.next()["params"]["_meta"][ID] == 42
    made.grant("wide")
    told = tools.next()
    assert (told["method"], told["params"]["_meta"][ID]) == (CHANGED, 41)
    assert prompts.next(0.5) is None
    made.grant("narrow")
    for stream in (tools, prompts):
        stream.close()


def test_a_halt_ends_it_in_good_form_and_another_one_is_refused(made):
    stream = listening(made, "h", toolsListChanged=True)
    assert stream.next()["method"] == ACKNOWLEDGED
    order = made.gateway.halt("--agent", "changed", by=DANA)
    try:
        ended = stream.next()
        assert (ended["id"], ended["result"]["resultType"], ended["result"]["_meta"][ID]) == ("h", "complete", "h")
        assert listening(made, "again", toolsListChanged=True).next(1) is None
    finally:
        made.gateway.resume(order, "ada@acme.example", "sam@acme.example")
    stream.close()


def test_a_shutdown_ends_it_in_good_form_over_http_and_through_the_relay(own):
    stream = listening(own, "s", toolsListChanged=True)
    with own.shim() as shim:
        shim.send(message("subscriptions/listen", "r", notifications={"toolsListChanged": True}))
        assert shim.answer()["method"] == stream.next()["method"] == ACKNOWLEDGED
        began = time.monotonic()
        assert own.gateway.stop() == 0
        assert time.monotonic() - began < 8, "nobody waits for an open stream"
        assert stream.next()["result"]["_meta"][ID] == "s"
        assert shim.answer() == {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": "r"}}
        assert shim.answer()["result"]["_meta"][ID] == "r"
    stream.close()


def test_a_subscription_that_the_relay_loses_is_cancelled_and_then_an_error(own):
    with own.shim() as shim:
        shim.send(message("subscriptions/listen", "r", notifications={"toolsListChanged": True}))
        assert shim.answer()["method"] == ACKNOWLEDGED
        own.gateway.kill()
        assert shim.answer() == {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": "r"}}
        lost = shim.answer()
        assert (lost["id"], lost["error"]["code"]) == ("r", -32603)
        assert shim.is_silent(0.3)


def test_the_host_ends_a_subscription_and_others_are_answered_meanwhile(made):
    with made.shim() as shim:
        for number in range(3):
            shim.send(message("subscriptions/listen", f"l{number}", notifications={"toolsListChanged": True}))
            assert shim.answer()["params"]["_meta"][ID] == f"l{number}"
        assert "result" in shim.ask(message("tools/list", "list"))
        shim.send({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": "l1"}})
        assert shim.is_silent(0.3)
        made.grant("wide")
        assert {shim.answer()["params"]["_meta"][ID] for _ in range(2)} == {"l0", "l2"}
        made.grant("narrow")


def test_the_relay_comes_back_to_a_stream_that_it_has_lost(made):
    """A legacy host receives a notification of a change that came while the network was down."""
    with Relay(made.gateway.port) as proxy:
        with Shim(made.gateway.binary, f"http://127.0.0.1:{proxy.port}/mcp", made.gateway.token("changed")) as shim:
            assert "result" in shim.ask({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
                "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "by hand", "version": "1"}}})
            shim.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
            time.sleep(0.5)
            assert proxy.cut() >= 1
            made.grant("wide")
            assert shim.answer() == {"jsonrpc": "2.0", "method": CHANGED}
            made.grant("narrow")
            assert shim.answer() == {"jsonrpc": "2.0", "method": CHANGED}
            assert shim.is_silent(0.3), "messages alone on stdout, and none twice"
