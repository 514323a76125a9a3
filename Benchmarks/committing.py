#!/usr/bin/env python3
"""The cost of durable records, in alternation with a C program that does nothing else (docs/specs/ledger.md, section
21).

Alone: committing.py --bench-ledger PROGRAM [--verifier PROGRAM] [--rounds N] [--seconds N] [--size N] [--folder DIR]
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

WRITERS = (1, 8, 64, 256)
# Callers of two logs that are compared, one with its key in another process: frames of one record, and of many.
SIGNED_WRITERS = (1, 64)
BASELINE, SIGNED = "key in the process", "key with a signer"
RECORD, PAYLOAD = 512, 2048
HERE = Path(__file__).resolve().parent


def measure(yardstick: Path, program: Path, folder: Path, rounds: int, seconds: float, size: int,
            verifier: Path | None = None) -> dict:
    """Measures in `folder`, which must be on the file system to be measured; its new content is removed."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = {writers: {"append": [], "overwrite": [], "interlock": []} for writers in WRITERS}
    payload = []
    signed = {writers: {BASELINE: [], SIGNED: []} for writers in SIGNED_WRITERS}
    for number in range(rounds):
        for writers, ways in rows.items():
            print(f"ledger, round {number + 1} of {rounds}: {writers} writers", file=sys.stderr)
            for way in ("append", "overwrite"):
                ways[way].append(run(yardstick, folder / "yardstick.bin", way, writers, seconds, RECORD))
            ways["interlock"].append(commit(program, folder / "log", writers, seconds, 0))
        payload.append(commit(program, folder / "log", 64, seconds, PAYLOAD))
        for writers, ways in signed.items():
            ways[BASELINE].append(commit(program, folder / "log", writers, seconds, 0))
            ways[SIGNED].append(commit_signed(program, folder / "signed", writers, seconds))
    found = {"rounds": rounds, "seconds": seconds, "rows": rows, "payload": payload, "signed": signed}
    grown = folder / "grown"
    found["growing"] = run(program, "grow", grown, size)
    found["reading"] = run(program, "read", grown)
    if verifier:
        found["reading"]["verifier_per_second"] = timed(verifier, grown, found["reading"])
    shutil.rmtree(grown)
    return found


def run(*words) -> dict | list:
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        raise RuntimeError(f"{words}: {done.stderr[-2000:]}")
    return json.loads(done.stdout)


def commit(program: Path, folder: Path, writers: int, seconds: float, payload: int) -> dict:
    folder.mkdir()
    try:
        return run(program, "commit", folder, writers, seconds, payload)
    finally:
        shutil.rmtree(folder)


def commit_signed(program: Path, folder: Path, writers: int, seconds: float) -> dict:
    """The same of a log whose key is with a process of its own; both folders are on the same file system."""
    folder.mkdir()
    # The path of a unix socket is short.
    with tempfile.TemporaryDirectory(prefix="il-sign-") as sockets:
        path, signer = Path(sockets, "socket"), None
        try:
            begin(program, folder)
            signer = subprocess.Popen([program, "sign", folder / "keys", path], stdin=subprocess.DEVNULL)
            deadline = time.monotonic() + 30
            while not path.exists():
                if signer.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("the signer did not start")
                time.sleep(0.01)
            return run(program, "signed", folder / "log", writers, seconds, path)
        finally:
            if signer:
                signer.kill()
                signer.wait()
            shutil.rmtree(folder)


