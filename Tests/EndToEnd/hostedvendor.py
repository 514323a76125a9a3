"""A stand-in of the vendor's API for workers of a self-hosted environment, written from the vendor's public SDK (docs/decisions/0116). A
session is a script of tool calls; each result is followed by the next call, and the last one by the end of the turn."""

import json
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from replying import reply

ENVIRONMENT, KEY = "env_1", "sk-ant-oat01-known-outside-alone"


class FakeVendor:
    """`sessions` has the events of each; `asked` the endpoints in their order."""

    def __init__(self):
        self.queue: list[str] = []
        self.scripts: dict[str, list] = {}
        self.sessions: dict[str, list[dict]] = {}
        self.asked: list[str] = []
        self.beats: dict[str, str] = {}
        self.state = "active"
        # Is set once the worker has asked for the events of a session after its call.
        self.is_claimed = threading.Event()
        vendor = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                path, _, query = self.path.partition("?")
                body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
                given = {name: values[0] for name, values in urllib.parse.parse_qs(query).items()}
                known = (self.headers["Authorization"] == f"Bearer {KEY}" and given.get("beta") == "true"
                         and self.headers["anthropic-beta"] == "managed-agents-2026-04-01" and self.headers["anthropic-version"])
                reply(self, *(vendor.answer(self.command, path, given, body) if known else (401, {"type": "error"})))

            do_GET = do_POST

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def begin(self, session: str, *script: tuple[str, dict]) -> None:
        """Queues a session whose agent makes these calls."""
        self.scripts[session], self.sessions[session] = list(script), [{"type": "user.message", "id": "u0"}]
        self.is_claimed.clear()
        self.go_on(session)
        self.queue.append(session)

    def go_on(self, session: str) -> None:
        script, events = self.scripts[session], self.sessions[session]
        if script:
            name, given = script.pop(0)
            events.append({"type": "agent.tool_use", "id": f"{session}-{len(events)}", "name": name, "input": given,
                           "evaluated_permission": "allow"})
        else:
            events.append({"type": "session.status_idle", "id": f"{session}-end", "stop_reason": {"type": "end_turn"}})

    def results(self, session: str) -> list[dict]:
        return [one for one in self.sessions[session] if one["type"] == "user.tool_result"]

    def texts(self, session: str) -> list[str]:
        return [one["content"][0]["text"] for one in self.results(session)]

    def answer(self, method: str, path: str, query: dict, body: dict):
        parts = path.strip("/").split("/")
        self.asked.append(f"{method} {path}")
        if parts[:2] == ["v1", "sessions"] and parts[3:] == ["events"]:
            events = self.sessions[parts[2]]
            if method == "GET":
                self.is_claimed.set()
                return 200, {"data": events, "next_page": None}
            for event in body["events"]:
                events.append({"id": f"r{len(events)}", **event})
                self.go_on(parts[2])
            return 200, {"data": body["events"]}
        if parts[:4] != ["v1", "environments", ENVIRONMENT, "work"]:
            return 404, {"type": "error"}
        if parts[4:] == ["poll"] and method == "GET":
            session = self.queue.pop(0) if self.queue else None
            return 200, session and {"id": f"work_{session}", "type": "work", "environment_id": ENVIRONMENT, "state": "queued",
                                     "data": {"type": "session", "id": session}} or b"null"
        work, order = parts[4], parts[5]
        if order == "heartbeat":
            if query["expected_last_heartbeat"] != self.beats.get(work, "NO_HEARTBEAT"):
                return 412, {"type": "error"}
            self.beats[work] = f"beat-{len(self.asked)}"
            return 200, {"last_heartbeat": self.beats[work], "ttl_seconds": 2, "state": self.state, "lease_extended": self.state == "active"}
        if order == "ack" or (order == "stop" and body == {"force": True}):
            return 200, {"id": work, "state": "starting" if order == "ack" else "stopped"}
        return 404, {"type": "error"}
