"""Fixtures of the console's tests: one office per file, a person at a browser, an agent that makes calls."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from addresses import PAUL
from office import Office
from refunding import Asking


@pytest.fixture(scope="module")
def office(binary, people):
    with ExitStack() as stack:
        yield Office(stack, binary, people)


@pytest.fixture(scope="module")
def paul(office):
    return office.person(PAUL)


@pytest.fixture
def refunds(office):
    with ThreadPoolExecutor(2) as pool:
        yield Asking(office.acme, pool)
