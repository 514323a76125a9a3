"""`interlock-verify evidence` on evidence packs that a writer of the tests made; the verifier in Python must agree."""

import json
import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from judging import OTHER, WITNESS
from logwriter import Key, Log, canonical, root, sha256
from packtampering import KINDS, TAMPERED, WITH_THE_LOG, flip, proof_of_another, without
from packpasskeys import OTHER_PASSKEY, PASSKEY, STATEMENTS, passkey_pack
from packwriter import EVIDENCE, OF_A_DRILL, PERSON, RELEASE, REVIEW, Pack, digest, envelope, put, tar


@pytest.fixture
def check(verify, tmp_path):
    """Verifies a pack as a folder, with `log` if one is given."""
    def run(files: dict[str, bytes], *words, expect: int = 0, log: Log | None = None) -> str:
        for name in ("pack", "log"):
            shutil.rmtree(tmp_path / name, ignore_errors=True)
        put(tmp_path / "pack", files)
        given = ("--log", log.write(tmp_path / "log")) if log else ()
        return verify("--vkey", Log().key.vkey, *given, *words, "evidence", tmp_path / "pack", expect=expect)

    return run


def test_a_pack_is_good_and_says_what_was_not_checked(check):
    said = check(Pack.sample().whole())
    assert "ok: 75 files, 24 controls (21 enforced, 2 gaps, 1 guidance), 15 records proved" in said
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


def test_a_passkey_is_known_by_the_record_that_enrols_it(check):
    """The record is in the pack, so its holder is known without the log; without it, or with another passkey's, it is not."""
    assert "whose passkey" not in check(passkey_pack().whole())
    assert "whose passkey" not in check(passkey_pack().whole(), log=passkey_pack().log)
    for enrolled in (None, PASSKEY.enrolment(cred=OTHER_PASSKEY.enrolment()["key"])):
        said = check(passkey_pack(enrolled=enrolled).whole())
        assert "unverified: signatures: `trust/7.json`: whose passkey" in said


@pytest.mark.parametrize("name", STATEMENTS)
def test_the_log_enrols_a_passkey_with_another_key_than_the_pack_states(check, name):
    """The pack lacks the record of the enrolment."""
    pack = passkey_pack((name,), by=OTHER_PASSKEY)
    hashed = next(hashed for hashed, entry in zip(pack.log.hashes, pack.log.entries) if b'"kind":"passkey"' in entry).hex()
    files = without(without(pack.files(), f"records/{hashed}.json"), f"proofs/{hashed}.tlog-proof")
    assert f"`{name}`: whose passkey" in check(pack.whole(files))
    assert f"counts: `{name}`: it states another key of a passkey" in check(pack.whole(files), log=pack.log, expect=1)


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


@pytest.mark.parametrize("name", TAMPERED)
def test_each_edit_of_the_pack_has_its_own_message(check, name):
    change, message = TAMPERED[name]
    said = check(change(Pack.sample()), expect=1)
    assert message in said and said.count("fault: ") == 1


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


@pytest.mark.parametrize("record", OF_A_DRILL, ids=lambda one: one["t"])
def test_what_a_drill_did_without_naming_its_canaries_is_counted_apart(check, record):
    pack = Pack.sample(more=OF_A_DRILL)
    kind = {"t": record["t"]}
    pack.controls["C08"]["counts"] = [pack.count(kind)]
    pack.controls["C20"]["samples"] = pack.chosen("C20")
    assert pack.count(kind)["n"] == (1 if record["t"] == "policy.loaded" else 0)
    check(pack.whole(), log=pack.log)
    pack.controls["C08"]["counts"][0]["n"] += 1
    assert "`controls/C08.json`: expected a count of" in check(pack.whole(), log=pack.log, expect=1)


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
    assert done.returncode == 0 and done.stdout.startswith("ok: 75 files"), done.stderr
    assert verified(folder, *key, "--strict").returncode == 3
    assert json.loads(verified(folder, *key, "--json").stdout)["verified"] is True
    assert verified(folder, *key, "--min-size", "75").returncode == 1
    (folder / "report.md").write_text("# Nicer\n")
    done = verified(folder, *key)
    assert done.returncode == 1 and "`report.md`: expected sha256:" in done.stderr
    assert verified(tmp_path / "none", *key).returncode == 66
