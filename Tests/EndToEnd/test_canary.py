"""Credentials, headers, session ids, cursors, states, tokens and ids of one side never reach the other.

Every path at once: clients of both eras; servers of both eras over HTTP (with a secret, with an OAuth token, and with
the token of a signed-in person) and over stdio; the authorization servers, the issuer's key set, a witness. Everything
that an agent's side sends except the call itself carries a mark, and the test searches every byte that leaves the
gateway for all marks, and every byte that comes back for the marks of the servers' side.

The tests of the attacks in docs/specs/mcp.md, section 9:
    token passthrough                 here; test_credentials.py and test_issuers.py (audience)
    mix-up, another issuer            test_upstream_issuers.py (issuer equality, blocked with an alert),
                                      test_signing_in.py (`iss`)
    SSRF                              test_upstream_issuers.py (redirect, metadata address, private addresses, size),
                                      test_issuers.py and below (key sets), InternetAddressTests, DocumentFetcherTests
    handle and session hijack         test_modern.py (states), test_bad_input.py (sessions)
    over-broad scopes                 test_issuers.py (toward this gateway), test_upstream_tokens.py (toward servers)
    local server compromise           test_hostile_server.py, test_lock.py
    URL elicitation                   InputRulesTests, ModernInputTests, LegacyInputTests
    schemas                           CompiledSchemaTests, JSONSchemaSuiteTests, ToolTests
    confused deputy                   this gateway offers no registration and forwards no consent; an operator signs in,
                                      for one agent at one server: test_signing_in.py
    icons                             not offered yet: tools are listed without them"""

import json
import time
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest

import canary_server
import modern
import wire
from authority import Authority, Client, Protected
from canary_server import MARKS, TOOLS, Protocol
from conftest import FIXTURES, organise
from consenting import Consent, Scoped, sign_in
from faulty import policy
from issuing import Issuer
from outward import SECRET, VALUE
from test_issuers import knock, patiently
from witnessing import false_witness

HERE = FIXTURES.parent
SERVERS = ("http-legacy", "http-modern", "http-signed", "stdio-legacy", "stdio-modern")
# The data that an agent's side sends in addition to the call. The argument is the control: it does arrive.
ARGUMENT = "downside-argument-b7e0"
HEADERS = {name: f"downside-{name.lower()}-b7e0" for name in (
    "Cookie", "Proxy-Authorization", "X-Api-Key", "X-Forwarded-For", "Forwarded", "User-Agent", "Referer", "Baggage",
    "Tracestate", "Last-Event-ID", "X-Interlock-Anything")}
META = {"progressToken": "downside-progress-b7e0", "example.com/mark": "downside-meta-b7e0",
        "interlock/context": {"input": "downside-context-b7e0"}}
# A child's secret, which it prints to its stderr. Its shape does not reveal it.
CHILD = "otter-violet"
IDENTIFIER, NAME = "downside-id-b7e0", "downside-client-b7e0"


@dataclass
class Wires:
    """The bytes of both sides: those that left the gateway, by receiver, and those that came back to the agents'
    side."""
    made: object
    servers: dict[str, Protected]
    authority: Authority
    consent: Consent
    issuer: Issuer
    witness: object
    stdio: dict[str, object]
    agents: set[str] = field(default_factory=set)  # marks of the agents' side
    answers: list[bytes] = field(default_factory=list)

    def left(self) -> dict[str, bytes]:
        found = {name: bytes(server.heard) for name, server in self.servers.items()}
        found |= {name: path.read_bytes() for name, path in self.stdio.items()}
        found["authorization server"] = bytes(self.authority.heard)
        found["issuer at which somebody signed in"] = bytes(self.consent.heard)
        found["key set"] = "\n".join(self.issuer.heads).encode()
        found["witness"] = "\n".join(self.witness.heads + self.witness.asked).encode()
        return found

    def keep(self, answer: wire.Answer) -> wire.Answer:
        self.answers.append(json.dumps(answer.headers).encode() + answer.body)
        return answer


@pytest.fixture(scope="module")
def wires(binary, people, tmp_path_factory):
    folder = tmp_path_factory.mktemp("canary")
    folder.chmod(0o777)
    with ExitStack() as stack:
        authority = stack.enter_context(Authority(Client("gw", SECRET, "client_secret_post")))
        consent = stack.enter_context(Consent())
        servers = {"http-legacy": stack.enter_context(Protected(Protocol("legacy"), secret=VALUE)),
                   "http-modern": stack.enter_context(Protected(Protocol("modern"), authority)),
                   "http-signed": stack.enter_context(Scoped(Protocol("modern"), consent))}
        witness = stack.enter_context(false_witness())
        paths = {}
        for era in ("legacy", "modern"):
            path = paths[f"stdio-{era}"] = folder / f"stdio-{era}"
            path.write_text("")
            path.chmod(0o666)
        made = organise(stack, binary, people, folder / "organisation", extra=files(servers, paths), servers=(),
                        start=False)
        issuer = stack.enter_context(Issuer(made.gateway.url, {"outside": "s1"}, "ES256"))
        configure(made, servers, authority, consent, issuer)
        made.gateway.run("audit", "witness", "add", witness.vkey, witness.url, "--now")
        made.gateway.configure("ledger", beat="1s")
        made.gateway.start()
        done = sign_in(made.gateway, "http-signed")
        assert done.returncode == 0, done.stderr
        made.gateway.wait_for_tools("tester", *SERVERS)
        yield Wires(made, servers, authority, consent, issuer, witness, paths)


