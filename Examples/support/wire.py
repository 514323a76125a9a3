"""MCP over HTTP by hand, for what a well-behaved SDK would never send, and for quick checks."""

import http.client
import json
import socket
from dataclasses import dataclass, field

ACCEPT = "application/json, text/event-stream"
VERSION = "2025-06-18"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]  # names in lower case
    body: bytes
    messages: list = field(default_factory=list)  # the JSON-RPC messages of the body, in order

    @property
    def message(self) -> dict:
        """The response: the last message, since notifications may come before it."""
        if not self.messages:
            raise AssertionError(f"no message in {self.status} {self.body[:500]!r}")
        return self.messages[-1]

    @property
    def code(self) -> int | None:
        """The JSON-RPC error code, or that of an interlock decision in a tool result."""
        message = self.message
        if "error" in message:
            return message["error"]["code"]
        return decision(message["result"]).get("code")


def decision(result: dict) -> dict:
    """What Interlock says about a call it did not let through, `{}` for an upstream's own result."""
    return result.get("_meta", {}).get("interlock/decision", {})


def exchange(port: int, method: str = "POST", path: str = "/mcp", headers: dict | None = None,
             body: bytes = b"", seconds: float = 60) -> Answer:
    """One request on a connection of its own; headers are sent exactly as given."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    try:
        given = {} if headers is None else headers
        connection.putrequest(method, path, skip_host="Host" in given, skip_accept_encoding=True)
        for name, value in given.items():
            for one in value if isinstance(value, list) else [value]:
                connection.putheader(name, one)
        if body and not {"Content-Length", "Transfer-Encoding"} & set(given):
            connection.putheader("Content-Length", str(len(body)))
        try:
            connection.endheaders(body)
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused before all of it was read; the answer is already on its way
        response = connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        data = response.read()
    finally:
        connection.close()
    return Answer(response.status, found, data, messages(found.get("content-type", ""), data))


def raw(port: int, data: bytes, seconds: float = 10) -> bytes:
    """Sends bytes as they are and reads until the other side closes or is silent."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        try:
            connection.sendall(data)
            received = b""
            while chunk := connection.recv(65536):
                received += chunk
        except (TimeoutError, ConnectionResetError, BrokenPipeError):
            pass
        return received


def messages(content_type: str, data: bytes) -> list:
    if content_type.startswith("application/json") and data:
        found = json.loads(data)
        return found if isinstance(found, list) else [found]
    if content_type.startswith("text/event-stream"):
        events = data.decode().replace("\r\n", "\n").split("\n\n")
        texts = ["\n".join(line[5:].strip() for line in event.split("\n") if line.startswith("data:"))
                 for event in events]
        return [json.loads(text) for text in texts if text]
    return []


class Session:
    """A legacy session of one token: `initialize` on creation, then anything."""

    def __init__(self, port: int, token: str | None, path: str = "/mcp", version: str = VERSION,
                 capabilities: dict | None = None):
        self.port, self.path, self.version, self._id = port, path, version, 0
        self.headers = {"Accept": ACCEPT, "Content-Type": "application/json"}
        if token is not None:
            self.headers["Authorization"] = f"Bearer {token}"
        self.opening = self.request("initialize", protocolVersion=version, capabilities=capabilities or {},
                                    clientInfo={"name": "wire", "version": "1"})
        if self.opening.status != 200:
            raise ConnectionError(f"initialize: {self.opening.status} {self.opening.body[:300]!r}")
        if "mcp-session-id" in self.opening.headers:
            self.headers["Mcp-Session-Id"] = self.opening.headers["mcp-session-id"]
        if "result" not in self.opening.message:
            raise ConnectionError(f"initialize: {self.opening.message}")
        self.headers["MCP-Protocol-Version"] = self.opening.message["result"]["protocolVersion"]
        self.post({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def post(self, message, seconds: float = 60, **headers: str) -> Answer:
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        return exchange(self.port, path=self.path, headers={**self.headers, **headers}, body=body, seconds=seconds)

    def request(self, method: str, seconds: float = 60, **parameters) -> Answer:
        self._id += 1
        return self.post({"jsonrpc": "2.0", "id": self._id, "method": method, "params": parameters}, seconds)

    def call(self, tool: str, seconds: float = 60, **arguments) -> Answer:
        return self.request("tools/call", seconds, name=tool, arguments=arguments)

    def tools(self) -> list[str]:
        names, cursor = [], {}
        while True:
            result = self.request("tools/list", **cursor).message["result"]
            names += [tool["name"] for tool in result["tools"]]
            if not result.get("nextCursor"):
                return names
            cursor = {"cursor": result["nextCursor"]}
