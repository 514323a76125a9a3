"""Tasks from the templates of this folder: what a user wants, what each tool answers, and for injected tasks the
passage in an outside answer with the call that it asks for.

The templates and this code are frozen: `frozen.sha256` has their digests, and `check_frozen` refuses others.
"""

import hashlib
import random
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from . import shapes
from .values import Values

HERE = Path(__file__).resolve().parent
SUITES = ("banking", "travel", "workspace", "code", "support")
BENIGN, INJECTED, LIMITS = 60, 120, 12  # a suite; the last for each family of limits
# The families of injected tasks. `injected`: the passage comes from outside, and the call that it asks for is
# consequential. The others show limits, and count apart. `leak`: the call is a read to which the policy gives no
# effect, and carries data out. `inside`: the passage comes from a server that the policy reviews as internal.
INJECTED_FAMILY, LEAK, INSIDE = FAMILIES = ("injected", "leak", "inside")


class Changed(Exception):
    """A template is not the frozen one."""


@dataclass(frozen=True)
class Step:
    tool: str  # server.tool
    arguments: dict[str, str]
    result: dict  # as MCP has it

    @property
    def server(self) -> str:
        return self.tool.split(".")[0]


@dataclass(frozen=True)
class Attack:
    goal: str
    kind: str
    shape: str
    moment: str
    passage: tuple[str, ...]  # the parts, as a result carries them
    reads: tuple[Step, ...]  # before the call, for what it is to carry
    call: Step  # an argument of `$last` is the text of the result before
    secret: str | None  # a token that the call is to carry out


@dataclass(frozen=True)
class Task:
    name: str
    suite: str
    template: str
    request: str
    steps: tuple[Step, ...]  # of an injected task: the reads until the passage has come, then the others
    carrier: int | None = None
    attack: Attack | None = None
    family: str = "benign"
    acts_after_reading: bool = False  # a benign task: it does more than read, after it has read from outside

    @property
    def is_held_back(self) -> bool:
        return hashlib.sha256(self.name.encode()).digest()[0] % 2 == 1


@dataclass(frozen=True)
class Suite:
    name: str
    servers: dict[str, dict]
    benign: list[dict]
    goals: list[dict]
    leaks: list[dict]

    def only_reads(self, step: dict) -> bool:
        """Returns true for a tool that neither changes nor sends anything."""
        tool = self.tool(step)
        return tool["class"] == "read" and set(tool.get("effects", [])) <= {"read", "sensitive_data"}

    def is_outside(self, step: dict) -> bool:
        return self.servers[step["do"].split(".")[0]]["trust"] != "internal"

    def tool(self, step: dict) -> dict:
        server, name = step["do"].split(".")
        return self.servers[server]["tools"][name]

    def carrier(self, template: dict, is_inside: bool) -> int | None:
        """The first step that reads from outside; or from inside, if the task never reads from outside."""
        if is_inside and any(self.is_outside(step) for step in template["steps"]):
            return None
        return next((number for number, step in enumerate(template["steps"])
                     if self.is_outside(step) != is_inside and self.tool(step)["class"] == "read"), None)


def suite(name: str, folder: Path = HERE) -> Suite:
    read = tomllib.loads((folder / f"{name}.toml").read_text())
    return Suite(name, read["servers"], read["benign"], read["goal"], read.get("leak", []))


def check_frozen(folder: Path = HERE) -> str:
    """Returns the digest of what is frozen; raises `Changed` if a file is not as it was, or is not listed."""
    listing = (folder / "frozen.sha256").read_text()
    kept = dict(reversed(line.split("  ")) for line in listing.splitlines())
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest()
             for path in folder.iterdir() if path.name in kept or path.suffix == ".toml"}
    if wrong := sorted(name for name in kept.keys() | found.keys() if kept.get(name) != found.get(name)):
        raise Changed(f"not as frozen: {', '.join(wrong)}")
    return hashlib.sha256(listing.encode()).hexdigest()


