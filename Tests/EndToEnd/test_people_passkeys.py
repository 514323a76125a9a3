"""Passkeys of founding people and of invited people, from the links that the program prints."""

import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest

pytest.importorskip("selenium", reason="no selenium: run scripts/setup")
from addresses import ADA, EVE, LI, SAM  # noqa: E402
from browsing import Browser  # noqa: E402
from conftest import organise  # noqa: E402
from deployment import first_identifier  # noqa: E402
from test_console import wait  # noqa: E402
from test_console_serve import sign_in  # noqa: E402
from test_people import confirm, invite, person, waiting  # noqa: E402


@pytest.fixture(scope="module")
def acme(binary, people):
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="interlock-e2e-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        made = organise(stack, binary, people, folder, servers=("billing",), console=True)
        made.gateway.kill()  # the links survive this
        made.gateway.start()
        yield made


@pytest.fixture
def window(acme):
    """Browsers, each with a device for passkeys; at the end no browser may have reported an error."""
    with ExitStack() as stack:
        opened: list[Browser] = []

        def make() -> Browser:
            profile = Path(tempfile.mkdtemp(prefix="interlock-browser-"))
            stack.callback(shutil.rmtree, profile, ignore_errors=True)
            browser = Browser(acme.gateway.console, profile)
            stack.callback(browser.close)
            browser.hold_passkeys()
            opened.append(browser)
            return browser

        yield make
        for browser in opened:
            assert browser.complaints() == []


def make_passkey(browser: Browser, link: str) -> str:
    """Creates a passkey; returns the page's text afterwards."""
    browser.open(link.removeprefix(browser.origin))
    browser.click("#enrol-button")
    wait(browser, lambda: browser.one("#ceremony-hint").text.startswith(("Enrolled.", "Made.")))
    return browser.one("#ceremony-hint").text


def test_a_founding_person_makes_a_passkey_that_counts_at_once(acme, window):
    browser = window()
    assert "Enrolled." in make_passkey(browser, acme.gateway.links[ADA])
    sign_in(browser)
    (passkey,) = person(acme.gateway, ADA)["passkeys"]
    assert passkey["founding"] is True and passkey["rp"] == "localhost"
    assert person(acme.gateway, ADA)["roles"] == ["kill", "resume", "security"], "as before"
    assert passkey["id"] in acme.gateway.run("people", "list").stdout
    (record,) = [one for one in acme.gateway.records(30) if one["t"] == "approver.enrolled"][-1:]
    assert record["founding"] is True and record["kind"] == "passkey" and "signers" not in record
    browser.expected_errors.append("404")
    browser.open(acme.gateway.links[ADA].removeprefix(browser.origin))
    assert "Invitation not found" in browser.text()


def test_whoever_is_invited_signs_in_once_a_second_person_has_confirmed(acme, window):
    gateway, browser = acme.gateway, window()
    invitation = invite(gateway, EVE)
    said = make_passkey(browser, invitation["link"])
    identifier = first_identifier(said)
    assert f"interlock people confirm {identifier}" in said
    browser.expected_errors += ["401", "403"]
    browser.open("/sign-in")
    browser.click("#sign-in-button")
    wait(browser, lambda: browser.one("#ceremony-hint").text not in ("", "Ready."))
    assert browser.driver.get_cookie("__Host-interlock") is None

    shown = waiting(gateway, identifier)["shown"]["credential"]
    assert shown["kind"] == "passkey" and shown["rp"] == "localhost"
    assert "passkey" in confirm(gateway, identifier).stdout
    sign_in(browser)
    assert person(gateway, EVE)["passkeys"][0]["founding"] is False

    gateway.run("people", "revoke", EVE, "--reason", "lost the phone", by=SAM)
    browser.open("/approvals")
    assert "Sign in to continue" in browser.text()
    assert "revoked" in person(gateway, EVE)["passkeys"][0]


def test_a_revoked_persons_links_are_over(acme, window):
    gateway, browser = acme.gateway, window()
    invited = invite(gateway, LI)
    gateway.run("people", "revoke", LI, "--reason", "left the company", by=ADA)
    browser.expected_errors.append("404")
    for link in (invited["link"], gateway.links[LI]):
        browser.open(link.removeprefix(browser.origin))
        assert "Invitation not found" in browser.text()
