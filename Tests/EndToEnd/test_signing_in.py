"""Authorization codes toward servers: `interlock servers authorize` with a browser, the gateway's use of the result,
and every way in which an answer, an issuer or a server can be wrong."""

import json
import signal
import time
import urllib.parse

import pytest

import wire
from canary_server import Protocol
from consenting import SECRET, Consent, Scoped, SigningIn, sign_in, visit
from outward import Outward, make_pem, wait_for_log


def outward(organisation, stack, client: str = "client: gw", method: str = "none", life: int = 3600) -> Outward:
    """A gateway in front of a server whose issuer requires a person to sign in; no person has done so yet."""
    authority = stack.enter_context(Consent(method, life))
    server = stack.enter_context(Scoped(Protocol("legacy"), authority))
    up = Outward(organisation, stack, authority=authority, server=server)
    up.gateway.configure("authorization", private_origins=f'["{server.url}", "{authority.url}"]')
    entry = f'issuer: "{authority.name}", grant: authorization_code, method: {method}, {client}'
    if method != "none" and "register" not in client:
        entry += ", secret: client-key"
        up.keep("client-key", make_pem("ES256")[0] if method == "private_key_jwt" else SECRET.encode())
    up.gateway.configure("secrets", oauth=f"{{up: {{{entry}}}}}")
    return up


def start(up: Outward) -> Outward:
    return up.start(wait=False)


def signed(up: Outward, *words: str) -> dict:
    done = sign_in(up.gateway, *words)
    assert done.returncode == 0, done.stdout + done.stderr
    up.gateway.wait_for_tools("tester", "up")
    return json.loads(done.stdout.splitlines()[-1])


def check_not(done, *words: str, code: int = 1) -> None:
    assert done.returncode == code, done.stdout + done.stderr
    for word in words:
        assert word in done.stderr, done.stderr


def check_unsigned(up: Outward) -> None:
    """No grant is kept, and the gateway's own connection to the server logs the remedy."""
    assert not list((up.gateway.folder / "state").glob("grants/*"))
    wait_for_log(up, "no person has signed in at this server; an operator runs `interlock servers authorize up --agent tester`")


# The ordinary case.

def test_signing_in_refreshing_and_signing_out(organisation, stack):
    """The conformance suite's token-endpoint-auth-none and iss-supported, and the steps that follow."""
    up = start(outward(organisation, stack, life=3))
    check_unsigned(up)
    said = signed(up)
    assert said["state"] == "refreshed" and said["agent"] == "tester"
    assert up.call(text="hello")["content"][0]["text"] == '{"text": "hello"}'
    asked, (form, *_) = up.authority.asked[0], up.authority.forms
    assert asked["resource"] == form["resource"] == f"{up.server.url}/mcp"
    assert asked["code_challenge_method"] == "S256" and asked["redirect_uri"].startswith("http://127.0.0.1:")
    assert form["client_id"] == "gw" and not form["proof"] and "scope" not in asked
    (path,) = (up.gateway.folder / "state" / "grants").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600 and path.parent.stat().st_mode & 0o777 == 0o700
    first = json.loads(path.read_text())["refresh"]
    time.sleep(3)
    assert "isError" not in up.call()
    assert first in [one.get("refresh_token") for one in up.authority.forms] and first not in path.read_text()
    up.gateway.kill()
    start(up)
    up.gateway.wait_for_tools("tester", "up")
    assert "isError" not in up.call(), "a restart needs nobody"
    (row,) = up.gateway.json("servers", "authorize", "--status")
    assert row["state"] == "refreshed" and row["issuer"] == up.authority.name
    kept = json.loads(path.read_text())["refresh"]
    (done,) = up.gateway.json("servers", "authorize", "up", "--forget")
    assert done["issuer"] == "revoked" and up.authority.ended == [kept]
    assert not path.exists()
    up.check_refused("no person has signed in", "interlock servers authorize up --agent tester")
    types = [one["t"] for one in up.gateway.records(200)]
    assert types.count("server.authorized") == 1 and types.count("server.forgotten") == 1
    secrets = [*up.authority.tokens, first, kept, form["code"], form["code_verifier"], asked["state"]]
    up.check_nowhere(*secrets)
    for secret in secrets:
        assert secret.encode() not in bytes(up.server.heard) or secret in up.authority.tokens


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_a_client_with_a_secret(organisation, stack, method):
    up = start(outward(organisation, stack, method=method))
    signed(up)
    assert "isError" not in up.call()
    assert bool(up.authority.forms[0]["proof"]) == (method == "client_secret_basic")
    up.check_nowhere(SECRET)


