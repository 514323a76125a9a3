"""The suite of the example organisation, which the tour plays: it is not thin, it fails on a policy that lets through more
or less, and the gateway refuses the agent while a change of it is not evaluated (docs/specs/evals.md, sections 5 to 7)."""

import json
import re

import pytest

import evaluation
from addresses import ADA, LI, PAUL, SAM
from evaluation import AGENT
from governed import DENIED, UNKNOWN
from waits import until

TRIAGE = f"agents/{AGENT}.yaml"


@pytest.fixture
def made(organisation, people):
    """The organisation with a lock that the checks of arguments need, and the suite; its gateway is not up."""
    signers = evaluation.signed_by(LI, people.public[LI])
    made = organisation(start=False, extra={"org.yaml": lambda text: text + signers})
    made.gateway.pin(ADA)
    evaluation.Evals(made.gateway).write()
    return made


@pytest.fixture
def evals(made) -> evaluation.Evals:
    return evaluation.Evals(made.gateway)


def edit(made, name: str, old: str, new: str) -> None:
    path = made.gateway.policy / name
    text = path.read_text()
    assert text.count(old) == 1, f"{name}: {old}"
    path.write_text(text.replace(old, new))


@pytest.mark.requirement("R115", "R121")
def test_the_suite_passes_and_only_lacks_what_needs_a_model(made, evals):
    assert evals.run() == f"{AGENT}: pass, 10 cases"
    rows = [json.loads(line) for line in made.gateway.run("eval", "lint", AGENT, "--json").stdout.splitlines()]
    assert {row["flag"] for row in rows} == {"T07", "T14"} and all(row["warning"] for row in rows)
    # A case for each tool that the agent has: a grant without one makes the suite thin.
    edit(made, TRIAGE, *evaluation.GRANT)
    done = made.gateway.run("eval", "lint", AGENT, check=False)
    assert done.returncode == 1 and f"{AGENT} T06" in done.stdout and "billing.get_invoice" in done.stdout


@pytest.mark.requirement("R117")
@pytest.mark.parametrize("code, reason, is_shown", [
    (70, "no-landlock", True), (70, "userns-denied", True), (64, "root", True),
    (71, "no-landlock", False), (71, "mount", False), (69, "gateway-unavailable", False), (65, "bad-policy", False),
    (77, "evals", False), (1, "exited", False), (70, "no-cgroup", False)])
def test_the_tour_says_that_a_machine_has_no_sandbox_only_if_it_has_none(evals, monkeypatch, code, reason, is_shown):
    monkeypatch.setattr(evals, "evaluate", lambda *_: "")
    monkeypatch.setattr(evals, "begin", lambda _: (code, reason, "a message"))
    if is_shown:
        assert f"(`{reason}`)" in evals.run_in_checkout()
    else:
        with pytest.raises(evaluation.Failure, match=f"exit {code}, {reason}"):
            evals.run_in_checkout()


@pytest.mark.requirement("R119", "R122")
@pytest.mark.parametrize("edits, failing", [
    ([("org.yaml", "{classes: [read],  ", "{classes: [read, write],  "), (TRIAGE, "stage: supervised", "stage: trusted"),
      (TRIAGE, "tickets: [read]", "tickets: [read, add_label]")], {"label-a-ticket"}),
    ([(TRIAGE, "      kb: [read]\n", "")], {"find-an-article", "read-an-article", "search-of-the-wrong-server"}),
])
def test_the_suite_fails_on_a_policy_that_lets_through_more_or_less(made, edits, failing):
    for name, old, new in edits:
        edit(made, name, old, new)
    done = made.gateway.run("eval", "run", AGENT, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert set(re.findall(r"^FAIL \S+ ([a-z-]+): ", done.stdout, re.M)) == failing, done.stdout


@pytest.mark.requirement("R100", "R116", "R117")
def test_a_changed_agent_is_refused_until_it_is_evaluated_and_a_refused_call_becomes_a_case(made, evals):
    made.gateway.start()
    made.gateway.wait_for_tools(AGENT, "tickets", "kb", "crm")
    made.gateway.wait_for_tools("refunds", "billing")
    assert "pass, 10 cases; passes the gate until " in evals.evaluate()
    assert evals.lacking()[0] == ["refunds"]
    session = made.session(AGENT)

    # The gateway sees no prompt of an agent that only speaks MCP: its change is refused in continuous integration.
    evals.change_prompt()
    assert evals.gate() == (1, f"{AGENT}: eval-missing, changed since the last result: prompt")
    assert session.call("tickets__search", text="lamp").code is None
    evals.widen()
    arrived = made.count("tickets", "search")
    assert session.call("tickets__search", text="lamp").code == DENIED
    assert session.call("billing__get_invoice", id="INV-20932").code == DENIED
    assert made.count("tickets", "search") == arrived and made.count("billing", "get_invoice") == 0
    (refused,) = until(lambda: made.gateway.records(100, type="eval.refused"), made.gateway)
    assert (refused["agent"], refused["code"], set(refused["codes"])) == (AGENT, "eval-missing", {"policy", "tools"})

    assert "pass, 11 cases; passes the gate until " in evals.evaluate()
    assert evals.gate()[0] == 0
    assert session.call("billing__get_invoice", id="INV-20932").code is None
    assert made.count("billing", "get_invoice") == 1

    assert session.call("crm__delete_customer", id="C-77").code == UNKNOWN

    def deletions() -> list[dict]:
        return [one for one in made.gateway.records(50, type="call.denied") if one.get("tool") == "crm__delete_customer"]

    until(deletions, made.gateway)
    draft = evals.capture(deletions()[0]["index"], SAM)
    assert evals.run() == f"{AGENT}: pass, 11 cases", "a draft does not count"
    assert "expects deny" in evals.confirm(draft, "deny", PAUL)
    assert evals.run() == f"{AGENT}: pass, 12 cases"
    assert evals.gate() == (1, f"{AGENT}: eval-missing, the suite changed since the last result")
