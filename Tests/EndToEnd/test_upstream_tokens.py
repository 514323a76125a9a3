"""OAuth client credentials toward servers, and secrets from each source: what a server sees, what nobody may see."""

import json
import re
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from joserfc.jwk import ECKey, OKPKey, RSAKey

import certificates
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
    """A gateway before one protected server, whose agent `tester` has a credential named `up`."""

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
        """The call did not leave, and says why."""
        result = self.call()
        said = wire.decision(result)
        assert (said["code"], said["outcome"]) == (5020, "not_executed"), result
        text = json.dumps(result)
        for word in words:
            assert word in text, text
        return result

    def check_nowhere(self, *values: str) -> None:
        """None of them is in the gateway's log, its state or a record."""
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


@pytest.fixture
def stack():
    with ExitStack() as stack:
        yield stack


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


# Tokens.

@pytest.mark.parametrize("method,kind,era", [
    ("client_secret_basic", "ES256", "legacy"), ("client_secret_post", "ES256", "modern"),
    ("private_key_jwt", "EdDSA", "legacy"), ("private_key_jwt", "ES256", "modern"),
    ("private_key_jwt", "RS256", "legacy")])
def test_each_way_of_proving_oneself(organisation, stack, method, kind, era):
    up = outward(organisation, stack, method, kind, era).start()
    assert up.call(text="hello")["content"][0]["text"] == '{"text": "hello"}'
    authority = up.authority
    assert {form["resource"] for form in authority.forms} == {f"{up.server.url}/mcp"}
    assert len(authority.forms) == 1, "one token is enough for listing and calling"
    if method == "private_key_jwt":
        (claims,) = authority.assertions
        assert claims["aud"] == authority.name and claims["iss"] == claims["sub"] == "gw"
        assert 0 < claims["exp"] - claims["iat"] <= 300
    heard = bytes(authority.heard)
    assert (SECRET.encode() in heard) == (method == "client_secret_post")
    own = up.session.headers["Authorization"].removeprefix("Bearer ")
    for other in (heard, bytes(up.server.heard)):
        assert own.encode() not in other, "the caller's token is never passed on"
    up.check_nowhere(SECRET, authority.tokens[0], up.pem.splitlines()[1])


def test_the_issuer_is_found_at_each_known_place_in_order(organisation, stack):
    up = outward(organisation, stack, path="/tenant")
    known = "/.well-known/oauth-authorization-server/tenant"
    up.authority.documents[known] = (404, b"", {})
    up.authority.documents["/.well-known/openid-configuration/tenant"] = (404, b"", {})
    up.authority.documents["/tenant/.well-known/openid-configuration"] = (200, up.authority.metadata, {})
    up.start()
    assert "isError" not in up.call()
    asked = [path for path in up.authority.paths if path != "/token"]
    assert asked[:3] == [known, "/.well-known/openid-configuration/tenant", "/tenant/.well-known/openid-configuration"]


def test_a_token_is_got_again_before_its_end_and_once_for_all(organisation, stack):
    up = outward(organisation, stack, life=3)
    up.start()
    up.authority.wait = 0.3
    time.sleep(3)
    before = len(up.authority.tokens)
    sessions = [up.made.session("tester") for _ in range(3)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: sessions[number % 3].call("up__echo", n=number), range(8)))
    assert all("isError" not in one.message["result"] for one in answers)
    assert len(up.authority.tokens) - before <= 2, "eight calls asked at once, and the gateway's own look"


def test_a_token_that_is_turned_away_is_got_again_once(organisation, stack):
    up = outward(organisation, stack).start()
    up.call()
    up.server.revoked.update(up.authority.tokens)
    assert "isError" not in up.call(text="again")
    assert len(up.authority.tokens) == 2
    # A server that takes no token at all is asked twice and then left alone.
    up.server.authority.tokens.clear()
    number = len(up.authority.forms)
    up.server.secret = "nobody has this"
    refusals = up.server.refusals
    said = wire.decision(up.call())
    assert (said["code"], said["outcome"]) == (5020, "not_executed")
    assert len(up.authority.forms) == number + 1 and up.server.refusals == refusals + 2


