"""A real browser (Debian's Chromium, driven by selenium) for the console's pages."""

import base64
import importlib.util
import json
import os
import shutil
import subprocess
import weakref
from collections.abc import Iterator
from pathlib import Path

from conftest import ROOT, missing
from proving import GIVE, READABLE_KEYS, TAKE
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, TimeoutException, WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.virtual_authenticator import VirtualAuthenticatorOptions
from selenium.webdriver.support.ui import WebDriverWait

CHROMIUM, DRIVER = "chromium-headless-shell", "/usr/bin/chromedriver"
PICTURES = ROOT / ".build" / "pictures"
# Rules of WCAG 2.1 A and AA, and the best practices of axe's authors.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]

# Runs before any script of a page.
WITNESS = """
    window.violations = [];
    document.addEventListener("securitypolicyviolation",
      (event) => window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
    window.shifts = 0;
    window.shifted = [];
    // What reaches a page while it is open may need another line: that is no fault of how it was loaded.
    window.updates = [];
    new MutationObserver((changes) => {
      const live = (node) => node.matches && node.matches("[data-live]");
      if (document.readyState === "loading" || !changes.some((one) => [...one.removedNodes].some(live))) return;
      const update = { begin: performance.now(), end: Infinity };
      window.updates.push(update);
      // A busy page may draw it much later.
      requestAnimationFrame(() => requestAnimationFrame((now) => { update.end = now; }));
    }).observe(document, { childList: true, subtree: true });
    new PerformanceObserver((list) => {
      for (const one of list.getEntries()) {
        if (one.hadRecentInput || window.updates.some(({ begin, end }) => one.startTime > begin - 500 && one.startTime < end + 500)) continue;
        window.shifts += one.value;
        window.shifted.push(...one.sources.map(({ node }) => node && (node.outerHTML || node.textContent).slice(0, 80)));
      }
    }).observe({ type: "layout-shift", buffered: true });
"""
# The rule "signed is shown", in every test in which a passkey signs what a page drafted: each value of the bytes is in the
# visible text of the page when the passkey is asked for. What is not there is an error of the page, which fails the test.
SIGNED_IS_SHOWN = """
    (() => {
      const ask = window.fetch, passkeys = navigator.credentials, get = passkeys && passkeys.get.bind(passkeys);
      const leaves = (value) => value && typeof value === "object" ? Object.values(value).flatMap(leaves) : [String(value)];
      let drafted = null;
      window.fetch = async (path, options) => {
        const answer = await ask(path, options);
        if (answer.ok && String(path).endsWith("/draft")) drafted = (await answer.clone().json()).payload;
        return answer;
      };
      if (passkeys) passkeys.get = (options) => {
        if (drafted) {
          const bytes = Uint8Array.from(atob(drafted), (one) => one.charCodeAt(0));
          const shown = document.body.innerText;
          const absent = leaves(JSON.parse(new TextDecoder().decode(bytes))).filter((one) => !shown.includes(one));
          if (absent.length) console.error("signed, and not on the page: " + absent.join(", "));
          drafted = null;
        }
        return get(options);
      };
    })();
"""

# The kinds of the page's elements, each below that of its parent: the tag, the classes, the names of the attributes, the
# values of those that say what an element is and in which state, and whether it has text.
KINDS = r"""
    const plain = /^(role|type|tabindex|lang|dir|scope|popover|open|hidden|disabled|required)$/;
    const state = /^aria-(?!label|describ|control|own|detail|flow|active|value)/;
    const kind = (one) => one.localName + [...one.classList].sort().map((name) => "." + name).join("")
      + [...one.attributes].filter(({ name }) => name !== "class").map(({ name, value }) =>
        `[${name}${plain.test(name) || state.test(name) || !value ? "=" + value : ""}]`).sort().join("");
    const worded = (one) =>
      [...one.childNodes].some((part) => part.nodeType === 3 && part.textContent.trim()) ? " with text" : "";
    return [...new Set([...document.querySelectorAll("body, body *")].map((one) =>
      `${kind(one.parentElement)} > ${kind(one)}${worded(one)}`))]"""


