"""A refund by a real client: approved by two people with passkeys in a real browser, run once, and verified offline
from the export. No part of the signed statements can be changed."""

import re
from contextlib import ExitStack

import pytest

pytest.importorskip("selenium", reason="no selenium: run scripts/setup")
from deployment import approval_id  # noqa: E402
from addresses import PAUL, RUI  # noqa: E402
from forging import Taken  # noqa: E402
from judging import judged  # noqa: E402
from office import Office, approve  # noqa: E402

REFUND = {"invoice_id": "INV-20931", "amount_cents": 42000, "currency": "EUR"}
STATEMENT = {"v", "type", "request", "revision", "verdict", "group", "quorum", "uses", "call", "policy", "bind", "expires",
             "use_within_s", "approver", "nonce"}
GOOD = "2 votes (2 signatures verified, 0 signers known)"
LOG_ALONE = "2 signers of votes are known by the log's word alone"


class Approved:
    """The gateway, its people, and the outcome of one refund."""

    def __init__(self, stack: ExitStack, binary, people, folder):
        self.office = Office(stack, binary, people)
        gateway = self.office.gateway
        before = self.paid
        browsers = [self.office.person(PAUL), self.office.person(RUI)]
        with self.office.acme.sdk("2.3.0", "refunds", environment={"INTERLOCK_ANSWER": "{}"}) as client:
            client.send("call", name="billing__refund_request", arguments=REFUND)
            self.request = approval_id(gateway.pending())
            self.paid_while: list[int] = []
            for browser in browsers:
                self.paid_while.append(self.paid - before)
                approve(browser, self.request)
            self.answer = client.answer(60)
            self.heard = client.heard(1)
        self.paid_then = self.paid - before
        self.records = [one for one in gateway.records(200) if one.get("appr") == self.request]
        self.path = folder / "run.tar"
        run = self.records[0]["run"]
        gateway.run("audit", "bundle", run, "-o", str(self.path), "--disclose-all")
        self.bundle = self.path.read_bytes()

    @property
    def paid(self) -> int:
        return self.office.acme.count("billing", "refund_request")


@pytest.fixture(scope="module")
def approved(binary, people, tmp_path_factory):
    with ExitStack() as stack:
        yield Approved(stack, binary, people, tmp_path_factory.mktemp("approved"))


@pytest.fixture
def taken(approved) -> Taken:
    return Taken(approved.bundle)


@pytest.fixture
def refused(approved, verify, tmp_path):
    """Both verifiers refuse a changed bundle: as an outsider has it, and with a log that was rewritten around it."""
    def check(changed: Taken) -> None:
        judged(verify, tmp_path, changed.forged(), 1)
        (tmp_path / "found.tar").write_bytes(changed.found())
        verify("--vkey", approved.office.gateway.log_key, tmp_path / "found.tar", expect=1)

    return check


def test_it_ran_once_when_two_people_had_approved_it_by_passkey(approved):
    assert not approved.answer["result"].get("isError"), approved.answer
    assert (approved.paid_while, approved.paid_then) == ([0, 0], 1)
    kinds = [one["t"] for one in approved.records if one["t"] != "approval.viewed"]
    assert kinds == ["approval.requested", "approval.granted", "approval.granted", "approval.used"]
    granted = [one for one in approved.records if one["t"] == "approval.granted"]
    assert [one["via"] for one in granted] == ["console-webauthn"] * 2 and len({one["by"] for one in granted}) == 2
    (page,) = [note[1]["url"] for note in approved.heard if note[0] == "asked"]
    assert page == f"{approved.office.origin}/approvals/apr_{approved.request}", "where its user was sent to"
    assert approved.office.complaints() == []


def test_the_approval_is_checked_offline(approved, verify):
    said = verify("--vkey", approved.office.gateway.log_key, approved.path, expect=0)
    assert GOOD in said and "1 uses of approvals" in said and "0 open calls" in said
    assert re.findall("warning: (.*)", said) == ["no trust file: cosignatures were not required", LOG_ALONE]
    assert GOOD in approved.office.gateway.run("approvals", "verify", str(approved.path)).stdout
    used = approved.office.gateway.run("approvals", "verify", approved.request).stdout
    assert approved.office.gateway.run("approvals", "verify", "--all").stdout.startswith("ok: ")
    assert used.startswith(f"ok: apr_{approved.request} used, 2 of 2 agreed, 2 signatures verified")


def test_what_was_taken_apart_and_not_changed_is_good(approved, taken, verify, tmp_path):
    """The control: the bundles refused below are refused for their changes."""
    assert GOOD in judged(verify, tmp_path, taken.forged(), 0)
    assert taken.found() == approved.bundle


