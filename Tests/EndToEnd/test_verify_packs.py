"""`interlock-verify evidence` on evidence packs that a writer of the tests made; the verifier in Python must agree."""

import json
import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from judging import OTHER, WITNESS
from logwriter import Key, Log, b64, canonical, leaf_hash, root, sha256
from packwriter import BUILD, EVIDENCE, PERSON, POLICY, RELEASE, REVIEW, Pack, consistency, digest, envelope, lines, put, tar


@pytest.fixture
def check(verify, tmp_path):
    """Verifies a pack as a folder; `log` is a log beside it."""
    def run(files: dict[str, bytes], *words, expect: int = 0, log: Log | None = None) -> str:
        for name in ("pack", "log"):
            shutil.rmtree(tmp_path / name, ignore_errors=True)
        put(tmp_path / "pack", files)
        given = ("--log", log.write(tmp_path / "log")) if log else ()
        return verify("--vkey", Log().key.vkey, *given, *words, "evidence", tmp_path / "pack", expect=expect)

    return run


def test_a_pack_is_good_and_says_what_was_not_checked(check):
    said = check(Pack.sample().whole())
    assert "ok: 72 files, 24 controls (21 enforced, 2 gaps, 1 guidance), 15 records proved" in said
    assert "unverified: checkpoints: cosignatures" in said and "unverified: counts: no log was given" in said
    assert "unverified: signatures: `tests/release.json`" in said and "parts unverified" in said
    check(Pack.sample().whole(), "--strict", expect=3)


def test_a_log_makes_every_count_and_choice_again(check, tmp_path):
    pack = Pack.sample()
    said = check(pack.whole(), log=pack.log)
    assert "counts" not in said and "samples" not in said and "evals/refunds" not in said
    # The key of the release is in no log.
    assert said.count("unverified: signatures") == 1


def test_the_key_of_a_release_is_known_if_the_auditor_gives_it(check):
    pack = Pack.sample()
    files, unknown = pack.files(), "unverified: signatures: `{}`"
    assert "unverified: signatures" not in check(pack.whole(), "--vkey", RELEASE.vkey, log=pack.log)
    check(pack.whole(), "--vkey", RELEASE.vkey, "--strict", log=pack.log, expect=3)  # The cosignatures.
    other = Key(RELEASE.name, bytes(range(1, 33)))
    assert unknown.format("tests/release.json") in check(pack.whole(), "--vkey", other.vkey, log=pack.log)
    # It is known for the results of a release alone, and the key of a log is none of a release.
    also = {**files, "evals/refunds.dsse.json": envelope(b"{}", "eval-result", RELEASE)}
    assert unknown.format("evals/refunds.dsse.json") in check(pack.whole(also), "--vkey", RELEASE.vkey, log=pack.log)
    own = {**files, "tests/release.json": envelope(canonical(pack.release), "test-results", pack.log.key)}
    assert unknown.format("tests/release.json") in check(pack.whole(own), log=pack.log)


@pytest.mark.parametrize("key", [EVIDENCE, PERSON])
def test_a_deployment_that_signs_its_own_results_of_a_release_is_not_established(check, key):
    """Its log lists or enrols both keys, and each of them signs other files as well."""
    pack = Pack.sample()
    files = {**pack.files(), "tests/release.json": envelope(canonical(pack.release), "test-results", key)}
    said = check(pack.whole(files), "--vkey", RELEASE.vkey, log=pack.log)
    assert said.count("unverified: signatures") == 1 and "signatures: `tests/release.json`: whose key" in said


@pytest.mark.parametrize("name", [f"reviews/{REVIEW}.json", "trust/7.json"])
def test_the_evidence_key_signs_for_no_person(check, name):
    pack = Pack.sample()
    payload = canonical({"review": REVIEW, "v": 1})
    for key, expected in ((PERSON, 0), (EVIDENCE, 1)):
        files = {**pack.files(), name: envelope(payload, "review", key)}
        said = check(pack.whole(files), "--vkey", RELEASE.vkey, log=pack.log)
        assert said.count("unverified: signatures") == expected and (f"`{name}`: whose key" in said) == bool(expected)


def test_a_pack_of_a_log_that_grew_since_is_good(check, tmp_path):
    pack = Pack.sample()
    files = pack.whole()
    for _ in range(300):
        pack.log.add("log.tick", ts=1795219300000000)
    check(files, log=pack.log)


