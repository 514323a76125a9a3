"""`interlock-verify` on the number of people that a request requires: the number shown, and the orders that may lower
it."""

import base64
import json

import pytest

from evidencewriter import Evidence, Payload, tar
from judging import judged
from logwriter import CALL, Key, Log, Run, b64, bundle, canonical, sha256
from statements import media_type, message, url
from test_verify_passkeys import KEYS, ORIGIN, PARTY

BY, BREAKER = "qAtvNSliVAlAcLHGLhmnpA==", "AAAAAAAAAAAAAAAAAAAAAA=="
REQUEST = "01kag0qx0e2g4j6m8p0r2t4v6x"
KEY, OTHER = Key("sam", b"\x21" * 32), Key("eve", b"\x22" * 32)


def review(quorum: int, lowered: int | None = None, policy: str = "sha256:11", stage: str = "supervised") -> bytes:
    decision = {"quorum": quorum} | ({} if lowered is None else {"lowered_from": lowered})
    return canonical({"call": {"stage": stage}, "decision": decision, "policy": policy})


def order(signer: Key = KEY, kind: str = "break-glass", **changes) -> bytes:
    """A signed order that one person is enough."""
    said = {"v": 1, "type": "break-glass", "deed": "lower", "request": REQUEST, "author": BREAKER, "revision": 1, **changes}
    payload, kind = canonical(said), media_type(kind)
    signature = KEY.private.sign(message(kind, payload))
    return json.dumps({"payloadType": kind, "payload": b64(payload),
                       "signatures": [{"keyid": b64(signer.public), "sig": b64(signature)}]}).encode()


def order_by_passkey(kind: str = "ES256", origin: str = ORIGIN, **changes) -> bytes:
    said = json.loads(order(**changes))
    challenge = url(sha256(message(said["payloadType"], base64.b64decode(said["payload"]))))
    client = json.dumps({"type": "webauthn.get", "challenge": challenge, "origin": origin}).encode()
    data, by = sha256(PARTY.encode()) + b"\x05\0\0\0\x07", KEYS[kind]
    made = {"authenticatorData": data, "clientDataJSON": client, "credential": b"credential",
            "signature": by.sign(data + sha256(client))}
    said["signatures"] = [{**{name: url(part) for name, part in made.items()}, "key": b64(by.cose)}]
    return json.dumps(said).encode()


def lowered(first: bytes = review(2), second: bytes = review(1, 2), need: tuple = (2, 1), glass: dict | None = {},
            signed: bytes = order(), disclose: str = "abo", granted: int = 1, enrolled: Key | None = None,
            again: str = "approval.reissued", rev: int = 2, moved: dict | None = None,
            used: bool = True) -> bytes:
    """A bundle of a run in which one person was enough where two were required before; unchanged parts are correct."""
    sealed = {"a": Payload(first, salt=b"\x84" * 32), "b": Payload(second, salt=b"\x85" * 32), "o": Payload(signed)}
    fields = {"a": "bind", "b": "bind", "o": "order"}
    log = Log().genesis()
    if enrolled:
        log.append(canonical({"v": 1, "t": "approver.enrolled", "ts": 1795169700000000, "node": "gw1", "by": BREAKER,
                              "kind": "ed25519", "key": b64(enrolled.public)}))
    log.add("log.tick")
    start = len(log.entries)
    run, leaves = Run(log), {}
    run.add("run.start")

    def form(name: str, kind: str, rev: int, need: int | None) -> None:
        leaves[name] = run.add(kind, appr=REQUEST, bind=sealed[name].commitment, rev=rev,
                               **({} if need is None else {"need": need}))

    form("a", "approval.requested", 1, need[0])
    if glass is not None:
        said = {"appr": REQUEST, "by": BREAKER, "rev": 2, "was": 2, "order": sealed["o"].commitment, **glass}
        leaves["o"] = run.add("approval.breakglass", **{name: one for name, one in said.items() if one is not None})
    if moved is not None:
        run.add("approval.reissued", **{"appr": REQUEST, "bind": sealed["a"].commitment, "rev": 2, "need": 2, **moved})
    form("b", again, rev, need[1])
    shown = sealed["b"].commitment["c"]
    vote = run.add("approval.granted", appr=REQUEST, by=BY, bindc=shown, need=granted, i=1, proof=Payload(b"{}").commitment)
    if used:
        intent = run.add("call.intent", call=CALL, dec="approve")
        run.add("approval.used", appr=REQUEST, bindc=shown, grants=[{"h": b64(vote)}], use=CALL, intent=b64(intent))
    open_ = [name for name in disclose if name in leaves]
    made = Evidence(log, list(range(start, len(log.entries))), blobs=[sealed[name].blob for name in open_],
                    openings=[sealed[name].opening(leaves[name], fields[name]) for name in open_])
    content = {}
    for name, part in made.files().items():
        if name == "trust.policy" and enrolled:
            content |= {"people/0.bin": bundle([log.entries[start - 2]]), "people/0/0.tlog-proof": log.proof(start - 2)}
        content[name] = part
    return tar({"manifest.json": canonical(made.manifest(content)), **content})


