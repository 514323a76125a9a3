"""Keys, notes and trust files, and the exit codes of the program."""

import subprocess
import sys

import pytest

import ledger_verifier
from synthetic import KEY, LOG_KEY, WITNESS_KEY, Signer, Writer, flip, sample

NOTE = Writer([b"x"]).checkpoint().decode()


@pytest.mark.parametrize("note", [
    NOTE[:-1], NOTE + "\n", NOTE.replace("\n1\n", "\n01\n"), NOTE.replace("\n1\n", "\n+1\n"),
    NOTE.replace("\n1\n", "\r\n1\n"),
    NOTE.replace("=\n\n", "\n\n"), NOTE.replace("=\n\n", "=\n\nx\n\n"), NOTE.replace("\u2014 ", "- "),
    NOTE.replace("\u2014 ", "\u2014  "), NOTE + "\u2014 x AAAAAA==\n", NOTE + "\u2014 x AAAAAAB=\n",
    NOTE + NOTE.split("\n\n")[1] * 64, NOTE + "\u2014 x " + "AAAA" * 1280 + "AAAA\n", "", "\n\n",
])
def test_checkpoints_that_are_none(verify, folder, note):
    Writer([b"x"]).write(folder)
    verify(*KEY, "--tree-only", folder)
    (folder / "checkpoint").write_text(note)
    verify(*KEY, "--tree-only", folder, expect=1)


def test_signatures_of_others_are_skipped_and_known_ones_count(verify, folder):
    stranger, new = Signer("stranger", 7), Signer(LOG_KEY.name, 8)
    Writer([b"x"], [stranger, LOG_KEY, new]).write(folder)
    verify(*KEY, "--tree-only", folder)
    verify("--vkey", new.vkey, *KEY, "--tree-only", folder)
    verify("--vkey", stranger.vkey, "--tree-only", folder, expect=1)


OTHER_WITNESS = Signer("second.example", 40, kind=4)
BOTH = f"log {LOG_KEY.vkey}\nwitness a {WITNESS_KEY.vkey} https://a\nwitness\tb \t{OTHER_WITNESS.vkey}\n"


@pytest.mark.parametrize("quorum, code", [
    ("quorum a", 0), ("quorum none", 0), ("group g any a b\nquorum g", 0), ("quorum a # x", 65), ("quorum a\r", 65),
    ("group g 1 b\ngroup h any a g\n  # x\n\nquorum h\n", 0), ("quorum b", 1), ("group g all a b\nquorum g", 1),
    ("group g 2 a b\nquorum g", 1), ("", 65), ("quorum c", 65), ("quorum a\nquorum a", 65), ("quorum a\nfoo", 65),
    ("group g 3 a b\nquorum g", 65), ("group g 0 a\nquorum g", 65), ("group g any\nquorum g", 65),
    ("group g any a a\nquorum g", 65), ("group g any a\ngroup h any a\nquorum h", 65),
    ("group a any b\nquorum a", 65), ("group none any b\nquorum none", 65), ("group g 01 a\nquorum g", 65),
    ("group g any h\ngroup h any a\nquorum g", 65), ("quorum a\nlog " + LOG_KEY.vkey, 65),
    ("quorum a\nwitness c " + WITNESS_KEY.vkey, 65), ("quorum a\nlog " + WITNESS_KEY.vkey, 65),
    ("quorum a\nwitness c " + Signer("c", 3).vkey, 65),
    ("".join(f"witness w{n} {Signer('w', n, 4).vkey}\n" for n in range(41, 104)) + "quorum a", 65),
])
def test_trust_files(verify, folder, quorum, code):
    Writer([b"x"], [LOG_KEY, WITNESS_KEY]).write(folder)
    (folder.parent / "trust").write_bytes((BOTH + quorum + "\n").encode())
    verify("--trust", folder.parent / "trust", "--tree-only", folder, expect=code)


def test_a_wrong_cosignature_of_a_known_witness_is_bad(verify, folder):
    Writer([b"x"], [LOG_KEY, WITNESS_KEY]).write(folder)
    (folder.parent / "trust").write_text(BOTH + "quorum none\n")
    flip("checkpoint", -8)(folder)
    verify(*KEY, "--tree-only", folder)
    verify("--trust", folder.parent / "trust", "--tree-only", folder, expect=1)


@pytest.mark.parametrize("words, code", [
    ([], 64), (["."], 64), ([*KEY], 64), ([*KEY, "a", "b", "c"], 64), ([*KEY, "--unknown", "."], 64),
    ([*KEY, "--min-size", "01", "."], 64), (["--vkey", "x+y+z", "."], 64), (["--vkey", WITNESS_KEY.vkey, "."], 64),
    (["--vkey", LOG_KEY.vkey.replace("+7", "+8"), "."], 64), ([*KEY, "absent"], 66), (["--trust", "absent", "."], 66),
    ([*KEY, "."], 66), ([*KEY, "absent", "absent"], 66), ([*KEY, __file__], 65), ([*KEY, __file__, __file__], 65),
    ([*KEY, "--old-checkpoint", __file__, "."], 65), ([*KEY, "--payloads", "absent", "."], 66),
    ([*KEY, "--min-size", "0", "--min-size", "0", "."], 64), (["--trust", "a", "--trust", "b", "."], 64),
    ([*KEY, "--people", __file__, "."], 64), ([*KEY, "--payloads", ".", __file__], 64),
])
def test_other_exit_codes(verify, tmp_path, monkeypatch, words, code):
    monkeypatch.chdir(tmp_path)
    verify(*words, expect=code)


def test_as_a_program(folder):
    sample()[0].write(folder)
    program = [sys.executable, ledger_verifier.__file__, *KEY, str(folder)]
    assert subprocess.run(program, capture_output=True, env={}).returncode == 0
    flip("checkpoint", -5)(folder)
    assert subprocess.run(program, capture_output=True, env={}).returncode == 1
