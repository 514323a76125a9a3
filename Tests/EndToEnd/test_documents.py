"""The documents agree with the program."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def printed(binary, *words: str) -> str:
    return subprocess.run([binary, *words], capture_output=True, text=True, timeout=20, check=True).stdout


def test_the_reference_of_interlock_yaml_is_the_program_s_own(binary):
    assert (ROOT / "docs" / "configuration.md").read_text() == printed(binary, "config", "reference")


def test_the_document_of_the_api_is_the_program_s_own(binary):
    assert (ROOT / "docs" / "openapi.json").read_text() == printed(binary, "openapi")


@pytest.mark.parametrize("name", ["README.md", "SECURITY.md", "docs/status.md", "docs/policy.md", "docs/coding-agents.md",
                                  "docs/hosted-agents.md"])
def test_every_command_that_a_document_shows_exists(binary, name):
    """`interlock WORD...` in code; options must be in that command's help."""
    text = (ROOT / name).read_text()
    shown = re.findall(r"`interlock ([^`]+)`", text) + re.findall(r"(?:^|\$\()interlock (.+?)\)?$", text, re.M)
    assert shown, f"{name} shows no command"
    for line in shown:
        words = line.split("#")[0].split()
        path = []
        for word in words:
            if not re.fullmatch(r"[a-z-]+", word) or word.startswith("-"):
                break
            path.append(word)
        while path:
            done = subprocess.run([binary, *path, "--help"], capture_output=True, text=True, timeout=20)
            if done.returncode == 0:
                break
            path.pop()  # the last word was an argument
        assert path, f"{name}: no command `interlock {line}`"
        # What follows `--` belongs to the agent's command.
        for option in re.findall(r"(?<![\w-])--[a-z-]+", line.split(" -- ")[0]):
            assert option in done.stdout, f"{name}: `interlock {' '.join(path)}` has no {option}"


def test_every_command_helps(binary):
    overview = printed(binary)
    commands = re.findall(r"^  ([a-z]+)  +\S", overview, re.M)
    assert len(commands) > 12
    for command in commands:
        text = printed(binary, *command.split(), "--help")
        # A row may represent all commands that begin with its word.
        if inner := re.findall(rf"^  interlock ({command}(?: [a-z-]+)+)  +\S", text, re.M):
            commands += inner
            continue
        assert text.startswith(f"usage: interlock {command}") and "exit codes:" in text
    assert len(commands) > 50
