package import InterlockModel

/// The schedule of probes for a person (docs/specs/approvals.md, section 12): at random, plus a minimum per 30 days, so
/// that probes are unpredictable but certain.
package struct ProbePlan: Hashable, Sendable {
    /// The share of requests, from 0 to 0.5.
    package let rate: Double
    /// The minimum number of probes in 30 days.
    package let leastPerMonth: Int

    /// - Returns: nil if the rate is not within 0 to 0.5, or `leastPerMonth` not within 0 to 100.
    package init?(rate: Double = 0.01, leastPerMonth: Int = 1) {
        guard rate >= 0, rate <= 0.5, (0...100).contains(leastPerMonth) else { return nil }
        self.rate = rate
        self.leastPerMonth = leastPerMonth
    }

    /// Returns whether a probe is due for this person when a request is sent to them.
    ///
    /// - Parameters:
    ///   - probes: the times of this person's probes, oldest first; those in the future do not count.
    ///   - since: the time at which the person became able to vote.
    ///   - measures: the person's current countermeasures.
    ///   - chance: a random number, at least 0 and less than 1.
    package func isDue(
        probes: [Timestamp], since: Timestamp, measures: Set<Countermeasure>, now: Timestamp,
        chance: Double
    ) -> Bool {
        precondition(chance >= 0 && chance < 1, "a chance is from 0 up to 1")
        let doubled = measures.contains(.doubledProbes)
        if chance < rate * (doubled ? 2 : 1) { return true }
        guard leastPerMonth > 0 else { return false }
        // The minimum is spread evenly over the month, so that probes do not accumulate on its last day.
        let span = Duration.seconds(30 * 86_400 / Int64(leastPerMonth))
        let last = probes.last { $0 <= now } ?? since
        return now >= last + span
    }
}
