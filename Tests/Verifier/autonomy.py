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
from dataclasses import dataclass, field
from pathlib import Path

import strictjson
from autonomynumbers import LIMIT, Sum, bound
from encoding import BadEvidence, b64, is_hash, sha256
from tiles import Folder, required
from tree import Levels, leaf_hash

DAY = 86_400_000_000
STAGES = ["gated", "assisted", "bounded", "full"]
QUOTA = [25, 50, 75, 100]
OBSERVED = {"policy.observe", "policy.incomplete"}


@dataclass
class Opened:
    """What the log does not show by itself."""
    agents: dict[str, dict]  # ceiling, servers
    criteria: dict
    exists: bool = True  # of the criteria file
    drill_every: int | None = None  # microseconds
    tasks: dict[str, str] = field(default_factory=dict)  # leaf of an intent: task
    files: dict[str, dict] = field(default_factory=dict)  # leaf of a run.start: lists of files
    policies: dict[str, dict] = field(default_factory=dict)  # digest: agent: what it grants


@dataclass
class Run:
    name: str
    day: int
    began: int
    records: int = 1
    task: str | None = None
    named: bool = False
    ended: int | None = None
    has_result: bool = False
    halvings: int = 0
    out: set[str] = field(default_factory=set)  # why it is not counted
    keeps: bool = False
    flaws: list[tuple[str, str]] = field(default_factory=list)
    granted: int = 0
    rejected: int = 0
    summed: bool = False
    has_model: bool = False

    def exclude(self, why: str) -> None:
        if not self.out and why != "eval" and self.flaws:
            self.keeps = True
        self.out.add(why)

    def after_reset(self) -> "Run":
        return Run(self.name, self.day, self.began, self.records, self.task, self.named, out=self.out | {"earlier"},
                   keeps=not self.out - {"earlier"}, summed=self.summed, has_model=self.has_model)

    def counted_flaws(self, causes: dict[str, str]) -> list[tuple[str, str]]:
        return [one for one in self.flaws if one[0] != "denial" or causes.get(one[1], "agent") == "agent"]

    def kind(self, causes: dict[str, str]) -> str:
        flawed = bool(self.counted_flaws(causes))
        if self.out:
            return "bad" if flawed and self.keeps and "eval" not in self.out else "not_counted"
        if flawed:
            return "bad"
        if self.ended is None:
            return "open"
        return "clean" if self.has_result else "empty"


@dataclass
class Stage:
    """A record of a stage."""
    kind: str
    time: int
    origin: str | None
    to: str
    until: int | None
    code: str | None


