"""`Benchmarks/finding.py`: rules find documented forms of secrets and no near misses, and its bars can fail."""

import json
import random
import re
import subprocess
import sys
from dataclasses import replace

import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "Benchmarks"))

import finding  # noqa: E402
import nearmisses  # noqa: E402
import ordinaryfiles  # noqa: E402
import tokenforms  # noqa: E402

pytestmark = pytest.mark.requirement("R082")
SEED = 29
# Near misses that block: a placeholder of words, and a letter that another form of the token has.
KNOWN = re.compile(r"(gitlab|slack|vault|docker)-token in .*(worded|wrong_letter)$")


@pytest.fixture(scope="module")
def samples():
    return finding.corpus(SEED, 14)


@pytest.fixture(scope="module")
def found(binary, samples):
    return finding.findings_of(binary, samples)


def test_rules_find_each_form_and_leave_near_misses_alone(samples, found):
    result = finding.compared(samples, found)
    assert set(result.rules) == set(tokenforms.by_rule())
    block = result.block.figures()
    assert block["present"] > 500 and sum(1 for one in samples if not one.rule) > 500
    # One rule of hundreds that finds nothing would leave the recall of all over its bar.
    assert all(count.found == count.present for count in result.rules.values()), result.misses
    assert block["recall"] >= finding.BARS["recall"] and block["precision"] >= finding.BARS["precision"], result.wrong
    assert [line for line in result.wrong if not KNOWN.search(line)] == []


def test_the_corpus_has_each_built_in_rule(binary):
    done = subprocess.run([binary, "safety", "rules", "--json"], capture_output=True, text=True, check=True)
    rows = [row for row in map(json.loads, done.stdout.splitlines()) if row["files"]]
    rules = {row["id"]: (row["class"], row["strength"]) for row in rows}
    assert len(rules) >= 200
    assert {rule: tokenforms.class_of(rule) for rule in tokenforms.by_rule()} == rules


def test_a_rule_that_is_disabled_and_a_near_miss_that_is_called_a_secret_are_named(samples, found):
    less = [{row for row in rows if row[0] != "npm-token"} for rows in found]
    result = finding.compared(samples, less)
    assert len(result.misses) == 14 and all("npm-token" in line for line in result.misses)
    assert result.rules["npm-token"].figures()["recall"] == 0
    none = next(number for number, one in enumerate(samples) if one.rule is None)
    more = [rows | {("npm-token", 1)} if number == none else rows for number, rows in enumerate(found)]
    before, after = finding.compared(samples, found), finding.compared(samples, more)
    assert len(after.wrong) == len(before.wrong) + 1 and f"{none:06}: npm-token in " in "".join(after.wrong)
    assert after.rules["npm-token"].false == before.rules["npm-token"].false + 1
    many = [rows | {("jwt", 1)} if one.rule is None else rows for one, rows in zip(samples, found, strict=True)]
    assert not all(finding.met(row) for row in finding.bars(finding.compared(samples, many), None))


def test_a_finding_on_another_line_or_by_another_rule_is_a_miss(samples):
    number, sample = next((number, one) for number, one in enumerate(samples) if one.rule == "aws-access-key")
    for row in (("aws-access-key", sample.line + 1), ("jwt", sample.line)):
        result = finding.compared([sample], [{row}])
        assert len(result.misses) == 1 and len(result.wrong) == 1
    assert finding.compared([sample, replace(sample, rule=None)], [{("aws-access-key", sample.line)}] * 2).wrong


def test_the_same_seed_makes_the_same_corpus():
    assert finding.corpus(7, 2) == finding.corpus(7, 2) != finding.corpus(8, 2)


def test_the_sums_of_made_values_are_those_of_published_ones():
    """The test vector of BIP 173, and a token of GitHub's form from the tests of `safety scan`."""
    assert tokenforms.bech32("A1") == "A12UEL5L"
    assert tokenforms.crc_base62("ghp_" + "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ").endswith("0mLq17")


def test_ordinary_files_are_distinct_texts_without_those_of_scanners(tmp_path, binary):
    for name, content in {
        "a.py": b"print(1)\n",
        "b.txt": b"print(1)\n",
        "c.bin": b"\0a",
        "gitleaks/d.json": b"{}",
        "e.md": b"text\n",
        "test/certdata/f.pem": tokenforms.private_key(random.Random(1)).encode(),
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    token = next(form for form in tokenforms.FORMS if form.rule == "github-token").make(random.Random(1))
    (tmp_path / "g.json").write_text('{"a":\n "' + token + '"}')
    assert [path.removeprefix(f"{tmp_path}/") for path, _ in ordinaryfiles.collected([tmp_path, tmp_path])] == [
        "a.py",
        "e.md",
        "g.json",
        "test/certdata/f.pem",
    ]
    searched = finding.ordinary(binary, [tmp_path], 10**6)
    assert searched.blocks == [f"{tmp_path}/g.json:2: github-token"]
    assert len(searched.true) == 1 and "keys of the tests" in searched.true[0]
    assert searched.sizes["code"] == 9 and searched.files == 4


def test_near_misses_are_made_of_each_rule_and_kind():
    made = nearmisses.made(random.Random(SEED), 4800)
    kinds = {kind.partition(", ")[2] or kind for kind, _ in made}
    assert len(made) == 4800 and kinds >= {
        "cut",
        "repeated",
        "worded",
        "pattern",
        "wrong_letter",
        "one_short",
        "one_long",
        "wrong_sum",
        "glued",
        *(kind.__name__ for kind in nearmisses.GENERAL),
    }
