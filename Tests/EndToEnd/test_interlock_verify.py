"""`interlock-verify` on logs and proofs that a writer of the tests made from docs/auditing.md."""

import base64
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from conftest import ROOT, missing
from evidencewriter import Payload, tar
from judging import OTHER, WITNESS, judge, pruned, sample
from logwriter import RUN, Key, Log, b64, bundle, example_key, leaf_hash


# The page.

def blocks() -> list[str]:
    page = (ROOT / "docs" / "auditing.md").read_text()
    return re.findall(r"^```\n(.*?)^```", page, re.M | re.S)


def block(start: str) -> str:
    (found,) = [text for text in blocks() if text.startswith(start)]
    return found


def test_the_worked_example_of_the_page_is_a_good_log(verify, tmp_path):
    lines = block("227 2f2ff1").splitlines()
    entries = [line.encode() for line in lines[1::2]]
    for line, entry in zip(lines[::2], entries):
        assert line == f"{len(entry)} {leaf_hash(entry).hex()}"
    log, folder = Log(entries=entries), tmp_path / "log"
    assert len(bundle(entries)) == 468
    log.write(folder)
    cosigned = block("audit.acme.example/gw1/2026\n3\n")
    assert len(cosigned.encode()) == 326
    (folder / "checkpoint").write_text(cosigned)
    (tmp_path / "old").write_text(block("audit.acme.example/gw1/2026\n1\n"))
    (tmp_path / "trust").write_text(block("log audit.acme.example"))
    said = verify("--trust", tmp_path / "trust", "--old-checkpoint", tmp_path / "old", "--strict", folder, expect=0)
    assert "3 entries" in said and "extends" in said and "warning" not in said


def test_the_proof_of_the_page_is_good(verify, tmp_path):
    log = Log(entries=[line.encode() for line in block("227 2f2ff1").splitlines()[1::2]], cosigners=[WITNESS])
    (tmp_path / "proof").write_bytes(log.proof(2))
    assert b"index 2\nLFUtWOqY2m3CU+jga+2K/u4FZEgBSRpQOB+PPrmKP4U=\n\n" in log.proof(2)
    (tmp_path / "leaf").write_bytes(log.entries[2] + b"\n")
    (tmp_path / "trust").write_text(block("log audit.acme.example"))
    verify("--trust", tmp_path / "trust", tmp_path / "proof", tmp_path / "leaf", "--strict", expect=0)
    (tmp_path / "leaf").write_bytes(log.entries[1])
    verify("--trust", tmp_path / "trust", tmp_path / "proof", tmp_path / "leaf", expect=1)


def test_the_records_and_the_payload_of_the_page_are_right():
    intent, outcome = (line.encode() for line in block('{"agent":"refunds"').splitlines())
    assert (len(intent), len(outcome)) == (738, 489)
    assert json.loads(outcome)["intent"] == b64(leaf_hash(intent))
    facts = dict(line.split(maxsplit=1) for line in block("plaintext").splitlines())
    made = Payload(facts["plaintext"].encode(), key=bytes.fromhex(facts["K"]))
    assert made.blob.hex() == facts["blob"]
    assert json.loads(intent)["args"] == made.commitment
    assert base64.b64decode(made.commitment["c"]).hex() == facts["c"]


# Logs.

@pytest.mark.parametrize("size", [5, 255, 256, 257, 512, 1000])
def test_a_log_of_any_size_is_good(verify, tmp_path, size):
    log = sample(size)
    log.entries = log.entries[:size]
    said = verify("--vkey", log.key.vkey, log.write(tmp_path / "log"), expect=0)
    assert f"{size} entries" in said and "no outside memory" in said


def test_a_log_with_three_levels_of_tiles_is_good(verify, tmp_path):
    log = sample(65_536 + 300)
    folder = log.write(tmp_path / "log")
    verify("--vkey", log.key.vkey, folder, expect=0)
    tile = folder / "tile/1/000"
    tile.write_bytes(tile.read_bytes()[:96] + bytes([tile.read_bytes()[96] ^ 1]) + tile.read_bytes()[97:])
    assert "`tile/1/000` does not fit" in verify("--vkey", log.key.vkey, folder, expect=1)


