"""A legacy session by hand that reads a call's stream while it is open, and answers the server's requests on it."""

import http.client
import json

import wire


class Asked(wire.Session):
    """Takes `answers`: the method of a server's request -> a function from its parameters to the result."""

    def __init__(self, port: int, token: str, path: str = "/mcp", version: str = "2025-11-25",
                 capabilities: dict | None = None, answers: dict | None = None):
        super().__init__(port, token, path, version, capabilities)
        self.answers, self.seen = answers or {}, []

    def stream(self, method: str, seconds: float = 30, **parameters) -> list[dict]:
        """All messages of the response, in order; the last is the JSON-RPC response."""
        self._id += 1
        identifier = self._id
        body = json.dumps({"jsonrpc": "2.0", "id": identifier, "method": method, "params": parameters}).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        try:
            connection.request("POST", self.path, body, self.headers)
            response = connection.getresponse()
            assert response.status == 200, response.read()
            if response.headers["Content-Type"].startswith("application/json"):
                return [json.loads(response.read())]
            found: list[dict] = []
            while line := response.readline():
                if line.startswith(b"data:") and (data := line[5:].strip()):
                    found.append(json.loads(data))
                    self._take(found[-1])
                    if found[-1].get("id") == identifier and "method" not in found[-1]:
                        return found
        finally:
            connection.close()
        raise AssertionError(f"the stream ended without an answer: {found}")

    def _take(self, message: dict) -> None:
        if "id" not in message or "method" not in message:
            return
        self.seen.append(message)
        result = self.answers[message["method"]](message.get("params", {}))
        posted = self.post({"jsonrpc": "2.0", "id": message["id"], "result": result})
        assert (posted.status, posted.body) == (202, b""), posted

    def ask(self, tool: str, **arguments) -> dict:
        """The result of a call."""
        return self.stream("tools/call", name=tool, arguments=arguments)[-1]["result"]
