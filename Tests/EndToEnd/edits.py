"""The tamper list: the edits of a copy of a log, by name.

RAW edits change files under the old signature; SIGNED ones are signed anew with the log's own key; PRUNED_GOOD and
PRUNED_BAD are logs whose old records are gone; REMEMBERED rewrites a past of which an auditor may have kept a
checkpoint."""

import json

from logwriter import Key, Log, b64, bundle, canonical, leaf_hash, sha256


def swapped_bundles(log):
    first, second = log.path("entries", 0).read_bytes(), log.path("entries", 1).read_bytes()
    log.path("entries", 0).write_bytes(second)
    log.path("entries", 1).write_bytes(first)


def swapped_entries(log):
    entries = log.entries[:256]
    entries[7], entries[8] = entries[8], entries[7]
    log.path("entries", 0).write_bytes(bundle(entries))


def swapped_entries_and_tiles(log):
    entries = log.entries
    entries[7], entries[8] = entries[8], entries[7]
    checkpoint = (log.log / "checkpoint").read_bytes()
    log.signed(entries)
    (log.log / "checkpoint").write_bytes(checkpoint)


def truncated_bundle(log):
    path = log.path("entries", 1)
    path.write_bytes(path.read_bytes()[:-1])


def extended_bundle(log):
    path = log.path("entries", 1)
    path.write_bytes(path.read_bytes() + bundle([b"{}"]))


def extended_tile(log):
    path = log.path("0", 1)
    path.write_bytes(path.read_bytes() + bytes(32))


def entry_left_out(log):
    log.path("entries", 0).write_bytes(bundle(log.entries[:255]))


def foreign_key(log):
    (log.log / "checkpoint").write_bytes(Log(Key(log.key.name, b"\x07" * 32), log.entries).checkpoint())


def foreign_key_with_the_true_id(log):
    note = Log(Key(log.key.name, b"\x07" * 32), log.entries).checkpoint()
    forged = Key(log.key.name, b"\x07" * 32).id
    true, false = b64(log.key.id + b"\0\0")[:5], b64(forged + b"\0\0")[:5]
    text, _, signature = note.decode().rpartition(" ")
    assert signature.startswith(false)
    (log.log / "checkpoint").write_text(f"{text} {true}{signature[5:]}")


def record_left_out_signed(log):
    entries = log.entries
    place = next(at for at in range(300, len(entries)) if json.loads(entries[at]).get("rs", 0) > 2)
    log.signed(entries[:place] + entries[place + 1:])


def records_swapped_signed(log):
    entries = log.entries
    place = next(at for at in range(300, len(entries)) if all("rs" in json.loads(one) for one in entries[at:at + 2]))
    entries[place], entries[place + 1] = entries[place + 1], entries[place]
    log.signed(entries)


def second_closing(log):
    intent = log.intent()
    first = log.outcome(intent, intent)
    log.added(intent, first, log.outcome(first, intent))


def late_without_unknown(log):
    intent = log.intent()
    first = log.outcome(intent, intent)
    log.added(intent, first, log.outcome(first, intent, late=True))


def late_that_is_false(log):
    intent = log.intent()
    log.added(intent, log.outcome(intent, intent, late=False))


def late_outcome_of_another_call(log):
    intent = log.intent()
    unknown = log.outcome(intent, intent, t="call.unknown", why="crash")
    log.added(intent, unknown, log.outcome(unknown, intent, late=True, call="01kag0qwz3b5d7f9h1k3m5p7r8"))


def check(log, intent: dict, /, **fields) -> dict:
    """What a person found about a call."""
    record = log.unchained(**{"t": "outcome.checked", "ofrun": intent["run"], "call": intent["call"],
                              "intent": b64(leaf_hash(canonical(intent))), "as": "ran", "by": "qAtvNSliVAlAcLHGLhmnpA==",
                              **fields})
    return {name: value for name, value in record.items() if name not in ("run", "subj")}


