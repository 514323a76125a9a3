"""A governance review from its reminder to its signature on pages alone, with a real gateway in real browsers
(docs/specs/trust-and-review.md, sections 7 to 9)."""

import json
import time
from contextlib import ExitStack, contextmanager
from datetime import datetime, timezone

import pytest

pytest.importorskip("selenium", reason="no selenium: run scripts/setup")
from addresses import DANA, PAUL, SAM  # noqa: E402
from browsing import Browser, wait  # noqa: E402
from office import Office  # noqa: E402
from program import Program  # noqa: E402
from reviewing import AGENT, due_soon, in_days, policy_of, started, yesterday  # noqa: E402
from waits import until  # noqa: E402

pytestmark = [pytest.mark.requirement("R103", "R129", "R133"), pytest.mark.timeout(300)]

REVIEW = f"/agents/{AGENT}/review"
FORM = "form[data-order=elevate-review]"
PATIENCE = 60


@pytest.fixture(scope="module")
def office(binary, people):
    """A deployment whose agent is to be reviewed within five days, and made two calls."""
    with ExitStack() as stack:
        made = Office(stack, binary, people, (DANA, SAM, PAUL), servers=("billing", "tickets"), extra=due_soon())
        made.gateway.wait_for_tools(AGENT, "kb", "tickets")
        session = made.acme.session(AGENT)
        for text in ("late", "early"):
            session.call("tickets__search", text=text)
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


@contextmanager
def step(name: str):
    begin = time.monotonic()
    yield
    print(f"{name}: {time.monotonic() - begin:.1f} s")


def link(browser: Browser, words: str):
    """The link of the page with these words; None without one."""
    found = [one for one in browser.all("main a") if words in one.get_attribute("textContent")]
    return found[0] if found else None


def follow(browser: Browser, words: str):
    found = link(browser, words)
    assert found is not None, f"no link `{words}`: {browser.text()[:2000]}"
    browser.open(found.get_attribute("href").removeprefix(browser.origin))


def form(browser: Browser, part: str):
    """The form of the page that states a part."""
    (field,) = browser.all(f"form input[name=part][value={part}]")
    return field.find_element("xpath", "./ancestor::form")


def send(browser: Browser, element, **fields: str):
    """Fills fields of a form and sends it; returns when its answer is the page."""
    for name, value in fields.items():
        browser.run("arguments[0].elements[arguments[1]].value = arguments[2]", element, name.replace("_", "-"), value)
    browser.run("document.querySelector('main').dataset.before = 'yes'")
    browser.press(element.find_element("css selector", "button"))
    wait(browser, lambda: browser.one("main").get_attribute("data-before") is None and browser.all("main h1"), PATIENCE)


def test_a_review_goes_from_its_reminder_to_its_signature_on_pages(office, sam):
    gateway = office.gateway
    until(lambda: ("review.due", AGENT) in gateway.alarms(200), gateway)
    with step("from the reminder to the review"):
        until(lambda: sam.open("/alerts") or link(sam, "Agent review due"), gateway)
        follow(sam, "Agent review due")
        follow(sam, "Open review")
    with step("start"):
        # The period is up to now, and the sample of a checkpoint of after it: one press waits for it.
        send(sam, sam.one(f"form[action='{REVIEW}/start']"), **{"from": yesterday()})
        assert "records are unmarked" in sam.text(), sam.text()
    assert "no mark" in sam.text() and not sam.all(FORM), "what is missing is said, and nothing can be signed"
    (begun,) = gateway.records(500, type="review.started")
    count = 0
    with step("reading and marking"):
        while link(sam, "Open next record"):
            follow(sam, "Open next record")
            assert "Proved against the checkpoint of the sample" in sam.text()
            assert "tickets" in sam.text(), "security reads the arguments"
            send(sam, sam.one("form[action$='/mark']"), **{"as": "ok", "note": "as it should be"})
            count += 1
    marks = gateway.records(500, type="review.marked")
    assert count >= 2 and len(marks) == count, "each mark is durable"
    shown = [one for one in gateway.records(500, type="export.made") if one["kind"] == "show"]
    assert len(shown) >= count, "each opening is on record"
    with step("scopes against use"):
        follow(sam, "Compare scopes")
        assert "tickets.search" in sam.text() or "tickets__search" in sam.text()
        send(sam, form(sam, "compared"))
    with step("people and controls"):
        element = form(sam, "controls")
        names = sam.run("return [...arguments[0].elements].filter(one => one.localName === 'select').map(one => one.name)", element)
        assert len(names) == 9, names
        send(sam, element, **{name: "yes" for name in names} | {"drills": "no"})
    with step("a finding"):
        assert "no finding is about it" in sam.text()
        for owner, said in (("dana", "is not an e-mail address"), (DANA, "owned by")):
            # What was typed is kept, and the reason is at the form.
            (one,) = [each for each in sam.all("form") if each.find_elements("css selector", "input[name=control][value=drills]")]
            kept = one.find_element("css selector", "textarea[name=text]").get_attribute("value")
            assert kept == ("the drill is a year old" if owner == DANA else ""), kept
            send(sam, one, text="the drill is a year old", owner=owner, due=in_days(20))
            assert said in sam.text(), sam.text()
    assert "the date of the next review is not stated" in sam.text()
    send(sam, form(sam, "plan"))
    with step("signature"):
        wait(sam, lambda: sam.all(FORM) and sam.one(f"{FORM} button").is_enabled())
        sam.click(f"{FORM} button")
        (record,) = until(lambda: gateway.records(500, type="review.signed"), gateway, PATIENCE)
    assert record["rvw"] == begun["rvw"] and record["agent"] == AGENT and SAM not in json.dumps(record)
    found = json.loads(gateway.run("review", "findings", begun["rvw"], "--json", check=False).stdout.splitlines()[0])
    assert found["policy"] == policy_of(begun), "the command names the same policy"
    sam.open(REVIEW)
    assert "Start a review" in sam.text() and SAM.split("@")[0] in sam.text().lower()
    assert "The review is signed" in sam.text() and "The kill drill is current" in sam.text(), "the document is in words"
    assert "the drill is a year old" in sam.text()
    assert sam.one(f"form[action='{REVIEW}/start'] input[name=from]").get_attribute("value"), "the period follows the last one"
    sam.open("/approvals")
    assert "Agent review due" not in sam.text(), "the signature clears the reminder"


