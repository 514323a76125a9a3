"""The example servers behind a gateway with the test's own policy, and the observations of each side of a call."""

import json
import shutil
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import counters
import make_organisation
import wire
from addresses import ADA, INES, LI, PAUL, RUI, SAM
from conftest import SEGMENT, interpreter
from deployment import Deployment, approval_id
from forking import ForkedUpstreams
from sdk import SDKClient

SDK = "1.22.0"
# The codes for an unknown tool, a refusal by the policy, and a refusal by a person.
UNKNOWN, DENIED, REJECTED = -32602, 4030, 4031

ORGANISATION = f"""\
interlock: 1
org: acme
owners: [secops@acme.example]
kill_switch: {{scope: org-wide, drill_every: 31d, last_drill: "{date.today() - timedelta(days=7)}"}}
approvals:
  finance: {{members: [{INES}, {PAUL}, {RUI}], expires: 2h}}
  release: {{members: [{ADA}, {SAM}], expires: 15m}}
tiers: {{low: {{calls: 1000000/m}}, medium: {{calls: 1000000/m}}, high: {{calls: 1000000/m}}}}
"""


def policy(*parts: str) -> str:
    """A whole policy file: the organisation, then the parts of the test."""
    return "\n".join((ORGANISATION, *parts))


def agent(name: str, rest: str, **changes: str | None) -> str:
    """An agent without findings except those that `changes` to its keys causes; None removes a key."""
    keys = {"owner": LI, "purpose": "Plays a part in a test", "tier": "medium", "stage": "supervised",
            "review_by": f'"{date.today() + timedelta(days=60)}"',
            "sandbox": "{profile: isolated, egress: []}", "approvers": "release", **changes}
    lines = [f"{key}: {value}" for key, value in keys.items() if value is not None]
    return "\n".join([f"  {name}:", *(f"    {line}" for line in [*lines, *rest.strip("\n").splitlines()])]) + "\n"


def server(name: str, port: int, rest: str) -> str:
    """A reviewed server over HTTP; `rest` has at least its tools."""
    reviewed = f'{{by: {LI}, on: "{date.today() - timedelta(days=14)}", trust: internal}}'
    lines = [f'connect: {{http: "http://127.0.0.1:{port}/mcp"}}', f"reviewed: {reviewed}"]
    return "\n".join([f"  {name}:", *(f"    {line}" for line in [*lines, *rest.strip("\n").splitlines()])]) + "\n"


@dataclass
class Ended:
    """A call from three sides: the caller's response, the record that closes it, the calls that arrived."""
    answer: dict
    record: dict
    arrived: int

    @property
    def told(self) -> int | None:
        """The code of a refusal; None for the server's own response."""
        if "error" in self.answer:
            return self.answer["error"]["code"]
        return wire.decision(self.answer["result"]).get("code")

    @property
    def structured(self) -> dict:
        return self.answer["result"]["structuredContent"]


