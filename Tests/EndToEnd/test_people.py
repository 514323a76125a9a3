"""The deciders: founded, invited, enrolled, confirmed by a second person, given roles, revoked at once."""

import json
import os
import re
import shutil
import sqlite3
import stat
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

import wire
from addresses import ADA, DANA, EVE, LI, PAUL, RUI, SAM
from conftest import organise
from deployment import first_identifier
from people import People
from refunding import Asking, is_pending, votes_of
from terminal import at_terminal
from waits import until

DIGEST = "sha256:" + "0" * 64
# A new credential waits 24 h before it votes at tier high; and a third person can decide about refunds.
POLICY = {"agents/refunds.yaml": lambda text: text.replace("tier: high", "tier: medium"),
          "org.yaml": lambda text: text.replace("rui@acme.example]", f"rui@acme.example, {LI}]")}


@pytest.fixture
def pool():
    with ThreadPoolExecutor(4) as threads:
        yield threads


@pytest.fixture(scope="module")
def acme(binary, people):
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="interlock-e2e-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        made = organise(stack, binary, people, folder, extra=POLICY, servers=("billing",), console=True)
        made.gateway.wait_for_tools("refunds", "billing")
        yield made


class Hands:
    """One person's keys in their own ssh-agent."""

    def __init__(self, stack: ExitStack, email: str):
        folder = Path(tempfile.mkdtemp(prefix="interlock-e2e-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        self.email, self.keys = email, stack.enter_context(People(folder, {email: []}))
        self.environment = self.keys.environment


@pytest.fixture
def hands(stack):
    return lambda email: Hands(stack, email)


def invite(gateway, email: str, by: str = ADA, roles: tuple[str, ...] = ()) -> dict:
    words = [word for role in roles for word in ("--role", role)]
    (said,) = gateway.json("people", "invite", email, *words, by=by)
    return said


def enrol(gateway, invitation: dict, hands: Hands) -> str:
    """Enrols a key; returns the id under which it waits."""
    (said,) = gateway.json("people", "enrol", "--token", invitation["token"], "--key", "agent",
                           environment=hands.environment)
    assert said["state"] == "waits"
    return said["id"]


def waiting(gateway, identifier: str) -> dict:
    return next(one for one in gateway.json("people", "list") if one.get("id") == identifier)


def confirm(gateway, identifier: str, by: str = SAM, check: bool = True, digest: str | None = None):
    digest = digest or waiting(gateway, identifier)["digest"]
    return gateway.run("people", "confirm", identifier, "--digest", digest, by=by, check=check)


def person(gateway, email: str) -> dict:
    return next(one for one in gateway.json("people", "list") if "waits" not in one and one["person"] == email)


def refused(gateway, exit: int, *words: str, **options) -> str:
    done = gateway.run(*words, check=False, **options)
    assert done.returncode == exit and done.stderr.startswith("interlock: "), done.stdout + done.stderr
    return done.stderr


def test_founding_people_are_listed_with_their_roles_and_keys(organisation):
    made = organisation(servers=("tickets",))
    people = made.gateway.people
    found = {line["person"]: line for line in made.gateway.json("people", "list")}
    assert set(found) == set(people.roles)
    for email, roles in people.roles.items():
        line = found[email]
        assert set(line["roles"]) == set(roles)
        [key] = line["keys"]
        assert key["founding"] is True and key["kind"] == "ed25519" and "revoked" not in key
        assert line["passkeys"] == []
    shown = made.gateway.run("people", "list").stdout
    assert all(email in shown for email in people.roles) and "founding" in shown
    made.gateway.stop()
    assert made.gateway.run("people", "list").stdout == shown
    trust = made.gateway.folder / "state" / "kill" / "trust.json"
    value = json.loads(trust.read_bytes())
    value["people"][0]["keys"][0]["revoked"] = "2026-11-20T10:00:00Z"
    trust.write_text(json.dumps(value))
    assert "revoked 2026-11-20T10:00:00Z" in made.gateway.run("people", "list").stdout
    trust.write_text("{}")
    assert made.gateway.run("people", "list", check=False).returncode == 65


def test_init_prints_a_link_for_each_founding_person_and_keeps_none(acme):
    gateway = acme.gateway
    assert set(gateway.links) == set(gateway.people.roles)
    tokens = {link.removeprefix(f"{gateway.console}/enrol/") for link in gateway.links.values()}
    assert len(tokens) == len(gateway.links) and all(len(token) == 43 for token in tokens)
    with sqlite3.connect(f"file:{gateway.folder / 'state' / 'interlock.db'}?mode=ro", uri=True) as store:
        kept = json.dumps(store.execute("SELECT * FROM people").fetchall())
    store.close()
    assert not any(token in kept for token in tokens)
    listed = [one for one in gateway.json("people", "list") if one.get("waits") == "invitation"]
    assert {one["person"] for one in listed} == set(gateway.links) and all(one["founding"] for one in listed)


def test_a_second_key_votes_once_a_second_person_has_confirmed_it(acme, hands, pool):
    gateway, own = acme.gateway, hands(PAUL)
    before = {one["key"] for one in person(gateway, PAUL)["keys"]}
    invitation = invite(gateway, PAUL)
    assert invitation["link"] == f"{gateway.console}/enrol/{invitation['token']}"
    identifier = enrol(gateway, invitation, own)
    line = waiting(gateway, identifier)
    assert (line["waits"], line["by"]) == ("enrolment", ADA) and line["shown"]["person"] == PAUL

    asking = Asking(acme, pool)
    held = asking.ask()
    request = asking.request()
    early = gateway.approve(request, PAUL, check=False, environment=own.environment)
    assert early.returncode == 77, "it does not count yet"
    assert confirm(gateway, identifier, by=ADA, check=False).returncode == 77, "not whoever invited"
    assert confirm(gateway, identifier, by=RUI, check=False).returncode == 77, "not without the role"
    assert confirm(gateway, identifier, digest=DIGEST, check=False).returncode == 65
    shown = confirm(gateway, identifier).stdout
    assert PAUL in shown and "ssh-ed25519 " in shown and "enrolled" in shown
    assert confirm(gateway, identifier, digest=DIGEST, check=False).returncode == 66, "once"
    (new,) = [one for one in person(gateway, PAUL)["keys"] if one["key"] not in before]
    assert new["founding"] is False

    gateway.approve(request, PAUL, environment=own.environment)
    assert votes_of(acme, request) == 1 and not held.done()
    again = gateway.approve(request, PAUL, check=False)
    assert again.returncode == 1 and "this person has voted already" in again.stderr, again
    gateway.approve(request, RUI)
    answer = held.result(30)
    assert answer.code is None and asking.paid() == asking.before + 1
    (record,) = [one for one in gateway.records(200) if one["t"] == "approver.enrolled" and "signers" in one][-1:]
    assert record["kind"] == "ed25519" and record["key"] == new["key"] and len(record["signers"]) == 2
    assert "founding" not in record


def test_a_key_under_a_passphrase_is_enrolled_and_votes(acme, stack, pool):
    gateway = acme.gateway
    folder = Path(tempfile.mkdtemp(prefix="interlock-e2e-"))
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    key = folder / "rui.key"

    def run(*words, answers=()):
        return at_terminal([str(gateway.binary), *words], *answers,
                           env={**os.environ, "SSH_AUTH_SOCK": str(folder / "no-agent")})

    code, shown = run("people", "key", str(key), answers=[("new passphrase:", "correct horse"), ("again:", "correct hose")])
    assert code == 77 and "differ" in shown and not key.exists()
    code, shown = run("people", "key", str(key), answers=[("new passphrase:", "correct horse"), ("again:", "correct horse")])
    assert code == 0 and "ssh-ed25519 " in shown and "horse" not in shown
    assert stat.S_IMODE(key.stat().st_mode) == 0o600

    invitation = invite(gateway, RUI)
    enrolling = ("people", "enrol", "--dir", str(gateway.folder), "--token", invitation["token"], "--key", str(key))
    code, shown = run(*enrolling, answers=[("passphrase of", "wrong horse")])
    assert code == 77 and "passphrase" in shown, "the invitation is still good"
    code, shown = run(*enrolling, answers=[("passphrase of", "correct horse")])
    assert code == 0 and "it counts once a second person confirms it" in shown
    confirm(gateway, re.search(r"confirms it: (\S+)", shown)[1])

    asking = Asking(acme, pool)
    held = asking.ask()
    request = asking.request()
    gateway.approve(request, PAUL)
    (seen,) = gateway.json("approvals", "show", request)
    code, shown = run("approvals", "approve", request, "--dir", str(gateway.folder), "--as", RUI, "--key", str(key),
                      "--digest", seen["digest"], answers=[("passphrase of", "correct horse")])
    assert code == 0, shown
    assert held.result(30).code is None and asking.paid() == asking.before + 1


def test_an_invitation_is_for_one_credential(acme, hands):
    gateway = acme.gateway
    invitation, own = invite(gateway, LI), hands(LI)
    strange = {**invitation, "token": invitation["token"][::-1]}
    for spent in (strange, {"token": "x"}):
        refused(gateway, 66, "people", "enrol", "--token", spent["token"], "--key", "agent",
                environment=own.environment)
    (said,) = gateway.json("people", "enrol", "--token", invitation["link"], "--key", "agent",
                           environment=own.environment)
    refused(gateway, 66, "people", "enrol", "--token", invitation["token"], "--key", "agent",
            environment=hands(LI).environment)
    # The same key is already waiting, and those of this agent are enrolled.
    again = invite(gateway, LI)
    refused(gateway, 1, "people", "enrol", "--token", again["token"], "--key", "agent", environment=own.environment)
    gateway.run("people", "revoke", LI, "--reason", "forgets what waits", by=ADA)
    refused(gateway, 66, "people", "confirm", said["id"], "--digest", DIGEST, by=SAM)
    other = hands(LI)
    confirm(gateway, enrol(gateway, invite(gateway, LI), other))
    assert "no key that is not enrolled" in refused(
        gateway, 77, "people", "enrol", "--token", invite(gateway, LI)["token"], "--key", "agent",
        environment=other.environment)


def test_roles_are_changed_by_two(acme):
    gateway = acme.gateway
    (asked,) = gateway.json("people", "role", DANA, "--add", "break_glass", "--remove", "kill",
                            "--reason", "off call from December", by=ADA)
    assert confirm(gateway, asked["id"], by=ADA, check=False).returncode == 77
    assert person(gateway, DANA)["roles"] == ["kill"]
    text = gateway.run("people", "list").stdout
    assert asked["id"] in text and "off call from December" in text
    shown = confirm(gateway, asked["id"]).stdout
    assert "break_glass" in shown and "off call from December" in shown
    assert person(gateway, DANA)["roles"] == ["break_glass"]
    (record,) = [one for one in gateway.records(60) if one["t"] == "people.role"][-1:]
    assert record["roles"] == ["break_glass"] and len(record["signers"]) == 2
    # The second `resume` cannot be removed: otherwise no halt could be resumed.
    assert "resume" in refused(gateway, 1, "people", "role", SAM, "--remove", "resume", "--reason", "not needed now",
                               by=ADA)


def test_somebody_new_is_in_the_trust_file_with_the_roles_that_were_confirmed(acme, hands):
    gateway, own = acme.gateway, hands(EVE)
    identifier = enrol(gateway, invite(gateway, EVE, roles=("kill",)), own)
    assert EVE not in [one["person"] for one in gateway.json("people", "list") if "waits" not in one]
    assert confirm(gateway, identifier, by=EVE, check=False).returncode == 77
    confirm(gateway, identifier)
    assert person(gateway, EVE)["roles"] == ["kill"]
    halt = first_identifier(gateway.run("kill", "--agent", "support-triage", "--reason", "rehearsal of the kill switch",
                                        by=EVE, environment=own.environment).stdout)
    gateway.resume(halt, ADA, SAM)
    gateway.run("people", "revoke", EVE, "--reason", "lost the laptop", by=EVE, environment=own.environment)
    stopped = gateway.run("kill", "--agent", "support-triage", "--reason", "by a lost laptop", by=EVE, check=False,
                          environment=own.environment)
    assert stopped.returncode == 77
    assert "revoked" in person(gateway, EVE)["keys"][0]


def test_what_is_wrong_is_said(acme):
    gateway = acme.gateway
    refused(gateway, 64, "people", "invite", "nobody", by=ADA)
    assert "security" in refused(gateway, 64, "people", "invite", EVE, "--role", "root", by=ADA)
    assert "security" in refused(gateway, 77, "people", "invite", EVE, by=RUI)
    refused(gateway, 64, "people", "role", DANA, "--reason", "nothing to change", by=ADA)
    refused(gateway, 64, "people", "revoke", DANA, by=ADA)
    refused(gateway, 64, "people", "revoke", DANA, "--reason", "short", by=ADA)
    refused(gateway, 66, "people", "revoke", "nobody@acme.example", "--reason", "is not there", by=ADA)
    refused(gateway, 66, "people", "confirm", "01kag0qx0e2g4j6m8p0r2t4v6x", "--digest", DIGEST, by=ADA)
    refused(gateway, 66, "people", "confirm", "x", by=ADA)
    for text in (gateway.run("people", command, "--help").stdout
                 for command in ("invite", "enrol", "confirm", "role", "revoke")):
        assert "exit codes:" in text


@pytest.mark.requirement("R014")
def test_the_agents_of_a_person_who_left_are_held_until_they_have_another_owner(organisation):
    """DANA owns `support-triage`. What replays agrees, because the stage is among the inputs of a decision."""
    acme = organisation(servers=("tickets",))
    gateway = acme.gateway
    session = acme.session("support-triage")
    assert session.call("tickets__search", text="before").code is None
    gateway.run("people", "revoke", DANA, "--reason", "left the company", by=ADA)
    # The stage is read for each call, so no call after the revocation is decided by the old one.
    assert session.call("tickets__search", text="after").code == 4030
    assert [one for one in gateway.records(10) if one["t"] == "call.denied"][-1]["code"] == "policy.observe"
    (status,) = gateway.json("status", "support-triage")
    assert status["held"] == ["L121"] and status["stage"] == "observe"
    gateway.kill()
    gateway.start()
    gateway.wait_for_tools("refunds", "tickets")
    assert acme.session("support-triage").call("tickets__search", text="again").code == 4030
    assert gateway.run("audit", "replay", "--since", "2020-01-01T00:00:00Z").returncode == 0
    assert gateway.verify().returncode == 0


@pytest.mark.requirement("R014")
def test_a_revocation_that_was_taken_out_comes_back_from_the_places_in_the_log(organisation):
    """Trust file and store are put back to what they were before it; the start reads the records that a long log names."""
    acme = organisation(servers=("tickets",))
    gateway = acme.gateway
    gateway.stop()
    (trust,) = gateway.folder.rglob("trust.json")
    before = {path: path.read_bytes() for path in (trust, gateway.folder / "state" / "interlock.db")}
    gateway.start()
    gateway.wait_for_tools("support-triage", "tickets")
    gateway.run("people", "revoke", DANA, "--reason", "left the company", by=ADA)
    token = gateway.token("support-triage")
    for _ in range(550):  # two records each
        session = wire.Session(gateway.port, token)
        wire.exchange(gateway.port, "DELETE", headers=session.headers)
    gateway.stop()
    (places,) = gateway.records(type="log.places")
    (revoked,) = gateway.records(type="approver.revoked")
    assert {"type": "approver.revoked", "at": [revoked["index"]]} in places["items"] and places["upto"] > 1000
    for path, content in before.items():
        path.write_bytes(content)
    gateway.start()
    gateway.wait_for_tools("refunds", "tickets")
    assert all("revoked" in key for key in person(gateway, DANA)["keys"])
    assert acme.session("support-triage").call("tickets__search", text="again").code == 4030
    assert gateway.verify().returncode == 0


@pytest.fixture
def refunds(organisation, pool):
    made = organisation(extra=POLICY, servers=("billing",))
    made.gateway.wait_for_tools("refunds", "billing")
    return Asking(made, pool)


def test_a_revoked_approvers_vote_is_dropped_while_the_request_waits(refunds):
    acme = refunds.acme
    held = refunds.ask()
    request = refunds.request()
    acme.gateway.approve(request, PAUL)
    assert votes_of(acme, request) == 1
    acme.gateway.run("people", "revoke", PAUL, "--reason", "left the company", by=ADA)
    until(lambda: votes_of(acme, request) == 0)
    assert is_pending(acme, request)
    assert acme.gateway.approve(request, PAUL, check=False).returncode == 77
    acme.gateway.approve(request, RUI)
    assert not held.done() and refunds.paid() == refunds.before
    acme.gateway.approve(request, LI)
    assert held.result(30).code is None and refunds.paid() == refunds.before + 1

    # No quorum is possible without a second person: the call does not wait in vain.
    held = refunds.ask(amount_cents=4711)
    request = refunds.request()
    acme.gateway.run("people", "revoke", LI, "--reason", "left as well", by=ADA)
    assert held.result(30).code == 4031
    assert acme.gateway.json("approvals", "show", request)[0]["cause"] == "quorum-unreachable"
    # The result survives a restart.
    acme.gateway.kill()
    acme.gateway.start()
    assert all("revoked" in person(acme.gateway, email)["keys"][0] for email in (PAUL, LI))
    refused(acme.gateway, 77, "people", "revoke", PAUL, "--reason", "once more for luck", by=PAUL)
