package import InterlockModel

/// The facts about one agent that its log does not have. Nil is unknown, and counts as missed.
package struct AgentFacts: Sendable, Hashable {
    /// True if a result of evals that counts for the current fingerprint passes.
    package var evalPasses: Bool?
    package var review: ReviewStatus?
    /// The owner whom the policy names. A confirmation by another person does not count.
    package var owner: Pseudonym?

    package init(
        evalPasses: Bool? = nil, review: ReviewStatus? = nil, owner: Pseudonym? = nil
    ) {
        self.evalPasses = evalPasses
        self.review = review
        self.owner = owner
    }
}
