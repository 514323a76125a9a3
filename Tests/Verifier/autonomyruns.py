"""The runs of one agent, and what changes them (docs/trust.md)."""

from dataclasses import dataclass, field

from autonomynumbers import Sum
from encoding import b64, sha256
from strictjson import canonical


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
    end: str | None = None  # the leaf of run.end
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
    start: int  # of a promotion: the date of its document
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
        self.incidents: list[tuple[int, int, str]] = []  # severity, time, leaf
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
            if print_ is None or files is None or b64(sha256(canonical({**files, "v": 2}))) != print_:
                return "files"
            lists.append(files)
        changed = {part for part in ("program", "prompt", "skills", "settings") if lists[0][part] != lists[1][part]}
        return changed.pop() if changed in ({"skills"}, {"prompt"}) else "files"
