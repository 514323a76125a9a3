"""A revision of the policy is signed off on the console's page by passkeys in a real browser: it comes into force
without a restart, and applies to a real call. Unauthorised people cannot sign, and a revision that changed meanwhile is
not signed."""

import json
import re
from contextlib import ExitStack

import pytest

pytest.importorskip("selenium", reason="no selenium: run scripts/setup")
from addresses import ADA, DANA, PAUL, RUI, SAM  # noqa: E402
from browsing import Browser, wait  # noqa: E402
from logwriter import b64, sha256  # noqa: E402
from office import Office, sign_in  # noqa: E402
from program import Program  # noqa: E402
from revising import TRIAGE, loading, propose, sign_off  # noqa: E402
from statements import media_type, message, url  # noqa: E402
from test_signoff import READS  # noqa: E402
from walking import Walk  # noqa: E402

KB = "      kb: [read]\n"
SIGN_OFF = "form[data-order=sign-off]"
# The same steps as in the console's own script.
USE = """
const [asked, done] = arguments;
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
navigator.credentials.get({publicKey: {
  challenge: bytes(asked.challenge), rpId: asked.rp_id, userVerification: "required",
  allowCredentials: asked.credentials.map((id) => ({type: "public-key", id: bytes(id)}))}})
  .then((found) => done({credential: text(found.rawId), signature: text(found.response.signature),
    authenticatorData: text(found.response.authenticatorData), clientDataJSON: text(found.response.clientDataJSON)}),
    (error) => done(String(error)));
"""


@pytest.fixture(scope="module")
def office(binary, people):
    """Paul owns the policy and has no role; Dana may stop agents, and no more; Rui is enrolled."""
    with ExitStack() as stack:
        made = Office(stack, binary, people, (PAUL, RUI, DANA, ADA), extra={
            "org.yaml": lambda text: text.replace("owners: [secops@acme.example]", f"owners: [{PAUL}]")})
        made.gateway.wait_for_tools("support-triage", "kb")
        sign_off(made.gateway)
        yield made


@pytest.fixture(scope="module")
def paul(office):
    return office.person(PAUL)


@pytest.fixture(scope="module")
def rui(office):
    return office.person(RUI)


@pytest.fixture(scope="module")
def dana(office):
    return office.person(DANA)


@pytest.fixture(scope="module")
def ada(office):
    return office.person(ADA)


def press(browser) -> None:
    """Presses the only button of the page that signs; the passkey consents at once."""
    wait(browser, lambda: browser.one(f"{SIGN_OFF} button").is_enabled())
    browser.click(f"{SIGN_OFF} button")


def signed(browser: Browser, draft: dict) -> dict:
    assertion = browser.driver.execute_async_script(USE, draft)
    return {"payloadType": draft["payloadType"], "payload": draft["payload"], "signatures": [assertion]}


def file(office) -> dict:
    return json.loads((office.gateway.folder / "interlock.signoff").read_text())


def read(office):
    return office.acme.session("support-triage").call("kb__search", text="invoice")


def in_force(office) -> str:
    return loading(office.gateway)["identity"]["digest"]


def proposed(program: Program) -> dict:
    found = program.get("/policy/proposed").json
    return {"identity": found["identity"], "active": found["active_identity"]}


