"""The three routes to the same upstream: direct, through nginx, through Interlock."""

import json
import os
import socket
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from string import Template

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Examples" / "support"))

import processes  # noqa: E402
import wire  # noqa: E402
from deployment import Deployment  # noqa: E402
from make_organisation import free_ports  # noqa: E402
from people import People  # noqa: E402

AGENTS = 100
SESSIONS = 8  # sessions per agent; the connections share them
PEOPLE = {"ada@bench.example": ["kill", "resume", "security"], "sam@bench.example": ["resume", "security"]}

ORG = """\
interlock: 1
org: bench
owners: [ada@bench.example]
kill_switch: {scope: org-wide, drill_every: 31d, last_drill: "${today}"}
tiers:
  low:    {classes: [read],                     calls: 1000000000/s}
  medium: {classes: [read, write],              calls: 60/m, require: [approvers]}
  high:   {classes: [read, write, destructive], calls: 20/m, require: [approvers, egress]}
"""
SERVER = """\
servers:
  bench:
    connect: {http: "http://127.0.0.1:${upstream}/mcp"}
    reviewed: {by: ada@bench.example, on: "${today}", trust: internal}
    tools:
      search: {class: read}
"""
AGENT = """\
agents:
  ${agent}:
    owner: ada@bench.example
    purpose: Asks the same question again and again
    tier: low
    stage: supervised
    review_by: "${later}"
    sandbox: {profile: isolated, egress: []}
    mcp_scopes:
      bench: [read]
"""


class Row:
    """One route: the address, the headers and the processes that work for it."""

    name: str
    port: int
    tool = "search"
    headers = ""
    sessions: list[str] = []

    def pids(self) -> dict[str, list[int]]:
        raise NotImplementedError

    def renew(self) -> None:
        """Prepares each load: a route that counts calls starts over."""


class Direct(Row):
    name = "direct"

    def __init__(self, program: Path):
        (self.port,) = free_ports(1)
        self.process = subprocess.Popen([program, str(self.port)])
        wait_for_port(self.port, self.process)

    def pids(self):
        return {"upstream": [self.process.pid]}

    def close(self):
        end(self.process)


class Nginx(Row):
    name = "nginx"

    def __init__(self, direct: Direct, folder: Path):
        (self.port,) = free_ports(1)
        self.direct = direct
        configuration = folder / "nginx.conf"
        configuration.write_text(Template((HERE / "nginx.conf").read_text()).safe_substitute(
            folder=folder, upstream=direct.port, port=self.port))
        program = next(path for path in ("/usr/sbin/nginx", "/usr/bin/nginx", "nginx") if os.path.exists(path) or path == "nginx")
        self.process = subprocess.Popen([program, "-c", str(configuration), "-p", str(folder)],
                                        stderr=(folder / "nginx-stderr.log").open("w"))
        wait_for_port(self.port, self.process)
        # The master listens before its workers run.
        deadline = time.monotonic() + 5
        while not (workers := processes.children(self.process.pid)) and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.1)
        self.workers = processes.children(self.process.pid) or workers

    def pids(self):
        return {"nginx": [self.process.pid, *self.workers], **self.direct.pids()}

    def close(self):
        end(self.process)


class Interlock(Row):
    name = "interlock"
    tool = "bench__search"

    def __init__(self, direct: Direct, binary: Path, folder: Path, people: People, agents: int = AGENTS):
        self.direct = direct
        policy = folder / "policy"
        self.agents = agent_names(agents)
        self.caller = self.agents[0]
        write_policy(policy, direct, self.agents)
        self.gateway = Deployment(binary, folder / "deployment", policy, people, org="bench")
        self.gateway.init()
        if "\nbreakers:" in (self.gateway.folder / "interlock.yaml").read_text():
            self.gateway.configure("breakers", run="{calls: 100000, wall: 4h}")
        self.port = self.gateway.port

    def start(self) -> float:
        """Starts the gateway; returns the milliseconds from the start of the process to the first response of the
        people plane."""
        started = time.monotonic()
        process = self.gateway.launch()
        while True:
            try:
                if wire.exchange(self.gateway.people_port, "GET", "/healthz", seconds=2).status == 200:
                    return (time.monotonic() - started) * 1000
            except OSError:
                pass
            if process.poll() is not None:
                raise RuntimeError(f"serve ended with {process.returncode}: {self.gateway.stderr()[-2000:]}")
            if time.monotonic() - started > 30:
                raise TimeoutError("no answer from /healthz")
            time.sleep(0.001)

    def open(self) -> None:
        """Opens sessions for the load, once the upstream is connected."""
        self.gateway.wait_for_tools(self.caller, "bench")
        self.token = self.gateway.token(self.caller, ttl="8h")
        opened = [wire.Session(self.port, self.token) for _ in range(SESSIONS)]
        self.sessions = [one.headers["Mcp-Session-Id"] for one in opened]
        self.version = opened[0].headers["MCP-Protocol-Version"]
        self.headers = f"Authorization: Bearer {self.token}\r\nMCP-Protocol-Version: {self.version}\r\n"

    def renew(self) -> None:
        """Opens a new run, because a breaker ends each after 100,000 calls."""
        self.open()

    def pids(self):
        return {"interlock": [self.gateway.process.pid], **self.direct.pids()}

    def close(self):
        self.gateway.stop()


