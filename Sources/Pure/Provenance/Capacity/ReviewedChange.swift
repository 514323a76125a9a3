package import InterlockModel

/// One change as all its checks saw it, in the order of the log.
package struct ReviewedChange: Sendable {
    /// A review by a person, as the platform states it.
    package struct Review: Hashable, Sendable {
        package let by: Pseudonym
        package let verdict: MergeReview.Review.State
        /// The time at which it was submitted, or that of the first check that saw it.
        package let at: Timestamp
        /// False if the platform does not say when it was submitted.
        package let isTimed: Bool
        package let began: Timestamp?
        /// The greatest number of comments that a check saw; nil if none counted them.
        package fileprivate(set) var comments: Int?
        /// The size of the change when the review was first seen.
        package let lines: Int
        package let words: Int?

        /// True if it approves or asks for changes: a comment decides nothing.
        package var isDecision: Bool { verdict == .approved || verdict == .changesRequested }
    }

    package let id: ChangeID
    package private(set) var opened: Timestamp
    package private(set) var state: ChangeState
    /// The time of the merge or of closing; nil while it is open.
    package private(set) var ended: Timestamp?
    /// True if a check saw that an agent wrote something of it.
    package private(set) var isAssisted: Bool
    package private(set) var lines: Int
    package private(set) var merger: Pseudonym?
    /// The oldest first.
    package private(set) var reviews: [Review] = []
    package private(set) var commits: Set<GitObjectID> = []
    package private(set) var reverted: Set<GitObjectID> = []
    /// The checks at which it was open again after it was merged or closed.
    package private(set) var reopenings: [Timestamp] = []

    /// - Parameter at: the time of the record.
    package init(_ change: CheckedChange<Pseudonym>, at: Timestamp) {
        id = change.id
        opened = change.opened
        state = change.state
        ended = change.ended
        isAssisted = change.isAssisted
        lines = change.lines
        merger = change.merger
        add(change, at: at)
    }

    /// Adds a later check of the same change.
    package mutating func add(_ change: CheckedChange<Pseudonym>, at: Timestamp) {
        if state != .open, change.state == .open { reopenings.append(at) }
        state = change.state
        ended = change.ended
        opened = min(opened, change.opened)
        isAssisted = isAssisted || change.isAssisted
        lines = change.lines
        merger = change.merger
        commits.formUnion(change.commits)
        reverted.formUnion(change.reverted)
        for row in change.reviews { add(row, of: change, at: at) }
    }

    private mutating func add(
        _ row: CheckedChange<Pseudonym>.Review, of change: CheckedChange<Pseudonym>, at: Timestamp
    ) {
        let known = reviews.firstIndex { review in
            review.by == row.by && review.verdict == row.verdict
                && (row.at == nil ? !review.isTimed : review.isTimed && review.at == row.at)
        }
        if let known {
            if let comments = row.comments {
                reviews[known].comments = max(comments, reviews[known].comments ?? 0)
            }
            return
        }
        reviews.append(
            Review(
                by: row.by, verdict: row.verdict, at: row.at ?? at, isTimed: row.at != nil,
                began: row.began, comments: row.comments, lines: change.lines,
                words: change.words))
    }
}

/// The changes of a log, from all checks that state one.
package struct ReviewedChanges: Sendable {
    package private(set) var changes: [ChangeID: ReviewedChange] = [:]

    package init() {}

    /// Adds a check. The caller must pass checks in the order of the log.
    package mutating func add(_ change: CheckedChange<Pseudonym>, at: Timestamp) {
        if var known = changes.removeValue(forKey: change.id) {
            known.add(change, at: at)
            changes[change.id] = known
        } else {
            changes[change.id] = ReviewedChange(change, at: at)
        }
    }

    /// The changes of which an agent wrote something, sorted by name.
    package var assisted: [ReviewedChange] {
        changes.values.filter(\.isAssisted).sorted { $0.id < $1.id }
    }

    /// The open changes of agents that wait for a person and were opened before another change. Two that were opened at
    /// the same time are in the order of their names, so no two changes wait for each other.
    package func open(
        for merger: Pseudonym, before id: ChangeID, opened: Timestamp
    ) -> ChangeAmount {
        var amount = ChangeAmount.none
        for change in changes.values
        where change.isAssisted && change.state == .open && change.merger == merger
            && change.id != id && (change.opened, change.id) < (opened, id)
        {
            amount.add(change)
        }
        return amount
    }
}
