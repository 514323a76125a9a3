"""The search of the console, its palette and its single keys in a real browser: each leads somewhere, none acts, and none shows
more than its reader sees. Times are in the zone of the reader."""

from datetime import datetime, timezone

import pytest

pytest.importorskip("selenium", reason="no selenium: run scripts/setup")
from addresses import ADA, DANA, RUI  # noqa: E402
from browsing import Browser, wait  # noqa: E402
from directories import office, programs, windows  # noqa: E402, F401
from office import sign_in  # noqa: E402
from selenium.webdriver.common.action_chains import ActionChains  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.support.ui import Select  # noqa: E402


def test_a_search_finds_what_its_reader_sees_and_counts_nothing_else(windows, programs):
    def found(person: str, text: str) -> dict[str, list[str]]:
        return {one["kind"]: [hit["name"] for hit in one["hits"]]
                for one in programs[person].get(f"/search?q={text}").json["groups"]}

    assert found(ADA, "refunds")["agents"] == ["refunds"] and "agents" not in found(RUI, "refunds")
    assert found(DANA, "support")["agents"] == ["support-triage"] and "agents" not in found(RUI, "support")
    assert "no-customer-delete" in found(RUI, "customer")["rules"] and "crm.delete_customer" in found(RUI, "customer")["tools"]
    ada = windows[ADA]
    ada.open("/agents")
    field = ada.one("#search")
    field.send_keys("get_article")
    field.submit()
    wait(ada, lambda: ada.one("h1").text == "Search")
    assert ada.one("#search").get_attribute("value") == "get_article" and "kb.get_article" in ada.text()
    ada.driver.find_element("partial link text", "kb.get_article").click()
    wait(ada, lambda: ada.one("h1").text == "kb")


def press(browser: Browser, *keys: str):
    """Presses keys one after the other, wherever the focus is."""
    ActionChains(browser.driver).send_keys(*keys).perform()


def open_palette(browser: Browser, words: str):
    ActionChains(browser.driver).key_down(Keys.CONTROL).send_keys("k").key_up(Keys.CONTROL).perform()
    wait(browser, lambda: browser.one("#palette").is_displayed())
    press(browser, words)
    wait(browser, lambda: browser.one("#palette-text").get_attribute("value") == words)
    # The last row of each answer repeats the words.
    wait(browser, lambda: any(one.endswith(f"for {words}") for one in options(browser)))


def options(browser: Browser) -> list[str]:
    return [one.text for one in browser.all("#palette [role=option]")]


def test_the_palette_leads_anywhere_by_keys_alone_and_does_nothing(office, windows):
    dana = windows[DANA]
    dana.open("/servers")
    open_palette(dana, "support-triage")
    assert dana.barriers() == [] and dana.overflow() <= 0
    assert any(one.startswith("Stop agent support-triage") for one in options(dana))
    press(dana, Keys.ARROW_DOWN, Keys.ARROW_UP, Keys.ENTER)
    wait(dana, lambda: dana.driver.current_url == dana.origin + "/agents/support-triage")
    # An act opens the page with its form. Enter before the answer means the first row of the answer.
    dana.open("/servers")
    open_palette(dana, "stop agent sup")
    press(dana, "port", Keys.ENTER)
    wait(dana, lambda: dana.driver.current_url == dana.origin + "/agents/support-triage")
    assert dana.all("form[data-order=halt]") and office.gateway.json("kill", "--status")[0]["halts"] == []
    press(dana, "?")
    wait(dana, lambda: dana.one("#shortcuts").is_displayed())
    open_palette(dana, "decision:deny")
    assert not dana.one("#shortcuts").is_displayed()
    press(dana, Keys.ARROW_UP, Keys.ENTER)
    wait(dana, lambda: dana.driver.current_url == dana.origin + "/audit?decision=deny")
    press(dana, "/")
    assert dana.run("return document.activeElement.id") == "search"


def test_the_palette_has_what_its_reader_sees(windows):
    rui = windows[RUI]
    rui.open("/servers")
    open_palette(rui, "support-triage")
    assert not any(one.startswith(("support-triage", "Stop", "Request")) for one in options(rui))
    press(rui, Keys.ESCAPE)
    wait(rui, lambda: not rui.one("#palette").is_displayed())
    rui.click("[data-dialog=palette]")
    wait(rui, lambda: any(one.startswith("Overview") for one in options(rui)))


