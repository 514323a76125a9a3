"""`interlock eval` beside its runs: the gate against a revision of a repository, changes of the policy that a suite misses,
what the log has about an agent, and the first suite of a deployment."""

import json
import shutil
import subprocess

import pytest

from clocks import faked
from evaluating import CASES, OWNER, Evals, case
from test_deployment_rules import BADGE, rules
from test_eval_gate import DANA, FINGERPRINT
from test_evals import TOKEN, last


@pytest.fixture
def evals(binary, tmp_path) -> Evals:
    return Evals(binary, tmp_path).write_suite()


def git(folder, *words: str) -> str:
    return subprocess.run(
        ["git", "-c", "user.name=me", "-c", "user.email=me@acme.example", "-c", "commit.gpgsign=false", *words],
        cwd=folder, check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60).stdout.strip()


@pytest.fixture
def repository(binary, tmp_path, people) -> Evals:
    """A repository with a policy, a suite and files of each part, in a folder below its top."""
    folder = tmp_path / "shop/agents"
    folder.mkdir(parents=True)
    made = Evals(binary, folder, people, DANA).write_suite()
    (folder / "prompt.md").write_text("You refund damaged goods.\n")
    (folder / "skills/sum").mkdir(parents=True)
    (folder / "skills/sum/SKILL.md").write_text("Sum up.\n")
    (made.suite / "fingerprint.yaml").write_text(FINGERPRINT)
    git(tmp_path / "shop", "init", "-q", "-b", "main")
    commit(made, "First")
    return made


def commit(made: Evals, message: str) -> None:
    git(made.folder, "add", "-A")
    git(made.folder, "commit", "-q", "-m", message)


@pytest.mark.requirement("R116", "R117")
def test_the_gate_asks_for_results_of_what_differs_from_a_revision(repository):
    done = repository.eval("gate", "--base", "HEAD")
    assert done.stdout == "1 of 1 agents are as in HEAD\n"
    changes = {
        "prompt": repository.folder / "prompt.md", "skills": repository.folder / "skills/sum/SKILL.md",
        "model": repository.suite / "fingerprint.yaml", "policy": repository.policy,
        "suite": repository.suite / "cases/allow-refund.yaml",
    }
    for part, path in changes.items():
        kept = path.read_text()
        match part:
            case "model":
                path.write_text(kept.replace("model-2026-01-01", "model-2026-02-02"))
            case "policy":
                path.write_text(kept.replace("<= 50000", "<= 60000"))
            case "suite":
                path.write_text(kept + "# A note.\n")
            case _:
                path.write_text(kept + "More.\n")
        found = last(repository.eval("gate", "--base", "main", "--json", expect=1).stdout)
        assert (found["differs"], found["base_note"], found["fact"]) == ([part], None, "missing"), part
        path.write_text(kept)
        assert repository.eval("gate", "--base", "main").returncode == 0
    # A change that is committed differs from the commit before it.
    (repository.folder / "prompt.md").write_text("You refund goods.\n")
    commit(repository, "Prompt")
    assert repository.eval("gate", "--base", "HEAD").returncode == 0
    done = repository.eval("gate", "refunds", "--base", "HEAD~1", expect=1)
    assert done.stdout.startswith("refunds: eval-missing, there is no result\n")
    assert "  note: differs from HEAD~1: prompt\n0 of 1 agents are as in HEAD~1\n" in done.stdout
    # A result of what is there now satisfies it.
    repository.eval("run", "refunds", "--sign", "agent")
    done = repository.eval("gate", "--base", "HEAD~1")
    assert done.stdout.startswith("refunds: passed, sha256:") and "differs from HEAD~1: prompt" in done.stdout


@pytest.mark.requirement("R116")
def test_agents_that_a_branch_removes_are_named_and_no_agents_are_no_yes(repository):
    kept = repository.policy.read_text()
    start = kept.index("agents:")
    # A branch may remove one agent, and says so; a policy without any has no result of each.
    repository.policy.write_text(kept[:start] + "agents: {}\n")
    done = repository.eval("gate", "--base", "HEAD", expect=1)
    assert done.stdout == "refunds: removed, HEAD has it\n0 of 0 agents are as in HEAD\n"
    assert last(repository.eval("gate", "--base", "HEAD", "--json", expect=1).stdout) == {"agent": "refunds", "removed": True}


