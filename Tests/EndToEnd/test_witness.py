"""Others remember the log: gateways that witness each other, and a witness that is down, slow, lying, forked or
ahead."""

import hashlib
import itertools
import shutil
import signal
import subprocess
import tempfile
import threading
import urllib.error
import urllib.request
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from addresses import ADA, SAM
from conftest import SEGMENT
from deployment import Deployment, Failure
from governed import DENIED, agent, governed, policy, server
from test_key_rotation import over, rotated
from waits import until
from witnessing import Note, alarms, cosigned, false_witness, learn, log_line, published, status, vkey, witness_url

AGENT = "clerk"
# A read needs no approval; configuration raises one to D2.
LOOK, GRAVE, WRITE = "tickets__get_ticket", "tickets__search", "tickets__add_label"
D2 = "{tickets__search: D2}"


def tools(ports):
    return policy(
        "servers:", server("tickets", ports["tickets"], """
tools:
  get_ticket: {class: read}
  search: {class: read}
  add_label: {class: write, effects: [production]}
"""), "agents:", agent(AGENT, "mcp_scopes: {tickets: [get_ticket, search, add_label]}", stage="trusted"))


@contextmanager
def world(binary, people, witness=None, **settings):
    """A gateway with a beat of a second; `witness` is marked and is its quorum."""
    with governed(binary, people, tools, servers=("tickets",), start=False) as made:
        made.gateway.configure("ledger", beat="1s", **settings)
        if witness:
            made.gateway.run("audit", "witness", "add", witness.vkey, witness.url, "--now")
            made.gateway.configure("ledger", durability=D2)
        yield made


@contextmanager
def started(binary, people, witness=None, **settings):
    with world(binary, people, witness, **settings) as made:
        made.gateway.start()
        made.gateway.wait_for_tools(AGENT, "tickets")
        yield made


def grave(made):
    return made.call(AGENT, GRAVE, text="lamp")


def look(made):
    return made.call(AGENT, LOOK, id="T-1001")


@pytest.fixture
def second(binary, people):
    """A second gateway, which is only a witness."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="interlock-e2e-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        (folder / "source").mkdir()
        (folder / "source" / "org.yaml").write_text(tools({"tickets": 9}))
        made = Deployment(binary, folder / "deployment", folder / "source", people, node="gw2",
                          segment=SEGMENT)
        made.init()
        made.configure("ledger", beat="1s")
        stack.callback(made.kill)
        yield made


def test_two_gateways_remember_each_other(binary, people, second):
    with world(binary, people) as made:
        first = made.gateway
        lines = log_line(first), log_line(second)
        learn(first, lines[1])
        learn(second, lines[0])
        first.run("audit", "witness", "add", vkey(second), witness_url(second), "--now")
        second.run("audit", "witness", "add", vkey(first), witness_url(first), "--now")
        first.configure("ledger", durability=D2)
        second.start()
        first.start()
        first.wait_for_tools(AGENT, "tickets")
        until(lambda: cosigned(published(first), vkey(second)))
        until(lambda: cosigned(published(second), vkey(first)))
        ended = grave(made)
        assert ended.told is None and ended.arrived == 1
        assert made.intent(ended)["dl"] == "D2"
        # The checkpoint that the witness remembers covers the call, and any client can fetch it.
        origin = published(first).text.splitlines()[0]
        name = hashlib.sha256(origin.encode()).hexdigest()
        with urllib.request.urlopen(f"{witness_url(second)}/{name}/checkpoint") as answer:
            remembered = Note.parse(answer.read().decode())
        assert remembered.size > made.intent(ended)["index"]
        assert cosigned(remembered, vkey(second))
        assert "no outside memory" not in first.run("status").stdout
        assert status(first)["witnesses"][0]["trouble"] is None
        # A mark lets the peer submit as often as calls come.
        assert [grave(made).told for _ in range(8)] == [None] * 8
        # Such a call is not sent without the witness; others continue.
        second.stop()
        ended = grave(made)
        assert (ended.told, ended.arrived) == (DENIED, 0)
        assert ended.record["code"] == "audit.quorum" and "intent" in ended.record
        assert look(made).arrived == 1
        until(lambda: "audit.witness_silent" in alarms(first))
        second.start()
        until(lambda: grave(made).told is None)


def test_a_witness_goes_on_under_the_new_key_once_it_is_given_it(binary, people, second):
    """The witness knows only the old key: this suffices while both sign, and fails when only the new one does."""
    with world(binary, people) as made:
        first = made.gateway
        learn(second, log_line(first))
        first.run("audit", "witness", "add", vkey(second), witness_url(second), "--now")
        first.configure("ledger", durability=D2)
        second.start()
        first.start()
        first.wait_for_tools(AGENT, "tickets")
        assert grave(made).told is None
        made.hang_up()
        first.stop()
        new = rotated(first)
        first.start()
        first.wait_for_tools(AGENT, "tickets")
        # A log without a mark gets a response about once a second, and each beat submits, too.
        until(lambda: grave(made).told is None)
        until(lambda: cosigned(published(first), vkey(second)))
        made.hang_up()
        first.stop()

        over(first)
        first.start()
        first.wait_for_tools(AGENT, "tickets")
        ended = grave(made)
        assert (ended.told, ended.arrived, ended.record["code"]) == (DENIED, 0, "audit.quorum")
        until(lambda: "audit.witness_refuses" in alarms(first))
        second.stop()
        learn(second, f"log {new}")
        second.start()
        until(lambda: grave(made).told is None)
        # It continued from its memory: no person had to reset it.
        until(lambda: cosigned(published(first), vkey(second)))
        assert status(first)["witnesses"][0]["trouble"] is None
        first.stop()
        assert first.verify().returncode == 0


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
        assert made.gateway.verify().returncode == 0
        assert look(made).arrived == 1


@pytest.mark.parametrize("answer", [
    (422, "text/plain", "bad consistency proof\n"), (409, "text/x.tlog.size", "1000000\n")])
def test_a_fork_stops_permits_until_the_witness_is_removed(binary, people, answer):
    with false_witness() as witness, started(binary, people, witness) as made:
        assert look(made).arrived == 1
        witness.answer = lambda body: answer
        until(lambda: "audit.fork" in alarms(made.gateway))
        ended_answer = made.client(AGENT).call(LOOK, id="T-1001")
        assert ended_answer["result"]["_meta"]["interlock/decision"]["ruleId"] == "audit.fork"
        assert "FORK" in made.gateway.run("status").stdout
        made.gateway.run("audit", "witness", "remove", witness.name)
        assert look(made).arrived == 1
        changes = [one for one in made.gateway.records(200) if one["t"] == "config.changed"]
        assert [one["sec"] for one in changes] == ["ledger.trust"]
        assert "quorum none" in (made.gateway.folder / "trust.policy").read_text()


def test_a_witness_that_does_not_know_the_log_is_told_at_once(binary, people, second):
    """The second gateway has no line for the first one's log."""
    second.start()
    with world(binary, people) as made:
        made.gateway.run("audit", "witness", "add", vkey(second), witness_url(second))
        made.gateway.start()
        until(lambda: "audit.witness_refuses" in alarms(made.gateway))
        done = made.gateway.run("audit", "witness", "test", vkey(second).split("+")[0], check=False)
        assert done.returncode == 1 and "does not know this log" in done.stdout


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


