"""A real gateway with one agent that has acted, and the people who see more or less of it in the console."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from addresses import ADA, DANA, RUI
from office import Office
from people import People
from program import Program


def acted(stack: ExitStack, binary: Path, people: People, invited: tuple[str, ...]) -> Office:
    """An office whose agent `support-triage` has read an article and asked to delete a customer."""
    office = Office(stack, binary, people, invited)
    office.gateway.wait_for_tools("support-triage", "kb")
    session = office.acme.session("support-triage")
    assert session.call("kb__get_article", id="KB-1").code is None
    session.call("crm__delete_customer", id="C-78")
    return office


@pytest.fixture(scope="module")
def office(binary, people):
    with ExitStack() as stack:
        yield acted(stack, binary, people, (ADA, DANA, RUI))


@pytest.fixture(scope="module")
def windows(office):
    """`ada` has the security role, `dana` owns `support-triage`, `rui` only approves."""
    return {person: office.person(person) for person in (ADA, DANA, RUI)}


@pytest.fixture(scope="module")
def programs(office, windows):
    return {person: Program(office, window) for person, window in windows.items()}
