"""An authorization server at which people consent in a browser: codes with PKCE, rotating refresh tokens, registration,
revocation; a server that uses it and states its scopes; and a minimal browser."""

import base64
import json
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt

from authority import Authority, Client, Protected

SECRET = "s3cret-of-the-client-41d7"
ALL = ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"]


class Consent(Authority):
    """`said` changes the metadata, `brought` the parameters of the browser's redirect; None removes a member."""

    def __init__(self, method: str = "none", life: int = 3600):
        super().__init__(Client("gw", SECRET, method), life=life)
        self.said: dict = {}
        self.brought: dict = {}
        self.asked, self.registered, self.ended = [], [], []
        self.codes, self.refreshes = {}, {}
        self.gives_refresh = self.rotates = self.says_method = True
        self.refuses: str | None = None  # the error code for a refresh
        self.known = {"gw"}

    @property
    def metadata(self) -> dict:
        made = {**super().metadata, "authorization_endpoint": self.url + "/authorize",
                "registration_endpoint": self.url + "/register", "revocation_endpoint": self.url + "/revoke",
                "grant_types_supported": ["authorization_code", "refresh_token"], "response_types_supported": ["code"],
                "code_challenge_methods_supported": ["S256"], "token_endpoint_auth_methods_supported": ALL,
                "client_id_metadata_document_supported": True, "authorization_response_iss_parameter_supported": True,
                **self.said}
        return {name: value for name, value in made.items() if value is not None}

    def answer(self, handler, body: bytes) -> None:
        address = urllib.parse.urlparse(handler.path)
        if address.path in self.documents or address.path not in ("/authorize", "/token", "/register", "/revoke"):
            return super().answer(handler, body)
        self.paths.append(address.path)
        if address.path == "/authorize":
            return self.agree(handler, dict(urllib.parse.parse_qsl(address.query)))
        if address.path == "/register":
            self.registered.append(json.loads(body))
            name = f"registered-{len(self.registered)}"
            self.known.add(name)
            method = self.registered[-1]["token_endpoint_auth_method"]
            secret = {} if method == "none" else {"client_secret": SECRET}
            said = {"token_endpoint_auth_method": method} if self.says_method else {}
            return handler.say(201, {"client_id": name, **said, **secret})
        form = dict(urllib.parse.parse_qsl(body.decode()))
        form["proof"] = handler.headers.get("Authorization", "")
        if address.path == "/revoke":
            self.ended.append(form["token"])
            self.refreshes.pop(form["token"], None)
            return handler.say(200, {})
        self.forms.append(form)
        handler.say(*self.token(form))

    def agree(self, handler, asked: dict) -> None:
        self.asked.append(asked)
        code = f"code-{len(self.asked)}-{'x' * 20}"
        self.codes[code] = asked
        back = {"code": code, "state": asked["state"], "iss": self.name, **self.brought}
        query = urllib.parse.urlencode({name: value for name, value in back.items() if value is not None})
        handler.say(302, Location=f"{asked['redirect_uri']}?{query}")

    def proves(self, form: dict) -> bool:
        name = form.get("client_id", "")
        if form["proof"]:
            pair = base64.b64decode(form["proof"].removeprefix("Basic ")).decode()
            return pair in {f"{one}:{SECRET}" for one in self.known}
        if name.startswith("https://"):
            return True
        if self.client.method == "client_secret_post":
            return form.get("client_secret") == SECRET
        return name in self.known and self.client.method == "none"

    def token(self, form: dict) -> tuple[int, dict]:
        if not self.proves(form):
            return 401, {"error": "invalid_client"}
        if form["grant_type"] == "authorization_code":
            asked = self.codes.pop(form["code"], None)
            if (asked is None or create_s256_code_challenge(form["code_verifier"]) != asked["code_challenge"]
                    or form["redirect_uri"] != asked["redirect_uri"]):
                return 400, {"error": "invalid_grant"}
            scope = asked.get("scope", "")
        else:
            if self.refuses:
                return 400, {"error": self.refuses}
            scope = self.refreshes.pop(form["refresh_token"], None)
            if scope is None:
                return 400, {"error": "invalid_grant"}
        made = {"access_token": self.made(form, scope), "token_type": "Bearer", "expires_in": self.life}
        if self.gives_refresh:
            old = form.get("refresh_token")
            made["refresh_token"] = old if old and not self.rotates else f"refresh-{len(self.tokens)}-{'y' * 20}"
            self.refreshes[made["refresh_token"]] = scope
        return 200, made

    def made(self, form: dict, scope: str) -> str:
        claims = {"iss": self.name, "aud": form["resource"], "sub": "person", "scope": scope, "iat": int(time.time()),
                  "jti": str(len(self.tokens)), "exp": int(time.time()) + self.life}
        self.tokens.append(jwt.encode({"alg": self.algorithm}, claims, self.signing, algorithms=[self.algorithm]))
        return self.tokens[-1]


class Scoped(Protected):
    """`scopes` appear in its metadata, `wanted` in its refusals."""
    scopes: list[str] | None = None
    wanted: str | None = None

    def answer(self, handler, body: bytes) -> None:
        if handler.path == "/.well-known/oauth-protected-resource/mcp" and self.scopes is not None:
            return handler.say(200, {"resource": f"{self.url}/mcp", "authorization_servers": [self.issuer],
                                     "scopes_supported": self.scopes})
        if handler.path == "/mcp" and handler.command == "GET":
            return handler.say(405)  # as servers do that guard messages alone
        super().answer(handler, body)

    def refusal(self, handler, message: dict):
        refused = super().refusal(handler, message)
        if refused and refused[0] == 401 and self.wanted:
            return 401, f'{refused[1]}, scope="{self.wanted}"'
        return refused


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def visit(url: str, host: str | None = None) -> tuple[int, str, dict]:
    """Loads one page without following a redirect."""
    request = urllib.request.Request(url, headers={"Host": host} if host else {})
    try:
        with urllib.request.build_opener(Stay).open(request, timeout=20) as page:
            return page.status, page.read().decode(), {name.lower(): value for name, value in page.headers.items()}
    except urllib.error.HTTPError as page:
        return page.code, page.read().decode(), {name.lower(): value for name, value in page.headers.items()}


class SigningIn:
    """`interlock servers authorize` while it waits for a browser; `url` is the address that it printed."""

    def __init__(self, gateway, *words: str):
        self.process = subprocess.Popen(
            [str(gateway.binary), "servers", "authorize", *(words or ["up"]), "--dir", str(gateway.folder), "--json"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        timer = threading.Timer(40, self.process.kill)
        timer.start()
        line = self.process.stdout.readline()
        timer.cancel()
        self.url = json.loads(line)["open"] if line else None

    def agree(self) -> str:
        """Consents; returns the address to which the issuer redirects the browser."""
        status, _, headers = visit(self.url)
        assert status == 302, status
        return headers["location"]

    def end(self) -> subprocess.CompletedProcess:
        out, error = self.process.communicate(timeout=40)
        return subprocess.CompletedProcess([], self.process.returncode, out, error)


def sign_in(gateway, *words: str) -> subprocess.CompletedProcess:
    """The complete sign-in, by a person who consents."""
    begun = SigningIn(gateway, *words)
    if begun.url is None:
        return begun.end()
    visit(begun.agree())
    return begun.end()
