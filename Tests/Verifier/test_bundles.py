"""Evidence bundles of runs, and the votes in them."""

import json
from pathlib import Path

import pytest

from encoding import b64
from synthetic import (APPR, CALL, KEY, LOG_KEY, OTHER_APPR, P1, P2, Run, Sealed, Signer, Writer, dsse, evidence, jcs, manifest, sha,
                       tar)

PERSON = Signer("person", 64)
SHOWN = Sealed(jcs({"call": {"amount": "12"}, "request": "x"}))
POLICY = b'{"rules":[]}'


def statement(**changes) -> bytes:
    return jcs({"type": "vote", "request": f"apr_{APPR}", "verdict": "approve", "bind": SHOWN.commitment["c"],
                "approver": P1, "call": "sha256:" + sha(jcs({"amount": "12"})).hex(), **changes})


def envelope(signed: bytes, signer: Signer = PERSON, **changes) -> bytes:
    return dsse("vote", signed, signer, **changes)


def batch(*votes: bytes, request: str = f"apr_{APPR}", kind: str = "batch", signer: Signer = PERSON, **changes) -> bytes:
    """The evidence of one vote of a batch, with the request that it is about."""
    signed = jcs({"v": 1, "type": "batch", "votes": [json.loads(vote) for vote in votes]})
    return dsse(kind, signed, signer, request=request, **changes)


OTHER = statement(request=f"apr_{OTHER_APPR}")


def approved(proof: bytes = envelope(statement()), **changes) -> dict[str, bytes]:
    """A bundle of a run with one approval, whose statement and review are disclosed."""
    log = Writer()
    log.add("log.genesis", origin=log.origin)
    run, signed = Run(log), Sealed(proof)
    run.add("run.start", pol=b64(sha(POLICY)))
    asked = run.add("approval.requested", appr=APPR, bind=SHOWN.commitment, need=1)
    fields = {"appr": APPR, "bindc": SHOWN.commitment["c"], "by": P1, "proof": signed.commitment, "need": 1, **changes}
    granted = run.add("approval.granted", **fields)
    log.add("log.tick")
    run.close(run.add("call.intent", call=CALL))
    run.add("call.intent", call=CALL)
    openings = [SHOWN.opening(asked, "bind"), signed.opening(granted, "proof")]
    return evidence(log, openings, [SHOWN.blob, signed.blob], [POLICY], each=True)


@pytest.fixture
def archived(verify, tmp_path):
    def run(files: dict[str, bytes], *words: object, expect: int = 0, **header) -> str:
        (tmp_path / "run.tar").write_bytes(tar(files, **header))
        return verify(*KEY, *words, tmp_path / "run.tar", expect=expect)

    return run


def people(tmp_path: Path, key: bytes) -> Path:
    enrolled = {"pseudonym": P1, "keys": [{"key": b64(key), "since": 1.5}]}
    (tmp_path / "people").write_text(json.dumps({"people": [enrolled]}))
    return tmp_path / "people"


def test_a_bundle_with_a_vote(archived, tmp_path):
    said = archived(approved())
    assert "6 records, not ended, 1 call in flight, 2 payloads opened, 1 vote verified" in said and "1 signers of votes were not identified" in said
    assert "not identified" not in archived(approved(), "--people", people(tmp_path, PERSON.public))
    archived(approved(), "--people", people(tmp_path, LOG_KEY.public), expect=1)
    archived(approved(envelope(statement(request=APPR))))
    archived(approved(), "--people", __file__, expect=65)
    archived(approved(batch(statement(), OTHER)), "--people", people(tmp_path, PERSON.public))
    archived(approved(batch(statement(), OTHER)), "--people", people(tmp_path, LOG_KEY.public), expect=1)
    archived(approved(), "--min-size", 9, expect=1)


