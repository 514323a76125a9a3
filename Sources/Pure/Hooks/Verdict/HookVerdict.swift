package import InterlockJSON

/// The answer of the gateway to one event, in the form that all hosts share (docs/specs/coding-agents.md, section 3).
package struct HookVerdict: Sendable, Hashable {
    package var decision: HookDecision
    /// True only for a call that runs in a sandbox that this gateway attested: an allow then skips the host's prompts.
    package var isSandboxed: Bool
    /// The stable code of the reason.
    package var reason: String
    package var rule: String?
    /// One sentence for people, at most `HookLimits.path` bytes.
    package var text: String
    /// The handle of the approval request that the call waits for.
    package var approval: String?
    /// The identifier of the record in the audit log.
    package var record: String?

    package init(
        _ decision: HookDecision, reason: String, rule: String? = nil, text: String = "",
        approval: String? = nil, record: String? = nil, isSandboxed: Bool = false
    ) {
        self.decision = decision
        self.isSandboxed = isSandboxed
        self.reason = reason
        self.rule = rule
        self.text = text
        self.approval = approval
        self.record = record
    }
}

/// The action that the host must take.
package enum HookDecision: Sendable, Hashable {
    case allow
    case deny
    /// The host asks its user, who is not authenticated.
    case ask
    /// The host ends its run and is resumed after people have decided; elsewhere the call is denied with the handle of
    /// the approval request.
    case `defer`
    /// The call runs with these arguments instead.
    case rewrite(JSONObject)
    /// The model gets this result instead of the received one: the same shape, with other strings.
    case redact(JSONValue)

    /// The name on the wire.
    package var wire: String {
        switch self {
        case .allow: "allow"
        case .deny: "deny"
        case .ask: "ask"
        case .defer: "defer"
        case .rewrite: "rewrite"
        case .redact: "redact"
        }
    }
}
