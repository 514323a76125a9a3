"""What a client answers to a server's request for input: keys, tokens and values of the folder of secrets do not reach
the server, nor do answers of a run that has read a page from outside since its call was allowed
(docs/specs/output-safety.md, sections 2, 4 and 7)."""

import json
import sys

import pytest

import modern
import wire
from addresses import ADA, LI
from conftest import FIXTURES
from deployment import approval_id
from governed import DENIED, agent, governed, policy, server
from modern import message
from waits import until

sys.path.insert(0, str(FIXTURES))
from faulty_server import TOKEN  # noqa: E402

VALUE = "a-value-of-the-broker-0816"
GRANTS = "mcp_scopes:\n  routed: [fetch, ask]\n  tickets: [get_ticket]\n"


class Asked:
    """A gateway in front of a server whose tool asks for a region, and of one whose pages outsiders write."""

    def __init__(self, world, arrivals):
        self.world, self.gateway, self.arrivals = world, world.gateway, arrivals
        self.tokens: dict[str, str] = {}
        for name in ("caller", "asked"):
            self.gateway.wait_for_tools(name, "routed", "tickets")
            self.tokens[name] = self.gateway.token(name)

    def post(self, name: str, tool: str, arguments: dict | None = None, **more) -> wire.Answer:
        sent = message("tools/call", 1, {"elicitation": {}}, name=tool, arguments=arguments or {}, **more)
        return modern.post(self.gateway.port, self.tokens[name], sent)

    def ask(self, name: str) -> dict:
        """Starts the call that asks, and returns the request for input."""
        result = self.post(name, "routed__ask").message["result"]
        assert result["resultType"] == "input_required", result
        return result

    def answer(self, name: str, asked: dict, region: str) -> wire.Answer:
        (key,) = asked["inputRequests"]
        answers = {key: {"action": "accept", "content": {"region": region}}}
        return self.post(name, "routed__ask", inputResponses=answers, requestState=asked["requestState"])

    def count(self, what: str) -> int:
        return self.arrivals.read_text().splitlines().count(what)

    def told(self) -> list[str]:
        """The answers that reached the server."""
        return [line for line in self.arrivals.read_text().splitlines() if line.startswith("told ")]

    def check_kept_back(self, name: str, asked: dict, region: str, reason: str, code: str) -> dict:
        before, cancelled = self.told(), self.count("cancelled")
        answer = self.answer(name, asked, region)
        assert answer.code == DENIED, answer.message
        decision = wire.decision(answer.message["result"])
        assert (decision["reason"], decision["outcome"]) == (reason, "unknown"), decision
        until(lambda: self.count("cancelled") > cancelled, self.gateway)
        assert self.told() == before
        text = json.dumps(answer.message)
        assert TOKEN not in text and VALUE not in text, text
        records = {one["t"]: one for one in self.gateway.records(20)
                   if decision["decisionId"] == f"dec_{one.get('call')}"}
        assert "call.unknown" in records and records["call.input"]["refused"] == [code], records
        return {"text": text, **records["call.input"]}


@pytest.fixture(scope="module")
def routed(binary, people, tmp_path_factory):
    arrivals = tmp_path_factory.mktemp("routed") / "arrivals"
    arrivals.write_text("")

    def write(ports):
        connect = f'{{stdio: ["/usr/bin/python3", "{FIXTURES / "routed_server.py"}", "{arrivals}"], ' \
                  f'sandbox: {{read: ["{FIXTURES}"], writable_cache: ["{arrivals.parent}"]}}}}'
        outside = server("tickets", ports["tickets"], "tools:\n  get_ticket: {class: read}\n")
        return policy(
            "servers:", "  routed:", f"    connect: {connect}",
            f'    reviewed: {{by: {LI}, on: "2026-11-01", trust: internal}}',
            "    asks: [elicitation_form]",
            "    tools: {fetch: {class: read}, ask: {class: write, effects: [read]}}",
            outside.replace("trust: internal", "trust: external"),
            "agents:", agent("caller", GRANTS), agent("asked", GRANTS + "taint: {mode: strict}\n"))

    with governed(binary, people, write, servers=("tickets",)) as world:
        yield Asked(world, arrivals)


def read_page(routed, name: str) -> None:
    answer = routed.post(name, "tickets__get_ticket", {"id": "T-1001"})
    assert answer.code is None, answer.message


def test_an_answer_without_a_finding_is_sent(routed):
    asked = routed.ask("caller")
    read_page(routed, "caller")
    answer = routed.answer("caller", asked, "eu")
    assert answer.message["result"]["content"][0]["text"] == "accept eu", answer.message
    assert routed.told()[-1] == "told accept eu"


@pytest.mark.requirement("R082")
def test_a_token_in_an_answer_ends_the_call(routed):
    record = routed.check_kept_back(
        "caller", routed.ask("caller"), f"in {TOKEN}", "secret-in-arguments", "safety.secret_in_arguments")
    assert record["find"] == {"token": 1} and len(record["scan"]) == 44
    assert "/content/region" in record["text"]


@pytest.mark.requirement("R084")
def test_an_answer_of_a_run_that_has_read_a_page_since_is_not_sent_and_a_new_call_asks_people(routed):
    asked = routed.ask("asked")
    read_page(routed, "asked")
    routed.check_kept_back("asked", asked, "eu", "taint-approval", "policy.taint_approval")
    # The first request for input is the gateway's own, about the approval.
    prompt = routed.ask("asked")
    routed.gateway.approve(approval_id(routed.gateway.pending()), ADA)
    form = routed.answer("asked", prompt, "north").message["result"]
    answer = routed.answer("asked", form, "north")
    assert answer.message["result"]["content"][0]["text"] == "accept north", answer.message


@pytest.mark.requirement("R082")
def test_a_value_that_is_registered_while_the_client_is_asked_is_not_sent(routed):
    asked = routed.ask("caller")
    secrets = routed.gateway.folder / "secrets"
    secrets.mkdir(mode=0o700, exist_ok=True)
    path = secrets / "other"
    path.touch(mode=0o600)
    path.write_text(VALUE + "\n")
    # Another run of the agent, so that the run of the call has no denials.
    session = wire.Session(routed.gateway.port, routed.gateway.token("caller", "looks"))
    until(lambda: session.call("routed__fetch", region=VALUE).code == DENIED, routed.gateway)
    routed.check_kept_back("caller", asked, f"it is {VALUE}", "brokered-value", "safety.brokered_value")


def test_the_log_with_these_records_is_verified_and_its_decisions_are_made_again(routed):
    routed.gateway.run("audit", "verify")
    done = routed.gateway.run("audit", "replay", "--since", "2020-01-01T00:00:00Z", "--json")
    decisions = [json.loads(line) for line in done.stdout.splitlines()][:-1]
    rounds = [one for one in routed.gateway.records(1000) if one["t"] == "call.input"]
    assert rounds and all("again" in one and "pol" in one for one in rounds)
    made = [one for one in decisions if one["type"] == "call.input"]
    assert len(made) == len(rounds) and {one["result"] for one in made} == {"equal"}, made
