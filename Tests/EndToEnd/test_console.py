"""The console's pages in a real browser, with made-up requests from a program of the tests."""

import re
import shutil
import tempfile
import time
from pathlib import Path

import pytest

pytest.importorskip("selenium", reason="no selenium: run scripts/setup")
from browsing import Browser, Pages, wait  # noqa: E402
from pagerules import GREEN  # noqa: E402
from selenium.webdriver.common.action_chains import ActionChains  # noqa: E402
from selenium.webdriver.support.ui import Select  # noqa: E402


@pytest.fixture
def pages(binary):
    found = Pages(binary)
    yield found
    found.close()


@pytest.fixture
def browse(pages):
    """Opens a signed-in window; at the end no window may have reported an error."""
    opened: list[Browser] = []
    folders: list[Path] = []

    def make(person: int = 0, **options) -> Browser:
        folders.append(Path(tempfile.mkdtemp(prefix="interlock-browser-")))
        browser = Browser(pages.origin, folders[-1], **options)
        opened.append(browser)
        pages.sign_in(browser, person)
        return browser

    yield make
    try:
        for browser in opened:
            assert browser.complaints() == []
    finally:
        for browser in opened:
            browser.close()
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)


def identifier(number: int) -> str:
    """An id in the program's form: Crockford's base 32 of one millisecond and ten bytes."""
    value = (1 << 80) | int.from_bytes(bytes([7] * 8 + [number >> 8, number & 255]), "big")
    digits = ""
    for _ in range(26):
        digits = "0123456789abcdefghjkmnpqrstvwxyz"[value & 31] + digits
        value >>= 5
    return f"/approvals/apr_{digits}"


# Each page is loaded in each colour scheme and in each width, and resized to the other width while it is open.
NARROW, WIDE = {"width": 360, "height": 740}, {"width": 1440}
LOADS = ({"narrow": NARROW, "wide": WIDE}, {"wide-dark": {**WIDE, "dark": True}, "narrow-dark": {**NARROW, "dark": True}})


def test_pages_fit_and_everybody_can_use_them(browse):
    browser = browse()
    for page, path in [
        ("approvals", "/approvals"), ("approvals-pending", "/approvals?show=pending"),
        ("approvals-empty", "/approvals?agent=nobody"), ("review", identifier(1)),
        ("review-hostile", identifier(2)), ("review-approved", identifier(4)), ("review-denied", identifier(5)),
    ]:
        for look in browser.each_look(path, *LOADS):
            browser.picture(f"{page}-{look}")


def test_hostile_text_stays_text_in_its_box(browse):
    browser = browse()
    browser.open(identifier(1))
    plain = browser.run("return document.querySelectorAll('form, a, button, h1, section, script').length")
    browser.open(identifier(2))
    assert browser.run("return document.querySelectorAll('form, a, button, h1, section, script').length") == plain
    assert browser.all("img, iframe, main svg:not(.icon), main b, main script") == []
    assert "owned" not in browser.driver.title
    # Every box is isolated and left to right, and its content neither turns the direction nor is invisible.
    assert browser.run("""
        return [...document.querySelectorAll('bdi')].every(box => {
          const style = getComputedStyle(box);
          return style.unicodeBidi.startsWith('isolate') && style.direction === 'ltr'
            && !/[\\u202a-\\u202e\\u2066-\\u2069\\u200b-\\u200f\\ufeff\\u0000-\\u0008\\u001b]/.test(box.textContent);
        })""")
    text = browser.text()
    for shown in ("⟦U+202E⟧", "⟦U+200B⟧", "⟦U+E0041⟧", "⟦U+001B⟧", "⏎", "⇥", "··spaces··",
                  "letters of several scripts in one word", "a name in punycode", "<b>bold",
                  "</bdi></section><h1>Approved</h1>"):
        assert shown in text, shown
    # No text is drawn outside its own box.
    assert browser.run("""
        return [...document.querySelectorAll('main .card')].every(card => {
          const outer = card.getBoundingClientRect();
          return [...card.querySelectorAll('bdi')].every(box => [...box.getClientRects()].every(
            part => part.left >= outer.left - 1 && part.right <= outer.right + 1));
        })""")


def test_a_long_line_is_shown_whole_at_any_width(browse):
    browser = browse(width=360, height=740)
    browser.open(identifier(3))
    assert browser.overflow() <= 0
    assert browser.run(
        "return [...document.querySelectorAll('bdi')].some(b => b.textContent === '<b>&⟦U+202E⟧'.repeat(8000))")


