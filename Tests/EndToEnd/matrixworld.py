"""One gateway with seven real servers, and the capabilities of each client and each server of the matrix."""

import json
import shutil
import subprocess
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import make_organisation
from addresses import LI
from conftest import FIXTURES, SEGMENT, interpreter
from deployment import Deployment
from everything import source
from everything import tools as tools_of
from governed import agent, policy
from make_organisation import free_ports
from sdk import SDKClient
from upstreams import wait_for_http


@dataclass(frozen=True)
class Row:
    """One client: the version of the SDK, its transport, and the mode in which version 2 starts."""
    sdk: str
    way: str
    protocol: str
    mode: str = "auto"

    @property
    def is_modern(self) -> bool:
        return self.protocol >= "2026"

    def __str__(self) -> str:
        return f"{self.sdk}-{self.way}{'-legacy' if self.mode == 'legacy' else ''}"

    @property
    def can_sample(self) -> bool:
        """The SDK answers such a request, which each protocol has."""
        return self.sdk != "1.0.0"

    @property
    def can_be_asked(self) -> bool:
        """The protocol has had forms since 2025-06-18."""
        return self.protocol >= "2025-06-18"


SPOKEN = {"1.9.4": "2025-03-26", "1.22.0": "2025-06-18", "1.30.0": "2025-11-25", "2.3.0": "2026-07-28"}
# 1.0.0 supports only stdio and HTTP+SSE, which the gateway does not offer.
ROWS = [Row("1.0.0", "stdio", "2024-11-05"),
        *(Row(sdk, way, protocol) for sdk, protocol in SPOKEN.items() for way in ("http", "stdio")),
        *(Row("2.3.0", way, "2025-11-25", "legacy") for way in ("http", "stdio"))]
# The rows of each run: every version, and both eras over both transports. The others are for `make stress`.
FAST = {"1.0.0-stdio", "1.9.4-http", "1.22.0-stdio", "1.30.0-http", "2.3.0-http", "2.3.0-stdio"}
# Answers every form of the servers below; none objects to additional members.
ANSWER = {"name": "Ada", "response": "north", "value": "Ada"}
SAMPLE = "from the client"


@dataclass
class Server:
    """One server: a call of each kind with a part of the expected response, or the reason why it has no such call."""
    name: str
    call: tuple | str
    error: tuple | str
    progress: tuple | str = "no tool of it reports progress"
    cancel: str | None = None  # the tool that takes long
    ask: tuple | str = "no tool of it asks"  # in the modern era
    ask_legacy: tuple | None = None  # where another tool asks in the legacy ones
    sample: tuple | str = "no tool of it samples"
    tools: tuple[str, ...] = ()
    members: tuple[str, ...] = ()  # members of its definitions, each supported from some version on
    connect: str = ""
    notes: Path | None = None
    process: list = field(default_factory=list)


EVERYTHING = {
    "call": ("test_simple_text", {}, "simple text response"),
    "error": ("test_error_handling", {}, "intentionally returns an error"),
    "progress": ("test_tool_with_progress", {}, [0, 50, 100]), "cancel": "slow",
    "members": ("outputSchema",)}
SAMPLED = ("test_sampling", {"prompt": "a word, please"}, f"LLM response: {SAMPLE}")
PUSHED = ("test_elicitation", {"message": "Which one?"}, "action=accept", "north")
RETURNED = ("test_input_required_result_elicitation", {}, "Hello, Ada!", "Ada")


def servers(repository: str) -> list[Server]:
    """The servers of the matrix. A cell that cannot exist has the reason in place of its call."""
    return [
        Server("git", ("git_log", {"repo_path": repository}, "Round the sum to cents"),
               ("git_show", {"repo_path": repository, "revision": "nothing"}, "nothing"), members=("annotations",),
               tools=("git_log", "git_show", "git_status")),
        Server("time", ("convert_time", {"source_timezone": "UTC", "time": "12:00", "target_timezone": "Asia/Tokyo"},
                        "21:00"),
               ("get_current_time", {"timezone": "Nowhere/Never"}, "Nowhere"),
               tools=("convert_time", "get_current_time"), members=("outputSchema",)),
        Server("fetch", "its proxy refuses loopback, and tests reach nothing else",
               ("fetch", {"url": "http://127.0.0.1:1/"}, "127.0.0.1"), tools=("fetch",)),
        Server("everything", **EVERYTHING, ask=RETURNED, ask_legacy=PUSHED, sample=SAMPLED),
        Server("everything-stdio", **EVERYTHING, ask=RETURNED, ask_legacy=PUSHED, sample=SAMPLED),
        Server("everything-old", **EVERYTHING, ask=PUSHED, sample=SAMPLED),
        Server("fast", ("add", {"a": 40, "b": 2}, "42"), ("fail", {}, "always fails"),
               ("progress", {}, [0, 1, 2]), "slow", ("ask", {}, "accept: Ada", "Ada"),
               sample=("sample", {}, SAMPLE), tools=("add", "fail", "progress", "slow", "ask", "sample")),
    ]


