package import InterlockJSON
package import InterlockModel

/// The terms under which an agent acts: the stage at which its calls are decided, and its share of the
/// stated limits. The gateway, `test`, `explain`, `worst-case`, `status` and the pages take both from here
/// (decision 0049).
package struct AgentTerms: Sendable, Hashable {
    /// The origin of an agent's trust.
    package enum Trust: Sendable, Hashable {
        /// The trust record.
        ///
        /// - Parameters:
        ///   - isFounding: true before the first sign-off, while no agent is above supervised.
        ///   - hasOwnerLeft: true if every credential of the agent's owner was revoked, which holds the agent (L121).
        case record(TrustStageAssignment, isFounding: Bool, hasOwnerLeft: Bool = false)
        /// The file, as if the agent had earned all that it states.
        case asWritten

        /// An agent without a trust record.
        package static let none = Trust.record(.lowest, isFounding: false)
    }

    /// The stage that the file states.
    package let written: TrustStage
    /// The stage that trust allows, and that the agent would have if nothing held it.
    package let allowed: TrustStage
    /// The percentage of each stated limit that the agent may use.
    package let quotaPercent: Int64
    /// The autonomy that the agent has: that of the trust record under the ceiling of the file; nil if the file alone
    /// counts.
    package let autonomy: TrustStageAssignment?
    /// The codes of lint errors that hold the agent at stage observe; sorted.
    package let held: [String]
    /// The reason of its denied calls at stage observe: L121 is no fact of the policy, so a replay would not find it.
    package let observeReason: DecisionReason

    /// - Parameter tier: at tier high every stage is decided as `supervised`; it changes the share of limits alone.
    package init(written: TrustStage, held: [String], tier: Tier = .low, _ trust: Trust) {
        self.written = written
        observeReason = held.isEmpty ? .observe : .incomplete
        switch trust {
        case .record(let assignment, let isFounding, let hasOwnerLeft):
            self.held = hasOwnerLeft ? (held + [FindingCode.ownerLeft.rawValue]).sorted() : held
            // The ceiling of the file: it holds from the moment at which the policy does.
            let ceiling: TrustStageAssignment =
                written == .supervised || isFounding ? .highestSupervised : .highest
            let stage = min(assignment, ceiling)
            let earned = min(written, stage.word)
            allowed = tier == .high ? min(earned, .supervised) : earned
            quotaPercent = stage.quotaPercent
            autonomy = stage
        case .asWritten:
            self.held = held
            allowed = written
            quotaPercent = 100
            autonomy = nil
        }
    }

    /// The stage at which calls are decided.
    package var stage: TrustStage { Self.stage(allowed, held: held) }

    /// The stage of an agent that these codes hold; the one rule of holding.
    static func stage(_ allowed: TrustStage, held: [String]) -> TrustStage {
        held.isEmpty ? allowed : .observe
    }

    /// The stage in words, with that of the file if it is another one.
    package var stageText: String {
        var notes: [String] = []
        if !held.isEmpty { notes.append("held: " + held.joined(separator: " ")) }
        if allowed != written { notes.append("the file says \(written.rawValue)") }
        return stage.rawValue + (notes.isEmpty ? "" : " (" + notes.joined(separator: "; ") + ")")
    }

    /// The number of the autonomy, 0 to 3; null if the file alone counts.
    package var autonomyJSON: JSONValue {
        autonomy.map { .integer(Int64($0.number)) } ?? .null
    }

    /// The autonomy after the words of a stage, such as `, autonomy 0 gated`; empty if the file alone counts.
    package var autonomyText: String { autonomy.map { ", autonomy \($0.text)" } ?? "" }

    /// The maximum in a window of a limit that states `count`.
    package func most(_ count: Int64) -> Int64 { Self.share(quotaPercent, of: count) }

    /// The rate that acts, with the stated one if it is another: `15/m of 60/m`.
    package func text(_ rate: Rate) -> String {
        let acting = Rate(count: most(rate.count), windowSeconds: rate.windowSeconds)
        return acting == rate ? rate.text : "\(acting.text) of \(rate.text)"
    }

    /// A share of a limit, rounded down, and at least 1 if the limit is not 0
    /// (docs/specs/limits-and-monitoring.md, section 2).
    static func share(_ percent: Int64, of count: Int64) -> Int64 {
        // The product fits, because limits are at most 10^12.
        count == 0 ? 0 : max(1, count * percent / 100)
    }
}

extension AgentEntry {
    package func terms(_ trust: AgentTerms.Trust) -> AgentTerms {
        AgentTerms(written: stage, held: incomplete, tier: tier, trust)
    }
}

extension PolicySnapshot {
    /// Returns nil if the policy does not contain the agent.
    package func terms(of agent: AgentName, _ trust: AgentTerms.Trust) -> AgentTerms? {
        agents[agent]?.terms(trust)
    }
}

extension DecisionFacts {
    /// Puts a call under the terms of its agent.
    package mutating func put(under terms: AgentTerms) {
        effectiveStage = terms.stage
        quotaPercent = terms.quotaPercent
    }
}
