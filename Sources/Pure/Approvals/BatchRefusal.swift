package import InterlockModel

/// The facts about an agent and a tool that decide whether people may approve calls in a batch.
package struct BatchFacts: Sendable, Hashable {
    /// The stage of the agent.
    package let autonomy: TrustStageAssignment
    /// True if calls of the tool pass data out of the organisation.
    package let sends: Bool

    package init(autonomy: TrustStageAssignment, sends: Bool) {
        self.autonomy = autonomy
        self.sends = sends
    }
}

/// The reason why requests may not be approved with one signature (docs/specs/approvals.md, section 9, and
/// docs/specs/trust-and-review.md, section 2).
package enum BatchRefusal: String, Hashable, Sendable, CaseIterable {
    case agent, tool, template, tier, effects, sends, stage

    package var sentence: String {
        switch self {
        case .agent: "they are of different agents"
        case .tool: "they are of different tools"
        case .template: "they are shown by different templates"
        case .tier: "at tier high each call is approved by itself"
        case .effects: "only reversible calls inside the organisation are approved together"
        case .sends: "a call that sends data out is approved by itself"
        case .stage: "the agent is at stage 0, at which each call is approved by itself"
        }
    }

    /// Returns the first reason against a batch of these requests, or nil if there is none. The facts are those of the
    /// first request, whose agent and tool are those of all.
    package static func reason(
        against requests: [ApprovalRequest], _ facts: BatchFacts
    ) -> BatchRefusal? {
        if let reason = Self.reason(against: requests.map(\.review)) { return reason }
        if facts.sends { return .sends }
        return facts.autonomy < .highestSupervised ? .stage : nil
    }

    /// Returns the first reason that the reviews alone give against a batch of them, or nil if they give none.
    package static func reason(against reviews: [ReviewDocument]) -> BatchRefusal? {
        guard let first = reviews.first else { return .agent }
        for review in reviews {
            if review.call.agent != first.call.agent { return .agent }
            if review.call.address != first.call.address { return .tool }
            if review.template != first.template { return .template }
        }
        for review in reviews {
            if review.decision.tier == .high { return .tier }
            let effects = review.decision.effects
            guard effects.has(.reversible), effects.isSubset(of: inside) else { return .effects }
        }
        return nil
    }

    /// The effects that a call inside the organisation can have.
    private static let inside: EffectSet = [EffectSet(.read), EffectSet(.reversible)]
}
