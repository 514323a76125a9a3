"""Follows a log record by record for the runs of its agents (docs/trust.md)."""

import strictjson
from autonomynumbers import Sum
from autonomyruns import History, Opened, Run, Stage
from encoding import b64, is_hash
from tree import leaf_hash

DAY = 86_400_000_000
STAGES = ["gated", "assisted", "bounded", "full"]
OBSERVED = {"policy.observe", "policy.incomplete"}
WAITING = "approval.pending"
GATED = "eval."


class Reader:
    """Reads one log, record by record."""

    def __init__(self, opened: Opened, undone: dict[str, int] | None = None) -> None:
        """`undone`: the time after which demotions of an agent take no credit, because undoing them is considered."""
        self.opened, self.undone = opened, undone or {}
        self.agents = {name: History(name, opened) for name in opened.agents}
        self.whole, self.begin, self.size = False, None, 0
        self.owners: dict[str, str] = {}  # run: agent
        self.needs: dict[str, int] = {}
        self.drills: dict[str, int] = {}
        self.last_drill: int | None = None
        self.drill_leaf: str | None = None
        self.alarms: dict[str, tuple[str, object]] = {}
        self.handlers = {
            "run.start": self._start, "run.end": self._end, "call.intent": self._intent, "call.outcome": self._outcome,
            "call.unknown": self._unknown, "outcome.checked": self._checked, "call.denied": self._denied,
            "response.throttle": self._breaker, "response.pause": self._breaker, "hook.bypassed": self._bypassed,
            "hook.silent": self._silent, "kill.requested": self._kill, "kill.drill": self._drill,
            "alarm.raised": self._alarm, "alarm.disposed": self._disposed, "incident.opened": self._incident,
            "policy.loaded": self._loaded, "pin.accepted": self._pinned, "trust.classified": self._classified,
            "trust.promoted": self._staged, "trust.demoted": self._staged, "trust.delegated": self._staged,
            "eval.excepted": self._excepted, "trust.excepted": self._excepted,
            "hook.session": self._model, "net.connect": self._model,
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
        run.ended, run.end = self.size, leaf
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
        name, code = record.get("run"), record.get("code", "")
        observed = code in OBSERVED
        counted = not observed and code != WAITING and not code.startswith(GATED)
        run = self._run(name)
        if run is None:
            history = self.agents.get(record.get("agent"))
            if history and counted:
                self._denied_outside(history, name, leaf)
            return
        if "in" in record:
            self._intent(record, leaf)
        if observed:
            run.exclude("observe")
        elif counted:
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

    def _drill(self, record: dict, leaf: str) -> None:
        if record.get("passed") is True and "req" in record:
            first = self.drills.setdefault(record["req"], record["ts"])
            if "by" in record and (self.last_drill is None or self.last_drill < first):
                self.last_drill, self.drill_leaf = first, leaf

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
        if record["sev"] <= 2 and "ofrun" in record and "agent" in record:
            if self.owners.get(record["ofrun"]) == record["agent"]:
                self._flaw(record["ofrun"], "incident", leaf)
        elif record["sev"] <= 2:
            self._about_alarm(record, "incident", leaf)
        if record.get("agent") in self.agents:
            self.agents[record["agent"]].incidents.append((record["sev"], record["ts"], leaf))

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
        stage = Stage(kind, record["ts"], record.get("date", record["ts"]), record.get("from"), record["to"],
                      record.get("until"), record.get("code") if demoted else None)
        if not demoted and "code" in record:
            for place in reversed(range(len(history.stages))):
                one = history.stages[place]
                if (one.kind, one.origin, one.to, one.until) == (kind, stage.origin, stage.to, stage.until):
                    del history.stages[place]
                    break
            return
        history.stages.append(stage)
        if demoted and record["ts"] <= self.undone.get(history.name, record["ts"]):
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
        if run is None or model is None or "sub" in record or "eval" in run.out:
            return
        if record["t"] == "net.connect" and run.has_model:
            return
        history = self.agents[self.owners[run.name]]
        run.has_model = True
        before, history.model = history.model, model
        if before is not None and before != model:
            history.reset(record["ts"], "the model changed")
