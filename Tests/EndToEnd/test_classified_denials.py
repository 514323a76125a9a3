"""`interlock trust classify`: people state the cause of a denial, the log proves what can be proved of it, and trust counts it
(docs/specs/trust-and-review.md, section 4). A changed criteria file is not in force before people have signed it."""

import json

import pytest

from addresses import ADA, SAM
from deployment import Failure
from governed import agent, governed, policy, server
from revising import edit, loading, reload, sign, sign_off
from waits import until

pytestmark = pytest.mark.requirement("R124", "R128")

READS = "      crm: [read]\n"
# Less than all reads: the denial of another customer is a decision about its arguments, which can be made again.
GUARDED = """      crm: [{tool: get_customer, when: "args.id == 'C-1'"}]\n"""
AGENT = "support-triage"
CRITERIA = 'interlock_trust: 1\nversion: "2026-11-20.1"\n'


def classify(made, record: object, cause: str, reason: str = "it was looked at", expect: int = 0):
    done = made.gateway.run(
        "trust", "classify", str(record), "--cause", cause, "--reason", reason, "--json", check=False)
    assert done.returncode == expect, done.stderr
    return done


def denied(made) -> dict:
    """The newest denial of the agent, as `audit query` shows it."""
    return [one for one in made.gateway.records(200) if one["t"] == "call.denied"][-1]


def stated(made) -> list[int]:
    """How many denials were stated to be attacks, the policy's and the agent's."""
    done = made.gateway.run("trust", "status", AGENT, "--json", check=False)
    assert done.returncode == 1, done.stderr
    denials = json.loads(done.stdout)["denials"]
    return [denials[cause] for cause in ("attack", "policy", "agent")]


def widen_again(made, candidate: dict) -> None:
    """Signs the policy of before once more, by two people, since it widens."""
    edit(made.gateway, GUARDED, READS)
    sign(made.gateway, ADA, SAM, identity={**candidate, "digest": reload(made.gateway)["candidate"]})
    assert reload(made.gateway)["outcome"] == "loaded"


def test_a_cause_counts_only_as_far_as_the_log_proves_it(organisation):
    made = organisation(servers=("crm",))
    sign_off(made.gateway)
    edit(made.gateway, READS, GUARDED)
    candidate = {**loading(made.gateway)["identity"], "digest": reload(made.gateway)["candidate"]}
    sign(made.gateway, ADA, identity=candidate)
    assert reload(made.gateway)["outcome"] == "loaded"
    session = made.session(AGENT)
    assert session.call("crm__get_customer", id="C-77").code is not None
    until(lambda: any(one["t"] == "call.denied" for one in made.gateway.records(200)), made.gateway)
    denial = denied(made)
    # Its run had read nothing, and the policy in force denies it.
    assert "untrusted content" in classify(made, denial["index"], "attack", expect=1).stderr
    assert "no signed change" in classify(made, denial["index"], "policy", expect=1).stderr
    assert stated(made) == [0, 0, 0]
    widen_again(made, candidate)
    answer = json.loads(classify(made, denial["index"], "policy").stdout)
    assert (answer["as"], answer["agent"], answer["record"]) == ("policy", AGENT, denial["index"])
    (record,) = [one for one in made.gateway.records(50) if one["t"] == "trust.classified"]
    assert record["as"] == "policy" and record["pol"] and record["by"] and "it was looked at" not in json.dumps(record)
    assert stated(made) == [0, 1, 0]
    classify(made, denial["index"], "agent")
    assert stated(made) == [0, 0, 1]
    assert [one["as"] for one in made.gateway.records(50) if one["t"] == "trust.classified"] == ["policy", "agent"]
    assert made.gateway.verify().returncode == 0


TICKETS = "tools:\n  get_ticket: {class: read}\n  search: {class: read}\n"


def outsiders(ports: dict[str, int]) -> str:
    """A policy whose server brings what outsiders write."""
    return policy(
        "servers:", server("tickets", ports["tickets"], TICKETS).replace("trust: internal", "trust: external"),
        "agents:", agent("clerk", """
mcp_scopes:
  tickets: [get_ticket, {tool: search, when: "args.text == 'desk'"}]
"""))


def test_an_attack_excuses_the_denial_of_a_tainted_run(binary, people):
    with governed(binary, people, outsiders, servers=("tickets",)) as world:
        world.gateway.wait_for_tools("clerk", "tickets")

        def refused() -> dict:
            """A call that the guard denies, in the run of the client."""
            seen = len([one for one in world.gateway.records(200) if one["t"] == "call.denied"])
            world.client("clerk").call("tickets__search", text="lamp")
            until(lambda: len([one for one in world.gateway.records(200) if one["t"] == "call.denied"]) > seen, world.gateway)
            return [one for one in world.gateway.records(200) if one["t"] == "call.denied"][-1]

        def bad() -> int:
            done = world.gateway.run("trust", "status", "clerk", "--json", check=False)
            return json.loads(done.stdout)["runs"]["bad"]

        world.hang_up()
        before = refused()
        assert "untrusted content" in classify(world, before["index"], "attack", expect=1).stderr
        assert bad() == 1
        world.hang_up()
        world.client("clerk").call("tickets__get_ticket", id="T-1001")
        after = refused()
        assert after["tl"] >= 1 and bad() == 2
        classify(world, after["index"], "attack", reason="the ticket told it to search")
        assert bad() == 1
        shown = world.gateway.run("trust", "explain", "clerk", "--json", check=False)
        (stated,) = json.loads(shown.stdout)["classified"]
        assert stated["cause"] == "attack" and "the ticket told it" not in shown.stdout


def test_what_is_no_denial_has_no_cause(organisation):
    made = organisation(servers=("crm",))
    first = made.gateway.records(200)[0]
    assert "no denial" in classify(made, first["index"], "agent", expect=1).stderr
    classify(made, 999_999, "agent", expect=66)
    classify(made, "A" * 43 + "=", "agent", expect=66)
    assert made.gateway.run("trust", "classify", "x y", "--cause", "agent", "--reason", "r", check=False).returncode == 64
    assert made.gateway.run("trust", "classify", "1", "--cause", "agent", check=False).returncode == 64
    assert "unknown cause `weather`" in classify(made, first["index"], "weather", expect=64).stderr
    classify(made, first["index"], "agent", reason="x" * 501, expect=65)


def test_a_changed_criteria_file_waits_for_people(organisation):
    """At a reload the old revision stays; after a stop the gateway does not start."""
    made = organisation(servers=("crm",))
    sign_off(made.gateway)
    folder = made.gateway.policy.parent / "trust"
    folder.mkdir(exist_ok=True)
    (folder / "criteria.yaml").write_text(CRITERIA)
    refused = reload(made.gateway)
    assert (refused["outcome"], refused["code"]) == ("refused", "sign_off"), refused
    made.gateway.stop()
    with pytest.raises(Failure, match="ended with 65"):
        made.gateway.start()
    (folder / "criteria.yaml").unlink()
    folder.rmdir()
    made.gateway.start()
    assert loading(made.gateway)["founding"] is False
