"""A person at a browser who uses only what is written on the page: at a desk by the keyboard alone, on a phone by touching
the screen. Steps are counted and timed."""

import fcntl
import json
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

from browsing import Browser, wait
from conftest import ROOT
from keyboard import Keyboard
from selenium.common.exceptions import ElementClickInterceptedException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select

REPORT = ROOT / ".build" / "journeys.json"


@contextmanager
def report():
    """The measurements by name, to be changed; test files that run at the same time take turns."""
    REPORT.parent.mkdir(exist_ok=True)
    with REPORT.with_suffix(".lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        found = json.loads(REPORT.read_text()) if REPORT.exists() else {}
        yield found
        REPORT.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")


def forget(*names: str) -> None:
    """Removes measurements that are about to be repeated."""
    with report() as found:
        for name in names:
            found.pop(name, None)


def check_measured(*names: str) -> None:
    with report() as found:
        missing = [name for name in names if name not in found]
        assert not missing, f"never came to their end: {missing}"
        assert all(found[name]["seconds"] > 0 and found[name]["steps"] for name in names), found


class Walk:
    """One journey; its seconds and steps are written to `.build/journeys.json` at its end. They do not affect the
    outcome."""

    PHONE = {"width": 360, "height": 740}

    def __init__(self, name: str, browser: Browser, *, phone: bool = False):
        """Keyboard alone, unless on a phone: its window is as small as that, and everything is pressed by a pointer."""
        self.name, self.browser, self.steps, self.phone = name, browser, [], phone
        if phone:
            browser.look(**self.PHONE)

    def __enter__(self) -> "Walk":
        self.began = time.monotonic()
        return self

    def __exit__(self, kind, *_) -> None:
        if kind is not None:
            return
        with report() as found:
            found[self.name] = {"seconds": round(time.monotonic() - self.began, 3), "steps": self.steps}

    def hand_to(self, browser: Browser, whom: str) -> None:
        """Continues with another person, at a window of their own."""
        self._step(f"{whom} goes on")
        self.browser = browser
        if self.phone:
            browser.look(**self.PHONE)

    # Reading the page.

    def see(self, *words: str) -> None:
        for one in words:
            wait(self.browser, lambda one=one: one in self.browser.text())

    def fact(self, name: str) -> str:
        """The value next to a name."""
        return self._until(lambda: self._one(f"//main//dt[normalize-space()={quoted(name)}]/following-sibling::dd[1]").text)

    def row(self, *words: str) -> str:
        """The first row of a table that has all these words."""
        return self._until(lambda: self._row(words).text)

    def command(self) -> list[str]:
        """The command of Interlock that the page shows, split into words."""
        def shown() -> str:
            (found,) = [one.text for one in self._all("//main//code") if one.text.startswith("interlock ")] or [""]
            assert found, self.browser.text()
            return found

        return self._until(shown).split()[1:]

    # Acting on the page.

    def open(self, path: str, what: str) -> None:
        self._step(f"open {what}")
        self.browser.open(path)

    def press(self, words: str) -> None:
        """Presses the only button or link with these words."""
        self._step(f"press “{words}”")
        self._press(lambda: self._one(f"//button[normalize-space()={quoted(words)}] | //a[normalize-space()={quoted(words)}]"))

    def press_below(self, words: str) -> None:
        """Presses the only button with these words below the frame, which may have one too."""
        self._step(f"press “{words}”")
        self._press(lambda: self._one(f"//main//button[normalize-space()={quoted(words)}]"))

    def press_section(self, words: str) -> None:
        """Presses the link to a section, beside which a number may be."""
        self._step(f"press “{words}”")
        self._press(lambda: self._one(f"//header//a[span[normalize-space()={quoted(words)}]]"))

    def press_stop(self) -> None:
        """Presses the way to stop everything, which is on each page of a person who may."""
        self._step("press “Stop”")
        self._press(lambda: self._one("//header//a[normalize-space()='Stop'] | //header//button[normalize-space()='Stop']"))

    def press_more(self, words: str) -> None:
        """Presses the link to a section that a phone has under "More"."""
        self.press("More")
        self.press_section(words)

    def press_first(self, words: str) -> None:
        """Presses the first of several links with these words: in lists the newest."""
        self._step(f"press the first “{words}”")
        self._press(lambda: self._first(f"//main//a[normalize-space()={quoted(words)}]"))

    def press_tab(self, beginning: str) -> None:
        """Presses a tab whose words end in a count that is not known before."""
        self._step(f"press “{beginning} (…)”")
        self._press(lambda: self._one(f"//main//nav//a[starts-with(normalize-space(), {quoted(beginning + ' (')})]"))

    def press_in_row(self, *words: str) -> None:
        """Presses the link at the beginning of the first row that has all these words."""
        self._step(f"press the link of the first row that says {' and '.join(f'“{one}”' for one in words)}")
        self._press(lambda: self._row(words).find_element(By.CSS_SELECTOR, "td:first-child a, th:first-child a"))

    def fetch(self, words: str, folder: Path, ending: str) -> Path:
        """Downloads the file of a link, completely, to an empty folder."""
        self.browser.download_to(folder)
        self.press(words)

        # It has another name while it arrives.
        return self._until(lambda: next((one for one in folder.iterdir() if one.name.endswith(ending)), None))

    def type(self, label: str, words: str) -> None:
        self._step(f"type {words!r} into “{label}”")

        def typed() -> bool:
            field = self._labelled(label)
            if self.phone:
                field.clear()
                field.send_keys(words)
            else:
                Keyboard(self.browser).focus(field)
                Keyboard(self.browser).replace(words)
            return True

        self._until(typed)

    def choose(self, label: str, words: str) -> None:
        self._step(f"choose “{words}” as “{label}”")

        def chosen() -> bool:
            field = self._labelled(label)
            if self.phone:
                Select(field).select_by_visible_text(words)
            else:
                Keyboard(self.browser).choose(field, words)
            return True

        self._until(chosen)

    def read(self) -> None:
        """Scrolls to the end of the page, one screen at a time."""
        self._step("read to the end of the page")
        body = self.browser.one("body")
        at_the_end = "return scrollY + innerHeight >= document.documentElement.scrollHeight - 2"
        before = -1
        while not self.browser.run(at_the_end):
            body.send_keys(Keys.PAGE_DOWN)
            # One screen further: scrolling takes time, and the page notices then what is on screen. A page that updates
            # itself may become shorter meanwhile.
            wait(self.browser, lambda: self.browser.run("return scrollY") > before or self.browser.run(at_the_end))
            before = self.browser.run("return scrollY")

    def run(self, gateway, *words: str) -> str:
        self._step(f"run `interlock {' '.join(words)}`")
        return gateway.run(*words).stdout

    def picture(self, name: str) -> None:
        self.browser.picture(name)

    # Finding elements.

    def _step(self, words: str) -> None:
        self.steps.append(words)

    def _until(self, look: Callable):
        """Waits for a result of `look`: a requested page takes time, and parts of it are replaced by newer ones."""
        return wait(self.browser, look)

    def _press(self, find: Callable[[], WebElement]) -> None:
        def pressed() -> bool:
            found = find()
            assert found.is_enabled(), "it cannot be pressed yet"
            if not self.phone:
                Keyboard(self.browser).focus(found)
                Keyboard(self.browser).send(Keys.ENTER)
                return True
            try:
                self.browser.press(found)
            except ElementClickInterceptedException as error:
                raise AssertionError(f"something stands before it: {error}") from None
            return True

        self._until(pressed)

    def _first(self, path: str) -> WebElement:
        found = self._all(path)
        assert found, f"nothing of {path} in {self.browser.text()}"
        return found[0]

    def _row(self, words: tuple[str, ...]) -> WebElement:
        said = [one for one in self._all("//main//tbody/tr") if all(word in one.text for word in words)]
        assert said, f"no row says {words} in {self.browser.text()}"
        return said[0]

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
    """A string of XPath, which has no escapes."""
    return f"'{words}'" if "'" not in words else f'"{words}"'
