"""Agents and servers in the console of a real gateway: the three questions about an agent, a server's tools compared
with the reviewed ones, a server that security quarantines and releases, and a run that its owner pauses, by passkey."""

from urllib.parse import quote

import pytest

pytest.importorskip("selenium", reason="no selenium: run scripts/setup")
from addresses import ADA, DANA, RUI  # noqa: E402
from browsing import Browser, wait  # noqa: E402
from directories import office, programs, windows  # noqa: E402, F401
from waits import until  # noqa: E402


@pytest.mark.requirement("R042", "R043", "R045")
def test_one_screen_answers_the_three_questions(office, windows, programs):
    status = office.gateway.json("status", "support-triage")[0]
    looks = len([one for one in office.gateway.records(100_000) if one["t"] == "export.made"])
    sheet = programs[DANA].get("/agents/support-triage").json
    rights = {one["tool"]: (one["verdict"], one["rule"], one.get("place")) for one in sheet["rights"]}
    assert rights == {one["tool"]: (one["verdict"], one["rule"], one.get("at")) for one in status["tools"]}
    assert sheet["enforced_by"] == status["enforced_by"]
    # Only entries of this agent and of all agents; the names of others are withheld.
    assert sheet["guidance"] == [one for one in status["not_enforced"] if not one.startswith("agents.")
                                  or one.startswith("agents.support-triage.")]
    assert next(one for one in sheet["rights"] if one["tool"] == "kb.get_article")["used"] == "used"
    (reach,) = office.gateway.json("policy", "worst-case", "support-triage", "--policy", str(office.gateway.policy))
    assert sheet["worst_case"]["tools"] == reach["tools"] and sheet["records"] == "all"
    assert sheet["worst_case"]["sandbox"] == reach["sandbox"] == status["sandbox"]
    assert status["sandbox"]["enforced_by"] == "interlock run" and status["sandbox"]["summary"].startswith("sandbox ")
    windows[DANA].open("/agents/support-triage")
    text = windows[DANA].text()
    for words in ("Permissions", "Worst case", "Enforcement",
                  "History", "kb.get_article", "Its records in the audit log", "Sandbox reaches", "interlock run alone"):
        assert words in text, words
    for tool, (_, rule, place) in rights.items():
        assert tool in text and rule in text and (place or "") in text
    # The log was not read.
    assert looks == len([one for one in office.gateway.records(100_000) if one["t"] == "export.made"])


@pytest.mark.requirement("R123")
def test_an_agents_page_and_the_api_have_its_trust(office, programs, windows):
    """The record is read from the log when a person looks, and the page does not wait for it."""
    def read():
        found = programs[DANA].get("/agents/support-triage/trust").json
        assert found["autonomy"] == 0 and found["stage"] == "supervised" and not found["failed"], found
        return found if "record" in found else None

    found = until(read, office.gateway)
    (report,) = office.gateway.json("trust", "status", "support-triage", check=False)
    values = {one["criterion"]: (one["threshold"], one["met"]) for one in report["values"]}
    shown = {one["criterion"]: (one["threshold"], one["met"]) for one in found["record"]["criteria"]}
    # The command reads the log alone, which does not say when the next review is due.
    assert (shown.pop("review"), values.pop("review")) == (("current", True), ("current", False))
    assert shown == values
    assert found["record"]["changes"] == [] and "no promotion of it is on record" in found["reasons"]
    windows[DANA].open("/agents/support-triage")
    text = windows[DANA].text()
    for words in ("Criteria of the next stage", "at least 50", "What decides its stage", "0 gated"):
        assert words in text, words
    nowhere = [programs[RUI].get(f"/agents/{name}/trust") for name in ("support-triage", "nobody")]
    assert [one.status for one in nowhere] == [404, 404] and nowhere[0].json == nowhere[1].json


def test_who_answers_for_none_sees_none(office, programs, windows):
    assert programs[RUI].get("/agents").json["agents"] == []
    there, nowhere = (programs[RUI].get(f"/agents/{name}") for name in ("support-triage", "nobody"))
    assert there.status == nowhere.status == 404 and there.json == nowhere.json
    windows[RUI].expected_errors += ["404"]
    windows[RUI].open("/agents/support-triage")
    assert "not found, or no access" in windows[RUI].text() and "kb.get_article" not in windows[RUI].text()
    everybody = programs[ADA].get("/agents").json
    assert everybody["count"] == len(office.gateway.json("agents", "list"))


