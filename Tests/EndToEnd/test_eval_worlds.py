"""Fixtures of agent cases as `interlock eval lint` reads them, and what tiers medium and high demand of a suite
(docs/specs/evals.md, sections 2 and 9)."""

import json

import pytest

from evaluating import OWNER, Evals

WORLD = """interlock_eval: 1
servers:
  billing:
    state: {refunds: []}
    tools:
      get_invoice: {answer: {structured: {amount_cents: 1900}}}
      refund_request:
        - match: {/amount_cents: 1900}
          answer: {text: refunded}
          patch: [{op: add, path: /refunds/-, value: {amount_cents: 1900}}]
        - answer: {error: no such order}
"""

EXPECT = "{state: [{at: /billing/refunds, size: 1}], calls: {required: [{call: billing.refund_request}]}}"


def agent_case(name: str, kind: str = "golden", expect: str = EXPECT, by: str = "paul") -> str:
    return (f"interlock_eval: 1\nid: {name}\nkind: agent\nclass: {kind}\n"
            f'reviewed: {{by: {by}@acme.example, on: "2026-11-12"}}\nrequest: Refund order 8812.\n'
            f"world: fixtures/orders.yaml\nexpect: {expect}\n")


def written(binary, folder, *cases: str, world: str | None = WORLD, tier: str = "low") -> Evals:
    evals = Evals(binary, folder, tier=tier).write_suite(**{f"agent_{number}": text for number, text in enumerate(cases)})
    (evals.suite / "suite.yaml").write_text(
        f'interlock_eval: 1\nagent: refunds\nowner: {OWNER}\ncommand: ["/bin/true"]\n')
    if world is not None:
        (evals.suite / "fixtures").mkdir()
        (evals.suite / "fixtures/orders.yaml").write_text(world)
    return evals


def flags(evals: Evals, expect: int) -> dict[str, bool]:
    """The flags of the suite, and whether each only warns."""
    rows = [json.loads(line) for line in evals.eval("lint", "refunds", "--json", expect=expect).stdout.splitlines()]
    return {row["flag"]: row["warning"] for row in rows if "flag" in row}


@pytest.mark.requirement("R115")
def test_a_suite_with_an_agent_case_and_its_fixture_is_valid(binary, tmp_path):
    evals = written(binary, tmp_path, agent_case("whole"))
    found = flags(evals, 0)
    assert found["T07"] and found["T14"] and "T05" not in found


@pytest.mark.requirement("R115")
@pytest.mark.parametrize("world, expect, says", [
    (None, EXPECT, "suites/refunds/cases/agent-0.yaml:7:8 `whole`: world: there is no file `fixtures/orders.yaml`"),
    ("", EXPECT, "suites/refunds/fixtures/orders.yaml:1:1 E110"),
    (WORLD.replace("structured", "strctured"), EXPECT, "suites/refunds/fixtures/orders.yaml:6:30 E201"),
    (WORLD.replace("op: add", "op: merge"), EXPECT, "suites/refunds/fixtures/orders.yaml:10:24 E203"),
    (WORLD, "{state: [{at: /billng/refunds, size: 1}]}", "the fixture has no scripted server `billng`"),
    (WORLD, '{state: [{at: /billing/refunds, matches: "("}]}', "matches: invalid pattern: "),
    (WORLD, "{calls: {forbidden: [{call: billing.refund_requests}]}}", "`billing.refund_requests` is no tool of the policy or the lock"),
    (WORLD.replace("refund_request:", "refund:"), EXPECT, "has no `billing.refund_request`, which is demanded"),
])
def test_a_fixture_that_is_missing_invalid_or_unfit_is_an_error_with_its_place(binary, tmp_path, world, expect, says):
    evals = written(binary, tmp_path, agent_case("whole", expect=expect), world=world)
    assert says in evals.eval("lint", "refunds", expect=65).stdout


@pytest.mark.requirement("R121")
def test_an_agent_that_does_nothing_must_not_pass_a_utility_case(binary, tmp_path):
    evals = written(binary, tmp_path, agent_case("idle", expect="{state: [{at: /billing/refunds, size: 0}]}"))
    assert flags(evals, 1)["T05"] is False


@pytest.mark.requirement("R120", "R121")
def test_above_tier_low_a_suite_needs_agent_cases(binary, tmp_path):
    folders = [tmp_path / name for name in ("low", "medium", "enough")]
    for folder in folders:
        folder.mkdir()
    assert "T16" not in flags(written(binary, folders[0]), 0)
    few = flags(written(binary, folders[1], tier="medium"), 1)
    assert (few["T07"], few["T16"]) == (False, False)
    cases = [agent_case(f"whole-{number}", kind, by=("paul", "dana")[number % 2])
             for number, kind in enumerate(["golden", "allow", "ambiguous"] + ["golden"] * 12)]
    assert not {"T07", "T16"} & flags(written(binary, folders[2], *cases, tier="medium"), 0).keys()
