"""The "everything server" of the PyPI `mcp` sdist of a version, as an upstream named `everything`."""

import fcntl
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from conftest import ROOT, interpreter, missing
from faulty import policy
from make_organisation import free_ports
from upstreams import wait_for_http

SDISTS = ROOT / ".build" / "sdists"
STDIO = """\
import sys
sys.path.insert(0, sys.argv[1])
from mcp_everything_server.server import mcp
mcp.run("stdio")
"""


def source(version: str) -> Path:
    """The folder of the server's package; downloaded once, never committed."""
    folder = SDISTS / f"mcp-{version}" / "examples" / "servers" / "everything-server"
    SDISTS.mkdir(parents=True, exist_ok=True)
    with (SDISTS / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test processes may need it at once
        if not folder.exists():
            fetch(version)
    return folder


def fetch(version: str) -> None:
    fetched = subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
         "--no-binary", "mcp", "--dest", str(SDISTS), f"mcp=={version}"], capture_output=True, text=True)
    if fetched.returncode != 0:
        missing(f"the sdist of mcp {version} cannot be fetched: {fetched.stderr[-300:]}")
    # GNU tar keeps the unpacked files inside the folder, which the Python of Debian 12 cannot guarantee.
    with tempfile.TemporaryDirectory(dir=SDISTS) as unpacked:
        subprocess.run(["tar", "-xzf", SDISTS / f"mcp-{version}.tar.gz", "-C", unpacked, "--no-same-owner"], check=True)
        (Path(unpacked) / f"mcp-{version}").rename(SDISTS / f"mcp-{version}")


def tools(package: Path) -> tuple[str, ...]:
    """The tools of the server in this folder, from its source text."""
    text = (package / "mcp_everything_server" / "server.py").read_text()
    return tuple(re.findall(r"^(?:async )?def (test_\w+|json_schema_2020_12_tool)\(", text.split("@mcp.resource")[0], re.MULTILINE))


class Everything:
    """One such server: over HTTP it runs here; over stdio the gateway starts it from the policy."""

    def __init__(self, version: str, way: str, folder: Path):
        self.way, package, python = way, source(version), interpreter(f"mcp-{version}")
        tools_named = tools(package)
        self.log = folder / "everything.log"
        if way == "http":
            (self.port,) = free_ports(1)
            self.words = [str(python), "-m", "mcp_everything_server", "--port", str(self.port), "--log-level", "WARNING"]
            self.folder, connect = package, f'{{http: "http://127.0.0.1:{self.port}/mcp"}}'
        else:
            script = folder / "everything_stdio.py"
            script.write_text(STDIO)
            read = ", ".join(f'"{path}"' for path in (folder, package, python.parents[1]))
            connect = f'{{stdio: ["{python}", "{script}", "{package}"], sandbox: {{read: [{read}]}}}}'
        self.policy = policy("everything", connect, tools_named)

    def __enter__(self) -> "Everything":
        if self.way == "http":
            with self.log.open("ab") as log:
                self.process = subprocess.Popen(self.words, cwd=self.folder, stdout=log, stderr=log)
            wait_for_http(self.port, self.process)
        return self

    def __exit__(self, *_) -> None:
        if self.way == "http":
            self.process.kill()
            self.process.wait(5)
