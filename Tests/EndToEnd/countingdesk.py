"""`fixtures/counting_server.py`, run for the tests of one file, whose policies have it as server `desk`."""

import subprocess
import sys

import pytest

from conftest import FIXTURES
from make_organisation import free_ports
from upstreams import wait_for_http


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """The port of a server with the tools `count` and `hold`."""
    (port,) = free_ports(1)
    running = subprocess.Popen([sys.executable, str(FIXTURES / "counting_server.py"), "--http", str(port), "--data",
                                str(tmp_path_factory.mktemp("desk"))])
    try:
        wait_for_http(port, running)
        yield port
    finally:
        running.kill()
        running.wait(5)
