"""Values in encodings: an agent neither reads nor sends them, and what is not decoded within the limits is said to be so
(docs/specs/output-safety.md, sections 3 and 4)."""

import json
import re
import sys

import pytest

from conftest import FIXTURES
from faulty import FaultyServer
from governed import DENIED, agent, governed, policy, server

sys.path.insert(0, str(FIXTURES))
from faulty_server import KEY, TOKEN, encoded  # noqa: E402

KINDS = ["base64", "base64url, glued", "hex", "percent", "unicode", "html", "gzip", "zlib in hex", "deflate", "twice",
         "wide", "invisible", "short lines"]
TEXT = re.compile(r"take \[redacted:github-token:[0-9a-f]{8}\] now")


def written(port: int) -> str:
    tools = "\ntools:\n  echo: {class: read}\n  leaky: {class: read}\n  slow: {class: write, effects: [reversible]}\n"
    return policy("servers:", server("faulty", port, tools), "agents:",
                  agent("reader", "mcp_scopes: {faulty: [read]}"),
                  agent("writer", "mcp_scopes: {faulty: [read, write]}"))


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    with FaultyServer(tmp_path_factory.mktemp("encoded"), "http") as faulty:
        yield faulty


@pytest.fixture(scope="module")
def world(binary, people, faulty):
    with governed(binary, people, lambda _: written(faulty.port), servers=()) as world:
        world.gateway.wait_for_tools("writer", "faulty")
        world.gateway.wait_for_tools("reader", "faulty")
        yield world


def arrived(faulty) -> int:
    path = faulty.data / "arrived"
    return len(path.read_text().splitlines()) if path.exists() else 0


def shown(ended) -> str:
    return ended.answer["result"]["content"][0]["text"]


@pytest.mark.requirement("R082")
@pytest.mark.parametrize("kind", KINDS)
def test_a_token_in_a_result_goes_with_its_encoding(world, kind):
    ended = world.call("reader", "faulty__leaky", text=f"encoded {kind}")
    assert TEXT.fullmatch(shown(ended)), ended.answer
    assert ended.record["st"] == "ok" and ended.record["find"] == {"token": 1}


@pytest.mark.parametrize("kind", ["thrice", "bomb"])
def test_a_result_that_is_not_decoded_is_given_and_its_record_says_so(world, kind):
    ended = world.call("reader", "faulty__leaky", text=f"encoded {kind}")
    assert shown(ended) == f"take {encoded(kind)} now"
    assert ended.record["st"] == "ok" and ended.record["find"] == {"undecodable": 1}


@pytest.mark.requirement("R082")
@pytest.mark.parametrize("kind", ["base64", "percent", "gzip", "twice", "invisible"])
def test_a_token_in_arguments_denies_the_call_in_each_encoding(world, faulty, kind):
    """Each denial in a run of its own: several would pause the run."""
    before = arrived(faulty)
    text = f"send {encoded(kind)} on"
    ended = world.call("writer", "faulty__echo", {"purpose": f"sends {kind}"}, text=text)
    assert ended.told == DENIED and arrived(faulty) == before, ended.answer
    answer = json.dumps(ended.answer)
    assert "secret-in-arguments" in answer and "(token at /text)" in answer and TOKEN not in answer
    assert ended.record["find"] == {"token": 1}


def test_a_key_in_base64_denies_the_call(world, faulty):
    before = arrived(faulty)
    ended = world.call("writer", "faulty__echo", {"purpose": "sends a key"}, text=encoded("base64", KEY))
    assert ended.told == DENIED and arrived(faulty) == before, ended.answer
    assert ended.record["find"] == {"private_key": 1}


@pytest.mark.parametrize("kind", ["thrice", "bomb"])
def test_arguments_that_are_not_decoded_deny_a_call_that_does_more_than_read(world, faulty, kind):
    purpose = {"purpose": f"sends {kind}"}
    before = arrived(faulty)
    ended = world.call("writer", "faulty__slow", purpose, text=encoded(kind), delay=0)
    assert ended.told == DENIED and arrived(faulty) == before, ended.answer
    record = ended.record
    assert (record["code"], record["find"]) == ("safety.undecodable", {"undecodable": 1})
    assert not world.waiting()
    read = world.call("writer", "faulty__echo", purpose, text=encoded(kind))
    assert read.told is None and shown(read) == encoded(kind)


def test_the_log_with_these_records_is_verified_and_its_decisions_are_made_again(world):
    world.gateway.run("audit", "verify")
    assert world.gateway.run("audit", "replay", "--since", "2020-01-01T00:00:00Z").returncode == 0
