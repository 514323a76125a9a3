package import InterlockModel
package import InterlockPolicy

/// Everything that pages show about one agent: what it may do, how that is enforced, what it did (R045).
package struct AgentDetail: Sendable {
    package let at: Timestamp
    package let line: AgentSummary
    package let purpose: String?
    /// The location of its description in the policy.
    package let place: PolicyLocation
    /// The text that says how its credentials are tied to a workload.
    package let workload: String
    package let policy: Digest
    /// The agent's rights, each with its use.
    package let rights: [(right: AgentRight, use: AgentUse)]
    /// The start of the counts in `rights`.
    package let countedSince: Timestamp
    /// True if some uses could not be counted.
    package let isIncomplete: Bool
    /// Is nil if it cannot be computed now.
    package let worstCase: WorstCase?
    package let limits: [LimitUsage]
    package let controls: [ControlPoint]
    /// The parts of the policy, of this agent or of all, that nothing in this version enforces.
    package let guidance: [String]
    package let holds: [RunHold]
    /// The open breakers of servers that it has scopes of.
    package let breakers: [OpenBreaker]
    /// The runs of the agent that this process knows, newest first, at most 50.
    package let runs: [RunStatus]
    /// The elevations that wait for people or are granted.
    package let elevations: [OpenElevation]
    /// True if this person may read the agent's records, not only its refusals. Records are read from the audit log,
    /// where each access is recorded.
    package let reads: Bool
}
