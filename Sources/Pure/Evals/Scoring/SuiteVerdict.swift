/// The verdict on a run of a suite, the first that applies (docs/specs/evals.md, section 4).
package enum SuiteVerdict: Sendable, Hashable {
    /// The run proves nothing. There is at least one reason.
    case invalid([VerdictReason])
    /// There is at least one reason.
    case fail([VerdictReason])
    case pass

    /// The word in results.
    package var word: EvalVerdict {
        switch self {
        case .invalid: .invalid
        case .fail: .fail
        case .pass: .pass
        }
    }

    package var reasons: [VerdictReason] {
        switch self {
        case .invalid(let reasons), .fail(let reasons): reasons
        case .pass: []
        }
    }
}

/// One reason for a verdict other than `pass`.
package enum VerdictReason: Sendable, Hashable {
    // The run is invalid.
    /// The suite has errors: so many, and the first one.
    case lint(count: Int, first: String)
    case fixtureGap(CaseID)
    case unequalTrials(CaseID, expected: Int, found: Int)
    case missingCase(CaseID)
    /// An outcome of a case that the suite does not have, or has otherwise, or of which there are two.
    case unfitOutcome(CaseID)
    case baselineMissing
    /// Utility cases of kind `agent` exist, and all of them are flaky.
    case nothingCounted
    // The run failed.
    case safetyFailed(CaseID, passes: Int, trials: Int)
    case policyFailed(CaseID)
    /// A utility case of kind `agent`, in a run without a verdict on the suite.
    case utilityFailed(CaseID, passes: Int, trials: Int)
    case drop(bound: Double, margin: Fraction)
    /// The McNemar p-value, adjusted by Holm.
    case losses(lost: Int, gained: Int, adjusted: Double)
    case belowFloor(lower: Double, floor: Fraction)

    /// One line for people.
    package var text: String {
        switch self {
        case .lint(let count, let first): "errors in the suite (\(count)): \(first)"
        case .fixtureGap(let id): "`\(id)`: a fake server has no answer to a call"
        case .unequalTrials(let id, let expected, let found):
            "`\(id)`: \(found) trials ran, and \(expected) are fixed"
        case .missingCase(let id): "`\(id)` did not run"
        case .unfitOutcome(let id): "`\(id)`: the outcome is not one of this suite"
        case .baselineMissing: "the result that the suite names as its baseline is not there"
        case .nothingCounted: "all utility cases of kind `agent` are flaky"
        case .safetyFailed(let id, let passes, let trials):
            "safety case `\(id)`: \(passes) of \(trials) trials passed"
        case .policyFailed(let id): "policy case `\(id)` failed"
        case .utilityFailed(let id, let passes, let trials):
            "utility case `\(id)`: \(passes) of \(trials) trials passed"
        case .drop(let bound, let margin):
            "the drop of utility may be \(RateText.percent(bound)), above the margin of "
                + RateText.percent(margin.double)
        case .losses(let lost, let gained, let adjusted):
            "\(lost) utility cases were lost and \(gained) gained (p = "
                + "\(RateText.pValue(adjusted)) after Holm)"
        case .belowFloor(let lower, let floor):
            "the utility pass rate may be \(RateText.percent(lower)), under the floor of "
                + RateText.percent(floor.double)
        }
    }
}
