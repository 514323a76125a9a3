"""A gateway that stops answering under an open page: the page says so within five seconds, offers nothing, keeps what was
typed, and is current again once the gateway answers."""

import json
import os
import re
import signal
import time
from contextlib import ExitStack

import pytest

pytest.importorskip("selenium", reason="no selenium: run scripts/setup")
from addresses import ADA, DANA, PAUL, SAM  # noqa: E402
from browsing import wait  # noqa: E402
from livepages import BANDS, CALLS, HALTED  # noqa: E402
from office import Office, read  # noqa: E402
from pagerules import GREEN  # noqa: E402
from selenium.webdriver.support.ui import Select  # noqa: E402
from program import Program  # noqa: E402
from refunding import Asking, pool  # noqa: E402, F401
from witnessing import false_witness  # noqa: E402

LOST = "return document.documentElement.dataset.contact === 'lost'"
ICON = "return document.querySelector('link[rel=icon]').href"
# The reason that is beside each act of the content that is off.
REASONS = """
    return [...document.querySelectorAll('main button:disabled')].map(button =>
      (button.getAttribute('aria-describedby') || '').split(' ').filter(Boolean)
        .map(id => document.getElementById(id)).filter(one => one.checkVisibility())
        .map(one => one.textContent.trim()).filter(Boolean).join(' '))"""


@pytest.fixture(scope="module")
def office(binary, people):
    with ExitStack() as stack:
        witness = stack.enter_context(false_witness())

        def witnessed(gateway):
            gateway.configure("ledger", beat="1s")
            gateway.run("audit", "witness", "add", witness.vkey, witness.url, "--now")

        office = Office(stack, binary, people, invited=(DANA, PAUL), relayed=True, prepare=witnessed)
        office.witness = witness
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
    assert not dana.run(LOST) and "icon-lost" not in dana.run(ICON)
    frozen(signal.SIGSTOP)
    began = time.monotonic()
    wait(dana, lambda: dana.run(LOST), 10)
    took = time.monotonic() - began
    assert took < 5, took
    said = dana.one("#lost")
    assert said.is_displayed() and "No contact with the gateway since" in said.text
    assert dana.driver.title.startswith("No contact: ")
    assert dana.run(GREEN) == 0
    assert not [one for one in dana.all(".proof .icon") if one.is_displayed()]
    assert not [one for one in dana.all("button:not([popovertarget], dialog *)") if one.is_enabled()]
    assert all(dana.run(REASONS)), dana.run(REASONS)
    assert "icon-lost" in dana.run(ICON)
    dana.picture(f"lost{path.replace('/', '-')}")
    frozen(signal.SIGCONT)
    wait(dana, lambda: not dana.run(LOST), 5)
    assert not said.is_displayed() and not dana.driver.title.startswith("No contact")
    assert "icon-lost" not in dana.run(ICON) and dana.all(".off") == []
    # A page of records is not loaded again unasked: each look is recorded.
    if path == "/audit":
        wait(dana, lambda: "Contact restored" in dana.one("#news").text, 5)
        dana.click("#news button")
        wait(dana, lambda: not dana.one("#news").is_displayed())


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


@pytest.fixture
def relay(office):
    yield office[0].relay
    office[0].relay.flow()


@pytest.mark.parametrize("path", ["/agents/refunds", "/halt"])
def test_dropped_packets_are_silence_and_all_parts_are_current_after_it(office, relay, path):
    """A page that has a stream, and one that has none. Something happens in between."""
    made, dana = office
    dana.open(path)
    wait(dana, lambda: dana.one("#contact").is_displayed())
    time.sleep(1)
    relay.stall()
    began = time.monotonic()
    wait(dana, lambda: dana.run(LOST), 10)
    assert time.monotonic() - began < 5.5
    # The page of halts also lists those that have ended.
    reason = f"packets of {path} are lost"
    halt = made.gateway.halt("--agent", "refunds", by=DANA, reason=reason)
    try:
        assert dana.run(GREEN) == 0 and reason not in dana.text()
        relay.flow()
        wait(dana, lambda: not dana.run(LOST), 5)
        words = reason if path == "/halt" else "Every call is denied until the halt ends."
        # The notices are current on every page; so is the content below them.
        wait(dana, lambda: words in dana.run("return [...document.querySelectorAll('main > :not(.notices)')]"
                                             ".map((one) => one.innerText).join()"), 5)
    finally:
        relay.flow()
        made.gateway.resume(halt, ADA, SAM)


