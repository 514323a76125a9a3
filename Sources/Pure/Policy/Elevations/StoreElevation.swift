package import InterlockJSON
package import InterlockModel

/// An elevation that people approved at run time, as decisions use it: a fact, like the halts
/// (docs/specs/policy.md, sections 4.1 and 4.3). It adds grants and lifts nothing.
package struct StoreElevation: Sendable, Hashable {
    /// The id in the store. It fits the grammar of rule ids, so that records can name it as a rule.
    package let id: String
    package let agent: AgentName
    /// `grant` in the canonical form of the policy: server -> sorted list of
    /// `{class or tool, when?, sandboxed?}`.
    package let grants: JSONValue
    /// The elevation is in force in [`from`, `until`).
    package let from: Timestamp
    package let until: Timestamp
    /// The person who requested the elevation. Their votes never count on its calls
    /// (docs/specs/approvals.md, section 6).
    package let proposer: Person?

    package init(
        id: String, agent: AgentName, grants: JSONValue, from: Timestamp, until: Timestamp,
        proposer: Person? = nil
    ) {
        self.id = id
        self.agent = agent
        self.grants = grants
        self.from = from
        self.until = until
        self.proposer = proposer
    }

    package func isLive(at now: Timestamp) -> Bool { from <= now && now < until }
}

extension StoreElevation {
    /// The form in which facts of a decision are recorded, which suffices to decide again.
    package var json: JSONValue {
        [
            "id": .string(id), "agent": .string(agent.text), "grant": grants,
            "from": .string(from.rfc3339()), "until": .string(until.rfc3339()),
            "proposer": proposer.map { .string($0.address) } ?? .null,
        ]
    }
}
