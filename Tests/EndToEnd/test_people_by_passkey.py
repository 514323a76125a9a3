"""A person is invited, confirmed, given a role and revoked, a drill is signed off, and break-glass is used and reviewed, on the
console's pages: by passkeys in real browsers and by the keyboard alone. So are a seat, a token of an agent and a token of a
service."""

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

pytest.importorskip("selenium", reason="no selenium: run scripts/setup")
import wire  # noqa: E402
from addresses import ADA, EVE, PAUL, SAM  # noqa: E402
from browsing import Browser, wait  # noqa: E402
from fetching import answered, fetch  # noqa: E402
from keyboard import Keyboard  # noqa: E402
from office import Office, approve, sign_in  # noqa: E402
from program import Program  # noqa: E402
from refunding import Asking  # noqa: E402
from test_people import person  # noqa: E402
from waits import until  # noqa: E402
from walking import Walk, check_measured, forget  # noqa: E402

BREAKING = "break-glass with its review"


@pytest.fixture(scope="module")
def office(binary, people):
    forget(BREAKING)
    with ExitStack() as stack:
        yield Office(stack, binary, people, (ADA, SAM, PAUL))


@pytest.fixture(scope="module")
def ada(office):
    return office.person(ADA)


@pytest.fixture(scope="module")
def sam(office):
    return office.person(SAM)


@pytest.fixture(scope="module")
def eve(office):
    return office.window()


def form(deed: str) -> str:
    return f"form[data-order=people]:has([name=deed][value={deed}])"


def ready(browser: Browser, selector: str) -> Keyboard:
    """Waits until the script has enabled the form; a button that is off cannot be reached."""
    wait(browser, lambda: browser.one(f"{selector} button").is_enabled())
    return Keyboard(browser)


def said(browser: Browser, selector: str) -> str:
    return browser.one(f"{selector} [role=status]").text


def page_of(browser: Browser, email: str) -> str:
    browser.open("/people")
    return browser.driver.find_element("link text", email).get_attribute("href").removeprefix(browser.origin)


def test_an_invited_person_is_confirmed_by_the_end_of_the_id(office, ada, sam, eve):
    ada.open("/people")
    keys = ready(ada, form("invite"))
    keys.type(f"{form('invite')} [name=person]", EVE)
    keys.toggle(f"{form('invite')} [value=kill]")
    keys.type(f"{form('invite')} [name=reason]", "she is on call from today")
    keys.press(f"{form('invite')} button")
    wait(ada, lambda: said(ada, form("invite")).startswith("Invited."))
    token = re.search(r"/enrol/([\w-]+)", said(ada, form("invite")))[1]

    eve.open(f"/enrol/{token}")
    assert EVE in eve.text() and "kill" in eve.text()
    wait(eve, lambda: eve.one("#enrol-button").is_enabled())
    Keyboard(eve).press("#enrol-button")
    wait(eve, lambda: eve.one("#ceremony-hint").text.startswith("Made."))
    whole = re.search(r"confirm ([0-9a-z]{26})", eve.one("#ceremony-hint").text)[1]
    assert f"characters, {whole[-6:]}:" in eve.one("#ceremony-hint").text

    ada.open("/people/waiting")
    assert "Another person with the role security must confirm it" in ada.text() and ada.all(form("confirm")) == []
    sam.open("/approvals")
    wait(sam, lambda: sam.driver.find_element("link text", f"Confirm a credential of {EVE}"))
    sam.driver.find_element("link text", f"Confirm a credential of {EVE}").click()
    wait(sam, lambda: sam.driver.current_url.endswith("/people/waiting"))
    assert whole not in sam.driver.page_source and EVE in sam.text()
    sam.expected_errors.append("428")
    keys = ready(sam, form("confirm"))
    keys.type(f"{form('confirm')} [name=typed]", "000000")
    keys.press(f"{form('confirm')} button")
    wait(sam, lambda: "type the last 6 characters of the id" in said(sam, form("confirm")))
    sam.click(f"{form('confirm')} .refused a")
    assert sam.run("return document.activeElement.name") == "typed"
    sam.open("/people/waiting")
    keys = ready(sam, form("confirm"))
    keys.type(f"{form('confirm')} [name=typed]", whole[-6:])
    keys.press(f"{form('confirm')} button")
    wait(sam, lambda: "Nothing waits for a second signature" in sam.text())
    assert person(office.gateway, EVE)["roles"] == ["kill"]
    sign_in(eve)


