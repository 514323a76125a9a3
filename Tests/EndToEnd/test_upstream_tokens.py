"""OAuth client credentials toward servers: getting a token, renewing it, and requesting one with more scopes."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

import certificates
import wire
from authority import Authority, Client
from outward import SECRET, Outward, make_pem, outward, wait_for_log


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
    # A server that accepts no token at all is tried twice and then left alone.
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
    up.gateway.process.send_signal(1)  # an operator has checked it
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
    """The authorization server is reached by https, with a certificate that the system does not trust."""
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
