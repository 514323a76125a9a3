"""`scripts/release-tests` and `interlock evidence sign-tests`: what did not pass is never signed as passed, and results count for
one program alone (docs/evidence.md)."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import types
from base64 import b64decode
from pathlib import Path

import pytest

from conftest import ROOT
from logwriter import b64
from packwriter import RELEASE, digest

pytestmark = pytest.mark.requirement("R134")

SCRIPT = ROOT / "scripts" / "release-tests"
SEED = bytes(range(128, 160))  # The seed of RELEASE.


@pytest.fixture(scope="module")
def script() -> types.ModuleType:
    module = types.ModuleType("release_tests")
    module.__file__ = str(SCRIPT)
    exec(compile(SCRIPT.read_text(), SCRIPT, "exec"), module.__dict__)
    return module


# What Swift Testing reports.

def known(file: str, name: str = "one()", kind: str = "function") -> dict:
    return {"version": 0, "kind": "test", "payload": {
        "kind": kind, "name": name, "id": f"M.{file}/{name}/{file}.swift:1:1", "sourceLocation": {"fileID": f"M/{file}.swift"}}}


def event(kind: str, file: str | None = None, name: str = "one()", **more) -> dict:
    test = {} if file is None else {"testID": f"M.{file}/{name}/{file}.swift:1:1"}
    return {"version": 0, "kind": "event", "payload": {"kind": kind, **test, **more}}


def passed(file: str) -> list[dict]:
    return [event("testStarted", file), event("testEnded", file)]


def stream(*events: dict, is_whole: bool = True) -> str:
    whole = [event("runEnded")] if is_whole else []
    return "".join(json.dumps(one) + "\n" for one in [known("A"), known("B"), known("A", "suite", "suite"), *events, *whole])


def issue(is_known: bool) -> dict:
    return {"issue": {"isKnown": is_known}}


SWIFT = [
    ("each passed", [*passed("A"), *passed("B")], {"A": True, "B": True}, 0),
    ("an issue", [*passed("A"), event("issueRecorded", "A", **issue(False)), *passed("B")], {"A": False, "B": True}, 1),
    ("a known issue", [*passed("A"), event("issueRecorded", "A", **issue(True)), *passed("B")], {"A": True, "B": True}, 0),
    ("a skipped test", [event("testSkipped", "A"), *passed("B")], {"A": False, "B": True}, 0),
    ("a skipped suite", [*passed("A"), event("testSkipped", "A", "suite"), *passed("B")], {"A": False, "B": True}, 0),
    ("a test without an end", [event("testStarted", "A"), *passed("B")], {"A": False, "B": True}, 1),
    ("a test that never began", passed("B"), {"B": True}, 0),
    ("an issue of no test", [*passed("A"), *passed("B"), event("issueRecorded", **issue(False))], {"A": False, "B": False}, 1),
    ("a failed process", [*passed("A"), *passed("B")], {"A": False, "B": False}, 1),
]


@pytest.mark.parametrize("events, expected, code", [row[1:] for row in SWIFT], ids=[row[0] for row in SWIFT])
def test_a_file_of_swift_tests_passed_only_if_each_test_ran_and_passed(script, events, expected, code):
    assert script.swift_results(stream(*events), code, ["A", "B", "C"]) == expected


def test_a_run_that_was_cut_shows_nothing(script):
    cut = stream(*passed("A"), *passed("B"), is_whole=False)
    assert script.swift_results(cut, 0, ["A", "B"]) == {"A": False, "B": False}
    assert script.swift_results(stream(*passed("A"), *passed("B"))[:-5], 0, ["A"]) == {"A": False}
    assert script.swift_results("", 0, ["A"]) == {}


# What pytest reports.

def report(*cases: tuple[str, str]) -> str:
    rows = "".join(f'<testcase classname="Tests.EndToEnd.test_pitfalls" name="{name}">{f"<{end}/>" if end else ""}</testcase>'
                   for name, end in cases)
    return f"<testsuites><testsuite>{rows}</testsuite></testsuites>"


BOUNDARY = ["test_a_pitfall_that_is_put_in_is_named[prompt-as-boundary]",
            "test_a_deployment_without_the_pitfall_passes[prompt-as-boundary]"]


@pytest.mark.parametrize("ends, expected", [(("", ""), True), (("failure", ""), False), (("", "skipped"), False), (("error", ""), False)])
def test_a_pitfall_passed_only_if_each_of_its_tests_did(script, ends, expected):
    text = report(*zip(BOUNDARY, ends, strict=True))
    assert script.pytest_results(text, 0 if expected else 1, ["pitfall-prompt-as-boundary"]) == {"pitfall-prompt-as-boundary": expected}


def test_a_pitfall_of_which_a_test_is_missing_has_no_result(script):
    assert script.pytest_results(report((BOUNDARY[0], "")), 0, ["pitfall-prompt-as-boundary"]) == {}
    elsewhere = report(*((name, "") for name in BOUNDARY)).replace("test_pitfalls", "test_other")
    assert script.pytest_results(elsewhere, 0, ["pitfall-prompt-as-boundary"]) == {}
    good = report(*((name, "") for name in BOUNDARY))
    assert script.pytest_results(good, 2, ["pitfall-prompt-as-boundary"]) == {"pitfall-prompt-as-boundary": False}
    both = report(("test_nothing_switches_the_audit_off[a]", ""), ("test_nothing_switches_the_audit_off[b]", "failure"),
                  ("test_a_deployment_without_the_pitfall_passes[no-audit]", ""))
    assert script.pytest_results(both, 1, ["pitfall-no-audit"]) == {"pitfall-no-audit": False}


def test_the_tests_of_pitfalls_exist(script):
    text = (ROOT / script.PITFALLS).read_text()
    for tests in script.NEGATIVE.values():
        for test in tests:
            name, _, parameter = test.rstrip("]").partition("[")
            assert f"def {name}(" in text and (not parameter or f'"{parameter}"' in text), test


def test_what_a_pitfall_in_the_program_fails_is_signed(script):
    canaries = tomllib.loads((ROOT / "Tests/Canaries/canaries.toml").read_text())
    for pitfall, tests in script.NEGATIVE.items():
        assert canaries[pitfall]["pytest"] in [f"{script.PITFALLS}::{test}" for test in tests], pitfall


# The command.

def required(binary: Path) -> list[str]:
    done = subprocess.run([binary, "evidence", "controls", "--json"], capture_output=True, text=True, timeout=30, check=True)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["id"] for row in rows] == [f"C{number:02}" for number in range(1, 25)]
    assert all(row["release"] and row["selftest"] for row in rows)
    return sorted({test for row in rows for test in row["release"]})


@pytest.fixture
def key(tmp_path) -> Path:
    path = tmp_path / "release.key"
    path.write_bytes(SEED)
    path.chmod(0o400)
    return path


class Signing:
    def __init__(self, binary: Path, folder: Path, key: Path):
        self.binary, self.folder, self.key = binary, folder, key
        self.target = folder / "signed.json"

    def sign(self, results, key: Path | None = None) -> subprocess.CompletedProcess:
        file = self.folder / "results.json"
        file.write_bytes(results if isinstance(results, bytes) else json.dumps(results).encode())
        return subprocess.run([self.binary, "evidence", "sign-tests", file, "--key", key or self.key, "-o", self.target],
                              capture_output=True, text=True, timeout=30)


@pytest.fixture
def signing(binary, tmp_path, key) -> Signing:
    return Signing(binary, tmp_path, key)


def results(binary: Path, tests: list[str], **more: str) -> dict:
    return {"build": digest(binary.read_bytes()), "tests": [{"id": one, "result": more.get(one, "pass")} for one in tests]}


def payload(file: Path) -> dict:
    signed = json.loads(file.read_bytes())
    assert signed["payloadType"] == "application/vnd.interlock.test-results+json"
    (signature,) = signed["signatures"]
    assert signature["keyid"] == b64(RELEASE.public)
    return json.loads(b64decode(signed["payload"]))


def test_results_of_this_program_are_signed_and_the_key_is_named(signing, binary):
    done = signing.sign(results(binary, required(binary)))
    assert done.returncode == 0, done.stderr
    assert payload(signing.target)["build"] == digest(binary.read_bytes())
    (line,) = [one for one in done.stdout.splitlines() if one.startswith("key: ")]
    assert line.startswith("key: interlock-release+")
    assert signing.sign(results(binary, required(binary))).returncode == 73, "a file that exists stays"


@pytest.mark.parametrize("word", ["fail", "skipped", "PASS", ""])
def test_only_pass_is_passed_and_what_lacks_is_named(signing, binary, word):
    done = signing.sign(results(binary, required(binary)[1:], IncidentServiceTests=word))
    assert done.returncode == 1
    assert "failed: IncidentServiceTests of C24" in done.stdout and f"no result: {required(binary)[0]} of " in done.stdout
    stated = {one["id"]: one["result"] for one in payload(signing.target)["tests"]}
    assert stated["IncidentServiceTests"] == "fail" and required(binary)[0] not in stated


def test_nothing_else_is_signed(signing, binary, tmp_path):
    good = results(binary, ["DecisionTests"])
    for bad in (b"", b"[]", b"{}", {**good, "build": "sha256:" + "11" * 32}, {**good, "build": "1"}, {**good, "tests": {}},
                {**good, "more": 1}, {**good, "tests": good["tests"] * 2}, {**good, "tests": [{"id": "DecisionTests"}]}):
        assert signing.sign(bad).returncode == 65, bad
    assert signing.sign(good, tmp_path / "absent").returncode == 66
    short = tmp_path / "short.key"
    short.write_bytes(b"1234")
    short.chmod(0o400)
    assert signing.sign(good, short).returncode == 77
    signing.key.chmod(0o644)
    assert signing.sign(good).returncode == 77
    assert not signing.target.exists()


# The script, with tests that are none.

BUNDLE = f"""#!{sys.executable}
import json, os, re, sys
words = sys.argv[1:]
files = re.findall(r"(\\w+)\\\\\\.swift", words[words.index("--filter") + 1])
def one(kind, payload): return json.dumps({{"version": 0, "kind": kind, "payload": payload}}) + "\\n"
with open(words[words.index("--event-stream-output-path") + 1], "w") as output:
    for file in files:
        test = f"M.{{file}}/one()/{{file}}.swift:1:1"
        output.write(one("test", {{"kind": "function", "id": test, "sourceLocation": {{"fileID": f"M/{{file}}.swift"}}}}))
        output.write(one("event", {{"kind": "testStarted", "testID": test}}))
        if file == os.environ.get("FAILS"):
            output.write(one("event", {{"kind": "issueRecorded", "testID": test, "issue": {{"isKnown": False}}}}))
        output.write(one("event", {{"kind": "testEnded", "testID": test}}))
    output.write(one("event", {{"kind": "runEnded"}}))