def begin(program: Path, folder: Path) -> None:
    (folder / "log").mkdir()
    done = subprocess.run([program, "begin", folder / "log", folder / "keys"], capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        raise RuntimeError(f"begin: {done.stderr[-2000:]}")


def timed(verifier: Path, folder: Path, read: dict) -> float:
    """Entries per second of the small verifier, including its start."""
    started = time.monotonic()
    done = subprocess.run([verifier, folder / "ledger" / "log", "--vkey", read["vkey"]], capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        raise RuntimeError(f"the verifier refuses the log: {done.stdout[-1000:]} {done.stderr[-1000:]}")
    return round(read["entries"] / (time.monotonic() - started), 1)


def ratio(ways: dict, way: str) -> float:
    """The ratio of medians, because rounds vary widely on a shared machine."""
    return middle(ways["interlock"], "per_second") / middle(ways[way], "per_second")


def middle(rounds: list[dict], key: str) -> float:
    return median(one[key] for one in rounds)


def bars(found: dict) -> list[tuple[str, float, str, float, bool]]:
    """The (label, value, unit, bar, whether the bar is an upper limit) of each line."""
    lines = []
    for writers, ways in found["rows"].items():
        name = f"{writers} writers" if writers > 1 else "1 writer"
        lines += [(f"durable commits, {name}", ratio(ways, "append"), "x append", 0.7, False),
                  (f"the same, preallocated", ratio(ways, "overwrite"), "x C", 0.5, False)]
    one = found["rows"][WRITERS[0]]
    # The callers' own time for a record without payload; sealing a payload is charged to the log.
    plain = found["rows"][64]["interlock"]
    callers = middle(plain, "callers_ns") / 1000
    lines += [("1 writer, p50", middle(one["interlock"], "p50_us"), "us", 1.25 * middle(one["append"], "p50_us") + 100, True),
              ("CPU per record without kernel and callers", middle(plain, "cpu_ns") / 1000 - callers, "us", 4, True),
              ("the same with 2 KB of payload", middle(found["payload"], "cpu_ns") / 1000 - callers, "us", 7, True)]
    # The same two bars relative to the time of the hashes and the cipher of such a record alone, on this machine and in
    # this minute; the bars assume 0.45 us without and 3.65 us with a payload.
    lines += [(f"the same{what}, of its cryptography alone",
               (middle(rounds, "cpu_ns") / 1000 - callers) / (middle(rounds, "crypto_ns") / 1000), "x", round(bar, 1), True)
              for what, rounds, bar in (("", plain, 4 / 0.45), (" with 2 KB", found["payload"], 7 / 3.65))]
    small, large = found["growing"]
    growth = large["cpu_ns"] / small["cpu_ns"]
    lines.append((f"CPU per record at {large['records']:,}", growth, "x that at 10,000", 2, True))
    if "count_per_second" in found["reading"]:
        lines.append(("limits counted out of 1,000,000 records", 1e6 / found["reading"]["count_per_second"], "s", 5, True))
    return lines


def text(found: dict) -> list[str]:
    out = ["", f"durable records, {found['rounds']} rounds of {found['seconds']} s, alternating; medians (least to most)",
           f"{'':10} {'':24} {'commits/s':>26} {'p50 us':>8} {'p99 us':>8}"]
    for writers, ways in found["rows"].items():
        for way, rounds in ways.items():
            name = {"append": "C, append + fdatasync", "overwrite": "C, preallocated"}.get(way, way)
            speeds = [one["per_second"] for one in rounds]
            out.append(f"{writers:>3} writers {name:24} {median(speeds):>10,.0f} ({min(speeds):,.0f} to {max(speeds):,.0f})".ljust(63)
                       + f"{middle(rounds, 'p50_us'):>8,.0f} {middle(rounds, 'p99_us'):>8,.0f}")
    plain = found["rows"][64]["interlock"]
    out.append(f"64 writers: CPU {middle(plain, 'cpu_ns') / 1000:.1f} us a record, {middle(plain, 'callers_ns') / 1000:.1f} of it the callers'")
    for writers, ways in found.get("signed", {}).items():
        base = middle(ways[BASELINE], "per_second")
        for way, rounds in ways.items():
            speed = middle(rounds, "per_second")
            out.append(f"{writers:>3} writers {way:24} {speed:>10,.0f}  {speed / base:.2f} x {BASELINE}".ljust(63)
                       + f"{middle(rounds, 'p50_us'):>8,.0f} {middle(rounds, 'p99_us'):>8,.0f}")
    for row in found["growing"]:
        out.append(f"at {row['records']:>9,} records: {row['per_second']:,}/s, CPU {row['cpu_ns'] / 1000:.1f} us a record, "
                   f"a proof {row['proof_ns'] / 1000:.1f} us")
    read = found["reading"]
    out.append(f"over {read['entries']:,} entries: verified {read['verify_per_second']:,}/s, indexed {read['index_per_second']:,} rows/s"
               + (f", limits counted of {read['count_per_second']:,}/s" if "count_per_second" in read else "")
               + (f", interlock-verify {read['verifier_per_second']:,.0f}/s" if "verifier_per_second" in read else ""))
    return out


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--bench-ledger", type=Path, required=True)
    arguments.add_argument("--verifier", type=Path)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seconds", type=float, default=10)
    arguments.add_argument("--size", type=int, default=1_000_000, help="records of the large log")
    arguments.add_argument("--folder", type=Path, default=Path(".build/bench"))
    given = arguments.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="ledger-", dir=given.folder.resolve()))
    try:
        yardstick = folder / "yardstick"
        subprocess.run(["cc", "-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-pthread", "-o", yardstick,
                        HERE / "yardstick" / "yardstick.c"], check=True, timeout=60)
        found = measure(yardstick, given.bench_ledger, folder, given.rounds, given.seconds, given.size, given.verifier)
    finally:
        shutil.rmtree(folder)
    print("\n".join(text(found)))
    for what, value, unit, bar, most in bars(found):
        met = value <= bar if most else value >= bar
        print(f"{what:45} {value:>10,.2f} {unit:16} {'<=' if most else '>='} {bar:>9,.2f}  {'met' if met else 'NOT MET'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
