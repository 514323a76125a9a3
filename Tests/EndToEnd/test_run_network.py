"""`interlock run` with its network: an agent reaches what its policy names, by its proxy alone, and all of it is on record."""

import json
import socket
import ssl
import subprocess
import threading
import time
from datetime import date, timedelta

import pytest

import wire
from addresses import ADA, SAM
from certificates import Authority, serving
from countingdesk import desk  # noqa: F401
from deployment import approval_id
from naming import NameServer
from sandboxing import SandboxHouse, SteppedAgent, housed
from waits import until

POLICY = """\
interlock: 1
org: acme
owners: [{ada}, {sam}]
approvals:
  release: {{members: [{ada}, {sam}], expires: 15m}}
servers:
  desk:
    connect: {{http: "http://127.0.0.1:{desk}/mcp"}}
    reviewed: {{by: {ada}, on: "{seen}", trust: internal}}
    tools: {{count: {{class: read}}}}
agents:
  inner:
    owner: {ada}
    purpose: Acts in its runs alone
    tier: low
    stage: supervised
    review_by: {review}
    workloads: {{run: true}}
    sandbox: isolated
  fixer:
    owner: {ada}
    purpose: Fixes bugs
    tier: low
    stage: supervised
    review_by: {review}
    approvers: release
    mcp_scopes: {{desk: [{{tool: count, sandboxed: true}}]}}
    sandbox:
      resolver: ["127.0.0.1:{dns}"]
      egress:
        - {{host: shop.test, ports: [{port}], private: true}}
        - {{host: strict.test, ports: [{port}]}}
      limits: {{wall: 60s, pids: 64}}
"""
# Run inside: each line of standard input is a step, and each answer a line of JSON.
AGENT = """\
import http.client, json, socket, ssl, sys
context = ssl._create_unverified_context()

def fetch(host, port):
    connection = http.client.HTTPSConnection("127.0.0.1", 3128, context=context, timeout=10)
    connection.set_tunnel(host, int(port))
    try:
        connection.request("GET", "/")
        return connection.getresponse().read().decode()
    finally:
        connection.close()

def tunnel(host, port):
    with socket.create_connection(("127.0.0.1", 3128), 10) as proxy:
        proxy.sendall(f"CONNECT {host}:{port} HTTP/1.1\\r\\nHost: {host}:{port}\\r\\n\\r\\n".encode())
        return proxy.makefile("rb").read().decode()

def direct(host, port):
    with socket.create_connection((host, int(port)), 3):
        return "connected"

def name(host, port):
    return socket.getaddrinfo(host, int(port))

def post(path, message, host="127.0.0.1:3128", **more):
    connection = http.client.HTTPConnection("127.0.0.1", 3128, timeout=10)
    connection.request("POST", path, json.dumps({"jsonrpc": "2.0", **message}), {
        "Host": host, "Content-Type": "application/json", "Accept": "application/json, text/event-stream",
        "Authorization": "Bearer of-another", **more})
    response = connection.getresponse()
    return response, response.read().decode()

def own(path, host="127.0.0.1:3128"):
    response, body = post(path, {"id": 1, "method": "initialize", "params": {"protocolVersion": "2025-06-18",
                          "capabilities": {}, "clientInfo": {"name": "inside", "version": "1"}}}, host)
    own.session = response.getheader("Mcp-Session-Id")
    return [response.status, body]

def event(kind):
    return post("/hook/v1/event", {"v": 1, "event": kind})[1]

def call(tool):
    own("/mcp")
    session = {"Mcp-Session-Id": own.session, "MCP-Protocol-Version": "2025-06-18"}
    post("/mcp", {"method": "notifications/initialized"}, **session)
    return post("/mcp", {"id": 2, "method": "tools/call", "params": {"name": tool, "arguments": {}}}, **session)[1]

for line in sys.stdin:
    step, *words = line.split()
    try:
        answer = globals()[step](*words)
    except OSError as error:
        answer = f"{type(error).__name__} {error}"
    print(json.dumps(answer), flush=True)
"""