@pytest.mark.requirement("R116")
def test_a_branch_cannot_list_a_key_of_its_own_and_sign_with_it(repository):
    listed = repository.policy.read_text()
    (line,) = [line for line in listed.splitlines() if line.startswith("eval:")]
    repository.policy.write_text(listed.replace(line + "\n", ""))
    commit(repository, "No signer")
    # The branch lists a key, changes the prompt and signs a result of it.
    repository.policy.write_text(listed)
    (repository.folder / "prompt.md").write_text("You refund everything.\n")
    repository.eval("run", "refunds", "--sign", "agent")
    assert repository.eval("gate").stdout.startswith("refunds: passed")
    done = repository.eval("gate", "--base", "HEAD", expect=1)
    assert "refunds: eval-unsigned, no key that `eval.signers` lists both here and in the revision" in done.stdout
    # The key is merged first.
    commit(repository, "A signer")
    (repository.folder / "prompt.md").write_text("You refund goods.\n")
    repository.eval("run", "refunds", "--sign", "agent")
    assert "refunds: passed" in repository.eval("gate", "--base", "HEAD").stdout


@pytest.mark.requirement("R116")
def test_a_revision_without_the_agent_or_a_policy_differs(repository):
    folder = repository.folder
    empty = git(folder, "commit-tree", "-m", "Empty", git(folder, "mktree"))
    assert f"note: {empty} has no policy that compiles" in repository.eval("gate", "--base", empty, expect=1).stdout
    before = repository.policy.read_text()
    repository.policy.write_text(before.replace("\n  refunds:\n", "\n  payouts:\n"))
    commit(repository, "Another agent")
    repository.policy.write_text(before)
    done = repository.eval("gate", "--base", "HEAD", expect=1)
    assert "refunds: eval-missing" in done.stdout and "note: HEAD does not have the agent" in done.stdout
    # A skill that was a link has no fingerprint to compare with.
    commit(repository, "Back")
    skill = folder / "skills/sum/SKILL.md"
    text = skill.read_text()
    skill.unlink()
    skill.symlink_to("/etc/hostname")
    commit(repository, "A link")
    skill.unlink()
    skill.write_text(text)
    done = repository.eval("gate", "--base", "HEAD", expect=1)
    assert "has no readable fingerprint or suite of the agent" in done.stdout


@pytest.mark.parametrize("words, code, says", [
    (["--base", "no-such"], 65, "the repository has no commit `no-such`"),
    (["--base", "a b"], 64, "invalid revision"),
    (["--base", "HEAD", "--fingerprint", "x.yaml"], 64, "`--base` takes neither"),
    (["--base", "HEAD", "--lock", "interlock.lock"], 64, "`--base` takes neither"),
    (["--base", "HEAD", "--submit", "x.json"], 64, "`--submit` takes a file alone"),
])
def test_a_base_that_is_none_is_refused(repository, words, code, says):
    done = repository.eval("gate", *words, expect=code)
    assert says in done.stderr and done.stdout == ""


def test_a_base_needs_the_repository_of_the_policy(evals, repository, tmp_path):
    assert "run it in the repository" in evals.eval("gate", "--base", "HEAD", expect=65).stderr
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(evals.policy, other / "policy.yaml")
    words = ["gate", "--base", "HEAD", "--policy", str(other / "policy.yaml")]
    assert "is not in the repository" in repository.run(*words, expect=65).stderr


def test_git_starts_nothing_of_the_repository(repository, tmp_path):
    """Filters, hooks and a file system monitor of the repository would be programs of the author of a commit."""
    top, ran = repository.folder.parent, tmp_path / "ran"
    program = f"sh -c 'touch {ran}; cat'"
    for key in ("filter.x.smudge", "filter.x.clean", "core.fsmonitor", "diff.x.textconv", "core.sshCommand"):
        git(top, "config", key, program)
    (top / ".gitattributes").write_text("* filter=x diff=x\n")
    hook = top / ".git/hooks/post-checkout"
    hook.write_text(f"#!/bin/sh\ntouch {ran}\n")
    hook.chmod(0o755)
    repository.eval("gate", "--base", "HEAD")
    assert not ran.exists()


