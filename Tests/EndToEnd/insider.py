"""The requests that a signed-in person can send without the page, with a passkey that signs anything."""

import base64
import json
from urllib.parse import urlencode

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_private_key
from selenium.webdriver.common.virtual_authenticator import Credential

from browsing import Browser
from logwriter import sha256
from office import Office
from proving import Session
from statements import unurl, url


class Insider:
    """Copies the session, its key and the passkey from a browser, which keeps them."""

    def __init__(self, office: Office, browser: Browser):
        self.office, self.browser, self.own = office, browser, Session(office, browser)
        (self.held,) = browser.driver.get_credentials()
        self.id, self.key = self.held.id, load_der_private_key(unurl(self.held.private_key), None)

    def count(self) -> int:
        """Increments the counter, also on the device in the browser: two separate counters would reveal a copy of the
        passkey."""
        (held,) = self.browser.driver.get_credentials()
        self.browser.driver.remove_credential(held.id)
        self.browser.driver.add_credential(Credential.create_resident_credential(
            unurl(held.id), held.rp_id, unurl(held.user_handle), unurl(held.private_key), held.sign_count + 1))
        return held.sign_count + 1

    def token(self) -> str:
        """The token of the session's forms, from the open page."""
        return self.browser.run("return document.querySelector('[name=form_token]').value")

    def post(self, path: str, headers: dict | None = None, **fields: str) -> tuple[int, dict]:
        words = {"content_type": "application/x-www-form-urlencoded", "origin": self.office.origin,
                 **{name.replace("-", "_"): value for name, value in (headers or {}).items()}}
        status, _, found = self.own.ask("POST", path, urlencode(fields).encode(), **words)
        text = found.decode()
        return status, json.loads(text) if text.startswith("{") else {"page": text}

    def call(self, path: str, body: dict, token: str | None = None) -> tuple[int, dict]:
        """Calls the API as the page's script does; `token` replaces the page's form token."""
        status, _, text = self.own.ask("POST", f"/api/v1{path}", json.dumps(body).encode(), content_type="application/json",
                                       origin=self.office.origin, x_interlock_form_token=token or self.token())
        return status, json.loads(text) if text else {}

    # Votes.

    def challenge(self, request: str, typed: str, revision: int = 1) -> dict:
        status, said = self.call(f"/approvals/apr_{request}/challenge", {"revision": revision, "typed": typed})
        assert status == 200, said
        return said

    def assertion(self, asked: dict, *, client: dict | None = None, party: str | None = None, flags: int = 0x05,
                  counter: int | None = None, key: ec.EllipticCurvePrivateKey | None = None,
                  credential: bytes | None = None) -> dict[str, bytes]:
        """The assertion as the device makes it, except for the given parts."""
        said = {"type": "webauthn.get", "challenge": asked["challenge"], "origin": self.office.origin,
                "crossOrigin": False, **(client or {})}
        data = json.dumps({name: value for name, value in said.items() if value is not None}).encode()
        count = self.count() if counter is None else counter
        authenticator = sha256((party or asked["rp_id"]).encode()) + bytes([flags]) + count.to_bytes(4, "big")
        signature = (key or self.key).sign(authenticator + sha256(data), ec.ECDSA(SHA256()))
        return {"credential": credential or unurl(self.id), "authenticatorData": authenticator, "clientDataJSON": data,
                "signature": signature}

    def vote(self, request: str, asked: dict, assertion: dict[str, bytes]) -> tuple[int, dict]:
        return self.call(f"/approvals/apr_{request}/votes", {
            "payloadType": asked["payloadType"], "payload": asked["payload"],
            "assertion": {name: url(part) for name, part in assertion.items()}})


def statement(asked: dict) -> dict:
    return json.loads(base64.b64decode(asked["payload"]))
