"""`interlock eval gate`: results are written and signed, and the gate in continuous integration says which agent lacks one of
what it is now."""

import base64
import hashlib
import json

import pytest

from clocks import at
from evaluating import OWNER, Evals, case, key, lock
from logwriter import canonical
from test_evals import evals, last  # noqa: F401

DANA = "dana@acme.example"
PARTS = ["model", "policy", "prompt", "skills", "tools"]

FINGERPRINT = """interlock_fingerprint: 1
prompt: [prompt.md]
skills: [{name: sum, path: skills/sum}]
models: [{provider: acme, id: model-2026-01-01, parameters: {temperature: 0}}]
"""


@pytest.fixture
def signed(binary, tmp_path, people) -> Evals:
    """A suite whose results the key of dana signs, which no person is said to hold alone; with files of each part."""
    made = Evals(binary, tmp_path, people, DANA).write_suite()
    (tmp_path / "prompt.md").write_text("You refund damaged goods.\n")
    (tmp_path / "skills/sum").mkdir(parents=True)
    (tmp_path / "skills/sum/SKILL.md").write_text("Sum up.\n")
    (tmp_path / "fingerprint.yaml").write_text(FINGERPRINT)
    return made


@pytest.mark.requirement("R116", "R117")
def test_the_gate_asks_for_a_result_of_the_current_fingerprint(signed, tmp_path):
    """One changed byte of each part in turn, and then back."""
    gate = ["gate", "refunds", "--fingerprint", "fingerprint.yaml"]
    done = signed.eval(*gate, expect=1)
    assert "refunds: eval-missing, there is no result" in done.stdout
    assert "help: interlock eval run refunds --sign KEY" in done.stdout
    signed.eval("run", "refunds", "--sign", "agent", "--fingerprint", "fingerprint.yaml")
    done = signed.eval(*gate)
    assert done.stdout.startswith("refunds: passed, sha256:")
    changed = {
        "prompt": tmp_path / "prompt.md", "skills": tmp_path / "skills/sum/SKILL.md",
        "model": tmp_path / "fingerprint.yaml", "policy": signed.policy, "tools": signed.lock,
    }
    assert sorted(changed) == PARTS
    for part, path in changed.items():
        kept = path.read_bytes()
        match part:
            case "model":
                path.write_bytes(kept.replace(b"temperature: 0", b"temperature: 1"))
            case "policy":
                path.write_bytes(kept.replace(b"<= 50000", b"<= 50001"))
            case "tools":
                other = lock()
                entry = other["servers"]["billing"]["tools"]["get_invoice"]
                entry["definition"]["description"] += "."
                entry["pin"] = "sha256:" + hashlib.sha256(canonical(entry["definition"])).hexdigest()
                path.write_text(json.dumps(other))
            case _:
                path.write_bytes(kept[:-1] + b"!")
        done = signed.eval(*gate, "--json", expect=1)
        found = last(done.stdout)
        assert (found["fact"], found["differences"]) == ("missing", [part]), part
        assert found["fingerprint"] != found["latest"]
        path.write_bytes(kept)
        assert signed.eval(*gate).returncode == 0, part


@pytest.mark.requirement("R116", "R117")
def test_the_list_of_a_suite_is_used_without_a_flag_and_says_whom_a_part_concerns(signed, tmp_path):
    (tmp_path / "fingerprint.yaml").rename(signed.suite / "fingerprint.yaml")
    signed.eval("run", "--sign", "agent")
    assert signed.eval("gate").stdout.startswith("refunds: passed")
    for part in ("skill:sum", "prompt:prompt.md", "model:model-2026-01-01", "tool:billing.get_invoice"):
        done = signed.eval("report", "--impact", part)
        assert done.stdout.startswith("refunds: passed") and f"owner: {OWNER}, tier: low" in done.stdout
    (tmp_path / "skills/sum/SKILL.md").write_text("Sum up well.\n")
    found = last(signed.eval("gate", "--json", expect=1).stdout)
    assert found["differences"] == ["skills"]
    assert last(signed.eval("report", "--impact", "skill:sum", "--json", expect=1).stdout)["gate"]["fact"] == "missing"
    for part, code in (("skill:other", 66), ("tool:billing.other", 66), ("policy:x", 64), ("sum", 64), ("skill:", 64)):
        assert signed.eval("report", "--impact", part, expect=code).stdout == ""
    (signed.suite / "fingerprint.yaml").write_text("interlock_fingerprint: 1\nprompt: [../x]\n")
    assert "is not a path below" in signed.eval("gate", expect=65).stderr


@pytest.mark.requirement("R116")
def test_a_changed_suite_needs_a_new_result(signed):
    signed.eval("run", "refunds", "--sign", "agent")
    assert signed.eval("gate").stdout.startswith("refunds: passed")
    (signed.suite / "cases/one-more.yaml").write_text(
        case("one-more", "golden", "billing.get_invoice", '{invoice: "1"}', "allow"))
    assert "eval-missing, the suite changed since the last result" in signed.eval("gate", expect=1).stdout