def test_a_signature_by_passkey_counts_over_a_restart(office, sam):
    before = json.loads(office.gateway.run("review", "status", AGENT, "--json", check=False).stdout.splitlines()[0])
    assert before["signed"] is not None, before
    office.gateway.kill()
    office.gateway.start()
    after = json.loads(office.gateway.run("review", "status", AGENT, "--json", check=False).stdout.splitlines()[0])
    assert after["signed"] == before["signed"]
    assert ("review.foreign", ) not in [one[:1] for one in office.gateway.alarms(200)]
    assert office.gateway.verify().returncode == 0


def test_a_pack_with_the_signature_by_passkey_passes_both_verifiers(office, verify, tmp_path):
    """The builder verifies what it wrote, and both verifiers know the passkey from the record that enrols it."""
    gateway, pack = office.gateway, tmp_path / "pack"
    time.sleep(1.1)
    to = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    gateway.wait_for_tools(AGENT, "tickets")
    office.acme.session(AGENT).call("tickets__search", text="after the period")

    def built() -> str:
        done = gateway.run("evidence", "build", "--from", yesterday(), "--to", to, "--partial", "-o", str(pack), check=False)
        assert done.returncode == 0 or "the period has not ended" in done.stderr, done.stderr
        return done.stdout

    assert "verified by" in until(built, gateway, PATIENCE)
    (review,) = (pack / "reviews").iterdir()
    (signature,) = json.loads(review.read_bytes())["signatures"]
    assert {"credential", "key"} <= signature.keys(), signature
    named = {path.stem: json.loads(path.read_bytes()).get("reviewer") for path in (pack / "controls").iterdir()}
    for control in ("C01", "C02", "C19", "C21"):
        assert named[control]["who"] == SAM and named[control]["scope"] == f"agent:{AGENT}", named
    assert named["C11"] is named["C14"] is named["C15"] is None, "the review asked nothing of them"
    for log in ((), ("--log", gateway.ledger / "log")):
        said = verify("--vkey", gateway.log_key, *log, "evidence", pack, expect=0)
        assert "whose passkey" not in said and f"`reviews/{review.name}`" not in said, said


def test_the_owner_reviews_nothing(office, dana):
    dana.open(REVIEW)
    assert "owns the agent" in dana.text() and not dana.all(f"form[action='{REVIEW}/start']"), "she is told before it is open"
    assert not link(dana, "Start review")
    review = started(office)
    dana.open(REVIEW)
    assert "You do not review it" in dana.text()
    assert not dana.all("form input[name=part]") and not dana.all(FORM)
    refused = Program(office, dana).post(f"/review-sign-offs/{review}/draft", {})
    assert (refused.status, refused.json["code"]) == (403, "not_eligible"), refused


def test_the_owner_of_a_finding_is_told_until_the_next_review_calls_it_mended(office, sam, dana):
    dana.open("/approvals")
    assert "Mend a finding of a governance review" in dana.text()
    follow(dana, "Mend a finding")
    sam.open(REVIEW)  # the review that the test before has started
    while link(sam, "Open next record"):
        follow(sam, "Open next record")
        send(sam, sam.one("form[action$='/mark']"), **{"as": "ok"})
    assert "is neither mended nor still open" in sam.text()
    send(sam, form(sam, "earlier"), outcome="mended")
    assert "is neither mended nor still open" not in sam.text()
    sam.open(REVIEW)
    follow(sam, "Compare scopes")
    send(sam, form(sam, "compared"))
    element = form(sam, "controls")
    names = sam.run("return [...arguments[0].elements].filter(one => one.localName === 'select').map(one => one.name)", element)
    send(sam, element, **{name: "yes" for name in names})
    send(sam, form(sam, "plan"))
    wait(sam, lambda: sam.all(FORM) and sam.one(f"{FORM} button").is_enabled())
    assert "You sign:" in sam.text() and "mended" in sam.text(), "the document is shown before the signature"
    sam.click(f"{FORM} button")
    until(lambda: len(office.gateway.records(500, type="review.signed")) == 2, office.gateway, PATIENCE)
    status = json.loads(office.gateway.run("review", "status", AGENT, "--json", check=False).stdout.splitlines()[0])
    assert status["findings"] == [], status
    dana.open("/approvals")
    assert "Mend a finding" not in dana.text()


def test_who_does_not_see_the_agent_gets_what_does_not_exist(office, paul):
    paul.expected_errors += ["404"]
    for path in (REVIEW, f"{REVIEW}/scopes", f"{REVIEW}/records/{'0' * 64}", "/agents/reviews/org"):
        paul.open(path)
        assert "ound" in paul.one("h1").text or "Nothing is shown" in paul.one("h1").text, path


def test_the_review_of_the_organisation_has_a_page(office, sam):
    sam.open("/agents/reviews/due")
    follow(sam, "The organisation")
    assert "Start a review" in sam.text()


def test_no_page_complained(office):
    assert [one for one in office.complaints() if "review" not in one] == []
