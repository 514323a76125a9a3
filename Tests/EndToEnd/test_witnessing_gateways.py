"""Gateways that witness each other, and a witness that runs alone."""

import hashlib
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path

import pytest
from conftest import SEGMENT
from deployment import Deployment
from governed import DENIED
from test_key_rotation import over, rotated
from waits import until
from witnessed import AGENT, D2, grave, look, tools, world
from witnessing import Note, alarms, cosigned, learn, log_line, published, status, vkey, witness_url


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


def test_a_witness_that_does_not_know_the_log_is_told_at_once(binary, people, second):
    """The second gateway has no line for the first one's log."""
    second.start()
    with world(binary, people) as made:
        made.gateway.run("audit", "witness", "add", vkey(second), witness_url(second))
        made.gateway.start()
        until(lambda: "audit.witness_refuses" in alarms(made.gateway))
        done = made.gateway.run("audit", "witness", "test", vkey(second).split("+")[0], check=False)
        assert done.returncode == 1 and "does not know this log" in done.stdout


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
            # A proof between equal sizes does not verify; without one the roots must be equal (C2SP tlog-witness).
            assert post(url, b"old %d\n" % size + b"A" * 43 + b"=\n\n" + note)[0] == 422
            assert any((tmp_path / "state" / "logs" / "refused").iterdir())
            assert [post(url, b"old %d\n\n" % size + note)[0] for _ in range(3)][-1] == 429
        finally:
            process.terminate()
            assert process.wait(10) == 0
