"""`interlock-verify` on logs, proofs and evidence bundles that a writer of the tests made from docs/auditing.md."""

import base64
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT, missing
from evidencewriter import Evidence, Payload, leaf, tar
from logwriter import CALL, RUN, Key, Log, Run, b64, bundle, canonical, example_key, leaf_hash, sha256

WITNESS = Key("auditor.example", bytes(range(32, 64)), kind=4)
OTHER = Key("other.example", bytes(range(64, 96)), kind=4)


@pytest.fixture(scope="session")
def verify(binary):
    program = binary.parent / "interlock-verify"

    def run(*words, expect: int | tuple[int, ...], is_of_the_page: bool = True) -> str:
        """Standard output and standard error of a run that ends as expected, and as that of the Python verifier."""
        done = subprocess.run([program, *map(str, words)], capture_output=True, text=True, timeout=120, env={})
        wanted = expect if isinstance(expect, tuple) else (expect,)
        assert done.returncode in wanted, f"{done.returncode}, not {expect}: {done.stdout}{done.stderr}"
        third = [sys.executable, ROOT / "Tests" / "Verifier" / "ledger_verifier.py", *words]
        other = subprocess.run([*map(str, third)], capture_output=True, text=True, timeout=120, env={})
        assert not is_of_the_page or other.returncode == done.returncode, (
            f"the Python verifier: {other.returncode} {other.stderr}{done.stderr}")
        if done.returncode in (0, 1, 3):
            assert done.stdout.startswith("BAD: " if done.returncode == 1 else "ok: ")
        return done.stdout + done.stderr

    return run


def sample(entries: int = 0) -> Log:
    """A log with one run of some calls, and as many ticks as asked for."""
    log = Log().genesis()
    run = Run(log)
    run.add("run.start")
    run.call()
    run.call(close="call.denied", code="policy.no_grant")
    run.call(close=None)
    while len(log.entries) < entries:
        log.add("log.tick", size=len(log.entries))
    return log


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
    """What is no checkpoint is not of its format; one that is not to be trusted is bad evidence."""
    log, old, trust = sample(), tmp_path / "old", tmp_path / "trust"
    folder, words = log.write(tmp_path / "log"), ("--old-checkpoint", tmp_path / "old", tmp_path / "log")
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
    # Also with a key that is trusted for another log: a known line may not fail.
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
    log = sample(600)
    run = Run(log, "01kag0q9v4x2m7c8d3e5f6g7h9")
    run.add("run.start")
    run.call()
    folder = log.write(tmp_path / "log")
    (folder / "tile/entries/000").unlink()
    assert "missing" in verify("--vkey", log.key.vkey, folder, expect=1)
    verify("--vkey", log.key.vkey, "--min-index", 256, folder, expect=0)
    verify("--vkey", log.key.vkey, "--min-index", 255, folder, expect=1)
    (folder / "tile/0/000").unlink()
    verify("--vkey", log.key.vkey, "--min-index", 256, folder, expect=1)


def changed(**fields):
    return lambda log, run: log.add("log.tick", **fields)


