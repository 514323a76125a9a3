"""What one governed call costs in figures that do not depend on the machine's speed: instructions, allocations and
changes of reference counts by callgrind, system calls and written bytes by strace, for each thread."""

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections import Counter
from contextlib import ExitStack, suppress
from pathlib import Path

import processes
import rows
import stages
import wire
from deployment import Deployment, approval_id
from people import People

APPROVED = "approved"
# Breakers stay on, so no agent is refused more than 15 times: twenty take turns, and other twenty are counted next.
AGENTS = 20

SERVER = rows.SERVER + """\
      note: {class: read, effects: [sensitive_data]}
      send: {class: read, effects: [customer_facing]}
"""
CONTROLS = """\
controls:
  sensitive_data: {supervised: allow, trusted: allow}
  customer_facing: {supervised: approve, trusted: approve}
approvals: {everybody: {members: [ada@bench.example, sam@bench.example]}}
"""
VOTER = "sam@bench.example"
GRANTS = """\
      bench:
        - {tool: search}
        - {tool: note, when: "args.text.startsWith('lamp')"}
        - {tool: send}
"""
# The tool and its argument, of which a number makes a call differ from the others; refused variants open a breaker.
# The argument of a large read has 8 KiB more, so that what is done for each byte shows.
KINDS = {"read": ("search", "lamp {:06}"), "guarded read": ("note", "lamp {:06}"), "refused": ("note", "door"),
         "large read": ("search", "lamp {:06}" + " a lamp that stands on a desk" * 283), APPROVED: ("send", "lamp {:06}")}
# The calls that are counted, and those before them that are not. An approved one takes a second, most of it of people's
# commands.
COUNTS = dict.fromkeys(KINDS, (200, 100)) | {APPROVED: (10, 3)}

# The functions (as the compiler writes their names) and the names by which a thread is known, and its name in figures;
# the other threads are "rest". The loops of agents, people and control are counted together.
THREADS = {"9EventLoopC3runyyF": "loops", "9SequencerC3runyyF": "ledger", "9PublisherC": "publisher",
           "15IndexMaintainerC": "index"}
COMMANDS = {"loop": "loops", "control": "loops", "people": "loops", "ledger-sequence": "ledger",
            "ledger-publish": "publisher", "index": "index"}
# What is added to the name of a thread whose instructions are told by stage.
BY_STAGE = ", by stage"
ALLOCATIONS = {"malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc"}
REFERENCES = {"swift_retain", "swift_release", "swift_bridgeObjectRetain", "swift_bridgeObjectRelease",
              "swift_retain_n", "swift_release_n"}

Figures = dict[str, dict[str, float]]  # thread -> figure -> number of one call


class Caller:
    """Agents that take turns, one call at a time, each on its own connection, which stays open."""

    def __init__(self, made: Deployment, agents: list[str]):
        self.number, self.made = 0, made
        self.agents = [(wire.Session(made.port, made.token(agent, ttl="8h")).headers,
                        http.client.HTTPConnection("127.0.0.1", made.port, timeout=60)) for agent in agents]

    def call(self, kind: str, times: int) -> None:
        tool, text = KINDS[kind]
        for _ in range(times):
            self.number += 1
            headers, connection = self.agents[self.number % len(self.agents)]
            arguments = {"name": f"bench__{tool}", "arguments": {"text": text.format(self.number)}}
            body = {"jsonrpc": "2.0", "id": self.number, "method": "tools/call", "params": arguments}
            connection.request("POST", "/mcp", json.dumps(body), headers)
            if kind == APPROVED:
                self.approve()
            response = connection.getresponse()
            # A call that had to wait is answered in a stream.
            answer = wire.messages(response.headers["content-type"], response.read())[-1]
            if wire.decision(answer.get("result", {})).get("code") != (4030 if kind == "refused" else None):
                raise RuntimeError(f"{kind}: {answer}")

    def approve(self) -> None:
        """Signs for the one call that waits, after a look at the list: as many requests for each call."""
        waiting: list[dict] = []
        for _ in range(20):  # under valgrind, beside other work, the call may not wait yet
            time.sleep(0.5)
            if waiting := [one for one in self.made.json("approvals", "list") if one.get("state") == "pending"]:
                break
        (request,) = waiting
        self.made.approve(approval_id(request), VOTER)


def deployment(stack: ExitStack, binary: Path, folder: Path) -> Deployment:
    direct = rows.Direct(rows.compiled("upstream", folder))
    stack.callback(direct.close)
    people = stack.enter_context(People(folder / "people", rows.PEOPLE))
    policy = folder / "policy"
    rows.write_policy(
        policy, direct, rows.agent_names(2 * AGENTS), server=SERVER,
        org=rows.ORG + CONTROLS, agent=rows.AGENT.replace("      bench: [read]\n", GRANTS) + "    approvers: everybody\n")
    made = Deployment(binary, folder / "deployment", policy, people, org="bench")
    made.breakers = {"agent": "{denials: 20, denials_minute: 60, variants: 10 in 10s, same_any: 50 in 10s}"}
    made.init()
    return made


def measure(binary: Path, folder: Path) -> dict[str, Figures]:
    """The figures of each kind of call."""
    found: dict[str, Figures] = {kind: {} for kind in KINDS}
    with ExitStack() as stack:
        made = deployment(stack, binary, folder)
        stack.callback(made.kill)
        for count in (instructions, system_calls):
            for kind, figures in count(made, folder).items():
                for thread, numbers in figures.items():
                    found[kind].setdefault(thread, {}).update(numbers)
    return found


