"""Rehearsals of the kill switch: manual, scheduled, signed, verified offline; and the report of a missing one."""

import http.client
import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from addresses import ADA, PAUL, SAM
from waits import listed_alert, until


def shortened(every: str):
    """The policy with another interval of drills."""
    def change(text: str) -> str:
        lines = [f"kill_switch: {{scope: org-wide, drill_every: {every}}}" if line.startswith("kill_switch") else line
                 for line in text.splitlines()]
        return "\n".join(lines) + "\n"
    return {"org.yaml": change}


@pytest.fixture(scope="module")
def made(binary, people, tmp_path_factory):
    from contextlib import ExitStack
    from conftest import organise
    with ExitStack() as stack:
        yield organise(stack, binary, people, tmp_path_factory.mktemp("drill"), servers=("tickets",))


def drill(made, *words: str) -> dict:
    done = made.gateway.run("drill", "run", "--json", *words, check=False, seconds=150)
    assert done.returncode in (0, 1), done.stderr + made.gateway.stderr()[-2000:]
    answer = json.loads(done.stdout)
    assert answer["failures"] == [], answer["failures"]
    assert done.returncode == 0
    return answer


def metrics(made) -> dict[str, float]:
    connection = http.client.HTTPConnection("127.0.0.1", made.gateway.people_port, timeout=10)
    connection.request("GET", "/metrics")
    lines = connection.getresponse().read().decode().splitlines()
    connection.close()
    return {line.split()[0]: float(line.split()[1]) for line in lines if line and not line.startswith("#")}


@pytest.mark.requirement("R033")
def test_a_drill_that_never_was_raises_an_alert_and_fails_the_posture(organisation):
    late = organisation(servers=(), start=False, extra=shortened("7d"))
    late.gateway.configure("drill", auto="false")
    late.gateway.start()
    assert listed_alert(late.gateway, "drill.overdue")["subject"] == "overdue"
    until(lambda: [one for one in late.gateway.records(50) if one["t"] == "kill.drill_overdue"], late.gateway)
    assert "overdue" in late.gateway.run("drill", "status", check=False).stdout


@pytest.mark.requirement("R113")
def test_a_drill_stops_every_class_and_nobody_else(made, tmp_path):
    before = made.count("tickets", "get_ticket")
    session = made.session("support-triage")
    answer = drill(made)
    report = answer["report"]
    assert report["rehearsed"] == "gateway"
    assert report["classes"] == ["gateway", "http", "stdio", "relay"] and report["missed"] == []
    for point in report["points"]:
        assert point["calls_before"] > 0 and point["calls_after_ack"] == 0 and point["ran_again"], point
    assert report["release"]["one_signature"] == "refused" and report["second_halt"] == "unchanged"
    assert session.call("tickets__get_ticket", id="T-1001").code is None, "nobody else was stopped"
    assert made.count("tickets", "get_ticket") == before + 1
    assert made.gateway.json("kill", "--status")[0]["halts"] == []
    (record,) = [one for one in made.gateway.records() if one["t"] == "kill.drill"]
    assert record["passed"] is True and record["req"] == report["id"]

    file = tmp_path / "report.json"
    file.write_text(json.dumps(answer["envelope"]))
    vkey = made.gateway.log_key
    assert made.gateway.run("drill", "verify", str(file), "--vkey", vkey).stdout.count("passed") == 1
    for old, new in (('"passed":true', '"passed":false'), ('"calls_after_ack":0', '"calls_after_ack":3')):
        import base64
        payload = base64.b64decode(answer["envelope"]["payload"]).decode().replace(old, new)
        file.write_text(json.dumps({**answer["envelope"], "payload": base64.b64encode(payload.encode()).decode()}))
        assert made.gateway.run("drill", "verify", str(file), "--vkey", vkey, check=False).returncode == 65
    deadline = time.monotonic() + 30  # the gateway checks this periodically
    while not (passed := metrics(made)["interlock_drill_last_pass_timestamp_seconds"]):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert passed > time.time() - 600


def test_its_report_is_signed_off_by_who_answers_for_security(made):
    identifier = made.gateway.json("drill", "status")[0]["drills"][0]["id"]
    assert made.gateway.run("drill", "sign", identifier, by=PAUL, check=False).returncode == 77
    made.gateway.run("drill", "sign", identifier, by=ADA)
    (status,) = made.gateway.json("drill", "status")
    assert status["drills"][0]["signed_off"] and status["standing"] == "fine" and not status["failing"]
    assert {"hook", "sandbox", "hosted"} <= set(status["not_drilled"])
    assert made.gateway.json("status")[0]["drill"]["standing"] == "fine"


