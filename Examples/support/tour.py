#!/usr/bin/env python3
"""Plays about twenty real calls through a real gateway and shows what became of each. Use `make run`.

It makes the example organisation in a folder, gives its people keys in an ssh-agent of their own,
starts the servers and the gateway, and calls with the PyPI `mcp` SDK. Exit status 0 only when every
step went as it should. On a terminal the gateway then stays up until Ctrl-C.
"""

import argparse
import os
import shutil
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import counters
import evaluation
import make_organisation
import wire
from deployment import Deployment, Failure, approval_id
from people import People
from sdk import ClientFailure, SDKClient
from upstreams import Upstreams

ROOT = Path(__file__).resolve().parents[2]
MARK = ".interlock-tour"  # in a folder that the tour made, and may therefore clear
DANA, PAUL, RUI, ADA, SAM, LI = (
    f"{name}@acme.example" for name in ("dana", "paul", "rui", "ada", "sam", "li"))
UNKNOWN, FORBIDDEN, DENIED, HALTED = -32602, 4030, 4031, 4230


class Unexpected(Exception):
    """A step did not go as it should."""


class Tour:
    """Prints one line per step; `failed` has those that went another way."""

    def __init__(self, gateway: Deployment, made: dict, python: Path):
        self.gateway, self.python = gateway, python
        self.data, self.repository = Path(made["data"]), made["repository"]
        self.tokens: dict[str, str] = {}
        self.steps, self.failed = 0, 0
        self.evals = evaluation.Evals(gateway)
        self.pool = ThreadPoolExecutor(2)

    # Calling.

    def client(self, agent: str) -> SDKClient:
        if agent not in self.tokens:
            self.tokens[agent] = self.gateway.token(agent, purpose="tour")
        return SDKClient(self.python, "--http", self.gateway.url, token=self.tokens[agent])

    def call(self, agent: str, tool: str, **arguments) -> dict:
        with self.client(agent) as client:
            return client.call(tool, seconds=100, **arguments)

    # Steps.

    def allowed(self, about: str, agent: str, tool: str, **arguments) -> None:
        counted = tool.split("__")[0] in make_organisation.SERVERS  # those from PyPI keep no count
        self.step(about, agent, tool, lambda: self.call(agent, tool, **arguments), None, calls=int(counted))

    def refused(self, about: str, agent: str, tool: str, **arguments) -> int | None:
        """To the agent the tool does not exist; the record says why."""
        return self.step(about, agent, tool, lambda: self.call(agent, tool, **arguments), UNKNOWN)

    def step(self, about: str, agent: str, tool: str, play, code: int | None, calls: int = 1) -> int | None:
        """`code` is what the agent must be told, None for a result. A refused call must not arrive. Returns the record, or
        None if something went another way."""
        self.steps += 1
        arrived, since = self.arrived(tool), self.newest()
        try:
            answer = play()
            told = code_of(answer)
            if told != code:
                raise Unexpected(f"answered {told}, expected {code}: {str(answer)[:300]}")
            more = self.arrived(tool) - arrived
            if more != (calls if code is None else 0):
                raise Unexpected(f"{more} calls arrived at the server")
            record = self.record(agent, since, "call.outcome" if code is None else "call.denied")
            self.line(about, agent, tool, record, answer["ms"])
            return record["index"]
        except (Unexpected, Failure, ClientFailure, OSError, KeyError) as error:
            self.failed += 1
            print(f"{self.steps:>3}  {about}\n     NOT AS EXPECTED: {error}", flush=True)

    def line(self, about: str, agent: str, tool: str, record: dict, milliseconds: float) -> None:
        verdict, reason = self.decision(record)
        print(f"{self.steps:>3}  {agent:15} {tool.replace('__', '.'):27} {verdict:8} {reason:34} "
              f"{milliseconds:>9.1f} ms  #{record['index']:<5} {about}", flush=True)

    def decision(self, record: dict) -> tuple[str, str]:
        """Verdict and deciding rule; an outcome has them in its intent."""
        if record["t"] == "call.outcome":
            intent = next(one for one in self.gateway.records(100)
                          if one["t"] == "call.intent" and one["call"] == record["call"])
            return ("approved" if intent["dec"] == "approve" else "allowed"), intent.get("rule", "")
        return "refused", record.get("rule") or record.get("code", "")

    def record(self, agent: str, since: int, kind: str) -> dict:
        """The newest record of that kind; denials are written right after the answer, so it may take a moment."""
        deadline = time.monotonic() + 5
        while True:
            found = [one for one in self.gateway.records(100) if one["index"] > since
                     and one["t"] == kind and one.get("agent") == agent]
            if found:
                return found[-1]
            if time.monotonic() > deadline:
                raise Unexpected(f"no {kind} of {agent} in the ledger")
            time.sleep(0.05)

    def newest(self) -> int:
        return self.gateway.records(1)[-1]["index"]

    def arrived(self, tool: str) -> int:
        server, _, name = tool.partition("__")
        return counters.count(self.data, server, name)

    def act(self, about: str, deed) -> None:
        """Something people do; it has no call of its own."""
        self.steps += 1
        try:
            print(f"{self.steps:>3}  {about}: {deed()}", flush=True)
        except (Unexpected, Failure, OSError) as error:
            self.failed += 1
            print(f"{self.steps:>3}  {about}\n     NOT AS EXPECTED: {error}", flush=True)

    # Scenes.

    def masked_customer(self) -> dict:
        """The policy shows the agent no more of the address than its domain."""
        answer = self.call("support-triage", "crm__get_customer", id="C-77")
        if answer["result"]["structuredContent"]["email"] != "@customer.example":
            raise Unexpected(f"shown: {answer['result']['structuredContent']}")
        return answer

    def promise(self) -> dict:
        return self.approved("tickets__close_ticket", id="T-1001", message="We refund the lamp.")

    def approved_refund(self) -> dict:
        return self.approved("billing__refund_request", invoice_id="INV-20931", amount_cents=42000, currency="EUR")

    def approved(self, tool: str, **arguments) -> dict:
        """A call of `refunds` that two people let through."""
        held = self.pool.submit(self.call, "refunds", tool, **arguments)
        request = approval_id(self.gateway.pending())
        self.gateway.approve(request, PAUL)
        if held.done():
            raise Unexpected("one person was enough")
        self.gateway.approve(request, RUI)
        return held.result(60)

    def unused_grant(self) -> str:
        """The agent asks and leaves; two people approve; nothing runs until the same call comes again."""
        client = self.client("refunds")
        client.send("call", name="billing__refund_request",
                    arguments={"invoice_id": "INV-20932", "amount_cents": 9900, "currency": "EUR"})
        request = approval_id(self.gateway.pending())
        client.process.kill()
        client.close()
        self.gateway.approve(request, PAUL)
        self.gateway.approve(request, RUI)
        if self.arrived("billing__refund_request") != 1:
            raise Unexpected("the refund was paid without its caller")
        return "paul and rui signed; not yet used"

    def other_amount(self) -> dict:
        held = self.pool.submit(self.call, "refunds", "billing__refund_request",
                                invoice_id="INV-20932", amount_cents=99000, currency="EUR")
        request = approval_id(self.gateway.pending())
        self.gateway.run("approvals", "deny", request, "--reason", "not the amount we agreed to", by=RUI)
        return held.result(60)

    def without_token(self) -> str:
        answer = wire.exchange(self.gateway.port, headers={"Accept": wire.ACCEPT, "Content-Type": "application/json"},
                               body=b'{"jsonrpc":"2.0","id":1,"method":"tools/list"}')
        if answer.status != 401 or "www-authenticate" not in answer.headers:
            raise Unexpected(f"status {answer.status}")
        return "401, with the way to get a token"

    def halt(self) -> str:
        started = time.monotonic()
        self.halted = self.gateway.halt("--agent", "refunds", by=DANA, reason="repeated refunds to one account")
        return f"halt {self.halted} by dana, {1000 * (time.monotonic() - started):.0f} ms"

    def halted_call(self) -> dict:
        """A new session would be refused already, so this is a call in one that was open before."""
        return self.open_client.call("tickets__get_ticket", id="T-1001")

    def resume(self) -> str:
        release = self.gateway.ask_resume(self.halted, ADA, "account corrected")
        if self.gateway.confirm(release, ADA, check=False).returncode == 0:
            raise Unexpected("one person resumed alone")
        self.gateway.confirm(release, SAM)
        self.tokens.pop("refunds")  # what was halted is not taken up again: a new run, a new token
        return "signed by ada and sam; ada alone was not enough"

    def without_evals(self) -> str:
        """Agents that never had a result are served for 14 days after the first start."""
        lacking, since = self.evals.lacking()
        if lacking != ["code-fix", "refunds"] or since is None:
            raise Unexpected(f"{lacking}, refused from {since}")
        return f"{' and '.join(lacking)}, refused from {since}"

    def changed_prompt(self) -> str:
        self.evals.change_prompt()
        code, answer = self.evals.gate()
        if code != 1 or "eval-missing" not in answer or not answer.endswith(": prompt"):
            raise Unexpected(f"exit {code}: {answer}")
        return f"exit 1, {answer}"

    def captured(self) -> str:
        """The suite had no case of the deletion that the agent tried."""
        if self.attempt is None:
            raise Unexpected("the call was not refused as it should have been")
        draft = self.evals.capture(self.attempt, SAM)
        return self.evals.confirm(draft, "deny", PAUL).split(": ")[0] + "; by sam, confirmed by paul"

    def signed_off(self) -> str:
        (status,) = self.gateway.json("status")
        load = status["policy_load"]
        if load["founding"]:
            raise Unexpected("the node is still founding")
        return f"{status['policy'][:19]}... by {' and '.join(one.split('@')[0] for one in load['signed_by'])}"

    def verify(self) -> str:
        done = self.gateway.verify()
        if done.returncode != 0:
            raise Unexpected(done.stdout + done.stderr)
        return done.stdout.strip().splitlines()[0]

    def proof(self) -> str:
        """That the refund ran is in the log, shown to somebody who trusts neither the log nor its program."""
        refund = next(one for one in self.gateway.records(200)
                      if one["t"] == "call.intent" and one["tool"] == "billing__refund_request")
        ended = next(one for one in self.gateway.records(200)
                     if one["t"] == "call.outcome" and one["call"] == refund["call"])
        done = self.gateway.proof_of(ended["index"], self.gateway.folder)
        if done.returncode != 0:
            raise Unexpected(done.stdout + done.stderr)
        return f"interlock-verify: {done.stdout.strip().splitlines()[0]}"

    def replay(self) -> str:
        done = self.gateway.replay()
        if done.returncode != 0 or ", 0 differences" not in done.stdout:
            raise Unexpected(done.stdout + done.stderr)
        return done.stdout.strip().splitlines()[-1]

    def play(self) -> int:
        """All of it; the number of steps that did not go as they should."""
        self.act("the policy in force is signed off", self.signed_off)
        self.allowed("a read", "support-triage", "tickets__search", text="lamp")
        self.step("a read of personal data, masked", "support-triage", "crm__get_customer", self.masked_customer, None)
        self.allowed("a server on stdio, in a sandbox", "support-triage", "kb__search", text="damaged")
        self.allowed("mcp-server-git from PyPI", "code-fix", "git__git_log", repo_path=self.repository, max_count=1)
        self.refused("a write, where reads are granted", "support-triage", "tickets__add_label", id="T-1001", label="vip")
        self.attempt = self.refused(
            "a tool that no agent may use: unknown", "support-triage", "crm__delete_customer", id="C-77")
        self.refused("a server that is not granted", "support-triage", "billing__refund_request",
                     invoice_id="INV-20931", amount_cents=100, currency="EUR")
        self.step("held, approved by two, run once", "refunds", "billing__refund_request", self.approved_refund, None)
        self.act("a second refund is approved, its caller gone", self.unused_grant)
        self.step("that grant, another amount", "refunds", "billing__refund_request", self.other_amount, DENIED)
        self.step("that grant, the very same call", "refunds", "billing__refund_request", lambda: self.call(
            "refunds", "billing__refund_request", invoice_id="INV-20932", amount_cents=9900, currency="EUR"), None)
        self.step("above what its grant allows: no approver is asked", "refunds", "billing__refund_request", lambda: self.call(
            "refunds", "billing__refund_request", invoice_id="INV-20932", amount_cents=990000, currency="EUR"), FORBIDDEN)
        self.step("its message promises money: two again", "refunds", "tickets__close_ticket", self.promise, None)
        self.act("a caller without a token", self.without_token)
        with self.client("refunds") as self.open_client:
            self.act("the kill switch, one key", self.halt)
            self.step("halted", "refunds", "tickets__get_ticket", self.halted_call, HALTED)
        self.act("resume, two keys", self.resume)
        self.allowed("a new run", "refunds", "tickets__get_ticket", id="T-1001")
        self.play_evals()
        self.show_counters()
        self.act("the ledger verifies", self.verify)
        self.act("the first refund, proved", self.proof)
        self.act("every decision again, from the log", self.replay)
        return self.failed

    def play_evals(self) -> None:
        """A changed agent is refused until its evals pass again; a changed prompt alone by CI, and where a run measures it."""
        evals = self.evals
        self.act("`interlock eval run support-triage --sign agent`, and `eval gate --submit`", evals.evaluate)
        self.act("agents without a result", self.without_evals)
        self.act("its prompt has one more line, `interlock eval gate support-triage` in CI", self.changed_prompt)
        self.act("the policy grants what that line needs, and is signed off", lambda: f"{evals.widen(LI, ADA, SAM)[:19]}...")
        self.step("no evals cover the agent as it is now", "support-triage", "tickets__search",
                  lambda: self.call("support-triage", "tickets__search", text="lamp"), FORBIDDEN)
        self.act("`interlock eval run` with a case of the grant, and `eval gate --submit`", evals.evaluate)
        self.allowed("evaluated, with its new prompt and grant", "support-triage", "billing__get_invoice", id="INV-20932")
        self.act(f"`interlock eval capture {self.attempt}`, a deletion that was refused, becomes a case", self.captured)
        self.act("`interlock eval run support-triage`, with that case", evals.run)
        self.act("`interlock run support-triage` in a checkout whose prompt has one more line", evals.run_in_checkout)

    def show_counters(self) -> None:
        print("\n     Calls that arrived, by the servers' own databases:")
        for server, tools in counters.counts(self.data).items():
            for tool, number in tools.items():
                print(f"       {server}.{tool}: {number}")
        for tool in ("tickets__add_label", "crm__delete_customer"):
            if self.arrived(tool):
                self.failed += 1
            print(f"       {tool.replace('__', '.')}: {self.arrived(tool)}  (refused)")
        print()