class Pages:
    """The program `console-pages`: the console with synthetic requests."""

    def __init__(self, binary: Path):
        path = binary.parent / "console-pages"
        if not path.exists():
            path = ROOT / ".build" / "release" / "console-pages"
        if not path.exists():
            missing("console-pages is not built: run `scripts/compile`")
        self.process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.origin = f"http://localhost:{int(self.process.stdout.readline())}"

    def change(self, line: str):
        """Sends `ask N`, `deny N`, `refuse`, `halt` or `check PART STATE`; the change has happened on return."""
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "done\n"

    def sign_in(self, browser: "Browser", person: int):
        """Signs in with a key that the page's own script makes, if the browser runs scripts."""
        browser.open("/sign-in")
        point = browser.driver.execute_async_script("""
            const done = arguments[0];
            interlock.makeKey().then(async (key) => { await key.keep(); done(key.point); });""") if browser.has_script else ""
        browser.open(f"/test/sign-in/{person}?{point}")

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Browser:
    """One window. Its requests and errors are collected until it is closed."""

    opened: "weakref.WeakSet[Browser]" = weakref.WeakSet()

    def __init__(self, origin: str, profile: Path, *, width: int = 1280, height: int = 900, dark: bool = False,
                 script: bool = True, readable: bool = True):
        """Opens the window; with `readable`, a test may extract the key of its session."""
        if not (shutil.which(CHROMIUM) and shutil.which(DRIVER)):
            missing("no Chromium: run scripts/setup")
        options = webdriver.ChromeOptions()
        options.binary_location = str(Path(__file__).parent / "headless-browser")
        for word in ("--headless", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                     "--disable-background-networking", "--disable-component-update", "--disable-sync",
                     # A page's scripts end before they are optimized: a sixth of the processor time of a visit with axe-core.
                     "--js-flags=--no-opt",
                     # What a window of a test never needs; a quarter of the processor time of opening one.
                     "--disable-extensions", "--disable-component-extensions-with-background-pages",
                     "--disable-default-apps", "--no-default-browser-check", "--mute-audio",
                     "--disable-features=SpareRendererForSitePerProcess,Translate,OptimizationHints,MediaRouter",
                     "--force-color-profile=srgb", "--hide-scrollbars", f"--user-data-dir={profile}"):
            options.add_argument(word)
        if os.geteuid() == 0:
            options.add_argument("--no-sandbox")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        options.add_experimental_option("perfLoggingPrefs", {"enableNetwork": True, "enablePage": False})
        self.origin = origin
        self.driver = webdriver.Chrome(options=options, service=Service(DRIVER))
        self.driver.set_page_load_timeout(30)
        for source in [WITNESS, SIGNED_IS_SHOWN] + [READABLE_KEYS] * readable:
            self.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": source})
        if not script:
            self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        self.has_script = script
        self._key: tuple[str, dict] | None = None
        self.look(width=width, height=height, dark=dark)
        self.expected_errors: list[str] = []
        self._events: list[dict] = []
        self._rests = False
        Browser.opened.add(self)

    def hold_passkeys(self):
        """Gives this window a device that makes and uses passkeys and always consents."""
        options = VirtualAuthenticatorOptions()
        options.protocol, options.transport = "ctap2", "internal"
        options.has_resident_key = options.has_user_verification = True
        options.is_user_verified = options.is_user_consenting = True
        self.driver.add_virtual_authenticator(options)

    def session_key(self) -> dict:
        """The key of the signed-in session, as a JWK."""
        token = self.driver.get_cookie("__Host-interlock")["value"]
        if self._key is None or self._key[0] != token:
            key = self.driver.execute_async_script(TAKE)
            assert key, "this window has no key"
            self._key = token, key
        return self._key[1]

    def take_session(self, other: "Browser"):
        """Gives this window the session of the other, including its key."""
        self.open("/sign-in")
        cookie = other.driver.get_cookie("__Host-interlock")
        self.driver.add_cookie({name: cookie[name] for name in ("name", "value", "path", "secure")})
        if self.has_script:
            self.driver.execute_async_script(GIVE, other.session_key())

    def download_to(self, folder: Path):
        """Stores further downloads of this window in `folder`."""
        self.driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)})

    def look(self, *, width: int = 1280, height: int = 900, dark: bool = False):
        """Emulates a screen of this size, with light or dark colours."""
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})

    def open(self, path: str):
        self._rests = False
        self.driver.get(self.origin + path)

    def rest(self):
        """Leaves the page, which would follow the gateway, for an answer without scripts: two open pages take a tenth of a
        processor."""
        if self._rests:
            return
        self._rests = True
        try:
            self.driver.get(self.origin + "/beat")
        except WebDriverException:  # nothing answers any more
            self.driver.get("about:blank")

    def each_look(self, path: str, *loads: dict[str, dict], known: dict[str, set[str]] | None = None) -> Iterator[str]:
        """Yields the name of every look while the page is shown in it: loaded in the first look of each group, and
        switched to the others while it is open. Fails if the page is wider than the window, or if axe-core finds
        something in a look in which the page was loaded: its run takes most of the time of such a test, and between
        them these looks have each colour scheme and each width. `known`, if it is given, has the kinds of elements in
        which axe-core has found nothing, by look: it runs only if the page has another one, which is then added."""
        for looks in loads:
            for number, (name, options) in enumerate(looks.items()):
                self.look(**options)
                if number == 0:
                    self.open(path)
                else:
                    self.drawn()
                yield name
                assert self.overflow() <= 0, (path, name)
                if number == 0:
                    self.check_barriers(None if known is None else known.setdefault(name, set()), (path, name))

    def check_barriers(self, known: set[str] | None, at: tuple[str, str]):
        """Fails if axe-core finds something; it does not run if all kinds of elements are `known`."""
        kinds = set() if known is None else set(self.run(KINDS))
        if known is None or not kinds <= known:
            assert self.barriers() == [], at
        if known is not None:
            known |= kinds

    def drawn(self):
        """Waits until all changes are on the screen."""
        self.driver.execute_async_script(
            "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()));")

    def all(self, selector: str):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector: str):
        found = self.all(selector)
        assert len(found) == 1, f"{len(found)} of {selector}"
        return found[0]

    def click(self, selector: str):
        self.press(self.one(selector))

    def press(self, element):
        """Clicks in the middle of the window, where no bar covers the element."""
        self.run("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", element)
        element.click()

    def text(self) -> str:
        return self.one("main").text

    def run(self, script: str, *arguments):
        return self.driver.execute_script(script, *arguments)

    def picture(self, name: str):
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.driver.save_screenshot(str(PICTURES / f"{name}.png"))

    def whole_picture(self, name: str, most: int = 8000):
        """A picture of the whole page, not only of the window, up to `most` pixels from its top; if `make pictures` asks for
        it, since one takes about as long as all questions to the page."""
        if not os.environ.get("PICTURES"):
            return
        size = self.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
        found = self.driver.execute_cdp_cmd("Page.captureScreenshot", {
            "captureBeyondViewport": True, "optimizeForSpeed": True,
            "clip": {"x": 0, "y": 0, "width": size["width"], "scale": 1, "height": min(size["height"], most)}})
        PICTURES.mkdir(parents=True, exist_ok=True)
        (PICTURES / f"{name}.png").write_bytes(base64.b64decode(found["data"]))

    def violations(self) -> list[str]:
        """The violations of this page's content security policy since it was opened."""
        return self.run("return window.violations || []")

    def overflow(self) -> int:
        """The number of pixels by which the page is wider than the window."""
        return self.run("return document.documentElement.scrollWidth - window.innerWidth")

    def broken_words(self) -> list[str]:
        """The words of the page outside code and the boxes of others' texts that are on more than one line."""
        return self.run("""
            const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            for (let part; (part = walker.nextNode());) {
              const place = part.parentElement;
              if (!place.checkVisibility({ visibilityProperty: true }) || place.closest("bdi, code, .block, .literal, option")) continue;
              for (const word of part.textContent.matchAll(/[^\\s-]+-*/g)) {
                const range = document.createRange();
                range.setStart(part, word.index);
                range.setEnd(part, word.index + word[0].length);
                const lines = new Set([...range.getClientRects()].filter(r => r.width > 0).map(r => Math.round(r.top)));
                if (lines.size > 1) found.push(word[0]);
              }
            }
            return found""")

    def bring_into_view(self, part):
        """Scrolls to the end of the element and waits until that was drawn: the page counts content as seen once a
        frame contained it."""
        self.driver.execute_async_script(
            "const [part, done] = arguments; part.scrollIntoView({block: 'end', behavior: 'instant'});"
            "requestAnimationFrame(() => requestAnimationFrame(() => done()));", part)

    def barriers(self) -> list[str]:
        """The findings of axe-core on this page."""
        package = Path(importlib.util.find_spec("axe_core_python").origin).parent
        if self.run("return !window.axe"):
            # The script is run by the driver and not as an element of the page, whose policy would block it.
            self.run((package / "axe.min.js").read_text())
        found = self.driver.execute_async_script(
            "const done = arguments[1]; axe.run(document, {runOnly: {type: 'tag', values: arguments[0]},"
            " resultTypes: ['violations']})"
            ".then(r => done(r.violations), e => done([{id: String(e), nodes: []}]));", RULES)
        return [f"{one['id']}: {one.get('help', '')} {[node['html'][:120] for node in one['nodes']]}" for one in found]

    def events(self) -> list[dict]:
        """The network events of the browser since it was opened."""
        self._events += [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        return self._events

    def received(self, path: str) -> int:
        """Bytes received, headers and bodies, for the page and the resources that it loads, without later requests of
        its scripts."""
        asked, count = {}, 0
        for event in self.events():
            about = event["params"]
            if event["method"] == "Network.requestWillBeSent":
                if about["request"]["url"] == self.origin + path and about.get("type") == "Document":
                    asked, count = {}, 0
                asked[about["requestId"]] = about.get("type") not in ("XHR", "Fetch")
            elif event["method"] == "Network.loadingFinished" and asked.get(about["requestId"]):
                count += about["encodedDataLength"]
        return int(count)

    def complaints(self) -> list[str]:
        """Errors of the console, violations of the policy, requests to other origins."""
        found = [entry["message"] for entry in self.driver.get_log("browser")
                 if entry["level"] in ("SEVERE", "WARNING")]
        # A page that asks whether the gateway answers fails while it does not.
        known_errors = ["/beat - Failed to load resource: net::ERR", *self.expected_errors]
        found = [text for text in found if not any(known in text for known in known_errors)]
        for message in self.events():
            if message["method"] != "Network.requestWillBeSent":
                continue
            url = message["params"]["request"]["url"]
            # Chromium's own first tab and axe's own pictures are allowed; every other request must go to this origin.
            if not url.startswith((self.origin + "/", f"blob:{self.origin}/", "data:", "chrome:", "about:")):
                found.append(f"asked for {url}")
        return found

    def close(self):
        Browser.opened.discard(self)
        self.driver.quit()


def wait(browser: Browser, holds, seconds: float = 30):
    """Waits until `holds` returns a true value, and returns it."""
    # A page that is being left has no elements, or other ones.
    passing = (AssertionError, StaleElementReferenceException)

    def now(_):
        try:
            return holds()
        except WebDriverException as error:
            # The driver's error for an element whose page was left while it was read.
            if "does not belong to the document" in str(error):
                return False
            raise

    try:
        return WebDriverWait(browser.driver, seconds, 0.05, passing).until(now)
    except TimeoutException:
        raise AssertionError(f"{seconds} s in vain, on a page that says: {browser.one('body').text}") from None
