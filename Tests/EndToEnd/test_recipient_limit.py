"""A limit on the different recipients that an agent names. The text of a search plays the recipient."""

import pytest

import controllog
from governed import agent, governed, policy, server

CALL = "tickets__search"
LIMIT = "recipients:tickets.search"


def written(ports: dict[str, int]) -> str:
    return policy("servers:", server("tickets", ports["tickets"], "tools:\n  search: {class: read}\n"),
                  "agents:", agent("open", "mcp_scopes:\n  tickets: [read]\n"))


@pytest.fixture
def world(binary, people):
    with governed(binary, people, written, servers=("tickets",), start=False) as made:
        made.gateway.configure("limits", recipients="{tickets.search: {field: args.text, max: 2/d}}")
        start(made)
        yield made


def start(world) -> None:
    world.gateway.start()
    world.gateway.wait_for_tools("open", "tickets")


def check_refused(world, text: str, why: str) -> None:
    world.hang_up()
    answer = world.call("open", CALL, text=text)
    assert answer.told == 4290 and answer.arrived == 0, answer
    assert why in str(answer), answer


def test_an_agent_names_so_many_different_recipients_and_no_more_also_after_a_restart(world):
    for text in ("first", "second", "first"):
        assert world.call("open", CALL, text=text).told is None
    check_refused(world, "third", f"over the limit: {LIMIT} 2/2 in 86400 s")
    (usage,) = [one for one in world.gateway.json("limits", "open") if one["limit"] == LIMIT]
    assert (usage["taken"], usage["most"]) == (2, 2)
    for stop in (world.gateway.stop, world.gateway.kill):
        world.hang_up()
        stop()
        start(world)
        check_refused(world, "third", "2/2")
        assert world.call("open", CALL, text="second").told is None, "a recipient that is known is no new one"
    denied = world.gateway.records(type="call.denied")[-1]
    assert denied["rule"] == LIMIT and "third" not in str(denied)
    assert world.gateway.verify().returncode == 0


def test_a_call_that_names_no_recipient_is_not_sent(binary, people):
    with governed(binary, people, written, servers=("tickets",), start=False) as made:
        made.gateway.configure("limits", recipients="{tickets.search: {field: args.absent, max: 2/d}}")
        start(made)
        check_refused(made, "first", LIMIT)
        assert made.gateway.records(type="call.denied")[-1]["rule"] == "limits"


def test_recipients_that_cannot_be_read_stop_the_start(world):
    assert world.call("open", CALL, text="first").told is None
    world.hang_up()
    world.gateway.stop()
    controllog.edit(world, "UPDATE recipient SET tool = 'none'")
    done = world.gateway.run("serve", check=False)
    assert done.returncode == 74 and "counts for a limit is unreadable" in done.stderr, done.stderr


@pytest.mark.parametrize("text", [
    "[tickets.search]", "{tickets.search: args.text}", "{tickets.search: {field: text, max: 2/d}}",
    "{tickets.search: {field: args.text, max: 0/d}}", "{tickets.search: {field: args.text, max: 2/m}}",
    "{tickets.search: {field: args.text, max: 10001/d}}", "{tickets.search: {field: args.text}}",
    "{tickets: {field: args.text, max: 2/d}}", "{tickets.search: {field: args.text, max: 2/d, more: 1}}",
    "{tickets.search: {field: args.text, max: NaN/d}}"])
def test_a_limit_that_is_none_is_refused_at_the_start(world, text):
    world.gateway.stop()
    world.gateway.configure("limits", recipients=text)
    done = world.gateway.run("serve", check=False)
    assert done.returncode == 65 and "recipients" in done.stderr, done.stderr
