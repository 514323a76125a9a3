"""`interlock eval run` with agent cases: the command of the suite, run against a gateway of each trial with fake servers."""

import json
import os
import signal
import socket
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from conftest import FIXTURES, interpreter
from evaluating import CASES, OWNER, Evals
from offlinehost import bundled
from waits import until

SDK = "mcp-1.22.0"
INVOICE = ["call", "billing__get_invoice", {"invoice": "8812"}]
REFUND = ["call", "billing__refund_request", {"amount_cents": 1900, "currency": "EUR"}]
OVER_CAP = ["call", "billing__refund_request", {"amount_cents": 50001, "currency": "EUR"}]

WORLD = """interlock_eval: 1
servers:
  billing:
    state: {refunds: []}
    tools:
      get_invoice: {match: {"/invoice": "8812"}, answer: {text: "8812 is 19.00 EUR"}}
      refund_request:
        answer: {state: "/refunds"}
        patch: [{op: add, path: "/refunds/-", value: {amount_cents: 1900}}]
"""

EXPECTED = """expect:
  state: [{at: /billing/refunds/0/amount_cents, equals: 1900}, {at: /billing/refunds, size: 1}]
  calls:
    required: [{call: billing.get_invoice}, {call: billing.refund_request, args: {amount_cents: 1900}}]
    order: [billing.get_invoice, billing.refund_request]
    count: {billing.refund_request: {max: 1}}
  denials: {max: 0}
"""

REQUIRED = "expect: {calls: {required: [{call: billing.get_invoice}]}, denials: {max: 0}}\n"


class Trials(Evals):
    def write_agent(self, *words: str, trials: int = 2) -> "Trials":
        """The suite of policy cases with a command, by default the scripted agent."""
        command = list(words) or [str(interpreter(SDK)), str(FIXTURES / "eval_agent.py")]
        (self.suite / "suite.yaml").write_text(
            f"interlock_eval: 1\nagent: refunds\nowner: {OWNER}\nfloor: 0.05\ntrials: {trials}\n"
            f"command: {json.dumps(command)}\n")
        (self.suite / "fixtures").mkdir(exist_ok=True)
        (self.suite / "fixtures/orders.yaml").write_text(WORLD)
        return self

    def write_server(self, *words: str, lock: Path | None = None) -> None:
        """A fixture with a real server, by default of the reviewed tools."""
        command = [sys.executable, str(FIXTURES / "eval_server.py"), str(lock or self.lock), *words]
        (self.suite / "fixtures/orders.yaml").write_text(
            f"interlock_eval: 1\nservers: {{billing: {{command: {json.dumps(command)}}}}}\n")

    def write_case(self, steps: list, expect: str = EXPECTED, name: str = "task", kind: str = "golden") -> None:
        """A case whose agent does these steps."""
        (self.suite / f"cases/{name}.yaml").write_text(
            f'interlock_eval: 1\nid: {name}\nkind: agent\nclass: {kind}\n'
            f'reviewed: {{by: paul@acme.example, on: "2026-11-12"}}\n'
            f"request: {json.dumps(json.dumps(steps))}\nworld: fixtures/orders.yaml\n{expect}")

    def try_once(self, steps: list, expect: str = EXPECTED, *words: str, code: int = 1):
        """Runs a case alone and once; a run of a part is partial."""
        self.write_case(steps, expect)
        return self.eval("run", "refunds", "--kind", "agent", "--trials", "1", *words, expect=code)


@pytest.fixture
def trials(binary, tmp_path) -> Trials:
    made = Trials(binary, tmp_path).write_suite()
    made.environment["TMPDIR"] = str(tmp_path / "temporary")
    (tmp_path / "temporary").mkdir()
    return made.write_agent()


def outputs(trials: Trials) -> str:
    """What the agents of failed trials wrote."""
    return "".join(path.read_text(errors="replace") for path in sorted((trials.folder / "temporary").rglob("*.output")))


def reason(done) -> str:
    """The line of the one case that failed."""
    return only(done, "FAIL ")


def only(done, begin: str) -> str:
    """The one line that begins so."""
    (line,) = [line for line in done.stdout.splitlines() if line.startswith(begin)]
    return line


