"""The dashboard for Grafana: a real Prometheus runs each of its queries on what a gateway tells, and knows their names and labels."""

import json
import re
import urllib.error
import urllib.parse
import urllib.request

import pytest

import wire
from conftest import ROOT
from test_prometheus import programs, scraping  # noqa: F401: the fixture skips without Prometheus
from waits import until

DASHBOARD = json.loads((ROOT / "Examples" / "prometheus" / "interlock.dashboard.json").read_text())
# Without a witness, a finding of people, a channel, a breaker, a refusal by a limit or a decided request these have no series.
EMPTY = {
    "interlock_witness_lag_seconds", "interlock_ledger_quorum_age_seconds", "interlock_alarm_precision",
    "interlock_alerts_waiting", "interlock_alerts_total", "interlock_breaker_state", "interlock_limit_denied_total",
    "interlock_approval_seconds", "interlock_approval_votes_total", "interlock_alarms_total",
}
# Labels that Prometheus itself adds, and those of a histogram.
ADDED = {"instance", "job", "le"}
HISTOGRAM = re.compile(r"_(bucket|count|sum)$")


def panels() -> list[dict]:
    return [one for one in DASHBOARD["panels"] if one["type"] != "row"]


def queries() -> dict[str, str]:
    """Expressions by panel and letter, with the variables of the dashboard at what Grafana puts for "all"."""
    found = {f"{one['title']} {target['refId']}": target["expr"] for one in panels() for target in one["targets"]}
    found |= {one["name"]: one["expr"] for one in DASHBOARD["annotations"]["list"]}
    return {name: re.sub(r"\$(instance|agent)\b", ".*", text).replace("$__rate_interval", "1m")
            for name, text in found.items()}


def names(expression: str) -> set[str]:
    return set(re.findall(r"\binterlock_[a-z_]+", expression))


def documented() -> dict[str, set[str]]:
    """The labels of each metric, by the table of docs/metrics.md, which is made from the program."""
    rows = re.findall(r"^\| `(interlock_\w+)` \| (\w+) \| ([^|]*) \|", (ROOT / "docs" / "metrics.md").read_text(), re.M)
    assert len(rows) > 40
    return {name: set(re.findall(r"`(\w+)`", labels)) for name, _, labels in rows}


def ask(port: int, path: str, **values: str) -> dict:
    data = urllib.parse.urlencode(values).encode()
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", data, timeout=20) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        return json.load(error)


@pytest.fixture(scope="module")
def told(acme, tmp_path_factory):
    """The port of a Prometheus that has scraped calls of two kinds at least twice, and what the gateway told at the end."""
    gateway = acme.gateway
    with scraping(gateway.people_port, tmp_path_factory.mktemp("prometheus")) as port:
        session = acme.session("support-triage")

        def rate() -> bool:
            session.call("tickets__get_ticket", id="T-1001")
            session.call("tickets__no_such_tool", id="T-1001")
            try:
                result = ask(port, "/api/v1/query", query="rate(interlock_denials_total[1m]) > 0")
            except (OSError, ValueError):  # not up yet
                return False
            return bool(result["data"]["result"])

        until(rate, gateway, 60)
        yield port, wire.exchange(gateway.people_port, "GET", "/metrics").body.decode()


def test_each_query_runs(told):
    port, _ = told
    failed = {}
    for name, expression in queries().items():
        answer = ask(port, "/api/v1/query", query=expression)
        if answer["status"] != "success":
            failed[name] = answer.get("error")
    assert failed == {} and len(queries()) > 40


def test_each_query_of_what_there_is_finds_something(told):
    port, _ = told
    empty = {name for name, expression in queries().items()
             if not names(expression) & EMPTY and not ask(port, "/api/v1/query", query=expression)["data"]["result"]}
    # No upstream fails here, and the gateway does not start anew.
    assert empty == {"Failures upstream A", "Restarts"}


def test_each_metric_is_one_that_the_gateway_tells(told):
    _, text = told
    there = {HISTOGRAM.sub("", name) for name in re.findall(r"^(interlock_\w+)[{ ]", text, re.M)}
    used = {HISTOGRAM.sub("", name) for expression in queries().values() for name in names(expression)}
    used |= {name for one in DASHBOARD["templating"]["list"] for name in names(one["query"] if one["type"] == "datasource" else one["definition"])}
    assert used - there <= EMPTY, "no gateway tells these"
    assert EMPTY <= set(documented()), "the page does not have these"


def test_each_label_is_one_of_the_metric():
    labels = documented()
    for name, expression in queries().items():
        known = ADDED.union(*(labels[HISTOGRAM.sub("", one)] for one in names(expression)))
        matched = {one for inside in re.findall(r"\{([^}]*)\}", expression) for one in re.findall(r"(\w+)\s*(?:=~|=|!)", inside)}
        grouped = {one.strip() for inside in re.findall(r"\bby \(([^)]*)\)", expression) for one in inside.split(",")}
        assert matched | grouped <= known, name


def test_what_is_shown_of_a_series_is_a_label_of_the_result():
    for panel in panels():
        for target in panel["targets"]:
            grouped = {one.strip() for inside in re.findall(r"\bby \(([^)]*)\)", target["expr"]) for one in inside.split(",")}
            known = grouped or {"agent", "limit"}
            assert set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])) <= known, panel["title"]


def test_panels_do_not_lie_on_one_another_and_each_says_what_it_shows():
    taken, identifiers = set(), set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        assert place["x"] + place["w"] <= 24 and not cells & taken, panel["title"]
        taken |= cells
        assert panel["id"] not in identifiers and panel["title"]
        identifiers.add(panel["id"])
        assert panel["type"] == "row" or panel["description"]
        # Nothing is asked of a data source that the dashboard does not let its reader choose.
        assert panel["type"] == "row" or panel["datasource"]["uid"] == "${datasource}"
