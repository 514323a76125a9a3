package import InterlockModel

/// The cap on a person who approved changes of agents faster than they can be read, for a week: 10 changes a day
/// (docs/specs/trust-and-review.md, section 10).
///
/// It holds on a day (UTC) for a person of whose approvals in the seven days before more than half, and at least five,
/// were under the reading floor. An approval counts by its own time, so a later check of the same change agrees.
package struct ReviewerCap: Sendable {
    /// A part of a day in which an approval by the person does not count.
    package struct Window: Hashable, Sendable {
        /// The time of the approval of the last change that counts. Of another change, none of that time counts.
        package let from: Timestamp
        /// The end of the day.
        package let until: Timestamp

        package init(from: Timestamp, until: Timestamp) {
            self.from = from
            self.until = until
        }

        package func contains(_ time: Timestamp) -> Bool { from <= time && time < until }
    }

    package static let mostPerDay = 10
    package static let leastHasty = 5
    package static let days: Int64 = 7

    private let approvals: [TimedReview]

    /// - Parameter samples: of one person, the oldest first.
    package init(_ samples: [TimedReview]) {
        approvals = samples.filter { $0.review.verdict == .approved }
    }

    package func isCapped(on day: CivilDate) -> Bool {
        let since = CivilDate(daysSince1970: day.daysSince1970 - Self.days).start
        let known = approvals.filter { $0.review.at >= since && $0.review.at < day.start }
            .compactMap(\.isHasty)
        let hasty = known.count { $0 }
        return hasty >= Self.leastHasty && hasty * 2 > known.count
    }

    /// The part of a day in which an approval of the change does not count.
    ///
    /// - Parameter id: nil for a change that has no name, to which all others are other ones.
    /// - Returns: nil if each approval of the day counts.
    package func window(on day: CivilDate, for id: ChangeID?) -> Window? {
        guard isCapped(on: day) else { return nil }
        var approved: [ChangeID] = []
        for sample in approvals
        where sample.review.at >= day.start && sample.review.at < day.end
            && !approved.contains(sample.id)
        {
            approved.append(sample.id)
            if sample.id == id { return nil }
            if approved.count == Self.mostPerDay {
                return Window(from: sample.review.at, until: day.end)
            }
        }
        return nil
    }
}
