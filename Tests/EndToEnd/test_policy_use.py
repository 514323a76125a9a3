"""Scopes that no call used for 30 days, by the log of a deployment (W204)."""

from datetime import datetime, timedelta, timezone

import pytest

from governed import agent, governed, policy, server
from revising import reload


def written(scopes: str):
    return lambda ports: policy("servers:", server("tickets", ports["tickets"], """
tools:
  search: {class: read}
  get_ticket: {class: read}
  add_label: {class: write, effects: [reversible]}
"""), "agents:", agent("first", f"""
mcp_scopes:
  tickets: {scopes}
"""))


@pytest.mark.requirement("R131")
def test_a_scope_that_no_call_used_is_found_after_thirty_days(binary, people):
    with governed(binary, people, written("[search, get_ticket]"), servers=("tickets",)) as world:
        world.gateway.wait_for_tools("first", "tickets")
        assert world.call("first", "tickets__search", text="lamp", limit=1).arrived == 1

        def when(kind: str) -> int:
            return [one["ts"] for one in world.gateway.records(1000) if one["t"] == kind][-1]

        def unused(since: int) -> list[str]:
            """The lines about a window of 30 days that begins at this time, in microseconds."""
            at = datetime.fromtimestamp(since / 1_000_000, timezone.utc) + timedelta(days=30)
            done = world.gateway.run("policy", "check", "--used", "--at", f"{at:%Y-%m-%dT%H:%M:%S.%fZ}",
                                     "--dir", str(world.gateway.folder), check=False)
            return [line for line in (done.stdout + done.stderr).splitlines() if "W204" in line or "reach back" in line]

        loaded, called = when("policy.loaded"), when("call.intent")
        (early,) = unused(loaded - 60_000_000)
        assert "does not reach back" in early
        (found,) = unused((loaded + called) // 2)
        assert "no call of tickets.get_ticket in 30 days" in found
        assert len(unused(called + 1)) == 2, "the call is older than 30 days"

        # A scope that was added since then was not granted for all of the time.
        path = world.gateway.policy / "org.yaml"
        path.write_text(path.read_text().replace("[search, get_ticket]", "[search, get_ticket, add_label]"))
        assert reload(world.gateway)["outcome"] == "loaded"
        assert len(unused(called + 1)) == 2
        (_, _, added) = unused(when("policy.loaded") + 1)
        assert "tickets.add_label" in added
