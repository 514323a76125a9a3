package import InterlockEvals
package import InterlockModel

/// One demand of a promotion (docs/specs/trust-and-review.md, section 3).
package enum TrustCriterion: String, Sendable, Hashable, CaseIterable {
    case cleanRuns = "clean_runs"
    case days, templates
    case agentDenials = "agent_denials"
    case approvalsRejected = "approvals_rejected"
    case incidents, eval, review, drill
    case ownerConfirmed = "owner_confirmed"
}

/// The value of a criterion. What is not known counts as missed.
package enum CriterionValue: Sendable, Hashable {
    case count(Int)
    case rate(PassRate, TrustInterval)
    /// The reason in words.
    case unknown(String)

    package var text: String {
        switch self {
        case .count(let count): "\(count)"
        case .rate(let rate, let interval): interval.text(rate)
        case .unknown(let why): "unknown: \(why)"
        }
    }
}

/// A criterion with its value, its threshold and the records that it was computed from.
package struct CriterionResult: Sendable, Hashable {
    package let criterion: TrustCriterion
    package let value: CriterionValue
    /// The threshold in words: `at least 50`, `under 10.00 %`.
    package let threshold: String
    package let isMet: Bool
    /// Leaf hashes in the order of the log; empty if no record is needed.
    package let leaves: [Digest]

    /// Known and at least `least`.
    static func least(
        _ criterion: TrustCriterion, _ count: Int, _ least: Int, _ leaves: [Digest]
    ) -> CriterionResult {
        CriterionResult(
            criterion: criterion, value: .count(count), threshold: "at least \(least)",
            isMet: count >= least, leaves: leaves)
    }

    /// Known, and with its upper bound at or below the threshold.
    static func bound(
        _ criterion: TrustCriterion, _ rate: PassRate?, _ most: Fraction,
        _ interval: TrustInterval, unknown: String, _ leaves: [Digest]
    ) -> CriterionResult {
        let threshold = "upper bound at most \(TrustRateText.percent(most.double))"
        guard let rate else {
            return CriterionResult(
                criterion: criterion, value: .unknown(unknown), threshold: threshold,
                isMet: false, leaves: leaves)
        }
        return CriterionResult(
            criterion: criterion, value: .rate(rate, interval), threshold: threshold,
            isMet: interval.upperBound(rate) <= most.double, leaves: leaves)
    }

    static func unknown(
        _ criterion: TrustCriterion, _ threshold: String, _ why: String
    ) -> CriterionResult {
        CriterionResult(
            criterion: criterion, value: .unknown(why), threshold: threshold, isMet: false,
            leaves: [])
    }
}
