"""Stored payloads: kept, changed, lost and erased."""

from encoding import b64
from payloads import day_of
from records import Record
from synthetic import KEY, RUN, Sealed, Writer, flip, put, record, sample, sha


def test_stored_payloads(verify, tmp_path):
    log, run = sample()
    packed, added, lost = Sealed(b'{"a":1}'), Sealed(b"later"), Sealed(b"lost")
    run.add("call.note", args=packed.commitment)
    log.add("log.note", more={**added.commitment, "f": "?"}, others=[lost.commitment], gone={"c": b64(sha(b"?")), "n": 3})
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
    # The run began a year before the time in its records.
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