def test_a_client_by_its_document(organisation, stack):
    """The conformance suite's basic-cimd."""
    document = "https://gw.example/client.json"
    up = start(outward(organisation, stack, f'client_metadata: "{document}", register: true'))
    signed(up)
    assert up.authority.asked[0]["client_id"] == up.authority.forms[0]["client_id"] == document
    assert not up.authority.registered


def test_a_client_that_registers(organisation, stack):
    up = outward(organisation, stack, 'client_metadata: "https://gw.example/client.json", register: true')
    up.authority.said["client_id_metadata_document_supported"] = None
    signed(start(up))
    (sent,) = up.authority.registered
    assert sent["application_type"] == "native" and "refresh_token" in sent["grant_types"]
    assert up.authority.forms[0]["client_id"] == "registered-1"
    assert "isError" not in up.call()


@pytest.mark.parametrize("method", ["none", "client_secret_basic", "client_secret_post"])
def test_a_registration_that_does_not_name_its_method(organisation, stack, method):
    """As the conformance suite's issuer answers: the method that was asked for counts (RFC 7591)."""
    up = outward(organisation, stack, "register: true", method)
    up.authority.says_method = False
    signed(start(up))
    assert "isError" not in up.call()


@pytest.mark.parametrize("client,said,word", [
    ('client_metadata: "https://gw.example/c.json"', {"client_id_metadata_document_supported": None}, "by their document"),
    ("register: true", {"registration_endpoint": None}, "does not register clients"),
    ("client: gw", {"token_endpoint_auth_methods_supported": ["client_secret_basic"]}, "does not take `none`"),
    ("client: gw", {"code_challenge_methods_supported": None}, "no `code_challenge_methods_supported`"),
    ("client: gw", {"code_challenge_methods_supported": ["plain"]}, "PKCE by `S256`"),
    ("client: gw", {"issuer": "https://other.example"}, "another than asked for"),
    ("client: gw", {"authorization_endpoint": "http://idp.example/a"}, "nothing to open"),
    ("client: gw", {"authorization_endpoint": "javascript:alert(1)"}, "nothing to open"),
    ("register: true", {"registration_endpoint": "https://169.254.169.254/r"}, "private, loopback or link-local")], ids=str)
def test_issuers_to_which_nobody_is_sent(organisation, stack, client, said, word):
    up = outward(organisation, stack, client)
    up.authority.said.update(said)
    done = sign_in(start(up).gateway)
    assert done.returncode in (1, 69) and word in done.stderr, done.stderr
    assert not up.authority.asked
    check_unsigned(up)


# Scopes.

@pytest.mark.parametrize("scopes,wanted,issuer,asked", [
    (["read", "write"], None, None, "read write"), (None, None, None, None), ([], None, None, None),
    (["read"], "deep", None, "deep"), (["read"], None, ["read", "offline_access"], "read offline_access"),
    (["read", "offline_access"], None, ["read"], "read"), (None, None, ["offline_access"], None)],
    ids=["scope-from-scopes-supported", "scope-omitted-when-undefined", "none-offered", "scope-from-www-authenticate",
         "offline-access-scope", "offline-access-not-supported", "offline-access-alone"])
