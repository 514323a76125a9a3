"""The properties of an authorization server that are required before it gets a credential (docs/specs/mcp.md, section
9)."""

import re
import socket
import time

import pytest
from conftest import missing
from outward import SECRET, outward, wait_for_log


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
    up.check_refused("another authorization server")  # a reload by itself does not lift it
    up.gateway.process.send_signal(1)  # SIGHUP: an operator has checked it
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


@pytest.mark.requirement("R081")
def test_a_server_that_leads_to_the_metadata_address(organisation, stack):
    up = outward(organisation, stack).start()
    for hint, word in (("http://169.254.169.254/latest/meta-data", "not https"),
                       ("https://169.254.169.254/latest/meta-data", "private, loopback or link-local")):
        up.server.hint = hint
        up.server.revoked.update(up.authority.tokens)
        up.check_refused(word)
        assert "isError" not in up.call(), "what it said counts once"


@pytest.mark.requirement("R081")
def test_a_name_that_leads_to_a_private_address(organisation, stack):
    """The system looks up the name, like every name: the resulting address counts."""
    name = socket.gethostname()
    try:
        found = {one[4][0] for one in socket.getaddrinfo(name, 443)}
    except OSError:
        found = set()
    if not any(re.match(r"(127|10|192\.168|172\.(1[6-9]|2\d|3[01])|169\.254)\.|::1|f[cd]|fe80", one) for one in found):
        missing(f"`{name}` has no private address: {found}")
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


@pytest.mark.parametrize("entry,word", [
    ("grant: device_code", "`device_code` is not one of them"), ("method: tls_client_auth", "`method`"),
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
    assert done.returncode == 65 and "`up` is in both" in done.stderr, done.stderr
