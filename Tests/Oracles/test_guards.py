"""The analysis of guards against Z3: the same regions are empty."""

import json
import os
import subprocess
from pathlib import Path

import pytest
import z3

from guards import Input, translate

ROOT = Path(__file__).parents[2]
TESTS = os.environ.get("INTERLOCK_TESTS", ROOT / ".build/debug/interlockPackageTests.xctest")
TIMEOUT_MS = 20_000


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    out = tmp_path_factory.mktemp("guards") / "guards.jsonl"
    subprocess.run(
        [TESTS, "--testing-library", "swift-testing", "--filter", "Guards for the oracle"],
        env=os.environ | {"INTERLOCK_ORACLE_OUT": str(out)}, check=True, capture_output=True)
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert len(lines) >= 300
    return lines


def is_inhabited(formula, inputs):
    """None: Z3 does not know."""
    solver = z3.Solver()
    solver.set("timeout", TIMEOUT_MS)
    solver.add(*inputs.axioms())
    solver.add(formula)
    answer = solver.check()
    return None if answer == z3.unknown else answer == z3.sat


def test_emptiness_and_implication_agree(pairs):
    unknown, empty, inhabited = 0, 0, 0
    for pair in pairs:
        inputs = Input()
        (a, not_a), (b, _) = translate(pair["left_tree"], inputs), translate(pair["right_tree"], inputs)
        for formula, answer in [
            (z3.And(a, z3.Not(b)), pair["true_and_not_true"]),
            (z3.Not(z3.Or(a, not_a)), pair["error"]),
        ]:
            found = is_inhabited(formula, inputs)
            if found is None:
                unknown += 1
                continue
            empty += not found
            inhabited += found
            assert answer == ("inhabited" if found else "empty"), (pair["left"], pair["right"])
    print(f"{empty} empty, {inhabited} inhabited, {unknown} unknown to Z3")
    assert empty > 20 and inhabited > 100 and unknown < len(pairs) // 10
