"""A real gateway's log, edited in every way of the tamper list: all verifiers must agree about each edit.

Edits that the operator could sign are signed with the log's own key."""

import json
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest

import forkedpython
from approvaledits import HELD_BAD, HELD_GOOD, HELD_UNSEEN, HELD_UNSEEN_BAD
from conftest import ROOT, organise
from editedlog import Edited, Real
from edits import PRUNED_BAD, PRUNED_GOOD, RAW, REMEMBERED, SIGNED, check as checked, other, rolled_back
from logwriter import Key, read


@pytest.fixture(scope="module")
def real(binary, people, tmp_path_factory):
    """A log of more than 512 records, so that it has full bundles and two levels of tiles."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="interlock-e2e-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        made = organise(stack, binary, people, folder)
        state, session = made.gateway.folder / "state", made.session("support-triage")
        for number in range(150):
            session.call("tickets__search", text=f"lamp {number}")
        made.gateway.stop()
        old = (state / "ledger/log/checkpoint").read_bytes()
        made.gateway.start()
        session = made.session("support-triage")
        for number in range(150):
            session.call("tickets__search", text=f"invoice {number}")
        session.call("crm__delete_customer", id="C-77")
        made.gateway.stop()
        kept = tmp_path_factory.mktemp("real") / "log"
        shutil.copytree(state / "ledger/log", kept)
        origin = (kept / "checkpoint").read_text().split("\n")[0]
        seed = (state / "keys/log.key").read_bytes()
        assert len(read(kept)) > 512
        return Real(kept, old, Key(origin, seed))


@pytest.fixture(scope="session")
def judges(binary):
    """name -> the words in front of the flags and the folder; each exits 0 for a good log."""
    found = {"audit verify": [binary, "audit", "verify"], "interlock-verify": [binary.parent / "interlock-verify"]}
    third = ROOT / "Tests" / "Verifier" / "ledger_verifier.py"
    if third.exists():
        found["the Python verifier"] = [sys.executable, third]
    return found


@pytest.fixture
def edited(real, tmp_path):
    return Edited(real, tmp_path)


def check(judges, log: Edited, is_good: bool) -> str:
    """All verifiers agree with `is_good`; returns their output."""
    said, verdicts = "", {}
    for name, words in judges.items():
        words = [*map(str, words), "--vkey", log.key.vkey, *map(str, log.flags), str(log.log)]
        done = (forkedpython.verifier(words, log.outside) if words[0] == sys.executable else
                subprocess.run(words, capture_output=True, text=True, timeout=120, cwd=log.outside))
        assert done.returncode in (0, 1, 65), f"{name}: {done.returncode} {done.stderr}"
        verdicts[name] = done.returncode == 0
        said += f"{name}: {done.stdout}{done.stderr}\n"
    assert set(verdicts.values()) == {is_good}, said
    return said


def size_of(note: bytes) -> int:
    return int(note.split(b"\n")[1])


@pytest.mark.requirement("R098")
def test_the_log_itself_is_good(judges, edited):
    edited.remember(edited.real.old)
    assert size_of(edited.real.old) < len(edited.entries)
    check(judges, edited, True)


@pytest.mark.requirement("R097")
@pytest.mark.parametrize("name", RAW)
def test_an_edit_of_the_files_is_refused(judges, edited, name):
    RAW[name](edited)
    if name == "a line more":
        # A checkpoint may have an extension line, but not under the old signature.
        assert "more" in (edited.log / "checkpoint").read_text()
    check(judges, edited, False)


@pytest.mark.requirement("R097")
@pytest.mark.parametrize("name", SIGNED)
def test_an_edit_that_the_operator_signs_is_refused(judges, edited, name):
    SIGNED[name](edited)
    check(judges, edited, False)


def test_what_the_operator_signs_by_the_rules_is_accepted(judges, edited):
    """The twin of the signed edits: the same means, used correctly, so that the edits are refused for their content
    alone."""
    intent = edited.intent()
    unknown = edited.outcome(intent, intent, t="call.unknown", why="crash")
    started, _ = edited.newest(lambda one: one["t"] == "log.started")
    late = edited.outcome(unknown, intent, late=True)
    found = checked(edited, intent)
    edited.added(intent, unknown, started, {**found, "as": "still_unknown"}, found, late)
    check(judges, edited, True)


@pytest.mark.parametrize("name", HELD_GOOD)
def test_a_call_that_people_approved_is_accepted(judges, edited, name):
    HELD_GOOD[name](edited)
    assert "cannot be checked" not in check(judges, edited, True)


@pytest.mark.requirement("R097", "R155")
@pytest.mark.parametrize("name", HELD_BAD)
def test_a_call_that_people_did_not_approve_is_refused(judges, edited, name):
    HELD_BAD[name](edited)
    check(judges, edited, False)


@pytest.mark.requirement("R155")
@pytest.mark.parametrize("name", ["no use of an approval", "a vote too few", "no request, vote or use"])
def test_a_replay_names_a_call_that_people_did_not_approve(binary, edited, name):
    """Also without the keys of the payloads, so that no decision can be made again."""
    words = [binary, "audit", "replay", "--since", "2020-01-01T00:00:00Z", "--vkey", edited.key.vkey, "--json", "--log"]

    def found() -> list[dict]:
        done = subprocess.run([*map(str, words), str(edited.log)], capture_output=True, text=True, timeout=120)
        return [one for line in done.stdout.splitlines() if (one := json.loads(line)).get("input") == "approval"]

    assert found() == []
    HELD_BAD[name](edited)
    assert found()


@pytest.mark.parametrize("name", HELD_UNSEEN)
def test_an_approval_in_records_that_are_gone_is_said_to_be_unchecked(judges, edited, name):
    HELD_UNSEEN[name](edited)
    said = check(judges, edited, True)
    assert said.count("the use of a request that is not there cannot be checked") == len(judges), said


@pytest.mark.parametrize("name", HELD_UNSEEN_BAD)
def test_records_that_are_gone_explain_no_missing_use(judges, edited, name):
    HELD_UNSEEN_BAD[name](edited)
    check(judges, edited, False)


def test_keys_that_follow_one_another_are_accepted_and_named(judges, edited):
    first, second = other(edited, 7), other(edited, 8)
    edited.added(edited.rotation(first, edited.key, by=first), edited.rotation(second, first, by=second))
    said = check(judges, edited, True)
    assert said.count(first.vkey) == said.count(second.vkey) == len(judges), said


@pytest.mark.parametrize("name", PRUNED_GOOD)
def test_a_call_may_begin_among_records_that_are_gone(judges, edited, name):
    PRUNED_GOOD[name](edited)
    check(judges, edited, True)


@pytest.mark.parametrize("name", PRUNED_BAD)
def test_what_is_gone_explains_no_more_than_it_can(judges, edited, name):
    PRUNED_BAD[name](edited)
    check(judges, edited, False)


@pytest.mark.requirement("R097")
@pytest.mark.parametrize("name", REMEMBERED)
def test_a_rewritten_past_is_refused_by_who_remembers(judges, edited, name):
    REMEMBERED[name](edited)
    edited.remember((edited.real.folder / "checkpoint").read_bytes())
    check(judges, edited, False)


@pytest.mark.requirement("R097")
@pytest.mark.parametrize("name", REMEMBERED)
def test_a_shorter_log_is_refused_by_who_remembers_its_size(judges, edited, name):
    REMEMBERED[name](edited)
    edited.flags += ["--min-size", len(edited.entries)]
    check(judges, edited, False)


@pytest.mark.parametrize("name", REMEMBERED)
def test_a_rewritten_past_is_accepted_by_who_remembers_nothing(judges, edited, name):
    """Only outside memory reveals it, by design. Each verifier says so."""
    REMEMBERED[name](edited)
    said = check(judges, edited, True)
    assert said.count("no outside memory") == len(judges)


def test_files_beyond_the_checkpoint_are_a_warning(judges, edited):
    rolled_back(edited)
    assert check(judges, edited, True).count("beyond") == len(judges)
