"""The console of a real gateway under attack: passkey assertions that are altered, replayed or made for another page,
foreign forms, foreign sessions, and requests that are too large or too slow."""

import socket
import time
from contextlib import ExitStack

import pytest

pytest.importorskip("selenium", reason="no selenium: run scripts/setup")
from addresses import RUI  # noqa: E402
from browsing import wait  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import ec  # noqa: E402
from insider import Insider, statement  # noqa: E402
from logwriter import b64, canonical, sha256  # noqa: E402
from office import approve, read, sign_in  # noqa: E402
from offices import office, paul, refunds  # noqa: E402, F401
from statements import media_type, message, url  # noqa: E402


@pytest.fixture(scope="module")
def rui(office):
    return office.person(RUI)


class Held:
    """A pending call whose page is open and read in the browsers; denied at the end if it is still pending."""

    def __init__(self, office, refunds, *browsers):
        self.office, self.refunds = office, refunds
        self.answer, self.request = refunds.ask(), refunds.request()
        for browser in browsers:
            browser.open(f"/approvals/apr_{self.request}")
            read(browser)
        (shown,) = office.gateway.json("approvals", "show", self.request)
        self.typed = shown["digest"][-6:]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if not self.answer.done():
            self.refunds.deny(self.request)
            assert self.answer.result(30).code == 4031
            assert self.refunds.paid() == self.refunds.before

    def nobody_voted(self) -> None:
        (shown,) = self.office.gateway.json("approvals", "show", self.request)
        assert (shown["state"], shown["have"]) == ("pending", 0), shown
        assert not self.answer.done() and self.refunds.paid() == self.refunds.before


OTHER = ec.generate_private_key(ec.SECP256R1())
LIES = [
    ({"client": {"origin": "https://evil.example"}}, "wrong-origin"),
    ({"client": {"origin": "http://localhost"}}, "wrong-origin"),
    ({"client": {"origin": "http://localhost.evil.example"}}, "wrong-origin"),
    ({"client": {"origin": None}}, "malformed"),
    ({"client": {"crossOrigin": True}}, "cross-origin"),
    ({"client": {"topOrigin": "https://evil.example"}}, "cross-origin"),
    ({"client": {"type": "webauthn.create"}}, "wrong-type"),
    ({"client": {"challenge": url(sha256(b""))}}, "wrong-challenge"),
    ({"party": "evil.example"}, "wrong-relying-party"),
    ({"flags": 0x04}, "user-absent"), ({"flags": 0x01}, "user-unverified"),
    ({"key": OTHER}, "bad-signature"), ({"credential": b"another"}, "wrong-credential"),
]


def test_an_answer_made_for_another_page_is_refused_by_name(office, paul, refunds):
    """Each assertion is validly signed, by the passkey itself unless another one is named."""
    insider = Insider(office, paul)
    with Held(office, refunds, paul) as held:
        for lie, name in LIES:
            asked = insider.challenge(held.request, held.typed)
            status, said = insider.vote(held.request, asked, insider.assertion(asked, **lie))
            assert status == 422 and said["code"] == "bad_assertion" and name in said["detail"], (lie, status, said)
        held.nobody_voted()


@pytest.mark.parametrize("part", ["authenticatorData", "clientDataJSON", "signature", "credential"])
def test_an_answer_that_was_altered_is_refused(office, paul, refunds, part):
    insider = Insider(office, paul)
    with Held(office, refunds, paul) as held:
        for spoil in (lambda data: data[:-1] + bytes([data[-1] ^ 1]), lambda data: data[:-1], lambda data: data + b"\0",
                      lambda data: bytes([data[0] ^ 1]) + data[1:], lambda data: b""):
            asked = insider.challenge(held.request, held.typed)
            made = insider.assertion(asked)
            status, said = insider.vote(held.request, asked, {**made, part: spoil(made[part])})
            assert status in (400, 422), (status, said)
        held.nobody_voted()


