package import InterlockModel

/// The gateway's knowledge of earlier changes for one check: those that wait for the same person, and the approvals that
/// do not count.
package struct CountedChanges: Hashable, Sendable {
    /// The parts of the last days in which a capped person's approvals of this change do not count.
    package struct Capped: Hashable, Sendable {
        package let windows: [ReviewerCap.Window]
        /// True if the person has reached the cap now, so that an approval without a time does not count.
        package let isNow: Bool

        package init(windows: [ReviewerCap.Window], isNow: Bool) {
            self.windows = windows
            self.isNow = isNow
        }
    }

    package let open: MergeReview.Open
    /// The checks whose change cannot be read, and may be of an open one.
    package let unread: Int
    package let capped: [Person: Capped]

    package init(open: MergeReview.Open, unread: Int, capped: [Person: Capped]) {
        self.open = open
        self.unread = unread
        self.capped = capped
    }

    /// The limit where the policy states none: it only warns, and only where the gateway can count.
    var defaultLimit: MergeRules.Limit { ReviewCapacity.defaultLimit }

    func excludes(_ row: MergeReview.Review, by person: Person) -> Bool {
        guard let capped = capped[person] else { return false }
        guard let at = row.at else { return capped.isNow }
        return capped.windows.contains { $0.contains(at) }
    }
}