def people(tmp_path, key: Key):
    path = tmp_path / "people.json"
    path.write_text(json.dumps({"people": [{"pseudonym": BREAKER, "keys": [{"key": b64(key.public)}]}]}))
    return path


def test_an_order_of_break_glass_is_checked_as_far_as_it_is_disclosed(verify, tmp_path):
    said = judged(verify, tmp_path, lowered(), 0)
    assert "1 uses of break-glass (1 signatures verified, 0 signers known)" in said
    assert "1 signers of orders of break-glass were not identified" in said
    assert "1 approvals by break-glass, orders not checked" in judged(verify, tmp_path, lowered(disclose="ab"), 0)
    assert "1 approvals by break-glass, orders not checked" in judged(verify, tmp_path, lowered(disclose=""), 0)


@pytest.mark.parametrize("kind", KEYS)
def test_a_passkey_may_have_signed_the_order(verify, tmp_path, kind):
    assert "(1 signatures verified, 0 signers known)" in judged(verify, tmp_path, lowered(signed=order_by_passkey(kind)), 0)
    twice = json.loads(order_by_passkey(kind))
    twice["signatures"] *= 2
    for lie in (order_by_passkey(kind, author=BY), order_by_passkey(kind, origin="https://other.example"),
                order_by_passkey(kind).replace(b'"key"', b'"keys"'), json.dumps(twice).encode()):
        judged(verify, tmp_path, lowered(signed=lie), 1)
    judged(verify, tmp_path, lowered(signed=order_by_passkey(kind), enrolled=KEY), 1)


def test_who_ordered_it_is_known_by_a_file_or_by_the_log(verify, tmp_path):
    assert "(1 signatures verified, 1 signers known)" in judged(
        verify, tmp_path, lowered(), 0, "--people", people(tmp_path, KEY))
    judged(verify, tmp_path, lowered(), 1, "--people", people(tmp_path, OTHER))
    said = judged(verify, tmp_path, lowered(enrolled=KEY), 0)
    assert "1 signers of orders of break-glass are known by the log's word alone" in said
    judged(verify, tmp_path, lowered(enrolled=OTHER), 1)


def test_another_decision_may_ask_for_fewer_people(verify, tmp_path):
    for second in (review(1, policy="sha256:22"), review(1, stage="trusted")):
        judged(verify, tmp_path, lowered(second=second, glass=None), 0)
        said = judged(verify, tmp_path, lowered(second=second, glass=None, disclose="b"), 0)
        assert "1 requests ask for fewer people than before: why is not disclosed" in said
    assert "why is not disclosed" in judged(verify, tmp_path, lowered(glass=None, disclose=""), 0)
    # A newer form may require as many, or more.
    judged(verify, tmp_path, lowered(first=review(1), second=review(1), need=(1, 1), glass=None), 0)
    judged(verify, tmp_path, lowered(first=review(1), second=review(2), need=(1, 2), granted=2, glass=None, used=False), 0)


@pytest.mark.parametrize("lie", [
    {"glass": None}, {"glass": None, "disclose": "b"}, {"glass": None, "second": review(1)},
    {"second": review(1)}, {"glass": None, "again": "approval.requested", "second": review(1)},
    {"glass": {"rev": 3}}, {"glass": {"was": 3}}, {"glass": {"was": 1}}, {"glass": {"by": None}}, {"glass": {"rev": None}},
    {"glass": {"was": None}}, {"glass": {"appr": "01kag0q9v4x2m7c8d3e5f6g7h9"}}, {"rev": 3},
    {"second": review(1, 3)}, {"second": review(1, "2")}, {"first": review(2, 3)}, {"first": review(2, 3), "disclose": "a"},
    # An order is for the next form only.
    {"moved": {}}, {"moved": {"rev": 3}},
    # The number that was shown.
    {"need": (None, 1)}, {"need": (2, None)}, {"need": (0, 1)}, {"need": (2, 0)}, {"need": ("2", 1)}, {"need": (2, 2)},
    {"first": review(3)}, {"second": review(2)}, {"second": review(2), "glass": None}, {"granted": 2}, {"granted": 0},
    {"disclose": "", "need": (None, 1)}, {"disclose": "", "need": (2, 2)}, {"disclose": "", "need": (2, None)},
    {"first": b"[]"}, {"second": b'{"decision": {}}'},
    # The content of the order.
    {"signed": b"{}"}, {"signed": order(OTHER)}, {"signed": order(kind="vote")}, {"signed": order(type="vote")},
    {"signed": order(deed="review")}, {"signed": order(request="01kag0q9v4x2m7c8d3e5f6g7h9")}, {"signed": order(author=BY)},
    {"signed": order(revision=2)}, {"signed": order(revision="1")}, {"signed": order(deed=1)},
], ids=str)
def test_fewer_people_than_were_asked_is_bad(verify, tmp_path, lie):
    judged(verify, tmp_path, lowered(**lie), 1)
