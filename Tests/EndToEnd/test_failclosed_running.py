"""Parts that fail while the gateway runs (`docs/fail-closed.md`): the permitted calls, the records, the response of
`/readyz`, and the recovery once the part is back."""

import resource
import select
import signal
import socket
import time
from pathlib import Path

import pytest

from addresses import ADA, DANA, SAM
from broken import (STORE, ask, breakable, check_refused, harmed, health, wait_for_health, wait_for_record,
                    wait_until_served)
from faulty import FaultyServer
from test_faults import PACK, SEGMENT, Faults
from test_kill import is_halted
from wire import decision

pytestmark = pytest.mark.requirement("R070")


@pytest.fixture
def made(organisation):
    return organisation(servers=("tickets",), start=False)


@pytest.mark.parametrize("call, how", [("pwrite", "EIO"), ("pwrite", "ENOSPC"), ("fdatasync", "EIO"),
                                       ("pwrite", "hang")])
def test_a_store_that_does_not_keep_stops_all_calls_and_no_halt(made, fault_library, call, how):
    faults = breakable(made, fault_library)
    session = made.session("support-triage")
    assert ask(session).code is None
    newest = made.gateway.records(1)[-1]["index"]
    faults.set(call, STORE, how, times=0)
    wait_for_health(made, "/readyz", 503, "store:")
    answer = check_refused(made, session, 4030, "store.unavailable")
    assert decision(answer.message["result"])["reason"] == "unavailable"
    assert [one["code"] for one in made.gateway.records(50, type="alarm.raised")].count("store.down") == 1
    # No approval is requested and no elevation granted; stopping needs no store.
    assert made.gateway.json("approvals", "list") == []
    halt = made.gateway.halt("--agent", "support-triage", by=DANA)
    assert is_halted(made)
    wait_for_kind(made, newest, "kill.requested")
    if how != "hang":  # else it would wait, and act when the store is back
        refused = made.gateway.confirm(made.gateway.ask_resume(halt, ADA), SAM, check=False)
        assert refused.returncode != 0, refused.stdout
    assert is_halted(made), "a release is on disk before it acts"
    faults.clear()
    wait_for_health(made, "/readyz", 200)
    made.gateway.resume(halt, ADA, SAM)
    wait_until_served(made, made.session("support-triage"))
    faults.stop()


def test_a_sweep_that_hangs_is_no_sound_process(made, fault_library):
    """The sweep waits for the store, to keep newly seen values."""
    faults = breakable(made, fault_library)
    assert health(made, "/healthz") == (200, "ok")
    faults.set("pwrite", STORE, "hang", times=0)
    ask(made.session("support-triage"))
    assert "the loop `sweep`" in wait_for_health(made, "/healthz", 503)
    faults.clear()
    wait_for_health(made, "/healthz", 200)
    faults.stop()


def test_a_log_that_hangs_permits_nothing_and_halts_still_act(made, fault_library):
    """The order is on disk and acts at once; its record follows when the log is back."""
    faults = breakable(made, fault_library)
    session, other = made.session("support-triage"), made.session("refunds")
    newest, before = made.gateway.records(1)[-1]["index"], made.count("tickets", "get_ticket")
    faults.set("fdatasync", SEGMENT, "hang", times=0)
    wait_for_health(made, "/readyz", 503, "ledger:")
    refused = decision(ask(session).message["result"])
    assert (refused["code"], refused["ruleId"].split(".")[0]) == (4030, "audit"), refused
    halt = halted(made)
    assert list((made.gateway.folder / "state" / "kill" / "orders").glob(f"*{halt}*"))
    assert ask(session).code == 4230 and ask(other).code == 4030
    assert made.count("tickets", "get_ticket") == before
    faults.clear()
    wait_for_health(made, "/readyz", 200)
    wait_for_kind(made, newest, "kill.requested")
    made.gateway.resume(halt, ADA, SAM)
    wait_until_served(made, made.session("support-triage"))
    faults.stop()


