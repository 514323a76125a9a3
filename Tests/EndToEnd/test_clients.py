"""Real clients of five SDK generations, one for each version of MCP, and two PyPI servers, through the gateway."""

import json
import subprocess

import pytest

from conftest import CLIENTS, SPOKEN

SEEN_BY_TRIAGE = {"tickets__get_ticket", "tickets__search", "kb__search", "kb__get_article", "crm__get_customer"}


@pytest.mark.parametrize("version, way", CLIENTS)
def test_an_sdk_lists_and_calls(acme, version, way):
    before = acme.count("tickets", "get_ticket")
    with acme.sdk(version, "support-triage", way) as client:
        assert client.connected["protocol"] == SPOKEN[version]
        assert {tool["name"] for tool in client.list()} == SEEN_BY_TRIAGE
        answer = client.call("tickets__get_ticket", id="T-1001")
    assert not answer["result"].get("isError"), answer
    assert "Lamp arrived broken" in json.dumps(answer["result"]["content"])
    assert acme.count("tickets", "get_ticket") == before + 1


@pytest.mark.parametrize("version, way", CLIENTS)
def test_an_sdk_reaches_a_server_on_stdio(acme, version, way):
    before = acme.count("kb", "search")
    with acme.sdk(version, "support-triage", way) as client:
        answer = client.call("kb__search", text="invoice")
    assert "KB-2" in json.dumps(answer["result"]["content"])
    assert acme.count("kb", "search") == before + 1


@pytest.mark.parametrize("version, way", CLIENTS)
def test_one_server_alone_has_its_own_names(acme, version, way):
    with acme.sdk(version, "support-triage", way, server="tickets") as client:
        assert {tool["name"] for tool in client.list()} == {"get_ticket", "search"}
        assert not client.call("get_ticket", id="T-1002")["result"].get("isError")


@pytest.mark.parametrize("version, way", CLIENTS)
def test_a_tool_s_own_error_comes_through(acme, version, way):
    with acme.sdk(version, "support-triage", way) as client:
        answer = client.call("tickets__get_ticket", id="T-0")
    assert answer["result"]["isError"]
    assert "no ticket T-0" in json.dumps(answer["result"]["content"])


@pytest.mark.parametrize("version, way", CLIENTS)
def test_mcp_server_git_and_mcp_server_time_answer(acme, version, way):
    acme.gateway.wait_for_tools("code-fix", "git", "time")
    with acme.sdk(version, "code-fix", way) as client:
        names = {tool["name"] for tool in client.list()}
        assert {"git__git_log", "git__git_status", "time__get_current_time"} <= names
        assert "git__git_reset" not in names
        log = client.call("git__git_log", repo_path=acme.repository)
        assert "Round the sum to cents" in json.dumps(log["result"]["content"]), log
        time = client.call("time__convert_time", source_timezone="UTC", time="12:00", target_timezone="Asia/Tokyo")
        assert "21:00" in json.dumps(time["result"]["content"]), time


@pytest.mark.parametrize("way", ("http", "stdio"))
def test_the_newest_sdk_also_opens_with_a_handshake(acme, way):
    with acme.sdk("2.3.0", "support-triage", way, environment={"MCP_MODE": "legacy"}) as client:
        assert client.connected["protocol"] == "2025-11-25"
        assert {tool["name"] for tool in client.list()} == SEEN_BY_TRIAGE
        assert not client.call("tickets__get_ticket", id="T-1001")["result"].get("isError")


def test_structured_content_comes_through_where_the_era_has_it(acme):
    with acme.sdk("1.22.0", "support-triage") as new, acme.sdk("1.9.4", "support-triage") as old:
        call = {"id": "C-77"}
        customer = new.call("crm__get_customer", **call)["result"]["structuredContent"]
        assert customer["name"] == "Mia Costa"
        assert "structuredContent" not in old.call("crm__get_customer", **call)["result"]


def test_the_shim_prints_messages_alone_on_stdout_and_ends_with_its_input(acme):
    opening = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "by hand", "version": "1"}}}
    done = subprocess.run(
        [acme.gateway.binary, "stdio", "--gateway", acme.gateway.url], input=json.dumps(opening) + "\n",
        capture_output=True, text=True, timeout=30, env={"INTERLOCK_TOKEN": acme.token("support-triage")})
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["id"] for line in lines] == [1] and "serverInfo" in lines[0]["result"]
    assert done.returncode == 0, done.stderr


def test_the_shim_says_77_when_its_credential_is_refused(acme):
    done = subprocess.run([acme.gateway.binary, "stdio", "--gateway", acme.gateway.url], input="", text=True,
                          capture_output=True, timeout=30, env={"INTERLOCK_TOKEN": "not-a-token"})
    assert (done.returncode, done.stdout) == (77, "")


def test_the_shim_says_69_without_a_gateway(acme):
    done = subprocess.run([acme.gateway.binary, "stdio", "--gateway", "http://127.0.0.1:1/mcp"], input="", text=True,
                          capture_output=True, timeout=30, env={"INTERLOCK_TOKEN": acme.token("support-triage")})
    assert (done.returncode, done.stdout) == (69, "")