def test_a_server_that_takes_no_token_costs_two_requests_and_not_two_a_call(organisation, stack):
    up = outward(organisation, stack).start()
    up.call()
    up.server.secret = "nobody has this"
    number = len(up.authority.forms)
    up.call()
    refusals = up.server.refusals
    for _ in range(10):
        up.check_refused("turned away even a fresh token")
    sessions = [up.made.session("tester") for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda one: one.call("up__echo").message["result"], sessions))
    assert all("isError" in one for one in answers)
    assert len(up.authority.forms) == number + 1 and up.server.refusals == refusals
    up.server.secret = None
    up.gateway.process.send_signal(1)  # an operator has looked
    deadline = time.monotonic() + 10
    while "isError" in up.call():
        assert time.monotonic() < deadline
        time.sleep(0.2)


class SecureAuthority(Authority):
    """The same over TLS."""

    def __init__(self, client: Client, tls):
        super().__init__(client)
        self.http.socket = tls.wrap_socket(self.http.socket, server_side=True)
        self.url = self.name = f"https://127.0.0.1:{self.port}"


def over_tls(organisation, stack, tmp_path, method: str = "client_secret_post") -> tuple[Outward, certificates.Authority]:
    """The authorization server is reached by https, with a certificate that no system knows."""
    root = certificates.Authority()
    pem, public = make_pem("ES256")
    authority = stack.enter_context(
        SecureAuthority(Client("gw", SECRET, method, public), certificates.serving(root, tmp_path)))
    up = Outward(organisation, stack, "legacy", authority)
    up.keep("client-key", pem if method == "private_key_jwt" else SECRET.encode())
    up.client(method)
    (up.gateway.folder / "idp-ca.pem").write_bytes(root.certificate.public_bytes(certificates.PEM))
    return up, root


@pytest.mark.parametrize("method", ["client_secret_post", "private_key_jwt"])
def test_an_authorization_server_by_https_under_a_root_of_ones_own(organisation, stack, tmp_path, method):
    up, _ = over_tls(organisation, stack, tmp_path, method)
    up.gateway.configure("authorization", ca="idp-ca.pem")
    up.start()
    assert "isError" not in up.call() and len(up.authority.forms) == 1
    assert up.authority.name.startswith("https://")


@pytest.mark.parametrize("other", [False, True], ids=["no root", "another root"])
def test_an_authorization_server_whose_certificate_nobody_vouches_for(organisation, stack, tmp_path, other):
    up, _ = over_tls(organisation, stack, tmp_path)
    if other:
        root = certificates.Authority("another root").certificate
        (up.gateway.folder / "idp-ca.pem").write_bytes(root.public_bytes(certificates.PEM))
        up.gateway.configure("authorization", ca="idp-ca.pem")
    up.start(wait=False)
    wait_for_log(up, "metadata cannot be fetched")
    assert not up.authority.paths


@pytest.mark.parametrize("text,mode,word", [
    (None, 0, "does not exist"), (b"", 0o644, "no certificate in PEM"), (b"-----BEGIN CERTIFICATE-----\nAA==\n", 0o644, "no certificate in PEM"),
    (b"x", 0o666, "other users")])
def test_a_root_that_cannot_be_read_keeps_the_gateway_from_starting(organisation, stack, tmp_path, text, mode, word):
    up, _ = over_tls(organisation, stack, tmp_path)
    path = up.gateway.folder / "idp-ca.pem"
    path.unlink()
    if text is not None:
        path.write_bytes(text)
        path.chmod(mode)
    up.gateway.configure("authorization", ca="idp-ca.pem")
    done = up.gateway.run("serve", check=False)
    assert done.returncode == 65 and "`authorization.ca`" in done.stderr and word in done.stderr, done.stderr


def test_more_scopes_are_asked_for_as_a_union_and_twice_at_most(organisation, stack):
    up = outward(organisation, stack, scopes="[base]").start()
    assert "isError" not in up.call("deeper")
    assert [form["scope"] for form in up.authority.forms] == ["base", "base deep", "base deep deeper"]
    refusals, asked = up.server.refusals, len(up.authority.forms)
    said = wire.decision(up.call("endless"))
    assert (said["code"], said["outcome"]) == (5020, "not_executed")
    assert up.server.refusals == refusals + 3 and len(up.authority.forms) == asked + 2


