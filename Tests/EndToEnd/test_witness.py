"""Calls that a witness must cosign: with a witness that is down, slow, lying, forked or ahead."""

import itertools
import shutil
import signal
import subprocess
import threading

import pytest
from addresses import ADA, SAM
from deployment import Failure
from governed import DENIED
from judging import sample
from waits import until
from witnessed import AGENT, D2, GRAVE, LOOK, WRITE, grave, look, started, world
from witnessing import Note, alarms, cosigned, false_witness, learn, log_line, published


def test_the_small_verifier_finds_the_quorum(binary, people):
    """The small verifier shares no code with the program that wrote the log, nor with this one's witness."""
    with false_witness() as witness, started(binary, people, witness) as made:
        assert grave(made).told is None
        made.gateway.stop()
        trust, log = made.gateway.folder / "trust.policy", made.gateway.ledger / "log"
        words = [str(binary.with_name("interlock-verify")), str(log), "--trust"]
        done = subprocess.run([*words, str(trust)], capture_output=True, text=True)
        assert done.returncode == 0 and "cosigned by 1 known" in done.stdout, done.stdout + done.stderr
        assert "warning" not in done.stdout + done.stderr
        # This log does not reach another witness's quorum.
        with false_witness("other.example") as other:
            text = trust.read_text()
            (made.gateway.folder / "other").write_text(text.replace(witness.vkey, other.vkey))
        done = subprocess.run([*words, str(made.gateway.folder / "other")], capture_output=True, text=True)
        assert done.returncode == 1, done.stdout + done.stderr


def test_audit_verify_asks_for_the_quorum_of_the_deployment(binary, people):
    with false_witness() as witness, started(binary, people, witness) as made:
        assert grave(made).told is None
        gateway, trust = made.gateway, made.gateway.folder / "trust.policy"
        gateway.stop()
        checked = gateway.verify()
        assert checked.returncode == 0 and "cosigned by 1" in checked.stdout, checked.stdout + checked.stderr
        assert f"note: quorum `outside` of `{trust}`" in checked.stderr and "warning" not in checked.stderr
        (found,) = gateway.json("audit", "verify")
        assert found["quorum"] is True and found["trust"] == str(trust)
        # A key alone asks for no witness.
        (found,) = gateway.json("audit", "verify", "--vkey", log_line(gateway).removeprefix("log "))
        assert found["quorum"] is False and found["trust"] is None
        # The witness was exchanged: its cosignature is not there.
        text = trust.read_text()
        with false_witness("other.example") as other:
            trust.write_text(text.replace(witness.vkey, other.vkey))
        checked = gateway.verify()
        assert checked.returncode == 1 and "no quorum of the witnesses cosigned" in checked.stderr, checked.stderr
        trust.write_text(text + "nonsense\n")
        assert gateway.verify().returncode == 65
        trust.unlink()
        checked = gateway.verify()
        assert checked.returncode == 0 and "note: quorum" not in checked.stderr


def test_a_log_of_another_node_that_this_one_witnesses_is_not_taken_for_its_own(binary, people):
    """The keys of the trust file's `log` lines are those of logs that this node cosigns."""
    with world(binary, people) as made:
        gateway = made.gateway
        stranger = sample()
        learn(gateway, f"log {stranger.key.vkey}")
        assert gateway.verify().returncode == 0
        shutil.rmtree(gateway.ledger / "log")
        stranger.write(gateway.ledger / "log")
        checked = gateway.verify()
        assert checked.returncode == 1, checked.stdout + checked.stderr


def test_a_start_without_witnesses_says_so(binary, people):
    with started(binary, people) as made:
        assert "no outside memory: rewriting history cannot be detected" in made.gateway.stderr()
        assert "no outside memory" in made.gateway.run("status").stdout
        # Calls that need a witness are then only recorded, and the program reports that.
        assert "are only recorded (D1)" in made.gateway.stderr()
        ended = made.call_approved(AGENT, WRITE, ADA, SAM, id="T-1001", label="urgent")
        assert ended.told is None and made.intent(ended)["dl"] == "D1"