# The metadata service of clouds, in each form that a resolver takes, and the unspecified address.
METADATA = ["169.254.169.254", "::ffff:169.254.169.254", "0xa9fea9fe", "2852039166", "0251.0376.0251.0376", "169.254.43518",
            "fd00:ec2::254"]
UNSPECIFIED = ["0.0.0.0", "0"]
# A network in which these addresses are those of a live server: without the sandbox each is reached.
CLOUD = """\
import fcntl, json, socket, struct, sys

def control(family, number, data):
    with socket.socket(family, socket.SOCK_DGRAM) as one:
        fcntl.ioctl(one, number, data)

control(socket.AF_INET, 0x8914, struct.pack("16sH22x", b"lo", 0x41))
control(socket.AF_INET, 0x8916, struct.pack("16sHH4s16x", b"lo:1", socket.AF_INET, 0, socket.inet_aton("169.254.169.254")))
control(socket.AF_INET6, 0x8916, struct.pack("16sIi", socket.inet_pton(socket.AF_INET6, "fd00:ec2::254"), 128,
                                             socket.if_nametoindex("lo")))
server = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
for host in sys.argv[1:]:
    socket.create_connection((host, server.getsockname()[1]), 3).close()
print("connected")
"""


class Shop(NameServer):
    """An HTTPS server on loopback that answers each connection once, and a name server that has only 127.0.0.1."""

    def __init__(self, folder):
        super().__init__()
        self.context = serving(Authority(), folder)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.connections = 0
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            connection, _ = self.listener.accept()
            self.connections += 1
            try:
                with self.context.wrap_socket(connection, server_side=True) as secure:
                    secure.recv(65536)
                    secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nopen")
            except (OSError, ssl.SSLError):
                connection.close()


class Agent(SteppedAgent):
    def __init__(self, house: SandboxHouse, agent: str = "fixer"):
        super().__init__(house.begin("python3", "-c", AGENT, agent=agent))


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    return Shop(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="module")
def house(binary, tmp_path_factory, shop, desk):
    policy = POLICY.format(ada=ADA, sam=SAM, dns=shop.dns, port=shop.port, desk=desk,
                           review=date.today() + timedelta(days=60), seen=date.today() - timedelta(days=7))
    with housed(binary, tmp_path_factory, policy) as made:
        made.start()
        yield made


@pytest.mark.requirement("R029", "R077")
def test_an_agent_reaches_what_its_policy_names_and_nothing_else(house, shop):
    agent = Agent(house)
    assert agent.do("fetch", "shop.test", shop.port) == "open" and shop.connections == 1
    # Another host is refused before its name is looked up, another port too, and a public rule has no private answer.
    assert "403" in agent.do("fetch", "evil.test", shop.port)
    assert agent.do("tunnel", "evil.test", shop.port).endswith("\r\n\r\nno-rule\n")
    assert agent.do("tunnel", "shop.test", 1).endswith("\r\n\r\nport\n")
    assert agent.do("tunnel", "strict.test", shop.port).endswith("\r\n\r\nprivate-address\n")
    assert agent.do("tunnel", "127.0.0.1", shop.port).endswith("\r\n\r\nno-rule\n")
    assert agent.do("tunnel", "127.1", shop.port).endswith("\r\n\r\nbad-host\n")
    assert "evil.test" not in shop.asked and shop.connections == 1
    # A program that ignores the proxy reaches nothing: `lo` is its own, and there is no resolver.
    assert "ConnectionRefusedError" in agent.do("direct", "127.0.0.1", shop.port)
    assert "unreachable" in agent.do("direct", "192.0.2.1", 443)
    assert "gaierror" in agent.do("name", "shop.test", shop.port)
    # It cannot be read, and is known to be no end of a tool: such an event ends the run.
    assert '"reason":"bad-event"' in agent.do("event", "pre_tool") and agent.do("own", "/model/main/v1") == [403, "no-rule\n"]
    report = agent.end()
    assert (report["code"], report["source"]) == (0, "agent")

    records = house.leaves(report["run"])
    # The alert of a first host names the run and is no part of its chain.
    chain = [one for one in records if "rs" in one]
    assert chain[0]["t"] == "run.start" and chain[-1]["t"] == "run.end" and chain[-1]["cnt"] == len(chain)
    assert [one["code"] for one in records if "rs" not in one] == ["signal.first_host"]
    connects = [one for one in records if one["t"] == "net.connect"]
    (allowed,) = [one for one in connects if one["dec"] == "allow"]
    assert (allowed["rule"], allowed["port"], allowed["acc"]) == (f"tls shop.test:{shop.port}", shop.port, "tunnel")
    assert allowed["dst"]["n"] > 0 and "pol" in allowed
    assert [one["code"] for one in connects if one["dec"] == "deny"] == [
        "net.no_rule", "net.no_rule", "net.port", "net.private_address", "net.no_rule", "net.bad_host", "net.no_rule"]
    (closed,) = [one for one in records if one["t"] == "net.close"]
    assert (closed["call"], closed["end"]) == (allowed["call"], "finished") and closed["recv"] > closed["sent"] > 0
    lookups = [one for one in records if one["t"] == "net.dns"]
    assert [one["cnt"] for one in lookups] == [1, 1] and lookups[0]["call"] == allowed["call"]
    # The permission is before the end, and no record names a host that was refused.
    assert records.index(allowed) < records.index(closed)
    assert "evil" not in json.dumps(records) and "127.0.0.1" not in json.dumps(records)
    assert house.gateway.verify().returncode == 0