BAD_RECORDS = {
    "an unknown intent": lambda log, run: run.add("call.outcome", call=CALL, st="ok", intent=b64(sha256(b""))),
    "no leaf hash as intent": lambda log, run: run.add("call.unknown", call=CALL, intent="none"),
    "a second closing": lambda log, run: run.add("call.outcome", call=CALL, st="ok", intent=b64(run.call())),
    "a late outcome of what was not unknown": lambda log, run: run.call(late=True),
    "another call": lambda log, run: run.add(
        "call.outcome", call=RUN, st="ok", intent=b64(run.add("call.intent", call=CALL))),
    "another run": lambda log, run: log.add(
        "call.outcome", call=CALL, st="ok", intent=b64(run.add("call.intent", call=CALL))),
    "an intent open across a start": lambda log, run: (run.call(close=None), log.add("log.started")),
    "a counter that jumps": lambda log, run: run.add("log.tick", rs=run.count + 1),
    "a counter that repeats": lambda log, run: run.add("log.tick", rs=run.count - 1),
    "another record before": lambda log, run: run.add("log.tick", prev=b64(sha256(b""))),
    "no record before": lambda log, run: run.add("log.tick", prev=None),
    "a chain that begins at 1": lambda log, run: run.add("run.start", run="01kag0q9v4x2m7c8d3e5f6g7h9", rs=1),
    "a counter without run": lambda log, run: log.add("log.tick", rs=0),
    "a run that is no id": lambda log, run: log.add("run.start", rs=0, run=RUN.upper()),
    "a predecessor without counter": lambda log, run: log.add("log.tick", prev=b64(sha256(b""))),
    "a run that goes on after its end": lambda log, run: (run.add("run.end"), run.add("list.served")),
    "no type": changed(t=None), "no time": changed(ts=None), "no node": changed(node=None), "version 2": changed(v=2),
    "a fraction": lambda log, run: log.append(b'{"node":"n","t":"log.tick","ts":1.5,"v":1}'),
    "a null": lambda log, run: log.append(b'{"a":null,"node":"n","t":"log.tick","ts":1,"v":1}'),
    "a number too large": lambda log, run: log.append(
        b'{"a":9007199254740992,"node":"n","t":"log.tick","ts":1,"v":1}'),
    "minus zero": lambda log, run: log.append(b'{"a":-0,"node":"n","t":"log.tick","ts":1,"v":1}'),
    "an exponent": lambda log, run: log.append(b'{"a":1e3,"node":"n","t":"log.tick","ts":1,"v":1}'),
    "a leading zero": lambda log, run: log.append(b'{"a":01,"node":"n","t":"log.tick","ts":1,"v":1}'),
    "a duplicate key": lambda log, run: log.append(b'{"a":1,"a":1,"node":"n","t":"log.tick","ts":1,"v":1}'),
    "a duplicate key below": lambda log, run: log.append(
        b'{"a":{"b":1,"b":2},"node":"n","t":"log.tick","ts":1,"v":1}'),
    "keys out of order": lambda log, run: log.append(b'{"node":"n","a":1,"t":"log.tick","ts":1,"v":1}'),
    "a space": lambda log, run: log.append(b'{"node":"n", "t":"log.tick","ts":1,"v":1}'),
    "a newline at the end": lambda log, run: log.append(b'{"node":"n","t":"log.tick","ts":1,"v":1}\n'),
    "an escape too many": lambda log, run: log.append(b'{"node":"\\u0041","t":"log.tick","ts":1,"v":1}'),
    "an escaped slash": lambda log, run: log.append(b'{"node":"a\\/b","t":"log.tick","ts":1,"v":1}'),
    "upper-case hex": lambda log, run: log.append(b'{"node":"\\u001F","t":"log.tick","ts":1,"v":1}'),
    "a lone surrogate": lambda log, run: log.append(b'{"node":"\\ud800","t":"log.tick","ts":1,"v":1}'),
    "bytes that are no text": lambda log, run: log.append(b'{"node":"\xff","t":"log.tick","ts":1,"v":1}'),
    "an array": lambda log, run: log.append(b'[1]'),
    "two values": lambda log, run: log.append(b'{"node":"n","t":"log.tick","ts":1,"v":1}{}'),
    "17 levels": lambda log, run: log.append(
        b'{"a":' + b"[" * 16 + b"]" * 16 + b',"node":"n","t":"log.tick","ts":1,"v":1}'),
}


@pytest.mark.parametrize("name", BAD_RECORDS)
def test_a_record_that_breaks_a_rule_is_bad_though_it_is_signed(verify, tmp_path, name):
    log = Log().genesis()
    run = Run(log)
    run.add("run.start")
    BAD_RECORDS[name](log, run)
    folder = log.write(tmp_path / "log")
    verify("--vkey", log.key.vkey, folder, expect=1)
    verify("--tree-only", "--vkey", log.key.vkey, folder, expect=0)


