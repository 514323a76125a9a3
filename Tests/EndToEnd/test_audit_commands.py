"""`interlock audit tail|query|show|gaps|export` and `interlock agents who`, on the log of a running gateway."""

import csv
import hashlib
import json
import random
import subprocess
import time
from base64 import b64decode
from contextlib import ExitStack

import pytest

from addresses import LI, PAUL, RUI
from audited import Log, sure
from conftest import organise
from logwriter import Key
from wire import Session


@pytest.fixture(scope="module")
def log(binary, people, tmp_path_factory):
    """A log that several tests read and extend."""
    with ExitStack() as stack:
        made = Log(organise(stack, binary, people, tmp_path_factory.mktemp("audit")))
        made.wait_for_index()
        yield made


def test_tail_is_the_newest_of_what_was_asked_for(log):
    every = sure(log.all())
    assert [one["index"] for one in every] == list(range(len(every)))
    run = log.leaves("call.intent")[0]["leaf"]["run"]
    for words, fits in {
        ("--type", "call.intent"): lambda leaf: leaf["t"] == "call.intent",
        ("--agent", "refunds"): lambda leaf: leaf.get("agent") == "refunds",
        ("--run", run): lambda leaf: leaf.get("run", leaf.get("ofrun")) == run,
    }.items():
        expected = [one["index"] for one in every if fits(one["leaf"])]
        assert expected, words
        assert [one["index"] for one in log.files("tail", *words)] == expected[-50:]
        assert [one["index"] for one in log.files("tail", "-n", "1", *words)] == expected[-1:]
    text = log.run("tail", "-n", "2", "--log", str(log.gateway.ledger)).stdout.splitlines()
    assert len(text) == 3 and "2 records, proved against checkpoint" in text[-1]
    for words in (("-n", "0"), ("-n", "many"), ("--run", "nobody")):
        assert log.run("tail", *words, check=False).returncode == 64, words


def test_tail_follows(log):
    process = subprocess.Popen(
        [str(log.gateway.binary), "audit", "tail", "-f", "-n", "1", "--json", "--type", "call.intent",
         "--dir", str(log.gateway.folder)], stdout=subprocess.PIPE, text=True)
    try:
        first = json.loads(process.stdout.readline())
        log.acme.session("support-triage").call("tickets__search", text="later")
        second = json.loads(process.stdout.readline())
        assert second["index"] > first["index"] and second["leaf"]["t"] == "call.intent"
        sure([second])
    finally:
        process.kill()
        process.wait(10)


def test_query_finds_by_every_flag(log):
    every = log.all()
    intent = next(one for one in every if one["leaf"]["t"] == "call.intent" and one["leaf"]["agent"] == "refunds")
    when = intent["leaf"]["ts"]
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(when / 1e6)) + f".{when % 1_000_000:06d}Z"
    for words, fits in [
        (("--agent", "refunds"), lambda leaf: leaf.get("agent") == "refunds"),
        (("--tool", "billing.refund_request"), lambda leaf: leaf.get("tool") == "billing__refund_request"),
        (("--tool", "billing__refund_request"), lambda leaf: leaf.get("tool") == "billing__refund_request"),
        (("--type", "call.denied"), lambda leaf: leaf["t"] == "call.denied"),
        (("--decision", "deny"), lambda leaf: leaf.get("dec") == "deny"),
        (("--decision", "approve"), lambda leaf: leaf.get("dec") == "approve"),
        (("--rule", intent["leaf"]["rule"]), lambda leaf: leaf.get("rule") == intent["leaf"]["rule"]),
        (("--run", intent["leaf"]["run"]), lambda leaf: leaf.get("run", leaf.get("ofrun")) == intent["leaf"]["run"]),
        (("--since", stamp), lambda leaf: leaf["ts"] >= when),
        (("--until", stamp), lambda leaf: leaf["ts"] < when),
        (("--since", "1h", "--agent", "support-triage", "--type", "call.outcome"),
         lambda leaf: leaf.get("agent") == "support-triage" and leaf["t"] == "call.outcome"),
        (("--since", "1h", "--until", "0s", "--type", "never.seen"), lambda leaf: False),
    ]:
        expected = [one["index"] for one in every if fits(one["leaf"])]
        for source in (log.json, log.files):
            found = [one["index"] for one in sure(source("query", "--limit", "100000", *words))
                     if one["index"] < len(every)]
            assert found == expected, (words, source)
    limited = log.files("query", "--limit", "2", "--agent", "support-triage")
    assert [one["index"] for one in limited] == [
        one["index"] for one in every if one["leaf"].get("agent") == "support-triage"][-2:]


