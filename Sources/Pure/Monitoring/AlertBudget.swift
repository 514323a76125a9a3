/// Learned alarms of one agent within a week. Those beyond the budget are grouped into one; none is lost.
package struct AlertBudget: Sendable {
    package enum Verdict: Sendable, Equatable {
        /// To be told by itself.
        ///
        /// - grouped: alarms beyond the budget before it that no other has told.
        case tell(grouped: Int)
        /// The first beyond it: told as the beginning of a group.
        case beginGroup
        /// In the group, which was told: on record alone.
        case grouped
    }

    static let weekSeconds: Int64 = 7 * 86_400

    private let perWeek: Int
    /// When those were told that count, oldest first.
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
