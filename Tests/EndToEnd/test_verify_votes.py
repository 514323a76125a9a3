"""`interlock-verify` on the votes in an evidence bundle."""

import json
from pathlib import Path

import pytest

from evidencewriter import Evidence, Payload
from judging import judged
from logwriter import CALL, Key, Log, Run, b64, canonical, sha256
from statements import media_type, message


PERSON = Key("ines", b"\x21" * 32)
BY = "qAtvNSliVAlAcLHGLhmnpA=="
SHOWN_CALL = b'{"args":{"amount_cents":42000.5},"tool":"refund"}'
REVIEW = '{"call":%s,"type":"review","v":1}'


def vote(statement: dict = {}, disclose: tuple[str, ...] = ("bind", "proof"), by: str = BY, bindc: str | None = None,
         signer: Key = PERSON, call: bytes = SHOWN_CALL, review: str = REVIEW, asked: dict = {},
         granted: dict = {}) -> bytes:
    """A bundle of a run with one request and one vote on it."""
    request, shown = "01kag0qx0e2g4j6m8p0r2t4v6x", Payload(review.encode() % call, salt=b"\x84" * 32)
    call = sha256(call).hex()
    payload = canonical({"v": 1, "type": "vote", "request": f"apr_{request}", "verdict": "approve",
                         "call": f"sha256:{call}", "bind": shown.commitment["c"], "approver": BY, **statement})
    kind = media_type("vote")
    envelope = {"payloadType": kind, "payload": b64(payload),
                "signatures": [{"keyid": b64(signer.public), "sig": b64(PERSON.private.sign(message(kind, payload)))}]}
    proof = Payload(json.dumps(envelope).encode())
    log = Log().genesis()
    run = Run(log)
    run.add("run.start")
    leaves = {"bind": run.add("approval.requested", **{"appr": request, "bind": shown.commitment, "need": 1, **asked}),
              "proof": run.add("approval.granted", appr=request, by=by, bindc=bindc or shown.commitment["c"],
                               proof=proof.commitment, **{"need": 1, **granted})}
    sealed = {"bind": shown, "proof": proof}
    return Evidence(log, [2, 3, 4], openings=[sealed[name].opening(leaves[name], name) for name in disclose],
                    blobs=[sealed[name].blob for name in disclose]).archive()


def people(tmp_path, pseudonym: str = BY, key: bytes = PERSON.public) -> Path:
    path = tmp_path / "people.json"
    path.write_text(json.dumps({"v": 1, "people": [{"pseudonym": pseudonym, "keys": [{"key": b64(key)}]}]}))
    return path


def test_a_vote_is_checked_as_far_as_it_is_disclosed(verify, tmp_path):
    known = ("--people", people(tmp_path))
    said = judged(verify, tmp_path, vote(), 0, *known)
    assert "1 votes (1 signatures verified, 1 signers known)" in said
    assert "signers of votes were not identified" in judged(verify, tmp_path, vote(), 0)
    assert "0 signatures verified" in judged(verify, tmp_path, vote(disclose=()), 0)
    judged(verify, tmp_path, vote(), 1, "--people", people(tmp_path, pseudonym="AAAAAAAAAAAAAAAAAAAAAA=="))
    judged(verify, tmp_path, vote(), 1, "--people", people(tmp_path, key=b"\x05" * 32))


def test_what_was_shown_holds_what_agents_send(verify, tmp_path):
    for call in (b"null", b"1e+21", b"-1.5e-7", b"[" * 100 + b"0.1" + b"]" * 100, '"\u20ac\\n"'.encode()):
        assert "1 signatures verified" in judged(verify, tmp_path, vote(call=call), 0)


def test_each_person_is_in_the_file_once(verify, tmp_path):
    path = people(tmp_path)
    known = json.loads(path.read_text())
    for wrong in ({"people": known["people"] * 2}, {"people": {}}, {"people": [{"pseudonym": BY, "keys": {}}]}, {},
                  {"people": [{"pseudonym": BY}]}, {"people": [{"pseudonym": BY, "keys": [{"key": "AAAA"}]}]},
                  {**known, "more": "\ud800"}, {**known, "more": json.loads("[" * 16 + "]" * 16)}):
        path.write_text(json.dumps(wrong))
        judged(verify, tmp_path, vote(), 65, "--people", path)
    path.write_text(json.dumps({**known, "more": [None, 1.5, json.loads("[" * 14 + "]" * 14)]}))
    judged(verify, tmp_path, vote(), 0, "--people", path)
    path.write_text(path.read_text()[:-1] + ',"people":[]}')
    judged(verify, tmp_path, vote(), 65, "--people", path)