class Matrix:
    """Runs between entry and exit of `matrix`."""

    def __init__(self, gateway: Deployment, found: list[Server]):
        self.gateway, self.servers = gateway, {server.name: server for server in found}
        self.token = gateway.token("tester")
        self.clients: dict[Row, SDKClient] = {}

    def client(self, row: Row) -> SDKClient:
        """One process for each row, for all servers."""
        if row not in self.clients:
            words = ["--http", self.gateway.url] if row.way == "http" else [
                "--stdio", str(self.gateway.binary), "stdio", "--gateway", self.gateway.url]
            environment = {"MCP_MODE": row.mode, **({"INTERLOCK_SAMPLE": SAMPLE} if row.can_sample else {}),
                           **({"INTERLOCK_ANSWER": json.dumps(ANSWER)} if row.can_be_asked else {})}
            self.clients[row] = SDKClient(interpreter(f"mcp-{row.sdk}"), *words, token=self.token,
                                          environment=environment, script=FIXTURES / "matrix_client.py")
        return self.clients[row]

    def noted(self, server: Server, what: str) -> int:
        return server.notes.read_text().splitlines().count(what) if server.notes.exists() else 0

    def until_noted(self, server: Server, what: str, number: int, seconds: float = 10) -> None:
        deadline = time.monotonic() + seconds
        while self.noted(server, what) < number:
            assert time.monotonic() < deadline, f"{server.name}: {what} is not noted {number} times"
            time.sleep(0.02)


def stdio(words: list, *read, write=None, egress=()) -> str:
    """The `connect` of a stdio server, with its readable and writable paths and the hosts that it may reach."""
    quoted = ", ".join(f'"{word}"' for word in words)
    paths = ", ".join(f'"{path}"' for path in read)
    cache = f', writable_cache: ["{write}"]' if write else ""
    hosts = f", egress: [{', '.join(egress)}]" if egress else ""
    return f"{{stdio: [{quoted}], sandbox: {{read: [{paths}]{cache}{hosts}}}}}"


def prepare(server: Server, folder: Path, repository: str) -> None:
    """Sets the connection of a server; starts those over HTTP."""
    home = folder / server.name
    home.mkdir()
    home.chmod(0o777)  # the sandbox may run it as another user
    server.notes = home / "notes"
    python = interpreter("servers")
    match server.name:
        case "git":
            words = [python.parent / "mcp-server-git", "--repository", repository]
            server.connect = stdio(words, repository)
        case "time":
            server.connect = stdio([python.parent / "mcp-server-time", "--local-timezone", "UTC"])
        case "fetch":
            server.connect = stdio([python.parent / "mcp-server-fetch"], egress=('"docs.example.com:443"',))
        case "fast":
            script, python = FIXTURES / "fast_server.py", interpreter("fastmcp")
            server.connect = stdio([python, script, server.notes], FIXTURES, python.parents[1], write=home)
        case name:
            version = "1.30.0" if name == "everything-old" else "2.3.0"
            package, python = source(version), interpreter(f"mcp-{version}")
            script = FIXTURES / "everything_slow.py"
            server.tools = (*tools_of(package), "slow")
            if name == "everything-stdio":
                server.connect = stdio([python, script, package, server.notes, "--stdio"], FIXTURES, package,
                                       python.parents[1], write=home)
                return
            (port,) = free_ports(1)
            server.connect = f'{{http: "http://127.0.0.1:{port}/mcp"}}'
            with (home / "log").open("ab") as log:
                server.process = [subprocess.Popen([str(python), str(script), str(package), str(server.notes),
                                                    "--http", str(port)], stdout=log, stderr=log), port]


def entry(server: Server) -> str:
    tools = ", ".join(f"{tool}: {{class: read}}" for tool in server.tools)
    return "\n".join([
        f"  {server.name}:", f"    connect: {server.connect}",
        f'    reviewed: {{by: {LI}, on: "2026-11-01", trust: internal}}',
        "    asks: [elicitation_form, elicitation_url, sampling, roots]", f"    tools: {{{tools}}}"])


@contextmanager
def matrix(binary, people, names: tuple[str, ...] | None = None):
    """The gateway with the servers of these names, by default all."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="interlock-e2e-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o755)
        repository = folder / "repository"
        make_organisation.make_repository(repository)
        found = [server for server in servers(str(repository)) if names is None or server.name in names]
        for server in found:
            prepare(server, folder, str(repository))
            if server.process:
                stack.callback(server.process[0].wait, 5)
                stack.callback(server.process[0].kill)
        source_folder = folder / "source"
        source_folder.mkdir()
        scopes = ", ".join(f"{server.name}: [read]" for server in found)
        (source_folder / "org.yaml").write_text(policy(
            "servers:", *(entry(server) for server in found),
            "agents:", agent("tester", f"mcp_scopes: {{{scopes}}}")))
        gateway = Deployment(binary, folder / "deployment", source_folder, people, segment=SEGMENT)
        gateway.init()
        for server in found:
            if server.process:
                wait_for_http(server.process[1], server.process[0])
        stack.callback(gateway.kill)
        gateway.start()
        gateway.wait_for_tools("tester", *(server.name for server in found), seconds=120)
        made = Matrix(gateway, found)
        stack.callback(lambda: [client.close() for client in made.clients.values()])
        yield made
