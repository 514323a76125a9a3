package import InterlockModel
package import InterlockPolicy

// The one place that joins the review date of the policy file with the reviews on record.
extension Gateway {
    /// The state of an agent's review, as a fact of its calls.
    package func reviewState(
        of agent: AgentEntry, at now: Timestamp
    ) -> DecisionFacts.ReviewState {
        guard let review = ports.reviews.review(of: agent.name) else { return .byPolicy }
        if review.isReadOnly { return .overdue }
        guard let date = agent.reviewBy, review.lifts(date.end, at: now) else { return .byPolicy }
        return .lifted
    }

    /// Returns true if the date of the policy file passed more than 14 days ago and nothing lifts it. The agent is then
    /// refused before any call (docs/decisions/0005).
    package func isOverdue(_ agent: AgentEntry, at now: Timestamp) -> Bool {
        guard agent.isOverdue(at: now), let date = agent.reviewBy else { return false }
        return !(ports.reviews.review(of: agent.name)?.lifts(date.end, at: now) ?? false)
    }

    /// Returns true if the next review is due, or if no date for it is known.
    package func isReviewDue(_ agent: AgentEntry, at now: Timestamp) -> Bool {
        reviewDue(of: agent).map { now >= $0 } ?? true
    }

    /// The time at which the next review is due; nil if neither the policy file nor the record states one.
    package func reviewDue(of agent: AgentEntry) -> Timestamp? {
        ports.reviews.review(of: agent.name)?.due ?? agent.reviewBy?.end
    }
}
