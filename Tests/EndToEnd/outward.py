"""A gateway with one protected server, for which an agent has a credential."""

import json
import time
from contextlib import ExitStack
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from joserfc.jwk import ECKey, OKPKey, RSAKey

import wire
from authority import Authority, Client, Protected
from canary_server import TOOLS, Protocol
from faulty import policy

SECRET = "s3cret-of-the-client-9c41"
VALUE = "Bearer static-value-77aa"


def make_pem(kind: str) -> tuple[bytes, object]:
    """A private key in PEM, and its public half for the authority."""
    key = {"EdDSA": ed25519.Ed25519PrivateKey.generate, "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
           "RS256": lambda: rsa.generate_private_key(65537, 2048)}[kind]()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                            serialization.NoEncryption())
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return pem, {"EdDSA": OKPKey, "ES256": ECKey, "RS256": RSAKey}[kind].import_key(public)


class Outward:
    """A gateway with one protected server, whose agent `tester` has a credential named `up`."""

    def __init__(self, organisation, stack: ExitStack, era: str = "legacy", authority: Authority | None = None,
                 secret: str | None = None, server: Protected | None = None):
        self.authority = authority
        self.server = server or stack.enter_context(Protected(Protocol(era), authority, secret))
        files = policy("up", f'{{http: "{self.server.url}/mcp"}}', TOOLS)
        path = "servers/up.yaml"
        files[path] += "    credentials: {tester: {header: Authorization, secret: up}}\n"
        self.made = organisation(extra=files, servers=(), start=False)
        self.gateway = self.made.gateway
        self.secrets = self.gateway.folder / "secrets"

    def keep(self, name: str, value: bytes, mode: int = 0o600) -> Path:
        self.secrets.mkdir(mode=0o700, exist_ok=True)
        path = self.secrets / name
        path.write_bytes(value)
        path.chmod(mode)
        return path

    def client(self, method: str, secret: str = "client-key", scopes: str = "[]", issuer: str | None = None,
               private: str | None = None) -> None:
        origins = [self.server.url, self.authority.url] if private is None else [private] if private else []
        self.gateway.configure("secrets", oauth=(
            f'{{up: {{issuer: "{issuer or self.authority.name}", client: {self.authority.client.name}, '
            f"method: {method}, secret: {secret}, scopes: {scopes}}}}}"))
        self.gateway.configure("authorization", private_origins="[" + ", ".join(f'"{one}"' for one in origins) + "]")

    def start(self, wait: bool = True, **options) -> "Outward":
        self.gateway.start(**options)
        if wait:
            self.gateway.wait_for_tools("tester", "up")
        self.session = self.made.session("tester")
        return self

    def call(self, tool: str = "echo", **arguments) -> dict:
        answer = self.session.call(f"up__{tool}", **arguments)
        return answer.message["result"]

    def check_refused(self, *words: str) -> dict:
        """Requires that the call was not sent, and that its result contains these words."""
        result = self.call()
        said = wire.decision(result)
        assert (said["code"], said["outcome"]) == (5020, "not_executed"), result
        text = json.dumps(result)
        for word in words:
            assert word in text, text
        return result

    def check_nowhere(self, *values: str) -> None:
        """Requires that none of the values is in the gateway's log, its state or a record."""
        deadline = time.monotonic() + 5
        while True:
            records = json.dumps(self.gateway.records(200))
            if "call." in records or time.monotonic() > deadline:
                break
        files = [path.read_bytes() for path in (self.gateway.folder / "state").rglob("*") if path.is_file()]
        for value in values:
            assert value not in self.gateway.log.read_text()
            assert value not in records
            assert not [one for one in files if value.encode() in one]


def outward(organisation, stack, method: str = "client_secret_post", kind: str = "ES256", era: str = "legacy",
            life: int = 3600, path: str = "", scopes: str = "[]") -> Outward:
    pem, public = make_pem(kind)
    client = Client("gw", SECRET, method, public)
    authority = stack.enter_context(Authority(client, path, life))
    made = Outward(organisation, stack, era, authority)
    made.keep("client-key", pem if method == "private_key_jwt" else SECRET.encode())
    made.client(method, scopes=scopes)
    made.pem = pem.decode()
    return made


def wait_for_log(up: Outward, word: str, seconds: float = 15) -> None:
    """Waits until the gateway reports why its own session cannot list."""
    deadline = time.monotonic() + seconds
    while word not in up.gateway.stderr():
        assert time.monotonic() < deadline, up.gateway.stderr()[-2000:]
        time.sleep(0.1)
