"""`interlock approvals batch` at a real gateway, whose agents are at stage 0: each call is approved by itself there, and the
answer says why. Batches that count need a stage that people gave: `test_promoted.py`, and the tests of modules (decision 0168)."""

import hashlib

import pytest

from addresses import ADA, SAM
from deployment import approval_id
from governed import agent, governed, policy, server
from waits import until

pytestmark = pytest.mark.requirement("R062")

LABEL = "tickets__add_label"
UNKNOWN = "01kag0q9m2c4e6g8j0k2n4p6r8"


def written(ports: dict[str, int]) -> str:
    return policy(
        "servers:",
        server("tickets", ports["tickets"], "tools:\n  add_label: {class: write, effects: [reversible]}\n"),
        "agents:", agent("clerk", "mcp_scopes:\n  tickets: [add_label]\n"))


@pytest.fixture(scope="module")
def world(binary, people):
    with governed(binary, people, written, servers=("tickets",)) as world:
        yield world


@pytest.fixture(scope="module")
def waiting(world):
    """Two requests of two runs of the agent, in the order of their ids."""
    for number, label in ((1, "billing"), (2, "shipping")):
        world.client("clerk", purpose=f"ticket {number}").send(
            "call", name=LABEL, arguments={"id": "T-1001", "label": label})

    def two():
        found = [one for one in world.gateway.json("approvals", "list") if one["state"] == "pending"]
        return sorted(found, key=approval_id) if len(found) == 2 else None

    return until(two, world.gateway)


def batch(world, *ids: str, by: str = ADA, digest: str = "sha256:" + "0" * 64):
    return world.gateway.run("approvals", "batch", *ids, "--digest", digest, by=by, check=False)


def digest_of(world, requests: list[dict]) -> str:
    """The digest of the digests of the calls."""
    shown = [world.gateway.json("approvals", "show", approval_id(one))[0]["digest"] for one in requests]
    return "sha256:" + hashlib.sha256(b"".join(bytes.fromhex(one.partition(":")[2]) for one in shown)).hexdigest()


def test_at_stage_0_nothing_is_approved_together_and_the_reason_is_named(world, waiting):
    ids = [approval_id(one) for one in waiting]
    done = batch(world, *reversed(ids), digest=digest_of(world, waiting))
    assert done.returncode == 77 and "the agent is at stage 0" in done.stderr, (done.stdout, done.stderr)
    # The first request is shown whole, and of the second what differs.
    assert "billing" in done.stdout + done.stderr and done.stdout.count("arguments\n") == 1, done.stdout
    states = {approval_id(one): (one["state"], one["have"]) for one in world.gateway.json("approvals", "list")}
    assert states == {one: ("pending", 0) for one in ids}
    assert f"digest of the batch: {digest_of(world, waiting)}" in done.stdout.splitlines()
    assert not world.gateway.records(1000, type="approval.granted")


def test_what_was_not_compared_is_not_signed(world, waiting):
    done = batch(world, *(approval_id(one) for one in waiting))
    assert done.returncode == 65 and "the digest is not that of the batch" in done.stderr, done.stderr


def test_a_request_that_does_not_exist_ends_it(world, waiting):
    assert batch(world, approval_id(waiting[0]), UNKNOWN).returncode == 66


@pytest.mark.parametrize("number", [0, 1, 21])
def test_another_number_of_requests_is_refused(world, number):
    done = world.gateway.run("approvals", "batch", *([UNKNOWN] * number), by=SAM, check=False)
    assert done.returncode == 64 and not done.stdout, done.stderr


def test_a_request_twice_is_refused(world):
    assert world.gateway.run("approvals", "batch", UNKNOWN, UNKNOWN, by=SAM, check=False).returncode == 64


def test_each_is_approved_by_itself(world, waiting):
    """The last test: it ends both requests."""
    before = world.arrived(LABEL)
    for one in waiting:
        world.gateway.approve(approval_id(one), ADA)
    until(lambda: world.arrived(LABEL) == before + 2, world.gateway)