def checked(log, *closers: dict, then: str | None = None, **fields) -> None:
    """Adds a call, the records that close it, and what a person found about it; `then` is a second finding."""
    records = [log.intent()]
    for closer in closers:
        records.append(log.outcome(records[-1], records[0], **closer))
    findings = [check(log, records[0], **fields)] + ([check(log, records[0], **{"as": then})] if then else [])
    log.added(*records, *findings)


UNKNOWN = {"t": "call.unknown", "why": "crash"}


def intent_outside_a_run(log, **fields):
    log.added(log.unchained(**{**log.intent(), **fields}))


def intent_without_a_call(log):
    log.added({name: value for name, value in log.intent().items() if name != "call"})


def outcome_without_a_call(log):
    intent = log.intent()
    log.added(intent, {name: value for name, value in log.outcome(intent, intent).items() if name != "call"})


def first_record(log, **fields):
    entries = log.entries
    log.signed([canonical({**json.loads(entries[0]), **fields}), *entries[1:]])


def second_late_outcome(log):
    intent = log.intent()
    unknown = log.outcome(intent, intent, t="call.unknown", why="crash")
    late = log.outcome(unknown, intent, late=True)
    log.added(intent, unknown, late, log.outcome(late, intent, late=True))


def closing_of_another_call(log):
    intent = log.intent()
    log.added(intent, log.outcome(intent, intent, call="01kag0qwz3b5d7f9h1k3m5p7r8"))


def left_open_across_a_start(log):
    started, _ = log.newest(lambda one: one["t"] == "log.started")
    log.added(log.intent(), started)


def after_the_end(log):
    end = log.following(t="run.end")
    prev = b64(leaf_hash(canonical(end)))
    log.added(end, {**end, "t": "list.served", "rs": end["rs"] + 1, "prev": prev})


def other(log, number: int) -> Key:
    return Key(log.key.name, bytes([number]) * 32)


def rotation_signed_by_the_old_key(log):
    log.added(log.rotation(other(log, 7), log.key, by=log.key))


def rotation_of_another_log(log):
    log.added(log.rotation(Key("audit.other.example/gw1/2026", b"\x07" * 32), log.key, by=other(log, 7)))


def rotation_from_a_key_that_is_not_in_force(log):
    first, second = other(log, 7), other(log, 8)
    log.added(log.rotation(first, log.key, by=first), log.rotation(second, log.key, by=second))


def spaced(log):
    return canonical(log.following()).replace(b'"ts":', b'"ts": ')


def doubled(log):
    return canonical(log.following()).replace(b'"v":1', b'"v":1,"v":1')


LOST_RUN, LOST_CALL = "01kag0q9v4x2m7c8d3e5f6g7h9", "01kag0qwz3b5d7f9h1k3m5p7r9"


def pruned(log, *closers: tuple[str, dict], at: int | None = None, among: tuple[str, ...] = ()) -> None:
    """Adds a run that begins with an open call among 256 pruned records, continues there with `among` and, from `at` on
    (by default at the end), with `closers`."""
    base = {name: value for name, value in log.unchained().items() if name != "subj"} | {"run": LOST_RUN}
    chain: list[bytes] = []

    def add(kind: str, **fields) -> bytes:
        prev = {"prev": b64(leaf_hash(chain[-1]))} if chain else {}
        chain.append(canonical({**base, "t": kind, "rs": len(chain), **prev, **fields}))
        return chain[-1]

    closing = {"call": LOST_CALL, "st": "ok"}
    lost = [add("run.start"), add("call.intent", call=LOST_CALL, dec="allow")]
    closing["intent"] = b64(leaf_hash(lost[1]))
    lost += [add(kind, **closing) for kind in among]
    kept = [add(kind, **{**closing, **fields}) for kind, fields in closers]
    entries = log.entries
    at = len(entries) if at is None else at
    starts = [place for place, entry in enumerate(entries) if json.loads(entry)["t"] == "log.started"]
    assert 256 < (at if at < len(entries) else 257) < starts[-1]
    log.signed(entries[:100] + lost + entries[100:at] + kept + entries[at:])
    log.path("entries", 0).unlink()
    log.flags += ["--min-index", 256]


def last_bundle_pruned(log):
    log.path("entries", *log.last).unlink()
    log.flags += ["--min-index", len(log.entries)]