def test_a_statement_that_was_altered_is_refused(office, paul, refunds):
    """Each statement is validly signed, but it is not the statement of this page."""
    insider = Insider(office, paul)
    with Held(office, refunds, paul) as held:
        for name in statement(insider.challenge(held.request, held.typed)):
            asked = insider.challenge(held.request, held.typed)
            said = statement(asked)
            said[name] = said[name] + 1 if isinstance(said[name], int) else ("b" if said[name][0] == "a" else "a") + said[name][1:]
            signed = canonical(said)
            asked |= {"payload": b64(signed), "challenge": url(sha256(message(media_type("vote"), signed)))}
            status, answer = insider.vote(held.request, asked, insider.assertion(asked))
            assert status in (400, 404, 409, 422), (name, status, answer)
        held.nobody_voted()


def test_a_statement_is_of_its_own_person_page_and_moment(office, paul, rui, refunds):
    own, other = Insider(office, paul), Insider(office, rui)
    with Held(office, refunds, paul, rui) as held:
        # Another person's nonce, signed by either person.
        asked = own.challenge(held.request, held.typed)
        for made in (own.assertion(asked), other.assertion(asked)):
            status, said = other.vote(held.request, asked, made)
            assert (status, said["code"]) == (422, "digest_mismatch"), said
        # Only the newest statement of a page is valid.
        older = own.challenge(held.request, held.typed)
        newer = own.challenge(held.request, held.typed)
        status, said = own.vote(held.request, older, own.assertion(older))
        assert (status, said["code"]) == (409, "nonce_spent"), said
        # A statement of another session of the same person is invalid, too.
        sign_in(paul)
        paul.open(f"/approvals/apr_{held.request}")
        status, said = own.vote(held.request, newer, own.assertion(newer))
        assert status == 428, said
        read(paul)
        status, said = own.vote(held.request, newer, own.assertion(newer))
        assert (status, said["code"]) == (409, "nonce_spent"), said
        held.nobody_voted()


def test_a_vote_counts_once(office, paul, rui, refunds):
    insider = Insider(office, paul)
    with Held(office, refunds, paul) as held:
        asked = insider.challenge(held.request, held.typed)
        made = insider.assertion(asked)
        assert insider.vote(held.request, asked, made)[0] == 200
        for again in (made, insider.assertion(asked)):
            status, said = insider.vote(held.request, asked, again)
            assert status in (409, 428), said
        (shown,) = office.gateway.json("approvals", "show", held.request)
        assert shown["have"] == 1 and not held.answer.done()
        approve(rui, held.request)
        assert held.answer.result(30).code is None
        assert refunds.paid() == refunds.before + 1
        # The request is closed: no further votes are counted.
        status, said = insider.vote(held.request, asked, made)
        assert (status, said["code"]) == (409, "request_closed"), said
        status, said = insider.post(f"/approvals/apr_{held.request}/deny", form_token=insider.token(), revision="1",
                                    reason="too-much", text="")
        assert status == 409, said


def test_a_form_is_of_its_session(office, paul, rui, refunds):
    insider, other = Insider(office, paul), Insider(office, rui)
    with Held(office, refunds, paul, rui) as held:
        deny = f"/approvals/apr_{held.request}/deny"
        said_no = {"revision": "1", "reason": "too-much", "text": ""}
        assert insider.post(deny, **said_no)[0] == 403
        assert insider.post(deny, form_token=other.token(), **said_no)[0] == 403
        own = {"form_token": insider.token(), **said_no}
        for headers in ({"origin": "https://evil.example"}, {"origin": "null"}, {"origin": None},
                        {"sec_fetch_site": "cross-site"}, {"sec_fetch_site": "same-site"}):
            assert insider.post(deny, headers, **own)[0] == 403, headers
        for kind in ("text/plain", "multipart/form-data", "application/json", None):
            assert insider.post(deny, {"content_type": kind or "x/y"}, **own)[0] == 415, kind
        assert insider.post(deny, {"cookie": "a=b"}, **own)[0] == 401
        for path in ("challenge", "votes", "viewed"):
            status, said = insider.call(f"/approvals/apr_{held.request}/{path}", {"revision": 1}, other.token())
            assert (status, said["code"]) == (403, "foreign_form")
        held.nobody_voted()


