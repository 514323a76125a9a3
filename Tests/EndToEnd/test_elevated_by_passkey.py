"""An elevation that is requested, approved and ended through the API by passkeys of real browsers; it survives a
crash."""

from contextlib import ExitStack

import pytest

pytest.importorskip("selenium", reason="no selenium: run scripts/setup")
from addresses import ADA, PAUL, SAM  # noqa: E402
from browsing import Browser  # noqa: E402
from office import Office, sign_in  # noqa: E402
from program import Program  # noqa: E402

WANTED = {"agent": "support-triage", "grant": {"kb": [{"class": "read"}]}, "lasts_s": 3600,
          "reason": "an incident to look at", "ticket": "INC-1"}
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
    with ExitStack() as stack:
        yield Office(stack, binary, people, (ADA, SAM, PAUL))


@pytest.fixture(scope="module")
def ada(office):
    return office.person(ADA)


@pytest.fixture(scope="module")
def sam(office):
    return office.person(SAM)


def signed(browser: Browser, draft: dict) -> dict:
    assertion = browser.driver.execute_async_script(USE, draft)
    return {"payloadType": draft["payloadType"], "payload": draft["payload"], "signatures": [assertion]}


def order(office, browser, path: str, draft: str, wanted: dict):
    program = Program(office, browser)
    asked = program.post(draft, wanted)
    assert asked.status == 200, asked
    return program.post(path, signed(browser, asked.json))


def test_two_people_grant_it_and_one_ends_it(office, ada, sam):
    gateway = office.gateway
    asked = order(office, ada, "/elevations", "/elevations/draft", WANTED)
    assert (asked.status, asked.json["state"], asked.json["author"]) == (200, "requested", ADA)
    path = f"/elevations/{asked.json['id']}"
    stranger = Program(office, office.person(PAUL))
    assert stranger.get("/elevations").json["elevations"] == []
    for hidden, body in (("/elevations/draft", WANTED), (f"{path}/approve/draft", {}), (f"{path}/end/draft", {})):
        assert stranger.post(hidden, body).json["code"] == "no_such_elevation"
    states = [order(office, browser, f"{path}/approve", f"{path}/approve/draft", {}).json["state"] for browser in (ada, sam)]
    assert states == ["requested", "granted"]
    gateway.kill()
    gateway.start()
    assert [one["in_force"] for one in gateway.json("elevate", "list")] == [True]
    sign_in(sam)
    assert order(office, sam, f"{path}/end", f"{path}/end/draft", {}).json["state"] == "ended"
    assert Program(office, sam).get("/elevations").json["elevations"] == []
    gateway.run("audit", "verify")


def test_what_the_policy_has_no_room_for_is_refused_before_a_passkey_is_asked(office, sam):
    program = Program(office, sam)
    for code, changes in [("unfit_grant", {"grant": {"nowhere": [{"class": "read"}]}}), ("no_such_elevation", {"agent": "nobody"}),
                          ("malformed", {"reason": "short"})]:
        refused = program.post("/elevations/draft", {**WANTED, **changes})
        assert refused.json["code"] == code, refused
    assert program.post("/elevations/01kag0r2b4d6f8h0k2m4p6r8t0/approve/draft", {}).json["code"] == "no_such_elevation"
