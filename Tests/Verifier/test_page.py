"""The worked examples of docs/auditing.md, section 13: the log, its proofs, its payload."""

import json
import re
from pathlib import Path

import pytest

import strictjson
from encoding import b64
from notes import VKey
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