@pytest.mark.requirement("R095")
def test_query_knows_owners_and_persons(log):
    token = log.gateway.token("support-triage", on_behalf_of="mia@customer.example")
    Session(log.gateway.port, token).call("tickets__search", text="for mia")
    log.wait_for_index()
    found = log.files("query", "--subject", "mia@customer.example", "--type", "call.intent")
    assert len(found) == 1 and {"agent", "rule", "at"} <= set(found[0]["leaf"])
    again = log.files("query", "--subject", found[0]["leaf"]["subj"], "--type", "call.intent")
    assert [one["index"] for one in again] == [found[0]["index"]]
    (who,) = log.gateway.json("agents", "who", str(found[0]["index"]))
    owned = log.files("query", "--owner", who["owner"], "--limit", "100000")
    assert found[0]["index"] in [one["index"] for one in owned]
    assert log.run("query", "--owner", "nobody@acme.example", check=False).returncode == 66


def test_query_says_what_it_does_not_take(log):
    for words, code in {
        ("--text", "lamp"): 64, ("--decision", "maybe"): 64, ("--since", "yesterday"): 64, ("--limit", "0"): 64,
        ("--csv", "--json"): 64, ("--subject", "mia"): 64, ("--since", "1h", "--until", "2h"): 64,
    }.items():
        done = log.run("query", *words, check=False)
        assert done.returncode == code and done.stdout == "", words
    assert "free_text" in log.run("query", "--text", "lamp", check=False).stderr


def test_query_as_csv(log):
    rows = list(csv.DictReader(log.run("query", "--csv", "--type", "call.intent").stdout.splitlines()))
    assert [int(row["index"]) for row in rows] == [one["index"] for one in log.leaves("call.intent")]
    assert {row["tool"] for row in rows} == {"tickets__search", "billing__refund_request"}


def test_show_names_a_record_in_each_of_its_names(log):
    intent = next(one for one in log.leaves("call.intent") if one["leaf"]["agent"] == "refunds")
    leaf, call = intent["leaf"], intent["leaf"]["call"]
    for name in (str(intent["index"]), intent["hash"], b64decode(intent["hash"]).hex()):
        (found,) = sure(log.json("show", name))
        assert found["leaf"] == leaf
        assert found["payloads"]["args"]["amount_cents"] == 42000
    for name in (call, "dec_" + call):
        kinds = [one["leaf"]["t"] for one in sure(log.json("show", name))]
        assert kinds[0] == "call.intent" and kinds[-1] == "call.outcome" and "approval.used" in kinds
    request = next(one for one in log.leaves("approval.requested"))["leaf"]["appr"]
    for name in (request, "apr_" + request):
        assert {one["leaf"]["appr"] for one in log.json("show", name)} == {request}
    raw = log.run("show", str(intent["index"]), "--raw").stdout.rstrip("\n")
    assert hashlib.sha256(b"\x00" + raw.encode()).digest() == b64decode(intent["hash"])
    assert json.loads(log.run("show", str(intent["index"]), "--payload", "args").stdout)["amount_cents"] == 42000
    assert "proved against checkpoint" in log.run("show", str(intent["index"])).stdout
    assert log.run("show", "99999", check=False).returncode == 66
    assert log.run("show", "whatever", check=False).returncode == 64


def test_show_why_tells_rule_policy_people_and_receipts(log):
    intent = next(one for one in log.leaves("call.intent") if one["leaf"]["agent"] == "refunds")
    (why,) = log.json("show", str(intent["index"]), "--why")
    assert why["rule"] == intent["leaf"]["rule"] and why["policy"] == intent["leaf"]["pol"]
    assert why["policy_in_force"] is True
    granted = [one["person"] for one in why["approvals"] if one["type"] == "approval.granted"]
    assert granted == [PAUL, RUI] and why["ended"]["st"] == "ok"
    assert intent["hash"] in [one["hash"] for one in why["receipts"]]
    text = log.run("show", "dec_" + intent["leaf"]["call"], "--why").stdout
    for part in (intent["leaf"]["rule"], "in force now", PAUL, RUI, "receipt", "proved against"):
        assert part in text