def test_a_change_of_roles_takes_two(office, ada, sam, eve):
    refused = Program(office, eve).post("/people/orders/draft", {
        "deed": "role", "person": EVE, "add": ["security"], "reason": "because I want to"})
    assert (refused.status, refused.json["code"]) == (403, "not_eligible")
    ada.open(page_of(ada, EVE))
    keys = ready(ada, form("role"))
    keys.toggle(f"{form('role')} [value=resume]")
    keys.type(f"{form('role')} [name=reason]", "she resumes from today")
    keys.press(f"{form('role')} button")
    wait(ada, lambda: said(ada, form("role")).startswith("Signed. It takes effect when another person"))
    sam.open("/people/waiting")
    assert "she resumes from today" in sam.text() and "kill, resume" in sam.text()
    ready(sam, form("confirm")).press(f"{form('confirm')} button")
    wait(sam, lambda: "Nothing waits for a second signature" in sam.text())
    assert person(office.gateway, EVE)["roles"] == ["kill", "resume"]


def test_one_person_revokes_who_types_the_address(office, sam, eve):
    sam.open(page_of(sam, EVE))
    effects = sam.run("return [...document.querySelectorAll('main dl')].map((one) => one.innerText).join('\\n')")
    assert re.search(r"Sessions ended\s+1\b", effects) and re.search(r"Keys and passkeys ended\s+1\b", effects), effects
    keys = ready(sam, form("revoke"))
    keys.type(f"{form('revoke')} [name=typed]", "eve")
    keys.type(f"{form('revoke')} [name=reason]", "she has lost her phone")
    keys.press(f"{form('revoke')} button")
    wait(sam, lambda: "type the address of the person" in said(sam, form("revoke")))
    sam.open(page_of(sam, EVE))
    keys = ready(sam, form("revoke"))
    keys.type(f"{form('revoke')} [name=typed]", EVE)
    keys.type(f"{form('revoke')} [name=reason]", "she has lost her phone")
    eve.expected_errors += ["401", "ERR_INCOMPLETE_CHUNKED_ENCODING"]
    keys.press(f"{form('revoke')} button")
    wait(sam, lambda: sam.all(form("revoke")) == [] and "Left" in sam.text())
    eve.open("/approvals")
    assert "Sign in to continue" in eve.text()
    types = [one["t"] for one in office.gateway.records(60)]
    assert [one for one in types if one in ("approver.enrolled", "people.role", "approver.revoked")][-3:] == [
        "approver.enrolled", "people.role", "approver.revoked"]


def test_a_member_passes_the_seat_and_takes_it_back(office, ada):
    ada.open("/people")
    keys = ready(ada, form("delegate"))
    keys.type(f"{form('delegate')} [name=person]", SAM)
    keys.type(f"{form('delegate')} [name=reason]", "on holiday until Monday")
    keys.press(f"{form('delegate')} button")
    wait(ada, lambda: ada.all(form("end_delegation")) and ada.all(form("delegate")) == [])
    assert "on holiday until Monday" in ada.text() and ada.barriers() == [] and ada.overflow() <= 0
    # The order of a passkey is verified again at the next start.
    for browser in office.browsers:
        browser.driver.get("about:blank")
    office.gateway.stop()
    office.gateway.start()
    office.gateway.wait_for_tools("refunds", "billing")
    (passed,) = office.gateway.json("approvals", "delegations")
    assert (passed["group"], passed["from"], passed["to"]) == ("release", ADA, SAM)
    ada.open("/people")
    keys = ready(ada, form("end_delegation"))
    keys.type(f"{form('end_delegation')} [name=reason]", "back from holiday")
    keys.press(f"{form('end_delegation')} button")
    wait(ada, lambda: ada.all(form("delegate")) and "No seat is delegated" in ada.text())
    assert office.gateway.json("approvals", "delegations") == []


