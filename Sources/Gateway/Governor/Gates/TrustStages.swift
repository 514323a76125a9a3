package import InterlockModel

/// The trust stages of agents, 0 to 3 (docs/specs/trust-and-review.md, section 2). Read on the call path, from memory;
/// any thread may call it.
package protocol TrustStages: Sendable {
    /// Returns the stage that an agent has earned, which the policy file may lower. Without a readable record it is the
    /// lowest.
    ///
    /// - Parameter isSandboxed: whether the call is of a run with a verified sandbox attestation; asked only if the stage
    ///   holds for such runs alone.
    func stage(of agent: AgentName, isSandboxed: () -> Bool) -> TrustStageAssignment
}

extension TrustStages {
    /// The stage of a run without a sandbox.
    package func stage(of agent: AgentName) -> TrustStageAssignment {
        stage(of: agent) { false }
    }
}