SECTIONS = {"i": "Inbox", "o": "Overview", "a": "Agents", "r": "Runs", "e": "Alerts", "h": "Kill switch", "l": "Audit log",
            "p": "Policy", "v": "Evals", "s": "Servers", "c": "Hosts", "u": "People", "w": "Health"}


def test_each_single_key_leads_somewhere_and_none_acts(office, windows):
    ada = windows[ADA]
    ada.open("/servers")
    press(ada, "?")
    wait(ada, lambda: ada.one("#shortcuts").is_displayed())
    assert all(name in ada.one("#shortcuts").text for name in SECTIONS.values() if name != "Audit log")
    assert ada.barriers() == []
    # Nothing happens behind a dialog.
    press(ada, "g", "a")
    press(ada, Keys.ESCAPE)
    assert ada.one("h1").text == "Servers"
    for key, heading in SECTIONS.items():
        press(ada, "g", key)
        wait(ada, lambda: ada.one("h1").text == heading)
    ada.open("/agents")
    press(ada, "j", "j", "k")
    first = ada.run("return document.querySelector('main tbody a').getAttribute('href')")
    assert ada.run("return document.activeElement.getAttribute('href')") == first
    press(ada, Keys.ENTER)
    wait(ada, lambda: ada.driver.current_url == ada.origin + first)
    press(ada, "u")
    wait(ada, lambda: ada.one("h1").text == "Agents")
    # Text is text in fields, and a held modifier is the browser's.
    press(ada, "/", "gaj?")
    assert ada.one("#search").get_attribute("value") == "gaj?" and ada.one("h1").text == "Agents"
    ada.open("/servers/kb")
    before = len(office.gateway.records(100_000))
    press(ada, *"abcdefhijklmnopqrstvwxyz0123456789.,;", Keys.ESCAPE)
    looks = [one["t"] for one in office.gateway.records(100_000)[before:]]
    assert not [one for one in looks if one.startswith(("server.", "kill.", "approval."))], looks
    assert ada.one("h1").text == "kb"


def test_single_keys_can_be_turned_off(windows):
    ada = windows[ADA]

    def choose(value: str):
        ada.open("/settings")
        Select(ada.one("#setting-3")).select_by_value(value)
        ada.driver.find_element("xpath", "//button[.='Save']").click()
        wait(ada, lambda: ada.run("return document.documentElement.dataset.shortcuts") == value)

    choose("off")
    try:
        ada.open("/servers")
        press(ada, "g", "a", "?", "/")
        assert ada.one("h1").text == "Servers" and not ada.one("#shortcuts").is_displayed()
        assert ada.run("return document.activeElement.id") != "search"
        open_palette(ada, "billing")
        press(ada, Keys.ESCAPE)
    finally:
        choose("on")


def time_of_page(browser: Browser) -> tuple[str, str]:
    """The time that the page shows, and its title. Both are read at once: a newer page replaces the element."""
    return tuple(browser.run("const time = document.querySelector('#contact time'); return [time.textContent, time.title]"))


def test_times_are_in_the_zone_of_the_sign_in_and_in_utc_by_a_key(windows):
    ada = windows[ADA]

    def sign_in_at(zone: str):
        ada.driver.execute_cdp_cmd("Emulation.setTimezoneOverride", {"timezoneId": zone})
        sign_in(ada)
        ada.open("/servers")

    sign_in_at("Asia/Kolkata")
    try:
        local, title = time_of_page(ada)
        assert "+05:30" in local and title.endswith("UTC"), (local, title)
        same = datetime.fromisoformat(f"2026-01-02 {local.replace(' ', '')}").astimezone(timezone.utc)
        assert f"{same:%H:%M:%S}" in title, (local, title)
        press(ada, "t")
        wait(ada, lambda: len(set(time_of_page(ada))) == 1)
        press(ada, "t")
        wait(ada, lambda: "+05:30" in time_of_page(ada)[0])
    finally:
        sign_in_at("UTC")
    assert "+05:30" not in ada.one("#contact").text


def test_nothing_complains(office):
    assert office.complaints() == []
