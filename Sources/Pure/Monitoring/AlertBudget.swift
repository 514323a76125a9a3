/// The budget of learned alerts of one agent within a week. Alerts beyond it are grouped into one notification; none is
/// lost.
package struct AlertBudget: Sendable {
    package enum Verdict: Sendable, Equatable {
        /// Send the alert by itself.
        ///
        /// - grouped: the earlier alerts beyond the budget that no other notification has counted.
        case tell(grouped: Int)
        /// The first alert beyond the budget: sent as the beginning of a group.
        case beginGroup
        /// Part of a group that was announced already: only recorded.
        case grouped
    }

    static let weekSeconds: Int64 = 7 * 86_400

    private let perWeek: Int
    /// The times of the alerts that count against the budget, oldest first.
    private var told: [Int64] = []
    private var groupBegan: Int64?
    package private(set) var inGroup = 0

    package init(perWeek: Int) {
        self.perWeek = perWeek
        told.reserveCapacity(perWeek)
    }

    package mutating func take(seconds now: Int64) -> Verdict {
        told.removeAll { now - $0 >= Self.weekSeconds }
        if told.count < perWeek {
            defer { (inGroup, groupBegan) = (0, nil) }
            told.append(now)
            return .tell(grouped: inGroup)
        }
        inGroup += 1
        if let groupBegan, now - groupBegan < Self.weekSeconds { return .grouped }
        groupBegan = now
        return .beginGroup
    }
}

/// The procedure of Benjamini and Hochberg: selects among several simultaneous tests, so that the expected share of
/// false ones among those selected is at most `q`.
package enum FalseDiscoveries {
    /// - Parameters:
    ///   - chances: the probabilities of the tests that exceeded their threshold.
    ///   - tests: the number of all tests, including these.
    /// - Returns: the largest selected probability, or nil if no test is selected.
    package static func limit(_ chances: [Double], tests: Int, q: Double) -> Double? {
        var limit: Double?
        for (index, chance) in chances.sorted().enumerated()
        where chance <= Double(index + 1) * q / Double(max(tests, chances.count)) { limit = chance }
        return limit
    }
}
