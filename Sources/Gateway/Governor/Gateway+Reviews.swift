package import InterlockModel
package import InterlockPolicy

// The one place that joins the review date of the policy file with the reviews on record. Dates are compared with the latest
// time that was seen.
extension Gateway {
    /// The state of an agent's review, as a fact of its calls.
    package func reviewState(
        of agent: AgentEntry, at now: Timestamp
    ) -> DecisionFacts.ReviewState {
        let review = ports.reviews.review(of: agent.name)
        if review?.isReadOnly ?? false { return .overdue }
        guard let date = agent.reviewBy else { return .byPolicy }
        let latest = ports.reviews.latest(now)
        if review?.lifts(date.end, at: latest) ?? false { return .lifted }
        // A decision compares the date with the time of the call, which may be that of a clock that was set back.
        return agent.isOverdue(at: latest) && !agent.isOverdue(at: now) ? .overdue : .byPolicy
    }

    /// Returns true if the date of the policy file passed more than 14 days ago and nothing lifts it. The agent is then
    /// refused before any call (docs/decisions/0005).
    package func isOverdue(_ agent: AgentEntry, at now: Timestamp) -> Bool {
        let latest = ports.reviews.latest(now)
        guard agent.isOverdue(at: latest), let date = agent.reviewBy else { return false }
        return !(ports.reviews.review(of: agent.name)?.lifts(date.end, at: latest) ?? false)
    }

    /// Returns true if the next review is due, or if no date for it is known.
    package func isReviewDue(_ agent: AgentEntry, at now: Timestamp) -> Bool {
        reviewDue(of: agent) == nil || isReviewPast(agent, at: now)
    }

    /// Returns true if a date for the next review is known, and is past.
    package func isReviewPast(_ agent: AgentEntry, at now: Timestamp) -> Bool {
        reviewDue(of: agent).map { ports.reviews.latest(now) >= $0 } ?? false
    }

    /// The time at which the next review is due; nil if neither the policy file nor the record states one.
    package func reviewDue(of agent: AgentEntry) -> Timestamp? {
        ports.reviews.review(of: agent.name)?.due ?? agent.reviewBy?.end
    }
}
