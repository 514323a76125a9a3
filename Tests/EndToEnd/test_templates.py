"""Reviewers' templates: the display of a call, the values read for it, and those that must stay unchanged."""

import sqlite3

import pytest

from deployment import approval_id
from addresses import ADA, PAUL, RUI, SAM
from refunding import Asking, pool, refunds  # noqa: F401
from revising import loading
from waits import until
from wire import decision

TEMPLATE = """billing.refund_request:
  target: "invoice {args.invoice_id}"
  quantity: {value: args.amount_cents}
  reversible: "no; a refund can only be charged again by hand"
  preview: {tool: billing.get_invoice, args: {id: "{args.invoice_id}"}, show: [customer, amount_cents]}
  preconditions: [amount_cents]
"""


def money(cents: int) -> str:
    """Cents of euros as people read them, with a narrow space between thousands."""
    return f"{cents / 100:,.2f} EUR".replace(",", "\u202f")


def write(acme, text: str = TEMPLATE, name: str = "billing.yaml") -> None:
    folder = acme.gateway.folder / "approvals"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text)


@pytest.fixture
def acme(organisation):
    made = organisation(servers=("billing",), start=False)
    write(made)
    made.gateway.start()
    made.gateway.wait_for_tools("refunds", "billing")
    return made


def invoice(acme, cents: int) -> None:
    with sqlite3.connect(acme.data / "billing" / "billing.db", timeout=10) as connection:
        connection.execute("UPDATE invoices SET amount_cents = ? WHERE id = 'INV-20931'", (cents,))


def test_people_see_what_is_there_and_the_call_runs_while_it_is(acme, refunds):
    held = refunds.ask()
    request = refunds.request()
    shown = acme.gateway.run("approvals", "show", request).stdout
    cents = refunds.arguments["amount_cents"]
    for text in ("invoice INV-20931", f"{money(cents)} ({cents})", "charged again by hand",
                 "by billing.get_invoice", 'customer: "C-77"', "amount_cents: 42000"):
        assert text in shown, shown
    (whole,) = acme.gateway.json("approvals", "show", request)
    review = whole["review"]
    assert review["template"].startswith("sha256:") and review["facts"]["preconditions"] == {"amount_cents": 42000}
    read = acme.count("billing", "get_invoice")
    assert read == 1, "one read, before anybody was asked"
    acme.gateway.approve(request, PAUL)
    acme.gateway.approve(request, RUI)
    assert held.result(30).code is None
    assert refunds.paid() == refunds.before + 1 and acme.count("billing", "get_invoice") == read + 1
    assert acme.gateway.verify().returncode == 0


def test_what_changed_after_the_approval_voids_it(acme, refunds):
    request = refunds.ask_and_leave()
    acme.gateway.approve(request, PAUL)
    acme.gateway.approve(request, RUI)
    invoice(acme, 1)
    answer = refunds.ask().result(30)
    assert answer.code == 4031 and "precondition changed" in answer.body.decode(), answer.body
    assert acme.gateway.json("approvals", "show", request)[0]["cause"] == "precondition-changed"
    assert refunds.paid() == refunds.before


def test_without_a_preview_nobody_is_asked_at_tier_high(acme, refunds):
    answer = refunds.ask(invoice_id="INV-0").result(30)
    assert answer.code == 4030 and "no-preview" in answer.body.decode(), answer.body
    assert acme.gateway.json("approvals", "list") == [] and refunds.paid() == refunds.before


def test_a_changed_template_is_read_while_the_gateway_runs(acme, refunds):
    held = refunds.ask()
    request = refunds.request()
    acme.gateway.approve(request, PAUL)
    write(acme, TEMPLATE.replace("invoice {", "the invoice {"))
    assert held.result(30).code == 4031, "what people saw is not what they would see now"
    (whole,) = acme.gateway.json("approvals", "show", request)
    assert whole["cause"] == "policy-changed"
    again = refunds.ask()
    assert "the invoice INV-20931" in acme.gateway.run("approvals", "show", fresh := refunds.request()).stdout
    refunds.deny(fresh)
    assert again.result(30).code == 4031
    write(acme, TEMPLATE.replace("billing.get_invoice", "billing.refund_request"))
    until(lambda: loading(acme.gateway)["last_reload"]["outcome"] == "refused", acme.gateway)
    third = refunds.ask(amount_cents=77)
    assert "the invoice" in acme.gateway.run("approvals", "show", last := refunds.request()).stdout, "the old one stays"
    refunds.deny(last)
    assert third.result(30).code == 4031 and refunds.paid() == refunds.before


@pytest.mark.parametrize("text, name, said", [
    (TEMPLATE.replace("billing.get_invoice", "billing.refund_request"), "billing.yaml", "billing.yaml:5:"),
    (TEMPLATE.replace("billing.get_invoice", "billing.nothing"), "billing.yaml", "E210"),
    (TEMPLATE.replace("billing.refund_request:", "billing.pay:"), "billing.yaml", "billing.yaml:1:1 E210"),
    (TEMPLATE, "notes.txt", "notes.txt:1:1 E402"),
    (TEMPLATE.replace("{args.invoice_id}", "{invoice_id}"), "billing.yaml", "E203"),
    (TEMPLATE.replace("  target", "  aim"), "billing.yaml", "billing.yaml:2:"),
])
def test_a_fault_is_named_by_file_and_line_and_nothing_is_served(organisation, text, name, said):
    made = organisation(servers=(), start=False)
    write(made, text, name)
    checked = made.gateway.run("policy", "check", str(made.gateway.policy), check=False)
    assert checked.returncode == 65 and said in checked.stdout, checked.stdout
    process = made.gateway.launch()
    assert process.wait(30) == 65 and said in made.gateway.stderr()