def files(servers: dict[str, Protected], paths: dict) -> dict[str, str]:
    connects = {name: f'{{http: "{server.url}/mcp"}}' for name, server in servers.items()}
    for name, path in paths.items():
        words = ["/usr/bin/python3", str(HERE / "canary_server.py"), name.split("-")[1], str(path)]
        connects[name] = (f'{{stdio: {json.dumps(words)}, '
                          f'sandbox: {{read: ["{HERE}"], writable_cache: ["{path.parent}"], '
                          f"secrets: [{{name: CHILD_SECRET, from: 'files:child', as: env}}]}}}}")
    made = {}
    for name, connect in connects.items():
        text = policy(name, connect, TOOLS)[f"servers/{name}.yaml"]
        text += "    asks: [elicitation_form]\n"
        if name in servers:
            text += f"    credentials: {{tester: {{header: Authorization, secret: {name}}}}}\n"
        made[f"servers/{name}.yaml"] = text
    agent = policy("NAME", "", ())["agents/tester.yaml"]
    scopes = "\n".join(f"      {name}: [read]" for name in connects)
    made["agents/tester.yaml"] = agent.replace("      NAME: [read]", scopes)
    return made


def configure(made, servers: dict[str, Protected], authority: Authority, consent: Consent,
              issuer: Issuer) -> None:
    secrets = made.gateway.folder / "secrets"
    secrets.mkdir(mode=0o700, exist_ok=True)
    for name, value in (("http-legacy", VALUE), ("client-key", SECRET), ("child", CHILD)):
        (secrets / name).write_text(value)
        (secrets / name).chmod(0o600)
    made.gateway.configure("secrets", oauth=f'{{http-modern: {{issuer: "{authority.name}", client: gw, '
                                            "method: client_secret_post, secret: client-key}, "
                                            f'http-signed: {{issuer: "{consent.name}", client: gw, '
                                            "grant: authorization_code}}")
    made.gateway.configure(
        "authorization", refresh="10s", retry="1s", max_age="60s",
        private_origins=json.dumps([authority.url, consent.url, servers["http-modern"].url, servers["http-signed"].url]),
        issuers=f'[{{issuer: "{issuer.name}", keys: "{issuer.url}/jwks", clients: {{outside: tester}}, scopes: false}}]')


def check(wires: Wires) -> None:
    """No marked byte crosses, and the control does."""
    ours = wires.agents | set(HEADERS.values()) | {IDENTIFIER, NAME, "downside-"} - {ARGUMENT}
    for receiver, data in wires.left().items():
        data = data.replace(ARGUMENT.encode(), b"")
        for mark in ours:
            assert mark.encode() not in data, f"`{mark}` of the agents' side came to {receiver}"
    theirs = [*MARKS, VALUE.split()[1], SECRET, *wires.authority.tokens, *wires.consent.tokens, *wires.consent.refreshes]
    for answer in wires.answers:
        for mark in theirs:
            assert mark.encode() not in answer, f"`{mark}` of the servers' side came to an agent: {answer[:600]!r}"


def call(wires: Wires, token: str, client: str, server: str, tool: str, **more) -> wire.Answer:
    """Makes a call with marks in everything except the call itself."""
    wires.agents.add(token)
    name, port = f"{server}__{tool}", wires.made.gateway.port
    if client == "modern":
        sent = modern.message("tools/call", IDENTIFIER, {"elicitation": {}}, {
            **META, modern.PREFIX + "clientInfo": {"name": NAME, "version": NAME}}, name=name,
            arguments={"text": ARGUMENT}, **more)
        return wires.keep(modern.post(port, token, sent, **HEADERS))
    session = LegacySession(port, token, wires)
    body = {"jsonrpc": "2.0", "id": IDENTIFIER, "method": "tools/call", "params": {
        "name": name, "arguments": {"text": ARGUMENT}, "_meta": META}}
    return wires.keep(session.post(body, **HEADERS))


class LegacySession(wire.Session):
    def __init__(self, port: int, token: str, wires: Wires):
        super().__init__(port, token)
        wires.keep(self.opening)
        wires.agents.add(self.headers["Mcp-Session-Id"])
        for parameters in ({}, {"cursor": "downside-cursor-b7e0"}):
            wires.keep(self.request("tools/list", **parameters))