def test_a_token_of_an_agent_is_issued_and_ended_on_its_page(office, ada):
    issuing = form("issue_agent_token")
    ada.open("/agents/refunds")
    assert ada.barriers() == [] and ada.overflow() <= 0
    keys = ready(ada, issuing)
    keys.type(f"{issuing} [name=purpose]", "Ticket 5512")
    keys.toggle(f"{issuing} [name=only][value=billing]")
    keys.type(f"{issuing} [name=reason]", "a run for one ticket")
    keys.press(f"{issuing} button")
    wait(ada, lambda: said(ada, issuing).startswith("Issued. The token is shown this once: "))
    token = said(ada, issuing).rsplit(" ", 1)[1]
    record = [one for one in office.gateway.records(60) if one["t"] == "token.issued"][-1]
    assert record["agent"] == "refunds" and "billing:read" in record["only"] and record["by"]
    session = wire.Session(office.gateway.port, token)
    assert session.tools() and all(one.startswith("billing__") for one in session.tools())

    ada.open("/agents/refunds")
    stop = ada.one(f"#agent-tokens a[href$='{record['trun']}']:not([href^='/runs'])")
    assert stop.text == "Stop run" and token not in ada.driver.page_source
    ada.open(stop.get_attribute("href").removeprefix(ada.origin))
    stopping = "form[data-order=halt]:has([name=scope][value=run])"
    keys = ready(ada, stopping)
    keys.type(f"{stopping} [name=reason]", "the ticket is closed")
    keys.press(f"{stopping} button")
    wait(ada, lambda: "/halts/" in ada.driver.current_url)
    office.gateway.resume(ada.driver.current_url.rsplit("/", 1)[1], ADA, SAM)
    assert session.request("tools/list").status == 401, "no resume brings a stopped run back"

    def is_gone() -> bool:
        ada.open("/agents/refunds")
        return record["trun"] not in ada.one("#agent-tokens").get_attribute("innerHTML")

    wait(ada, is_gone, 10)


def test_a_token_of_a_service_is_issued_and_ended_on_its_page(office, ada, sam):
    issuing, ending = form("issue_token"), form("end_token")

    def ask(path: str):
        return answered(fetch(f"{office.origin}/api/v1{path}", authorization=f"Bearer {token}"))

    ada.open("/people/services")
    assert "No service account has a token." in ada.text() and ada.all(ending) == []
    assert ada.barriers() == [] and ada.overflow() <= 0
    keys = ready(ada, issuing)
    keys.type(f"{issuing} [name=service]", "siem")
    keys.choose(ada.one(f"{issuing} [name=role]"), "kill")
    keys.type(f"{issuing} [name=days]", "2")
    keys.type(f"{issuing} [name=reason]", "the board of the room on call")
    keys.press(f"{issuing} button")
    wait(ada, lambda: said(ada, issuing).startswith("Issued. The token is shown this once: ils_"))
    token = said(ada, issuing).rsplit(" ", 1)[1]
    assert {one["agent"] for one in ask("/agents").json["agents"]} == {
        one["agent"] for one in office.gateway.json("agents", "list")}, "it sees what a person of the role sees"
    assert ask("/services").json["services"] == [], "and not what the role security sees"
    (listed,) = office.gateway.json("tokens", "list")
    assert (listed["service"], listed["role"], listed["by"]) == ("siem", "kill", ADA)
    # The order of a passkey is verified again at the next start.
    for browser in office.browsers:
        browser.driver.get("about:blank")
    office.gateway.stop()
    office.gateway.start()
    office.gateway.wait_for_tools("refunds", "billing")
    assert ask("/standing").status == 200

    sam.open("/people/services")
    assert "siem" in sam.text() and token not in sam.driver.page_source
    keys = ready(sam, ending)
    keys.choose(sam.one(f"{ending} [name=service]"), "siem")
    keys.type(f"{ending} [name=reason]", "the board is gone")
    keys.press(f"{ending} button")
    wait(sam, lambda: "No service account has a token." in sam.text() and sam.all(ending) == [])
    assert ask("/standing").status == 401 and office.gateway.json("tokens", "list") == []
    issued, ended = (next(one for one in office.gateway.records(200) if one["t"] == kind)
                     for kind in ("service.issued", "service.ended"))
    assert issued["role"] == "kill" and issued["id"] == ended["id"] and issued["by"] != ended["by"]


