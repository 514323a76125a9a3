"""`Benchmarks/callfinding.py`: the rules for calls find numbers of people and tokens in calls and no near misses, and its bars
can fail."""

import random
import sys

import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "Benchmarks"))

import callfinding  # noqa: E402
import finding  # noqa: E402
import numberforms  # noqa: E402
from formparts import BLOCK, PRIVATE_KEY, TOKEN  # noqa: E402

pytestmark = pytest.mark.requirement("R082", "R137")
SEED, NUMBER = 29, 4
ACCOUNT = "NL61INGB" + "0417164300"


@pytest.fixture(scope="module")
def samples():
    return callfinding.corpus(SEED, NUMBER)


@pytest.fixture(scope="module")
def found(binary, samples):
    return callfinding.findings_of(binary, samples)


def test_rules_for_calls_find_each_form_and_leave_near_misses_alone(samples, found):
    result = callfinding.compared(samples, found)
    assert set(result.classes) == {*callfinding.NUMBER_CLASSES, TOKEN, PRIVATE_KEY, BLOCK}
    assert all(count.present for count in result.classes.values())
    assert {form.name for form in numberforms.FORMS} <= set(result.forms)
    assert [name for name, count in result.forms.items() if not count.found] == [], result.misses
    block = result.classes[BLOCK].figures()
    assert block["recall"] >= callfinding.BARS["recall"], result.misses
    assert block["precision"] >= callfinding.BARS["precision"], result.wrong
    assert all(finding.met(row) for row in callfinding.bars(result, None))


def test_a_class_that_is_not_found_and_one_that_is_found_without_a_value_miss_the_bars(samples, found):
    less = [{one for one in rows if one.kind != TOKEN} for rows in found]
    result = callfinding.compared(samples, less)
    assert [row[0].split()[0] for row in callfinding.bars(result, None) if not finding.met(row)] == ["recall"]
    number = callfinding.Found("iban", numberforms.IBAN, True, "/a")
    more = [rows | {number} if sample.kind is None else rows for sample, rows in zip(samples, found, strict=True)]
    result = callfinding.compared(samples, more)
    assert [row[0].split()[0] for row in callfinding.bars(result, None) if not finding.met(row)] == ["precision"]
    assert len(result.wrong) >= sum(1 for sample in samples if sample.kind is None)
    assert "NOT MET" in "\n".join(callfinding.text(result, None))


def test_what_only_marks_and_another_class_are_misses():
    sample = callfinding.Sample({"iban": ACCOUNT}, numberforms.IBAN, "iban")
    for one in (callfinding.Found("iban", numberforms.IBAN, False, ""), callfinding.Found("card-number", numberforms.CARD, True, "")):
        result = callfinding.compared([sample], [{one}])
        assert result.misses == ["000000: iban"] and result.classes[BLOCK].false == one.blocks


def test_the_same_seed_makes_the_same_corpus():
    assert callfinding.corpus(7, 1) == callfinding.corpus(7, 1) != callfinding.corpus(8, 1)


def test_the_sums_of_made_numbers_are_those_of_published_ones():
    """The examples of ISO 7812, of the Swift registry, of the issuers."""
    assert numberforms.luhn("7992739871") == "3"
    assert numberforms.weighted("123456782", (1, 4, 3, 7, 5, 8, 6, 9, 10)) % 11 == 0
    for form in numberforms.FORMS:
        if form.has_check:
            wrong = numberforms.as_wrong(random.Random(3), form)
            right = form.make(random.Random(3))
            assert wrong != right and wrong[:-1] == right[:-1]


def test_contents_are_searched_in_halves_if_there_are_too_many_findings(binary, monkeypatch):
    contents = [{"iban": ACCOUNT}, "nothing", f"to {ACCOUNT}", ["x", {"iban": ACCOUNT}], "more", {"a": float("nan")}]
    whole = callfinding.searched(binary, contents[:5])
    assert [{(one.kind, one.place) for one in rows} for rows in whole] == [
        {("iban", "/iban")}, set(), {("iban", "")}, {("iban", "/1/iban")}, set()]
    monkeypatch.setattr(callfinding, "MOST_FINDINGS", 2)
    parts = callfinding.searched(binary, contents)
    assert [{one.kind for one in rows} for rows in parts] == [{"iban"}, set(), {"iban"}, {"iban"}, set(), set()]


def test_ordinary_files_are_searched_as_results_have_them(binary, tmp_path):
    for name, content in {"a.json": f'{{"payee": {{"iban": "{ACCOUNT}"}}}}', "b.md": f"words\nto {ACCOUNT}\n",
                          "c.json": '{"cut": ', "d.py": "print(1)\n", "e.txt": "mail ada@mail.example.org\n"}.items():
        (tmp_path / name).write_text(content)
    content = callfinding.ordinary(binary, [tmp_path], 10**6)
    assert (content.files, content.structured) == (5, 1) and content.marks == {"e-mail-address": 1}
    assert {line.rpartition(": ")[0] for line in content.blocks} >= {f"{tmp_path}/a.json:/payee/iban"}
    assert {line.split(":")[0] for line in content.blocks} == {f"{tmp_path}/a.json", f"{tmp_path}/b.md"}
    missed = [row[0] for row in callfinding.bars(callfinding.compared([], []), content) if not finding.met(row)]
    assert missed == ["blocks in ordinary content", "ordinary content"]


def test_a_search_that_fails_is_no_clean_content(tmp_path):
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\necho scan-failed >&2\nexit 70\n")
    broken.chmod(0o755)
    with pytest.raises(SystemExit, match="ended with 70: scan-failed"):
        callfinding.searched(broken, ["text"])
