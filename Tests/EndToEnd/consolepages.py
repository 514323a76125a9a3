"""Every page of the console: where it is, what it is called, and whose it is."""

from dataclasses import dataclass

from office import INES

ADA, DANA, LI, SAM = (f"{name}@acme.example" for name in ("ada", "dana", "li", "sam"))
# Somebody without a role, who owns an agent; who may stop; who looks after the house; and who has nothing to do with agents.
PEOPLE = (LI, INES, DANA, SAM)


@dataclass(frozen=True)
class ConsolePage:
    """`path` may name what is there by `{...}`, see `House.names`."""
    name: str
    path: str
    heading: str
    # For whom it is there; for others it is not.
    people: tuple[str, ...] = PEOPLE


# Who may read what an agent did, or see that it is there.
READERS, SEERS = (INES, SAM), (INES, DANA, SAM)

PAGES = [
    ConsolePage("now", "/now", "Now"),
    ConsolePage("approvals", "/approvals", "Approvals"),
    ConsolePage("approvals-pending", "/approvals?show=pending", "Approvals"),
    ConsolePage("agents", "/agents", "Agents"),
    ConsolePage("agent", "/agents/refunds", "refunds", SEERS),
    ConsolePage("agent-stopped", "/agents/support-triage", "support-triage", (DANA, SAM)),
    ConsolePage("servers", "/servers", "Servers"),
    ConsolePage("server", "/servers/billing", "billing"),
    ConsolePage("policy", "/policy", "Policy"),
    ConsolePage("policy-rules", "/policy/rules", "Rules of the organisation"),
    ConsolePage("policy-agents", "/policy/agents", "Agents of the policy"),
    ConsolePage("policy-agent", "/policy/agents/refunds", "Policy of refunds", SEERS),
    ConsolePage("runs", "/runs", "Runs"),
    ConsolePage("run", "/runs/{run}", "Run of refunds", READERS),
    ConsolePage("audit", "/audit", "Audit log"),
    ConsolePage("record", "/audit/{record}", "Record {record}: ", READERS),
    ConsolePage("halt", "/halt", "Halt"),
    ConsolePage("halt-report", "/halts/{halt}", "Halt of"),
]
