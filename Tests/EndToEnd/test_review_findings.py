"""Scopes against use and the sample of a governance review, with the real programs: the patch only narrows, and a second program
draws the sample again from the published log (docs/governance-review.md)."""

import base64
import json
import shutil
import subprocess
import sys
import time

import pytest

from conftest import ROOT
from logwriter import canonical
from addresses import SAM
from reviewing import AGENT, CONTROLS, answer, in_days, policy_of, review, started, stated
from waits import until

pytestmark = pytest.mark.requirement("R129", "R130", "R131")

VERIFIER = ROOT / "Tests" / "Verifier" / "reviewsample.py"
SCOPES = """tickets:
        - get_ticket
        - {tool: search, when: "args.limit <= 100"}"""


@pytest.fixture
def made(organisation):
    changed = {"agents/support-triage.yaml": lambda text: text.replace("tickets: [read]", SCOPES)}
    return organisation(servers=("tickets", "kb"), extra=changed)


def started_after_calls(made) -> str:
    time.sleep(1.1)  # a period ends with a whole second, and the calls are of before it
    return started(made)


def test_scopes_are_compared_with_their_use_and_a_bound_is_narrowed(made, tmp_path):
    session = made.session(AGENT)
    for limit in (10, 20, 40):
        session.call("tickets__search", text="late", limit=limit)
    session.call("tickets__search", text="late", limit=101)
    review_id = started_after_calls(made)
    patch = tmp_path / "narrow.patch"
    done = review(made, "findings", review_id, "--json", "--retire", str(patch), check=False)
    assert done.returncode == 1, (done.stdout, done.stderr)
    found = json.loads(done.stdout)
    tools = {one["tool"]: one for one in found["tools"]}
    search = tools["tickets.search"]
    assert (search["state"], search["calls"], search["denials"]) == ("used", 3, 1)
    assert search["arguments"] == [
        {"cap": 100, "count": 3, "largest": 40, "name": "limit", "typical": 20, "unread": 0}]
    assert tools["tickets.get_ticket"]["state"] == "unused"
    assert found["retire"] == [f"{AGENT} tickets.search limit"], found
    assert any("no tool is retired" in note for note in found["notes"]), "the log is new"
    (record,) = made.gateway.records(500, type="review.started")
    assert found["policy"] == policy_of(record)

    old, new = made.made["policy"], tmp_path / "narrowed"
    shutil.copytree(old, new)
    subprocess.run(["git", "apply", str(patch)], cwd=new, check=True, capture_output=True)
    assert "args.limit <= 50" in (new / "agents" / "support-triage.yaml").read_text()
    compared = made.gateway.run("policy", "diff", str(old), str(new), check=False)
    lines = compared.stdout.splitlines()
    assert lines and all(line.startswith(("NARROWS", " ")) for line in lines), compared.stdout
    assert review(made, "findings", review_id, "--retire", str(patch), check=False).returncode == 73, "it is not overwritten"


def test_a_second_program_draws_the_sample_from_the_published_log(made, tmp_path):
    session = made.session(AGENT)
    for number in range(12):
        session.call("tickets__search", text=f"t{number}", limit=5)
    review_id = started_after_calls(made)
    shown = json.loads(review(made, "sample", review_id, "--json").stdout)
    sample, document = shown["sample"], tmp_path / "sample.json"
    document.write_bytes(canonical(sample))
    assert sum(one["population"] for one in sample["strata"]) == 12

    until(lambda: made.gateway.published_size() >= sample["checkpoint"]["size"], made.gateway)
    command = [sys.executable, VERIFIER, made.gateway.ledger / "log", document]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    (record,) = made.gateway.records(500, type="review.started")
    assert base64.b64decode(record["digest"]).hex() in done.stdout, "its digest is on record"

    offline = ("sample", review_id, "--verify", "--sample", str(document))
    assert review(made, *offline).returncode == 0
    read = next(one for one in sample["strata"] if one["records"])
    read["records"], read["population"] = read["records"][1:], read["population"] - 1
    document.write_bytes(canonical(sample))
    assert review(made, *offline, check=False).returncode == 1
    assert subprocess.run(command, capture_output=True, timeout=60).returncode == 1


def reviewed(made, path, code: int = 0, **more) -> dict:
    """Starts a review, marks each record by its number, and signs it as SAM."""
    review_id = started_after_calls(made)
    (shown,) = answer(made, "sample", review_id)
    for record in [one for stratum in shown["strata"] for one in stratum["records"]]:
        answer(made, "sample", review_id, "--open", str(record["index"]))
        answer(made, "sample", review_id, "--mark", str(record["index"]), "ok")
    begun = made.gateway.records(500, type="review.started")
    (own,) = [one for one in begun if one["rvw"] == review_id]
    sign = ("sign", review_id, "--next", in_days(6), "--answers")
    (done,) = answer(made, *sign, stated(own, path, **more), code=code, by=SAM)
    return {"id": review_id, "sign": sign, "begun": own, "carried": shown["earlier"], **done}


def test_a_finding_is_carried_on_and_its_owner_does_not_call_it_mended(made, tmp_path):
    session, path = made.session(AGENT), tmp_path / "answers.json"
    session.call("tickets__search", text="late", limit=10)
    finding = {"severity": 2, "text": "the queue list is stale", "owner": SAM, "due": f"{in_days(20)}T00:00:00Z"}
    first = reviewed(made, path, findings=[finding])
    assert first["signed"] is True and first["carried"] == [], first

    second = reviewed(made, path, code=1)
    assert [(one["review"], one["number"]) for one in second["carried"]] == [(first["id"], 1)]
    assert any("neither mended nor still open" in one for one in second["missing"]), second
    outcome = {"review": first["id"], "number": 1, "outcome": "mended"}
    (own,) = answer(made, *second["sign"], stated(second["begun"], path, earlier=[outcome]), code=1, by=SAM)
    assert any("mended by its owner" in one for one in own["missing"]), own
    still = stated(second["begun"], path, earlier=[{**outcome, "outcome": "open"}])
    (done,) = answer(made, *second["sign"], still, by=SAM)
    assert done["signed"] is True, done
    (row,) = answer(made, "status", AGENT)
    assert [(one["review"], one["due"]) for one in row["findings"]] == [(first["id"], finding["due"])], row
    assert made.gateway.verify().returncode == 0


def test_an_answer_that_is_not_in_order_needs_a_finding(made, tmp_path):
    made.session(AGENT).call("tickets__search", text="late", limit=10)
    path = tmp_path / "answers.json"
    bad = [{"control": name, "ok": name != "alerts"} for name in CONTROLS]
    first = reviewed(made, path, code=1, controls=bad)
    assert any("no finding is about it" in one for one in first["missing"]), first
    finding = {
        "severity": 3, "text": "five are open", "owner": SAM, "due": f"{in_days(20)}T00:00:00Z", "control": "alerts"}
    (done,) = answer(made, *first["sign"], stated(first["begun"], path, controls=bad, findings=[finding]), by=SAM)
    assert done["signed"] is True, done


def test_what_is_no_sample_is_refused(made, tmp_path):
    document = tmp_path / "sample.json"
    document.write_text("{}")
    name = "01kag0q9m2c4e6g8j0k2n4p6r8"
    assert review(made, "sample", name, "--verify", "--sample", str(document), check=False).returncode == 65
    assert review(made, "sample", name, "--verify", "--sample", str(tmp_path / "none"), check=False).returncode == 66
    assert review(made, "findings", "luck", check=False).returncode == 64
    assert review(made, "findings", name, check=False).returncode == 66
