"""`interlock safety`: secrets in files are found by path, line and rule, and never printed."""

import json
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.requirement("R082")

# In two parts each: other scanners read this file too.
KEY = "-----BEGIN " + "OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n"
TOKEN = "ghp_" + "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17"


@pytest.fixture
def safety(binary, tmp_path):
    def call(*words: str) -> tuple[int, list[str], str]:
        done = subprocess.run([binary, "safety", *words], capture_output=True, text=True, cwd=tmp_path, timeout=30,
                              env={"PATH": "/usr/bin:/bin"})
        return done.returncode, done.stdout.splitlines(), done.stderr
    return call


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def test_a_project_without_secrets(safety, tmp_path):
    project = write(tmp_path / "project", {"a.py": b"print(1)\n", "example.txt": b"AKIA" + b"IOSFODNN7EXAMPLE\n"})
    code, lines, _ = safety("scan", str(project))
    assert code == 0 and lines == [lines[-1]] and "0 that block" in lines[-1]


def test_secrets_are_found_under_any_name_and_never_printed(safety, tmp_path):
    project = write(tmp_path / "project", {
        "src/deep/config.ini": b"a = 1\nb = 2\ntoken = " + TOKEN.encode() + b"\n",
        "image.png": b"\x89PNG\x00\xff" + KEY.encode(), ".env": TOKEN.encode(), "odd\nname": KEY.encode(),
        "notes.txt": b"postgres://app:" + b"k7hQ2mVx9s@db.internal:5432/app\n"})
    (project / "link").symlink_to(".env")
    code, lines, errors = safety("scan", str(project))
    assert code == 1
    assert lines[:-1] == [
        "image.png:1: private-key (private-key, block)", "notes.txt:1: url-with-password (generic, mark)",
        "odd\\x0aname:1: private-key (private-key, block)", "src/deep/config.ini:3: github-token (token, block)"]
    assert TOKEN not in "\n".join(lines) + errors and "k7hQ2mVx9s" not in "\n".join(lines)
    code, lines, _ = safety("scan", str(project), "--json")
    rows = [json.loads(line) for line in lines]
    assert code == 1 and rows[-1]["blocking"] == 3 and rows[-1]["marked"] == 1 and rows[-1]["digest"].startswith("sha256:")
    assert {(row["path"], row["line"], row["rule"]) for row in rows[:-1]} >= {("src/deep/config.ini", 3, "github-token")}


def test_one_file(safety, tmp_path):
    write(tmp_path, {"a": TOKEN.encode(), "b": b"nothing\n"})
    assert safety("test", "a")[:2] == (1, ["a:1: github-token (token, block)"])
    assert safety("test", "b")[:2] == (0, [])
    assert safety("test", "missing")[0] == 65


def test_what_is_not_there_or_not_built_is_said(safety, tmp_path):
    (tmp_path / "project").mkdir()
    assert safety("scan", str(tmp_path / "none"))[0] == 65
    for words in (["scan", "project", "--history"], ["test", "x", "--tool", "t"], ["test", "x", "--direction", "results"]):
        code, _, errors = safety(*words)
        assert code == 64 and "not available in this version" in errors


def test_the_rules_hold_in_both_engines(safety, tmp_path):
    code, lines, _ = safety("rules", "--check")
    assert code == 0 and "rules of" in lines[-1]
    code, lines, _ = safety("rules", "--json")
    rows = [json.loads(line) for line in lines]
    assert code == 0 and len(rows) >= 40 and all(row["source"] for row in rows)
    rule = {"id": "own", "class": "token", "strength": "block", "pattern": "own_[0-9]{8}", "source": "our wiki",
            "tests": {"match": [["own_", "12345678"]], "miss": [["own_", "1234567"]]}}
    rules = {"interlock_rules": 1, "name": "own", "rules": [rule]}
    (tmp_path / "own.json").write_text(json.dumps(rules))
    assert safety("rules", "own.json", "--check")[0] == 0
    rule["tests"]["miss"] = [["own_", "12345678"]]
    (tmp_path / "own.json").write_text(json.dumps(rules))
    code, lines, _ = safety("rules", "own.json", "--check")
    assert code == 1 and "rule `own`: tests.miss[0] is found" in lines[0]
    rule["pattern"] = "own_.*"
    (tmp_path / "own.json").write_text(json.dumps(rules))
    assert safety("rules", "own.json")[0] == 65
