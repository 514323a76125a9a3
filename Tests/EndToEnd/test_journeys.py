"""Four tasks of people, done with the words of the pages and of the README alone: enrol, approve, deny a suspicious
request, find the reason of a refusal. `.build/journeys.json` gets the steps and seconds of each."""

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

pytest.importorskip("selenium", reason="no selenium: run scripts/setup")
from addresses import INES, PAUL, RUI, SAM#noqa:E402
from browsing import PICTURES  # noqa: E402
from conftest import ROOT  # noqa: E402
from office import Office  # noqa: E402
from refunding import Asking  # noqa: E402
from test_templates import TEMPLATE, money  # noqa: E402
from walking import Walk, check_measured, forget  # noqa: E402

# The width of a page of a document.
SIZE = {"width": 900, "height": 640}
STORY = "I never heard of this invoice"
JOURNEYS = ("enrol", "approve", "deny as suspicious", "find out why", "find out which rule")
# A call waits for its answer as long as a journey may take on a busy machine.
PATIENT = {"mcp": {"hold": "10m"}}


@pytest.fixture(scope="module")
def office(binary, people):
    forget(*JOURNEYS)
    with ExitStack() as stack:
        yield Office(stack, binary, people, invited=(PAUL, INES), templates={"billing.yaml": TEMPLATE}, settings=PATIENT)


@pytest.fixture(scope="module")
def paul(office):
    """A person whose device has no passkey yet."""
    return office.window(**SIZE)


@pytest.fixture
def refunds(office):
    with ThreadPoolExecutor(2) as pool:
        yield Asking(office.acme, pool)


def join(walk: Walk, link: str, waiting: str = "Nothing waits for you.") -> None:
    """Goes from the link of an invitation to the inbox."""
    walk.open(link, "the link of the invitation")
    walk.picture("enrol")
    walk.press("Make a passkey")
    walk.see("Enrolled. You can sign in now.")
    walk.press("Sign in")
    walk.picture("sign-in")
    walk.press("Sign in with a passkey")
    walk.see("Overview", "Needs attention")
    walk.press_section("Inbox")
    walk.see(waiting)


def test_enrol(office, paul):
    with Walk("enrol", paul) as walk:
        join(walk, f"/enrol/{office.tokens[PAUL]}")
    assert PAUL in paul.one("header").text


def test_approve(office, paul, refunds):
    held = refunds.ask()
    request = refunds.request()
    office.gateway.approve(request, RUI)
    with Walk("approve", paul) as walk:
        walk.open("/", "the console")
        walk.press("1 task")
        walk.see("For you (1)")
        walk.picture("approvals")
        walk.press("billing.refund_request")
        walk.see("Before approving:")
        walk.picture("review")
        cents = refunds.arguments["amount_cents"]
        assert walk.fact("Quantity") == f"{money(cents)} ({cents})"
        assert walk.fact("Amount") == f"{money(cents)}, amount_cents: {cents}"
        walk.read()
        walk.type("Type the target", walk.fact("Target"))
        walk.see("Ready.")
        walk.picture("approve")
        walk.press("Approve this call")
        walk.see("The approval was used for this one call")
        walk.picture("review-used")
    answer = held.result(30)
    assert answer.code is None and not answer.message["result"].get("isError"), answer.body
    assert refunds.paid() == refunds.before + 1


def test_deny_what_is_suspicious(office, paul, refunds):
    held = refunds.ask()
    request = refunds.request()
    with Walk("deny as suspicious", paul) as walk:
        walk.open("/", "the console")
        walk.press("1 task")
        walk.press("billing.refund_request")
        walk.choose("Reason", "suspicious: tell security")
        walk.type("Comment (required for Other)", STORY)
        walk.picture("deny")
        walk.press("Deny this call")
        walk.see("Denied, call not sent")
        walk.read()
        walk.picture("review-denied")
    assert held.result(30).code == 4031
    assert refunds.paid() == refunds.before
    assert f"approval.suspicious {request}" in office.gateway.stderr()
    # The run is paused until a person lets it go on; others of the agent are not.
    (run,) = [one for one in office.gateway.json("breakers", check=False)[0]["runs"] if one["reason"] == "suspicious"]
    assert (run["agent"], run["state"]) == ("refunds", "paused")
    assert refunds.ask(amount_cents=1).result(30).code == 4290
    office.gateway.run("runs", "unpause", run["run"], "--reason", "the invoice was mistyped", by=SAM)
    assert [one for one in office.gateway.json("breakers", check=False)[0]["runs"] if one["run"] == run["run"]] == []


def test_find_out_why_a_call_was_refused(office, paul, refunds):
    """Ines owns the agent. It informs her that a call was refused, and no more."""
    ines = office.window(**SIZE)
    with Walk("find out why", ines) as walk:
        join(walk, f"/enrol/{office.tokens[INES]}", waiting="Classify alert")
        walk.press_tab("Decided")
        walk.see("denied")
        walk.picture("approvals-decided")
        walk.press_first("billing.refund_request")
        walk.see("denied", "Denied, call not sent")
        assert walk.fact("Denied by") == PAUL
        assert walk.fact("Reason given") == "suspicious: tell security"
        assert STORY in walk.fact("Comment")
        # The log's account of it: the command is on the page, the next one in the README.
        lines = walk.run(office.gateway, *walk.command()).splitlines()
        (number,) = [line.split()[0] for line in lines if "approval.suspicious" in line]
        assert STORY in walk.run(office.gateway, "audit", "show", number)


def test_find_out_which_rule_refused_a_call(office, refunds):
    """No approval was requested, so no page shows the call; the README's commands do."""
    answer = refunds.ask(amount_cents=900_000).result(30)
    assert answer.code == 4030
    with Walk("find out which rule", office.browsers[0]) as walk:
        done = walk.run(office.gateway, "status", "refunds")
        (number,) = [line.split()[0] for line in done.splitlines() if "guard_false" in line]
        record = walk.run(office.gateway, "audit", "show", number)
    assert "agents/refunds.yaml:15:11" in record and "mcp_scopes.billing[1]" in record


def test_each_journey_was_measured():
    check_measured(*JOURNEYS)


def test_the_pictures_of_the_guide_are_there():
    """`make pictures` renews the screenshots."""
    named = re.findall(r"!\[[^]]+\]\(pictures/([a-z-]+)\.png\)", (ROOT / "docs" / "approvals.md").read_text())
    assert len(named) == len(set(named)) > 4
    for name in named:
        picture = (ROOT / "docs" / "pictures" / f"{name}.png").read_bytes()
        assert len(picture) < 100_000, name
        # The same size as the screenshots just taken by the tests of this file.
        assert picture[:24] == (PICTURES / f"{name}.png").read_bytes()[:24], name


def test_no_page_complained(office):
    assert office.complaints() == []
