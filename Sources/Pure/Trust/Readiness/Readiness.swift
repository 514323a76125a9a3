package import InterlockModel

/// The answer to whether an agent may be given more, check by check (docs/specs/evidence.md, section 7).
package struct Readiness: Sendable, Hashable {
    /// Nil for the organisation as a whole.
    package let agent: AgentName?
    /// The stage that it was asked for; nil for the one that the agent has.
    package let stage: AutonomyStage?
    /// One result of each check that applies, in their order.
    package let results: [ReadinessResult]

    package init(agent: AgentName?, stage: AutonomyStage?, results: [ReadinessResult]) {
        self.agent = agent
        self.stage = stage
        self.results = results
    }

    /// True if all checks are well. Without any check nothing is known, so it is false.
    package var isReady: Bool { !results.isEmpty && results.allSatisfy { $0.state == .ok } }

    package var unmet: [ReadinessResult] { results.filter { $0.state != .ok } }
}

/// One demand before an agent is given more.
package enum ReadinessCheck: String, Sendable, Hashable, CaseIterable {
    case scopes, log, approvals, owner, purpose, eval, review, drill
    case selfTest = "self_test"
    case credentials, sandbox, controls, status, incidents
}

/// The answer to one check.
package struct ReadinessResult: Sendable, Hashable {
    package enum State: String, Sendable, Hashable {
        case ok, missing, unknown
    }

    package let check: ReadinessCheck
    package let state: State
    /// The finding in words; for `unknown` why it is not known.
    package let text: String
    /// The command that mends it; nil if it is well.
    package let remedy: String?
    /// The records that it was computed from, by their leaf hashes.
    package let leaves: [Digest]

    package init(
        _ check: ReadinessCheck, _ state: State, _ text: String, remedy: String? = nil,
        leaves: [Digest] = []
    ) {
        self.check = check
        self.state = state
        self.text = text
        self.remedy = remedy
        self.leaves = leaves
    }
}
