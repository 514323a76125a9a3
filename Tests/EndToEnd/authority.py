"""An authorization server for the gateway as its client, on PyPI `authlib`: metadata, client credentials with each
method of client authentication, tokens that expire; and an MCP server that accepts them. Both record every byte that
they receive."""

import io
import json
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from authlib.oauth2.rfc6749 import InvalidScopeError
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from joserfc import jwt
from joserfc.jwk import KeySet

import issuing
from canary_server import Protocol
from replying import reply

METHODS = ["client_secret_basic", "client_secret_post", "private_key_jwt"]


class Tee(io.RawIOBase):
    """Records everything that is read of a stream."""

    def __init__(self, stream, keep):
        self.stream, self.keep = stream, keep

    def readline(self, *size):
        return self._kept(self.stream.readline(*size))

    def read(self, *size):
        return self._kept(self.stream.read(*size))

    def _kept(self, data):
        self.keep(data)
        return data

    def close(self):
        self.stream.close()


class Recording:
    """An HTTP server on a free port; `heard` is everything that it received."""

    def __init__(self):
        self.heard = bytearray()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                self.rfile = Tee(self.rfile, owner.heard.extend)

            def do_GET(self):
                owner.answer(self, b"")

            def do_DELETE(self):
                owner.answer(self, b"")

            def do_POST(self):
                owner.answer(self, self.rfile.read(int(self.headers.get("Content-Length", 0))))

            def say(self, status: int, body: bytes | dict = b"", **headers: str):
                reply(self, status, body, **headers)

            def log_message(self, *_):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.port = self.http.server_port
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.http.shutdown()
        self.http.server_close()

    def answer(self, handler, body: bytes) -> None:
        raise NotImplementedError


class Client(issuing.Client):
    def __init__(self, name: str, secret: str, method: str, key=None):
        super().__init__(name, secret)
        self.method, self.key = method, key

    def check_endpoint_auth_method(self, method, endpoint):
        return method == self.method


class Credentials(issuing.Credentials):
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS


class Assertion(JWTBearerClientAssertion):
    CLIENT_AUTH_METHOD = "private_key_jwt"

    def __init__(self, authority):
        super().__init__()
        self.authority = authority

    def get_audiences(self):
        return [self.authority.name]

    def validate_jti(self, claims, jti):
        self.authority.assertions.append(dict(claims))
        return jti not in self.authority.used and not self.authority.used.add(jti)

    def resolve_client_public_key(self, client):
        return client.key


class Request(issuing.FormRequest):
    pass


class Authority(issuing.AuthorizationServer, Recording):
    """`client` may request every scope except those of `forbidden`. `documents` replaces the response at a path: a
    status and a body, or a function of neither."""

    def __init__(self, client: Client, path: str = "", life: int = 3600, algorithm: str = "ES256"):
        issuing.AuthorizationServer.__init__(self)
        Recording.__init__(self)
        self.client, self.life, self.algorithm = client, life, algorithm
        self.name = self.url + path
        self.used, self.assertions, self.forms, self.tokens = set(), [], [], []
        self.forbidden: set[str] = set()
        self.documents: dict[str, tuple[int, bytes | dict, dict]] = {}
        self.paths: list[str] = []
        self.wait = 0.0
        self.signing = issuing.make_key(algorithm, "as-1")
        self.register_grant(Credentials)
        self.register_client_auth_method("private_key_jwt", Assertion(self))
        self.register_token_generator("default", Generator(self))

    @property
    def metadata(self) -> dict:
        return {"issuer": self.name, "token_endpoint": self.url + "/token", "jwks_uri": self.url + "/jwks",
                "grant_types_supported": ["client_credentials"], "token_endpoint_auth_methods_supported": METHODS,
                "token_endpoint_auth_signing_alg_values_supported": ["RS256", "ES256", "EdDSA"]}

    def answer(self, handler, body: bytes) -> None:
        path = handler.path.split("?")[0]
        self.paths.append(path)
        time.sleep(self.wait)
        if path in self.documents:
            status, document, headers = self.documents[path]
            return handler.say(status, document, **headers)
        if path == "/token":
            form = dict(urllib.parse.parse_qsl(body.decode()))
            self.forms.append(form)
            request = Request("POST", self.url + path, headers=dict(handler.headers.items()))
            request.payload, request.given = issuing.BasicOAuth2Payload(form), form
            status, answer = self.create_token_response(request)
            if status == 200:
                self.tokens.append(answer["access_token"])
            return handler.say(status, answer)
        if path == "/jwks":
            return handler.say(200, {"keys": [self.signing.as_dict(private=False)]})
        inserted = urllib.parse.urlparse(self.name).path
        if path == "/.well-known/oauth-authorization-server" + inserted:
            return handler.say(200, self.metadata)
        handler.say(404)

    # The methods that authlib requires.

    def query_client(self, client_id):
        return self.client if client_id == self.client.name else None

    def save_token(self, token, request):
        pass

    def send_signal(self, name, *args, **kwargs):
        pass

    def validate_requested_scope(self, scope):
        if self.forbidden & set((scope or "").split()):
            raise InvalidScopeError()

    def create_oauth2_request(self, request):
        return request

    def handle_response(self, status, body, headers):
        return status, body


