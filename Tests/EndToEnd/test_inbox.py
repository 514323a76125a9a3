"""The inbox has whatever waits for a person, of a real gateway: each task comes without loading the page again, leads
to where it is done, and goes when it is."""

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

pytest.importorskip("selenium", reason="no selenium: run scripts/setup")
import revising  # noqa: E402
from addresses import ADA, DANA, PAUL, RUI, SAM  # noqa: E402
from browsing import Browser, wait  # noqa: E402
from office import Office  # noqa: E402
from program import Program  # noqa: E402
from refunding import Asking  # noqa: E402
from signoff import statement  # noqa: E402
from test_elevate import ask, identifier  # noqa: E402
from test_people import Hands, confirm, enrol, invite  # noqa: E402
from test_signed_off_by_passkey import SIGN_OFF, forged, press, proposed  # noqa: E402


@pytest.fixture(scope="module")
def office(binary, people):
    with ExitStack() as stack:
        yield Office(stack, binary, people, (ADA, DANA, RUI))


@pytest.fixture(scope="module")
def ada(office):
    """A person with the roles `security` and `resume`."""
    return office.person(ADA)


@pytest.fixture(scope="module")
def rui(office):
    """A person without a role, who approves refunds."""
    return office.person(RUI)


@pytest.fixture
def has_nothing(office, ada, rui):
    """Checks that no such task is one of Rui's, nor shown to a person without a role."""
    program = Program(office, rui)

    def check_nothing(words: str, *shows: str) -> None:
        for show in shows or ("mine", "pending"):
            found = [one["headline"] for one in program.get(f"/inbox?show={show}").json["items"]]
            assert not any(words in one for one in found), (show, found)

    return check_nothing


def rows(browser: Browser) -> list[str]:
    return browser.run(
        "return [...document.querySelectorAll('#list tbody tr')].map((row) => row.innerText.replace(/\\s+/g, ' '))")


# The seconds after which tasks of each kind were on a page that was open.
DELAYS: list[float] = []


def comes(browser: Browser, words: str, *, timed: bool = False) -> str:
    """Waits until a row has these words, and returns it."""
    began = time.monotonic()
    wait(browser, lambda: any(words in row for row in rows(browser)))
    if timed:
        DELAYS.append(time.monotonic() - began)
    return next(row for row in rows(browser) if words in row)


def goes(browser: Browser, words: str) -> None:
    wait(browser, lambda: not any(words in row for row in rows(browser)))


def count(browser: Browser) -> int:
    """The number beside the section, which the title of the window has too."""
    found = browser.all("#waiting")
    number = int(found[0].text) if found else 0
    assert browser.driver.title.startswith(f"({number}) ") == (number > 0)
    return number


def test_temporary_access_comes_by_itself_and_goes_when_it_is_approved(office, ada, has_nothing):
    ada.open("/approvals")
    before = count(ada)
    wanted = identifier(ask(office.gateway))
    row = comes(ada, "Approve temporary access", timed=True)
    has_nothing("temporary access")
    assert "support-triage" in row and "an incident to look at" in row and "2, 0 signed" in row
    ada.open("/approvals")
    assert count(ada) == before + 1
    ada.driver.find_element("link text", "Approve temporary access").click()
    wait(ada, lambda: ada.driver.current_url == ada.origin + "/agents/support-triage")
    ada.open("/approvals")
    office.gateway.run("elevate", "approve", wanted, by=ADA)
    goes(ada, "Approve temporary access")
    ada.open("/approvals?show=pending")
    assert "2, 1 signed" in comes(ada, "Approve temporary access")
    office.gateway.run("elevate", "approve", wanted, by=SAM)
    goes(ada, "Approve temporary access")
    office.gateway.run("elevate", "end", wanted, by=DANA)


def test_a_resume_waits_for_the_second_key(office, ada, has_nothing):
    ada.open("/approvals?kind=resume")
    wait(ada, lambda: ada.run("return document.documentElement.dataset.connected") == "yes")
    halt = office.gateway.halt("--agent", "refunds", by=DANA)
    release = office.gateway.ask_resume(halt, SAM)
    row = comes(ada, "Resume agent refunds", timed=True)
    has_nothing("Resume")
    assert "rehearsal is over" in row and "2, 1 signed" in row and "in " in row
    ada.driver.find_element("link text", "Resume agent refunds").click()
    wait(ada, lambda: ada.driver.current_url == ada.origin + "/halt")
    assert "Must be signed" in ada.text()
    ada.open("/approvals")
    office.gateway.confirm(release, ADA)
    goes(ada, "Resume agent refunds")


