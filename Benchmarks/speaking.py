#!/usr/bin/env python3
"""The bars of MCP, alternating in one run: one client, one trivial call at a time, in both eras, directly to the
server, through Interlock and through FastMCP's proxy; 1,000 sessions; a list of 2,000 tools; the cost of bridging.

Alone: `speaking.py --binary .build/release/interlock`; otherwise a part of `make bench`.
"""

import argparse
import http.client
import itertools
import json
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path
from statistics import median, quantiles

import processes
import rows
import wire
from deployment import Deployment
from make_organisation import free_ports
from people import People

HERE = Path(__file__).resolve().parent
CALLS, BLOCKS, WARM, RENEW = 200, 4, 20, 3
SESSIONS, PER_AGENT, TOOLS = 1000, 32, 2000
NUMBERS = itertools.count()
LEGACY, MODERN = "2025-11-25", "2026-07-28"
META = "io.modelcontextprotocol/"
AGENTS = -(-SESSIONS // PER_AGENT) + 1

SERVER = """\
  {name}:
    connect: {{http: "http://127.0.0.1:{port}/mcp"}}
    reviewed: {{by: ada@bench.example, on: "{today}", trust: internal}}
    tools: {{{tools}}}
"""


class Client:
    """One persistent connection in one era."""

    def __init__(self, port: int, era: str, path: str = "/mcp", token: str | None = None):
        self.era, self.path = era, path
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {"Content-Type": "application/json", "Accept": wire.ACCEPT}
        if token:
            self.headers["Authorization"] = f"Bearer {token}"
        self.number = 0
        if era == LEGACY:
            opened = self.ask("initialize", protocolVersion=LEGACY, capabilities={},
                              clientInfo={"name": "bench", "version": "1"})
            if session := self.received.get("mcp-session-id"):
                self.headers["Mcp-Session-Id"] = session
            self.headers["MCP-Protocol-Version"] = opened["protocolVersion"]
            self.send({"jsonrpc": "2.0", "method": "notifications/initialized"}, {})

    def send(self, message: dict, more: dict) -> list[dict]:
        self.connection.request("POST", self.path, json.dumps(message).encode(), {**self.headers, **more})
        response = self.connection.getresponse()
        body = response.read()
        self.received = {name.lower(): value for name, value in response.getheaders()}
        if response.status >= 300:
            raise RuntimeError(f"{response.status} {body[:300]!r}")
        return wire.messages(self.received.get("content-type", ""), body)

    def ask(self, method: str, **params) -> dict:
        self.number += 1
        more = {}
        if self.era == MODERN:
            params["_meta"] = {META + "protocolVersion": MODERN, META + "clientCapabilities": {},
                               META + "clientInfo": {"name": "bench", "version": "1"}}
            more = {"MCP-Protocol-Version": MODERN, "Mcp-Method": method,
                    **({"Mcp-Name": params["name"]} if "name" in params else {})}
        found = self.send({"jsonrpc": "2.0", "id": self.number, "method": method, "params": params}, more)[-1]
        if "error" in found or found["result"].get("isError"):
            raise RuntimeError(json.dumps(found)[:500])
        return found["result"]

    def call(self) -> None:
        # No two are the same: the same call again and again would open a breaker.
        self.ask("tools/call", name="echo", arguments={"text": str(next(NUMBERS))})

    def tools(self) -> int:
        """Lists all tools, page by page; returns their number."""
        page, found = self.ask("tools/list"), 0
        while True:
            found += len(page["tools"])
            if "nextCursor" not in page:
                return found
            page = self.ask("tools/list", cursor=page["nextCursor"])

    def close(self) -> None:
        self.connection.close()


def timed(step, number: int) -> list[float]:
    """The milliseconds of each step."""
    found = []
    for _ in range(number):
        started = time.perf_counter()
        step()
        found.append((time.perf_counter() - started) * 1000)
    return found


def shown(times: list[float]) -> dict:
    return {"p50_ms": median(times), "p99_ms": quantiles(times, n=100)[98]}


def start(stack: ExitStack, python: Path, script: str, *words) -> int:
    """Starts a script of `servers/`, which ends with the stack; returns its port."""
    (port,) = free_ports(1)
    words = [str(port) if word is Ellipsis else str(word) for word in words]
    process = subprocess.Popen([str(python), str(HERE / "servers" / script), *words], stderr=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL)
    stack.callback(rows.end, process)
    rows.wait_for_port(port, process)
    return port


def gateway(binary: Path, folder: Path, people: People, ports: dict[str, int]) -> Deployment:
    policy = folder / "policy"
    today = date.today()
    (policy / "servers").mkdir(parents=True)
    (policy / "org.yaml").write_text(rows.ORG.replace("${today}", str(today)))
    many = ", ".join(f"tool_{number:04}: {{class: read}}" for number in range(TOOLS))
    entries = [SERVER.format(name=name, port=port, today=today, tools=many if name == "many" else "echo: {class: read}")
               for name, port in ports.items()]
    (policy / "servers" / "all.yaml").write_text("servers:\n" + "".join(entries))
    (policy / "agents").mkdir()
    scopes = "\n".join(f"      {name}: [read]" for name in ports)
    for number in range(AGENTS):
        text = (rows.AGENT.replace("${agent}", f"bench-{number:03d}").replace("      bench: [read]", scopes)
                .replace("${later}", str(today + timedelta(days=60))))
        (policy / "agents" / f"bench-{number:03d}.yaml").write_text(text)
    made = Deployment(binary, folder / "deployment", policy, people, org="bench")
    made.init()
    return made


def alternate(clients: dict[str, Client], step=Client.call, number: int = CALLS) -> dict[str, dict]:
    """Runs the clients in turns, so that other load on the machine affects all of them."""
    times: dict[str, list[float]] = {name: [] for name in clients}
    for client in clients.values():
        timed(lambda: step(client), WARM)
    for _ in range(BLOCKS):
        for name, client in clients.items():
            # A server may have ended a connection that was idle during the turns of the others.
            client.close()
            timed(lambda: step(client), RENEW)
            times[name] += timed(lambda: step(client), number // BLOCKS)
    return {name: shown(found) for name, found in times.items()}


def sessions(made: Deployment) -> dict:
    """Opens a session for each of many agents and uses it once."""
    pids = [made.process.pid]
    tokens = [made.token(f"bench-{number:03d}", ttl="1h") for number in range(1, AGENTS)]
    before, held, opening, calling = processes.resident_bytes(pids), [], [], []
    for number in range(SESSIONS):
        token = tokens[number // PER_AGENT]
        opening += timed(lambda: held.append(Client(made.port, LEGACY, "/mcp/modern", token)), 1)
        calling += timed(held[-1].call, 1)
    time.sleep(0.3)
    after = processes.resident_bytes(pids)
    again = timed(held[0].call, WARM)
    for client in held:
        client.close()
    return {"sessions": len(held), "open": shown(opening), "first_call": shown(calling), "call_beside_them": shown(again),
            "resident_mib": after / 2**20, "per_session_kib": (after - before) / len(held) / 1024}


def measure(binary: Path, pythons: Path, folder: Path) -> dict:
    with ExitStack() as stack:
        folder.mkdir(parents=True, exist_ok=True)
        people = stack.enter_context(People(folder / "people", rows.PEOPLE))
        ports = {"modern": start(stack, pythons / "mcp-2.3.0" / "bin" / "python", "trivial.py", ...),
                 "legacy": start(stack, pythons / "mcp-1.30.0" / "bin" / "python", "trivial.py", ...),
                 "many": start(stack, Path("/usr/bin/python3"), "many.py", ..., TOOLS)}
        proxy = start(stack, pythons / "fastmcp" / "bin" / "python", "proxy.py",
                      f"http://127.0.0.1:{ports['modern']}/mcp", ...)
        made = gateway(binary, folder, people, ports)
        stack.callback(made.kill)
        made.start()
        made.wait_for_tools("bench-000", *ports, seconds=60)
        token = made.token("bench-000", ttl="8h")

        def through(server: str, era: str) -> Client:
            return Client(made.port, era, f"/mcp/{server}", token)

        found = {era: alternate({"direct": Client(ports["modern"], era), "interlock": through("modern", era),
                                 "fastmcp": Client(proxy, era)}) for era in (MODERN, LEGACY)}
        found["bridging"] = alternate({
            "2026 direct": Client(ports["modern"], MODERN), "2025 direct": Client(ports["legacy"], LEGACY),
            "2026 to 2026": through("modern", MODERN), "2025 to 2026": through("modern", LEGACY),
            "2026 to 2025": through("legacy", MODERN), "2025 to 2025": through("legacy", LEGACY)})
        listers = {"direct": Client(ports["many"], LEGACY), **{era: through("many", era) for era in (MODERN, LEGACY)}}
        numbers = {name: lister.tools() for name, lister in listers.items()}
        if set(numbers.values()) != {TOOLS}:
            raise RuntimeError(f"not {TOOLS} tools: {numbers}")
        found["list"] = alternate(listers, Client.tools, CALLS // 4)
        found["sessions"] = sessions(made)
        return found


def bars(found: dict) -> list[tuple]:
    """The (label, value, unit, upper limit) of each line."""
    lines = []
    for era in (MODERN, LEGACY):
        p50 = {name: one["p50_ms"] for name, one in found[era].items()}
        added, other = p50["interlock"] - p50["direct"], p50["fastmcp"] - p50["direct"]
        lines += [(f"added to one call, {era}", added, "ms", 1),
                  (f"of calling directly, {era}", p50["interlock"] / p50["direct"], "x", 1.5),
                  (f"of what FastMCP's proxy adds, {era}", added / other, "x", 0.05)]
        lines.append((f"{TOOLS:,} tools, of listing directly, {era}",
                      found["list"][era]["p50_ms"] / found["list"]["direct"]["p50_ms"], "x", 1.2))
    return lines


def text(found: dict) -> list[str]:
    out = ["", f"one client, {CALLS} trivial calls, p50 (p99) ms:"]
    for part in (MODERN, LEGACY, "bridging", "list"):
        out.append(f"  {part}: " + ", ".join(
            f"{name} {one['p50_ms']:.2f} ({one['p99_ms']:.2f})" for name, one in found[part].items()))
    one = found["sessions"]
    out.append(f"  {one['sessions']} sessions: opened in {one['open']['p50_ms']:.2f} each, first call "
               f"{one['first_call']['p50_ms']:.2f}, a call beside them {one['call_beside_them']['p50_ms']:.2f}; "
               f"{one['resident_mib']:.0f} MiB, {one['per_session_kib']:.1f} KiB a session")
    return out


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--binary", type=Path, required=True)
    arguments.add_argument("--pythons", type=Path, default=Path(".build/python"))
    given = arguments.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="speaking-"))
    try:
        found = measure(given.binary.absolute(), given.pythons.absolute(), folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("\n".join(text(found)))
    for what, value, unit, bar in bars(found):
        print(f"{what:45} {value:>9.3f} {unit:3} <= {bar:<6} {'met' if value <= bar else 'NOT MET'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
