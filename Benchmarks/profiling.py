"""Interlock's hot spots at saturation, by `perf`; skipped if perf is missing or not permitted."""

import shutil
import subprocess
from pathlib import Path

import rows

SECONDS = 4


def record(load: Path, interlock: rows.Interlock, connections: int, out: Path) -> str | None:
    """Symbols by their own time while the load runs; the full report goes to `out`/profile.txt."""
    if not shutil.which("perf"):
        return None
    data = out / "perf.data"
    sampling = subprocess.Popen(
        ["perf", "record", "-q", "-e", "cpu-clock", "-F", "997", "-g", "-o", data,
         "-p", str(interlock.gateway.process.pid), "--", "sleep", str(SECONDS)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    rows.load(load, interlock, connections, SECONDS + 0.5, 0)
    try:
        if sampling.wait(30) != 0:
            return None
    except subprocess.TimeoutExpired:
        sampling.kill()
        sampling.wait()
        return None
    own = report(data, "--no-children", "--sort", "comm,symbol", "-g", "none")
    whole = report(data, "--children", "--sort", "symbol", "-g", "none")
    (out / "profile.txt").write_text(f"Own time\n{own}\n\nWith what it calls\n{whole}\n")
    data.unlink(missing_ok=True)
    return "\n".join(own.splitlines()[:25])


def report(data: Path, *words: str) -> str:
    done = subprocess.run(["perf", "report", "--stdio", "-q", "--percent-limit", "0.4", "-i", data, *words],
                          capture_output=True, text=True, timeout=300)
    lines = [line[:160].rstrip() for line in done.stdout.splitlines() if line.strip() and not line.startswith("#")]
    demangled = subprocess.run(["swift", "demangle", "--compact"], input="\n".join(lines), text=True,
                               capture_output=True, timeout=60) if shutil.which("swift") else None
    return demangled.stdout if demangled and demangled.returncode == 0 else "\n".join(lines)