@pytest.mark.requirement("R116")
def test_a_result_that_no_listed_key_signed_or_that_was_edited_does_not_count(signed, people):
    signed.eval("run", "refunds", "--out", "plain.json")
    assert json.loads((signed.folder / "plain.json").read_text())["verdict"] == "pass"
    signed.eval("run", "refunds", "--sign", "agent")
    (path,) = signed.results()
    kept = json.loads(path.read_text())
    assert kept["payloadType"] == "application/vnd.interlock.eval-result+json"
    payload = json.loads(base64.b64decode(kept["payload"]))
    assert payload["verdict"] == "pass" and payload["agent"] == "refunds" and payload["coverage"] == {"tools": "2/2"}
    assert canonical(payload) == base64.b64decode(kept["payload"])
    cases = path.parent / (payload["cases_sha256"].removeprefix("sha256:") + ".cases.json")
    assert hashlib.sha256(cases.read_bytes()).hexdigest() == cases.name.removesuffix(".cases.json")
    # The same signature under another payload.
    edited = canonical({**payload, "ended": "2026-11-30T00:00:00Z", "started": "2026-11-30T00:00:00Z"})
    path.write_text(json.dumps({**kept, "payload": base64.b64encode(edited).decode()}))
    assert "refunds: eval-unsigned" in signed.eval("gate", expect=1).stdout
    # The payload alone.
    path.write_bytes(base64.b64decode(kept["payload"]))
    assert "refunds: eval-unsigned" in signed.eval("gate", expect=1).stdout
    # Another agent's result in this folder.
    path.write_bytes(canonical({**payload, "agent": "payouts"}))
    assert "fingerprint" in signed.eval("gate", expect=65).stderr
    # The key is not listed any more.
    path.write_text(json.dumps(kept))
    assert signed.eval("gate").returncode == 0
    signed.policy.write_text(signed.policy.read_text().replace(key(people, DANA), key(people, OWNER)))
    done = signed.eval("gate", expect=1)
    assert "refunds: eval-unsigned" in done.stdout
    assert "help: interlock eval run refunds --sign KEY, a key of `eval.signers`; above tier low" in done.stdout


@pytest.mark.requirement("R116")
def test_the_owner_s_own_key_does_not_count_above_tier_low(binary, tmp_path, people):
    for tier, code in (("low", 0), ("medium", 1)):
        folder = tmp_path / tier
        folder.mkdir()
        made = Evals(binary, folder, people, OWNER, f"[{OWNER}]", tier).write_suite()
        made.eval("run", "refunds", "--sign", "agent", expect=0 if tier == "low" else 1)
        done = made.eval("gate", expect=code)
        assert done.stdout.startswith("refunds: passed" if tier == "low" else "refunds: eval-unsigned")


def test_a_key_that_the_policy_does_not_list_signs_nothing(binary, tmp_path, people):
    """The key is refused before a suite is written or a case runs, and the help has it as a policy lists it."""
    made = Evals(binary, tmp_path, people)
    done = made.eval("run", "refunds", "--starter", "--sign", "agent", expect=77)
    assert "no such key is in `eval.signers`" in done.stderr and key(people, DANA) in done.stderr
    assert not made.suite.exists() and done.stdout == ""


def test_a_cosigned_exception_states_nothing_a_second_time(evals):  # noqa: F811
    for words in (["refunds"], ["--until", "2026-12-01T12:00:00Z"], ["--reason", "the signer is away"], ["--out", "x"]):
        done = evals.run("except", "--cosign", "refunds.json", *words, expect=64)
        assert "`--cosign` takes a file alone" in done.stderr


def test_a_baseline_whose_outcomes_are_gone_or_changed_is_no_baseline(signed):
    signed.eval("run", "refunds", "--sign", "agent")
    (cases,) = (signed.suite / "results").glob("*.cases.json")
    kept = cases.read_bytes()
    for damage in (lambda: cases.write_bytes(kept.replace(b"refunds", b"payouts")), cases.unlink):
        damage()
        done = signed.eval("run", "refunds", expect=65)
        assert "the outcomes of the baseline" in done.stderr and cases.name in done.stderr and done.stdout == ""
    cases.write_bytes(kept)
    signed.eval("run", "refunds")


@pytest.mark.requirement("R122")
@pytest.mark.parametrize("signer, code", [(DANA, 0), (None, 65)])
def test_a_result_that_no_listed_key_signed_is_no_baseline(binary, tmp_path, people, signer, code):
    """A branch could bring one that every run is as good as. Without listed keys it is what there is."""
    made = Evals(binary, tmp_path, people, signer).write_suite()
    (made.suite / "results").mkdir()
    made.eval("run", "refunds", "--out", "suites/refunds/results/unsigned.json")
    (cases,) = (made.suite / "results").glob("*.cases.json")
    cases.unlink()
    made.eval("run", "refunds", expect=code)


