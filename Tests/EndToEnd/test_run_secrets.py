"""Secrets at a run: those that `interlock run` finds in a workspace or its history and refuses, and those that each
source has for the command alone."""

import hashlib
import json
import os
import shutil
import subprocess
from datetime import date, timedelta
from pathlib import Path

import pytest

from addresses import ADA, SAM
from process_tree import descendants, memory_files
from sandboxing import housed

# A private key of nothing, in two parts: other scanners read this file too.
KEY = "-----BEGIN " + "PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAAA\n"
POLICY = f"""\
interlock: 1
org: acme
owners: [{ADA}, {SAM}]
agents:
  fixer:
    owner: {ADA}
    purpose: Fixes bugs
    tier: low
    stage: supervised
    review_by: {date.today() + timedelta(days=60)}
    sandbox: {{limits: {{wall: 60s, pids: 64}}}}
  tester:
    owner: {ADA}
    purpose: Runs tests
    tier: low
    stage: supervised
    review_by: {date.today() + timedelta(days=60)}
    scan:
      history: true
      waive:
        - path: tests/key.txt
          rule: private-key
          sha256: {hashlib.sha256(KEY.encode()).hexdigest()}
          owner: {ADA}
          until: {date.today() + timedelta(days=60)}
          reason: a key of the tests
  explorer:
    owner: {ADA}
    purpose: Uses secrets
    tier: low
    stage: supervised
    review_by: {date.today() + timedelta(days=60)}
    sandbox:
      secrets:
        - {{name: TOKEN, from: "env:explorer-token"}}
        - {{name: PRINTED, from: "commands:printed"}}
        - {{name: key, from: "commands:printed", as: file}}
        - {{name: PUBLISH, from: "env:PUBLISH_KEY"}}
"""
# The values of secrets that lie in no file of the deployment.
VALUES = {"TOKEN": "of-the-environment/51", "PRINTED": "of-a-program/62", "PUBLISH": "of-production/73"}
CALLER = {"INTERLOCK_SECRET_EXPLORER_TOKEN": VALUES["TOKEN"], "INTERLOCK_SECRET_PUBLISH_KEY": VALUES["PUBLISH"]}


@pytest.fixture(scope="module")
def house(binary, tmp_path_factory):
    with housed(binary, tmp_path_factory, POLICY) as made:
        # Without a shell, as the user, and with nothing of the caller's environment.
        program = made.base / "printing"
        program.write_text(f"#!/bin/sh\ntest $# = 1 && ! env | grep -q SECRET && echo '{VALUES['PRINTED']}'\n")
        program.chmod(0o755)
        made.gateway.configure("secrets", production="[publish-key]", commands=f'{{printed: ["{program}", "a; b"]}}')
        made.start()
        yield made


@pytest.mark.requirement("R078", "R082")
def test_a_secret_in_the_history_stops_the_launch(house):
    """Where the policy says so. A waiver of a file counts for this content in any commit."""
    project = house.make_project("versioned", {"moved.txt": KEY, "main.py": "print(1)\n"})

    def git(*words: str) -> None:
        subprocess.run([*house.user.prefix, "git", "-c", "user.name=a", "-c", "user.email=a@example.com", "-C", project, *words],
                       check=True, capture_output=True, env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"})

    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "first")
    git("rm", "-q", "moved.txt")
    git("commit", "-qm", "second")
    backends = ["own", *(["bwrap"] if shutil.which("bwrap") else [])]
    for backend in backends:
        code, _, report = house.run("true", project=project, agent="tester", options=("--backend", backend))
        assert code == 0, report
        start = house.records(report["run"])[0]
        assert (start["blobs"], start["waived"]) == (2, 1)
    kept = house.gateway.folder / "state" / "hashes"
    assert len(list(kept.glob("*-history"))) >= 1
    code, _, report = house.run("true", project=project)
    assert code == 0 and "blobs" not in house.records(report["run"])[0], "the policy of this agent does not ask for it"

    before = len(house.gateway.records(200))
    (project / "other.txt").write_text("a\n" + KEY)
    house.user.own(project)
    git("add", ".")
    git("commit", "-qm", "third")
    git("rm", "-q", "other.txt")
    git("commit", "-qm", "fourth")
    code, out, report = house.run("true", project=project, agent="tester")
    assert (code, report["reason"], out, report["run"]) == (77, "secret-found", "", None)
    said = "\n".join(report["said"])
    assert "commit " in said and " other.txt:2: private-key (private-key, block)" in said and "take it out of the history" in said
    assert "BEGIN" not in said and "MC4C" not in said and len(house.gateway.records(200)) == before


@pytest.mark.requirement("R078", "R082")
def test_a_secret_in_the_workspace_stops_the_launch(house):
    """Refused with path, line and rule and never the value, before anything is on record; what is hidden does not count."""
    before = len(house.gateway.records(200))
    project = house.make_project(
        "leaky", {"src/main.py": "print(1)\n", "tests/key.txt": KEY, ".env": KEY, "CLAUDE.md": "Be kind\n"})
    code, out, report = house.run("true", project=project)
    assert (code, report["source"], report["reason"], out) == (77, "interlock", "secret-found", "")
    said = "\n".join(report["said"])
    assert "tests/key.txt:1: private-key (private-key, block)" in said and ".env" not in said
    assert "BEGIN" not in said and "MC4C" not in said and report["run"] is None
    assert len(house.gateway.records(200)) == before

    # The policy of another agent waives this file with this content.
    code, _, report = house.run("true", project=project, agent="tester")
    assert code == 0, report
    start = house.records(report["run"])[0]
    assert (start["marks"], start["waived"]) == (0, 1) and len(start["scan"]) == len(start["fp"]) == 44
    (project / "tests" / "key.txt").write_text(KEY + "\n")
    code, _, report = house.run("true", project=project, agent="tester")
    assert (code, report["reason"]) == (77, "secret-found")

    # A value that the broker holds is found in a file under any name, also in base64, and no policy waives it.
    kept = house.keep_secret("npm", "k3-of-the-broker/77")
    (project / "tests" / "key.txt").write_text("# czMtb2YK\nnote: azMtb2YtdGhlLWJyb2tlci83N\n")
    code, _, report = house.run("true", project=project, agent="tester")
    kept.unlink()
    assert (code, report["reason"]) == (77, "secret-found")
    assert any("tests/key.txt:2: brokered-value (brokered, block)" in line for line in report["said"])


