"""Somebody at a browser who goes by what is written on the page and by nothing else. Steps are counted and timed."""

import json
import time

from browsing import Browser, wait
from conftest import ROOT
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select

REPORT = ROOT / ".build" / "journeys.json"


class Walk:
    """One journey; its seconds and steps are written to `.build/journeys.json` at its end. Nothing passes or fails by them."""

    def __init__(self, name: str, browser: Browser):
        self.name, self.browser, self.steps = name, browser, []

    def __enter__(self) -> "Walk":
        self.began = time.monotonic()
        return self

    def __exit__(self, kind, *_) -> None:
        if kind is not None:
            return
        found = json.loads(REPORT.read_text()) if REPORT.exists() else {}
        found[self.name] = {"seconds": round(time.monotonic() - self.began, 1), "steps": self.steps}
        REPORT.parent.mkdir(exist_ok=True)
        REPORT.write_text(json.dumps(found, indent=2) + "\n")

    # What is seen.

    def see(self, *words: str) -> None:
        for one in words:
            wait(self.browser, lambda one=one: one in self.browser.text())

    def fact(self, name: str) -> str:
        """What stands beside a name."""
        return self._one(f"//main//dt[normalize-space()={quoted(name)}]/following-sibling::dd[1]").text

    def command(self) -> list[str]:
        """The command of Interlock that the page shows, in words."""
        (found,) = [one.text for one in self._all("//main//code") if one.text.startswith("interlock ")]
        return found.split()[1:]

    # What is done.

    def open(self, path: str, what: str) -> None:
        self._step(f"open {what}")
        self.browser.open(path)

    def press(self, words: str) -> None:
        """The one button or link that says so."""
        self._step(f"press “{words}”")
        said = f"[normalize-space()={quoted(words)}]"
        wait(self.browser, lambda: self._one(f"//button{said} | //a{said}").is_enabled())
        self._one(f"//button{said} | //a{said}").click()

    def type(self, label: str, words: str) -> None:
        self._step(f"type {words!r} into “{label}”")
        self._labelled(label).send_keys(words)

    def choose(self, label: str, words: str) -> None:
        self._step(f"choose “{words}” as “{label}”")
        Select(self._labelled(label)).select_by_visible_text(words)

    def read(self) -> None:
        """Down to the end of the page, a screen at a time."""
        self._step("read to the end of the page")
        body = self.browser.one("body")
        at_the_end = "return scrollY + innerHeight >= document.documentElement.scrollHeight - 2"
        before = -1
        while not self.browser.run(at_the_end):
            body.send_keys(Keys.PAGE_DOWN)
            # A screen further: scrolling takes its time, and what came on screen is noticed then.
            wait(self.browser, lambda: self.browser.run("return scrollY") > before)
            before = self.browser.run("return scrollY")

    def run(self, gateway, *words: str) -> str:
        self._step(f"run `interlock {' '.join(words)}`")
        return gateway.run(*words).stdout

    def picture(self, name: str) -> None:
        self.browser.picture(name)

    # How it is found.

    def _step(self, words: str) -> None:
        self.steps.append(words)

    def _all(self, path: str) -> list[WebElement]:
        return [one for one in self.browser.driver.find_elements(By.XPATH, path) if one.is_displayed()]

    def _one(self, path: str) -> WebElement:
        found = self._all(path)
        assert len(found) == 1, f"{len(found)} of {path} in {self.browser.text()}"
        return found[0]

    def _labelled(self, words: str) -> WebElement:
        label = self._one(f"//label[normalize-space()={quoted(words)}]")
        return self.browser.one(f"#{label.get_attribute('for')}")


def quoted(words: str) -> str:
    """A text of XPath, which has no way to escape."""
    return f"'{words}'" if "'" not in words else f'"{words}"'
