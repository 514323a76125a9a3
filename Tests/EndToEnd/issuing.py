"""A small OAuth server on PyPI `authlib`: client credentials, JWT access tokens (RFC 9068), and a key set that can be
rotated or made huge, slow or wrong."""

import hmac
import json
import os
import threading
import time
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # it listens on loopback

from authlib.oauth2.rfc6749 import AuthorizationServer, ClientCredentialsGrant, OAuth2Request  # noqa: E402
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload  # noqa: E402
from authlib.oauth2.rfc9068 import JWTBearerTokenGenerator  # noqa: E402
from joserfc import jwt  # noqa: E402
from joserfc.jws import JWSRegistry  # noqa: E402
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey  # noqa: E402

from replying import reply  # noqa: E402
from statements import url  # noqa: E402

JWSRegistry.recommended.append("EdDSA")  # RFC 9864 has newer names for it; tokens still use this one


def make_key(algorithm: str, kid: str):
    parameters = {"kid": kid, "use": "sig"}
    if algorithm == "RS256":
        return RSAKey.generate_key(2048, parameters)
    if algorithm == "ES256":
        return ECKey.generate_key("P-256", parameters)
    return OKPKey.generate_key("Ed25519", parameters)


class Client:
    """One registered client; it may request any scope."""

    def __init__(self, name: str, secret: str):
        self.name, self.secret = name, secret

    def get_client_id(self):
        return self.name

    def get_allowed_scope(self, scope):
        return scope or ""

    def check_client_secret(self, secret):
        return secret == self.secret

    def check_endpoint_auth_method(self, method, endpoint):
        return method == "client_secret_post"

    def check_grant_type(self, grant_type):
        return grant_type == "client_credentials"


class Credentials(ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_post"]


class FormRequest(OAuth2Request):
    @property
    def form(self):
        return self.given


class Issuer(AuthorizationServer):
    """Runs from `with` to its end. `claims` change the claims of further tokens."""

    def __init__(self, audience: str, clients: dict[str, str], algorithm: str = "RS256"):
        super().__init__()
        self.audience, self.algorithm = audience, algorithm
        self.clients = {name: Client(name, secret) for name, secret in clients.items()}
        self.keys, self.signing, self.claims = [], None, {}
        self.document: bytes | None = None  # replaces the key set
        self.wait, self.fetches, self.status = 0.0, 0, 200
        self.heads: list[str] = []  # the headers of requests for the keys
        self.rotate()
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        self.name = self.url  # `iss`
        self.register_grant(Credentials)
        self.register_token_generator("default", Generator(self))

    def __enter__(self):
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.http.shutdown()
        self.http.server_close()

    # Keys.

    def rotate(self, keep: bool = False, published: bool = True) -> None:
        """Makes a new signing key; the old ones stay published if `keep`."""
        key = make_key(self.algorithm, f"k{time.monotonic_ns()}")
        self.keys = [*(self.keys if keep else []), *([key] if published else [])]
        self.signing = key

    def key_set(self) -> bytes:
        return json.dumps({"keys": [key.as_dict(private=False) for key in self.keys]}).encode()

    # Tokens, as a client gets them and as a forger would make them.

    def token(self, client: str, scope: str = "") -> str:
        form = {"grant_type": "client_credentials", "client_id": client, "scope": scope,
                "client_secret": self.clients[client].secret}
        request = urllib.request.Request(f"{self.url}/token", urllib.parse.urlencode(form).encode())
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)["access_token"]

    def forged(self, claims: dict, header: dict | None = None, key=None) -> str:
        """A token with these claims in addition to the usual ones."""
        now = int(time.time())
        usual = {"iss": self.name, "aud": self.audience, "sub": "triage", "client_id": "triage", "iat": now,
                 "exp": now + 300, "scope": "", "jti": f"t{time.monotonic_ns()}"}
        head = {"alg": self.algorithm, "kid": self.signing.kid, "typ": "at+jwt", **(header or {})}
        said = {name: value for name, value in {**usual, **claims}.items() if value is not None}
        return jwt.encode(head, said, key or self.signing, algorithms=[head["alg"]])

    def by_shared_secret(self) -> str:
        """A token that uses the public key as the secret of HS256, which a verifier accepts that trusts the token's own
        algorithm."""
        head, claims, _ = self.forged({}).split(".")
        head = url(json.dumps({"alg": "HS256", "kid": self.signing.kid}).encode())
        code = hmac.new(self.signing.as_pem(private=False), f"{head}.{claims}".encode(), "sha256").digest()
        return f"{head}.{claims}.{url(code)}"

    # The methods that authlib requires.

    def query_client(self, client_id):
        return self.clients.get(client_id)

    def save_token(self, token, request):
        pass

    def send_signal(self, name, *args, **kwargs):
        pass

    def create_oauth2_request(self, request):
        method, url, form = request
        made = FormRequest(method, url)
        made.payload, made.given = BasicOAuth2Payload(form), form
        return made

    def handle_response(self, status, body, headers):
        return status, body

    def handler(issuer):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                issuer.fetches += 1
                issuer.heads.append(f"{self.requestline}\n{self.headers}")
                time.sleep(issuer.wait)
                reply(self, issuer.status, issuer.document or issuer.key_set())

            def do_POST(self):
                form = dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
                status, body = issuer.create_token_response(("POST", issuer.url + "/token", form))
                reply(self, status, json.dumps(body).encode())

            def log_message(self, *_):
                pass

        return Handler


class Generator(JWTBearerTokenGenerator):
    def __init__(self, server: Issuer):
        super().__init__(server.name, server.algorithm)
        self.server = server

    def get_jwks(self):
        return KeySet([self.server.signing])

    def get_audiences(self, client, user, scope):
        return self.server.audience

    def get_extra_claims(self, client, grant_type, user, scope):
        return self.server.claims
