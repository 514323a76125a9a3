"""A gateway with a console, and people with passkeys, each with a browser of their own."""

import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from addresses import PAUL, RUI
from browsing import Browser, wait
from conftest import organise
from deployment import Deployment
from fetching import fetch
from invited import invite
from relaying import Relay


class Office:
    def __init__(self, stack: ExitStack, binary: Path, people, invited: tuple[str, ...] = (PAUL, RUI),
                 settings: dict | None = None, templates: dict[str, str] | None = None, extra: dict | None = None,
                 prepare: Callable[[Deployment], None] | None = None, relayed: bool = False,
                 servers: tuple[str, ...] = ("billing",), files: dict[str, str] | None = None):
        """Starts it. `templates`: file -> text of the folder `approvals/`; `files`: file -> text of the deployment, before
        its first start; `extra`: as in `organise`; `prepare`: runs while the gateway is stopped, after its first start;
        `relayed`: browsers reach it through `relay`."""
        folder = Path(tempfile.mkdtemp(prefix="interlock-e2e-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        self.acme = organise(stack, binary, people, folder, servers=servers, start=False, settings=settings,
                             extra=extra)
        self.gateway, self.stack = self.acme.gateway, stack
        self.relay = Relay(self.gateway.people_port) if relayed else None
        if self.relay is not None:
            stack.callback(self.relay.close)
        self.origin = f"http://localhost:{self.relay.port if self.relay else self.gateway.people_port}"
        self.gateway.configure("approval_service", console=f'{{url: "{self.origin}"}}')
        written = {f"approvals/{name}": text for name, text in (templates or {}).items()}
        for name, text in {**written, **(files or {})}.items():
            path = self.gateway.folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        self.gateway.start()
        self.gateway.stop()
        if prepare is not None:
            prepare(self.gateway)
        self.tokens = {person: invite(self.gateway, person) for person in invited}
        self.gateway.start()
        self.gateway.wait_for_tools("refunds", "billing")
        self.browsers: list[Browser] = []

    def window(self, **options) -> Browser:
        profile = Path(tempfile.mkdtemp(prefix="interlock-browser-"))
        self.stack.callback(shutil.rmtree, profile, ignore_errors=True)
        browser = Browser(self.origin, profile, **options)
        self.browsers.append(browser)
        self.stack.callback(browser.close)
        browser.hold_passkeys()
        return browser

    def enrol(self, person: str, **options) -> Browser:
        browser = self.window(**options)
        browser.open(f"/enrol/{self.tokens[person]}")
        assert person in browser.text()
        browser.click("#enrol-button")
        wait(browser, lambda: "Enrolled." in browser.one("#ceremony-hint").text)
        return browser

    def person(self, person: str, **options) -> Browser:
        """A person who has enrolled and signed in."""
        browser = self.enrol(person, **options)
        sign_in(browser)
        return browser

    def visitor(self, person: Browser | None, **options) -> Browser:
        """A window of its own with the session of another; signed out if `person` is None."""
        browser = self.window(**options)
        if person is not None:
            browser.take_session(person)
        return browser

    def complaints(self) -> list[str]:
        """Errors of consoles, violations of the policy and requests to other origins, of all windows."""
        return [text for browser in self.browsers for text in browser.complaints()]

    # Requests without a browser, as an attacker sends them.

    def send(self, method: str, target: str, body: bytes | None = None, **headers) -> tuple[int, dict, bytes]:
        return fetch(self.origin + target, body, method, 10, **headers)

    def post(self, path: str, body: bytes = b"", **headers) -> tuple[int, dict, str]:
        """Posts a form as a page of this origin does; `headers` with `_` for `-` change the headers, None removes
        one."""
        words = {"content_type": "application/x-www-form-urlencoded", "origin": self.origin, **headers}
        return decoded(fetch(self.origin + path, body, "POST", 10, **words))

    def get(self, path: str, **headers) -> tuple[int, dict, str]:
        return decoded(fetch(self.origin + path, seconds=10, **headers))


def decoded(found: tuple[int, dict, bytes]) -> tuple[int, dict, str]:
    return *found[:2], found[2].decode()


def sign_in(browser: Browser, to: str = "/approvals"):
    browser.open(f"/sign-in?to={to}")
    browser.click("#sign-in-button")
    wait(browser, lambda: browser.driver.current_url == browser.origin + to)


def read(browser: Browser):
    """Scrolls through every part of the review until the button is enabled."""
    for typed in browser.all("#approve-typed"):
        typed.send_keys(typed.get_attribute("data-target"))
    def looked_through():
        for part in browser.all("[data-part]"):
            browser.bring_into_view(part)
        return browser.one("#approve-button").is_enabled()

    wait(browser, looked_through, 20)


def approve(browser: Browser, request: str):
    """Opens, reads and approves a request; the vote is counted on return."""
    browser.open(f"/approvals/apr_{request}")
    read(browser)
    browser.click("#approve-button")
    wait(browser, lambda: "Approve this call" not in browser.text())