class History:
    """Follows the records about one agent."""

    def __init__(self, name: str, opened: Opened) -> None:
        self.name, self.opened = name, opened
        self.runs: list[Run] = []
        self.outside: list[str] = []
        self.strangers: dict[str, str] = {}
        self.repeated: set[str] = set()
        self.incidents: list[tuple[int, int]] = []
        self.change: tuple[int, str] | None = None
        self.stated: dict[str, str] = {}
        self.stages: list[Stage] = []
        self.exceptions: list[int] = []
        self.sum = Sum(opened.criteria, 0)
        self.alarms = 0
        self.policy: str | None = None
        self.start: tuple[str | None, str] | None = None  # fingerprint and leaf of the last run
        self.model: str | None = None
        self.locks: dict[str, str | None] = {}
        self.places: dict[str, Run] = {}
        self.earlier: dict[str, Run] = {}

    def run(self, name: object) -> Run | None:
        """A run that can still be counted; one from before a reset returns with its next record."""
        if name in self.earlier:
            run = self.places[name] = self.earlier.pop(name)
            self.runs.append(run)
        return self.places.get(name)

    def open_runs(self, place: int) -> list[Run]:
        return [one for one in self.runs if one.began < place and (one.ended is None or one.ended > place)]

    def reset(self, time: int, why: str) -> None:
        for run in self.runs:
            self.places.pop(run.name, None)
            if run.ended is None:
                self.earlier[run.name] = run.after_reset()
        self.runs, self.outside, self.strangers, self.repeated, self.stated = [], [], {}, set(), {}
        self.change = (time, why)

    def halve(self, time: int) -> None:
        for run in self.runs:
            run.halvings += 1
        self.change = (time, "a skill changed")

    def add_to_sum(self, denied: bool) -> None:
        self.alarms += self.sum.add(denied)

    def sum_run(self, run: Run, denied: bool) -> None:
        if not run.summed and run.out <= {"earlier"} and (denied or run.kind({}) == "clean"):
            run.summed = True
            self.add_to_sum(denied)

    def causes(self) -> dict[str, str]:
        return {leaf: cause for leaf, cause in self.stated.items() if leaf not in self.repeated}

    def take_policy(self, policy: str | None, time: int) -> None:
        if self.policy is not None and self.policy != policy:
            why = self._policy_change(self.policy, policy)
            if why:
                self.reset(time, why)
        self.policy = policy

    def _policy_change(self, old: str, new: str | None) -> str | None:
        """Compares what two copies of a policy grant: each tool with its limit. Anything but less is more."""
        before = self.opened.policies.get(old, {}).get(self.name)
        after = self.opened.policies.get(new or "", {}).get(self.name)
        if before is None or after is None:
            return "the policy changed"
        more = any(tool not in before or limit > before[tool] for tool, limit in after.items())
        return "the policy was widened" if more else None

    def take_files(self, print_: str | None, leaf: str, time: int) -> None:
        if self.start is not None and self.start[0] != print_:
            why = self._files_change(self.start, (print_, leaf))
            if why == "skills":
                self.halve(time)
            else:
                self.reset(time, "the prompt changed" if why == "prompt" else "the files of the agent changed")
        self.start = (print_, leaf)

    def _files_change(self, old: tuple[str | None, str], new: tuple[str | None, str]) -> str:
        lists = []
        for print_, leaf in (old, new):
            files = self.opened.files.get(leaf)
            if print_ is None or files is None or b64(sha256(_canonical({**files, "v": 2}))) != print_:
                return "files"
            lists.append(files)
        changed = {part for part in ("program", "prompt", "skills", "settings") if lists[0][part] != lists[1][part]}
        return changed.pop() if changed in ({"skills"}, {"prompt"}) else "files"


