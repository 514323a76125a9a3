package import InterlockModel

/// Answers whether an agent may be given more.
package protocol ReadinessReader: Sendable {
    /// - Parameters:
    ///   - agent: nil asks for the organisation as a whole.
    ///   - stage: the stage that it is asked for; nil for the one that the agent has.
    func readiness(of agent: AgentName?, for stage: AutonomyStage?) async -> Readiness
}

/// Knows when reviews are due.
package protocol ReviewStatusReader: Sendable {
    /// - Parameter agent: nil asks for the organisation as a whole.
    /// - Returns: nil if it is not known.
    func reviewStatus(of agent: AgentName?) -> ReviewStatus?
}

/// Knows how the last self-test ended.
package protocol SelfTestStatusReader: Sendable {
    /// - Returns: nil if none is on record.
    func selfTestStatus() -> SelfTestStatus?
}
