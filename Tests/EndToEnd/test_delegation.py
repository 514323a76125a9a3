"""A member of a group passes the seat to another person for a time: who may vote then, what is shown and recorded, and
how it ends."""

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta, timezone

import pytest

import controllog
from addresses import DANA, PAUL, RUI, SAM
from broken import check_does_not_start
from refunding import Asking, pool  # noqa: F401
from revising import edit, reload
from waits import until

GROUP, ORG = "finance", "org.yaml"


@pytest.fixture
def made(organisation):
    return organisation(servers=("billing",))


@pytest.fixture
def refunds(made, pool):  # noqa: F811
    made.gateway.wait_for_tools("refunds", "billing")
    return Asking(made, pool)


def delegate(gateway, *words: str, to: str = DANA, by: str = PAUL, life: str = "1d", group: str = GROUP,
             check: bool = True):
    words = words or ("--to", to, "--until", life)
    return gateway.run("approvals", "delegate", "--group", group, *words, "--reason", "on holiday until then", by=by,
                       check=check)


def end(gateway, by: str = PAUL, check: bool = True):
    return gateway.run("approvals", "delegate", "--group", GROUP, "--end", by=by, check=check)


def delegations(gateway) -> list[tuple[str, str, str]]:
    return [(one["group"], one["from"], one["to"]) for one in gateway.json("approvals", "delegations")]


def voters(gateway, request: str) -> set[str]:
    return set(gateway.json("approvals", "show", request)[0]["voters"])


def kinds(made) -> list[str]:
    """The kinds of the entries in their order, but for those about reviews, which follow each start."""
    return [kind for kind, _ in controllog.verified(made) if not kind.startswith("review.")]


def records(gateway, kind: str) -> list[dict]:
    return [one for one in gateway.records(50) if one["t"] == kind]


def test_a_delegate_decides_in_the_members_place(made, refunds):
    gateway = made.gateway
    printed = delegate(gateway).stdout
    assert DANA in printed and "finance" in printed and "people hold its seats" in printed
    assert delegations(gateway) == [(GROUP, PAUL, DANA)]
    shown = gateway.run("approvals", "delegations").stdout
    assert f"{DANA} for {PAUL}" in shown and "on holiday until then" in shown
    held = refunds.ask()
    request = refunds.request()
    assert PAUL not in voters(gateway, request) and DANA in voters(gateway, request)
    assert gateway.json("approvals", "show", request)[0]["delegates"] == [{"person": DANA, "seats": [PAUL]}]
    assert f"{DANA} in the place of {PAUL}" in gateway.run("approvals", "show", request).stdout
    refused = gateway.approve(request, PAUL, check=False)
    assert refused.returncode == 77 and "not a member" in refused.stderr, refused.stderr
    gateway.approve(request, DANA)
    gateway.approve(request, RUI)
    assert held.result(30).code is None and refunds.paid() == refunds.before + 1
    (given,) = records(gateway, "approval.delegated")
    first, second = records(gateway, "approval.granted")[-2:]
    assert given["by"] != given["to"] and given["group"] == GROUP
    assert first["by"] == given["to"] and first["seats"] == [given["by"]] and "seats" not in second
    # Auditors verify the vote like any other.
    assert gateway.run("approvals", "verify", request).returncode == 0
    assert gateway.run("audit", "verify").returncode == 0


def test_a_seat_moves_while_a_request_waits_and_comes_back(made, refunds):
    gateway = made.gateway
    held = refunds.ask()
    request = refunds.request()
    before = voters(gateway, request)
    assert PAUL in before and DANA not in before
    delegate(gateway)
    until(lambda: voters(gateway, request) == before - {PAUL} | {DANA}, gateway)
    gateway.approve(request, DANA)
    end(gateway)
    until(lambda: voters(gateway, request) == before, gateway)
    (line,) = [one for one in gateway.json("approvals", "list") if one["id"] == request.removeprefix("apr_")]
    assert line["have"] == 0, "the vote went with the seat"
    gateway.approve(request, PAUL)
    gateway.approve(request, RUI)
    assert held.result(30).code is None
    assert delegations(gateway) == [] and len(records(gateway, "approval.delegation_ended")) == 1


def test_the_seat_of_a_revoked_delegate_comes_back(made, refunds):
    gateway = made.gateway
    delegate(gateway)
    refunds.ask()
    request = refunds.request()
    before = voters(gateway, request)
    gateway.approve(request, DANA)
    gateway.run("people", "revoke", DANA, "--reason", "left the company", by=DANA)
    until(lambda: voters(gateway, request) == before - {DANA} | {PAUL}, gateway)
    (line,) = [one for one in gateway.json("approvals", "list") if one["id"] == request.removeprefix("apr_")]
    assert (line["state"], line["have"]) == ("pending", 0)
    gateway.approve(request, PAUL)
    refunds.deny(request, by=RUI)


def test_it_holds_over_a_crash_and_ends_in_time(made, refunds):
    gateway = made.gateway
    soon = datetime.now(timezone.utc) + timedelta(seconds=8)
    delegate(gateway, "--to", DANA, "--until", soon.strftime("%Y-%m-%dT%H:%M:%SZ"))
    gateway.kill()
    assert kinds(made)[-1] == "delegation"
    gateway.start()
    gateway.wait_for_tools("refunds", "billing")
    assert delegations(gateway) == [(GROUP, PAUL, DANA)]
    refunds.ask()
    request = refunds.request()
    assert DANA in voters(gateway, request)
    until(lambda: DANA not in voters(gateway, request) and PAUL in voters(gateway, request), gateway)
    assert datetime.now(timezone.utc) >= soon - timedelta(seconds=1) and delegations(gateway) == []
    refunds.deny(request)


