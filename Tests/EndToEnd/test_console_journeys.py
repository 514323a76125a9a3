"""Tasks in the console, done with the words of its pages alone: find the reason of a refusal, find the worst case of an
agent, stop an agent and see its calls in flight, resume with a second person, and collect everything that one person's
agents did yesterday, with its proof. `.build/journeys.json` gets the duration of each."""

import re
import tarfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime, timezone

import pytest

pytest.importorskip("selenium", reason="no selenium: run scripts/setup")
from addresses import ADA, DANA, INES, SAM  # noqa: E402
from clocks import later  # noqa: E402
from faulty import FaultyServer  # noqa: E402
from office import Office  # noqa: E402
from refunding import Asking  # noqa: E402
from walking import Walk, check_measured, forget  # noqa: E402

JOURNEYS = ("why a call was refused", "why a call was refused, on a phone", "the worst an agent can do", "stop an agent",
            "resume with a second person", "everything of yesterday")
DAY = 86_400


@pytest.fixture(scope="module")
def pool():
    with ThreadPoolExecutor(4) as threads:
        yield threads


@pytest.fixture(scope="module")
def waiting(tmp_path_factory):
    """A server that never responds."""
    with FaultyServer(tmp_path_factory.mktemp("waiting"), "http") as server:
        yield server


@pytest.fixture(scope="module")
def office(binary, people, waiting):
    forget(*JOURNEYS)
    with ExitStack() as stack:
        office = Office(stack, binary, people, invited=(ADA, DANA, INES, SAM), extra=waiting.policy)
        office.gateway.wait_for_tools("support-triage", "kb")
        office.gateway.wait_for_tools("tester", "faulty")
        yield office


@pytest.fixture(scope="module")
def ada(office):
    return office.person(ADA)


@pytest.fixture(scope="module")
def dana(office):
    return office.person(DANA)


@pytest.fixture(scope="module")
def ines(office):
    return office.person(INES)


@pytest.fixture(scope="module")
def sam(office):
    return office.person(SAM)


def test_why_was_this_call_refused(office, ines, pool):
    """The owner knows only that a call was refused."""
    assert Asking(office.acme, pool).ask(amount_cents=900_000).result(30).code == 4030
    with Walk("why a call was refused", ines) as walk:
        walk.open("/", "the console")
        walk.press("Audit")
        walk.press("Denied")
        walk.press_in_row("Call denied", "billing")
        walk.see("Why it was denied")
        assert walk.fact("Reason") == "A grant covers this tool, but not with these arguments."
        assert walk.fact("Rule") == "agents.refunds.mcp_scopes.billing[1]"
        assert walk.fact("Defined in") == "agents/refunds.yaml:15:11"
        assert walk.fact("What would allow it") == "Other arguments, or a grant whose condition they meet."
        assert "900000" in ines.text(), "what it was called with"
        walk.picture("journey-refused")
    with Walk("why a call was refused, on a phone", ines, phone=True) as walk:
        walk.open("/", "the console")
        walk.press_more("Audit")
        walk.press("Denied")
        walk.press_in_row("Call denied", "billing")
        assert walk.fact("What would allow it") == "Other arguments, or a grant whose condition they meet."
    ines.look()


def test_what_is_the_worst_this_agent_can_do(ines):
    with Walk("the worst an agent can do", ines) as walk:
        walk.open("/", "the console")
        walk.press("Agents")
        walk.press("refunds")
        walk.see("Worst case")
        reached, every = map(int, re.fullmatch(r"(\d+) of (\d+) tools", walk.fact("Reaches")).groups())
        assert 0 < reached < every
        gravest = walk.row("billing.refund_request", "args.amount_cents <= 800000")
        assert "approv" in gravest and "irreversible, spends money" in gravest, gravest
        walk.picture("journey-worst")