def test_a_denial_is_shown_where_it_was_made(browse):
    browser = browse()
    browser.open(identifier(1))
    Select(browser.one("#deny-reason")).select_by_value("suspicious")
    browser.one("#deny-text").send_keys("never heard of this order")
    browser.click("button.deny")
    wait(browser, lambda: "Denied, call not sent" in browser.text())
    assert browser.driver.current_url.endswith(identifier(1))
    assert browser.all("main form[method=post]") == []


def test_without_the_script_a_page_says_that_it_is_read_only_and_nothing_is_denied(browse):
    browser = browse(script=False)
    browser.open(identifier(1))
    assert "can only be read" in browser.text()
    browser.expected_errors.append("401")
    Select(browser.one("#deny-reason")).select_by_value("suspicious")
    browser.click("button.deny")
    wait(browser, lambda: "no proof by the key of its session" in browser.text())
    browser.open(identifier(1))
    assert "pending" in browser.one("#state").text


def test_a_denial_without_a_reason_is_not_sent(browse, pages):
    browser = browse()
    browser.open(identifier(1))
    browser.click("button.deny")
    assert "pending" in browser.one("#state").text
    # The browser blocks the form; so does the server, which does not trust the browser.
    browser.expected_errors.append("422")
    browser.run("document.querySelector('#deny-reason').required = false")
    browser.click("button.deny")
    wait(browser, lambda: "choose a reason" in browser.text())
    assert "pending" in browser.one("#state").text
    # The page continues under its own address: reading is counted, and changes are shown.
    assert browser.run("return location.pathname") == identifier(1)
    wait(browser, lambda: browser.run("return document.documentElement.dataset.connected") == "yes")
    pages.change("deny 1")
    wait(browser, lambda: "denied" in browser.one("#state").text)


def test_an_approval_is_taken_back(browse):
    browser = browse()
    browser.open(identifier(4))
    browser.click("button.deny")
    wait(browser, lambda: "void" in browser.one("#state").text)
    assert "Revoke approval" not in browser.text()


def test_approving_is_held_back_until_everything_was_read(browse):
    browser = browse(height=600)
    browser.open(identifier(2))
    began = time.monotonic()
    button, hint = browser.one("#approve-button"), browser.one("#approve-hint")
    floor = int(button.get_attribute("data-floor-ms")) / 1000
    assert floor >= 2
    assert not button.is_enabled()
    browser.one("#approve-typed").send_keys(browser.one("#approve-typed").get_attribute("data-target"))
    for part in browser.all("[data-part]"):
        assert not button.is_enabled()
        browser.bring_into_view(part)
    wait(browser, lambda: "read all parts" not in hint.text)
    wait(browser, button.is_enabled, floor + 5)
    assert time.monotonic() - began >= floor
    browser.one("#approve-typed").send_keys("x")
    wait(browser, lambda: not button.is_enabled())


def test_without_the_script_nothing_can_be_approved(browse):
    browser = browse(script=False)
    browser.open(identifier(1))
    time.sleep(2.5)
    assert not browser.one("#approve-button").is_enabled()
    assert "needs the script" in browser.text()


def test_changes_arrive_and_a_half_written_reason_stays(browse, pages):
    browser, other = browse(), browse()
    browser.open("/approvals")
    other.open(identifier(1))
    for window in (browser, other):
        wait(window, lambda: window.run("return document.documentElement.dataset.connected") == "yes")
    other.one("#deny-text").send_keys("half a sen")
    pages.change("ask 9")
    wait(browser, lambda: browser.all(f"a[href='{identifier(9)}']"))
    assert other.one("#deny-text").get_attribute("value") == "half a sen"
    pages.change("deny 1")
    wait(other, lambda: "denied" in other.one("#state").text)
    assert other.all("#deny-text") == []
    wait(browser, lambda: not browser.all(f"a[href='{identifier(1)}']"))


# The rows of a list, by their links.
ROWS = "return [...document.querySelectorAll('main tbody a[href]')].map((one) => one.getAttribute('href'))"