@pytest.mark.parametrize("bundle", [
    approved(bindc=b64(bytes(32))), approved(bindc=None), approved(appr=OTHER_APPR), approved(by=P2),
    *[approved(envelope(statement(**{name: "x"})))
      for name in ("type", "request", "verdict", "bind", "approver", "call")],
    approved(envelope(statement() + b" ")), approved(envelope(statement(), payload=b64(statement(x=1)))),
    approved(envelope(statement(), payloadType="x")), approved(envelope(statement(), signatures=[])), approved(b"{}"),
    approved(envelope(statement(), more=1)), approved(b"no JSON"),
    # One vote of a batch: another request, none, twice, another type, another signature.
    approved(batch(statement(), OTHER, request=f"apr_{OTHER_APPR}")), approved(batch(OTHER)),
    approved(batch(statement(), statement())), approved(batch(statement(type="x"), OTHER)),
    approved(batch(statement(), OTHER, kind="vote")), approved(batch(statement(), OTHER, more=1)),
    approved(batch(statement(), OTHER, payload=b64(statement()))), approved(batch(statement(verdict="deny"), OTHER)),
    approved(envelope(statement(), request=f"apr_{APPR}")),
])
def test_votes_that_are_wrong(archived, bundle):
    archived(bundle, expect=1)


def again(files: dict[str, bytes], changes: dict[str, bytes | None], **claims) -> dict[str, bytes]:
    """The bundle with changed files, and a manifest that agrees with them."""
    before = json.loads(files["manifest.json"])
    kept = {name: changes.get(name, data) for name, data in files.items() if name != "manifest.json"}
    kept = {name: data for name, data in kept.items() if data is not None}
    return {"manifest.json": manifest(kept, [{**before["chains"][0], **claims}]), **kept}


def test_bundles_that_are_wrong(archived):
    good = approved()
    chain, openings = good["chain/0.bin"], json.loads(good["openings.json"])
    payload = next(name for name in good if name.startswith("payload/"))
    first_length = 2 + int.from_bytes(chain[:2], "big")
    archived(again(good, {}))
    archived(again(good, {"openings.json": jcs([]), **{name: None for name in good if name.startswith("payload/")}}))
    for claims in ({"cnt": 5}, {"index": 3}, {"o": "x"}, {"end": True}):
        archived(again(good, {}, **claims), expect=1)
    replaced = {"VERIFY.txt": b"", payload: good[payload][:-1], "chain/0.bin": chain[first_length:],
                "chain/0/2.tlog-proof": good["chain/0/1.tlog-proof"], "chain/0.tlog-proof": b"", "openings.json": b"{}"}
    for name, data in replaced.items():
        archived({**good, name: data}, expect=1)
        archived(again(good, {name: data}), expect=0 if name == "VERIFY.txt" else 1)
    archived(again(good, {payload: None}), expect=1)
    wrong = ({"field": "x"}, {"key": b64(bytes(32))}, {"leaf": b64(bytes(32))}, {"more": 1})
    for changed in (openings[:1], [*openings, openings[0]], *([openings[1], openings[0] | one] for one in wrong)):
        archived(again(good, {"openings.json": jcs(changed)}), expect=1)
    archived(again(good, {"chain/0/5.tlog-proof": None}), expect=1)
    archived(again(good, {"chain/0/2.tlog-proof": None}), expect=1)
    policy = next(name for name in good if name.startswith("policies/"))
    archived(again(good, {policy: b"x"}), expect=1)
    renamed = {f"policies/{sha(b'x').hex()}" if name == policy else name: data for name, data in good.items()}
    archived(again({**renamed, f"policies/{sha(b'x').hex()}": b"x"}, {}), expect=1)


def test_archives_of_another_form(archived, verify, tmp_path):
    good = approved()
    for header in ({"mtime": 1}, {"mode": 0o600}, {"uid": 1}, {"uname": "root"}, {"linkname": "x"}, {"type": b"5"}):
        archived(good, expect=65, **header)
    archived({name: good[name] for name in reversed(good)}, expect=65)
    archived({"manifest.json": good["manifest.json"]}, expect=1)
    data = tar(good)
    unpadded = data[:-1024].rstrip(b"\0") + bytes(1024)
    for other in (data[:-512], data + b"\0", data + bytes(512), data[:1000], b"", unpadded):
        (tmp_path / "other.tar").write_bytes(other)
        verify(*KEY, tmp_path / "other.tar", expect=65)