def ready(made: Deployment, agents: list[str]) -> Caller:
    made.wait_for_tools(agents[0], "bench", seconds=120)
    return Caller(made, agents)


# Instructions, allocations and reference counts.

def instructions(made: Deployment, folder: Path) -> dict[str, Figures]:
    # Hashes are the same in each run; so are addresses, because valgrind maps the program itself.
    made.start(seconds=300, environment={"SWIFT_DETERMINISTIC_HASHING": "1"}, prefix=[
        "valgrind", "-q", "--tool=callgrind", "--instr-atstart=no", "--separate-threads=yes", "--fair-sched=yes",
        f"--callgrind-out-file={folder}/callgrind"])
    caller, pid = ready(made, rows.agent_names(AGENTS)), str(made.process.pid)

    def control(*words: str) -> None:
        subprocess.run(["callgrind_control", *words, pid], check=True, capture_output=True, timeout=60)

    control("-i", "on")
    found = {}
    for number, kind in enumerate(KINDS, 1):
        count, warm = COUNTS[kind]
        caller.call(kind, warm)  # translated by now
        time.sleep(1)  # the publisher and the index follow
        control("-z")
        caller.call(kind, count)
        time.sleep(1)
        control("-d")
        found[kind] = profile(folder, number, count)
    made.stop(120)
    return found


def profile(folder: Path, dump: int, count: int) -> Figures:
    """The figures of one dump of so many calls, of which each thread has a file; each number is of one call."""
    deadline = time.monotonic() + 30
    while not list(folder.glob(f"callgrind.{dump}-*")):
        if time.monotonic() > deadline:
            raise RuntimeError(f"callgrind wrote no dump {dump}")
        time.sleep(0.1)
    time.sleep(1)
    found: Figures = {}
    methods = stages.of_methods()

    def add(thread: str, numbers: Counter) -> None:
        for name, number in numbers.items():
            found.setdefault(thread, Counter())[name] += number / count

    for file in sorted(folder.glob(f"callgrind.{dump}-*")):
        text = file.read_text()
        thread, numbers = of_thread(text)
        add(thread, numbers)
        if thread in ("loops", "ledger"):
            add(thread + BY_STAGE, stages.of_profile(text, methods))
    return found


def of_thread(text: str) -> tuple[str, Counter]:
    names: dict[str, str] = {}
    for number, name in re.findall(r"^c?fn=\((\d+)\) (.+)$", text, re.MULTILINE):
        names[number] = name.partition("'")[0]
    total = re.search(r"^(?:summary|totals): (\d+)", text, re.MULTILINE)
    numbers = Counter(instructions=int(total[1]) if total else 0)
    for number, calls in re.findall(r"^cfn=\((\d+)\).*\ncalls=(\d+)", text, re.MULTILINE):
        if names.get(number) in ALLOCATIONS:
            numbers["allocations"] += int(calls)
        elif names.get(number) in REFERENCES:
            numbers["references"] += int(calls)
    known = " ".join(names.values())
    return next((name for word, name in THREADS.items() if word in known), "rest"), numbers


# System calls.

def system_calls(made: Deployment, folder: Path) -> dict[str, Figures]:
    trace = folder / "strace"
    # The program is started by strace: to attach to another process later is not permitted everywhere.
    made.start(seconds=120, prefix=["strace", "-f", "-ttt", "-qq", "-o", str(trace)])
    (pid,) = processes.children(made.process.pid)

    def send(number: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, number)

    try:
        caller = ready(made, rows.agent_names(2 * AGENTS)[AGENTS:])
        threads = {entry.name: COMMANDS.get((entry / "comm").read_text().strip(), "rest")
                   for entry in Path(f"/proc/{pid}/task").iterdir()}
        windows = {}
        for kind in KINDS:
            count, warm = COUNTS[kind]
            caller.call(kind, warm)
            time.sleep(1)
            start = time.time()
            caller.call(kind, count)
            windows[kind] = start, time.time(), count
    finally:
        send(signal.SIGTERM)  # strace itself holds signals back
        try:
            made.process.wait(60)
        finally:
            send(signal.SIGKILL)  # it would outlive strace
    lines = trace.read_text(errors="replace").splitlines()
    return {kind: traced(lines, threads, *window) for kind, window in windows.items()}


def traced(lines: list[str], threads: dict[str, str], start: float, end: float, count: int) -> Figures:
    """The figures of one call of so many, from the lines of that time. A system call during which others are shown has two lines,
    and is counted at the second, which has its result."""
    found: Figures = {}
    for line in lines:
        match = re.match(r"(\d+) +(\d+\.\d+) (?:<\.\.\. )?(\w+)", line)
        if not match or not start <= float(match[2]) <= end or line.endswith("<unfinished ...>"):
            continue
        numbers = found.setdefault(threads.get(match[1], "rest"), Counter())
        numbers["syscalls"] += 1 / count
        written = re.search(r"= (\d+)$", line)
        if written and match[3] in ("pwrite64", "pwritev", "pwritev2"):
            numbers["written"] += int(written[1]) / count
    return found


def missing_programs() -> list[str]:
    return [name for name in ("valgrind", "callgrind_control", "strace", "cc") if not shutil.which(name)]
