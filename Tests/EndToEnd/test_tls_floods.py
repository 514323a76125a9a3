"""Abusive TLS traffic of servers and strangers: it costs them their connection, and does not affect others."""

import ipaddress
import os
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from pathlib import Path

import pytest
from cryptography import x509

import faulty
import test_tls
from addresses import ADA
from certificates import PEM, Authority
from conftest import FIXTURES, organise
from make_organisation import free_ports
from ordering import order
from test_kill_load import local
from tls_records import Peer, certificate
from waits import until
from wire import Answer, Session, decision

sys.path.insert(0, str(FIXTURES))

import tls_server  # noqa: E402

SECOND = 1.0
FLOODING = 2
ADDRESS, NAME = x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")
# Flood -> the reasons with which its call may end; all others end by their form, not by their size.
ENDS = {"events": ("result-too-large",),
        # 16 MiB in such chunks are 96 MiB on the wire: the flood may be over before.
        "one_byte_chunks": ("result-too-large", "failed")}
# Server -> the host of its URL, the content of its certificate, and the reason why it is not accepted.
SHOWN = {
    "by-address": ("127.0.0.1", dict(names=[ADDRESS]), None),
    "by-name": ("localhost", dict(names=[NAME]), None),
    "unknown-root": ("localhost", dict(names=[NAME], signer=Authority("stranger")), "unable to get local issuer certificate"),
    "expired": ("localhost", dict(names=[NAME], hours=(-48, -24)), "certificate has expired"),
    "not-yet": ("localhost", dict(names=[NAME], hours=(24, 48)), "certificate is not yet valid"),
    "other-name": ("localhost", dict(names=[x509.DNSName("other.example")]), "hostname mismatch"),
    "other-address": ("127.0.0.1", dict(names=[x509.IPAddress(ipaddress.ip_address("127.0.0.2"))]), "ip address mismatch"),
    "address-as-name": ("127.0.0.1", dict(names=[x509.DNSName("127.0.0.1")]), "ip address mismatch"),
    "subject-alone": ("localhost", dict(names=[]), "hostname mismatch"),
}


class World:
    """A gateway with servers over TLS for the agent `tester`, and one of plain HTTP for the agent `other`."""

    def __init__(self, stack: ExitStack, binary: Path, people, folder: Path):
        root, self.people = Authority(), people
        (folder / "root.pem").write_bytes(root.certificate.public_bytes(PEM))
        self.ports, self.data, words = dict(zip(SHOWN, free_ports(len(SHOWN)))), folder, []
        extra, scopes = {}, ""
        for name, (host, given, _) in SHOWN.items():
            words.append(f"{self.ports[name]}={certificate(folder / f'{name}.pem', **{'signer': root, **given})}")
            made = faulty.policy(name, f'{{http: "https://{host}:{self.ports[name]}/mcp"}}', tls_server.TOOLS)
            extra[f"servers/{name}.yaml"] = made[f"servers/{name}.yaml"]
            scopes += f"      {name}: [read]\n"
        extra["agents/tester.yaml"] = made["agents/tester.yaml"].split("mcp_scopes:")[0] + "mcp_scopes:\n" + scopes
        plain = stack.enter_context(faulty.FaultyServer(folder, "http"))
        extra["servers/faulty.yaml"] = plain.policy["servers/faulty.yaml"]
        extra["agents/other.yaml"] = plain.policy["agents/tester.yaml"].replace("tester:", "other:")
        server = subprocess.Popen([sys.executable, FIXTURES / "tls_server.py", folder, *words])
        stack.callback(server.wait, 5)
        stack.callback(server.kill)
        self.made = organise(stack, binary, people, folder / "org", extra=extra, servers=(), start=False,
                             settings={"mcp": {"idle_timeout": "5s", "hard_timeout": "12s"}})
        self.gateway = self.made.gateway
        self.gateway.start(environment={"SSL_CERT_FILE": str(folder / "root.pem")})
        self.gateway.wait_for_tools("tester", "by-address", "by-name")
        self.gateway.wait_for_tools("other", "faulty")
        self.others = [self.made.session("other") for _ in range(6)]
        self.pool = stack.enter_context(ThreadPoolExecutor(FLOODING + len(self.others)))

    def arrived(self, server: str) -> list[tuple[str, str]]:
        """The number of the connection and the event, for each."""
        lines = [line.split(" ", 2) for line in (self.data / "arrived").read_text().splitlines()]
        return [(number, what) for port, number, what in lines if port == str(self.ports[server])]

    def run(self) -> tuple[str, Session]:
        made = local(self.made, "POST", "/v1/tokens", {"agent": "tester", "purpose": "floods", "ttl_s": 3600})
        return made["run"], Session(self.gateway.port, made["token"])

    def slowest_other(self) -> float:
        def call(session: Session) -> float:
            began = time.monotonic()
            assert session.call("faulty__echo", text="well").code is None
            return time.monotonic() - began
        return max(self.pool.map(call, self.others))

    def halt(self, run: str) -> float:
        began = time.monotonic()
        report = local(self.made, "POST", "/v1/halts", order(self.gateway, self.people, ADA, "halt", scope="run", target=run))
        (point,) = [one for one in report["points"] if one["state"] != "not_present"]
        assert point["state"] == "confirmed" and point["left"] == 0, report
        return time.monotonic() - began

    def memory(self, name: str) -> int:
        """The memory of the gateway's process in MB: VmRSS now, VmHWM the maximum since `/proc/PID/clear_refs` was
        written."""
        status = Path(f"/proc/{self.gateway.process.pid}/status").read_text()
        return int(status.split(f"{name}:")[1].split()[0]) // 1024


