"""An MCP server over stdio that misbehaves when asked to."""
import json
import os
import signal
import sys
import time

MODERN, LEGACY = "2026-07-28", "2025-06-18"
META = "io.modelcontextprotocol/"
CATALOGUE = [
    {"name": name, "inputSchema": {"type": "object"}}
    for name in ("echo", "hang", "die", "garbage", "long", "stderr", "progress", "pid", "fail", "leak", "ask", "stray")
]

RESOURCES = {"resources": {"subscribe": True}} if "--resources" in sys.argv else {}

# What `resources/subscribe` is answered with first.
FAILURES = [-32603, -32603] if "--failing" in sys.argv else []

# Calls that are answered after the next one.
WAITING = []


def send(message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def tell(text):
    """On stderr, for a test that must know how far a call has come."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def call(ident, name, arguments, meta):
    if name in ("latin", "twice"):
        text = b"caf\xe9" if name == "latin" else b'x","text":"y'
        line = b'{"jsonrpc":"2.0","result":{"content":[{"type":"text","text":"%s"}]},"id":%d}\n' % (text, ident)
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()
    elif name == "echo":
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
    elif name == "log":
        send({"jsonrpc": "2.0", "method": "notifications/message", "params": {"level": "info", "data": "hello"}})
        send({"jsonrpc": "2.0", "id": ident, "result": {"content": []}})
        if WAITING:
            send({"jsonrpc": "2.0", "id": WAITING.pop(), "result": {"content": []}})
    elif name == "wait":
        WAITING.append(ident)
        tell("waiting")
    elif name == "hang":
        tell("hanging")
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
    elif name == "leak":
        sys.stderr.write("password=hunter22 and no end of line")
        sys.stderr.flush()
        os._exit(0)
    elif name == "ask":
        send({"jsonrpc": "2.0", "id": "q7", "method": "elicitation/create", "params": {"message": "sure?"}})
        answer = json.loads(sys.stdin.readline())
        send({"jsonrpc": "2.0", "id": ident, "result": {"content": [], "heard": answer}})
    elif name == "turn":
        CATALOGUE[0] = {"name": "echo", "description": "another tool", "inputSchema": {"type": "object"}}
        for _ in range(arguments.get("times", 1)):
            send({"jsonrpc": "2.0", "method": "notifications/tools/list_changed"})
        send({"jsonrpc": "2.0", "id": ident, "result": {"content": []}})
    elif name == "stray":
        send({"jsonrpc": "2.0", "id": "s1", "method": "roots/list"})
        send({"jsonrpc": "2.0", "id": ident, "result": {"content": []}})


def ask_modern(ident, params):
    """Wants to know twice, then says what it has heard."""
    rounds = int(params.get("requestState", "0"))
    if rounds < 2:
        send({"jsonrpc": "2.0", "id": ident, "result": {
            "resultType": "input_required", "requestState": str(rounds + 1), "inputRequests": {
                "k": {"method": "elicitation/create", "params": {"message": "round %d" % rounds}}}}})
    else:
        send({"jsonrpc": "2.0", "id": ident, "result": {
            "resultType": "complete", "content": [], "heard": params["inputResponses"],
            "declared": params["_meta"][META + "clientCapabilities"]}})


def update(uris):
    for uri in [*uris, "notes://nobody"]:
        send({"jsonrpc": "2.0", "method": "notifications/resources/updated", "params": {"uri": uri}})


def refuse(ident, code, **data):
    send({"jsonrpc": "2.0", "id": ident, "error": {"code": code, "message": "refused", "data": data}})


def discover(ident):
    """How a server of the wanted kind takes the probe."""
    if "--crash-at-probe" in sys.argv:
        os._exit(9)
    if "--silent" in sys.argv:
        return
    versions = [MODERN] if "--modern" in sys.argv else [LEGACY]
    if "--modern" in sys.argv or "--legacy-discover" in sys.argv:
        send({"jsonrpc": "2.0", "id": ident, "result": {
            "resultType": "complete", "supportedVersions": versions, "capabilities": {
                "tools": {"listChanged": True}, **RESOURCES},
            "ttlMs": 0, "cacheScope": "private", "_meta": {META + "serverInfo": {"name": "fake", "version": "1"}}}})
    elif "--unsupported" in sys.argv:
        refuse(ident, -32022, supported=["2099-01-01"], requested=MODERN)
    elif "--garbage-probe" in sys.argv:
        send({"jsonrpc": "2.0", "id": ident, "result": {"what": "is this"}})
    else:
        refuse(ident, -32601)


def main():
    if "--deaf" in sys.argv:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if "--exit" in sys.argv:
        sys.exit(3)
    if "--slow" in sys.argv:
        time.sleep(0.6)
    modern = "--modern" in sys.argv
    for line in sys.stdin:
        message = json.loads(line)
        method, ident = message.get("method"), message.get("id")
        params = message.get("params", {})
        if method == "server/discover":
            discover(ident)
        elif method == "initialize" and modern:
            refuse(ident, -32022, supported=[MODERN], requested=params["protocolVersion"])
        elif modern and ident is not None and params["_meta"][META + "protocolVersion"] != MODERN:
            refuse(ident, -32602)
        elif method == "subscriptions/listen" and "resourceSubscriptions" in params["notifications"]:
            update(params["notifications"]["resourceSubscriptions"])
        elif method == "resources/templates/list" and "--malformed" in sys.argv:
            send({"jsonrpc": "2.0", "id": ident, "result": {"templates": {}}})
        elif method in ("resources/list", "resources/templates/list"):
            send({"jsonrpc": "2.0", "id": ident, "result": {
                "resources" if method == "resources/list" else "resourceTemplates": []}})
        elif method == "resources/subscribe" and FAILURES:
            refuse(ident, FAILURES.pop())
        elif method == "resources/subscribe":
            send({"jsonrpc": "2.0", "id": ident, "result": {}})
            update([params["uri"]])
        elif method == "resources/unsubscribe":
            sys.stderr.write("unsubscribed %s\n" % params["uri"])
            sys.stderr.flush()
            send({"jsonrpc": "2.0", "id": ident, "result": {}})
        elif method == "subscriptions/listen":
            send({"jsonrpc": "2.0", "method": "notifications/subscriptions/acknowledged", "params": {
                "notifications": params["notifications"], "_meta": {META + "subscriptionId": ident}}})
            CATALOGUE.pop()
            send({"jsonrpc": "2.0", "method": "notifications/tools/list_changed", "params": {
                "_meta": {META + "subscriptionId": ident}}})
        elif method == "tools/call" and modern and params["name"] == "ask":
            ask_modern(ident, params)
        elif method == "initialize":
            send({"jsonrpc": "2.0", "id": ident, "result": {
                "protocolVersion": "2025-06-18", "capabilities": {"tools": {}, **RESOURCES},
                "serverInfo": {"name": "fake", "version": "1"}}})
        elif method == "tools/list":
            start = int(params.get("cursor", 0))
            if start == 0 and "--tell-lists" in sys.argv:
                tell("listed %s" % CATALOGUE[0].get("description", "as ever"))
            if "--no-second-list" in sys.argv and CATALOGUE[0].get("description"):
                refuse(ident, -32603)
                continue
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
