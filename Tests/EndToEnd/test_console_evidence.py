"""Runs and the audit log in the console of a real gateway: each view is proved and recorded, and `interlock-verify`
accepts the downloads."""

import base64
import json
import re
import sqlite3
import tarfile
import time
from contextlib import ExitStack
from datetime import datetime, timezone
from io import BytesIO

import ledgerfile
import pytest

pytest.importorskip("selenium", reason="no selenium: run scripts/setup")
from addresses import ADA, DANA, INES  # noqa: E402
from browsing import wait  # noqa: E402
from directories import acted  # noqa: E402
from fetching import fetch  # noqa: E402
from program import Program  # noqa: E402


class Reader(Program):
    """A signed-in person who downloads files."""

    def __init__(self, office, person: str):
        self.browser = office.person(person)
        super().__init__(office, self.browser)

    def file(self, path: str) -> tuple[int, dict, bytes]:
        status, headers, body = self.session.ask("GET", path)
        return status, {name.lower(): value for name, value in headers.items()}, body

    def page(self, path: str) -> str:
        return self.file(path)[2].decode()


@pytest.fixture(scope="module")
def office(binary, people):
    with ExitStack() as stack:
        office = acted(stack, binary, people, (ADA, DANA, INES))
        office.acme.session("refunds").call("crm__delete_customer", id="<b>C-77</b>")
        yield office


@pytest.fixture(scope="module")
def ada(office):
    """A reader with the security role, who reads everything."""
    return Reader(office, ADA)


@pytest.fixture(scope="module")
def ines(office):
    """The owner of `refunds`."""
    return Reader(office, INES)


@pytest.fixture(scope="module")
def dana(office):
    """A person who may stop agents, and who owns `support-triage`."""
    return Reader(office, DANA)


@pytest.fixture(scope="module")
def trust(office, tmp_path_factory):
    (record,) = [one for one in office.gateway.records(100_000) if one["t"] == "log.genesis"]
    path = tmp_path_factory.mktemp("trust") / "trust.policy"
    path.write_text(f"log {record['vkey']}\nquorum none\n")
    return path


def leaves(office, type: str, **fields) -> list[dict]:
    return [one for one in office.gateway.records(100_000)
            if one["t"] == type and all(one.get(name) == value for name, value in fields.items())]


def root_at(office, size: int) -> str:
    """The root of the first records of the log, computed from the bytes on disk."""
    frames = ledgerfile.frames(office.gateway.folder / "state" / "ledger" / "wal")
    hashes = [ledgerfile.leaf_hash(leaf) for _, records, *_ in frames for leaf in records]
    assert len(hashes) >= size
    return base64.b64encode(ledgerfile.root(hashes[:size])).decode()


def wait_for_index(office) -> None:
    size, deadline = len(office.gateway.records(100_000)), time.monotonic() + 20
    while office.gateway.json("status")[0]["index"]["records"] < size:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_refusal_is_explained_and_its_proof_verifies(office, ines, verify, trust, tmp_path):
    wait_for_index(office)
    page = ines.get("/records?agent=refunds&decision=deny")
    assert page.status == 200 and page.json["unproved"] == [], page
    refused = next(one for one in page.json["records"] if one["leaf"].get("tool") == "crm__delete_customer")
    own = ines.get(f"/records/{refused['index']}").json
    assert own["root"] == own["record"]["root"] == root_at(office, own["record"]["size"])
    assert own["why"] and any("<b>C-77</b>" in one.get("text", "") for one in own["payloads"])
    text = ines.page(f"/audit/{refused['index']}")
    assert "Why it was denied" in text and refused["leaf"]["rule"] in text and "&lt;b&gt;C-77" in text
    for part, name in (("proof", f"record-{refused['index']}.tlog-proof"), ("record", f"record-{refused['index']}.json")):
        status, headers, body = ines.file(f"/audit/{refused['index']}/{part}")
        assert status == 200 and headers["content-type"] == "application/octet-stream", headers
        assert headers["content-disposition"] == f'attachment; filename="{name}"'
        # R152: the cookie alone does not get a file.
        assert fetch(office.origin + f"/audit/{refused['index']}/{part}", cookie=ines.cookie)[0] == 401
        (tmp_path / name).write_bytes(body)
    # The popover of the mark has the checkpoint, and a command that `interlock-verify` accepts as it is printed.
    ines.browser.open(f"/audit/{refused['index']}")
    mark = ines.browser.one(f".proof[popovertarget=proof-{refused['index']}]")
    assert mark.get_attribute("aria-label") == f"Record {refused['index']}: Proved"
    popover = ines.browser.one(f"#proof-{refused['index']}")
    assert not popover.is_displayed()
    mark.click()
    wait(ines.browser, popover.is_displayed)
    codes = [one.text for one in popover.find_elements("tag name", "code")]
    (size,) = re.findall(r"^(\d+) records$", popover.text, re.MULTILINE)
    assert int(size) > refused["index"] and codes[0] == root_at(office, int(size)), popover.text
    assert "no witness" in popover.text
    program, option, _, *names = codes[-1].split()
    assert (program, option) == ("interlock-verify", "--trust")
    said = verify(option, trust, *(tmp_path / name for name in names), expect=0)
    assert f"record {refused['index']}" in said
    # A call of the run opens in place.
    ines.browser.open(f"/runs/{refused['leaf']['run']}")
    (call,) = [one for one in ines.browser.all(".entry details") if "crm__delete_customer" in one.text]
    assert "C-77" not in ines.browser.text()
    call.find_element("tag name", "summary").click()
    wait(ines.browser, lambda: "<b>C-77</b>" in call.text)
    assert refused["leaf"]["rule"] in call.text and f"Record {refused['index']}" in call.text


