"""Authentication: tokens, their audience, their expiry, their agent."""

import base64
import json
import time
from datetime import date, timedelta
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import wire
from statements import unurl, url

# The organisation of this file has no servers of PyPI, and none of the SDK.
PLAIN = True
PING = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
    "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}}


def encoded(value: bytes | dict) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()
    return url(data)


def token_key(acme, token: str) -> Ed25519PrivateKey:
    """The deployment's own token key, found by trying: a forger's best case."""
    head, claims, signature = token.split(".")
    for path in (acme.gateway.folder / "state" / "keys").rglob("*"):
        for seed in seeds(path):
            key = Ed25519PrivateKey.from_private_bytes(seed)
            try:
                key.public_key().verify(unurl(signature), f"{head}.{claims}".encode())
                return key
            except InvalidSignature:
                continue
    raise AssertionError("no file of state/keys signs tokens")


def seeds(path: Path) -> list[bytes]:
    if not path.is_file():
        return []
    data = path.read_bytes()
    found = [data] if len(data) == 32 else []
    for decode in (bytes.fromhex, lambda text: base64.b64decode(text, validate=True)):
        try:
            value = decode(data.decode().strip())
            found += [value] if len(value) == 32 else []
        except ValueError:
            pass
    return found


def altered(acme, claims: dict = {}, head: dict = {}, key: Ed25519PrivateKey | None = None) -> str:
    """A token of support-triage with other claims, validly signed unless another key is given."""
    token = acme.token("support-triage")
    key = key or token_key(acme, token)
    parts = [json.loads(unurl(part)) for part in token.split(".")[:2]]
    text = ".".join(encoded({**part, **change}) for part, change in zip(parts, (head, claims)))
    return f"{text}.{encoded(key.sign(text.encode()))}"


def knock(acme, token: str | None, path: str = "/mcp") -> wire.Answer:
    headers = {"Accept": wire.ACCEPT, "Content-Type": "application/json"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    return wire.exchange(acme.gateway.port, path=path, headers=headers, body=json.dumps(PING).encode())


def refused(answer: wire.Answer) -> None:
    assert answer.status == 401
    challenge = answer.headers["www-authenticate"]
    assert challenge.startswith("Bearer") and "resource_metadata=" in challenge
    assert "mcp-session-id" not in answer.headers


def test_a_forged_token_with_nothing_changed_is_taken(acme):
    """The control: other tests fail because of their own change, not because of a bad forgery."""
    assert knock(acme, altered(acme)).status == 200


@pytest.mark.requirement("R012")
def test_no_token(acme):
    refused(knock(acme, None))


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "....", "é", "A" * 10_000])
def test_what_is_no_token(acme, token):
    answer = knock(acme, token.encode().decode("latin-1"))
    assert answer.status in (400, 401, 431)


@pytest.mark.requirement("R019")
def test_a_token_for_another_audience(acme):
    refused(knock(acme, altered(acme, {"aud": "http://127.0.0.1:9/mcp"})))


def test_an_expired_token(acme):
    now = int(time.time())
    refused(knock(acme, altered(acme, {"iat": now - 7200, "nbf": now - 7200, "exp": now - 60})))


def test_a_token_that_is_not_valid_yet(acme):
    refused(knock(acme, altered(acme, {"nbf": int(time.time()) + 3600})))


@pytest.mark.requirement("R012")
def test_a_token_of_an_agent_that_does_not_exist(acme):
    refused(knock(acme, altered(acme, {"sub": "nobody"})))


def test_a_token_signed_by_somebody_else(acme):
    refused(knock(acme, altered(acme, key=Ed25519PrivateKey.generate())))


def test_a_token_that_names_another_algorithm(acme):
    refused(knock(acme, altered(acme, head={"alg": "none"})))
    head, claims, _ = altered(acme, head={"alg": "none"}).split(".")
    refused(knock(acme, f"{head}.{claims}."))


def test_one_flipped_bit_of_the_claims(acme, chance):
    token = acme.token("support-triage")
    head, claims, signature = token.split(".")
    data = bytearray(unurl(claims))
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(7)
    refused(knock(acme, f"{head}.{encoded(bytes(data))}.{signature}"))


def test_an_agent_s_token_is_nothing_on_the_people_plane(acme):
    headers = {"Authorization": f"Bearer {acme.token('refunds')}", "Content-Type": "application/json"}
    for method, path in (("GET", "/api/v1/approvals"), ("GET", "/api/v1/agents"), ("POST", "/api/v1/halts"), ("POST", "/mcp")):
        answer = wire.exchange(acme.gateway.people_port, method, path, headers, b"{}" if method == "POST" else b"")
        assert answer.status == 403 and b"tokens of agents are not accepted" in answer.body, (path, answer)


def test_the_protected_resource_is_described(acme):
    for path in ("/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"):
        answer = wire.exchange(acme.gateway.port, "GET", path)
        assert answer.status == 200
        assert json.loads(answer.body)["bearer_methods_supported"] == ["header"]


def test_a_token_for_no_agent_is_not_made(acme):
    done = acme.gateway.run("agents", "token", "nobody", check=False)
    assert done.returncode == 66 and not done.stdout.strip()


@pytest.mark.requirement("R019")
def test_a_token_ends(acme):
    token = altered(acme, {"exp": int(time.time()) + 2})
    assert knock(acme, token).status == 200
    deadline = time.monotonic() + 15
    while knock(acme, token).status == 200:
        assert time.monotonic() < deadline, "the token outlives its end by more than the leeway"
        time.sleep(0.5)
    refused(knock(acme, token))


def test_an_agent_overdue_for_review_is_refused(organisation):
    made = organisation(wait=())
    token = made.token("support-triage")
    assert knock(made, token).status == 200
    made.gateway.stop()
    path = made.gateway.policy / "agents" / "support-triage.yaml"
    due = (date.today() + timedelta(days=60)).isoformat()
    text = path.read_text()
    assert due in text
    path.write_text(text.replace(due, (date.today() - timedelta(days=20)).isoformat()))
    made.gateway.start()
    answer = knock(made, token)
    assert answer.status == 401, answer
    assert made.gateway.run("agents", "token", "support-triage", check=False).returncode == 77
    assert knock(made, made.token("refunds")).status == 200
    made.gateway.stop()