@pytest.mark.parametrize("challenge", ["as signed", "made to fit"])
@pytest.mark.parametrize("voter", [0, 1])
def test_each_field_of_the_statement_is_what_was_signed(taken, refused, voter, challenge):
    place = taken.places("approval.granted")[voter]
    assert set(taken.vote(place).statement) == STATEMENT
    for name in sorted(STATEMENT):
        changed, vote = taken.copy(), taken.vote(place)
        vote.statement[name] = other(vote.statement[name])
        if challenge == "made to fit":
            vote.client["challenge"] = vote.challenge()
            vote.say()
        changed.put(place, vote.proof)
        refused(changed)


def test_each_field_that_the_browser_signed_is_as_it_was(taken, refused):
    place = taken.places("approval.granted")[0]
    names = taken.vote(place).client
    assert {"type", "challenge", "origin", "crossOrigin"} <= set(names)
    for name in [*names, "more"]:
        changed, vote = taken.copy(), taken.vote(place)
        vote.client[name] = other(vote.client.get(name, ""))
        vote.say()
        changed.put(place, vote.proof)
        refused(changed)
    changed, vote = taken.copy(), taken.vote(place)
    vote.assertion["clientDataJSON"] += b" "
    changed.put(place, vote.proof)
    refused(changed)


def test_each_field_that_the_passkey_signed_is_as_it_was(taken, refused):
    place = taken.places("approval.granted")[1]
    size = len(taken.vote(place).assertion["authenticatorData"])
    # The first and the last byte of the relying party's hash, each bit of the flags, and the counter.
    changes = [(0, 1), (31, 0x80), *((32, 1 << bit) for bit in range(8)), (33, 0x80), (36, 1)]
    for at, bit in changes:
        changed, vote = taken.copy(), taken.vote(place)
        data = bytearray(vote.assertion["authenticatorData"])
        data[at] ^= bit
        vote.assertion["authenticatorData"] = bytes(data)
        changed.put(place, vote.proof)
        refused(changed)
    for name in ("authenticatorData", "signature", "credential"):
        for spoil in (lambda data: data[:-1], lambda data: data + b"\0", lambda data: data[:-1] + bytes([data[-1] ^ 1])):
            changed, vote = taken.copy(), taken.vote(place)
            vote.assertion[name] = spoil(vote.assertion[name])
            changed.put(place, vote.proof)
            refused(changed)
    assert size == 37, "a passkey that is used says nothing more"


def test_each_field_of_an_enrolment_is_as_it_was(approved, taken, refused, verify, tmp_path):
    """Two people have a key and a passkey each; both are listed."""
    own, others = (at for at, one in enumerate(taken.people) if one["kind"] == "passkey")
    assert len(taken.people) == 4
    for name in ("t", "by", "kind", "key", "cred", "rp"):
        theirs = [taken.people[others][name]] if name in ("by", "key", "cred") else []
        for value in [other(taken.people[own][name]), *theirs]:
            changed = taken.copy()
            changed.people[own][name] = value
            refused(changed)
        changed = taken.copy()
        del changed.people[own][name]
        refused(changed)
    # The log alone vouches for each other field: only the log's own key can change it.
    for name in taken.people[own]:
        changed = taken.copy()
        changed.people[own][name] = other(changed.people[own][name])
        (tmp_path / "found.tar").write_bytes(changed.found())
        verify("--vkey", approved.office.gateway.log_key, tmp_path / "found.tar", expect=1)


def test_a_vote_is_one_persons_and_none_is_missing(taken, refused):
    first, second = taken.places("approval.granted")
    changed = taken.copy()
    changed.put(second, taken.vote(first).proof)
    refused(changed)
    # One person's vote in place of both.
    changed.records[second]["by"] = changed.records[first]["by"]
    refused(changed)


@pytest.mark.requirement("R087")
def test_what_was_shown_is_what_was_signed(taken, refused):
    (place,) = taken.places("approval.requested")
    shown = taken.payloads[place, "bind"].plaintext
    assert shown.count(b'"amount_cents":42000') == 1
    changed = taken.copy()
    changed.put(place, shown.replace(b'"amount_cents":42000', b'"amount_cents":42001'), "bind")
    refused(changed)


def other(value):
    """Another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    # Changes the first letter or digit, so that ids, hashes and addresses keep their form.
    turned = {"a": "b", "A": "B", "0": "1"}.get(value[:1], "a" if value[:1].islower() else "A")
    return turned + value[1:] if value else "x"
