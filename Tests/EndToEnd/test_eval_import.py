"""`interlock eval import`: runs of other eval tools are kept as evidence, and never satisfy the gate."""

import base64
import hashlib
import io
import json
import os
import subprocess
import zipfile
from pathlib import Path

import pytest

from conftest import FIXTURES, interpreter
from evaluating import OWNER, Evals
from logwriter import canonical

DANA = "dana@acme.example"
FINGERPRINT = "interlock_fingerprint: 1\nmodels: [{provider: acme, id: model-2026-01-01}]\n"


@pytest.fixture
def evals(binary, tmp_path) -> Evals:
    made = Evals(binary, tmp_path).write_suite()
    (tmp_path / "fingerprint.yaml").write_text(FINGERPRINT)
    return made


@pytest.fixture
def signed(binary, tmp_path, people) -> Evals:
    """A policy that lists the key of dana, which dana alone holds."""
    made = Evals(binary, tmp_path, people, DANA, f"[{DANA}]").write_suite()
    (tmp_path / "fingerprint.yaml").write_text(FINGERPRINT)
    return made


def inspect(folder: Path, *words: str) -> Path:
    """Runs Inspect with a home of its own, so that it reads no setting of this machine."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        [interpreter("inspect"), FIXTURES / "inspect_run.py", *words], cwd=folder, env=environment, timeout=120,
        text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.returncode == 0, done.stdout + done.stderr
    return Path(folder / done.stdout.splitlines()[-1])


def words(file, form: str = "inspect", by: str = DANA) -> list[str]:
    return ["import", str(file), "--format", form, "--agent", "refunds", "--fingerprint", "fingerprint.yaml", "--by", by]


def imports(evals: Evals) -> list[Path]:
    return sorted((evals.suite / "imports").glob("*.json"))


def log(**changes) -> dict:
    """A log of Inspect, cut down to what an import reads: one case passes, one fails."""
    samples = [{"id": name, "epoch": 1, "scores": {"includes": {"value": value}}}
               for name, value in (("order-8812", "C"), (7, "I"))]
    made = {
        "version": 2, "status": "success", "eval": {"task": "refunds", "model": "acme/model", "packages": {}},
        "results": {"total_samples": 2, "scores": [
            {"name": "includes", "scorer": "includes", "metrics": {"accuracy": {"value": 0.5}}}]},
        "stats": {"started_at": "2026-11-01T09:00:00+00:00", "completed_at": "2026-11-01T09:01:00+00:00"},
        "samples": samples}
    return {**made, **changes}


# The members are those of the types that promptfoo documents; no file of a real run was at hand.
PROMPTFOO = {"evalId": "eval-refunds", "metadata": {"promptfooVersion": "0.120.0"}, "results": {
    "version": 3, "timestamp": "2026-11-01T09:00:00.123Z", "prompts": [{}],
    "stats": {"successes": 1, "failures": 1, "errors": 0}, "results": [
        {"testIdx": number, "promptIdx": 0, "success": passed, "provider": {"id": "exec:agent"}, "gradingResult": {
            "pass": passed, "componentResults": [{"pass": passed, "assertion": {"type": kind}}]}}
        for number, (passed, kind) in enumerate([(True, "contains"), (False, "llm-rubric")])]}}


def archive(entries: list[tuple[str, bytes]], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression) as file:
        for name, contents in entries:
            file.writestr(name, contents)
    return made.getvalue()


def parts(made: dict) -> list[tuple[str, bytes]]:
    """The entries of an archive of Inspect."""
    samples = made.pop("samples")
    return [(f"samples/{number}_epoch_1.json", json.dumps(sample).encode()) for number, sample in enumerate(samples)
            ] + [("header.json", json.dumps(made).encode())]


@pytest.mark.requirement("R122")
def test_a_run_of_inspect_is_kept_signed_with_its_original(signed, tmp_path):
    path = inspect(tmp_path, "run", "logs", "json")
    done = signed.eval(*words(path), "--sign", "agent")
    lines = done.stdout.splitlines()
    assert lines[0] == "import of refunds" and "refunds by inspect_ai 0.3.285, 2 cases, 4 trials" in lines[1]
    assert any("scorer includes: 1/2, 50.0 %" in line and line.endswith("judge: code") for line in lines)
    assert any("scorer model_graded_qa: 2/2" in line and line.endswith("judge: model, only informs") for line in lines)
    (kept,) = imports(signed)
    envelope = json.loads(kept.read_text())
    assert envelope["payloadType"] == "application/vnd.interlock.eval-import+json"
    payload = json.loads(base64.b64decode(envelope["payload"]))
    assert canonical(payload) == base64.b64decode(envelope["payload"])
    assert payload["evidence"] == "utility" and payload["proof"] == "declared" and payload["by"] == DANA
    assert payload["original"] == "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()
    original = kept.parent / (payload["original"].removeprefix("sha256:") + ".original")
    assert original.read_bytes() == path.read_bytes()
    gate = json.loads(signed.eval("gate", "refunds", "--fingerprint", "fingerprint.yaml", "--json", expect=1).stdout)
    assert payload["fingerprint"] == gate["fingerprint"], "the stated fingerprint is that of the files"


@pytest.mark.requirement("R116")
def test_an_import_never_satisfies_the_gate(signed, tmp_path):
    (tmp_path / "log.json").write_text(json.dumps(log()))
    signed.eval(*words("log.json"), "--sign", "agent")
    gate = ["gate", "refunds", "--fingerprint", "fingerprint.yaml"]
    assert "eval-missing, there is no result" in signed.eval(*gate, expect=1).stdout
    # Not even in the place of results.
    (kept,) = imports(signed)
    results = signed.suite / "results"
    results.mkdir()
    (results / "taken.json").write_bytes(kept.read_bytes())
    assert "is no result of evals" in signed.eval(*gate, expect=65).stderr
    (results / "taken.json").unlink()
    # It is no part of the suite, so a result of before still counts.
    (signed.suite / "imports").rename(tmp_path / "imports")
    signed.eval("run", "refunds", "--fingerprint", "fingerprint.yaml", "--sign", "agent")
    assert signed.eval(*gate).stdout.startswith("refunds: passed")
    (tmp_path / "imports").rename(signed.suite / "imports")
    assert signed.eval(*gate).stdout.startswith("refunds: passed")


def test_an_archive_says_what_the_log_says_and_zstandard_is_refused_with_a_remedy(evals, tmp_path):
    path = inspect(tmp_path, "run", "logs", "eval")
    done = evals.eval(*words(path), "--out", "import.json", expect=65)
    assert "is compressed by Zstandard" in done.stderr and "help: write the log as JSON: inspect log dump" in done.stderr
    assert not (tmp_path / "import.json").exists() and not list(tmp_path.glob("*.original"))
    evals.eval(*words(inspect(tmp_path, "deflate", str(path), "deflated.eval")), "--out", "import.json")
    made = json.loads((tmp_path / "import.json").read_text())
    rates = {one["name"]: (one["judge"], one["passed"], one["cases"]) for one in made["scorers"]}
    assert rates == {"includes": ("code", 1, 2), "model_graded_qa": ("model", 2, 2)}
    assert made["tool"] == "inspect_ai 0.3.285" and (made["cases"], made["trials"]) == (2, 4)


def test_an_undefined_metric_is_none_and_a_failed_run_is_refused(evals, tmp_path):
    path = inspect(tmp_path, "undefined", "logs", "json")
    assert "NaN" in path.read_text(), "the log has what JSON has not"
    made = json.loads(evals.eval(*words(path), "--json").stdout)
    assert made["scorers"] == [{"name": "undefined", "judge": "unknown", "cases": 2, "passed": 0, "metrics": []}]
    failed = inspect(tmp_path, "failing", "failed", "json")
    assert "the run has the status `error`" in evals.eval(*words(failed), expect=65).stderr
    assert len(imports(evals)) == 1


def test_the_report_shows_imports_with_who_judged(signed, tmp_path):
    (tmp_path / "log.json").write_text(json.dumps(log()))
    (tmp_path / "foo.json").write_text(json.dumps(PROMPTFOO))
    signed.eval(*words("log.json"), "--sign", "agent")
    signed.eval(*words("foo.json", "promptfoo"))
    shown = signed.eval("report", "refunds", "--markdown", "report.md").stdout
    assert "refunds last result: none" in shown
    assert "refunds import scorer includes: 1/2, 50.0 %" in shown and "accuracy 0.5, judge: code" in shown
    assert "refunds import run: eval-refunds by promptfoo 0.120.0" in shown
    assert "scorer success: 1/2" in shown and "judge: model, only informs" in shown
    assert [line.rsplit(", ", 1)[-1] for line in shown.splitlines() if line.startswith("refunds import: ")
            ].count("signed") == 1 and ", not signed" in shown
    assert "import scorer includes" in (tmp_path / "report.md").read_text()
    report = json.loads(signed.eval("report", "refunds", "--json").stdout)
    assert report["result"] is None and {one["import"]["format"] for one in report["imports"]} == {"inspect", "promptfoo"}
    assert all(one["original_kept"] for one in report["imports"])
    # A changed original is named, and so is a signature that does not cover the payload.
    (original, *_) = (signed.suite / "imports").glob("*.original")
    original.write_bytes(original.read_bytes() + b" ")
    assert "the original is missing or changed" in signed.eval("report", "refunds").stdout
    (kept,) = [path for path in imports(signed) if "payloadType" in path.read_text()]
    envelope = json.loads(kept.read_text())
    payload = json.loads(base64.b64decode(envelope["payload"]))
    edited = canonical({**payload, "task": "another"})
    kept.write_text(json.dumps({**envelope, "payload": base64.b64encode(edited).decode()}))
    assert "not signed by a listed key" in signed.eval("report", "refunds").stdout
    kept.write_bytes(canonical({**payload, "agent": "payouts"}))
    assert "is no import of evals" in signed.eval("report", "refunds", expect=65).stderr


def test_a_person_signs_for_no_other_importer(signed, tmp_path):
    (tmp_path / "log.json").write_text(json.dumps(log()))
    done = signed.eval(*words("log.json", by=OWNER), "--sign", "agent", expect=77)
    assert f"`--by` names {OWNER}, who does not hold the signing key" in done.stderr and not imports(signed)
    signed.policy.write_text(signed.policy.read_text().replace(f"held_by: [{DANA}]", f"held_by: [{DANA}, {OWNER}]"))
    signed.eval(*words("log.json", by=OWNER), "--sign", "agent")
    assert len(imports(signed)) == 1


BAD_LOGS = {
    "no JSON": ("{", "is not valid JSON"),
    "twice": ('{"version": 2, "version": 2}', "duplicate key"),
    "other version": (log(version=3), "`version` must be"),
    "error": (log(status="error"), "the run has the status `error`"),
    "unfinished": (log(status="started"), "the run has the status `started`"),
    "invalidated": (log(invalidated=True), "is marked as invalid"),
    "no samples": (log(samples=None), "member `samples` is missing"),
    "missing sample": (log(samples=log()["samples"][:1]), "counts 2 results and has 1"),
    "sample twice": (log(samples=log()["samples"][:1] * 2), "`samples[1].epoch` must be another one"),
    "wrong type": (log(samples=["C", "I"]), "`samples[0]` must be an object"),
    "no scorer": (log(results={"total_samples": 2, "scores": []}), "`results.scores` must be"),
    "huge number": (log(results={"total_samples": 10**400, "scores": []}), "number"),
    "hostile name": (log(eval={"task": "a\n::error::b", "model": "m"}), "`eval.task` must be text"),
    "in the future": (log(stats={"started_at": "2098-01-01T00:00:00Z", "completed_at": "2098-01-01T00:00:00Z"}),
                      "ended in the future"),
}


@pytest.mark.parametrize("name", BAD_LOGS)
def test_a_log_that_proves_nothing_is_refused_and_nothing_is_written(evals, tmp_path, name):
    text, says = BAD_LOGS[name]
    (tmp_path / "log.json").write_text(text if isinstance(text, str) else json.dumps(text))
    done = evals.eval(*words("log.json"), expect=65)
    assert says in done.stderr and "`log.json`" in done.stderr and done.stdout == "", done.stderr
    assert len(done.stderr.splitlines()) <= 2 and not (evals.suite / "imports").exists()


GOOD = archive(parts(log()))
BAD_ARCHIVES = {
    "cut": (GOOD[:-30], "no zip archive, or it is cut off"),
    "bomb": (archive([*parts(log())[:-1], ("header.json", b" " * (20 << 20))]), "unpacks to more than 100 times"),
    "outside": (archive([*parts(log()), ("../header.json", b"{}")]), "is not a path inside the archive"),
    "absolute": (archive([*parts(log()), ("/etc/passwd", b"{}")]), "is not a path inside the archive"),
    "many": (archive([*parts(log()), *((f"a/{number}", b"") for number in range(1000))]), "1003 entries"),
    "method": (archive(parts(log()), zipfile.ZIP_BZIP2), "by method 12"),
    "no header": (archive(parts(log())[:-1]), "has no `header.json`"),
    "missing sample": (archive(parts(log())[1:]), "counts 2 results and has 1"),
    "damaged": (GOOD.replace(b"samples/0", b"samples/9", 1), "disagree"),
    "encrypted": (GOOD.replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01"), "is encrypted"),
}


@pytest.mark.parametrize("name", BAD_ARCHIVES)
def test_an_archive_that_is_not_plain_is_refused_by_name(evals, tmp_path, name):
    contents, says = BAD_ARCHIVES[name]
    (tmp_path / "log.eval").write_bytes(contents)
    done = evals.eval(*words("log.eval"), expect=65)
    assert says in done.stderr and done.stdout == "" and not (evals.suite / "imports").exists(), done.stderr


def test_one_entry_twice_is_refused(evals, tmp_path):
    with pytest.warns(UserWarning, match="Duplicate name"):
        contents = archive([*parts(log()), ("header.json", b"{}")])
    (tmp_path / "log.eval").write_bytes(contents)
    assert "duplicate entry `header.json`" in evals.eval(*words("log.eval"), expect=65).stderr
    (tmp_path / "log.eval").write_bytes(GOOD)
    evals.eval(*words("log.eval"))


@pytest.mark.parametrize("change, says", [
    ({"version": 2}, "`results.version` must be"), ({"stats": None}, "member `results.stats` is missing"),
    ({"stats": {"successes": 2, "failures": 0, "errors": 0}}, "`results.stats.successes` must be"),
    ({"stats": {"successes": 1, "failures": 0, "errors": 0}}, "counts 1 results and has 2"),
    ({"results": []}, "counts 2 results and has 0"), ({"timestamp": "yesterday"}, "`results.timestamp` must be"),
])
def test_a_file_of_promptfoo_that_contradicts_itself_is_refused(evals, tmp_path, change, says):
    (tmp_path / "foo.json").write_text(json.dumps({**PROMPTFOO, "results": {**PROMPTFOO["results"], **change}}))
    assert says in evals.eval(*words("foo.json", "promptfoo"), expect=65).stderr
    (tmp_path / "foo.json").write_text(json.dumps(PROMPTFOO))
    evals.eval(*words("foo.json", "promptfoo"))
    # A file of one tool is none of the other.
    assert "is missing" in evals.eval(*words("foo.json"), expect=65).stderr


def test_what_a_command_line_lacks_has_its_exit_code(evals, tmp_path):
    (tmp_path / "log.json").write_text(json.dumps(log()))
    whole = words("log.json")
    for option in ("--format", "--agent", "--fingerprint", "--by"):
        place = whole.index(option)
        assert option in evals.eval(*whole[:place], *whole[place + 2:], expect=64).stderr
    assert "unknown format" in evals.eval(*words("log.json", "braintrust"), expect=64).stderr
    assert "no e-mail address" in evals.eval(*words("log.json", by="dana"), expect=64).stderr
    assert "has no agent `payouts`" in evals.eval(
        *[word.replace("refunds", "payouts") for word in whole], expect=66).stderr
    assert evals.eval(*words("nothing.json"), expect=65).stdout == ""
    evals.environment.pop("SSH_AUTH_SOCK", None)
    evals.eval(*whole, "--sign", "agent", expect=77)
    evals.eval(*whole, "--out", "no/such/folder/x.json", expect=73)
    assert not (evals.suite / "imports").exists()
    # Without a suite, an import has no place but the one that is named.
    (evals.suite / "suite.yaml").unlink()
    assert "has no suite" in evals.eval(*whole, expect=66).stderr
    evals.eval(*whole, "--out", "import.json")
    assert json.loads((tmp_path / "import.json").read_text())["agent"] == "refunds"
