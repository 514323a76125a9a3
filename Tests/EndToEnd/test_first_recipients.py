"""A recipient that an agent never named: a person approves the first call, and none after it. The text of a search
plays the recipient, because reads need no approval otherwise."""

import pytest

from addresses import ADA, SAM
from governed import agent, governed, policy, server

CALL = "tickets__search"


def written(ports: dict[str, int]) -> str:
    return policy(
        "servers:", server("tickets", ports["tickets"], """
tools:
  search: {class: read}
"""),
        "agents:",
        agent("open", "mcp_scopes:\n  tickets: [read]\n"),
        agent("asked", "approval_required: [tickets.search]\nmcp_scopes:\n  tickets: [read]\n"))


@pytest.fixture(scope="module")
def world(binary, people):
    with governed(binary, people, written, servers=("tickets",), start=False) as made:
        made.gateway.configure("detectors", recipients="{tickets.search: args.text}")
        made.gateway.start()
        made.gateway.wait_for_tools("open", "tickets")
        yield made


@pytest.mark.requirement("R105")
def test_the_first_call_to_a_recipient_is_approved_and_later_ones_run(world):
    def call(text: str):
        return {"text": text}

    world.check_approved("open", CALL, "alarm-approval", ADA, **call("first"))
    world.check_allowed("open", CALL, "controls.read", **call("first"))
    # A denied call names no recipient for the next one.
    assert world.call_denied("open", CALL, SAM, **call("second")).arrived == 0
    world.hang_up()
    world.check_approved("open", CALL, "alarm-approval", SAM, **call("second"))
    # A verdict that is stricter already stays as it is, and another agent's recipients are its own.
    world.check_approved("asked", CALL, "agents.asked.approval_required[0]", ADA, **call("first"))
    # What is known outlives the process.
    world.hang_up()
    world.gateway.stop()
    world.gateway.start()
    world.gateway.wait_for_tools("open", "tickets")
    world.check_allowed("open", CALL, "controls.read", **call("second"))
    assert world.gateway.run("audit", "replay", "--since", "2020-01-01T00:00:00Z").returncode == 0
    assert world.gateway.verify().returncode == 0