def test_no_row_moves_under_the_focus_or_the_pointer(browse, pages):
    browser = browse()
    browser.open("/approvals")
    wait(browser, lambda: browser.run("return document.documentElement.dataset.connected") == "yes")
    before = browser.run(ROWS)
    assert identifier(1) in before and identifier(9) not in before
    browser.run("document.querySelector('main tbody a[href]').focus()")
    pages.change("ask 9")
    wait(browser, lambda: [one.text for one in browser.all(".fresh")] == ["1 new"])
    assert browser.run(ROWS) == before
    browser.click(".fresh")
    wait(browser, lambda: identifier(9) in browser.run(ROWS) and not browser.all(".fresh"))
    # No row goes under the pointer either, until it has left the list.
    ActionChains(browser.driver).move_to_element(browser.all("main tbody tr")[0]).perform()
    pages.change("deny 1")
    wait(browser, lambda: [one.text for one in browser.all(".fresh")] == ["Show changes"])
    assert identifier(1) in browser.run(ROWS)
    ActionChains(browser.driver).move_to_element(browser.one("h1")).perform()
    wait(browser, lambda: identifier(1) not in browser.run(ROWS))


# The width, the height, the position and the distance from the lower edge of the navigation, and the width of the content.
FRAME = """
    const side = document.querySelector(".side"), box = side.getBoundingClientRect();
    const main = document.querySelector("main").getBoundingClientRect();
    return [box.width, box.height, innerHeight - box.bottom, main.width].map(Math.round).concat(getComputedStyle(side).position)"""


def test_the_frame_has_the_sizes_of_the_specification(browse):
    browser = browse()
    browser.open("/approvals")
    for width, wanted in ((1440, 224), (1280, 224), (1279, 80), (768, 80)):
        browser.look(width=width, height=900)
        side, height, below, _, position = browser.run(FRAME)
        assert (side, height, below, position) == (wanted, 900, 0, "sticky"), width
    browser.look(width=767, height=740)
    _, height, below, _, position = browser.run(FRAME)
    assert 56 <= height <= 64 and (below, position) == (0, "fixed")
    browser.look(width=1920)
    assert browser.run(FRAME)[3] == 1376


# The states in which a part does not work as far as is known, and what brings it there.
NOT_WELL = {"an unsigned or founding policy": ("policy", "attention"), "a store of before the restart": ("store", "unknown"),
            "an index that is behind, or a log that hangs": ("log", "unknown"), "a silent witness": ("witnesses", "unknown"),
            "a witness that is late": ("witnesses", "attention"), "a check that hangs": ("limits", "unknown"),
            "a clock that is 60 s off": ("clock", "attention"), "a server that is gone": ("servers", "problem")}


def test_what_is_not_known_to_work_is_never_green(browse, pages):
    browser = browse()
    head, rows = ".head .badge[popovertarget]", "#now-6 tbody tr"
    pages.change("check clock working")
    browser.open("/now")
    assert browser.run(GREEN, head) == 1 and browser.run(GREEN, f"{rows} .badge") == 9
    for cause, (part, state) in NOT_WELL.items():
        pages.change(f"check {part} {state}")
        browser.open("/now")
        assert browser.run(GREEN, head) == 0, (cause, browser.one(head).text)
        assert browser.run(GREEN, f"{rows} .badge") == 8, cause
        assert browser.run(GREEN, "main .notice, .notices .notice") == 0, cause
        assert "checks passed" not in browser.one(".head").text, cause


HELD_STREAM = """
    const real = window.fetch, held = new Promise((resolve) => { window.connect = resolve; });
    window.fetch = async (path, options) => {
      if (String(path).endsWith("/stream")) await held;
      return real(path, options);
    };
"""


def test_what_happens_before_the_stream_is_open_is_not_missed(browse, pages):
    browser = browse()
    browser.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": HELD_STREAM})
    browser.open(identifier(1))
    pages.change("deny 1")
    assert "pending" in browser.one("#state").text
    browser.run("connect()")
    wait(browser, lambda: "denied" in browser.one("#state").text)


# Refuses the connections that `cut` matches. The pauses before the next try are recorded and take a thousandth of their time.
CUT = """
    window.cut = /[/](beat|stream)$/;
    window.pauses = { stream: [], contact: [] };
    window.beats = 0;
    document.addEventListener("interlock:beat", () => { window.beats++; });
    const later = window.setTimeout, ask = window.fetch;
    window.fetch = async (path, options) => {
      if (window.cut.test(path)) throw new TypeError("cut");
      return ask(path, options);
    };
    window.setTimeout = (act, ms, ...others) => {
      const isLost = document.documentElement.dataset.contact === "lost";
      const kind = /\\bbackoff\\b/.test(new Error().stack) ? "stream" : act.name === "beat" && isLost ? "contact" : "";
      if (kind) window.pauses[kind].push(ms);
      return later(act, kind ? ms / 1000 : ms, ...others);
    };
"""