@pytest.mark.requirement("R017")
def test_who_leads_from_any_event_of_a_call_to_people(log):
    intent = next(one for one in log.leaves("call.intent") if one["leaf"]["agent"] == "refunds")
    events = [one for one in log.all() if one["leaf"].get("call") == intent["leaf"]["call"]]
    assert len(events) >= 5
    for name in [str(one["index"]) for one in events] + ["dec_" + intent["leaf"]["call"], intent["hash"],
                                                         "apr_" + log.leaves("approval.used")[0]["leaf"]["appr"]]:
        (who,) = log.gateway.json("agents", "who", name)
        assert who["agent"] == "refunds" and who["approved_by"] == [PAUL, RUI]
        assert who["owner"].endswith("@acme.example") and who["rule"] == intent["leaf"]["rule"]
        assert who["run"] == intent["leaf"]["run"] and ".yaml:" in who["at"]
    assert log.gateway.run("agents", "who", "0", check=False).returncode == 66  # log.genesis has no agent


@pytest.mark.requirement("R017")
def test_who_leads_from_a_random_sample_of_records_to_agent_and_owner(log):
    """Every record that an agent caused; those of the log itself and of people's orders have none."""
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    caused = [one for one in log.all() if "agent" in one["leaf"]]
    for one in random.Random(seed).sample(caused, min(40, len(caused))):
        (who,) = log.gateway.json("agents", "who", str(one["index"]))
        assert who["agent"] == one["leaf"]["agent"] and who["owner"].endswith("@acme.example"), one


def test_what_cannot_be_written_is_not_recorded(log, tmp_path):
    taken = tmp_path / "taken"
    taken.write_text("mine")
    before = len(log.leaves("export.made"))
    run = log.leaves("call.intent")[0]["leaf"]["run"]
    for words in (("prove", "1"), ("bundle", run), ("export", "--format", "csv"), ("export", "--format", "tiles")):
        done = log.run(*words, "-o", str(taken), check=False)
        assert done.returncode == 73 and str(taken) in done.stderr, words
    assert taken.read_text() == "mine" and len(log.leaves("export.made")) == before


def test_export_as_lines(log, tmp_path):
    out = tmp_path / "out.jsonl"
    published = len(log.all())
    done = log.run("export", "--format", "jsonl", "--payloads", "-o", str(out), "--log", str(log.gateway.ledger))
    records = sure([json.loads(line) for line in out.read_text().splitlines()])
    assert [one["index"] for one in records] == list(range(len(records)))
    assert published <= len(records) <= len(log.all())
    assert f"{len(records)} records" in done.stdout
    assert "INV-20931" in out.read_text()
    again = log.run("export", "--format", "jsonl", "-o", str(out), check=False)
    assert again.returncode == 73
    late = tmp_path / "late.jsonl"
    log.run("export", "--format", "jsonl", "--since", "0s", "-o", str(late))
    assert late.read_text() == ""
    # The record of the export comes before it, and says what it has.
    assert log.leaves("export.made")[-1]["leaf"]["n"] == 0
    every = tmp_path / "every.jsonl"
    log.run("export", "--format", "jsonl", "-o", str(every))
    assert log.leaves("export.made")[-1]["leaf"]["n"] == len(every.read_text().splitlines())

    table = tmp_path / "out.csv"
    log.run("export", "--format", "csv", "-o", str(table), "--log", str(log.gateway.ledger))
    assert len(list(csv.DictReader(table.read_text().splitlines()))) >= len(records)


def test_export_as_tiles_is_a_log_by_itself(log, tmp_path):
    out = tmp_path / "tiles"
    log.wait_for_checkpoint()
    log.run("export", "--format", "tiles", "--payloads", "-o", str(out))
    lines = (out / "checkpoint").read_text().splitlines()
    size = int(lines[1])
    assert 0 < size <= len(log.all())
    blobs = [path for path in (out / "addenda").rglob("*") if path.is_file()]
    assert blobs
    for path in blobs:
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name
        assert path.parent.name == path.name[2:4] and path.parent.parent.name == path.name[:2]
    width = size % 256
    bundle = (out / "tile" / "entries" / f"{size // 256:03d}.p" / str(width)).read_bytes()
    hashes = (out / "tile" / "0" / f"{size // 256:03d}.p" / str(width)).read_bytes()
    place = 0
    for number in range(width):
        length = int.from_bytes(bundle[place:place + 2])
        leaf = bundle[place + 2:place + 2 + length]
        place += 2 + length
        assert hashlib.sha256(b"\x00" + leaf).digest() == hashes[32 * number:32 * number + 32]
    assert place == len(bundle)


