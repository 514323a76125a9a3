"""`interlock signer`: the log's key with a process and user of its own, which signs what extends the log and nothing else
(docs/decisions/0194)."""

import base64
import http.client
import itertools
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import time
from datetime import datetime, timedelta, timezone

import pytest

import ledgerfile
from conftest import UNREUSED, missing
import wire
from signing import STRANGER, Signer, growth, heads, received, refusal, text
from test_crash import ROUNDS, Load, check

pytestmark = pytest.mark.requirement("R096", "R097")

LEAF, OTHER = b"\x11" * 32, b"\x22" * 32
CALLERS = 4


@pytest.fixture
def signed(organisation, binary, stack):
    """A gateway whose key is with a signer; both run."""
    def make(start: bool = True, **options):
        made = organisation(start=False, segment=UNREUSED, **options)
        made.gateway.configure("ledger", beat="1s")
        signer = Signer(binary)
        stack.callback(signer.close)
        signer.adopt(made.gateway)
        signer.start()
        if start:
            begin(made)
        return made, signer
    return make


class Patient(Load):
    """Callers that wait after a refusal, as agents do: many denials are another test's subject."""

    def _run(self, port: int, token: str, numbers, server: str) -> None:
        try:
            session = wire.Session(port, token)
            while not self.stop.is_set():
                said = f"load-{next(numbers)}"
                answer = session.call(f"{server}__search", text=said)
                if answer.status == 200 and answer.messages and answer.code is None:
                    self.answered.append(said)
                else:
                    time.sleep(1)
        except (OSError, ConnectionError, http.client.HTTPException, ValueError):
            pass  # the gateway was killed during the call


def begin(made) -> None:
    made.gateway.start()
    made.gateway.wait_for_tools("support-triage", "tickets", "kb")


def until(what, seconds: float = 60):
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found


def search(session, said: str):
    return session.call("tickets__search", text=said)


def test_the_gateway_has_no_key_and_its_log_verifies(signed, binary):
    made, signer = signed()
    keys = made.gateway.folder / "state" / "keys"
    assert not [path.name for path in keys.iterdir() if path.name.startswith("log.") and path.name != "log.public"]
    session = made.session("support-triage")
    for number in range(5):
        assert search(session, f"signed-{number}").code is None
    started = made.gateway.records(50, type="log.started")[-1]
    assert started["iso"] == ("uid" if signer.is_root else "same-uid")
    said = subprocess.run([binary, "signer", "status", "--socket", signer.socket, "--json"],
                          capture_output=True, text=True, timeout=20)
    status = json.loads(said.stdout)
    assert said.returncode == 0 and status["size"] > started["index"]
    assert status["uid"] == (int(signer.base.stat().st_uid) if signer.is_root else os.geteuid())
    assert made.gateway.verify().returncode == 0
    assert made.gateway.stop() == 0
    origin, size, _ = signer.status()
    assert size == len(ledgerfile.read(made.gateway.ledger)) and origin == status["origin"]
    # What needs the key itself is refused by name.
    for words in (("audit", "key", "rotate"), ("audit", "epoch", "new")):
        refused = made.gateway.run(*words, check=False)
        assert refused.returncode == 65 and "a signer holds the log's key" in refused.stderr, refused.stderr
    if signer.is_root:
        assert signer.keys.stat().st_uid != os.geteuid() and signer.keys.stat().st_mode & 0o077 == 0
    assert signer.socket.stat().st_mode & 0o177 == 0


@pytest.mark.alone
def test_a_signer_that_is_killed_under_load_comes_back(signed, chance):
    """No call without intent, no open call, a log that verifies; while the signer is gone, calls are refused."""
    made, signer = signed()
    tokens = [made.token("support-triage", ttl="8h") for _ in range(CALLERS)]
    load = Patient(made.gateway.port, tokens, itertools.count())
    session = made.session("support-triage")
    for round in range(ROUNDS):
        until(lambda: len(load.answered) > round * 3)
        time.sleep(chance.uniform(0.05, 0.8))
        signer.kill()
        refused = until(lambda: (answer := search(session, f"gone-{round}")).code is not None and answer)
        assert refused.code == 4030, refused.body
        before = len(load.answered)
        signer.start()
        until(lambda: len(load.answered) > before + CALLERS)
    load.join()
    assert [one for one in made.gateway.records(200, type="alarm.raised") if one["code"] == "audit.signer"]
    assert made.gateway.stop() == 0
    answered = load.answered
    check(made, answered)
    assert answered