def test_a_part_that_fails_alone_shows_its_age(office):
    """The gateway answers, and what the page asks for after a change does not come."""
    made, dana = office
    dana.open("/agents/refunds")
    wait(dana, lambda: dana.run("return document.documentElement.dataset.connected === 'yes'"))
    # An agent without evals is amber.
    green = dana.run(GREEN)
    dana.run("""
        window.sent = XMLHttpRequest.prototype.send;
        XMLHttpRequest.prototype.send = function () { setTimeout(() => this.onloadend()); };""")
    halt = made.gateway.halt("--agent", "refunds", by=DANA, reason="its page does not come")
    try:
        wait(dana, lambda: dana.all("#summary .age"), 5)
        # Read at once: an age is written anew as it grows.
        shown = dana.run("return [...document.querySelectorAll('[data-live] > .age')].map((one) => one.innerText)")
        assert len(shown) > 5 and all(re.fullmatch(r"As of \d\d:\d\d:\d\d UTC, not live", one) for one in shown), shown
        assert not dana.run(LOST) and dana.run(GREEN) == 0 and dana.overflow() <= 0
        dana.run("XMLHttpRequest.prototype.send = window.sent")
    finally:
        made.gateway.resume(halt, ADA, SAM)
    wait(dana, lambda: not dana.all(".age, [data-old]") and dana.run(GREEN) == green, 8)


def test_a_witness_that_falls_silent_under_an_open_page_is_unknown(office):
    made, dana = office
    row = "#now-6 tbody tr:nth-child(8)"

    def text(selector: str) -> str:
        """In one step: the page replaces the row meanwhile."""
        return dana.run("return document.querySelector(arguments[0])?.innerText.trim() ?? ''", selector)

    dana.open("/now")
    wait(dana, lambda: text(row).startswith("Witnesses") and dana.run(GREEN, f"{row} .badge") == 1)
    assert text(f"{row} .badge") == "Working"
    made.witness.answer = lambda body: (503, "text/plain", "later\n")
    try:
        # A cosignature is old after three beats of a second.
        wait(dana, lambda: text(f"{row} .badge") not in ("", "Working"), 8)
        assert text(f"{row} .badge") == "Unknown" and not dana.run(LOST)
        assert dana.run(GREEN, f"{row} .badge, .head .badge") == 0
    finally:
        made.witness.answer = made.witness.good


def hide(browser, is_hidden: bool):
    browser.run("""
        Object.defineProperty(document, "hidden", { get: () => arguments[0], configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));""".replace("arguments[0]", str(is_hidden).lower()))


def test_a_hidden_page_is_checked_when_it_is_seen_again(office, frozen):
    _, dana = office
    dana.open("/now")
    wait(dana, lambda: dana.one("#contact").is_displayed())
    hide(dana, True)
    frozen(signal.SIGSTOP)
    time.sleep(5)
    assert not dana.run(LOST)
    hide(dana, False)
    wait(dana, lambda: dana.run(LOST), 5)
    hide(dana, True)
    frozen(signal.SIGCONT)
    hide(dana, False)
    wait(dana, lambda: not dana.run(LOST), 5)


