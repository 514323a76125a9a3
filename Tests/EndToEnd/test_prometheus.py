"""A real Prometheus reads the gateway's metrics and evaluates the project's alerting rules."""

import json
import shutil
import signal
import socket
import subprocess
import urllib.request
from contextlib import contextmanager
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


@contextmanager
def scraping(people_port: int, tmp_path: Path, **more):
    """A Prometheus that scrapes that port; yields its own port."""
    (port,) = free_ports(1)
    configuration = tmp_path / "prometheus.yml"
    configuration.write_text(json.dumps({
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"}, "rule_files": [str(RULES)],
        "scrape_configs": [{"job_name": "interlock", **more, "static_configs": [
            {"targets": [f"127.0.0.1:{people_port}"]}]}]}))
    process = subprocess.Popen(
        ["prometheus", f"--config.file={configuration}", f"--storage.tsdb.path={tmp_path}/data",
         f"--web.listen-address=127.0.0.1:{port}"], stdout=subprocess.DEVNULL, stderr=(tmp_path / "log").open("w"))
    try:
        yield port
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture
def prometheus(acme, tmp_path):
    with scraping(acme.gateway.people_port, tmp_path) as port:
        yield port


def knows(port: int, query: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/query?query={query}", timeout=5) as answer:
            return bool(json.load(answer)["data"]["result"])
    except OSError:
        return False


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

    until(lambda: knows(prometheus, "interlock_ledger_size"), acme.gateway, 60)
    assert not halted()
    halt = acme.gateway.halt("--agent", "support-triage", by=DANA)
    try:
        until(halted, acme.gateway, 60)
    finally:
        acme.gateway.resume(halt, ADA, SAM)
    until(lambda: not halted(), acme.gateway, 60)


def local(made, path: str) -> str:
    """The body of the local socket's response."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(20)
        connection.connect(str(made.gateway.folder / "state" / "interlock.sock"))
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        return b"".join(iter(lambda: connection.recv(65536), b"")).decode().partition("\r\n\r\n")[2]


def test_once_there_is_a_token_nobody_else_reads_metrics_or_why_the_node_is_not_ready(organisation, tmp_path):
    """R151: an agent's child, or another user of this machine, gets one word."""
    made = organisation(servers=(), wait=(), start=False)
    gateway = made.gateway
    gateway.configure("metrics", token="scraper")
    failed = gateway.run("serve", check=False)
    assert failed.returncode == 65 and "`metrics.token`" in failed.stderr, failed.stderr
    secrets = gateway.folder / "secrets"
    secrets.mkdir(mode=0o700, exist_ok=True)
    held = secrets / "scraper"

    def write(token: str) -> str:
        held.touch(0o600)
        held.write_text(token + "\n")
        return token

    write("fifteen bytes !")
    failed = gateway.run("serve", check=False)
    assert failed.returncode == 65 and "fewer than 16 bytes" in failed.stderr, failed.stderr
    old = write("a" * 32)
    gateway.start()

    def get(path: str, token: str | None = None) -> tuple[int, str]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = wire.exchange(gateway.people_port, "GET", path, headers)
        return answer.status, answer.body.decode()

    assert get("/metrics")[0] == 401 and get("/metrics", "b" * 32)[0] == 401
    assert get("/metrics", made.token("support-triage"))[0] == 401
    assert "interlock_ledger_size" in get("/metrics", old)[1] and "interlock_ledger_size" in local(made, "/metrics")
    # The servers do not run, so the node is unready until each was found unreachable, or for the first five seconds.
    until(lambda: get("/readyz") == (200, "ready\n"), gateway)
    assert get("/healthz") == (200, "ok\n")
    gateway.halt("--all", by=ADA)
    assert get("/readyz") == (503, "unready\n")
    assert get("/readyz", old)[1].startswith("halts: ") and local(made, "/readyz").startswith("halts: ")
    new = write("c" * 32)
    gateway.process.send_signal(signal.SIGHUP)
    until(lambda: get("/metrics", new)[0] == 200, gateway)
    assert get("/metrics", old)[0] == 401
    write("too short")
    gateway.process.send_signal(signal.SIGHUP)
    until(lambda: "fewer than 16 bytes" in gateway.stderr(), gateway)
    assert get("/metrics", new)[0] == 200 and get("/metrics", "too short")[0] == 401
    write(new)
    with scraping(gateway.people_port, tmp_path, authorization={"credentials_file": str(held)}) as port:
        until(lambda: knows(port, "interlock_ledger_size"), gateway, 60)