@pytest.mark.requirement("R115", "R118", "R122")
def test_an_agent_that_does_its_task_passes_in_each_trial(trials):
    trials.write_case([INVOICE, REFUND])
    done = trials.eval("run", "refunds", "--json", "--out", "result.json", "--junit", "junit.xml")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    (row,) = [row for row in rows if row.get("kind") == "agent"]
    assert (row["id"], row["passes"], row["trials"], row["reason"]) == ("task", 2, 2, None)
    assert rows[-1]["verdict"] == "pass" and rows[-1]["cases"] == len(CASES) + 1 and rows[-1]["partial"] is False
    result = json.loads((trials.folder / "result.json").read_text())
    assert result["utility"]["cases"] == 1 and result["utility"]["passed"] == 1 and result["proof"] == "declared"
    names = [one.get("name") for one in ElementTree.parse(trials.folder / "junit.xml").iter("testcase")]
    assert "task" in names and len(names) == len(CASES) + 1
    assert outputs(trials) == "", "the files of trials that passed are removed"


@pytest.mark.requirement("R115", "R122")
def test_each_failed_line_is_named_and_only_files_of_failed_trials_stay(trials):
    trials.write_case([INVOICE, REFUND])
    trials.write_case([INVOICE], name="half")
    words = ("run", "refunds", "--kind", "agent", "--trials", "1")
    rows = [json.loads(line) for line in trials.eval(*words, "--json", expect=1).stdout.splitlines()]
    (row,) = [row for row in rows if row.get("id") == "half"]
    (passed,) = [row for row in rows if row.get("id") == "task"]
    assert passed["reasons"] == [] and row["reasons"][0] == row["reason"] and row["reason"].startswith("state[0]: ")
    assert any(one.startswith("calls.required[1]: ") for one in row["reasons"]), row
    files = sorted(path.name for path in (trials.folder / "temporary").rglob("*-1.*"))
    assert files == ["half-1.output", "half-1.request"]
    assert "\n  and calls.required[1]: " in trials.eval(*words, expect=1).stdout


@pytest.mark.requirement("R115")
def test_an_agent_that_does_nothing_or_half_of_it_fails(trials):
    assert "`billing.get_invoice` was not called" in reason(trials.try_once([], REQUIRED))
    assert "state[0]: " in reason(trials.try_once([INVOICE]))
    twice = [INVOICE, REFUND, ["call", "billing__refund_request", {"amount_cents": 1800, "currency": "EUR"}]]
    assert "calls.count: " in reason(trials.try_once(twice, EXPECTED.replace("size: 1", "size: 2")))
    assert "calls.order" in reason(trials.try_once([REFUND, INVOICE]))


@pytest.mark.requirement("R119")
def test_a_call_that_the_policy_stops_was_tried_and_did_not_reach_the_server(trials):
    """The policy of the suite decides, and what is tried and stopped is never what went through."""
    pattern = "{call: billing.refund_request, args: {amount_cents: 50001}}"
    stopped = f"expect: {{calls: {{stopped: [{pattern}], required: [{{call: billing.get_invoice}}]}}}}\n"
    done = trials.try_once([INVOICE, OVER_CAP], stopped, "--json", code=0)
    assert json.loads(done.stdout.splitlines()[-1])["withheld"] == [
        {"id": "task", "tool": "billing.refund_request", "tried": 1, "reached_upstream": 0}]
    failed = reason(trials.try_once([INVOICE, OVER_CAP], stopped.replace("stopped", "forbidden")))
    assert "was tried 1 times, and 0 calls reached the server" in failed
    assert "1 calls were denied" in reason(trials.try_once([INVOICE, OVER_CAP], REQUIRED))
    trials.policy.write_text(trials.policy.read_text().replace("<= 50000", "<= 60000"))
    assert "was tried 1 times, and 1 calls reached the server" in reason(trials.try_once([INVOICE, OVER_CAP], stopped))


@pytest.mark.requirement("R119")
def test_arguments_outside_the_reviewed_schema_are_refused_as_by_the_gateway(trials):
    call = ["call", "billing__get_invoice", {"invoice": "8812", "note": "x"}]
    assert "`billing.get_invoice` was tried, and stopped" in reason(trials.try_once([call], REQUIRED))