@pytest.mark.parametrize("words, code, said", [
    (("--to", DANA, "--until", "15d"), 64, "14 days"), (("--to", DANA, "--until", "never"), 64, "no time"),
    (("--to", DANA, "--until", "2020-01-01T00:00:00Z"), 65, "within 14 days"),
    (("--to", DANA, "--until", "2126-01-01T00:00:00Z"), 65, "within 14 days"),
    (("--to", PAUL, "--until", "1d"), 65, "another person"), (("--to", "x@acme.example", "--until", "1d"), 65, "enrolled"),
    (("--to", "nobody", "--until", "1d"), 64, "no e-mail address"), (("--until", "1d"), 64, "`--to` is missing"),
    (("--to", DANA), 64, "`--until` is missing"), (("--end", "--to", DANA), 64, "neither"),
])
def test_what_cannot_be_delegated_is_refused_with_the_reason(directory, words, code, said):
    done = delegate(directory.gateway, *words, check=False)
    assert done.returncode == code and said in done.stderr, done.stderr
    assert delegations(directory.gateway) == []


@pytest.fixture(scope="module")
def directory(acme):
    return acme


def test_only_members_delegate_and_only_their_own_seat(directory):
    gateway = directory.gateway
    for person, group in ((DANA, GROUP), (PAUL, "nobody")):
        done = delegate(gateway, to=RUI, by=person, group=group, check=False)
        assert done.returncode == 77 and "no member of a group" in done.stderr, done.stderr
    delegate(gateway)
    again = delegate(gateway, to=RUI, check=False)
    assert again.returncode == 1 and "passed already" in again.stderr, again.stderr
    other = end(gateway, by=DANA, check=False)
    assert other.returncode == 66 and "not passed" in other.stderr, other.stderr
    end(gateway)
    assert delegations(gateway) == []


def test_it_ends_when_a_member_leaves_the_group_or_a_person_is_revoked(made):
    gateway = made.gateway
    delegate(gateway)
    delegate(gateway, to=DANA, by=RUI)
    edit(gateway, RUI, SAM, ORG)
    assert "code" not in reload(gateway), gateway.stderr()[-2000:]
    until(lambda: delegations(gateway) == [(GROUP, PAUL, DANA)], gateway)
    assert [one["code"] for one in records(gateway, "approval.delegation_ended")] == ["delegation.left"]
    gateway.run("people", "revoke", DANA, "--reason", "left the company", by=DANA)
    assert delegations(gateway) == []


def test_the_policy_says_whether_seats_are_passed(made, tmp_path):
    gateway = made.gateway
    delegate(gateway)
    shutil.copytree(gateway.policy, tmp_path / "before")
    edit(gateway, f"{RUI}], expires: 2h}}", f"{RUI}], expires: 2h, delegates: members}}", ORG)
    compared = gateway.run("policy", "diff", str(tmp_path / "before"), str(gateway.policy), "--no-lock", check=False).stdout
    assert "NARROWS approvals.finance.delegates" in compared, compared
    assert reload(gateway)["outcome"] == "loaded"
    until(lambda: delegations(gateway) == [], gateway)
    assert [one["code"] for one in records(gateway, "approval.delegation_ended")] == ["delegation.forbidden"]
    refused = delegate(gateway, check=False)
    assert refused.returncode == 77 and "members alone" in refused.stderr, refused.stderr
    delegate(gateway, to=RUI)


def test_an_ended_delegation_that_is_put_back_into_the_store_does_not_start(made):
    gateway = made.gateway
    delegate(gateway)
    with closing(sqlite3.connect(controllog.path(made))) as store:
        (row,) = store.execute("SELECT * FROM people WHERE kind = 'delegation'").fetchall()
    end(gateway)
    gateway.stop()
    assert kinds(made)[-2:] == ["delegation", "delegation.end"]
    with closing(sqlite3.connect(controllog.path(made))) as store, store:
        store.execute(f"INSERT INTO people VALUES ({', '.join('?' * len(row))})", row)
    gateway.start()
    assert delegations(gateway) == [], "the audit log has its end"


@pytest.mark.parametrize("member, value", [("to", None), ("expires", "2126-01-01T00:00:00.000000Z"), ("group", "board")])
def test_a_row_that_its_author_did_not_sign_does_not_count(made, member, value):
    gateway = made.gateway
    delegate(gateway)
    gateway.stop()
    with closing(sqlite3.connect(controllog.path(made))) as store, store:
        ((identifier, body),) = store.execute("SELECT id, body FROM people WHERE kind = 'delegation'").fetchall()
        row = json.loads(body)
        row[member] = value or row["from"]
        store.execute("UPDATE people SET body = ? WHERE id = ?", (json.dumps(row, separators=(",", ":")), identifier))
    gateway.start()
    assert delegations(gateway) == []
    assert ("people.unknown", identifier) in gateway.alarms()


def test_a_delegation_without_an_entry_does_not_start(made):
    gateway = made.gateway
    delegate(gateway)
    gateway.stop()
    with closing(sqlite3.connect(controllog.path(made))) as store:
        (row,) = store.execute("SELECT * FROM people WHERE kind = 'delegation'").fetchall()
    assert row
    controllog.edit(made, "DELETE FROM control WHERE n >= (SELECT min(n) FROM control WHERE kind = 'delegation')")
    check_does_not_start(made, {65}, "delegation", "from a backup")