# The lists that have one row here, or rows of one value: their tests of modules have more.
ONE_VALUE = ("/alerts", "/approvals")


@pytest.mark.parametrize(("page", "path", "lines", "header", "sort", "member"), [
    ("/agents", "/agents", "agents", "Agent", "name", "agent"),
    ("/servers", "/servers", "servers", "Server", "server", "server"),
    ("/people", "/people", "people", "Person", "person", "person"),
    ("/runs", "/runs", "runs", "Agent", "agent", "agent"),
    ("/alerts", "/alerts", "alerts", "Alert", "code", "code"),
    ("/approvals", "/inbox", "items", "Agent", "agent", "agent"),
])
def test_the_header_of_a_column_sorts_the_list(office, windows, programs, page, path, lines, header, sort, member):
    ada, program = windows[ADA], programs[ADA]
    if page == "/runs":
        for agent in ("refunds", "support-triage"):
            assert office.acme.session(agent).tools()

    def agrees(order: str) -> bool:
        """True if the page has the lines of the API, which are in this order; lines without a value are the last."""
        found = [one.get(member) for one in program.get(f"{path}?sort={order}").json[lines]]
        values = [one for one in found if one is not None]
        assert values == sorted(values, reverse=order.startswith("-")) and found[:len(values)] == values, found
        assert len(set(values)) > 1 or page in ONE_VALUE, found
        rows = ada.run("return [...document.querySelectorAll('main table:has([aria-sort]) tbody tr')]"
                       ".map((row) => row.textContent)")
        return 0 < len(rows) == len(found) and all(one in row for one, row in zip(values, rows))

    ada.open(f"{page}?sort={sort}")
    for order, direction in ((sort, "ascending"), (f"-{sort}", "descending")):
        wait(ada, lambda order=order: ada.driver.current_url.endswith(f"sort={order}"))
        (sorted_by,) = ada.all("[aria-sort]")
        assert sorted_by.get_attribute("aria-sort") == direction and sorted_by.text.startswith(header)
        wait(ada, lambda order=order: agrees(order))
        if direction == "ascending":
            ada.press(sorted_by.find_element("css selector", "a"))
    assert ada.barriers() == [] and ada.overflow() <= 0
    for other in ("nothing", f"--{sort}", sort.upper()):
        refused = program.get(f"{path}?sort={other}")
        assert refused.status == 400 and refused.json["code"] == "malformed", other


def sign(window: Browser, kind: str, reason: str):
    """Fills in the only form of its kind and submits it; the passkey consents at once, and the page comes anew."""
    form = f"form[data-order={kind}]"
    wait(window, lambda: window.one(f"{form} button").is_enabled())
    window.one(f"{form} [name=reason]").send_keys(reason)
    window.click(f"{form} button")


def test_security_shuts_a_server_off_and_releases_it(office, programs, windows):
    ada, dana = programs[ADA], programs[DANA]
    kb = ada.get("/servers/kb").json
    assert kb["standing"]["state"] == "ready" and kb["deeds"] == ["quarantine"]
    assert {one["tool"] for one in kb["tools"] if one["pin"] in ("pinned", "first seen")} >= {"get_article"}
    assert dana.get("/servers/kb").json["deeds"] == []
    asked = {"deed": "quarantine", "server": "kb", "reason": "a rehearsal"}
    refused = dana.post("/server-orders/draft", asked)
    assert refused.status == 403 and refused.json["code"] == "not_eligible"
    assert ada.post("/servers/kb/quarantine", {"reason": "a rehearsal"}).status == 404, "nothing without a signature"
    window = windows[ADA]
    window.open("/servers/kb")
    sign(window, "server", "a rehearsal <b>now</b>")
    wait(window, lambda: "a rehearsal <b>now</b>" in window.text())
    assert office.acme.session("support-triage").call("kb__get_article", id="KB-1").code == -32602
    (listed,) = [one for one in dana.get("/servers").json["servers"] if one["server"] == "kb"]
    assert listed["state"] == "quarantined" and "a rehearsal" in listed["reason"]
    wait(window, lambda: "Release server" in window.text())
    sign(window, "server", "it was a rehearsal")
    wait(window, lambda: "Quarantined, nothing of it is offered" not in window.text(), 20)
    assert office.acme.session("support-triage").call("kb__get_article", id="KB-1").code is None
    who = ada.get("/session").json["pseudonym"]
    kept = [one for one in office.gateway.records(100_000) if one["t"] in ("server.quarantined", "server.released")]
    assert [one["t"] for one in kept] == ["server.quarantined", "server.released"]
    assert all(one["by"] == who and one["order"] for one in kept)
    again = ada.post("/server-orders/draft", {**asked, "server": "nowhere"})
    assert again.json["code"] == "no_such_server"


