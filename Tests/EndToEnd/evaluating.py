"""A policy, its lock and a suite of one agent in a folder, and `interlock eval` over them."""

import base64
import hashlib
import json
import os
import subprocess
from pathlib import Path

from logwriter import canonical
from ordering import public_key, strings

OWNER = "ines@acme.example"

POLICY = """interlock: 1
org: acme
kill_switch: org-wide, tested monthly
{eval}
tiers:
  low: {{classes: [read, write]}}
servers:
  billing:
    connect: {{http: "http://127.0.0.1:1/mcp"}}
    reviewed: {{by: ines@acme.example, on: "2026-11-01", trust: internal}}
    environment: staging
    tools:
      get_invoice: {{class: read}}
      refund_request: {{class: write, effects: [reversible]}}
agents:
  refunds:
    owner: ines@acme.example
    purpose: Refunds damaged goods
    tier: {tier}
    stage: trusted
    review_by: "2099-02-01"
    sandbox: isolated, network egress = none
    mcp_scopes:
      billing:
        - get_invoice
        - {{tool: refund_request, when: "args.amount_cents <= 50000"}}
"""

CASES = {
    "allow-invoice": ("allow", "billing.get_invoice", '{invoice: "8812"}', "allow", "mutate: all"),
    "allow-refund": ("golden", "billing.refund_request", "{amount_cents: 1900, currency: EUR}", "allow", ""),
    "refund-over-cap": ("refuse", "billing.refund_request", "{amount_cents: 50001, currency: EUR}", "deny",
                        "because: guard-false"),
    "refund-two-caps": ("adversarial", "billing.refund_request", "{amount_cents: 60000, currency: EUR}", "deny", ""),
    "refund-unknown-field": ("refuse", "billing.refund_request", "{amount_cents: 1, currency: EUR, note: x}", "deny",
                             "because: extra-field\nmutate: none"),
    "look-alike": ("ambiguous", "billing.get_invoice", "{invoice: 8812}", "deny", "because: violation"),
}


def tool(name: str, **properties: str) -> dict:
    """A tool as reviewed: its definition and the pin of its RFC 8785 form."""
    definition = {"name": name, "description": f"{name} of billing", "inputSchema": {
        "type": "object", "properties": {key: {"type": kind} for key, kind in properties.items()},
        "required": sorted(properties)}}
    return {"pin": "sha256:" + hashlib.sha256(canonical(definition)).hexdigest(), "floor": None, "alias": None,
            "override": None, "definition": definition, "reviewed": {"by": OWNER, "at": "2026-11-01T10:00:00Z"}}


def lock() -> dict:
    return {"interlockLock": 1, "signatures": [], "servers": {"billing": {
        "name": None, "version": None, "protocolVersion": "2025-06-18", "capabilities": ["tools"],
        "remote": {"type": "streamable-http", "url": "http://127.0.0.1:1/mcp", "tlsName": None, "tlsKey": None},
        "elicitationHosts": [], "instructions": None, "prompts": {},
        "tools": {"get_invoice": tool("get_invoice", invoice="string"),
                  "refund_request": tool("refund_request", amount_cents="integer", currency="string")}}}}


def case(name: str, kind: str, call: str, arguments: str, expect: str, more: str = "", by: str = "paul") -> str:
    return (f"interlock_eval: 1\nid: {name}\nkind: policy\nclass: {kind}\n"
            f'reviewed: {{by: {by}@acme.example, on: "2026-11-12"}}\n'
            f'call: {call}\nargs: {arguments}\nat: "2026-11-20T10:00:00Z"\nexpect: {expect}\n{more}\n')


def key(people, person: str) -> str:
    """A key in ssh-agent, as policies write it."""
    return "ed25519:" + base64.b64encode(strings(public_key(people, person))[1]).decode()


class Evals:
    def __init__(self, binary: Path, folder: Path, people=None, signer: str | None = None, held_by: str = "[]",
                 tier: str = "low"):
        self.binary, self.folder = binary, folder
        self.environment = dict(os.environ, LC_ALL="C.UTF-8", **(people.environment if people else {}))
        self.environment.pop("GITHUB_ACTIONS", None)
        self.policy, self.lock, self.suite = folder / "policy.yaml", folder / "interlock.lock", folder / "suites/refunds"
        keys = ""
        if signer:
            keys = f'eval: {{signers: [{{key: "{key(people, signer)}", held_by: {held_by}}}]}}'
        self.policy.write_text(POLICY.format(eval=keys, tier=tier))
        self.lock.write_text(json.dumps(lock()))

    def write_suite(self, **more: str) -> "Evals":
        """`more`: the text of further cases, by their ids with `_` for `-`."""
        (self.suite / "cases").mkdir(parents=True)
        (self.suite / "suite.yaml").write_text(f"interlock_eval: 1\nagent: refunds\nowner: {OWNER}\n")
        for number, (name, (kind, call, arguments, expect, rest)) in enumerate(CASES.items()):
            by = ("paul", "dana")[number % 2]
            (self.suite / "cases" / f"{name}.yaml").write_text(case(name, kind, call, arguments, expect, rest, by))
        for name, text in more.items():
            (self.suite / "cases" / f"{name.replace('_', '-')}.yaml").write_text(text)
        return self

    def run(self, *words: str, expect: int = 0) -> subprocess.CompletedProcess:
        done = subprocess.run(
            [str(self.binary), "eval", *words], cwd=self.folder, env=self.environment, timeout=120, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert done.returncode == expect, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def eval(self, command: str, *words: str, expect: int = 0) -> subprocess.CompletedProcess:
        return self.run(command, *words, "--policy", "policy.yaml", expect=expect)

    def results(self) -> list[Path]:
        return sorted(path for path in (self.suite / "results").glob("*.json") if not path.name.endswith(".cases.json"))
