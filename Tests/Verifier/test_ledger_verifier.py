"""The verifier that was written from docs/auditing.md alone, on the page's examples and on logs written here."""

import json
import os
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import ledger_verifier
import strictjson
from encoding import Malformed, b64
from notes import VKey
from payloads import Commitment, day_of
from proof import Proof
from records import Record
from synthetic import (CALL, LOG_KEY, RUN, WITNESS_KEY, Run, Sealed, Signer, Writer, evidence, jcs, leaf, manifest,
                       name_of, put, sample, sha, tar)
from tiles import Tile
from trust import Trust

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "auditing.md").read_text()
VECTORS = Path(os.environ.get("INTERLOCK_VECTORS", ROOT.parent / "shared" / "vectors"))
TESSERA = VECTORS / "tessera-testlog" / "testdata" / "log"
TESSERA_KEY = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
KEY = ("--vkey", LOG_KEY.vkey)


@pytest.fixture
def verify(capsys):
    def run(*words: object, expect: int = 0) -> str:
        """What it says on both streams, if it ends as expected."""
        code = ledger_verifier.main([str(word) for word in words])
        said = capsys.readouterr()
        assert code == expect, f"{code}, not {expect}: {said.out}{said.err}"
        start = {0: "ok: ", 3: "ok: ", 1: "BAD: "}.get(code)
        assert said.out.count("\n") == (1 if start else 0) and said.out.startswith(start or "")
        return said.out + said.err

    return run


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "log"


def block(start: str) -> str:
    """The one block of the page that begins so."""
    (found,) = [text for text in re.findall(r"^```\n(.*?)^```", PAGE, re.M | re.S) if text.startswith(start)]
    return found


# The worked examples of section 13.

@pytest.fixture
def example(folder) -> Writer:
    log = Writer([line.encode() for line in block("227 2f2ff1").splitlines()[1::2]])
    log.write(folder)
    (folder / "checkpoint").write_text(block("audit.acme.example/gw1/2026\n3\n"))
    (folder.parent / "trust").write_text(block("log audit.acme.example"))
    (folder.parent / "old").write_text(block("audit.acme.example/gw1/2026\n1\n"))
    return log


def test_the_log_of_the_page(verify, folder, example):
    trust, old = folder.parent / "trust", folder.parent / "old"
    said = verify("--strict", "--trust", trust, "--old-checkpoint", old, "--min-size", 3, folder)
    assert said == "ok: audit.acme.example/gw1/2026: 3 entries, extends 1 old checkpoint\n"
    verify(*KEY, folder)
    verify("--strict", *KEY, folder, expect=3)
    verify("--min-size", 4, *KEY, folder, expect=1)


def test_the_writer_of_these_tests_writes_what_the_page_shows(folder, example):
    for line, entry in zip(block("227 2f2ff1").splitlines()[::2], example.entries):
        assert line == f"{len(entry)} {leaf(entry).hex()}"
    example.signers = [LOG_KEY, WITNESS_KEY]
    assert example.checkpoint() == (folder / "checkpoint").read_bytes()


def test_the_proofs_of_the_page(verify, folder, example):
    record = folder.parent / "record"
    record.write_bytes(example.entries[2] + b"\n")
    proof = folder.parent / "proof"
    text = "c2sp.org/tlog-proof@v1\nindex 2\nLFUtWOqY2m3CU+jga+2K/u4FZEgBSRpQOB+PPrmKP4U=\n\n"
    proof.write_text(text + block("audit.acme.example/gw1/2026\n3\n"))
    verify("--trust", folder.parent / "trust", proof, record)
    proof.write_text(text.replace("index", "extra AAAA\nindex", 1) + block("audit.acme.example/gw1/2026\n3\n"))
    verify(*KEY, proof, record)
    record.write_bytes(example.entries[1])
    verify(*KEY, proof, record, expect=1)


def test_the_proof_of_a_run_of_the_page():
    proof = Proof.parse(block("c2sp.org/tlog-proof@v1\nindex 10").encode())
    proof.check(bytes.fromhex("73bee56a356d1d4faff7625bb681f509ef6f695adb067798e429a8f1aadbba0c"),
                Trust([VKey.parse(LOG_KEY.vkey)]))


