"""`interlock audit verify` and `audit prove`: on the log of real calls, and on every log of the tests of
`interlock-verify`, which shares no code with it; both must agree."""

import json
import re
import shutil
import subprocess

import pytest

import test_interlock_verify
import test_verify_records
from judging import judge, sample
from logwriter import Key, Log, b64, canonical, example_key, leaf_hash, read

# The same tests with the other program in place of the small verifier.
ON_LOGS = """
    test_the_worked_example_of_the_page_is_a_good_log test_a_log_of_any_size_is_good
    test_a_log_with_three_levels_of_tiles_is_good test_an_empty_log_of_another_program_is_good
    test_every_size_of_a_log_that_tessera_wrote_is_good test_a_log_under_another_key_or_name_is_bad
    test_the_quorum_of_the_trust_file_is_asked_for test_a_trust_file_with_a_fault_is_no_trust_file
    test_a_known_witness_that_fails_makes_the_checkpoint_bad test_an_old_checkpoint_is_read_like_any_other
    test_strict_wants_an_old_checkpoint_and_a_quorum
    test_older_partial_tiles_are_checked_and_may_be_there
    test_a_full_tile_stands_for_a_partial_one_that_was_removed
    test_a_pruned_log_is_good_when_it_is_said_to_be_pruned
"""
ON_RECORDS = """
    test_a_record_that_breaks_a_rule_is_bad_though_it_is_signed test_a_record_at_the_edge_of_the_rules_is_good
    test_a_late_outcome_follows_an_unknown_call_once
"""
for module, names in ((test_interlock_verify, ON_LOGS), (test_verify_records, ON_RECORDS)):
    globals().update({name: getattr(module, name) for name in names.split()})


@pytest.fixture(scope="session")
def verify(binary, tmp_path_factory):
    """Like the fixture of the small verifier, but in a folder without a deployment."""
    nowhere = tmp_path_factory.mktemp("nowhere")

    def run(*words, expect: int | tuple[int, ...]) -> str:
        done = judge([binary, "audit", "verify", *words], expect, cwd=nowhere)
        return done.stdout + done.stderr

    return run


def test_a_foreign_folder_needs_a_key_from_outside(verify, tmp_path):
    log = sample().write(tmp_path / "log")
    assert "--vkey" in verify(log, expect=64)
    verify(log, "--vkey", example_key().vkey, expect=0)
    verify(log, "--vkey", "no key", expect=64)
    (tmp_path / "empty").mkdir()
    verify(tmp_path / "empty", "--vkey", example_key().vkey, expect=66)
    verify(log, "--vkey", example_key().vkey, "--min-size", "many", expect=64)
    verify(log, "--vkey", example_key().vkey, "--old-checkpoint", tmp_path / "none", expect=66)


def test_the_words_are_those_of_the_specification(verify, tmp_path):
    log = sample(11)
    folder = log.write(tmp_path / "log")
    (tmp_path / "monday.checkpoint").write_bytes(log.checkpoint(4))
    said = verify(folder, "--vkey", log.key.vkey, "--old-checkpoint", tmp_path / "monday.checkpoint", expect=0)
    assert re.fullmatch(
        r"ok: 11 entries, root [A-Za-z0-9+/]{43}=, extends \S*/monday\.checkpoint \(size 4\)\n"
        r"warning: no quorum in the trust file: cosignatures were not required\n", said)
    assert "no outside memory: rewriting history cannot be detected" in verify(
        folder, "--vkey", log.key.vkey, expect=0)


