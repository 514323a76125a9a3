"""The duties of Interlock that a peer has or lacks, by the peer's own documents. A plain "no" means that its documents
describe nothing of the kind."""

DUTIES = ("policy per agent and tool", "conditions on arguments", "approval by people", "kill switch",
          "durable signed log before a call is sent")

DOCUMENTS = {
    "nginx": "none for this table; its modules of http as they are generally known",
    "haproxy": "docs.haproxy.org: configuration and management manuals",
    "fastmcp": "gofastmcp.com: proxy, authorization, middleware, approval",
    "contextforge": "ibm.github.io/mcp-context-forge: manage/rbac, using/plugins, manage/api-usage, "
                    "manage/compliance-reporting; issue 5437",
    "litellm": "docs.litellm.ai: mcp_control, mcp_guardrail, proxy/guardrails/tool_permission, proxy/virtual_keys, "
               "proxy/multiple_admins, proxy/db_info",
}

PEERS = {
    "nginx": (
        "no: access by address, password or subrequest",
        "no",
        "no",
        "no",
        "no: an access log, written after the request"),
    "haproxy": (
        "no: rules on requests, also on JSON fields of a body",
        "partly: rules on JSON fields (`json_query`)",
        "no",
        "no: a frontend or server can be disabled",
        "no: syslog, by default at the end of the request"),
    "fastmcp": (
        "partly: checks of OAuth scopes and tags, or Python code",
        "no: only by middleware that the user writes",
        "no: `Approval` is an advisory gate, not an enforcement mechanism",
        "no",
        "no: logging middleware"),
    "contextforge": (
        "partly: teams, roles and visibility; per tool by an external OPA or Cedar plugin",
        "by plugins: Schema Guard; Rego rules on an OPA server",
        "no: an open request for it (issue 5437)",
        "no: a tool, gateway or token can be disabled alone",
        "no: rows of a database, off by default; no signature described"),
    "litellm": (
        "yes: tools by key, team, user, organization and agent; open by default",
        "partly: allowed parameter names; guardrails on content; regular expressions for calls of a model",
        "no",
        "no: a key can be blocked alone",
        "no: usage in batches on an interval; the audit log has changes of keys, teams, users and models"),
    "interlock": ("yes", "yes: CEL", "yes", "yes", "yes"),
}


def text() -> list[str]:
    out = ["", "what each does of Interlock's duties, by its own documents:"]
    for number, duty in enumerate(DUTIES):
        out.append(f"  {duty}")
        out += [f"    {peer:13} {answers[number]}" for peer, answers in PEERS.items()]
    return out + ["  documents read:", *(f"    {peer:13} {source}" for peer, source in DOCUMENTS.items())]