@pytest.mark.parametrize("lie", [
    {"statement": {"verdict": "deny"}}, {"statement": {"request": "apr_01kag0q9v4x2m7c8d3e5f6g7h9"}},
    {"statement": {"bind": b64(sha256(b""))}}, {"statement": {"approver": "AAAAAAAAAAAAAAAAAAAAAA=="}},
    {"statement": {"call": "sha256:" + sha256(b"").hex()}}, {"statement": {"type": "halt"}},
    {"by": "AAAAAAAAAAAAAAAAAAAAAA=="}, {"bindc": b64(sha256(b"")), "disclose": ()},
    {"signer": Key("eve", b"\x22" * 32)}, {"by": None}, {"by": 1, "disclose": ()}, {"statement": {"more": 1.5}},
    {"statement": {"more": None}}, {"asked": {"bind": None}, "disclose": ()}, {"asked": {"appr": 1}, "disclose": ()},
    # The shown text has one form, too.
    {"review": '{"call": %s,"type":"review","v":1}'}, {"review": '{"type":"review","call":%s,"v":1}'},
    {"review": '{"call":{},"call":%s}'}, {"review": "[%s]"}, {"call": b"1.50"}, {"call": b"1E2"}, {"call": b"-0"},
    {"call": b"[" * 300 + b"]" * 300},
])
def test_a_vote_about_something_else_is_bad(verify, tmp_path, lie):
    judged(verify, tmp_path, vote(**lie), 1)


REQUEST = "01kag0qx0e2g4j6m8p0r2t4v6x"
PEOPLE = ["qAtvNSliVAlAcLHGLhmnpA==", "AAAAAAAAAAAAAAAAAAAAAA=="]


def use(by: list[str] = PEOPLE, need: int = 2, between: tuple[tuple[str, dict], ...] = (), times: int = 1, grants=None,
        asked: int | None = None, **changes) -> bytes:
    """A bundle of a run in which people approved a call and the approval was used."""
    shown = Payload(b"{}", salt=b"\x84" * 32).commitment
    log = Log().genesis()
    run = Run(log)
    run.add("run.start")
    asked = need if asked is None else asked
    run.add("approval.requested", appr=REQUEST, bind=shown, **({} if asked is ... else {"need": asked}))
    votes = [run.add("approval.granted", appr=REQUEST, by=one, bindc=shown["c"], i=place + 1,
                     proof=Payload(b"{}").commitment, **({} if need is ... else {"need": need}))
             for place, one in enumerate(by)]
    for kind, fields in between:
        run.add(kind, **{"appr": REQUEST, **fields})
    fields = {"appr": REQUEST, "bindc": shown["c"], "use": CALL,
              "intent": b64(run.add("call.intent", call=CALL, dec="approve")),
              "grants": [{"h": b64(vote)} for vote in votes] if grants is None else grants, **changes}
    for _ in range(times):
        run.add("approval.used", **{key: value for key, value in fields.items() if value is not ...})
    count = 3 + len(by) + len(between) + times
    return Evidence(log, list(range(2, 2 + count)), openings=[], blobs=[]).archive()


def test_a_use_of_an_approval_is_checked(verify, tmp_path):
    assert "1 uses of approvals" in judged(verify, tmp_path, use(), 0)
    judged(verify, tmp_path, use(by=PEOPLE[:1], need=1), 0)
    elsewhere = [{"h": b64(sha256(one)), "o": "audit.example/other"} for one in (b"x", b"y")]
    said = judged(verify, tmp_path, use(by=[], grants=elsewhere), 0)
    assert "2 votes are in other logs: they were not looked for" in said


@pytest.mark.parametrize("lie", [
    {"by": PEOPLE[:1]}, {"by": PEOPLE[:1] * 2}, {"by": []}, {"by": [], "need": 0}, {"times": 2}, {"grants": []},
    {"by": PEOPLE[:1], "need": 1, "asked": 2}, {"asked": 3},
    {"grants": ...}, {"grants": {}}, {"grants": [1, 2]}, {"grants": [{"h": b64(sha256(b"x"))}] * 2}, {"grants": [{}, {}]},
    # A vote in another log counts once, and is one.
    {"by": [], "grants": [{"h": b64(sha256(b"x")), "o": "audit.example/other"}] * 2},
    {"by": [], "grants": [{"h": b64(sha256(b"x")), "o": f"audit.example/{name}", "more": name} for name in "aa"]},
    {"by": [], "grants": [{"h": b64(sha256(one)), "o": Log().key.name} for one in (b"x", b"y")]},
    {"by": [], "grants": [{"o": "audit.example/a"}, {"o": "audit.example/b"}]},
    {"by": [], "grants": [{"h": b64(sha256(b"x")), "o": 1}, {"h": b64(sha256(b"x")), "o": 2}]},
    {"need": ..., "asked": 2}, {"need": ..., "asked": 1}, {"asked": ...},
    {"bindc": ...}, {"bindc": b64(sha256(b"x"))}, {"appr": "01kag0q9v4x2m7c8d3e5f6g7h9"},
    {"between": (("approval.void", {"code": "approval.revoked"}),)}, {"between": (("approval.expired", {}),)},
    {"intent": ...}, {"intent": b64(sha256(b"x"))}, {"use": ...}, {"use": "01kag0q9v4x2m7c8d3e5f6g7h9"},
    {"between": (("approval.withdrawn", {}),)},
    {"between": (("approval.reissued", {"bind": Payload(b"{}", salt=b"\x84" * 32).commitment, "rev": 2, "need": 2}),)},
], ids=str)
def test_a_use_without_its_votes_is_bad(verify, tmp_path, lie):
    judged(verify, tmp_path, use(**lie), 1)