@pytest.mark.requirement("R113")
def test_the_canaries_of_a_drill_are_governed_and_logged_like_agents(made, verify, tmp_path):
    before = {one["id"] for one in made.gateway.json("alerts", "list", check=False)}
    drill(made, "--variant", "expired_key")
    records = made.gateway.records(1000)
    intents = [one for one in records if one["t"] == "call.intent" and one["agent"].startswith("interlock-drill-")]
    assert {one["agent"] for one in intents} == {f"interlock-drill-{point}" for point in ("http", "relay", "stdio")}
    (policy,) = {one["pol"] for one in intents}
    assert {one["why"] for one in records if one["t"] == "policy.loaded" and one["pol"] == policy} == {"drill"}
    for intent in intents:
        ends = [one for one in records if one.get("intent") and one.get("call") == intent["call"]]
        # The halt may come between the intent and the sending, or while the server works.
        assert len(ends) == 1 and ends[0]["t"] in ("call.outcome", "call.unknown", "call.denied"), ends
    halt = [one for one in records if one["t"] == "kill.requested"][-1]
    assert (halt["scope"], halt["target"], halt["src"]) == ("drill", "*", "drill")
    assert any(one["t"] == "kill.released" and len(set(one["by"])) == 2 for one in records)
    assert {one["use"] for one in records if one["t"] == "key.listed"} == {"drill", "evidence"}
    # Its decisions can be made again, and the verifier that shares no code accepts its records.
    assert made.gateway.run("audit", "replay", "--since", "2020-01-01T00:00:00Z").returncode == 0
    assert made.gateway.run("audit", "verify", "--payloads").returncode == 0
    made.gateway.run("audit", "export", "--format", "tiles", "--payloads", "-o", str(tmp_path / "log"))
    verify("--vkey", made.gateway.log_key, tmp_path / "log", expect=0)
    # Nobody is told of what was ordered on purpose.
    new = [one for one in made.gateway.json("alerts", "list", check=False) if one["id"] not in before]
    assert {one["code"] for one in new} == {"kill.expired_key", "kill.refused"}
    assert not any(one["told"] for one in new), new


def test_agents_go_on_while_the_running_gateway_is_rehearsed(made):
    session = made.session("support-triage")
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(drill, made)
        answers = []
        while not done.done():
            answers.append(session.call("tickets__get_ticket", id="T-1001").code)
            time.sleep(0.2)
        assert done.result()["report"]["passed"]
    assert len(answers) >= 3 and set(answers) == {None}


def test_a_reload_during_a_drill_leaves_its_canaries(made):
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(drill, made)
        while not done.done():
            made.gateway.run("policy", "reload", check=False)
            time.sleep(0.1)
        assert done.result()["report"]["passed"]


def test_no_drill_runs_while_everything_is_halted(made):
    made.gateway.run("kill", "--all", "--reason", "the drill must wait", by=ADA)
    done = made.gateway.run("drill", "run", check=False)
    assert done.returncode == 69 and "everything is halted" in done.stderr
    (halt,) = made.gateway.json("kill", "--status")[0]["halts"]
    assert halt["scope"] == "org"
    made.gateway.resume(halt["id"], ADA, SAM)


def test_a_drill_passes_where_agents_may_hardly_call(organisation):
    made = organisation(servers=(), settings={
        "limits": {"requests": "{rate: 6/m, burst: 6}", "inflight": "{agent: 1, server: 2}"}, "breakers": {"run": "{calls: 1}"}})
    drill(made)


def test_a_drill_passes_where_this_machine_s_names_are_not_served(organisation):
    made = organisation(servers=(), start=False, settings={"mcp": {"hosts": '["interlock.acme.example"]'}})
    made.gateway.start()
    for variant in ("standard", "store_stopped"):
        drill(made, "--variant", variant)


def test_nobody_gets_the_token_of_a_canary(made):
    done = made.gateway.run("agents", "token", "interlock-drill-http", "--ttl", "1h", check=False)
    assert done.returncode == 66, done.stderr


@pytest.mark.parametrize("variant", ["root_file", "clock_step", "thousand_runs", "store_stopped"])
def test_each_variant_that_agents_would_feel_passes_in_a_second_gateway(made, variant):
    report = drill(made, "--variant", variant)["report"]
    assert report["variant"] == variant and report["rehearsed"] == "copy"
    if variant == "thousand_runs":
        (gateway,) = [one for one in report["points"] if one["class"] == "gateway"]
        assert gateway["cancelled"] + gateway["unknown"] > 500


def test_one_that_is_not_there_is_named(made):
    assert made.gateway.run("drill", "run", "--variant", "nosuch", check=False).returncode == 64
    assert made.gateway.run("drill", "sign", "01kag0r2b4d6f8h0k2m4p6r8t0", by=ADA, check=False).returncode == 66


@pytest.mark.requirement("R033", "R113")
def test_a_drill_runs_by_itself_and_a_report_that_was_changed_counts_as_none(organisation, tmp_path):
    made = organisation(servers=("tickets",), extra=shortened("1d"),
                        settings={"drill": {"auto": "true", "at": '"any"'}})
    deadline = time.monotonic() + 120
    while not (drills := made.gateway.json("drill", "status", check=False)[0]["drills"]):
        assert time.monotonic() < deadline, made.gateway.stderr()[-2000:]
        time.sleep(0.2)
    assert drills[0]["passed"], made.gateway.stderr()[-2000:]
    (status,) = made.gateway.json("drill", "status")
    assert status["standing"] == "fine" and len(drills) == 1
    report = made.gateway.folder / "state" / "drill" / "reports" / f"{drills[0]['id']}.json"
    file = tmp_path / "report.json"
    file.write_bytes(report.read_bytes())
    assert made.gateway.run("drill", "verify", str(file), "--vkey", made.gateway.log_key).returncode == 0
    assert json.loads(made.gateway.run("drill", "verify", str(file), "--json").stdout)["run_by"] == "auto"
    made.gateway.stop()
    made.gateway.configure("drill", auto="false")
    report.write_bytes(report.read_bytes()[:-10])
    made.gateway.start()
    (status,) = made.gateway.json("drill", "status", check=False)
    assert status["standing"] == "overdue" and status["failing"] and "fault" in status


@pytest.mark.requirement("R033", "R113", "R148")
def test_one_that_is_overdue_is_said_everywhere(organisation):
    made = organisation(servers=("tickets",), extra=shortened("1d"))
    done = made.gateway.run("drill", "status", check=False)
    assert done.returncode == 1 and "overdue" in done.stdout
    assert made.gateway.json("status")[0]["drill"]["failing"] is True