GOOD_RECORDS = {
    "16 levels with something in them":
        '{"a":' + "[" * 15 + "1" + "]" * 15 + ',"node":"n","t":"log.tick","ts":1,"v":1}',
    # By UTF-16 code units: ASCII, then D800 DC00, then E000.
    "characters of all kinds":
        '{"node":"n","t":"log.tick","ts":1,"v":1,"\U00010000":1,"\ue000":"\\"\\\\\\b\\f\\n\\r\\t\\u0001\x7f\xe9"}',
    "16 levels": '{"a":' + "[" * 15 + "]" * 15 + ',"node":"n","t":"log.tick","ts":1,"v":1}',
    "the largest numbers": '{"a":[9007199254740991,-9007199254740991,0],"node":"n","t":"log.tick","ts":1,"v":1}',
    "an unknown type": '{"node":"n","t":"moon.phase","ts":1,"v":1}',
}


@pytest.mark.parametrize("name", GOOD_RECORDS)
def test_a_record_at_the_edge_of_the_rules_is_good(verify, tmp_path, name):
    log = Log().genesis()
    log.append(GOOD_RECORDS[name].encode())
    verify("--vkey", log.key.vkey, log.write(tmp_path / "log"), expect=0)


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


def test_a_late_outcome_follows_an_unknown_call_once(verify, tmp_path):
    log = Log().genesis()
    run = Run(log)
    run.add("run.start")
    intent = run.call(close="call.unknown", why="crash")
    log.add("log.started")
    run.add("call.outcome", call=CALL, st="ok", intent=b64(intent), late=True)
    verify("--vkey", log.key.vkey, log.write(tmp_path / "log"), expect=0)
    run.add("call.outcome", call=CALL, st="ok", intent=b64(intent), late=True)
    verify("--vkey", log.key.vkey, log.write(tmp_path / "log"), expect=1)


def test_payloads_are_found_changed_missing_or_erased(verify, tmp_path):
    kept, gone = Payload(b'{"a":1}'), Payload(b'{"a":2}')
    log = Log().genesis()
    run = Run(log)
    run.add("run.start")
    run.add("call.intent", call=CALL, args=kept.commitment)
    other = Run(log, "01kag0q9v4x2m7c8d3e5f6g7h9")
    other.add("run.start", text=gone.commitment)
    store = tmp_path / "payloads"
    (store / "2026-11-20").mkdir(parents=True)
    pack = store / "2026-11-20/000001.pack"
    pack.write_bytes(sha256(kept.blob) + len(kept.blob).to_bytes(4, "big") + kept.blob)
    words = ("--vkey", log.key.vkey, "--payloads", store)
    assert "a payload is missing" in verify(*words, log.write(tmp_path / "log"), expect=1)
    log.add("payload.erased", runs=[other.run])
    assert "1 of them erased" in verify(*words, log.write(tmp_path / "log"), expect=0)
    # It explains what was recorded before it, and nothing later.
    other.add("list.served", text=gone.commitment)
    verify(*words, log.write(tmp_path / "later"), expect=1)
    log.add("payload.erased", bucket="2026-11-20")
    verify(*words, log.write(tmp_path / "later"), expect=1)
    log.add("payload.erased", bucket="2025-11-20")
    assert "2 of them erased" in verify(*words, log.write(tmp_path / "later"), expect=0)
    # A commitment is a field of the record, and may have more in it; what only looks like one is none.
    more = Payload(b"more")
    log.add("log.tick", list=[more.commitment], text={"b": 1, "c": b64(sha256(b"")), "n": 1})
    verify(*words, log.write(tmp_path / "more"), expect=0)
    log.add("log.tick", text={**more.commitment, "f": b64(sha256(b""))})
    verify(*words, log.write(tmp_path / "more"), expect=1)
    digest = sha256(more.blob).hex()
    addendum = store / "addenda" / digest[:2] / digest[2:4] / digest
    addendum.parent.mkdir(parents=True)
    addendum.write_bytes(more.blob)
    verify(*words, log.write(tmp_path / "more"), expect=0)
    addendum.write_bytes(more.blob + b"x")
    verify(*words, tmp_path / "log", expect=1)
    addendum.unlink()
    pack.write_bytes(pack.read_bytes()[:-1] + b"\0")
    assert "do not have their digest" in verify(*words, log.write(tmp_path / "log"), expect=1)


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
    (["--help"], 0),
])
def test_each_misuse_has_its_exit_code(binary, tmp_path, words, code):
    folder = sample().write(tmp_path / "log")
    done = subprocess.run([binary.parent / "interlock-verify", *[word.format(log=folder) for word in words]],
                          capture_output=True, text=True, timeout=20)
    assert done.returncode == code, done.stderr