SECRETS = "import json, os; print(json.dumps([{name: os.environ.get(name) for name in %r}, open('/run/secrets/key').read()]))"


@pytest.mark.requirement("R023", "R025", "R082")
def test_secrets_come_from_each_source_and_those_of_production_to_no_exploratory_run(house):
    def run(*options, environment=CALLER, **others):
        return house.run("python3", "-c", SECRETS % list(VALUES), agent="explorer", options=options, environment=environment,
                         **others)

    code, out, report = run()
    assert code == 0 and json.loads(out) == [VALUES, VALUES["PRINTED"]], report
    assert house.records(report["run"])[0]["kind"] == "task"
    before = len(house.gateway.records(200))
    code, out, report = run("--kind", "exploratory")
    said = "\n".join(report["said"])
    assert (code, report["source"], report["reason"], report["run"], out) == (77, "interlock", "production-secret", None, "")
    assert "`PUBLISH` is `env:PUBLISH_KEY`, which is marked as production" in said and "--secret" in said
    assert VALUES["PUBLISH"] not in said and len(house.gateway.records(200)) == before
    rest = ("--secret", "TOKEN", "--secret", "PRINTED", "--secret", "key")
    code, out, report = run("--kind", "exploratory", *rest)
    assert code == 0 and json.loads(out) == [{**VALUES, "PUBLISH": None}, VALUES["PRINTED"]], report
    assert house.records(report["run"])[0]["kind"] == "exploratory"

    # The source that the policy names decides, and says what is missing.
    code, _, report = run(*rest, environment={})
    assert (code, report["reason"]) == (77, "secret")
    assert any("INTERLOCK_SECRET_EXPLORER_TOKEN" in line for line in report["said"])
    # Such a value is looked for in the workspace too, and stays in no file.
    project = house.make_project("printed", {"notes.txt": f"see {VALUES['PRINTED']}\n"})
    code, _, report = run(project=project)
    assert (code, report["reason"]) == (77, "secret-found")
    assert any("notes.txt:1: brokered-value" in line for line in report["said"])
    patterns = [word for value in VALUES.values() for word in ("-e", value)]
    kept = subprocess.run(["grep", "-rlF", "-D", "skip", *patterns, house.gateway.folder], capture_output=True, text=True)
    assert kept.stdout == ""


SPEAK = """\
import os
def shown(path):
    try:
        return open(path).read()
    except OSError as error:
        return str(error.errno)
open("/workspace/made.txt", "w").write("made inside")
print(repr([shown("/proc/1/" + name) for name in ("cmdline", "environ", "mountinfo")]), flush=True)
input()
"""


@pytest.mark.requirement("R025", "R082")
@pytest.mark.parametrize("backend", ["own", "bwrap"])
def test_no_secret_is_in_arguments_or_environments_outside_of_the_command(house, backend):
    """Nor in the specification of the launch, its steps, the changes and the records. The launcher and pid 1 hold none that a
    user of the machine could list."""
    words, project = ("python3", "-c", SPEAK), house.make_project(f"spoken-{backend}", {"a.txt": "as it was"})
    options = ("--backend", backend)
    dry = subprocess.run(house.command(*words, agent="explorer", project=project, options=(*options, "--dry-run")),
                         capture_output=True, text=True, cwd="/", timeout=30)
    running = house.begin(*words, agent="explorer", environment=CALLER, project=project, options=options)
    seen = {"dry run": dry.stdout + dry.stderr, "first process": running.stdout.readline()}
    assert seen["first process"].startswith("[") and dry.returncode == 0, dry
    found = {}
    for pid in (running.pid, *descendants(running.pid)):
        for path in (Path(f"/proc/{pid}/cmdline"), Path(f"/proc/{pid}/environ"), *memory_files(pid)):
            try:
                found[pid, path.name] = path.read_bytes()
            except PermissionError:
                pass  # the tests are not root's
    _, error = running.communicate("\n", timeout=10)
    pids = sorted({pid for pid, _ in found})
    having = {(pids.index(pid), part) for (pid, part), content in found.items()
              if any(value.encode() in content for value in VALUES.values())}
    command = next(pid for pid in pids if found[pid, "cmdline"].startswith(b"python3"))
    # The supervisor has those that its caller gave it. The launcher has closed the file of the command's environment, and
    # its specification has none.
    permitted = {(0, "environ"), (pids.index(command), "environ")}
    assert having <= permitted and len(pids) >= 4, having
    if os.geteuid() == 0:
        assert permitted == having and (pids[1], "3") in found

    run = json.loads(error.splitlines()[-1])["run"]
    diffs = [house.workspace("diff", run, *more) for more in (("--json",), ("--path", "made.txt"))]
    assert "made.txt" in diffs[0].stdout and "made inside" in diffs[1].stdout
    seen |= {"report": error, "diff": diffs[0].stdout + diffs[1].stdout,
             "records": json.dumps(house.gateway.json("audit", "query", "--run", run, "--limit", "1000"))}
    assert {name for name, text in seen.items() if any(value in text for value in VALUES.values())} == set()
