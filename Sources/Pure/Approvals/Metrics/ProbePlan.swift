package import InterlockModel

/// When a person is shown a request that is known to be bad (specs of approvals, section 12): by chance, and
/// at least once in a month, so that nobody can count on being unwatched.
package struct ProbePlan: Hashable, Sendable {
    /// Of all requests, 0 to 1.
    package let rate: Double
    /// In 30 days.
    package let leastPerMonth: Int

    /// - Returns: nil when the rate is no number from 0 to 0.5, or more than 100 a month are asked for.
    package init?(rate: Double = 0.01, leastPerMonth: Int = 1) {
        guard rate >= 0, rate <= 0.5, (0...100).contains(leastPerMonth) else { return nil }
        self.rate = rate
        self.leastPerMonth = leastPerMonth
    }

    /// Whether a probe goes to this person now, when a request does.
    ///
    /// - Parameters:
    ///   - probes: when this person had probes, oldest first; those in the future do not count.
    ///   - since: from when on the person could vote.
    ///   - measures: of the person now.
    ///   - chance: a random number from 0 up to 1, not 1.
    package func isDue(
        probes: [Timestamp], since: Timestamp, measures: Set<Countermeasure>, now: Timestamp,
        chance: Double
    ) -> Bool {
        precondition(chance >= 0 && chance < 1, "a chance is from 0 up to 1")
        let doubled = measures.contains(.doubledProbes)
        if chance < rate * (doubled ? 2 : 1) { return true }
        guard leastPerMonth > 0 else { return false }
        // The month is parted evenly, so that the last day is not the one on which all are due.
        let span = Duration.seconds(30 * 86_400 / Int64(leastPerMonth))
        let last = probes.last { $0 <= now } ?? since
        return now >= last + span
    }
}