def test_scopes_that_the_issuer_does_not_give(organisation, stack):
    up = outward(organisation, stack)
    up.authority.forbidden = {"deep"}
    up.start()
    said = wire.decision(up.call("deep"))
    assert (said["code"], said["outcome"]) == (5020, "not_executed")


# What is refused (specs of MCP, section 9).

def test_another_issuer_blocks_the_server_and_raises_an_alarm(organisation, stack):
    up = outward(organisation, stack, life=3).start()
    up.call()
    up.server.issuer = "https://other.example"
    asked = len(up.authority.forms)
    time.sleep(3)
    up.check_refused("another authorization server")
    up.server.issuer = up.authority.name
    up.check_refused("another authorization server")
    assert len(up.authority.forms) == asked
    alarms = [one for one in up.gateway.records(200) if one["t"] == "alarm.raised"]
    assert [(one["code"], one["subject"]) for one in alarms if one["code"].startswith("upstream")] == [
        ("upstream.issuer_changed", "up")]
    path, before = up.gateway.policy / "servers" / "up.yaml", up.gateway.stderr().count("in force")
    path.write_text(path.read_text() + "# nothing new\n")
    deadline = time.monotonic() + 10
    while up.gateway.stderr().count("in force") == before:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    up.check_refused("another authorization server")  # a reload by itself says nothing
    up.gateway.process.send_signal(1)  # an operator has looked: SIGHUP
    deadline = time.monotonic() + 10
    while "isError" in up.call():
        assert time.monotonic() < deadline
        time.sleep(0.2)


@pytest.mark.parametrize("document,word", [
    ({"issuer": "https://other.example"}, "another than asked for"), ({"token_endpoint": None}, "has no `token_endpoint`"),
    ({"grant_types_supported": ["authorization_code"]}, "client_credentials"),
    ({"token_endpoint_auth_methods_supported": ["client_secret_jwt"]}, "does not take"),
    ({"token_endpoint": "http://169.254.169.254/latest/meta-data"}, "not https"),
    ({"token_endpoint": "https://169.254.169.254/latest/meta-data"}, "private, loopback or link-local"),
    ({"token_endpoint": "https://127.0.0.1:1/token"}, "private, loopback or link-local"),
    ({"token_endpoint": "https://localhost:1/token"}, "private, loopback or link-local"),
    ({"token_endpoint": "https://[::1]:1/token"}, "private, loopback or link-local"),
    ({"token_endpoint": "https://[::ffff:a00:1]:1/token"}, "private, loopback or link-local"),
    ({"token_endpoint": "file:///etc/passwd"}, "malformed"),
    ({"token_endpoint": "https://user@idp.example/token"}, "malformed"),
], ids=str)
def test_what_an_issuer_may_not_say_of_itself(organisation, stack, document, word):
    up = outward(organisation, stack)
    made = {name: value for name, value in {**up.authority.metadata, **document}.items() if value is not None}
    up.authority.documents["/.well-known/oauth-authorization-server"] = (200, made, {})
    up.start(wait=False)
    wait_for_log(up, word)
    assert SECRET.encode() not in bytes(up.authority.heard)


@pytest.mark.parametrize("status,body,headers,word", [
    (302, b"", {"Location": "http://169.254.169.254/latest/meta-data"}, "redirect"),
    (200, b"{" + b" " * (10 << 20) + b"}", {}, "above 1048576 bytes"), (200, b"[]", {}, "no JSON object"),
    (200, b"", {}, "no JSON object"), (200, b'{"issuer": 1}', {}, "malformed"), (500, b"", {}, "status 500")])
def test_metadata_that_does_not_count(organisation, stack, status, body, headers, word):
    up = outward(organisation, stack)
    up.authority.documents["/.well-known/oauth-authorization-server"] = (status, body, headers)
    up.start(wait=False)
    wait_for_log(up, word)


@pytest.mark.parametrize("answer,word", [
    ({"access_token": "a b", "token_type": "Bearer"}, "`access_token` is malformed"), ({"token_type": "Bearer"}, "no `access_token`"),
    ({"access_token": "x", "token_type": "DPoP"}, "token type"), ({"access_token": "x"}, "no `token_type`"),
    ({"access_token": "x", "token_type": "Bearer", "expires_in": 0}, "`expires_in` is malformed"),
    ({"access_token": "x", "token_type": "Bearer", "expires_in": "never"}, "`expires_in` is malformed"), (b"", "no JSON object")], ids=str)
