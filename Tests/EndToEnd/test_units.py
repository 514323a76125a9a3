"""Units of amounts: in the commands of a policy, and from the call to what people sign."""

import json
import shutil
import subprocess

import pytest

from addresses import PAUL
from refunding import pool, refunds  # noqa: F401
from revising import edit, reload
from test_policy_analysis import ACME
from test_templates import money

ENTRY = "refund_request: {class: write, effects: [irreversible, spends_money]"
UNITS = "units: {amount_cents: {money: minor, currency: args.currency}}"
SERVERS = "servers/support.yaml"


@pytest.fixture
def policy(binary, tmp_path):
    """Runs a command of `interlock policy` on the example and on the example with units."""
    shutil.copy(ACME, tmp_path / "old.yaml")
    text = ACME.read_text()
    assert ENTRY + "}" in text
    (tmp_path / "new.yaml").write_text(text.replace(ENTRY, f"{ENTRY}, {UNITS}"))

    def run(*words, code=0):
        done = subprocess.run(
            [binary, "policy", *words, "--no-lock", "--at", "2026-11-20T09:00:00Z"],
            cwd=tmp_path, capture_output=True, text=True, timeout=60)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    run.folder = tmp_path
    return run


def test_commands_say_amounts_in_their_units_and_a_change_of_them_is_a_change(policy):
    assert policy("check", "new.yaml", "--strict") == policy("check", "old.yaml", "--strict").replace("old.yaml", "new.yaml")
    words = "amount_cents is at most 500.00 EUR or USD"
    for command in ("explain", "worst-case"):
        assert words in policy(command, "refunds", "--policy", "new.yaml")
        assert words not in policy(command, "refunds", "--policy", "old.yaml")
    (row,) = [one for one in json.loads(policy("worst-case", "refunds", "--policy", "new.yaml", "--json"))["tools"]
              if one["tool"] == "billing.refund_request"]
    assert words in row["outcome"] and any("<= 50000" in one for one in row["guards"]), row
    path = "servers.billing.tools.refund_request.units.amount_cents"
    assert policy("diff", "old.yaml", "new.yaml", code=2) == (
        f'NOT COMPARABLE {path}: {{"currency":"args.currency","money":"minor"}} was absent\n')
    text = (policy.folder / "new.yaml").read_text()
    (policy.folder / "bad.yaml").write_text(text.replace("currency: args.currency}", "currency: XAU}"))
    found = policy("check", "bad.yaml", code=65)
    assert "bad.yaml:38:" in found and " E218 " in found and "help: write `currency: args.currency`" in found


def test_the_former_unit_of_a_template_is_a_warning_that_can_be_waived(policy):
    folder = policy.folder / "approvals"
    folder.mkdir()
    (folder / "billing.yaml").write_text(
        'billing.refund_request:\n  quantity: {value: args.amount_cents, unit: "{args.currency} cents"}\n')
    assert "approvals/billing.yaml:2:46 W230 " in policy("check", "new.yaml")
    policy("check", "new.yaml", "--strict", code=1)
    text = (policy.folder / "new.yaml").read_text()
    waiver = "{lint: W230, at: billing.refund_request, owner: secops@acme.example, until: \"2026-12-15\", reason: Moves next}"
    (policy.folder / "waived.yaml").write_text(text.replace("tests:\n", f"  - {waiver}\ntests:\n", 1))
    policy("check", "waived.yaml", "--strict")


@pytest.fixture
def acme(organisation):
    made = organisation(servers=("billing",))
    made.gateway.wait_for_tools("refunds", "billing")
    return made


def test_people_sign_the_amount_as_they_read_it(acme, refunds):
    held = refunds.ask()
    request = refunds.request()
    cents = refunds.arguments["amount_cents"]
    shown = acme.gateway.run("approvals", "show", request).stdout
    assert f"{money(cents)}  amount_cents: {cents}" in shown, shown
    (whole,) = acme.gateway.json("approvals", "show", request)
    assert whole["review"]["facts"]["amounts"] == {"amount_cents": {"raw": cents, "shown": money(cents)}}
    assert whole["amounts"] == [{"argument": "amount_cents", "raw": str(cents), "shown": money(cents)}]
    acme.gateway.approve(request, PAUL)
    # Who approved cents has not approved euros: the request is shown again, without the vote.
    edit(acme.gateway, "money: minor", "money: major", SERVERS)
    assert reload(acme.gateway)["outcome"] == "loaded"
    (again,) = acme.gateway.json("approvals", "show", request)
    assert (again["state"], again["revision"], again["have"]) == ("pending", 2, 0), again
    assert again["review"]["facts"]["amounts"]["amount_cents"]["shown"] == money(100 * cents)
    refunds.deny(request)
    assert held.result(30).code == 4031