@pytest.mark.alone
def test_a_gateway_that_is_killed_under_load_agrees_with_its_signer(signed, chance):
    """The frame that the signer signed and the log does not have is completed by the next start."""
    made, signer = signed()
    tokens = [made.token("support-triage", ttl="8h") for _ in range(CALLERS)]
    numbers, answered = itertools.count(), []
    for _ in range(ROUNDS):
        load = Load(made.gateway.port, tokens, numbers)
        time.sleep(chance.uniform(0.05, 1.0))
        made.gateway.kill()
        load.join()
        answered += load.answered
        begin(made)
        assert made.gateway.verify().returncode == 0
    made.gateway.stop()
    assert answered
    check(made, answered)


def test_both_killed_at_once_agree(signed, chance):
    made, signer = signed()
    session = made.session("support-triage")
    for number in range(10):
        assert search(session, f"both-{number}").code is None
    made.gateway.kill()
    signer.kill()
    signer.start()
    begin(made)
    assert made.gateway.stop() == 0
    assert made.gateway.verify().returncode == 0


def test_no_start_without_the_signer(signed):
    made, signer = signed(start=False)
    signer.kill()
    with pytest.raises(Exception, match="the log's signer does not answer"):
        made.gateway.start()
    signer.start()
    begin(made)
    assert made.gateway.stop() == 0


def test_a_signer_that_stalls_refuses_calls_until_it_goes_on(signed):
    made, signer = signed()
    session = made.session("support-triage")
    assert search(session, "before").code is None
    signer.process.send_signal(signal.SIGSTOP)
    assert search(session, "stalled").code == 4030
    assert search(session, "stalled too").code == 4030
    signer.process.send_signal(signal.SIGCONT)
    until(lambda: search(session, "after").code is None)
    assert made.gateway.stop() == 0
    assert made.gateway.verify().returncode == 0


def test_an_older_copy_of_the_gateways_state_gets_no_fork(signed):
    made, signer = signed()
    search(made.session("support-triage"), "old")
    assert made.gateway.stop() == 0
    state, copy, new = (made.gateway.folder / name for name in ("state", "older", "newer"))
    shutil.copytree(state, copy, symlinks=True)
    begin(made)
    for number in range(3):
        assert search(made.session("support-triage"), f"new-{number}").code is None
    assert made.gateway.stop() == 0
    origin, size, root = signer.status()

    state.rename(new)
    copy.rename(state)
    with pytest.raises(Exception, match=rf"ended with 65(.|\n)*its signer has signed {size} records"):
        made.gateway.start()
    assert signer.status() == (origin, size, root), "nothing was signed"

    # A program in the gateway's place gets none either.
    for since, leaves in ((size - 2, [LEAF]), (size - 1, [LEAF]), (size - 1, [LEAF, LEAF]), (0, [LEAF] * 4096), (size, [])):
        assert refusal(signer.ask(growth(origin, since, leaves, OTHER))) == "fork", since
    signer.kill()
    signer.start()
    assert refusal(signer.ask(growth(origin, size - 1, [LEAF], OTHER))) == "fork", "a restart forgets nothing"

    shutil.rmtree(state)
    new.rename(state)
    begin(made)
    assert made.gateway.stop() == 0
    assert made.gateway.verify().returncode == 0


def test_an_older_copy_of_the_signers_folder_is_noticed(signed):
    made, signer = signed()
    session = made.session("support-triage")
    signer.kill()
    old = (signer.keys / "signed.tree").read_bytes()
    signer.start()
    until(lambda: search(session, "later").code is None)
    assert made.gateway.stop() == 0
    signer.kill()
    (signer.keys / "signed.tree").write_bytes(old)
    signer.start()
    with pytest.raises(Exception, match="its folder is an older copy"):
        made.gateway.start()
    # The key is taken back and moved again from the log as it is.
    signer.kill()
    signer.give(os.geteuid())
    made.gateway.configure("ledger", signer='""')
    made.gateway.run("signer", "return", "--keys", str(signer.keys))
    assert not (signer.keys / "log.key").exists()
    begin(made)
    assert made.gateway.stop() == 0
    signer.adopt(made.gateway)
    signer.start()
    begin(made)
    assert made.gateway.stop() == 0
    assert made.gateway.verify().returncode == 0


def alive(origin: str, at: datetime, size: int = 0) -> bytes:
    moment = at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return b"\x04" + json.dumps(
        {"at": moment, "halted": False, "origin": origin, "size": size, "v": 1, "waiting": 0},
        separators=(",", ":"), sort_keys=True).encode()


