"""Rules of docs/specs/console.md, section 6, that hold for every page: the faults of a page that a browser has open."""

from functools import cache

from browsing import Browser
from conftest import ROOT

# The layout that a page may shift by itself, as Chromium's score.
MOST_SHIFT = 0.02
FAULTS = r"""
    const faults = [], code = "bdi, code, kbd, pre, option, script, style, textarea, .block, .literal, .value, .key";
    const say = (rule, words) => faults.push(`${rule}: ${words}`);
    const seen = (one) => one.checkVisibility({ visibilityProperty: true });
    const walk = (root, use) => {
      const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
      for (let part; (part = walker.nextNode());) if (part.textContent.trim() && seen(part.parentElement)) use(part);
    };
    const lines = (part) => {
      const range = document.createRange();
      range.selectNodeContents(part);
      return new Set([...range.getClientRects()].filter((box) => box.width > 0).map((box) => Math.round(box.top))).size;
    };
    for (const one of document.querySelectorAll(".badge:not(strong), .count, tbody .id:not(.value), tbody .number"))
      walk(one, (part) => {
        if (!part.parentElement.closest(".value, .block") && lines(part) > 1) say("wrapped", part.textContent);
      });
    // Facts are in lists of at most eight; what a passkey signs is one list.
    for (const one of document.querySelectorAll("dl.facts")) {
      const count = one.querySelectorAll(":scope > dt").length;
      if (count > 8 && !one.closest(".signed")) say("facts", `${count} from ${one.firstElementChild.textContent}`);
    }
    // A digest of 32 bytes has 44 letters; what is longer belongs under the raw record.
    const packed = (text, length) => [...text.matchAll(/[A-Za-z0-9+\/]{30,}={0,2}/g)].map((one) => one[0]).filter((one) =>
      one.length > length && /[a-z]/.test(one) && /[A-Z]/.test(one) && /\d/.test(one));
    walk(document.body, (part) => {
      const place = part.parentElement, raw = place.closest("details");
      if (!place.closest(code)) {
        const names = part.textContent.match(/(?<![\w.\/@-])[a-z][a-z0-9]*(?:_[a-z0-9]+)+(?![\w@])/g) || [];
        names.forEach((word) => say("snake case", word));
        packed(part.textContent, 0).forEach((word) => say("base64", word));
      } else if (!place.closest("bdi, .block") && !(raw && raw.querySelector("summary").textContent.startsWith("Raw"))) {
        packed(part.textContent, 44).forEach((word) => say("base64 in code", word));
      }
    });
    // Targets of less than 24 px need that distance from others, unless they are words of a sentence (WCAG 2.2, 2.5.8). The
    // link of a row covers it.
    const targets = [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
      .filter((one) => one.type !== "hidden" && seen(one) && !one.closest(".skip") && !one.matches(".linked > th a"));
    const boxes = targets.map((one) => one.getBoundingClientRect());
    // The page scrolls below what is fixed, so the two are not beside each other.
    const bar = (one) => { for (let e = one; e; e = e.parentElement) if (getComputedStyle(e).position === "fixed") return e; return null };
    const bars = targets.map(bar);
    const worded = (one) => getComputedStyle(one).display === "inline" && [...one.parentElement.childNodes].some((part) =>
      part.nodeType === 3 && part.textContent.trim());
    targets.forEach((one, place) => {
      const box = boxes[place];
      if (box.width === 0 || Math.min(box.width, box.height) >= 23.5 || worded(one)) return;
      const x = box.left + box.width / 2, y = box.top + box.height / 2;
      const near = boxes.some((other, number) => number !== place && bars[number] === bars[place] && other.width > 0
        && !one.contains(targets[number])
        && !targets[number].contains(one) && Math.hypot(x - Math.max(other.left, Math.min(x, other.right)),
          y - Math.max(other.top, Math.min(y, other.bottom))) < 12);
      if (near) say("target", `${one.outerHTML.slice(0, 90)} of ${Math.round(box.width)}x${Math.round(box.height)}`);
    });
    return [...new Set(faults)].slice(0, 12)"""
