"""The output and exit codes of `interlock policy test, explain, worst-case, diff, mutate`."""

import json
import os
import shutil
import subprocess
import xml.etree.ElementTree as xml
from pathlib import Path

import pytest

SVG = "{http://www.w3.org/2000/svg}"
ACME = Path(__file__).resolve().parents[2] / "Examples/policies/acme.yaml"
CAP = "args.amount_cents <= 50000"
PRODUCTION = "production:      {supervised: approve 2, trusted: approve 2}"


@pytest.fixture
def policy(binary, tmp_path):
    """Runs a command of `interlock policy` in a folder with the example."""
    shutil.copy(ACME, tmp_path / "acme.yaml")

    def run(*words, code=0):
        done = subprocess.run(
            [binary, "policy", *words, "--no-lock", "--at", "2026-11-20T09:00:00Z"],
            cwd=tmp_path, capture_output=True, text=True, timeout=120)
        assert done.returncode == code, done.stdout + done.stderr
        return done

    run.folder = tmp_path
    return run


def change(folder, name, old, new):
    text = (folder / "acme.yaml").read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1))


@pytest.mark.requirement("R010")
def test_the_tests_of_the_example_pass_and_are_reported(policy):
    done = policy("test", "acme.yaml", "--junit", "report.xml")
    assert done.stdout.splitlines()[-1] == "11 of 11 tests pass"
    suite = xml.parse(policy.folder / "report.xml").getroot()
    assert suite.get("failures") == "0" and len(suite) == 12


@pytest.mark.requirement("R040")
def test_a_failing_test_is_named_with_its_place(policy):
    change(policy.folder, "other.yaml", CAP, "args.amount_cents < 50000")
    done = policy("test", "other.yaml", "--junit", "report.xml", code=1)
    assert "FAIL refunds billing.refund_request: deny" in done.stdout
    assert xml.parse(policy.folder / "report.xml").getroot().get("failures") == "1"


@pytest.mark.requirement("R040")
def test_a_production_write_with_too_few_approvals_fails_and_without_any_is_no_policy(policy):
    change(policy.folder, "fewer.yaml", PRODUCTION, PRODUCTION.replace("approve 2", "approve"))
    assert "FAIL code-fix deploy.rollback: approve" in policy("test", "fewer.yaml", code=1).stdout
    change(policy.folder, "none.yaml", PRODUCTION, PRODUCTION.replace("approve 2", "allow"))
    policy("test", "none.yaml", code=65)


def test_tests_can_be_chosen_by_name(policy):
    assert policy("test", "acme.yaml", "--filter", "code-fix*").stdout.splitlines()[-1] == "4 of 4 tests pass"


@pytest.mark.requirement("R035")
@pytest.mark.parametrize("old, new, code, line", [
    (CAP, "args.amount_cents <= 50001", 2,
     'WIDENS refunds billing.refund_request approve 2: {"amount_cents":50001,"currency":"EUR"} was deny guard-false'),
    (CAP, "args.amount_cents <= 49999", 1,
     'NARROWS refunds billing.refund_request deny guard-false: {"amount_cents":50000,"currency":"EUR"} was approve 2'),
    (CAP, "!(args.amount_cents > 50000)", 0, ""),
])
def test_a_diff_exits_by_its_direction(policy, old, new, code, line):
    change(policy.folder, "new.yaml", old, new)
    assert policy("diff", "acme.yaml", "new.yaml", code=code).stdout == (line + "\n" if line else "")


def test_a_diff_is_read_by_machines(policy):
    change(policy.folder, "new.yaml", CAP, "args.amount_cents <= 50001")
    found = json.loads(policy("diff", "acme.yaml", "new.yaml", "--json", code=2).stdout)
    assert found["direction"] == "widens" and found["args"]["amount_cents"] == 50001


