"""The view of a denied tool from outside, from the upstream, and in the record."""

import json
import re
from pathlib import Path

import pytest

DENIED = {  # tool -> the rule that decides
    "crm__delete_customer": "no-customer-delete",   # forbidden by name
    "crm__send_customer_email": "no-grant",         # a write, and the scope is [read]
    "tickets__add_label": "no-grant",
    "billing__refund_request": "no-grant",          # a server that is not granted at all
    "billing__get_invoice": "no-grant",
}


def shown(answer, name: str) -> tuple:
    """Status, headers and body without the caller's own words (name and id) and the decision's id."""
    body = re.sub(rb"dec_[0-9a-z]{26}", b"dec_*", answer.body.replace(name.encode(), b"NAME"))
    body = re.sub(rb'"id":\s*\d+', b'"id":N', body)
    headers = {key: value for key, value in answer.headers.items() if key not in ("date", "content-length")}
    return answer.status, headers, body


@pytest.mark.requirement("R001")
@pytest.mark.parametrize("tool", DENIED)
def test_a_denied_tool_is_not_listed(acme, tool):
    assert tool not in acme.session("support-triage").tools()


@pytest.mark.requirement("R001")
@pytest.mark.parametrize("tool", DENIED)
def test_a_call_to_it_answers_exactly_like_an_unknown_tool(acme, tool):
    session = acme.session("support-triage")
    denied = session.call(tool, id="C-77")
    for unknown in ("crm__no_such_tool", "nowhere__delete_customer", "no_server_at_all"):
        assert shown(denied, tool) == shown(session.call(unknown, id="C-77"), unknown)
    assert (denied.status, denied.code) == (200, -32602)


@pytest.mark.requirement("R001", "R052")
@pytest.mark.parametrize("tool", DENIED)
def test_it_never_reaches_the_upstream(acme, tool):
    acme.session("support-triage").call(tool, id="C-77")
    server, name = tool.split("__")
    assert acme.count(server, name) == 0


@pytest.mark.requirement("R001", "R052")
@pytest.mark.parametrize("tool", DENIED)
def test_the_record_names_the_deciding_rule(acme, tool):
    acme.session("support-triage").call(tool, id="C-77")
    record = [record for record in acme.gateway.records() if record.get("tool") == tool][-1]
    assert record["t"] == "call.denied"
    assert record["agent"] == "support-triage"
    assert record["rule"] == DENIED[tool]
    assert record["dec"] == "deny"


def test_the_record_leads_to_file_and_line(acme):
    acme.session("support-triage").call("crm__delete_customer", id="C-77")
    record = [one for one in acme.gateway.records() if one.get("tool") == "crm__delete_customer"][-1]
    lines = (Path(acme.made["policy"]) / "org.yaml").read_text().splitlines()
    line = next(number for number, text in enumerate(lines, 1) if "id: no-customer-delete" in text)
    text = acme.gateway.record_of(f"dec_{record['call']}")
    assert re.search(rf"org\.yaml:{line}(:\d+)?\b", text), text


@pytest.mark.requirement("R020")
def test_a_tool_that_the_policy_does_not_list_is_unknown(acme):
    """The live git server offers more tools than the policy describes."""
    session = acme.session("code-fix")
    assert "git__git_branch" not in session.tools()
    assert session.call("git__git_branch", repo_path="/", branch_type="local").code == -32602
    record = [one for one in acme.gateway.records() if one.get("tool") == "git__git_branch"][-1]
    assert record["rule"] == "unlisted-tool"


def test_each_agent_sees_its_own_list(acme):
    lists = {agent: set(acme.session(agent).tools()) for agent in ("support-triage", "refunds", "code-fix")}
    assert not lists["support-triage"] & lists["code-fix"]
    assert {"billing__refund_request", "tickets__close_ticket", "crm__send_customer_email"} <= lists["refunds"]
    assert not any("delete_customer" in name or "reset" in name for names in lists.values() for name in names)


def test_a_denied_tool_is_unknown_on_its_server_s_own_endpoint_too(acme):
    session = acme.session("support-triage", path="/mcp/crm")
    assert session.tools() == ["get_customer"]
    denied, unknown = session.call("delete_customer", id="C-77"), session.call("no_such_tool", id="C-77")
    assert shown(denied, "delete_customer") == shown(unknown, "no_such_tool")
    assert acme.count("crm", "delete_customer") == 0


@pytest.mark.requirement("R045")
def test_status_answers_what_it_may_do(acme):
    acme.session("support-triage").call("crm__delete_customer", id="C-77")
    (status,) = acme.gateway.json("status", "support-triage", check=False)
    did = json.dumps(status.pop("did"))
    allowed = json.dumps(status)
    assert "get_customer" in allowed and "delete_customer" not in allowed
    assert "call.denied" in did
