"""An agent that earns a promotion by real runs: a gateway of past days, whose clock goes on with each day, then of today."""

import base64
import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import counters
import make_organisation
import wire
from addresses import ADA, DANA, LI, PAUL, SAM
from conftest import SEGMENT, interpreter
from deployment import approval_id
from evaluating import key
from forking import ForkedUpstreams
from governed import agent, policy, server
from logwriter import leaf_hash
from quarters import DAY, Dated, public_key, published_entries
from reviewing import answer, started, stated
from test_attested_prompt import claims
from waits import until

AGENT, PEER = "clerk", "peer"
READ, WRITE = "tickets__get_ticket", "tickets__add_label"
TASKS = ["visit", "answer", "sort", "merge", "close"]
CRITERIA = 'interlock_trust: 1\nversion: "2026-11-20.1"\n'
# The same with the defaults of docs/trust.md, in the form of its digest: shares in ten thousandths, times in seconds.
STANDARD = {
    "v": 1, "version": "2026-11-20.1", "interval": "wilson95", "per_cluster": 20, "template_share": 4_000,
    "stages": {
        "assisted": {"clean_runs": 50, "days": 5, "templates": 2, "agent_denials": 1_000, "approvals_rejected": 1_000},
        "bounded": {"clean_runs": 300, "days": 15, "templates": 3, "agent_denials": 300, "approvals_rejected": 500},
        "full": {"clean_runs": 3_000, "days": 60, "templates": 5, "agent_denials": 50, "approvals_rejected": 200}},
    "incidents": 0, "incident_severity": 2, "incident_window": 90 * DAY, "owner_confirmed": 30 * DAY,
    "minimums": {"clean_runs": 50, "days": 5, "templates": 2}, "cooldown": 14 * DAY, "cooldown_incident": 30 * DAY,
    "expiry": {"assisted": 180 * DAY, "bounded": 90 * DAY, "full": 90 * DAY}}
DRILL_EVERY = 31 * DAY
ALL = 1_000_000  # more records than there are


def written(ports: dict[str, int], signer: str, calls: int) -> str:
    """The policy, by which agents at stage 0 may make so many calls an hour. Its dates are of before the first day."""
    tools = "tools:\n  get_ticket: {class: read}\n  add_label: {class: write, effects: [reversible]}\n"
    scope = f"mcp_scopes:\n  tickets: [get_ticket, add_label]\nlimits: {{calls: {4 * calls}/h}}\n"
    text = policy(
        "eval:", f'  signers: [{{key: "{signer}", held_by: [{PAUL}]}}]',
        "servers:", server("tickets", ports["tickets"], tools),
        "agents:", *[agent(name, scope, tier="low", stage="trusted", sandbox=None) for name in (AGENT, PEER)],
        "tasks:", *[f"  {task}: {{agent: {AGENT}, tools: [tickets.get_ticket, tickets.add_label]}}" for task in TASKS])
    # At tier medium evals need agent cases as well.
    text = text.replace("tiers: {low: {", "tiers: {low: {classes: [read, write], ")
    for name, days in {"last_drill": 70, "on": 80}.items():
        text = re.sub(rf'\b{name}: "[0-9-]+"', f'{name}: "{date.today() - timedelta(days=days)}"', text)
    return text


