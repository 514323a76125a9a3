"""R151: text that is slow to hash or to compare as strings costs the gateway no more than any other.

The bodies are those that froze both loops: keys that normalise alike (`a` and the permutations of ten combining marks),
which had one hash under every seed, and long rows of combining marks, which take quadratic time to sort.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import pytest

import wire
from addresses import DANA
from faulty import FaultyServer
from fixtures.hash_floods import collisions, marks

# The tests keep both processors busy, and the requests that they wait for have one second.
pytestmark = [pytest.mark.alone, pytest.mark.requirement("R151")]


def most(made) -> float:
    """The maximum seconds of a response; a program built without optimisation parses fifty times slower."""
    return 1.0 if made.gateway.binary.parent.name == "release" else 5.0


def request(identifier: str, method: str, params: str) -> bytes:
    return (f'{{"jsonrpc":"2.0","id":"{identifier}","method":"{method}","params":{params}}}').encode()


def bodies() -> list[bytes]:
    """Four bodies of 1.8 MB each."""
    return [
        request("a", "tools/call", f'{{"name":"tickets__get_ticket","arguments":{collisions(60_000)}}}'),
        request("b", "tools/call", '{"name":"tickets__get_ticket","arguments":{"id":[%s]}}'
                % ",".join([collisions(9_900)] * 6)),
        request("c", marks(880_000), "{}"),
        request("d", "tools/call", f'{{"name":"{marks(880_000)}","arguments":{{}}}}'),
    ]


@contextmanager
def flood(port: int, headers: dict, sent: list[bytes]):
    """Sends each body repeatedly on connections of its own, until the block ends; yields the responses."""
    over, answers = Event(), []

    def repeat(body: bytes):
        while not over.is_set():
            answers.append(wire.exchange(port, headers=headers, body=body, seconds=120))

    with ThreadPoolExecutor(len(sent)) as pool:
        running = [pool.submit(repeat, body) for body in sent]
        try:
            yield answers
        finally:
            over.set()
        for one in running:
            one.result()


def seconds(action) -> float:
    start = time.monotonic()
    action()
    return time.monotonic() - start


def alive(made):
    assert wire.exchange(made.gateway.people_port, "GET", "/healthz", seconds=120).status == 200


def check(made, answers: list, other: str):
    """Checks that the gateway responds in time while the bodies are processed and afterwards, and acknowledges a
    kill."""
    deadline = time.monotonic() + 60
    while len(answers) < 4:
        assert time.monotonic() < deadline, "the bodies are not answered"
        assert seconds(lambda: alive(made)) < most(made)
    assert seconds(lambda: made.gateway.halt("--agent", other, by=DANA)) < most(made)
    for _ in range(10):
        assert seconds(lambda: alive(made)) < most(made)


def test_the_worst_bodies_of_an_agent_hold_nothing_up(organisation):
    made = organisation(servers=("tickets",))
    session = made.session("support-triage")
    with flood(made.gateway.port, session.headers, bodies()) as answers:
        check(made, answers, "refunds")
    # The first has more members than an object may, the last two a longer row of marks than text may.
    assert {answer.status for answer in answers} <= {200, 400, 429}, answers[:4]
    assert made.count("tickets", "get_ticket") == 0


@pytest.mark.parametrize(("part", "code"), [('{"a":{"b":{"c":{"d":{}}}}}', 400), ("0.123456789", 200)])
def test_a_body_of_more_values_than_400_000_is_refused(organisation, part, code):
    """Nested objects of one member: 750,000 values in 4 MiB. As many numbers as fit are accepted."""
    made = organisation(servers=())
    session = made.session("support-triage")
    values = ",".join([part] * ((4 << 20) // (len(part) + 1) - 100))
    answer = session.post(request("a", "tools/call", f'{{"name":"tickets__get_ticket","arguments":{{"id":[{values}]}}}}'))
    assert answer.status == code, answer.body[:300]
    assert code == 200 or answer.code == -32700, answer.body[:300]


def test_the_bodies_of_a_halted_agent_are_not_read(organisation):
    made = organisation(servers=("tickets",))
    session = made.session("support-triage")
    made.gateway.halt("--agent", "support-triage", by=DANA)
    with flood(made.gateway.port, session.headers, bodies()) as answers:
        check(made, answers, "refunds")
    refused = [answer for answer in answers if answer.status == 200]
    assert refused and {answer.code for answer in refused} == {4230}
    assert {answer.message["id"] for answer in refused} <= set("abcd"), "the id is found without reading the rest"


def test_notifications_of_a_stdio_server_hold_nothing_up(organisation, tmp_path):
    with FaultyServer(tmp_path, "stdio") as faulty:
        made = organisation(extra=faulty.policy, servers=())
        made.gateway.wait_for_tools("tester", "faulty")
        session = made.session("tester")
        with ThreadPoolExecutor(1) as pool:
            start = time.monotonic()
            call = pool.submit(session.call, "faulty__flood", 120)
            faulty.wait_for("flood")
            for _ in range(20):
                assert seconds(lambda: alive(made)) < most(made)
            assert seconds(lambda: made.gateway.halt("--agent", "refunds", by=DANA)) < most(made)
            assert call.result().status == 200
            assert time.monotonic() - start < 5 * most(made), "the loop of the server was held up"
