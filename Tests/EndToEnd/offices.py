"""What tests of the console stand on: one office for all of a file, somebody at a browser, an agent that asks."""

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
