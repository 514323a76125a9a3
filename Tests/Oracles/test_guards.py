"""The analysis of guards compared with Z3: the same regions are empty, and the same region contains each point."""

import json
import os
import subprocess
from pathlib import Path

import pytest
import z3

from guards import Input, translate

ROOT = Path(__file__).parents[2]
TESTS = os.environ.get("INTERLOCK_TESTS", ROOT / ".build/release/interlockPackageTests.xctest")
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
    """Returns None if Z3 does not know."""
    solver = z3.Solver()
    solver.set("timeout", TIMEOUT_MS)
    solver.add(*inputs.axioms())
    solver.add(formula)
    answer = solver.check()
    return None if answer == z3.unknown else answer == z3.sat


def holds(formula):
    """The truth of a formula without variables; Z3 leaves some comparisons of texts to its solver."""
    simple = z3.simplify(formula)
    if z3.is_true(simple) or z3.is_false(simple):
        return z3.is_true(simple)
    solver = z3.Solver()
    solver.set("timeout", TIMEOUT_MS)
    solver.add(simple)
    answer = solver.check()
    assert answer != z3.unknown, simple
    return answer == z3.sat


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


def test_every_point_lies_where_the_formula_says(pairs):
    answers = {"true": 0, "false": 0, "error": 0}
    for pair in pairs:
        for side in ("left", "right"):
            inputs = Input()
            true, false = translate(pair[f"{side}_tree"], inputs)
            for point in pair[f"{side}_points"]:
                values = inputs.at(point["args"], point["now_ms"])
                is_true, is_false = (holds(z3.substitute(formula, *values)) for formula in (true, false))
                assert not (is_true and is_false)
                said = "true" if is_true else "false" if is_false else "error"
                assert said == point["answer"], (pair[side], point)
                answers[said] += 1
    print(", ".join(f"{count} {answer}" for answer, count in answers.items()))
    assert sum(answers.values()) >= 5000 and min(answers.values()) > 300
