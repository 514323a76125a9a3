"""Rules of docs/specs/console.md, section 6, that hold for every page: the faults of a page that a browser has open."""

from browsing import Browser

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
    // A digest of 32 bytes has 44 letters; what is longer belongs under the raw record.
    const packed = (text, length) => [...text.matchAll(/[A-Za-z0-9+\/]{30,}={0,2}/g)].map((one) => one[0]).filter((one) =>
      one.length > length && /[a-z]/.test(one) && /[A-Z]/.test(one) && /\d/.test(one));
    walk(document.body, (part) => {
      const place = part.parentElement, raw = place.closest("details");
      if (!place.closest(code)) {
        for (const word of part.textContent.match(/(?<![\w.\/@-])[a-z][a-z0-9]*(?:_[a-z0-9]+)+(?![\w@])/g) || []) say("snake case", word);
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
    const worded = (one) => getComputedStyle(one).display === "inline" && [...one.parentElement.childNodes].some((part) =>
      part.nodeType === 3 && part.textContent.trim());
    targets.forEach((one, place) => {
      const box = boxes[place];
      if (box.width === 0 || Math.min(box.width, box.height) >= 23.5 || worded(one)) return;
      const x = box.left + box.width / 2, y = box.top + box.height / 2;
      const near = boxes.some((other, number) => number !== place && other.width > 0 && !one.contains(targets[number])
        && !targets[number].contains(one) && Math.hypot(x - Math.max(other.left, Math.min(x, other.right)),
          y - Math.max(other.top, Math.min(y, other.bottom))) < 12);
      if (near) say("target", `${one.outerHTML.slice(0, 90)} of ${Math.round(box.width)}x${Math.round(box.height)}`);
    });
    return [...new Set(faults)].slice(0, 12)"""
# The controls that are smaller than a finger; that of a check box is its label.
SMALL = """
    return [...document.querySelectorAll("button, input:not([type=hidden], [type=checkbox], [type=radio]), select, textarea, "
      + ".choices label, .act, .side a, .crumbs a, main nav a")].filter((one) => one.checkVisibility({ visibilityProperty: true }))
      .filter((one) => { const box = one.getBoundingClientRect(); return box.width && Math.min(box.width, box.height) < 43.5; })
      .map((one) => one.outerHTML.slice(0, 90))"""
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


def shift(browser: Browser) -> float:
    """The layout shift of the page since it was opened, without what follows an act of its user."""
    return browser.run("return window.shifts")


def fits_in_large_text(browser: Browser) -> bool:
    """True if the page neither scrolls sideways nor breaks a word in text of twice the size."""
    browser.driver.execute_cdp_cmd("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})
    try:
        browser.drawn()
        assert browser.run("return getComputedStyle(document.documentElement).fontSize") == "32px"
        return browser.overflow() <= 0 and browser.broken_words() == []
    finally:
        browser.driver.execute_cdp_cmd("Page.setFontSizes", {"fontSizes": {"standard": 16, "fixed": 13}})
