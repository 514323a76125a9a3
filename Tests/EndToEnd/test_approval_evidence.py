"""Decisions of people in hindsight: verified offline from the log, counted, and one person in place of several."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest

from addresses import ADA, INES, PAUL, RUI, SAM
from refunding import Asking, is_pending


@pytest.fixture(scope="module")
def pool():
    with ThreadPoolExecutor(8) as threads:
        yield threads


@pytest.fixture(scope="module")
def decided(acme, pool):
    """A gateway with one approved and used call, one denied call, and one withdrawn call."""
    made = acme
    made.gateway.wait_for_tools("refunds", "billing")
    asking = Asking(made, pool)
    held = asking.ask()
    used = asking.request()
    for person in (PAUL, RUI):
        made.gateway.approve(used, person)
    assert held.result(60).code is None
    asking = Asking(made, pool)
    held = asking.ask()
    denied = asking.request()
    made.gateway.approve(denied, RUI)
    made.gateway.run("approvals", "deny", denied, "--reason", "the invoice is not theirs", by=PAUL)
    assert held.result(60).code == 4031
    asking = Asking(made, pool)
    revoked = asking.ask_and_leave()
    for person in (PAUL, RUI):
        made.gateway.approve(revoked, person)
    made.gateway.run("approvals", "revoke", revoked, "--reason", "found another way", by=RUI)
    return Decided(made, used, denied, revoked)


class Decided:
    def __init__(self, made, used, denied, revoked):
        self.made, self.gateway = made, made.gateway
        self.used, self.denied, self.revoked = used, denied, revoked

    def record(self, kind: str, request: str) -> dict:
        return next(one for one in self.gateway.records(200) if one["t"] == kind and one.get("appr") == request)

    def checked(self, *words, expect: int = 0) -> dict:
        done = self.gateway.run("approvals", "verify", *words, "--json", check=False)
        assert done.returncode == expect, done.stdout + done.stderr
        return json.loads(done.stdout)


def test_why_somebody_denied_is_on_record(decided):
    for kind, request, reason in [("approval.denied", decided.denied, "the invoice is not theirs"),
                                  ("approval.void", decided.revoked, "found another way")]:
        leaf = str(decided.record(kind, request)["index"])
        assert reason in decided.gateway.run("audit", "show", leaf, "--payload", "note").stdout


def test_an_approval_is_checked_from_the_log_alone(decided):
    used = decided.checked(decided.used)
    assert used["good"] and used["state"] == "used" and used["uses"] == 1
    assert used["votes"] == used["need"] == used["signatures"] == 2 and not used["not_checked"]
    assert used["digest"].startswith("sha256:")
    denied = decided.checked(decided.denied)
    assert denied["good"] and denied["state"] == "denied" and denied["signatures"] == 2
    revoked = decided.checked(decided.revoked)
    assert revoked["good"] and revoked["state"] == "void" and revoked["signatures"] == 3
    text = decided.gateway.run("approvals", "verify", decided.used).stdout
    assert text.startswith(f"ok: apr_{decided.used} used, 2 of 2 agreed, 2 signatures verified")
    missing = decided.gateway.run("approvals", "verify", "apr_01kag0qx0e2g4j6m8p0r2t4v6x", check=False)
    assert missing.returncode == 66


def test_every_approval_of_the_log_is_checked_at_once(decided):
    said = decided.checked("--all")
    assert said["good"] and said["requests"] >= 3 and said["uses"] == 1 and said["signatures"] >= 7
    assert not said["not_checked"], said
    assert decided.gateway.run("approvals", "verify", "--all").stdout.startswith(f"ok: {said['requests']} requests in ")
    for wrong in ((), ("--all", decided.used)):
        assert decided.gateway.run("approvals", "verify", *wrong, check=False).returncode == 64


def test_a_log_elsewhere_needs_its_key_and_shows_what_it_cannot_open(decided, tmp_path):
    shutil.copytree(decided.gateway.ledger, tmp_path / "log")
    words = [decided.used, "--log", str(tmp_path / "log")]
    outside = decided.gateway.run("approvals", "verify", *words, check=False)
    assert outside.returncode == 64
    seen = decided.checked(*words, "--vkey", decided.gateway.log_key)
    assert seen["good"] and seen["signatures"] == 0 and seen["not_checked"]


def test_a_bundle_is_checked_by_the_small_verifier(decided, tmp_path):
    run = decided.record("approval.used", decided.used)["run"]
    path = tmp_path / "run.tar"
    decided.gateway.run("audit", "bundle", run, "-o", str(path), "--disclose-all")
    done = decided.gateway.run("approvals", "verify", str(path))
    assert "2 votes (2 signatures verified, 0 signers known)" in done.stdout
    assert "2 signers of votes are known by the log's word alone" in done.stderr
    data = bytearray(path.read_bytes())
    place = data.index(b"approver.enrolled")
    data[place] ^= 1
    path.write_bytes(bytes(data))
    assert decided.gateway.run("approvals", "verify", str(path), check=False).returncode == 1


def test_how_people_decided_is_counted(decided):
    by = {one["person"]: one for one in decided.gateway.json("approvals", "metrics")}
    assert (by[RUI]["approved"], by[RUI]["denied"], by[RUI]["disagreements"]) == (3, 0, 1)
    assert (by[PAUL]["approved"], by[PAUL]["denied"], by[PAUL]["streak"]) == (2, 1, 1)
    assert by[RUI]["busiest_hour"] == 3 and 1 <= by[RUI]["busiest_minute"] <= 3
    # The command line waits for the reading time at tier high.
    assert by[RUI]["dwell_ms"] >= by[RUI]["floor_ms"] >= 2000 and by[RUI]["too_fast"] == 0
    low, high = by[PAUL]["approve_rate"]
    assert 0 < low < 2 / 3 < high < 1
    assert list(by) == [one["person"] for one in decided.gateway.json("approvals", "metrics")]
    (one,) = decided.gateway.json("approvals", "metrics", "--approver", PAUL)
    assert one == by[PAUL]
    assert "approved 2, denied 1" in decided.gateway.run("approvals", "metrics", "--approver", PAUL).stdout
    assert decided.gateway.run("approvals", "metrics", "--approver", INES, check=False).returncode == 66


@pytest.mark.requirement("R089")
def test_approvals_for_each_run_are_reported(decided):
    """Requests are counted by run; a call that needed no approval has an intent alone."""
    records = [one for one in decided.gateway.records(400) if one.get("agent") == "refunds"]
    asked = [one for one in records if one["t"] == "approval.requested" and "intent" in one]
    (row,) = [one for one in decided.gateway.json("approvals", "metrics", "--runs") if one["agent"] == "refunds"]
    assert row["approvals"] == len(asked) > 0 and row["busiest_tool"] == "billing__refund_request"
    assert row["runs"] == len({one["run"] for one in records if one["t"] in ("call.intent", "approval.requested")})
    counts = [sum(one["run"] == run for one in asked) for run in {one["run"] for one in asked}]
    assert row["per_run_most"] == max(counts)
    assert f"{len(asked)} approvals for {row['calls']} calls" in decided.gateway.run("approvals", "metrics", "--runs").stdout


def test_a_denial_outlives_a_restart(organisation, pool):
    made = organisation()
    made.gateway.wait_for_tools("refunds", "billing")
    asking = Asking(made, pool)
    held = asking.ask()
    asking.deny(asking.request())
    assert held.result(60).code == 4031
    made.gateway.kill()
    made.gateway.start()
    made.gateway.wait_for_tools("refunds", "billing")
    assert asking.ask().result(60).code == 4031
    assert not made.gateway.json("approvals", "list")


def test_one_person_in_the_place_of_several(organisation, pool, tmp_path):
    made = organisation()
    gateway = made.gateway
    gateway.wait_for_tools("refunds", "billing")
    asking = Asking(made, pool)
    held = asking.ask()
    request = asking.request()
    why = ("--reason", "the others cannot be reached", "--ticket", "INC-4711")
    assert gateway.run("approvals", "break-glass", request, *why, by=RUI, check=False).returncode == 77
    gateway.run("approvals", "break-glass", request, *why, by=SAM)
    (shown,) = gateway.json("approvals", "show", request)
    assert shown["revision"] == 2 and shown["quorum"] == 1 and shown["review"]["facts"]["break_glass"]["ticket"] == "INC-4711"
    assert is_pending(made, request) and asking.paid() == 0, "an order is no vote"
    # The role does not let people vote who are not in the group.
    assert gateway.approve(request, SAM, check=False).returncode == 77
    gateway.approve(request, RUI)
    assert held.result(60).code is None and asking.paid() == 1
    (status,) = gateway.json("status")
    assert [one["request"] for one in status["break_glass"]["unreviewed"]] == [f"apr_{request}"]
    # The missing review is known after a restart, from the log.
    gateway.kill()
    gateway.start()
    gateway.wait_for_tools("refunds", "billing")
    review = ("approvals", "review", request, "--reason", "it was the only way")
    assert gateway.run(*review, by=SAM, check=False).returncode == 77, "not one's own"
    assert gateway.run(*review, by=RUI, check=False).returncode == 77
    gateway.run(*review, by=ADA)
    (status,) = gateway.json("status")
    assert status["break_glass"] == {"state": "sound", "unreviewed": []}
    assert gateway.run(*review, by=ADA, check=False).returncode == 1
    kinds = [one["t"] for one in gateway.records(200) if one.get("appr") == request and one["t"] != "approval.viewed"]
    assert kinds == ["approval.requested", "approval.breakglass", "approval.reissued", "approval.granted", "approval.used",
                     "approval.reviewed"]
    text = gateway.run("approvals", "verify", request).stdout
    whole = json.loads(gateway.run("approvals", "verify", "--all", "--json").stdout)
    assert whole["good"] and not whole["not_checked"], whole
    assert text.startswith("ok: ") and "1 uses of break-glass, 1 orders verified" in text
    path = tmp_path / "run.tar"
    run = next(one["run"] for one in gateway.records(200) if one["t"] == "approval.breakglass")
    gateway.run("audit", "bundle", run, "-o", str(path), "--disclose-all", "--all-proofs")
    done = gateway.run("approvals", "verify", str(path))
    assert "1 uses of break-glass (1 signatures verified, 0 signers known)" in done.stdout
    assert "1 signers of orders of break-glass are known by the log's word alone" in done.stderr, "by who broke it"
    assert gateway.verify().returncode == 0


def test_it_never_lowers_one_to_none(decided, pool):
    asking = Asking(decided.made, pool)
    held = asking.ask()
    request = asking.request()
    why = ("--reason", "the others cannot be reached", "--ticket", "INC-4712")
    decided.gateway.run("approvals", "break-glass", request, *why, by=SAM)
    again = decided.gateway.run("approvals", "break-glass", request, *why, by=SAM, check=False)
    assert again.returncode == 1 and "never becomes none" in again.stderr
    asking.deny(request)
    assert held.result(60).code == 4031