def test_a_drill_waits_for_its_sign_off(office, ada, has_nothing):
    ada.open("/approvals")
    done = office.gateway.run("drill", "run", "--json", check=False, seconds=150)
    row = comes(ada, "Sign a drill report", timed=True)
    has_nothing("drill")
    assert "1, 0 signed" in row
    ada.driver.find_element("link text", "Sign a drill report").click()
    wait(ada, lambda: "/halt/drills/" in ada.driver.current_url)
    drill = ada.driver.current_url.rpartition("/")[2]
    assert drill in done.stdout
    ada.open("/approvals")
    office.gateway.run("drill", "sign", drill, by=ADA)
    goes(ada, "Sign a drill report")


def test_roles_wait_for_a_second_person(office, ada, has_nothing):
    ada.open("/approvals?kind=roles")
    wait(ada, lambda: ada.run("return document.documentElement.dataset.connected") == "yes")
    (asked,) = office.gateway.json("people", "role", RUI, "--add", "kill", "--reason", "on call now", by=SAM)
    row = comes(ada, f"Confirm roles of {RUI}: add kill", timed=True)
    has_nothing("Confirm roles")
    assert f"interlock people confirm {asked['id']}" in row and "on call now" in row and "2, 1 signed" in row
    confirm(office.gateway, asked["id"], by=ADA)
    goes(ada, "Confirm roles")


def test_an_enrolment_waits_for_a_second_person_who_gets_the_id_from_its_holder(office, ada, has_nothing):
    waits = enrol(office.gateway, invite(office.gateway, PAUL, by=ADA), Hands(office.stack, PAUL))
    ada.open("/approvals?show=sent")
    row = comes(ada, f"Confirm a credential of {PAUL}")
    has_nothing("Confirm a credential")
    names = [person.partition("@")[0] for person in (SAM, ADA)]
    assert names[0] in row and names[1] not in row and waits not in ada.text()
    (item,) = Program(office, ada).get("/inbox?show=sent&kind=enrolment").json["items"]
    assert (item["id"], item["mine"], item["next"], item["link"]) == (waits, False, [SAM], "/people/waiting")
    confirm(office.gateway, waits, by=SAM)
    goes(ada, "Confirm a credential")


def test_the_api_lists_what_the_page_lists(office, ada):
    program = Program(office, ada)
    for show in ("mine", "pending", "sent"):
        ada.open(f"/approvals?show={show}")

        def agrees() -> bool:
            found, shown = program.get(f"/inbox?show={show}").json, rows(ada)
            return found["count"] == len(shown) and all(
                any(item["headline"] in row for row in shown) for item in found["items"])

        assert wait(ada, agrees)