def test_stop_one_agent_and_see_what_was_in_flight(office, waiting, dana, pool):
    session = office.acme.session("tester")
    under_way = pool.submit(session.call, "faulty__hang", 100)
    waiting.wait_for("hang")
    with Walk("stop an agent", dana) as walk:
        walk.open("/", "the console")
        walk.press("Agents")
        walk.press("tester")
        walk.type("Reason", "it asks for what nobody knows")
        walk.press("Stop agent")
        walk.see("Halt of", "In progress at the time", "it asks for what nobody knows")
        assert "unknown" in walk.row("faulty.hang"), "it was sent, and nobody knows what came of it"
        walk.see("Outcome unknown: check at the server")
        walk.picture("journey-stopped")
    assert under_way.result(30).code is not None
    assert session.call("faulty__echo", text="still there?").code == 4230
    assert office.acme.session("refunds").call("billing__get_invoice", id="INV-20931").code is None, "the others go on"


def test_resume_with_a_second_person(office, ada, sam):
    """Both people see a red line with the reason on every page."""
    with Walk("resume with a second person", ada) as walk:
        walk.open("/", "the console")
        walk.see("Stopped: ", "it asks for what nobody knows")
        walk.press_section("Kill switch")
        walk.press_in_row("tester")
        walk.type("Why it may go on", "it was a test of the switch")
        walk.press("Request resume")
        walk.see("You have signed it.")
        walk.hand_to(sam, "the second person")
        walk.open("/", "the console")
        walk.press_section("Kill switch")
        walk.see("it was a test of the switch")
        walk.press("Confirm resume")
        walk.see("No active halts")
        walk.picture("journey-resumed")
    assert office.acme.session("tester").call("faulty__echo", text="still there").code is None


def test_everything_one_person_s_agents_did_yesterday(office, ada, verify, tmp_path):
    """A call is made, the gateway is stopped, and it starts again a day later."""
    session = office.acme.session("support-triage")
    assert session.call("kb__get_article", id="KB-1").code is None
    assert session.call("crm__delete_customer", id="C-78").code is not None
    office.acme.session("refunds").call("crm__delete_customer", id="C-77")
    told = [one for one in office.gateway.records(1000) if one.get("agent") == "support-triage"]
    yesterday = day(told[-1])
    for browser in office.browsers:  # their streams end with the gateway
        browser.expected_errors += ["ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_CONNECTION_REFUSED", "401"]
    office.gateway.stop()
    office.gateway.start(environment=later(DAY))
    office.gateway.wait_for_tools("refunds", "billing")

    with Walk("everything of yesterday", ada) as walk:
        walk.open("/", "the console")
        walk.press("Sign in")
        walk.press("Sign in with a passkey")
        walk.see("Overview")
        walk.press("Runs")
        walk.press("All")
        walk.type("Owner", DANA)
        walk.press("Filter")
        date = f"{datetime.fromtimestamp(told[-1]['ts'] / 1_000_000, timezone.utc):%-d %b}"
        walk.row("support-triage", DANA.partition("@")[0], date)
        walk.press("Audit")
        walk.type("Search the log", f"owner:{DANA} day:{yesterday}")
        walk.press_below("Search")
        walk.row("Call denied", "crm__delete_customer")
        walk.picture("journey-yesterday")
        archive = walk.fetch("Download all that this search finds, with proofs", folder(tmp_path, "taken"), ".tar")

    with tarfile.open(archive) as taken:
        taken.extractall(tmp_path)
    trust = tmp_path / "trust.policy"
    trust.write_text(f"log {office.gateway.log_key}\nquorum none\n")
    proofs = {int(one.stem.split("-")[-1]): one for one in (tmp_path / "records").glob("*.tlog-proof")}
    assert sorted(proofs) == [one["index"] for one in told if day(one) == yesterday] and len(proofs) > 3
    for proof in proofs.values():
        verify("--trust", trust, proof, proof.with_suffix(".json"), expect=0)


def day(record: dict) -> str:
    return f"{datetime.fromtimestamp(record['ts'] / 1_000_000, timezone.utc):%Y-%m-%d}"


def folder(place, name: str):
    path = place / name
    path.mkdir()
    return path


def test_each_journey_was_measured():
    check_measured(*JOURNEYS)


def test_no_page_complained(office):
    assert office.complaints() == []
