"""Whoever only asks, or only holds a connection open, keeps nobody from a gateway's console."""

import http.client
import json
import socket
import time
from contextlib import ExitStack
from urllib.parse import urlencode

import pytest

pytest.importorskip("selenium", reason="no selenium: run scripts/setup")
from forging import url  # noqa: E402
from insider import Insider  # noqa: E402
from office import PAUL, Office  # noqa: E402


@pytest.fixture(scope="module")
def office(binary, people):
    with ExitStack() as stack:
        yield Office(stack, binary, people)


@pytest.fixture(scope="module")
def paul(office):
    return office.person(PAUL)


def address(office) -> tuple[str, int]:
    return "127.0.0.1", office.gateway.people_port


def test_a_flood_of_challenges_keeps_nobody_from_signing_in(office, paul):
    """From the gateway's own machine, where nobody waits; more than were ever kept at once."""
    insider = Insider(office, paul)
    status, found, text = office.post("/sign-in/challenge")
    assert status == 200
    cookie = found["set-cookie"].split(";")[0]
    connection = http.client.HTTPConnection(*address(office))
    headers = {"host": office.origin.removeprefix("http://"), "origin": office.origin,
               "content-type": "application/x-www-form-urlencoded"}
    for _ in range(9_000):
        connection.request("POST", "/sign-in/challenge", headers=headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
    connection.close()
    made = insider.assertion(json.loads(text))
    fields = {name: url(part) for name, part in made.items()}
    assert insider.post("/sign-in/answer", {"cookie": cookie}, **fields)[0] == 200
    # Once, whatever is signed under it.
    again = {name: url(part) for name, part in insider.assertion(json.loads(text)).items()}
    assert insider.post("/sign-in/answer", {"cookie": cookie}, **again)[0] == 403


def test_whoever_tries_again_and_again_waits_and_locks_nobody_out(office, paul):
    """As a proxy passes them on: the last address it names is the one that tries."""
    insider = Insider(office, paul)
    forged = {"credential": url(bytes(16)), "authenticatorData": url(bytes(37)), "clientDataJSON": url(b"{}"),
              "signature": url(bytes(70))}

    def tries(source: str) -> list[int]:
        statuses = []
        for _ in range(40):
            status, found, _ = office.post("/sign-in/challenge", x_forwarded_for=source)
            if status == 200:
                status, _, _ = office.post("/sign-in/answer", urlencode(forged).encode(), x_forwarded_for=source,
                                           cookie=found["set-cookie"].split(";")[0])
            else:
                assert int(found["retry-after"]) >= 1
            statuses.append(status)
        return statuses

    guesses = tries("203.0.113.9")
    assert set(guesses) == {403, 429} and guesses.index(429) <= 20
    # Whatever it says of those before it, the address that the proxy saw is what counts.
    assert set(tries("198.51.100.1, 203.0.113.9")) == {429}
    status, found, text = office.post("/sign-in/challenge", x_forwarded_for="203.0.113.10")
    assert status == 200, "somebody else"
    fields = {name: url(part) for name, part in insider.assertion(json.loads(text)).items()}
    again = insider.post("/sign-in/answer", {"cookie": found["set-cookie"].split(";")[0],
                                             "x-forwarded-for": "203.0.113.10"}, **fields)
    assert again[0] == 200, "the person whose passkey it is"


def test_connections_that_ask_nothing_keep_nobody_out(office):
    with ExitStack() as stack:
        for _ in range(300):
            stack.enter_context(socket.create_connection(address(office), timeout=30))
        end = time.monotonic() + 40
        while True:
            try:
                if office.get("/sign-in")[0] == 200:
                    return
            except OSError:
                pass
            assert time.monotonic() < end, "nobody gets in"
            time.sleep(0.2)


def test_a_fifth_page_of_a_session_ends_its_first_stream(office, paul):
    session = paul.driver.get_cookie("__Host-interlock")["value"]
    paul.open("/sign-in")
    ask = (f"GET /api/v1/approvals/stream HTTP/1.1\r\nHost: {office.origin.removeprefix('http://')}\r\n"
           f"Cookie: __Host-interlock={session}\r\n\r\n").encode()
    with ExitStack() as stack:
        streams = []
        for _ in range(5):
            streams.append(stack.enter_context(socket.create_connection(address(office), timeout=30)))
            streams[-1].sendall(ask)
            assert streams[-1].recv(65_536).startswith(b"HTTP/1.1 200")
        heard = b""
        while b"event: ended" not in heard:
            part = streams[0].recv(65_536)
            assert part, heard
            heard += part
        for stream in streams[1:]:
            stream.settimeout(0.2)
            with pytest.raises(TimeoutError):
                stream.recv(65_536)
