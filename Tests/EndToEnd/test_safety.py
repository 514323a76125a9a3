"""`interlock safety`: secrets in files are found by path, line and rule, and never printed."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from sandboxing import OrdinaryUser

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
    (tmp_path / "x").write_text("x\n")
    code, _, errors = safety("test", "x", "--tool", "t")
    assert code == 64 and "invalid tool `t`" in errors and "use `server.tool`" in errors
    for word in ("both", "", "Results"):
        code, _, errors = safety("test", "x", "--direction", word)
        assert code == 64 and f"invalid direction `{word}`" in errors and "use `arguments` or `results`" in errors, errors


ACCOUNT = "NL61INGB" + "0417164300"


def test_a_file_as_a_call_has_it(safety, tmp_path):
    """By the rules of calls, with the place in JSON and what happens to the call; names count, and no value is printed."""
    call = {"to": {"iban": ACCOUNT, "mail": "ada@" + "mail.example.org"}, "note": [f"key {TOKEN}"], "plain": 7,
            "~/": {TOKEN: {"ssn": "219-09-" + "9999"}}}
    write(tmp_path, {"call.json": json.dumps(call).encode(), "text": f"mail ada@mail.example.org\n{ACCOUNT}\n".encode(),
                     "clean.json": b'{"a": [1, null, "plain"]}', "cut.json": b'{"iban": "' + ACCOUNT.encode() + b'",'})
    code, lines, errors = safety("test", "call.json", "--direction", "arguments")
    assert code == 1 and lines == [
        "call.json:/to/iban: iban (iban, deny)", "call.json:/to/mail: e-mail-address (personal, mark)",
        "call.json:/note/0: github-token (token, deny)", "call.json:/~0~1: github-token (token, deny)",
        "call.json:/~0~1: us-social-security-number (national-id, deny)"]
    printed = "\n".join(lines) + errors
    assert not any(value in printed for value in (TOKEN, ACCOUNT, "219-09", "ada@"))
    code, lines, _ = safety("test", "call.json", "--direction", "results", "--json")
    rows = [json.loads(line) for line in lines]
    assert code == 1 and [row["consequence"] for row in rows] == ["replace", "mark", "replace", "replace", "replace"]
    assert all("line" not in row and row["path"] == "call.json" for row in rows)
    # Other content has lines, as have documents that are cut; what only marks is exit 0.
    assert safety("test", "text", "--direction", "results")[:2] == (
        1, ["text:1: e-mail-address (personal, mark)", "text:2: iban (iban, replace)"])
    assert safety("test", "cut.json", "--direction", "results")[:2] == (1, ["cut.json:1: iban (iban, replace)"])
    write(tmp_path, {"mail": b"mail ada@mail.example.org\n"})
    assert safety("test", "mail", "--direction", "results")[:2] == (0, ["mail:1: e-mail-address (personal, mark)"])
    assert safety("test", "clean.json", "--direction", "arguments")[:2] == (0, [])
    # Files are searched by other rules.
    assert safety("test", "text")[:2] == (0, [])
    assert safety("test", "missing", "--direction", "results")[0] == 65


def test_more_findings_than_a_record_keeps_are_printed(safety, tmp_path):
    write(tmp_path, {"many.json": json.dumps([TOKEN] * 40).encode(), "many": f"{TOKEN}\n".encode() * 40})
    code, lines, _ = safety("test", "many.json", "--direction", "results")
    assert code == 1 and lines == [f"many.json:/{place}: github-token (token, replace)" for place in range(40)]
    assert len(safety("test", "many")[1]) == 40


def test_a_value_that_its_name_gives_away_has_the_place_of_the_value(safety, tmp_path):
    """A rule that begins in the name of a member finds the value after it. A name that may be a part of a value is not printed."""
    password, number = "kT9#mQ2v" + "X8zL4pR7", "536-22-" + "8726"
    call = {"password": password, "x": {"ssn": number, "password": password}, "l": [{"api_key": "Zx8Kq2LmN4vB" + "7cD9eF3gH5jK"}]}
    write(tmp_path, {"call.json": json.dumps(call).encode(), "name.json": json.dumps({"a": {f"ssn {number}": 1}}).encode()})
    code, lines, _ = safety("test", "call.json", "--direction", "arguments")
    assert code == 1 and [line.split(": ")[0] for line in lines] == [
        "call.json:/password", "call.json:/x/ssn", "call.json:/x/password", "call.json:/l/0/api_key"], lines
    code, lines, _ = safety("test", "call.json", "--direction", "results", "--json")
    assert [json.loads(line)["at"] for line in lines] == ["/password", "/x/ssn", "/x/password", "/l/0/api_key"]
    code, lines, _ = safety("test", "name.json", "--direction", "results")
    assert lines == ["name.json:/a: us-social-security-number (national-id, replace)"]


def test_the_rules_hold_in_both_engines(safety, tmp_path):
    code, lines, _ = safety("rules", "--check")
    assert code == 0 and "rules of" in lines[-1]
    code, lines, _ = safety("rules", "--json")
    rows = [json.loads(line) for line in lines]
    assert code == 0 and len(rows) >= 240 and all(row["source"] for row in rows)
    assert sum(row["files"] for row in rows) >= 200
    assert {row["class"] for row in rows if not row["files"]} == {"card", "iban", "national-id", "personal", "generic"}
    numbers = {"card", "iban", "national-id"}
    assert all((row["strength"] == "block") == (row["class"] in numbers) for row in rows if not row["files"])
    rule = {"id": "own", "class": "token", "strength": "block", "pattern": "own_[0-9]{8}", "source": "our wiki",
            "tests": {"match": [["own_", "12345678"]], "miss": [["own_", "1234567"]]}}
    rules = {"interlock_rules": 1, "name": "own", "rules": [rule]}
    (tmp_path / "own.json").write_text(json.dumps(rules))
    assert safety("rules", "own.json", "--check")[0] == 0
    rule["tests"]["miss"] = [["own_", "12345678"]]
    (tmp_path / "own.json").write_text(json.dumps(rules))
    code, lines, _ = safety("rules", "own.json", "--check")
    assert code == 1 and lines[0].startswith("own.json: rule `own`: tests.miss[0] is found")
    rule["pattern"] = "own_.*"
    (tmp_path / "own.json").write_text(json.dumps(rules))
    code, _, errors = safety("rules", "own.json")
    assert code == 65 and errors.startswith("interlock: own.json: `rules[0].pattern` must be a pattern of rules: "), errors
    # What is no JSON has a line and a column.
    (tmp_path / "own.json").write_text('{"interlock_rules": 1,\n "name" "own"}')
    code, _, errors = safety("rules", "own.json", "--check")
    assert code == 65 and errors.startswith("interlock: own.json:2:9: syntax error at byte 31"), errors


class History:
    """Repositories of an ordinary user, and `safety scan --history` of them: the Git that it starts has a sandbox."""

    def __init__(self, binary: Path):
        self.user = OrdinaryUser()
        self.base = Path(tempfile.mkdtemp(prefix="interlock-history-"))
        self.base.chmod(0o755)
        for name in ("interlock", "interlock-launch"):
            shutil.copy(binary.parent / name, self.base / name)

    def close(self):
        self.user.remove()
        shutil.rmtree(self.base, ignore_errors=True)

    def make(self, name: str, script: str) -> Path:
        """A project, in which a shell runs a script with the functions `g`, Git, and `hide`, which commits all and removes it."""
        project = self.base / name
        project.mkdir()
        git = "git -c user.name=a -c user.email=a@example.com -c init.defaultBranch=main -c commit.gpgSign=false"
        functions = (f'g() {{ {git} "$@"; }}; '
                     "hide() { g add -f .; g commit -qm add; g rm -rqf --ignore-unmatch .; g commit -qm remove; }\n")
        subprocess.run(["sh", "-ec", functions + script], cwd=project, check=True, env={
            "PATH": os.environ["PATH"], "HOME": str(self.base), "TOKEN": TOKEN, "GIT_CONFIG_NOSYSTEM": "1"})
        self.user.own(project)
        return project

    def scan(self, project: Path, *words: str) -> tuple[int, list[str], str]:
        done = subprocess.run([*self.user.prefix, self.base / "interlock", "safety", "scan", project, "--history", *words],
                              capture_output=True, text=True, cwd="/", timeout=60, env={"PATH": "/usr/bin:/bin"})
        assert TOKEN not in done.stdout + done.stderr
        return done.returncode, done.stdout.splitlines(), done.stderr


@pytest.fixture(scope="module")
def history(binary):
    made = History(binary)
    yield made
    made.close()


@pytest.mark.requirement("R078")
def test_secrets_of_earlier_commits_are_found(history):
    """In packs and alone, on a branch, under a hidden name, in a nested repository and in one without a work tree, and where
    no reference leads; each content once, and none that the tree has too."""
    project = history.make("project", """
        g init -q; mkdir -p src vendor/lib; printf 'a\nb\ntoken=%s\n' $TOKEN > src/old.ini; cp src/old.ini src/copy.ini
        echo "x=$TOKEN" > .env; hide; g gc -q
        g checkout -qb side; echo "$TOKEN # side" > 'odd
