"""Every page of the console: where it is, what it is called, and whose it is."""

from dataclasses import dataclass
from addresses import DANA, INES, PAUL, SAM


# Who decides on requests alone; who owns an agent; who may stop; and who looks after the house.
PEOPLE = (PAUL, INES, DANA, SAM)


@dataclass(frozen=True)
class ConsolePage:
    """`path` may name what is there by `{...}`, see `House.names`."""
    name: str
    path: str
    heading: str
    # For whom it is there; for others it is not.
    people: tuple[str, ...] = PEOPLE


# Who sees that an agent is there, how its runs went, and what was refused; what was not, its owner and security read.
SEERS = (INES, DANA, SAM)

PAGES = [
    ConsolePage("now", "/now", "Now"),
    ConsolePage("approvals", "/approvals", "Approvals"),
    ConsolePage("approvals-pending", "/approvals?show=pending", "Approvals"),
    ConsolePage("load", "/approvals/load", "Load of approvers"),
    ConsolePage("agents", "/agents", "Agents"),
    ConsolePage("agent", "/agents/refunds", "refunds", SEERS),
    ConsolePage("agent-stopped", "/agents/support-triage", "support-triage", (DANA, SAM)),
    ConsolePage("agent-odd-file", "/agents/tester", "tester", (DANA, SAM)),
    ConsolePage("servers", "/servers", "Servers"),
    ConsolePage("server", "/servers/billing", "billing"),
    ConsolePage("server-talking", "/servers/talking", "talking"),
    ConsolePage("policy", "/policy", "Policy"),
    ConsolePage("policy-proposed", "/policy/proposed", "A revision that is not in force", (DANA, SAM)),
    ConsolePage("policy-rules", "/policy/rules", "Rules of the organisation"),
    ConsolePage("policy-agents", "/policy/agents", "Agents of the policy"),
    ConsolePage("policy-agent", "/policy/agents/refunds", "Policy of refunds", SEERS),
    ConsolePage("runs", "/runs", "Runs"),
    ConsolePage("run", "/runs/{run}", "Run of refunds", SEERS),
    ConsolePage("run-talking", "/runs/{told_run}", "Run of tester", (DANA, SAM)),
    ConsolePage("audit", "/audit", "Audit log"),
    ConsolePage("record", "/audit/{record}", "Record {record}: ", SEERS),
    ConsolePage("record-talking", "/audit/{told}", "Record {told}: ", (SAM,)),
    ConsolePage("halt", "/halt", "Halt"),
    ConsolePage("halt-report", "/halts/{halt}", "Halt of"),
    ConsolePage("drill", "/halt/drills/{drill}", "Drill of "),
    ConsolePage("alerts", "/alerts", "Alerts"),
    ConsolePage("alert-series", "/alerts/{series}", "detector.calls", (DANA, SAM)),
    ConsolePage("alert-said", "/alerts/{said}", "signal.first_host", (DANA, SAM)),
    ConsolePage("alert-about", "/alerts/{about}", "kill.fault", (DANA, SAM)),
]
