"""A person at a browser who uses the keyboard alone: what cannot be reached by it is never pressed."""

from browsing import Browser
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys


class Keyboard:
    # More than any page has to reach.
    MOST = 250

    def __init__(self, browser: Browser):
        self.browser = browser

    def reach(self, selector: str) -> None:
        """Moves the focus forward until an element has it that matches, and it is seen."""
        for _ in range(self.MOST):
            self._send(Keys.TAB)
            if self.browser.run("return document.activeElement.matches(arguments[0])", selector):
                assert self.browser.run("return document.activeElement.matches(':focus-visible')"), selector
                return
        raise AssertionError(f"{selector} is not reached by Tab on a page that says: {self.browser.text()}")

    def type(self, selector: str, words: str) -> None:
        """Replaces the text of a field: Tab selects what it had."""
        self.reach(selector)
        self._send(words)

    def toggle(self, selector: str) -> None:
        self.reach(selector)
        self._send(Keys.SPACE)

    def press(self, selector: str) -> None:
        self.reach(selector)
        self._send(Keys.ENTER)

    def _send(self, keys: str) -> None:
        ActionChains(self.browser.driver).send_keys(keys).perform()