def test_what_people_are_asked_for(organisation, stack, scopes, wanted, issuer, asked):
    up = outward(organisation, stack)
    up.server.scopes, up.server.wanted, up.authority.said["scopes_supported"] = scopes, wanted, issuer
    signed(start(up))
    assert up.authority.asked[0].get("scope") == asked


def test_more_scopes_need_people_again(organisation, stack):
    up = start(outward(organisation, stack, "client: gw, scopes: [base]"))
    signed(up)
    result = up.call("deep")
    said = wire.decision(result)
    assert (said["code"], said["outcome"]) == (5020, "not_executed")
    assert "interlock servers authorize up --agent tester" in json.dumps(result)
    assert len(up.authority.forms) == 1 and "isError" not in up.call()
    signed(up)
    assert up.authority.asked[-1]["scope"] == "base deep"
    assert "isError" not in up.call("deep")


# Answers.

@pytest.mark.parametrize("advertised,brought,word", [
    (True, {}, None), (None, {"iss": None}, None), (True, {"iss": None}, "does not name its issuer"),
    (True, {"iss": "https://evil.example"}, "another issuer"), (None, {"iss": "https://evil.example"}, "another issuer"),
    (True, {"iss": "/"}, "another issuer")],
    ids=["supported", "not-advertised", "supported-missing", "wrong-issuer", "unexpected", "normalized"])
def test_the_issuer_in_the_answer(organisation, stack, advertised, brought, word):
    """The conformance suite's six; the last is the issuer with a trailing slash."""
    up = outward(organisation, stack)
    up.authority.said["authorization_response_iss_parameter_supported"] = advertised
    up.authority.brought = {**brought, **({"iss": up.authority.name + "/"} if brought.get("iss") == "/" else {})}
    start(up)
    if word is None:
        signed(up)
        return
    check_not(sign_in(up.gateway), word)
    assert not up.authority.forms, "the code goes nowhere"
    check_unsigned(up)
    alarms = [one["code"] for one in up.gateway.records(200) if one["t"] == "alarm.raised"]
    assert "upstream.sign_in_answer" in alarms


@pytest.mark.parametrize("brought,word", [
    ({"code": None}, "no code"),
    ({"error": "access_denied", "code": None}, "access_denied"),
    ({"error": "<script>alert(1)</script>", "code": None}, "refused: unknown"), ({"code": "of somebody else"}, "invalid_grant")],
    ids=str)
def test_answers_that_give_no_token(organisation, stack, brought, word):
    up = start(outward(organisation, stack))
    up.authority.brought = brought
    begun = SigningIn(up.gateway)
    status, page, headers = visit(begun.agree())
    assert status == 400 and "Not signed in" in page and "script" not in page and "another" not in page
    assert headers["cache-control"] == "no-store" and "default-src 'none'" in headers["content-security-policy"]
    check_not(begun.end(), word)
    check_unsigned(up)


@pytest.mark.parametrize("state", ["another", None])
def test_an_answer_without_the_state_uses_up_nothing(organisation, stack, state):
    up = start(outward(organisation, stack))
    begun = SigningIn(up.gateway)
    back = begun.agree()
    up.authority.brought = {"state": state}
    assert visit(begun.agree())[0] == 404
    assert not up.authority.forms
    assert visit(back)[0] == 200
    done = begun.end()
    assert done.returncode == 0, done.stderr
    up.gateway.wait_for_tools("tester", "up")


def test_an_answer_is_taken_once_and_by_its_own_sign_in(organisation, stack):
    up = start(outward(organisation, stack))
    first = SigningIn(up.gateway)
    back = first.agree()
    port = urllib.parse.urlparse(back).port
    for path in ("/", "/callback/x", "/favicon.ico"):
        assert visit(f"http://127.0.0.1:{port}{path}")[0] == 404
    assert visit(back, host=f"evil.example:{port}")[0] == 404
    second = SigningIn(up.gateway)
    mixed = back.replace(f":{port}/", f":{urllib.parse.urlparse(urllib.parse.parse_qs(urllib.parse.urlparse(second.url).query)['redirect_uri'][0]).port}/")
    assert visit(mixed)[0] == 404, "the code of another state"
    assert visit(back)[0] == 400, "the second took the first's place"
    check_not(first.end(), "another one took its place")
    assert not up.authority.forms
    assert visit(second.agree())[0] == 200, "nothing of it was used up"
    assert second.end().returncode == 0
    up.gateway.wait_for_tools("tester", "up")
    assert up.authority.codes and "isError" not in up.call()


