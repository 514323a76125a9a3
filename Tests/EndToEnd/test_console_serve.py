"""The console of a real gateway in a real browser: enrolling, signing in, deciding by passkey."""

import re
import urllib.request

import pytest

pytest.importorskip("selenium", reason="no selenium: run scripts/setup")
from addresses import PAUL, RUI  # noqa: E402
from browsing import wait  # noqa: E402
from office import read, sign_in  # noqa: E402
from offices import office, paul, refunds  # noqa: E402, F401
from pagerules import faults  # noqa: E402
from proving import SessionKey  # noqa: E402
from walking import Walk, check_measured, forget  # noqa: E402


# On a phone.
JOURNEYS = ("approve after a notification, on a phone", "deny as suspicious, on a phone")


@pytest.fixture(scope="module")
def rui(office):
    """A person whose device has a passkey, at a phone."""
    forget(*JOURNEYS)
    return office.enrol(RUI, width=360, height=740, dark=True)


def test_two_people_approve_by_passkey_and_the_refund_runs_once(office, paul, rui, refunds):
    held = refunds.ask()
    request = refunds.request()
    paul.open(f"/approvals/apr_{request}")
    assert "Hidden until you decide" in paul.text()
    read(paul)
    paul.click("#approve-button")
    wait(paul, lambda: "You approved" in paul.text())
    assert not held.done() and refunds.paid() == refunds.before

    rui.expected_errors.append("401")
    with Walk(JOURNEYS[0], rui, phone=True) as walk:
        walk.open(f"/approvals/apr_{request}", "the link of the notification")
        walk.press("Sign in")
        walk.press("Sign in with a passkey")
        walk.see("Approve this call")
        # The way to the panel stays in view, with what is read and when it is due.
        wait(rui, lambda: re.fullmatch(r"Read [0-5] of 6, due in 1 h \d+ min", rui.one("#reading").text))
        assert not paul.all("#reading")
        # What decides is there before anything is scrolled, and nothing of another's vote.
        assert rui.one("h1").rect["y"] + rui.one("h1").rect["height"] < 740 - 56
        assert PAUL not in rui.driver.page_source and PAUL.partition("@")[0] not in rui.text()
        assert rui.overflow() <= 0 and rui.broken_words() == [] and faults(rui) == []
        walk.read()
        wait(rui, lambda: rui.one("#reading").text.startswith("Read 6 of 6, "))
        rui.click("#reading")
        assert rui.driver.current_url.endswith("#actions")
        walk.type("Type the last six digits of the call's digest", rui.one("#approve-typed").get_attribute("data-target"))
        walk.see("Ready.")
        walk.press("Approve this call")
        answer = held.result(30)
    assert rui.barriers() == []
    assert answer.code is None and not answer.message["result"].get("isError"), answer.body
    assert refunds.paid() == refunds.before + 1
    granted = [one for one in office.gateway.records(60) if one["t"] == "approval.granted"][-2:]
    assert [one["via"] for one in granted] == ["console-webauthn"] * 2
    viewed = [one for one in office.gateway.records(60) if one["t"] == "approval.viewed"]
    assert {one["by"] for one in granted} <= {one["by"] for one in viewed}
    wait(rui, lambda: "was used for this one call" in rui.text())


def test_a_denial_on_the_page_ends_the_call(office, paul, refunds):
    held = refunds.ask()
    request = refunds.request()
    with Walk(JOURNEYS[1], paul, phone=True) as walk:
        walk.open("/", "the console")
        walk.press_section("Inbox")
        walk.press("billing.refund_request")
        walk.choose("Reason", "suspicious: tell security")
        walk.type("Comment (required for Other)", "never heard of this order")
        walk.press("Deny this call")
        walk.see("Denied, call not sent")
    paul.look()
    assert held.result(30).code == 4031
    (record,) = [one for one in office.gateway.records(30) if one["t"] == "approval.denied"][-1:]
    assert (record["via"], record["code"]) == ("console-session", "approval.suspicious")
    assert refunds.paid() == refunds.before


def test_what_waits_arrives_on_the_open_page(office, paul, refunds):
    paul.open("/approvals")
    wait(paul, lambda: paul.run("return document.documentElement.dataset.connected") == "yes")
    held = refunds.ask()
    request = refunds.request()
    wait(paul, lambda: paul.all(f"a[href='/approvals/apr_{request}']"))
    refunds.deny(request)
    assert held.result(30).code == 4031
    wait(paul, lambda: not paul.all(f"a[href='/approvals/apr_{request}']"))


