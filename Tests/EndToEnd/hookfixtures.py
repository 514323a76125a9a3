"""The hook adapter of the tested programs, and the gateway that it asks."""

import os

import pytest

from conftest import missing
from hooking import Gateway, Hooks


@pytest.fixture(scope="module")
def hooks(binary):
    if os.geteuid() != 0:
        missing("only root can make a private /etc")
    made = Hooks(binary.parent / "interlock-hook")
    yield made
    made.close()


@pytest.fixture
def gateway(hooks):
    hooks.socket.unlink(missing_ok=True)
    made = Gateway(hooks.socket)
    yield made
    made.close()
    hooks.reset()