# What contradicts: a header has one name, one status with its evidence and at most five facts, and they and the next steps
# are above the lower edge of the window, or the bar of a phone, while nothing is scrolled.
HEADER_FAULTS = """
    const found = [], all = (of) => [...document.querySelectorAll(".head " + of)].filter((one) => one.checkVisibility());
    for (const [of, least, most] of [["h1", 1, 1], [".badge[popovertarget=evidence]", 1, 1], [".lead > .line > div", 0, 5],
      [".lead > .acts > .primary", 0, 1], [".lead > .acts > .act", 0, 4]])
      if (all(of).length < least || all(of).length > most) found.push(`${all(of).length} of ${of}`);
    const parts = all("h1, .head .badge[popovertarget], .head .line, .head .act");
    const lowest = Math.max(...parts.map((one) => one.getBoundingClientRect().bottom + scrollY));
    const edge = innerHeight - (innerWidth < 768 ? 56 : 0);
    return lowest < edge ? found : [...found, `${Math.round(lowest)} px of ${edge}`]"""
# The texts of the page's own elements.
OWN_TEXTS = """
    return [...document.querySelectorAll('body *:not(bdi):not(code)')].flatMap(one =>
      [...one.childNodes].filter(part => part.nodeType === 3).map(part => part.textContent.trim()))"""
# The controls that are smaller than a finger; that of a check box is its label.
SMALL = """
    return [...document.querySelectorAll("button, input:not([type=hidden], [type=checkbox], [type=radio]), select, textarea, "
      + ".choices label, .act, .side a, .crumbs a, main nav a")].filter((one) => one.checkVisibility({ visibilityProperty: true }))
      .map((one) => [one.getBoundingClientRect(), one.outerHTML.slice(0, 90)])
      .filter(([box]) => box.width && Math.min(box.width, box.height) < 43.5).map(([, markup]) => markup)"""
# The cells that are not displayed, and the tables that are wider than their place.
ABSENT = """
    return [...document.querySelectorAll("main th, main td")].filter(cell => cell.textContent !== "–")
      .filter(cell => getComputedStyle(cell).display === "none").map(cell => cell.textContent)"""
TOO_WIDE = """
    return [...document.querySelectorAll("main .wide")]
      .filter(box => box.scrollWidth > box.clientWidth).map(box => box.querySelector("caption").textContent)"""
# The tables whose header row is out of view while their last row is in the middle of the window.
HEADLESS = """
    return [...document.querySelectorAll("main table")].filter(table => {
      if (getComputedStyle(table).display !== "table" || !table.checkVisibility()) return false;
      const last = table.querySelector("tbody tr:last-child");
      last.scrollIntoView({ block: "center", behavior: "instant" });
      const header = table.querySelector("thead th").getBoundingClientRect();
      return header.top < 0 || header.top > last.getBoundingClientRect().top;
    }).map(table => table.caption.textContent)"""
IS_PAINTED = "return performance.getEntriesByName('first-contentful-paint').length > 0"
# When the page was first painted, in ms, and the bytes of its style sheets, of its own scripts, and of the chart library
# over the wire.
PAINTED = """
    const sum = (test, of) => performance.getEntriesByType("resource").filter((one) => test(one.name.split("/").pop()))
      .reduce((all, one) => all + one[of], 0);
    return [performance.getEntriesByName("first-contentful-paint")[0].startTime, {
      css: sum((name) => name.endsWith(".css"), "decodedBodySize"),
      chart: sum((name) => name.startsWith("chart-"), "encodedBodySize"),
      js: sum((name) => name.endsWith(".js") && !name.startsWith("chart-"), "decodedBodySize")}]"""
# The number of elements that look as good as a complete and fresh check does.
GREEN = """
    const ok = getComputedStyle(document.documentElement).getPropertyValue('--ok').trim();
    const probe = document.createElement('i');
    probe.style.color = ok;
    document.body.append(probe);
    const green = getComputedStyle(probe).color;
    probe.remove();
    return [...document.querySelectorAll(arguments[0] || '.badge, main .notice.good, main .figures dd')]
      .filter(one => [getComputedStyle(one).color, getComputedStyle(one).borderTopColor].includes(green)).length"""


def header_faults(browser: Browser) -> list[str]:
    """What the top of the page lacks, has too much of, or shows only to who scrolls."""
    return browser.run(HEADER_FAULTS)


