"""The hours in which an agent may act. `faketime` sets the gateway's clock; the machine's clock determines only the
week."""

from datetime import datetime, time, timedelta, timezone

import pytest

import clocks
from governed import agent, governed, policy, server

NOW = datetime.now(timezone.utc)
# A Friday at least a week ahead, because no file of the deployment may come from the future.
FRIDAY = datetime.combine(NOW + timedelta(days=7 + (4 - NOW.weekday()) % 7), time(), timezone.utc)


def written(ports: dict[str, int]) -> str:
    scope = "mcp_scopes:\n  tickets: [search]\n"
    return policy(
        "servers:",
        server("tickets", ports["tickets"], """
tools:
  search: {class: read}
"""),
        "agents:",
        # Five hours and 45 minutes ahead of UTC, without summer time.
        agent("office", scope + 'hours: {days: mon-fri, from: "08:00", to: "18:00", tz: Asia/Kathmandu}'),
        agent("night", scope + 'hours: {days: [fri], from: "22:00", to: "06:00", tz: UTC}'))


@pytest.fixture(scope="module")
def world(binary, people):
    clocks.check_faketime()
    with governed(binary, people, written, servers=("tickets",), start=False) as world:
        yield world


@pytest.fixture
def at(world):
    """`at(hours)`: the gateway runs from this many hours after Friday began, by its wall clock alone."""
    def start(**after: float):
        moment = (FRIDAY + timedelta(**after)).strftime("%Y-%m-%d %H:%M:%S")
        world.gateway.start(environment=clocks.at(moment))
        world.gateway.wait_for_tools("office", "tickets")
        return world

    yield start
    world.hang_up()
    world.gateway.stop()


def check_inside(world, agent: str) -> None:
    world.check_allowed(agent, "tickets__search", "controls.read", text="lamp")


def check_outside(world, agent: str, at: str) -> None:
    world.check_refused(agent, "tickets__search", f"agents.{agent}.hours", at, "hours", text="lamp")


OFFICE, NIGHT = "tz: Asia/Kathmandu", "days: [fri]"


def test_before_the_hours_of_the_agent_s_zone(at):
    world = at(hours=2, minutes=10)  # 07:55 in Kathmandu
    check_outside(world, "office", OFFICE)
    check_outside(world, "night", NIGHT)


def test_within_the_hours_of_the_agent_s_zone(at):
    check_inside(at(hours=2, minutes=16), "office")  # 08:01 in Kathmandu


def test_hours_that_wrap_begin_on_their_day(at):
    world = at(hours=22, minutes=1)
    check_inside(world, "night")
    check_outside(world, "office", OFFICE)


def test_hours_that_wrap_last_into_the_next_day(at):
    world = at(days=1, hours=5, minutes=50)
    check_inside(world, "night")
    check_outside(world, "office", OFFICE)  # in the hours, but a Saturday


def test_hours_that_wrap_are_over_in_the_morning_and_do_not_begin_again(at):
    world = at(days=1, hours=22, minutes=1)
    check_outside(world, "night", NIGHT)