def test_lost_connections_are_tried_again_after_1_2_4_8_and_then_each_10_seconds(browse):
    browser = browse()
    browser.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": CUT})
    browser.open("/approvals")
    wait(browser, lambda: browser.run("return pauses.stream.length > 6 && pauses.contact.length > 6"))
    for kind in ("stream", "contact"):
        assert browser.run("return pauses[arguments[0]].slice(0, 6)", kind) == [1000, 2000, 4000, 8000, 10000, 10000], kind
    browser.run("window.cut = /never/")
    wait(browser, lambda: browser.run("return beats > 0 && document.documentElement.dataset.contact !== 'lost'"))
    # What came over the connection begins the pauses again.
    browser.run("""
        window.cut = /[/]stream$/;
        pauses.stream.length = 0;
        document.dispatchEvent(new CustomEvent("interlock:contact", { detail: "lost" }));""")
    wait(browser, lambda: browser.run("return pauses.stream.length > 2"))
    assert browser.run("return pauses.stream.slice(0, 2)") == [1000, 2000]


def test_pages_of_fifty_back_and_filter(browse):
    browser = browse(person=1)
    browser.open("/approvals?show=pending")
    assert len(browser.all("tbody tr")) == 50
    ends = [one.get_attribute("datetime") for one in browser.all("tbody time")]
    assert ends == sorted(ends)
    browser.driver.find_element("link text", "Later").click()
    assert "51-" in browser.one(".pager").text
    browser.driver.back()
    assert "1-50 of " in browser.one(".pager").text
    # On a phone the first row comes before the filters, which open as a sheet.
    browser.look(width=360, height=740)
    row = browser.all("tbody tr")[0].rect
    assert row["y"] + min(row["height"], 60) < 740 - 56, row
    assert not browser.one("#filter-agent").is_displayed()
    browser.click(".filters .opener")
    browser.one("#filter-agent").send_keys("crm-1")
    browser.click("#filter-fields > button")
    wait(browser, lambda: "agent=crm-1" in browser.driver.current_url and browser.all("tbody tr"))
    browser.look()
    assert {row.text.split("\n")[0] for row in browser.all("tbody td:nth-child(2)")} == {"crm-1"}


def test_the_keyboard_reaches_everything_and_approves_nothing(browse):
    browser = browse()
    browser.open(identifier(1))
    names = []
    for _ in range(30):
        browser.driver.switch_to.active_element.send_keys("\ue004")
        names.append(browser.run("const e = document.activeElement; return e.innerText || e.id || e.tagName"))
    assert names[0] == "To the content"
    assert any("Deny this call" in name for name in names)
    for key in "aAyY\ue007":
        browser.one("body").send_keys(key)
    assert "pending" in browser.one("#state").text


def test_a_page_of_another_origin_can_neither_frame_nor_send(browse, pages, tmp_path):
    browser = browse()
    browser.open("/approvals")
    body = f"<iframe src='{pages.origin}/approvals'></iframe><form method=post action='{pages.origin}{identifier(1)}/deny'>" \
           "<input name=reason value=too-much><input name=revision value=1></form>"
    page = tmp_path / "evil.html"
    page.write_text(body)
    # A file is another origin; its requests are refused, and the browser reports that.
    browser.expected_errors += ["frame", "403", "401"]
    browser.origin, origin = f"file://{tmp_path}", browser.origin
    browser.open("/evil.html")
    browser.run("document.forms[0].submit()")
    wait(browser, lambda: "another page" in browser.driver.page_source)
    browser.origin = origin
    browser.driver.get_log("performance")
    browser.open(identifier(1))
    assert "pending" in browser.one("#state").text


def test_paper_has_the_review_and_no_buttons(browse):
    browser = browse()
    browser.open(identifier(1))
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert not browser.one("button.deny").is_displayed()
    assert "A-1009" in browser.text()
    assert re.search(r"sha256:[0-9a-f]{64}", browser.text())