def test_nobody_approves_what_was_not_read(office, paul, refunds):
    """The page is not trusted: the gateway measures the times itself."""
    held = refunds.ask()
    request = refunds.request()
    paul.open(f"/approvals/apr_{request}")
    paul.expected_errors.append("428")
    # The fields are filled in and the button is enabled by hand, before anything was read.
    refused = paul.driver.execute_async_script("""
        const done = arguments[0], field = (name) => document.querySelector(`#approve [name=${name}]`).value;
        const typed = document.getElementById("approve-typed");
        interlock.request("/api/v1" + location.pathname + "/challenge", {method: "POST", headers: {
          "content-type": "application/json", "x-interlock-form-token": field("form_token")}, body: JSON.stringify({
          revision: Number(field("revision")), typed: typed ? typed.dataset.target : ""})})
          .then(async (answer) => done([answer.status, (await answer.json()).code]));""")
    assert refused[0] == 428 and refused[1] in ("too_fast", "not_fully_viewed"), refused
    read(paul)
    paul.run("document.getElementById('approve-typed').value = 'x'")
    paul.run("const b = document.getElementById('approve-button'); b.disabled = false; b.click()")
    wait(paul, lambda: "what was typed is not what was asked for" in paul.one("#approve-error").text)
    refunds.deny(request)
    assert held.result(30).code == 4031


def test_an_approval_is_taken_back_before_it_is_used(office, paul, rui, refunds):
    request = refunds.ask_and_leave()
    for browser in (paul, rui):
        browser.open(f"/approvals/apr_{request}")
        read(browser)
        browser.click("#approve-button")
        wait(browser, lambda browser=browser: "Approve this call" not in browser.text())
    wait(paul, lambda: "Revoke approval" in paul.text())
    paul.click("#actions button.deny")
    wait(paul, lambda: "void" in paul.one("#state").text)
    again = refunds.ask()
    second = refunds.request()
    assert second != request and refunds.paid() == refunds.before
    refunds.deny(second)
    assert again.result(30).code == 4031


def test_an_invitation_is_used_once(office, paul):
    paul.expected_errors.append("404")
    paul.open(f"/enrol/{office.tokens[PAUL]}")
    assert "Invitation not found" in paul.text()


def test_signing_in_needs_an_enrolled_passkey(office):
    stranger = office.window()
    stranger.open("/approvals")
    stranger.expected_errors.append("401")
    assert "Sign in to continue" in stranger.text()
    stranger.driver.find_element("link text", "Sign in").click()
    stranger.click("#sign-in-button")
    wait(stranger, lambda: "no passkey was used" in stranger.one("#ceremony-hint").text, 30)
    assert stranger.driver.get_cookie("__Host-interlock") is None


def test_a_session_is_new_at_each_sign_in_and_ends_with_sign_out(office, paul):
    first = paul.driver.get_cookie("__Host-interlock")
    assert first["secure"] and first["httpOnly"] and first["sameSite"] == "Strict"
    sign_in(paul)
    second = paul.driver.get_cookie("__Host-interlock")
    assert second["value"] != first["value"]
    old = urllib.request.Request(office.origin + "/approvals", headers={
        "cookie": f"__Host-interlock={first['value']}"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(old, timeout=10)
    assert refused.value.code == 401
    paul.click("form[action='/sign-out'] button")
    wait(paul, lambda: paul.driver.current_url.endswith("/sign-in"))
    assert paul.driver.get_cookie("__Host-interlock") is None
    sign_in(paul)


def test_deeds_of_other_pages_are_refused(office):
    for path in ("/sign-in/challenge", "/sign-in/answer", "/sign-out", f"/enrol/{office.tokens[RUI]}/challenge"):
        for origin in ("https://evil.example", "null", office.origin.replace("localhost", "127.0.0.1")):
            assert office.post(path, origin=origin)[0] == 403, (path, origin)
        assert office.post(path, sec_fetch_site="cross-site")[0] == 403
    # A challenge of one browser is invalid in another, and so is an answer without a challenge.
    parts = b"credential=AQ&authenticatorData=AQ&clientDataJSON=AQ&signature=AQ&key=" + SessionKey().point.encode()
    assert office.post("/sign-in/answer", parts)[0] == 403


def test_pages_are_in_nobodys_frame_and_machines_still_find_theirs(office):
    status, headers, _ = office.post("/sign-in/challenge", f"key={SessionKey().point}".encode())
    assert status == 200 and "__Host-interlock-ceremony=" in headers["set-cookie"]
    assert headers["x-frame-options"] == "DENY" and "frame-ancestors 'none'" in headers["content-security-policy"]
    for path, text in (("/healthz", "ok"), ("/metrics", "interlock_requests_total")):
        with urllib.request.urlopen(f"http://127.0.0.1:{office.gateway.people_port}{path}", timeout=10) as answer:
            assert text in answer.read().decode()


def test_status_says_where_the_console_is(office):
    assert office.origin in office.gateway.run("status").stdout


def test_each_journey_was_measured():
    check_measured(*JOURNEYS)


def test_no_page_complained(office):
    """The last test: no error of the browser's console, no violation of the policy, no request to another origin."""
    assert office.complaints() == []
