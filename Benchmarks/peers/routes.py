"""The routes of the peers to the same upstream, each set up as its own documents say."""

import json
import os
import re
import secrets
import subprocess
import time
from pathlib import Path
from string import Template

import environments
import processes
import rows
import speaking
import wire
from environments import Unavailable
from make_organisation import free_ports

HERE = Path(__file__).resolve().parent
STARTING = 120  # seconds


def own(way: rows.Row) -> list[int]:
    """The processes that are charged for a route: all but the upstream, which does the same work in every route."""
    found = way.pids()
    return [pid for name, pids in found.items() if name != "upstream" or len(found) == 1 for pid in pids]


def descendants(pid: int) -> list[int]:
    return [pid, *(below for child in processes.children(pid) for below in descendants(child))]


class Peer(rows.Row):
    """A peer in processes of its own; its output goes to a file."""

    def __init__(self, direct: rows.Direct, folder: Path, pythons: Path):
        self.direct, self.folder, self.pythons = direct, folder / self.name, pythons
        self.folder.mkdir()
        (self.port,) = free_ports(1)
        self.process: subprocess.Popen | None = None

    def launch(self, *words, **environment: str) -> None:
        self.output = self.folder / "output.txt"
        self.process = subprocess.Popen(
            [str(word) for word in words], stdout=self.output.open("w"), stderr=subprocess.STDOUT, cwd=self.folder,
            stdin=subprocess.DEVNULL, env={**os.environ, **environment})

    def wait_for(self, path: str) -> None:
        """Returns once the peer answers this path, with whatever status."""
        deadline = time.monotonic() + STARTING
        while True:
            try:
                wire.exchange(self.port, "GET", path, seconds=5)
                return
            except OSError:
                pass
            if self.process.poll() is not None or time.monotonic() > deadline:
                last = (self.output.read_text().strip().splitlines() or ["no output"])[-1]
                raise Unavailable(f"did not start: {last[:300]}")
            time.sleep(0.2)

    def pids(self):
        return {self.name: descendants(self.process.pid), **self.direct.pids()}

    def close(self):
        if self.process:
            rows.end(self.process)


class HAProxy(Peer):
    name = "haproxy"

    def start(self) -> str:
        program = environments.program("haproxy", package="haproxy")
        configuration = self.folder / "haproxy.cfg"
        configuration.write_text(Template((HERE / "haproxy.cfg").read_text()).substitute(
            threads=os.cpu_count(), port=self.port, upstream=self.direct.port))
        self.launch(program, "-db", "-f", configuration)
        self.wait_for("/mcp")
        return re.search(r"version (\S+)", environments.run(program, "-v"))[1]


class FastMCP(Peer):
    """FastMCP's proxy with default settings, as in `speaking.py`."""

    name = "fastmcp"

    def start(self) -> str:
        python = environments.existing("fastmcp", self.pythons)
        self.launch(python, HERE.parent / "servers" / "proxy.py", f"http://127.0.0.1:{self.direct.port}/mcp", self.port)
        self.wait_for("/mcp")
        return environments.version(python, "fastmcp")


class ContextForge(Peer):
    """IBM ContextForge by its quick start for PyPI: one process, SQLite, a JWT of the administrator, the upstream
    registered as a gateway and its tool published as a virtual server. Tuned in its favour: no log, no rate limits, cache
    in memory, no pages for administrators."""

    name = "contextforge"

    def start(self) -> str:
        python = environments.environment("contextforge", self.pythons)
        person, word = "admin@bench.example", secrets.token_urlsafe(24) + "aA1!"
        settings = {
            "JWT_SECRET_KEY": secrets.token_hex(32), "AUTH_ENCRYPTION_SECRET": secrets.token_hex(32),
            "PLATFORM_ADMIN_EMAIL": person, "PLATFORM_ADMIN_PASSWORD": word, "DEFAULT_USER_PASSWORD": word,
            "BASIC_AUTH_PASSWORD": word, "SSRF_ALLOW_LOCALHOST": "true", "LOG_LEVEL": "ERROR", "CACHE_TYPE": "memory",
            "RATE_LIMITING_ENABLED": "false",
            # A session of the caller keeps its session with the upstream; without this each call opens another.
            "USE_STATEFUL_SESSIONS": "true"}
        self.launch(python.parent / "mcpgateway", "--host", "127.0.0.1", "--port", self.port, **settings)
        self.wait_for("/health")
        self.token = environments.run(
            python, "-m", "mcpgateway.utils.create_jwt_token", "--username", person, "--exp", "10080", "--secret",
            settings["JWT_SECRET_KEY"], **settings).strip().splitlines()[-1]
        self.ask("POST", "/gateways", {"name": "bench", "url": f"http://127.0.0.1:{self.direct.port}/mcp",
                                       "transport": "STREAMABLEHTTP"})
        (tool,) = [one for one in self.ask("GET", "/tools") if one["originalName"] == "search"]
        self.tool = tool["name"]
        server = self.ask("POST", "/servers", {"server": {"name": "bench", "associated_tools": [tool["id"]]}})
        self.path = f"/servers/{server['id']}/mcp"
        return environments.version(python, "mcp-contextforge-gateway")

    def ask(self, method: str, path: str, value: dict | None = None):
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        answer = wire.exchange(self.port, method, path, headers, json.dumps(value).encode() if value else b"")
        if answer.status >= 300:
            raise Unavailable(f"{method} {path}: {answer.status} {answer.body[:200]!r}")
        return json.loads(answer.body)


class LiteLLM(Peer):
    """LiteLLM's MCP gateway by its documents: the upstream in `config.yaml`, the master key, no database."""

    name = "litellm"
    CONFIGURATION = """\
mcp_servers:
  bench:
    url: "http://127.0.0.1:${upstream}/mcp"
    transport: "http"
general_settings:
  master_key: ${key}
"""

    def start(self) -> str:
        python = environments.environment("litellm", self.pythons)
        self.token, configuration = f"sk-{secrets.token_hex(16)}", self.folder / "config.yaml"
        configuration.write_text(Template(self.CONFIGURATION).substitute(upstream=self.direct.port, key=self.token))
        # The table of prices comes from the package, so that nothing is fetched at the start.
        self.launch(python.parent / "litellm", "--config", configuration, "--host", "127.0.0.1", "--port", self.port,
                    LITELLM_LOCAL_MODEL_COST_MAP="True", LITELLM_LOG="ERROR")
        self.wait_for("/health/liveliness")
        self.path = "/bench/mcp"
        client = speaking.Client(self.port, speaking.LEGACY, self.path, self.token)
        listed = [one["name"] for one in client.ask("tools/list")["tools"]]
        client.close()
        self.tool = next((name for name in listed if name.endswith("search")), "")
        if not self.tool:
            raise Unavailable(f"the upstream's tool is not among those listed: {listed}")
        return environments.version(python, "litellm")
