"""R152: cookies ignore ports, so a process that listens on another port of the console's host gets the session of a
person who opens a page there. Without the key in the person's browser that session only allows reading pages."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import urlencode

import pytest

pytest.importorskip("selenium", reason="no selenium: run scripts/setup")
from addresses import PAUL  # noqa: E402
from browsing import wait  # noqa: E402
from insider import Insider  # noqa: E402
from office import read  # noqa: E402
from offices import office, refunds  # noqa: E402, F401
from proving import SessionKey  # noqa: E402
from statements import url  # noqa: E402

pytestmark = pytest.mark.requirement("R152")

KEY = """
    const done = arguments[0], opening = indexedDB.open("interlock", 1);
    opening.onupgradeneeded = () => { opening.transaction.abort(); };
    opening.onerror = () => done("no key here");
    opening.onsuccess = () => {
      const asked = opening.result.transaction("keys").objectStore("keys").get("session");
      asked.onsuccess = () => crypto.subtle.exportKey("pkcs8", asked.result.privateKey)
        .then(() => done("taken"), (error) => done(error.name));
    };"""


@pytest.fixture(scope="module")
def paul(office):
    """A person at an ordinary browser: tests cannot read its keys."""
    return office.person(PAUL, readable=False)


@contextmanager
def listener():
    """A listener of an attacker on its own port: it keeps the cookies that it receives."""
    heard: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            heard.append(self.headers.get("Cookie", ""))
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>News</title><p>News")

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}", heard
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


def fault(found: tuple[int, dict, bytes]) -> tuple[int, str | None]:
    return found[0], {name.lower(): value for name, value in found[1].items()}.get("x-interlock-proof-fault")


def test_the_cookie_that_another_port_gets_does_nothing(office, paul, refunds):
    request = refunds.ask_and_leave()
    page, call = f"/approvals/apr_{request}", f"/api/v1/approvals/apr_{request}"
    with listener() as (origin, heard):
        paul.driver.get(origin)
        # The browser requests the page's icon, too.
        (cookie,) = {one for one in heard if "__Host-interlock=" in one}
        assert paul.driver.execute_async_script(KEY) == "no key here"
    shown = office.send("GET", page, cookie=cookie)
    assert shown[0] == 200 and "Deny this call" in shown[2].decode()
    token = shown[2].decode().split('name="form_token" value="')[1].split('"')[0]
    form = {"content_type": "application/x-www-form-urlencoded", "origin": office.origin}
    said = {"content_type": "application/json", "origin": office.origin, "x_interlock_form_token": token}
    parts = ["call", "change", "consequence", "who", "why", "history"]
    wanted = {
        "file": ("GET", "/audit/records.tar", None, {}),
        "api": ("GET", call, None, {}),
        "api file": ("GET", "/api/v1/records.tar", None, {}),
        "stream": ("HEAD", "/api/v1/approvals/stream", None, {}),
        "viewed": ("POST", f"{call}/viewed", json.dumps({"revision": 1, "parts": parts}).encode(), said),
        "typed": ("POST", f"{call}/challenge", json.dumps({"revision": 1, "typed": "x"}).encode(), said),
        "vote": ("POST", f"{call}/votes", b"{}", said),
        "halt": ("POST", "/api/v1/halts/draft", b'{"scope": "org", "reason": "x"}', said),
        "form": ("POST", f"{page}/deny",
                 urlencode({"form_token": token, "revision": 1, "reason": "too-much", "text": ""}).encode(), form),
        "sign out": ("POST", "/sign-out", urlencode({"form_token": token}).encode(), form),
    }
    found = {name: fault(office.send(method, path, body, cookie=cookie, **headers))
             for name, (method, path, body, headers) in wanted.items()}
    assert found == {name: (401, "missing") for name in wanted}, found
    # The thief has a key of their own, and a valid nonce.
    key, nonce = SessionKey(), shown[1]["x-interlock-nonce"]
    for name, (method, path, body, headers) in wanted.items():
        proof = key.proof(office.origin, nonce, method, path, body or b"")
        answer = office.send(method, path, body, cookie=cookie, x_interlock_proof=proof, **headers)
        assert fault(answer) == (401, "bad_signature"), name
    (state,) = office.gateway.json("approvals", "show", request)
    assert (state["state"], state["have"]) == ("pending", 0), state
    # The person continues as before, and the thief's view has not started the reading time.
    paul.open(page)
    read(paul)
    paul.one("#deny-reason").send_keys("too much")
    paul.click("button.deny")
    wait(paul, lambda: "denied" in paul.one("#state").text)
    assert refunds.paid() == refunds.before


def test_the_key_cannot_be_read_where_it_lies(paul):
    paul.open("/approvals")
    assert paul.driver.execute_async_script(KEY) == "InvalidAccessError"


def test_a_proof_is_of_no_use_a_second_time_or_for_anything_else(office, paul):
    """The proof is taken from the requests of the person's own browser."""
    paul.open("/approvals")
    paul.driver.get_log("performance")
    path = paul.driver.execute_async_script(
        "const done = arguments[0]; interlock.request('/api/v1/session').then(() => done('/api/v1/session'));")
    sent = [event["params"]["request"] for event in paul.events() if event["method"] == "Network.requestWillBeSent"]
    (proof,) = [one["headers"]["x-interlock-proof"] for one in sent if one["url"] == office.origin + path]
    cookie = f"__Host-interlock={paul.driver.get_cookie('__Host-interlock')['value']}"

    def send(method: str, target: str, body: bytes | None = None, proof: str = proof) -> tuple[int, str | None]:
        return fault(office.send(method, target, body, cookie=cookie, x_interlock_proof=proof, content_type="application/json"))

    version, nonce, identifier, signature = proof.split(".")
    fresh = office.send("GET", "/approvals", cookie=cookie)[1]["x-interlock-nonce"]
    assert send("GET", path) == (401, "used_before")
    other = url(bytes(16))
    for altered in (f"{version}.{nonce}.{other}.{signature}", f"{version}.{fresh}.{other}.{signature}",
                    f"{version}.{nonce}.{other}.{url(bytes(64))}"):
        assert send("GET", path, proof=altered) == (401, "bad_signature"), altered
    assert send("GET", path, proof=f"{version}.{url(bytes(32))}.{identifier}.{signature}") == (401, "stale_nonce")
    for unused in ("", "x", f"v2.{nonce}.{identifier}.{signature}", f"{version}.{nonce}.{identifier}"):
        assert send("GET", path, proof=unused) == (401, "malformed"), unused
    for method, target, body in (("HEAD", path, None), ("GET", "/api/v1/approvals", None), ("GET", f"{path}?a=b", None),
                                 ("POST", "/api/v1/halts/draft", b"{}")):
        assert send(method, target, body) == (401, "bad_signature"), (method, target)


def test_a_sign_in_is_for_the_key_that_its_challenge_was_made_for(office, refunds):
    """The passkey signs the challenge, and the challenge is for one key: a relay cannot replace it."""
    insider = Insider(office, office.browsers[-1])
    own, thief = SessionKey(), SessionKey()
    status, found, text = office.post("/sign-in/challenge", urlencode({"key": own.point}).encode())
    assert status == 200
    cookie = found["set-cookie"].split(";")[0]
    signed = {name: url(part) for name, part in insider.assertion(json.loads(text)).items()}
    for key, status in ((thief.point, 403), ("", 400), (url(b"\4" + bytes(64)), 403), (own.point, 200)):
        answer = office.post("/sign-in/answer", urlencode({**signed, "key": key}).encode(), cookie=cookie)
        assert answer[0] == status, key
    for key in ("", "x", url(b"\4" + bytes(64)), url(b"\2" + bytes(32))):
        assert office.post("/sign-in/challenge", urlencode({"key": key}).encode())[0] == 400


def test_no_page_complained(office):
    assert office.complaints() == []
