"""The readiness of the organisation on its page, and a promotion in the inbox that a passkey signs, with a real gateway in
real browsers (docs/specs/evidence.md, section 7; docs/specs/trust-and-review.md, section 5)."""

import hashlib
import json
import time
from contextlib import ExitStack
from datetime import datetime, timedelta, timezone

import pytest

pytest.importorskip("selenium", reason="no selenium: run scripts/setup")
from addresses import ADA, DANA, PAUL, SAM  # noqa: E402
from browsing import wait  # noqa: E402
from logwriter import canonical  # noqa: E402
from office import Office  # noqa: E402
from pagerules import follows_the_rules, table_faults  # noqa: E402
from program import Program  # noqa: E402
from waits import until  # noqa: E402

pytestmark = [pytest.mark.requirement("R126", "R149"), pytest.mark.timeout(300)]

AGENT = "support-triage"
CRITERIA = 'interlock_trust: 1\nversion: "2026-11-20.1"\n'
WHY = "Four weeks of routing without any rejection at all"
FORM = "form[data-order=elevate-stage]"


@pytest.fixture(scope="module")
def office(binary, people):
    """A deployment with criteria, and with a proposal that a program with access to its folder made up."""
    with ExitStack() as stack:
        made = Office(stack, binary, people, (DANA, SAM, PAUL), files={"trust/criteria.yaml": CRITERIA})
        made.gateway.wait_for_tools(AGENT, "kb")
        made.proposal = forged(made.gateway)
        made.gateway.stop()
        made.gateway.start()
        yield made


@pytest.fixture(scope="module")
def dana(office):
    return office.person(DANA)


@pytest.fixture(scope="module")
def sam(office):
    return office.person(SAM)


@pytest.fixture(scope="module")
def paul(office):
    return office.person(PAUL)


def forged(gateway) -> str:
    """Writes a snapshot in which a criterion is met by a number that nothing proves. Returns its digest."""
    (status,) = gateway.json("status", AGENT)
    report = json.loads(gateway.run("trust", "status", AGENT, "--json", check=False).stdout)
    digest = "sha256:" + "7" * 64
    snapshot = {
        "agent": AGENT, "criteria": report["criteria"]["digest"], "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "eval": digest, "fingerprint": digest, "from": 0,
        "lines": [{"criterion": "clean_runs", "leaves": [], "met": True, "threshold": "at least 50", "value": "412"}],
        "log": {"origin": "made.example/gw1/1", "root": digest, "size": 9}, "org": "acme", "policy": status["policy"], "to": 1,
        "type": "promotion-evidence", "v": 1}
    text = canonical(snapshot)
    name = hashlib.sha256(text).hexdigest()
    folder = gateway.folder / "state" / "promotions"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_bytes(text)
    path.chmod(0o600)
    return name


def test_the_page_has_four_columns_and_hides_nothing_that_is_unknown(office, sam):
    answer = Program(office, sam).get("/readiness").json
    sam.open("/ready")
    heads = [one.text for one in sam.all("main thead th")]
    assert heads == ["What must hold", "How it is enforced", "Evidence", "State, and what mends it"], heads
    rows = sam.all("main tbody tr")
    assert len(rows) == len(answer["checks"]) == 14
    for row, check in zip(rows, answer["checks"], strict=True):
        assert check["state"] in row.text, (row.text, check)
    unknown = [one for one in answer["checks"] if one["state"] == "unknown"]
    assert ("Not known:" in sam.text()) == bool(unknown)
    assert not answer["ready"] and "Not ready" in sam.text()


def test_paper_has_every_row_and_no_button(office, sam):
    sam.open("/ready")
    sam.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        assert all(row.is_displayed() for row in sam.all("main tbody tr"))
        assert not any(one.is_displayed() for one in sam.all("nav, form"))
    finally:
        sam.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_the_page_is_for_those_who_see_all_agents(office, paul):
    paul.expected_errors += ["404"]
    paul.open("/ready")
    assert "not found" in paul.one("h1").text
    assert Program(office, paul).get("/readiness").status == 403


def test_an_agents_page_has_each_check_and_what_waits(office, sam):
    until(lambda: Program(office, sam).get("/promotion-proposals").status == 200, office.gateway)
    sam.open(f"/agents/{AGENT}")
    assert len(sam.all("#agent-ready tbody tr")) == 14
    (link,) = sam.all("#agent-proposals tbody a")
    assert link.get_attribute("href").endswith(f"/promotions/{office.proposal}")


