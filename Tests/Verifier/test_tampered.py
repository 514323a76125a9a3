"""The tamper list of docs/auditing.md, section 12: edits of files, of records signed again, and of the past."""

import json
import random
from pathlib import Path

import pytest

from encoding import b64
from synthetic import CALL, KEY, LOG_KEY, P1, RUN, Signer, Writer, flip, put, record, sample


def long_log() -> Writer:
    log, _ = sample()
    while len(log.entries) < 600:
        log.add("log.tick")
    return log


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


def checked(*kinds: str, findings: tuple[str, ...] = ("ran",), **fields) -> Writer:
    """Closes a call by these records, then records what people found about it, one after the other."""
    log, run = sample()
    intent = run.add("call.intent", call=CALL)
    for kind in kinds:
        run.close(intent, kind, late=True if kinds[0] == "call.unknown" and kind == "call.outcome" else None)
    for found in findings:
        log.add("outcome.checked", **{"ofrun": RUN, "call": CALL, "intent": b64(intent), "as": found, "by": P1, **fields})
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
    "checked while in flight": checked(), "checked after its outcome": checked("call.outcome"),
    "checked after a denial": checked("call.denied"),
    "checked after its late outcome": checked("call.unknown", "call.outcome"),
    "checked by another call's name": checked("call.unknown", call=RUN),
    "checked by another run's name": checked("call.unknown", ofrun=CALL),
    "checked without a run": checked("call.unknown", ofrun=None),
    "checked without an intent": checked("call.unknown", intent=None),
    "checked twice": checked("call.unknown", findings=("ran", "ran")),
    "checked again after a final finding": checked("call.unknown", findings=("still_unknown", "undone", "still_unknown")),
    "checked, an intent that is none": checked("call.unknown", intent=b64(bytes(32))),
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


def test_a_finding_may_follow_a_call_of_unknown_outcome(verify, folder):
    verify(*KEY, checked("call.unknown", findings=("still_unknown", "still_unknown", "not_run")).write(folder))


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