def test_an_empty_log_of_another_program_is_good(verify, tmp_path):
    log = Log()
    verify("--tree-only", "--vkey", log.key.vkey, log.write(tmp_path / "log"), expect=0)


def vectors() -> Path:
    folder = Path(os.environ.get("INTERLOCK_VECTORS", ROOT.parent / "shared" / "vectors"))
    if not folder.exists():
        missing(f"no vectors in `{folder}`")
    return folder / "tessera-testlog/testdata/log"


@pytest.mark.parametrize("size", range(16))
def test_every_size_of_a_log_that_tessera_wrote_is_good(verify, tmp_path, size):
    vkey = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
    folder = tmp_path / "log"
    folder.mkdir()
    (folder / "tile").symlink_to(vectors() / "tile")
    (folder / "checkpoint").write_bytes((vectors() / f"checkpoint.{size}").read_bytes())
    old = [word for lower in range(size + 1) for word in ("--old-checkpoint", vectors() / f"checkpoint.{lower}")]
    assert f"{size} entries" in verify("--tree-only", "--vkey", vkey, *old, folder, expect=0)
    if size < 15:
        verify("--tree-only", "--vkey", vkey, "--old-checkpoint", vectors() / "checkpoint.15", folder, expect=1)


def test_each_field_has_the_kind_that_the_page_states(binary, tmp_path):
    """A log for each row of the table, with records of each of its fields: values of its kind, and others."""
    hash_, person = b64(b"\1" * 32), b64(b"\1" * 16)
    good = {"a string, not empty": ["x"], "an id like `run`": [RUN], "a hash": [hash_], "16 bytes in base64": [person],
            "a list of such": [[], [person]], "a list of strings, none empty": [[], ["x"]], "`true` or `false`": [True, False],
            "an integer of at least 0": [0, 2**53 - 1], "an object": [{}], "a list of objects": [[], [{}]],
            "a commitment, section 7": [{"c": hash_, "n": 0}, {"b": hash_, "c": hash_, "n": 5}]}
    bad = {"a string, not empty": ["", 1, ["x"]], "an id like `run`": ["", RUN[1:], 5], "a hash": [person, "x", 5],
           "16 bytes in base64": [hash_, "", 5], "a list of such": [person, [hash_], [person, ""]],
           "a list of strings, none empty": ["x", [""], [1]], "`true` or `false`": ["true", 1],
           "an integer of at least 0": [-1, "1", True], "an object": [[], "x"], "a list of objects": [{}, [[]], ["x"]],
           "a commitment, section 7": [hash_, {"n": 1}, {"c": hash_, "n": -1}, {"b": person, "c": hash_, "n": 1}]}
    section = (ROOT / "docs" / "auditing.md").read_text().partition("**Kinds.**")[2].partition("\n## ")[0]
    table = re.findall(r"^\| (.*?) \| (`.*`) \|$", section, re.M)
    assert len(table) == len(good) == len(bad)
    # A report has at most 100 faults.
    parts = [(kind, names[begin:begin + 20]) for kind, fields in table
             for names in [re.findall(r"`(\w+)`", fields)] for begin in range(0, len(names), 20)]
    for place, (kind, names) in enumerate(parts):
        log, wrong = Log().genesis(), set()
        for field in names:
            for value in good[kind]:
                log.add("x.y", **{field: value})
            for value in bad[kind]:
                wrong.add(len(log.entries))
                log.add("x.y", **{field: value})
        said = judge([binary.parent / "interlock-verify", "--vkey", log.key.vkey, log.write(tmp_path / str(place))], 1, env={})
        found = {int(index) for index in re.findall(r"^fault: record (\d+): ", said.stderr, re.M)}
        assert found == wrong, (kind, sorted(wrong - found)[:9], sorted(found - wrong)[:9])


def test_a_log_under_another_key_or_name_is_bad(verify, tmp_path):
    log = sample()
    folder = log.write(tmp_path / "log")
    verify("--vkey", Key(log.key.name, b"\x07" * 32).vkey, folder, expect=1)
    verify("--vkey", Key("audit.acme.example/gw2/2026", log.key.seed).vkey, folder, expect=1)