class Generator(issuing.JWTBearerTokenGenerator):
    def __init__(self, authority: Authority):
        super().__init__(authority.name, authority.algorithm)
        self.authority = authority

    def get_jwks(self):
        return KeySet([self.authority.signing])

    def get_audiences(self, client, user, scope):
        return self.authority.forms[-1].get("resource", "nobody")

    def _get_expires_in(self, client, grant_type):
        return self.authority.life


class Protected(Recording):
    """An MCP server at `/mcp` that accepts tokens of `authority`, or exactly `secret` and `others`; if both are None, it
    accepts every request. Calls of `deep` need the scope `deep`, those of `deeper` both `deep` and `deeper`. `protocol` makes
    the responses."""

    def __init__(self, protocol: Protocol, authority: Authority | None = None, secret: str | None = None):
        super().__init__()
        self.protocol, self.authority, self.secret = protocol, authority, secret
        self.others: set[str] = set()
        self.issuer = authority.name if authority else None
        self.hint: str | None = None
        self.revoked: set[str] = set()
        self.refusals = 0
        self.has_metadata = True
        self.needs = {"deep": ["deep"], "deeper": ["deep", "deeper"]}

    def answer(self, handler, body: bytes) -> None:
        if handler.path.startswith("/.well-known/oauth-protected-resource"):
            known = handler.path in ("/.well-known/oauth-protected-resource/mcp", "/.well-known/other")
            if not known or not self.has_metadata or self.issuer is None:
                return handler.say(404)
            return handler.say(200, {"resource": f"{self.url}/mcp", "authorization_servers": [self.issuer]})
        message = json.loads(body) if body else {}
        refused = self.refusal(handler, message)
        if refused is not None:
            self.refusals += 1
            status, challenge = refused
            return handler.say(status, WWW_Authenticate=challenge)
        if handler.command != "POST":
            return handler.say(405 if handler.command == "GET" else 200)
        self.protocol.over_http(handler, message)

    def refusal(self, handler, message: dict) -> tuple[int, str] | None:
        given = handler.headers.get("Authorization", "")
        metadata = f', resource_metadata="{self.hint}"' if self.hint else ""
        if self.secret is not None:
            return None if given in {self.secret, *self.others} else (401, f'Bearer error="invalid_token"{metadata}')
        if self.authority is None:
            return None
        token = given.removeprefix("Bearer ")
        if token in self.revoked or token not in self.authority.tokens:
            return 401, f'Bearer error="invalid_token"{metadata}'
        claims = jwt.decode(token, self.authority.signing, algorithms=[self.authority.algorithm]).claims
        if claims["aud"] != f"{self.url}/mcp":
            return 401, 'Bearer error="invalid_token"'
        tool = message.get("params", {}).get("name") if message.get("method") == "tools/call" else None
        needed = self.needs.get(tool, [])
        if tool == "endless":
            return 403, f'Bearer error="insufficient_scope", scope="more{self.refusals}"'
        held = set(claims.get("scope", "").split())
        missing = [one for one in needed if one not in held]
        if missing:
            return 403, f'Bearer error="insufficient_scope", scope="{missing[0]}"'
        return None
