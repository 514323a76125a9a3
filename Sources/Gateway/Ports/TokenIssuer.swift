package import InterlockModel

/// Issues credentials for agents. Pure computation; of a token only its id is stored.
package protocol TokenIssuer: Sendable {
    /// - Throws: if the lifetime or the purpose is out of bounds.
    func issue(_ order: TokenOrder, now: Timestamp) throws(TokenRefusal) -> IssuedToken
}

package struct TokenOrder: Sendable {
    package let agent: AgentName
    /// The run to join, or nil for a new run.
    package let run: RunID?
    package let purpose: String?
    /// The task of the policy in force that the purpose names; nil for any other purpose.
    package let task: RunTaskName?
    package let onBehalfOf: Person?
    /// The requested scopes, or nil for all that the policy grants.
    package let scopes: ScopeSet?
    package let lifetime: Duration
    package init(
        agent: AgentName, run: RunID?, purpose: String?, onBehalfOf: Person?,
        scopes: ScopeSet? = nil, task: RunTaskName? = nil, lifetime: Duration
    ) {
        self.agent = agent
        self.run = run
        self.purpose = purpose
        self.task = task
        self.onBehalfOf = onBehalfOf
        self.scopes = scopes
        self.lifetime = lifetime
    }

    /// The same order for a run with this task, or for one without a task.
    package func bound(to task: RunTaskName?) -> TokenOrder {
        TokenOrder(
            agent: agent, run: run, purpose: purpose, onBehalfOf: onBehalfOf, scopes: scopes,
            task: task, lifetime: lifetime)
    }
}

package struct IssuedToken: Sendable {
    package let token: String
    package let id: String
    package let run: RunID
    package let expires: Timestamp
    package init(token: String, id: String, run: RunID, expires: Timestamp) {
        self.token = token
        self.id = id
        self.run = run
        self.expires = expires
    }
}

package struct TokenRefusal: Error, Sendable {
    package let reason: String
    package init(reason: String) { self.reason = reason }
}