def test_the_payload_of_the_page():
    intent, outcome = block('{"agent"').splitlines()
    assert json.loads(outcome)["intent"] == b64(leaf(intent.encode()))
    lines = dict(line.split(None, 1) for line in block("plaintext").splitlines())
    args = Commitment.of(strictjson.record(intent.encode())["args"])
    assert (args.plaintext.hex(), args.blob.hex()) == (lines["c"], lines["b"])
    blob, key = bytes.fromhex(lines["blob"]), bytes.fromhex(lines["K"])
    assert sha(blob) == args.blob
    assert args.open(blob, key, "args") == lines["plaintext"].encode()


# Shapes of logs.

@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 600])
def test_sizes(verify, folder, size):
    log = Writer()
    if size:
        log.add("log.genesis", origin=log.origin)
    while len(log.entries) < size:
        log.add("log.tick")
    assert "warning" not in verify(*KEY, log.write(folder))


def test_a_log_with_two_levels_of_full_tiles(verify, folder):
    log = Writer([b"%d" % number for number in range(70_000)])
    (folder.parent / "old").write_bytes(log.checkpoint(65_537))
    said = verify(*KEY, "--tree-only", "--old-checkpoint", folder.parent / "old", log.write(folder))
    assert "70000 entries" in said and "warning" not in said
    tile = folder / "tile/1/000"
    tile.write_bytes(tile.read_bytes()[:-1] + b"?")
    assert "tile/1/000" in verify(*KEY, "--tree-only", folder, expect=1)


def test_the_public_log_of_tessera(verify, tmp_path):
    if not TESSERA.exists():
        assert os.environ.get("CI") != "true", f"{TESSERA} is not there"
        pytest.skip("tessera-testlog: the public log is not there")
    shutil.copytree(TESSERA, tmp_path / "log")
    sizes = sorted(int(path.suffix[1:]) for path in TESSERA.glob("checkpoint.*"))
    (tmp_path / "log" / "checkpoint").write_bytes((TESSERA / f"checkpoint.{sizes[-1]}").read_bytes())
    old = [word for size in sizes for word in ("--old-checkpoint", TESSERA / f"checkpoint.{size}")]
    verify("--vkey", TESSERA_KEY, "--tree-only", *old, tmp_path / "log")
    verify("--vkey", TESSERA_KEY, tmp_path / "log", expect=1)


def test_partial_tiles_of_older_states_are_compared(verify, folder):
    log, _ = sample()
    log.write(folder)
    put(folder, Writer(log.entries[:4]).files() | {"checkpoint": log.checkpoint()})
    assert "warning" not in verify(*KEY, folder)
    older = folder / "tile/entries/000.p/4"
    older.write_bytes(older.read_bytes()[:-1] + b" ")
    assert "tile/entries/000.p/4" in verify(*KEY, folder, expect=1)


def test_the_full_tile_in_place_of_the_last_partial_one(verify, folder):
    log = Writer()
    log.add("log.genesis", origin=log.origin)
    while len(log.entries) < 256:
        log.add("log.tick")
    put(folder, log.files() | {"checkpoint": log.checkpoint(200)})
    # The full bundle, the full tile and the one above it reach beyond the checkpoint.
    assert "warning: files beyond the checkpoint: 3, such as tile/0/000\n" in verify(*KEY, folder)


@pytest.mark.parametrize("name", ["notes.txt", "tile/0/x000/000", "tile/64/000", "tile/0/000.p/0", "tile/0/000.p/256",
                                  "tile/entries/00.p/1"])
def test_other_files_are_warnings(verify, folder, name):
    put(sample()[0].write(folder), {name: b"?"})
    assert f"warning: {name}: not a file" in verify(*KEY, folder)


@pytest.mark.parametrize("name", ["tile/0/001", "tile/0/000.p/99", "tile/1/000.p/1", "tile/entries/000"])
def test_files_beyond_the_checkpoint_are_warnings(verify, folder, name):
    put(sample()[0].write(folder), {name: b"?"})
    assert f"beyond the checkpoint: 1, such as {name}" in verify(*KEY, folder)


def pruned(folder: Path, *between: str, **fields) -> Writer:
    """A run whose chain and whose last intent begin among 256 entries that are gone; a record of each type `between`
    stands before the closing one."""
    log = Writer()
    log.add("log.genesis", origin=log.origin)
    run = Run(log)
    run.add("run.start")
    while len(log.entries) < 255:
        log.add("log.tick")
    opened = run.add("call.intent", call=CALL)
    for kind in between:
        log.add(kind)
    run.close(opened, **fields)
    log.write(folder)
    (folder / "tile/entries/000").unlink()
    return log


