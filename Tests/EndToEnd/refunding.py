"""An agent that requests refunds, each of a different amount, and the votes on them."""

import http.client
import json
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

import wire
from deployment import approval_id
from addresses import PAUL

REFUND = {"invoice_id": "INV-20931", "amount_cents": 42000, "currency": "EUR"}


@pytest.fixture(scope="module")
def pool():
    with ThreadPoolExecutor(8) as threads:
        yield threads


@pytest.fixture
def refunds(acme, pool):
    """A new run of the agent, which requests a refund of an amount that no other test uses."""
    acme.gateway.wait_for_tools("refunds", "billing")
    return Asking(acme, pool)


class Asking:
    amounts = iter(range(1000, 100_000))

    def __init__(self, acme, pool):
        self.acme, self.pool = acme, pool
        self.token = acme.token("refunds")
        self.arguments = {**REFUND, "amount_cents": next(self.amounts)}
        self.before = self.paid()
        self.known = {approval_id(one) for one in acme.gateway.json("approvals", "list")}

    def session(self) -> wire.Session:
        return wire.Session(self.acme.gateway.port, self.token)

    def ask(self, **changes) -> Future:
        """Starts the call; its response comes later."""
        return self.pool.submit(self.session().call, "billing__refund_request", 100, **{**self.arguments, **changes})

    def ask_and_leave(self) -> str:
        """Asks, closes the connection while the call is held, and returns the request's id."""
        session = self.session()
        body = {"jsonrpc": "2.0", "id": 5, "method": "tools/call",
                "params": {"name": "billing__refund_request", "arguments": self.arguments}}
        connection = http.client.HTTPConnection("127.0.0.1", session.port, timeout=30)
        connection.request("POST", "/mcp", json.dumps(body), session.headers)
        request = self.request()
        connection.close()
        return request

    def request(self) -> str:
        """The identifier of the request that is new since the last call."""
        found = approval_id(self.acme.gateway.pending(other_than=self.known))
        self.known.add(found)
        return found

    def paid(self) -> int:
        return self.acme.count("billing", "refund_request")

    def deny(self, request: str, by: str = PAUL):
        return self.acme.gateway.run("approvals", "deny", request, "--reason", "not this one", by=by)


def is_pending(acme, request: str) -> bool:
    return request in [approval_id(one) for one in acme.gateway.json("approvals", "list")
                       if one.get("state") == "pending"]


def votes_of(acme, request: str) -> int:
    return next(one["have"] for one in acme.gateway.json("approvals", "list") if approval_id(one) == request)
