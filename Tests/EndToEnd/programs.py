"""Fixtures of the API's tests: one office per file, and the program of one person without a role."""

from contextlib import ExitStack

import pytest

from addresses import PAUL
from office import Office
from program import Program


@pytest.fixture(scope="module")
def office(binary, people):
    with ExitStack() as stack:
        yield Office(stack, binary, people, (PAUL,))


@pytest.fixture(scope="module")
def paul(office):
    return Program(office, office.person(PAUL))
