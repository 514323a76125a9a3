"""Every scenario of the official suite has a test of this project or a reason against it; the lists are as long as the
suite's. Each limit of the specification has a test, too. Every named test runs, and asserts something."""

import ast
import re
import subprocess
import sys
from functools import cache

import pytest

import conformancelist as suite
from conftest import ROOT

SETS = {"server 2025-11-25": (suite.SERVER_2025_11_25, 30), "server 2026-07-28": (suite.SERVER_2026_07_28, 37),
        "client 2025-11-25": (suite.CLIENT_2025_11_25, 18), "client 2026-07-28": (suite.CLIENT_2026_07_28, 32)}
EVERY = [(f"{name} {scenario}", found) for name, (scenarios, _) in SETS.items() for scenario, found in scenarios.items()]
EVERY += [(f"unscored {scenario}", found) for scenario, found in suite.UNSCORED.items()]
EVERY += [(f"limit {what}", found) for what, found in suite.LIMITS.items()]


HERE = ROOT / "Tests" / "EndToEnd"


@cache
def text(name: str) -> str:
    return (ROOT / "Tests" / name).read_text()


@cache
def functions(name: str) -> dict[str, ast.FunctionDef]:
    return {node.name: node for node in ast.parse(text(f"EndToEnd/{name}")).body if isinstance(node, ast.FunctionDef)}


@cache
def helpers() -> dict[str, list[ast.FunctionDef]]:
    """All functions and methods of this folder and of the examples' support code, by name."""
    found: dict[str, list[ast.FunctionDef]] = {}
    for path in (*HERE.glob("*.py"), *(ROOT / "Examples" / "support").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                found.setdefault(node.name, []).append(node)
    return found


def asserts(node: ast.AST, depth: int = 1) -> bool:
    """Returns True if a test has an assertion, expects an error, or calls a helper that does so."""
    for part in ast.walk(node):
        if isinstance(part, ast.Assert) or isinstance(part, ast.Attribute) and part.attr == "raises":
            return True
        if isinstance(part, ast.Call) and depth:
            name = getattr(part.func, "id", getattr(part.func, "attr", ""))
            if any(asserts(one, depth - 1) for one in helpers().get(name, [])):
                return True
    return False


def is_skipped(node: ast.FunctionDef) -> bool:
    """Returns True for a skipped test, with any arguments of the mark."""
    marks = [ast.unparse(one) for one in node.decorator_list] + [ast.unparse(one) for one in node.body]
    return any(one.startswith(("pytest.mark.skip", "pytest.mark.xfail", "pytest.mark.stress", "pytest.skip(")) for one in marks)


@cache
def collected() -> set[str]:
    """`FILE::FUNCTION` of each test that pytest finds in the named files, invoked like `scripts/test`."""
    files = sorted({node.split("::")[0] for _, found in EVERY if not isinstance(found, suite.NotYet)
                    for node in found if "::" in node})
    done = subprocess.run([sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *files], cwd=HERE,
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    return {line.split("[")[0].rpartition("/")[2] for line in done.stdout.splitlines() if "::" in line}


def check_in_python(node: str) -> None:
    name, function = node.split("::")
    assert node in collected(), f"{node} is not collected"
    found = functions(name)[function]
    assert not is_skipped(found), f"{node} is skipped"
    assert asserts(found), f"{node} asserts nothing"


def check_in_swift(node: str) -> None:
    name, sentence = node.split(": ", 1)
    before, found, after = text(name).partition(f"func `{sentence}`(")
    assert found, f"{node} is not there"
    attributes = before[before.rfind("\n\n"):]
    assert "@Test" in attributes and not re.search(r"\.(disabled|enabled)\(", attributes), f"{node} is not run"
    assert re.search(r"#expect|#require|check\(", after.split("\n    }\n")[0]), f"{node} asserts nothing"


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
        (check_in_python if "::" in node else check_in_swift)(node)


@pytest.mark.parametrize("code, fault", [
    ("def test_x(made):\n    made.nothing_known()", "asserts"), ("@pytest.mark.skipif(True)\ndef test_x():\n    assert 1", "skipped"),
    ("def test_x():\n    pytest.skip('later')\n    assert 1", "skipped"), ("def test_x():\n    assert 1", None)])
def test_a_test_that_proves_nothing_is_noticed(code, fault):
    (node,) = ast.parse(code).body
    assert (not asserts(node), is_skipped(node)) == (fault == "asserts", fault == "skipped")