@pytest.mark.requirement("R098")
def test_the_log_of_real_calls_is_good_for_both_verifiers(organisation, binary, tmp_path):
    made = organisation()
    session = made.session("support-triage")
    for text in ("lamp", "invoice"):
        session.call("tickets__search", text=text)
    session.call("crm__delete_customer", id="C-77")
    made.gateway.stop()
    gateway, ledger = made.gateway, made.gateway.folder / "state" / "ledger"
    done = gateway.run("audit", "verify", "--payloads", "--json")
    found = json.loads(done.stdout)
    assert found["good"] and found["payloads"] > 0 and found["published"] == found["entries"]
    vkey = json.loads(gateway.run("audit", "show", "0", "--raw", "--log", str(ledger)).stdout)["vkey"]
    log = tmp_path / "log"
    shutil.copytree(ledger / "log", log)
    for words in ([binary, "audit", "verify"], [binary.parent / "interlock-verify"]):
        said = subprocess.run([*words, log, "--vkey", vkey], capture_output=True, text=True, timeout=120)
        assert said.returncode == 0 and said.stdout.startswith(f"ok: {found['entries']} entries"), said.stderr

    # Each record's proof is self-contained.
    for index in (0, found["entries"] // 2, found["entries"] - 1):
        record = gateway.run("audit", "show", str(index), "--raw", "--log", str(log), "--vkey", vkey).stdout
        (tmp_path / "leaf").write_text(record)
        proof = tmp_path / f"{index}.tlog-proof"
        gateway.run("audit", "prove", str(index), "--log", str(log), "--vkey", vkey, "-o", str(proof))
        small_one = [binary.parent / "interlock-verify", proof, tmp_path / "leaf", "--vkey", vkey]
        assert subprocess.run(small_one, capture_output=True, timeout=60).returncode == 0
        bare = gateway.run("audit", "prove", str(index), "--log", str(log), "--vkey", vkey, "--no-header").stdout
        assert proof.read_text() == "c2sp.org/tlog-proof@v1\n" + bare
        again = gateway.run("audit", "prove", str(index), "--log", str(log), "--vkey", vkey, "-o", str(proof),
                            check=False)
        assert again.returncode == 73

    # The checkpoint of a frame is a signed checkpoint, too: the newest one extends it.
    older, newest = tmp_path / "older", log / "checkpoint"
    text = gateway.run("audit", "prove", "0", "--size", "1", "--log", str(ledger), "--vkey", vkey).stdout
    older.write_text(text.split("\n\n", 1)[1])
    body = tmp_path / "body"
    said = gateway.run("audit", "prove", "--from", str(older), "--to", str(newest), "--log", str(log), "--vkey", vkey,
                       "-o", str(body)).stdout
    assert said.startswith("ok: ") and body.read_text().startswith("old 1\n")
    assert body.read_bytes().endswith(newest.read_bytes())
    wrong = gateway.run("audit", "prove", "--from", str(newest), "--to", str(older), "--log", str(log), "--vkey", vkey,
                        check=False)
    assert wrong.returncode == 64


def test_a_view_of_a_proof_is_itself_recorded(organisation):
    made = organisation()
    made.session("support-triage").call("tickets__search", text="lamp")
    made.gateway.run("audit", "prove", "1")
    made.gateway.stop()
    assert [record["kind"] for record in made.gateway.records() if record["t"] == "export.made"] == ["prove"]


OTHER_RUN = "01kag0q9v4x2m7c8d3e5f6g7h9"
# What is said of the log whose decision is of another call, agent or run: changed fields of the decision alone, or of
# every record of its run; what `audit verify --payloads` says; and the field in which `audit replay` finds a difference.
LIES = {
    "another tool": ({"tool": "tickets__search"}, False, "`tool` is not the one of the decision's sealed input", "tool"),
    "another agent": ({"agent": "refunds"}, True, "`agent` is not the one of the decision's sealed input", "agent"),
    "another run": ({"run": OTHER_RUN}, True, "so the decision's sealed input is not of it", None),
    "another class of tool": ({"risk": "read"}, False, None, "risk"),
}


@pytest.mark.requirement("R097", "R155")
@pytest.mark.parametrize("name", LIES)
def test_a_decision_that_its_sealed_input_does_not_know_is_bad(organisation, name):
    """The log is written anew with its own key around a refusal of another call; the input is sealed with the key of
    its run. Verifiers without the keys of runs cannot notice."""
    lie, is_of_the_run, said, field = LIES[name]
    made = organisation(servers=("tickets", "crm"))
    made.session("support-triage").call("crm__delete_customer", id="C-77")
    made.gateway.stop()
    log, state = made.gateway.folder / "state/ledger/log", made.gateway.folder / "state"
    words = ("audit", "verify", str(log), "--payloads")
    replay = ("audit", "replay", "--since", "2020-01-01T00:00:00Z", "--log", str(log), "--json")
    assert "ok:" in made.gateway.run(*words).stdout and made.gateway.run(*replay).returncode == 0
    entries = [json.loads(one) for one in read(log)]
    key = Key((log / "checkpoint").read_text().split("\n")[0], (state / "keys/log.key").read_bytes())
    denied = next(one for one in entries if one["t"] == "call.denied" and "in" in one)
    run = denied["run"]
    for record in entries:
        if record is denied or is_of_the_run and record.get("run") == run:
            record.update(lie)
    forged, links = [], {}
    for entry, record in zip(read(log), entries):
        if record.get("prev") in links:
            record["prev"] = links[record["prev"]]
        links[b64(leaf_hash(entry))] = b64(leaf_hash(canonical(record)))
        forged.append(canonical(record))
    shutil.rmtree(log)
    Log(key, forged).write(log)
    shutil.copyfile(log / "checkpoint", state / "guard.checkpoint")
    plain = made.gateway.run("audit", "verify", str(log), check=False)
    assert plain.returncode == 0, plain.stderr
    refused = made.gateway.run(*words, check=False)
    assert (refused.returncode, said is None or said in refused.stderr) == (1 if said else 0, True), refused.stderr
    again = made.gateway.run(*replay, check=False)
    assert again.returncode == 1
    *decisions, _ = map(json.loads, again.stdout.splitlines())
    differing = {one["field"] for decision in decisions for one in decision.get("differences", ())}
    assert differing == ({field} if field else set()), again.stdout
