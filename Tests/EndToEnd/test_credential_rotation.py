"""The last day of a credential: alerts about it, and its refusal after it where the policy says so."""

import json
import re
import time
from datetime import datetime, timedelta, timezone

import pytest
from outward import VALUE, Outward
from revising import reload
from waits import listed_alert
from wire import decision


def day(offset: int) -> str:
    return (datetime.now(timezone.utc).date() + timedelta(days=offset)).isoformat()


def rotated(organisation, stack, rotation: str) -> Outward:
    up = Outward(organisation, stack, secret=VALUE)
    path = up.gateway.policy / "servers" / "up.yaml"
    text, count = re.subn(r"secret: up\}", f"secret: up, rotate_by: {rotation}}}", path.read_text())
    assert count == 1
    path.write_text(text)
    up.keep("up", VALUE.encode())
    return up


@pytest.mark.requirement("R015")
def test_a_credential_is_refused_after_its_last_day(organisation, stack):
    """The gateway lists with it while it is valid; a later policy, with the day before, refuses it at once."""
    up = rotated(organisation, stack, f'{{on: "{day(0)}", after: refuse}}').start()
    assert "isError" not in up.call(), "its last day has not ended"
    assert listed_alert(up.gateway, "credential.rotation_due")["subject"] == "up/tester"
    path = up.gateway.policy / "servers" / "up.yaml"
    path.write_text(path.read_text().replace(day(0), day(-1)))
    before = len(up.server.heard)
    reload(up.gateway)
    result = up.check_refused(f"rotated by {day(-1)}", "the policy refuses it")
    outcome = up.gateway.records(20, type="call.outcome")[-1]
    assert (decision(result)["code"], outcome["st"]) == (5020, "not_executed")
    assert b"tools/call" not in bytes(up.server.heard)[before:], "nothing was sent"
    assert listed_alert(up.gateway, "credential.rotation_overdue")["subject"] == "up/tester"


@pytest.mark.requirement("R015")
def test_a_date_alone_alerts_and_refuses_nothing(organisation, stack):
    up = rotated(organisation, stack, f'"{day(-1)}"').start()
    assert "isError" not in up.call()
    assert listed_alert(up.gateway, "credential.rotation_overdue")["subject"] == "up/tester"


@pytest.mark.requirement("R013")
def test_the_registry_joins_owners_scopes_and_credentials(organisation, stack):
    up = rotated(organisation, stack, f'{{on: "{day(30)}", after: refuse}}').start()
    printed = up.gateway.run("agents", "export").stdout
    rows = {row["agent"]: row for row in map(json.loads, printed.splitlines())}
    assert set(rows) == {row["agent"] for row in up.gateway.json("agents", "list")}
    assert all(row["owner"].endswith("@acme.example") and row["review_by"] and row["purpose"] for row in rows.values())
    assert rows["tester"]["credentials"] == [
        {"server": "up", "secret": "up", "header": "Authorization", "rotate_by": day(30), "after": "refuse"}]
    tools = {f"{scope['server']}__{scope['tool']}" for scope in rows["tester"]["scopes"]}
    assert tools == set(up.made.session("tester").tools())
    assert VALUE not in printed
