"""What an agent has earned, computed again from a log: credit, rates with their intervals, the sum of denials, stage, cool-downs
and history. Written from docs/trust.md and docs/specs/trust-and-review.md; it shares nothing with the gateway.

    autonomy.py LOG OPENED POINTS

LOG is the folder of a log. OPENED is JSON: what the leaves only commit to, and the terms (see `Opened`). POINTS has one
JSON object a line: `size` of the log, `at` (microseconds), `agent`, and `status`, the output of `interlock trust status
--json`. Exits 1 and names each value that differs.
"""

import json
import sys
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

from autonomylog import STAGES, Reader
from autonomynumbers import LIMIT, bound
from autonomyruns import Opened, Stage
from encoding import sha256
from log import read_checkpoint
from strictjson import canonical
from tiles import checked_entries
from tree import Levels

QUOTA = [25, 50, 75, 100]


class Earned:
    """The values of one agent at one time."""

    def __init__(self, reader: Reader, name: str, now: int) -> None:
        self.reader, self.history, self.now = reader, reader.agents[name], now
        self.opened, self.criteria = reader.opened, reader.opened.criteria
        self.causes = self.history.causes()
        self.limits = self._limits(self.opened.agents[name]["ceiling"])
        self._count()

    def _limits(self, ceiling: str) -> dict[str, str | None]:
        stages = self.history.stages
        start = max((at + 1 for at, one in enumerate(stages) if one.kind == "promoted"), default=0)
        last = stages[start - 1] if start else None
        if not self.opened.exists:
            return {"ceiling": ceiling, "delegation": None, "promotion": None, "demotion": None}
        lost = [STAGES.index(one.to) for one in stages[start:] if one.kind == "demoted"]
        return {
            "ceiling": ceiling,
            "delegation": next((one.to for one in reversed(stages) if one.kind == "delegated"), None),
            "promotion": STAGES[self._promoted(last)] if last else None,
            "demotion": STAGES[min(lost)] if lost else None,
        }

    def _promoted(self, last: Stage) -> int:
        stage = STAGES.index(last.to)
        if self.now >= last.until:
            stage -= 1 + min(3, (self.now - last.until) // max(1, last.until - last.start))
        return max(0, stage)

    @property
    def stage(self) -> int:
        set_ = [STAGES.index(one) for one in self.limits.values() if one is not None]
        return 0 if self.limits["promotion"] is None else min(set_)

    @property
    def cooldown(self) -> int | None:
        end = None
        for one in self.history.stages:
            if one.kind == "demoted":
                end = max(one.until, end or 0)
            elif one.kind == "promoted" and STAGES.index(one.to) > STAGES.index(one.origin):
                end = None
        return end if end is not None and self.now < end else None

    def _count(self) -> None:
        self.kinds: Counter = Counter()
        clean, denied, granted, rejected = Counter(), Counter(), Counter(), Counter()
        by_halvings: dict[int, Counter] = {}
        self.denial_records = self.rejection_records = 0
        for run in self.history.runs:
            kind, cluster = run.kind(self.causes), (run.task, run.day)
            self.kinds[kind] += 1
            if kind == "clean":
                clean[cluster] += 1
                by_halvings.setdefault(run.halvings, Counter())[cluster] += 1
                granted[cluster] += run.granted
            elif kind == "bad":
                denials = sum(one[0] == "denial" for one in run.counted_flaws(self.causes))
                denied[cluster] += denials > 0
                rejected[cluster] += run.rejected
                self.denial_records += denials
                self.rejection_records += run.rejected
        loose = sum(self.causes.get(leaf, "agent") == "agent" for leaf in self.history.outside)
        self.denial_records += loose
        self.days = len({day for (_, day), count in clean.items() if count})
        self.templates = len({task for (task, _), count in clean.items() if count})
        self.credit = self._credit(by_halvings)
        self.denials = self._rate(clean, denied, loose)
        self.rejections = self._rate(granted, rejected, 0)

    def _by_task(self, clusters: Counter) -> Counter:
        found: Counter = Counter()
        for (task, _), count in clusters.items():
            found[task] += min(count, self.criteria["per_cluster"])
        return found

    def _cap(self, clean: Counter) -> int:
        return sum(self._by_task(clean).values()) * self.criteria["template_share"] // 10_000

    def _capped(self, clean: Counter, cap: int) -> int:
        return sum(min(count, cap) for count in self._by_task(clean).values())

    def _credit(self, by_halvings: dict[int, Counter]) -> int:
        """From the newest runs to the oldest; what older ones add is halved for each change since."""
        seen, counted, credit = Counter(), 0, 0
        for halvings in sorted(by_halvings):
            seen += by_halvings[halvings]
            now = self._capped(seen, self._cap(seen))
            credit += (now - counted) >> min(halvings, 62)
            counted = now
        return credit

    def _rate(self, clean: Counter, bad: Counter, loose: int) -> tuple[int, int] | None:
        total = self._capped(clean + bad, self._cap(clean))
        return (min(sum(bad.values()) + loose, total), total) if total else None

    def _criteria(self, to: str | None = None) -> dict[str, tuple[object, bool]]:
        """The value of each criterion that the log decides, and whether it is met; of the next stage by default."""
        if to is None and self.stage == 3:
            return {}
        step = self.criteria["stages"][to or STAGES[self.stage + 1]]
        found: dict[str, tuple[object, bool]] = {}
        for name, value in [("clean_runs", self.credit), ("days", self.days), ("templates", self.templates)]:
            found[name] = (str(value), value >= step[name])
        for name, rate in [("agent_denials", self.denials), ("approvals_rejected", self.rejections)]:
            upper = bound(self.criteria["interval"], *rate) if rate else None
            found[name] = (None if upper is None else (*rate, upper), upper is not None and upper <= step[name] / 10_000)
        window, reader = self.criteria["incident_window"] * 1_000_000, self.reader
        if reader.whole or reader.begin is not None and reader.begin <= self.now - window:
            grave = sum(severity <= self.criteria["incident_severity"] and self.now - time <= window
                        for severity, time, _ in self.history.incidents)
            found["incidents"] = (str(grave), grave <= self.criteria["incidents"])
        else:
            found["incidents"] = (None, False)
        if self.opened.drill_every is not None and reader.last_drill is not None:
            current = 0 <= self.now - reader.last_drill <= self.opened.drill_every
            found["drill"] = (str(int(current)), current)
        else:
            found["drill"] = (None, False)
        for name in ("eval", "review", "owner_confirmed"):
            found[name] = (None, False)
        return found

    def _shown(self, incidents: str | None, to: str | None = None) -> dict[str, tuple[str, int]]:
        """The threshold of each criterion in words, and the number of its records."""
        criteria, clean = self.criteria, self.kinds["clean"]
        step = criteria["stages"][to or STAGES[self.stage + 1]]
        grave = f"at most {criteria['incidents']} of severity {criteria['incident_severity']} or worse in "
        found = {name: (f"at least {step[name]}", clean) for name in ("clean_runs", "days", "templates")}
        for name, records in [("agent_denials", self.denial_records), ("approvals_rejected", self.rejection_records)]:
            found[name] = (f"upper bound at most {step[name] // 100}.{step[name] % 100:02} %", records)
        return found | {
            "incidents": (f"{grave}{criteria['incident_window'] // 86_400} days", int(incidents or 0)),
            "eval": ("pass", 0), "review": ("current", 0), "drill": ("current", 0),
            "owner_confirmed": (f"in the last {criteria['owner_confirmed'] // 86_400} days", 0),
        }

    @property
    def column(self) -> str:
        is_high = self.opened.agents[self.history.name].get("tier") == "high"
        return "supervised" if is_high or self.stage < 2 else "trusted"

    def differences(self, status: dict) -> list[str]:
        """Names each value of `interlock trust status --json` that is another one here."""
        history = self.history
        sums = Counter(history.stated.values())
        expected = {
            "agent": history.name, "stage": self.stage, "column": self.column, "quota": QUOTA[self.stage],
            **self.limits, "credit": self.credit, "whole": self.reader.whole,
            "cooldown_until": _text(self.cooldown),
            "since": _text(history.change[0]) if history.change else None,
            "reset_by": history.change[1] if history.change else None,
            "next": STAGES[self.stage + 1] if self.stage < 3 else None,
            "runs": {kind: self.kinds[kind] for kind in ("clean", "bad", "empty", "open", "not_counted")},
            "denials": {"sum": history.sum.value, "limit": LIMIT, "alarms": history.alarms,
                        **{cause: sums[cause] for cause in ("attack", "policy", "agent")}},
            "promoted_until": next((_text(one.until) for one in reversed(history.stages) if one.kind == "promoted"), None),
            "history": [{name: value for name, value in (
                ("kind", one.kind), ("to", one.to), ("at", _text(one.time)), ("from", one.origin),
                ("until", _text(one.until)), ("code", one.code)) if value is not None} for one in history.stages],
        }
        found = [f"{name}: {status.get(name)!r}, not {value!r}" for name, value in expected.items()
                 if status.get(name) != value]
        digest = "sha256:" + sha256(canonical(self.criteria)).hex()
        file = {"digest": digest, "version": self.criteria["version"], "exists": self.opened.exists}
        if {name: status.get("criteria", {}).get(name) for name in file} != file:
            found.append(f"criteria: {status.get('criteria')!r}, not {file!r}")
        results = {one["criterion"]: one for one in status.get("values", [])}
        values = self._criteria()
        if results.keys() != values.keys():
            found.append(f"criteria: {sorted(results)}, not {sorted(values)}")
        shown = self._shown(values["incidents"][0]) if values else {}
        for name in sorted(values.keys() & results.keys()):
            found += _compare(name, results[name], values[name])
            said = (results[name].get("threshold"), results[name].get("records"))
            if said != shown[name]:
                found.append(f"{name}: {said!r}, not {shown[name]!r}")
        met = bool(values) and all(one[1] for one in values.values()) and self.opened.exists and self.cooldown is None
        if status.get("met") is not met:
            found.append(f"met: {status.get('met')!r}, not {met}")
        return found


def _compare(name: str, result: dict, value: tuple[object, bool]) -> list[str]:
    expected, is_met = value
    found = []
    if result["met"] is not is_met:
        found.append(f"{name}: met is {result['met']}, not {is_met}")
    if expected is None:
        same = result["value"].startswith("unknown: ")
    elif isinstance(expected, tuple):
        same = (result.get("cases"), result.get("of")) == expected[:2] and abs(float(result["upper"]) - expected[2]) < 2e-5
    else:
        same = result["value"] == expected
    return found if same else [*found, f"{name}: {result}, not {expected!r}"]


def _text(time: int | None) -> str | None:
    """RFC 3339 in whole seconds, rounded down."""
    if time is None:
        return None
    return (datetime(1970, 1, 1) + timedelta(seconds=time // 1_000_000)).isoformat() + "Z"


def entries(folder: Path, levels: Levels):
    """The entries below the newest checkpoint, whose hashes `levels` takes; afterwards they are compared with its root."""
    checkpoint = read_checkpoint(folder / "checkpoint")
    yield from checked_entries(folder, checkpoint.size, checkpoint.root, levels)


def check(folder: Path, opened: Opened, points: list[dict]) -> list[str]:
    """Returns the differences at all points, which must be in the order of the log. Signatures are for the verifier of logs."""
    found, reader = [], Reader(opened)
    source = entries(folder, Levels())
    for point in points:
        while reader.size < point["size"]:
            reader.add(next(source))
        earned = Earned(reader, point["agent"], point["at"])
        found += [f"at {_text(point['at'])}, record {point['size']}: {said}" for said in earned.differences(point["status"])]
    for _ in source:
        pass
    return found


def main(words: list[str]) -> int:
    if len(words) != 3:
        print(__doc__, file=sys.stderr)
        return 64
    folder, opened, points = map(Path, words)
    lines = [json.loads(line) for line in points.read_text().splitlines()]
    found = check(folder, Opened(**json.loads(opened.read_text())), lines)
    print("\n".join(found) if found else f"ok: {len(lines)} points")
    return 1 if found or not lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
