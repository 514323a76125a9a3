package import InterlockModel

/// The governance reviews of agents (docs/specs/trust-and-review.md, section 9). Read on the call path, from memory; any
/// thread may call it.
package protocol AgentReviews: Sendable {
    /// - Returns: nil if nothing is on record of the agent's reviews; the date of the policy file alone counts then.
    func review(of agent: AgentName) -> AgentReview?

    /// Returns the latest time that was seen, or `now` if that is later. What is due by it stays so if the clock is set back.
    func latest(_ now: Timestamp) -> Timestamp
}

/// The last review of an agent and the next one.
package struct AgentReview: Sendable, Hashable {
    /// The time at which the next review of the agent or of the organisation is due, by the policy of the last look and all
    /// that is on record.
    package let due: Timestamp
    /// The time of the last review that people signed; nil before the first.
    package let signed: Timestamp?
    /// The time to which people postponed the next one; nil if they did not.
    package let postponed: Timestamp?
    /// True if the review of the agent or of the organisation, or a finding of one, is 14 days overdue: the agent may read,
    /// and nothing else.
    package let isReadOnly: Bool

    package init(
        due: Timestamp, signed: Timestamp?, postponed: Timestamp? = nil, isReadOnly: Bool
    ) {
        self.due = due
        self.signed = signed
        self.postponed = postponed
        self.isReadOnly = isReadOnly
    }

    /// The time before a date of the policy file from which on a signed review is the one that it asks for.
    private static let window = Duration.seconds(7 * 86_400)
    /// The time after a due date in which the agent is still served (docs/decisions/0005).
    private static let grace = Duration.seconds(14 * 86_400)

    /// Returns true if the signed review is the one that a date of the policy file asks for.
    ///
    /// - Parameters:
    ///   - signed: the time of the signature; nil without one.
    ///   - end: the end of that day.
    package static func isMet(_ end: Timestamp, by signed: Timestamp?) -> Bool {
        signed.map { $0 >= end - window } ?? false
    }

    /// Returns true if a date of the policy file does not count: a review was signed for it, or it was postponed.
    func lifts(_ end: Timestamp, at now: Timestamp) -> Bool {
        Self.isMet(end, by: signed) || postponed.map { now < $0 + Self.grace } ?? false
    }
}

/// The reviews of a gateway without any on record.
package struct NoReviews: AgentReviews {
    package init() {}
    package func review(of agent: AgentName) -> AgentReview? { nil }
    package func latest(_ now: Timestamp) -> Timestamp { now }
}
