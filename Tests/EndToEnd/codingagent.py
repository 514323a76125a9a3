"""The real Claude Code for a run of `SandboxHouse`: its program, the key of its model, and a scripted model in place of the provider."""

import json
import os
import shutil
import sys
from pathlib import Path

from conftest import FIXTURES, interpreter
from sandboxing import SandboxHouse

sys.path.insert(0, str(FIXTURES))
from scripted_model import ScriptedModel  # noqa: E402


class RememberingModel(ScriptedModel):
    """The scripted model, with the results of tools that Claude Code sent to it last."""

    def __init__(self, calls: list):
        super().__init__()
        self.calls = calls
        self.results: list[str] = []

    def answer(self, path: str, body: dict) -> tuple[str, bytes]:
        content = [part for one in body.get("messages", []) if isinstance(one["content"], list) for part in one["content"]]
        found = [json.dumps(part["content"]) for part in content if part.get("type") == "tool_result"]
        # Requests beside the conversation have fewer.
        if len(found) >= len(self.results):
            self.results = found
        return super().answer(path, body)


def keep_model_key(house: SandboxHouse, name: str) -> None:
    """Makes the secret `files:NAME`, which the route to the model adds."""
    house.keep_secret(name, "sk-known-outside-alone")


def place_claude(folder: Path) -> None:
    """Puts the program `claude` into a folder: the user of a run may not reach the folder of the tests."""
    (bundled,) = interpreter("hosts").parents[1].glob("lib/python3*/site-packages/claude_agent_sdk/_bundled/claude")
    try:
        os.link(bundled.resolve(), folder / "claude")
    except OSError:
        shutil.copy(bundled, folder / "claude")