def test_answers_that_are_no_token(organisation, stack, answer, word):
    up = outward(organisation, stack)
    up.authority.documents["/token"] = (200, answer, {})
    up.start(wait=False)
    wait_for_log(up, word)


def test_a_server_that_leads_to_the_metadata_address(organisation, stack):
    up = outward(organisation, stack).start()
    for hint, word in (("http://169.254.169.254/latest/meta-data", "not https"),
                       ("https://169.254.169.254/latest/meta-data", "private, loopback or link-local")):
        up.server.hint = hint
        up.server.revoked.update(up.authority.tokens)
        up.check_refused(word)
        assert "isError" not in up.call(), "what it said counts once"


def test_a_name_that_leads_to_a_private_address(organisation, stack):
    """Looked up by the system, as every name: what counts is the address that would be connected to."""
    name = socket.gethostname()
    try:
        found = {one[4][0] for one in socket.getaddrinfo(name, 443)}
    except OSError:
        found = set()
    if not any(re.match(r"(127|10|192\.168|172\.(1[6-9]|2\d|3[01])|169\.254)\.|::1|f[cd]|fe80", one) for one in found):
        pytest.skip(f"`{name}` has no private address: {found}")
    up = outward(organisation, stack)
    made = {**up.authority.metadata, "token_endpoint": f"https://{name}:9/token"}
    up.authority.documents["/.well-known/oauth-authorization-server"] = (200, made, {})
    up.start(wait=False)
    wait_for_log(up, "private, loopback or link-local")


def test_an_origin_that_nobody_named_is_not_asked(organisation, stack):
    up = outward(organisation, stack)
    up.client("client_secret_post", private="")
    up.start(wait=False)
    wait_for_log(up, "not https")
    assert not up.authority.paths


def wait_for_log(up: Outward, word: str, seconds: float = 15) -> None:
    """The gateway's own session says why it cannot list."""
    deadline = time.monotonic() + seconds
    while word not in up.gateway.stderr():
        assert time.monotonic() < deadline, up.gateway.stderr()[-2000:]
        time.sleep(0.1)


@pytest.mark.parametrize("entry,word", [
    ("grant: device_code", "`device_code` is none"), ("method: tls_client_auth", "`method`"),
    ("flavour: x", "`flavour`"), ('issuer: "http://idp.example"', "clients whose `issuer` begins with https://"),
    ("secret: ../x", "name of a secret"), ("method: client_secret_post, kid: k1", "`kid` only where")])
def test_what_serve_refuses_by_name(organisation, stack, entry, word):
    up = outward(organisation, stack)
    fields = {"issuer": '"https://idp.example"', "client": "gw", "secret": "client-key"}
    name, value = entry.split(": ", 1)
    text = ", ".join(f"{key}: {said}" for key, said in {**fields, name: value}.items())
    up.gateway.configure("secrets", oauth=f"{{up: {{{text}}}}}")
    done = up.gateway.run("serve", check=False)
    assert done.returncode == 65 and word in done.stderr and "interlock.yaml:" in done.stderr, done.stderr


def test_a_name_of_two_sources_in_the_configuration(organisation, stack):
    up = outward(organisation, stack)
    up.gateway.configure(
        "secrets", oauth="{up: {issuer: \"https://idp.example\", client: gw, secret: client-key}}",
        commands='{up: ["/bin/true"]}')
    done = up.gateway.run("serve", check=False)
    assert done.returncode == 65 and "`up` stands in both" in done.stderr, done.stderr


# Secrets.

def with_secret(organisation, stack) -> Outward:
    return Outward(organisation, stack, secret=VALUE)


def script(folder: Path, text: str) -> Path:
    path = folder / "secret-command"
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)
    return path


def commanded(up: Outward, tmp_path: Path, text: str, **settings: str) -> None:
    tmp_path.chmod(0o755)
    up.gateway.configure("secrets", commands=f'{{up: ["{script(tmp_path, text)}", "an argument; touch /tmp/x"]}}', **settings)