def test_a_policy_is_compared_with_a_revision_of_git(policy):
    def git(*words):
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b.example", *words], cwd=policy.folder,
                       check=True, capture_output=True)

    git("init", "-q")
    git("add", "acme.yaml")
    git("commit", "-qm", "policy")
    assert policy("diff", "git:HEAD", "acme.yaml", "--policy", "acme.yaml").stdout == ""
    change(policy.folder, "acme.yaml", CAP, "args.amount_cents <= 50001")
    assert policy("diff", "git:HEAD", "acme.yaml", "--policy", "acme.yaml", code=2).stdout.startswith("WIDENS refunds")
    policy("diff", "git:nowhere", "acme.yaml", "--policy", "acme.yaml", code=66)
    policy("diff", "git:--output=x", "acme.yaml", "--policy", "acme.yaml", code=64)


@pytest.mark.requirement("R008", "R009")
def test_the_worst_case_of_an_agent_and_what_must_not_be_reachable(policy):
    page = policy("worst-case", "code-fix", "--policy", "acme.yaml", "--as-written").stdout.splitlines()
    assert page[0] == "code-fix: tier medium, stage trusted, owner li@acme.example, 4 of 14 tools"
    assert page[-2] == "  per day: 86400 calls, 10 repo.open_draft_pr; spend none; flows none"
    assert page[-1].startswith("  sandbox by `interlock run` alone: can reach: 1 host, proxy.packages.example:443; can read: ")
    page = policy("worst-case", "code-fix", "--policy", "acme.yaml").stdout.splitlines()
    assert page[0] == ("code-fix: tier medium, stage supervised (the file says trusted), owner li@acme.example, "
                       "4 of 14 tools")
    assert page[-2] == "  per day: 21600 calls, 2 repo.open_draft_pr; spend none; flows none"
    drawn = policy.folder / "flows.svg"
    policy("worst-case", "refunds", "--policy", "acme.yaml", "--svg", str(drawn))
    root = xml.parse(drawn).getroot()
    assert root.tag == SVG + "svg" and "writes to api.carrier.example:443: egress; allowed" in root.find(SVG + "desc").text
    assert {"billing.get_invoice", "refunds", "sensitive data, read"} <= {one.text for one in root.iter(SVG + "text")}
    policy("worst-case", "refunds", "--policy", "acme.yaml", "--svg", str(drawn), code=73)
    policy("worst-case", "--all", "--policy", "acme.yaml", "--svg", str(policy.folder / "all.svg"), code=64)
    # One approval suffices at the stage of the file alone.
    policy("worst-case", "code-fix", "--policy", "acme.yaml", "--fail-on", "irreversible:approve", code=1)
    policy("worst-case", "--all", "--policy", "acme.yaml", "--fail-on", "spends_money", code=1)
    policy("worst-case", "code-fix", "--policy", "acme.yaml", "--fail-on", "spends_money")
    policy("worst-case", "code-fix", "--policy", "acme.yaml", "--fail-on", "production:approve")
    policy("worst-case", "code-fix", "--policy", "acme.yaml", "--fail-on", "production:approve 2", code=1)
    policy("worst-case", "cod-fix", "--policy", "acme.yaml", code=66)


@pytest.mark.requirement("R034", "R043")
def test_an_agent_is_explained_on_a_page_and_a_call_step_by_step(policy):
    page = policy("explain", "refunds", "--policy", "acme.yaml").stdout
    assert "owner      ines@acme.example" in page and "acme.yaml:" in page and len(page.splitlines()) <= 60
    call = ["explain", "refunds", "billing.refund_request", "--policy", "acme.yaml", "--exit-code"]
    steps = policy(*call, "--args", '{"amount_cents":500,"currency":"EUR"}', code=1).stdout
    assert "hard-refund-cap: false" in steps and "= approve 2" in steps
    steps = policy(*call, "--args", '{"amount_cents":"499"}', code=2).stdout
    assert "hard-refund-cap: error (no_such_overload)" in steps and "= deny  forbid" in steps


