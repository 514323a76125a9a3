"""The pages about the policy agree with the program, and every example in the guide is run."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
NOW = "2026-11-20T09:00:00Z"


def printed(binary, *words: str) -> str:
    return subprocess.run([binary, *words], capture_output=True, text=True, timeout=20, check=True).stdout


@pytest.mark.parametrize("page, flag", [("policy-reference.md", "--reference"), ("findings.md", "--findings")])
def test_a_generated_page_is_the_program_s_own(binary, page, flag):
    assert (DOCS / page).read_text() == printed(binary, "policy", "schema", flag)


def blocks(page: str) -> list[tuple[str, str]]:
    """Every fenced block, as its language and its text."""
    text = (DOCS / page).read_text()
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.M | re.S)
    assert len(found) * 2 == len(re.findall(r"^```", text, re.M)), "a block is not closed"
    return found


def check(binary, path: Path) -> subprocess.CompletedProcess:
    words = [binary, "policy", "check", "--strict", "--no-lock", "--at", NOW, path]
    return subprocess.run(words, capture_output=True, text=True, timeout=20)


@pytest.fixture
def guide(tmp_path) -> Path:
    """A folder with the guide's policy."""
    path = tmp_path / "policy.yaml"
    path.write_text("".join(text for language, text in blocks("policy.md") if language == "yaml"))
    return path


def test_every_block_of_the_guide_is_run():
    assert {language for language, _ in blocks("policy.md")} <= {"yaml", "console"}


def test_the_guide_s_policy_compiles_after_each_step_and_is_clean_at_the_end(binary, tmp_path):
    path, so_far = tmp_path / "policy.yaml", ""
    steps = [text for language, text in blocks("policy.md") if language == "yaml"]
    assert len(steps) > 3
    for step in steps:
        so_far += step
        path.write_text(so_far)
        done = check(binary, path)
        assert done.returncode != 65, f"{done.stderr}\nafter\n{step}"
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def sessions() -> list[tuple[str, str]]:
    """Each command of the console blocks with its output in the guide."""
    shown = []
    for language, text in blocks("policy.md"):
        if language == "console":
            assert text.startswith("$ ")
            shown += [tuple(part.split("\n", 1)) for part in re.split(r"^\$ ", text, flags=re.M)[1:]]
    assert len(shown) > 5
    return shown


def test_every_command_of_the_guide_prints_what_the_guide_shows(binary, guide):
    """The commands run in order and in one folder, so that one may create a file that a later one reads."""
    folder = guide.parent
    program = folder / "bin" / "interlock"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nexec '{binary}' \"$@\" --no-lock --at {NOW}\n")  # the guide fixes its day
    program.chmod(0o755)
    environment = {"PATH": f"{program.parent}:/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    for command, expected in sessions():
        done = subprocess.run(
            ["/bin/bash", "-c", command], cwd=folder, env=environment, timeout=60,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert done.stdout == expected, command


@pytest.mark.requirement("R027")
def test_the_terms_of_the_field_name_keys_and_commands_that_there_are(binary):
    """Identity, scope, credential, least privilege, elevation and segregation of duties, in the words of the policy."""
    _, _, part = (DOCS / "policy.md").read_text().partition("\n## Terms of access control\n")
    rows = re.findall(r"^\| ([a-z -]+) \| (.+) \|$", part, re.M)[1:]
    assert {"identity", "scope", "credential", "least privilege", "just-in-time elevation", "segregation of duties"} == {
        term for term, _ in rows}
    reference, overview = (DOCS / "policy-reference.md").read_text(), printed(binary, "--help")
    for key in ("mcp_scopes", "credentials", "rotate_by", "elevations", "owner", "purpose"):
        assert f"`{key}`" in reference, key
    assert all(re.search(rf"^  {command} ", overview, re.M) for command in ("elevate", "policy"))
