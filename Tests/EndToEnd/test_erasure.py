"""Payloads are encrypted, each run's key can be destroyed, and afterwards no file of the node can be decrypted."""

import base64
import shutil
import sqlite3
import time
from contextlib import closing

import ledgerfile
import payloadkeys
from cryptography.exceptions import InvalidTag
from receiving import Webhook
from refunding import Asking, pool  # noqa: F401
from test_channels import REFUND, hooked

SECRET = "Zuckerwatte-7731-lampshade"


def forms(secret: bytes) -> list[bytes]:
    """The secret itself, in hexadecimal, and in base64 at each of the three possible offsets."""
    plain = [secret, secret.hex().encode(), secret.hex().upper().encode()]
    return plain + [base64.b64encode(b"\x00" * shift + secret)[4 if shift else 0:-4] for shift in range(3)]


def holders(folder, secrets: list[bytes]) -> list[str]:
    """Files below the folder that hold one of the secrets, in any of its forms."""
    wanted = [form for secret in secrets for form in forms(secret)]
    return [str(path.relative_to(folder)) for path in sorted(folder.rglob("*"))
            if path.is_file() and any(form in path.read_bytes() for form in wanted)]


def erase(made, *words: str, confirm: str):
    return made.gateway.json("audit", "erase", *words, "--reason", "erasure.request", "--confirm", confirm)[0]


def is_erased(state, run: str) -> bool:
    """Returns False also while buckets and wrapping key are being changed, one after the other."""
    try:
        return payloadkeys.Keys(state).owners[run] is None
    except (AssertionError, FileNotFoundError, InvalidTag):
        return False


def acted(made, text: str) -> str:
    """Makes a call in a run of its own; returns the run."""
    session = made.session("support-triage")
    answer = session.call("tickets__search", text=text)
    assert answer.code is None
    records = made.gateway.records(20)
    return [one["run"] for one in records if one["t"] == "call.outcome"][-1]


def test_no_plaintext_and_no_key_is_ever_on_disk(organisation):
    made = organisation(servers=("tickets",))
    run = acted(made, SECRET)
    made.gateway.stop()
    state = made.gateway.folder / "state"
    assert holders(state, [SECRET.encode()]) == []
    keys = payloadkeys.Keys(state)
    assert keys.owners[run]
    assert holders(state, [key for key in keys.owners.values() if key]) == []
    records = ledgerfile.read(state / "ledger")
    assert SECRET.encode() in b"".join(record.payloads.get("args", b"") for record in records)


def test_an_erased_run_cannot_be_read_and_the_log_still_verifies(organisation):
    made = organisation(servers=("tickets",))
    erased, kept = acted(made, SECRET), acted(made, "kept-text")
    state = made.gateway.folder / "state"
    run_key = payloadkeys.Keys(state).owners[erased]
    intent = [one for one in made.gateway.records(40)
              if one["t"] == "call.intent" and one["run"] == erased][-1]
    assert SECRET in made.gateway.record_of(intent["call"])

    refused = made.gateway.run("audit", "erase", "--run", erased, "--reason", "x", "--confirm", kept, check=False)
    assert refused.returncode == 64
    report = erase(made, "--run", erased, confirm=erased)
    assert report["runs"] == [erased] and not report["erased_before"] and report["remains"]

    assert SECRET not in made.gateway.record_of(intent["call"])
    assert "(erased)" in made.gateway.record_of(intent["call"])
    assert made.gateway.verify().returncode == 0
    assert acted(made, "another") != erased
    again = erase(made, "--run", erased, confirm=erased)
    assert again["erased_before"]
    made.gateway.stop()

    keys = payloadkeys.Keys(state)
    assert keys.owners[erased] is None and keys.owners[kept]
    assert holders(state, [SECRET.encode(), run_key]) == []
    records = ledgerfile.read(state / "ledger")
    assert [record.leaf["runs"] for record in records if record.leaf["t"] == "payload.erased"] == [[erased]] * 2
    texts = b"".join(record.payloads.get("args", b"") for record in records)
    assert SECRET.encode() not in texts and b"kept-text" in texts