@pytest.mark.parametrize("source", ["file", "environment", "credentials", "command"])
def test_each_source(organisation, stack, source, tmp_path):
    up, environment = with_secret(organisation, stack), {}
    if source == "file":
        up.keep("up", VALUE.encode() + b"\n")
    elif source == "environment":
        environment["INTERLOCK_SECRET_UP"] = VALUE
    elif source == "credentials":
        folder = tmp_path / "credentials"
        folder.mkdir()
        (folder / "up").write_text(VALUE)
        (folder / "up").chmod(0o440)  # as systemd's access list shows
        folder.chmod(0o550)
        environment["CREDENTIALS_DIRECTORY"] = str(folder)
    else:
        commanded(up, tmp_path, f"echo hidden-on-stderr >&2; test $# = 1 && echo '{VALUE}'\n")
    up.start(environment=environment)
    assert "isError" not in up.call()
    up.check_nowhere(VALUE, VALUE.split()[1], "hidden-on-stderr")


@pytest.mark.parametrize("value,mode,word", [
    (None, 0, "in none of the sources"), (b"", 0o600, "it is empty"), (b"\n", 0o600, "one line"), (b"a\nb\n", 0o600, "one line"),
    (b"x" * 20_000, 0o600, "larger than 16384 bytes"), (b"\xff\xfe", 0o600, "not UTF-8"),
    (VALUE.encode(), 0o440, "read or changed by other users"), (VALUE.encode(), 0o604, "read or changed by other users")])
def test_a_secret_that_cannot_be_had_keeps_the_call_here(organisation, stack, value, mode, word):
    up = with_secret(organisation, stack)
    up.keep("up", VALUE.encode())
    up.start()
    before = len(up.server.heard)
    if value is None:
        (up.secrets / "up").unlink()
    else:
        up.keep("up", value, mode)
    forget(up)
    result = up.check_refused("secret `up`")
    assert word in json.dumps(result)
    assert b"tools/call" not in bytes(up.server.heard)[before:]
    up.keep("up", VALUE.encode())
    assert "isError" not in up.call(), "it is looked for again by the next call"


def forget(up: Outward) -> None:
    """SIGHUP: secrets are read again."""
    reloads = up.gateway.stderr().count("reload")
    up.gateway.process.send_signal(1)
    time.sleep(1.5)
    assert up.gateway.process.poll() is None, reloads


@pytest.mark.parametrize("text,word", [
    ("sleep 30\n", "in time"), ("exit 3\n", "ended with 3"), ("true\n", "it is empty"), ("head -c 100000 /dev/zero | tr '\\0' x\n", "too large"),
    (f"echo '{VALUE}'; exit 1\n", "ended with 1"), ("echo one; echo two\n", "one line")])
def test_a_command_that_gives_no_secret(organisation, stack, tmp_path, text, word):
    up = with_secret(organisation, stack)
    commanded(up, tmp_path, "echo secret-looking-stderr >&2\n" + text, command_time="1s")
    up.start(wait=False)
    wait_for_log(up, word)
    assert "secret-looking-stderr" not in up.gateway.stderr() and VALUE not in up.gateway.stderr()
    assert b"tools/list" not in bytes(up.server.heard)


def test_a_command_sees_no_state(organisation, stack, tmp_path):
    up = with_secret(organisation, stack)
    commanded(up, tmp_path, f"ls '{up.gateway.folder}/state' | wc -l | sed 's/^/files /'; env | grep -c SECRET\n")
    up.start(wait=False, environment={"INTERLOCK_SECRET_OTHER": "x"})
    wait_for_log(up, "ended with 1")  # grep found nothing


def test_a_rotated_secret_is_taken_when_the_old_one_is_turned_away(organisation, stack):
    up = with_secret(organisation, stack)
    up.keep("up", VALUE.encode())
    up.start()
    assert "isError" not in up.call()
    up.server.secret = VALUE + "-new"
    up.keep("up", (VALUE + "-new").encode())
    assert "isError" not in up.call()


def test_credentials_of_a_stdio_server_are_refused_by_name(organisation, stack, binary):
    up = with_secret(organisation, stack)
    path = up.gateway.policy / "servers" / "up.yaml"
    path.write_text(re.sub(r"connect: .*", 'connect: {stdio: ["/bin/true"]}', path.read_text()))
    done = subprocess.run([str(binary), "serve", "--dir", str(up.gateway.folder)], capture_output=True, text=True, timeout=60)
    assert done.returncode != 0 and "credentials: not enforced" in done.stderr, done.stderr