@pytest.mark.requirement("R115")
@pytest.mark.parametrize("answer, reached", [("approve", 1), ("reject", 0), ("expire", 0)])
def test_approvals_are_answered_as_the_case_says(binary, tmp_path, answer, reached):
    """By approvers whose keys exist in the run alone: no one is enrolled, and no other gateway is there. At stage supervised,
    a write needs one approval."""
    made = Trials(binary, tmp_path, tier="medium").write_suite().write_agent()
    text = made.policy.read_text()
    made.policy.write_text(
        text.replace("servers:\n", "approvals:\n  finance: {members: [paul@acme.example, dana@acme.example], expires: 30m}\n"
                     "servers:\n", 1)
        .replace("stage: trusted\n", "stage: supervised\n    approvers: finance\n"))
    expect = (f"expect:\n  state: [{{at: /billing/refunds, size: {reached}}}]\n"
              f"  approvals: {{asked: [billing.refund_request], answer: {answer}}}\n")
    made.try_once([REFUND], expect, code=0)
    # No approval was asked for, which the case demands.
    assert "no approval was asked for `billing.refund_request`" in reason(made.try_once([INVOICE], expect.replace(
        f"size: {reached}", "size: 0")))
    # A case that states no answer has each request rejected, and says so.
    failed = reason(made.try_once([REFUND], "expect: {state: [{at: /billing/refunds, size: 1}]}\n"))
    assert "(1 request for approval was rejected, as the case has no `approvals`)" in failed


@pytest.mark.requirement("R115", "R120")
def test_a_first_run_below_the_floor_fails_and_the_report_says_so(trials):
    suite = trials.suite / "suite.yaml"
    suite.write_text(suite.read_text().replace("floor: 0.05\n", ""))
    trials.write_case([INVOICE, REFUND])
    assert "1 of 1 show 20.7 %, under the floor of 75.0 %" in trials.eval("lint", "refunds").stdout
    (trials.suite / "results").mkdir(exist_ok=True)
    done = trials.eval("run", "refunds", "--out", str(trials.suite / "results/first.json"), expect=1)
    says = "the utility pass rate may be 20.7 %, under the floor of 75.0 %"
    assert f"refunds reason: {says}" in done.stdout
    assert f"refunds last result: {says}" in trials.eval("report", "refunds").stdout


@pytest.mark.requirement("R115", "R122")
@pytest.mark.parametrize("steps, says", [
    ([["hang"]], "the agent did not end in time"),
    ([INVOICE, REFUND, ["exit", 3]], "the agent failed: exit 3"),
    ([["kill"]], "the agent failed: exit 137"),
    ([["flood"]], "the agent failed: it wrote more than 64 MiB of output"),
])
def test_an_agent_that_does_not_end_well_fails_its_trial(trials, steps, says):
    done = trials.try_once(steps, EXPECTED, "--timeout", "20s" if steps != [["hang"]] else "2s")
    assert says in reason(done), done.stdout
    assert "::error::" not in done.stdout + done.stderr
    assert len(outputs(trials)) <= 1 << 20


@pytest.mark.requirement("R115")
@pytest.mark.parametrize("way", ["fork", "leave"])
def test_processes_that_an_agent_leaves_hold_up_no_run(trials, way, tmp_path):
    """Those of its group are ended with it."""
    left = tmp_path / "left"
    trials.try_once([INVOICE, REFUND, [way, str(left)]], code=0)
    process = int(left.read_text())
    if way == "leave":
        assert not is_gone(process)
        os.kill(process, signal.SIGKILL)
    until(lambda: is_gone(process), seconds=20)


@pytest.mark.requirement("R115")
@pytest.mark.parametrize("way, number", [("fork", signal.SIGTERM), ("join", signal.SIGTERM), ("fork", signal.SIGQUIT)])
def test_a_run_that_is_ended_ends_its_agents(trials, tmp_path, way, number):
    """Their groups get no signal of the terminal."""
    left = tmp_path / "left"
    trials.write_case([[way, str(left)], ["hang"]])
    check_ended(trials, left, number)


