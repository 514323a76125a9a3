"""The budget of a call: what callgrind and strace write is counted as it should be, and what exceeds is named."""

import re
import sys

from conftest import ROOT

sys.path.insert(0, str(ROOT / "Benchmarks"))

import budget  # noqa: E402
import counting  # noqa: E402
import stages  # noqa: E402

PROFILE = """\
version: 1
fn=(1) $s18InterlockTransport9EventLoopC3runyyF
0 10
cfn=(2) swift_retain
calls=3 0
0 9
cfn=(3) malloc
calls=2 0
0 40
fn=(3)
0 40
cfn=(4) _int_malloc
calls=1 0
0 30

fn=(5) somewhere'2
cfn=(3)
calls=4 0
0 80
totals: 209
"""


def test_a_profile_has_the_calls_of_its_functions_and_the_name_of_its_thread():
    thread, numbers = counting.of_thread(PROFILE)
    assert thread == "loops"
    assert numbers == {"instructions": 209, "references": 3, "allocations": 6}
    thread, numbers = counting.of_thread("fn=(1) elsewhere\n0 7\nsummary: 7\n")
    assert (thread, numbers) == ("rest", {"instructions": 7})


STAGES = """\
fn=(1) $s18InterlockTransport9EventLoopC3runyyF
0 10
cfn=(2) $s17InterlockGovernor12CallPipelineV6decideyAA
calls=1 0
0 500
cfn=(6) epoll_wait
calls=1 0
0 3
fn=(2)
+3 100
cfn=(3) $s13InterlockJSON9JSONValueO
calls=1 0
+4 400
fn=(3)
0 390
cfn=(4) swift_retain
calls=2 0
0 10
fn=(5) swift_job_run
0 7
cfn=(7) $s17InterlockGovernor12CallPipelineV4send33_ABF
calls=1 0
0 20
cfn=(8) $s14InterlockStore13WriteAheadLogC6append
calls=1 0
0 11
fn=(7)
0 20
fn=(8)
0 11
fn=(4)
0 10
fn=(6)
0 3
"""


def test_what_a_stage_calls_belongs_to_it_and_the_rest_to_its_module():
    found = stages.of_profile(STAGES, {"decide": "decide", "send": "execute"})
    assert found == {"decide": 500, "execute": 20, "connections": 10, "leaf and queue": 11, "runtime": 3 + 7}


def test_each_stage_of_the_pipeline_is_known_by_its_methods():
    methods = stages.of_methods()
    text = (ROOT / "Sources/Gateway/Governor/Stages/StageTimes.swift").read_text()
    names = [name for line in re.findall(r"^    case (.+)", text, re.MULTILINE) for name in line.split(", ")]
    assert len(names) == 14 and all(methods[name] == name for name in names)
    assert methods["send"] == "execute"  # a helper belongs to its file


def test_a_trace_has_the_system_calls_of_a_time_by_thread():
    lines = [
        '7  9.9 recvfrom(5, "", 10, 0, NULL, NULL) = 10',
        '7  10.0 recvfrom(5, "", 10, 0, NULL, NULL) = 10',
        "8  10.1 pwrite64(3, \"\", 4096, 0 <unfinished ...>",
        '7  10.2 sendto(5, "", 3, 0, NULL, 0) = 3',
        "8  10.3 <... pwrite64 resumed>) = 4096",
        "9  10.4 futex(0x1, FUTEX_WAIT, 0, NULL) = 0",
        "8  11.1 fdatasync(3) = 0",
    ]
    found = counting.traced(lines, {"7": "loops", "8": "ledger"}, 10.0, 11.0, 200)
    one = 1 / 200
    assert found == {"loops": {"syscalls": 2 * one}, "ledger": {"syscalls": one, "written": 4096 * one},
                     "rest": {"syscalls": one}}


def measured(**changed: float) -> dict:
    figures = {"instructions": 1000.0, "allocations": 50.0, "references": 300.0, "syscalls": 9.0} | changed
    by_stage = {"decide": 89_000.0, "identify": 1000.0, "connections": 80_000.0}
    by_stage |= {name: figures.pop(name) for name in list(figures) if name in by_stage}
    return {kind: {thread: dict(by_stage if thread in budget.STAGES else figures) for thread in threads}
            for kind, threads in budget.GATED.items()}


def test_what_exceeds_its_budget_or_has_none_is_named():
    gated = [thread for threads in budget.GATED.values() for thread in threads]
    staged = [thread for thread in gated if thread in budget.STAGES]
    whole = len(gated) - len(staged)
    assert budget.excesses(measured(), measured()) == []
    assert budget.excesses(measured(instructions=1049, allocations=50.6, syscalls=10.9, decide=93_449, connections=95_999), measured()) == []
    # Of an approved call, one allocation in fifty is within the share.
    assert budget.excesses(measured(allocations=51), measured()) == [
        f"{kind}, loops: 51.0 allocations, budget 50.0" for kind in budget.GATED if kind != counting.APPROVED]
    for name, value in (("instructions", 1051), ("allocations", 53), ("references", 316), ("syscalls", 11.1), ("written", 1)):
        lines = budget.excesses(measured(**{name: value}), measured())
        assert len(lines) == whole and lines[0].startswith(f"read, loops: {value:,.1f} {name}, budget"), lines
    for name, value in (("decide", 93_451), ("identify", 4001), ("connections", 96_001)):
        lines = budget.excesses(measured(**{name: value}), measured())
        assert len(lines) == len(staged) and lines[0].startswith(f"read, loops, by stage: {value:,.1f} {name}, budget"), lines
    assert len(budget.excesses(measured(), {})) == 4 * whole + 2 * len(staged)
    assert budget.excesses({}, measured())[0] == "read, loops: instructions was not measured"


def test_the_budget_has_each_gated_figure():
    import yaml

    written = yaml.safe_load(budget.BUDGET.read_text())
    for kind, threads in budget.GATED.items():
        assert {thread: set(written[kind][thread]) for thread in threads if thread not in budget.STAGES} == {
            "loops": {"instructions", "allocations", "references", "syscalls"},
            **({"ledger": {"instructions", "allocations", "references", "syscalls", "written"}} if "ledger" in threads else {})}
        for thread in set(threads) & set(budget.STAGES):
            # Their sum is the thread's, as far as each function was called by another.
            assert 0.97 < sum(written[kind][thread].values()) / written[kind][thread.partition(",")[0]]["instructions"] < 1.03
    assert budget.text(written, budget.GATED) in budget.BUDGET.read_text()
