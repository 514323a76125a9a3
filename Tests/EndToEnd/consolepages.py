"""Every page of the console: its path, its heading and the people who may see it."""

from dataclasses import dataclass
from addresses import DANA, INES, PAUL, SAM


# An approver, an owner of an agent, a person who may halt, and one with the role `security`.
PEOPLE = (PAUL, INES, DANA, SAM)


@dataclass(frozen=True)
class ConsolePage:
    """One page; its `path` may contain placeholders `{...}`, see `House.names`."""
    name: str
    path: str
    heading: str
    # The people for whom the page exists.
    people: tuple[str, ...] = PEOPLE
    # True if the API has the same path.
    has_api: bool = True


# The people who see an agent, its runs and its refused calls; only its owner and security see its other calls.
SEERS = (INES, DANA, SAM)

PAGES = [
    ConsolePage("now", "/now", "Overview"),
    ConsolePage("approvals", "/approvals", "Inbox"),
    ConsolePage("approvals-pending", "/approvals?show=pending", "Inbox"),
    ConsolePage("approvals-sent", "/approvals?show=sent", "Inbox"),
    ConsolePage("load", "/people/workload", "Approver workload"),
    ConsolePage("agents", "/agents", "Agents"),
    ConsolePage("agent", "/agents/refunds", "refunds", SEERS),
    ConsolePage("agent-stopped", "/agents/support-triage", "support-triage", (DANA, SAM)),
    ConsolePage("agent-odd-file", "/agents/tester", "tester", (DANA, SAM)),
    ConsolePage("reviews", "/agents/reviews/due", "Reviews", has_api=False),
    ConsolePage("review-signed", "/agents/refunds/review", "refunds", (SAM, INES, DANA), has_api=False),
    ConsolePage("review-open", "/agents/tester/review", "tester", (SAM, DANA), has_api=False),
    ConsolePage("review-record", "/agents/tester/review/records/{leaf}", "Record ", (SAM, DANA), has_api=False),
    ConsolePage("review-marked", "/agents/tester/review/records/{marked_leaf}", "Record ", (SAM, DANA), has_api=False),
    ConsolePage("review-scopes", "/agents/tester/review/scopes", "Scopes and use", (SAM, DANA), has_api=False),
    ConsolePage("review-org", "/agents/reviews/org", "the organisation", (SAM, DANA), has_api=False),
    ConsolePage("evals", "/evals", "Evals"),
    ConsolePage("ready", "/ready", "Readiness", (DANA, SAM), has_api=False),
    ConsolePage("servers", "/servers", "Servers"),
    ConsolePage("server", "/servers/billing", "billing"),
    ConsolePage("server-talking", "/servers/talking", "talking"),
    ConsolePage("policy", "/policy", "Policy"),
    ConsolePage("policy-proposed", "/policy/proposed", "Proposed revision", (DANA, SAM)),
    ConsolePage("policy-rules", "/policy/rules", "Rules of the organisation"),
    ConsolePage("policy-agents", "/policy/agents", "Agents of the policy"),
    ConsolePage("policy-agent", "/policy/agents/refunds", "Policy of refunds", SEERS),
    ConsolePage("policy-findings", "/policy/findings", "Findings"),
    ConsolePage("policy-matrix", "/policy/matrix", "Matrix"),
    ConsolePage("policy-cell", "/policy/matrix/refunds/billing", "refunds at billing", SEERS),
    ConsolePage("policy-rule", "/policy/rules/no-customer-delete", "no-customer-delete"),
    ConsolePage("policy-rule-agent", "/policy/rules/agents.refunds.mcp_scopes.billing%5B1%5D",
                "agents.refunds.mcp_scopes.billing", SEERS),
    ConsolePage("search", "/search?q=e", "Search"),
    ConsolePage("health", "/health", "Health"),
    ConsolePage("people", "/people", "People"),
    ConsolePage("person", "/people/{person}", PAUL, (SAM, PAUL), has_api=False),
    ConsolePage("people-waiting", "/people/waiting", "People: waiting", (SAM,), has_api=False),
    ConsolePage("services", "/people/services", "Service accounts", (SAM,), has_api=False),
    ConsolePage("settings", "/settings", "Settings"),
    ConsolePage("runs", "/runs", "Runs"),
    ConsolePage("run", "/runs/{run}", "Run of refunds", SEERS),
    ConsolePage("run-talking", "/runs/{told_run}", "Run of tester", (DANA, SAM)),
    ConsolePage("hosts", "/hosts", "Hosts", has_api=False),
    ConsolePage("merges", "/merges", "Merge checks", has_api=False),
    ConsolePage("audit", "/audit", "Audit log"),
    ConsolePage("audit-tail", "/audit/tail", "Audit log"),
    ConsolePage("record", "/audit/{record}", "Record {record}: ", SEERS),
    ConsolePage("record-talking", "/audit/{told}", "Record {told}: ", (SAM,)),
    ConsolePage("halt", "/halt", "Kill switch"),
    ConsolePage("halt-report", "/halts/{halt}", "Halt of"),
    ConsolePage("drill", "/halt/drills/{drill}", "Drill of "),
    ConsolePage("alerts", "/alerts", "Alerts"),
    ConsolePage("alert-series", "/alerts/{series}", "More calls than usual", (DANA, SAM)),
    ConsolePage("alert-said", "/alerts/{said}", "First use of a host", (DANA, SAM)),
    ConsolePage("incident", "/alerts/incidents/{incident}", "Incident", (SAM, DANA)),
    ConsolePage("incident-ended", "/alerts/incidents/{incident_ended}", "Incident", (SAM, DANA)),
    ConsolePage("alert-about", "/alerts/{about}", "Kill switch fault", (DANA, SAM)),
]
