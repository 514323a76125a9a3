package import InterlockModel
package import InterlockReview

/// The reviews of one agent, or of the organisation, on record.
package struct ScopeReviews: Sendable {
    /// A review that people signed.
    package struct Signed: Sendable, Hashable {
        package let signOff: ReviewSignOff
        /// The leaf hash of its record.
        package let leaf: Digest
    }

    /// The time from which it is reviewed.
    package private(set) var began: Timestamp
    /// The last one; nil before the first.
    package private(set) var signed: Signed?
    package private(set) var postponements: [ReviewPostponement] = []

    init(began: Timestamp) { self.began = began }

    /// The findings that are open: those of the last review, and earlier ones that it says are still open.
    package var findings: [OpenFinding] {
        guard let signOff = signed?.signOff else { return [] }
        return signOff.earlier.filter { !$0.isMended }.map(\.open)
            + signOff.findings.map { OpenFinding(review: signOff.review, $0) }
    }

    /// - Throws: the reason why it does not follow; nothing has changed then.
    mutating func add(_ next: Signed) throws(ReviewEntryRefusal) {
        if let signed, next.signOff.date <= signed.signOff.date { throw .tooOld }
        signed = next
        began = min(began, next.signOff.date)
    }

    /// - Throws: the reason why it does not follow; nothing has changed then.
    mutating func add(_ next: ReviewPostponement) throws(ReviewEntryRefusal) {
        guard !postponements.contains(where: { $0.due == next.due || $0.until == next.due }) else {
            throw .postponed
        }
        postponements.append(next)
    }

    /// - Parameters:
    ///   - tier: nil for the organisation.
    ///   - demotions: all demotions of the agent.
    ///   - reviewBy: the end of the date of the policy file, if no review was signed for it.
    func facts(tier: Tier?, demotions: [Timestamp], reviewBy: Timestamp?) -> ScheduleFacts {
        ScheduleFacts(
            tier: tier, began: began, demotions: demotions, signed: signed?.signOff.date,
            next: signed?.signOff.next, reviewBy: reviewBy, postponements: postponements)
    }
}

/// The reason why a document does not follow from those on record.
package enum ReviewEntryRefusal: Error, Hashable, Sendable {
    /// Another one is not older.
    case tooOld
    /// This review was postponed before.
    case postponed
    /// No such review is open.
    case notOpen

    var text: String {
        switch self {
        case .tooOld: "a signed review of the same scope is not older"
        case .postponed: "a review is postponed once, and this one was"
        case .notOpen: "the review is not open: it was signed, or another one was started"
        }
    }
}

/// A review that was started and is not signed.
package struct OpenReview: Sendable {
    package let id: ReviewID
    package let scope: ReviewScope
    package let period: ReviewPeriod
    package let checkpoint: SampleCheckpoint
    /// The digest of its sample.
    package let sample: Digest
    /// The digest of the facts that were read with the sample.
    package let facts: Digest
    package let started: Timestamp
    package let by: Pseudonym
    /// The last mark of each record.
    package var marks: [Digest: MarkedRecord] = [:]

    /// The time after which another review of the scope may be started in its place.
    static let longest = Duration.seconds(14 * 86_400)
}