def test_an_evidence_pack_is_refused_by_name(verify, tmp_path):
    pack = tmp_path / "pack"
    pack.mkdir()
    (pack / "manifest.dsse.json").write_text("{}")
    assert "evidence pack" in verify("--vkey", example_key().vkey, pack, expect=64, is_of_the_page=False)
    (tmp_path / "pack.tar").write_bytes(tar({"manifest.dsse.json": b"{}"}))
    assert "evidence pack" in verify(
        "--vkey", example_key().vkey, tmp_path / "pack.tar", expect=64, is_of_the_page=False)


# Evidence bundles.

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


def judged(verify, tmp_path, archive: bytes, expect: int | tuple[int, ...], *words) -> str:
    path = tmp_path / "run.tar"
    path.write_bytes(archive)
    return verify("--vkey", example_key().vkey, *words, path, expect=expect)


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
    """The bundle after a change of its files, under a manifest that is right again."""
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


# Votes.

PERSON = Key("ines", b"\x21" * 32)
BY = "qAtvNSliVAlAcLHGLhmnpA=="
SHOWN_CALL = b'{"args":{"amount_cents":42000.5},"tool":"refund"}'
REVIEW = '{"call":%s,"type":"review","v":1}'


def vote(statement: dict = {}, disclose: tuple[str, ...] = ("bind", "proof"), by: str = BY, bindc: str | None = None,
         signer: Key = PERSON, call: bytes = SHOWN_CALL, review: str = REVIEW, asked: dict = {}) -> bytes:
    """A bundle of a run with one request and one vote on it."""
    request, shown = "01kag0qx0e2g4j6m8p0r2t4v6x", Payload(review.encode() % call, salt=b"\x84" * 32)
    call = sha256(call).hex()
    payload = canonical({"v": 1, "type": "vote", "request": f"apr_{request}", "verdict": "approve",
                         "call": f"sha256:{call}", "bind": shown.commitment["c"], "approver": BY, **statement})
    kind = "application/vnd.interlock.vote+json"
    message = f"DSSEv1 {len(kind)} {kind} {len(payload)} ".encode() + payload
    envelope = {"payloadType": kind, "payload": b64(payload),
                "signatures": [{"keyid": b64(signer.public), "sig": b64(PERSON.private.sign(message))}]}
    proof = Payload(json.dumps(envelope).encode())
    log = Log().genesis()
    run = Run(log)
    run.add("run.start")
    leaves = {"bind": run.add("approval.requested", **{"appr": request, "bind": shown.commitment, **asked}),
              "proof": run.add("approval.granted", appr=request, by=by, bindc=bindc or shown.commitment["c"],
                               proof=proof.commitment)}
    sealed = {"bind": shown, "proof": proof}
    return Evidence(log, [2, 3, 4], openings=[sealed[name].opening(leaves[name], name) for name in disclose],
                    blobs=[sealed[name].blob for name in disclose]).archive()