@cache
def phrases_no_longer_used() -> set[str]:
    """The first and third column of the table of words (docs/specs/console.md, section 5), without those that have a part of
    the program's own."""
    text = (ROOT / "docs" / "specs" / "console.md").read_text().partition("| old | new | old | new |")[2]
    rows = [line.strip("|").split("|") for line in text.partition("\n## ")[0].splitlines() if line.startswith("|")]
    cells = [cell.strip() for row in rows[1:] for cell in row[::2]]
    found = {cell for cell in cells if cell and "\\(" not in cell}
    assert len(found) > 100
    return found


def old_phrases(browser: Browser) -> set[str]:
    """The texts of the page's own that are phrases which pages no longer use."""
    return phrases_no_longer_used() & set(browser.run(OWN_TEXTS))


def faults(browser: Browser) -> list[str]:
    """What wraps, is too small to be pressed, or is in the words of programs."""
    return browser.run(FAULTS)


def too_small_for_fingers(browser: Browser) -> list[str]:
    """The controls of less than 44 px with a coarse pointer."""
    browser.driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True})
    try:
        browser.drawn()
        assert browser.run("return matchMedia('(pointer: coarse)').matches")
        return browser.run(SMALL)
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": False})


def moved(browser: Browser) -> list[str]:
    """What the page has moved since it was opened, without what followed an act of its user; empty if that was little."""
    return browser.run("return window.shifts > arguments[0] ? [window.shifts, ...window.shifted] : []", MOST_SHIFT)


def cut(browser: Browser) -> list:
    """How far the page scrolls sideways, and which words it breaks."""
    wide = browser.overflow()
    return [f"{wide} px too wide"] * (wide > 0) + browser.broken_words()


def cut_in_large_text(browser: Browser) -> list:
    """The same at a desk, in text of twice the size."""
    browser.look(width=1440)
    browser.driver.execute_cdp_cmd("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})
    try:
        browser.drawn()
        assert browser.run("return getComputedStyle(document.documentElement).fontSize") == "32px"
        return cut(browser)
    finally:
        browser.driver.execute_cdp_cmd("Page.setFontSizes", {"fontSizes": {"standard": 16, "fixed": 13}})


def table_faults(browser, name: str) -> list[tuple]:
    """What contradicts: every column is displayed in a wide window and in cards, no table scrolls sideways, and header rows
    stay in view; no word is broken, also on a small phone and in text of twice the size."""
    found = [(name, "large text", cut_in_large_text(browser))]
    browser.look(width=768)
    found.append((name, "small for fingers", too_small_for_fingers(browser)))
    for width in (1440, 768, 360, 320):
        browser.look(width=width)
        # A chart follows the width of the page in a frame of its own.
        for _ in range(20):
            browser.drawn()
            if browser.overflow() <= 0:
                break
        found += [(name, width, cut(browser)), (name, width, browser.run(TOO_WIDE))]
        if width != 768:
            found.append((name, width, browser.run(ABSENT)))
        if width >= 768:
            found.append((name, width, browser.run(HEADLESS)))
    return [one for one in found if one[-1]]


def words_of_others_stay_words(browser, person):
    assert browser.all("main script, main img, main iframe, main b, main style, main [style]:not(canvas)") == [], person
    assert len(browser.all("h1")) == 1 and "owned" not in browser.driver.title
    # Every box is isolated and left to right, and its content neither turns the direction nor is invisible.
    assert browser.run("""
        return [...document.querySelectorAll('bdi')].every(box => {
          const style = getComputedStyle(box);
          return style.unicodeBidi.startsWith('isolate') && style.direction === 'ltr'
            && !/[\\u202a-\\u202e\\u2066-\\u2069\\u200b-\\u200f\\ufeff\\u0000-\\u0008\\u001b]/.test(box.textContent);
        })"""), person


def follows_the_rules(browser: Browser, path: str, *looks: dict[str, dict]):
    """Fails if the page contradicts one of the rules, or if axe-core finds something, in a look."""
    for look in browser.each_look(path, *looks):
        assert moved(browser) == [] and faults(browser) == [] and header_faults(browser) == [], (path, look)
        assert browser.broken_words() == [] and browser.violations() == [], (path, look)
    words_of_others_stay_words(browser, path)
    assert old_phrases(browser) == set(), path
