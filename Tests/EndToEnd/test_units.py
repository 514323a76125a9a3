"""Units of amounts: in the commands of a policy, and from the call to what people sign."""

import json
import shutil
import subprocess
from contextlib import ExitStack

import pytest

pytest.importorskip("selenium", reason="no selenium: run scripts/setup")
from addresses import PAUL  # noqa: E402
from deployment import approval_id  # noqa: E402
from houses import talking  # noqa: E402
from office import Office  # noqa: E402
from program import Program  # noqa: E402
from refunding import pool, refunds  # noqa: E402, F401
from revising import edit, reload  # noqa: E402
from test_policy_analysis import ACME  # noqa: E402
from test_templates import money  # noqa: E402

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


EUROS = "{money: minor, currency: EUR}"
# Arguments of a call with their units, their values, and what people read; None for a reason in place of an amount.
AMOUNTS = [
    ("euros", EUROS, 129_900, "1_299.00 EUR"), ("yen", "{money: minor, currency: JPY}", 1500, "1_500 JPY"),
    ("dinars", "{money: minor, currency: KWD}", 1234, "1.234 KWD"), ("loss", EUROS, -5, "-0.05 EUR"),
    ("most", EUROS, 2**53 - 1, "90_071_992_547_409.91 EUR"), ("part", EUROS, 0.5, None),
    ("chosen", "{money: minor, currency: args.currency}", 50_000, "500.00 CHF"),
    ("gold", "{money: minor, currency: args.metal}", 3, None), ("whole", "{money: major, currency: EUR}", 12.5, "12.50 EUR"),
    ("size", "bytes", 1536, "1.5 KiB"), ("wait", "seconds", 7080, "1 h 58 min"), ("delay", "milliseconds", 3200, "3.2 s"),
    ("share", "percent", 12.5, "12.5 %"), ("day", "unix_s", 1_795_168_800, "2026-11-20 10:00:00 UTC"),
    ("instant", "unix_ms", 1_795_168_800_250, "2026-11-20 10:00:00.250 UTC"), ("places", "{count: seats}", 1200, "1_200 seats"),
]
# Hostile input: letters without end, from right to left, of no width, as markup; many digits; many arguments.
ODD = {"long": "<b>ab\u202e\u200b" * 1500, "hebrew": "שלום עולם " * 40 + ".",
       "emoji": "👩‍👩‍👧‍👦🏳️‍🌈" * 100,
       "digits": "123456789012345678901234567890", **{f"argument_{number}": f"value-{number}" for number in range(150)}}


@pytest.fixture(scope="module")
def office(binary, people):
    """Its agent `tester` asks for each call of a tool that takes anything, and whose numbers have units."""
    files = talking()
    server, agent = files["servers/talking.yaml"], next(text for name, text in files.items() if name.startswith("agents/"))
    units = ", ".join(f"{name}: {unit}" for name, unit, *_ in AMOUNTS)
    with ExitStack() as stack:
        made = Office(stack, binary, people, invited=(PAUL,), extra={
            "servers/talking.yaml": server.replace("{class: read}", f"{{class: read, units: {{{units}}}}}"),
            "agents/tester.yaml": agent + "    approvers: finance\n    approval_required: [talking.tell]\n"})
        made.gateway.wait_for_tools("tester", "talking")
        yield made


@pytest.fixture
def acme(office):
    return office.acme


@pytest.fixture(scope="module")
def paul(office):
    return office.person(PAUL)


def test_page_terminal_and_api_say_the_same_of_each_unit_and_each_argument_is_whole(office, paul, pool):
    arguments = {name: value for name, _, value, _ in AMOUNTS} | {"currency": "CHF", "metal": "XAU", "bare": 7} | ODD
    session = office.acme.session("tester")
    held = pool.submit(session.call, "talking__tell", 100, **arguments)
    request = approval_id(office.gateway.pending())
    terminal = office.gateway.run("approvals", "show", request).stdout
    told = {one["argument"]: one for one in Program(office, paul).get(f"/approvals/apr_{request}").json["amounts"]}
    paul.look(width=360, height=740)
    paul.open(f"/approvals/apr_{request}")
    assert paul.overflow() <= 0 and paul.broken_words() == []
    page = paul.run("return document.querySelector('main').textContent")
    for name, _, value, shown in AMOUNTS:
        raw, text = json.dumps(value), shown and shown.replace("_", "\u202f")
        assert (told[name]["raw"], told[name].get("shown")) == (raw, text), (name, told[name])
        if shown:
            assert f"{text}, {name}: {raw}" in page and f"{text}  {name}: {raw}" in terminal, name
        else:
            assert f"not shown in its unit: {told[name]['reason']}" in page and f"{name}: {raw}" in page, name
            assert told[name]["reason"] in terminal, name
    assert "Unit not declared" in page and "bare" in page.partition("Unit not declared")[2][:40]
    # What is signed is on the page, whole, and what cannot be seen is named.
    for name, value in ODD.items():
        revealed = value.replace("\u202e", "⟦U+202E⟧").replace("\u200b", "⟦U+200B⟧").replace("\u200d", "⟦U+200D⟧")
        assert name in page and revealed.replace("\ufe0f", "⟦U+FE0F⟧") in page, name
    assert paul.all("main details:not([open])") == []
    paul.look()
    office.gateway.run("approvals", "deny", request, "--reason", "not this one", by=PAUL)
    assert held.result(30).code == 4031
    # A number that JavaScript cannot have exactly is not read at all.
    for number in (2**53, int(ODD["digits"])):
        assert session.call("talking__tell", euros=number).code == -32700, number


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