def test_templates_are_signed_off_with_the_policy(acme):
    acme.gateway.sign_off("li@acme.example", ADA, SAM)
    until(lambda: loading(acme.gateway)["founding"] is False, acme.gateway)
    write(acme, TEMPLATE.replace("invoice {", "the invoice {"))
    until(lambda: loading(acme.gateway)["last_reload"]["outcome"] == "refused", acme.gateway)


REFUND = {"invoice_id": "INV-20931", "amount_cents": 42, "currency": "EUR"}
MAIL = {"id": "C-77", "subject": "Your caf\u00e9 order", "body": "42"}
BASES = {"billing__refund_request": REFUND, "crm__send_customer_email": MAIL}
CHANGES = {
    "billing__refund_request": {
        "value": {"amount_cents": 43}, "type": {"amount_cents": "42"}, "fraction": {"amount_cents": 42.5},
        "case": {"currency": "eur"}, "added": {"note": "x"}, "null": {"currency": None},
    },
    "crm__send_customer_email": {
        "value": {"body": "43"}, "type": {"body": 42}, "added": {"cc": "C-78"},
        "decomposed": {"subject": "Your cafe\u0301 order"}, "zero width": {"subject": "Your caf\u00e9\u200b order"},
        "full width": {"subject": "\uff39our caf\u00e9 order"}, "no-break space": {"subject": "Your\u00a0caf\u00e9 order"},
    },
}


@pytest.mark.requirement("R091")
@pytest.mark.parametrize("tool, change", [(tool, change) for tool in CHANGES for change in CHANGES[tool]])
def test_a_changed_argument_never_runs_on_the_grant(changing, tool, change):
    client, ran = changing
    answer = client.call(tool, 30, **{**BASES[tool], **CHANGES[tool][change]})
    # A change that the schema allows waits for people again; any other is refused by it.
    expected = ((4030, "extra-field") if change == "added" else (4030, "violation") if change in (
        "type", "fraction", "case", "null") else (4032, "pending"))
    told = decision(answer["result"])
    assert (told["code"], told["reason"]) == expected, answer
    assert ran(tool) == 0


def code(answer: dict) -> int | None:
    return decision(answer["result"]).get("code")


@pytest.fixture(scope="module", params=["1.30.0", "2.3.0"])
def changing(binary, people, request):
    """Grants for one exact refund and one exact mail that remain unused, and the real client that requested them."""
    import shutil
    import tempfile
    from contextlib import ExitStack
    from pathlib import Path

    from conftest import organise

    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="interlock-e2e-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        made = organise(stack, binary, people, folder, servers=("billing", "crm"), settings={"mcp": {"hold": "1s"}})
        made.gateway.wait_for_tools("refunds", "billing", "crm")
        client = stack.enter_context(made.sdk(request.param, "refunds"))
        known = set()
        for tool, base in BASES.items():
            assert code(client.call(tool, 30, **base)) == 4032
            granted = approval_id(made.gateway.pending(other_than=known))
            known.add(granted)
            made.gateway.approve(granted, PAUL)
            made.gateway.approve(granted, RUI)
        ran = lambda tool: made.count(*tool.split("__"))  # noqa: E731
        yield client, ran
        # The control: with its arguments in another order, exactly this call runs, once.
        for tool, base in BASES.items():
            answer = client.call(tool, 30, **dict(reversed(base.items())))
            assert code(answer) is None and not answer["result"].get("isError"), answer
            assert ran(tool) == 1


def test_the_day_s_total_and_the_last_requests_are_part_of_what_people_sign(organisation, pool):
    made = organisation(servers=("billing",), start=False)
    write(made, TEMPLATE.replace("args.amount_cents}", "args.amount_cents, total: day}"))
    made.gateway.start()
    refunds = Asking(made, pool)
    made.gateway.wait_for_tools("refunds", "billing")
    first = refunds.ask(amount_cents=30_000)
    request = refunds.request()
    facts = made.gateway.json("approvals", "show", request)[0]["review"]["facts"]
    assert facts["history"] == "no earlier request of this agent for this tool is known"
    assert facts["total"] == f"{money(30_000)} (30000), with this call and 0 approved today (UTC)"
    for person in (PAUL, RUI):
        made.gateway.approve(request, person)
    assert first.result(30).code is None
    second = refunds.ask(amount_cents=20_000)
    refunds.deny(refunds.request())
    assert second.result(30).code == 4031
    third = refunds.ask(amount_cents=1_500)
    shown = made.gateway.json("approvals", "show", request := refunds.request())[0]["review"]["facts"]
    # What was denied is in the history, and not in the sum.
    assert shown["total"] == f"{money(31_500)} (31500), with this call and 1 approved today (UTC)"
    states = [(one["state"], one["arguments"]) for one in shown["history"]]
    assert states == [("denied", {"amount_cents": 20_000}), ("used", {"amount_cents": 30_000})]
    assert f"{money(31_500)} (31500)" in made.gateway.run("approvals", "show", request).stdout
    # Both are still known after a restart.
    refunds.deny(request)
    assert third.result(30).code == 4031
    made.gateway.stop()
    made.gateway.start()
    made.gateway.wait_for_tools("refunds", "billing")
    last = Asking(made, pool)
    fourth = last.ask(amount_cents=77)
    facts = made.gateway.json("approvals", "show", request := last.request())[0]["review"]["facts"]
    # Of another run the names are shown, and no values: an erasure of that run must not leave them here.
    assert [(one["state"], one["differ"]) for one in facts["history"]] == [
        ("denied", ["amount_cents"]), ("denied", ["amount_cents"]), ("used", ["amount_cents"])]
    assert facts["total"] == f"{money(30_077)} (30077), with this call and 1 approved today (UTC)"
    last.deny(request)
    assert fourth.result(30).code == 4031
