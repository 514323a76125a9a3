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