@pytest.mark.requirement("R084")
def test_a_call_is_explained_at_the_level_that_the_facts_state(policy):
    agent = "    purpose: Prepares refunds for damaged orders\n"
    change(policy.folder, "asking.yaml", agent, agent + "    taint: {mode: strict, hostile: deny}\n")
    call = ["explain", "refunds", "billing.refund_request", "--policy", "asking.yaml", "--args", '{"amount_cents":500,"currency":"EUR"}']

    def decided(facts, code=0):
        (policy.folder / "facts.json").write_text(json.dumps(facts))
        return policy(*call, "--facts", "facts.json", code=code)

    assert "taint-denied" in decided({"level": "hostile"}).stdout
    for facts in ({"level": "untrusted"}, {"tainted": True}, {"level": "untrusted", "tainted": True}):
        assert "deny" not in decided(facts).stdout.splitlines()[-1], facts
    assert decided({"level": "clean"}).stdout == decided({}).stdout == decided({"tainted": False}).stdout
    assert "use clean, untrusted, hostile" in decided({"level": "unmarked"}, code=65).stderr
    assert "`tainted` contradicts `level`" in decided({"level": "clean", "tainted": True}, code=65).stderr


@pytest.mark.requirement("R041")
def test_mutants_that_no_test_notices_are_listed(policy):
    done = policy("mutate", "acme.yaml", "--jobs", "2", code=1)
    lines = done.stdout.splitlines()
    assert lines[-1].startswith("score ")
    assert any("SURVIVED" in line for line in lines)
    policy("mutate", "acme.yaml", "--min-score", "0.1")


def test_a_diff_signs_what_it_shows(organisation, tmp_path):
    made = organisation(start=False)
    old = tmp_path / "policy"
    shutil.copytree(made.gateway.policy, old)
    path = made.gateway.policy / "agents" / "support-triage.yaml"
    path.write_text(path.read_text().replace("      crm: [read]\n", ""))
    done = made.gateway.run("policy", "diff", str(old), str(made.gateway.policy), "--sign", "agent",
                            "--dir", str(made.gateway.folder), check=False)
    assert done.returncode == 1, done.stderr
    assert "NARROWS support-triage crm.get_customer" in done.stdout
    signed = json.loads((made.gateway.folder / "interlock.signoff").read_text())
    assert len(signed["signatures"]) == 1 and signed["signatures"][0]["by"] == signed["author"]


def test_a_diff_signs_nothing_that_it_did_not_show(organisation, tmp_path):
    made = organisation(start=False)
    old = tmp_path / "policy"
    shutil.copytree(made.gateway.policy, old)
    # The comparison with another lock than the one in the folder.
    other = tmp_path / "other.lock"
    other.write_text('{"interlockLock":1,"servers":{},"signatures":[]}')
    done = made.gateway.run("policy", "diff", str(old), str(made.gateway.policy), "--lock", str(other),
                            "--sign", "agent", "--dir", str(made.gateway.folder), check=False)
    assert done.returncode == 65, done.stderr
    assert "is not the one that was compared" in done.stderr
    assert not (made.gateway.folder / "interlock.signoff").exists()


@pytest.mark.requirement("R154")
def test_what_is_shown_is_the_stage_that_acts(policy):
    page = policy("explain", "support-triage", "--policy", "acme.yaml").stdout
    for words in ("stage supervised (the file says trusted)", "calls 15/m of 60/m", "crm.get_customer 50/d of 200/d",
                  "denied, though granted\n    crm.get_customer  denied, too few people can approve"):
        assert words in page, page
    written = policy("explain", "support-triage", "--policy", "acme.yaml", "--as-written").stdout
    assert "stage trusted" in written and "crm.get_customer  acme.yaml:70:13\n      allowed" in written and "though granted" not in written
    call = ["explain", "support-triage", "crm.get_customer", "--policy", "acme.yaml", "--exit-code"]
    steps = policy(*call, code=2).stdout
    assert "stage supervised" in steps and "= deny  no-approvers" in steps and "the file says stage trusted" in steps
    assert "= allow" in policy(*call, "--as-written").stdout


