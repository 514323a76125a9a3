package import InterlockJSON
package import InterlockModel

/// Every use of break-glass and its review, derived from the log alone.
package struct BreakGlassHistory: Hashable, Sendable {
    package struct Use: Hashable, Sendable {
        package let request: ApprovalID
        package let by: Pseudonym
        package let at: Timestamp
        /// The index of its record.
        package let record: UInt64
        package internal(set) var review: Review?
        /// The people who approved the call after the use.
        package internal(set) var voters: Set<Pseudonym> = []

        package var isReviewed: Bool { review != nil }
        /// The deadline for the review by another person.
        package var due: Timestamp { at + BreakGlassHistory.reviewWithin }
    }

    package struct Review: Hashable, Sendable {
        package let by: Pseudonym
        package let at: Timestamp
        /// The index of its record, which has what the reviewer found.
        package let record: UInt64

        package init(by person: Pseudonym, at: Timestamp, record: UInt64) {
            by = person
            self.at = at
            self.record = record
        }
    }

    package static let reviewWithin = Duration.seconds(24 * 3600)

    /// The uses in the order of the log. A request may have several if its policy changed in between.
    package private(set) var uses: [Use] = []

    package init() {}

    package mutating func add(
        _ request: ApprovalID, by person: Pseudonym, at: Timestamp, record: UInt64
    ) {
        uses.append(Use(request: request, by: person, at: at, record: record))
    }

    /// Notes an approval of a request after a break-glass use there; has no effect on other requests.
    package mutating func vote(at request: ApprovalID, by person: Pseudonym) {
        for place in uses.indices where uses[place].request == request {
            uses[place].voters.insert(person)
        }
    }

    /// Marks all uses at the request as reviewed.
    package mutating func review(_ request: ApprovalID, _ review: Review) {
        for place in uses.indices where uses[place].request == request {
            uses[place].review = uses[place].review ?? review
        }
    }

    /// Applies a record of the log; other record types are ignored.
    ///
    /// - Parameter index: the record's index in the log.
    package mutating func replay(_ leaf: JSONValue, at index: UInt64) {
        guard let request = leaf["appr"]?.string.flatMap({ ApprovalID($0) }),
            let person = leaf["by"]?.string.flatMap(Pseudonym.init(written:)),
            let at = leaf["ts"]?.integer
        else { return }
        let time = Timestamp(microseconds: at)
        switch leaf["t"]?.string {
        case "approval.breakglass": add(request, by: person, at: time, record: index)
        case "approval.granted": vote(at: request, by: person)
        case "approval.reviewed": review(request, Review(by: person, at: time, record: index))
        default: break
        }
    }

    package func uses(at request: ApprovalID) -> [Use] { uses.filter { $0.request == request } }

    package var unreviewed: [Use] { uses.filter { !$0.isReviewed } }

    /// The uses that were not reviewed in time.
    package func overdue(at now: Timestamp) -> [Use] { unreviewed.filter { now >= $0.due } }

    /// - Throws: `suspended` while the review of a use by this person is overdue.
    package func allow(_ person: Pseudonym, at now: Timestamp) throws(BreakGlassRefusal) {
        if let use = overdue(at: now).first(where: { $0.by == person }) {
            throw .suspended(use.request)
        }
    }

    /// - Parameter time: the time of the review's signature; a review does not cover later uses.
    /// - Throws: `noUse` or `reviewed` if no use awaits a review, `ownReview` if the person took part in one,
    ///   `staleOrder` if the review is older than an unreviewed use.
    package func allowReview(
        of request: ApprovalID, by person: Pseudonym, signed time: Timestamp
    ) throws(BreakGlassRefusal) {
        let there = uses(at: request)
        guard !there.isEmpty else { throw .noUse }
        guard there.contains(where: { !$0.isReviewed }) else { throw .reviewed }
        guard !there.contains(where: { $0.by == person || $0.voters.contains(person) }) else {
            throw .ownReview
        }
        guard !there.contains(where: { time < $0.at && !$0.isReviewed }) else { throw .staleOrder }
    }
}