def halted(made) -> str:
    done = made.gateway.run("kill", "--agent", "support-triage", "--reason", "the log hangs", by=DANA, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    (halt,) = made.gateway.json("kill", "--status")[0]["halts"]
    return halt["id"]


def wait_for_kind(made, after: int, kind: str) -> None:
    deadline = time.monotonic() + 30
    while not [one for one in made.gateway.records(50, type=kind) if one["index"] > after]:
        assert time.monotonic() < deadline, made.gateway.records(20)
        time.sleep(0.1)


def test_past_the_hard_mark_nothing_is_permitted_and_a_halt_acts_and_is_on_record(made, fault_library):
    """A disk whose fill level is unknown counts as full."""
    faults = breakable(made, fault_library)
    session, other = made.session("support-triage"), made.session("refunds")
    newest = made.gateway.records(1)[-1]["index"]
    faults.set("statvfs", "wal", "EIO", times=0)
    wait_for_health(made, "/readyz", 503, "ledger:")
    answer = check_refused(made, session, 4030)
    assert decision(answer.message["result"])["reason"] == "full"
    halt = made.gateway.halt("--agent", "support-triage", by=DANA)
    assert ask(session).code == 4230 and ask(other).code == 4030
    wait_for_kind(made, newest, "kill.requested")
    faults.clear()
    wait_for_health(made, "/readyz", 200)
    made.gateway.resume(halt, ADA, SAM)
    wait_until_served(made, made.session("support-triage"))
    faults.stop()


def test_limits_that_cannot_be_counted_let_nothing_through(made, fault_library):
    """A new limit is counted from the log; while the log cannot be read, agents with the limit are refused."""
    faults = breakable(made, fault_library)
    session, newest = made.session("support-triage"), made.gateway.records(1)[-1]["index"]
    assert ask(session).code is None
    file = made.gateway.policy / "agents" / "support-triage.yaml"
    text = file.read_text()
    assert "    tier: low\n" in text
    faults.set("open", SEGMENT, "EIO", times=0)
    file.write_text(text.replace("    tier: low\n", "    tier: low\n    limits: {tickets.get_ticket: 50/h}\n", 1))
    made.gateway.process.send_signal(signal.SIGHUP)
    wait_for_health(made, "/readyz", 503, "limits:")
    answer = check_refused(made, session, 4290, "policy.limit")
    assert b"unavailable" in answer.body
    wait_for_record(made, newest, "alarm.raised", "limits.unknown")
    faults.clear()
    made.gateway.stop()
    made.gateway.start()
    wait_for_health(made, "/readyz", 200)
    made.gateway.wait_for_tools("support-triage", "tickets")
    wait_until_served(made, made.session("support-triage"))


@pytest.mark.parametrize("harm", ["missing", "empty", "unparsable"])
def test_a_policy_that_is_gone_while_it_runs_leaves_the_old_one_deciding(made, harm):
    made.gateway.start()
    made.gateway.wait_for_tools("support-triage", "tickets")
    newest = made.gateway.records(1)[-1]["index"]
    with harmed(made.gateway.policy, None):
        if harm != "missing":
            made.gateway.policy.mkdir()
        if harm == "unparsable":
            (made.gateway.policy / "org.yaml").write_text("yes | no | {\n")
        made.gateway.process.send_signal(signal.SIGHUP)
        wait_for_record(made, newest, "alarm.raised", "policy.reload_refused")
        assert ask(made.session("support-triage")).code is None
        assert health(made, "/readyz") == (200, "ready")


@pytest.mark.requirement("R071")
def test_a_result_that_cannot_be_kept_is_withheld(organisation, fault_library, tmp_path):
    """The result has more than 64 KiB, so that it is written to a pack."""
    with FaultyServer(tmp_path, "http") as server:
        made = organisation(extra=server.policy, servers=(), start=False)
        faults = Faults(made, fault_library)
        faults.start()
        made.gateway.wait_for_tools("tester", "faulty")
        session = made.session("tester")
        assert session.call("faulty__huge", bytes=100_000).code is None
        newest = made.gateway.records(1)[-1]["index"]
        faults.set("pwrite", PACK, "ENOSPC", times=0)  # the log writes there, too
        answer = session.call("faulty__huge", bytes=100_000)
        assert faults.hits() and answer.code == 5020 and b"xxxx" not in answer.body, answer.body[:500]
        faults.clear()
        assert decision(answer.message["result"])["outcome"] == "executed"
        ends = [one for one in made.gateway.records(20, type="call.outcome") if one["index"] > newest]
        assert [one["st"] for one in ends] == ["withheld"]
        assert session.call("faulty__huge", bytes=100_000).code is None
        faults.stop()


def test_no_descriptor_is_left_and_who_is_in_goes_on(organisation):
    """The gateway keeps running without free file descriptors; once there are some, an open session is served again."""
    made = organisation(servers=("tickets",), settings={"limits": {"connections": "64"}})
    session = made.session("support-triage")
    assert ask(session).code is None
    process = made.gateway.process.pid
    open_now = max(int(one.name) for one in Path(f"/proc/{process}/fd").iterdir())
    limits = resource.prlimit(process, resource.RLIMIT_NOFILE)
    crowd = []
    try:
        resource.prlimit(process, resource.RLIMIT_NOFILE, (open_now + 4, limits[1]))
        for _ in range(20):
            crowd.append(socket.create_connection(("127.0.0.1", made.gateway.port), timeout=5))
        before = made.count("tickets", "get_ticket")
        assert made.gateway.process.poll() is None
        resource.prlimit(process, resource.RLIMIT_NOFILE, limits)
        wait_until_served(made, session)
        assert made.count("tickets", "get_ticket") > before
    finally:
        for one in crowd:
            one.close()
    assert made.gateway.process.poll() is None
    assert made.gateway.stop() == 0
    assert made.gateway.verify().returncode == 0


def test_above_the_connections_that_there_are_the_answer_is_503(organisation):
    made = organisation(servers=("tickets",), settings={"limits": {"connections": "4"}})
    session = made.session("support-triage")
    crowd = [socket.create_connection(("127.0.0.1", made.gateway.port), timeout=10) for _ in range(12)]
    try:
        # One that took the place of a connection that was idle for long waits instead of being answered.
        answered, _, _ = select.select(crowd[6:], [], [], 10)
        said = b"".join(one.recv(200) for one in answered)
        assert b"503" in said, said
    finally:
        for one in crowd:
            one.close()
    wait_until_served(made, session)


def test_a_result_that_breaks_its_schema_is_withheld(organisation, tmp_path):
    with FaultyServer(tmp_path, "http") as server:
        made = organisation(extra=server.policy, servers=())
        made.gateway.wait_for_tools("tester", "faulty")
        answer = made.session("tester").call("faulty__shapeless")
        assert answer.code == 5020 and b"no number" not in answer.body, answer.body
        (end,) = made.gateway.records(20, type="call.outcome")
        assert end["st"] == "withheld"