def test_an_approved_call_is_witnessed_after_the_approval(binary, people):
    with false_witness() as witness, started(binary, people, witness, quorum_time="500ms") as made:
        ended = made.call_approved(AGENT, WRITE, ADA, SAM, id="T-1001", label="urgent")
        assert ended.told is None and ended.arrived == 1 and made.intent(ended)["dl"] == "D2"
        used = next(one for one in made.gateway.records(40) if one["t"] == "approval.used")
        assert max(Note.parse(body.partition("\n\n")[2]).size for body in witness.asked) > used["index"]
        # The grant is gone, the call is not: a call that no witness remembers is not sent.
        witness.answer = lambda body: (503, "text/plain", "later\n")
        ended = made.call_approved(AGENT, WRITE, ADA, SAM, id="T-1001", label="vip")
        assert (ended.told, ended.arrived, ended.record["code"]) == (DENIED, 0, "audit.quorum")


def test_a_change_while_witnesses_are_awaited_is_seen_before_the_call_is_sent(binary, people):
    """R151: a quarantine and a reload, each while the witness delays its response."""
    with false_witness() as witness, started(binary, people, witness, quorum_time="30s") as made:
        assert grave(made).told is None

        def refused_after(change) -> dict:
            go_on, before, since = threading.Event(), made.arrived(GRAVE), made.newest()
            witness.answer = lambda body: (go_on.wait(30), witness.good(body))[1]
            client = made.client(AGENT)
            client.send("call", name=GRAVE, arguments={"text": "lamp"})
            until(lambda: made.gateway.json("status")[0]["ledger"]["open_intents"] == 1, made.gateway)
            try:
                change()
            finally:
                go_on.set()
            client.answer()
            assert made.arrived(GRAVE) == before
            witness.answer = witness.good
            return made.closing(AGENT, GRAVE, since)

        def order(deed: str):
            made.gateway.run("servers", deed, "tickets", "--reason", "a rehearsal")

        def reload():
            path = made.gateway.policy / "org.yaml"
            digest = made.gateway.json("status")[0]["policy"]
            path.write_text(path.read_text().replace("[get_ticket, search, add_label]", "[get_ticket]"))
            made.gateway.process.send_signal(signal.SIGHUP)
            until(lambda: made.gateway.json("status")[0]["policy"] != digest, made.gateway)

        assert refused_after(lambda: order("quarantine"))["code"] == "policy.quarantined"
        order("release")
        assert refused_after(reload)["code"] == "policy.no_grant"


def test_a_quorum_asked_for_by_name_must_be_there(binary, people):
    with world(binary, people, durability=D2) as made:
        with pytest.raises(Failure, match="(?s)65.*there is no quorum"):
            made.gateway.start()


def test_a_tool_is_raised_by_configuration_and_no_other(binary, people):
    with false_witness() as witness, started(binary, people, witness) as made:
        assert made.intent(grave(made))["dl"] == "D2"
        assert made.intent(look(made))["dl"] == "D0"


def test_calls_that_are_witnessed_do_not_outrun_what_is_published(binary, people):
    """A witness that has seen a newer checkpoint cannot cosign the published one."""
    with false_witness() as witness, started(binary, people, witness) as made:
        # The behaviour of a true witness: it only moves forward.
        newest, good = [0], witness.answer

        def forward(body: str):
            size = Note.parse(body.partition("\n\n")[2]).size
            if int(body.split("\n")[0].removeprefix("old ")) != newest[0]:
                return 409, "text/x.tlog.size", f"{newest[0]}\n"
            newest[0] = size
            return good(body)

        witness.answer = forward
        client, stop = made.client(AGENT), threading.Event()

        def load():
            for number in itertools.count():
                if stop.is_set():
                    break
                client.call(GRAVE, text=f"lamp {number}")

        thread = threading.Thread(target=load)
        thread.start()
        try:
            seen = {}
            until(lambda: seen.update({(note := published(made.gateway)).size: note}) or len(seen) > 5, seconds=60)
        finally:
            stop.set()
            thread.join()
        missing = [size for size, note in sorted(seen.items())[1:] if not cosigned(note, witness.vkey)]
        assert not missing and len(witness.asked) > 20


def test_a_slow_witness_refuses_the_call_in_time(binary, people):
    with false_witness() as witness, started(binary, people, witness, quorum_time="300ms") as made:
        assert grave(made).told is None
        witness.delay = 1.5
        ended = grave(made)
        assert (ended.told, ended.arrived, ended.record["code"]) == (DENIED, 0, "audit.quorum")
        witness.delay = 0
        until(lambda: grave(made).told is None)