@pytest.fixture(scope="module")
def world(binary, people, tmp_path_factory):
    with ExitStack() as stack:
        yield World(stack, binary, people, tmp_path_factory.mktemp("tls"))


def text(answer: Answer) -> str:
    return answer.message["result"]["content"][0]["text"]


@pytest.mark.alone
@pytest.mark.requirement("R151")
@pytest.mark.parametrize("flood", tls_server.FLOODS)
def test_r151_a_server_that_floods_its_calls_delays_nobody(world, flood):
    (run, halted), (_, left) = world.run(), world.run()
    Path(f"/proc/{world.gateway.process.pid}/clear_refs").write_text("5")
    before, came = world.memory("VmRSS"), len(world.arrived("by-address"))
    # Python makes no more of these if there are more connections.
    number = 2 if flood == "key_updates" else FLOODING
    calls = [world.pool.submit(session.call, f"by-address__{flood}", 30) for session in [left] + [halted] * (number - 1)]
    until(lambda: any(what == "floods" for _, what in world.arrived("by-address")[came:]))
    began = time.monotonic()
    took = [world.slowest_other(), world.halt(run), world.slowest_other()]
    # Four rounds a second: the others must not reach the limit of their agent, however long the flood lasts.
    while wait(calls[:1], 0.25).not_done:
        took.append(world.slowest_other())
    told = decision(calls[0].result(30).message["result"])
    grown = world.memory("VmHWM") - before
    print(f"{flood}: {max(took):.3f} s of {len(took)}, {grown} MB, over after {time.monotonic() - began:.2f} s")
    assert max(took) < SECOND and grown < 60, (took, grown)
    ends = ENDS.get(flood, ("failed",))
    assert told["code"] == 5020 and told["reason"] in ends and told["outcome"] == "unknown", told
    assert all(decision(call.result(5).message["result"])["reason"] in (*ends, "halted") for call in calls[1:])
    until(lambda: left.call("by-address__well").code is None)


