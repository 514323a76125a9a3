"""The cost of loading and deciding, compared with other engines on the same requests, and the duration of the
commands."""

import json
import subprocess
import time
from pathlib import Path

import policies

SIZES = (100, 10_000)
COMMANDS = 5  # runs of each command; the best counts


def measure(program: Path, oracles: Path, binary: Path | None, folder: Path) -> dict:
    """Measures; `oracles` is the Python with the other engines. If it is missing, their rows are listed as left out."""
    found: dict = {"sizes": {}, "engines": {}, "left_out": []}
    for agents in SIZES:
        here = folder / str(agents)
        policy = policies.write_policy(here / "policy", agents)
        requests = policies.write_requests(here / "requests.json", agents)
        done = subprocess.run([program, policy, requests], capture_output=True, text=True, timeout=300)
        if done.returncode != 0:
            raise RuntimeError(f"bench-policy with {agents} agents: {done.stderr[-2000:]}")
        found["sizes"][agents] = json.loads(done.stdout)
        if agents == SIZES[0] and oracles.exists():
            engines = Path(__file__).with_name("engines.py")
            asked = subprocess.run([oracles, engines, requests, str(agents)], capture_output=True, text=True, timeout=300)
            if asked.returncode != 0:
                raise RuntimeError(f"the other engines: {asked.stderr[-2000:]}")
            found["engines"] = json.loads(asked.stdout)
    if not oracles.exists():
        found["left_out"].append("cedarpy and cel-expr-python: scripts/setup installs them")
    agree(found)
    example = Path(__file__).parents[1] / "Examples" / "policies" / "acme.yaml"
    if binary:
        found["commands_ms"] = {name: command(binary, name, example) for name in ("check", "test", "diff")}
    return found


def agree(found: dict) -> None:
    """Requires equal decisions, because timing engines that decide differently would compare nothing."""
    own = found["sizes"][SIZES[0]]["groups"]
    for engine, groups in found["engines"].items():
        for group, row in groups.items():
            if row.pop("verdicts") != own[group]["verdicts"]:
                raise RuntimeError(f"{engine} decides {group} differently")
    for size in found["sizes"].values():
        for row in size["groups"].values():
            row.pop("verdicts")


def command(binary: Path, name: str, example: Path) -> float:
    """The milliseconds of a whole process."""
    arguments = [binary, "policy", name, *([example] if name == "diff" else []), example, "--no-lock",
                 "--at", "2026-11-20T09:00:00Z"]
    best = float("inf")
    for _ in range(COMMANDS):
        started = time.monotonic()
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=60)
        best = min(best, (time.monotonic() - started) * 1000)
        if done.returncode != 0:
            raise RuntimeError(f"policy {name} ended with {done.returncode}: {done.stderr[-2000:]}")
    return round(best, 1)


def bars(found: dict) -> list[tuple[str, float, str, float]]:
    """The (label, value, unit, upper limit) of each line."""
    lines = []
    for agents, size in found["sizes"].items():
        groups = size["groups"]
        lines += [(f"read, {agents:,} agents, p50", groups["read"]["p50_ns"] / 1000, "us", 1),
                  (f"guarded write, {agents:,} agents, p50", groups["guarded_write"]["p50_ns"] / 1000, "us", 5),
                  (f"worst legal guard, {agents:,} agents, max", groups["worst_guard"]["max_ns"] / 1000, "us", 1000)]
    small, large = (found["sizes"][agents] for agents in SIZES)
    lines += [("allocations of an unguarded decision", small["groups"]["read"]["allocations"], "", 0),
              (f"load of {SIZES[1]:,} agents", large["load_ms"] / 1000, "s", 1)]
    if "commands_ms" in found:
        lines.append(("check, test and diff of the example", sum(found["commands_ms"].values()), "ms", 50))
    return lines


def text(found: dict) -> list[str]:
    out = ["", f"{'deciding':44} {'decisions/s':>12} {'p50 us':>8} {'p99 us':>8} {'allocations':>12}"]
    rows = [(f"interlock, {agents:,} agents, {group}", row)
            for agents, size in found["sizes"].items() for group, row in size["groups"].items()]
    rows += [(f"{engine}, {SIZES[0]} agents, {group}", row)
             for engine, groups in found["engines"].items() for group, row in groups.items()]
    for name, row in rows:
        out.append(f"{name:44} {row['per_second']:>12,} {row['p50_ns'] / 1000:>8.2f} {row['p99_ns'] / 1000:>8.2f} "
                   f"{row.get('allocations', ''):>12}")
    out += [f"loading {agents:,} agents: {size['load_ms']:,} ms, {size['bytes'] / (1 << 20):,.0f} MiB"
            for agents, size in found["sizes"].items()]
    if "commands_ms" in found:
        out.append("acme.yaml, whole process, ms: " + ", ".join(f"{name} {value}" for name, value in found["commands_ms"].items()))
    return out + [f"left out: {what}" for what in found["left_out"]]
