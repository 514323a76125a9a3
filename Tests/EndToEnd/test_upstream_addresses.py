"""The addresses to which the name of a server may lead: public ones, private ones only where the policy says so, and never
those at which a cloud answers with its credentials (R081)."""

import re
import socket

import pytest

from conftest import missing
from faulty import FaultyServer
from waits import until

NAME = "servers/faulty.yaml"


def connected(organisation, server: FaultyServer, host: str, more: str = ""):
    extra = dict(server.policy)
    extra[NAME], count = re.subn(r'http://127\.0\.0\.1:(\d+)/mcp"', rf'http://{host}:\1/mcp"{more}', extra[NAME])
    assert count == 1
    return organisation(extra=extra, servers=(), wait=())


def reason(made) -> str:
    """Why the server is not offered, as `interlock status` has it."""
    (server,) = [one for one in made.gateway.json("status")[0]["servers"] if one["server"] == "faulty"]
    return str(server)


@pytest.mark.requirement("R081")
def test_a_name_leads_into_a_private_network_only_where_the_policy_says_so(organisation, tmp_path):
    name = socket.gethostname()
    found = {one[4][0] for one in socket.getaddrinfo(name, 80, family=socket.AF_INET)}
    if not found or not all(one.startswith("127.") for one in found):
        missing(f"`{name}` has no loopback address: {found}")
    with FaultyServer(tmp_path, "http") as server:
        refused = connected(organisation, server, name)
        until(lambda: "`private: true` in `connect` allows a private one" in reason(refused))
        assert refused.session("tester").tools() == []
        allowed = connected(organisation, server, name, ", private: true")
        allowed.gateway.wait_for_tools("tester", "faulty")
        assert allowed.session("tester").call("faulty__echo", text="well").code is None


@pytest.mark.requirement("R081")
def test_the_metadata_address_of_clouds_is_never_connected_to(organisation, tmp_path):
    with FaultyServer(tmp_path, "http") as server:
        made = connected(organisation, server, "169.254.169.254", ", private: true")
        until(lambda: "that of a cloud's metadata service" in reason(made))
        assert made.session("tester").tools() == []