@pytest.mark.parametrize("answer,word", [
    ((302, b"", {"Location": "http://169.254.169.254/latest"}), "redirect"),
    ((200, b"{" + b" " * (10 << 20) + b"}", {}), "above 1048576 bytes"), ((200, b"[]", {}), "no JSON object"),
    ((200, {"access_token": "a b", "token_type": "Bearer"}, {}), "malformed"),
    ((200, {"access_token": "a", "token_type": "Bearer", "refresh_token": "a b"}, {}), "`refresh_token` is malformed"),
    ((400, {"error": "invalid_grant"}, {}), "invalid_grant"), ((500, b"", {}), "status 500")],
    ids=["redirect", "10 MiB", "list", "token", "refresh token", "expired code", "500"])
def test_token_answers_that_do_not_count(organisation, stack, answer, word):
    up = start(outward(organisation, stack))
    up.authority.documents["/token"] = answer
    done = sign_in(up.gateway)
    assert done.returncode in (1, 69) and word in done.stderr, done.stderr
    check_unsigned(up)


def test_a_token_endpoint_inside_ones_own_networks(organisation, stack):
    up = outward(organisation, stack)
    up.authority.said["token_endpoint"] = "https://127.0.0.1:9/token"
    check_not(sign_in(start(up).gateway), "private, loopback or link-local", code=69)
    check_unsigned(up)


def test_no_browser_comes(organisation, stack):
    up = start(outward(organisation, stack))
    check_not(SigningIn(up.gateway, "up", "--wait", "1").end(), "no browser came back", code=75)
    check_unsigned(up)


def take_credential(up: Outward) -> None:
    """Removes the policy's credential for the agent."""
    path = up.gateway.folder / "policy" / "servers" / "up.yaml"
    text = path.read_text()
    kept = [line for line in text.splitlines() if "credentials" not in line and "secret:" not in line]
    assert len(kept) < len(text.splitlines())
    path.write_text("\n".join(kept) + "\n")
    (before,) = up.gateway.json("status")
    up.gateway.process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + 15
    while up.gateway.json("status")[0]["policy"] == before["policy"]:
        assert time.monotonic() < deadline, "the policy was not loaded"
        time.sleep(0.1)


@pytest.mark.parametrize("change", ["credential", "server", "agent"])
def test_what_is_taken_away_while_a_browser_is_open(organisation, stack, change):
    up = start(outward(organisation, stack))
    begun = SigningIn(up.gateway)
    back = begun.agree()
    if change == "credential":
        take_credential(up)
    else:
        name = "up" if change == "server" else "tester"
        up.gateway.run("kill", f"--{change}", name, "--reason", "a rehearsal of the test", by="ada@acme.example")
    assert visit(back)[0] == 400
    check_not(begun.end(), "does not let anybody sign in")
    assert not up.authority.forms and not list((up.gateway.folder / "state").glob("grants/*"))
    assert "server.authorized" not in [one["t"] for one in up.gateway.records(200)]
    if change != "credential":
        asked = len(up.authority.paths)
        check_not(sign_in(up.gateway), "is halted")
        assert len(up.authority.paths) == asked


def test_another_client_in_the_configuration_ends_a_grant(organisation, stack):
    up = start(outward(organisation, stack, "register: true"))
    signed(up)
    up.gateway.kill()
    entry = f'issuer: "{up.authority.name}", grant: authorization_code, client_metadata: "https://gw.example/c.json"'
    up.gateway.configure("secrets", oauth=f"{{up: {{{entry}}}}}")
    start(up)
    wait_for_log(up, "another issuer, client or URL")
    signed(up)
    assert "isError" not in up.call()


