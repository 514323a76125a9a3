"""The screenshots of docs/console.md: an organisation on an ordinary morning, as the security role sees it. `make
pictures` renews them."""

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

pytest.importorskip("selenium", reason="no selenium: run scripts/setup")
import revising  # noqa: E402
from addresses import ADA, PAUL, RUI, SAM  # noqa: E402
from browsing import PICTURES, wait  # noqa: E402
from conftest import ROOT  # noqa: E402
from learning import USUAL, learned, remember, spike  # noqa: E402
from office import Office, approve  # noqa: E402
from refunding import Asking  # noqa: E402
from waits import passed_drill  # noqa: E402

# The width of a page of a document.
SIZE = {"width": 900, "height": 760}
GUIDE = ROOT / "docs" / "console.md"
# An alert of a series takes whole minutes, two of them quiet.
pytestmark = pytest.mark.timeout(500)


@pytest.fixture(scope="module")
def office(binary, people):
    with ExitStack() as stack:
        yield Office(stack, binary, people, invited=(SAM, PAUL),
                     prepare=lambda gateway: remember(gateway, learned(USUAL)))


@pytest.fixture(scope="module")
def sam(office):
    return office.person(SAM, **SIZE)


@pytest.fixture(scope="module")
def names(office):
    """Prepares the events, and names the pages that show them."""
    with ExitStack() as stack:
        drill = passed_drill(office.gateway)
        revising.sign_off(office.gateway)
        office.gateway.wait_for_tools("support-triage", "kb")
        alarm = spike(office.gateway, quiet=2)["id"]
        asking = Asking(office.acme, stack.enter_context(ThreadPoolExecutor(2)))
        for invoice in ("INV-20931", "INV-20932", "INV-20931"):
            assert asking.session().call("billing__get_invoice", id=invoice).code is None
        assert asking.ask(amount_cents=900_000).result(30).code == 4030
        held = asking.ask()
        request = asking.request()
        office.gateway.approve(request, RUI)
        # One of the approvers decides with a passkey, as tier high requires.
        approve(office.person(PAUL), request)
        assert held.result(30).code is None
        waiting = asking.ask(amount_cents=7_500)
        stack.callback(waiting.result, 30)
        stack.callback(asking.deny, asking.request())
        refused = [one for one in office.gateway.records(200) if one["t"] == "call.denied"][-1]
        yield {"run": refused["run"], "record": refused["index"], "drill": drill, "alarm": alarm}


@pytest.mark.parametrize("name, path", [
    ("now", "/now"), ("agents", "/agents"), ("agent", "/agents/refunds"), ("servers", "/servers"), ("server", "/servers/billing"),
    ("policy", "/policy"), ("policy-agent", "/policy/agents/refunds"), ("runs", "/runs"), ("run", "/runs/{run}"),
    ("audit", "/audit"), ("record", "/audit/{record}"), ("load", "/people/workload"), ("drill", "/halt/drills/{drill}"),
    ("alerts", "/alerts"),
])
def test_a_page_of_the_guide(sam, names, name, path):
    sam.open(path.format(**names))
    wait(sam, lambda: all(chart.is_displayed() for chart in sam.all("canvas")))
    sam.picture(name)


def test_the_page_of_an_alarm(sam, names):
    sam.open(f"/alerts/{names['alarm']}")
    wait(sam, lambda: sam.one("main canvas").is_displayed())
    sam.run("[...document.querySelectorAll('h2')].find(one => one.textContent === 'Series').scrollIntoView()")
    sam.picture("alert")


def test_the_page_of_a_revision_that_waits(office, sam, names):
    revising.propose(office.gateway, ("agents/refunds.yaml", "800000", "900000"))
    sam.open("/policy/proposed")
    assert "Allows more" in sam.text()
    sam.picture("proposed")


def test_the_page_of_halts(office, sam, names):
    halt = office.gateway.halt("--agent", "support-triage", by=ADA, reason="it answers customers with other customers' tickets")
    sam.open("/halt")
    assert "support-triage" in sam.text()
    sam.picture("halt")
    office.gateway.resume(halt, ADA, SAM)


def test_the_pictures_of_the_guide_are_there():
    named = re.findall(r"!\[[^]]+\]\(pictures/([a-z-]+)\.png\)", GUIDE.read_text())
    assert len(named) == len(set(named)) > 6
    for name in named:
        kept = (ROOT / "docs" / "pictures" / f"{name}.png").read_bytes()
        assert len(kept) < 150_000, name
        # The same size as the screenshots just taken by the tests of this file.
        assert kept[:24] == (PICTURES / f"{name}.png").read_bytes()[:24], name


def test_no_page_complained(office):
    assert office.complaints() == []
