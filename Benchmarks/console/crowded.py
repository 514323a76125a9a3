"""A gateway with as many agents, waiting requests and records as a large organisation has. All of them were made in the
usual way: a policy that was loaded, calls that were decided, an audit log that was written and synced."""

import base64
import json
import socket
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from string import Template
from types import SimpleNamespace

BENCHMARKS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(BENCHMARKS), str(BENCHMARKS.parent / "Examples" / "support"),
                str(BENCHMARKS.parent / "Tests" / "EndToEnd")]

import rows  # noqa: E402
import wire  # noqa: E402
from deployment import Deployment  # noqa: E402
from make_organisation import free_ports  # noqa: E402

ADA, SAM = "ada@bench.example", "sam@bench.example"
PEOPLE = {ADA: ["kill", "resume", "security"], SAM: ["resume", "security"]}
# The default limit of waiting requests per agent.
WAITING_OF_AN_AGENT = 16
CONNECTIONS = 64
# A run ends after 100,000 calls.
LOAD_SECONDS = 3

ORG = rows.ORG + "approvals:\n  people: {members: [ada@bench.example, sam@bench.example], expires: 8h}\n"
AGENT = """\
  ${name}:
    owner: ${owner}
    purpose: Answers question ${number} of those that customers ask
    tier: low
    stage: supervised
    review_by: "${later}"
    sandbox: {profile: isolated, egress: []}
    mcp_scopes: {bench: [read]}
"""
ASKING = "    approvers: people\n    approval_required: [bench.search]\n"


class CrowdedHouse:
    def __init__(self, binary: Path, programs: SimpleNamespace, folder: Path, people, *, agents: int, waiting: int):
        """Takes `programs` with the paths `upstream` and `load` of the built programs."""
        self.programs, self.agents, self.asking = programs, agents, -(-waiting // WAITING_OF_AN_AGENT)
        (port,) = free_ports(1)
        self.upstream = subprocess.Popen([programs.upstream, str(port)])
        self.gateway = Deployment(binary, folder / "deployment", self._policy(folder / "policy", port), people, org="bench")
        self.origin = f"http://localhost:{self.gateway.people_port}"
        self.gateway.console = self.origin
        self.gateway.init()
        self.gateway.configure("breakers", run="{calls: 100000, wall: 7d}")
        self.gateway.configure("approval_service", pending_in_all=str(2 * waiting + 16))
        self.gateway.start(seconds=120)
        self.gateway.wait_for_tools(self.name(agents - 1), "bench", seconds=120)

    def name(self, number: int) -> str:
        return f"agent-{number:05d}"

    def _policy(self, folder: Path, port: int) -> Path:
        days = {"today": date.today(), "later": date.today() + timedelta(days=60)}
        for name, text in (("org.yaml", ORG), ("servers/bench.yaml", rows.SERVER)):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(Template(text).substitute(days, upstream=port))
        (folder / "agents").mkdir()
        agent = Template(AGENT)
        for first in range(0, self.agents, 100):
            lines = ["agents:\n"]
            for number in range(first, min(first + 100, self.agents)):
                lines.append(agent.substitute(days, name=self.name(number), number=number,
                                              owner=f"owner-{number % 200}@bench.example" if number % 50 else ADA))
                lines.append(ASKING if number < self.asking else "")
            (folder / "agents" / f"{first:05d}.yaml").write_text("".join(lines))
        return folder

    # Counts from the gateway's metrics.

    def _metric(self, name: str) -> int:
        """The sum over all labels."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.gateway.people_port}/metrics", timeout=30) as answer:
            lines = answer.read().decode().splitlines()
        return sum(int(float(line.split()[-1])) for line in lines if line.split("{")[0].split(" ")[0] == name)

    def records(self) -> int:
        return self._metric("interlock_ledger_size")

    def pending(self) -> int:
        return self._metric("interlock_approvals_pending")

    def write(self, records: int) -> None:
        """Makes permitted calls until the log has `records` records."""
        while self.records() < records:
            print(f"  {self.records():,} of {records:,} records", file=sys.stderr)
            token = self.gateway.token(self.name(self.agents - 1), ttl="8h")
            session = wire.Session(self.gateway.port, token)
            headers = f"Authorization: Bearer {token}\r\nMCP-Protocol-Version: {session.headers['MCP-Protocol-Version']}\r\n"
            done = subprocess.run(
                [self.programs.load, str(self.gateway.port), "/mcp", "bench__search", str(CONNECTIONS), str(LOAD_SECONDS), "0",
                 "0", headers, session.headers["Mcp-Session-Id"]], capture_output=True, text=True, timeout=LOAD_SECONDS + 60)
            if done.returncode != 0 or json.loads(done.stdout)["refused"]:
                raise RuntimeError(f"load: {done.stdout[-500:]} {done.stderr[-500:]}")

    def ask(self, waiting: int) -> None:
        """Makes calls that wait for people, and closes the connections of their callers."""
        with ThreadPoolExecutor(4) as pool:
            tokens = pool.map(lambda number: self.gateway.token(self.name(number), ttl="8h"), range(self.asking))
            for number, token in enumerate(tokens):
                there = self.pending()
                wanted = min(WAITING_OF_AN_AGENT, waiting - there)
                held = self._ask(token, number, wanted)
                deadline = time.monotonic() + 60
                while self.pending() < there + wanted:
                    if time.monotonic() > deadline:
                        raise TimeoutError(f"{self.pending()} of {there + wanted} requests wait")
                    time.sleep(0.005)
                for connection in held:
                    connection.close()

    def _ask(self, token: str, agent: int, count: int) -> list[socket.socket]:
        session = wire.Session(self.gateway.port, token)
        lines = "".join(f"{name}: {value}\r\n" for name, value in session.headers.items())
        held = []
        for number in range(count):
            body = json.dumps({"jsonrpc": "2.0", "id": number + 10, "method": "tools/call", "params": {
                "name": "bench__search", "arguments": {"text": f"question {agent}-{number}"}}}).encode()
            held.append(socket.create_connection(("127.0.0.1", self.gateway.port), timeout=30))
            held[-1].sendall(f"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:{self.gateway.port}\r\n{lines}"
                             f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        return held

    def review(self, agent: str) -> str:
        """Starts a review of an agent, and one of the organisation; returns a record of the first, as its address has it."""
        since = ("--from", str(date.today() - timedelta(days=1)), "--json")
        (started,) = map(json.loads, self.gateway.run("review", "start", agent, *since, seconds=1200).stdout.splitlines())
        self.gateway.run("review", "start", "--org", *since, seconds=1200)
        (shown,) = map(json.loads, self.gateway.run("review", "sample", started["review"], "--json", seconds=600).stdout.splitlines())
        leaf = next(one["leaf"] for stratum in shown["strata"] for one in stratum["records"])
        return base64.b64decode(leaf).hex()

    def incident(self) -> str:
        """Opens an incident with a hundred actions."""
        opened = self.gateway.json("incidents", "open", "--severity", "3", "--reason", "a bench", seconds=600)[0]["id"]
        for number in range(100):
            self.gateway.run("incidents", "act", opened, "--did", f"action {number}")
        return opened

    def close(self) -> None:
        self.gateway.kill()
        rows.end(self.upstream)
