"""The instructions of a thread by the stage of the call for which they were executed, from a profile by callgrind.

What a stage calls belongs to it: JSON that is read while a call is parsed belongs to `parse`. Functions through which
stages are reached, such as the loop and the tasks of the runtime, belong to none of them, and what these call beside
them counts by its module.
"""

import re
from collections import Counter, defaultdict
from pathlib import Path

GOVERNOR = Path(__file__).resolve().parent.parent / "Sources" / "Gateway" / "Governor"
# Types of the ledger's thread, by the part of a commit that they are.
PARTS = {"10HeadSigner": "signature", "12CompactRangeV": "tree", "5FrameV": "frame", "9SequencerC": "sequencer"}
MODULES = {"Transport": "connections", "Store": "leaf and queue", "Ledger": "leaf and queue"}


def of_methods() -> dict[str, str]:
    """Method of the pipeline -> the stage to whose file it belongs; `pipeline` if that is no stage's."""
    found: dict[str, str] = {}
    for file in sorted(GOVERNOR.rglob("*.swift")):
        stem = file.stem.partition("+")[0]
        is_stage = file.is_relative_to(GOVERNOR / "Stages") and stem != "Gateway"
        stage = stem[0].lower() + stem[1:] if is_stage else "pipeline"
        for body in re.findall(r"^(?:package )?(?:extension|struct) CallPipeline\b.*?^}", file.read_text(), re.M | re.S):
            for method in re.findall(r"\bfunc (\w+)", body):
                if method == stage or method not in found:
                    found[method] = stage
    return found


def label(function: str, methods: dict[str, str]) -> str | None:
    """The stage or part to which a function belongs by its own name, as the compiler writes it."""
    method = re.match(r"\$s17InterlockGovernor12CallPipelineV(\d+)(\w+)", function)
    if method:
        return methods.get(method[2][:int(method[1])], "pipeline")
    return next((part for word, part in PARTS.items() if re.match(rf"\$s\d+Interlock[A-Z][a-z]+{word}", function)), None)


def module(function: str) -> str:
    found = re.match(r"\$s(\d+)Interlock(\w+)", function)
    return MODULES.get(found[2][:int(found[1]) - len("Interlock")], "runtime") if found else "runtime"


def of_profile(text: str, methods: dict[str, str]) -> Counter:
    """Instructions by stage; their sum is that of the profile, but for what no function of it called."""
    own, edges = read(text)
    callers = defaultdict(set)
    for caller, called in edges:
        callers[called].add(caller)
    labels = {name: found for name in {*own, *callers} if (found := label(name, methods))}
    ways: set[str] = set()
    new = list(labels)
    while new:
        for caller in callers[new.pop()]:
            if caller not in ways and caller not in labels:
                ways.add(caller)
                new.append(caller)
    found: Counter = Counter()
    for name, count in own.items():
        if name in labels:
            found[labels[name]] += count
        elif name in ways:
            found[module(name)] += count
    for (caller, called), count in edges.items():
        if called in labels or called in ways:
            continue
        if caller in labels:
            found[labels[caller]] += count
        elif caller in ways:
            found[module(called)] += count
    return found


def read(text: str) -> tuple[Counter, Counter]:
    """Each function's own instructions, and those of the calls from one to another."""
    names: dict[str, str] = {}
    own: Counter = Counter()
    edges: Counter = Counter()

    def name(word: str) -> str:
        number, _, given = word.partition(" ")
        if given:
            names[number] = given.partition("'")[0]
        return names[number]

    function, called = "", None
    for line in text.splitlines():
        if line.startswith("fn="):
            function = name(line[3:])
        elif line.startswith("cfn="):
            called = name(line[4:])
        elif line[:1].isdigit() or line[:1] in ("+", "-", "*"):
            count = int(line.split()[1])
            if called is None:
                own[function] += count
            else:
                edges[function, called] += count
                called = None
    return own, edges
