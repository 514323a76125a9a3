"""An elevation that is requested, approved and ended on the agent's page by passkeys of real browsers; it survives a
crash."""

from contextlib import ExitStack

import pytest

pytest.importorskip("selenium", reason="no selenium: run scripts/setup")
from addresses import ADA, PAUL, SAM  # noqa: E402
from browsing import Browser, wait  # noqa: E402
from office import Office  # noqa: E402
from program import Program  # noqa: E402

WANTED = {"agent": "support-triage", "grant": {"kb": [{"class": "read"}]}, "lasts_s": 3600,
          "reason": "an incident to look at", "ticket": "INC-1"}
# Ends with the page, which is loaded again once an order was taken.
SIGNING = "document.documentElement.dataset.signing"


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


def sign(browser: Browser, kind: str, **fields: str):
    """Fills in the form of this kind on the agent's page; the passkey signs its order, and the gateway has taken it on
    return."""
    form = f"form[data-order={kind}]"
    browser.open("/agents/support-triage")
    wait(browser, lambda: browser.one(f"{form} button").is_enabled())
    for name, words in fields.items():
        field = browser.one(f"{form} [name={name}]")
        field.clear()
        field.send_keys(words)
    browser.run(f"{SIGNING} = 'yes'")
    browser.click(f"{form} button")
    wait(browser, lambda: browser.run(f"return {SIGNING}") is None)


def test_two_people_grant_it_and_one_ends_it(office, ada, sam):
    gateway = office.gateway
    program = Program(office, sam)

    def states() -> list[str]:
        return [one["state"] for one in program.get("/elevations").json["elevations"]]

    sign(ada, "elevate", server="kb", tool="search", minutes="60", reason=WANTED["reason"], ticket=WANTED["ticket"])
    (asked,) = program.get("/elevations").json["elevations"]
    assert (asked["state"], asked["author"]) == ("requested", ADA)
    path = f"/elevations/{asked['id']}"
    stranger = Program(office, office.person(PAUL))
    assert stranger.get("/elevations").json["elevations"] == []
    for hidden, body in (("/elevations/draft", WANTED), (f"{path}/approve/draft", {}), (f"{path}/end/draft", {})):
        assert stranger.post(hidden, body).json["code"] == "no_such_elevation"
    sign(ada, "elevate-approve")
    assert states() == ["requested"]
    sign(sam, "elevate-approve")
    assert states() == ["granted"]
    for browser in office.browsers:
        browser.driver.get("about:blank")
    gateway.kill()
    gateway.start()
    assert [one["in_force"] for one in gateway.json("elevate", "list")] == [True]
    sign(sam, "elevate-end")
    assert states() == []
    gateway.run("audit", "verify")


def test_what_the_policy_has_no_room_for_is_refused_before_a_passkey_is_asked(office, sam):
    program = Program(office, sam)
    for code, changes in [("unfit_grant", {"grant": {"nowhere": [{"class": "read"}]}}), ("no_such_elevation", {"agent": "nobody"}),
                          ("malformed", {"reason": "short"})]:
        refused = program.post("/elevations/draft", {**WANTED, **changes})
        assert refused.json["code"] == code, refused
    assert program.post("/elevations/01kag0r2b4d6f8h0k2m4p6r8t0/approve/draft", {}).json["code"] == "no_such_elevation"


def test_no_page_complained(office):
    assert office.complaints() == []