def test_a_session_is_not_taken_from_who_comes(office):
    """A token that an attacker has planted signs in no user."""
    planted = "x" * 43
    for cookies in (f"__Host-interlock={planted}", f"__Host-interlock={planted}; __Host-interlock={planted}"):
        assert office.get("/approvals", cookie=cookies)[0] == 401
    browser = office.browsers[0]
    browser.driver.add_cookie({"name": "__Host-interlock", "value": planted, "secure": True, "path": "/"})
    sign_in(browser)
    token = browser.driver.get_cookie("__Host-interlock")["value"]
    assert token != planted
    assert office.get("/approvals", cookie=f"__Host-interlock={planted}")[0] == 401
    assert office.get("/approvals", cookie=f"__Host-interlock={token}")[0] == 200
    assert office.get("/approvals", cookie=f"__Host-interlock={token}; __Host-interlock={planted}")[0] == 401


def test_every_answer_is_in_nobodys_frame(office, paul):
    cookie = {"cookie": f"__Host-interlock={paul.driver.get_cookie('__Host-interlock')['value']}"}
    for path in ("/", "/approvals", "/sign-in", "/nothing", "/approvals/apr_01kag0qx0e2g4j6m8p0r2t4v6x", "/enrol/" + "a" * 43):
        for headers in ({}, cookie):
            _, found, _ = office.get(path, **headers)
            found = {name.lower(): value for name, value in found.items()}
            assert found["x-frame-options"] == "DENY" and "frame-ancestors 'none'" in found["content-security-policy"], path
            assert found["x-content-type-options"] == "nosniff" and found["cross-origin-opener-policy"] == "same-origin"


def test_what_is_too_large_is_refused_and_costs_nobody_else(office):
    for path in ("/sign-in/answer", f"/enrol/{office.tokens[RUI]}/answer", "/approvals/apr_01kag0qx0e2g4j6m8p0r2t4v6x/deny"):
        assert office.post(path, b"x=" + b"a" * 20_000)[0] == 413, path
        assert office.post(path, b"&".join(b"a%d=1" % number for number in range(100)))[0] in (400, 401), path
    assert office.get("/approvals", cookie="a=" + "b" * 100_000)[0] in (400, 431)
    assert office.get("/approvals?" + "a" * 100_000)[0] in (400, 414, 431)
    assert office.get("/sign-in")[0] == 200


def test_slow_requests_are_ended_and_hold_up_nobody(office):
    """Some requests never finish their heads, and as many only promise a body; fewer than `local_connections` at
    once."""
    began = time.monotonic()
    address = ("127.0.0.1", office.gateway.people_port)
    host = office.origin.removeprefix("http://")
    heads = [f"GET /approvals HTTP/1.1\r\nHost: {host}\r\nX-Slow: ",
             f"POST /sign-in/challenge HTTP/1.1\r\nHost: {host}\r\nOrigin: {office.origin}\r\n"
             "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\na="]
    with ExitStack() as stack:
        slow = []
        for number in range(40):
            slow.append(stack.enter_context(socket.create_connection(address, timeout=60)))
            slow[-1].sendall(heads[number % 2].encode())
        assert office.get("/sign-in")[0] == 200
        for connection in slow:
            # The connection ends, with any response.
            while connection.recv(65_536):
                pass
    assert time.monotonic() - began < 120
    assert office.get("/sign-in")[0] == 200


def test_each_refused_vote_is_an_alarm_in_the_log(office):
    codes = [one["code"] for one in office.gateway.records(1000) if one["t"] == "alarm.raised"]
    assert codes.count("approval.vote_refused") > len(LIES) and "audit.bad_record" not in codes


def test_a_passkey_whose_counter_went_back_is_suspended(office, paul, refunds):
    """The last test but one: a copy of the passkey may be in use."""
    insider = Insider(office, paul)
    with Held(office, refunds, paul) as held:
        asked = insider.challenge(held.request, held.typed)
        status, said = insider.vote(held.request, asked, insider.assertion(asked, counter=1))
        assert (status, said["code"]) == (422, "bad_assertion") and "counter-went-back" in said["detail"]
        status, said = insider.call(f"/approvals/apr_{held.request}/challenge", {"revision": 1}, "x")
        assert status in (401, 403), "its session is over"
        held.nobody_voted()
    paul.open("/sign-in")
    paul.expected_errors += ["403", "401"]
    paul.click("#sign-in-button")
    wait(paul, lambda: "not accepted" in paul.one("#ceremony-hint").text)


def test_no_page_complained(office):
    assert office.complaints() == []