@pytest.mark.requirement("R154")
def test_a_page_has_the_classes_of_forbids_and_the_conditions_of_verdicts(policy):
    page = policy("explain", "code-fix", "--policy", "acme.yaml", "--as-written").stdout
    assert "  sandbox    isolated: isolation full, 30m, 2 cpu, " in page and "; enforced by `interlock run` alone\n" in page
    assert "change-freeze: deploy.* of class destructive, write if now >= " in page
    assert "deploy.rollback" in page and "2 approvals if environment is not given" in page


@pytest.mark.requirement("R154")
def test_tests_judge_as_written_and_say_what_is_served_otherwise(policy):
    done = policy("test", "acme.yaml")
    assert done.stdout.splitlines()[-1] == "11 of 11 tests pass"
    assert "ok support-triage crm.get_customer: allow controls.sensitive_data; served at stage supervised: " \
           "deny no-approvers" in done.stdout
    assert "code-fix, support-triage at stage supervised" in done.stderr


@pytest.mark.requirement("R154")
def test_rows_that_cannot_act_yet_are_named(policy):
    done = policy("check", "acme.yaml", "--served")
    found = [line for line in done.stdout.splitlines() if " N102 " in line]
    for words in ("support-triage: stage `trusted` does not act yet", "support-triage: crm.get_customer can be denied",
                  "code-fix: stage `trusted` does not act yet", "controls: `trusted: allow` of `reversible`"):
        assert [line for line in found if words in line], done.stdout
    assert "N102" not in policy("check", "acme.yaml").stdout


def test_a_policy_is_that_of_the_deployment_that_the_environment_names(organisation, binary, tmp_path):
    """`--policy`, or a path, comes first, then `--dir`, then `$INTERLOCK_DIR`, then the folder `policy`."""
    made = organisation(start=False)

    def run(*words, folder=None):
        variables = {**os.environ, "INTERLOCK_DIR": str(folder)} if folder else os.environ
        return subprocess.run([binary, "policy", *words], cwd=tmp_path, env=variables, capture_output=True, text=True, timeout=60)

    for words in (("check",), ("test",), ("explain", "support-triage"), ("worst-case", "support-triage")):
        named = run(*words, "--dir", str(made.gateway.folder))
        found = run(*words, folder=made.gateway.folder)
        assert found.stdout and (found.returncode, found.stdout) == (named.returncode, named.stdout), found.stderr
        assert run(*words).returncode == 66, words
    shutil.copy(ACME, tmp_path / "acme.yaml")
    assert "acme.yaml:" in run("explain", "refunds", "--policy", "acme.yaml", folder=made.gateway.folder).stdout
    none = run("check", folder=tmp_path / "none")
    assert none.returncode == 66 and "there is no folder" in none.stderr


def test_each_finding_has_a_remedy(binary, tmp_path):
    """Also one whose message has no advice of its own, in text and in JSON."""
    (tmp_path / "bare.yaml").write_text("interlock: 1\norg: acme\nservers: {desk: {tools: {mark: {class: write}}}}\n"
                                        "agents: {helper: {mcp_scopes: {desk: [write]}}}\n")

    def check(*words):
        return subprocess.run([binary, "policy", "check", "bare.yaml", *words], cwd=tmp_path, capture_output=True, text=True,
                              timeout=30).stdout.splitlines()

    lines = check()
    found = [line for line in lines if not line.startswith("  ")]
    assert len(found) >= 5 and lines[1::2] == [line for line in lines if line.startswith("  help: ")], lines
    rows = [json.loads(line) for line in check("--json")]
    assert [row["code"] for row in rows] == [line.split()[1] for line in found] and all(row["help"] for row in rows)