def people(tmp_path, pseudonym: str = BY, key: bytes = PERSON.public) -> Path:
    path = tmp_path / "people.json"
    path.write_text(json.dumps({"v": 1, "people": [{"pseudonym": pseudonym, "keys": [{"key": b64(key)}]}]}))
    return path


def test_a_vote_is_checked_as_far_as_it_is_disclosed(verify, tmp_path):
    known = ("--people", people(tmp_path))
    said = judged(verify, tmp_path, vote(), 0, *known)
    assert "1 votes (1 signatures verified, 1 signers known)" in said
    assert "signers of votes were not identified" in judged(verify, tmp_path, vote(), 0)
    assert "0 signatures verified" in judged(verify, tmp_path, vote(disclose=()), 0)
    judged(verify, tmp_path, vote(), 1, "--people", people(tmp_path, pseudonym="AAAAAAAAAAAAAAAAAAAAAA=="))
    judged(verify, tmp_path, vote(), 1, "--people", people(tmp_path, key=b"\x05" * 32))


def test_what_was_shown_holds_what_agents_send(verify, tmp_path):
    for call in (b"null", b"1e+21", b"-1.5e-7", b"[" * 100 + b"0.1" + b"]" * 100, '"\u20ac\\n"'.encode()):
        assert "1 signatures verified" in judged(verify, tmp_path, vote(call=call), 0)


def test_each_person_is_in_the_file_once(verify, tmp_path):
    path = people(tmp_path)
    known = json.loads(path.read_text())
    for wrong in ({"people": known["people"] * 2}, {"people": {}}, {"people": [{"pseudonym": BY, "keys": {}}]}, {},
                  {"people": [{"pseudonym": BY}]}, {"people": [{"pseudonym": BY, "keys": [{"key": "AAAA"}]}]},
                  {**known, "more": "\ud800"}, {**known, "more": json.loads("[" * 16 + "]" * 16)}):
        path.write_text(json.dumps(wrong))
        judged(verify, tmp_path, vote(), 65, "--people", path)
    path.write_text(json.dumps({**known, "more": [None, 1.5, json.loads("[" * 14 + "]" * 14)]}))
    judged(verify, tmp_path, vote(), 0, "--people", path)
    path.write_text(path.read_text()[:-1] + ',"people":[]}')
    judged(verify, tmp_path, vote(), 65, "--people", path)


@pytest.mark.parametrize("lie", [
    {"statement": {"verdict": "deny"}}, {"statement": {"request": "apr_01kag0q9v4x2m7c8d3e5f6g7h9"}},
    {"statement": {"bind": b64(sha256(b""))}}, {"statement": {"approver": "AAAAAAAAAAAAAAAAAAAAAA=="}},
    {"statement": {"call": "sha256:" + sha256(b"").hex()}}, {"statement": {"type": "halt"}},
    {"by": "AAAAAAAAAAAAAAAAAAAAAA=="}, {"bindc": b64(sha256(b"")), "disclose": ()},
    {"signer": Key("eve", b"\x22" * 32)}, {"by": None}, {"by": 1, "disclose": ()}, {"statement": {"more": 1.5}},
    {"statement": {"more": None}}, {"asked": {"bind": None}, "disclose": ()}, {"asked": {"appr": 1}, "disclose": ()},
    # What was shown has one form, too.
    {"review": '{"call": %s,"type":"review","v":1}'}, {"review": '{"type":"review","call":%s,"v":1}'},
    {"review": '{"call":{},"call":%s}'}, {"review": "[%s]"}, {"call": b"1.50"}, {"call": b"1E2"}, {"call": b"-0"},
    {"call": b"[" * 300 + b"]" * 300},
])
def test_a_vote_about_something_else_is_bad(verify, tmp_path, lie):
    judged(verify, tmp_path, vote(**lie), 1)
