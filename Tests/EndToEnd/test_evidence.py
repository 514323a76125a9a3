"""The evidence bundle of a real run, made by the gateway's program and judged by the small verifier."""

import json
import subprocess
import tarfile
from concurrent.futures import ThreadPoolExecutor

import pytest

from deployment import approval_id
from addresses import PAUL, RUI
from logwriter import sha256
from evidencewriter import tar

REFUND = {"invoice_id": "INV-20931", "amount_cents": 42001, "currency": "EUR"}


@pytest.fixture(scope="module")
def evidence(binary, acme, tmp_path_factory):
    """A run with an allowed call, a refused one, and one that two people approved; and its exports."""
    gateway = acme.gateway
    gateway.wait_for_tools("refunds", "billing")
    session = acme.session("refunds")
    session.call("crm__delete_customer", id="C-77")
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(session.call, "billing__refund_request", 100, **REFUND)
        request = approval_id(gateway.pending())
        for person in (PAUL, RUI):
            gateway.approve(request, person)
        assert held.result(60).code is None
    run = next(one["run"] for one in reversed(gateway.records(50)) if one["t"] == "approval.granted")
    return Made(binary, gateway, run, tmp_path_factory.mktemp("evidence"))


class Made:
    def __init__(self, binary, gateway, run, folder):
        self.binary, self.gateway, self.run, self.folder = binary, gateway, run, folder
        genesis = json.loads(gateway.run("audit", "show", "0", "--raw").stdout)
        self.vkey = genesis["vkey"]
        self.people = gateway.folder / "state" / "kill" / "trust.json"
        self.count = 0

    def bundle(self, *words, expect: int = 0):
        self.count += 1
        path = self.folder / f"{self.count}.tar"
        done = self.gateway.run("audit", "bundle", self.run, "-o", path, *words, check=False)
        assert done.returncode == expect, done.stderr
        assert path.exists() == (expect == 0)
        return path

    def verify(self, path, *words, expect: int = 0) -> str:
        done = subprocess.run([self.binary.parent / "interlock-verify", "--vkey", self.vkey, *map(str, words), path],
                              capture_output=True, text=True, timeout=30)
        assert done.returncode == expect, done.stdout + done.stderr
        return done.stdout + done.stderr


def test_a_run_is_proved_with_all_that_was_said_and_signed(evidence):
    path = evidence.bundle("--disclose-all", "--all-proofs")
    said = evidence.verify(path, "--people", evidence.people)
    assert f"run {evidence.run}" in said and "0 open calls" in said
    assert "2 votes (2 signatures verified, 2 signers known)" in said
    assert "records proved one by one" in said and "policies are not in the bundle" not in said


def test_without_disclosure_no_payload_leaves_the_house(evidence):
    path = evidence.bundle()
    names = tarfile.open(path).getnames()
    assert not [name for name in names if name.startswith("payload/")]
    assert REFUND["invoice_id"].encode() not in path.read_bytes()
    assert "0 signatures verified" in evidence.verify(path)


def test_one_payload_is_disclosed_and_no_other(evidence):
    records = [one for one in evidence.gateway.records(100) if one.get("run") == evidence.run]
    call = next(one["call"] for one in records if one["t"] == "call.intent")
    path = evidence.bundle("--disclose", f"args@dec_{call}")
    assert "1 payloads opened" in evidence.verify(path)
    with tarfile.open(path) as archive:
        (opening,) = json.load(archive.extractfile("openings.json"))
    assert opening["field"] == "args"
    evidence.bundle("--disclose", "moon", expect=66)


def test_the_same_run_gives_the_same_bytes_when_nothing_was_added(evidence):
    """All files but the proofs, which are under the newest checkpoint: each export is itself a record."""
    first, second = evidence.bundle(), evidence.bundle()
    with tarfile.open(first) as one, tarfile.open(second) as other:
        assert one.getnames() == other.getnames()
        for name in one.getnames():
            if name != "manifest.json" and not name.endswith(".tlog-proof"):
                assert one.extractfile(name).read() == other.extractfile(name).read(), name


def test_the_export_is_on_record_before_the_file_is_there(evidence):
    evidence.bundle()
    newest = [one for one in evidence.gateway.records(5) if one["t"] == "export.made"][-1]
    assert newest["kind"] == "bundle" and newest["n"] > 3


def test_nothing_is_overwritten_and_nothing_is_made_up(evidence):
    path = evidence.bundle()
    before = path.read_bytes()
    done = evidence.gateway.run("audit", "bundle", evidence.run, "-o", path, check=False)
    assert done.returncode == 73 and path.read_bytes() == before
    for run, code in (("01kag0q9v4x2m7c8d3e5f6g7h8", 66), ("no-run", 64)):
        target = evidence.folder / "none.tar"
        assert evidence.gateway.run("audit", "bundle", run, "-o", target, check=False).returncode == code
        assert not target.exists()


def test_a_record_changed_under_a_right_manifest_is_noticed(evidence):
    """The maker of the bundle can write any manifest; only the log's signature protects the records."""
    with tarfile.open(evidence.bundle()) as archive:
        files = {name: archive.extractfile(name).read() for name in archive.getnames()}
    files["chain/0.bin"] = files["chain/0.bin"].replace(b'"cnt":1', b'"cnt":2', 1)
    manifest = json.loads(files["manifest.json"])
    manifest["files"]["chain/0.bin"] = "sha256:" + sha256(files["chain/0.bin"]).hex()
    files["manifest.json"] = json.dumps(manifest, separators=(",", ":"), sort_keys=True).encode()
    path = evidence.folder / "changed.tar"
    path.write_bytes(tar(files))
    evidence.verify(path, expect=1)
