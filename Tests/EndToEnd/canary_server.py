"""The responses of an MCP server in either era, with markers of its own side in everything that must not cross: used
over HTTP by `authority.Protected`, and as a program over stdio: `canary_server.py legacy|modern FILE`, which copies
every received byte to FILE. Uses only the standard library."""

import json
import os
import sys
import threading

VERSIONS = {"legacy": "2025-06-18", "modern": "2026-07-28"}
FORM = {"type": "object", "properties": {"colour": {"type": "string"}}}
ARGUMENTS = {"type": "object", "properties": {"text": {"type": "string"}, "n": {"type": "integer"}}}
TOOLS = ("echo", "ask", "deep", "deeper", "endless")
# Only this side knows these values; none may reach an agent.
SESSION, CURSOR, STATE, COOKIE, HEADER, QUESTION = (
    f"upside-{name}-6f1d" for name in ("session", "cursor", "state", "cookie", "header", "question"))
MARKS = (SESSION, CURSOR, STATE, COOKIE, HEADER, QUESTION)


class Protocol:
    """Answers messages; at most one request of its own is open."""

    def __init__(self, era: str):
        self.era, self.version = era, VERSIONS[era]
        self.answered = threading.Event()
        self.reply: dict = {}

    def result(self, message: dict) -> dict | None:
        """The result of a request; None for an unknown request and for a legacy call of `ask`."""
        params = message.get("params", {})
        match message.get("method"):
            case "initialize" if self.era == "legacy":
                return {"protocolVersion": self.version, "capabilities": {"tools": {}},
                        "serverInfo": {"name": "canary", "version": "1"}}
            case "server/discover" if self.era == "modern":
                return self.whole({"supportedVersions": [self.version], "capabilities": {"tools": {}}, "ttlMs": 0,
                                   "cacheScope": "private"})
            case "tools/list":
                half = len(TOOLS) // 2
                here = TOOLS[half:] if params.get("cursor") == CURSOR else TOOLS[:half]
                listed = {"tools": [{"name": name, "description": "a tool", "inputSchema": ARGUMENTS}
                                    for name in here]}
                if here == TOOLS[:half]:
                    listed["nextCursor"] = CURSOR
                return self.whole({**listed, **({"ttlMs": 0, "cacheScope": "private"} if self.era == "modern" else {})})
            case "tools/call" if params["name"] != "ask":
                return self.text(json.dumps(params["arguments"]))
            case "tools/call" if self.era == "modern":
                if params.get("requestState") == STATE:
                    return self.text(json.dumps(params.get("inputResponses")))
                return {"resultType": "input_required", "requestState": STATE, "inputRequests": {
                    "colour": {"method": "elicitation/create", "params": self.question()}}}
            case "ping":
                return {}
        return None

    def question(self) -> dict:
        return {"mode": "form", "message": "Which colour?", "requestedSchema": FORM}

    def text(self, text: str) -> dict:
        return self.whole({"content": [{"type": "text", "text": text}]})

    def whole(self, result: dict) -> dict:
        return {"resultType": "complete", **result} if self.era == "modern" else result

    def answers(self, message: dict) -> list[dict]:
        """All messages sent in response to a message, except the response to a request of its own."""
        if "method" not in message:
            self.reply = message
            self.answered.set()
            return []
        if "id" not in message:
            return []
        result = self.result(message)
        if result is not None:
            return [{"jsonrpc": "2.0", "id": message["id"], "result": result}]
        if message["method"] == "tools/call":
            self.answered.clear()
            return [{"jsonrpc": "2.0", "id": QUESTION, "method": "elicitation/create", "params": self.question()}]
        return [{"jsonrpc": "2.0", "id": message["id"], "error": {"code": -32601, "message": "no such method"}}]

    def over_http(self, handler, message: dict) -> None:
        shown = {"Set_Cookie": f"sid={COOKIE}; Path=/", "X_Upstream": HEADER}
        if self.era == "legacy":
            shown["Mcp_Session_Id"] = SESSION
        if self.era == "legacy" and message.get("method") == "server/discover":
            return handler.say(400, {"jsonrpc": "2.0", "id": message["id"],
                                     "error": {"code": -32600, "message": "no session"}}, **shown)
        said = self.answers(message)
        if not said:
            return handler.say(202, **shown)
        if said[0].get("id") != QUESTION:
            status = 404 if self.era == "modern" and "error" in said[0] else 200
            return handler.say(status, said[0], **shown)
        handler.send_response(200)
        for name, value in {"Content-Type": "text/event-stream", "Connection": "close", **shown}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()

        def event(one: dict) -> None:
            handler.wfile.write(f"data: {json.dumps(one)}\n\n".encode())
            handler.wfile.flush()

        event(said[0])
        self.answered.wait(30)
        told = self.reply.get("result") or self.reply.get("error")
        event({"jsonrpc": "2.0", "id": message["id"], "result": self.text(json.dumps(told))})
        handler.close_connection = True


def main(era: str, path: str) -> None:
    protocol, lock = Protocol(era), threading.Lock()

    def say(message: dict) -> None:
        with lock:
            print(json.dumps(message), flush=True)

    def after_answer(message: dict) -> None:
        protocol.answered.wait(30)
        told = protocol.reply.get("result") or protocol.reply.get("error")
        say({"jsonrpc": "2.0", "id": message["id"], "result": protocol.text(json.dumps(told))})

    for line in sys.stdin:
        print(f"my secret is {os.environ['CHILD_SECRET']}, they say", file=sys.stderr, flush=True)
        with open(path, "a") as file:
            file.write(line)
        message = json.loads(line)
        said = protocol.answers(message)
        for one in said:
            say(one)
        if said and said[0].get("id") == QUESTION:
            threading.Thread(target=after_answer, args=(message,), daemon=True).start()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