def test_a_proposal_is_in_the_inbox_of_the_owner_and_hidden_from_others(office, dana, paul):
    until(lambda: Program(office, dana).get("/promotion-proposals").status == 200, office.gateway)
    items = Program(office, dana).get("/inbox?kind=promotion").json["items"]
    assert [(one["id"], one["mine"]) for one in items] == [(office.proposal, True)], items
    assert Program(office, paul).get("/inbox?show=pending&kind=promotion").json["items"] == []
    assert Program(office, paul).get("/promotion-proposals").json["proposals"] == []
    refused = Program(office, paul).post(f"/promotion-proposals/{office.proposal}/draft", {"rationale": WHY})
    assert refused.json["code"] == "no_such_order", refused


def test_the_page_of_a_promotion_fits_and_everybody_can_use_it(office, dana):
    until(lambda: Program(office, dana).get("/promotion-proposals").status == 200, office.gateway)
    path = f"/promotions/{office.proposal}"
    follows_the_rules(dana, path, {"light": {"width": 1440}}, {"narrow-dark": {"width": 360, "height": 740, "dark": True}})
    assert table_faults(dana, path) == []
    dana.look()


def test_a_promotion_without_evidence_is_refused_after_a_passkey_signed_it(office, dana):
    until(lambda: Program(office, dana).get("/promotion-proposals").status == 200, office.gateway)
    dana.open(f"/promotions/{office.proposal}")
    wait(dana, lambda: dana.one(f"{FORM} button").is_enabled())
    dana.one(f"{FORM} [name=rationale]").send_keys("too short")
    dana.click(f"{FORM} button")
    wait(dana, lambda: dana.all(f"{FORM} .refused"))
    assert "Rationale" in dana.one(f"{FORM} .refused").text
    field = dana.one(f"{FORM} [name=rationale]")
    field.clear()
    field.send_keys(WHY)
    dana.one(f"{FORM} [name=with]").send_keys(SAM)
    dana.click(f"{FORM} button")
    wait(dana, lambda: any("no longer holds" in one.text for one in dana.all(f"{FORM} .refused")), 120)
    said = dana.one(f"{FORM} .refused").text
    assert "ready:" in said and "clean_runs" in said, said
    signed = [one.text for one in dana.all(f"{FORM} .signed dd")]
    assert WHY in signed and SAM in signed and f"sha256:{office.proposal}" in signed, signed
    assert not list((office.gateway.folder / "state" / "promotions").glob("*.dsse"))
    assert not office.gateway.records(200, type="trust.promoted")


def test_two_people_raise_a_stage_for_a_time_and_it_is_listed_until_a_demotion(office, sam):
    gateway, file = office.gateway, office.gateway.folder / "exception.json"
    end = (datetime.now(timezone.utc) + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M:%SZ")
    words = ("--to", "assisted", "--owner", DANA, "--with", ADA, "--until", end, "--reason", WHY, "--out", str(file))
    gateway.run("trust", "except", AGENT, *words, by=SAM)
    assert gateway.run("trust", "except", "--cosign", str(file), by=DANA, check=False).returncode == 77
    assert Program(office, sam).get("/stage-exceptions").json["exceptions"] == []
    gateway.run("trust", "except", "--cosign", str(file), by=ADA)
    (status,) = gateway.json("status", AGENT)
    assert status["quota_percent"] == 50, status
    (found,) = Program(office, sam).get("/stage-exceptions").json["exceptions"]
    assert (found["agent"], found["to"], found["reason"], found["expires"]) == (AGENT, "assisted", WHY, end), found
    sam.open("/ready")
    assert WHY in sam.text()
    assert f"EXCEPTION     {AGENT}: gated to assisted" in gateway.run("status").stdout
    assert AGENT in gateway.run("status", "--org", check=False).stdout.split("EXCEPTION ")[1]
    (record,) = until(lambda: gateway.records(500, type="trust.excepted"), gateway)
    assert WHY not in json.dumps(record), "the reason is sealed"
    halt = gateway.halt("--agent", AGENT, by=DANA)
    until(lambda: gateway.json("status", AGENT)[0]["quota_percent"] == 25, gateway)
    assert Program(office, sam).get("/stage-exceptions").json["exceptions"] == []
    gateway.resume(halt, ADA, SAM)
    again = gateway.run("trust", "except", "--cosign", str(file), by=ADA, check=False)
    assert again.returncode == 1, "one exception counts once"
    assert gateway.verify().returncode == 0


def test_no_page_complained(office):
    assert [one for one in office.complaints() if "promotion-proposals" not in one] == []
