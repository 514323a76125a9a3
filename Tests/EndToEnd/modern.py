"""The modern era of MCP by hand: over HTTP and through `interlock stdio`."""

import json
import queue
import subprocess
import threading
from pathlib import Path

import wire

VERSION = "2026-07-28"
NAMES = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
PREFIX = "io.modelcontextprotocol/"


def message(method: str, identifier=1, capabilities: dict | None = None, meta: dict | None = None, **params) -> dict:
    """A whole request; `meta` adds to `_meta`, or removes members with None."""
    full = {PREFIX + "protocolVersion": VERSION, PREFIX + "clientInfo": {"name": "by hand", "version": "1"},
            PREFIX + "clientCapabilities": capabilities or {}, **(meta or {})}
    params = {**params, "_meta": {name: value for name, value in full.items() if value is not None}}
    made = {"jsonrpc": "2.0", "method": method, "params": params}
    return made if identifier is None else {**made, "id": identifier}


def headers(token: str, sent: dict, **changes) -> dict:
    """The headers of a well-behaved client; a change of None removes one."""
    made = {"Accept": wire.ACCEPT, "Content-Type": "application/json", "Authorization": f"Bearer {token}",
            "MCP-Protocol-Version": VERSION, "Mcp-Method": sent.get("method", "")}
    if sent.get("method") in NAMES and (name := sent["params"].get(NAMES[sent["method"]])) is not None:
        made["Mcp-Name"] = name
    return {name: value for name, value in {**made, **changes}.items() if value is not None}


def post(port: int, token: str, sent: dict, path: str = "/mcp", **changes) -> wire.Answer:
    return wire.exchange(port, path=path, headers=headers(token, sent, **changes), body=json.dumps(sent).encode())


class Shim:
    """A running `interlock stdio`: lines in, messages out."""

    def __init__(self, binary: Path, url: str, token: str, *words: str):
        self.process = subprocess.Popen(
            [str(binary), "stdio", "--gateway", url, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, env={"INTERLOCK_TOKEN": token})
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=lambda: [self._lines.put(line) for line in self.process.stdout],
                         daemon=True).start()

    def send(self, sent: dict) -> None:
        self.process.stdin.write(json.dumps(sent) + "\n")
        self.process.stdin.flush()

    def answer(self, seconds: float = 30) -> dict:
        return json.loads(self._lines.get(timeout=seconds))

    def ask(self, sent: dict) -> dict:
        self.send(sent)
        return self.answer()

    def is_silent(self, seconds: float = 1) -> bool:
        try:
            self._lines.get(timeout=seconds)
        except queue.Empty:
            return True
        return False

    def close(self) -> int:
        self.process.stdin.close()
        try:
            return self.process.wait(10)
        finally:
            self.process.kill()

    def __enter__(self) -> "Shim":
        return self

    def __exit__(self, *_) -> None:
        if self.process.poll() is None:
            self.close()