@pytest.mark.parametrize("line,fault", [
    ("quorum none", None), ("witness w {w}\nquorum w", None), ("witness w {w}\nwitness x {x}\nquorum x", "quorum"),
    ("witness w {w}\nwitness x {x}\ngroup g any w x\nquorum g", None),
    ("witness w {w}\nwitness x {x}\ngroup g 2 w x\nquorum g", "quorum"),
    ("# of two\n\twitness w {w} https://w\n witness x {x}\ngroup g all w x\ngroup h 1 g\nquorum h", "quorum"),
])
def test_the_quorum_of_the_trust_file_is_asked_for(verify, tmp_path, line, fault):
    log = sample()
    log.cosigners = [WITNESS]
    folder = log.write(tmp_path / "log")
    trust = tmp_path / "trust"
    trust.write_text(f"log {log.key.vkey}\n" + line.format(w=WITNESS.vkey, x=OTHER.vkey) + "\n")
    said = verify("--trust", trust, folder, expect=1 if fault else 0)
    assert fault is None or fault in said


@pytest.mark.parametrize("text", [
    "", "quorum w\n", "quorum none\nquorum none\n", "log {log}\n", "log {log}\nlog {log}\nquorum none\n",
    "witness w {w}\nwitness w {x}\nquorum w\n", "witness w {w}\nwitness x {w}\nquorum w\n",
    "witness none {w}\nquorum none\n", "group g any w\nwitness w {w}\nquorum g\n",
    "witness w {w}\ngroup g 2 w\nquorum g\n", "witness w {w}\ngroup g 0 w\nquorum g\n",
    "witness w {w}\ngroup g any w w\nquorum g\n", "witness w {w}\ngroup g any w\ngroup h any w\nquorum g\n",
    "witness w {w}\nquorum w\ngroup g any\n", "log {w}\nquorum none\n", "witness w {log}\nquorum w\n",
    "quorum none\r\n", "quorum none", "quorum none\n\x7f", "quorum none\nlog \u00e9\n",
    "logs {log}\nquorum none\n", "log {log} https://a b\nquorum none\n",
])
def test_a_trust_file_with_a_fault_is_no_trust_file(verify, tmp_path, text):
    log = sample()
    trust = tmp_path / "trust"
    trust.write_text(text.format(log=log.key.vkey, w=WITNESS.vkey, x=OTHER.vkey))
    verify("--trust", trust, "--vkey", log.key.vkey, log.write(tmp_path / "log"), expect=65)


def test_a_known_witness_that_fails_makes_the_checkpoint_bad(verify, tmp_path):
    log = sample()
    forged = Key(WITNESS.name, b"\x09" * 32, kind=4)
    text = log.text()
    line = forged.line(text).split(" ")
    wrong = b64(WITNESS.id + base64.b64decode(line[2])[4:])
    folder = log.write(tmp_path / "log")
    with (folder / "checkpoint").open("a") as file:
        file.write(f"\u2014 {WITNESS.name} {wrong}\n")
    verify("--vkey", log.key.vkey, folder, expect=0)
    trust = tmp_path / "trust"
    trust.write_text(f"log {log.key.vkey}\nwitness w {WITNESS.vkey}\nquorum none\n")
    assert "signature of `auditor.example` is wrong" in verify("--trust", trust, folder, expect=1)


