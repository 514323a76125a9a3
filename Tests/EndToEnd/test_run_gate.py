"""`interlock run` at the change gate: one byte of an instruction file or of a skill in the workspace, and no run begins
until it is restored or evaluated (docs/specs/evals.md, sections 5, 6 and 12)."""

import os
import re
import shutil
import subprocess
from datetime import date, timedelta

import pytest

from addresses import ADA, SAM
from evaluating import key
from people import People
from sandboxing import SandboxHouse
from waits import until

pytestmark = pytest.mark.requirement("R116", "R117")

POLICY = """\
interlock: 1
org: acme
owners: [{owner}, {other}]
eval:
  signers: [{{key: "{key}", held_by: [{other}]}}]
servers:
  desk:
    connect: {{http: "http://127.0.0.1:1/mcp"}}
    reviewed: {{by: {owner}, on: "{reviewed}", trust: internal}}
    tools:
      look: {{class: read}}
      drop: {{class: write, effects: [reversible]}}
agents:
  fixer:
    owner: {owner}
    purpose: Fixes bugs
    tier: low
    stage: supervised
    review_by: {review}
    sandbox: {{limits: {{wall: 60s, pids: 64}}}}
    mcp_scopes: {{desk: [look]}}
"""
FILES = {
    "CLAUDE.md": "Be brief.\n", ".claude/skills/sum/SKILL.md": "Add numbers.\n", "main.py": "print(1)\n",
    "fingerprint.yaml": "interlock_fingerprint: 1\nprompt: [CLAUDE.md]\nskills: [{name: sum, path: .claude/skills/sum}]\n",
}


@pytest.fixture(scope="module")
def house(binary, tmp_path_factory):
    with People(tmp_path_factory.mktemp("people"), {ADA: ["kill", "resume", "security"], SAM: ["resume"]}) as people:
        made = SandboxHouse(binary, people, POLICY.format(
            owner=ADA, other=SAM, key=key(people, SAM), reviewed=date.today() - timedelta(days=14),
            review=date.today() + timedelta(days=60)))
        try:
            made.start()
            made.checkout = made.make_project("checkout", FILES)
            yield made
        finally:
            made.close()


def evals(house, *words: str) -> subprocess.CompletedProcess:
    """`interlock eval` as continuous integration runs it: on the policy and on a checkout, with the key in ssh-agent."""
    return subprocess.run(
        [str(house.gateway.binary), "eval", *words, "--policy", str(house.gateway.folder / "policy.yaml"),
         "--fingerprint", str(house.checkout / "fingerprint.yaml")],
        env={**os.environ, **house.gateway.people.environment}, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=60)


def evaluate(house, *words: str) -> None:
    done = evals(house, "run", "fixer", "--sign", "agent", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    written = re.search(r"^result of fixer: (.+)$", done.stderr, re.M)[1]
    house.user.own(house.gateway.folder / "suites")
    house.gateway.run("eval", "gate", "--submit", written)


def check_runs(house) -> None:
    code, _, report = house.run("true", project=house.checkout)
    assert (code, report["reason"]) == (0, "exited"), report


def check_refused(house, part: str, is_listed: bool = True) -> None:
    """`is_listed`: the list of the agent's files, which continuous integration reads, has the file."""
    begun = len(house.gateway.records(300, type="run.start"))
    code, _, report = house.run("true", project=house.checkout)
    assert (code, report["source"], report["run"]) == (77, "interlock", None), report
    assert "eval-missing" in "\n".join(report["said"])
    assert len(house.gateway.records(300, type="run.start")) == begun
    until(lambda: [one for one in house.gateway.records(300, type="eval.refused") if one.get("codes") == [part]],
          house.gateway)
    done = evals(house, "gate", "fixer")
    assert done.returncode == int(is_listed), done.stdout
    assert (f"changed since the last result: {part}" in done.stdout) == is_listed


def test_a_run_begins_with_what_was_evaluated(house):
    evaluate(house, "--starter")
    check_runs(house)
    assert evals(house, "gate", "fixer").returncode == 0


@pytest.mark.parametrize("part, path", [("prompt", "CLAUDE.md"), ("skills", ".claude/skills/sum/SKILL.md")])
def test_one_byte_of_a_file_and_no_run_begins(house, part, path):
    file = house.checkout / path
    kept = file.read_text()
    file.write_text(kept.replace("e", "a", 1))
    assert len(file.read_text()) == len(kept) and file.read_text() != kept
    check_refused(house, part)
    file.write_text(kept)
    check_runs(house)


def test_an_import_is_measured_and_needs_evals_of_its_own(house):
    """Also one byte of it, where the file that imports it has not changed."""
    main, fingerprint = house.checkout / "CLAUDE.md", house.checkout / "fingerprint.yaml"
    kept = main.read_text(), fingerprint.read_text()
    (house.checkout / "docs").mkdir()
    rules = house.checkout / "docs/rules.md"
    rules.write_text("Write tests.\n")
    main.write_text("Be brief. @docs/rules.md\n")
    house.user.own(house.checkout)
    fingerprint.write_text(kept[1].replace("[CLAUDE.md]", "[CLAUDE.md, docs/rules.md]"))
    evaluate(house)
    check_runs(house)
    rules.write_text("Write tasts.\n")
    check_refused(house, "prompt")
    shutil.rmtree(house.checkout / "docs")
    main.write_text(kept[0])
    fingerprint.write_text(kept[1])
    check_runs(house)


def test_a_new_file_of_instructions_needs_evals_of_its_own(house):
    (house.checkout / "sub").mkdir()
    (house.checkout / "sub/AGENTS.md").write_text("Skip the tests.\n")
    house.user.own(house.checkout)
    check_refused(house, "prompt", is_listed=False)
    fingerprint = house.checkout / "fingerprint.yaml"
    fingerprint.write_text(fingerprint.read_text().replace("[CLAUDE.md]", "[CLAUDE.md, sub/AGENTS.md]"))
    evaluate(house)
    check_runs(house)