def test_a_page_out_of_the_back_cache_is_live_again(office):
    """The browser's cache is played to the page: whether Chromium keeps a page in it is its own choice."""
    made, dana = office
    connected = "return document.documentElement.dataset.connected === 'yes'"
    dana.open("/agents/refunds")
    wait(dana, lambda: dana.run(connected))
    dana.run("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));"
             "delete document.documentElement.dataset.connected")
    halt = made.gateway.halt("--agent", "refunds", by=DANA, reason="while it was away")
    try:
        dana.run("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
        wait(dana, lambda: "Every call is denied until the halt ends." in dana.text(), 5)
        assert wait(dana, lambda: dana.run(connected), 5)
    finally:
        made.gateway.resume(halt, ADA, SAM)
    wait(dana, lambda: "Every call is denied until the halt ends." not in dana.text(), 5)


def test_what_is_typed_on_a_page_without_a_stream_stays_when_it_is_renewed(office, frozen):
    made, dana = office
    dana.open("/halt")
    field = dana.one("main form[data-order] input[name=reason]")
    field.send_keys("it asks for too much")
    frozen(signal.SIGSTOP)
    wait(dana, lambda: dana.run(LOST), 10)
    frozen(signal.SIGCONT)
    halt = made.gateway.halt("--agent", "refunds", by=DANA, reason="in between")
    try:
        wait(dana, lambda: "in between" in dana.text() or "may have changed" in dana.text(), 8)
        assert dana.one("main form[data-order] input[name=reason]").get_attribute("value") == "it asks for too much"
    finally:
        made.gateway.resume(halt, ADA, SAM)


def test_the_beat_tells_strangers_nothing_and_people_the_worst_state(office):
    made, dana = office
    dana.open("/now")
    status, _, text = made.get("/beat")
    assert (status, text) == (204, "")
    told = json.loads(made.get("/beat", cookie=f"__Host-interlock={dana.driver.get_cookie('__Host-interlock')['value']}")[2])
    checks = Program(made, dana).get("/health").json["checks"]
    states = {check["state"] for check in checks}
    worst = next(one for one in ("problem", "attention", "unknown", "working") if one in states)
    assert told["state"] == worst == Program(made, dana).get("/beat").json["state"]


def test_a_gateway_that_was_killed_and_started_again(office):
    made, dana = office
    dana.open("/now")
    wait(dana, lambda: dana.one("#contact").is_displayed())
    assert dana.run(GREEN) > 0
    made.gateway.kill()
    wait(dana, lambda: dana.run(LOST), 5)
    assert dana.run(GREEN) == 0
    made.gateway.start()
    # What was not checked since the start does not look well, nor does the whole of an unsigned policy.
    states = {one["part"]: one["state"] for one in Program(made, dana).get("/health").json["checks"]}
    wait(dana, lambda: not dana.run(LOST), 12)
    assert dana.run(GREEN, ".head .badge") == 0 and states["policy"] != "working", states


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


def test_the_minutes_of_a_halt_are_a_band_also_after_its_end_and_a_restart(office):
    made, dana = office
    dana.open("/now")

    def is_drawn() -> bool:
        return dana.one(f"{CALLS} canvas").is_displayed()

    def marked() -> int:
        return len([one for one in dana.run(HALTED) if one])

    def words() -> str:
        return dana.one(f"{CALLS} canvas").get_attribute("aria-label")

    wait(dana, is_drawn)
    # Other tests of this file have halted agents within the hour too.
    before = sum(dana.run(HALTED))
    halt = made.gateway.halt("--agent", "support-triage", by=ADA)
    wait(dana, lambda: sum(dana.run(HALTED)) > before, 5)
    made.gateway.resume(halt, ADA, SAM)
    # It has ended, and its minutes stay marked: in the table, the words, the legend and the picture.
    dana.open("/now")
    wait(dana, is_drawn)
    assert sum(dana.run(HALTED)) > before
    wait(dana, lambda: words().endswith(f". Halts were active in {marked()} of {len(dana.run(HALTED))} minutes"), 5)
    wait(dana, lambda: dana.run(BANDS) == marked() > 0, 5)
    assert dana.one(f"{CALLS} .legend .band").text == "Active halts"
    assert dana.barriers() == [] and dana.overflow() <= 0
    halts = len([one for one in made.gateway.records(10_000) if one["t"] == "kill.requested"])
    made.gateway.kill()
    made.gateway.start()
    dana.open("/now")
    wait(dana, lambda: sum(dana.run(HALTED)) >= halts, 10)
    assert "Halts were active in" in words()


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