@pytest.mark.requirement("R115")
def test_a_run_that_is_ended_ends_the_servers_of_its_fixture(trials, tmp_path):
    """Also one that does not end with its input."""
    left = tmp_path / "left"
    trials.write_server("stay", str(left))
    trials.write_case([["hang"]], REQUIRED)
    check_ended(trials, left, signal.SIGTERM, "--jobs", "1")


def check_ended(trials, left: Path, number: int, *words: str) -> None:
    """A signal ends a run, and the process whose number is in the file `left` with it."""
    command = [trials.binary, "eval", "run", "refunds", "--kind", "agent", "--policy", "policy.yaml", *words]
    with subprocess.Popen(command, cwd=trials.folder, env=trials.environment, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as running:
        until(lambda: left.exists() and left.read_text(), seconds=20)
        running.send_signal(number)
        assert running.wait(20) == 128 + number
    until(lambda: is_gone(int(left.read_text())), seconds=20)


def is_gone(process: int) -> bool:
    """Also one that its parent has not reaped."""
    state = Path(f"/proc/{process}/stat")
    return not state.exists() or state.read_text().rsplit(")", 1)[1].split()[0] == "Z"


@pytest.mark.requirement("R115")
def test_the_output_of_an_agent_is_in_a_file_and_never_on_standard_output(trials):
    done = trials.try_once([["print", "::error::from the agent"], ["exit", 1]])
    assert "from the agent" not in done.stdout + done.stderr
    assert outputs(trials) == "::error::from the agent\n"
    (folder,) = (trials.folder / "temporary").iterdir()
    assert str(folder) in done.stderr and folder.stat().st_mode & 0o77 == 0


@pytest.mark.requirement("R115")
def test_an_agent_gets_no_key_of_its_evaluator_and_no_command_file_of_its_pipeline(trials):
    given = {"SSH_AUTH_SOCK": "/x", "GITHUB_OUTPUT": "/x", "ACTIONS_RUNTIME_TOKEN": "x", "CI_JOB_TOKEN": "x",
             "CI_REPOSITORY_URL": "x", "INTERLOCK_OTHER": "x", "MODEL_KEY": "x"}
    trials.environment.update(given)
    trials.try_once([["variables"], ["exit", 1]])
    names = set(outputs(trials).splitlines())
    assert names & given.keys() == {"MODEL_KEY"}
    assert {name for name in names if name.startswith("INTERLOCK_")} == {
        "INTERLOCK_GATEWAY", "INTERLOCK_TOKEN", "INTERLOCK_EVAL_REQUEST"}


@pytest.mark.requirement("R115", "R116")
def test_the_gateway_of_a_trial_ends_with_it(trials):
    """Its address and token are worth nothing afterwards."""
    trials.write_agent("sh", "-c", 'echo "$INTERLOCK_GATEWAY" >"$HOME/endpoint"; exit 1', trials=1)
    trials.environment["HOME"] = str(trials.folder)
    trials.try_once([])
    port = int((trials.folder / "endpoint").read_text().split(":")[2].split("/")[0])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 5).close()


@pytest.mark.requirement("R122")
@pytest.mark.parametrize("make, says", [
    (lambda folder: "/no/such/program", "is not a program that can be started"),
    (lambda folder: "no-such-program-in-path", "is not a program that can be started"),
    (lambda folder: str(folder), "is not a program that can be started"),
    (lambda folder: script(folder, "#!/no/such/interpreter\n"), "cannot be started"),
    (lambda folder: script(folder, "#!/bin/sh\n", 0o644), "is not a program that can be started"),
])
def test_a_command_that_cannot_be_started_is_no_failure_of_the_agent(trials, tmp_path, make, says):
    trials.write_agent(make(tmp_path))
    done = trials.try_once([], code=69)
    assert says in done.stderr and done.stdout == ""
    assert list((trials.folder / "temporary").iterdir()) == []


def script(folder: Path, text: str, mode: int = 0o755) -> str:
    path = folder / "agent"
    path.write_text(text)
    path.chmod(mode)
    return str(path)