@pytest.mark.requirement("R156")
def test_the_author_and_an_owner_sign_and_it_is_in_force(office, dana, paul, ada):
    assert read(office).code is None
    candidate = propose(office.gateway, (TRIAGE, KB, ""))
    assert read(office).code is None, "the old policy stays"

    with Walk("write a revision", dana) as walk:
        walk.open("/policy", "the policy")
        walk.press("Review changes")
        walk.see("What it changes", "support-triage", "Allows less", "The first signer declares that it is their work")
        walk.press("Sign as author")
        walk.see("You have signed it.")
    assert walk.fact("Author") == f"{DANA}, who has signed"
    assert in_force(office) != candidate
    shows_text_and_calls(office, ada, dana, paul)

    with Walk("sign off a revision", paul) as walk:
        walk.open("/", "the console")
        walk.press_section("Policy")
        walk.press("Review changes")
        walk.see("0 allow more", "support-triage: kb")
        assert walk.fact("Needed") == "one person other than the author"
        assert walk.fact("Its digest") == candidate
        walk.read()
        walk.press("Sign off")
        walk.see("Policy", "Signed off by")
        wait(paul, lambda: paul.driver.current_url.endswith("/policy"))
    assert walk.fact("Digest") == candidate and walk.fact("Signed off by") == PAUL.partition("@")[0]
    assert len(paul.all(f"main .facts [title='{PAUL}']")) == 2, "as signer and as owner"

    assert in_force(office) == candidate and loading(office.gateway)["signed_by"] == [PAUL]
    assert read(office).code == -32602, "the changed rule holds on a real call"
    loaded = [one for one in office.gateway.records(100) if one["t"] == "policy.loaded"][-1]
    assert len(loaded["by"]) == 1
    assert [set(one) >= {"by", "credential", "authenticatorData", "clientDataJSON", "signature"}
            for one in file(office)["signatures"]] == [True, True]
    office.gateway.run("audit", "verify")


def shows_text_and_calls(office, ada, dana, paul) -> None:
    """The page has the text of the file that differs, and the two calls that the revision would have denied: for who may
    read all records, and for the owner of the agent, but not for an owner of the policy alone."""
    ada.open("/policy/proposed")
    wait(ada, lambda: "calls decided again: 0 easier, 2 stricter" in ada.one("#simulation").text, 40)
    part = ada.one("#simulation").text
    assert "support-triage kb.search" in part and "Never reached" in part, part
    records = [link.text for link in ada.all("#simulation a[href^='/audit/']")]
    kept = {f"Record {one['index']}" for one in office.gateway.records(1000) if one["t"] == "call.intent"}
    assert len(records) == 2 and set(records) <= kept, (records, kept)
    assert [line.text for line in ada.all("main .diff .removed")] and ada.all("main .diff .added") == []
    # `Before` is what the active revision decides: the same call has just gone through under it.
    (card,) = [one for one in ada.run("return [...document.querySelectorAll('main .change')].map((one) => one.innerText)")
               if "kb.search" in one]
    assert re.search(r"Before\s+- allowed allow\s+After\s+\+ denied", card), card
    assert "support-triage.yaml +0 -1" in ada.text() and "kb: [read]" in ada.one("main .diff .removed").text
    assert "Tools that it reaches" in ada.text()

    program = Program(office, ada)
    result = program.get("/policy/proposed/simulation").json["result"]
    assert (result["easier"], result["stricter"], result["all_agents"]) == (0, 2, True), result
    (change,) = result["changes"]
    assert (change["before"], change["after"], change["calls"]) == ("allow", "deny", 2)
    assert [f"Record {one['record']}" for one in change["examples"]] == records
    (changed,) = program.get("/policy/proposed/files").json["files"]
    assert (changed["added"], changed["removed"]) == (0, 1)
    assert [one["agent"] for one in program.get("/policy/proposed/worst-cases").json["agents"]] == ["support-triage"]
    dana.open("/policy/proposed")
    assert "Only the calls of agents whose records you may read" in dana.one("#simulation").text
    part = Program(office, dana).get("/policy/proposed/simulation").json["result"]
    assert (part["stricter"], part["all_agents"]) == (2, False), part
    paul.open("/policy/proposed")
    assert "Requires role security" in paul.one("#simulation").text
    refused = Program(office, paul).get("/policy/proposed/simulation")
    assert (refused.status, refused.json["code"]) == (404, "no_such_record"), refused
    replays = [one["by"] for one in office.gateway.records(200) if one["t"] == "export.made" and one["kind"] == "replay"]
    assert len(replays) == len(set(replays)) == 2, "one record for each reader, however often they read the one result"


def test_it_holds_over_a_crash(office, paul, dana, rui, ada):
    before = in_force(office)
    for browser in office.browsers:  # their streams end with the gateway, and their pages request data that is refused
        # below, or still being compared
        browser.expected_errors += ["ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_CONNECTION_REFUSED", "401", "403", "404", "409", "503"]
    office.gateway.kill()
    office.gateway.start()
    assert in_force(office) == before and loading(office.gateway)["founding"] is False
    for browser in (paul, dana, rui, ada):  # a restart ends all sessions
        sign_in(browser)


