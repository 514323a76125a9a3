"""An MCP tunnel whose only upstream is the gateway (docs/hosted-agents.md): what comes through the routing proxy is decided and recorded
as everything else, and nothing is believed because it came that way."""

import json
import shutil
import ssl
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest

import wire
from addresses import ADA, DANA, SAM
from certificates import PEM, Authority, pem_of
from conftest import organise
from issuing import Issuer
from test_issuers import patiently
from tunnelling import RoutingProxy, TunnelSession, exchange
from waits import until

DOMAIN = "t-1.tunnel.example"
SERVED = f"tickets.{DOMAIN}"
RESOURCE = f"https://{SERVED}/mcp"
METADATA = "/.well-known/oauth-protected-resource/mcp"
OPENING = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
    "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}}


class Tunnelled:
    """A gateway that serves the names `tickets` and `crm` of a tunnel and no other, and the proxy, which also has a route for `wiki`."""

    def __init__(self, stack: ExitStack, binary, people, folder: Path):
        root = Authority()
        self.made = made = organise(stack, binary, people, folder, servers=("tickets", "crm"), start=False)
        certificate, key = root.issue()
        for name, data in (("gw.pem", certificate.public_bytes(PEM)), ("gw.key", pem_of(key))):
            (made.gateway.folder / name).write_bytes(data)
            (made.gateway.folder / name).chmod(0o600)
        self.issuer = stack.enter_context(Issuer(RESOURCE, {"hosted": "s1"}, "ES256"))
        made.gateway.configure("listeners", audience=f'"{RESOURCE}"')
        made.gateway.configure("tls", certificate="gw.pem", key="gw.key")
        made.gateway.configure("mcp", hosts=f"[tickets.{DOMAIN}, crm.{DOMAIN}]")
        made.gateway.configure("authorization", refresh="10s", retry="1s", max_age="60s", issuers=(
            f'[{{issuer: "{self.issuer.name}", keys: "{self.issuer.url}/jwks", clients: {{hosted: support-triage}}, scopes: false}}]'))
        made.gateway.start()
        routes = dict.fromkeys(("tickets", "crm", "wiki"), made.gateway.port)
        self.proxy = stack.enter_context(RoutingProxy(folder, DOMAIN, routes, root))
        self.folder, self.root, self.routes = folder, root, routes
        self.token = made.token("support-triage")
        # Servers connect after the gateway is ready.
        patiently(self.connected)

    def connected(self) -> None:
        names = self.session().tools()
        if not {"tickets__get_ticket", "crm__get_customer"} <= set(names):
            raise ConnectionError(str(names))

    def session(self, host: str = "tickets", token: str | None = None, **options) -> TunnelSession:
        return TunnelSession(self.proxy, host, token or self.token, **options)

    def knock(self, host: str = "tickets", token: str | None = None, **headers: str) -> wire.Answer:
        """The first request of a session through the tunnel."""
        given = {"Accept": wire.ACCEPT, "Content-Type": "application/json", **headers}
        if token:
            given["Authorization"] = f"Bearer {token}"
        return self.proxy.ask(host, headers=given, body=json.dumps(OPENING).encode())

    def records(self, kind: str, tool: str) -> list[dict]:
        return [one for one in self.made.gateway.records(200) if one["t"] == kind and one.get("tool") == tool]


@pytest.fixture(scope="module")
def tunnel(binary, people):
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="interlock-tunnel-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        yield Tunnelled(stack, binary, people, folder)


@pytest.mark.requirement("R150")
def test_a_call_through_the_tunnel_is_decided_and_recorded(tunnel):
    session = tunnel.session()
    before = tunnel.made.count("tickets", "get_ticket")
    assert session.call("tickets__get_ticket", id="T-1001").code is None
    assert tunnel.made.count("tickets", "get_ticket") == before + 1
    intent = tunnel.records("call.intent", "tickets__get_ticket")[-1]
    assert intent["agent"] == "support-triage"
    until(lambda: [one for one in tunnel.made.gateway.records(200) if one["t"] == "call.outcome" and one["call"] == intent["call"]])
    # The name of another server, whose path has this server's tools alone.
    assert "get_customer" in tunnel.session("crm", path="/mcp/crm").tools()
    # No grant, as for everyone else: the tool is unknown, and its server is not asked.
    refused = session.call("tickets__close_ticket", id="T-1001")
    assert "error" in refused.message and tunnel.made.count("tickets", "close_ticket") == 0
    assert tunnel.records("call.denied", "tickets__close_ticket")[-1]["agent"] == "support-triage"


def test_the_bearer_token_of_an_authorization_server_counts_if_it_is_made_out_to_the_tunnel(tunnel):
    session = tunnel.session(token=tunnel.issuer.token("hosted"))
    assert session.call("tickets__get_ticket", id="T-1001").code is None
    elsewhere = tunnel.knock(token=tunnel.issuer.forged({"client_id": "hosted", "aud": f"https://wiki.{DOMAIN}/mcp"}))
    assert elsewhere.status == 401