def test_a_quorum_is_required_of_the_end(check, verify, tmp_path):
    pack, trust = Pack.sample(), tmp_path / "trust"
    trust.write_text(f"log {pack.log.key.vkey}\nwitness w {WITNESS.vkey}\nquorum w\n")
    put(tmp_path / "pack", pack.whole())
    assert "the quorum is not met" in verify("--trust", trust, "evidence", tmp_path / "pack", expect=1)
    pack.log.cosigners = [WITNESS, OTHER]
    put(tmp_path / "pack", pack.whole())
    said = verify("--trust", trust, "evidence", tmp_path / "pack", expect=0)
    assert "2 are claimed, 1 are of witnesses in the trust file" in said


def test_the_checks_are_listed_as_json(binary, tmp_path):
    def listed(files: dict[str, bytes], code: int) -> tuple[dict, dict[str, str]]:
        folder = put(tmp_path / str(code), files)
        done = subprocess.run([binary.parent / "interlock-verify", "evidence", folder, "--vkey", Log().key.vkey, "--json"],
                              capture_output=True, text=True, timeout=60)
        assert done.returncode == code, done.stderr
        said = json.loads(done.stdout)
        return said, {one["check"]: one["result"] for one in said["checks"]}

    said, results = listed(Pack.sample().whole(), 0)
    assert said["verified"] is True and said["faults"] == []
    assert results.pop("counts") == results.pop("samples") == results.pop("signatures") == results.pop("checkpoints") == "unverified"
    assert set(results.values()) == {"passed"} and len(results) == 9
    said, results = listed(proof_of_another(Pack.sample()), 1)
    assert said["verified"] is False and said["faults"][0]["check"] == "records"
    assert results["records"] == "failed" and results["consistency"] == "passed" and results["counts"] == "not reached"


def test_many_notes_hide_no_later_one(binary, tmp_path):
    pack = Pack.sample()
    pack.controls["C09"]["counts"] += [{"check": f"of-a-later-version-{number}", "n": 0} for number in range(250)]
    folder, log = pack.write(tmp_path / "pack"), pack.log.write(tmp_path / "log")
    done = subprocess.run([binary.parent / "interlock-verify", "evidence", folder, "--log", log, "--vkey", pack.log.key.vkey, "--json"],
                          capture_output=True, text=True, timeout=60)
    said = json.loads(done.stdout)
    assert len(said["unverified"]) == 200 and {one["check"] for one in said["unverified"]} == {"checkpoints", "counts"}
    results = {one["check"]: one["result"] for one in said["checks"]}
    assert results["counts"] == results["signatures"] == "unverified" and results["files"] == "passed"


# The tamper table, docs/evidence.md, section 10.

def flip(files: dict[str, bytes], name: str, at: int) -> dict[str, bytes]:
    data = bytearray(files[name]) or bytearray(1)
    data[at] ^= 1
    return {**files, name: bytes(data)}