@dataclass
class Career:
    """The deployment of one agent."""
    gateway: Dated
    data: Path
    tasks: dict[str, str] = field(default_factory=dict)  # run: task
    reviewed: date | None = None  # the end of the last period

    def open(self, task: str, name: str = AGENT) -> wire.Session:
        """A run of its own."""
        token = self.gateway.token(name, purpose=task, ttl="30m")
        if task in TASKS:
            self.tasks[claims(token)["run"]] = task
        return wire.Session(self.gateway.port, token)

    def arrived(self, tool: str) -> int:
        return counters.count(self.data, "tickets", tool.partition("__")[2])

    def pending(self) -> list[dict]:
        return [one for one in self.gateway.json("approvals", "list") if one.get("state") == "pending"]

    def work(self, runs: int, approved: int) -> None:
        """So many runs of all tasks; some label a ticket, which a person approves, and the others read one."""
        sessions = [self.open(TASKS[number % len(TASKS)]) for number in range(runs)]
        for session in sessions[approved:]:
            said = session.call(READ, id="T-1001")
            assert said.code is None, said.body
        with labelling(sessions[:approved]) as calls:
            for one in self.waiting(approved):
                self.gateway.approve(approval_id(one), ADA)
            assert [call.result() for call in calls] == [None] * approved

    def waiting(self, number: int) -> list[dict]:
        """The requests for approval, as soon as there are so many."""
        return until(lambda: found if len(found := self.pending()) == number else None, self.gateway)

    def day(self, ago: int, runs: int, approved: int) -> None:
        """A day in the past; the gateway goes on."""
        for attempt in range(4):
            self.go(ago)
            try:
                self.gateway.wait_for_tools(PEER, "tickets", ttl="30m")
                break
            except TimeoutError:
                # Now and then a process waits for ever under the clock's library. Nothing is on record of the day yet.
                if attempt == 3:
                    raise
                self.gateway.kill()
        self.work(runs, approved)

    def go(self, ago: int) -> None:
        """Starts the gateway at another day."""
        self.gateway.ahead = -ago * DAY
        self.gateway.start()

    def trust(self) -> dict:
        return json.loads(self.gateway.run("trust", "status", AGENT, "--json", check=False).stdout)

    def ready(self, stage: str) -> tuple[int, dict[str, dict]]:
        done = self.gateway.run("ready", AGENT, "--for", stage, "--json", check=False)
        return done.returncode, {one["check"]: one for one in json.loads(done.stdout)["checks"]}

    def propose(self, stage: str) -> dict:
        done = self.gateway.run("trust", "propose", AGENT, "--to", stage, "--json", check=False, seconds=200)
        answer = json.loads(done.stdout)
        assert ("proposal" in answer) == (done.returncode == 0), done
        return answer

    def status(self) -> tuple[str, int]:
        """The stage and the share of the limits that are served."""
        (status,) = self.gateway.json("status", AGENT, check=False)
        return status["stage"], status["quota_percent"]

    def evaluate(self, name: str = AGENT) -> None:
        """Runs the suite of an agent, at first one that the program writes, and submits the result."""
        known = self._results(name)
        self.gateway.run("eval", "run", name, *([] if known else ["--starter"]), "--sign", "agent")
        (path,) = self._results(name) - known
        self.gateway.run("eval", "gate", "--submit", str(path))

    def _results(self, name: str) -> set[Path]:
        found = self.gateway.folder.rglob(f"suites/{name}/results/*.json")
        return {path for path in found if not path.name.endswith(".cases.json")}

    def review(self, folder: Path, ago: int, days: int) -> None:
        """A review of the time since the last one, or of so many days, by a person who neither owns the agent nor approved its
        calls."""
        today = date.today() - timedelta(days=ago)
        first, self.reviewed = self.reviewed or today - timedelta(days=days), today
        found = started(self, AGENT, ("--from", str(first), "--to", str(today)), seconds=300)
        (shown,) = answer(self, "sample", found, seconds=120)
        strata = {one["stratum"]: one for one in shown["strata"]}
        assert {"approved", "read"} <= strata.keys(), strata.keys()
        for leaf in [record["leaf"] for one in strata.values() for record in one["records"]]:
            answer(self, "sample", found, "--open", leaf)
            answer(self, "sample", found, "--mark", leaf, "ok")
        record = self.gateway.records(ALL, type="review.started")[-1]
        answers = stated(record, folder / "answers.json", drift=[{**one, "outcome": "keep"} for one in shown["drift"]])
        due = f"{today + timedelta(days=6)}T09:00:00Z"
        (signed,) = answer(self, "sign", found, "--next", due, "--answers", answers, by=SAM)
        assert signed["signed"] is True, signed