@pytest.mark.parametrize("client", ["legacy", "modern"])
@pytest.mark.parametrize("server", SERVERS)
def test_a_call_and_its_answer(wires, client, server):
    answer = call(wires, wires.made.token("tester"), client, server, "echo")
    assert ARGUMENT in json.dumps(answer.message["result"]["content"]), answer.body
    assert ARGUMENT.encode() in wires.left()[server], "the control: what is called for does arrive"
    check(wires)


@pytest.mark.parametrize("client", ["legacy", "modern"])
@pytest.mark.parametrize("server", SERVERS[:3])
def test_a_call_that_the_server_turns_away(wires, client, server):
    """The server's challenge has a mark of its own."""
    answer = call(wires, wires.made.token("tester"), client, server, "deep")
    assert answer.status == 200
    check(wires)


@pytest.mark.parametrize("server", SERVERS)
def test_a_question_and_its_answer(wires, server):
    """The server's state is sealed, and the client must not see the id of the server's request."""
    token = wires.made.token("tester")
    first = call(wires, token, "modern", server, "ask").message["result"]
    assert first["resultType"] == "input_required", first
    wires.agents.add(first["requestState"])
    (key,) = first["inputRequests"]
    second = call(wires, token, "modern", server, "ask", requestState=first["requestState"],
                  inputResponses={key: {"action": "accept", "content": {"colour": "red"}}}).message["result"]
    assert "red" in json.dumps(second), second
    check(wires)


@pytest.mark.requirement("R081")
@pytest.mark.parametrize("client", ["legacy", "modern"])
@pytest.mark.parametrize("server", SERVERS)
def test_an_outside_token_goes_no_further(wires, client, server):
    token = patiently(lambda: accepted(wires))
    answer = call(wires, token, client, server, "echo")
    assert ARGUMENT in json.dumps(answer.message["result"]["content"]), answer.body
    check(wires)


def accepted(wires: Wires) -> str:
    """Returns a token of the issuer, once the gateway has its keys."""
    token = wires.issuer.token("outside")
    if knock(wires.made, token).status != 200:
        raise ConnectionError
    return token


def test_each_receiver_was_reached(wires):
    """The control of the whole file: every receiver that is searched received something."""
    for receiver, data in wires.left().items():
        assert len(data) > 50, f"{receiver} heard nothing"
    assert VALUE.encode() in wires.left()["http-legacy"] and wires.authority.tokens[0].encode() in wires.left()["http-modern"]
    assert all(mark in (canary_server.COOKIE, canary_server.HEADER) or
               any(mark.encode() in data for data in wires.left().values())
               for mark in (canary_server.SESSION, canary_server.CURSOR, canary_server.STATE))


def test_nothing_of_it_is_kept(wires):
    """Log and state of the gateway contain no token, secret, state or cookie of either side."""
    check(wires)
    state = [path for path in (wires.made.gateway.folder / "state").rglob("*") if path.is_file()]
    kept = b"".join(path.read_bytes() for path in state) + wires.made.gateway.log.read_bytes()
    assert b"my secret is [redacted], they say" in kept, "the control"
    for mark in [*MARKS, VALUE.split()[1], SECRET, CHILD, *wires.authority.tokens, *HEADERS.values()]:
        assert mark.encode() not in kept, mark
    for token in wires.agents:
        assert token.encode() not in kept, token


# Key sets (docs/specs/mcp.md, section 9).

@pytest.mark.parametrize("keys,word", [
    ("https://localhost:1/jwks", "private, loopback or link-local"), ("https://169.254.169.254/jwks", "private, loopback"),
    ("https://[fd00::1]/jwks", "private, loopback")])
def test_a_key_set_at_a_private_address(organisation, keys, word):
    made = organisation(start=False, servers=())
    made.gateway.configure("authorization", issuers=f'[{{issuer: "https://idp.example", keys: "{keys}", '
                                                    "clients: {c: support-triage}}]")
    made.gateway.start()
    until_logged(made, word)


def test_a_key_set_of_ten_mebibytes_and_one_that_is_elsewhere(organisation):
    made = organisation(start=False, servers=())
    with Issuer(made.gateway.url, {"outside": "s1"}, "ES256") as issuer:
        made.gateway.configure("authorization", refresh="10s", retry="1s", issuers=(
            f'[{{issuer: "{issuer.name}", keys: "{issuer.url}/jwks", clients: {{outside: support-triage}}}}]'))
        issuer.document = b" " * (10 << 20)
        made.gateway.start()
        until_logged(made, "above 1048576 bytes")
        assert knock(made, issuer.token("outside")).status == 401


def until_logged(made, word: str, seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while word not in made.gateway.stderr():
        assert time.monotonic() < deadline, made.gateway.stderr()[-2000:]
        time.sleep(0.1)
