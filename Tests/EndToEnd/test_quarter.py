"""A quarter of a simulated organisation: it yields a signed review and a pack that two verifiers accept offline, `status` and `ready`
answer from its log, and each edit of the pack is refused with its own message (docs/evidence.md, docs/governance-review.md)."""

import json
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

import collectedruns
from addresses import SAM
from conftest import ROOT
from logwriter import canonical
from packedits import EDITS, RealPack
from quarters import AGENTS, lived, offline, timed, verifiers
from reviewing import answer, started, stated
from waits import until

pytestmark = pytest.mark.requirement("R129", "R134", "R135", "R149")

SIZES = [pytest.param(20_000, id="20,000"),
         pytest.param(1_000_000, id="1,000,000", marks=[pytest.mark.stress, pytest.mark.timeout(7_200)])]
REVIEWED = "medium-1"
# docs/specs/trust-and-review.md, section 12, for 1,000,000 records.
TRUST_STATUS_SECONDS = 1.0


@pytest.fixture(scope="module", params=SIZES)
def quarter(request, binary, seed):
    with lived(binary, request.param, seed) as quarter:
        yield quarter


@pytest.fixture(scope="module")
def pack(quarter, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pack") / "pack"
    with timed("evidence build"):
        quarter.gateway.run("evidence", "build", *quarter.period, "-o", str(folder), seconds=900)
    return folder


def test_the_log_is_whole_and_of_all_agents(quarter):
    with timed("audit verify"):
        assert quarter.gateway.verify().returncode == 0
    agents = Counter(one["agent"] for one in quarter.of_period() if one["t"] == "run.start")
    assert set(AGENTS) <= set(agents), agents


def test_the_pack_verifies_offline_with_two_verifiers(quarter, pack, binary):
    for name, program in verifiers(binary).items():
        with timed(f"{name} evidence"):
            alone = offline(*program, "--vkey", quarter.gateway.log_key, "evidence", pack)
        assert alone.returncode == 0, (name, alone.stdout, alone.stderr)
        with timed(f"{name} evidence --log"):
            done = offline(*program, "--vkey", quarter.gateway.log_key, "--log", quarter.published, "evidence", pack)
        assert done.returncode == 0, (name, done.stdout, done.stderr)
        assert "no log was given" not in done.stdout + done.stderr


def test_counts_of_the_pack_are_those_of_the_published_log(quarter, pack):
    found: Counter = Counter()
    halts, runs = set(), set()
    for one in quarter.of_period():
        is_canary = one.get("agent", "").startswith("interlock-drill")
        if one["t"] == "run.start" and is_canary:
            runs.add(one["run"])
        if one["t"] == "kill.requested" and one["scope"] == "drill":
            halts.add(one["req"])
        is_halt = one["t"] in ("kill.requested", "kill.effective") and one.get("req") in halts
        if is_canary or is_halt or one.get("run") in runs or (one["t"], one.get("why")) == ("policy.loaded", "drill"):
            continue  # What drills and self-tests did is in no figure.
        found[one["t"]] += 1
        if one["t"] in ("call.intent", "merge.checked", "eval.result"):
            found[one["t"], one.get("dec") or one.get("verdict")] += 1
    checked = 0
    for path in sorted((pack / "controls").iterdir()):
        for count in json.loads(path.read_bytes())["counts"]:
            if "leaf" not in count:
                continue
            leaf = dict(count["leaf"])
            name = (leaf.pop("t"), *leaf.values()) if len(leaf) > 1 else leaf["t"]
            assert count["n"] == found[name], (path.name, count)
            checked += count["n"] > 0
    assert checked > 10
    assert len(list((pack / "trust").iterdir())) == found["trust.promoted"] == 6
    for kind in ("call.denied", "call.unknown", "approval.used", "kill.drill", "incident.closed", "trust.demoted", "trust.promoted"):
        assert found[kind] > 0, kind


def test_a_review_of_the_quarter_is_drawn_by_a_second_program_and_signed(quarter, tmp_path):
    with timed("review start"):
        # The first review begins when the gateway did, an hour before the quarter.
        period = ("--from", str((quarter.start - timedelta(days=1)).date()), *quarter.period[2:])
        review = started(quarter, REVIEWED, period, seconds=600)
    (shown,) = answer(quarter, "sample", review, seconds=600)
    document = tmp_path / "sample.json"
    document.write_bytes(canonical(shown["sample"]))
    until(lambda: quarter.gateway.published_size() >= shown["sample"]["checkpoint"]["size"], quarter.gateway)
    with timed("sample drawn by the second program"):
        again = subprocess.run(
            [sys.executable, ROOT / "Tests" / "Verifier" / "reviewsample.py", quarter.published, document],
            capture_output=True, text=True, timeout=3_600)
    assert again.returncode == 0, again.stdout + again.stderr
    strata = {one["stratum"]: one for one in shown["strata"]}
    assert {"denied", "approved", "read"} <= strata.keys(), strata.keys()
    for leaf in [record["leaf"] for one in strata.values() for record in one["records"]]:
        answer(quarter, "sample", review, "--open", leaf, seconds=600)
        answer(quarter, "sample", review, "--mark", leaf, "ok", seconds=600)
    (record,) = quarter.gateway.records(5_000, type="review.started")
    answers = stated(record, tmp_path / "answers.json", drift=[{**one, "outcome": "keep"} for one in shown["drift"]])
    due = (datetime.now(UTC) + timedelta(days=6)).strftime("%Y-%m-%dT%H:%M:%SZ")
    (signed,) = answer(quarter, "sign", review, "--next", due, "--answers", answers, by=SAM, seconds=600)
    assert signed["signed"] is True, signed
    (end,) = until(lambda: quarter.gateway.records(5_000, type="review.signed"), quarter.gateway)
    assert end["agent"] == REVIEWED and quarter.gateway.verify().returncode == 0


def test_status_and_ready_answer_from_the_quarter(quarter):
    since = quarter.end - timedelta(days=20)
    first, last = int(since.timestamp()) * 1_000_000, int(quarter.end.timestamp()) * 1_000_000
    found = Counter(one["t"] for one in quarter.of_period() if one.get("agent") == REVIEWED and first <= one["ts"] < last)
    for number in range(3):
        with timed(f"status, run {number + 1}"):
            done = quarter.gateway.run("status", REVIEWED, "--since", str(since.date()), "--json", check=False)
        assert done.returncode in (0, 1), done.stderr
    did = json.loads(done.stdout)["did"]
    assert did["counted"] and did["denied"] == found["call.denied"], (did, found)
    assert did["unknown"] == found["call.unknown"] and did["reconstruct"]["unproved"] == []
    screen = quarter.gateway.run("status", REVIEWED, check=False).stdout
    assert [word for word in ("ALLOWED", "ENFORCED", "DID", "READY") if f"\n{word} " not in screen] == [], screen
    with timed("ready"):
        ready = quarter.gateway.run("ready", REVIEWED, "--json", check=False)
    assert ready.returncode == 1 and json.loads(ready.stdout)["ready"] is False, ready.stderr


def trust(quarter, verb: str = "status") -> dict:
    """What `interlock trust` says of an agent."""
    done = quarter.gateway.run("trust", verb, REVIEWED, "--json", check=False, seconds=600)
    assert done.returncode == 1, done.stderr
    return json.loads(done.stdout)


def test_trust_status_answers_within_a_second_and_as_the_whole_log_does(quarter):
    until(collectedruns.place(quarter.gateway).exists, quarter.gateway, seconds=600)
    seconds = []
    for number in range(3):
        began = time.monotonic()
        with timed(f"trust status, run {number + 1}"):
            found = trust(quarter)
        seconds.append(time.monotonic() - began)
    assert found["stage"] == 0 and found["whole"] and found["runs"]["bad"] > 0, found
    if quarter.records >= 1_000_000:
        assert min(seconds) < TRUST_STATUS_SECONDS, seconds
    kept = collectedruns.place(quarter.gateway).read_bytes()
    edited = collectedruns.not_whole(kept)
    try:
        # Signed with the deployment's own secret: what it says is shown, so the answers above came from it.
        collectedruns.put(quarter.gateway, collectedruns.signed(quarter.gateway, edited))
        assert trust(quarter)["whole"] is False
        assert trust(quarter, "explain")["whole"] is True
        unusable = {"edited": edited + kept[-collectedruns.CODE:], "cut off": kept[:len(kept) // 2], "empty": b"",
                    "foreign": collectedruns.signed(quarter.gateway, edited, b"the secret of another deployment")}
        for name, data in unusable.items():
            collectedruns.put(quarter.gateway, data)
            with timed(f"trust status of the whole log, cache {name}"):
                assert trust(quarter) == found, name
    finally:
        collectedruns.put(quarter.gateway, kept)


@pytest.mark.parametrize("name", EDITS)
def test_each_edit_of_the_real_pack_has_its_own_message(quarter, pack, binary, tmp_path, name):
    real = RealPack(quarter, pack)
    edit = EDITS[name]
    if edit.needs_tree and quarter.records > 100_000:
        pytest.skip("a tree of so many records takes minutes in the writer of the tests")
    words = edit.make(real, tmp_path)
    for program, message in zip(verifiers(binary).values(), edit.messages(real), strict=True):
        done = subprocess.run([*map(str, program), "--vkey", quarter.gateway.log_key, *map(str, words)],
                              capture_output=True, text=True, timeout=3_600)
        said = done.stdout + done.stderr
        assert done.returncode == 1 and done.stdout.startswith("BAD: "), (name, said)
        assert message in said, (name, message, said)


def test_after_an_erasure_the_whole_log_is_read_until_the_gateway_has_read_it(quarter):
    """The last test: it destroys payloads of the quarter."""
    gateway = quarter.gateway
    run = next(one["run"] for one in quarter.of_period() if one["t"] == "run.start" and one["agent"] == REVIEWED)
    kept = collectedruns.place(gateway).read_bytes()
    forged = collectedruns.signed(gateway, collectedruns.not_whole(kept))
    collectedruns.put(gateway, forged)
    assert trust(quarter)["whole"] is False
    gateway.run("audit", "erase", "--run", run, "--reason", "erasure.request", "--confirm", run, seconds=600)
    assert trust(quarter)["whole"] is True
    until(lambda: collectedruns.place(gateway).read_bytes() != forged, gateway, seconds=600)
    assert trust(quarter)["whole"] is True
