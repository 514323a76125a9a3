"""The example servers alone, without Interlock: the assumptions of the other tests."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import counters
import make_organisation
from conftest import SDKS, interpreter
from sdk import ClientFailure, SDKClient
from upstreams import Upstreams

OFFERED = {
    "tickets": {"get_ticket", "search", "add_label", "close_ticket"},
    "crm": {"get_customer", "send_customer_email", "delete_customer"},
    "billing": {"get_invoice", "refund_request"},
    "kb": {"search", "get_article"},
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("organisation")
    made = make_organisation.make(folder, interpreter("servers"))
    with Upstreams(made["python"], Path(made["data"]), made["ports"], folder / "upstreams.log"):
        yield made


def server_words(made: dict, name: str) -> list[str]:
    script = Path(make_organisation.__file__).parent / "servers" / "server.py"
    return [made["python"], str(script), name, "--stdio", "--data", f"{made['data']}/{name}"]


@pytest.mark.parametrize("version", SDKS)
@pytest.mark.parametrize("name", OFFERED)
def test_every_sdk_lists_what_a_server_offers(made, version, name):
    way = (["--stdio", *server_words(made, name)] if name == "kb" else
           ["--http", f"http://127.0.0.1:{made['ports'][name]}/mcp"])
    with SDKClient(interpreter(f"mcp-{version}"), *way) as client:
        assert {tool["name"] for tool in client.list()} == OFFERED[name]


def test_a_call_is_counted_with_its_arguments_also_when_it_fails(made):
    data = Path(made["data"])
    before = counters.count(data, "crm", "get_customer")
    with SDKClient(interpreter("mcp-1.22.0"), "--http", f"http://127.0.0.1:{made['ports']['crm']}/mcp") as client:
        assert not client.call("get_customer", id="C-77")["result"]["isError"]
        assert client.call("get_customer", id="C-0")["result"]["isError"]
    assert counters.count(data, "crm", "get_customer") == before + 2
    assert counters.calls(data, "crm", "get_customer")[-1] == {"id": "C-0"}


def test_a_refund_is_paid_each_time_it_is_called(made):
    data = Path(made["data"])
    with SDKClient(interpreter("mcp-1.22.0"), "--http", f"http://127.0.0.1:{made['ports']['billing']}/mcp") as client:
        paid = [client.call("refund_request", invoice_id="INV-20931", amount_cents=100, currency="EUR")
                for _ in range(2)]
    refunds = [answer["result"]["structuredContent"]["refund"] for answer in paid]
    assert refunds[1] == refunds[0] + 1
    assert counters.count(data, "billing", "refund_request") == 2


def test_the_git_and_time_servers_answer(made):
    bin = Path(made["python"]).parent
    with SDKClient(interpreter("mcp-1.22.0"), "--stdio", str(bin / "mcp-server-git"), "--repository",
                   made["repository"]) as client:
        answer = client.call("git_log", repo_path=made["repository"])
        assert "Round the sum to cents" in json.dumps(answer)
    with SDKClient(interpreter("mcp-1.22.0"), "--stdio", str(bin / "mcp-server-time"), "--local-timezone",
                   "UTC") as client:
        assert "Europe/Lisbon" in json.dumps(client.call("get_current_time", timezone="Europe/Lisbon"))


def test_a_second_set_up_changes_nothing(tmp_path):
    first = make_organisation.make(tmp_path, interpreter("servers"))
    texts = {path: path.read_text() for path in (tmp_path / "policy").rglob("*.yaml")}
    assert make_organisation.make(tmp_path, interpreter("servers"), first["ports"]) == first
    assert {path: path.read_text() for path in (tmp_path / "policy").rglob("*.yaml")} == texts
    assert len(texts) == 6 and not any("$" in text for text in texts.values())


def test_the_counters_are_printed(made):
    script = Path(counters.__file__)
    with SDKClient(interpreter("mcp-1.22.0"), "--stdio", *server_words(made, "kb")) as client:
        client.call("search", text="invoice")
    printed = subprocess.run([sys.executable, script, made["data"]], capture_output=True, text=True, check=True)
    assert f"kb.search: {counters.count(Path(made['data']), 'kb', 'search')}" in printed.stdout.splitlines()


def test_a_client_says_why_it_could_not_connect():
    with pytest.raises(ClientFailure, match="(?i)connect"):
        SDKClient(interpreter("mcp-1.22.0"), "--http", "http://127.0.0.1:1/mcp")
