"""The verifier of evidence packs in Python on packs of a writer of the tests; both verifiers on one pack are compared in
Tests/EndToEnd/test_verify_packs.py."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "EndToEnd"))

import evidencepack  # noqa: E402
from encoding import BadEvidence, b64  # noqa: E402
from logwriter import Key, Log, canonical  # noqa: E402
from notes import VKey  # noqa: E402
from packpasskeys import BY_PASSKEY, PASSKEY, passkey_pack  # noqa: E402
from packwriter import EVIDENCE, OF_A_DRILL, PERSON, RELEASE, REVIEW, Pack, envelope, put  # noqa: E402
from trust import Trust  # noqa: E402


@pytest.fixture
def check(tmp_path):
    """Returns what the pack leaves unverified; `keys` are further ones of the auditor."""
    def run(files: dict[str, bytes], *keys: Key, log: Log | None = None) -> list[str]:
        trust = Trust([VKey.parse(key.vkey) for key in (Log().key, *keys)])
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        logs = [log.write(folder / "log")] if log else []
        return evidencepack.verify_pack(put(folder / "pack", files), trust, 0, logs).unverified

    return run


def refused(check, files: dict[str, bytes], message: str, **options) -> None:
    with pytest.raises(BadEvidence, match=message):
        check(files, **options)


def test_a_pack_is_good_with_and_without_its_log(check):
    pack = Pack.sample()
    assert "the counts: no log was given" in check(pack.whole())
    assert check(pack.whole(), RELEASE, log=pack.log) == [f"cosignatures of {pack.origin}"]


@pytest.mark.parametrize("key", [EVIDENCE, PERSON])
def test_the_deployment_is_no_signer_of_a_release(check, key):
    pack = Pack.sample()
    files = {**pack.files(), "tests/release.json": envelope(canonical(pack.release), "test-results", key)}
    assert any(one.startswith("tests/release.json: whose key") for one in check(pack.whole(files), RELEASE, log=pack.log))


def test_the_evidence_key_signs_for_no_person(check):
    pack = Pack.sample()
    name = f"reviews/{REVIEW}.json"
    files = {**pack.files(), name: envelope(canonical({"review": REVIEW, "v": 1}), "review", EVIDENCE)}
    assert any(one.startswith(f"{name}: whose key") for one in check(pack.whole(files), RELEASE, log=pack.log))


def test_passkeys_are_known_by_the_record_that_enrols_them(check):
    """A review and a promotion that a passkey signed."""
    pack = passkey_pack()
    assert not any("passkey" in one for one in check(pack.whole()))
    assert not any("passkey" in one for one in check(pack.whole(), log=pack.log))
    for enrolled in (None, PASSKEY.enrolment(cred=b64(bytes(32)))):
        assert any("trust/7.json: whose passkey" in one for one in check(passkey_pack(enrolled=enrolled).whole()))


@pytest.mark.parametrize("name", BY_PASSKEY)
def test_what_a_passkey_signed_otherwise_is_refused(check, name):
    with pytest.raises(BadEvidence):
        check(BY_PASSKEY[name][0](Pack.sample()))


@pytest.mark.parametrize("name", ["tests/release.json", "tests/deployment.json"])
def test_results_of_tests_are_of_their_kind(check, name):
    pack = Pack.sample()
    fields = pack.release if "release" in name else pack.deployment
    pack.extra = {name: envelope(canonical(fields), "review", RELEASE)}
    refused(check, pack.whole(), f"{name}: a statement of another kind")


VIOLATIONS = [{"leaf": {"t": kind}, "n": 1} for kind in ("kill.violation", "run.degraded", "redaction.failed")]


@pytest.mark.parametrize("changes", [
    {"gaps": [{"text": "One."}]}, {"counts": [{"check": "outcome-without-approval-used", "n": 1}]}, *({"counts": [one]} for one in VIOLATIONS)])
def test_a_control_that_its_own_gaps_or_counts_contradict_is_not_enforced(check, changes):
    pack = Pack.sample()
    pack.controls["C08"].update(changes)
    refused(check, pack.whole(), "controls/C08.json: it is enforced, and a gap or a count")
    pack.controls["C08"].update(status="gap", gaps=[{"text": "One."}])
    check(pack.whole())


def test_a_violation_of_a_halt_is_in_the_counts_of_each_agent(check):
    """Its record names no agent."""
    pack = Pack.sample(agents=("another",), more=({"t": "kill.violation"},))
    pack.controls["C09"]["counts"] = [{"leaf": {"t": "kill.violation"}, "n": 0}]
    refused(check, pack.whole(), "expected a count of 1 records, found 0", log=pack.log)
    pack.controls["C09"].update(status="gap", gaps=[{"text": "One."}], counts=[{"leaf": {"t": "kill.violation"}, "n": 1}])
    check(pack.whole(), log=pack.log)


@pytest.mark.parametrize("agents", [(), ("refunds",), ("interlock-drill-http",)])
def test_canaries_of_drills_and_self_tests_are_counted_apart(check, agents):
    pack = Pack.sample(agents=agents, more=({"t": "call.denied", "agent": "interlock-drill-http", "cnt": 1, "code": "policy.no_grant"},))
    check(pack.whole(), log=pack.log)
    pack.controls["C09"]["counts"][0]["n"] += 1
    refused(check, pack.whole(), "C09.json: expected a count of", log=pack.log)


@pytest.mark.parametrize("record", OF_A_DRILL, ids=lambda one: one["t"])
def test_what_a_drill_did_without_naming_its_canaries_is_counted_apart(check, record):
    pack = Pack.sample(more=OF_A_DRILL)
    kind = {"t": record["t"]}
    pack.controls["C08"]["counts"] = [pack.count(kind)]
    pack.controls["C20"]["samples"] = pack.chosen("C20")
    assert pack.count(kind)["n"] == (1 if record["t"] == "policy.loaded" else 0)
    check(pack.whole(), log=pack.log)
    pack.controls["C08"]["counts"][0]["n"] += 1
    refused(check, pack.whole(), "C08.json: expected a count of", log=pack.log)


@pytest.mark.parametrize("changes, message", [
    ({"at": "2026-11-21T03:00:00Z"}, "its record is of another time"), ({"at": ""}, "no time"),
    ({"index": "71"}, "is not in the pack"), ({"leaf": "sha256:" + "11" * 32}, "is not in the pack"),
    ({"tests": [{"id": "C23-probe", "result": "pass"}]}, "a test that failed by its record passed")])
def test_the_results_of_a_self_test_are_those_of_its_record(check, changes, message):
    pack = Pack.sample()
    pack.deployment.update(changes)
    refused(check, pack.whole(), f"tests/deployment.json: .*{message}")


def test_each_test_of_the_deployment_is_of_the_time_of_the_self_test(check):
    pack = Pack.sample()
    pack.controls["C05"]["tests"][1]["at"] = "2026-11-20T03:00:01Z"
    refused(check, pack.whole(), "C05.json: the test C05-probe is of another time")
    pack = Pack.sample()
    pack.claims = {"built": "2026-11-27T02:59:59Z"}
    check(pack.whole())
    pack.claims = {"built": "2026-11-27T03:00:00Z"}
    refused(check, pack.whole(), "C01.json: it is enforced without passed tests of both kinds")


def test_a_pack_is_not_older_than_its_records(check):
    pack = Pack.sample()
    pack.claims = {"built": "2026-11-21T00:00:00Z"}
    check(pack.whole())
    pack.claims = {"built": "2026-11-20T23:59:59Z"}
    refused(check, pack.whole(), "manifest.dsse.json: it states that it was built before one of its records")


@pytest.mark.parametrize("until, is_good", [(1795200000000000, False), (1795300000000000, True)])
def test_the_newest_listing_of_the_evidence_key_decides(check, until, is_good):
    files = Pack.sample(more=({"t": "key.listed", "use": "evidence", "vkey": EVIDENCE.vkey, "until": until},)).whole()
    if is_good:
        check(files)
    else:
        refused(check, files, "its key had expired when it was signed")
