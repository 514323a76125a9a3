"""The switches of the configuration: none of them turns off the scope or the log."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "configuration.md"


def switches() -> list[tuple[str, str, str]]:
    """Section, key and the value that is not the default, of every switch; read from the page as its user does."""
    found, section = [], ""
    for line in PAGE.read_text().splitlines():
        if line.startswith("## "):
            section = line[3:].strip()
        elif row := re.match(r"\| `([a-z_]+)` \| true or false \| `(true|false)` \|", line):
            found.append((section, row[1], "false" if row[2] == "true" else "true"))
    assert len(found) >= 4
    return found


@pytest.mark.requirement("R071")
def test_with_every_switch_turned_calls_are_judged_and_recorded(organisation):
    made = organisation(servers=("tickets", "crm"), start=False)
    settings = {}
    for section, key, value in switches():
        settings.setdefault(section, {})[key] = value
    for section, values in settings.items():
        made.gateway.configure(section, **values)
    made.gateway.start()
    made.gateway.wait_for_tools("support-triage", "tickets", "crm")
    session = made.session("support-triage")
    assert session.call("tickets__get_ticket", id="T-1001").code is None
    assert b"unknown tool" in session.call("crm__delete_customer", id="C-77").body
    assert made.count("crm", "delete_customer") == 0
    kinds = [one["t"] for one in made.gateway.records(50) if one["t"].startswith("call.")]
    assert kinds[-3:] == ["call.intent", "call.outcome", "call.denied"], kinds


@pytest.mark.requirement("R071")
@pytest.mark.parametrize("section, key", [
    ("ledger", "enabled"), ("ledger", "off"), ("audit", "enabled"), ("policy", "mode"), ("policy", "enforce"),
    ("mcp", "scope_check")])
def test_there_is_no_key_that_could(organisation, section, key):
    made = organisation(servers=(), start=False)
    path = made.gateway.folder / "interlock.yaml"
    text = path.read_text()
    if re.search(rf"^{section}:", text, re.M):
        text = re.sub(rf"^{section}:.*$", rf"\g<0>\n  {key}: false", text, count=1, flags=re.M)
    else:
        text += f"{section}:\n  {key}: false\n"
    path.write_text(text)
    done = made.gateway.run("serve", check=False)
    assert done.returncode == 65 and (key in done.stderr or section in done.stderr), done.stderr