def code_of(answer: dict) -> int | None:
    """The JSON-RPC error, or Interlock's code in a result, or None for a result of the server."""
    if "error" in answer:
        return answer["error"]["code"]
    code = wire.decision(answer["result"]).get("code")
    if code is None and answer["result"].get("isError"):
        raise Unexpected(f"the server answered an error: {answer['result']['content']}")
    return code


def prepare(folder: Path) -> None:
    """An empty folder; one with other things than an earlier tour's is left alone."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARK).exists():
            sys.exit(f"tour: `{folder}` is not empty and was not made by the tour")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).touch()


def invitation(gateway: Deployment, people: People) -> str:
    binary, folder = gateway.binary, gateway.folder
    return f"""
The gateway is up: agents at {gateway.url}, people at http://localhost:{gateway.people_port}

Connect a client of your own:
    export INTERLOCK_TOKEN=$({binary} agents token support-triage --purpose trying --dir {folder})
    over HTTP     {gateway.url} with the header  Authorization: Bearer $INTERLOCK_TOKEN
    over stdio    {binary} stdio --gateway {gateway.url}
See and decide what waits, as people do:
    export SSH_AUTH_SOCK={people.environment['SSH_AUTH_SOCK']}
    {binary} approvals list --dir {folder}
    {binary} approvals approve ID --as {PAUL} --dir {folder}
    {binary} kill --agent support-triage --reason "trying the switch" --as {DANA} --dir {folder}
    {binary} audit tail --dir {folder}
    {binary} eval report support-triage --dir {folder}
