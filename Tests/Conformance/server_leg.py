#!/usr/bin/env python3
"""A gateway for the server scenarios of the official suite (modelcontextprotocol/conformance), run by hand:

    .build/python/tests/bin/python Tests/Conformance/server_leg.py [--command 'COMMAND']...

The gateway runs, with policy, pins and log, in front of the "everything server" of the MCP SDK: 2.3.0 over HTTP and
over stdio, and 1.30.0, which has only the legacy eras. The suite sends no token, so one port for each server adds it and
passes on all else as it is. Each COMMAND is run for each server that can pass it, with `{url}` replaced; one that names a
modern version is not run for 1.30.0. Without `--command` the URLs are printed, one after each line of input.

INTERLOCK_BIN is the gateway, by default `scripts/build` makes it.
"""

import argparse
import http.client
import http.server
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "Tests" / "EndToEnd"), str(ROOT / "Examples" / "support")]

import make_organisation  # noqa: E402
from conftest import organise  # noqa: E402
from everything import Everything  # noqa: E402
from people import People  # noqa: E402

OFFERS = """\
    asks: [elicitation_form, elicitation_url, sampling, roots]
    resources:
      rest: {uri: "test://{+rest}", class: read}
    prompts:
"""
PROMPTS = ("test_simple_prompt", "test_prompt_with_arguments", "test_prompt_with_embedded_resource",
           "test_prompt_with_image", "test_input_required_result_prompt")
PEERS = [("2.3.0", "http"), ("2.3.0", "stdio"), ("1.30.0", "http")]


class Bearing(http.server.BaseHTTPRequestHandler):
    """Passes each request on with the token of the agent, and the response as it comes."""
    protocol_version = "HTTP/1.1"
    gateway: int
    path_there: str
    token: str

    def pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        there = http.client.HTTPConnection("127.0.0.1", self.gateway, timeout=120)
        there.putrequest(self.command, self.path_there, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in ("connection", "content-length", "transfer-encoding"):
                there.putheader(name, value)
        there.putheader("Authorization", f"Bearer {self.token}")
        there.putheader("Content-Length", str(len(body)))
        there.endheaders(body)
        answer = there.getresponse()
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("connection", "content-length", "transfer-encoding"):
                self.send_header(name, value)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        # A client that goes away cancels its request there too.
        threading.Thread(target=self.watch, args=(there,), daemon=True).start()
        try:
            while chunk := answer.read1(65536):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
                self.wfile.flush()
            self.wfile.write(b"0\r\n\r\n")
        except (OSError, http.client.HTTPException, ValueError):
            self.close_connection = True
        self.done = True
        there.close()

    def watch(self, there) -> None:
        try:
            while not getattr(self, "done", False):
                self.connection.settimeout(None)
                if self.connection.recv(1, socket.MSG_PEEK) == b"":
                    there.sock and there.sock.shutdown(socket.SHUT_RDWR)
                return
        except OSError:
            pass

    do_GET = do_POST = do_DELETE = pass_on

    def log_message(self, *_) -> None:
        pass


class Listening(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_) -> None:
        """Clients reset connections that they no longer need."""


def bear(gateway, server: str, token: str) -> str:
    kind = type("Bearer", (Bearing,), {"gateway": gateway.port, "path_there": f"/mcp/{server}", "token": token})
    listening = Listening(("127.0.0.1", 0), kind)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    return f"http://localhost:{listening.server_address[1]}/mcp"


def world(stack: ExitStack, binary: Path, version: str, way: str) -> str:
    """The URL at which the suite finds the gateway with that server behind it."""
    folder = Path(tempfile.mkdtemp(prefix="interlock-conformance-"))
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    folder.chmod(0o755)
    (folder / "server").mkdir()
    server = stack.enter_context(Everything(version, way, folder / "server"))
    policy = dict(server.policy)
    policy["servers/everything.yaml"] += OFFERS + "".join(f"      {name}: {{class: read}}\n" for name in PROMPTS)
    people = stack.enter_context(People(folder / "people", make_organisation.PEOPLE))
    made = organise(stack, binary, people, folder / "organisation", extra=policy, servers=(), wait=())
    made.gateway.wait_for_tools("tester", "everything", seconds=60)
    return bear(made.gateway, "everything", made.token("tester"))


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--command", action="append", default=[])
    words.add_argument("--only", help="VERSION-WAY of one server, such as 2.3.0-stdio")
    chosen = words.parse_args()
    binary = Path(os.environ.get("INTERLOCK_BIN") or subprocess.run(
        [ROOT / "scripts" / "build"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()).absolute()
    worst = 0
    for version, way in PEERS:
        name = f"{version}-{way}"
        if chosen.only not in (None, name):
            continue
        for command in chosen.command or [None]:
            if command and version == "1.30.0" and "2026" in command:
                continue
            # Each run has a gateway of its own: what one did to be refused is held against the next.
            with ExitStack() as stack:
                url = world(stack, binary, version, way)
                print(f"== {name}: {command or url}", flush=True)
                if command is None:
                    sys.stdin.readline()
                else:
                    worst = max(worst, subprocess.run(command.replace("{url}", url), shell=True).returncode)
    return worst


if __name__ == "__main__":
    sys.exit(main())