def test_a_lying_witness_is_no_witness(binary, people):
    with false_witness() as witness, started(binary, people, witness) as made:
        until(lambda: cosigned(published(made.gateway), witness.vkey))
        witness.answer = witness.bad
        ended = grave(made)
        assert (ended.told, ended.arrived, ended.record["code"]) == (DENIED, 0, "audit.quorum")
        until(lambda: "audit.witness_unfit" in alarms(made.gateway))
        # The checkpoint is published nevertheless, and contains no false line.
        until(lambda: published(made.gateway).signers == [published(made.gateway).text.splitlines()[0]])
        # The deployment's own quorum is missing, which only a check without its witnesses passes.
        checked = made.gateway.verify()
        assert checked.returncode == 1 and "no quorum of the witnesses cosigned" in checked.stderr, checked.stderr
        own = log_line(made.gateway).removeprefix("log ")
        assert made.gateway.run("audit", "verify", "--vkey", own).returncode == 0
        assert look(made).arrived == 1


def at_the_same_size(body: str) -> tuple[int, str, str]:
    """The answer of a witness that remembers another root of the size that it is asked about: it is asked about its
    own size first, and so again without a proof."""
    size = Note.parse(body.partition("\n\n")[2]).size
    return 409, "text/x.tlog.size", f"{size}\n"


@pytest.mark.parametrize("answer", [
    lambda body: (422, "text/plain", "bad consistency proof\n"),
    lambda body: (409, "text/x.tlog.size", "1000000\n"), at_the_same_size],
    ids=["no extension", "a larger size", "the same size"])
def test_a_fork_stops_permits_until_the_witness_is_removed(binary, people, answer):
    with false_witness() as witness, started(binary, people, witness) as made:
        assert look(made).arrived == 1
        witness.answer = answer
        until(lambda: "audit.fork" in alarms(made.gateway))
        ended_answer = made.client(AGENT).call(LOOK, id="T-1001")
        assert ended_answer["result"]["_meta"]["interlock/decision"]["ruleId"] == "audit.fork"
        assert "FORK" in made.gateway.run("status").stdout
        made.gateway.run("audit", "witness", "remove", witness.name)
        assert look(made).arrived == 1
        changes = [one for one in made.gateway.records(200) if one["t"] == "config.changed"]
        assert [one["sec"] for one in changes] == ["ledger.trust"]
        assert "quorum none" in (made.gateway.folder / "trust.policy").read_text()


def test_yesterday_s_state_does_not_start(binary, people):
    with false_witness() as witness, started(binary, people, witness) as made:
        first = made.gateway
        first.stop()
        shutil.copytree(first.folder / "state", first.folder / "yesterday")
        first.start()
        first.wait_for_tools(AGENT, "tickets")
        assert grave(made).told is None
        first.stop()
        newest = published(first).size
        witness.answer = lambda body: (409, "text/x.tlog.size", f"{newest}\n")
        shutil.rmtree(first.folder / "state")
        shutil.copytree(first.folder / "yesterday", first.folder / "state")
        before = {path: path.read_bytes() for path in (first.ledger / "log").rglob("*") if path.is_file()}
        with pytest.raises(Failure, match="(?s)ended with 65.*audit.rolled_back"):
            first.start()
        after = {path: path.read_bytes() for path in (first.ledger / "log").rglob("*") if path.is_file()}
        assert before == after
        # The true state starts.
        witness.answer = witness.good


def test_a_start_without_an_answer_is_told(binary, people):
    with false_witness() as witness, started(binary, people, witness) as made:
        made.gateway.stop()
        witness.answer = lambda body: (503, "text/plain", "later\n")
        made.gateway.start()
        assert "audit.witness_unasked" in made.gateway.stderr()
        made.gateway.wait_for_tools(AGENT, "tickets")
        assert grave(made).told == DENIED
        witness.answer = witness.good
        until(lambda: grave(made).told is None)


def test_a_redirect_is_no_answer(binary, people):
    with false_witness() as witness, started(binary, people, witness) as made:
        witness.answer = lambda body: (302, "text/plain", "")
        assert grave(made).told == DENIED
        asked = len(witness.asked)
        until(lambda: len(witness.asked) > asked)
        assert "audit.witness_refuses" in alarms(made.gateway)
