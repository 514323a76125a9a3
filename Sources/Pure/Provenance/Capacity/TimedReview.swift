package import InterlockModel

/// One review of a person, with the time that it can have taken.
package struct TimedReview: Hashable, Sendable {
    package let id: ChangeID
    package let review: ReviewedChange.Review
    /// The time from the opening of the change to the review; nil if the review has no time, or one before the opening.
    package let waited: Duration?
    /// The time for reading; nil if it is not known.
    package let dwell: Duration?
    /// True if the platform measured `dwell`. Otherwise it is the time since the change was opened, or since the
    /// person's last review of another change: the most that one can have read, one change after another.
    package let isMeasured: Bool

    package static let shortestReading = Duration.seconds(2)
    package static let wordsPerSecond = 10

    /// The least time for reading the changed words: one second for ten, at least two seconds. A change that has too many
    /// lines to count their words has one word on each line.
    package var floor: Duration {
        let words = review.words ?? review.lines
        return max(
            Self.shortestReading,
            .milliseconds(Int64(words) * 1000 / Int64(Self.wordsPerSecond)))
    }

    /// True for an approval in less time than reading takes; nil if that is not known.
    package var isHasty: Bool? {
        guard review.verdict == .approved, let dwell else { return nil }
        return dwell < floor
    }

    /// The reviews of each person, the oldest first. Withdrawn ones are left out: another person may have dismissed them.
    ///
    /// - Parameter changes: of which an agent wrote something.
    package static func byPerson(_ changes: [ReviewedChange]) -> [Pseudonym: [TimedReview]] {
        var rows: [Pseudonym: [(change: ReviewedChange, review: ReviewedChange.Review)]] = [:]
        for change in changes {
            for review in change.reviews
            where review.isDecision || review.verdict == .commented {
                rows[review.by, default: []].append((change: change, review: review))
            }
        }
        return rows.mapValues { rows in samples(rows) }
    }

    private static func samples(
        _ rows: [(change: ReviewedChange, review: ReviewedChange.Review)]
    ) -> [TimedReview] {
        let sorted = rows.sorted { a, b in
            (a.review.at, a.change.id) < (b.review.at, b.change.id)
        }
        var samples: [TimedReview] = []
        // The newest timed review of the change that was reviewed last, and of the one before it.
        var last: (id: ChangeID, at: Timestamp)?
        var other: Timestamp?
        for row in sorted {
            let (review, id) = (row.review, row.change.id)
            if let newest = last, newest.id != id, review.isTimed { other = newest.at }
            samples.append(sample(row.change, review, after: other))
            if review.isTimed { last = (id: id, at: review.at) }
        }
        return samples
    }

    /// - Parameter other: the time of the person's last review of another change, before this one.
    private static func sample(
        _ change: ReviewedChange, _ review: ReviewedChange.Review, after other: Timestamp?
    ) -> TimedReview {
        guard review.isTimed, review.at >= change.opened else {
            return TimedReview(
                id: change.id, review: review, waited: nil, dwell: nil, isMeasured: false)
        }
        let waited = review.at - change.opened
        if let began = review.began, began <= review.at {
            return TimedReview(
                id: change.id, review: review, waited: waited, dwell: review.at - began,
                isMeasured: true)
        }
        let since = other.map { max($0, change.opened) } ?? change.opened
        return TimedReview(
            id: change.id, review: review, waited: waited, dwell: review.at - since,
            isMeasured: false)
    }
}
