"""The page with every component of the console in every state, in a real browser: each width, each colour scheme, forced
colours, and the tokens of docs/specs/console.md, section 2."""

import json
import re
from pathlib import Path

import pytest

pytest.importorskip("selenium", reason="no selenium: run scripts/setup")
from browsing import Browser, Pages, wait  # noqa: E402
from conftest import ROOT  # noqa: E402

NARROW, MIDDLE, WIDE = {"width": 360, "height": 740}, {"width": 768, "height": 1024}, {"width": 1440}
LOADS = tuple({f"{name}-light": size, f"{name}-dark": {**size, "dark": True}}
              for name, size in (("narrow", NARROW), ("middle", MIDDLE), ("wide", WIDE)))
# The grounds on which each colour of text, edges and marks is used.
PAGES, SOFT = ["canvas", "surface", "sunken"], ["accent-soft", "ok-soft", "attention-soft", "problem-soft", "unknown-soft"]
GROUNDS = {"ink": PAGES + SOFT, "ink-2": PAGES + SOFT, "ink-3": PAGES, "edge": PAGES[:2], "accent": [*PAGES, "accent-soft"],
           "on-accent": ["accent"], "on-problem": ["problem"], "allowed": ["surface"], "approved": ["surface"],
           "denied": ["surface"], **{state: [*PAGES[:2], f"{state}-soft"] for state in ("ok", "attention", "problem", "unknown")}}
# Every draft has these bytes, and no passkey ever answers.
DRAFTED = """
    const payload = btoa(String.fromCharCode(...new TextEncoder().encode(arguments[0])));
    window.interlock = { ...interlock, post: async () => new Response(
      JSON.stringify({ payload, credentials: ["AA"], challenge: "AA", rp_id: "localhost" })) };
    navigator.credentials.get = () => new Promise(() => {});"""


@pytest.fixture(scope="module")
def design(binary, tmp_path_factory):
    pages = Pages(binary)
    browser = Browser(pages.origin, Path(tmp_path_factory.mktemp("browser")))
    yield browser
    try:
        # The accessibility checker reads the image of a chart repeatedly; the page does not.
        assert [one for one in browser.complaints() if "willReadFrequently" not in one] == []
    finally:
        browser.close()
        pages.close()


def spec_tokens() -> dict[str, dict]:
    """The tokens of the specification: hexadecimal colours in light and dark, and the contrasts where it states some."""
    text = (ROOT / "docs" / "specs" / "console.md").read_text().partition("| token | light | dark |")[2]
    found: dict[str, dict] = {}
    for line in text.partition("\n\n")[0].splitlines()[2:]:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        first = cells[0].split(", ")[0]
        names = [{"soft": f"{first}-soft", "on it": f"on-{first}"}.get(name, name) for name in cells[0].split(", ")]
        for name, *colours in zip(names, cells[1].split(), cells[2].split(), strict=True):
            found[name] = {"light": colours[0], "dark": colours[1]}
        stated = [re.findall(r"\d+\.\d", part) for part in cells[3].split(";")]
        if not stated[0]:
            continue
        # A soft colour and a line are grounds and dividers, for which no contrast is stated.
        having = [name for name in names if name in GROUNDS]
        for name, light, dark in zip(having, *stated, strict=True):
            found[name] |= {"contrast": (light, dark)}
    return found


def luminance(colour: str) -> float:
    parts = [int(colour[place:place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(colour: str, grounds: list[str]) -> str:
    """The least contrast, rounded down to one digit."""
    pairs = [sorted((luminance(colour), luminance(ground))) for ground in grounds]
    return f"{int(min((high + 0.05) / (low + 0.05) for low, high in pairs) * 10) / 10:.1f}"


def test_every_component_fits_and_everybody_can_use_it(design):
    for look in design.each_look("/design", *LOADS):
        assert design.broken_words() == [], look
        assert design.violations() == [], look
        # The lines above a page stay in view and cover nothing of an unscrolled page.
        assert design.run("""
            scrollTo(0, 0);
            const notices = document.querySelector(".notices"), head = document.querySelector(".head");
            return getComputedStyle(notices).position === "sticky"
              && notices.getBoundingClientRect().bottom <= head.getBoundingClientRect().top"""), look
        design.whole_picture(f"console-design-{look}", most=20_000)
    names = [one.text for one in design.all("main h3")]
    assert len(names) > 40 and len(design.all("main h2")) >= 17


def test_forced_colours_keep_borders_icons_and_words(design):
    try:
        design.look(**WIDE)
        design.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "forced-colors", "value": "active"}]})
        design.open("/design")
        design.drawn()
        design.whole_picture("console-design-forced", most=20_000)
        assert design.barriers() == [] and design.broken_words() == []
        # Drawings are not coloured by the browser itself: their strokes have the colour of text.
        colours = design.run("""
            const style = (one) => getComputedStyle(document.querySelector(one));
            return [style("main .badge").borderTopStyle, style("main .flow text").fill, style("main p").color,
                    style("main .flow path:not(.tone-bad)").stroke]""")
        assert colours[0] == "solid" and colours[1] == colours[2] == colours[3], colours
    finally:
        design.look()


