"""Packs of a program that results of tests were signed for, as a release ships them, and of a self-test: what they make of the
controls (docs/evidence.md)."""

import json
import os
import re
import shutil
import subprocess
from base64 import b64encode
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from clocks import later
from conftest import organise
from logwriter import canonical
from packbuilding import Packs, controls, manifest, packs  # noqa: F401
from packwriter import RELEASE, digest, envelope

pytestmark = pytest.mark.requirement("R134", "R135")


class Installation:
    """The program with results of tests that were signed for it, as a release ships them."""

    def __init__(self, binary: Path, folder: Path):
        self.program = folder / "bin" / "interlock"
        self.program.parent.mkdir(parents=True)
        shutil.copyfile(binary, self.program)
        self.program.chmod(0o755)
        shutil.copy(binary.parent / "interlock-verify", self.program.parent)
        self.build = digest(self.program.read_bytes())
        self.file = folder / "share" / "interlock" / "release-tests.json"
        self.file.parent.mkdir(parents=True)

    def ship(self, tests: list[str], build: str | None = None, failed: tuple[str, ...] = ()) -> None:
        results = [{"id": one, "result": "fail" if one in failed else "pass"} for one in tests]
        self.file.write_bytes(envelope(canonical({"build": build or self.build, "tests": results}), "test-results", RELEASE))

    def sign(self, tests: list[str]) -> None:
        """Signs by the command of the program, with the key of a release."""
        folder = self.program.parent
        key, results = folder / "release.key", folder / "results.json"
        key.write_bytes(bytes(range(128, 160)))
        key.chmod(0o400)
        results.write_text(json.dumps({"build": self.build, "tests": [{"id": one, "result": "pass"} for one in tests]}))
        self.file.unlink(missing_ok=True)
        done = subprocess.run([str(self.program), "evidence", "sign-tests", str(results), "--key", str(key), "-o", str(self.file)],
                              capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stderr + done.stdout

    def run(self, packs: Packs, **environment: str) -> subprocess.CompletedProcess:
        packs.number += 1
        self.pack = packs.folder / f"pack{packs.number}"
        words = ["evidence", "build", "--from", packs.start, "--to", packs.to, "-o", str(self.pack), "--dir", str(packs.gateway.folder)]
        return subprocess.run([str(self.program), *words], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
                              env={**os.environ, **environment})

    def evidence(self, packs: Packs, **environment: str) -> dict[str, dict]:
        done = self.run(packs, **environment)
        assert done.returncode == 0, done.stderr
        return controls(self.pack)


@pytest.fixture
def installed(binary, tmp_path) -> Installation:
    return Installation(binary, tmp_path)


def test_a_pack_that_does_not_verify_gets_no_name(packs, installed):
    """The program beside the builder finds a fault, and then there is none."""
    verifier = installed.program.parent / "interlock-verify"
    verifier.write_text('#!/bin/sh\nfor word; do test "$word" = evidence && echo "fault: signatures: a test" >&2; done\nexit 1\n')
    done = installed.run(packs)
    assert done.returncode == 65 and "fault: signatures: a test" in done.stderr and "does not verify" in done.stderr
    assert not installed.pack.exists() and Path(f"{installed.pack}.partial", "manifest.dsse.json").exists()
    verifier.unlink()
    done = installed.run(packs)
    assert done.returncode == 66 and "interlock-verify" in done.stderr
    assert not installed.pack.exists() and not Path(f"{installed.pack}.partial").exists()


def gaps(found: dict[str, dict], beginning: str) -> list[str]:
    return [gap["text"] for one in found.values() for gap in one["gaps"] if gap["text"].startswith(beginning)]


def required(installed: Installation, packs: Packs) -> list[str]:
    """The tests that controls need, by what the gaps of a release without results name."""
    installed.ship([])
    named = gaps(installed.evidence(packs), "The release has no result of the test ")
    return sorted({one.split()[-1].rstrip(".") for one in named})


def test_results_of_a_release_count_for_its_build_and_if_they_are_signed(packs, installed, verify):
    tests = required(installed, packs)
    assert len(tests) > 25 and sum(one.startswith("pitfall-") for one in tests) == 9
    installed.ship(tests, failed=("OpenCallsTests",))
    found = installed.evidence(packs)
    assert gaps(found, "The test ") == ["The test OpenCallsTests of the release failed."]
    assert not gaps(found, "The release has no result")
    verify("--vkey", packs.gateway.log_key, "evidence", installed.pack, expect=0)
    installed.ship(tests, build="sha256:" + "11" * 32)
    assert len(gaps(installed.evidence(packs), "The results of tests are of another build.")) >= 20
    genuine = json.loads(installed.file.read_bytes())
    genuine["payload"] = b64encode(b"{}").decode()
    installed.file.write_bytes(canonical(genuine))
    assert len(gaps(installed.evidence(packs), "The results of tests that came with this program are not signed.")) >= 20
    assert not (installed.pack / "tests" / "release.json").exists()


def test_a_control_is_enforced_with_a_release_and_a_self_test_of_the_last_7_days(packs, installed, verify):
    installed.sign(required(installed, packs))
    packs.gateway.run("selftest", "run", check=False, seconds=120)
    packs.log.wait_for_checkpoint()
    found = installed.evidence(packs)
    # Their acts need nothing of how this organisation is set up.
    assert {"C09": "enforced at recordIntent, recordOutcome", "C15": "enforced at resolve, inspect"}.items() <= {
        one: made["status"] for one, made in found.items()}.items()
    # No result of a release, and no check of the deployment: no incident is open, and the limits hold.
    for one in ("C01", "C07", "C11", "C16", "C18", "C24"):
        assert found[one]["status"].startswith("enforced at "), (one, found[one]["gaps"])
    # The policy of these organisations has one signature at most, which a check says.
    assert manifest(installed.pack)["summary"]["enforced"] >= 8
    log = ("--vkey", packs.gateway.log_key, "--log", packs.published())
    assert "`tests/release.json`: whose key" in verify(*log, "evidence", installed.pack, expect=0)
    assert "tests/release.json" not in verify(*log, "--vkey", RELEASE.vkey, "evidence", installed.pack, expect=0)
    # Eight days later the same self-test shows nothing.
    stale = installed.evidence(packs, **later(8 * 86_400))
    assert {one["status"] for one in stale.values()} == {"gap"}
    assert any("is not of the 7 days before" in gap["text"] for gap in stale["C09"]["gaps"])
    verify("--vkey", packs.gateway.log_key, "evidence", installed.pack, expect=0)


def test_ready_counts_a_self_test_from_before_a_restart(binary, people, installed, tmp_path):
    for name in ("interlock-launch", "interlock-hook"):
        if (binary.parent / name).exists():
            shutil.copy(binary.parent / name, installed.program.parent)
    listed = subprocess.run([str(installed.program), "evidence", "controls", "--json"], capture_output=True, text=True, check=True)
    installed.sign(sorted({test for row in listed.stdout.splitlines() for test in json.loads(row)["release"]}))
    with ExitStack() as stack:
        # The path of a socket is at most 107 bytes.
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="interlock-e2e-")))
        gateway = organise(stack, installed.program, people, folder, servers=("tickets",)).gateway

        def controls() -> str:
            done = gateway.run("ready", "--org", "--json", check=False)
            (check,) = [one for one in json.loads(done.stdout)["checks"] if one["check"] == "controls"]
            return re.sub(r"\d{4}-\d\d-\d\dT[0-9:]+Z", "TIME", check["text"])

        assert "No self-test of this deployment is on record." in controls()
        gateway.run("selftest", "run", check=False, seconds=200)
        before = controls()
        assert "self-test" not in before or "of the self-test of TIME" in before, before
        gateway.stop()
        gateway.start()
        assert controls() == before
