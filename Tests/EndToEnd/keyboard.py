"""A person at a browser who uses the keyboard alone: what cannot be reached by it is never pressed."""

from browsing import Browser
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

# How many presses of Tab lead from where the focus is to an element, if the order is that of the page.
AHEAD = """
    const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")].filter((one) =>
      !one.disabled && one.type !== "hidden" && one.tabIndex >= 0 && one.checkVisibility({ visibilityProperty: true }));
    const place = all.indexOf(arguments[0]);
    return place < 0 ? 0 : (place - all.indexOf(document.activeElement) + all.length) % all.length"""
# True if the element has the focus, shows it, and nothing covers it.
SEEN = """
    const one = arguments[0], box = one.getClientRects()[0];
    if (one !== document.activeElement || !one.matches(":focus-visible") || !box) return false;
    const edge = (from, to, most) => Math.min(Math.max((Math.max(from, 0) + Math.min(to, most)) / 2, 0), most - 1);
    const top = document.elementFromPoint(edge(box.left, box.right, innerWidth), edge(box.top, box.bottom, innerHeight));
    return top !== null && (one.contains(top) || top.contains(one))"""


class Keyboard:
    # More than any page has to reach.
    MOST = 250

    def __init__(self, browser: Browser):
        self.browser = browser

    def reach(self, selector: str) -> None:
        """Moves the focus to the only element that matches and can have it."""
        found = [one for one in self.browser.all(selector) if one.is_displayed()]
        assert len(found) == 1, f"{len(found)} of {selector} on a page that says: {self.browser.text()}"
        self.focus(found[0])

    def focus(self, element: WebElement) -> None:
        """Moves the focus forward until the element has it, and it is seen: the way is pressed at once, and what the order
        of the page does not tell one by one."""
        if not self._has_focus(element):
            self.send(Keys.TAB * self.browser.run(AHEAD, element))
        for _ in range(self.MOST):
            if self._has_focus(element):
                self.browser.drawn()
                assert self.browser.run(SEEN, element), f"the focus is not seen on {element.get_attribute('outerHTML')[:200]}"
                return
            self.send(Keys.TAB)
        raise AssertionError(f"{element.get_attribute('outerHTML')[:200]} is not reached by Tab")

    def type(self, selector: str, words: str) -> None:
        self.reach(selector)
        self.replace(words)

    def replace(self, words: str) -> None:
        """Replaces the text of the field that has the focus."""
        ActionChains(self.browser.driver).key_down(Keys.CONTROL).send_keys("a").key_up(Keys.CONTROL).send_keys(words).perform()

    def choose(self, element: WebElement, words: str) -> None:
        """Chooses an option of a list by its arrow keys."""
        self.focus(element)
        options = [one.text.strip() for one in element.find_elements(By.TAG_NAME, "option")]
        chosen = self.browser.run("return arguments[0].selectedIndex", element)
        further = options.index(words) - chosen
        self.send((Keys.ARROW_DOWN if further > 0 else Keys.ARROW_UP) * abs(further))
        assert options[self.browser.run("return arguments[0].selectedIndex", element)] == words

    def toggle(self, selector: str) -> None:
        self.reach(selector)
        self.send(Keys.SPACE)

    def press(self, selector: str) -> None:
        self.reach(selector)
        self.send(Keys.ENTER)

    def send(self, keys: str) -> None:
        ActionChains(self.browser.driver).send_keys(keys).perform()

    def _has_focus(self, element: WebElement) -> bool:
        return self.browser.run("return arguments[0] === document.activeElement", element)