def test_an_old_checkpoint_is_read_like_any_other(verify, tmp_path):
    """A text that is not a checkpoint is malformed; an untrusted checkpoint is bad evidence."""
    log, old, trust = sample(), tmp_path / "old", tmp_path / "trust"
    words = ("--old-checkpoint", old, log.write(tmp_path / "log"))
    trust.write_text(f"log {log.key.vkey}\nwitness w {WITNESS.vkey}\nquorum none\n")
    for text in ("", "no note", "x\n1\n\n" + log.key.line("x\n1\n"), log.text(), log.checkpoint().decode()[:-1]):
        old.write_text(text)
        verify("--trust", trust, *words, expect=65)
    forged = Key(WITNESS.name, b"\x09" * 32, kind=4).line(log.text(3)).split(" ")
    forged = f"\u2014 {WITNESS.name} {b64(WITNESS.id + base64.b64decode(forged[2])[4:])}\n"
    late = WITNESS.line(log.text(3), time=2 ** 63)
    for line in ("", WITNESS.line(log.text(3)), WITNESS.line(log.text(3), time=2 ** 63 - 1), OTHER.line("x")):
        old.write_bytes(log.checkpoint(3) + line.encode())
        verify("--trust", trust, *words, expect=0)
    for line in (forged, late):
        old.write_bytes(log.checkpoint(3) + line.encode())
        verify("--trust", trust, *words, expect=1)
        verify("--vkey", log.key.vkey, *words, expect=0)
    for line in (Key("x" * 65, b"\x01" * 32), Key("\u00e9", b"\x01" * 32)):
        old.write_bytes(log.checkpoint(3) + line.line("x").encode())
        verify("--trust", trust, *words, expect=65)
    other = Log(Key("other.example", b"\x01" * 32), log.entries)
    old.write_bytes(other.checkpoint(3))
    verify("--trust", trust, *words, expect=1)
    # The same with a key that is trusted for another log: a known line must not fail.
    old.write_bytes(log.checkpoint(3) + other.key.line(log.text(3)).encode())
    verify("--trust", trust, "--vkey", other.key.vkey, *words, expect=0)
    old.write_bytes(log.checkpoint(3) + other.key.line(log.text(2)).encode())
    verify("--trust", trust, "--vkey", other.key.vkey, *words, expect=1)
    old.write_bytes(other.key.line("x").join([log.text(3) + "\n", ""]).encode())
    verify("--trust", trust, "--vkey", other.key.vkey, *words, expect=1)


def test_strict_wants_an_old_checkpoint_and_a_quorum(verify, tmp_path):
    log = sample()
    log.cosigners = [WITNESS]
    folder, old, trust = log.write(tmp_path / "log"), tmp_path / "old", tmp_path / "trust"
    old.write_bytes(log.checkpoint(3))
    trust.write_text(f"log {log.key.vkey}\nwitness w {WITNESS.vkey}\nquorum w\n")
    verify("--strict", "--trust", trust, "--old-checkpoint", old, folder, expect=0)
    verify("--strict", "--trust", trust, folder, expect=3)
    verify("--strict", "--vkey", log.key.vkey, "--old-checkpoint", old, folder, expect=3)
    log.add("moon.phase")
    assert "unknown types: moon.phase" in verify(
        "--strict", "--trust", trust, log.write(tmp_path / "other"), expect=3)


def test_older_partial_tiles_are_checked_and_may_be_there(verify, tmp_path):
    log = sample(300)
    folder, entries = tmp_path / "log", log.entries
    for size in (7, 200, 256):
        log.entries = entries[:size]
        log.write(folder)
    log.entries = entries
    log.write(folder)
    verify("--vkey", log.key.vkey, folder, expect=0)
    for name in ("tile/0/000.p/7", "tile/entries/000.p/200"):
        good = (folder / name).read_bytes()
        (folder / name).write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
        assert name in verify("--vkey", log.key.vkey, folder, expect=1)
        (folder / name).write_bytes(good)


def test_a_stray_file_of_any_name_is_a_warning(verify, tmp_path):
    log = sample()
    folder = log.write(tmp_path / "log")
    stray = folder / "tile/0/x999/x999/x999/x999/x999/999"
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"")
    assert "warning: 1 files" in verify("--vkey", log.key.vkey, folder, expect=0)


def test_a_full_tile_stands_for_a_partial_one_that_was_removed(verify, tmp_path):
    log = sample(300)
    folder = log.write(tmp_path / "log")
    (folder / "checkpoint").write_bytes(log.checkpoint(200))
    assert "beyond the checkpoint" in verify("--vkey", log.key.vkey, folder, expect=0)


def test_a_pruned_log_is_good_when_it_is_said_to_be_pruned(verify, tmp_path):
    log, _, folder = pruned(tmp_path / "log")
    assert "missing" in verify("--vkey", log.key.vkey, folder, expect=1)
    verify("--vkey", log.key.vkey, "--min-index", 256, folder, expect=0)
    verify("--vkey", log.key.vkey, "--min-index", 255, folder, expect=1)
    (folder / "tile/0/000").unlink()
    verify("--vkey", log.key.vkey, "--min-index", 256, folder, expect=1)


