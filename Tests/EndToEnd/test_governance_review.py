"""A governance review from its reminder to its signature, with the real programs: the sample is drawn once and again, each mark is
durable, the owner does not sign, and the next date is set (docs/specs/trust-and-review.md, sections 7 to 9)."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from addresses import ADA, DANA, SAM
from reviewing import AGENT, answer, day, due_soon, review, started, stated, yesterday
from waits import until

pytestmark = pytest.mark.requirement("R103", "R129", "R133")


@pytest.fixture
def made(organisation):
    return organisation(servers=("tickets",), extra=due_soon())


def row(made, code: int = 0) -> dict:
    return answer(made, "status", AGENT, code=code)[0]


def marked(made, review_id: str) -> list[str]:
    """Opens and marks every record of the sample."""
    (shown,) = answer(made, "sample", review_id)
    leaves = [one["leaf"] for stratum in shown["strata"] for one in stratum["records"]]
    for leaf in leaves:
        answer(made, "sample", review_id, "--open", leaf)
        answer(made, "sample", review_id, "--mark", leaf, "ok", "--note", "as it should be")
    return leaves


def test_a_review_goes_from_its_reminder_to_its_signature(made, tmp_path):
    until(lambda: ("review.due", AGENT) in made.gateway.alarms(200), made.gateway)
    before = row(made)
    assert (before["step"], before["weekly"], before["signed"]) == ("reminder", True, None), before
    session = made.session(AGENT)
    for text in ("late", "early"):
        session.call("tickets__search", text=text)
    review_id = started(made)
    assert row(made)["open"] == review_id
    assert review(made, "start", AGENT, "--from", str(date.today()), check=False).returncode == 1, "a sample is drawn once"

    assert review(made, "sample", review_id, "--verify").returncode == 0
    next_day = (datetime.now(UTC) + timedelta(days=6)).strftime("%Y-%m-%dT%H:%M:%SZ")
    (begun,) = made.gateway.records(500, type="review.started")
    answers = stated(begun, tmp_path / "answers.json")
    sign = ("sign", review_id, "--next", next_day, "--answers", answers)
    (missing,) = answer(made, *sign, code=1, by=SAM)
    assert any("no mark" in one for one in missing["missing"]), missing

    leaves = marked(made, review_id)
    assert len(leaves) >= 2
    assert len(made.gateway.records(500, type="review.marked")) == len(leaves)
    (owner,) = answer(made, *sign, code=1, by=DANA)
    assert any("owns" in one for one in owner["missing"]), owner
    late = (datetime.now(UTC) + timedelta(days=60)).strftime("%Y-%m-%dT%H:%M:%SZ")
    (too_late,) = answer(made, "sign", review_id, "--next", late, "--answers", answers, code=1, by=SAM)
    assert any("at the latest" in one for one in too_late["missing"]), too_late

    (done,) = answer(made, *sign, by=SAM)
    assert done["signed"] is True, done
    (record,) = until(lambda: made.gateway.records(500, type="review.signed"), made.gateway)
    assert record["agent"] == AGENT and SAM not in json.dumps(record), "people are pseudonyms in the log"
    after = row(made)
    assert after["signed"] is not None and after["open"] is None, after
    assert after["due"] == next_day, "the date of the file was met"
    assert made.gateway.verify().returncode == 0

    made.gateway.kill()
    made.gateway.start()
    assert row(made)["signed"] == after["signed"], "over a restart"


def test_marks_hold_over_a_crash_and_a_record_is_opened_before_it_is_marked(made):
    made.session(AGENT).call("tickets__search", text="once")
    review_id = started(made)
    (shown,) = answer(made, "sample", review_id)
    leaf = shown["strata"][0]["records"][0]["leaf"]
    assert review(made, "sample", review_id, "--mark", leaf, "ok", check=False).returncode == 1
    answer(made, "sample", review_id, "--open", leaf)
    assert review(made, "sample", review_id, "--mark", leaf, "finding", check=False).returncode == 65, "no severity"
    answer(made, "sample", review_id, "--mark", leaf, "finding", "--severity", "2")
    made.gateway.kill()
    made.gateway.start()
    (again,) = answer(made, "sample", review_id)
    assert again["strata"][0]["records"][0]["as"] == "finding", again
    assert again["digest"] == shown["digest"]


def test_after_the_first_signature_nothing_changes_until_the_document_is_discarded(made, tmp_path):
    made.session(AGENT).call("tickets__search", text="once")
    review_id = started(made)
    leaves = marked(made, review_id)
    (begun,) = made.gateway.records(500, type="review.started")
    sign = ("sign", review_id, "--next", day(6), "--answers", stated(begun, tmp_path / "answers.json"))
    assert review(made, "discard", review_id, check=False).returncode == 1, "none waits"
    (first,) = answer(made, *sign, "--with", ADA, by=SAM)
    assert first["signed"] is False and first["waits_for"] == [ADA], first
    answer(made, "sample", review_id, "--open", leaves[0])
    refused = review(made, "sample", review_id, "--mark", leaves[0], "unclear", check=False)
    assert refused.returncode == 1 and SAM in refused.stderr, refused.stderr
    other = review(made, *sign, by=SAM, check=False)
    assert other.returncode == 1 and "discard the document first" in other.stderr, other.stderr
    (dropped,) = answer(made, "discard", review_id)
    assert dropped["signed"] == [SAM], dropped
    (record,) = until(lambda: made.gateway.records(500, type="review.discarded"), made.gateway)
    assert record["rvw"] == review_id and len(record["signers"]) == 1 and SAM not in json.dumps(record)
    (again,) = answer(made, "sample", review_id)
    assert again["unmarked"] == 0, "the marks are kept"
    (alone,) = answer(made, *sign, by=SAM)
    assert alone["signed"] is True, alone


def test_what_does_not_exist_is_refused(made):
    assert review(made, "status", "ghost", check=False).returncode == 66
    assert review(made, "start", "ghost", "--from", yesterday(), check=False).returncode == 66
    assert review(made, "start", AGENT, "--from", "soon", check=False).returncode == 64
    assert review(made, "start", "--from", str(date.today()), check=False).returncode == 64, "neither agent nor --org"
    assert review(made, "sample", "luck", check=False).returncode == 64
    assert review(made, "sample", "01kag0q9m2c4e6g8j0k2n4p6r8", check=False).returncode == 66
    tomorrow = str(date.today() + timedelta(days=1))
    future = review(made, "start", AGENT, "--from", str(date.today()), "--to", tomorrow, check=False)
    assert future.returncode == 1, future.stderr


def test_two_people_postpone_a_review_once(made):
    due = row(made)["due"]
    until_day = (datetime.fromisoformat(due) + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M:%SZ")
    words = ("postpone", AGENT, "--until", until_day, "--reason", "the reviewer is ill until Monday", "--with", DANA)
    (first,) = answer(made, *words, by=SAM)
    assert first["postponed"] is False and row(made)["due"] == due
    (second,) = answer(made, "postpone", AGENT, by=DANA)
    assert second["postponed"] is True and row(made)["due"] == until_day
    assert len(made.gateway.records(500, type="review.postponed")) == 1
    again = review(made, "postpone", AGENT, "--until", "2099-01-01", "--reason", "x" * 30, "--with", DANA, by=SAM, check=False)
    assert again.returncode == 64, again.stderr