@pytest.mark.requirement("R077")
def test_a_run_that_dials_a_metadata_address_itself_has_no_way_to_it(house, shop):
    """Through the proxy: `test_escapes.py`."""
    try:
        made = subprocess.run(["unshare", "-Urn", "/usr/bin/python3", "-c", CLOUD, *METADATA, *UNSPECIFIED],
                              capture_output=True, text=True, timeout=30)
    except FileNotFoundError:
        pytest.skip("there is no unshare")
    if "unshare" in made.stderr:
        pytest.skip(f"no network of one's own: {made.stderr.strip()}")
    assert made.stdout == "connected\n", made.stderr
    agent, before = Agent(house), shop.connections
    for host in METADATA:
        said = agent.do("direct", host, 80)
        # No route, or no address of its own from which there were one.
        assert "[Errno 101]" in said or (":" in host and "[Errno 99]" in said), (host, said)
    for host in UNSPECIFIED:
        # Its own `lo`, where nothing listens on the port of the host's server.
        assert "ConnectionRefusedError" in agent.do("direct", host, shop.port), host
    assert "gaierror" in agent.do("direct", "metadata.google.internal", 80)
    assert shop.connections == before and "metadata.google.internal" not in shop.asked
    # By the proxy such a host is one more that no rule names.
    assert agent.do("tunnel", "metadata.google.internal", 80).endswith("\r\n\r\nno-rule\n")
    assert "metadata.google.internal" not in shop.asked
    agent.end()


@pytest.mark.requirement("R029")
def test_advice_from_a_run_narrows_its_hosts_and_applies_nothing(house, shop):
    agent = Agent(house)
    assert agent.do("fetch", "shop.test", shop.port) == "open"
    assert "403" in agent.do("fetch", "evil.test", shop.port)
    advise = ("policy", "advise", "--dir", str(house.gateway.folder), "--run")
    run = until(lambda: [one["run"] for one in house.gateway.records(50) if one["t"] == "net.connect"])[-1]
    assert house.gateway.run(*advise, run, check=False).returncode == 75
    assert agent.end()["run"] == run

    policy = house.gateway.folder / "policy.yaml"
    before = policy.read_bytes()
    said = house.gateway.run(*advise, run, check=False)
    assert said.returncode == 1
    assert f"egress: remove `strict.test:{shop.port}`, not used\n" in said.stdout
    assert f"refused: evil.test:{shop.port}, net.no_rule, 1 times; not proposed\n" in said.stdout
    assert "another one of the agent may need more" in said.stderr
    assert "export.made" in [one["t"] for one in house.gateway.records(5)] and policy.read_bytes() == before
    (found,) = house.gateway.json(*advise, run, check=False)
    assert [one["item"] for one in found["advice"]] == [f"strict.test:{shop.port}"]
    # The patch applies to the policy's text, and the narrowed policy gets no advice.
    folder = house.make_project("narrowed", {"policy.yaml": before.decode()})
    subprocess.run(["git", "apply", "-"], input=found["patch"], text=True, check=True, cwd=folder)
    narrowed = house.gateway.run(*advise, run, "--policy", str(folder / "policy.yaml"), check=False)
    assert narrowed.returncode == 0 and "nothing to narrow" in narrowed.stdout
    assert "strict.test" not in (folder / "policy.yaml").read_text()