def post(url: str, body: bytes) -> tuple[int, str]:
    request = urllib.request.Request(url + "/add-checkpoint", data=body, method="POST")
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_a_witness_alone_answers_as_the_table_says(binary, people, tmp_path):
    """An auditor's laptop, asked by hand about the log of a gateway."""
    with world(binary, people) as made:
        made.gateway.start()
        (tmp_path / "trust.policy").write_text(log_line(made.gateway) + "\nquorum none\n")
        log = (tmp_path / "log").open("wb")
        process = subprocess.Popen(
            [str(binary), "audit", "witness", "serve", "--listen", "127.0.0.1:0", "--trust",
             str(tmp_path / "trust.policy"), "--state", str(tmp_path / "state"), "--name", "auditor.example"],
            stdout=log, stderr=log)
        try:
            url = until(lambda: next((word for word in (tmp_path / "log").read_text().split()
                                      if word.startswith("http://")), None))
            key = (tmp_path / "log").read_text().splitlines()[0]
            note = (made.gateway.ledger / "log" / "checkpoint").read_bytes()
            size = Note.parse(note.decode()).size
            assert post(url, b"old 0\n")[0] == 400
            assert post(url, b"old 0\n\n" + b"x" * (513 << 10))[0] == 400
            assert post(url, b"old 1\n" + b"A" * 43 + b"=\n" * 1 + (b"A" * 43 + b"=\n") * 63 + b"\n" + note)[0] == 400
            assert post(url, b"old %d\n\n" % (size + 1) + note)[0] == 400
            assert post(url, b"old 0\n\n" + note.replace(b"/gw1/", b"/gw9/"))[0] == 404
            assert post(url, b"old 0\n\n" + note.replace(b"\n%d\n" % size, b"\n%d\n" % (size + 1)))[0] == 403
            code, line = post(url, b"old 0\n\n" + note)
            assert code == 200
            assert cosigned(Note.parse(note.decode() + line), key)
            assert post(url, b"old 0\n\n" + note) == (409, f"{size}\n")
            assert post(url, b"old %d\n" % size + b"A" * 43 + b"=\n\n" + note)[0] == 422
            assert any((tmp_path / "state" / "logs" / "refused").iterdir())
            assert [post(url, b"old %d\n\n" % size + note)[0] for _ in range(3)][-1] == 429
        finally:
            process.terminate()
            assert process.wait(10) == 0
