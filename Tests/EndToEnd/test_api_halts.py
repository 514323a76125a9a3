"""The kill switch through the API: signed orders, two people to resume, and a report that a client follows."""

import base64
import json

import pytest

pytest.importorskip("selenium", reason="no selenium: run scripts/setup")
import wire  # noqa: E402
from addresses import ADA, PAUL, SAM  # noqa: E402
from ordering import identifier, signed  # noqa: E402
from programs import office, paul  # noqa: E402, F401


def pseudonym(office, person: str) -> str:
    trust = json.loads((office.gateway.folder / "state" / "kill" / "trust.json").read_bytes())
    return [one for one in trust["people"] if one["person"] == person][0]["pseudonym"]


def halt(office, people, by: str, **changes) -> dict:
    return signed(people, by, "halt", {
        "v": 1, "type": "halt", "id": identifier(), "org": "acme", "scope": "agent", "target": "support-triage",
        "reason": "ordered by the API", "author": pseudonym(office, by), "at": "2026-11-20T10:04:05.123456Z", **changes})


def release(office, people, halts: list[str], epoch: int) -> tuple[str, list[dict]]:
    statement = {"v": 1, "type": "release", "id": identifier(), "org": "acme", "halts": halts, "after_epoch": epoch,
                 "reason": "put right again", "authors": [pseudonym(office, one) for one in (ADA, SAM)]}
    return statement["id"], [signed(people, one, "release", statement) for one in (ADA, SAM)]


def events(text: str) -> list[dict]:
    return [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: ")]


def test_a_halt_and_its_release_by_the_api(office, people, paul):
    before = paul.get("/halts").json
    assert before["halts"] == []
    order = halt(office, people, ADA)
    done = paul.post("/halts", order)
    assert done.status == 200 and done.json["state"] == "halted", done
    session = wire.exchange(office.gateway.port, headers={
        "Accept": wire.ACCEPT, "Content-Type": "application/json",
        "Authorization": f"Bearer {office.acme.token('support-triage')}"},
        body=b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18",'
             b'"capabilities":{},"clientInfo":{"name":"x","version":"1"}}}')
    assert session.code == 4230
    standing = paul.get("/halts").json
    assert [one["id"] for one in standing["halts"]] == [done.json["halt"]]
    assert {one["point"].split("/")[0] for one in standing["points"]} == {"gateway", "hook", "sandbox", "hosted"}
    (record,) = [one for one in office.gateway.records() if one["t"] == "kill.requested"]
    assert record["src"] == "console"
    status, _, text = paul.session.ask("GET", f"/api/v1/halts/{done.json['halt']}/report")
    assert status == 200 and events(text.decode())[-1] == done.json

    identifier, (first, second) = release(office, people, [done.json["halt"]], standing["epoch"])
    asked = paul.post("/releases", first)
    assert asked.json == {"state": "waiting", "have": 1, "need": 2}
    again = paul.post(f"/releases/{identifier}/confirm", first)
    assert again.json["state"] == "waiting", "one person twice is one person"
    assert len(paul.get("/halts").json["halts"]) == 1
    assert paul.post(f"/releases/{identifier}/confirm", second).json == {"state": "released"}
    assert paul.get("/halts").json["halts"] == []


def test_what_is_refused_and_why(office, people, paul):
    assert paul.post("/halts", halt(office, people, PAUL)).json["code"] == "not_eligible"
    forged = halt(office, people, ADA)
    forged["signatures"][0]["sig"] = halt(office, people, ADA)["signatures"][0]["sig"]
    assert paul.post("/halts", forged).json["code"] == "bad_signature"
    assert paul.post("/halts", halt(office, people, ADA, org="other")).json["code"] == "malformed"
    for org in ("acme", "acme/drill"):  # people stop no canaries
        order = halt(office, people, ADA, org=org, scope="drill", target="*")
        assert paul.post("/halts", order).json["code"] == "malformed", org
    for number in (-1, 2 ** 63, 1.5):
        identifier, (first, _) = "", ({}, {})
        statement = json.loads(base64.b64decode(release(office, people, ["01kag0r2b4d6f8h0k2m4p6r8t0"], 0)[1][0]["payload"]))
        broken = signed(people, ADA, "release", {**statement, "after_epoch": number}) if number != 1.5 else None
        if broken is not None:
            assert paul.post("/releases", broken).json["code"] == "malformed", number
    assert paul.get("/halts/01kag0r2b4d6f8h0k2m4p6r8t0/report").json["code"] == "no_such_order"
    _, (first, _) = release(office, people, ["01kag0r2b4d6f8h0k2m4p6r8t0"], 0)
    assert paul.post("/releases/01kag0r2b4d6f8h0k2m4p6r8t0/confirm", first).json["code"] == "no_such_order"
    assert paul.post("/releases", first).json["code"] == "no_such_order", "there is no such halt"
    assert paul.get("/halts").json["halts"] == []