@pytest.mark.requirement("R153")
def test_the_first_revision_is_signed_where_its_line_leads_by_those_alone_who_may(office, ada):
    """Dana may stop agents, and no more: she reads the policy, and cannot become its author."""
    gateway = office.gateway
    dana = office.person(DANA)
    dana.open("/policy/proposed")
    assert dana.all(SIGN_OFF) == [] and "and you are neither" in dana.text()
    program = Program(office, dana)
    for path, body in (("draft", proposed(program)),
                       ("sign-off", forged(dana, statement(revising.loading(gateway)["identity"], DANA)))):
        refused = program.post(f"/policy/proposed/{path}", body)
        assert (refused.status, refused.json["code"]) == (403, "not_eligible"), refused
    assert not (gateway.folder / "interlock.signoff").exists()
    dana.open("/policy")
    assert "Policy is not signed" in dana.one("#notices").text

    ada.open("/approvals")
    comes(ada, "Sign the first policy revision")
    ada.driver.find_element("link text", "Sign the first policy revision").click()
    wait(ada, lambda: ada.one("h1").text == "First revision")
    shown = ada.text()
    for words in ("All of it is new", "Agent refunds", "the author alone, as it is the first revision", "refunds.yaml +"):
        assert words in shown, words
    asked = proposed(Program(office, ada))
    assert asked["identity"] == asked["active"]
    for width in (320, 1440):
        ada.look(width=width)
        assert ada.overflow() <= 0 and ada.broken_words() == [], width
    ada.look()
    assert ada.barriers() == []

    # The files change under the page: a founding node loads them unsigned, and the page's signature is not for them.
    wait(ada, lambda: ada.one(f"{SIGN_OFF} button").is_enabled())
    revising.edit(gateway, "800000", "850000", "agents/refunds.yaml")
    ada.expected_errors.append("409")
    press(ada)
    wait(ada, lambda: "read what waits now, and sign that" in ada.one(f"{SIGN_OFF} [role=status]").text)
    assert not (gateway.folder / "interlock.signoff").exists()
    ada.open("/policy/proposed")
    assert "850000" in ada.text()
    press(ada)
    wait(ada, lambda: ada.driver.current_url == ada.origin + "/policy")
    assert "Its author alone has signed it off" in ada.text()
    for browser in (ada, dana):  # also on a page that was open
        wait(browser, lambda browser=browser: "Policy is not signed" not in browser.one("#notices").text)
    found = revising.loading(gateway)
    assert (found["founding"], found["sign_off"], found["signed_by"]) == (False, "founding", [ADA]), found
    (loaded,) = [one for one in gateway.records(50) if one["t"] == "policy.loaded"][-1:]
    assert len(loaded["by"]) == 1
    gateway.run("audit", "verify")
    ada.open("/approvals")
    goes(ada, "Sign the first policy revision")


def test_a_revision_waits_for_its_signers(office, ada, has_nothing):
    ada.open("/approvals")
    revising.propose(office.gateway, ("agents/refunds.yaml", "850000", "900000"))
    comes(ada, "Sign a policy revision", timed=True)
    has_nothing("policy revision", "mine")
    ada.driver.find_element("link text", "Sign a policy revision").click()
    wait(ada, lambda: ada.one("h1").text == "Proposed revision")


def test_alerts_are_classified_and_each_is_told_once_by_its_code(office, ada):
    ada.open("/approvals?kind=alert")
    found = [row for row in rows(ada) if "Classify" in row]
    assert found and len({row.split(":")[1].split()[0] for row in found}) == len(found)
    assert all("No deadline, raised" in row for row in found)


def test_a_request_waits_for_its_approvers_alone(office, ada, rui):
    for browser in (rui, ada):
        browser.open("/approvals")
        wait(browser, lambda browser=browser: browser.run("return document.documentElement.dataset.connected") == "yes")
    with ThreadPoolExecutor(1) as pool:
        refunds = Asking(office.acme, pool)
        held = refunds.ask()
        request = refunds.request()
        assert "refunds" in comes(rui, "refund_request", timed=True) and count(rui) == 1
        assert not any("refund_request" in row for row in rows(ada))
        refunds.deny(request)
        assert held.result(30).code == 4031
    goes(rui, "refund_request")
    rui.open("/approvals")
    assert count(rui) == 0


def test_what_comes_and_goes_at_once_does_not_stay_on_a_page(office, ada):
    for _ in range(3):
        halt = office.gateway.halt("--agent", "refunds", by=DANA)
        release = office.gateway.ask_resume(halt, SAM)
        ada.open("/approvals")
        office.gateway.confirm(release, ADA)
        goes(ada, "Resume agent refunds")


def test_it_fits_at_each_width_and_breaks_no_word(office, ada):
    wanted = identifier(ask(office.gateway))
    ada.open("/approvals")
    comes(ada, "Approve temporary access")
    try:
        for width in (320, 360, 768, 860, 900, 960, 1024, 1279, 1280, 1440):
            ada.look(width=width)
            assert ada.overflow() <= 0 and ada.broken_words() == [], width
    finally:
        ada.look()
        office.gateway.run("elevate", "end", wanted, by=DANA)


def test_who_has_no_part_in_it_sees_none_of_it(office):
    status, _, _ = office.get("/approvals")
    assert status == 401


def test_no_page_complained(office):
    assert office.complaints() == []


def test_tasks_are_on_an_open_page_within_a_second():
    assert len(DELAYS) == 6 and statistics.median(DELAYS) < 1, DELAYS
