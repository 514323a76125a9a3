"""`scripts/status`: the pages of claims and requirements match claims.toml and the tests; its check names faults."""

import copy
import runpy
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "status"


@pytest.fixture(scope="module")
def status():
    return runpy.run_path(str(SCRIPT))


@pytest.fixture(scope="module")
def found(status):
    return tuple(status["marks"](ROOT))


@pytest.fixture
def claims():
    made = tomllib.loads((ROOT / "docs" / "claims.toml").read_text())
    made["section"] = [{"title": "One", "claim": [{
        "claim": "limits hold", "requirements": ["R110"], "shown_by": ["LimitCallTests"], "seen": "2026-11-23", "state": "holds"}]}]
    return made


def test_the_pages_are_what_the_claims_and_the_tests_give():
    done = subprocess.run([sys.executable, SCRIPT, "--check"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_a_page_that_was_changed_by_hand_is_named(tmp_path):
    for path in ROOT.iterdir():
        if path.name in ("docs", "scripts"):
            shutil.copytree(path, tmp_path / path.name)
        elif not path.name.startswith("."):
            (tmp_path / path.name).symlink_to(path)
    words = [sys.executable, tmp_path / "scripts" / "status"]
    page = tmp_path / "docs" / "requirements.md"
    text = page.read_text()
    page.write_text(text.replace("no test names it", "a test names it", 1))
    done = subprocess.run([*words, "--check"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "docs/requirements.md is not what" in done.stderr, done
    assert subprocess.run(words, timeout=60).returncode == 0 and page.read_text() == text


@pytest.mark.parametrize("change, word", [
    ({}, None), ({"requirements": []}, None), ({"shown_by": ["pytest Tests/EndToEnd/test_limits.py"]}, None),
    ({"shown_by": ["pytest Tests/EndToEnd/test_limits.py::test_so_many_and_no_more_also_after_a_restart"]}, None),
    ({"shown_by": ["LimitsTests", "LimitCallTests"]}, None), ({"seen": "2026-11-23, 19910f62"}, None),
    ({"state": "not built", "shown_by": [], "seen": ""}, None),
    ({"state": "fine"}, "unknown state `fine`"), ({"requirements": ["R157"]}, "unknown requirement `R157`"),
    ({"requirements": ["R000"]}, "unknown requirement `R000`"), ({"shown_by": []}, "`shown_by` is empty"),
    ({"shown_by": ["LimitCallTests", "NoSuchTests"]}, "`NoSuchTests` does not exist"),
    ({"shown_by": ["pytest Tests/EndToEnd/test_nothing.py"]}, "`Tests/EndToEnd/test_nothing.py` does not exist"),
    ({"shown_by": ["pytest Tests/EndToEnd/test_limits.py::test_nothing"]}, "test_limits.py::test_nothing` does not exist"),
    ({"shown_by": ["make nothing"]}, "`make nothing` does not exist"), ({"seen": "lately"}, "`seen` is no date"),
    ({"shown_by": ["MonitorTests"]}, "no test of `shown_by` names R110"),
    ({"requirements": ["R003"]}, "no test of `shown_by` names R003"),
    ({"shown_by": ["pytest Tests/EndToEnd/test_limits.py::test_100_at_once_get_what_there_is"]}, "no test of `shown_by` names R110"),
    ({"colour": "green"}, "unknown key `colour`"),
], ids=str)
def test_a_fault_of_a_claim_is_named(status, claims, found, change, word):
    claims["section"][0]["claim"][0].update(change)
    wrong = status["faults"](claims, found, ROOT)
    assert bool(wrong) == (word is not None) and (word is None or word in wrong[0]), wrong


def test_every_requirement_has_a_sentence_and_no_other_has(status, claims, found):
    lacking = copy.deepcopy(claims)
    del lacking["requirements"]["R042"]
    assert status["faults"](lacking, found, ROOT) == ["no sentence for R042"]
    claims["open"]["R200"] = "nothing"
    assert status["faults"](claims, found, ROOT) == ["[open]: unknown requirement `R200`"]
    other = status["Mark"]("R12", "Tests/EndToEnd/test_x.py", None)
    assert "Tests/EndToEnd/test_x.py: unknown requirement `R12` at `test_x.py`" in status["faults"](claims, [other, *found], ROOT)


def test_marks_of_python_are_read(status):
    text = '''
pytestmark = [pytest.mark.alone, pytest.mark.requirement("R001")]


@pytest.mark.requirement("R002", "R003")
@pytest.mark.parametrize("x", ["R004"])
def test_one(x):
    """pytest.mark.requirement("R005")"""
'''
    found = status["python_marks"]("Tests/test_a.py", text)
    assert [(one.id, one.name) for one in found] == [
        ("R001", "test_a.py"), ("R002", "test_a.py::test_one"), ("R003", "test_a.py::test_one")]


def test_marks_of_swift_are_read(status):
    text = '''
@Suite(.serialized, .requirement("R001")) struct `A suite` {
    @Test(.requirement("R002"), arguments: [1])
    func `a sentence, and more`(x: Int) {}
    @Test(
        .requirement(
            "R003", "R004"))
    func plain() {}
}

@Suite(.requirement("R005"))
struct OtherTests {}
'''
    found = status["swift_marks"]("Tests/ATests/ATests.swift", text)
    assert [(one.id, one.name) for one in found] == [
        ("R001", "ATests"), ("R002", "ATests/a sentence, and more"), ("R003", "ATests/plain"), ("R004", "ATests/plain"),
        ("R005", "ATests")]


def test_an_invariant_is_read_from_its_comment(status):
    text = """
        /// A table of calls.
        ///
        /// INVARIANT: a call is entered first, and the halts are
        /// read afterwards. Kept by `HaltStressTests`,
        /// `test_kill.py`.
        final class Table {
            // INVARIANT: never locked twice.
            let lock: Lock  // INVARIANT is a word here
        }
    """
    read = [(one.sentence, one.kept_by) for one in status["commented"]("Sources/A.swift", text)]
    assert read == [("a call is entered first, and the halts are read afterwards", ("HaltStressTests", "test_kill.py")),
                    ("never locked twice", ())]


@pytest.mark.parametrize("name, is_there", [
    ("HaltStressTests", True), ("test_kill.py", True), ("Tests/EndToEnd/test_kill.py", True), ("Fuzz/Cost", True), ("PolicyTests", True),
    ("NoSuchTests", False), ("test_nothing.py", False), ("Fuzz/Nothing", False), ("Tests/EndToEnd/test_nothing.py", False),
])
def test_a_test_that_keeps_an_invariant_exists(status, name, is_there):
    one = status["Invariant"]("it holds", "Sources/A.swift", (name,))
    wrong = [fault for fault in status["invariant_faults"]([one], ROOT) if "Sources/A.swift" in fault]
    assert wrong == ([] if is_there else [f"Sources/A.swift: `{name}` keeps an invariant and does not exist"])


def test_the_architecture_has_the_twenty_that_matter_most(status):
    assert len(status["table_of_invariants"](ROOT)) == 20