# Bundles of old records are gone, and the auditor knows it.
PRUNED_GOOD = {
    "closed before the next start": lambda log: pruned(log, ("call.outcome", {}), at=280),
    "unknown before the next start": lambda log: pruned(log, ("call.unknown", {}), at=280),
    "a late outcome of what became unknown there": lambda log: pruned(
        log, ("call.outcome", {"late": True}), among=("call.unknown",)),
}

PRUNED_BAD = {
    "open across a start": lambda log: pruned(log, ("call.outcome", {})),
    "refused across a start": lambda log: pruned(log, ("call.denied", {})),
    "unknown across a start": lambda log: pruned(log, ("call.unknown", {})),
    "closed twice": lambda log: pruned(log, ("call.outcome", {}), ("call.outcome", {}), at=280),
    "closed after a late outcome": lambda log: pruned(
        log, ("call.outcome", {"late": True}), ("call.outcome", {}), at=280),
    "a late outcome of another call": lambda log: pruned(
        log, ("call.unknown", {}), ("call.outcome", {"late": True, "call": "01kag0qwz3b5d7f9h1k3m5p7r8"}), at=280),
    "the last, partial bundle is gone": last_bundle_pruned,
}


def rolled_back(log):
    (log.log / "checkpoint").write_bytes(log.real.old)


def truncated(log):
    log.signed(log.entries[:400])


def forked(log):
    entries = log.entries
    log.signed(entries[:400] + [canonical({**json.loads(entries[0]), "t": "log.tick", "ts": 1})])


RAW = {
    "an entry's byte": lambda log: log.flip(log.path("entries", 1), 1000),
    "a byte of the last entries": lambda log: log.flip(log.path("entries", *log.last), 100),
    "a length of an entry": lambda log: log.flip(log.path("entries", 0), 1),
    "a level-0 hash": lambda log: log.flip(log.path("0", 1), 100),
    "a hash of the last level-0 tile": lambda log: log.flip(log.path("0", *log.last), 1),
    "a level-1 hash": lambda log: log.flip(log.path("1", 0, log.last[0]), 40),
    "a bundle missing": lambda log: log.path("entries", 1).unlink(),
    "the last bundle missing": lambda log: log.path("entries", *log.last).unlink(),
    "a tile missing": lambda log: log.path("0", 0).unlink(),
    "the level-1 tile missing": lambda log: log.path("1", 0, log.last[0]).unlink(),
    "bundles swapped": swapped_bundles, "entries swapped": swapped_entries,
    "entries and tiles swapped": swapped_entries_and_tiles, "a bundle cut": truncated_bundle,
    "a bundle with an entry more": extended_bundle, "a bundle with an entry less": entry_left_out,
    "a tile with a hash more": extended_tile,
    "the size line": lambda log: log.line(1, str(len(log.entries) - 1)),
    "the size line with a zero": lambda log: log.line(1, f"0{len(log.entries)}"),
    "the root line": lambda log: log.line(2, b64(sha256(b""))),
    "the origin line": lambda log: log.line(0, "audit.other.example/gw1/2026"),
    "a line more": lambda log: log.line(2, f"{(log.log / 'checkpoint').read_text().split(chr(10))[2]}\nmore"),
    "a byte of the signature": lambda log: log.flip(log.log / "checkpoint", -9),
    "no signature": lambda log: (log.log / "checkpoint").write_text(Log(log.key, log.entries).text()),
    "a foreign key": foreign_key, "a foreign key that says to be the true one": foreign_key_with_the_true_id,
}