@pytest.mark.requirement("R054", "R082")
def test_calls_reach_the_gateway_with_the_identity_of_the_run_and_no_token_inside(house):
    agent = Agent(house)
    status, answer = agent.do("own", "/mcp")
    assert status == 200 and '"serverInfo"' in answer
    assert agent.do("own", "/mcp", "evil.test")[0] in (400, 403, 404, 421)
    assert agent.do("own", "/v1/status")[0] == 404
    report = agent.end()
    records = house.leaves(report["run"])
    (opened,) = [one for one in records if one["t"] == "session.opened"]
    assert opened["agent"] == "fixer" and "jti" in records[0]
    assert (house.gateway.folder / "state" / "runs.sock").stat().st_mode & 0o777 == 0o600


@pytest.mark.requirement("R054", "R079")
def test_a_grant_for_sandboxed_calls_lets_them_through_from_inside_a_run_alone(house):
    house.gateway.wait_for_tools("fixer", "desk")
    agent = Agent(house)
    assert "counted" in agent.do("call", "desk__count")
    report = agent.end()
    (intent,) = [one for one in house.leaves(report["run"]) if one["t"] == "call.intent"]
    assert (intent["tool"], intent["dec"]) == ("desk__count", "allow")
    # The same agent, with a token for outside: people decide. A token for the very run does not attest either.
    call_with_approval(house, house.gateway.token("fixer"))
    other = Agent(house)
    other.do("own", "/mcp")
    opened = [one for one in house.gateway.records(50) if one["t"] == "session.opened"]
    call_with_approval(house, house.gateway.token("fixer", run=opened[-1]["run"]))
    other.end()


def call_with_approval(house: SandboxHouse, token: str) -> None:
    """A call from outside any run, which waits until a person has approved it."""
    session, answers = wire.Session(house.gateway.port, token), []
    caller = threading.Thread(target=lambda: answers.append(session.call("desk__count")), daemon=True)
    caller.start()
    waiting = house.gateway.pending()
    assert not answers
    house.gateway.approve(approval_id(waiting), by=SAM)
    caller.join(15)
    assert "counted" in json.dumps(answers[0].message["result"])


@pytest.mark.requirement("R011", "R054")
def test_an_agent_whose_workload_is_a_run_calls_from_inside_alone(house):
    agent = Agent(house, "inner")
    status, answer = agent.do("own", "/mcp")
    assert status == 200 and '"serverInfo"' in answer
    assert agent.end()["code"] == 0
    with pytest.raises(ConnectionError, match="401"):
        wire.Session(house.gateway.port, house.gateway.token("inner"))
    assert ("access.foreign_workload", "inner") in house.gateway.alarms()
    assert "a run of `interlock run`" in house.gateway.run("status", "inner").stdout


@pytest.mark.requirement("R029")
def test_a_reload_with_an_error_refuses_everything_until_a_good_one(house, shop):
    policy = house.gateway.folder / "policy.yaml"
    good = policy.read_bytes()
    agent = Agent(house)
    assert agent.do("fetch", "shop.test", shop.port) == "open"

    def answers(found) -> bool:
        for _ in range(100):
            if found(agent.do("tunnel", "shop.test", shop.port + 1)):
                return True
            time.sleep(0.05)
        return False

    try:
        policy.write_bytes(good + b"nonsense: [\n")
        assert answers(lambda text: text.endswith("no-policy\n"))
        assert "403" in agent.do("fetch", "shop.test", shop.port)
    finally:
        policy.write_bytes(good)
    assert answers(lambda text: text.endswith("port\n"))
    assert agent.do("fetch", "shop.test", shop.port) == "open"
    agent.end()