def test_a_run_is_told_replayed_and_taken_away(office, dana, verify, trust, tmp_path):
    wait_for_index(office)
    (run,) = {one["run"] for one in leaves(office, "call.intent", agent="support-triage")}
    (line,) = [one for one in dana.get("/runs?show=all&owner=dana%40acme.example").json["runs"] if one["run"] == run]
    assert line["denials"] >= 1 and line["calls"] >= 2 and line["state"] == "open", line
    assert line["run"] in [one["run"] for one in dana.get("/runs").json["runs"]]
    story = dana.get(f"/runs/{line['run']}").json
    assert story["faults"] == [] and story["steps"][0]["type"] == "run.start"
    assert any("KB-1" in one.get("content", {}).get("text", "") for one in story["steps"])
    again = dana.post(f"/runs/{line['run']}/replay", {"level": "R1"})
    assert again.status == 200 and again.json["sums"]["differences"] == 0 and again.json["sums"]["decisions"] >= 2, again
    assert again.json["sums"]["equal"] == again.json["sums"]["decisions"]
    told = dana.post(f"/runs/{line['run']}/replay", {"level": "R0"}).json
    assert len(told["steps"]) == len(story["steps"])
    status, headers, body = dana.file(f"/runs/{line['run']}/bundle")
    assert status == 200 and headers["content-disposition"] == f'attachment; filename="run-{line["run"]}.tar"'
    (tmp_path / "run.tar").write_bytes(body)
    assert f"{len(story['steps'])} records" in verify("--trust", trust, tmp_path / "run.tar", expect=0)
    # The same files as in the command's bundle.
    office.gateway.run("audit", "bundle", line["run"], "-o", str(tmp_path / "own.tar"))
    names = [tarfile.open(path).getnames() for path in (tmp_path / "run.tar", tmp_path / "own.tar")]
    assert names[0] == names[1]
    kinds = {one["kind"] for one in leaves(office, "export.made")}
    assert {"query", "show", "replay", "bundle"} <= kinds


def test_an_owner_takes_the_evidence_of_a_run_away_and_no_policy(office, ines, verify, trust, tmp_path):
    wait_for_index(office)
    run = leaves(office, "run.start", agent="refunds")[-1]["run"]
    status, _, body = ines.file(f"/runs/{run}/bundle")
    assert status == 200
    (tmp_path / "run.tar").write_bytes(body)
    with tarfile.open(tmp_path / "run.tar") as archive:
        assert not [name for name in archive.getnames() if name.startswith("policies/")]
    assert "policies are not in the bundle" in verify("--trust", trust, tmp_path / "run.tar", expect=0)


def test_everything_that_one_person_s_agents_did_today(office, ada, verify, trust, tmp_path):
    today = f"{datetime.now(timezone.utc):%Y-%m-%d}"
    wait_for_index(office)
    query = f"owner=dana%40acme.example&day={today}"
    found = ada.get(f"/records?{query}").json
    assert {one["leaf"]["agent"] for one in found["records"]} == {"support-triage"}
    ada.browser.open(f"/audit?{query}")
    marks = [one.get_attribute("aria-label") for one in ada.browser.all("main .proof")]
    assert marks and all(mark.endswith(": Proved") for mark in marks), marks
    status, _, body = ada.file(f"/audit/records.tar?{query}")
    assert status == 200
    with tarfile.open(fileobj=BytesIO(body)) as archive:
        archive.extractall(tmp_path)
    proofs = sorted((tmp_path / "records").glob("*.tlog-proof"))
    assert len(proofs) == len(found["records"]) > 3
    for proof in proofs:
        verify("--trust", trust, proof, proof.with_suffix(".json"), expect=0)