def test_a_start_leaves_no_absent_intent_open(verify, folder):
    pruned(folder, "log.tick")
    verify(*KEY, "--min-index", 256, folder)
    pruned(folder, "log.started")
    assert "not open" in verify(*KEY, "--min-index", 256, folder, expect=1)
    pruned(folder, "log.started", late=True)
    verify(*KEY, "--min-index", 256, folder)


def test_only_full_bundles_are_pruned(verify, folder):
    pruned(folder)
    (folder / "tile/entries/001.p/1").unlink()
    assert "tile/entries/001.p/1 is missing" in verify(*KEY, "--min-index", 257, folder, expect=1)


def test_a_pruned_log(verify, folder):
    pruned(folder)
    verify(*KEY, "--min-index", 256, folder)
    assert "missing" in verify(*KEY, "--min-index", 255, folder, expect=1)
    assert "missing" in verify(*KEY, folder, expect=1)
    (folder / "tile/0/000").unlink()
    verify(*KEY, "--min-index", 256, folder, expect=1)


def test_a_pruned_log_names_only_hashes_of_absent_entries(verify, folder):
    log = pruned(folder)
    outcome = json.loads(log.entries[256])
    for field in ("prev", "intent"):
        changed = Writer([*log.entries[:256], jcs({**outcome, field: b64(sha(b"?"))})])
        put(folder, changed.files())
        (folder / "tile/entries/000").unlink()
        assert "record 256" in verify(*KEY, "--min-index", 256, folder, expect=1)


# The tamper list of section 12.

def long_log() -> Writer:
    log, _ = sample()
    while len(log.entries) < 600:
        log.add("log.tick")
    return log


def flip(name: str, at: int):
    def change(folder: Path) -> None:
        data = bytearray((folder / name).read_bytes())
        data[at] ^= 1
        (folder / name).write_bytes(data)
    return change


def swap(folder: Path) -> None:
    first, second = folder / "tile/entries/000", folder / "tile/entries/001"
    one, other = first.read_bytes(), second.read_bytes()
    first.write_bytes(other)
    second.write_bytes(one)


def swap_entries(folder: Path) -> None:
    log = long_log()
    log.entries[300], log.entries[301] = log.entries[301], log.entries[300]
    put(folder, {name: data for name, data in log.files().items() if name.startswith("tile/entries")})


def edit(old: bytes, new: bytes):
    def change(folder: Path) -> None:
        data = (folder / "checkpoint").read_bytes()
        assert old in data
        (folder / "checkpoint").write_bytes(data.replace(old, new, 1))
    return change


def resize(name: str, change):
    return lambda folder: (folder / name).write_bytes(change((folder / name).read_bytes()))