if "CHANGES" in os.environ:
    with open(os.environ["CHANGES"], "ab") as program:
        program.write(b" ")
sys.exit("FAILS" in os.environ)
"""
PYTHON = f"""#!{sys.executable}
import os, sys
from xml.sax.saxutils import quoteattr
assert os.environ["INTERLOCK_BIN"].endswith("/interlock")
tests = [word.split("::")[1] for word in sys.argv if "::" in word]
(report,) = [word.split("=", 1)[1] for word in sys.argv if word.startswith("--junitxml=")]
rows = "".join(f'<testcase classname="Tests.EndToEnd.test_pitfalls" name={{quoteattr(one)}}/>' for one in tests)
open(report, "w").write(f"<testsuites><testsuite>{{rows}}</testsuite></testsuites>")
"""


class Release:
    def __init__(self, binary: Path, folder: Path, key: Path):
        self.program, self.key = folder / "bin" / "interlock", key
        self.file = folder / "share" / "interlock" / "release-tests.json"
        self.program.parent.mkdir()
        shutil.copy(binary, self.program)
        self.bundle, self.python = folder / "bundle", folder / "python"
        for path, text in ((self.bundle, BUNDLE), (self.python, PYTHON)):
            path.write_text(text)
            path.chmod(0o755)

    def run(self, **environment: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [SCRIPT, self.key, "--program", self.program, "--bundle", self.bundle, "--python", self.python],
            capture_output=True, text=True, timeout=60, env={**os.environ, **environment})


@pytest.fixture
def release(binary, tmp_path, key) -> Release:
    return Release(binary, tmp_path, key)


def test_the_script_signs_what_ran_for_the_program_that_was_tested(release):
    done = release.run()
    assert done.returncode == 0, done.stderr
    made = payload(release.file)
    assert made["build"] == digest(release.program.read_bytes())
    assert [one["id"] for one in made["tests"]] == required(release.program)
    assert {one["result"] for one in made["tests"]} == {"pass"}
    assert release.file.stat().st_mode & 0o777 == 0o644


def test_the_script_says_that_a_test_failed_and_signs_that(release):
    done = release.run(FAILS="DecisionTests")
    assert done.returncode == 1 and "failed: DecisionTests of C01" in done.stdout
    stated = {one["id"]: one["result"] for one in payload(release.file)["tests"]}
    assert {one for one, result in stated.items() if result != "pass"} == {"DecisionTests"}


def test_the_script_signs_nothing_for_a_program_that_changed_and_leaves_no_older_results(release):
    assert release.run().returncode == 0 and release.file.exists()
    done = release.run(CHANGES=str(release.program))
    assert done.returncode == 2 and re.search("changed while its tests ran", done.stderr)
    assert not release.file.exists()


def test_the_script_needs_program_and_bundle_of_one_build(release):
    done = subprocess.run([SCRIPT, release.key, "--program", release.program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and not release.file.exists()
