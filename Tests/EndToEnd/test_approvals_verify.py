"""`interlock approvals verify` on a log that was forged with its own key: the number of people that a request
requires."""

import json
import subprocess

import pytest

from evidencewriter import Payload
from logwriter import Log, Run, b64, sha256

PEOPLE = ["qAtvNSliVAlAcLHGLhmnpA==", "AAAAAAAAAAAAAAAAAAAAAA=="]
REQUEST, CALL, USE = "01kag0qx0e2g4j6m8p0r2t4v6x", "01kag0qwz3b5d7f9h1k3m5p7r9", "01kag0qwz3b5d7f9h1k3m5p7ra"
SHOWN = [Payload(b"{}", salt=bytes([place]) * 32).commitment for place in range(2)]


def forged(need: int | None = 2, votes: int | None = 2, by: list[str] = PEOPLE, glass: dict | None = None,
           again: dict | None = None, grants: list | None = None) -> Log:
    """A log with one request, the approvals of it, and its use."""
    log = Log().genesis()
    run = Run(log)
    run.add("run.start")
    run.add("approval.requested", appr=REQUEST, call=CALL, bind=SHOWN[0], rev=1, need=need)
    shown = SHOWN[0]
    if glass is not None:
        run.add("approval.breakglass", **{"appr": REQUEST, "call": CALL, "by": PEOPLE[1], "rev": 2, "was": 2,
                                          "order": Payload(b"{}").commitment, **glass})
    if again is not None:
        shown = SHOWN[1]
        run.add("approval.reissued", **{"appr": REQUEST, "call": CALL, "bind": shown, "rev": 2, "need": 1, **again})
    leaves = [run.add("approval.granted", appr=REQUEST, call=CALL, by=one, bindc=shown["c"], need=votes, i=place + 1,
                      proof=Payload(b"{}").commitment) for place, one in enumerate(by)]
    intent = run.add("call.intent", call=USE, dec="approve", tool="billing__refund")
    run.add("approval.used", appr=REQUEST, call=CALL, use=USE, intent=b64(intent), bindc=shown["c"],
            grants=[{"h": b64(leaf)} for leaf in leaves] if grants is None else grants)
    run.add("call.outcome", call=USE, intent=b64(intent), st="ok", code="0", dur=1)
    return log


@pytest.fixture
def judged(binary, tmp_path):
    def run(log: Log, expect: int, what: str = REQUEST) -> dict:
        folder = log.write(tmp_path / "log")
        words = ["approvals", "verify", what, "--log", folder, "--vkey", log.key.vkey, "--json"]
        done = subprocess.run([binary, *map(str, words)], capture_output=True, text=True, timeout=60, cwd=tmp_path)
        assert done.returncode == expect, done.stdout + done.stderr
        return json.loads(done.stdout)

    return run


def test_as_many_as_were_asked_for_agreed(judged):
    said = judged(forged(), 0)
    assert said["good"] and said["need"] == said["votes"] == 2 and said["uses"] == 1 and said["break_glass"] == 0
    elsewhere = [{"h": b64(sha256(one)), "o": "audit.example/other"} for one in (b"x", b"y")]
    assert any("2 votes in other logs" in one for one in judged(forged(grants=elsewhere), 0)["not_checked"])
    said = judged(forged(glass={}, again={}, votes=1, by=PEOPLE[:1]), 0)
    assert said["break_glass"] == 1 and any("`order`" in one for one in said["not_checked"])
    said = judged(forged(again={}, votes=1, by=PEOPLE[:1]), 0)
    assert any("why fewer people are asked" in one for one in said["not_checked"])


@pytest.mark.parametrize("lie", [
    {"need": None}, {"need": 0}, {"votes": None}, {"votes": 1}, {"need": 3, "votes": 3}, {"by": PEOPLE[:1]},
    {"by": PEOPLE[:1] * 2}, {"again": {"need": None}}, {"again": {}}, {"again": {"need": 2}, "votes": 1},
    {"glass": {"was": 3}, "again": {}, "votes": 1}, {"glass": {"was": 1}, "again": {}, "votes": 1},
    {"glass": {"by": None}, "again": {}, "votes": 1}, {"glass": {"rev": None}, "again": {}, "votes": 1},
    {"by": [], "grants": [{"h": b64(sha256(b"x")), "o": "audit.example/other"}] * 2},
    {"by": [], "grants": [{"o": "audit.example/a"}, {"o": "audit.example/b"}]},
], ids=str)
def test_fewer_people_than_were_asked_is_bad(judged, lie):
    log = forged(**lie)
    assert judged(log, 1)["faults"]
    assert judged(log, 1, "--all")["faults"]


@pytest.mark.requirement("R097")
def test_the_whole_log_is_checked_with_every_call_that_people_had_to_approve(judged):
    said = judged(forged(), 0, "--all")
    assert said["good"] and said["requests"] == said["uses"] == 1
    assert any("the enrolment of a person who voted cannot be checked" in one for one in said["not_checked"])
    log = forged()
    run = Run(log, "01kag0q9v4x2m7c8d3e5f6g7h9")
    run.add("run.start")
    intent = run.add("call.intent", call=CALL, dec="approve", tool="billing__refund")
    run.add("call.outcome", call=CALL, intent=b64(intent), st="ok", code="0", dur=1)
    # No request is about this call, so only the whole log shows it.
    judged(log, 0)
    faults = judged(log, 1, "--all")["faults"]
    assert any("no approval of it was used" in one for one in faults)
