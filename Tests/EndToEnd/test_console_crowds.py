"""Clients that only send requests, or only hold connections open, do not block a gateway's console for others."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from urllib.parse import urlencode

import pytest

pytest.importorskip("selenium", reason="no selenium: run scripts/setup")
from addresses import ADA  # noqa: E402
from conftest import missing  # noqa: E402
from flooding import Flood, bodies  # noqa: E402
from insider import Insider  # noqa: E402
from offices import office, paul  # noqa: E402, F401
from ordering import order  # noqa: E402
from program import Program  # noqa: E402
from proving import Session, SessionKey  # noqa: E402
from statements import url  # noqa: E402
from test_kill_load import local  # noqa: E402

TURNS = 60
# Each closed connection is reopened at once. A connection that gets a response is closed, or sends the same bytes
# again.
CROWD = """
import select, socket, sys
port, said, count, again = int(sys.argv[1]), sys.argv[2].encode(), int(sys.argv[3]), sys.argv[4] == "again"
ready, held = select.epoll(), {}
def enter():
    one = socket.create_connection(("127.0.0.1", port), timeout=10)
    one.sendall(said)
    held[one.fileno()] = one
    ready.register(one, select.EPOLLIN | select.EPOLLRDHUP)
def goes_on(one):
    try:
        if not again or not one.recv(65536):
            return False
        one.sendall(said)
        return True
    except OSError:
        return False
for _ in range(count):
    enter()
print("ready", flush=True)
while True:
    for number, _ in ready.poll(1):
        if not goes_on(held[number]):
            ready.unregister(number)
            held.pop(number).close()
            enter()