def test_each_value_that_a_passkey_signs_is_listed_before_it(design):
    form = "main form[data-order=halt]"
    design.look(**NARROW)
    design.open("/design")
    wait(design, lambda: design.one(f"{form} button").is_enabled())
    design.run(DRAFTED, json.dumps({"v": 1, "reason": "pay \u202e1\u202c now", "lasts_s": 60, "local": True, "none": None,
                                    "only": [], "grant": {"kb": [{"tool": "search"}, {}]}, "digest": "x" * 200}))
    design.one(f"{form} [name=reason]").send_keys("a reason of a test")
    design.click(f"{form} button")
    wait(design, lambda: design.all(f"{form} .signed"))
    assert [one.text for one in design.all(f"{form} .signed :is(dt, dd)")] == [
        "v", "1", "reason", "pay \u27e6U+202E\u27e71\u27e6U+202C\u27e7 now", "lasts s", "60", "local", "true", "none", "null",
        "only", "[]", "grant kb 0 tool", "search", "grant kb 1", "{}", "digest", "x" * 200]
    assert design.overflow() <= 0 and design.broken_words() == []
    design.look()


# The browser's only answer when no passkey was used, after the number of milliseconds that the test sets.
UNUSED = """
    let passed = 0;
    const now = performance.now.bind(performance);
    performance.now = () => now() + passed;
    navigator.credentials.get = async () => {
      passed = window.takes;
      // Everything that waits for the answer runs before a timer, so no other part of the page has the later time.
      setTimeout(() => { passed = 0; });
      throw new DOMException("no passkey", "NotAllowedError");
    };"""
UNUSED_WORDS = {
    0: "Cancelled on your device: no passkey was used. Press the button to try again.",
    119_000: "Cancelled on your device: no passkey was used. Press the button to try again.",
    120_000: "Timed out after 2 minutes: no passkey was used. Have the passkey ready, then press the button again."}


def test_a_cancelled_passkey_and_one_that_timed_out_have_their_own_sentence_and_remedy(design):
    form = "main form[data-order=halt]"
    design.open("/design")
    wait(design, lambda: design.one(f"{form} button").is_enabled())
    design.run(DRAFTED, json.dumps({"v": 1}))
    design.run(UNUSED)
    design.one(f"{form} [name=reason]").send_keys("a reason of a test")
    for takes, words in UNUSED_WORDS.items():
        design.run(f"window.takes = {takes}; document.querySelector(arguments[0]).textContent = ''", f"{form} [role=status]")
        design.click(f"{form} button")
        wait(design, lambda: design.one(f"{form} button").is_enabled() and design.one(f"{form} [role=status]").text)
        assert design.one(f"{form} [role=status]").text == words, takes
        # The remedy is at hand: the button has the focus, and nothing is sent again by itself.
        assert design.run("return document.activeElement === document.querySelector(arguments[0])", f"{form} button"), takes
        assert design.one(f"{form} [name=reason]").get_attribute("value") == "a reason of a test"


# The gateway knows no passkey of the person that counts for the order; a browser that is asked all the same is noted.
NONE_COUNTS = """
    window.asked = 0;
    navigator.credentials.get = () => { window.asked += 1; return new Promise(() => {}); };
    window.interlock = { ...interlock, post: async () => new Response(
      JSON.stringify({ payload: btoa("{}"), credentials: [], challenge: "AA", rp_id: "localhost" })) };"""