def test_a_key_that_came_back_is_destroyed_by_the_next_start(organisation):
    """The state after a crash between the record and the key, or after `state/keys` was restored from a backup."""
    made = organisation(servers=("tickets",))
    run = acted(made, SECRET)
    state = made.gateway.folder / "state"
    backup = made.folder / "keys"
    shutil.copytree(state / "keys", backup)
    erase(made, "--run", run, confirm=run)
    made.gateway.stop()
    shutil.rmtree(state / "keys")
    shutil.copytree(backup, state / "keys")
    assert payloadkeys.Keys(state).owners[run]
    made.gateway.start()
    deadline = time.monotonic() + 20
    while not is_erased(state, run):
        assert time.monotonic() < deadline, "the key is still there"
        time.sleep(0.2)
    made.gateway.stop()


def test_everything_before_a_date_goes_with_its_bucket(organisation):
    made = organisation(servers=("tickets",))
    run = acted(made, SECRET)
    state = made.gateway.folder / "state"
    (bucket,) = (state / "keys" / "buckets").glob("*.bucket")
    refused = made.gateway.run(
        "audit", "erase", "--before", "2999-01-01", "--reason", "x", "--confirm", "2999-01-01", check=False)
    assert refused.returncode == 65, refused
    found = made.gateway.run(
        "audit", "erase", "--before", bucket.stem, "--reason", "x", "--confirm", bucket.stem, check=False)
    assert found.returncode == 66, "the day itself goes on"
    assert payloadkeys.Keys(state).owners[run]


def test_without_the_wrapping_key_nothing_starts(organisation):
    made = organisation(servers=("tickets",))
    acted(made, SECRET)
    made.gateway.stop()
    key = made.gateway.folder / "state" / "keys" / "wrap.key"
    kept = key.read_bytes()
    key.unlink()
    done = made.gateway.run("serve", check=False)
    assert done.returncode == 66 and "wrap.key" in done.stderr
    key.write_bytes(bytes(reversed(kept)))
    key.chmod(0o400)
    done = made.gateway.run("serve", check=False)
    assert done.returncode == 65 and "bucket" in done.stderr


def test_approval_requests_go_with_their_run(organisation, pool):
    """Their reviews have the arguments of the calls, in a store that is not encrypted."""
    made = organisation(servers=("billing",))
    made.gateway.wait_for_tools("refunds", "billing")
    asking = Asking(made, pool)
    secrets = ["INV-77310042", "INV-77310043"]
    denied = asking.ask(invoice_id=secrets[0])
    asking.deny(asking.request())
    denied.result(20)
    waiting = asking.ask(invoice_id=secrets[1])
    asking.request()
    state = made.gateway.folder / "state"
    wanted = [one.encode() for one in secrets]
    assert any("interlock.db" in one for one in holders(state, wanted)), "the requests are stored in plain text"
    run = next(one["run"] for one in made.gateway.records(40) if one["t"] == "approval.requested")
    erase(made, "--run", run, confirm=run)
    assert holders(state, wanted) == []
    assert waiting.result(20).code is not None and asking.paid() == 0
    assert made.gateway.json("approvals", "list") == []
    made.gateway.stop()
    assert holders(state, wanted) == []
    made.gateway.start()
    assert made.gateway.json("approvals", "list") == []
    assert made.gateway.verify().returncode == 0


def test_notifications_that_wait_go_with_their_run(organisation):
    """They show arguments only where an operator wants it, and wait for a day if a channel is down."""
    with Webhook(503) as receiver:
        world = hooked(organisation, receiver)
        world.gateway.configure("approval_service", notify_arguments="true")
        world.start().ask()
        receiver.wait(lambda _: receiver.alerts("approval.requested"))
        state = world.gateway.folder / "state"
        named = f"SELECT count(*) FROM outbox WHERE body LIKE '%{REFUND['invoice_id']}%'"

        def waiting() -> int:
            with closing(sqlite3.connect(f"file:{state / 'interlock.db'}?mode=ro", uri=True)) as store:
                return store.execute(named).fetchone()[0]

        assert waiting() == 1
        run = next(one["run"] for one in world.gateway.records(40) if one["t"] == "approval.requested")
        erase(world.made, "--run", run, confirm=run)
        receiver.wait(lambda _: receiver.alerts("approval.void"), 30)
        assert "arguments" not in receiver.alerts("approval.void")[0]
        assert waiting() == 0 and holders(state, [REFUND["invoice_id"].encode()]) == []
        told = len(receiver.alerts("approval.requested"))
        time.sleep(3)
        assert len(receiver.alerts("approval.requested")) == told, "it is not tried again"
