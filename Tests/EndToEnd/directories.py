"""A real gateway with one agent that has acted, and the people who see more or less of it in the console."""

from contextlib import ExitStack

import pytest

from addresses import ADA, DANA, RUI
from office import Office
from program import Program


@pytest.fixture(scope="module")
def office(binary, people):
    with ExitStack() as stack:
        office = Office(stack, binary, people, (ADA, DANA, RUI))
        office.gateway.wait_for_tools("support-triage", "kb")
        session = office.acme.session("support-triage")
        assert session.call("kb__get_article", id="KB-1").code is None
        session.call("crm__delete_customer", id="C-78")
        yield office


@pytest.fixture(scope="module")
def windows(office):
    """`ada` has the security role, `dana` owns `support-triage`, `rui` only approves."""
    return {person: office.person(person) for person in (ADA, DANA, RUI)}


@pytest.fixture(scope="module")
def programs(office, windows):
    return {person: Program(office, window) for person, window in windows.items()}