@pytest.mark.parametrize("close, decided, expect", [
    ("call.outcome", "approve", 1), ("call.unknown", "approve", 1), ("call.denied", "approve", 0), ("call.outcome", "allow", 0),
])
def test_a_call_that_people_had_to_approve_is_executed_by_an_approval_alone(verify, tmp_path, close, decided, expect):
    log = Log().genesis()
    run = Run(log)
    run.add("run.start")
    intent = run.add("call.intent", call=CALL, dec=decided)
    run.add(close, call=CALL, intent=b64(intent), st="ok")
    judged(verify, tmp_path, Evidence(log, [2, 3, 4], openings=[], blobs=[]).archive(), expect)


def test_who_signed_for_a_quorum_is_not_counted_for_a_smaller_one(verify, tmp_path):
    judged(verify, tmp_path, vote(statement={"quorum": 2}, asked={"need": 2}, granted={"need": 2, "i": 1}), 0)
    judged(verify, tmp_path, vote(statement={"quorum": 2}, granted={"need": 1, "i": 1}), 1)
    judged(verify, tmp_path, vote(statement={"quorum": 2}, granted={"need": 1, "i": 1}, disclose=()), 0)


@pytest.mark.parametrize("name, value", [("revision", 2), ("policy", "sha256:00"), ("group", "board"), ("quorum", 1)])
def test_each_member_of_the_statement_is_what_was_shown(verify, tmp_path, name, value):
    said = {"revision": 1, "policy": "sha256:11", "group": "finance", "quorum": 2}
    review = '{"call":%s,"decision":{"group":"finance","quorum":2},"policy":"sha256:11","revision":1,"type":"review","v":1}'
    two = {"review": review, "asked": {"need": 2}, "granted": {"need": 2}}
    judged(verify, tmp_path, vote(statement=said, **two), 0)
    judged(verify, tmp_path, vote(statement={**said, name: value}, **two), 1)
    judged(verify, tmp_path, vote(statement={key: one for key, one in said.items() if key != name}, **two), 1)


LOW = '{"call":%s,"decision":{"group":"finance","quorum":1,"tier":"low"},"type":"review","v":1}'


def word(review: str = LOW, disclose: tuple[str, ...] = ("bind",), need: int = 1, times: int = 1, bindc: str | None = None,
         also: tuple[str, ...] = (), **changes) -> bytes:
    """A bundle of a run in which a client's word was accepted for one approval, and used."""
    shown = Payload(review.encode() % SHOWN_CALL, salt=b"\x84" * 32)
    log = Log().genesis()
    run = Run(log)
    run.add("run.start")
    asked = run.add("approval.requested", appr=REQUEST, bind=shown.commitment, need=need)
    granted = {"appr": REQUEST, "bindc": bindc or shown.commitment["c"], "need": need, "i": 1, "via": "client",
               "proof": Payload(b"{}").commitment, **changes}
    leaves = [run.add("approval.granted", **granted) for _ in range(times)]
    leaves += [run.add("approval.granted", **{**granted, "via": "cli-key", "by": one}) for one in also]
    intent = run.add("call.intent", call=CALL, dec="approve")
    run.add("approval.used", appr=REQUEST, bindc=shown.commitment["c"], grants=[{"h": b64(leaf)} for leaf in leaves],
            use=CALL, intent=b64(intent))
    return Evidence(log, list(range(2, 6 + len(leaves))), openings=[shown.opening(asked, "bind")] if disclose else [],
                    blobs=[shown.blob] if disclose else []).archive()


def test_a_clients_word_stands_for_one_approval_at_tier_low_and_is_named(verify, tmp_path):
    for disclose in (("bind",), ()):
        said = judged(verify, tmp_path, word(disclose=disclose), 0)
        assert "1 approvals are a client's consent: no person has signed them" in said and "1 uses of approvals" in said


@pytest.mark.parametrize("lie", [
    {"review": LOW.replace("low", "high")}, {"review": LOW.replace('"quorum":1', '"quorum":2')}, {"review": REVIEW},
    {"review": LOW.replace('"group":"finance"', '"group":"finance","lowered_from":2')}, {"bindc": b64(sha256(b"x"))},
    {"need": 2}, {"need": 2, "times": 2}, {"need": 2, "also": PEOPLE[:1]}, {"also": PEOPLE[:1]}, {"by": 1},
    {"via": "cli-key"}, {"via": ["client"]},
], ids=str)
def test_a_clients_word_that_stands_for_more_is_bad(verify, tmp_path, lie):
    judged(verify, tmp_path, word(**lie), 1)
