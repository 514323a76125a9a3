package import InterlockEvals

/// The cumulative sum of an agent's denials over its runs (docs/specs/trust-and-review.md, section 6): a run with a
/// denial adds its distance from the expected rate, a clean one takes its own away, and the slack of half a standard
/// deviation is taken away each time. All values are thousandths of a standard deviation, so that other programs
/// compute the same.
///
/// The cause that a person states for a denial changes nothing: a wave of attacks raises an alarm too.
///
/// INVARIANT: the sum is 0 to `limit`; a denial never lowers it, and a clean run never raises it. Kept by
/// `DenialCusumTests`.
package struct DenialCusum: Sendable, Hashable {
    /// The sum since the last alarm.
    package private(set) var sum = 0
    let rise: Int
    let fall: Int

    /// The sum above which an alarm is raised: h, 8 standard deviations.
    package static let limit = 8_000
    /// k, half a standard deviation.
    private static let slack = 0.5
    /// The least expected rate, in ten-thousandths. Below 1.4 % a single denial would exceed the limit.
    private static let least = 300
    private static let most = 5_000

    /// - Parameter rate: the expected rate of runs with a denial; values below 3 % count as 3 %, above 50 % as 50 %.
    package init(expecting rate: Fraction) {
        let p = Double(min(max(rate.tenThousandths, Self.least), Self.most)) / 10_000
        let deviation = (p * (1 - p)).squareRoot()
        rise = Self.thousandths((1 - p) / deviation - Self.slack)
        fall = Self.thousandths(p / deviation + Self.slack)
    }

    /// Expects the highest rate that the criteria admit for a stage; at stage 0 that of stage 1.
    package init(at stage: AutonomyStage, under criteria: TrustCriteria) {
        let step = criteria.stages[stage] ?? criteria.stages.assisted
        self.init(expecting: step.agentDenials)
    }

    /// Continues a sum.
    ///
    /// - Returns: nil unless the sum is 0 to `limit`, and both steps are positive and at most `limit`.
    init?(sum: Int, rise: Int, fall: Int) {
        let steps = 1...Self.limit
        guard (0...Self.limit).contains(sum), steps.contains(rise), steps.contains(fall) else {
            return nil
        }
        (self.sum, self.rise, self.fall) = (sum, rise, fall)
    }

    /// Adds a run.
    ///
    /// - Parameter isDenied: true for a run with at least one denial, false for a clean one. Other runs are not added.
    /// - Returns: true if the sum exceeded the limit. It begins at 0 again then.
    package mutating func add(isDenied: Bool) -> Bool {
        sum = isDenied ? sum + rise : max(0, sum - fall)
        guard sum > Self.limit else { return false }
        sum = 0
        return true
    }

    private static func thousandths(_ deviations: Double) -> Int {
        Int((deviations * 1_000).rounded())
    }
}
