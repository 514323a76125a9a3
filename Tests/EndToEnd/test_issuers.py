"""Agents with tokens of an outside authorization server: the accepted issuers, agents and scopes."""

import json
import time
from contextlib import ExitStack

import pytest
import yaml

import wire
from addresses import ADA, SAM
from issuing import Issuer
from statements import url

CLIENTS = {"triage": "s1", "stranger": "s2"}
READ = {"id": "T-1"}


def settings(issuer: Issuer, scopes: str = "true", issuers: str | None = None) -> dict:
    entry = f'{{issuer: "{issuer.name}", keys: "{issuer.url}/jwks", clients: {{triage: support-triage}}, ' \
            f'person: email, scopes: {scopes}}}'
    return {"authorization": {"issuers": issuers or f"[{entry}]", "refresh": "10s", "retry": "1s", "max_age": "60s"}}


@pytest.fixture(params=["RS256", "ES256", "EdDSA"])
def each(request, organisation):
    yield from governed(organisation, request.param)


@pytest.fixture
def one(organisation):
    yield from governed(organisation, "ES256")


def governed(organisation, algorithm: str, scopes: str = "true"):
    with ExitStack() as stack:
        made = organisation(start=False, servers=("tickets", "crm"))
        issuer = stack.enter_context(Issuer(made.gateway.url, CLIENTS, algorithm))
        for section, values in settings(issuer, scopes).items():
            made.gateway.configure(section, **values)
        made.gateway.start()
        made.gateway.wait_for_tools("support-triage", "tickets", "crm")
        patiently(lambda: wire.Session(made.gateway.port, issuer.token("triage")))
        yield made, issuer


