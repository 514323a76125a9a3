"""The kill switch: one key stops, two keys resume, and the halt survives restarts."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

import wire
from addresses import ADA, DANA, INES, PAUL, SAM
from faulty import FaultyServer
from waits import until


@pytest.fixture
def made(organisation):
    """A deployment for a test that stops it."""
    return organisation(servers=("tickets",))


@contextmanager
def halt(made, *scope: str, by: str):
    """A halt that is in force for the block, and is released afterwards."""
    halt = made.gateway.halt(*scope, by=by)
    try:
        yield
    finally:
        made.gateway.resume(halt, ADA, SAM)


def halted(answer: wire.Answer) -> bool:
    return answer.status == 200 and answer.code == 4230


def read(made, agent: str = "support-triage") -> wire.Answer:
    return made.session(agent).call("tickets__get_ticket", id="T-1001")


def is_halted(made, agent: str = "support-triage") -> bool:
    answer = wire.exchange(made.gateway.port, headers={
        "Accept": wire.ACCEPT, "Content-Type": "application/json",
        "Authorization": f"Bearer {made.token(agent)}"},
        body=b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18",'
             b'"capabilities":{},"clientInfo":{"name":"x","version":"1"}}}')
    assert answer.status == 200, answer
    return answer.code == 4230


@pytest.mark.requirement("R112")
def test_a_halted_agent_is_refused_at_once_and_others_go_on(acme):
    session, other = acme.session("support-triage"), acme.session("refunds")
    assert session.call("tickets__get_ticket", id="T-1001").code is None
    before, newest = acme.count("tickets", "get_ticket"), acme.gateway.records()[-1]["index"]
    with halt(acme, "--agent", "support-triage", by=DANA):
        answer = session.call("tickets__get_ticket", id="T-1001")
        assert halted(answer) and "error" in answer.message
        assert "rehearsal" not in answer.body.decode(), "the order's reason is not shown to the agent"
        assert acme.count("tickets", "get_ticket") == before
        assert other.call("tickets__get_ticket", id="T-1001").code is None
        kinds = [record["t"] for record in acme.gateway.records() if record["index"] > newest]
        assert "kill.requested" in kinds and "call.denied" in kinds
    # A release restores no run: the agent starts another.
    assert session.call("tickets__get_ticket", id="T-1001").status == 401
    assert acme.session("support-triage").call("tickets__get_ticket", id="T-1001").code is None
    assert other.call("tickets__get_ticket", id="T-1001").code is None


@pytest.mark.requirement("R112")
def test_all_stops_everybody(acme):
    with halt(acme, "--all", by=ADA):
        assert all(is_halted(acme, agent) for agent in ("support-triage", "refunds", "code-fix"))


@pytest.mark.requirement("R112")
def test_a_halted_server_is_refused_as_a_tool_error(acme):
    session = acme.session("support-triage")
    with halt(acme, "--server", "tickets", by=DANA):
        answer = session.call("tickets__get_ticket", id="T-1001")
        assert halted(answer) and answer.message["result"]["isError"]
        assert session.call("kb__search", text="invoice").code is None
    assert session.call("tickets__get_ticket", id="T-1001").code is None, "nobody's run was halted"


@pytest.mark.requirement("R112")
def test_a_halted_tool_is_refused_for_every_agent_and_its_siblings_go_on(acme):
    sessions = [acme.session(agent) for agent in ("support-triage", "refunds")]
    before = acme.count("tickets", "get_ticket")
    with halt(acme, "--tool", "tickets.get_ticket", by=DANA):
        for session in sessions:
            answer = session.call("tickets__get_ticket", id="T-1001")
            assert halted(answer) and answer.message["result"]["isError"]
        assert sessions[0].call("tickets__search", text="lamp").code is None
        (active,) = acme.gateway.json("kill", "--status")[0]["halts"]
        assert (active["scope"], active["target"]) == ("tool", "tickets.get_ticket")
    assert acme.count("tickets", "get_ticket") == before
    for session in sessions:
        assert session.call("tickets__get_ticket", id="T-1001").code is None, "nobody's run was halted"
    unknown = acme.gateway.run("kill", "--tool", "tickets.get_tickets", "--reason", "a typing error", by=ADA,
                               check=False)
    assert unknown.returncode == 66 and "tickets.get_ticket" in unknown.stderr


TINA = "tina@acme.example"  # an owner, as most are, without a key here


@pytest.mark.requirement("R112")
def test_a_halt_of_an_owner_stops_all_agents_of_this_person(organisation):
    def owned_by_tina(text: str) -> str:
        assert f"owner: {INES}" in text
        return text.replace(f"owner: {INES}", f"owner: {TINA}")

    made = organisation(servers=("tickets",), extra={"agents/refunds.yaml": owned_by_tina})
    agents = {"support-triage", "refunds"}
    for owner, own in ((DANA, {"support-triage"}), (TINA, {"refunds"})):
        with halt(made, "--owner", owner, by=ADA):
            assert {agent for agent in agents if is_halted(made, agent)} == own
            (active,) = made.gateway.json("kill", "--status")[0]["halts"]
            assert active["scope"] == "owner" and owner not in active["target"], "people are named by pseudonyms"
        assert not any(is_halted(made, agent) for agent in agents)
    unknown = made.gateway.run("kill", "--owner", "dan@acme.example", "--reason", "a typing error", by=ADA,
                               check=False)
    assert unknown.returncode == 66 and "owns no agent" in unknown.stderr and DANA in unknown.stderr


def test_a_halt_holds_over_a_crash_and_two_keys_resume(made):
    halt = made.gateway.halt("--agent", "support-triage", by=DANA)
    made.gateway.kill()
    made.gateway.start()
    assert is_halted(made)

    release = made.gateway.ask_resume(halt, ADA)
    assert is_halted(made)
    once_more = made.gateway.confirm(release, ADA, check=False)
    assert once_more.returncode == 1 and "waits for another person" in once_more.stdout, once_more
    assert made.gateway.confirm(release, PAUL, check=False).returncode == 77, "no role"
    assert is_halted(made)
    made.gateway.confirm(release, SAM)
    assert not is_halted(made)
    made.gateway.wait_for_tools("support-triage", "tickets")
    assert read(made).code is None
    assert "kill.released" in [record["t"] for record in made.gateway.records()]

    made.gateway.stop()
    made.gateway.start()
    assert not is_halted(made), "what was released stays released"


def test_a_token_from_before_a_release_is_invalid_also_after_a_restart(made):
    def status(token: str) -> int:
        try:
            return wire.Session(made.gateway.port, token).opening.status
        except ConnectionError as failure:
            return int(str(failure).split()[1])

    unused, other = (made.gateway.token(agent) for agent in ("support-triage", "refunds"))
    time.sleep(1.1)  # tokens state whole seconds
    made.gateway.resume(made.gateway.halt("--agent", "support-triage", by=DANA), ADA, SAM)
    for restart in (made.gateway.stop, made.gateway.kill):
        assert (status(unused), status(other)) == (401, 200)
        assert status(made.gateway.token("support-triage")) == 200
        restart()
        made.gateway.start()
    assert (status(unused), status(other)) == (401, 200)
    assert status(made.gateway.token("support-triage")) == 200


def test_only_the_role_may_halt(acme):
    done = acme.gateway.run("kill", "--all", "--reason", "because I want to", by=PAUL, check=False)
    assert done.returncode == 77
    assert not is_halted(acme)


def test_a_halt_needs_a_reason_and_a_target_that_exists(acme):
    assert acme.gateway.run("kill", "--all", by=ADA, check=False).returncode == 64
    done = acme.gateway.run("kill", "--agent", "suport-triage", "--reason", "a typing error", by=ADA, check=False)
    assert done.returncode == 66 and "support-triage" in done.stderr


@pytest.mark.requirement("R111")
def test_a_call_in_flight_is_cut(organisation, tmp_path):
    with FaultyServer(tmp_path, way="http") as faulty, ThreadPoolExecutor(1) as pool:
        made = organisation(extra=faulty.policy, servers=())
        made.gateway.wait_for_tools("tester", "faulty")
        session = made.session("tester")
        call = pool.submit(session.call, "faulty__slow", 60, delay=30)
        faulty.wait_for("slow")
        started = time.monotonic()
        halt = made.gateway.halt("--agent", "tester", by=ADA, cuts=True)
        answer = call.result(10)
        assert time.monotonic() - started < 15, "it would have taken 30 s"
        assert halted(answer), answer.body
        deadline = time.monotonic() + 10
        while True:
            closing = [one for one in made.gateway.records()
                       if one.get("tool") == "faulty__slow" or one["t"] in ("call.unknown", "call.outcome")]
            if {"call.unknown", "call.outcome"} & {one["t"] for one in closing}:
                break
            assert time.monotonic() < deadline, "the cut call was not closed in the ledger"
            time.sleep(0.1)
        last = [one for one in closing if one["t"] in ("call.unknown", "call.outcome")][-1]
        assert last["t"] == "call.unknown" or last["st"] == "cancelled"
        # Whoever lets the agents go on is asked to find out what the calls did whose effect is unknown.
        assert "kill.unchecked" not in [code for code, _ in made.gateway.alarms()]
        made.gateway.resume(halt, ADA, SAM)
        if last["t"] == "call.unknown":
            until(lambda: ("kill.unchecked", halt) in made.gateway.alarms(), made.gateway)


def test_a_stdio_server_goes_on_with_nothing_after_the_halt(organisation, tmp_path):
    """The server reads one call at a time, so the others wait in its pipe when the halt comes."""
    with FaultyServer(tmp_path, way="stdio") as faulty, ThreadPoolExecutor(6) as pool:
        made = organisation(extra=faulty.policy, servers=())
        made.gateway.wait_for_tools("tester", "faulty")
        sessions = [made.session("tester") for _ in range(6)]
        calls = [pool.submit(session.call, "faulty__slow", 60, delay=4) for session in sessions]
        faulty.wait_for("slow")
        halt = made.gateway.halt("--agent", "tester", by=ADA, cuts=True)
        after = faulty.arrived("slow")
        assert all(halted(call.result(10)) for call in calls)
        time.sleep(6)  # longer than the call that it was processing
        assert faulty.arrived("slow") == after
        made.gateway.resume(halt, ADA, SAM)
        assert made.session("tester").call("faulty__echo", text="well").code is None


def test_a_broken_order_in_the_folder_halts_all(made):
    """Fail closed: an unreadable order could be a halt."""
    made.gateway.stop()
    orders = made.gateway.folder / "state" / "kill" / "orders"
    (orders / "01kag0r2b4d6f8h0k2m4p6r8t0.json").write_bytes(b'{"payload":')
    made.gateway.start()
    assert is_halted(made)