@pytest.mark.requirement("R121")
def test_changes_of_the_policy_that_no_case_notices_are_named(evals):
    done = evals.eval("lint", "refunds", "--json")
    found = last(evals.eval("report", "refunds", "--json").stdout)["policy_changes"]
    assert found["judged"] > found["noticed"] > 0 and len(found["survivors"]) == found["judged"] - found["noticed"]
    # Cases at the bound notice what those beside it miss: the bound itself is allowed, one more is refused.
    missed = [line for line in found["survivors"] if "args.amount_cents < 50000" in line or "50001" in line]
    assert missed and all(line.startswith("policy.yaml:") for line in missed)
    (evals.suite / "cases/at-the-cap.yaml").write_text(
        case("at-the-cap", "golden", "billing.refund_request", "{amount_cents: 50000, currency: EUR}", "allow"))
    better = last(evals.eval("report", "refunds", "--json").stdout)["policy_changes"]
    assert better["noticed"] > found["noticed"] and better["judged"] == found["judged"]
    assert not [line for line in better["survivors"] if "args.amount_cents < 50000" in line]
    # Without a case of the guard, few of its changes are noticed.
    for name in ("refund-over-cap", "refund-two-caps", "refund-unknown-field", "at-the-cap"):
        (evals.suite / f"cases/{name}.yaml").unlink()
    done = evals.eval("lint", "refunds", expect=1)
    assert "refunds T15 the suite does not notice enough changes of the policy: " in done.stdout
    assert " changes noticed, policy.yaml:" in done.stdout


@pytest.mark.requirement("R121")
def test_a_forbid_that_no_case_looks_at_is_named(evals):
    evals.policy.write_text(evals.policy.read_text().replace(
        "\nagents:\n", '\nforbid:\n  - {id: daily, tools: [billing.refund_request], when: "args.amount_cents == 4711"}\nagents:\n'))
    done = evals.eval("lint", "refunds")
    assert "refunds T15 " in done.stdout and "forbid daily dropped" in done.stdout
    (evals.suite / "cases/daily.yaml").write_text(case(
        "daily", "refuse", "billing.refund_request", "{amount_cents: 4711, currency: EUR}", "deny", "because: daily\nmutate: none"))
    assert "forbid daily dropped" not in evals.eval("lint", "refunds").stdout


@pytest.mark.parametrize("because, says", [
    ("guard-flase", "did you mean `guard-false`?"), ("extra-feld", "did you mean `extra-field`?"),
    ("nonsense", "is neither a reason of decisions nor a forbid rule"),
])
def test_a_reason_that_no_decision_has_makes_a_suite_invalid(evals, because, says):
    (evals.suite / "cases/typo.yaml").write_text(case(
        "typo", "refuse", "billing.refund_request", "{amount_cents: 60000, currency: EUR}", "deny", f"because: {because}"))
    done = evals.eval("lint", "refunds", expect=65)
    assert f"`typo`: because: `{because}`" in done.stdout and says in done.stdout and "cases/typo.yaml:1:1" in done.stdout
    assert evals.eval("run", "refunds", expect=65).stdout.splitlines()[-1].startswith("refunds: invalid")


def test_a_reason_may_be_the_path_of_a_rule(evals):
    (evals.suite / "cases/path.yaml").write_text(case(
        "path", "golden", "billing.get_invoice", '{invoice: "1"}', "allow", "because: controls.read"))
    assert evals.eval("run", "refunds").stdout.splitlines()[-1] == f"refunds: pass, {len(CASES) + 1} cases"


@pytest.mark.requirement("R116")
def test_of_two_results_of_one_second_the_report_shows_the_failure(binary, tmp_path, people):
    made = Evals(binary, tmp_path, people, DANA).write_suite()
    # A clock that stands still: under load a run takes longer than a second.
    made.environment.update(faked("2026-11-29 10:00:00", TZ="UTC"), TZ="UTC")
    path = made.suite / "cases/allow-invoice.yaml"
    right = path.read_text()
    for text, code in ((right, 0), (right.replace("expect: allow", "expect: approve 1"), 1), (right, 0)):
        path.write_text(text)
        made.eval("run", "refunds", "--sign", "agent", expect=code)
    assert "refunds last result: fail" in made.eval("report", "refunds").stdout