def agent_names(count: int) -> list[str]:
    return [f"bench-{number:03d}" for number in range(count)]


def write_policy(policy: Path, direct: Direct, agents: list[str], org: str = ORG, server: str = SERVER,
                 agent: str = AGENT) -> None:
    """Writes a policy for these agents and one server, the upstream."""
    days = {"today": date.today(), "later": date.today() + timedelta(days=60)}
    for name, text, values in [("org.yaml", org, {}), ("servers/bench.yaml", server, {"upstream": direct.port}),
                               *((f"agents/{name}.yaml", agent, {"agent": name}) for name in agents)]:
        (policy / name).parent.mkdir(parents=True, exist_ok=True)
        (policy / name).write_text(Template(text).substitute(days, **values))


def compiled(name: str, out: Path) -> Path:
    """Compiles the C program of that name; returns its path."""
    built = out / name
    subprocess.run(["cc", "-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-pthread", "-o", built,
                    HERE / name / f"{name}.c"], check=True, timeout=60)
    return built


def end(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(5)


def wait_for_port(port: int, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"nothing listens on port {port}") from None
            time.sleep(0.01)


def load(program: Path, row: Row, connections: int, seconds: float, rate: int, payload: int = 0) -> dict:
    """Runs the load generator once, with `payload` more bytes in each call, and adds the processor time that each process
    of the row used."""
    row.renew()
    before = {name: processes.cpu_seconds(pids) for name, pids in row.pids().items()}
    done = subprocess.run(
        [program, str(row.port), "/mcp", row.tool, str(connections), str(seconds), str(rate), str(payload), row.headers,
         *row.sessions],
        capture_output=True, text=True, timeout=seconds + 60)
    if done.returncode != 0:
        raise RuntimeError(f"load through {row.name}: {done.stderr[-2000:]}")
    found = json.loads(done.stdout)
    if found["refused"]:
        raise RuntimeError(f"{found['refused']} calls through {row.name} were refused: {done.stderr[-2000:]}")
    spent = {name: processes.cpu_seconds(pids) - before[name] for name, pids in row.pids().items()}
    found["cpu_us_by_process"] = {name: 1e6 * seconds_ / found["sent"] for name, seconds_ in spent.items()}
    # The processes in between are charged for the call; the upstream does the same work in every row.
    way = {name: value for name, value in found["cpu_us_by_process"].items() if name != "upstream"}
    found["cpu_us_per_call"] = sum(way.values()) if way else found["cpu_us_by_process"]["upstream"]
    return found


def wrk(row: Row, connections: int, seconds: int) -> float:
    """Calls per second measured by wrk, to validate the load generator."""
    row.renew()
    environment = {**os.environ, "BENCH_TOOL": row.tool}
    if row.sessions:
        environment |= {"BENCH_AUTHORIZATION": f"Bearer {row.token}", "BENCH_SESSION": row.sessions[0],
                        "BENCH_VERSION": row.version}
    done = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}", "-s", str(HERE / "call.lua"), f"http://127.0.0.1:{row.port}/mcp"],
        capture_output=True, text=True, timeout=seconds + 60, env=environment, check=True)
    if "Non-2xx" in done.stdout:
        raise RuntimeError(f"wrk through {row.name}: {done.stdout}")
    return float(next(line.split()[1] for line in done.stdout.splitlines() if line.startswith("Requests/sec")))
