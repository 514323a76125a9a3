"""Proofs with the key of a session (decision 0040), as the console's script makes them."""

import base64
import hashlib
import json
import secrets
import sys
import time

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from statements import unurl, url

# Makes a test's window create keys that the test can extract; those of the console's script cannot be exported.
READABLE_KEYS = """
    const make = crypto.subtle && crypto.subtle.generateKey.bind(crypto.subtle);
    if (make) crypto.subtle.generateKey = (algorithm, _, uses) => make(algorithm, true, uses);
"""

TAKE = """
    const done = arguments[0], opening = indexedDB.open("interlock", 1);
    opening.onsuccess = () => {
      const asked = opening.result.transaction("keys").objectStore("keys").get("session");
      asked.onsuccess = async () => {
        opening.result.close();
        done(asked.result ? await crypto.subtle.exportKey("jwk", asked.result.privateKey) : null);
      };
    };"""

GIVE = """
    const [key, done] = arguments, opening = indexedDB.open("interlock", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("keys");
    opening.onsuccess = async () => {
      const privateKey = await crypto.subtle.importKey(
        "jwk", key, { name: "ECDSA", namedCurve: "P-256" }, true, ["sign"]);
      const work = opening.result.transaction("keys", "readwrite");
      work.objectStore("keys").put({ privateKey }, "session");
      work.oncomplete = () => { opening.result.close(); done(true); };
    };"""


def number(text: str) -> int:
    return int.from_bytes(unurl(text), "big")


class SessionKey:
    """The key of a session: a new one, or that of `jwk`."""

    def __init__(self, jwk: dict | None = None):
        self.key = ec.generate_private_key(ec.SECP256R1()) if jwk is None else \
            ec.derive_private_key(number(jwk["d"]), ec.SECP256R1())

    @property
    def point(self) -> str:
        numbers = self.key.public_key().public_numbers()
        return url(b"\4" + numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big"))

    def proof(self, origin: str, nonce: str, method: str, target: str, body: bytes = b"") -> str:
        identifier = url(secrets.token_bytes(16))
        message = "\n".join(("interlock/proof/1", method, origin, target, hashlib.sha256(body).hexdigest(), nonce, identifier))
        r, s = decode_dss_signature(self.key.sign(message.encode(), ec.ECDSA(SHA256())))
        return f"v1.{nonce}.{identifier}.{url(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


class Session:
    """The session of a window, used by a program with its key."""

    def __init__(self, office, browser):
        self.office, self.browser, self.nonce = office, browser, ""

    @property
    def token(self) -> str:
        return self.browser.driver.get_cookie("__Host-interlock")["value"]

    @property
    def cookie(self) -> str:
        return f"__Host-interlock={self.token}"

    @property
    def jwk(self) -> dict:
        return self.browser.session_key()

    def ask(self, method: str, target: str, body: bytes | None = None, **headers: str | None) -> tuple[int, dict, bytes]:
        """Sends a request as the script does: again with a new nonce if the first is too old. `headers` as in
        `fetch`."""
        headers = {"cookie": self.cookie, **headers}
        key = SessionKey(self.jwk)
        for _ in range(2):
            proof = key.proof(self.office.origin, self.nonce, method, target, body or b"")
            status, found, text = self.office.send(method, target, body, **{"x_interlock_proof": proof, **headers})
            small = {name.lower(): value for name, value in found.items()}
            self.nonce = small.get("x-interlock-nonce", self.nonce)
            if small.get("x-interlock-proof-fault") != "stale_nonce":
                break
        return status, found, text


def prove_lines(origin: str, cookie: str, jwk: dict) -> None:
    """Serves a program that cannot sign: each input line is JSON of method, target and body in base64, each output line
    a proof."""
    from fetching import fetch

    key, nonce, since = SessionKey(jwk), "", 0.0
    for line in sys.stdin:
        method, target, body = json.loads(line)
        if time.monotonic() - since > 20:
            since = time.monotonic()
            _, found, _ = fetch(f"{origin}/approvals", cookie=cookie)
            nonce = {name.lower(): value for name, value in found.items()}["x-interlock-nonce"]
        print(key.proof(origin, nonce, method, target, base64.b64decode(body)), flush=True)


if __name__ == "__main__":
    prove_lines(sys.argv[1], sys.argv[2], json.loads(sys.argv[3]))