TAMPERED = {
    "a byte of an entry": flip("tile/entries/001", 100),
    "a length of an entry": flip("tile/entries/001", 1),
    "a level-0 hash": flip("tile/0/001", 77),
    "a level-0 hash of the last tile": flip("tile/0/002.p/88", 0),
    "a level-1 hash": flip("tile/1/000.p/2", 5),
    "no bundle": lambda folder: (folder / "tile/entries/001").unlink(),
    "no partial bundle": lambda folder: (folder / "tile/entries/002.p/88").unlink(),
    "no tile": lambda folder: (folder / "tile/0/000").unlink(),
    "no level-1 tile": lambda folder: (folder / "tile/1/000.p/2").unlink(),
    "bundles swapped": swap,
    "entries swapped": swap_entries,
    "a shorter bundle": resize("tile/entries/001", lambda data: data[:-1]),
    "a longer bundle": resize("tile/entries/001", lambda data: data + b"\0"),
    "a longer bundle by an entry": resize("tile/entries/001", lambda data: data + b"\0\1x"),
    "an empty entry": resize("tile/entries/001", lambda data: data + b"\0\0"),
    "a shorter tile": resize("tile/0/001", lambda data: data[:-32]),
    "a longer tile": resize("tile/0/001", lambda data: data + bytes(32)),
    "size": edit(b"\n600\n", b"\n599\n"),
    "origin": edit(b"gw1/2026\n", b"gw2/2026\n"),
    "root": edit(b"\n600\n", b"\n600\n" + b64(bytes(32)).encode() + b"\n"),
    "signature": lambda folder: flip("checkpoint", -5)(folder),
    "no signature": resize("checkpoint", lambda data: data[:data.index(b"\n\n") + 2]),
    "another key": lambda folder: (folder / "checkpoint").write_bytes(
        Writer(long_log().entries, [Signer(LOG_KEY.name, 99)]).checkpoint()),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_what_is_tampered_with_is_bad(verify, folder, name):
    long_log().write(folder)
    verify(*KEY, folder)
    TAMPERED[name](folder)
    verify(*KEY, folder, expect=1)


def test_any_byte_of_any_file(verify, folder):
    log, _ = sample()
    files = log.files()
    put(folder, files)
    generator = random.Random(7)
    for name, data in files.items():
        for at in generator.sample(range(len(data)), 30):
            flip(name, at)(folder)
            verify(*KEY, folder, expect=1)
            (folder / name).write_bytes(data)
    verify(*KEY, folder)


def with_entry(entry: bytes) -> Writer:
    log, _ = sample()
    log.append(entry)
    return log


def record(**fields) -> bytes:
    base = {"v": 1, "t": "log.tick", "ts": 1, "node": "gw1"}
    return jcs({name: value for name, value in {**base, **fields}.items() if value is not None})


def chained(**fields) -> Writer:
    log, run = sample()
    run.add("run.note", **fields)
    return log


def closing(*kinds: str, **fields) -> Writer:
    log, run = sample()
    opened = run.add("call.intent", call=CALL)
    for kind in kinds:
        run.close(opened, kind, **fields)
    return log


def after_the_end() -> Writer:
    log, run = sample()
    run.add("run.end")
    run.add("run.note")
    return log


def after_the_log() -> Writer:
    log = Writer()
    log.add("log.genesis", origin=log.origin)
    log.add("log.closed")
    log.add("log.tick")
    return log


def start_with_open_intent() -> Writer:
    log, _ = sample()
    log.add("log.started")
    return log


def genesis(kind: str = "log.genesis", origin: str = LOG_KEY.name) -> Writer:
    log = Writer()
    log.add(kind, origin=origin)
    return log


SIGNED_AGAIN = {
    "key twice": with_entry(record()[:-1] + b',"v":1}'),
    "keys unsorted": with_entry(b'{"v":1,"t":"log.tick","ts":1,"node":"gw1"}'),
    "keys sorted by code points": with_entry(record(**{"\U00010000": 1, "\uffff": 1})),
    "space": with_entry(record() + b" "),
    "escaped slash": with_entry(record(x="/").replace(b"/", b"\\/")),
    "upper-case escape": with_entry(record(x="\x1f").replace(b"1f", b"1F")),
    "lone surrogate": with_entry(record(x="?").replace(b"?", b"\\ud800")),
    "not UTF-8": with_entry(record(x="?").replace(b"?", b"\xff")),
    "null": with_entry(record(x="?").replace(b'"?"', b"null")),
    "fraction": with_entry(record(x="?").replace(b'"?"', b"1.5")),
    "exponent": with_entry(record(x="?").replace(b'"?"', b"1e3")),
    "minus zero": with_entry(record(x="?").replace(b'"?"', b"-0")),
    "a large integer": with_entry(record(x=2**53)),
    "an endless integer": with_entry(record(x="?").replace(b'"?"', b"1" * 5000)),
    "too deep": with_entry(record(x=json.loads("[" * 16 + "]" * 16))),
    "endlessly deep": with_entry(b"[" * 60_000),
    "no object": with_entry(b"[]"),
    "v 2": with_entry(record(v=2)), "v true": with_entry(record(v=True)), "no type": with_entry(record(t=None)),
    "no ts": with_entry(record(ts=None)), "no node": with_entry(record(node=None)),
    "genesis of another log": genesis(origin="other"), "no genesis": genesis(kind="log.started"),
    "rs again": chained(rs=0), "rs skipped": chained(rs=9), "rs text": chained(rs="8"), "no prev": chained(prev=None),
    "wrong prev": chained(prev=b64(bytes(32))), "prev without rs": chained(rs=None), "bad run": chained(run="run"),
    "another run's rs": chained(run=CALL), "prev at 0": chained(run=CALL, rs=0), "after the end": after_the_end(),
    "closed twice": closing("call.outcome", "call.denied"), "unknown after": closing("call.outcome", "call.unknown"),
    "outcome after unknown": closing("call.unknown", "call.outcome"),
    "late twice": closing("call.unknown", "call.outcome", "call.outcome", late=True),
    "late without unknown": closing("call.outcome", late=True), "late false": closing("call.outcome", late=False),
    "another call": closing("call.outcome", call=RUN), "without intent": closing("call.outcome", intent=None),
    "an intent in no chain": with_entry(record(t="call.intent", call=CALL, run=RUN)),
    "a call that is no id": with_entry(record(call=f"dec_{CALL}")), "late, but a word": closing("call.outcome", late="x"),
    "after the end of the log": after_the_log(),
    "an intent that is none": closing("call.denied", intent=b64(bytes(32))),
    "a start with open intents": start_with_open_intent(),
}


@pytest.mark.parametrize("name", SIGNED_AGAIN)
def test_what_is_signed_again_with_the_true_key_is_bad_too(verify, folder, name):
    SIGNED_AGAIN[name].write(folder)
    verify(*KEY, folder, expect=1)
    verify(*KEY, "--tree-only", folder)


def test_what_no_rule_forbids_is_good(verify, folder):
    log, run = sample()
    run.close(run.add("call.intent", call=CALL), "call.denied")
    run.close(run.add("call.intent", call=CALL), "call.unknown")
    log.add("call.denied", run=RUN)
    log.append(record(x=json.loads("[" * 15 + "]" * 15)))
    log.append(record(t="new.type\n", **{"x\u20ac\x1f\"\\\x7f": [True, False, -(2**53 - 1)]}))
    said = verify(*KEY, "--strict", log.write(folder), expect=3)
    assert "1 call in flight" in said and 'unknown type: "new.type\\n"\n' in said


def test_truncation_and_forks(verify, folder):
    log = long_log()
    old = folder.parent / "old"
    old.write_bytes(log.checkpoint(500))
    log.write(folder)
    verify(*KEY, "--old-checkpoint", old, folder)
    shorter = Writer(log.entries[:400]).write(folder.parent / "shorter")
    verify(*KEY, shorter)
    verify(*KEY, "--old-checkpoint", old, shorter, expect=1)
    verify(*KEY, "--min-size", 500, shorter, expect=1)
    (folder / "checkpoint").write_bytes(log.checkpoint(400))
    assert "missing" in verify(*KEY, folder, expect=1)  # the partial tiles of that size
    put(folder, Writer(log.entries[:400]).files())
    assert "warning" in verify(*KEY, folder)
    verify(*KEY, "--old-checkpoint", old, folder, expect=1)
    forked = Writer([*log.entries[:450], record(), *log.entries[450:]]).write(folder.parent / "forked")
    verify(*KEY, forked)
    verify(*KEY, "--old-checkpoint", old, forked, expect=1)


# Keys, notes and trust files.

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


# Payloads.

def test_stored_payloads(verify, tmp_path):
    log, run = sample()
    packed, added, lost = Sealed(b'{"a":1}'), Sealed(b"later"), Sealed(b"lost")
    run.add("call.note", args=packed.commitment)
    log.add("log.note", more={**added.commitment, "f": "?"}, list=[lost.commitment], gone={"c": b64(sha(b"?")), "n": 3})
    blob, digest = packed.blob, sha(added.blob).hex()
    put(tmp_path / "payloads", {
        "2026-11-20/1.pack": sha(blob) + len(blob).to_bytes(4, "big") + blob,
        f"addenda/{digest[:2]}/{digest[2:4]}/{digest}": added.blob})
    words = (*KEY, "--payloads", tmp_path / "payloads", tmp_path / "log")
    log.write(tmp_path / "log")
    assert "2 payloads found" in verify(*words)
    run.add("call.note", res=lost.commitment)
    log.write(tmp_path / "log")
    assert "not there" in verify(*words, expect=1)
    # The run began a year before its records say.
    cases = (({"runs": [RUN]}, 0), ({"bucket": "2025-11-20"}, 0), ({"bucket": "2026-11-20"}, 1), ({"runs": []}, 1))
    for erased, code in cases:
        other = Writer(list(log.entries))
        other.add("payload.erased", **erased)
        verify(*words[:-1], other.write(tmp_path / "erased"), expect=code)
    flip("payloads/2026-11-20/1.pack", 60)(tmp_path)
    assert "another hash" in verify(*words[:-1], Writer(log.entries[:2]).write(tmp_path / "short"), expect=1)
    verify(*words, expect=1)


def test_the_day_of_a_run():
    assert day_of(Record.parse(record(run=RUN), 0, b"")) == "2025-11-20"
    assert day_of(Record.parse(record(ts=1795169700000000), 0, b"")) == "2026-11-20"


# Evidence bundles and votes.

PERSON = Signer("person", 64)
SHOWN = Sealed(jcs({"call": {"amount": "12"}, "request": "x"}))
POLICY = b'{"rules":[]}'


def statement(**changes) -> bytes:
    return jcs({"type": "vote", "request": "apr_a1", "verdict": "approve", "bind": SHOWN.commitment["c"],
                "approver": "p1", "call": "sha256:" + sha(jcs({"amount": "12"})).hex(), **changes})


def envelope(signed: bytes, signer: Signer = PERSON, **changes) -> bytes:
    kind = "application/vnd.interlock.vote+json"
    signature = signer.key.sign(f"DSSEv1 {len(kind)} {kind} {len(signed)} ".encode() + signed)
    signatures = [{"keyid": b64(signer.public), "sig": b64(signature)}]
    return jcs({"payloadType": kind, "payload": b64(signed), "signatures": signatures, **changes})


def approved(proof: bytes = envelope(statement()), **changes) -> dict[str, bytes]:
    """A bundle of a run with one approval, its statement and what was shown disclosed."""
    log = Writer()
    log.add("log.genesis", origin=log.origin)
    run, signed = Run(log), Sealed(proof)
    run.add("run.start", pol=b64(sha(POLICY)))
    asked = run.add("approval.requested", appr="a1", bind=SHOWN.commitment)
    fields = {"appr": "a1", "bindc": SHOWN.commitment["c"], "by": "p1", "proof": signed.commitment, **changes}
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
    enrolled = {"pseudonym": "p1", "keys": [{"key": b64(key), "since": 1.5}]}
    (tmp_path / "people").write_text(json.dumps({"people": [enrolled]}))
    return tmp_path / "people"


def test_a_bundle_with_a_vote(archived, tmp_path):
    said = archived(approved())
    assert "6 records, not ended, 1 call in flight, 2 payloads opened, 1 vote verified (signer not identified" in said
    assert "not identified" not in archived(approved(), "--people", people(tmp_path, PERSON.public))
    archived(approved(), "--people", people(tmp_path, LOG_KEY.public), expect=1)
    archived(approved(envelope(statement(request="a1"))))
    archived(approved(), "--people", __file__, expect=65)
    archived(approved(), "--min-size", 9, expect=1)


@pytest.mark.parametrize("bundle", [
    approved(bindc=b64(bytes(32))), approved(bindc=None), approved(appr="a2"), approved(by="p2"),
    *[approved(envelope(statement(**{name: "x"})))
      for name in ("type", "request", "verdict", "bind", "approver", "call")],
    approved(envelope(statement() + b" ")), approved(envelope(statement(), payload=b64(statement(x=1)))),
    approved(envelope(statement(), payloadType="x")), approved(envelope(statement(), signatures=[])), approved(b"{}"),
    approved(envelope(statement(), more=1)), approved(b"no JSON"),
])
def test_votes_that_are_wrong(archived, bundle):
    archived(bundle, expect=1)


def again(files: dict[str, bytes], changes: dict[str, bytes | None], **claims) -> dict[str, bytes]:
    """The bundle with other files, and a manifest that agrees with them."""
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


# JSON.

@pytest.mark.parametrize("text", ["0", "-1", "1.5", "1e+21", "100000000000000000000", "0.000001", "1e-7",
                                  "123456789012345680", "5e-324", "1.7976931348623157e+308", "null", "[1,{}]",
                                  '"\u20ac\\u000f"', "-1.25e-9", "0.1"])
def test_canonical_numbers(text):
    strictjson.rfc8785(text.encode())


@pytest.mark.parametrize("text", ["-0", "1.0", "1E5", "1e21", "1e400", "01", "9007199254740993", "NaN", '{"a":1,"a":1}',
                                  '"\\ud800"', "[1, 2]", "\ufeff1", '"\\u0008"', "0.10"])
def test_numbers_and_texts_that_are_not_canonical(text):
    with pytest.raises(Malformed):
        strictjson.rfc8785(text.encode())


def test_names_of_tiles():
    assert name_of("0", 1234067, 1234067 * 256 + 8) == "tile/0/x001/x234/067.p/8"
    assert Tile.of("tile/0/x001/x234/067.p/8") == Tile(0, 1234067, 8)
    assert Tile(None, 5, 256).path == "tile/entries/005"
