"""Every scenario of the official suite has a test of ours, or says why not; the lists are as long as the suite's. Each
limit of the specification has its test, too."""

import ast
from functools import cache

import pytest

import conformancelist as suite
from conftest import ROOT

SETS = {"server 2025-11-25": (suite.SERVER_2025_11_25, 30), "server 2026-07-28": (suite.SERVER_2026_07_28, 37),
        "client 2025-11-25": (suite.CLIENT_2025_11_25, 18), "client 2026-07-28": (suite.CLIENT_2026_07_28, 32)}
EVERY = [(f"{name} {scenario}", found) for name, (scenarios, _) in SETS.items() for scenario, found in scenarios.items()]
EVERY += [(f"unscored {scenario}", found) for scenario, found in suite.UNSCORED.items()]
EVERY += [(f"limit {what}", found) for what, found in suite.LIMITS.items()]


@cache
def functions(name: str) -> set[str]:
    tree = ast.parse((ROOT / "Tests" / "EndToEnd" / name).read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@cache
def text(name: str) -> str:
    return (ROOT / "Tests" / name).read_text()


@pytest.mark.parametrize("name", SETS)
def test_no_scenario_is_left_out(name):
    scenarios, number = SETS[name]
    assert len(scenarios) == number


@pytest.mark.parametrize("scenario, found", EVERY, ids=[name for name, _ in EVERY])
def test_its_tests_are_there(scenario, found):
    if isinstance(found, suite.NotYet):
        pytest.skip(str(found))
    assert found
    for node in found:
        if "::" in node:
            name, function = node.split("::")
            assert function in functions(name), node
        else:
            name, sentence = node.split(": ", 1)
            assert f"`{sentence}`" in text(name), node