class World:
    """Runs between entry and exit. Calls use one SDK client per agent, one call at a time each."""

    def __init__(self, gateway: Deployment, data: Path):
        self.gateway, self.data = gateway, data
        self.clients: dict[tuple, SDKClient] = {}

    # Calls.

    def client(self, agent: str, **token: str) -> SDKClient:
        key = (agent, *sorted(token.items()))
        if key not in self.clients:
            self.clients[key] = SDKClient(
                interpreter(f"mcp-{SDK}"), "--http", self.gateway.url, token=self.gateway.token(agent, **token))
        return self.clients[key]

    def hang_up(self) -> None:
        """Makes the next call of each agent open a new session, with a new token and run."""
        for client in self.clients.values():
            client.close()
        self.clients.clear()

    def call(self, agent: str, tool: str, token: dict[str, str] = {}, **arguments) -> Ended:
        """A call that ends without approvals."""
        before, since = self.arrived(tool), self.newest()
        answer = self.client(agent, **token).call(tool, **arguments)
        return Ended(answer, self.closing(agent, tool, since), self.arrived(tool) - before)

    def call_approved(self, agent: str, tool: str, *people: str, **arguments) -> Ended:
        """A call that waits; it must not arrive before the last of these people has signed."""
        before, since, client = self.arrived(tool), self.newest(), self.client(agent)
        client.send("call", name=tool, arguments=arguments)
        request = approval_id(self.gateway.pending())
        for person in people:
            assert self.arrived(tool) == before, f"it ran without {person}"
            self.gateway.approve(request, person)
        return Ended(client.answer(), self.closing(agent, tool, since), self.arrived(tool) - before)

    def call_denied(self, agent: str, tool: str, person: str, **arguments) -> Ended:
        """A call that waits until this person denies it."""
        before, since, client = self.arrived(tool), self.newest(), self.client(agent)
        client.send("call", name=tool, arguments=arguments)
        request = approval_id(self.gateway.pending())
        self.gateway.run("approvals", "deny", request, "--reason", "not this one", by=person)
        return Ended(client.answer(), self.closing(agent, tool, since), self.arrived(tool) - before)

    def check_refused(self, agent: str, tool: str, rule: str, at: str, reason: str, told: int = DENIED,
                      token: dict[str, str] = {}, **arguments) -> Ended:
        """Requires that this rule, at the line that contains `at`, refuses the call; it does not arrive, no approval is
        requested, and the record agrees."""
        ended = self.call(agent, tool, token, **arguments)
        assert ended.told == told, ended.answer
        assert ended.arrived == 0
        assert not self.waiting()
        record = ended.record
        assert (record["t"], record["dec"]) == ("call.denied", "deny"), record
        assert (record["rule"], record["code"]) == (rule, f"policy.{reason.replace('-', '_')}"), record
        assert record["at"].startswith(f"{self.place(at)}:"), (record["at"], self.place(at))
        return ended

    def check_allowed(self, agent: str, tool: str, rule: str, **arguments) -> Ended:
        """Requires that the call runs without an approval request, by this rule in its intent."""
        ended = self.call(agent, tool, **arguments)
        self._check_ran(ended)
        intent = self.intent(ended)
        assert (intent["dec"], intent["rule"]) == ("allow", rule), intent
        return ended

    def check_approved(self, agent: str, tool: str, rule: str, *people: str, **arguments) -> Ended:
        """Requires that the call runs once, as soon as exactly these people have signed."""
        ended = self.call_approved(agent, tool, *people, **arguments)
        self._check_ran(ended)
        intent = self.intent(ended)
        assert (intent["dec"], intent["need"], intent["rule"]) == ("approve", len(people), rule), intent
        return ended

    def _check_ran(self, ended: Ended) -> None:
        assert ended.told is None and not ended.answer["result"].get("isError"), ended.answer
        assert ended.arrived == 1
        assert (ended.record["t"], ended.record["st"]) == ("call.outcome", "ok"), ended.record

    def tools(self, agent: str) -> set[str]:
        return {tool["name"] for tool in self.client(agent).list()}

    # Observations.

    def arrived(self, tool: str) -> int:
        """The number of arrived calls by the server's own count."""
        name, _, method = tool.partition("__")
        return counters.count(self.data, name.split("-")[0], method)

    def last_arguments(self, tool: str) -> dict:
        """The arguments of the newest call that arrived."""
        name, _, method = tool.partition("__")
        return counters.calls(self.data, name.split("-")[0], method)[-1]

    def newest(self) -> int:
        return self.gateway.records(1)[-1]["index"]

    def waiting(self) -> list[dict]:
        return [one for one in self.gateway.json("approvals", "list") if one.get("state") == "pending"]

    def closing(self, agent: str, tool: str, since: int, seconds: float = 10) -> dict:
        """The record that closes a call; a denial is recorded just after its response, so it may take a moment."""
        deadline = time.monotonic() + seconds
        while True:
            records = [one for one in self.gateway.records(40)
                       if one["index"] > since and one.get("agent") == agent and "call" in one]
            calls = {one["call"] for one in records if one.get("tool") == tool}
            for record in records:
                if record["t"] in ("call.outcome", "call.denied", "call.unknown") and record["call"] in calls:
                    return record
            assert time.monotonic() < deadline, f"no end of {agent} {tool}: {records}"
            time.sleep(0.05)

    def intent(self, ended: Ended) -> dict:
        return next(one for one in self.gateway.records(40)
                    if one["t"] == "call.intent" and one["call"] == ended.record["call"])

    def decision(self, ended: Ended) -> dict:
        """The whole decision of a call, as the log keeps it for replay."""
        lines = self.gateway.record_of(f"dec_{ended.record['call']}").splitlines()
        inputs = [json.loads(line)["payloads"].get("in") for line in lines]
        (found,) = [one["decision"] for one in inputs if one]
        return found

    def place(self, text: str) -> str:
        """The `FILE:LINE` of the only line of the policy that contains this text."""
        path = self.gateway.policy / "org.yaml"
        found = [number for number, line in enumerate(path.read_text().splitlines(), 1) if text in line]
        assert len(found) == 1, f"`{text}` is on lines {found}"
        return f"{path.name}:{found[0]}"


@contextmanager
def governed(binary, people, write, servers=("tickets", "crm", "billing"), start=True):
    """Runs a gateway whose policy is `write(ports)`, called once the ports of the servers are known."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="interlock-e2e-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        made = make_organisation.make(folder, interpreter("servers"))
        data, ports = Path(made["data"]), {name: made["ports"][name] for name in servers}
        source = folder / "source"
        source.mkdir()
        (source / "org.yaml").write_text(write(ports))
        upstreams = ForkedUpstreams(made["python"], data, ports, folder / "upstreams.log")
        stack.push(upstreams)
        upstreams.launch()
        gateway = Deployment(binary, folder / "deployment", source, people, segment=SEGMENT)
        gateway.init()  # it mostly writes while the servers, starting, mostly compute
        upstreams.wait()
        world = World(gateway, data)
        stack.callback(gateway.kill)
        stack.callback(world.hang_up)
        if start:
            gateway.start()
        yield world