@contextmanager
def labelling(sessions: list[wire.Session], first: int = 0) -> Iterator[list[Future]]:
    """Calls that wait for people, whose codes come later. After a failure they are not waited for."""
    pool = ThreadPoolExecutor(len(sessions))
    try:
        yield [pool.submit(label, one, number) for number, one in enumerate(sessions, first)]
    finally:
        pool.shutdown(wait=False)


def label(session: wire.Session, number: int) -> int | None:
    """Asks for a label; returns the code of a refusal. A request that waits long is asked for again, as agents do."""
    words = {"id": "T-1001", "label": f"label-{number}"}
    code = session.call(WRITE, **words).code
    return code if code is None else session.call(WRITE, **words).code


def digest_of(gateway: Dated, ids: list[str]) -> str:
    """The digest of a batch: that of the digests of its calls, in the order of their ids."""
    shown = [gateway.json("approvals", "show", one)[0]["digest"] for one in sorted(ids)]
    return "sha256:" + hashlib.sha256(b"".join(bytes.fromhex(one.partition(":")[2]) for one in shown)).hexdigest()


def promotions(gateway: Dated, records: list[dict]) -> list[dict[str, str]]:
    """The signed document and the evidence of each promotion on record, as `promotionevidence.py` reads them."""
    folder, found = gateway.folder / "state" / "promotions", []
    for record in records:
        name = base64.b64decode(record["h"]).hex()
        envelope = json.loads((folder / f"{name}.dsse").read_bytes())
        snapshot = (folder / f"{name}.json").read_bytes()
        found.append({"document": envelope["payload"], "snapshot": base64.b64encode(snapshot).decode()})
    return found


def opened(made: Career) -> dict:
    """What the log does not show by itself, as `promotionevidence.py` reads it: terms, tasks of runs, the owner."""
    gateway, tasks, seen = made.gateway, {}, set()
    for entry in published_entries(gateway):
        record = json.loads(entry)
        if record["t"] == "call.intent" and record["run"] in made.tasks and record["run"] not in seen:
            seen.add(record["run"])
            tasks[base64.b64encode(leaf_hash(entry)).decode()] = made.tasks[record["run"]]
    (owner,) = {one["by"] for one in gateway.records(ALL, type="approver.enrolled")
                if one["key"] == public_key(gateway.people.public[LI])}
    return {"agents": {AGENT: {"ceiling": "full", "servers": ["tickets"], "tier": "low", "owner": owner}},
            "criteria": STANDARD, "drill_every": DRILL_EVERY * 1_000_000, "tasks": tasks}


@contextmanager
def career(binary: Path, people, ago: int, calls: int) -> Iterator[Career]:
    """A deployment that was made so many days ago, with criteria that people signed and an agent without any record.

    `calls`: those that stage 0 permits in an hour. The clock of limits goes on as it is, so all days are one hour for them."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="interlock-e2e-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        made = make_organisation.make(folder, interpreter("servers"))
        data = Path(made["data"])
        source = folder / "source"
        source.mkdir()
        (source / "org.yaml").write_text(written(made["ports"], key(people, PAUL), calls))
        upstreams = ForkedUpstreams(made["python"], data, {"tickets": made["ports"]["tickets"]}, folder / "upstreams.log")
        stack.push(upstreams)
        upstreams.launch()
        gateway = Dated(binary, folder / "deployment", source, people, segment=SEGMENT)
        stack.callback(gateway.kill)
        gateway.ahead = -ago * DAY
        gateway.init()
        past, gateway.ahead = gateway.ahead, 0
        (gateway.folder / "trust").mkdir()
        (gateway.folder / "trust" / "criteria.yaml").write_text(CRITERIA)
        upstreams.wait()
        # A first suite needs the schemas of the lock. Under the clock's library the command may wait for ever.
        gateway.pin(ADA)
        gateway.ahead = past
        gateway.sign_off(DANA, ADA, SAM)
        yield Career(gateway, data)