def _canonical(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()


class Reader:
    """Reads one log, record by record."""

    def __init__(self, opened: Opened) -> None:
        self.opened = opened
        self.agents = {name: History(name, opened) for name in opened.agents}
        self.whole, self.begin, self.size = False, None, 0
        self.owners: dict[str, str] = {}  # run: agent
        self.needs: dict[str, int] = {}
        self.drills: dict[str, int] = {}
        self.last_drill: int | None = None
        self.alarms: dict[str, tuple[str, object]] = {}
        self.handlers = {
            "run.start": self._start, "run.end": self._end, "call.intent": self._intent, "call.outcome": self._outcome,
            "call.unknown": self._unknown, "outcome.checked": self._checked, "call.denied": self._denied,
            "response.throttle": self._breaker, "response.pause": self._breaker, "hook.bypassed": self._bypassed,
            "hook.silent": self._silent, "kill.requested": self._kill, "kill.drill": self._drill,
            "alarm.raised": self._alarm, "alarm.disposed": self._disposed, "incident.opened": self._incident,
            "policy.loaded": self._loaded, "pin.accepted": self._pinned, "trust.classified": self._classified,
            "trust.promoted": self._staged, "trust.demoted": self._staged, "trust.delegated": self._staged,
            "eval.excepted": self._excepted, "hook.session": self._model, "net.connect": self._model,
        }

    def add(self, entry: bytes) -> None:
        record = strictjson.record(entry)
        leaf = b64(leaf_hash(entry))
        kind = record["t"]
        self.begin = record["ts"] if self.begin is None else self.begin
        if "rs" in record and (run := self._run(record.get("run"))):
            run.records += 1
        if kind == "log.genesis":
            self.whole = "from" not in record
        elif kind.startswith("approval."):
            self._approval(record, leaf)
        elif kind in self.handlers:
            self.handlers[kind](record, leaf)
        self.size += 1

    def _run(self, name: object) -> Run | None:
        history = self.agents.get(self.owners.get(name, ""))
        return history.run(name) if history else None

    def _flaw(self, name: object, kind: str, leaf: str) -> None:
        if run := self._run(name):
            run.flaws.append((kind, leaf))

    def _start(self, record: dict, leaf: str) -> None:
        history, name, time = self.agents.get(record.get("agent")), record.get("run"), record["ts"]
        if history is None or name is None or name in self.owners:
            return
        history.take_policy(record.get("pol"), time)
        history.take_files(record.get("fp"), leaf, time)
        run = Run(name, time // DAY, self.size)
        if record.get("kind") == "eval":
            run.exclude("eval")
        if any(time < until for until in history.exceptions):
            run.exclude("exception")
        self.owners[name] = history.name
        history.places[name] = run
        history.runs.append(run)

    def _end(self, record: dict, leaf: str) -> None:
        run = self._run(record.get("run"))
        if run is None:
            return
        run.ended = self.size
        if record.get("code") == "unknown":
            run.keeps = run.keeps or not run.out - {"earlier"}
            run.out.add("unknown-end")
        if record.get("att") or record.get("cnt") != run.records:
            run.flaws.append(("record-count", leaf))
        self.agents[self.owners[run.name]].sum_run(run, denied=False)

    def _intent(self, record: dict, leaf: str) -> None:
        run = self._run(record.get("run"))
        if run and not run.named:
            run.named, run.task = True, self.opened.tasks.get(leaf)

    def _outcome(self, record: dict, _: str) -> None:
        if run := self._run(record.get("run")):
            run.has_result = run.has_result or record.get("st") == "ok"
            if record.get("late") is True:
                self._settle(run, record.get("intent"))

    @staticmethod
    def _settle(run: Run, intent: object) -> None:
        run.flaws = [one for one in run.flaws if one != ("unknown-outcome", intent)]

    def _unknown(self, record: dict, leaf: str) -> None:
        self._flaw(record.get("run"), "unknown-outcome", record.get("intent", leaf))

    def _checked(self, record: dict, _: str) -> None:
        run = self._run(record.get("ofrun"))
        if run and record.get("as") in ("ran", "not_run", "undone"):
            self._settle(run, record.get("intent"))

    def _denied(self, record: dict, leaf: str) -> None:
        name, observed = record.get("run"), record.get("code") in OBSERVED
        run = self._run(name)
        if run is None:
            history = self.agents.get(record.get("agent"))
            if history and not observed:
                self._denied_outside(history, name, leaf)
            return
        if "in" in record:
            self._intent(record, leaf)
        if observed:
            run.exclude("observe")
        else:
            run.flaws.append(("denial", leaf))
            self.agents[self.owners[name]].sum_run(run, denied=True)

    @staticmethod
    def _denied_outside(history: History, name: str | None, leaf: str) -> None:
        if name is not None:
            if name in history.strangers:
                history.repeated.add(history.strangers[name])
                return
            history.strangers[name] = leaf
        history.outside.append(leaf)
        history.add_to_sum(True)

    def _approval(self, record: dict, leaf: str) -> None:
        run, request = self._run(record.get("run")), record.get("appr")
        if run is None or request is None:
            return
        match record["t"]:
            case "approval.requested" | "approval.reissued":
                self.needs[request] = record.get("need")
            case "approval.granted":
                need = self.needs.get(request)
                if need is not None and record.get("i", 0) >= need:
                    del self.needs[request]
                    run.granted += record.get("via") != "client"
            case "approval.denied":
                self.needs.pop(request, None)
                run.rejected += 1
                run.flaws.append(("rejected-approval", leaf))
            case "approval.breakglass":
                run.exclude("break-glass")
            case "approval.expired" | "approval.withdrawn" | "approval.void":
                self.needs.pop(request, None)

    def _breaker(self, record: dict, leaf: str) -> None:
        if record.get("code") != "person":
            self._flaw(record.get("run"), "breaker", leaf)

    def _bypassed(self, record: dict, leaf: str) -> None:
        self._flaw(record.get("run"), "bypass", leaf)

    def _silent(self, record: dict, leaf: str) -> None:
        self._flaw(record.get("ofrun"), "bypass", leaf)

    def _kill(self, record: dict, leaf: str) -> None:
        target = record.get("target")
        if record.get("scope") == "run":
            self._flaw(target, "kill", leaf)
        elif record.get("scope") == "agent" and target in self.agents:
            for run in self.agents[target].open_runs(self.size):
                self._flaw(run.name, "kill", leaf)

    def _drill(self, record: dict, _: str) -> None:
        if record.get("passed") is True and "req" in record:
            first = self.drills.setdefault(record["req"], record["ts"])
            if "by" in record:
                self.last_drill = max(first, first if self.last_drill is None else self.last_drill)

    def _alarm(self, record: dict, _: str) -> None:
        if "alarm" not in record:
            return
        about = record.get("ofrun") or record.get("run")
        if about is not None:
            if self._known(about):
                self.alarms[record["alarm"]] = ("run", about)
        elif record.get("agent") in self.agents:
            self.alarms[record["alarm"]] = (record["agent"], self.size)

    def _known(self, name: str) -> bool:
        history = self.agents.get(self.owners.get(name, ""))
        return history is not None and name in history.places

    def _about_alarm(self, record: dict, kind: str, leaf: str) -> None:
        subject, place = self.alarms.get(record.get("alarm"), ("", None))
        if subject == "run":
            self._flaw(place, kind, leaf)
        elif subject:
            for run in self.agents[subject].open_runs(place):
                self._flaw(run.name, kind, leaf)

    def _disposed(self, record: dict, leaf: str) -> None:
        if record.get("as", "fault") in ("attack", "fault"):
            self._about_alarm(record, "alarm", leaf)

    def _incident(self, record: dict, leaf: str) -> None:
        if "sev" not in record:
            return
        if record["sev"] <= 2:
            self._about_alarm(record, "incident", leaf)
        if record.get("agent") in self.agents:
            self.agents[record["agent"]].incidents.append((record["sev"], record["ts"]))

    def _loaded(self, record: dict, _: str) -> None:
        if record.get("why") != "drill":
            for history in self.agents.values():
                history.take_policy(record.get("pol"), record["ts"])

    def _pinned(self, record: dict, _: str) -> None:
        server, lock, state = record.get("srv"), record.get("lock"), record.get("st")
        for history in self.agents.values():
            if server not in self.opened.agents[history.name].get("servers", []):
                continue
            before = history.locks.get(server)
            history.locks[server] = lock
            is_change = state not in ("gone", "new") or state == "new" and before != lock and history.runs
            if is_change:
                history.reset(record["ts"], "the pin of a tool changed")

    def _classified(self, record: dict, _: str) -> None:
        history = self.agents.get(record.get("agent"))
        if history and is_hash(record.get("h")) and record.get("as") in ("attack", "policy", "agent"):
            history.stated[record["h"]] = record["as"]

    def _staged(self, record: dict, _: str) -> None:
        history = self.agents.get(record.get("agent"))
        if history is None or record.get("to") not in STAGES:
            return
        kind, demoted = record["t"].removeprefix("trust."), record["t"] == "trust.demoted"
        stage = Stage(kind, record["ts"], record.get("from"), record["to"], record.get("until"),
                      record.get("code") if demoted else None)
        if not demoted and "code" in record:
            for place in reversed(range(len(history.stages))):
                one = history.stages[place]
                if (one.kind, one.origin, one.to, one.until) == (kind, stage.origin, stage.to, stage.until):
                    del history.stages[place]
                    break
            return
        history.stages.append(stage)
        if demoted:
            history.reset(record["ts"], "the agent was demoted")
        if stage.origin in STAGES and stage.origin != stage.to:
            history.sum = Sum(self.opened.criteria, STAGES.index(stage.to))

    def _excepted(self, record: dict, _: str) -> None:
        history = self.agents.get(record.get("agent"))
        if history is None or "until" not in record:
            return
        history.exceptions = [until for until in history.exceptions if until > record["ts"]]
        if "code" in record:
            if record["until"] in history.exceptions:
                history.exceptions.remove(record["until"])
            return
        history.exceptions.append(record["until"])
        for run in history.open_runs(self.size):
            run.exclude("exception")

    def _model(self, record: dict, _: str) -> None:
        run, model = self._run(record.get("run")), record.get("model")
        if run is None or model is None or "eval" in run.out or record["t"] == "net.connect" and run.has_model:
            return
        history = self.agents[self.owners[run.name]]
        run.has_model = True
        before, history.model = history.model, model
        if before is not None and before != model:
            history.reset(record["ts"], "the model changed")


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
            stage -= 1 + min(3, (self.now - last.until) // max(1, last.until - last.time))
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
        for run in self.history.runs:
            kind, cluster = run.kind(self.causes), (run.task, run.day)
            self.kinds[kind] += 1
            if kind == "clean":
                clean[cluster] += 1
                by_halvings.setdefault(run.halvings, Counter())[cluster] += 1
                granted[cluster] += run.granted
            elif kind == "bad":
                denied[cluster] += any(one[0] == "denial" for one in run.counted_flaws(self.causes))
                rejected[cluster] += run.rejected
        loose = sum(self.causes.get(leaf, "agent") == "agent" for leaf in self.history.outside)
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

    def _criteria(self) -> dict[str, tuple[object, bool]]:
        """The value of each criterion that the log decides, and whether it is met."""
        if self.stage == 3:
            return {}
        step = self.criteria["stages"][STAGES[self.stage + 1]]
        found: dict[str, tuple[object, bool]] = {}
        for name, value in [("clean_runs", self.credit), ("days", self.days), ("templates", self.templates)]:
            found[name] = (str(value), value >= step[name])
        for name, rate in [("agent_denials", self.denials), ("approvals_rejected", self.rejections)]:
            upper = bound(self.criteria["interval"], *rate) if rate else None
            found[name] = (None if upper is None else (*rate, upper), upper is not None and upper <= step[name] / 10_000)
        window, reader = self.criteria["incident_window"] * 1_000_000, self.reader
        if reader.whole or reader.begin is not None and reader.begin <= self.now - window:
            grave = sum(severity <= self.criteria["incident_severity"] and self.now - time <= window
                        for severity, time in self.history.incidents)
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

    def differences(self, status: dict) -> list[str]:
        """Names each value of `interlock trust status --json` that is another one here."""
        history = self.history
        sums = Counter(history.stated.values())
        expected = {
            "agent": history.name, "stage": self.stage, "quota": QUOTA[self.stage],
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
        digest = "sha256:" + sha256(_canonical(self.criteria)).hex()
        if status.get("criteria", {}).get("digest") != digest:
            found.append(f"criteria: {status.get('criteria')!r}, not {digest}")
        results = {one["criterion"]: one for one in status.get("values", [])}
        values = self._criteria()
        if results.keys() != values.keys():
            found.append(f"criteria: {sorted(results)}, not {sorted(values)}")
        found += [said for name in values.keys() & results.keys() for said in _compare(name, results[name], values[name])]
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
    days, seconds = divmod(time // 1_000_000, 86_400)
    # Days since 1970 to a date (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    era, day = divmod(days + 719_468, 146_097)
    year = (day - day // 1460 + day // 36_524 - day // 146_096) // 365
    day -= 365 * year + year // 4 - year // 100
    month = (5 * day + 2) // 153
    date = (year + era * 400 + (month >= 10), month + 3 if month < 10 else month - 9, day - (153 * month + 2) // 5 + 1)
    return f"{date[0]:04}-{date[1]:02}-{date[2]:02}T{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}Z"


def entries(folder: Path):
    """The entries below the newest checkpoint; afterwards they are compared with its root."""
    _, size, expected, *_ = (folder / "checkpoint").read_text().split("\n")
    log, levels = Folder(folder), Levels()
    for bundle in required(None, int(size)):
        found = log.required_entries(bundle, 0) or []
        levels.append(b"".join(map(leaf_hash, found)))
        yield from found
    if b64(levels.root(int(size))) != expected:
        raise BadEvidence("the entries are not those of the checkpoint")


def check(folder: Path, opened: Opened, points: list[dict]) -> list[str]:
    """Returns the differences at all points, which must be in the order of the log. Signatures are for the verifier of logs."""
    found, reader = [], Reader(opened)
    source = entries(folder)
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
