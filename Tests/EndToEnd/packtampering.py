"""Edits of an evidence pack that a writer of the tests made, by an operator who has every key and may lie (docs/evidence.md,
section 10). Those of a pack that the program built are in packedits.py."""

import json

from logwriter import Key, Log, b64, canonical, leaf_hash, root, sha256
from packpasskeys import BY_PASSKEY
from packwriter import BUILD, EVIDENCE, PERSON, POLICY, RELEASE, REVIEW, Pack, consistency, envelope, lines


def flip(files: dict[str, bytes], name: str, at: int) -> dict[str, bytes]:
    data = bytearray(files[name]) or bytearray(1)
    data[at] ^= 1
    return {**files, name: bytes(data)}


KINDS = ["controls/C05.json", "README.md", "report.md", "report.html", "people.json", "agents.json", "roles.json", "tests/release.json", "tests/deployment.json",
         f"reviews/{REVIEW}.json", "evals/refunds.dsse.json", "frameworks/owasp-llm.json", "exceptions.json", "inventory.json",
         "verifier/README", "records/", "proofs/", "policy/", "checkpoint.start", "checkpoint.end", "consistency.proof", "seed.proof", "vkeys"]


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


# Each edit with its message.
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
    "an earlier review that is not there": (
        changed("C05", reviewer={"on": "2026-11-20", "review": REVIEW, "who": "p", "earlier": ["01kaf2c0"]}),
        "C05.json`: it names the review `01kaf2c0`"),
    "a reviewer of another form": (changed("C05", reviewer={"review": REVIEW, "earlier": [1]}), "C05.json`: its reviewer is malformed"),
    "a review signed for other words": (forged_review, f"signatures: `reviews/{REVIEW}.json`: the signature of the key"),
    "a document of two forms": (other_form, "form: `inventory.json`: it is not in canonical form"),
    "a key twice": (twice_a_key, "form: `people.json`: it is not in canonical form"),
    "another edition": (other_framework(edition="2025"), "frameworks: `frameworks/owasp-llm.json`: it is of another edition"),
    "a status of no meaning": (other_framework(status="certified"), "its status is neither `checked` nor `not verified`"),
    "a control that no item names": (changed("C09", frameworks={"owasp-llm": ["LLM03"]}), "`LLM03` of `owasp-llm` does not name"),
    "a framework that is not there": (changed("C09", frameworks={"x": ["1"]}), "it names `x`, which the pack does not have"),
    **BY_PASSKEY,
}


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


# Edits that the pack alone does not show, but its log does.
WITH_THE_LOG = {
    "a count off by one": (count_off, "counts: `controls/C09.json`: expected a count of 4 records, found 5"),
    "a rule off by one": (rule_off, "`controls/C23.json`: expected `outcome-without-approval-used` 0, found 1"),
    "a nicer sample": (nicer_sample, "counts: `controls/C01.json`: expected the sample"),
    "a sample less": (fewer_samples, "counts: `controls/C16.json`: expected the sample"),
}