def test_without_a_token_there_is_a_challenge_that_names_the_tunnel(tunnel):
    for token in (None, "nonsense"):
        answer = tunnel.knock(token=token)
        assert answer.status == 401
        assert f'resource_metadata="https://{SERVED}{METADATA}"' in answer.headers["www-authenticate"]
    answer = tunnel.proxy.ask("tickets", "GET", METADATA)
    assert json.loads(answer.body)["resource"] == RESOURCE


def test_an_unknown_host_name_is_refused_by_the_proxy_or_else_by_the_gateway(tunnel):
    assert (tunnel.knock("unknown", tunnel.token).status, tunnel.knock("wiki", tunnel.token).status) == (404, 421)
    assert tunnel.proxy.ask("wiki", "GET", METADATA).status == 421


@pytest.mark.parametrize("host, status", [
    (SERVED, 401), (SERVED.upper(), 401), (f"{SERVED}:443", 401), (f"x{SERVED}", 421), (f"{SERVED}.example", 421), (f"{SERVED}.", 421),
    (DOMAIN, 421), ("localhost", 421), ("127.0.0.1", 421), ("[::1]", 421)])
def test_the_gateway_serves_exactly_the_names_that_it_was_given(tunnel, host, status):
    """Asked without the proxy: a page that rebinds a name to this machine sends its own name, or one of loopback."""
    context = ssl.create_default_context(cafile=str(tunnel.folder / "upstream.pem"))
    assert exchange(tunnel.made.gateway.port, context, "127.0.0.1", {"Host": host}, "POST", body=b"{}").status == status


def test_another_upstream_is_not_reached_through_the_tunnel(tunnel):
    """Neither by the address of a server, nor by the name of one that has no route, nor by a server without a grant."""
    port = tunnel.made.made["ports"]["tickets"]
    before = tunnel.made.count("tickets", "get_ticket")
    for host in (f"127.0.0.1:{port}", "billing", f"tickets.localhost:{port}"):
        assert tunnel.knock(host, tunnel.token).status == 404
    body = json.dumps(OPENING).encode()
    absolute = tunnel.proxy.ask("tickets", path=f"https://127.0.0.1:{port}/mcp", headers={
        "Accept": wire.ACCEPT, "Content-Type": "application/json", "Authorization": f"Bearer {tunnel.token}"}, body=body)
    assert absolute.status >= 400
    refused = tunnel.session().call("billing__get_invoice", id="I-1")
    assert "error" in refused.message
    assert tunnel.made.count("tickets", "get_ticket") == before


FORWARDED = {"X-Forwarded-Host": SERVED, "X-Forwarded-Proto": "https", "X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1",
             "Forwarded": f"for=127.0.0.1;host={SERVED};proto=https", "X-Forwarded-User": "support-triage", "X-Original-Host": SERVED,
             "X-Forwarded-Client-Cert": "Hash=00;Subject=\"CN=support-triage\"", "Cf-Access-Jwt-Assertion": "nonsense"}


def test_forwarded_headers_are_not_believed(tunnel):
    assert tunnel.knock("wiki", tunnel.token, **FORWARDED).status == 421
    assert tunnel.knock(**FORWARDED, **{"X-Forwarded-Authorization": f"Bearer {tunnel.token}"}).status == 401
    # Nor are they in the way, and the metadata stays the gateway's own.
    other = {name: value.replace(SERVED, "evil.example") for name, value in FORWARDED.items()}
    assert tunnel.knock(token=tunnel.token, **other).status == 200
    answer = tunnel.proxy.ask("tickets", "GET", METADATA, headers=other)
    assert json.loads(answer.body)["resource"] == RESOURCE


def test_a_proxy_that_sends_its_upstream_s_address_as_host_is_refused_until_that_is_listed(tunnel):
    with RoutingProxy(tunnel.folder, DOMAIN, tunnel.routes, tunnel.root, keeps_host=False) as proxy:
        answer = proxy.ask("tickets", headers={"Accept": wire.ACCEPT, "Content-Type": "application/json",
                                               "Authorization": f"Bearer {tunnel.token}"}, body=json.dumps(OPENING).encode())
    assert answer.status == 421


# The last one: tokens of before the halt are revoked.
@pytest.mark.requirement("R150")
def test_a_halt_ends_what_comes_through_the_tunnel(tunnel):
    session = tunnel.session()
    before = tunnel.made.count("tickets", "get_ticket")
    halt = tunnel.made.gateway.halt("--agent", "support-triage", by=DANA)
    try:
        answer = session.call("tickets__get_ticket", id="T-1001")
        assert answer.code == 4230 and "error" in answer.message
        assert tunnel.made.count("tickets", "get_ticket") == before
    finally:
        tunnel.made.gateway.resume(halt, ADA, SAM)
