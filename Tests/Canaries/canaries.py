#!/usr/bin/env python3
"""Puts one known defect after the other into a copy of the code and requires the named tests to fail.

A suite that stays green has become blind. The defects are in canaries.toml: the line as it is, the line as it is made,
and what has to notice. Without an argument all are tried; arguments name some. The copy is a work tree of the last
commit in .build/canaries, built once and then a little for each defect.
"""

import os
import re
import subprocess
import sys
import time
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TREE = ROOT / ".build/canaries"
PYTHONS = ROOT / ".build/python"
# The copy has neither the Python environments nor the vectors, and tests without them are skipped, unless CI=true.
PLACES = {"CI": "true", "NO_COLOR": "1", "SWIFT_BACKTRACE": "enable=no", "INTERLOCK_BIN": str(TREE / ".build/debug/interlock"),
          "INTERLOCK_PYTHONS": str(PYTHONS),
          "INTERLOCK_VECTORS": os.environ.get("INTERLOCK_VECTORS", str(ROOT / "../shared/vectors"))}


def table() -> dict[str, dict[str, str]]:
    with open(Path(__file__).with_name("canaries.toml"), "rb") as file:
        return tomllib.load(file)


def run(*command: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(command, cwd=TREE, env=os.environ | environment, capture_output=True, text=True)


def build() -> None:
    # A sandbox has no Swift runtime, so the launcher is linked without it, as in scripts/build.
    for command in (["swift", "build", "--build-tests"],
                    ["clang", "-pie", "-Wl,--gc-sections", "-o", ".build/debug/interlock-launch",
                     "@.build/debug/interlock-launch.product/Objects.LinkFileList"]):
        done = run(*command)
        if done.returncode != 0:
            sys.exit(f"the copy does not build:\n{done.stdout[-4000:]}{done.stderr[-2000:]}")


def suite(canary: dict[str, str]) -> subprocess.CompletedProcess:
    """Runs what has to notice: tests of modules by `filter`, or a file or test of `pytest`."""
    if "filter" in canary:
        return run(".build/debug/interlockPackageTests.xctest", "--testing-library", "swift-testing",
                   "--filter", canary["filter"], **PLACES)
    return run(str(PYTHONS / "tests/bin/python"), "-m", "pytest", "-q", "-p", "no:cacheprovider",
               *canary["pytest"].split(), **PLACES)


def ran(canary: dict[str, str], done: subprocess.CompletedProcess) -> bool:
    """Whether tests ran at all: a filter that names none passes, as do tests that are skipped, and a file that does
    not load fails."""
    text = done.stdout + done.stderr
    if "filter" in canary:
        return " 0 tests" not in text
    return done.returncode in (0, 1) and re.search(r"\b[1-9]\d* (passed|failed)\b", text) is not None


def attempt(name: str, canary: dict[str, str]) -> str | None:
    """Why this canary shows nothing, or none if its tests fail with the defect in place."""
    path = TREE / canary["file"]
    text = path.read_text()
    if text.count(canary["is"]) != 1:
        return f"`{canary['is']}` is {text.count(canary['is'])} times in {canary['file']}, expected once"
    path.write_text(text.replace(canary["is"], canary["made"]))
    try:
        build()
        done = suite(canary)
    finally:
        path.write_text(text)
    if not ran(canary, done):
        return f"no test ran:\n{(done.stdout + done.stderr)[-1000:]}"
    return "its tests pass with the defect in place" if done.returncode == 0 else None


def failures(done: subprocess.CompletedProcess) -> str:
    """The lines of a run that name what failed."""
    lines = (done.stdout + done.stderr).splitlines()
    return "\n".join([line for line in lines if line.startswith(("✘", "FAILED", "ERROR"))][:10] or lines[-10:])


def ill(canaries: dict[str, dict[str, str]]) -> dict[str, str]:
    """Canaries whose tests fail or do not run without any defect, which would make every one of them pass, with what
    failed. Rows that share their tests run them once."""
    found, runs = {}, {}
    for name, canary in canaries.items():
        tests = canary.get("filter") or canary["pytest"]
        done = runs[tests] = runs.get(tests) or suite(canary)
        healthy = done.returncode == 0 and ran(canary, done)
        print(f"{'healthy' if healthy else 'FAILS':11}  {name}", flush=True)
        if not healthy:
            found[name] = failures(done)
    return found


def main() -> None:
    canaries = table()
    if named := sys.argv[1:]:
        canaries = {name: canaries[name] for name in named}
    if not TREE.exists():
        subprocess.run(["git", "worktree", "prune"], cwd=ROOT, check=True)
        subprocess.run(["git", "worktree", "add", "--detach", TREE], cwd=ROOT, check=True, capture_output=True)
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()
    if (done := run("git", "checkout", "--detach", "--force", head)).returncode != 0:
        sys.exit(f"the copy is not of the last commit:\n{done.stderr}")
    if not (vectors := TREE / ".build/vectors").exists():
        vectors.parent.mkdir(exist_ok=True)
        vectors.symlink_to(ROOT / ".build/vectors")
    build()
    if found := ill(canaries):
        sys.exit("\n".join(f"{name} fails without a defect:\n{what}" for name, what in found.items()))
    blind = []
    for name, canary in canaries.items():
        start = time.monotonic()
        reason = attempt(name, canary)
        print(f"{'noticed' if reason is None else 'NOT NOTICED':11}  {time.monotonic() - start:4.0f} s  {name}", flush=True)
        if reason is not None:
            blind.append(f"{name}: {reason}")
    build()
    if blind:
        sys.exit("\n".join(blind))
    print(f"{len(canaries)} of {len(canaries)} defects are noticed")


if __name__ == "__main__":
    main()
