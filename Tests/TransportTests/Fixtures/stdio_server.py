"""An MCP server over stdio that misbehaves when asked to."""
import json
import os
import signal
import sys
import time

CATALOGUE = [
    {"name": name, "inputSchema": {"type": "object"}}
    for name in ("echo", "hang", "die", "garbage", "long", "stderr", "progress", "pid", "fail")
]


def send(message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def call(ident, name, arguments, meta):
    if name == "echo":
        result = {"content": [{"type": "text", "text": json.dumps(arguments)}]}
        send({"jsonrpc": "2.0", "id": ident, "result": result})
    elif name == "pid":
        result = {"content": [{"type": "text", "text": str(os.getpid())}]}
        send({"jsonrpc": "2.0", "id": ident, "result": result})
    elif name == "progress":
        token = meta["progressToken"]
        send({"jsonrpc": "2.0", "method": "notifications/progress",
              "params": {"progressToken": token, "progress": 1, "total": 2}})
        send({"jsonrpc": "2.0", "id": "q1", "method": "ping"})
        send({"jsonrpc": "2.0", "id": "q2", "method": "sampling/createMessage", "params": {}})
        seen = [json.loads(sys.stdin.readline()), json.loads(sys.stdin.readline())]
        send({"jsonrpc": "2.0", "id": ident, "result": {"content": [], "seen": seen}})
    elif name == "fail":
        send({"jsonrpc": "2.0", "id": ident, "error": {"code": -32000, "message": "no"}})
    elif name == "die":
        os._exit(7)
    elif name == "garbage":
        sys.stdout.write("this is no JSON\n" * arguments.get("lines", 1))
        send({"jsonrpc": "2.0", "id": ident, "result": {"content": []}})
    elif name == "long":
        sys.stdout.write("x" * arguments["bytes"])
        sys.stdout.flush()
    elif name == "stderr":
        sys.stderr.write("a warning\x1b[31m\n")
        sys.stderr.flush()
        send({"jsonrpc": "2.0", "id": ident, "result": {"content": []}})


def main():
    if "--deaf" in sys.argv:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if "--exit" in sys.argv:
        sys.exit(3)
    for line in sys.stdin:
        message = json.loads(line)
        method, ident = message.get("method"), message.get("id")
        params = message.get("params", {})
        if method == "initialize":
            send({"jsonrpc": "2.0", "id": ident, "result": {
                "protocolVersion": "2025-06-18", "capabilities": {"tools": {}},
                "serverInfo": {"name": "fake", "version": "1"}}})
        elif method == "tools/list":
            start = int(params.get("cursor", 0))
            page = {"tools": CATALOGUE[start:start + 4]}
            if start + 4 < len(CATALOGUE):
                page["nextCursor"] = str(start + 4)
            send({"jsonrpc": "2.0", "id": ident, "result": page})
        elif method == "tools/call":
            call(ident, params["name"], params["arguments"], params.get("_meta", {}))
        elif method == "notifications/cancelled":
            sys.stderr.write("cancelled %s\n" % json.dumps(params))
            sys.stderr.flush()
    while "--deaf" in sys.argv:
        time.sleep(1)


main()
