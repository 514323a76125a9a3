"""A crash (kill -9) between the writes about people (decision 0025): the recovery of an invitation, an enrolment, its
confirmation and a revocation that were under way."""

import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from addresses import ADA, LI, PAUL, SAM
from conftest import UNREUSED, organise
from test_approval_crash import LOG, STORE, Crashing
from test_people import Hands, confirm, enrol, invite, person, waiting

TRUST = "/trust.json$"


@pytest.fixture(scope="module")
def crashing(binary, people, fault_library):
    with ExitStack() as stack, ThreadPoolExecutor(2) as pool:
        folder = Path(tempfile.mkdtemp(prefix="interlock-e2e-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        made = organise(stack, binary, people, folder, servers=("billing",), start=False, segment=UNREUSED)
        yield Crashing(made, fault_library, pool)


@pytest.fixture
def gateway(crashing):
    crashing.start()
    yield crashing.made.gateway
    crashing.stop()


@pytest.fixture
def own(stack):
    return Hands(stack, PAUL)


def keys(gateway) -> dict[str, dict]:
    return {one["key"]: one for one in person(gateway, PAUL)["keys"]}


def waits(gateway) -> list[str]:
    return [one["id"] for one in gateway.json("people", "list") if one.get("waits") == "enrolment"]


def test_an_invitation_that_nobody_was_told_is_one_more(crashing, gateway, own):
    invite(gateway, LI)  # its flush may be the one of the file's header
    crashing.dies((STORE, 0), lambda: gateway.run("people", "invite", PAUL, by=ADA, check=False))
    crashing.again()
    kept = [one["person"] for one in gateway.json("people", "list") if one.get("waits") == "invitation"]
    assert sorted(kept) == [LI, PAUL] and not waits(gateway)
    confirm(gateway, enrol(gateway, invite(gateway, PAUL), own))


def test_a_key_that_was_offered_waits_after_a_restart(crashing, gateway, own):
    invitation = invite(gateway, PAUL)
    words = ("people", "enrol", "--token", invitation["token"], "--key", "agent")
    crashing.dies((STORE, 0), lambda: gateway.run(*words, check=False, environment=own.environment))
    crashing.again()
    (identifier,) = waits(gateway)
    before = set(keys(gateway))
    confirm(gateway, identifier)
    assert len(set(keys(gateway)) - before) == 1 and not waits(gateway)


@pytest.mark.parametrize("after, call", [((LOG, 0), "fdatasync"), ((TRUST, 0), "rename"), ((STORE, 0), "fdatasync")],
                         ids=["recorded", "in the trust file", "stored"])
def test_a_confirmation_that_is_on_record_holds(crashing, gateway, own, after, call):
    identifier = enrol(gateway, invite(gateway, PAUL), own)
    before, digest = set(keys(gateway)), waiting(gateway, identifier)["digest"]
    crashing.dies(after, lambda: confirm(gateway, identifier, digest=digest, check=False), call)
    said = crashing.again()
    assert not [one for one in said if "people.unknown" in one], said
    (new,) = set(keys(gateway)) - before
    assert "revoked" not in keys(gateway)[new] and not waits(gateway)
    enrolled = [one for one in gateway.records(500) if one["t"] == "approver.enrolled" and one["key"] == new]
    assert len(enrolled) == 1, "on record once"
    assert confirm(gateway, identifier, digest=digest, check=False).returncode == 66
    crashing.start()
    assert new in keys(gateway)


@pytest.mark.parametrize("after, call, holds", [((STORE, 0), "fdatasync", False), ((TRUST, 0), "rename", True)],
                         ids=["what waits", "in the trust file"])
def test_a_revocation_takes_along_what_waits_before_it_holds(crashing, gateway, own, after, call, holds):
    """The revoker gets the response after both writes; the record may not have been written by then."""
    back = enrol(gateway, invite(gateway, PAUL), own)
    confirm(gateway, back)
    invite(gateway, PAUL)
    crashing.dies(after, lambda: gateway.run(
        "people", "revoke", PAUL, "--reason", "left the company", by=SAM, check=False), call)
    crashing.again()
    found = keys(gateway).values()
    assert found and (not holds or all("revoked" in one for one in found))
    assert not [one for one in gateway.json("people", "list") if one.get("waits") and one["person"] == PAUL]


def test_a_halt_by_a_role_that_only_the_log_has_is_that_halt_after_a_restart(crashing, gateway):
    """The trust file is not written, and the role that two people signed holds nevertheless."""
    (asked,) = gateway.json("people", "role", LI, "--add", "kill", "--reason", "on call from December", by=ADA)
    digest = waiting(gateway, asked["id"])["digest"]
    crashing.set("rename", TRUST, "EIO")
    done = confirm(gateway, asked["id"], digest=digest, check=False)
    assert done.returncode == 69 and "it holds" in done.stderr and len(crashing.hits()) == 1
    crashing.clear()
    assert person(gateway, LI)["roles"] == [], "the trust file is older"
    gateway.halt("--agent", "support-triage", by=LI)
    (before,) = gateway.json("kill", "--status")
    gateway.kill()
    crashing.start()
    (after,) = gateway.json("kill", "--status")
    assert after["halts"] == before["halts"] and len(after["halts"]) == 1
    assert person(gateway, LI)["roles"] == ["kill"]
    gateway.resume(after["halts"][0]["id"], ADA, SAM)
