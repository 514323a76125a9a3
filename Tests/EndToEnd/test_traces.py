"""Spans of calls reach a collector, as OpenTelemetry's own messages read them, and no collector changes a call."""

import json
import re
import subprocess

import pytest

import wire
from conftest import FIXTURES, interpreter
from make_organisation import free_ports
from receiving import Webhook
from waits import until

KEY = "Bearer of-the-collector"
MARK = "marked-text-of-an-agent"
# The greatest response of a collector that is read.
LARGEST = 1 << 20


def keep(made, name: str, value: str) -> None:
    folder = made.gateway.folder / "secrets"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / name
    path.touch(0o600)
    path.write_text(value)


def traced(organisation, origin: str, headers: str = "", private: bool = True):
    """An organisation, not started, whose collector is at this origin."""
    made = organisation(servers=("tickets",), start=False)
    made.gateway.configure("telemetry", otlp=f'{{url: "{origin}/v1/traces", headers: {{{headers}}}}}',
                           **({"private_origins": f'["{origin}"]'} if private else {}))
    return made


def started(made):
    made.gateway.start()
    made.gateway.wait_for_tools("support-triage", "tickets")
    return made.session("support-triage")


def read(items: list[dict]) -> list[dict]:
    """The spans of the requests, by OpenTelemetry's messages."""
    lines = "".join(json.dumps(json.loads(one["body"])) + "\n" for one in items)
    done = subprocess.run([str(interpreter("oracles")), str(FIXTURES / "otlp_reader.py")], input=lines,
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return [span for line in done.stdout.splitlines() for span in json.loads(line)]


def spans(receiver: Webhook, count: int) -> list[dict]:
    """The first spans that come, at least so many."""
    def wanted(items):
        sent = sum(len(scope["spans"]) for one in items for resource in json.loads(one["body"])["resourceSpans"]
                   for scope in resource["scopeSpans"])
        return items if sent >= count else None
    return read(receiver.wait(wanted, 30))


def metric(made, name: str) -> int:
    text = wire.exchange(made.gateway.people_port, "GET", "/metrics").body.decode()
    return int(re.search(rf"^interlock_{name} (\d+)$", text, re.M)[1])


def bits(identifier: str) -> int:
    value = 0
    for symbol in identifier:
        value = value << 5 | "0123456789abcdefghjkmnpqrstvwxyz".index(symbol)
    return value


def test_each_call_is_one_span_without_what_was_said(organisation):
    with Webhook() as receiver:
        made = traced(organisation, receiver.origin, "authorization: collector, x-scope: scope")
        keep(made, "collector", KEY)
        keep(made, "scope", "acme")
        session = started(made)
        assert session.call("tickets__get_ticket", id="T-1001").code is None
        assert session.call("tickets__search", text=MARK).code is None
        assert session.call(f"tickets__{MARK}", id=MARK).code == -32602
        assert session.call("crm__delete_customer", id=MARK).code == -32602
        found = spans(receiver, 4)
        assert len(found) == 4
        records = {one["call"]: one for one in made.gateway.records(100) if one["t"] in ("call.outcome", "call.denied")}
        intents = {one["call"]: one for one in made.gateway.records(100) if one["t"] == "call.intent"}
        assert len(records) == 4
        for span in found:
            attributes = span["attributes"]
            record = records[attributes["gen_ai.tool.call.id"]]
            assert span["trace"] == f"{bits(record['run']):032x}"
            assert span["span"] == f"{bits(record['call']) & (1 << 64) - 1:016x}"
            assert span["name"] == "execute_tool" and span["end"] == record["ts"] * 1000
            assert 0 <= span["end"] - span["start"] < 60 * 10**9
            assert attributes["interlock.run"] == record["run"]
            assert attributes["interlock.decision_id"] == "dec_" + record["call"]
            assert attributes["gen_ai.agent.id"] == "support-triage"
            assert span["resource"]["service.name"] == "interlock"
            assert span["scope"]["interlock.conventions"] == "semantic-conventions-genai 0.1.0"
            (shown,) = made.gateway.json("audit", "show", attributes["interlock.leaf"])
            assert shown["leaf"]["call"] == record["call"] and shown["leaf"]["t"] == record["t"]
            if record["t"] == "call.outcome":
                intent = intents[record["call"]]
                assert attributes["gen_ai.tool.name"] == intent["tool"] and span["status"] == 0
                assert attributes["interlock.server"] == "tickets" and attributes["interlock.rule"] == intent["rule"]
                assert attributes["interlock.verdict"] == "allow" and attributes["interlock.outcome"] == "ok"
                assert attributes["mcp.method.name"] == "tools/call" and "error.type" not in attributes
                assert span["end"] - span["start"] == record["dur"] * 1000
            else:
                assert span["status"] == 2 and attributes["interlock.verdict"] == "deny"
                assert attributes["interlock.outcome"] == "denied"
                assert attributes["error.type"] == attributes["interlock.code"] == record["code"]
        for one in receiver.all:
            assert one["path"] == "/v1/traces" and one["headers"]["Content-Type"] == "application/json"
            assert one["headers"]["authorization"] == KEY and one["headers"]["x-scope"] == "acme"
            # An agent's words are in no argument and in no name of a span; a legal name of a tool is the value of an attribute.
            text = one["body"].decode().replace(f'"stringValue":"tickets__{MARK}"', "")
            assert MARK not in text and "T-1001" not in text and KEY not in text
        until(lambda: metric(made, "spans_exported_total") == 4, made.gateway)
        assert metric(made, "spans_dropped_total") == 0


FAILING = {
    "error": {"status": 500}, "redirect": {"status": 307}, "refusal": {"status": 401},
    "huge": {"status": 200, "response": b"x" * (LARGEST + 1)},
}


@pytest.mark.parametrize("way", FAILING)
def test_a_collector_that_refuses_changes_no_call_and_what_it_does_not_get_is_counted(organisation, way):
    with Webhook(**FAILING[way]) as receiver:
        made = traced(organisation, receiver.origin)
        session = started(made)
        for number in range(3):
            assert session.call("tickets__get_ticket", id=f"T-100{number + 1}").code is None
        until(lambda: metric(made, "spans_dropped_total") == 3, made.gateway)
        assert metric(made, "spans_exported_total") == 0
        until(lambda: "the collector took no traces" in made.gateway.stderr(), made.gateway)
        # The program reports it once, not for each batch.
        assert made.gateway.stderr().count("the collector took no traces") == 1
        receiver.status, receiver.response = 200, b'{"partialSuccess": {}}'
        assert session.call("tickets__get_ticket", id="T-1001").code is None
        until(lambda: metric(made, "spans_exported_total") == 1, made.gateway)
        until(lambda: "the collector takes traces again" in made.gateway.stderr(), made.gateway)


def test_a_collector_that_never_answers_changes_no_call(organisation):
    with Webhook(status=None) as receiver:
        made = traced(organisation, receiver.origin)
        session = started(made)
        assert session.call("tickets__get_ticket", id="T-1001").code is None
        receiver.count(1, 30)
        # The first request is held by the collector meanwhile.
        for _ in range(20):
            assert session.call("tickets__get_ticket", id="T-1001").code is None
        outcomes = [one["st"] for one in made.gateway.records(100) if one["t"] == "call.outcome"]
        assert outcomes == ["ok"] * 21 and metric(made, "spans_exported_total") == 0
        receiver.status = 200
        receiver.ended.set()
        until(lambda: metric(made, "spans_exported_total") == 21, made.gateway, 60)
        assert made.gateway.stop() == 0


def test_spans_wait_for_a_collector_that_is_down(organisation):
    (port,) = free_ports(1)
    made = traced(organisation, f"http://127.0.0.1:{port}")
    session = started(made)
    assert session.call("tickets__get_ticket", id="T-1001").code is None
    until(lambda: "the collector took no traces" in made.gateway.stderr(), made.gateway)
    with Webhook(port=port) as receiver:
        (span,) = spans(receiver, 1)
        assert span["attributes"]["gen_ai.tool.name"] == "tickets__get_ticket"
        until(lambda: metric(made, "spans_exported_total") == 1, made.gateway)
    assert metric(made, "spans_dropped_total") == 0


def test_what_a_collector_rejects_is_counted(organisation):
    with Webhook(response=b'{"partialSuccess": {"rejectedSpans": "1", "errorMessage": "\\u001b[31mno"}}') as receiver:
        made = traced(organisation, receiver.origin)
        session = started(made)
        assert session.call("tickets__get_ticket", id="T-1001").code is None
        until(lambda: metric(made, "spans_dropped_total") == 1, made.gateway)
        until(lambda: "the collector rejected 1 spans" in made.gateway.stderr(), made.gateway)
        assert "\x1b" not in made.gateway.stderr()


def test_a_private_address_that_is_not_named_gets_nothing(organisation):
    with Webhook() as receiver:
        made = traced(organisation, receiver.origin, private=False)
        session = started(made)
        assert session.call("tickets__get_ticket", id="T-1001").code is None
        until(lambda: "the collector took no traces" in made.gateway.stderr(), made.gateway)
        assert receiver.all == [] and metric(made, "spans_exported_total") == 0


def test_without_the_secret_of_a_header_nothing_starts(organisation):
    made = traced(organisation, "http://127.0.0.1:1", "authorization: collector")
    failed = made.gateway.run("serve", check=False)
    assert failed.returncode == 65 and "`telemetry.otlp` header `authorization`" in failed.stderr, failed.stderr


@pytest.mark.parametrize("otlp", [
    '{url: "http://collector.example/v1/traces"}', '{url: "https://me@collector.example/v1/traces"}',
    "{headers: {a: b}}", "on", '{url: "https://collector.example", headers: {Authorization: key}}',
    '{url: "https://collector.example", headers: {host: key}}',
    '{url: "https://collector.example", headers: {content-encoding: key}}',
    '{url: "https://collector.example", headers: {authorization: "Bearer of a key"}}',
    '{url: "https://collector.example", headers: {a: b, a: c}}',
    '{url: "https://collector.example", protocol: grpc}',
])
def test_a_collector_that_cannot_be_meant_is_refused(organisation, otlp):
    made = organisation(servers=("tickets",), start=False)
    made.gateway.configure("telemetry", otlp=otlp)
    failed = made.gateway.run("serve", check=False)
    assert failed.returncode == 65 and "interlock.yaml:" in failed.stderr, failed.stderr
