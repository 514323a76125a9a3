"""A server whose tools are defined by a file, with a gateway of its own."""

import json
from pathlib import Path

import pytest

from addresses import ADA
from conftest import FIXTURES
from faulty import policy
from waits import until

UNKNOWN = -32602


def definition(name: str, description: str = "a tool", **more) -> dict:
    return {"name": name, "description": description, "inputSchema": {
        "type": "object", "properties": {"text": {"type": "string", "maxLength": 5}}}, **more}


def files(tools: Path) -> dict[str, str]:
    """Policy files for the server whose tools this file defines, and for an agent that may call `one` and `two`."""
    connect = (f'{{stdio: ["/usr/bin/python3", "{FIXTURES / "changing_server.py"}", "{tools}"], '
               f'sandbox: {{read: ["{FIXTURES}", "{tools.parent}"]}}}}')
    return policy("changing", connect, ("one", "two"))


class Changing:
    """An organisation with a server whose tools are defined by a file."""

    def __init__(self, organisation, tmp_path, tools: list[dict], classes: str = "read"):
        self.tools = tmp_path / "tools.json"
        tmp_path.chmod(0o755)
        self.offer(tools)
        self.made = organisation(extra=files(self.tools), servers=(), start=False)
        self.gateway = self.made.gateway

    def offer(self, tools: list[dict]) -> None:
        self.tools.write_text(json.dumps(tools))

    def pin(self, *words: str, check: bool = True):
        return self.gateway.run("servers", "pin", "changing", *words, check=check)

    def accept(self) -> None:
        self.pin("--accept", "--as", ADA)

    @property
    def lock(self) -> dict:
        return json.loads((self.gateway.folder / "interlock.lock").read_text())

    def start(self):
        self.gateway.start()
        return self.wait_for("ready")

    def wait_for(self, state: str):
        until(lambda: self.server().get("state") == state, self.gateway)
        return self

    def server(self) -> dict:
        (status,) = self.gateway.json("status")
        return next(one for one in status["servers"] if one["server"] == "changing")

    def session(self):
        return self.made.session("tester")

    def drifts(self) -> list[dict]:
        return [one for one in self.gateway.records(200) if one["t"] == "pin.drift"]


@pytest.fixture
def changing(organisation, tmp_path):
    return lambda *tools: Changing(organisation, tmp_path, list(tools))
