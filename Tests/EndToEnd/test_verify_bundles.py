"""`interlock-verify` on evidence bundles of runs."""

import pytest

from evidencewriter import Evidence, Payload, leaf, tar
from judging import OTHER, WITNESS, judged
from logwriter import CALL, Log, Run, b64, canonical, example_key, sha256


def evidence() -> Evidence:
    """A run of two calls between other records, with opened arguments and one policy."""
    policy, args = b'{"interlock":1}', Payload(b'{"amount_cents":1250}')
    log = Log().genesis()
    run = Run(log)
    run.add("run.start", pol=b64(sha256(policy)))
    intent = run.add("call.intent", call=CALL, dec="allow", args=args.commitment)
    log.add("log.tick")
    run.add("call.outcome", call=CALL, st="ok", intent=b64(intent))
    run.add("run.end", cnt=4)
    log.add("log.tick")
    return Evidence(log, [2, 3, 5, 6], ended=True, openings=[args.opening(intent, "args")], blobs=[args.blob],
                    policies=[policy])


def test_a_bundle_is_good(verify, tmp_path):
    said = judged(verify, tmp_path, evidence().archive(), 0)
    assert "4 records, ended" in said and "1 payloads opened" in said
    made = evidence()
    made.each = True
    assert "4 records proved one by one" in judged(verify, tmp_path, made.archive(), 0)


def test_a_bundle_needs_the_quorum_of_the_recipient(verify, tmp_path):
    made, trust, path = evidence(), tmp_path / "trust", tmp_path / "run.tar"
    trust.write_text(f"log {made.log.key.vkey}\nwitness w {WITNESS.vkey}\nquorum w\n")
    path.write_bytes(made.archive())
    assert "quorum" in verify("--trust", trust, path, expect=1)
    made.log.cosigners = [WITNESS]
    path.write_bytes(made.archive())
    assert "another than yours" in verify("--trust", trust, "--strict", path, expect=0)


def test_every_changed_byte_of_a_bundle_is_noticed(verify, tmp_path, chance):
    archive = evidence().archive()
    for place in [chance.randrange(len(archive)) for _ in range(60)]:
        data = bytearray(archive)
        data[place] ^= 1 << chance.randrange(8)
        judged(verify, tmp_path, bytes(data), (1, 65))


def remade(change) -> bytes:
    """The bundle after a change of its files, under a manifest that is correct again."""
    made = evidence()
    files = made.files()
    files = change(files, made) or files
    return tar({"manifest.json": canonical(made.manifest(files)), **files})


def without_record(files, made):
    made.indices = [2, 3, 6]
    return made.files()


def cut(files, made):
    made.indices, made.ended = [2, 3, 5], False
    files = made.files()
    files["chain/0.tlog-proof"] = made.log.proof(6)
    return files


def wrong_key(files, made):
    made.openings[0]["key"] = b64(b"\x01" * 32)
    return made.files()


def wrong_leaf(files, made):
    made.openings[0]["leaf"] = b64(leaf(made.log, 2))
    return made.files()


def other_blob(files, made):
    made.blobs = [Payload(b'{"amount_cents":9}').blob]
    return made.files()


def extra_blob(files, made):
    made.blobs.append(Payload(b"x").blob)
    return made.files()


def other_policy(files, made):
    made.policies = [b'{"interlock":2}']
    return made.files()


def proofs(files, made):
    made.each = True
    return made.files()


def without_one_proof(files, made):
    return {name: data for name, data in proofs(files, made).items() if name != "chain/0/1.tlog-proof"}


def without_the_last_proof(files, made):
    return {name: data for name, data in proofs(files, made).items() if name != "chain/0/3.tlog-proof"}


def one_proof_more(files, made):
    more = {}
    for name, data in proofs(files, made).items():
        more[name] = data
        if name == "chain/0/3.tlog-proof":
            more["chain/0/4.tlog-proof"] = data
    return more


def a_proof_with_another_signature(files, made):
    files = proofs(files, made)
    return {**files, "chain/0/1.tlog-proof": files["chain/0/1.tlog-proof"] + OTHER.line("x").encode()}


