"""A gateway that stops answering under an open page: the page says so within five seconds, offers nothing, keeps what was
typed, and is current again once the gateway answers."""

import os
import re
import signal
import time
from contextlib import ExitStack

import pytest

pytest.importorskip("selenium", reason="no selenium: run scripts/setup")
from addresses import DANA, PAUL  # noqa: E402
from browsing import wait  # noqa: E402
from office import Office, read  # noqa: E402
from selenium.webdriver.support.ui import Select  # noqa: E402
from program import Program  # noqa: E402
from refunding import Asking, pool  # noqa: E402, F401

LOST = "return document.documentElement.dataset.contact === 'lost'"
GREEN = """
    const ok = getComputedStyle(document.documentElement).getPropertyValue('--ok').trim();
    const probe = document.createElement('i');
    probe.style.color = ok;
    document.body.append(probe);
    const green = getComputedStyle(probe).color;
    probe.remove();
    return [...document.querySelectorAll('main .badge, main .notice.good, main .figures dd')]
      .filter(one => [getComputedStyle(one).color, getComputedStyle(one).borderTopColor].includes(green)).length"""


@pytest.fixture(scope="module")
def office(binary, people):
    with ExitStack() as stack:
        office = Office(stack, binary, people, invited=(DANA, PAUL))
        dana = office.person(DANA)
        dana.expected_errors += ["/beat", "net::ERR", "stream"]
        yield office, dana


def voter(made: Office):
    """A person who may decide refunds, signed in once for all tests of this file."""
    if len(made.browsers) < 2:
        made.person(PAUL).expected_errors += ["/beat", "net::ERR", "stream"]
    return made.browsers[1]


@pytest.fixture
def frozen(office):
    """Stops the gateway's process in its tracks until the test lets it go on."""
    pid = office[0].gateway.process.pid
    yield lambda number: os.kill(pid, number)
    os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize("path", ["/now", "/audit", "/agents/refunds", "/halt", "/policy"])
def test_silence_is_told_within_five_seconds(office, frozen, path):
    _, dana = office
    dana.open(path)
    wait(dana, lambda: dana.one("#contact").is_displayed())
    time.sleep(1)
    assert not dana.run(LOST)
    frozen(signal.SIGSTOP)
    began = time.monotonic()
    wait(dana, lambda: dana.run(LOST), 10)
    took = time.monotonic() - began
    assert took < 5, took
    said = dana.one("#lost")
    assert said.is_displayed() and "No contact with the gateway since" in said.text
    assert dana.driver.title.startswith("No contact: ")
    assert dana.run(GREEN) == 0
    assert not [one for one in dana.all("button:not([popovertarget])") if one.is_enabled()]
    frozen(signal.SIGCONT)
    wait(dana, lambda: not dana.run(LOST), 5)
    assert not said.is_displayed() and not dana.driver.title.startswith("No contact")


def test_what_was_typed_stays_and_acts_come_back(office, frozen):
    _, dana = office
    dana.open("/halt")
    field = dana.one("main form[data-order] input[name=reason]")
    field.send_keys("it asks for too much")
    before = [one.is_enabled() for one in dana.all("main button")]
    frozen(signal.SIGSTOP)
    wait(dana, lambda: dana.run(LOST), 10)
    frozen(signal.SIGCONT)
    wait(dana, lambda: not dana.run(LOST), 5)
    assert field.get_attribute("value") == "it asks for too much"
    assert [one.is_enabled() for one in dana.all("main button")] == before


def test_a_request_cannot_be_approved_without_contact(office, frozen, pool):  # noqa: F811
    made, _ = office
    paul = voter(made)
    asking = Asking(made.acme, pool)
    held = asking.ask()
    paul.open(f"/approvals/apr_{asking.request()}")
    read(paul)
    frozen(signal.SIGSTOP)
    wait(paul, lambda: paul.run(LOST), 10)
    time.sleep(1.5)  # the page judges twice a second whether all was read
    assert not paul.one("#approve-button").is_enabled()
    frozen(signal.SIGCONT)
    wait(paul, lambda: not paul.run(LOST), 5)
    wait(paul, lambda: paul.one("#approve-button").is_enabled(), 5)
    assert not held.done()


