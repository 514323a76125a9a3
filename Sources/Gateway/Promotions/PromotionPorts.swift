package import InterlockLedger
package import InterlockModel
package import InterlockPolicy
package import InterlockPorts
package import InterlockTrust

/// The files of proposals. A file is replaced as a whole.
package protocol PromotionFiles: Sendable {
    /// Returns when the file is durable.
    func write(_ bytes: [UInt8], as name: String) async throws(StoreFailure)

    /// - Returns: nil if there is no such file.
    func read(_ name: String) async throws(StoreFailure) -> [UInt8]?

    /// The names of the files, in any order.
    func names() async throws(StoreFailure) -> [String]
}

/// Reads the record of agents from the log itself.
package protocol PromotionEvidenceReader: Sendable {
    /// - Parameter known: the facts that the log does not have.
    /// - Returns: nil if the log cannot be read, or has nothing of the agent.
    func evidence(
        on request: PromotionEvidenceRequest
    ) async -> PromotionEvidence?
}

/// The agent, the stage and the conditions under which its record is counted.
package struct PromotionEvidenceRequest: Sendable {
    package let agent: AgentName
    package let stage: AutonomyStage
    package let policy: PolicySnapshot
    package let criteria: TrustCriteria
    package let known: AgentFacts
    package let now: Timestamp
    /// The time after which demotions take no credit, because undoing them is proposed; nil otherwise.
    package let undoneSince: Timestamp?

    package init(
        agent: AgentName, stage: AutonomyStage, policy: PolicySnapshot, criteria: TrustCriteria,
        known: AgentFacts, now: Timestamp, undoneSince: Timestamp? = nil
    ) {
        self.agent = agent
        self.stage = stage
        self.policy = policy
        self.criteria = criteria
        self.known = known
        self.now = now
        self.undoneSince = undoneSince
    }
}

/// The criteria of one stage, and the checkpoint up to which the log was read for them.
package struct PromotionEvidence: Sendable {
    package let checkpoint: Checkpoint
    package let assessment: TrustAssessment

    package init(checkpoint: Checkpoint, assessment: TrustAssessment) {
        self.checkpoint = checkpoint
        self.assessment = assessment
    }
}