@pytest.mark.alone
@pytest.mark.requirement("R151")
def test_r151_a_stranger_who_changes_keys_again_and_again_is_cut_off_and_delays_nobody(organisation, people, tmp_path):
    root = Authority()
    made = organisation(start=False, servers=())
    test_tls.write(made, *root.issue())
    test_tls.configure(made)
    made.gateway.start()
    address, trusting = ("127.0.0.1", made.gateway.port), test_tls.client(root, tmp_path)

    def stranger() -> Peer:
        return Peer(socket.create_connection(address, 5), test_tls.client(root, tmp_path), as_client_of=address[0])

    modest = stranger()
    modest.connection.sendall(modest.key_updates(3) + modest.records(test_tls.get(test_tls.METADATA)))
    assert modest.read().startswith(b"HTTP/1.1 200")
    strangers = [stranger(), stranger()]
    floods = [one.key_updates(150_000) for one in strangers]

    def ask(_) -> float:
        began = time.monotonic()
        assert test_tls.ask(address[1], trusting, test_tls.get(test_tls.METADATA), 30).startswith(b"HTTP/1.1 200")
        return time.monotonic() - began

    def is_left_open(stranger: Peer, data: bytes) -> bool:
        try:
            stranger.connection.sendall(data)
            return stranger.connection.recv(1) != b""
        except ConnectionError:
            return False
        except TimeoutError:
            return True

    with ThreadPoolExecutor(8) as pool:
        left_open = pool.map(is_left_open, strangers, floods)
        time.sleep(0.1)
        took = [*pool.map(ask, range(6))]
        began = time.monotonic()
        report = local(made, "POST", "/v1/halts", order(made.gateway, people, ADA, "halt", scope="agent", target="refunds"))
        took.append(time.monotonic() - began)
        assert report["state"] == "halted" and max(took) < SECOND, (took, report)
        assert not any(left_open)


def test_an_answer_behind_tickets_and_changed_keys_is_read(world):
    _, session = world.run()
    for _ in range(4):
        assert text(session.call("by-address__after_tickets")) == "well"


def test_a_body_that_ends_with_the_connection_must_end_with_that_of_tls(world):
    _, session = world.run()
    assert text(session.call("by-address__ended")) == "well"
    cut = session.call("by-address__cut")
    assert decision(cut.message["result"]).get("reason") == "failed", cut.body


@pytest.mark.parametrize("server", SHOWN)
def test_certificates(world, server):
    _, session = world.run()
    if (why := SHOWN[server][2]) is None:
        assert text(session.call(f"{server}__well")) == "well"
        return
    assert session.call(f"{server}__well").code == -32602  # an unknown tool
    (line,) = [line for line in world.gateway.run("servers", "list").stdout.splitlines() if line.startswith(f"{server} ")]
    assert f"not offered (its certificate is not accepted: {why})" in line
    happened = {what for _, what in world.arrived(server)}
    assert "opened" in happened and all(what == "opened" or what.startswith("ended: ") for what in happened), happened


def test_one_connection_carries_one_request_after_the_other(world):
    _, session = world.run()
    came, loops = len(world.arrived("by-name")), os.cpu_count()
    for _ in range(4 * loops):
        assert text(session.call("by-name__well")) == "well"
    happened = world.arrived("by-name")[came:]
    # Each of the gateway's loops has its own connection, and sends the server its session.
    assert sum(what == "well" for _, what in happened) == 4 * loops
    assert sum(what == "shaken" for _, what in happened) <= loops >= len({number for number, _ in happened}), happened


@pytest.mark.parametrize("tool", tls_server.UNASKED)
def test_what_follows_an_answer_unasked_ends_the_connection(world, tool):
    _, session = world.run()
    for _ in range(4):
        came = len(world.arrived("by-name"))
        assert text(session.call(f"by-name__{tool}")) == "well"
        # Only then: until the server has sent it, its presence is unknown.
        until(lambda: any(what == "sent more" for _, what in world.arrived("by-name")[came:]))
        assert [text(session.call("by-name__well")) for _ in range(4)] == ["well"] * 4
        happened = world.arrived("by-name")[came:]
        (used,) = [number for number, what in happened if what == tool]
        assert [what for number, what in happened if number == used and what == "well"] == [], happened