def patiently(attempt, seconds: float = 15):
    """Repeats an attempt until it succeeds: keys are fetched in the background, and earlier requests are refused."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return attempt()
        except ConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def knock(made, token: str) -> wire.Answer:
    body = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}}
    return wire.exchange(made.gateway.port, body=json.dumps(body).encode(), headers={
        "Accept": wire.ACCEPT, "Content-Type": "application/json", "Authorization": f"Bearer {token}"})


def refused(answer: wire.Answer) -> str:
    assert answer.status == 401, answer
    assert "resource_metadata=" in answer.headers["www-authenticate"]
    return answer.body.decode()


def test_a_client_with_a_token_of_its_own_calls_what_policy_and_scopes_give(each):
    made, issuer = each
    session = wire.Session(made.gateway.port, issuer.token("triage", "tickets:read"))
    assert "tickets__get_ticket" in session.tools() and "crm__get_customer" in session.tools()
    answer = session.call("tickets__get_ticket", **READ)
    assert answer.status == 200 and not wire.decision(answer.message["result"]), answer.body
    record = [one for one in made.gateway.records() if one.get("tool") == "tickets__get_ticket"][-1]
    assert record["agent"] == "support-triage"


def test_the_metadata_names_issuer_and_least_scopes(one):
    made, issuer = one
    everything = sorted(
        f"{server}:read" for path in (made.gateway.policy / "servers").glob("*.yaml")
        for server, said in yaml.safe_load(path.read_text())["servers"].items()
        if any(tool["class"] == "read" for tool in said["tools"].values()))
    assert "tickets:read" in everything
    for path, scopes in (("", everything), ("/mcp", everything),
                         ("/mcp/tickets", ["tickets:read"]), ("/mcp/nowhere", None)):
        answer = wire.exchange(made.gateway.port, "GET", "/.well-known/oauth-protected-resource" + path)
        assert answer.status == 200
        found = json.loads(answer.body)
        assert found["resource"] == made.gateway.url
        assert found["authorization_servers"] == [issuer.name]
        assert found.get("scopes_supported") == scopes


def test_a_missing_scope_is_a_challenge_and_the_next_token_passes(one):
    made, issuer = one
    session = wire.Session(made.gateway.port, issuer.token("triage", "crm:read tickets:search"))
    answer = session.call("tickets__get_ticket", **READ)
    assert answer.status == 403
    challenge = answer.headers["www-authenticate"]
    assert 'error="insufficient_scope"' in challenge and 'scope="tickets:search tickets:get_ticket"' in challenge
    assert f'resource_metadata="http://127.0.0.1:{made.gateway.port}/.well-known/oauth-protected-resource/mcp"' in challenge
    assert made.count("tickets", "get_ticket") == 0
    record = [one for one in made.gateway.records() if one.get("tool") == "tickets__get_ticket"][-1]
    assert (record["t"], record["code"]) == ("call.denied", "access.insufficient_scope")
    wider = wire.Session(made.gateway.port, issuer.token("triage", "tickets:search tickets:get_ticket"))
    assert wider.call("tickets__get_ticket", **READ).status == 200
    assert made.count("tickets", "get_ticket") == 1


def test_in_a_batch_a_missing_scope_is_a_tool_error(one):
    made, issuer = one
    session = wire.Session(made.gateway.port, issuer.token("triage", "crm:read"), version="2025-03-26")
    call = {"jsonrpc": "2.0", "method": "tools/call", "params": {"name": "tickets__get_ticket", "arguments": READ}}
    answer = session.post([{**call, "id": 70}, {"jsonrpc": "2.0", "id": 71, "method": "ping"}])
    assert answer.status == 200 and len(answer.messages) == 2
    said = wire.decision(next(one for one in answer.messages if one["id"] == 70)["result"])
    assert (said["code"], said["reason"]) == (4030, "insufficient-scope")
    assert made.count("tickets", "get_ticket") == 0


def test_a_scope_gives_nothing_that_the_policy_does_not(one):
    made, issuer = one
    session = wire.Session(made.gateway.port, issuer.token("triage", "crm:destructive crm:delete_customer"))
    answer = session.call("crm__delete_customer", id="C-77")
    assert (answer.status, answer.code) == (200, -32602)


def test_a_static_token_never_gets_403(one):
    made, _ = one
    answer = made.session("support-triage").call("tickets__get_ticket", **READ)
    assert answer.status == 200 and not wire.decision(answer.message["result"])


def test_each_refused_form(one):
    made, issuer = one
    now = int(time.time())
    assert knock(made, issuer.forged({})).status == 200, "the control"
    for claims in ({"iss": "http://127.0.0.1:1"}, {"iss": None}, {"aud": "http://127.0.0.1:1/mcp"}, {"aud": None},
                   {"aud": made.gateway.url + "/"}, {"exp": now - 60}, {"exp": None}, {"exp": now + 40 * 86_400},
                   {"nbf": now + 600}, {"iat": now + 600}, {"client_id": "stranger", "sub": "stranger"},
                   {"sub": "somebody"}, {"cnf": {"jkt": "x"}}, {"scope": 7}):
        refused(knock(made, issuer.forged(claims)))
    # The library writes no `crit` that it does not understand itself; it understands `kid`.
    for header in ({"crit": ["kid"]}, {"kid": "nobody"}, {"typ": "dpop+jwt"}, {"jku": issuer.url}):
        refused(knock(made, issuer.forged({}, header)))
    head, claims, _ = issuer.forged({}).split(".")
    none = url(json.dumps({"alg": "none", "kid": issuer.signing.kid}).encode())
    for token in (f"{none}.{claims}.", f"{head}.{claims}.", issuer.by_shared_secret(), issuer.token("stranger")):
        refused(knock(made, token))
    assert knock(made, "a" * 8000).status == 401


def test_a_person_is_recorded_for_whom_the_client_acts(one):
    made, issuer = one
    refused(knock(made, issuer.forged({"sub": "user-1"})))
    assert knock(made, issuer.forged({"sub": "user-1", "email": "li@acme.example"})).status == 200


def test_a_run_goes_on_after_a_restart_and_a_release_ends_its_tokens_then_too(one):
    made, issuer = one
    old = issuer.token("triage", "tickets:read")

    def run() -> str:
        session = wire.Session(made.gateway.port, issuer.token("triage", "tickets:read"))
        assert session.call("tickets__get_ticket", **READ).status == 200
        return [one["run"] for one in made.gateway.records() if one.get("tool") == "tickets__get_ticket"][-1]

    first = run()
    made.gateway.stop()
    made.gateway.start()
    made.gateway.wait_for_tools("support-triage", "tickets")
    patiently(lambda: wire.Session(made.gateway.port, old))
    assert run() == first
    made.gateway.resume(made.gateway.halt("--agent", "support-triage", by=ADA), ADA, SAM)
    refused(knock(made, old))
    time.sleep(1.1)  # `iat` is in whole seconds, and the release was in one
    second = run()
    assert second != first
    made.gateway.stop()
    made.gateway.start()
    made.gateway.wait_for_tools("support-triage", "tickets")
    assert patiently(run) == second
    refused(knock(made, old))


def test_keys_rotate(one):
    made, issuer = one
    old = issuer.token("triage")
    assert knock(made, old).status == 200
    issuer.rotate()
    new = issuer.token("triage")
    first = refused(knock(made, new))
    assert "key" in first
    patiently(lambda: wire.Session(made.gateway.port, new))
    refused(knock(made, old))


def test_many_unknown_keys_cost_one_look_a_second(one):
    made, issuer = one
    before, start = issuer.fetches, time.monotonic()
    for number in range(100):
        refused(knock(made, issuer.forged({}, {"kid": f"x{number}"})))
    assert issuer.fetches - before <= 2 + (time.monotonic() - start)


@pytest.mark.parametrize("what", ["huge", "slow", "wrong", "gone"])
def test_an_issuer_that_fails_keeps_no_call_and_its_old_keys_count(one, what):
    made, issuer = one
    token = issuer.token("triage")
    issuer.document = {"huge": b" " * (10 << 20) + issuer.key_set(), "wrong": b"{"}.get(what)
    issuer.wait = 60 if what == "slow" else 0
    issuer.status = 500 if what == "gone" else 200
    deadline = time.monotonic() + 12
    while time.monotonic() < deadline:
        start = time.monotonic()
        refused(knock(made, issuer.forged({}, {"kid": "nobody"})))
        assert knock(made, token).status == 200
        assert time.monotonic() - start < 20, "its 60 s are waited for by nobody"
        if what != "slow" and "cannot be fetched" in made.gateway.stderr():
            break
        time.sleep(0.3)
    assert "its keys cannot be fetched" in made.gateway.stderr()


def test_an_issuer_that_changes_its_name_is_nobody(one):
    made, issuer = one
    assert knock(made, issuer.forged({})).status == 200
    refused(knock(made, issuer.forged({"iss": issuer.name + "/other"})))
    refused(knock(made, issuer.forged({"iss": issuer.name.upper()})))


def test_one_issuer_s_key_does_not_speak_for_another(organisation):
    with ExitStack() as stack:
        made = organisation(start=False, servers=("tickets",))
        first, second = (stack.enter_context(Issuer(made.gateway.url, CLIENTS, "EdDSA")) for _ in range(2))
        entries = ", ".join(f'{{issuer: "{one.name}", keys: "{one.url}/jwks", clients: {{triage: {agent}}}}}'
                            for one, agent in ((first, "support-triage"), (second, "refunds")))
        made.gateway.configure("authorization", issuers=f"[{entries}]", retry="1s")
        made.gateway.start()
        for one in (first, second):
            patiently(lambda: wire.Session(made.gateway.port, one.token("triage")))
        second.name = first.name
        refused(knock(made, second.forged({})))


def test_without_scopes_of_the_issuer_the_policy_alone_decides(organisation):
    for made, issuer in governed(organisation, "EdDSA", scopes="false"):
        session = wire.Session(made.gateway.port, issuer.token("triage"))
        assert session.call("tickets__get_ticket", **READ).status == 200
        answer = wire.exchange(made.gateway.port, "GET", "/.well-known/oauth-protected-resource")
        assert "scopes_supported" not in json.loads(answer.body)


@pytest.mark.parametrize("entry, words", [
    ('{issuer: "http://idp.example", keys: "https://idp.example/k", clients: {a: b}}', "https://"),
    ('{issuer: "https://idp.example", keys: "http://127.0.0.1.evil.example/k", clients: {a: b}}', "https://"),
    ('{issuer: "https://idp.example", keys: "https://idp.example/k"}', "`clients` or `subjects`"),
    ('{issuer: "https://idp.example", keys: "https://idp.example/k", clients: {a: "No Agent"}}', "`a` does not"),
    ('{issuer: "https://idp.example", keys: "https://idp.example/k", clients: {a: b}, jwks: x}', "found `jwks`"),
    ('{issuer: "https://idp.example", keys: "https://idp.example/k", clients: {a: b}, scopes: maybe}', "`scopes`"),
])
def test_a_bad_entry_does_not_start(organisation, entry, words):
    made = organisation(start=False, servers=())
    made.gateway.configure("authorization", issuers=f"[{entry}]")
    done = made.gateway.run("serve", check=False)
    assert done.returncode == 65
    assert "interlock.yaml:" in done.stderr and words in done.stderr, done.stderr
