"""The review of agents' changes: a real repository whose merge checks name their change, the limit of open changes as the
gateway counts them, a reviewer who is too fast, a revert, and `interlock provenance capacity`."""

import json
import subprocess
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
from addresses import ADA, PAUL, SAM
from people import People
from sandboxing import SandboxHouse
from test_provenance import GATE, POLICY, Repository

NOW = datetime.now(UTC).replace(microsecond=0)
SHOP = "acme/shop"


def text(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture(scope="module")
def house(binary, tmp_path_factory):
    with ExitStack() as stack:
        people = stack.enter_context(People(tmp_path_factory.mktemp("people"),
                                            {ADA: ["kill", "resume", "security"], PAUL: [], SAM: ["resume"]}))
        house = SandboxHouse(binary, people, POLICY.replace("changes: 5", "changes: 2"))
        stack.callback(house.close)
        house.start()
        yield house


@pytest.fixture(scope="module")
def repository(house):
    repository = Repository(house)
    repository.base = repository.head()
    for number in range(3):
        repository.write("notes.txt", "one two three four\n" * 30 + f"{number}\n")
        repository.commit(f"Change {number}")
    return repository


def check(repository, number: int, expect: int, *, opened: datetime, state: str = "open", approved: datetime | None = None,
          began: datetime | None = None, comments: int | None = None, by: str = SAM, merger: str = SAM, base: str | None = None,
          change: dict | None = None, **more) -> list[dict]:
    """Checks the range as the change `number`, with one approval; `open` is not counted by the platform."""
    named = {"repository": SHOP, "number": str(number), "opened": text(opened), "state": state, **(change or {})}
    if state != "open":
        named.setdefault("ended", text(NOW))
    review = {"by": by, "kind": "person", "state": "approved", "commit": repository.head()}
    if approved:
        review["at"] = text(approved)
    if began:
        review["began"] = text(began)
    if comments is not None:
        review["comments"] = comments
    start = base or repository.base
    path = repository.review(start, change=named, merger=merger, reviews=[review], **{"open": None, **more})
    return repository.check(start, "--review", path, expect=expect)


def capacity(repository, expect: int, *words: str) -> dict:
    done = repository.interlock("provenance", "capacity", "--json", *words)
    assert done.returncode == expect, done.stdout + done.stderr
    return json.loads(done.stdout)


def row(report: dict, person: str, repository: str = SHOP) -> dict:
    return next(one for one in report["reviewers"] if one.get("person") == person and one["repository"] == repository)


@pytest.mark.requirement("R146")
def test_changes_of_agents_wait_in_the_order_of_their_opening(house, repository):
    report = capacity(repository, 0)
    assert report["reviewers"] == [] and (report["limit_changes"], report["over"]) == (2, "refuse"), report
    opened = NOW - timedelta(hours=5)
    for number in (1, 2):
        assert check(repository, number, 0, opened=opened + timedelta(minutes=number))[-1]["result"] == "pass"
    third = {"opened": opened + timedelta(minutes=3)}
    lines = check(repository, 3, 75, **third)
    assert [one["code"] for one in lines[:-1]] == ["over-limit"], lines
    # The older ones can be merged all the same, and a change of a person alone is not limited.
    assert check(repository, 2, 0, opened=opened + timedelta(minutes=2))[-1]["result"] == "pass"
    check(repository, 4, 0, opened=opened + timedelta(minutes=4), author=PAUL, on_behalf_of=None)
    report = capacity(repository, 1)
    sam = row(report, SAM)
    assert (sam["open"], sam["queued"], sam["over_limit"]) == (3, 1, True), sam
    # The third is next once the first one is merged.
    merged = check(repository, 1, 0, opened=opened + timedelta(minutes=1), state="merged")
    assert merged[-1]["result"] == "pass"
    check(repository, 3, 0, **third)
    sam = row(capacity(repository, 0), SAM)
    assert (sam["opened"], sam["merged"], sam["open"], sam["queued"]) == (3, 1, 2, 0), sam
    # The count of the platform decides.
    check(repository, 3, 75, **third, **{"open": {"changes": 2, "lines": 0}})


@pytest.mark.requirement("R146")
def test_the_work_of_a_reviewer_is_shown_to_the_reviewer_and_to_reviews(house, repository):
    opened = NOW - timedelta(hours=4)
    for number, (minutes, comments) in enumerate(((60, 0), (90, 2), (120, 0)), 10):
        approved = opened + timedelta(minutes=minutes)
        check(repository, number, 0, opened=opened, approved=approved, began=approved - timedelta(seconds=31 * (number - 9)),
              comments=comments, by=PAUL, merger=ADA, state="closed", author="agent:code-fix", on_behalf_of=SAM)
    paul = row(capacity(repository, 0), PAUL)
    assert (paul["reviewed"], paul["approvals"], paul["dwell_measured"], paul["uncommented"]) == (3, 3, 3, 2), paul
    # About 120 words take twelve seconds, which each of them had.
    assert (paul["timed_approvals"], paul["hasty_approvals"]) == (3, 0), paul
    assert (paul["waiting_p50_s"], paul["waiting_p90_s"]) == (5400, 7200), paul
    assert sum(paul["by_hour"]) == 3 and 1 <= paul["busiest_hour"] <= 3, paul
    shown = repository.interlock("provenance", "capacity").stdout
    assert f"{SHOP}  {PAUL}" in shown and "2 changes without a comment" in shown, shown
    # The log names people by pseudonyms alone.
    records = [one for one in house.gateway.records(200) if one["t"] == "merge.checked"]
    assert PAUL not in json.dumps(records) and SHOP not in json.dumps(records) and "change" in records[-1]


@pytest.mark.requirement("R146")
def test_a_reverted_change_and_one_that_is_open_again_are_counted(house, repository):
    before = row(capacity(repository, 0), SAM)
    assert (before["reverted"], before["reopened"]) == (0, 0), before
    repository.git("revert", "--no-edit", "HEAD")
    reverted = repository.git("rev-parse", "HEAD~1").strip()
    assert f"This reverts commit {reverted}." in repository.git("log", "-1", "--format=%B")
    check(repository, 20, 0, opened=NOW - timedelta(hours=1), base=reverted, state="merged", author=PAUL, on_behalf_of=None)
    sam = row(capacity(repository, 0), SAM)
    assert sam["reverted"] == 1, sam
    check(repository, 1, 0, opened=NOW - timedelta(hours=5) + timedelta(minutes=1))
    sam = row(capacity(repository, 1), SAM)
    assert sam["reopened"] == 1 and sam["over_limit"], sam
    check(repository, 1, 0, opened=NOW - timedelta(hours=5) + timedelta(minutes=1), state="closed")


@pytest.mark.requirement("R146")
def test_a_reviewer_who_is_too_fast_for_a_week_is_capped(house, repository):
    opened = NOW - timedelta(days=3)
    yesterday = NOW - timedelta(days=1, minutes=1)
    fast = {"opened": opened, "by": PAUL, "merger": ADA, "on_behalf_of": SAM}
    for number in range(30, 36):
        approved = yesterday + timedelta(seconds=number)
        check(repository, number, 0, **fast, approved=approved, began=approved, state="closed")
    report = capacity(repository, 1)
    assert row(report, PAUL)["capped"] and not row(report, SAM)["capped"], report
    midnight = NOW.replace(hour=0, minute=0, second=0)
    for number in range(40, 50):
        check(repository, number, 0, **fast, approved=midnight + timedelta(seconds=number), state="closed")
    late = midnight + timedelta(seconds=60)
    refused = check(repository, 50, 1, **fast, approved=late)
    assert {one["code"] for one in refused[:-1]} == {"no-approval", "reviewer-capped"}, refused
    # The tenth stays approved when it is checked again, and another person's approval counts.
    check(repository, 49, 0, **fast, approved=midnight + timedelta(seconds=49), state="closed")
    other = {**fast, "by": SAM, "on_behalf_of": PAUL}
    check(repository, 50, 0, **other, approved=late, state="closed")
    shown = repository.interlock("provenance", "capacity").stdout
    assert "capped: approved faster than one can read for a week" in shown, shown


@pytest.mark.requirement("R146")
def test_what_is_not_of_its_form_is_refused_and_not_counted(house, repository):
    before = capacity(repository, 1)
    for change in ({"number": "a b"}, {"opened": "yesterday"}, {"state": "merged", "ended": None}, {"extra": 1},
                   {"ended": text(NOW)}, {"merged_as": "HEAD"}):
        check(repository, 60, 65, opened=NOW, change=change)
    for words in (("--days", "0"), ("--days", "91"), ("--days", "x"), ("extra",)):
        assert repository.interlock("provenance", "capacity", *words).returncode == 64, words
    after = capacity(repository, 1)
    assert after["reviewers"] == before["reviewers"] and after["unread"] == 0
    # A review file that names no change is counted as such; the limit then needs the platform's count.
    unnamed = repository.check(repository.base, "--review", repository.review(repository.base, open=None), expect=69)
    assert [one["code"] for one in unnamed[:-1]] == ["limit-unknown"], unnamed
    assert capacity(repository, 1)["unnamed"] == before["unnamed"] + 1
    house.gateway.stop()
    try:
        done = repository.interlock("provenance", "capacity")
        assert done.returncode == 69 and done.stdout == "", done.stdout + done.stderr
    finally:
        house.start()
    # After a start the figures are read from the log again.
    assert capacity(repository, 1)["reviewers"] == after["reviewers"]


@pytest.mark.requirement("R146")
def test_the_script_names_the_change(tmp_path):
    head, base = "4" * 40, "a" * 40
    people = json.loads((GATE / "review-people.json").read_text())
    people["people"] |= {"sam-dev": SAM, "li-dev": ADA}
    (tmp_path / "people.json").write_text(json.dumps(people))
    user = {"login": "sam-dev", "type": "User"}
    change = {"head": {"sha": head}, "base": {"sha": base, "repo": {"full_name": SHOP}}, "number": 7, "state": "closed",
              "created_at": "2026-11-27T09:00:00Z", "merged_at": "2026-11-27T12:00:00Z", "closed_at": "2026-11-27T12:00:00Z",
              "merge_commit_sha": "5" * 40, "user": {"login": "li-dev", "type": "User"}, "assignees": [user], "labels": []}
    reviews = [{"id": 1, "user": user, "state": "APPROVED", "commit_id": head, "submitted_at": "2026-11-27T10:00:00Z",
                "body": "fine"}]
    remarks = [{"pull_request_review_id": 1, "body": "here"}, {"pull_request_review_id": 2, "body": "another's"}]
    for name, value in (("event", {"pull_request": change}), ("reviews", reviews), ("checks", {"check_runs": []}),
                        ("comments", remarks)):
        (tmp_path / f"{name}.json").write_text(json.dumps(value))
    words = [word for name in ("event", "reviews", "checks", "comments", "people")
             for word in (f"--{name}", str(tmp_path / f"{name}.json"))]
    script = ["python3", str(GATE / "review_file.py"), "github", *words]
    done = subprocess.run(script, capture_output=True, text=True, timeout=30)
    review = json.loads(done.stdout)
    assert review["change"] == {"repository": SHOP, "number": "7", "opened": "2026-11-27T09:00:00Z", "state": "merged",
                                "ended": "2026-11-27T12:00:00Z", "merged_as": "5" * 40}
    assert review["reviews"] == [{"by": SAM, "kind": "person", "state": "approved", "commit": head,
                                  "at": "2026-11-27T10:00:00Z", "comments": 2}]
