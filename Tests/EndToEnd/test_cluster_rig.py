"""The store of a cluster as operators run it: over TCP with TLS, where a node is known by its certificate."""

from certificates import Authority
from clustering import NO, NOT_PERMITTED, UNAVAILABLE, house  # noqa: F401
from encrypting import encrypt, parameters
from storing import Server, Store, require


def test_a_node_is_known_by_its_certificate(house, tmp_path):
    require()
    root = Authority()
    with Server() as server:
        with Store(server) as store:
            database = store.database
        port = encrypt(server, root)
        house.settle(parameters(root, "gw1", tmp_path, port, database))
        # No node has sent a heartbeat since the restart, so the store is read and named as not well.
        found = house.status(expect=NO)
        assert f"database `{database}`" in found
        house.settle(parameters(root, "gw2", tmp_path, port, database))
        assert "certificate authentication failed for user" in house.status(expect=NOT_PERMITTED)
        house.settle(parameters(Authority("other"), "gw1", tmp_path, port, database))
        house.status(expect=UNAVAILABLE)
