"""Everything is stopped and resumed on the console's page, by passkeys in a real browser; the halt survives a crash,
and the log is verified."""

import json
from contextlib import ExitStack

import pytest

pytest.importorskip("selenium", reason="no selenium: run scripts/setup")
import wire  # noqa: E402
from addresses import ADA, PAUL, SAM  # noqa: E402
from browsing import wait  # noqa: E402
from office import Office, sign_in  # noqa: E402
from program import Program  # noqa: E402
from walking import Walk, check_measured, forget  # noqa: E402

REASON = "the model is not what was reviewed"
JOURNEYS = ("stop everything, on a phone", "resume with a second person, on a phone")


@pytest.fixture(scope="module")
def office(binary, people):
    forget(*JOURNEYS)
    with ExitStack() as stack:
        made = Office(stack, binary, people, (ADA, SAM, PAUL))
        made.gateway.wait_for_tools("support-triage", "kb")
        yield made


@pytest.fixture(scope="module")
def ada(office):
    return office.person(ADA)


@pytest.fixture(scope="module")
def sam(office):
    return office.person(SAM)


@pytest.fixture(scope="module")
def paul(office):
    return office.person(PAUL)


def read(session) -> wire.Answer:
    return session.call("kb__search", text="invoice")


def order(browser, kind: str, reason: str | None = None):
    """Fills in the only form of its kind and submits it; the passkey consents at once."""
    form = f"form[data-order={kind}]"
    wait(browser, lambda: browser.one(f"{form} button").is_enabled())
    if reason:
        browser.one(f"{form} [name=reason]").send_keys(reason)
    browser.click(f"{form} button")


def stop(browser) -> str:
    """Halts everything; returns the id of the halt, whose page is then open."""
    browser.open("/halt")
    order(browser, "halt", REASON)
    wait(browser, lambda: "/halts/" in browser.driver.current_url)
    return browser.driver.current_url.rsplit("/", 1)[1]


def ask_to_resume(browser, halt: str):
    browser.open(f"/halts/{halt}")
    order(browser, "release", "it is what was reviewed again")
    wait(browser, lambda: browser.driver.current_url.endswith("/halt"))


def test_a_person_stops_and_two_resume_over_a_crash(office, ada, sam):
    acme, gateway = office.acme, office.gateway
    session = acme.session("support-triage")
    assert read(session).code is None
    with Walk(JOURNEYS[0], ada, phone=True) as walk:
        walk.open("/", "the console")
        walk.press_stop()
        walk.type("Reason", REASON)
        walk.press("Stop all agents")
        walk.see("Halt of", REASON, ADA, "Confirmed by every installed point")
    halt = ada.driver.current_url.rsplit("/", 1)[1]
    assert read(session).code == 4230
    for browser in (ada, sam):  # their streams end with the gateway, and their sessions with its death
        browser.expected_errors += ["ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_CONNECTION_REFUSED", "401"]
    gateway.kill()
    gateway.start()
    assert REASON in json.dumps(gateway.json("kill", "--status")), "it is judged again at the start, by its passkey"

    for browser in (ada, sam):
        sign_in(browser, "/halt")
    with Walk(JOURNEYS[1], ada, phone=True) as walk:
        walk.open("/", "the console")
        walk.press("Resume")
        walk.type("Why it may go on", "it is what was reviewed again")
        walk.press("Request resume")
        walk.see("You have signed it.")
        walk.hand_to(sam, "the second person")
        walk.open("/", "the console")
        walk.press_section("Inbox")
        walk.press("Resume all agents")
        walk.see("it is what was reviewed again")
        walk.press("Confirm resume")
        walk.see("No active halts")
    for browser in (ada, sam):
        assert browser.overflow() <= 0 and browser.broken_words() == []
        browser.look()
    gateway.wait_for_tools("support-triage", "kb")
    assert read(acme.session("support-triage")).code is None

    records = gateway.records(200)
    (requested,) = [one for one in records if one["t"] == "kill.requested"]
    (released,) = [one for one in records if one["t"] == "kill.released"]
    assert requested["src"] == "console" and len(set(released["by"])) == 2
    gateway.stop()
    gateway.start()
    gateway.run("audit", "verify")
    assert gateway.json("kill", "--status")[0]["halts"] == []
    for browser in (ada, sam):
        sign_in(browser, "/halt")


def test_passkey_and_command_line_may_sign_the_same_release(office, ada, sam):
    gateway = office.gateway
    halt = stop(ada)
    ask_to_resume(ada, halt)
    (waiting,) = Program(office, ada).get("/releases").json["releases"]
    assert waiting["halts"] == [halt] and waiting["signed"] == [ADA] and waiting["need"] == 2
    refused = gateway.confirm(waiting["id"], ADA, check=False)
    assert refused.returncode == 77 and "the second signature is by the same person" in refused.stderr, refused
    gateway.confirm(waiting["id"], SAM)
    sam.open("/halt")
    assert "No active halts" in sam.text() and REASON in sam.text(), "what ended is listed"


def test_who_has_not_got_the_role_can_only_look(office, paul):
    paul.open("/halt")
    assert "No active halts" in paul.text() and paul.all("form[data-order]") == []
    assert "Requires role kill" in paul.text()
    program = Program(office, paul)
    refused = program.post("/halts/draft", {"scope": "org", "target": "*", "reason": "because I want to"})
    assert (refused.status, refused.json["code"]) == (403, "not_eligible")
    refused = program.post("/releases/draft", {"halts": ["01kag0r2b4d6f8h0k2m4p6r8t0"], "reason": "because I want to"})
    assert (refused.status, refused.json["code"]) == (403, "not_eligible")


def test_the_page_says_what_was_refused(office, ada):
    ada.open("/halt")
    wait(ada, lambda: ada.one("form[data-order=halt] button").is_enabled())
    ada.expected_errors.append("400")
    order(ada, "halt", "short")
    hint = "form[data-order=halt] [role=status]"
    wait(ada, lambda: ada.one(hint).text.startswith("Not done: Reason must be "))
    assert ada.one("form[data-order=halt] .refused a").text == ada.one(hint).text
    assert ada.one("form[data-order=halt] button").is_enabled() and ada.driver.current_url.endswith("/halt")
    assert office.gateway.json("kill", "--status")[0]["halts"] == []


def test_the_pages_have_no_barriers_and_fit(office, ada):
    office.gateway.run("drill", "run", check=False)
    ada.open("/halt")
    drill = ada.one("a[href^='/halt/drills/']").get_attribute("href").removeprefix(ada.origin)
    halt = stop(ada)
    for path in ("/halt", f"/halts/{halt}", drill):
        ada.open(path)
        assert ada.barriers() == [] and ada.overflow() <= 0, path
        ada.picture("halt-" + path.strip("/").split("/")[0] + ("-drill" if path == drill else ""))
    ask_to_resume(ada, halt)
    (waiting,) = Program(office, ada).get("/releases").json["releases"]
    office.gateway.confirm(waiting["id"], SAM)


def test_each_journey_was_measured():
    check_measured(*JOURNEYS)


def test_no_page_complained(office):
    assert office.complaints() == []