def test_a_starter_adds_nothing_to_a_suite(evals):
    before = sorted(path.name for path in (evals.suite / "cases").iterdir())
    done = evals.eval("run", "refunds", "--starter")
    assert "note: agent `refunds` has a suite, to which nothing is added" in done.stderr
    assert done.stdout.splitlines()[-1] == f"refunds: pass, {len(CASES)} cases"
    assert sorted(path.name for path in (evals.suite / "cases").iterdir()) == before


def test_a_starter_is_only_advised_where_it_suffices(binary, tmp_path):
    made = Evals(binary, tmp_path, tier="medium")
    done = made.eval("gate", expect=1)
    assert "there is no suite" in done.stdout and "--starter --sign" not in done.stdout
    assert "interlock eval lint refunds" in done.stdout


def test_at_stage_observe_no_result_is_needed(evals):
    assert "refunds: eval-missing" in evals.eval("gate", expect=1).stdout
    evals.policy.write_text(evals.policy.read_text().replace("stage: trusted", "stage: observe"))
    done = evals.eval("gate")
    assert "refunds: passed, at stage observe" in done.stdout and "note: above it, eval-missing" in done.stdout
    found = last(evals.eval("gate", "--json").stdout)
    assert (found["fact"], found["observed"]) == ("missing", True)


def explain(evals, arguments: dict, *words: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [str(evals.binary), "policy", "explain", "refunds", "billing.get_invoice", "--args", json.dumps(arguments),
         "--policy", "policy.yaml", "--exit-code", *words], cwd=evals.folder, env=evals.environment, timeout=60, text=True,
        stdin=subprocess.DEVNULL, capture_output=True)


def test_an_explained_call_has_its_arguments_searched(evals):
    assert explain(evals, {"invoice": "8812"}, "--as-written").returncode == 0
    for value, reason in (("NL61INGB" + "0417164300", "pii-in-arguments"), (TOKEN, "secret-in-arguments")):
        done = explain(evals, {"invoice": value}, "--as-written")
        assert done.returncode == 2 and reason in done.stdout, done.stdout + done.stderr


@pytest.mark.requirement("R137")
def test_rules_of_the_deployment_are_those_of_evals_and_of_an_explained_call(evals):
    path = evals.folder / "rules/acme.json"
    path.parent.mkdir()
    (evals.suite / "cases/refuse-badge.yaml").write_text(
        case("refuse-badge", "refuse", "billing.get_invoice", f"{{invoice: {BADGE}}}", "deny",
             "because: secret-in-arguments\nmutate: none"))
    evals.eval("run", "refunds", expect=1)
    assert "secret-in-arguments" not in explain(evals, {"invoice": BADGE}, "--as-written").stdout
    path.write_text(rules())
    evals.eval("run", "refunds")
    done = explain(evals, {"invoice": BADGE}, "--as-written")
    assert done.returncode == 2 and "secret-in-arguments" in done.stdout, done.stdout + done.stderr
    # A file that the gateway would refuse ends the commands.
    path.write_text("{")
    assert "rules/acme.json" in evals.eval("run", "refunds", expect=65).stderr
    assert explain(evals, {"invoice": BADGE}, "--as-written").returncode == 65


@pytest.mark.requirement("R115")
def test_init_makes_a_starter_suite_for_an_only_agent_whose_tools_are_reviewed(binary, tmp_path, people):
    for name, reviewed, tier in (("reviewed", True, "low"), ("open", False, "low"), ("high", True, "medium")):
        folder = tmp_path / name
        folder.mkdir()
        made = Evals(binary, folder, tier=tier)
        if not reviewed:
            made.lock.unlink()
        done = subprocess.run(
            [str(binary), "init", "--dir", "deployment", "--org", "acme", "--policy", "policy.yaml", "--segment", "8MiB",
             *people.arguments()], cwd=folder, env=made.environment, timeout=120, text=True, stdin=subprocess.DEVNULL,
            capture_output=True)
        assert done.returncode == 0, done.stdout + done.stderr
        suites = list((folder / "deployment").rglob("suite.yaml"))
        assert len(suites) == (name == "reviewed"), done.stdout
        assert ("evals:  starter suite of refunds: " in done.stdout) == (name == "reviewed")
    # It is found in the deployment, which is the current folder.
    made.folder = tmp_path / "reviewed/deployment"
    done = made.run("run", "refunds")
    assert done.stdout.splitlines()[-1].startswith("refunds: pass, ")
    assert made.run("report").stdout.startswith(f"refunds owner: {OWNER}\n")
