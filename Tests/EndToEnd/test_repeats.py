"""One approval for the same call several times, where the template of the tool says so."""

import json

import pytest

from addresses import ADA
from deployment import approval_id
from governed import agent, governed, policy, server

CALL = "tickets__add_label"
SAME = {"id": "T-1001", "label": "seen"}
TEMPLATE = "tickets.add_label:\n  reversible: \"yes\"\n  repeat: 3\n"


def written(ports: dict[str, int]) -> str:
    return policy("servers:", server("tickets", ports["tickets"], """
tools:
  add_label: {class: write, effects: [reversible]}
"""), "agents:", agent("asked", "approval_required: [tickets.add_label]\nmcp_scopes:\n  tickets: [add_label]\n"))


@pytest.fixture(scope="module")
def world(binary, people):
    with governed(binary, people, written, servers=("tickets",), start=False) as made:
        folder = made.gateway.folder / "approvals"
        folder.mkdir(exist_ok=True)
        (folder / "tickets.yaml").write_text(TEMPLATE)
        made.gateway.start()
        made.gateway.wait_for_tools("asked", "tickets")
        yield made


def denied(world, arguments: dict) -> str:
    """Denies the call, which waits for people; returns its request."""
    client, before = world.client("asked"), world.arrived(CALL)
    client.send("call", name=CALL, arguments=arguments)
    request = approval_id(world.gateway.pending())
    world.gateway.run("approvals", "deny", request, "--reason", "once was enough", by=ADA)
    client.answer()
    assert world.arrived(CALL) == before
    return request


def test_an_approval_lets_the_same_call_run_as_often_as_was_shown(world, verify, tmp_path):
    first = world.call_approved("asked", CALL, ADA, **SAME)
    assert first.arrived == 1 and first.told is None
    (used,) = world.gateway.records(type="approval.used")
    request = used["appr"]
    assert '"repeat":3' in json.dumps(world.gateway.json("approvals", "show", request)[0]["review"]["facts"], separators=(",", ":"))
    assert "used         1 of 3 calls" in world.gateway.run("approvals", "show", request).stdout
    # Another call of the same tool is asked about.
    assert denied(world, {**SAME, "label": "other"}) != request
    run = used["run"]
    assert world.call("asked", CALL, **SAME).arrived == 1
    # What is left outlives the process, also one that was killed.
    world.hang_up()
    world.gateway.kill()
    world.gateway.start()
    world.gateway.wait_for_tools("asked", "tickets")
    uses = world.gateway.records(type="approval.used")
    assert [one["appr"] for one in uses] == [request] * 2 and len({one["intent"] for one in uses}) == 2
    (asked,) = [one for one in world.gateway.records(type="approval.requested") if one["appr"] == request]
    assert asked["uses"] == 3
    assert world.gateway.verify().returncode == 0
    assert world.gateway.run("approvals", "verify", request).returncode == 0
    assert world.gateway.run("approvals", "verify", "--all").returncode == 0
    world.gateway.run("audit", "bundle", run, "-o", str(tmp_path / "run.tar"), "--disclose-all", "--all-proofs")
    assert "2 uses of approvals" in verify("--vkey", world.gateway.log_key, tmp_path / "run.tar", expect=0)
    world.gateway.run("audit", "export", "--format", "tiles", "--payloads", "-o", str(tmp_path / "log"))
    assert "2 uses of approvals" in verify("--vkey", world.gateway.log_key, tmp_path / "log", expect=0)


def test_after_the_last_use_people_are_asked_again(world):
    world.hang_up()
    assert world.call_approved("asked", CALL, ADA, id="T-1002", label="seen").arrived == 1
    for _ in range(2):
        assert world.call("asked", CALL, id="T-1002", label="seen").arrived == 1
    newest = world.gateway.records(type="approval.used")[-1]["appr"]
    assert denied(world, {"id": "T-1002", "label": "seen"}) != newest
    assert world.gateway.json("approvals", "show", newest)[0]["state"] == "used"
