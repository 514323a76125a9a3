/// The caller, proved by the credential before any part of the body is trusted. It is a class because every pipeline
/// stage of a call passes it on.
package final class Principal: Hashable, Sendable {
    package let agent: AgentName
    package let run: RunID
    /// The declared purpose of the run; at tier high, a call without one is denied.
    package let declaredPurpose: RunPurpose?
    /// The person on whose behalf the agent acts.
    package let onBehalfOf: Person?
    /// The credential's id (`jti`), for revocation and for records.
    package let credential: String
    /// The time at which the credential was issued, or nil if it does not state it.
    package let issued: Timestamp?
    package let expires: Timestamp
    /// The scopes of the credential, or nil if it states no scopes and only the policy restricts it.
    package let scopes: ScopeSet?
    /// True if an external issuer created the credential; the gateway then did not observe its start.
    package let isFromOutside: Bool

    package init(
        agent: AgentName, run: RunID, purpose: RunPurpose?, onBehalfOf: Person?, credential: String,
        issued: Timestamp? = nil, expires: Timestamp, scopes: ScopeSet? = nil,
        isFromOutside: Bool = false
    ) {
        self.agent = agent
        self.run = run
        declaredPurpose = purpose
        self.onBehalfOf = onBehalfOf
        self.credential = credential
        self.issued = issued
        self.expires = expires
        self.scopes = scopes
        self.isFromOutside = isFromOutside
    }

    /// The words of the declared purpose.
    package var purpose: String? { declaredPurpose?.text }
    /// The task of the run; nil for any other purpose.
    package var task: RunTaskName? { declaredPurpose?.task }

    package static func == (a: Principal, b: Principal) -> Bool {
        a === b
            || a.agent == b.agent && a.run == b.run
                && a.declaredPurpose == b.declaredPurpose
                && a.onBehalfOf == b.onBehalfOf && a.credential == b.credential
                && a.issued == b.issued && a.expires == b.expires && a.scopes == b.scopes
                && a.isFromOutside == b.isFromOutside
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(agent)
        hasher.combine(run)
        hasher.combine(credential)
    }
}
