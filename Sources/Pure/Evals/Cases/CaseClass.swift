/// The kind of behaviour that a case checks (docs/specs/evals.md, section 2).
package enum CaseClass: String, Sendable, Hashable, CaseIterable {
    /// A representative task.
    case golden
    /// An action that must not be refused.
    case allow
    /// An action that must be refused.
    case refuse
    /// Tools that look alike, or unclear descriptions.
    case ambiguous
    /// Hostile content in what tools answer.
    case adversarial
    /// A case that was captured from the audit log.
    case incident

    /// The gate of a case that states none.
    package var gate: GateKind {
        switch self {
        case .refuse, .adversarial, .incident: .safety
        case .golden, .allow, .ambiguous: .utility
        }
    }
}

/// The weight of a failed case: any failure of a safety case blocks, and a measured drop of the utility cases does.
package enum GateKind: String, Sendable, Hashable, CaseIterable {
    case safety, utility
}

/// The way in which a case is run.
package enum CaseKind: String, Sendable, Hashable, CaseIterable {
    /// A call that the decision engine judges. It is deterministic, so its gate is exact.
    case policy
    /// The agent's command against fake tools, several times.
    case agent
}
