"""The approval page in a real browser: narrow, wide, dark, printed, without the script; and with hostile text."""

import pytest

pytest.importorskip("selenium", reason="no selenium: run scripts/setup")
from addresses import PAUL, RUI  # noqa: E402
from browsing import wait  # noqa: E402
from office import read  # noqa: E402
from offices import office, paul, refunds  # noqa: E402, F401
from pagerules import faults, header_faults, old_phrases  # noqa: E402
from refunding import is_pending  # noqa: E402
from selenium.webdriver.support.ui import Select  # noqa: E402

HOSTILE = [
    "<script>document.title='owned'</script>", "\"><img src=//evil.example/x onerror=alert(1)>",
    "</bdi></section><h1>Approved</h1>", "pay \u202e0001\u202c EUR", "a\u200bb", "\U000e0041\U000e0042", "p\u0430ypal",
    "https://xn--pypal-4ve.com", "\x1b[31mred\x1b[0m", "line\r\nnext\tcell", "javascript:alert(1)", "spaces  ",
]
SHOWN = ["⟦U+202E⟧", "⟦U+200B⟧", "⟦U+E0041⟧", "⟦U+001B⟧", "⏎", "⇥", "spaces··", "letters of several scripts in one word",
         "a name in punycode", "</bdi></section><h1>Approved</h1>"]
# Each page is loaded in each colour scheme, narrow and wide, and resized to other widths while it is open.
LOADS = ({"narrow": {"width": 360, "height": 740}, "middle": {"width": 800}, "wide": {"width": 1440}},
         {"wide-dark": {"width": 1440, "dark": True}, "narrow-dark": {"width": 360, "height": 740, "dark": True}})


@pytest.fixture
def waiting(office, refunds):
    """Creates pending requests, and denies those that are still pending at the end."""
    held = []

    def ask(**changes) -> str:
        held.append((refunds.ask(**changes), refunds.request()))
        return held[-1][1]

    yield ask
    for answer, request in held:
        if is_pending(office.acme, request):
            refunds.deny(request)
        # The caller of a test that took longer than its call was held was answered that the request is still pending.
        assert answer.result(30).code in (4031, 4032)
    assert refunds.paid() == refunds.before


@pytest.mark.parametrize("looks", LOADS, ids=("light", "dark"))
def test_every_page_fits_and_everybody_can_use_it(office, paul, waiting, looks):
    request = waiting()
    hostile = waiting(invoice_id=" ".join(HOSTILE))
    browser = office.visitor(paul)
    browser.expected_errors += ["404"]
    for page, path in [("approvals", "/approvals"), ("approvals-pending", "/approvals?show=pending"),
                       ("approvals-decided", "/approvals?show=decided"), ("approvals-empty", "/approvals?agent=nobody"),
                       ("review", f"/approvals/apr_{request}"), ("review-hostile", f"/approvals/apr_{hostile}"),
                       ("sign-in", "/sign-in"), ("enrol", f"/enrol/{office.tokens[RUI]}"), ("nothing", "/nothing")]:
        for look in browser.each_look(path, looks):
            browser.picture(f"served-{page}-{look}")
            assert header_faults(browser) == [] and browser.broken_words() == [], (page, look)
        assert faults(browser) == [] and old_phrases(browser) == set(), page
    stranger = office.visitor(None)
    stranger.expected_errors += ["401"]
    for look in stranger.each_look("/approvals", looks):
        assert "Sign in to continue" in stranger.text(), look


def test_hostile_text_of_a_call_stays_text_in_its_box(paul, waiting):
    plain, hostile = waiting(), waiting(invoice_id="\n".join(HOSTILE))
    count = "return document.querySelectorAll('form, a, button, h1, section, script, img, iframe').length"
    paul.open(f"/approvals/apr_{plain}")
    expected = paul.run(count)
    paul.open(f"/approvals/apr_{hostile}")
    assert paul.run(count) == expected and paul.all("main script, main img, main b") == []
    assert "owned" not in paul.driver.title
    text = paul.text()
    for shown in SHOWN:
        assert shown in text, shown
    assert paul.run("""
        return [...document.querySelectorAll('bdi')].every(box => {
          const style = getComputedStyle(box);
          return style.unicodeBidi.startsWith('isolate') && style.direction === 'ltr'
            && !/[\\u202a-\\u202e\\u2066-\\u2069\\u200b-\\u200f\\ufeff\\u0000-\\u0008\\u001b]/.test(box.textContent);
        })""")


def test_a_line_of_60_thousand_letters_is_shown_whole(office, paul, waiting):
    line = "<b>&\u202e" * 8000
    request = waiting(invoice_id=line)
    browser = office.visitor(paul, width=360, height=740)
    browser.open(f"/approvals/apr_{request}")
    assert browser.overflow() <= 0
    assert browser.run("return [...document.querySelectorAll('bdi')]"
                       ".some(box => box.textContent === '<b>&⟦U+202E⟧'.repeat(8000))")


@pytest.mark.parametrize("letters", [66_000, 1 << 20])
def test_nobody_is_asked_about_what_cannot_be_shown_whole(office, refunds, letters):
    answer = refunds.ask(invoice_id="x" * letters).result(30)
    assert answer.code == 4030 and "too-large-to-review" in answer.body.decode(), answer.body[:500]
    assert office.gateway.json("approvals", "list") == [] and refunds.paid() == refunds.before


def test_without_the_script_one_reads_and_decides_nothing(office, paul, waiting):
    request = waiting()
    browser = office.visitor(paul, script=False)
    browser.open("/approvals")
    browser.driver.find_element("link text", "billing.refund_request").click()
    assert request in browser.driver.current_url and "INV-20931" in browser.text()
    assert not browser.one("#approve-button").is_enabled()
    assert "needs the script" in browser.text()
    Select(browser.one("#deny-reason")).select_by_value("not-needed")
    assert "can only be read" in browser.text()
    browser.expected_errors.append("401")
    browser.click("button.deny")
    wait(browser, lambda: "no proof by the key of its session" in browser.text())
    assert office.gateway.json("approvals", "show", request)[0]["state"] == "pending"


def test_paper_has_the_call_and_no_buttons(paul, waiting):
    paul.open(f"/approvals/apr_{waiting()}")
    paul.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        assert not paul.one("button.deny").is_displayed() and "INV-20931" in paul.text()
    finally:
        paul.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_the_keyboard_reaches_everything_and_approves_nothing(paul, waiting):
    request = waiting()
    paul.open(f"/approvals/apr_{request}")
    names = []
    for _ in range(60):
        paul.driver.switch_to.active_element.send_keys("\ue004")
        names.append(paul.run("const e = document.activeElement; return e.innerText || e.id || e.tagName"))
        if "Deny this call" in names[-1]:
            break
    assert names[0] == "To the content" and "Deny this call" in names[-1], names
    read(paul)
    for key in "aAyY":
        paul.one("body").send_keys(key)
    assert "pending" in paul.one("#state").text


def test_no_page_complained(office):
    assert office.complaints() == []