def test_each_look_is_on_record_before_anything_is_shown(office, ada):
    before = len(leaves(office, "export.made"))
    pseudonym = ada.get("/session").json["pseudonym"]
    assert ada.get("/records?agent=refunds").status == 200
    ada.page("/audit")
    ada.page("/audit/0")
    ada.file("/audit/0/proof")
    ada.page("/runs")
    made = leaves(office, "export.made")[before:]
    assert [one["kind"] for one in made] == ["query", "query", "show", "prove", "query"]
    assert {one["by"] for one in made} == {pseudonym}


def test_a_followed_log_is_one_record(office, ada):
    before = len(leaves(office, "export.made"))
    ada.browser.open("/audit/tail?agent=support-triage")
    shown = len(ada.browser.all("main tbody tr"))
    office.acme.session("support-triage").call("kb__get_article", id="KB-1")
    wait(ada.browser, lambda: " new" in ada.browser.one("[data-follow]").text.split("Show")[0], 15)
    # Nothing moves by itself, and what is asked meanwhile is only a number.
    assert len(ada.browser.all("main tbody tr")) == shown
    assert [one["kind"] for one in leaves(office, "export.made")[before:]] == ["tail"]
    ada.browser.one("[data-follow] a").click()
    wait(ada.browser, lambda: len(ada.browser.all("main tbody tr")) > shown)
    # Views of the log are hidden until they are asked for.
    ada.browser.open("/audit")
    assert "Log viewed" not in ada.browser.text() and "hidden" in ada.browser.text()
    ada.browser.driver.find_element("partial link text", "views and ticks hidden").click()
    wait(ada.browser, lambda: "Log viewed" in ada.browser.text())


def test_who_may_not_see_it_is_answered_as_if_it_were_not_there(office, ada, dana):
    wait_for_index(office)
    (genesis,) = ada.get("/records?type=log.genesis").json["records"]
    start = ada.get("/records?type=run.start&agent=refunds").json["records"][0]
    run = start["leaf"]["run"]
    for index in (genesis["index"], start["index"], 10_000_000):
        assert dana.get(f"/records/{index}").json["code"] == "no_such_record"
        for path in (f"/audit/{index}", f"/audit/{index}/proof", f"/audit/{index}/record"):
            assert dana.file(path)[0] == 404, path
    # People who may stop an agent see its refused calls, but not their arguments.
    (refused,) = [one for one in dana.get("/records?decision=deny").json["records"] if one["leaf"]["agent"] == "refunds"]
    shown = dana.get(f"/records/{refused['index']}").json
    assert "payloads" not in shown and "C-77" not in json.dumps(shown)
    story = dana.get(f"/runs/{run}").json
    assert "C-77" not in json.dumps(story) and all("leaf" not in one for one in story["steps"])
    dana.browser.open(f"/runs/{run}")
    assert "crm__delete_customer" in dana.browser.text() and "C-77" not in dana.browser.driver.page_source
    assert dana.browser.all(f"main a[href^='/audit/'], main a[href='/runs/{run}/bundle']") == []
    assert dana.file(f"/runs/{run}/bundle")[0] == 404
    assert dana.post(f"/runs/{run}/replay", {"level": "R1"}).json["code"] == "no_such_run"


def test_an_edited_row_of_the_index_shows_as_not_proved(office, ada):
    wait_for_index(office)
    record = ada.get("/records?agent=refunds&decision=deny").json["records"][0]
    index = office.gateway.folder / "state" / "index.db"

    def write(digest: bytes) -> None:
        with sqlite3.connect(index, timeout=20) as base:
            base.execute("UPDATE entry_0 SET hash = ? WHERE idx = ?", (digest, record["index"]))
        base.close()

    with sqlite3.connect(index, timeout=20) as base:
        (kept,), = base.execute("SELECT hash FROM entry_0 WHERE idx = ?", (record["index"],))
    base.close()
    try:
        write(bytes(32))
        found = ada.get("/records?agent=refunds&decision=deny").json
        assert found["unproved"] == [record["index"]]
        assert record["index"] not in [one["index"] for one in found["records"]]
        ada.browser.open("/audit?agent=refunds&decision=deny")
        marks = [one.get_attribute("aria-label") for one in ada.browser.all(".proof.bad")]
        assert marks == [f"Record {record['index']}: Not proved"]
        # An export that would be incomplete is refused.
        assert ada.file("/audit/records.tar?agent=refunds&decision=deny")[0] == 503
        assert ada.file(f"/runs/{record['leaf']['run']}/bundle")[0] == 503
    finally:
        write(kept)
    assert ada.get("/records?agent=refunds&decision=deny").json["unproved"] == []


def test_nothing_complains(office):
    assert office.complaints() == []