KINDS = ["controls/C05.json", "report.md", "report.html", "people.json", "tests/release.json", "tests/deployment.json",
         f"reviews/{REVIEW}.json", "evals/refunds.dsse.json", "frameworks/owasp-llm.json", "exceptions.json", "inventory.json",
         "verifier/README", "records/", "proofs/", "policy/", "checkpoint.start", "checkpoint.end", "consistency.proof", "seed.proof", "vkeys"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_flipped_byte_in_each_kind_of_file_is_named_with_both_digests(check, kind):
    files = Pack.sample().whole()
    name = next(one for one in sorted(files) if kind in one)
    changed = flip(files, name, len(files[name]) // 2)
    assert f"fault: files: `{name}`: expected {digest(files[name])}, found {digest(changed[name])}" in check(changed, expect=1)


def test_a_flipped_byte_of_the_manifest_is_refused(check):
    files, generator = Pack.sample().whole(), random.Random(7)
    for at in generator.sample(range(len(files["manifest.dsse.json"])), 40):
        assert "fault: manifest: `manifest.dsse.json`: " in check(flip(files, "manifest.dsse.json", at), expect=1)


def without(files: dict[str, bytes], name: str) -> dict[str, bytes]:
    return {one: data for one, data in files.items() if one != name}


def first(files: dict[str, bytes], folder: str) -> str:
    return next(name for name in sorted(files) if name.startswith(folder))


def dropped(pack: Pack) -> dict[str, bytes]:
    return without(pack.whole(), "controls/C05.json")


def dropped_and_signed(pack: Pack) -> dict[str, bytes]:
    del pack.controls["C05"]
    return pack.whole()


def added(pack: Pack) -> dict[str, bytes]:
    return {**pack.whole(), "controls/C25.json": b"{}"}


def added_and_signed(pack: Pack) -> dict[str, bytes]:
    pack.extra = {"notes.txt": b"nothing"}
    return pack.whole()


def swapped(pack: Pack) -> dict[str, bytes]:
    files = pack.whole()
    return {**files, "controls/C05.json": files["controls/C06.json"], "controls/C06.json": files["controls/C05.json"]}


def swapped_and_signed(pack: Pack) -> dict[str, bytes]:
    pack.extra = {"controls/C05.json": canonical(pack.controls["C06"])}
    return pack.whole()


def old_checkpoint(pack: Pack) -> dict[str, bytes]:
    pack.extra = {f"logs/{pack.origin}/checkpoint.end": pack.log.checkpoint(pack.start)}
    return pack.whole()


def foreign_start(pack: Pack) -> dict[str, bytes]:
    other = Log(entries=[*pack.log.entries[:5], b'{"node":"gw1","t":"log.tick","ts":1,"v":1}', *pack.log.entries[6:]])
    pack.extra = {f"logs/{pack.origin}/checkpoint.start": other.checkpoint(pack.start)}
    return pack.whole()


def other_key_of_the_log(pack: Pack) -> dict[str, bytes]:
    pack.log.key = Key(pack.origin, bytes(range(1, 33)))
    return pack.whole()


def foreign_leaf(pack: Pack) -> dict[str, bytes]:
    files = pack.files()
    name = first(files, "records/")
    entry = files[name].replace(b'"node":"gw1"', b'"node":"gw2"')
    hashed = leaf_hash(entry).hex()
    proof = files[f"proofs/{name[8:72]}.tlog-proof"]
    return pack.whole({**files, f"records/{hashed}.json": entry, f"proofs/{hashed}.tlog-proof": proof})


def another_leaf(pack: Pack) -> dict[str, bytes]:
    files = pack.files()
    name = first(files, "records/")
    return pack.whole({**files, name: files[name].replace(b'"node":"gw1"', b'"node":"gw2"')})


def proof_of_another(pack: Pack) -> dict[str, bytes]:
    files = pack.files()
    one, other = [name for name in sorted(files) if name.startswith("proofs/")][:2]
    return pack.whole({**files, one: files[other]})


def no_proof(pack: Pack) -> dict[str, bytes]:
    files = pack.files()
    return pack.whole(without(files, first(files, "proofs/")))


def foreign_evidence_key(pack: Pack) -> dict[str, bytes]:
    pack.key = PERSON
    return pack.whole()


def expired_key(pack: Pack) -> dict[str, bytes]:
    log = Log(entries=[entry.replace(b'"use":"evidence"', b'"until":1795200000000000,"use":"evidence"') for entry in pack.log.entries])
    return Pack(log, pack.start, release=pack.release, deployment=pack.deployment,
                controls={one: {**made, "samples": []} for one, made in pack.controls.items()}).whole()


def listed_again(pack: Pack) -> dict[str, bytes]:
    """The first listing has no end; the second one, in the period, had ended when the pack was built."""
    more = {"t": "key.listed", "use": "evidence", "vkey": EVIDENCE.vkey, "until": 1795200000000000}
    return Pack.sample(more=(more,)).whole()


def changed(control: str, **changes):
    def change(pack: Pack) -> dict[str, bytes]:
        pack.controls[control].update(changes)
        return pack.whole()
    return change


def claimed(**claims):
    def change(pack: Pack) -> dict[str, bytes]:
        pack.claims = claims
        return pack.whole()
    return change


def other_kind_of(name: str):
    def change(pack: Pack) -> dict[str, bytes]:
        pack.extra = {name: envelope(canonical(pack.release if "release" in name else pack.deployment), "review", RELEASE)}
        return pack.whole()
    return change


def other_build(pack: Pack) -> dict[str, bytes]:
    pack.release["build"] = "sha256:" + "11" * 32
    return pack.whole()


def other_test_build(pack: Pack) -> dict[str, bytes]:
    pack.controls["C05"]["tests"][0]["build"] = "sha256:" + "11" * 32
    return pack.whole()


def failed_test(pack: Pack) -> dict[str, bytes]:
    pack.release["tests"][4]["result"] = "fail"
    return pack.whole()


def no_such_test(pack: Pack) -> dict[str, bytes]:
    pack.release["tests"].pop(4)
    return pack.whole()


def stale_test(pack: Pack) -> dict[str, bytes]:
    pack.claims = {"built": "2026-11-27T03:00:00Z"}
    return pack.whole()


def other_time_of_a_test(pack: Pack) -> dict[str, bytes]:
    pack.controls["C05"]["tests"][1]["at"] = "2026-11-20T03:00:01Z"
    return pack.whole()


def self_test(**changes):
    def change(pack: Pack) -> dict[str, bytes]:
        pack.deployment.update(changes)
        return pack.whole()
    return change


def younger_self_test(pack: Pack) -> dict[str, bytes]:
    for made in pack.controls.values():
        for test in made["tests"]:
            if "at" in test:
                test["at"] = "2026-11-21T03:00:00Z"
    return self_test(at="2026-11-21T03:00:00Z")(pack)


def failed_self_test(pack: Pack) -> dict[str, bytes]:
    pack.deployment["tests"].append({"id": "C23-probe", "result": "pass"})
    return pack.whole()


def wrong_index(pack: Pack) -> dict[str, bytes]:
    pack.controls["C01"]["samples"][0]["index"] = "1"
    return pack.whole()


def wrong_kind(pack: Pack) -> dict[str, bytes]:
    for sample in pack.controls["C01"]["samples"]:
        sample["kind"] = "outcome"
    return pack.whole()


def no_review(pack: Pack) -> dict[str, bytes]:
    return pack.whole(without(pack.files(), f"reviews/{REVIEW}.json"))


def renamed_policy(pack: Pack) -> dict[str, bytes]:
    files = without(pack.files(), first(pack.files(), "policy/"))
    return pack.whole({**files, f"policy/{'11' * 32}.json": POLICY})


def forged_review(pack: Pack) -> dict[str, bytes]:
    genuine = json.loads(envelope(canonical({"review": REVIEW, "v": 1}), "review", PERSON))
    genuine["payload"] = b64(canonical({"review": REVIEW, "v": 2}))
    pack.extra = {f"reviews/{REVIEW}.json": canonical(genuine)}
    return pack.whole()


def other_form(pack: Pack) -> dict[str, bytes]:
    pack.extra = {"inventory.json": b"[ ]"}
    return pack.whole()


def twice_a_key(pack: Pack) -> dict[str, bytes]:
    pack.extra = {"people.json": b'{"a":1,"a":2}'}
    return pack.whole()


def other_framework(**changes):
    def change(pack: Pack) -> dict[str, bytes]:
        pack.extra = {"frameworks/owasp-llm.json": canonical({**pack.framework(), **changes})}
        return pack.whole()
    return change


def seeded(pack: Pack, size: int) -> dict[str, bytes]:
    """Draws by the seed of another tree of the log, with its proof."""
    hashes = pack.log.hashes
    pack.extra = {f"logs/{pack.origin}/seed.proof": lines(consistency(hashes, size))}
    pack.claims = {"seed_head": {"root": b64(root(hashes[:size])), "size": str(size)},
                   "sample_seed": sha256(b"interlock/evidence-seed/1" + root(hashes[:size])).hex()}
    return pack.whole()


def earlier_seed(pack: Pack) -> dict[str, bytes]:
    return seeded(pack, 60)


def later_seed(pack: Pack) -> dict[str, bytes]:
    pack.log.add("log.tick", ts=1795219201 * 1_000_000)
    files = pack.files()
    hashed = pack.log.hashes[74]
    pack.controls["C10"]["samples"] = []
    signed = seeded(pack, 75)
    more = {f"records/{hashed.hex()}.json": pack.log.entries[74], f"proofs/{hashed.hex()}.tlog-proof": pack.log.proof(74)}
    return pack.whole({**files, **without(signed, "manifest.dsse.json"), **more})


def seed_of_no_tree(pack: Pack) -> dict[str, bytes]:
    pack.claims = {"seed_head": {**pack.head(), "size": "60"}}
    return pack.whole()


def two_seeds(pack: Pack) -> dict[str, bytes]:
    pack.claims = {"seed": "given"}
    return pack.whole()


TAMPERED = {
    "a file dropped": (dropped, "files: `controls/C05.json`: the manifest lists it, but it is missing"),
    "a control dropped, signed": (dropped_and_signed, "controls: `controls/C05.json`: it is missing"),
    "a file added": (added, "files: `controls/C25.json`: the manifest does not list it"),
    "a file added, signed": (added_and_signed, "files: `notes.txt`: no pack has such a file"),
    "files swapped": (swapped, "files: `controls/C05.json`: expected sha256:"),
    "files swapped, signed": (swapped_and_signed, "form: `controls/C05.json`: it is of the control `C06`"),
    "an old checkpoint": (old_checkpoint, "checkpoint.end`: expected size 74, root"),
    "a fork before the start": (foreign_start, "consistency.proof`: the log of size 74 does not extend that of size 11"),
    "another key of the log": (other_key_of_the_log, "it has no signature of a trusted key of its log"),
    "a foreign leaf": (foreign_leaf, "the record does not stand at this place of the log"),
    "a leaf of another hash": (another_leaf, "records: `records/"),
    "the proof of another record": (proof_of_another, "the record does not stand at this place of the log"),
    "no proof": (no_proof, ".tlog-proof`: it is missing"),
    "a foreign evidence key": (foreign_evidence_key, "manifest.dsse.json`: no record of the log lists its key"),
    "an expired evidence key": (expired_key, "manifest.dsse.json`: its key had expired when it was signed"),
    "an evidence key with a newer end": (listed_again, "manifest.dsse.json`: its key had expired when it was signed"),
    "a pack older than its records": (claimed(built="2026-11-20T23:59:59Z"), "manifest.dsse.json`: it states that it was built before"),
    "a gap removed": (changed("C23", gaps=[]), "controls: `controls/C23.json`: it is a gap, and does not say which"),
    "a gap that is none": (changed("C23", status="enforced at decide"), "controls: `controls/C23.json`: it is enforced, and not"),
    "a gap of an enforced control": (changed("C05", gaps=[{"text": "One."}]), "controls: `controls/C05.json`: it is enforced, and states a gap"),
    "an enforced control with calls past its approvals": (
        changed("C05", counts=[{"check": "outcome-without-approval-used", "n": 2}]),
        "C05.json`: it is enforced, and `outcome-without-approval-used` found 2 records"),
    **{f"an enforced control with {kind}": (changed("C08", counts=[{"leaf": {"t": kind}, "n": 1}]),
                                            f"C08.json`: it is enforced, and 1 records `{kind}` contradict it")
       for kind in ("kill.violation", "run.degraded", "redaction.failed")},
    "a gap less in the summary": (claimed(summary={"enforced": 22, "gap": 1, "guidance": 1}),
                                  "manifest.dsse.json`: expected enforced, gap, guidance"),
    "another seed": (claimed(sample_seed="11" * 32), "samples: `manifest.dsse.json`: expected seed"),
    "an earlier seed": (earlier_seed, "the record 59, which completes the tree of the seed, is not in the pack, or not from"),
    "a later seed": (later_seed, "the record 74 is not the first after the period: the one before is"),
    "a seed of no tree": (seed_of_no_tree, "seed.proof`: the log does not begin with the tree of the seed"),
    "two origins of the seed": (two_seeds, "manifest: `manifest.dsse.json`: its policies, logs or seed are malformed"),
    "a policy that is not there": (claimed(policy=["sha256:" + "11" * 32]), "its policies are not those of `policy/`"),
    "a policy of another digest": (renamed_policy, f"policies: `policy/{'11' * 32}.json`: expected {'11' * 32}"),
    "a policy of a control": (changed("C05", policy=["sha256:" + "11" * 32]), "C05.json`: it names the policy 1111"),
    "another build of the release": (other_build, f"build: `tests/release.json`: expected {BUILD}, found sha256:1111"),
    "another build of a test": (other_test_build, f"build: `controls/C05.json`: expected {BUILD}, found sha256:1111"),
    "results of a release of another kind": (other_kind_of("tests/release.json"), "signatures: `tests/release.json`: it is a statement of"),
    "results of a self-test of another kind": (other_kind_of("tests/deployment.json"), "`tests/deployment.json`: it is a statement of"),
    "a test that failed": (failed_test, "C05.json`: it states another result of the test `C05Tests`"),
    "a test without a result": (no_such_test, "C05.json`: it names the test `C05Tests`, of which the pack has no result"),
    "a self-test of 7 days": (stale_test, "C01.json`: it is enforced without a passed test of the release"),
    "another time of a test": (other_time_of_a_test, "C05.json`: it states another time of the test `C05-probe`"),
    "a self-test made younger": (younger_self_test, "controls: `tests/deployment.json`: its record is of another time"),
    "a self-test of another record": (self_test(index="71"), "`tests/deployment.json`: the record of its self-test is not in the pack"),
    "a self-test of no record": (self_test(leaf="sha256:" + "11" * 32), "`tests/deployment.json`: the record of its self-test is not in"),
    "a self-test without a time": (self_test(at=""), "signatures: `tests/deployment.json`: it names no record of a self-test"),
    "a test that failed by the record of the self-test": (
        failed_self_test, "controls: `tests/deployment.json`: the test `C23-probe` failed by its record"),
    "a sample at another index": (wrong_index, "C01.json`: the record"),
    "a sample of another kind": (wrong_kind, "is no sample `outcome` of it"),
    "a review that is not there": (no_review, f"C05.json`: it names the review `{REVIEW}`"),
    "a review signed for other words": (forged_review, f"signatures: `reviews/{REVIEW}.json`: the signature of the key"),
    "a document of two forms": (other_form, "form: `inventory.json`: it is not in canonical form"),
    "a key twice": (twice_a_key, "form: `people.json`: it is not in canonical form"),
    "another edition": (other_framework(edition="2025"), "frameworks: `frameworks/owasp-llm.json`: it is of another edition"),
    "a status of no meaning": (other_framework(status="certified"), "its status is neither `checked` nor `not verified`"),
    "a control that no item names": (changed("C09", frameworks={"owasp-llm": ["LLM03"]}), "`LLM03` of `owasp-llm` does not name"),
    "a framework that is not there": (changed("C09", frameworks={"x": ["1"]}), "it names `x`, which the pack does not have"),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_each_edit_of_the_pack_has_its_own_message(check, name):
    change, message = TAMPERED[name]
    said = check(change(Pack.sample()), expect=1)
    assert message in said and said.count("fault: ") == 1


def nicer_sample(pack: Pack) -> dict[str, bytes]:
    named = {sample["leaf"][7:] for sample in pack.controls["C01"]["samples"]}
    for index, one in pack.population():
        hashed = leaf_hash(pack.log.entries[index]).hex()
        if one["t"] == "call.intent" and hashed not in named:
            pack.controls["C01"]["samples"][1] = {"index": str(index), "kind": "allowed", "leaf": "sha256:" + hashed}
            return pack.whole()
    raise AssertionError("no other record")


def fewer_samples(pack: Pack) -> dict[str, bytes]:
    pack.controls["C16"]["samples"].pop()
    return pack.whole()


def count_off(pack: Pack) -> dict[str, bytes]:
    pack.controls["C09"]["counts"][0]["n"] += 1
    return pack.whole()


def rule_off(pack: Pack) -> dict[str, bytes]:
    pack.controls["C23"]["counts"][1]["n"] = 1
    return pack.whole()


WITH_THE_LOG = {
    "a count off by one": (count_off, "counts: `controls/C09.json`: expected a count of 4 records, found 5"),
    "a rule off by one": (rule_off, "`controls/C23.json`: expected `outcome-without-approval-used` 0, found 1"),
    "a nicer sample": (nicer_sample, "counts: `controls/C01.json`: expected the sample"),
    "a sample less": (fewer_samples, "counts: `controls/C16.json`: expected the sample"),
}


@pytest.mark.parametrize("name", WITH_THE_LOG)
def test_what_the_pack_alone_does_not_show_the_log_does(check, name):
    change, message = WITH_THE_LOG[name]
    pack = Pack.sample()
    files = change(pack)
    check(files)
    assert message in check(files, log=pack.log, expect=1)


def test_a_log_that_is_truncated_forked_or_another_is_refused(check, tmp_path):
    pack = Pack.sample()
    files = pack.whole()
    assert "it has size 74, but the log ends at 60" in check(files, log=Log(entries=pack.log.entries[:60]), expect=1)
    forked = [*pack.log.entries[:-1], b'{"node":"gw1","t":"log.tick","ts":1,"v":1}']
    assert "does not extend" in check(files, log=Log(entries=forked), expect=1)
    other = Log(key=Key("audit.acme.example/gw2/2026", bytes(range(32)))).genesis()
    check(files, "--vkey", other.key.vkey, log=other, expect=(64, 65))


def test_counts_of_a_rule_that_this_version_does_not_know_are_not_passed(check):
    pack = Pack.sample()
    pack.controls["C09"]["counts"].append({"check": "of-a-later-version", "n": 0})
    pack.controls["C09"]["counts"].append({"decisions": 9, "differ": 0, "replay": "R1"})
    said = check(pack.whole(), log=pack.log)
    assert "unverified: counts: `controls/C09.json`: this version has no rule `of-a-later-version`" in said
    assert "the replay `R1` needs the keys of the payloads" in said


def test_a_seed_that_an_auditor_gave_is_not_passed(check):
    pack = Pack.sample()
    pack.seed = bytes(range(32))
    pack.controls = {one: pack.control(one) for one in pack.controls}
    assert "unverified: samples: the seed was given by a person" in check(pack.whole(), log=pack.log)


def test_a_seed_of_the_end_of_the_log_is_not_passed(check):
    """Its builder can choose the end."""
    pack = Pack.sample()
    files = without(pack.files(), f"logs/{pack.origin}/seed.proof")
    manifest = pack.manifest(files)
    del manifest["seed_head"]
    manifest["sample_seed"] = sha256(b"interlock/evidence-seed/1" + root(pack.log.hashes)).hex()
    signed = {**files, "manifest.dsse.json": envelope(canonical(manifest), "evidence", pack.key)}
    assert "unverified: samples: the seed follows from the end of the log" in check(signed)


def test_runs_of_evals_are_counted_apart(check):
    pack = Pack.sample()
    assert pack.controls["C09"]["counts"][0]["n"] == 4
    assert sum(json.loads(entry)["t"] == "call.denied" for entry in pack.log.entries) == 6
    check(pack.whole(), log=pack.log)


# Archives and folders.

def archived(verify, tmp_path, archive: bytes, expect: int | tuple[int, ...], *words) -> str:
    (tmp_path / "pack.tar").write_bytes(archive)
    return verify("--vkey", Log().key.vkey, *words, "evidence", tmp_path / "pack.tar", expect=expect)


def test_an_archive_is_as_good_as_a_folder(verify, tmp_path):
    pack = Pack.sample()
    log = pack.log.write(tmp_path / "log")
    archived(verify, tmp_path, tar(pack.whole()), 0, "--log", log)
    # It is recognised without the word.
    verify("--vkey", pack.log.key.vkey, tmp_path / "pack.tar", expect=0)
    verify("--vkey", pack.log.key.vkey, put(tmp_path / "folder", pack.whole()), expect=0)


def test_archives_of_another_form_are_refused(verify, tmp_path):
    files = Pack.sample().whole()
    items, data = sorted(files.items()), tar(files)
    for name in ("../report.md", "/report.md", "controls/../report.md", "a//b", "./report.md", "a\\b", "controls/"):
        archived(verify, tmp_path, tar([(name, b""), *items]), 65)
    archived(verify, tmp_path, tar([*items, items[-1]]), 65)
    archived(verify, tmp_path, tar(items[::-1]), 65)
    for header in ({"mtime": 1}, {"mode": 0o755}, {"uid": 1}, {"uname": "root"}, {"linkname": "x"}, {"type": b"2"}, {"type": b"5"}):
        archived(verify, tmp_path, tar(files, **header), 65)
    for other in (data[:-512], data + bytes(512), data[:5000], b"", b"\x1f\x8b" + data):
        archived(verify, tmp_path, other, 65)
    archived(verify, tmp_path, tar(without(files, "manifest.dsse.json")), 65)


def test_an_archive_that_claims_more_than_it_has_is_refused(verify, tmp_path):
    """A header of 8 GiB, and a hole of 300 MB."""
    claims = tar([("report.md", b"")])[:512]
    huge = bytearray(claims)
    huge[124:135] = b"77777777777"
    huge[148:156] = b" " * 8
    huge[148:156] = b"%06o\0 " % sum(huge)
    archived(verify, tmp_path, bytes(huge) + bytes(4096), 65)
    size = 300 << 20
    hole = bytearray(claims)
    hole[124:135] = b"%011o" % size
    hole[148:156] = b" " * 8
    hole[148:156] = b"%06o\0 " % sum(hole)
    with (tmp_path / "pack.tar").open("wb") as file:
        file.write(hole)
        file.truncate(512 + size + 1024)
    verify("--vkey", Log().key.vkey, "evidence", tmp_path / "pack.tar", expect=65)


def test_folders_with_links_pipes_or_names_of_another_form_are_refused(verify, tmp_path):
    files = Pack.sample().whole()
    def refused(name: str, change) -> None:
        folder = put(tmp_path / name, files)
        change(folder)
        verify("--vkey", Log().key.vkey, "evidence", folder, expect=65)

    refused("link", lambda folder: (folder / "notes").symlink_to("report.md"))
    refused("linked", lambda folder: ((folder / "report.md").unlink(), (folder / "report.md").symlink_to("/etc/passwd")))
    refused("folder", lambda folder: (folder / "more").symlink_to("controls"))
    refused("pipe", lambda folder: os.mkfifo(folder / "pipe"))
    refused("space", lambda folder: (folder / "a b").write_text(""))
    refused("long", lambda folder: (folder / ("a" * 100)).write_text(""))
    refused("no-text", lambda folder: Path(os.fsdecode(os.fsencode(folder) + b"/\xff")).write_text(""))
    refused("hole", lambda folder: os.truncate(folder / "report.md", 300 << 20))
    refused("none", lambda folder: (folder / "manifest.dsse.json").unlink())


@pytest.mark.parametrize("words, code", [
    (["evidence"], 64), (["evidence", "{pack}", "{pack}"], 64), (["evidence", "{pack}", "--payloads", "{pack}"], 64),
    (["evidence", "{pack}", "--people", "{pack}/report.md"], 64), (["evidence", "{pack}", "--tree-only"], 64),
    (["evidence", "{pack}", "--old-checkpoint", "{pack}/report.md"], 64), (["evidence", "{pack}/none"], 66),
    (["evidence", "{pack}", "--log", "{pack}"], 66), (["evidence", "{pack}", "--min-size", "x"], 64),
    (["evidence", "{pack}", "--min-size", "75"], 1), (["evidence", "{pack}", "--min-size", "74"], 0),
    (["evidence", "{pack}/report.md"], 65), (["{log}", "--log", "{log}"], 64), (["{log}", "--json"], 64),
])
def test_each_misuse_has_its_exit_code(verify, tmp_path, words, code):
    pack = Pack.sample()
    folder, log = pack.write(tmp_path / "pack"), pack.log.write(tmp_path / "log")
    path = [word.format(pack=folder, log=log) for word in words]
    verify("--vkey", pack.log.key.vkey, *path, expect=code)


def test_a_pack_is_verified_in_an_empty_network_namespace(binary, tmp_path):
    """Neither a network nor any file but the program's libraries, the pack and the log is needed."""
    pack = Pack.sample()
    folder, log = pack.write(tmp_path / "pack"), pack.log.write(tmp_path / "log")
    command = [binary.parent / "interlock-verify", "evidence", folder, "--log", log, "--vkey", pack.log.key.vkey]
    done = subprocess.run(["unshare", "-Urn", *command], capture_output=True, text=True, timeout=60, env={})
    if "unshare" in done.stderr:
        pytest.skip("there is no network namespace here")
    assert done.returncode == 0 and done.stdout.startswith("ok: "), done.stderr


def test_the_scope_of_agents_narrows_the_counts(check):
    pack = Pack.sample()
    pack.claims = {"scope": {"agents": ["another"], "org": "acme"}}
    pack.controls = {one: {**made, "samples": [], "counts": []} for one, made in pack.controls.items()}
    check(pack.whole(), log=pack.log)
    pack.controls["C09"]["counts"] = [{"leaf": {"t": "call.denied"}, "n": 0}]
    check(pack.whole(), log=pack.log)


def test_a_violation_of_a_halt_is_in_the_counts_of_each_agent(check):
    """Its record names no agent."""
    pack = Pack.sample(agents=("another",), more=({"t": "kill.violation"},))
    pack.controls["C09"]["counts"] = [{"leaf": {"t": "kill.violation"}, "n": 0}]
    assert "expected a count of 1 records, found 0" in check(pack.whole(), log=pack.log, expect=1)
    pack.controls["C09"].update(status="gap", gaps=[{"text": "One."}], counts=[{"leaf": {"t": "kill.violation"}, "n": 1}])
    check(pack.whole(), log=pack.log)


@pytest.mark.parametrize("agents", [(), ("refunds",), ("interlock-drill-http",)])
def test_canaries_of_drills_and_self_tests_are_counted_apart(check, agents):
    pack = Pack.sample(agents=agents, more=({"t": "call.denied", "agent": "interlock-drill-http", "cnt": 1, "code": "policy.no_grant"},))
    check(pack.whole(), log=pack.log)
    pack.controls["C09"]["counts"][0]["n"] += 1
    assert "`controls/C09.json`: expected a count of" in check(pack.whole(), log=pack.log, expect=1)


def test_an_evidence_key_may_sign_until_it_expires(check):
    pack = Pack.sample()
    entries = [entry.replace(b'"use":"evidence"', b'"until":1795900000000000,"use":"evidence"') for entry in pack.log.entries]
    later = Pack(Log(entries=entries), pack.start, release=pack.release, deployment=pack.deployment, controls=pack.controls)
    later.controls = {one: {**made, "samples": []} for one, made in pack.controls.items()}
    check(later.whole())


def test_interlock_evidence_verify_is_the_same_check(binary, tmp_path):
    pack = Pack.sample()
    folder, log = pack.write(tmp_path / "pack"), pack.log.write(tmp_path / "log")

    def verified(*words) -> subprocess.CompletedProcess:
        return subprocess.run([binary, "evidence", "verify", *words], capture_output=True, text=True, timeout=60, cwd=tmp_path)

    key = ("--vkey", pack.log.key.vkey)
    done = verified(folder, *key, "--log", log)
    assert done.returncode == 0 and done.stdout.startswith("ok: 72 files"), done.stderr
    assert verified(folder, *key, "--strict").returncode == 3
    assert json.loads(verified(folder, *key, "--json").stdout)["verified"] is True
    assert verified(folder, *key, "--min-size", "75").returncode == 1
    (folder / "report.md").write_text("# Nicer\n")
    done = verified(folder, *key)
    assert done.returncode == 1 and "`report.md`: expected sha256:" in done.stderr
    assert verified(tmp_path / "none", *key).returncode == 66
