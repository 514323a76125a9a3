"""`interlock watch`: a second process alerts when a gateway no longer proves that it is alive."""

import base64
import json
import os
import re
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from conftest import ROOT
from fetching import fetch
from receiving import Webhook, is_signed

SECRET = "a shared secret of 32 letters, ok"
# A program that passes on what it is given, and gets no environment variable of the watcher.
MESSENGER = """#!/usr/bin/python3
import os, sys, urllib.request
assert set(os.environ) <= {{"PATH", "LC_CTYPE"}}, os.environ
urllib.request.urlopen(urllib.request.Request("{}", sys.stdin.buffer.read(), {{"Content-Type": "application/json"}}))
"""


@pytest.fixture
def gateway(organisation):
    return organisation(servers=("billing",), start=False).gateway


@pytest.fixture
def program():
    """A place for a program of a channel, which does not see /tmp. Root starts it as another user, who may have no
    way to this repository."""
    place = "/srv" if os.geteuid() == 0 else ROOT / ".build"
    with tempfile.TemporaryDirectory(prefix="interlock-watch-", dir=place) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "messenger"


@contextmanager
def watching(gateway, folder, url: str, *words: str):
    """Runs the watcher with a question each second and ten seconds of patience; yields it once it is ready."""
    errors = folder / "watch.log"
    with errors.open("w") as to:
        process = subprocess.Popen(
            [gateway.binary, "watch", url, "--trust", gateway.folder / "trust.policy", "--every", "1", "--after", "10", *words],
            stderr=to, stdout=subprocess.DEVNULL, cwd=folder, env={**os.environ, "SECRET": "of the watcher"})
    try:
        until(lambda: "ready watch" in errors.read_text(), "ready", errors)
        yield process, errors
        assert process.poll() is None, errors.read_text()
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0, errors.read_text()


def until(holds, about: str, errors=None, seconds: float = 40):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, (about, errors and errors.read_text())
        time.sleep(0.1)


def people(gateway) -> str:
    return f"http://127.0.0.1:{gateway.people_port}"


def test_a_gateway_that_stops_and_one_that_hangs_are_reported_once_and_their_return_too(gateway, tmp_path, program):
    secret = tmp_path / "secret"
    secret.write_text(SECRET + "\n")
    gateway.start()
    with Webhook() as receiver, Webhook() as messages:
        program.write_text(MESSENGER.format(messages.origin))
        program.chmod(0o755)
        with watching(gateway, tmp_path, people(gateway), "--exec", str(program), "--webhook", f"{receiver.origin}/alerts",
                      "--secret", str(secret)):
            time.sleep(3)
            assert receiver.all == [] and messages.all == []
            gateway.process.send_signal(signal.SIGSTOP)
            try:
                receiver.wait(lambda _: receiver.alerts("gateway.silent"), 40)
            finally:
                gateway.process.send_signal(signal.SIGCONT)
            receiver.wait(lambda _: receiver.alerts("gateway.heard"), 40)
            gateway.stop()
            receiver.wait(lambda _: len(receiver.alerts("gateway.silent")) == 2, 40)
            gateway.start()
            receiver.wait(lambda _: len(receiver.alerts("gateway.heard")) == 2, 40)
            # The program is notified of the same, in the same order.
            messages.count(4, 40)
        assert all(is_signed(one, SECRET) for one in receiver.all) and len(receiver.all) == 4
        notified = messages.alerts()
    assert [one["kind"] for one in notified] == ["gateway.silent", "gateway.heard"] * 2
    assert {one["gateway"] for one in notified} == {people(gateway)} and notified[0]["severity"] == "page"


class Impostor(ThreadingHTTPServer):
    """Answers each question with what `answer` returns for its path."""

    def __init__(self, answer):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                status, body = answer(self.path)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        Thread(target=self.serve_forever, daemon=True).start()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


def test_only_a_fresh_statement_of_the_logs_key_counts(gateway, organisation, tmp_path):
    other = organisation(servers=("billing",), start=False).gateway
    gateway.start()
    other.start()
    recorded = fetch(people(gateway) + "/alive?challenge=" + "0" * 32)[2]
    answers = {
        "its statement answers another question": lambda path: (200, recorded),
        "a key that the trust file does not name": lambda path: fetch(people(other) + path)[::2],
        "its statement is not signed": lambda path: (200, changed(fetch(people(gateway) + path)[2])),
        "its answer is no statement": lambda path: (200, b"alive"),
        "it answered with status 500": lambda path: (500, b"alive"),
    }
    for number, (reason, answer) in enumerate(answers.items()):
        folder = tmp_path / str(number)
        folder.mkdir()
        impostor = Impostor(answer)
        try:
            with watching(gateway, folder, impostor.origin, "--exec", "/bin/true") as (_, errors):
                until(lambda: reason in errors.read_text(), reason, errors)
        finally:
            impostor.shutdown()
            impostor.server_close()
    # The honest relay of the gateway's own statements is one.
    relay = Impostor(lambda path: fetch(people(gateway) + path)[::2])
    with watching(gateway, tmp_path, relay.origin, "--exec", "/bin/true") as (_, errors):
        time.sleep(3)
        assert "no statement" not in errors.read_text()
    relay.shutdown()
    relay.server_close()


def changed(statement: bytes) -> bytes:
    """The statement with another size than the one that was signed."""
    envelope = json.loads(statement)
    payload = base64.b64decode(envelope["payload"])
    envelope["payload"] = base64.b64encode(re.sub(rb'"size":\d+', b'"size":999999', payload)).decode()
    return json.dumps(envelope).encode()


def test_with_a_metrics_token_only_its_bearer_is_answered(gateway, tmp_path):
    token = "0123456789abcdef0123456789abcdef"
    folder = gateway.folder / "secrets"
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / "metrics").write_text(token)
    (folder / "metrics").chmod(0o600)
    gateway.configure("metrics", token="metrics")
    gateway.start()
    asked = people(gateway) + "/alive?challenge=" + "a" * 16
    assert fetch(asked)[0] == 401
    assert fetch(asked, authorization=f"Bearer {token}")[0] == 200
    for query in ("", "?challenge=", "?challenge=" + "A" * 16, "?challenge=" + "a" * 65, "?other=" + "a" * 16):
        assert fetch(people(gateway) + "/alive" + query, authorization=f"Bearer {token}")[0] == 400, query
    secret = tmp_path / "token"
    secret.write_text(token + "\n")
    with watching(gateway, tmp_path, people(gateway), "--exec", "/bin/true", "--token", str(secret)) as (_, errors):
        time.sleep(3)
        assert "no statement" not in errors.read_text()


@pytest.mark.parametrize("exit, said, words", [
    (64, "there is no channel", []),
    (64, "`--secret` is missing", ["--webhook", "https://a.example/x"]),
    (64, "is no http URL", ["--exec", "/bin/true", "--webhook", "a.example", "--secret", "x"]),
    (64, "from 10 to 3600", ["--exec", "/bin/true", "--after", "9"]),
    (64, "shorter than", ["--exec", "/bin/true", "--every", "60"]),
    (66, "no program", ["--exec", "/bin/no-such-program"]),
    (66, "no trust file", ["--exec", "/bin/true", "--trust", "none"]),
])
def test_what_cannot_watch_does_not_start(gateway, tmp_path, exit, said, words):
    trust = [] if "--trust" in words else ["--trust", gateway.folder / "trust.policy"]
    done = subprocess.run([gateway.binary, "watch", "https://a.example", *trust, *words], cwd=tmp_path, timeout=20,
                          capture_output=True, text=True)
    assert done.returncode == exit and said in done.stderr, done.stderr
