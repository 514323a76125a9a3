package import InterlockJSON
package import InterlockModel

/// Every use of break-glass, and which of them another person has looked at: made from the log alone.
package struct BreakGlassHistory: Hashable, Sendable {
    package struct Use: Hashable, Sendable {
        package let request: ApprovalID
        package let by: Pseudonym
        package let at: Timestamp
        package internal(set) var reviewedBy: Pseudonym?
        /// Who agreed to the call from then on.
        package internal(set) var voters: Set<Pseudonym> = []

        package var isReviewed: Bool { reviewedBy != nil }
        /// Until then another person has to look at it.
        package var due: Timestamp { at + BreakGlassHistory.reviewWithin }
    }

    package static let reviewWithin = Duration.seconds(24 * 3600)

    /// In the order of the log. A request may have several: its policy changed in between.
    package private(set) var uses: [Use] = []

    package init() {}

    package mutating func add(_ request: ApprovalID, by person: Pseudonym, at: Timestamp) {
        uses.append(Use(request: request, by: person, at: at))
    }

    /// A vote for the call, after glass was broken at its request; of any other nothing is kept.
    package mutating func vote(at request: ApprovalID, by person: Pseudonym) {
        for place in uses.indices where uses[place].request == request {
            uses[place].voters.insert(person)
        }
    }

    /// All uses at the request.
    package mutating func review(_ request: ApprovalID, by person: Pseudonym) {
        for place in uses.indices where uses[place].request == request {
            if uses[place].reviewedBy == nil { uses[place].reviewedBy = person }
        }
    }

    /// Takes a leaf of the log; of other types nothing is taken.
    package mutating func replay(_ leaf: JSONValue) {
        guard let request = leaf["appr"]?.string.flatMap({ ApprovalID($0) }),
            let person = leaf["by"]?.string.flatMap(Pseudonym.init(written:)),
            let at = leaf["ts"]?.integer
        else { return }
        switch leaf["t"]?.string {
        case "approval.breakglass": add(request, by: person, at: Timestamp(microseconds: at))
        case "approval.granted": vote(at: request, by: person)
        case "approval.reviewed": review(request, by: person)
        default: break
        }
    }

    package var unreviewed: [Use] { uses.filter { !$0.isReviewed } }

    /// Nobody looked at these in time.
    package func overdue(at now: Timestamp) -> [Use] { unreviewed.filter { now >= $0.due } }

    /// - Throws: `suspended` while a use of this person is overdue.
    package func allow(_ person: Pseudonym, at now: Timestamp) throws(BreakGlassRefusal) {
        if let use = overdue(at: now).first(where: { $0.by == person }) {
            throw .suspended(use.request)
        }
    }

    /// - Parameter time: when the review was signed: it says nothing of what was done later.
    /// - Throws: unless the person may review what others did there, once.
    package func allowReview(
        of request: ApprovalID, by person: Pseudonym, signed time: Timestamp
    ) throws(BreakGlassRefusal) {
        let there = uses.filter { $0.request == request }
        guard !there.isEmpty else { throw .noUse }
        guard there.contains(where: { !$0.isReviewed }) else { throw .reviewed }
        guard !there.contains(where: { $0.by == person || $0.voters.contains(person) }) else {
            throw .ownReview
        }
        guard !there.contains(where: { time < $0.at && !$0.isReviewed }) else { throw .staleOrder }
    }
}