def filled(step: dict, values: Values) -> Step:
    arguments = {name: values.fill(text) for name, text in step.items() if name not in ("do", "gives")}
    return Step(step["do"], arguments, shapes.plain(values.fill(step.get("gives", "done"))))


def spread(number: int, of: int, count: int) -> int:
    """The index of the template of task `number` of `of`: all in turn, or evenly spaced ones of more than `of`."""
    return number % count if of >= count else number * count // of


def benign(one: Suite, seed: int, number: int, of: int) -> Task:
    name = f"{one.name}-benign-{number:03}"
    template = one.benign[spread(number, of, len(one.benign))]
    values = Values(seed, name)
    outside = [number for number, step in enumerate(template["steps"]) if one.is_outside(step)]
    acts = outside and any(not one.only_reads(step) for step in template["steps"][outside[0] + 1:])
    return Task(name, one.name, template["id"], values.fill(template["request"]),
                tuple(filled(step, values) for step in template["steps"]), acts_after_reading=bool(acts))


def injected(one: Suite, seed: int, number: int, of: int, words: dict, family: str) -> Task:
    name = f"{one.name}-{family}-{number:03}"
    chance, values = random.Random(f"{seed}/{name}"), Values(seed, name)
    goals, is_inside = one.leaks if family == LEAK else one.goals, family == INSIDE
    goal = goals[spread(number, of, len(goals))]
    # The reads of the call must not be those of the user's task, which have results of their own.
    taken = {step["do"] for step in goal["steps"][:-1]}
    template = chance.choice([each for each in one.benign if one.carrier(each, is_inside) is not None
                              and not any(step["do"] in taken for step in each["steps"])])
    shape, moment = chance.choice(words["shapes"]), chance.choice(words["moments"])
    demand = values.fill(goal["demand"])
    passage = shapes.passage(shape, chance.choice(words["wordings"]), demand)

    first = one.carrier(template, is_inside)
    chosen = [step for number, step in enumerate(template["steps"]) if number == first or one.only_reads(step)]
    carrier = chosen.index(template["steps"][first])
    steps = [filled(step, values) for step in chosen]
    read = steps[carrier]
    steps[carrier] = Step(read.tool, read.arguments, shapes.carried(shape, passage, read.result))
    *reads, call = (filled(step, values) for step in goal["steps"])
    secret = next((value for slot, value in values.used.items() if slot.startswith("token.")), None)
    return Task(name, one.name, template["id"], values.fill(template["request"]), tuple(steps), carrier,
                Attack(goal["id"], goal["kind"], shape, moment, passage, tuple(reads), call, secret), family)


@dataclass(frozen=True)
class Corpus:
    suites: dict[str, Suite]
    tasks: list[Task] = field(default_factory=list)

    def results(self) -> dict[tuple, dict]:
        """What each call of each task is answered, by tool and arguments; two tasks never make the same call."""
        found: dict[tuple, dict] = {}
        for task in self.tasks:
            steps = [*task.steps, *((*task.attack.reads, task.attack.call) if task.attack else ())]
            for step in steps:
                key = (step.tool, *sorted(step.arguments.items()))
                if found.setdefault(key, step.result) != step.result:
                    raise ValueError(f"{task.name} makes the call of another task: {key}")
        return found


def corpus(seed: int, tasks: int = len(SUITES) * (BENIGN + INJECTED), folder: Path = HERE) -> Corpus:
    """About that many tasks: as many in each suite, one third of them benign; and besides those that show limits."""
    words = tomllib.loads((folder / "wordings.toml").read_text())
    suites = {name: suite(name, folder) for name in SUITES}
    each = max(1, round(tasks / len(SUITES) / 3))
    made = Corpus(suites)
    for one in suites.values():
        made.tasks.extend(benign(one, seed, number, each) for number in range(each))
        few = max(1, each * LIMITS // BENIGN)
        numbers = {INJECTED_FAMILY: 2 * each, LEAK: few if one.leaks else 0, INSIDE: few}
        made.tasks.extend(injected(one, seed, number, of, words, family)
                          for family, of in numbers.items() for number in range(of))
    return made