# The time after signing in.

def test_a_refused_refresh_ends_it_with_an_alarm(organisation, stack):
    up = start(outward(organisation, stack, life=2))
    signed(up)
    up.authority.refuses = "invalid_grant"
    time.sleep(2)
    up.check_refused("refuses to refresh", "invalid_grant", "interlock servers authorize up --agent tester")
    asked = len(up.authority.forms)
    for _ in range(5):
        up.check_refused("refuses to refresh")
    assert len(up.authority.forms) == asked
    alarms = [(one["code"], one["subject"]) for one in up.gateway.records(200) if one["t"] == "alarm.raised"]
    assert alarms.count(("upstream.refresh_refused", "up")) == 1
    (path,) = (up.gateway.folder / "state" / "grants").iterdir()
    assert "refresh" not in json.loads(path.read_text())
    up.gateway.kill()
    start(up)
    wait_for_log(up, "refuses to refresh")
    up.authority.refuses = None
    signed(up)
    assert "isError" not in up.call()


def test_another_issuer_blocks_a_signed_in_server(organisation, stack):
    up = start(outward(organisation, stack, life=2))
    signed(up)
    up.server.issuer = "https://other.example"
    time.sleep(2)
    up.check_refused("another authorization server")
    check_not(sign_in(up.gateway), "another authorization server")
    assert len(up.authority.asked) == 1


@pytest.mark.parametrize("text,mode,word", [
    (b"{}", 0o600, "is missing"), (b"", 0o600, "not valid JSON"), (None, 0o640, "read or changed by other users")])
def test_a_grant_that_cannot_be_read(organisation, stack, text, mode, word):
    up = start(outward(organisation, stack, life=2))
    signed(up)
    (path,) = (up.gateway.folder / "state" / "grants").iterdir()
    if text is not None:
        path.write_bytes(text)
    path.chmod(mode)
    time.sleep(2)
    up.check_refused(word)


@pytest.mark.parametrize("entry,word", [
    ("grant: implicit", "`implicit` is not one of them"), ("grant: authorization_code", "`client`, `client_metadata`"),
    ("grant: authorization_code, client: gw, register: true", "not both"),
    ("grant: authorization_code, client: gw, secret: s", "without it"),
    ("grant: authorization_code, client: gw, method: client_secret_post", "with `secret`"),
    ("grant: authorization_code, register: true, method: private_key_jwt, secret: s", "without `secret`"),
    ('grant: authorization_code, client_metadata: "http://gw.example/c"', "begins with https://"),
    ("grant: authorization_code, register: perhaps", "true or false"),
    ("client: gw, secret: s, method: none", "only where `grant`"), ("client: gw, secret: s, register: true", "only where grant"),
    ("grant: authorization_code, client: gw, redirect: x", "found `redirect`")])
def test_what_serve_refuses_by_name(organisation, stack, entry, word):
    up = outward(organisation, stack)
    up.gateway.configure("secrets", oauth=f'{{up: {{issuer: "https://idp.example", {entry}}}}}')
    done = up.gateway.run("serve", check=False)
    assert done.returncode == 65 and word in done.stderr and "interlock.yaml:" in done.stderr, done.stderr


@pytest.mark.parametrize("words,code,word", [
    (["nothing"], 66, "no server of this name"), (["up", "--agent", "somebody"], 66, "no sign-in at"), ([], 64, "SERVER"),
    (["No Server"], 66, "no name of a server"), (["up", "--port", "x"], 64, "--port")])
def test_orders_that_mean_nobody(organisation, stack, words, code, word):
    up = start(outward(organisation, stack))
    done = up.gateway.run("servers", "authorize", *words, check=False)
    assert done.returncode == code and word in done.stderr, done.stderr
