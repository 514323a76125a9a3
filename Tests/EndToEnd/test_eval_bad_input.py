"""What `interlock eval gate` must not take for evidence about an agent: a suite that one answer to every call passes, and
results of another agent, another suite or another fingerprint (docs/specs/evals.md, sections 6, 9 and 12)."""

import base64
import json
import shutil

import pytest

from addresses import DANA, RUI
from evaluating import CASES, OWNER, Evals, case
from logwriter import canonical

pytestmark = pytest.mark.requirement("R116", "R121")

OTHER = """  payouts:
    owner: {owner}
    purpose: Pays out
    tier: low
    stage: trusted
    review_by: "2099-02-01"
    sandbox: isolated, network egress = none
    mcp_scopes:
      billing: [get_invoice, {{tool: refund_request, when: "args.amount_cents <= 50000"}}]
"""


@pytest.fixture
def signed(binary, tmp_path, people) -> Evals:
    """A suite that passes the gate, with a key that no person holds alone."""
    made = Evals(binary, tmp_path, people, DANA).write_suite()
    made.eval("run", "refunds", "--sign", "agent")
    assert made.eval("gate", "refunds").stdout.startswith("refunds: passed")
    return made


def answer(evals: Evals, agent: str = "refunds", expect: int = 1) -> str:
    """The first line of the gate about an agent, up to its reason."""
    return evals.eval("gate", agent, expect=expect).stdout.splitlines()[0]


def flags(evals: Evals) -> dict[str, dict]:
    done = evals.run("lint", "refunds", "--json", "--policy", "policy.yaml", expect=1)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return {row["flag"]: row for row in rows if "flag" in row}


@pytest.mark.parametrize("expected, uniform", [("deny", "deny-all"), ("allow", "allow-all")])
def test_a_suite_that_one_answer_to_every_call_passes_is_thin(signed, tmp_path, expected, uniform):
    cases, kept = signed.suite / "cases", tmp_path / "kept"
    shutil.copytree(cases, kept)
    for name, (_, _, _, expect, _) in CASES.items():
        if expect != expected:
            (cases / f"{name}.yaml").unlink()
    flag = flags(signed)["T04"]
    assert not flag["warning"] and uniform in json.dumps(flag), flag
    # The run passes, since each case of it does: the gate refuses it for the suite.
    done = signed.eval("run", "refunds", "--sign", "agent")
    assert done.stdout.splitlines()[-1].startswith("refunds: pass, ")
    assert answer(signed).startswith("refunds: eval-thin, "), uniform
    shutil.rmtree(cases)
    kept.rename(cases)
    signed.eval("run", "refunds", "--sign", "agent")
    assert answer(signed, expect=0).startswith("refunds: passed")


def test_a_result_replayed_for_another_agent_or_of_another_suite_is_none(signed, tmp_path):
    signed.policy.write_text(signed.policy.read_text() + OTHER.format(owner=OWNER))
    other = tmp_path / "suites/payouts"
    shutil.copytree(signed.suite / "cases", other / "cases")
    (other / "suite.yaml").write_text(f"interlock_eval: 1\nagent: payouts\nowner: {OWNER}\n")
    assert answer(signed, "payouts") == "payouts: eval-missing, there is no result"
    shutil.copytree(signed.suite / "results", other / "results")
    assert answer(signed, "payouts") == "payouts: eval-missing, there is no result"
    signed.eval("run", "payouts", "--sign", "agent")
    assert answer(signed, "payouts", expect=0).startswith("payouts: passed")
    (other / "cases/more.yaml").write_text(
        case("more", "golden", "billing.get_invoice", '{invoice: "1"}', "allow", by="dana"))
    assert answer(signed, "payouts") == "payouts: eval-missing, the suite changed since the last result"
    # The other agent is served by its own.
    assert answer(signed, expect=0).startswith("refunds: passed")


def test_a_result_whose_fingerprint_or_a_part_of_it_differs_in_one_digit_is_none(signed):
    """The fingerprint is that of the parts, and a signature covers both: neither can be exchanged alone."""
    (path,) = signed.results()
    kept = path.read_text()
    envelope = json.loads(kept)
    payload = json.loads(base64.b64decode(envelope["payload"]))
    for place in (7, 38, 70):
        text = payload["fingerprint"]
        changed = text[:place] + ("0" if text[place] != "0" else "1") + text[place + 1:]
        edited = canonical({**payload, "fingerprint": changed})
        path.write_text(json.dumps({**envelope, "payload": base64.b64encode(edited).decode()}))
        assert "fingerprint" in signed.eval("gate", "refunds", expect=65).stderr
    path.write_text(kept)
    assert answer(signed, expect=0).startswith("refunds: passed")


def test_a_result_of_which_one_character_of_the_signature_differs_is_unsigned(signed):
    (path,) = signed.results()
    envelope = json.loads(path.read_text())
    (signature,) = envelope["signatures"]
    text = signature["sig"]
    for place in (0, 40):
        changed = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1:]
        path.write_text(json.dumps({**envelope, "signatures": [{**signature, "sig": changed}]}))
        assert answer(signed).startswith("refunds: eval-unsigned, ")


def test_a_key_that_the_owner_holds_counts_at_tier_low_alone(binary, tmp_path, people):
    """Also if the policy says that another person holds it, too. A suite of policy cases suffices at tier low alone."""
    for number, (holders, tier, is_unsigned) in enumerate((
            (f"[{OWNER}, {RUI}]", "low", False), (f"[{OWNER}, {RUI}]", "medium", True), (f"[{RUI}]", "medium", False))):
        folder = tmp_path / str(number)
        folder.mkdir()
        made = Evals(binary, folder, people, DANA, holders, tier).write_suite()
        made.run("run", "refunds", "--sign", "agent", "--policy", "policy.yaml", expect=0 if tier == "low" else 1)
        found = answer(made, expect=0 if tier == "low" else 1)
        assert ("eval-unsigned" in found) == is_unsigned and ("passed" in found) == (tier == "low"), found