"""


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--binary", type=Path, default=ROOT / ".build" / "debug" / "interlock")
    arguments.add_argument("--dir", type=Path, default=ROOT / ".build" / "run", help="made anew each time")
    arguments.add_argument("--pythons", type=Path, default=ROOT / ".build" / "python")
    arguments.add_argument("--port", type=int, default=7400, help="of the agent plane; people get the next one")
    given = arguments.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    folder = given.dir.absolute()
    prepare(folder)
    with ExitStack() as stack:
        made = make_organisation.make(folder, given.pythons.absolute() / "servers" / "bin" / "python")
        people = stack.enter_context(People(folder / "people", made["people"]))
        with (Path(made["policy"]) / "org.yaml").open("a") as policy:
            policy.write(evaluation.signed_by(LI, people.public[LI]))
        stack.enter_context(Upstreams(made["python"], Path(made["data"]), made["ports"], folder / "upstreams.log"))
        gateway = Deployment(given.binary.absolute(), folder / "deployment", Path(made["policy"]), people,
                             ports=(given.port, given.port + 1))
        gateway.init()
        gateway.pin(ADA)
        gateway.sign_off(LI, ADA, SAM)
        stack.callback(gateway.stop)
        gateway.start()
        gateway.wait_for_tools("support-triage", "tickets", "kb", "crm")
        gateway.wait_for_tools("refunds", "billing", "tickets", purpose="tour")
        gateway.wait_for_tools("code-fix", "git", "time")

        tour = Tour(gateway, made, given.pythons.absolute() / "mcp-1.22.0" / "bin" / "python")
        tour.evals.write()
        print(f"{'':3}  {'agent':15} {'tool':27} {'verdict':8} {'rule':34} {'time':>12}  {'record':6}")
        failed = tour.play()
        print(f"{tour.steps} steps, {tour.steps - failed} as expected")
        if failed:
            print(f"the gateway's log: {gateway.log}")
            return 1
        print(invitation(gateway, people))
        if os.environ.get("CI") != "true" and sys.stdout.isatty():
            print("Ctrl-C stops it.")
            try:
                gateway.process.wait()
                return 1
            except KeyboardInterrupt:
                print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
