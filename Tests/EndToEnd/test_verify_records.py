"""The verifiers' checks of the records of a signed log, and of the payloads that they commit to."""

import pytest

from evidencewriter import Payload
from logwriter import CALL, RUN, Log, Run, b64, sha256


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
    "a fraction": lambda log, run: log.append(b'{"node":"gw1","t":"log.tick","ts":1.5,"v":1}'),
    "a null": lambda log, run: log.append(b'{"a":null,"node":"gw1","t":"log.tick","ts":1,"v":1}'),
    "a number too large": lambda log, run: log.append(
        b'{"a":9007199254740992,"node":"gw1","t":"log.tick","ts":1,"v":1}'),
    "minus zero": lambda log, run: log.append(b'{"a":-0,"node":"gw1","t":"log.tick","ts":1,"v":1}'),
    "an exponent": lambda log, run: log.append(b'{"a":1e3,"node":"gw1","t":"log.tick","ts":1,"v":1}'),
    "a leading zero": lambda log, run: log.append(b'{"a":01,"node":"gw1","t":"log.tick","ts":1,"v":1}'),
    "a duplicate key": lambda log, run: log.append(b'{"a":1,"a":1,"node":"gw1","t":"log.tick","ts":1,"v":1}'),
    "a duplicate key below": lambda log, run: log.append(
        b'{"a":{"b":1,"b":2},"node":"gw1","t":"log.tick","ts":1,"v":1}'),
    "keys out of order": lambda log, run: log.append(b'{"node":"gw1","a":1,"t":"log.tick","ts":1,"v":1}'),
    "a space": lambda log, run: log.append(b'{"node":"gw1", "t":"log.tick","ts":1,"v":1}'),
    "a newline at the end": lambda log, run: log.append(b'{"node":"gw1","t":"log.tick","ts":1,"v":1}\n'),
    "an escape too many": lambda log, run: log.append(b'{"a":"\\u0041","node":"gw1","t":"log.tick","ts":1,"v":1}'),
    "an escaped slash": lambda log, run: log.append(b'{"a":"a\\/b","node":"gw1","t":"log.tick","ts":1,"v":1}'),
    "upper-case hex": lambda log, run: log.append(b'{"a":"\\u001F","node":"gw1","t":"log.tick","ts":1,"v":1}'),
    "a lone surrogate": lambda log, run: log.append(b'{"a":"\\ud800","node":"gw1","t":"log.tick","ts":1,"v":1}'),
    "bytes that are no text": lambda log, run: log.append(b'{"a":"\xff","node":"gw1","t":"log.tick","ts":1,"v":1}'),
    "an array": lambda log, run: log.append(b'[1]'),
    "two values": lambda log, run: log.append(b'{"node":"gw1","t":"log.tick","ts":1,"v":1}{}'),
    "17 levels": lambda log, run: log.append(
        b'{"a":' + b"[" * 16 + b"]" * 16 + b',"node":"gw1","t":"log.tick","ts":1,"v":1}'),
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
        '{"a":' + "[" * 15 + "1" + "]" * 15 + ',"node":"gw1","t":"log.tick","ts":1,"v":1}',
    # The order by UTF-16 code units: ASCII, then D800 DC00, then E000.
    "characters of all kinds":
        '{"node":"gw1","t":"log.tick","ts":1,"v":1,"\U00010000":1,"\ue000":"\\"\\\\\\b\\f\\n\\r\\t\\u0001\x7f\xe9"}',
    "16 levels": '{"a":' + "[" * 15 + "]" * 15 + ',"node":"gw1","t":"log.tick","ts":1,"v":1}',
    "the largest numbers": '{"a":[9007199254740991,-9007199254740991,0],"node":"gw1","t":"log.tick","ts":1,"v":1}',
    "an unknown type": '{"node":"gw1","t":"moon.phase","ts":1,"v":1}',
}


@pytest.mark.parametrize("name", GOOD_RECORDS)
def test_a_record_at_the_edge_of_the_rules_is_good(verify, tmp_path, name):
    log = Log().genesis()
    log.append(GOOD_RECORDS[name].encode())
    verify("--vkey", log.key.vkey, log.write(tmp_path / "log"), expect=0)


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
    # It explains earlier records only.
    other.add("list.served", text=gone.commitment)
    verify(*words, log.write(tmp_path / "later"), expect=1)
    log.add("payload.erased", bucket="2026-11-20")
    verify(*words, log.write(tmp_path / "later"), expect=1)
    log.add("payload.erased", bucket="2025-11-20")
    assert "2 of them erased" in verify(*words, log.write(tmp_path / "later"), expect=0)
    # A commitment is a field of the record, and may have more in it; a mere lookalike is no commitment.
    more = Payload(b"more")
    log.add("log.tick", others=[more.commitment], odd={"b": 1, "c": b64(sha256(b"")), "n": 1})
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