"""
LINE = 8000
HEAVY = {
    "path": "GET /" + "a/" * (LINE // 2) + " HTTP/1.1\r\nHost: {}\r\n\r\n",
    "cookies": "GET /approvals HTTP/1.1\r\nHost: {}\r\nCookie: " + "; ".join(f"a{n}=b" for n in range(1000)) + "\r\n\r\n",
    "fields": "GET /healthz HTTP/1.1\r\nHost: {}\r\n" + "".join(f"x-{n}: {'y' * 250}\r\n" for n in range(90)) + "\r\n",
}
KEY = SessionKey().point


@contextmanager
def crowd(office, said: str, connections: int, *, again: bool = False, user: str = "other"):
    """The connections of a process of the same or another unix user, all open when the block begins."""
    if user == "other" and os.geteuid() != 0:
        missing("only root can be another user")
    other = {"user": 65534, "group": 65534, "extra_groups": []} if user == "other" else {}
    process = subprocess.Popen(
        [sys.executable, "-c", CROWD, str(office.gateway.people_port),
         said.format(office.origin.removeprefix("http://")), str(connections), "again" if again else "once"],
        stdout=subprocess.PIPE, text=True, **other)
    try:
        assert process.stdout.readline() == "ready\n"
        yield
        assert process.poll() is None
    finally:
        process.kill()
        process.wait(10)


def gets_in(office) -> bool:
    try:
        return office.get("/sign-in")[0] == 200
    except OSError:
        return False


def address(office) -> tuple[str, int]:
    return "127.0.0.1", office.gateway.people_port


def test_a_flood_of_challenges_keeps_nobody_from_signing_in(office, paul):
    """The flood comes from the gateway's own machine, where the throttle does not apply; it exceeds the number of
    challenges ever kept at once."""
    insider = Insider(office, paul)
    status, found, text = office.post("/sign-in/challenge", f"key={KEY}".encode())
    assert status == 200
    cookie = found["set-cookie"].split(";")[0]
    connection = http.client.HTTPConnection(*address(office))
    headers = {"host": office.origin.removeprefix("http://"), "origin": office.origin,
               "content-type": "application/x-www-form-urlencoded"}
    for _ in range(9_000):
        connection.request("POST", "/sign-in/challenge", f"key={KEY}", headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
    connection.close()
    made = insider.assertion(json.loads(text))
    fields = {"key": KEY, **{name: url(part) for name, part in made.items()}}
    assert insider.post("/sign-in/answer", {"cookie": cookie}, **fields)[0] == 200
    # Challenges are for one use: the same bytes again, several at once, and anything else signed under one are refused;
    # the passkey remains valid.
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: insider.post("/sign-in/answer", {"cookie": cookie}, **fields)[0], range(8)))
    assert set(statuses) == {403}
    again = {"key": KEY, **{name: url(part) for name, part in insider.assertion(json.loads(text)).items()}}
    assert insider.post("/sign-in/answer", {"cookie": cookie}, **again)[0] == 403
    both = office.post("/sign-in/challenge", f"key={KEY}".encode())
    cookie = both[1]["set-cookie"].split(";")[0]
    fields = {"key": KEY, **{name: url(part) for name, part in insider.assertion(json.loads(both[2])).items()}}
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: insider.post("/sign-in/answer", {"cookie": cookie}, **fields)[0], range(8)))
    assert sorted(statuses) == [200] + [403] * 7
    people = office.gateway.json("people", "list")
    assert not [one for line in people for one in line.get("passkeys", []) if one.get("revoked")], people


def test_whoever_tries_again_and_again_waits_and_locks_nobody_out(office, paul):
    """Forwarded requests: the last address that a proxy names is the client."""
    insider = Insider(office, paul)
    forged = {"credential": url(bytes(16)), "authenticatorData": url(bytes(37)), "clientDataJSON": url(b"{}"),
              "signature": url(bytes(70)), "key": KEY}

    def tries(source: str) -> list[int]:
        statuses = []
        for _ in range(40):
            status, found, _ = office.post("/sign-in/challenge", f"key={KEY}".encode(), x_forwarded_for=source)
            if status == 200:
                status, _, _ = office.post("/sign-in/answer", urlencode(forged).encode(), x_forwarded_for=source,
                                           cookie=found["set-cookie"].split(";")[0])
            else:
                assert int(found["retry-after"]) >= 1
            statuses.append(status)
        return statuses

    began = time.monotonic()
    guesses = tries("203.0.113.9")
    # The address that the proxy saw counts, whatever the header states before it.
    guesses += tries("198.51.100.1, 203.0.113.9")
    assert set(guesses) == {403, 429}
    # Each guess takes two of twenty tokens, of which one is restored every three seconds.
    assert guesses.count(403) <= 10 + (time.monotonic() - began) / 3 + 1
    status, found, text = office.post("/sign-in/challenge", f"key={KEY}".encode(), x_forwarded_for="203.0.113.10")
    assert status == 200, "somebody else"
    fields = {"key": KEY, **{name: url(part) for name, part in insider.assertion(json.loads(text)).items()}}
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


@pytest.mark.requirement("R151")
@pytest.mark.parametrize(("user", "said"), [("same", ""), ("other", ""), ("other", "GET /"),
                                            ("other", "GET /audit HTTP/1.1\r\nHost: {}\r\n\r\n")])
def test_r151_a_crowd_keeps_no_signed_in_person_out(office, paul, user, said):
    """The crowd is of the same unix user, who has one share, or of another one: silent, or with requests that get a
    response at once."""
    cookie = f"__Host-interlock={paul.driver.get_cookie('__Host-interlock')['value']}"
    # More connections than the server has places.
    with crowd(office, said, 300, user=user):
        served = newcomers = 0
        for _ in range(TURNS):
            try:
                served += office.get("/approvals", cookie=cookie)[0] == 200
            except OSError:
                continue
            newcomers += gets_in(office)
    assert served == TURNS, f"{served} of {TURNS} served"
    assert newcomers == TURNS, f"{newcomers} of {TURNS} saw the page to sign in"


def test_a_ninth_page_of_a_person_ends_the_first_stream(office, paul):
    session = Session(office, paul)
    path = "/api/v1/approvals/stream"
    assert session.ask("HEAD", path)[0] == 200
    paul.open("/sign-in")
    key = SessionKey(session.jwk)

    def ask() -> bytes:
        return (f"GET {path} HTTP/1.1\r\nHost: {office.origin.removeprefix('http://')}\r\nCookie: {session.cookie}\r\n"
                f"X-Interlock-Proof: {key.proof(office.origin, session.nonce, 'GET', path)}\r\n\r\n").encode()

    with ExitStack() as stack:
        streams = []
        for _ in range(9):
            streams.append(stack.enter_context(socket.create_connection(address(office), timeout=30)))
            streams[-1].sendall(ask())
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


@pytest.mark.requirement("R151")
@pytest.mark.alone
def test_r151_a_person_halts_from_a_page_under_a_flood_of_agents(office, people, paul):
    """The page's own requests: the halt, the page that shows it, and signing in, each within a second."""
    program = Program(office, paul)
    token = office.acme.token("support-triage")
    with Flood(office.gateway.port, [token], bodies(1_800_000)[:1]):
        time.sleep(0.5)
        for _ in range(3):
            halt = order(office.gateway, people, ADA, "halt", scope="agent", target="support-triage")
            began = time.monotonic()
            done = program.post("/halts", halt)
            took = time.monotonic() - began
            assert done.status == 200 and done.json["state"] == "halted", done
            assert took < 1, f"{took:.3f} s"
            for path in (f"/halts/{done.json['halt']}", "/halt", "/sign-in", "/healthz"):
                began = time.monotonic()
                assert office.get(path, cookie=program.cookie)[0] in ((200, 503) if path == "/healthz" else (200,)), path
                took = time.monotonic() - began
                assert took < 1, f"{path}: {took:.3f} s"


@pytest.mark.requirement("R151")
@pytest.mark.alone
@pytest.mark.parametrize("kind", HEAVY)
def test_r151_a_kill_by_command_is_acknowledged_within_a_second_under_a_flood_of_heads(office, people, kind):
    """The flood comes from another user of the machine, without a credential, on the people plane."""
    with crowd(office, HEAVY[kind], 190, again=True):
        time.sleep(1)
        for _ in range(10):
            halt = order(office.gateway, people, ADA, "halt", scope="agent", target="support-triage")
            began = time.monotonic()
            report = local(office.acme, "POST", "/v1/halts", halt)
            took = time.monotonic() - began
            assert report["state"] == "halted" and took < 1, (took, report)