def test_a_drill_is_started_and_signed_off_on_its_page(office, ada):
    ada.open("/halt")
    ready(ada, "form[data-order=start-drill]").press("form[data-order=start-drill] button")
    until(lambda: Program(office, ada).get("/drills").json["drills"], office.gateway, seconds=150)
    ada.open("/approvals?kind=drill")
    wait(ada, lambda: "Sign a drill report" in ada.text() or "Sign the report of a failed drill" in ada.text())
    ada.open("/halt")
    drill = ada.one("a[href^='/halt/drills/']").get_attribute("href").removeprefix(ada.origin)
    ada.open(drill)
    assert ada.barriers() == [] and ada.overflow() <= 0
    # Whoever signs reads the whole report, and who started the drill.
    assert "You sign:" in ada.text() and drill.rpartition("/")[2] in ada.text()
    started = ada.driver.find_element("xpath", "//dt[.='Started by']/following-sibling::dd").text
    assert started.startswith("ada"), started
    ready(ada, "form[data-order=sign-drill]").press("form[data-order=sign-drill] button")
    wait(ada, lambda: "You have signed it." in ada.text())
    (report,) = Program(office, ada).get("/drills").json["drills"]
    assert report["signed"] == [ADA] and report["signed_off"]
    ada.open("/approvals?kind=drill")
    wait(ada, lambda: "drill report" not in ada.text() and "failed drill" not in ada.text())
    office.gateway.run("audit", "verify")


def test_glass_is_broken_and_another_person_reviews_it(office, ada, sam, verify, tmp_path):
    for browser in (ada, sam):
        browser.look(width=360, height=740)
    with ThreadPoolExecutor(1) as pool:
        refunds = Asking(office.acme, pool)
        held = refunds.ask()
        request = refunds.request()
        with Walk(BREAKING, sam) as walk:
            walk.open(f"/approvals/apr_{request}", "the request")
            walk.press("More actions")
            walk.press("Break glass")
            walk.see("What does not happen", "You sign:", "needs 1 approval in place of 2")
            assert sam.barriers() == [] and sam.overflow() <= 0 and sam.broken_words() == []
            walk.type("Reason", "the other approver is on a plane")
            walk.type("Ticket", "INC-4711")
            walk.press("Break glass")
            walk.see("Use of break-glass", "the other approver is on a plane", "INC-4711", "1 approval is needed")
            assert refunds.paid() == refunds.before, "an order is no approval"
            approve(office.person(PAUL), request)
            assert held.result(60).code is None and refunds.paid() == refunds.before + 1
            walk.hand_to(ada, "the reviewer")
            walk.open("/approvals", "the inbox")
            walk.press("Review a use of break-glass")
            walk.see("INC-4711", SAM, "You sign:")
            assert ada.barriers() == [] and ada.overflow() <= 0 and ada.broken_words() == []
            walk.type("What you found", "right: the invoice was due today")
            walk.press("Sign review")
            walk.see("Reviewed by")
    sam.open(f"/approvals/apr_{request}/break-glass")
    assert ADA in sam.text() and sam.all("form[data-order=break-glass]") == []
    records = {one["t"]: one for one in office.gateway.records(200) if one.get("appr") == request}
    assert {"approval.breakglass", "approval.used", "approval.reviewed"} <= set(records)
    checked = office.gateway.run("approvals", "verify", request).stdout
    assert checked.startswith(f"ok: apr_{request} used, 1 of 1 agreed"), checked
    bundle = tmp_path / "run.tar"
    office.gateway.run("audit", "bundle", records["approval.used"]["run"], "-o", str(bundle), "--disclose-all")
    said = verify("--vkey", office.gateway.log_key, bundle, expect=0)
    assert "1 uses of break-glass (1 signatures verified" in said
    check_measured(BREAKING)


def test_no_page_complained(office):
    assert office.complaints() == []
