"""`fixtures/faulty_server.py` as an upstream named `faulty`, with an agent `tester` that may call it."""

import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

from make_organisation import free_ports
from upstreams import wait_for_http

FIXTURES = Path(__file__).resolve().parent / "fixtures"
TOOLS = ("echo", "slow", "hang", "die", "garbage", "huge", "wrong_id", "no_result", "shapeless", "flood",
         "leaky")

AGENT = """\
agents:
  tester:
    owner: li@acme.example
    purpose: Calls a server that misbehaves
    tier: low
    stage: supervised
    review_by: "REVIEW_BY"
    sandbox: {profile: isolated, egress: []}
    mcp_scopes:
      NAME: [read]
"""


def policy(name: str, connect: str, tools: tuple[str, ...]) -> dict[str, str]:
    """Policy files for a server of that name and an agent that may call its tools."""
    listed = "".join(f"      {tool}: {{class: read}}\n" for tool in tools)
    server = (f"servers:\n  {name}:\n    connect: {connect}\n"
              f"    reviewed: {{by: li@acme.example, on: \"{date.today() - timedelta(days=14)}\", trust: internal}}\n    tools:\n{listed}")
    return {f"servers/{name}.yaml": server, "agents/tester.yaml": AGENT.replace("NAME", name).replace(
        "REVIEW_BY", str(date.today() + timedelta(days=60)))}


class FaultyServer:
    """One such server: over HTTP it runs here; over stdio the gateway starts it from the policy."""

    def __init__(self, folder: Path, way: str):
        self.way, self.data = way, folder / "faulty"
        self.data.mkdir(parents=True, exist_ok=True)
        self.data.chmod(0o777)  # the sandbox may run it as another user
        script = str(FIXTURES / "faulty_server.py")
        if way == "http":
            (port,) = free_ports(1)
            self.words = [sys.executable, script, "--http", str(port), "--data", str(self.data)]
            self.port, connect = port, f'{{http: "http://127.0.0.1:{port}/mcp"}}'
        else:
            connect = (f'{{stdio: ["/usr/bin/python3", "{script}", "--stdio", "--data", "{self.data}"], '
                       f'sandbox: {{read: ["{FIXTURES}"], writable_cache: ["{self.data}"]}}}}')
        self.policy = policy("faulty", connect, TOOLS)

    def __enter__(self) -> "FaultyServer":
        if self.way == "http":
            self.process = subprocess.Popen(self.words)
            wait_for_http(self.port, self.process)
        return self

    def __exit__(self, *_) -> None:
        if self.way == "http":
            self.process.kill()
            self.process.wait(5)

    def arrived(self, tool: str) -> int:
        path = self.data / "arrived"
        return path.read_text().splitlines().count(tool) if path.exists() else 0

    def wait_for(self, tool: str, number: int = 1, seconds: float = 10) -> None:
        deadline = time.monotonic() + seconds
        while self.arrived(tool) < number:
            assert time.monotonic() < deadline, f"{tool} did not arrive"
            time.sleep(0.02)
