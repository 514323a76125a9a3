"""The ledger of real calls, read from its bytes by an independent reader, compared with `interlock audit`."""

import json
import os
import shutil

import ledgerfile


def test_the_bytes_and_the_command_agree(organisation):
    made = organisation(servers=("tickets", "crm"))
    session = made.session("support-triage")
    for text in ("lamp", "invoice", "address"):
        assert session.call("tickets__search", text=text).code is None
    session.call("crm__delete_customer", id="C-77")
    made.gateway.stop()

    records = ledgerfile.read(made.gateway.folder / "state" / "ledger")
    intents = ledgerfile.intents(records)
    asked = [json.loads(record.payloads["args"]) for record in intents.values()]
    assert [given["text"] for given in asked] == ["lamp", "invoice", "address"]
    closings = ledgerfile.closings(records)
    assert [len(closings[name]) for name in intents] == [1] * 3

    done = made.gateway.verify()
    assert done.returncode == 0 and str(len(records)) in done.stdout
    shown = made.gateway.records(len(records))
    assert [one["t"] for one in shown] == [record.leaf["t"] for record in records][-len(shown):]


def test_an_intent_stands_before_its_outcome_and_names_it(organisation):
    made = organisation(servers=("tickets",))
    made.session("support-triage").call("tickets__get_ticket", id="T-1001")
    made.gateway.stop()
    records = ledgerfile.read(made.gateway.folder / "state" / "ledger")
    ((name, intent),) = ledgerfile.intents(records).items()
    (outcome,) = ledgerfile.closings(records)[name]
    assert intent.index < outcome.index and outcome.leaf["st"] == "ok"
    assert intent.leaf["tool"] == "tickets__get_ticket" and intent.leaf["dec"] == "allow"
    assert b"Lamp arrived broken" in outcome.payloads["res"]


def test_every_flipped_byte_of_a_record_is_noticed(organisation, chance):
    made = organisation(servers=("tickets",))
    made.session("support-triage").call("tickets__get_ticket", id="T-1001")
    made.gateway.stop()
    path = made.gateway.folder / "state" / "ledger" / "wal" / "000.seg"
    data = path.read_bytes()
    assert made.gateway.verify().returncode == 0
    (first, *_) = ledgerfile.frames(path.parent)
    leaf_at = data.index(first[1][0])
    for place in [leaf_at + chance.randrange(len(first[1][0])) for _ in range(3)]:
        with path.open("r+b") as file:
            file.seek(place)
            file.write(bytes([data[place] ^ 1 << chance.randrange(8)]))
        assert made.gateway.verify().returncode in (1, 65), f"byte {place}"
        path.write_bytes(data)
    assert made.gateway.verify().returncode == 0


def test_a_log_set_back_together_with_its_checkpoint_is_noticed(organisation):
    """The copy of the checkpoint outside the ledger's folder is newer."""
    made = organisation(servers=("tickets",))
    session = made.session("support-triage")
    session.call("tickets__get_ticket", id="T-1001")
    made.gateway.stop()
    ledger = made.gateway.folder / "state" / "ledger"
    shutil.copytree(ledger, made.folder / "older")
    made.gateway.start()
    made.gateway.stop()
    assert made.gateway.verify().returncode == 0
    shutil.rmtree(ledger)
    shutil.copytree(made.folder / "older", ledger)
    done = made.gateway.verify()
    assert done.returncode == 1 and "the guard" in done.stderr
    (made.gateway.folder / "state" / "guard.checkpoint").unlink()
    assert made.gateway.verify().returncode == 1


def test_a_size_that_is_no_number_is_not_taken_for_none(organisation):
    made = organisation(servers=(), start=False)
    assert made.gateway.run("audit", "verify", "--min-size", "many", check=False).returncode == 64


def test_personal_data_stands_in_no_leaf(organisation):
    made = organisation(servers=("crm",))
    answer = made.session("support-triage").call("crm__get_customer", id="C-77")
    assert answer.code is None and "C-77" in answer.body.decode(), answer.body
    made.gateway.stop()
    entries = ledgerfile.read(made.gateway.folder / "state" / "ledger")
    assert "call.outcome" in {one.leaf["t"] for one in entries}
    leaves = json.dumps([one.leaf for one in entries])
    for text in ("Mia Costa", "mia@customer.example", "dana@acme.example", "ines@acme.example"):
        assert text not in leaves


def test_the_state_folder_is_its_owner_s_alone(organisation):
    made = organisation(servers=("tickets",))
    made.gateway.stop()
    seen = set()
    for folder, folders, files in os.walk(made.gateway.folder / "state"):
        for name in folders + files:
            seen.add(name)
            assert os.lstat(os.path.join(folder, name)).st_mode & 0o077 == 0, f"{folder}/{name}"
    assert {"ledger", "keys", "log.key"} <= seen
