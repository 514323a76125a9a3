"""The context of a call, as real clients of three SDK generations send it, is kept with the call and changes
nothing."""

import json

import pytest

import counters
from conftest import SDKS

WAYS = ("http", "stdio")
LARGEST = 64 << 10


def told(client, tool: str, context, **arguments) -> dict:
    client.send("call", name=tool, arguments=arguments, context=context)
    return client.answer()


def shown(gateway, call: str, kind: str) -> dict:
    """The only record of that kind of a call, with its payloads."""
    lines = [json.loads(line) for line in gateway.record_of(f"dec_{call}").splitlines()]
    (found,) = [one for one in lines if one["leaf"]["t"] == kind]
    return found


def newest(gateway, kind: str, agent: str) -> dict:
    return [one for one in gateway.records(60) if one["t"] == kind and one.get("agent") == agent][-1]


@pytest.mark.requirement("R036", "R051", "R092", "R094", "R148")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("version", SDKS)
def test_what_an_sdk_says_led_to_a_call_is_kept_with_it(acme, version, way):
    prompt = f"Where is order 77? ({version}, {way})"
    with acme.sdk(version, "support-triage", way) as client:
        answer = told(client, "tickets__search", prompt, text="lamp")
    assert not answer["result"].get("isError"), answer
    intent = newest(acme.gateway, "call.intent", "support-triage")
    assert intent["ctx"] == "given"
    given = shown(acme.gateway, intent["call"], "run.input")
    assert (given["leaf"]["src"], given["leaf"]["run"]) == ("user", intent["run"])
    assert given["leaf"]["rs"] < intent["rs"]
    assert given["payloads"]["text"] == prompt
    # The context is passed neither to the decision nor to the server.
    assert prompt not in json.dumps(shown(acme.gateway, intent["call"], "call.intent")["payloads"])
    assert "context" not in json.dumps(counters.calls(acme.data, "tickets", "search")[-1])


@pytest.mark.parametrize("version", SDKS)
def test_a_call_without_it_says_so_and_status_counts_both(acme, version):
    def counted() -> dict:
        (status,) = acme.gateway.json("status")
        return status["context"]

    before = counted()
    with acme.sdk(version, "support-triage") as client:
        client.call("tickets__search", text="lamp")
        told(client, "tickets__search", "why", text="lamp")
    assert newest(acme.gateway, "call.intent", "support-triage")["ctx"] == "given"
    after = counted()
    assert (after["with"] - before["with"], after["without"] - before["without"]) == (1, 1)
    with acme.sdk(version, "support-triage") as client:
        client.call("tickets__search", text="lamp")
    intent = newest(acme.gateway, "call.intent", "support-triage")
    assert intent["ctx"] == "none"
    assert not [one for one in acme.gateway.records(20) if one["t"] == "run.input" and one["call"] == intent["call"]]


def test_whose_words_they_are_can_be_said_and_json_is_kept_as_it_is(acme):
    with acme.sdk("1.22.0", "support-triage") as client:
        for context, source, kept in (
                ({"src": "hook", "text": "from the ticket"}, "hook", "from the ticket"),
                ({"src": "model", "text": {"plan": [1, 2]}}, "model", {"plan": [1, 2]}),
                ({"src": "boss", "text": "now"}, "user", {"src": "boss", "text": "now"}),
                (["a", {"b": 1}], "user", ["a", {"b": 1}])):
            told(client, "tickets__search", context, text="lamp")
            intent = newest(acme.gateway, "call.intent", "support-triage")
            given = shown(acme.gateway, intent["call"], "run.input")
            assert (given["leaf"]["src"], given["payloads"]["text"]) == (source, kept)


def test_at_the_limit_it_is_kept_and_above_it_the_call_goes_on_without(acme):
    with acme.sdk("1.22.0", "support-triage") as client:
        for size, mark in ((LARGEST, "given"), (LARGEST + 1, "large")):
            answer = told(client, "tickets__search", "x" * size, text="lamp")
            assert not answer["result"].get("isError"), answer
            intent = newest(acme.gateway, "call.intent", "support-triage")
            assert intent["ctx"] == mark
            given = shown(acme.gateway, intent["call"], "run.input")
            if mark == "large":
                assert given["leaf"]["size"] == size and "text" not in given["leaf"]
            else:
                assert given["leaf"]["text"]["n"] == size and "size" not in given["leaf"]


def test_of_refused_calls_only_so_much_is_kept(acme):
    with acme.sdk("1.22.0", "support-triage") as client:
        for number in range(60):
            answer = told(client, "crm__delete_customer", f"attempt {number}", id="C-77")
            assert answer["error"]["code"] == -32602
    records = [one for one in acme.gateway.records(400) if one.get("agent") == "support-triage"]
    denied = [one for one in records if one["t"] == "call.denied" and one.get("tool") == "crm__delete_customer"]
    assert {one["ctx"] for one in denied if "ctx" in one} <= {"given", "many"}
    assert any(one.get("ctx") == "given" for one in denied)
    for one in denied:
        if one.get("ctx") == "given":
            assert [given["call"] for given in records if given["t"] == "run.input"].count(one["call"]) == 1
