package import InterlockModel
package import InterlockPolicy

/// All that pages tell of one agent: what it may do, how that is enforced, what it did (R045).
package struct AgentDetail: Sendable {
    package let at: Timestamp
    package let line: AgentSummary
    package let purpose: String?
    /// Where the policy describes it.
    package let place: PolicyLocation
    /// How its credentials are tied to where it runs.
    package let workload: String
    package let policy: Digest
    /// Each with how far it was used.
    package let rights: [(right: AgentRight, use: AgentUse)]
    /// Since when uses are counted.
    package let countedSince: Timestamp
    /// Whether uses came that were not counted.
    package let isIncomplete: Bool
    /// nil where it could not be worked out now.
    package let worstCase: WorstCase?
    package let limits: [LimitUsage]
    package let controls: [ControlPoint]
    /// Parts of the policy that nothing here enforces, of this agent or of all.
    package let guidance: [String]
    package let holds: [RunHold]
    /// Breakers of servers that it has scopes of.
    package let breakers: [OpenBreaker]
    /// The newest first.
    package let runs: [RunStatus]
    /// Waiting or in force.
    package let elevations: [OpenElevation]
    /// Whether its records are this person's to read; else what was refused alone. They stand in the audit log, where
    /// each look is on record.
    package let reads: Bool

    package init(
        at: Timestamp, line: AgentSummary, purpose: String?, place: PolicyLocation,
        workload: String,
        policy: Digest, rights: [(right: AgentRight, use: AgentUse)], countedSince: Timestamp,
        isIncomplete: Bool, worstCase: WorstCase?, limits: [LimitUsage],
        controls: [ControlPoint], guidance: [String], holds: [RunHold], breakers: [OpenBreaker],
        runs: [RunStatus], elevations: [OpenElevation], reads: Bool
    ) {
        self.at = at
        self.line = line
        self.purpose = purpose
        self.place = place
        self.workload = workload
        self.policy = policy
        self.rights = rights
        self.countedSince = countedSince
        self.isIncomplete = isIncomplete
        self.worstCase = worstCase
        self.limits = limits
        self.controls = controls
        self.guidance = guidance
        self.holds = holds
        self.breakers = breakers
        self.runs = runs
        self.elevations = elevations
        self.reads = reads
    }
}
