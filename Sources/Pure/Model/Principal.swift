/// The caller, proved by the credential before any part of the body is trusted. It is a class because every pipeline
/// stage of a call passes it on.
package final class Principal: Hashable, Sendable {
    package let agent: AgentName
    package let run: RunID
    /// The declared purpose of the run; at tier high, a call without one is denied.
    package let purpose: String?
    /// The task of the policy that the purpose names, as determined when the credential was issued; nil for any other
    /// purpose. It stays the run's task whatever the policy becomes.
    package let task: RunTaskName?
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
        agent: AgentName, run: RunID, purpose: String?, onBehalfOf: Person?, credential: String,
        issued: Timestamp? = nil, expires: Timestamp, scopes: ScopeSet? = nil,
        isFromOutside: Bool = false, task: RunTaskName? = nil
    ) {
        self.agent = agent
        self.run = run
        self.purpose = purpose
        self.onBehalfOf = onBehalfOf
        self.credential = credential
        self.issued = issued
        self.expires = expires
        self.scopes = scopes
        self.isFromOutside = isFromOutside
        self.task = task
    }

    package static func == (a: Principal, b: Principal) -> Bool {
        a === b
            || a.agent == b.agent && a.run == b.run && a.purpose == b.purpose
                && a.onBehalfOf == b.onBehalfOf && a.credential == b.credential
                && a.issued == b.issued && a.expires == b.expires && a.scopes == b.scopes
                && a.isFromOutside == b.isFromOutside && a.task == b.task
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(agent)
        hasher.combine(run)
        hasher.combine(credential)
    }
}
