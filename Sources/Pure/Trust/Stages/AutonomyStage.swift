package import InterlockModel

/// The autonomy of an agent, from 0 to 3 (docs/specs/trust-and-review.md, section 2).
package enum AutonomyStage: Int, Sendable, Hashable, Comparable, CaseIterable {
    case gated = 0
    case assisted = 1
    case bounded = 2
    case full = 3

    package static func < (a: AutonomyStage, b: AutonomyStage) -> Bool { a.rawValue < b.rawValue }

    /// The name in criteria files and messages.
    package var name: String { assignment.name }

    /// - Returns: nil if no stage has this name.
    package init?(name: String) {
        guard let stage = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = stage
    }

    /// The number that the governor decides with.
    package var assignment: TrustStageAssignment { TrustStageAssignment(rawValue) ?? .lowest }

    /// The share of the policy's limits, in percent.
    package var quotaPercent: Int64 { assignment.quotaPercent }

    /// The column of `controls` by which calls are decided.
    package var column: TrustStage { assignment.word }

    /// The stage that a promotion can reach: stages are never skipped.
    package var next: AutonomyStage? { AutonomyStage(rawValue: rawValue + 1) }

    /// The stage below; stage 0 has none.
    package var previous: AutonomyStage? { AutonomyStage(rawValue: rawValue - 1) }

    /// The highest stage that the word in a policy file permits; nil for `observe`, at which every call is denied.
    package init?(ceilingOf word: TrustStage) {
        switch word {
        case .observe: return nil
        case .supervised: self = .assisted
        case .trusted: self = .full
        }
    }
}

/// The four limits of an agent's stage. The effective stage is the lowest of them.
package struct StageLimits: Sendable, Hashable {
    /// The highest stage that the policy file permits; nil if it holds the agent at `observe`.
    package let ceiling: AutonomyStage?
    /// The ceiling of the owner; nil if the owner has set none.
    package let delegation: AutonomyStage?
    /// The stage of the promotion that is in force; nil without one.
    package let promotion: AutonomyStage?
    /// The stage that demotions have left; nil if there was none.
    package let demotion: AutonomyStage?

    package init(
        ceiling: AutonomyStage?, delegation: AutonomyStage? = nil,
        promotion: AutonomyStage? = nil, demotion: AutonomyStage? = nil
    ) {
        self.ceiling = ceiling
        self.delegation = delegation
        self.promotion = promotion
        self.demotion = demotion
    }

    /// The lowest of the four: stage 0 without a promotion, and nil (`observe`) if the policy holds the agent.
    ///
    /// INVARIANT: it is above none of the limits that are set. Kept by `AutonomyStageTests`.
    package var effective: AutonomyStage? {
        guard let ceiling else { return nil }
        return min(ceiling, delegation ?? .full, promotion ?? .gated, demotion ?? .full)
    }
}
