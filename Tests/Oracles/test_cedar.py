"""The output of `interlock policy test --cedar`, decided by Cedar."""

import json
import os
import subprocess
from pathlib import Path

import cedarpy

ROOT = Path(__file__).parents[2]
INTERLOCK = os.environ.get("INTERLOCK_BIN", ROOT / ".build/release/interlock")
ACME = ROOT / "Examples/policies/acme.yaml"


def export(policy, folder):
    return subprocess.run(
        [INTERLOCK, "policy", "test", policy, "--no-lock", "--at", "2026-11-20T09:00:00Z", "--cedar", folder],
        capture_output=True, text=True)


def answers(folder):
    """The (name, expected, Cedar's decision) of each request."""
    policies = (folder / "policies.cedar").read_text()
    entities = json.loads((folder / "entities.json").read_text())
    for request in json.loads((folder / "requests.json").read_text()):
        expected, name = request.pop("expected"), request.pop("name")
        result = cedarpy.is_authorized(request, policies, entities)
        yield name, expected, result.decision.value


def test_cedar_decides_the_tests_of_the_example_alike(tmp_path):
    run = export(ACME, tmp_path)
    assert run.returncode == 0, run.stderr + run.stdout
    found = list(answers(tmp_path))
    assert len(found) >= 8
    assert {expected for _, expected, _ in found} == {"Allow", "Deny"}
    assert [f for f in found if f[1] != f[2]] == []


def test_what_cedar_cannot_express_is_listed(tmp_path):
    run = export(ACME, tmp_path)
    assert "code-fix repo.open_draft_pr: its guards have no form in Cedar" in run.stderr
    assert "`hours` is no matter of Cedar" in run.stderr


def test_cedar_notices_a_policy_that_decides_otherwise(tmp_path):
    export(ACME, tmp_path)
    policies = tmp_path / "policies.cedar"
    policies.write_text(policies.read_text().replace("50000", "499"))
    assert [f for f in answers(tmp_path) if f[1] != f[2]] != []
