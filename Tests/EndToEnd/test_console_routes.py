"""No page of the console is left out: each route of the program is in the table of routes, and each page of it is among those that
the tests of all pages ask, and that `make bench` times, or is named with what takes their place."""

import re
import sys

import consoleroutes
import pytest
from conftest import ROOT
from consolepages import PAGES
from consoleroutes import ELSEWHERE, OTHERS, READ, page_of

sys.path.append(str(ROOT / "Benchmarks" / "console"))
import timedpages  # noqa: E402


def test_each_route_of_the_program_is_a_page_or_named_as_what_it_is():
    declared = consoleroutes.declared()
    assert len(declared) > 60 and not set(READ) & set(OTHERS)
    assert declared == set(READ) | set(OTHERS), declared ^ (set(READ) | set(OTHERS))


def test_each_page_is_asked_by_the_tests_of_all_pages_or_by_a_test_that_is_named():
    asked = {page_of(page.path) for page in PAGES}
    assert None not in asked, [page.path for page in PAGES if page_of(page.path) is None]
    assert asked | set(ELSEWHERE) == set(READ.values()), set(READ.values()) - asked - set(ELSEWHERE)
    assert not asked & set(ELSEWHERE), asked & set(ELSEWHERE)
    assert {"/agents/reviews/org", "/agents/reviews/due"} <= {page.path for page in PAGES}


@pytest.mark.parametrize("page", ELSEWHERE)
def test_the_test_that_asks_a_page_elsewhere_runs_axe_on_it(page):
    file, name = ELSEWHERE[page].split("::")
    text = (ROOT / "Tests" / "EndToEnd" / file).read_text()
    (body,) = re.findall(rf"^def {name}\(.*?(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL)
    assert any(words in body for words in (".barriers()", ".each_look(", "follows_the_rules(")), body


def test_each_page_is_timed_or_named_with_the_reason():
    timed = {page_of(path) for _, path in timedpages.PAGES}
    assert None not in timed, [path for _, path in timedpages.PAGES if page_of(path) is None]
    assert timed | set(timedpages.NOT_TIMED) == set(READ.values()), set(READ.values()) - timed - set(timedpages.NOT_TIMED)
    assert not timed & set(timedpages.NOT_TIMED), timed & set(timedpages.NOT_TIMED)


def test_a_route_or_page_that_is_new_is_noticed(tmp_path, monkeypatch):
    (tmp_path / "OddRoute.swift").write_text(
        "package enum OddRoute: Equatable {\n    case list\n    case one(Digest)\n    case runs(RunsRoute)\n}\n")
    monkeypatch.setattr(consoleroutes, "ADDRESSES", tmp_path)
    assert consoleroutes.declared() == {"OddRoute.list", "OddRoute.one"}
    (tmp_path / "OddRoute.swift").write_text("enum OddRoute {\n    case list, one\n}\n")
    with pytest.raises(AssertionError, match="not read as one route"):
        consoleroutes.declared()
    assert page_of("/agents/reviews/due") == "/agents/reviews/due" and page_of("/agents/refunds/review/odd") is None
    assert page_of("/people/waiting?x=1") == "/people/waiting" and page_of("/people/x") == "/people/*"
