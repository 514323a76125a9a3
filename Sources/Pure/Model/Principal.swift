/// Who calls, proven by the credential before anything in the body is believed. A class, because every stage of a call
/// hands it on.
package final class Principal: Hashable, Sendable {
    package let agent: AgentName
    package let run: RunID
    /// The declared purpose of the run; at tier high a call without one is denied.
    package let purpose: String?
    /// The person on whose behalf the agent acts.
    package let onBehalfOf: Person?
    /// The credential's own id (`jti`), for revocation and for records.
    package let credential: String
    package let expires: Timestamp
    /// What the credential is for; nil when it says nothing, and the policy alone narrows.
    package let scopes: ScopeSet?
    /// Whether an outside issuer made the credential: then this gateway did not see it begin.
    package let isFromOutside: Bool

    package init(
        agent: AgentName, run: RunID, purpose: String?, onBehalfOf: Person?, credential: String,
        expires: Timestamp, scopes: ScopeSet? = nil, isFromOutside: Bool = false
    ) {
        self.agent = agent
        self.run = run
        self.purpose = purpose
        self.onBehalfOf = onBehalfOf
        self.credential = credential
        self.expires = expires
        self.scopes = scopes
        self.isFromOutside = isFromOutside
    }

    package static func == (a: Principal, b: Principal) -> Bool {
        a === b
            || a.agent == b.agent && a.run == b.run && a.purpose == b.purpose
                && a.onBehalfOf == b.onBehalfOf && a.credential == b.credential
                && a.expires == b.expires && a.scopes == b.scopes
                && a.isFromOutside == b.isFromOutside
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(agent)
        hasher.combine(run)
        hasher.combine(credential)
    }
}
