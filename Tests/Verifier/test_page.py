"""The worked examples of docs/auditing.md, section 13: the log, its proofs, its payload."""

import json
import re
from pathlib import Path

import pytest

import strictjson
from encoding import b64
from notes import VKey
from consistency import KINDS
from payloads import Commitment
from proof import Proof
from synthetic import KEY, LOG_KEY, WITNESS_KEY, Writer, leaf, sha
from trust import Trust

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "auditing.md").read_text()


def block(start: str) -> str:
    """The only block of the page that starts with `start`."""
    (found,) = [text for text in re.findall(r"^```\n(.*?)^```", PAGE, re.M | re.S) if text.startswith(start)]
    return found


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


def test_the_kinds_of_fields_are_those_of_the_schemas():
    """The page's table names each field that has one kind in all types of docs/records.md."""
    written = {"32 bytes": "a hash", "id": "an id like `run`", "person": "16 bytes in base64", "people": "a list of such",
               "names": "a list of strings, none empty", "true or false": "`true` or `false`", "object": "an object",
               "objects": "a list of objects", "payload": "a commitment, section 7", "integer": "",
               **dict.fromkeys(("count", "time", "microseconds"), "an integer of at least 0")}
    found: dict[str, set[str]] = {"run": {"an id like `run`"}}
    for part in re.split(r"^### ", (ROOT / "docs" / "records.md").read_text(), flags=re.M)[1:]:
        for field, kind in re.findall(r"^\| \*?`([a-z_]+)`\*? \| (.*?) \| .* \|$", part, re.M):
            found.setdefault(field, set()).add(written.get(kind, "a string, not empty"))
    section = PAGE.partition("**Kinds.**")[2].partition("\n## ")[0]
    page = {field: kind for kind, fields in re.findall(r"^\| (.*?) \| (`.*`) \|$", section, re.M)
            for field in re.findall(r"`(\w+)`", fields)}
    assert page == {field: kinds.pop() for field, kinds in found.items() if len(kinds) == 1 and kinds != {""}}
    assert set(KINDS) == set(page)
