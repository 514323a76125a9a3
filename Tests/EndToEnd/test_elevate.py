"""Elevations: requested, approved by people with keys, in force, ended; and those that survive a restart."""

import time
from datetime import datetime, timedelta, timezone

import pytest

from addresses import ADA, DANA, SAM

AGENT, GRANT = "support-triage", "{kb: [read]}"


def at(**ahead) -> str:
    return (datetime.now(timezone.utc) + timedelta(**ahead)).strftime("%Y-%m-%dT%H:%M:%SZ")


def ask(gateway, *, grant=GRANT, by=DANA, agent=AGENT, check=True, **changes):
    words = {"until": at(hours=1), "reason": "an incident to look at", "ticket": "INC-1", **changes}
    flags = [word for name, value in words.items() for word in (f"--{name}", value)]
    return gateway.run("elevate", "request", "--agent", agent, "--grant", grant, *flags, "--json",
                       by=by, check=check)


def listed(gateway) -> list[dict]:
    return gateway.json("elevate", "list")


def identifier(done) -> str:
    import json
    return json.loads(done.stdout)["id"]


@pytest.mark.requirement("R005")
def test_an_elevation_is_granted_by_two_people_and_survives_a_restart(organisation):
    made = organisation()
    gateway = made.gateway
    wanted = identifier(ask(gateway))
    assert [one["state"] for one in listed(gateway)] == ["requested"]
    (line,) = gateway.run("elevate", "list").stdout.splitlines()
    assert line.startswith(wanted) and line.endswith("an incident to look at"), line
    gateway.run("elevate", "approve", wanted, by=ADA)
    assert listed(gateway)[0]["in_force"] is False
    assert gateway.run("elevate", "approve", wanted, by=ADA, check=False).returncode == 1
    gateway.run("elevate", "approve", wanted, by=SAM)
    assert listed(gateway)[0]["in_force"] is True
    gateway.kill()
    gateway.start()
    assert listed(gateway)[0]["in_force"] is True
    assert gateway.json("elevate", "list", "--agent", "refunds") == []
    gateway.run("elevate", "end", wanted, by=DANA)
    assert listed(gateway) == []
    kinds = [one["t"] for one in gateway.records(100) if one["t"].startswith("elevation.")]
    assert kinds == ["elevation.requested", "elevation.granted", "elevation.ended"]
    assert gateway.verify().returncode == 0


def test_a_request_as_large_as_one_may_be_is_taken_by_the_local_socket(organisation):
    """Larger than the people plane takes: 40 KB of guards, of at most 64 KiB."""
    gateway = organisation().gateway
    guards = [f"args.q != '{number}{'x' * 1000}'" for number in range(40)]
    entries = ", ".join(f'{{tool: search, when: "{guard}"}}' for guard in guards)
    wanted = identifier(ask(gateway, grant=f"{{kb: [{entries}]}}"))
    for person in (ADA, SAM):
        gateway.run("elevate", "approve", wanted, by=person)
    assert listed(gateway)[0]["in_force"] is True
    gateway.run("elevate", "end", wanted, by=DANA)
    assert listed(gateway) == []


def test_each_refusal_has_its_exit_code(organisation):
    gateway = organisation().gateway
    for code, changes in [
        (1, {"until": at(hours=9)}), (1, {"until": at(seconds=-5), "from": at(hours=-1)}),
        (64, {"reason": "short"}), (64, {"until": "tomorrow"}),
        (65, {"grant": "{kb: [nothing_like_it]}"}), (65, {"grant": "{kb: ['*']}"}), (65, {"grant": "{kb: ["}),
        (65, {"grant": "{nowhere: [read]}"}), (66, {"agent": "nobody"}), (77, {"by": "eve@acme.example"}),
    ]:
        done = ask(gateway, check=False, **changes)
        assert done.returncode == code, (changes, done.stderr)
        if code == 65:
            assert " E2" in done.stderr or " E1" in done.stderr, done.stderr
    nothing = "01kag0qx0e2g4j6m8p0r2t4v6x"
    assert gateway.run("elevate", "approve", nothing, by=ADA, check=False).returncode == 66
    wanted = identifier(ask(gateway))
    # A person who is enrolled, but neither owner, approver nor security.
    stranger = next(one for one in gateway.people.roles if one == "li@acme.example")
    done = gateway.run("elevate", "approve", wanted, by=stranger, check=False)
    assert done.returncode == 77, done.stderr
    gateway.stop()
    assert ask(gateway, check=False).returncode == 69


@pytest.mark.requirement("R005", "R006")
def test_time_alone_ends_it(organisation):
    gateway = organisation().gateway
    wanted = identifier(ask(gateway, until=at(seconds=6)))
    gateway.run("elevate", "approve", wanted, by=ADA)
    gateway.run("elevate", "approve", wanted, by=SAM)
    deadline = time.monotonic() + 15
    while listed(gateway):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    ended = [one for one in gateway.records(50) if one["t"] == "elevation.ended"]
    assert [one["code"] for one in ended] == ["elevation.time"]