def test_who_may_not_sign_cannot_by_page_nor_api(office, ada, dana, rui):
    propose(office.gateway, (TRIAGE, "mcp_scopes:\n", "mcp_scopes:\n" + KB))
    ada.open("/policy/proposed")
    press(ada)
    wait(ada, lambda: "You have signed it." in ada.text())

    rui.expected_errors.append("404")
    rui.open("/policy/proposed")
    assert rui.all(SIGN_OFF) == [] and "not found, or no access" in rui.text()
    dana.open("/policy/proposed")
    assert dana.all(SIGN_OFF) == [] and "and you are neither" in dana.text()

    asked = proposed(Program(office, ada))
    for browser, number, code in ((rui, 404, "no_such_policy"), (dana, 403, "not_eligible"), (ada, 409, "signed_already")):
        refused = Program(office, browser).post("/policy/proposed/draft", asked)
        assert (refused.status, refused.json["code"]) == (number, code), refused
    # The signed bytes are no secret: the gateway itself refuses them from the passkey of an unauthorised person.
    statement = {name: file(office)[name] for name in ("author", "digest", "files", "tests")}
    payload = json.dumps(statement, sort_keys=True, separators=(",", ":")).encode()
    for browser in (rui, dana):
        refused = Program(office, browser).post("/policy/proposed/sign-off", forged(browser, payload))
        assert (refused.status, refused.json["code"]) == (403, "not_eligible"), refused
    assert [one["by"] for one in file(office)["signatures"]] == [ADA]


def forged(browser, payload: bytes) -> dict:
    """The page's signature, by a passkey of this window."""
    kind = media_type("signoff")
    return signed(browser, {"payloadType": kind, "payload": b64(payload), "challenge": url(sha256(message(kind, payload))),
                            "rp_id": "localhost", "credentials": []})


def test_what_changed_between_page_and_signature_is_not_signed(office, paul, ada):
    paul.open("/policy/proposed")
    wait(paul, lambda: paul.one(f"{SIGN_OFF} button").is_enabled())
    program = Program(office, paul)
    draft = program.post("/policy/proposed/draft", proposed(program)).json
    envelope = signed(paul, draft)
    propose(office.gateway, (TRIAGE, READS, ""))

    refused = program.post("/policy/proposed/sign-off", envelope)
    assert (refused.status, refused.json["code"]) == (409, "policy_changed"), refused
    paul.expected_errors.append("409")
    press(paul)
    wait(paul, lambda: "read what waits now, and sign that" in paul.one(f"{SIGN_OFF} [role=status]").text)
    assert PAUL not in [one["by"] for one in file(office)["signatures"]]


def test_key_and_passkey_sign_the_same_revision_and_are_judged_again_at_a_start(office, ada, paul):
    """The revision widens the policy, so it needs two people other than the author."""
    gateway = office.gateway
    ada.open("/policy/proposed")
    press(ada)
    wait(ada, lambda: "You have signed it." in ada.text())
    with Walk("sign off a revision, on a phone", paul, phone=True) as walk:
        walk.open("/", "the console")
        walk.press_section("Inbox")
        walk.press("Sign a policy revision")
        walk.see("2 people other than the author")
        # What is signed is open, whole, and fits.
        assert paul.all("main details:not([open])") == []
        assert paul.overflow() <= 0 and paul.broken_words() == []
        walk.read()
        walk.press("Sign off")
        walk.see("You have signed it.")
    paul.look()
    candidate = loading(office.gateway)["last_reload"]["candidate"]
    gateway.stop()
    gateway.run("policy", "diff", str(gateway.policy), str(gateway.policy), "--sign", "agent", "--dir", str(gateway.folder),
                by=SAM)
    assert ["key" in one for one in file(office)["signatures"]] == [False, False, True]
    gateway.start()
    assert in_force(office) == candidate and sorted(loading(office.gateway)["signed_by"]) == [PAUL, SAM]
    gateway.wait_for_tools("support-triage", "kb")
    assert read(office).code is None
    gateway.run("audit", "verify")
    for browser in office.browsers:  # their pages request news again
        sign_in(browser)


def test_no_page_complained(office):
    assert office.complaints() == []