def test_a_proof_is_of_its_form_or_is_bad(verify, tmp_path):
    log, proof, record = sample(), tmp_path / "proof", tmp_path / "record"
    words = ("--vkey", log.key.vkey, proof, record)
    record.write_bytes(log.entries[0])
    good = log.proof(0)
    for text in (good, good.replace(b"index", b"extra AAAA\nindex", 1)):
        proof.write_bytes(text)
        verify(*words, expect=0)
    head, note = good.split(b"\n\n", 1)
    for text in (head, good[:-1], head + b"\n\n", head + b"\n\nno note\n", good.replace(b"index 0", b"index 00"),
                 good.replace(b"@v1", b"@v2"), head + b"\n" + head.split(b"\n")[-1] * 64 + b"\n\n" + note,
                 head + b"\n\n" + note.replace(b"\n", b"\n0", 1), good.replace(b"index", b"extra A\nindex", 1),
                 good + b"\xe2\x80\x94 x " + b"A" * (1 << 20) + b"\n"):
        proof.write_bytes(text)
        verify(*words, expect=65)
    for text in (good.replace(b"index 0", b"index 1"), good.replace(b"index 0", b"index 99"), log.proof(1),
                 Log(Key(log.key.name, b"\x07" * 32), log.entries).proof(0),
                 head + b"\n\n" + note.replace(b"gw1", b"gw2")):
        proof.write_bytes(text)
        verify(*words, expect=1)
    # Entry 0 is the genesis, and an entry has 1 to 65,535 bytes.
    for first in (log.entries[2], b"", b"{" * 65_535, b"{" * 65_536, b"{" * 65_537, log.entries[0] + b"\n\n"):
        other = Log(entries=[first, *log.entries[1:]])
        proof.write_bytes(other.proof(0))
        record.write_bytes(first)
        verify(*words, expect=1)
    # A newline at the end belongs to an entry of another program.
    other = Log(entries=[b"x\n"])
    proof.write_bytes(other.proof(0))
    for entry, code in ((b"x\n", 0), (b"x", 1), (b"x\n\n", 1)):
        record.write_bytes(entry)
        verify("--tree-only", *words, expect=code)


@pytest.mark.parametrize("words,code", [
    ([], 64), (["a", "b", "c", "--vkey", example_key().vkey], 64), (["{log}"], 64),
    (["{log}", "--vkey", "nonsense"], 64),
    (["{log}", "--vkey", example_key().vkey, "--min-size", "many"], 64),
    (["{log}", "--vkey", example_key().vkey, "--min-size", "999"], 1),
    (["{log}", "--vkey", example_key().vkey, "--min-size", "2"], 0),
    (["{log}", "--vkey", example_key().vkey, "--color"], 64),
    (["{log}", "--vkey", example_key().vkey, "--people", "x"], 64),
    (["{log}/none", "--vkey", example_key().vkey], 66), (["{log}/tile", "--vkey", example_key().vkey], 66),
    (["{log}", "--trust", "{log}/none"], 66), (["{log}", "--trust", "{log}/checkpoint"], 65),
    (["{log}/checkpoint", "--vkey", example_key().vkey], 65),
    (["{log}/checkpoint", "{log}/checkpoint", "--vkey", example_key().vkey], 65),
    (["--help"], 0), (["--version"], 0), (["{log}", "--version"], 0),
])
def test_each_misuse_has_its_exit_code(binary, tmp_path, words, code):
    folder = sample().write(tmp_path / "log")
    done = subprocess.run([binary.parent / "interlock-verify", *[word.format(log=folder) for word in words]],
                          capture_output=True, text=True, timeout=20)
    assert done.returncode == code, done.stderr


def test_an_evidence_pack_is_recognised_by_its_manifest(verify, tmp_path):
    pack = tmp_path / "pack"
    pack.mkdir()
    (pack / "manifest.dsse.json").write_text("{}")
    assert "manifest.dsse.json`: it is no signed statement" in verify("--vkey", example_key().vkey, pack, expect=1)
    (tmp_path / "pack.tar").write_bytes(tar({"manifest.dsse.json": b"{}"}))
    assert "it is no signed statement" in verify("--vkey", example_key().vkey, tmp_path / "pack.tar", expect=1)
