"""The MCP servers of all tool sets, in one process: for each path `/SERVER` a legacy server over HTTP without sessions,
which answers what the task has. The key set of the issuer of the agents' tokens is at `/keys`."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .shapes import plain
from .tasks import Corpus

VERSION = "2025-11-25"


class Stubs:
    """They run between entry and exit."""

    def __init__(self, corpus: Corpus, keys: bytes, worlds: tuple[str, ...]):
        self.results = corpus.results()
        self.tools = {f"{name}-{world}": [definition(*each) for each in server["tools"].items()]
                      for suite in corpus.suites.values() for name, server in suite.servers.items() for world in worlds}
        self.keys = keys
        self.arrived: list[tuple[str, dict]] = []  # tool with the server's name in its world, and arguments
        self.http = Server(("127.0.0.1", 0), self.handler())
        self.port = self.http.server_port
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "Stubs":
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self.http.shutdown()
        self.http.server_close()

    def answer(self, server: str, method: str, params: dict) -> dict:
        match method:
            case "initialize":
                return {"protocolVersion": VERSION, "capabilities": {"tools": {}},
                        "serverInfo": {"name": server, "version": "1"}}
            case "tools/list":
                return {"tools": self.tools[server]}
            case "tools/call":
                name, arguments = params["name"], params.get("arguments", {})
                self.arrived.append((f"{server}.{name}", arguments))
                return self.result(f"{server.rpartition('-')[0]}.{name}", arguments)
            case "ping":
                return {}
        raise KeyError(method)

    def result(self, tool: str, arguments: dict) -> dict:
        # The arguments of a call that carries a result onwards are not known before: it has no result of its own.
        return self.results.get((tool, *sorted(arguments.items())), plain("done"))

    def handler(stubs):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if "id" not in message:
                    return self.reply(202)
                made = {"jsonrpc": "2.0", "id": message["id"]}
                try:
                    made["result"] = stubs.answer(self.path[1:], message["method"], message.get("params", {}))
                except KeyError as unknown:
                    made["error"] = {"code": -32601, "message": f"no {unknown}"}
                self.reply(200, json.dumps(made).encode())

            def do_GET(self) -> None:
                self.reply(200, stubs.keys) if self.path == "/keys" else self.reply(405)

            def do_DELETE(self) -> None:
                self.reply(405)

            def reply(self, status: int, body: bytes = b"") -> None:
                self.send_response(status)
                if body:
                    self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_) -> None:
                pass

        return Handler


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


def definition(name: str, tool: dict) -> dict:
    properties = {argument: {"type": "string"} for argument in tool["args"]}
    return {"name": name, "description": f"{name} of this server".replace("_", " "),
            "inputSchema": {"type": "object", "properties": properties, "required": tool["args"]}}