def test_export_refuses_by_name_what_it_cannot(log, tmp_path):
    for words in (("otel",), ("agent-audit-trail",), ("xml",), ("tiles", "--since", "1d"), ("csv", "--payloads"),
                  ("ocsf", "--payloads")):
        done = log.run("export", "--format", *words, "-o", str(tmp_path / "no"), check=False)
        assert done.returncode == 64 and words[0] in done.stderr, words
        assert not (tmp_path / "no").exists()
    assert log.run("export", "--format", "csv", check=False).returncode == 64
    for words in (("--for", "fun"), ("--for", "evals", "--format", "jsonl"), ("--for", "evals", "--payloads"), ()):
        assert log.run("export", *words, "-o", str(tmp_path / "no"), check=False).returncode == 64, words
        assert not (tmp_path / "no").exists()


# Attributes that OCSF 1.1.0 requires of each event, and those of each class, with what else a constraint asks for.
BASE = {"activity_id": int, "category_uid": int, "class_uid": int, "metadata": dict, "severity_id": int, "time": int,
        "type_uid": int}
OF_CLASS = {0: {}, 2004: {"finding_info": dict}, 6003: {"actor": dict, "api": dict, "src_endpoint": dict}}


def test_export_as_ocsf(log, tmp_path):
    out = tmp_path / "siem.jsonl"
    log.run("export", "--format", "ocsf", "-o", str(out), "--log", str(log.gateway.ledger))
    events = [json.loads(line) for line in out.read_text().splitlines()]
    assert [one["metadata"]["sequence"] for one in events] == list(range(len(events)))
    for event in events:
        for name, kind in {**BASE, **OF_CLASS[event["class_uid"]]}.items():
            assert isinstance(event[name], kind), (name, event)
        assert event["category_uid"] == event["class_uid"] // 1000
        assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]
        assert event["severity_id"] in range(7) and event["activity_id"] in (0, 1, 2, 3, 4, 99)
        assert event["time"] == event["unmapped"]["ts"] // 1000
        assert event["metadata"]["version"] == "1.1.0" and event["metadata"]["event_code"] == event["unmapped"]["t"]
        assert event["metadata"]["product"]["vendor_name"] and event["metadata"]["product"]["name"] == "Interlock"
        if event["class_uid"] == 6003:
            assert event["api"]["operation"] and event["actor"]["app_name"] and event["src_endpoint"]["svc_name"]
        if event["class_uid"] == 2004:
            assert event["finding_info"]["title"] and event["finding_info"]["uid"]
    denied = [one for one in events if one["metadata"]["event_code"] == "call.denied"]
    assert denied and all(one["severity_id"] == 3 and one["status_id"] == 2 for one in denied)
    assert "INV-20931" not in out.read_text()


def test_export_for_each_purpose(log, tmp_path):
    def exported(purpose: str) -> list[dict]:
        out = tmp_path / purpose
        log.run("export", "--for", purpose, "-o", str(out), "--log", str(log.gateway.ledger))
        return sure([json.loads(line) for line in out.read_text().splitlines()])

    forensics, compliance, evals = (exported(one) for one in ("forensics", "compliance", "evals"))
    assert any(one.get("payloads") for one in forensics) and not any("payloads" in one for one in compliance)
    assert len(compliance) >= len(forensics) > len(evals) > 0
    assert {one["leaf"]["t"] for one in evals} <= {"call.intent", "call.denied", "incident.opened", "incident.action",
                                                   "incident.closed"}
    assert "INV-20931" in (tmp_path / "forensics").read_text()
    assert "INV-20931" not in (tmp_path / "compliance").read_text()


def test_a_foreign_log_needs_its_key_from_elsewhere(log, tmp_path):
    binary, ledger = str(log.gateway.binary), str(log.gateway.ledger)
    record = log.files("show", "0")[0]["leaf"]

    def foreign(*words) -> subprocess.CompletedProcess:
        return subprocess.run([binary, "audit", *words, "--log", ledger], capture_output=True, text=True,
                              cwd=tmp_path, timeout=60)

    for words in (("tail",), ("query",), ("show", "1"), ("gaps",)):
        done = foreign(*words)
        assert done.returncode == 64 and "--vkey" in done.stderr, words
        assert foreign(*words, "--vkey", record["vkey"]).returncode == 0, words
    other = Key(record["vkey"].split("+")[0], b"\x07" * 32).vkey
    done = foreign("tail", "--vkey", other)
    assert done.returncode == 65 and "not signed by the log's key" in done.stderr, done
    trust = tmp_path / "trust.policy"
    trust.write_text(f"log {record['vkey']}\nquorum none\n")
    assert foreign("tail", "--trust", str(trust)).returncode == 0
    assert foreign("query", "--owner", LI, "--vkey", record["vkey"]).returncode == 64
