"""A real Prometheus reads the gateway's metrics and evaluates the rules that come with the project."""

import json
import shutil
import subprocess
import urllib.request
from pathlib import Path

import pytest

import wire
from addresses import ADA, DANA, SAM
from conftest import missing
from waits import until
from make_organisation import free_ports

RULES = Path(__file__).resolve().parents[2] / "Examples" / "prometheus" / "interlock.rules.yaml"


@pytest.fixture(autouse=True)
def programs():
    for name in ("prometheus", "promtool"):
        if not shutil.which(name):
            missing(f"{name} is not installed (Debian's prometheus)")


def scrape(made) -> str:
    answer = wire.exchange(made.gateway.people_port, "GET", "/metrics")
    assert answer.status == 200
    return answer.body.decode()


def promtool(*words: str, text: str | None = None) -> str:
    done = subprocess.run(["promtool", *words], input=text, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_text_is_as_prometheus_wants_it(acme):
    session = acme.session("support-triage")
    session.call("tickets__get_ticket", id="T-1001")
    session.call("tickets__no_such_tool{evil=\"1\"}\n", id="T-1001")
    text = scrape(acme)
    assert promtool("check", "metrics", text=text) == ""
    assert 'interlock_calls_total{agent="support-triage",server="tickets",tool="get_ticket",verdict="allow"}' in text
    assert "evil" not in text and "T-1001" not in text


def test_the_rules_are_sound():
    assert "SUCCESS" in promtool("check", "rules", str(RULES))


@pytest.fixture
def prometheus(acme, tmp_path):
    (port,) = free_ports(1)
    configuration = tmp_path / "prometheus.yml"
    configuration.write_text(json.dumps({
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"}, "rule_files": [str(RULES)],
        "scrape_configs": [{"job_name": "interlock", "static_configs": [
            {"targets": [f"127.0.0.1:{acme.gateway.people_port}"]}]}]}))
    process = subprocess.Popen(
        ["prometheus", f"--config.file={configuration}", f"--storage.tsdb.path={tmp_path}/data",
         f"--web.listen-address=127.0.0.1:{port}"], stdout=subprocess.DEVNULL, stderr=(tmp_path / "log").open("w"))
    try:
        yield port
    finally:
        process.terminate()
        process.wait(30)


def firing(port: int) -> list[dict]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/alerts", timeout=5) as answer:
            alerts = json.load(answer)["data"]["alerts"]
    except OSError:
        return []
    return [one["labels"] for one in alerts if one["state"] == "firing"]


def test_a_halt_fires_its_rule_and_a_release_ends_it(acme, prometheus):
    def halted() -> bool:
        return any(one["alertname"] == "InterlockHalted" and one["scope"] == "agent" for one in firing(prometheus))

    def up() -> bool:
        query = f"http://127.0.0.1:{prometheus}/api/v1/query?query=interlock_ledger_size"
        try:
            with urllib.request.urlopen(query, timeout=5) as answer:
                return bool(json.load(answer)["data"]["result"])
        except OSError:
            return False

    until(up, acme.gateway, 60)
    assert not halted()
    halt = acme.gateway.halt("--agent", "support-triage", by=DANA)
    try:
        until(halted, acme.gateway, 60)
    finally:
        acme.gateway.resume(halt, ADA, SAM)
    until(lambda: not halted(), acme.gateway, 60)
