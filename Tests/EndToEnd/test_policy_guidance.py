"""The rules of an agent as a text that it reads, by `interlock policy export`."""

import json
import subprocess

import pytest


def run(binary, *words, expect: int = 0) -> subprocess.CompletedProcess:
    done = subprocess.run([binary, *map(str, words)], capture_output=True, text=True, timeout=30)
    assert done.returncode == expect, done.stdout + done.stderr
    return done


@pytest.fixture
def policy(binary, tmp_path):
    run(binary, "policy", "init", tmp_path / "policy", "--org", "acme", "--owner", "ada@acme.example")
    return tmp_path / "policy"


def test_an_agents_rules_are_written_checked_and_written_again(binary, policy, tmp_path):
    rules = tmp_path / "rules"
    words = ("policy", "export", "--skill", "helper", "--policy", policy, "--no-lock")
    printed = run(binary, *words).stdout
    assert printed.startswith("---\nname: interlock-rules\n") and "Guidance, not the control" in printed
    assert "- `tickets.search`\n" in printed and "ada@" not in printed
    assert run(binary, *words, "--out", rules, "--check", expect=1).stdout.count("\n") == 2
    run(binary, *words, "--out", rules)
    assert (rules / "SKILL.md").read_text() == printed == json.loads(run(binary, *words, "--json").stdout)["skill"]
    assert run(binary, *words, "--out", rules, "--check").stdout == ""
    agent = policy / "agents" / "helper.yaml"
    agent.write_text(agent.read_text().replace("calls: 60/m", "calls: 40/m"))
    stale = run(binary, *words, "--out", rules, "--check", expect=1).stdout.splitlines()
    assert stale == [f"{rules}/SKILL.md", f"{rules}/CLAUDE.md"]
    run(binary, *words, "--out", rules)
    assert "`10/m of 40/m`" in (rules / "SKILL.md").read_text()


def test_a_file_of_others_stays(binary, policy, tmp_path):
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "CLAUDE.md").write_text("Build with make.\n")
    words = ("policy", "export", "--skill", "helper", "--policy", policy, "--no-lock")
    assert "is not a file that this command made" in run(binary, *words, "--out", rules, expect=73).stderr
    assert [path.name for path in rules.iterdir()] == ["CLAUDE.md"]
    assert "no agent `helpr`" in run(binary, "policy", "export", "--skill", "helpr", *words[4:], expect=66).stderr
    assert "`--skill` is missing" in run(binary, "policy", "export", *words[4:], expect=64).stderr
    assert "`--check` needs `--out`" in run(binary, *words, "--check", expect=64).stderr


def imported(binary, path, *words, expect: int = 0) -> subprocess.CompletedProcess:
    return run(binary, "policy", "import", path, "--from", "claude-code", "--agent", "code", "--org", "acme", "--owner", "li@acme.example",
               "--approver", "ada@acme.example", "--approver", "sam@acme.example", *words, expect=expect)


def test_permission_rules_become_a_policy_and_the_others_are_named(binary, tmp_path):
    settings, made = tmp_path / "settings.json", tmp_path / "made.yaml"
    settings.write_text(json.dumps({"permissions": {
        "defaultMode": "acceptEdits", "allow": ["Bash(npm test)", "Read", "Write(src/**)", "Bash(git * main)", "Bash(\x1b[2J)"],
        "ask": ["mcp__github__create_issue"], "deny": ["Bash(curl:*)", "Read(./.env.local)"]}}))
    said = imported(binary, settings, "--out", made, expect=1).stderr.splitlines()
    assert len(said) == 4 and not any("\x1b" in line for line in said)
    assert any(line.startswith("allow `Write(src/**)` never matches: ") for line in said)
    assert any(line.startswith("allow `Bash(git * main)` cannot be expressed: ") for line in said)
    assert "permissions: `defaultMode` is not a rule, and not read" in said
    run(binary, "policy", "check", made, "--no-lock")
    said = run(binary, "policy", "explain", "code", "--policy", made, "--no-lock").stdout
    assert "host.read" in said and "github.create_issue" in said and "imported-deny-1: host.shell" in said
    assert "already" in imported(binary, settings, "--out", made, expect=73).stderr
    settings.write_text('{"permissions": {"allow": ["Read"]}}')
    assert imported(binary, settings).stdout.startswith("# Made from permission rules of Claude Code.")


def test_files_that_are_none_are_refused(binary, tmp_path):
    settings = tmp_path / "settings.json"
    imported(binary, settings, expect=66)
    for text in ("", "[]", '{"permissions": {"allow": "Read"}}', '{"a": 1, "a": 2}'):
        settings.write_text(text)
        assert str(settings) in imported(binary, settings, expect=65).stderr