BUNDLE_EDITS = {
    "one proof of a record is not there": without_one_proof, "the last one is not there": without_the_last_proof,
    "a proof of no record": one_proof_more, "another checkpoint under one proof": a_proof_with_another_signature,
    "a record left out": without_record, "the end cut off, with the proof of the end": cut,
    "a key that does not fit": wrong_key, "an opening of another record": wrong_leaf, "another blob": other_blob,
    "a blob that nothing opens": extra_blob, "a policy that no record names": other_policy,
    "a file that is none of a bundle": lambda files, made: {**files, "zzz.txt": b"x"},
    "a file too few": lambda files, made: {name: data for name, data in files.items() if name != "VERIFY.txt"},
    "another order": lambda files, made: dict(reversed(files.items())),
    "a proof of another record": lambda files, made: {**files, "chain/0.tlog-proof": made.log.proof(5)},
    "openings that are no list": lambda files, made: {**files, "openings.json": b"{}"},
}


@pytest.mark.parametrize("name", BUNDLE_EDITS)
def test_a_bundle_with_a_lie_in_it_is_bad(verify, tmp_path, name):
    judged(verify, tmp_path, remade(BUNDLE_EDITS[name]), 1)


@pytest.mark.parametrize("changes", [
    {"run": "01kag0q9v4x2m7c8d3e5f6g7h9"},
    {"chains": [{"cnt": 3, "end": True, "index": 6, "o": example_key().name}]},
    {"chains": [{"cnt": 4, "end": False, "index": 6, "o": example_key().name}]},
    {"chains": [{"cnt": 4, "end": True, "index": 5, "o": example_key().name}]},
    {"chains": [{"cnt": 4, "end": True, "index": 6, "o": "audit.acme.example/gw2/2026"}]},
])
def test_a_manifest_that_says_something_else_is_bad(verify, tmp_path, changes):
    judged(verify, tmp_path, evidence().archive(**changes), 1)


@pytest.mark.parametrize("changes", [
    {"format": "interlock/evidence/2"}, {"more": 1}, {"run": "x"}, {"chains": []},
    {"chains": [{"cnt": 0, "end": True, "index": 6, "o": example_key().name}]},
    {"chains": [{"cnt": 4, "end": 1, "index": 6, "o": example_key().name}]},
])
def test_a_manifest_of_another_form_is_none(verify, tmp_path, changes):
    judged(verify, tmp_path, evidence().archive(**changes), 65)


def test_two_chains_are_of_two_logs(verify, tmp_path):
    made = evidence()
    files = made.files()
    chain = made.manifest(files)["chains"][0]
    two = {"chain/0.bin": files["chain/0.bin"], "chain/0.tlog-proof": files["chain/0.tlog-proof"],
           "chain/1.bin": files["chain/0.bin"], "chain/1.tlog-proof": files["chain/0.tlog-proof"]}
    files = {**two, **{name: data for name, data in files.items() if name not in two}}
    archive = tar({"manifest.json": canonical(made.manifest(files, chains=[chain, chain])), **files})
    assert "two chains of one log" in judged(verify, tmp_path, archive, 1)


def test_a_blob_that_opens_to_two_texts_does_not_open(verify, tmp_path):
    """The commitment decides, not the cipher: the same record with a blob for another text."""
    made = evidence()
    told, meant = Payload(b'{"amount_cents":9999}'), Payload(b'{"amount_cents":1250}')
    log = Log().genesis()
    run = Run(log)
    run.add("run.start")
    lie = {**told.commitment, "c": meant.commitment["c"]}
    intent = run.add("call.intent", call=CALL, dec="allow", args=lie)
    made = Evidence(log, [2, 3], openings=[told.opening(intent, "args")], blobs=[told.blob])
    judged(verify, tmp_path, made.archive(), 1)


def test_an_archive_in_another_form_is_no_bundle(verify, tmp_path):
    made = evidence()
    files = made.files()
    files = {"manifest.json": canonical(made.manifest(files)), **files}
    judged(verify, tmp_path, tar(files), 0)
    for header in ({"mtime": 1}, {"uid": 1}, {"uname": "root"}, {"mode": 0o755}, {"linkname": "x"}):
        judged(verify, tmp_path, tar(files, **header), 65)
    judged(verify, tmp_path, tar(files) + b"\0" * 512, 65)
    judged(verify, tmp_path, tar(files)[:-512], 65)
    judged(verify, tmp_path, tar({"../manifest.json": b"", **files}), 65)
    twice = tar(files)[:-1024] + tar({"VERIFY.txt": files["VERIFY.txt"]})
    judged(verify, tmp_path, twice, 1)