name'; hide; g checkout -q main
        echo "lost $TOKEN" | g hash-object -w --stdin > /dev/null
        g init -q vendor/lib; (cd vendor/lib; echo "nested $TOKEN" > n; hide); g init -q --bare bare
        echo "bare $TOKEN" | g -C bare hash-object -w --stdin > /dev/null
        echo "kept $TOKEN" > kept.txt; g add kept.txt; g commit -qm kept; echo plain > plain.txt
        """)
    first = subprocess.run(["git", "-c", "safe.directory=*", "-C", project, "rev-list", "--reverse", "main"], capture_output=True,
                           text=True, check=True).stdout[:12]
    code, lines, errors = history.scan(project)
    assert code == 1, errors
    said = "(token, block)"
    assert f"commit {first} src/copy.ini:3: github-token {said}" in lines
    assert f"commit {first} .env:1: github-token {said}" in lines
    shown = [line.split(" ", 2) for line in lines[:-1] if line.startswith("commit ")]
    assert {words[2] for words in shown} == {f"{path}:{line}: github-token {said}" for path, line in (
        (".env", 1), ("odd", 1), ("src/copy.ini", 3), ("vendor/lib/n", 1))} and len(shown) == 4, lines
    others = [line for line in lines[:-1] if not line.startswith("commit ")]
    assert others[0] == f"kept.txt:1: github-token {said}" and len(others) == 3
    assert all(line.startswith("blob ") for line in others[1:]), "of no commit: one in the project, one in the bare repository"
    code, lines, _ = history.scan(project, "--json")
    rows = [json.loads(line) for line in lines]
    found = next(row for row in rows if row.get("path") == "src/copy.ini")
    assert len(found["commit"]) == len(found["blob"]) == 40 and rows[-1]["history"]["files"] >= 6
    assert sum("blob" in row and "commit" not in row and "path" not in row for row in rows) == 2


@pytest.mark.requirement("R078")
def test_a_repository_has_no_say_in_what_is_searched(history):
    """Its configuration starts nothing outside and hides nothing, nor do replacements, grafts and a shallow boundary; objects
    outside the project are not looked for. What Git cannot read ends the search."""
    trace = history.base / "trace"
    trace.mkdir(mode=0o777)
    trace.chmod(0o777)
    project = history.make("hostile", f"""
        g init -q; echo "$TOKEN" > a; g add a; g commit -qm add; blob=$(g rev-parse HEAD:a); g rm -q a; g commit -qm remove
        other=$(echo nothing | g hash-object -w --stdin); g replace $blob $other
        g rev-parse HEAD > .git/shallow; echo /nowhere/objects > .git/objects/info/alternates
        g config core.fsmonitor "touch {trace}/f"; g config core.pager "touch {trace}/p"
        g config core.sshCommand "touch {trace}/s"
        g config extensions.partialClone o; g config remote.o.url "ext::touch {trace}/u"; g config protocol.ext.allow always
        g config core.hooksPath "{trace}"; g config include.path /dev/zero
        """)
    (project / ".git" / "config").write_text((project / ".git" / "config").read_text().replace("\tpath = /dev/zero\n", ""))
    subprocess.run([*history.user.prefix, "git", "-C", project, "status"], capture_output=True, cwd="/")
    assert (trace / "f").exists(), "a Git outside starts what the configuration names"
    (trace / "f").unlink()
    code, lines, errors = history.scan(project)
    assert code == 1 and "1 that block" in lines[-1] and lines[0].endswith(":1: github-token (token, block)"), errors
    assert list(trace.iterdir()) == []

    torn = history.make("torn", 'g init -q; echo "$TOKEN" > a; hide; g gc -q')
    (pack,) = (torn / ".git" / "objects" / "pack").glob("*.pack")
    pack.chmod(0o644)
    pack.write_bytes(pack.read_bytes()[:40])
    code, lines, errors = history.scan(torn)
    assert (code, lines) == (70, []) and "scan-failed" in errors, errors


@pytest.mark.requirement("R078")
def test_a_project_without_a_history_says_so(history, safety, tmp_path):
    code, lines, errors = history.scan(history.make("plain", "echo a > a"))
    assert (code, lines) == (65, []) and "has no history" in errors
    # Its objects lie in another project, which no run would see.
    history.make("origin", 'g init -q; echo "$TOKEN" > a; hide; echo b > b; g add b; g commit -qm b; g worktree add -q ../linked')
    history.user.own(history.base / "linked")
    code, _, errors = history.scan(history.base / "linked")
    assert code == 65 and "has no history" in errors
    if os.geteuid() == 0:
        (tmp_path / "project").mkdir()
        code, _, errors = safety("scan", "project", "--history")
        assert code == 64 and "not for root" in errors
