"""The self-test of a deployment: forbidden calls of a canary are refused, and the result is on record."""

import json
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from addresses import ADA, SAM
from waits import listed_alert

ACTS = ["permitted-call", "unlisted-tool", "write-under-read-grant", "forbid-with-matching-arguments",
        "changed-argument-after-approval", "replayed-approval", "call-under-kill", "call-over-a-limit",
        "call-at-stage-observe", "write-after-untrusted-read", "secret-in-arguments",
        "egress-to-unlisted-host", "edit-of-a-copied-log"]


@pytest.fixture(scope="module")
def made(binary, people, tmp_path_factory):
    from contextlib import ExitStack
    from conftest import organise
    with ExitStack() as stack:
        yield organise(stack, binary, people, tmp_path_factory.mktemp("selftest"), servers=("tickets",))


def selftest(made) -> dict:
    done = made.gateway.run("selftest", "run", "--json", check=False, seconds=200)
    assert done.returncode in (0, 1), done.stderr + made.gateway.stderr()[-2000:]
    return json.loads(done.stdout)


@pytest.mark.requirement("R148")
def test_each_forbidden_act_is_refused_and_one_call_passes(made):
    report = selftest(made)
    assert [one["id"] for one in report["acts"]] == ACTS
    assert report["passed"], [one for one in report["acts"] if one["result"] != "pass"]
    (record,) = [one for one in made.gateway.records() if one["t"] == "selftest.result"][-1:]
    assert record["passed"] is True and record["req"] == report["id"]
    failed = [one["id"] for one in report["acts"] + report["checks"] if one["result"] == "fail"]
    assert record["codes"] == failed
    assert record["cnt"] == len(report["acts"]) + len(report["checks"]) - len(failed)
    (status,) = made.gateway.json("selftest", "status")
    assert status["standing"] == "passed" and status["report"]["id"] == report["id"]


def test_it_leaves_nothing_and_people_hear_of_no_blocked_call(made):
    before = {one["id"] for one in made.gateway.json("alerts", "list", check=False)}
    selftest(made)
    assert made.gateway.json("kill", "--status")[0]["halts"] == []
    new = [one for one in made.gateway.json("alerts", "list", check=False) if one["id"] not in before]
    assert new == []
    records = made.gateway.records(1000)
    canaries = {one["agent"] for one in records if one.get("agent", "").startswith("interlock-drill-selftest")}
    assert "interlock-drill-selftest" in canaries
    denied = {one["code"] for one in records
              if one["t"] == "call.denied" and one.get("agent") == "interlock-drill-selftest"}
    for reason in ("unlisted_tool", "no_grant", "forbid", "secret_in_arguments"):
        assert any(code.endswith("." + reason) for code in denied), (reason, denied)
    for agent, reason in (("limited", "limit"), ("observer", "observe")):
        codes = {one["code"] for one in records if one["t"] == "call.denied" and one.get("agent") == f"interlock-drill-selftest-{agent}"}
        assert any(code.endswith("." + reason) for code in codes), (agent, codes)


def test_agents_go_on_while_the_gateway_tests_itself(made):
    session = made.session("support-triage")
    before = made.count("tickets", "get_ticket")
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(selftest, made)
        codes = []
        while not done.done():
            codes.append(session.call("tickets__get_ticket", id="T-1001").code)
            time.sleep(0.2)  # the policy permits so many calls in a minute
        assert done.result()["passed"]
    assert codes and set(codes) == {None}
    assert made.count("tickets", "get_ticket") == before + len(codes)


def test_its_decisions_can_be_made_again_and_its_records_verify(made):
    selftest(made)
    assert made.gateway.run("audit", "replay", "--since", "2020-01-01T00:00:00Z").returncode == 0
    assert made.gateway.run("audit", "verify", "--payloads").returncode == 0


def test_the_canary_gets_no_token_and_has_no_stage(made):
    agent = "interlock-drill-selftest"
    assert made.gateway.run("agents", "token", agent, "--ttl", "1h", check=False).returncode == 66
    assert agent not in made.gateway.run("agents", "list", "--json").stdout


def test_the_ids_are_listed(made):
    done = subprocess.run([made.gateway.binary, "selftest", "list", "--json"], capture_output=True, text=True, timeout=60)
    listed = json.loads(done.stdout)
    assert listed["acts"] == ACTS
    assert len([one for one in listed["checks"] if one.startswith("pitfall-")]) == 9


def test_none_is_made_while_everything_is_halted(made):
    made.gateway.run("kill", "--all", "--reason", "the self-test must wait", by=ADA)
    done = made.gateway.run("selftest", "run", check=False)
    assert done.returncode != 0 and "everything is halted" in done.stderr
    assert listed_alert(made.gateway, "selftest.failed")
    (halt,) = made.gateway.json("kill", "--status")[0]["halts"]
    assert halt["scope"] == "org", "the self-test released nothing"
    made.gateway.resume(halt["id"], ADA, SAM)
    assert selftest(made)["passed"]


def test_a_restart_knows_the_last_result(made):
    selftest(made)
    (before,) = made.gateway.json("selftest", "status")
    made.gateway.stop()
    made.gateway.start()
    (after,) = made.gateway.json("selftest", "status")
    assert (after["standing"], after["last"], after["leaf"]) == (before["standing"], before["last"], before["leaf"])
    assert after["report"] is None


@pytest.mark.parametrize("every", ["0s", "59m", "8d", "never", "false", '""'])
def test_no_configuration_switches_it_off(organisation, every):
    made = organisation(servers=(), start=False)
    made.gateway.configure("selftest", every=every)
    process = made.gateway.launch()
    assert process.wait(30) == 65
    assert "the self-test stays on" in made.gateway.stderr()