def test_without_a_passkey_a_page_says_so_and_asks_for_none(design):
    form = "main form[data-order=halt]"
    # A browser without passkeys: each form and the sign-in are off from the beginning.
    script = design.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument",
                                           {"source": "delete window.PublicKeyCredential;"})
    try:
        design.open("/design")
        words = "This browser has no passkeys. The command line can do the same."
        wait(design, lambda: design.one(f"{form} [role=status]").text == words)
        assert design.run("""
            return [...document.querySelectorAll("main form[data-order]")]
              .filter((one) => !one.querySelector("button").disabled).length""") == 0
        design.open("/sign-in")
        wait(design, lambda: design.one("#ceremony-hint").text == "This browser has no passkeys.")
        assert not design.one("#sign-in-button").is_enabled()
    finally:
        design.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", script)
    # A person without a passkey that counts.
    design.open("/design")
    wait(design, lambda: design.one(f"{form} button").is_enabled())
    design.run(NONE_COUNTS)
    design.one(f"{form} [name=reason]").send_keys("a reason of a test")
    design.click(f"{form} button")
    wait(design, lambda: design.one(f"{form} [role=status]").text == "No passkey of yours counts here.")
    assert design.run("return window.asked") == 0 and design.all(f"{form} .signed") == []
    assert design.one(f"{form} button").is_enabled()
    assert design.run("return document.activeElement === document.querySelector(arguments[0])", f"{form} button")
    assert design.one(f"{form} [name=reason]").get_attribute("value") == "a reason of a test"


# The API refuses every draft by a rule about the reason.
REFUSED = """
    window.interlock = { ...interlock, post: async () => new Response(JSON.stringify(
      { code: "malformed", detail: "`reason` must be 10 to 500 characters on one line" }), { status: 400 }) };"""


def test_a_refused_order_has_a_summary_that_leads_to_the_field_and_keeps_what_was_typed(design):
    form, words = "main form[data-order=halt]", "Not done: Reason must be 10 to 500 characters on one line."
    for size in (NARROW, WIDE):
        design.look(**size)
        design.open("/design")
        wait(design, lambda: design.one(f"{form} button").is_enabled())
        title = design.driver.title
        design.run(REFUSED)
        design.one(f"{form} [name=reason]").send_keys("short")
        # The browser's own message does not take the place of the summary.
        design.click(f"{form} button")
        wait(design, lambda: design.all(f"{form} .refused"))
        assert design.run("return document.activeElement.matches(arguments[0])", f"{form} > .refused:first-child")
        assert [one.text for one in design.all(f"{form} .refused > *")] == ["There is a problem", words]
        assert design.driver.title == "Error: " + title
        label = design.one(f"{form} label:has(.fault)").text
        assert label.split("\n") == ["Reason", "Error: " + words]
        assert design.one(f"{form} [name=reason]").get_attribute("aria-invalid") == "true"
        assert design.overflow() <= 0 and design.broken_words() == [] and design.barriers() == []
        design.click(f"{form} .refused a")
        assert design.run("return document.activeElement.name") == "reason"
        assert design.one(f"{form} [name=reason]").get_attribute("value") == "short"
        # The next try begins without it.
        design.run(DRAFTED, json.dumps({"v": 1}))
        design.click(f"{form} button")
        wait(design, lambda: design.all(f"{form} .signed"))
        assert design.all(f"{form} :is(.refused, .fault, [aria-invalid])") == [] and design.driver.title == title
    design.look()


def test_the_colours_are_those_of_the_specification(design):
    stated = spec_tokens()
    assert {name for name, one in stated.items() if "contrast" in one} == set(GROUNDS)
    for place, scheme in enumerate(("light", "dark")):
        design.look(dark=scheme == "dark")
        design.open("/design")
        used = {name: design.run("return getComputedStyle(document.documentElement).getPropertyValue('--' + arguments[0]).trim()",
                                 name) for name in stated}
        assert used == {name: one[scheme] for name, one in stated.items()}
        for name, grounds in GROUNDS.items():
            found = contrast(used[name], [used[ground] for ground in grounds])
            assert found == stated[name]["contrast"][place], (name, scheme)
    # The page itself computes the same.
    shown = {row.find_element("css selector", "th code").text: row.find_elements("css selector", "td")[-1].text
             for row in design.all("main tr:has([id^=token-])")}
    for name in GROUNDS:
        assert shown[name] == "; ".join(stated[name]["contrast"]), name
    design.look()
