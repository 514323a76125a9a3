"""`interlock audit` without a running gateway, and on a log or an index that was edited, removed or rolled back."""

import json
import shutil
import sqlite3
from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from audited import Log, sure
from conftest import organise


@pytest.fixture(scope="module")
def kept(binary, people, tmp_path_factory):
    """A log whose gateway is stopped, and its folder in the state after the calls."""
    with ExitStack() as stack:
        made = Log(organise(stack, binary, people, tmp_path_factory.mktemp("own")))
        made.wait_for_index()
        made.gateway.stop()
        folder = tmp_path_factory.mktemp("kept") / "deployment"
        shutil.copytree(made.gateway.folder, folder, ignore=shutil.ignore_patterns("*.sock"))
        yield made, folder


@pytest.fixture
def own(kept):
    """A running gateway in its original state, for a test that stops or damages it."""
    made, folder = kept
    made.gateway.kill()
    shutil.rmtree(made.gateway.folder)
    shutil.copytree(folder, made.gateway.folder)
    made.gateway.start()
    made.gateway.wait_for_tools("support-triage", "tickets", "kb", "crm")
    made.gateway.wait_for_tools("refunds", "billing")
    made.wait_for_index()
    return made


def test_who_looks_is_recorded_first_and_nobody_looks_without(own):
    before = len(own.leaves("export.made"))
    shown = sure(own.json("tail", "-n", "3"))
    made = own.leaves("export.made")
    assert len(made) == before + 1
    leaf = made[-1]["leaf"]
    assert (leaf["kind"], leaf["n"]) == ("tail", 3) and len(b64decode(leaf["by"])) == 16
    # The record precedes the view, which ends just below it.
    assert [one["index"] for one in shown] == [made[-1]["index"] - 3 + n for n in range(3)]
    (asked,) = own.files("show", str(made[-1]["index"]))
    assert asked["payloads"]["q"] == {"n": "3"}

    for words in (("query",), ("show", "1"), ("export", "--format", "csv", "-o", str(own.gateway.folder / "x.csv"))):
        own.run(*words)
    own.gateway.run("agents", "who", str(own.leaves("call.intent")[0]["index"]))
    kinds = [one["leaf"]["kind"] for one in own.leaves("export.made")][before:]
    assert kinds == ["tail", "query", "show", "export", "show"]

    own.gateway.stop()
    for words in (("tail",), ("query",), ("show", "1"), ("export", "--format", "csv", "-o", str(own.index) + ".csv")):
        done = own.run(*words, check=False)
        assert done.returncode == 69 and done.stdout == "" and "--log" in done.stderr, words
    assert own.run("verify", check=False).returncode == 0


def test_rows_of_an_edited_index_are_not_shown(own):
    def edit(statement):
        with sqlite3.connect(own.index) as database:
            assert database.execute(statement).rowcount != 0
        database.close()

    intents = [one["index"] for one in own.leaves("call.intent")]
    own.gateway.stop()
    for statement in (
        f"UPDATE entry_0 SET hash = zeroblob(32) WHERE idx = {intents[0]}",
        # A denial that is passed off as an intent.
        f"UPDATE entry_0 SET type = (SELECT type FROM entry WHERE idx = {intents[1]}) "
        f"WHERE idx = (SELECT max(idx) FROM entry WHERE dec IS NOT NULL AND idx NOT IN ({intents[0]}, {intents[1]}, "
        f"{intents[2]}))",
    ):
        edit(statement)
        done = own.run("query", "--type", "call.intent", "--json", "--log", str(own.gateway.ledger), check=False)
        assert done.returncode == 1 and "no proof" in done.stderr, statement
        shown = [json.loads(line) for line in done.stdout.splitlines()]
        assert shown and all(one["leaf"]["t"] == "call.intent" for one in shown)
    done = own.run("gaps", "--rebuild", check=False)
    assert done.returncode == 1 and "index" in done.stdout


def test_an_index_that_hides_a_record_is_found(own):
    run = own.leaves("call.intent")[0]["leaf"]["run"]
    assert own.run("query", "--run", run, "--log", str(own.gateway.ledger)).returncode == 0
    own.gateway.stop()
    with sqlite3.connect(own.index) as database:
        database.execute(f"DELETE FROM entry_0 WHERE idx = {own.leaves('call.intent')[0]['index']}")
    database.close()
    done = own.run("query", "--run", run, "--log", str(own.gateway.ledger), check=False)
    assert done.returncode == 1 and "hole" in done.stderr
    done = own.run("gaps", "--rebuild", "--json", check=False)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1 and [one["difference"] for one in found if "difference" in one] == ["the row is missing"]


@pytest.mark.parametrize("harm", ["removed", "garbage", "old"])
def test_an_index_that_is_gone_or_old_costs_nothing_but_time(own, harm):
    own.gateway.stop()
    old = own.index.read_bytes()
    if harm == "removed":
        own.index.unlink()
    elif harm == "garbage":
        own.index.write_bytes(b"no database" * 1000)
    else:
        own.gateway.start()
        own.gateway.wait_for_tools("support-triage", "tickets")
        own.acme.session("support-triage").call("tickets__search", text="younger than the index")
        own.gateway.stop()
        own.index.write_bytes(old)
    expected = [one["index"] for one in own.all() if one["leaf"].get("agent") == "support-triage"]
    assert [one["index"] for one in own.files("query", "--agent", "support-triage")] == expected
    own.gateway.start()
    own.acme.gateway.wait_for_tools("support-triage", "tickets")
    own.acme.session("support-triage").call("tickets__search", text="once more")
    own.wait_for_index()
    assert len(own.files("query", "--agent", "support-triage")) > len(expected)
    assert own.run("gaps", "--rebuild").returncode == 0


@pytest.mark.requirement("R101")
def test_gaps_finds_what_is_missing_and_nothing_else(own):
    assert own.run("gaps").stdout.startswith("0 gaps in ")
    rebuilt = own.json("gaps", "--rebuild")[-1]
    assert rebuilt["differences"] == 0 and rebuilt["rows_per_second"] > 0
    run = own.leaves("call.intent")[0]["leaf"]["run"]
    assert own.json("gaps", "--run", run) == []


def test_a_call_that_waits_when_the_gateway_dies_is_open_until_the_next_start(own):
    session = own.acme.session("refunds")
    with ThreadPoolExecutor(1) as pool:
        pool.submit(session.call, "billing__refund_request", invoice_id="INV-2", amount_cents=43000, currency="EUR")
        own.gateway.pending()
        own.gateway.kill()
    (gap,) = [one for one in own.json("gaps", check=False) if one["gap"] == "open_intent"]
    (intent,) = own.files("show", str(gap["index"]))
    assert intent["leaf"]["t"] == "call.intent" and gap["run"] == intent["leaf"]["run"]
    assert own.run("gaps", "--run", gap["run"], check=False).returncode == 1
    own.gateway.start()
    assert own.json("gaps", "--run", gap["run"]) == []


def test_an_edited_log_is_not_shown(own):
    own.gateway.stop()
    target = own.leaves("call.denied")[0]["leaf"]["call"].encode()
    for path in own.gateway.ledger.rglob("*"):
        if path.is_file() and target in (data := path.read_bytes()):
            path.write_bytes(data.replace(target, target[:-1] + (b"0" if target[-1:] != b"0" else b"1")))
    done = own.run("query", "--type", "call.denied", "--log", str(own.gateway.ledger), check=False)
    assert done.returncode == 65 and "call.denied" not in done.stdout