SIGNED = {
    "a record left out": record_left_out_signed, "records swapped": records_swapped_signed,
    "a duplicate key": lambda log: log.added(doubled(log)), "not canonical": lambda log: log.added(spaced(log)),
    "keys out of order": lambda log: log.added(canonical(log.following()).replace(b'{"agent"', b'{"z":1,"agent"')),
    "a fraction": lambda log: log.added(canonical(log.following(n=1.5))),
    "a null": lambda log: log.added(canonical(log.following(n=None))),
    "a number too large": lambda log: log.added(log.following(n=2 ** 53)),
    "not UTF-8": lambda log: log.added(canonical(log.following(n="?")).replace(b"?", b"\xff")),
    "no record at all": lambda log: log.added(b"hello"),
    "a version from the future": lambda log: log.added(log.following(v=2)),
    "a wrong rs": lambda log: log.added(log.following(rs=log.following()["rs"] + 1)),
    "an rs again": lambda log: log.added(log.following(rs=log.following()["rs"] - 1)),
    "a wrong prev": lambda log: log.added(log.following(prev=b64(sha256(b"")))),
    "no prev": lambda log: log.added({name: value for name, value in log.following().items() if name != "prev"}),
    "a run that begins in the middle": lambda log: log.added(log.following(run="01kag0q9v4x2m7c8d3e5f6g7h9")),
    "a second closing": second_closing, "a late outcome without unknown": late_without_unknown,
    "a second late outcome": second_late_outcome, "the closing of another call": closing_of_another_call,
    "a closing of nothing": lambda log: log.added(log.outcome(log.following(), log.intent())),
    "a rotation that the new key did not sign": rotation_signed_by_the_old_key,
    "a rotation to the key of another log": rotation_of_another_log,
    "a rotation from a key that is not in force": rotation_from_a_key_that_is_not_in_force,
    "late, but false": late_that_is_false,
    "a late outcome of another call": late_outcome_of_another_call,
    "an intent outside a run": intent_outside_a_run, "an intent without a call": intent_without_a_call,
    "an outcome without a call": outcome_without_a_call,
    "a run that is no id": lambda log: log.added(log.unchained(run="01KAG0Q9V4X2M7C8D3E5F6G7H9")),
    "a run that is a number": lambda log: log.added(log.unchained(run=1)),
    "a call that is no id": lambda log: log.added(log.following(call="dec_01kag0qwz3b5d7f9h1k3m5p7r9")),
    "a call above 128 bits": lambda log: log.added(log.following(call="8" + "0" * 25)),
    "a time before 1970": lambda log: log.added(log.following(ts=-1)),
    "the genesis of another log": lambda log: first_record(log, origin="audit.other.example/gw1/2026"),
    "a log that begins with something else": lambda log: first_record(log, t="log.tick"),
    "a record after the end of the log": lambda log: log.added(
        log.unchained(t="log.closed", next={"o": "x", "vkey": "y"}), log.following()),
    "a second genesis": lambda log: log.added(log.unchained(t="log.genesis", origin=log.key.name)),
    "a record of another node": lambda log: log.added(log.unchained(node="another")),
    "a record of another agent than its run's": lambda log: log.added(log.following(agent="another")),
    "a call under a policy that was not in force": lambda log: log.added({**log.intent(), "pol": b64(sha256(b"another"))}),
    "a policy that is no hash": lambda log: log.added({**log.intent(), "pol": "none"}),
    "a tool that is a list": lambda log: log.added({**log.intent(), "tool": ["tickets__search"]}),
    "a number of people that is a text": lambda log: log.added({**log.intent(), "need": "2"}),
    "a request that is no id": lambda log: log.added(log.following(appr="apr_1")),
    "a finding about a call in flight": checked,
    "a finding about a call whose outcome is known": lambda log: checked(log, {}),
    "a finding after the late outcome": lambda log: checked(log, UNKNOWN, {"late": True}),
    "a finding after a final one": lambda log: checked(log, UNKNOWN, then="undone"),
    "a second attempt after a final finding": lambda log: checked(log, UNKNOWN, then="still_unknown"),
    "a finding about another call": lambda log: checked(log, UNKNOWN, call="01kag0qwz3b5d7f9h1k3m5p7r8"),
    "a finding about another run": lambda log: checked(log, UNKNOWN, ofrun="01kag0q9v4x2m7c8d3e5f6g7h9"),
    "a finding about nothing": lambda log: checked(log, UNKNOWN, intent=b64(sha256(b""))),
    "an intent open across a start": left_open_across_a_start, "a run that goes on after its end": after_the_end,
}

REMEMBERED = {"rolled back": rolled_back, "truncated": truncated, "forked": forked}
