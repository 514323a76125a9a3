"""Whoever only asks, or only holds a connection open, keeps nobody from a gateway's console."""

import http.client
import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from urllib.parse import urlencode

import pytest

pytest.importorskip("selenium", reason="no selenium: run scripts/setup")
from forging import url  # noqa: E402
from insider import Insider  # noqa: E402
from offices import office, paul  # noqa: E402, F401


def gets_in(office) -> bool:
    try:
        return office.get("/sign-in")[0] == 200
    except OSError:
        return False


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
    # Once: the same bytes again, several at once, and whatever else is signed under it; the passkey is as good as before.
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: insider.post("/sign-in/answer", {"cookie": cookie}, **fields)[0], range(8)))
    assert set(statuses) == {403}
    again = {name: url(part) for name, part in insider.assertion(json.loads(text)).items()}
    assert insider.post("/sign-in/answer", {"cookie": cookie}, **again)[0] == 403
    both = office.post("/sign-in/challenge")
    cookie = both[1]["set-cookie"].split(";")[0]
    fields = {name: url(part) for name, part in insider.assertion(json.loads(both[2])).items()}
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: insider.post("/sign-in/answer", {"cookie": cookie}, **fields)[0], range(8)))
    assert sorted(statuses) == [200] + [403] * 7
    people = office.gateway.json("people", "list")
    assert not [one for line in people for one in line.get("passkeys", []) if one.get("revoked")], people


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

    began = time.monotonic()
    guesses = tries("203.0.113.9")
    # Whatever it says of those before it, the address that the proxy saw is what counts.
    guesses += tries("198.51.100.1, 203.0.113.9")
    assert set(guesses) == {403, 429}
    # Each guess takes two of twenty, of which one comes back in three seconds.
    assert guesses.count(403) <= 10 + (time.monotonic() - began) / 3 + 1
    status, found, text = office.post("/sign-in/challenge", x_forwarded_for="203.0.113.10")
    assert status == 200, "somebody else"
    fields = {name: url(part) for name, part in insider.assertion(json.loads(text)).items()}
    again = insider.post("/sign-in/answer", {"cookie": found["set-cookie"].split(";")[0],
                                             "x-forwarded-for": "203.0.113.10"}, **fields)
    assert again[0] == 200, "the person whose passkey it is"


def test_bodies_that_never_end_keep_nobody_out(office):
    head = (f"POST /sign-in/answer HTTP/1.1\r\nHost: {office.origin.removeprefix('http://')}\r\n"
            f"Origin: {office.origin}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            "Content-Length: 16000\r\n\r\n").encode()
    with ExitStack() as stack:
        slow = []
        for _ in range(300):
            one = stack.enter_context(socket.create_connection(address(office), timeout=30))
            one.sendall(head)
            slow.append(one)
        end = time.monotonic() + 60
        while True:
            for one in slow:
                with suppress(OSError):
                    one.sendall(b"a")
            if gets_in(office):
                return
            assert time.monotonic() < end, "nobody gets in"
            time.sleep(0.5)


def test_connections_that_ask_nothing_keep_nobody_out(office):
    with ExitStack() as stack:
        for _ in range(300):
            stack.enter_context(socket.create_connection(address(office), timeout=30))
        end = time.monotonic() + 40
        while not gets_in(office):
            assert time.monotonic() < end, "nobody gets in"
            time.sleep(0.2)


def test_a_ninth_page_of_a_person_ends_the_first_stream(office, paul):
    session = paul.driver.get_cookie("__Host-interlock")["value"]
    paul.open("/sign-in")
    ask = (f"GET /api/v1/approvals/stream HTTP/1.1\r\nHost: {office.origin.removeprefix('http://')}\r\n"
           f"Cookie: __Host-interlock={session}\r\n\r\n").encode()
    with ExitStack() as stack:
        streams = []
        for _ in range(9):
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
            try:
                heard = stream.recv(65_536)
            except TimeoutError:
                continue
            assert heard and b"event: ended" not in heard