def test_what_is_no_statement_of_this_log_is_refused(signed):
    made, signer = signed(start=False)
    origin, size, root = signer.status()
    now = datetime.now(timezone.utc)
    assert signer.ask(alive(origin, now))[0] == 3, "a statement of now is signed"
    assert signer.ask(heads(origin, size, root))[0] == 2
    for expected, body in [
            ("unknown kind", b"\x00"), ("unknown kind", b"\x09raw bytes"), ("unknown kind", b"DSSEv1 1 a 1 b"),
            ("malformed", b"\x01\x00"), ("malformed", b"\x02"), ("malformed", b"\x02" + text("a b")),
            ("malformed", growth(origin, size, [LEAF], OTHER) + b"\x00"),
            ("malformed", growth(origin, size, [LEAF], OTHER)[:-1]),
            ("malformed", growth(origin, 1 << 63, [LEAF], OTHER)),
            ("too large", growth(origin, size, [LEAF] * 4097, OTHER)),
            ("foreign", growth("acme.example/gw2/2026", size, [LEAF], OTHER)),
            ("gap", growth(origin, size + 1, [LEAF], OTHER)), ("fork", growth(origin, size, [LEAF], OTHER)),
            ("fork", heads(origin, size, OTHER)), ("fork", heads(origin, size + 1, root)),
            ("foreign", heads("acme.example/gw2/2026", size, root)),
            ("malformed", b"\x04{}"), ("malformed", b"\x04" + b"[" * 5000), ("malformed", b"\x05{}"),
            ("late", alive(origin, now - timedelta(hours=1))), ("late", alive(origin, now + timedelta(hours=1))),
            ("foreign", alive("acme.example/gw2/2026", now)), ("gap", alive(origin, now, size + 1))]:
        assert refusal(signer.ask(body)) == expected, body[:40]
    for length in (0, 200_000, 0xFFFFFFFF):
        assert refusal(signer.ask(b"", length)) == "too large", length
    assert refusal(signer.ask(b"\x01\x01", 1)) == "malformed", "bytes follow"
    assert signer.status() == (origin, size, root)
    begin(made)
    assert made.gateway.stop() == 0


def test_connections_that_send_half_or_slowly_hold_up_no_call(signed):
    made, signer = signed()
    session = made.session("support-triage")
    half = signer.connect()
    half.sendall(struct.pack(">I", 1000) + b"\x02")
    gone = signer.connect()
    gone.sendall(b"\x00\x00")
    gone.close()
    many = [signer.connect() for _ in range(20)]
    slow, drip = signer.connect(), struct.pack(">I", 100) + b"\x02" * 20
    for number in range(5):
        slow.sendall(drip[number:number + 1])
        assert search(session, f"beside-{number}").code is None
        time.sleep(0.1)
    assert refusal(received(half)) == "late"
    for one in (half, slow, *many):
        one.close()
    assert search(session, "afterwards").code is None
    assert made.gateway.stop() == 0


def as_stranger(path: str) -> str:
    """What another user gets from the socket: `refused`, `closed`, or `answered`."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        found = "failed"
        try:
            os.setgroups([])
            os.setgid(STRANGER)
            os.setuid(STRANGER)
            one = socket.socket(socket.AF_UNIX)
            one.settimeout(10)
            try:
                one.connect(path)
                one.sendall(struct.pack(">I", 1) + b"\x01")
                found = "answered" if one.recv(100) else "closed"
            except PermissionError:
                found = "refused"
            except (BrokenPipeError, ConnectionResetError):
                found = "closed"
        finally:
            os.write(writing, found.encode())
            os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading) as pipe:
        return pipe.read()


def test_another_user_is_not_answered(signed):
    if os.geteuid() != 0:
        missing("only root can act as another user")
    made, signer = signed(start=False)
    assert as_stranger(str(signer.socket)) == "refused", "the mode of the socket"
    signer.socket.chmod(0o666)
    assert as_stranger(str(signer.socket)) == "closed", "the user of the connection"
    assert signer.status()
    begin(made)
    assert made.gateway.stop() == 0


def test_halts_need_no_signer(signed):
    """A stop that the node signs itself is in force while the signer is gone, and is read back by the next start."""
    made, signer = signed()
    session = made.session("support-triage")
    assert search(session, "before").code is None
    signer.kill()
    (made.gateway.folder / "state" / "kill" / "orders" / "bad.json").write_text("{")
    until(lambda: halted(made))
    signer.start()
    until(lambda: made.gateway.records(50, type="kill.requested"))
    assert search(session, "halted").code is not None
    assert made.gateway.stop() == 0
    made.gateway.start()
    assert halted(made)
    assert made.gateway.stop() == 0
    assert made.gateway.verify().returncode == 0


def halted(made) -> bool:
    """Whether the epoch of the node's halts names one that is in force."""
    envelope = json.loads((made.gateway.folder / "state" / "kill" / "epoch.json").read_text())
    return bool(json.loads(base64.b64decode(envelope["payload"]))["active"])