@pytest.mark.requirement("R115")
def test_a_call_that_the_fixture_has_no_answer_to_makes_the_suite_invalid(trials):
    other = ["call", "billing__get_invoice", {"invoice": "9"}]
    done = trials.try_once([other], REQUIRED, code=65)
    assert "fixture gap: `billing.get_invoice`" in only(done, "invalid ") and "refunds: invalid" in done.stdout


@pytest.mark.requirement("R115")
def test_a_real_server_of_a_fixture_answers_and_one_that_dies_fails_the_trial(trials):
    for more, code in (([], 0), (["die"], 1)):
        trials.write_server(*more)
        done = trials.try_once([INVOICE], REQUIRED, code=code)
        assert code == 0 or "the fixture server `billing` " in reason(done)


@pytest.mark.requirement("R115")
def test_a_server_with_reviewed_instructions_is_there_in_a_trial(trials):
    """The lock has their digest alone, and a gateway withholds a server that sends other ones."""
    reviewed = json.loads(trials.lock.read_text())
    reviewed["servers"]["billing"]["instructions"] = "sha256:" + "1f" * 32
    trials.lock.write_text(json.dumps(reviewed))
    trials.try_once([INVOICE, REFUND], code=0)
    trials.write_server()
    trials.try_once([INVOICE], REQUIRED, code=0)


@pytest.mark.requirement("R115", "R119")
def test_a_real_server_with_another_tool_than_the_lock_fails_the_trial(trials):
    """Its tool is withheld, so that a call does not reach it, whatever the policy says."""
    other = json.loads(trials.lock.read_text())
    other["servers"]["billing"]["tools"]["get_invoice"]["definition"]["description"] = "Another one"
    (trials.folder / "other.lock").write_text(json.dumps(other))
    trials.write_server(lock=trials.folder / "other.lock")
    stopped = "expect: {calls: {stopped: [{call: billing.get_invoice}]}}\n"
    assert "has a tool otherwise than the lock" in reason(trials.try_once([INVOICE], stopped))


@pytest.mark.requirement("R115")
def test_a_trial_has_the_one_task_of_its_agent(trials):
    text = trials.policy.read_text()
    task = "  invoices: {agent: refunds, tools: [billing.get_invoice]}\n"
    trials.policy.write_text(text.replace("agents:\n", f"tasks:\n{task}agents:\n", 1))
    trials.try_once([INVOICE], REQUIRED, code=0)
    assert "1 calls were denied" in reason(trials.try_once([INVOICE, REFUND], REQUIRED))
    trials.policy.write_text(text.replace("agents:\n", f"tasks:\n{task}{task.replace('invoices', 'others')}agents:\n", 1))
    assert "several tasks" in trials.try_once([INVOICE], REQUIRED, code=69).stderr


def test_agent_cases_need_reviewed_tools_and_a_suite_without_errors(trials):
    trials.write_case([INVOICE, REFUND])
    trials.write_case([INVOICE], "expect: {calls: {required: [{call: billing.other}]}}\n", name="other")
    done = trials.eval("run", "refunds", expect=65)
    assert "the suite is invalid" in done.stderr and "billing.other" in done.stderr and done.stdout == ""
    (trials.suite / "cases/other.yaml").unlink()
    trials.lock.unlink()
    assert "there is no lock" in trials.eval("run", "refunds", expect=65).stderr


def test_trials_run_side_by_side_with_their_own_worlds(trials):
    """Each has a state and limits of its own, whatever runs beside it."""
    for number in range(4):
        trials.write_case([INVOICE, REFUND], name=f"task-{number}")
    done = trials.eval("run", "refunds", "--kind", "agent", "--jobs", "8", "--json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["passes"] for row in rows[:-1]] == [2] * 4


@pytest.mark.requirement("R115", "R118")
def test_claude_code_is_an_agent_under_eval(trials):
    bundled("claude_agent_sdk/_bundled/claude")
    trials.write_agent(str(interpreter("hosts")), str(FIXTURES / "eval_agent.py"), "claude-code")
    trials.try_once([INVOICE, REFUND], code=0)
    assert "was tried 1 times, and 0 calls" in reason(trials.try_once(
        [INVOICE, OVER_CAP], "expect: {calls: {forbidden: [{call: billing.refund_request}]}}\n"))