def test_an_owner_pauses_a_run_and_lets_it_continue_by_passkey(office, programs, windows):
    session = office.acme.session("support-triage")
    assert session.call("kb__get_article", id="KB-1").code is None
    run = programs[DANA].get("/runs?agent=support-triage").json["runs"][0]["run"]
    asked = {"deed": "pause", "reason": "a rehearsal"}
    assert programs[RUI].post(f"/runs/{run}/order/draft", asked).json["code"] == "no_such_run"
    window = windows[DANA]
    window.open(f"/runs/{run}")
    sign(window, "run", "it asks the same again and again")
    wait(window, lambda: "Paused" in window.text())
    assert session.call("kb__get_article", id="KB-1").code is not None
    (held,) = programs[DANA].get("/breakers").json["runs"]
    assert held["hold"] == {"run": run, "state": "paused", "reason": "person"}
    assert window.barriers() == [] and window.overflow() <= 0
    sign(window, "run", "its prompt was mended")
    wait(window, lambda: "Pause run" in window.text())
    assert session.call("kb__get_article", id="KB-1").code is None


def loosest(tools: list[dict], server: str) -> str | None:
    """The easiest verdict that a call to a tool of the server can receive, or None without a tool."""
    own = [one for one in tools if one["tool"].startswith(f"{server}.")]
    ranks = [(len(one["verdicts"][0]), one["verdicts"][0]) if one["verdicts"] else (99, "deny") for one in own]
    return min(ranks)[1] if ranks else None


def test_the_matrix_says_what_the_worst_case_says(office, windows, programs):
    matrix = programs[DANA].get("/policy/matrix").json
    row = next(one for one in matrix["rows"] if one["agent"] == "support-triage")
    assert len(programs[ADA].get("/policy/matrix").json["rows"]) == len(office.gateway.json("agents", "list"))
    assert programs[RUI].get("/policy/matrix").json["rows"] == []
    (reach,) = office.gateway.json("policy", "worst-case", "support-triage", "--policy", str(office.gateway.policy))
    tools = reach["tools"] + reach["denied"]
    for server, cell in zip(matrix["servers"], row["cells"], strict=True):
        assert cell.get("verdict") == loosest(tools, server), (server, cell)
        if cell["tools"] == 0:
            continue
        detail = programs[DANA].get(f"/policy/matrix/support-triage/{server}").json
        assert {one["tool"]: one["outcome"] for one in detail["tools"]} == {
            one["tool"]: one["outcome"] for one in tools if one["tool"].startswith(f"{server}.")}
    filtered = programs[ADA].get("/policy/matrix?effect=spends_money&outcome=approval").json
    assert "refunds" in [one["agent"] for one in filtered["rows"]]


def test_a_cell_leads_to_its_rules_and_a_rule_shows_its_lines(office, windows, programs):
    dana = windows[DANA]
    dana.open("/policy/matrix")
    dana.click("main tbody td[data-column=kb] a")
    wait(dana, lambda: dana.one("h1").text == "support-triage at kb")
    dana.press(dana.all("main tbody a[href^='/policy/rules/']")[0])
    wait(dana, lambda: "Rule" in dana.one(".kind").text)
    rules = programs[DANA].get("/policy/agents/support-triage").json["rules"]
    name = next(one["name"] for one in rules if one["kind"] == "grant")
    dana.open(f"/policy/rules/{quote(name)}")
    assert dana.one("h1").text == name
    text = dana.text()
    assert "support-triage is granted" in text and "agents/support-triage.yaml" in text
    # The lines as they are in the file.
    shown = [one.strip(" ·") for one in dana.run(
        "return [...document.querySelectorAll('main .block > div')].map((one) => one.lastChild.textContent)")]
    lines = (office.gateway.policy / "agents" / "support-triage.yaml").read_text().splitlines()
    assert shown and all(one in [line.strip() for line in lines] for one in shown), shown


def test_nothing_complains(office, windows):
    for path in ("/agents", "/agents?state=due&tier=high", "/agents/support-triage", "/servers", "/servers/kb"):
        windows[ADA].open(path)
        assert windows[ADA].all("h1"), path
    assert office.complaints() == []
