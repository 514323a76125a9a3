"""Runs the verifiers on logs that a test wrote, and makes the logs from which several test files start."""

import subprocess
from pathlib import Path

from logwriter import Key, Log, Run, example_key

WITNESS = Key("auditor.example", bytes(range(32, 64)), kind=4)
OTHER = Key("other.example", bytes(range(64, 96)), kind=4)


def judge(words: list, expect: int | tuple[int, ...], **options) -> subprocess.CompletedProcess:
    """Runs a verifier; requires the expected exit code and a matching first word of its output."""
    done = subprocess.run([*map(str, words)], capture_output=True, text=True, timeout=120, **options)
    wanted = expect if isinstance(expect, tuple) else (expect,)
    assert done.returncode in wanted, f"{done.returncode}, not {expect}: {done.stdout}{done.stderr}"
    if done.returncode in (0, 1, 3):
        assert done.stdout.startswith("BAD: " if done.returncode == 1 else "ok: ")
    return done


def judged(verify, tmp_path, archive: bytes, expect: int | tuple[int, ...], *words) -> str:
    """The output of `verify` on an evidence bundle."""
    path = tmp_path / "run.tar"
    path.write_bytes(archive)
    return verify("--vkey", example_key().vkey, *words, path, expect=expect)


def sample(entries: int = 0) -> Log:
    """A log with one run of some calls, and `entries` ticks."""
    log = Log().genesis()
    run = Run(log)
    run.add("run.start")
    run.call()
    run.call(close="call.denied", code="policy.no_grant")
    run.call(close=None)
    while len(log.entries) < entries:
        log.add("log.tick", size=len(log.entries))
    return log


def pruned(place: Path) -> tuple[Log, Run, Path]:
    """A log whose first bundle is pruned, the run that follows it, and the path where it was written."""
    log = sample(600)
    run = Run(log, "01kag0q9v4x2m7c8d3e5f6g7h9")
    run.add("run.start")
    run.call()
    folder = log.write(place)
    (folder / "tile/entries/000").unlink()
    return log, run, folder
