"""Codex CLI as openai-codex-cli-bin brings it, offline (`offlinehost.py`)."""

import http.server
import json
import subprocess
import threading
from pathlib import Path

from offlinehost import OfflineHost, Session, bundled

# Plugins are looked for on the network, which takes five seconds.
SETTINGS = '''
model = "scripted"
model_provider = "scripted"
check_for_update_on_startup = false
[analytics]
enabled = false
[features]
plugins = false
apps = false
[model_providers.scripted]
name = "scripted"
base_url = "URL/v1"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 0
'''


class Model:
    """The Responses API: one call of the shell, and then a text."""

    def __init__(self):
        self.heard: list[str] = []
        model = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                model.heard.append(body)
                data = "".join(f"event: {one['type']}\ndata: {json.dumps(one)}\n\n" for one in events(json.loads(body)))
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.end_headers()
                self.wfile.write(data.encode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def events(body: dict) -> list[dict]:
    """The server-sent events of a response."""
    if any(one.get("type") == "function_call_output" for one in body["input"]):
        item = {"type": "message", "id": "msg_1", "role": "assistant", "content": [{"type": "output_text", "text": "done"}]}
    else:
        item = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "exec_command",
                "arguments": json.dumps({"cmd": "touch mark"})}
    usage = {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}
    return [{"type": "response.created", "response": {"id": "r_1"}},
            {"type": "response.output_item.done", "output_index": 0, "item": item},
            {"type": "response.completed", "response": {"id": "r_1", "usage": usage}}]


class Codex(OfflineHost):
    def __init__(self, adapter: Path):
        (program,) = bundled("codex_cli_bin/bin/codex")
        super().__init__(adapter, program, Model)
        self.version = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20).stdout.split()[-1]

    def renew(self) -> None:
        super().renew()
        self.write_own(self.home / ".codex" / "config.toml", SETTINGS.replace("URL", self.model.url))

    def ask(self) -> Session:
        """A session whose model calls the shell, which runs without a sandbox and unasked."""
        return self.launch("exec", "--skip-git-repo-check", "--json", "--dangerously-bypass-approvals-and-sandbox", "Go",
                           environment={})


def requirements(command: str, timeout: int = 30) -> str:
    """`/etc/codex/requirements.toml` with one hook of PreToolUse."""
    return f'''allow_managed_hooks_only = true
[hooks]
managed_dir = "/etc/codex"
{hook(command, timeout)}'''


def hook(command: str, timeout: int = 30) -> str:
    return f'''[[hooks.PreToolUse]]
matcher = "*"
[[hooks.PreToolUse.hooks]]
type = "command"
command = {json.dumps(command)}
timeout = {timeout}
'''