@pytest.mark.requirement("R116", "R122")
def test_a_failed_or_partial_result_never_passes_the_gate(signed):
    signed.eval("run", "refunds", "--sign", "agent", "--case", "refund-*")
    assert "refunds: eval-failed" in signed.eval("gate", expect=1).stdout
    signed.eval("run", "refunds", "--sign", "agent", "--trials", "3")
    assert "refunds: eval-failed" in signed.eval("gate", expect=1).stdout
    assert len(signed.results()) == 2, "a result replaces none of the same second"
    for path in signed.results():
        path.unlink()
    (signed.suite / "cases/wrong.yaml").write_text(
        case("wrong", "golden", "billing.get_invoice", '{invoice: "1"}', "deny"))
    signed.eval("run", "refunds", "--sign", "agent", expect=1)
    assert "refunds: eval-failed" in signed.eval("gate", expect=1).stdout


@pytest.mark.requirement("R116", "R122")
def test_a_pass_in_the_second_of_a_failure_does_not_replace_it(signed):
    signed.environment.update(at("2026-11-29 10:00:00"))
    wrong = signed.suite / "cases/allow-invoice.yaml"
    right = wrong.read_text()
    wrong.write_text(right.replace("expect: allow", "expect: approve 1"))
    signed.eval("run", "refunds", "--sign", "agent", expect=1)
    wrong.write_text(right)
    signed.eval("run", "refunds", "--sign", "agent")
    assert len(signed.results()) == 2


@pytest.mark.parametrize("path, kept, says", [
    ("fingerprint.yaml", "interlock_fingerprint: 1\nprompt: [../prompt.md]\n", "is not a path below"),
    ("fingerprint.yaml", "interlock_fingerprint: 1\nprompts: [prompt.md]\n", "did you mean `prompt`"),
    ("fingerprint.yaml", "interlock_fingerprint: 1\nprompt: [nothing.md]\n", "nothing.md"),
    ("fingerprint.yaml", "interlock_fingerprint: 1\nskills: [{name: a, path: prompt.md}]\n", "prompt.md"),
])
def test_a_list_of_files_that_cannot_be_read_is_refused(signed, path, kept, says):
    (signed.folder / path).write_text(kept)
    done = signed.eval("gate", "refunds", "--fingerprint", "fingerprint.yaml", expect=65)
    assert says in done.stderr and done.stdout == ""


def test_a_link_in_a_skill_is_refused_and_a_hidden_file_counts(signed, tmp_path):
    words = ["gate", "refunds", "--fingerprint", "fingerprint.yaml", "--json"]
    before = last(signed.eval(*words, expect=1).stdout)["fingerprint"]
    (tmp_path / "skills/sum/.hidden").write_text("x")
    assert last(signed.eval(*words, expect=1).stdout)["fingerprint"] != before
    (tmp_path / "skills/sum/.hidden").unlink()
    (tmp_path / "skills/sum/SKILL.md").chmod(0o755)
    assert last(signed.eval(*words, expect=1).stdout)["fingerprint"] != before
    (tmp_path / "skills/sum/link").symlink_to("SKILL.md")
    assert "a skill has no links" in signed.eval(*words, expect=65).stderr
    (tmp_path / "skills/sum/link").unlink()
    (tmp_path / "skills/sum").rename(tmp_path / "elsewhere")
    (tmp_path / "skills/sum").symlink_to(tmp_path / "elsewhere")
    assert "a skill has no links" in signed.eval(*words, expect=65).stderr


@pytest.mark.parametrize("key, value", [("prompt", "[linked/rules.md]"), ("skills", "[{name: a, path: linked/skill}]"),
                                        ("prompt", "[rules.md]")])
def test_a_path_through_a_link_is_refused(signed, tmp_path, key, value):
    (tmp_path / "real/skill").mkdir(parents=True)
    for name in ("rules.md", "skill/SKILL.md"):
        (tmp_path / "real" / name).write_text("Be polite.")
    (tmp_path / "linked").symlink_to("real")
    (tmp_path / "rules.md").symlink_to("real/rules.md")
    words = ["gate", "refunds", "--fingerprint", "fingerprint.yaml"]
    (tmp_path / "fingerprint.yaml").write_text(f"interlock_fingerprint: 1\n{key}: {value}\n")
    assert "leads through a link" in signed.eval(*words, expect=65).stderr
    direct = value.replace("linked/", "real/").replace("[rules", "[real/rules")
    (tmp_path / "fingerprint.yaml").write_text(f"interlock_fingerprint: 1\n{key}: {direct}\n")
    signed.eval(*words, expect=1)


def test_a_moving_alias_is_refused_above_tier_low(binary, tmp_path, people):
    made = Evals(binary, tmp_path, people, DANA, tier="medium").write_suite()
    (tmp_path / "fingerprint.yaml").write_text(
        "interlock_fingerprint: 1\nmodels: [{provider: acme, id: model-latest}]\n")
    done = made.eval("gate", "refunds", "--fingerprint", "fingerprint.yaml", expect=65)
    assert "`model-latest` is a moving alias" in done.stderr