def test_an_answer_in_place_keeps_the_watch(office, frozen):
    """A form that is answered on its page replaces the content, and with it the place of the sentence."""
    _, dana = office
    dana.open("/now")
    wait(dana, lambda: dana.one("#contact").is_displayed())
    dana.run("""
        const main = document.querySelector("main"), next = main.cloneNode(true);
        main.replaceWith(next);
        document.dispatchEvent(new Event("replaced"));""")
    frozen(signal.SIGSTOP)
    wait(dana, lambda: dana.run(LOST) and dana.one("#lost").is_displayed(), 10)
    assert re.search(r"This page shows \d\d:\d\d:\d\d UTC", dana.one("#lost").text)
    frozen(signal.SIGCONT)
    wait(dana, lambda: not dana.run(LOST), 5)


def test_a_gateway_that_was_killed_and_started_again(office):
    made, dana = office
    dana.open("/now")
    wait(dana, lambda: dana.one("#contact").is_displayed())
    made.gateway.kill()
    wait(dana, lambda: dana.run(LOST), 5)
    made.gateway.start()
    wait(dana, lambda: not dana.run(LOST), 12)


def test_who_was_signed_in_still_is_after_a_restart(office, pool):  # noqa: F811
    """The session is kept, and the page of before the restart acts as the next one does."""
    made, _ = office
    paul = voter(made)
    paul.open("/now")
    token = paul.driver.get_cookie("__Host-interlock")["value"]
    request = Asking(made.acme, pool).ask_and_leave()
    paul.open(f"/approvals/apr_{request}")
    Select(paul.one("#deny-reason")).select_by_value("suspicious")
    made.gateway.kill()
    made.gateway.start()
    wait(paul, lambda: not paul.run(LOST) and paul.one("button.deny").is_enabled(), 12)
    paul.click("button.deny")
    wait(paul, lambda: "Denied" in paul.one("main").text, 10)
    paul.open("/agents/refunds")
    assert paul.driver.current_url.endswith("/agents/refunds")
    assert paul.driver.get_cookie("__Host-interlock")["value"] == token


def test_a_restart_changes_no_figure_of_the_last_hour(office, pool):  # noqa: F811
    made, dana = office
    asking = Asking(made.acme, pool)
    session = asking.session()
    for number in range(3):
        assert session.call("billing__get_invoice", id=f"INV-{number}").code is None
        assert session.call("billing__no_such_tool").code is not None
    dana.open("/now")

    def figures() -> list:
        program = Program(made, dana)
        standing = program.get("/standing").json
        agents = program.get("/agents?name=refunds").json["agents"]
        return [standing["allowed"], standing["denied"],
                *((one["agent"], one["calls"], one["refused"]) for one in agents)]

    time.sleep(1.5)
    before = figures()
    assert before[0] >= 3 and before[1] >= 3 and before[2][2] >= 3, before
    made.gateway.kill()
    made.gateway.start()
    dana.open("/now")
    wait(dana, lambda: figures() == before, 10)


def test_a_session_that_was_ended_stays_ended_after_a_restart(office):
    made, dana = office
    dana.open("/now")
    cookie = f"__Host-interlock={dana.driver.get_cookie('__Host-interlock')['value']}"
    assert made.get("/approvals", cookie=cookie)[0] == 200
    dana.click("form[action='/sign-out'] button")
    wait(dana, lambda: dana.driver.current_url.endswith("/sign-in"))
    made.gateway.kill()
    made.gateway.start()
    assert made.get("/approvals", cookie=cookie)[0] == 401
