package import InterlockModel

/// One agent of a list.
package struct AgentSummary: Sendable, Hashable {
    package enum Review: String, Sendable, CaseIterable {
        case inTime = "in_time"
        /// The review date has passed or was never set.
        case due
        /// The review is more than 14 days late, so calls other than reads are refused.
        case overdue
    }

    package let name: AgentName
    package let owner: Person?
    package let tier: Tier
    /// The effective stage.
    package let stage: TrustStage
    package let reviewBy: CivilDate?
    package let review: Review
    /// The codes of faults in its policy that hold it at the stage observe.
    package let faults: [String]
    /// The halt that stops it.
    package let halt: OrderID?
    /// The number of its runs that are slowed down or paused.
    package let heldRuns: Int
    package let callsInFlight: Int
    /// The number of calls refused in the last hour.
    package let refused: Int

    package init(
        name: AgentName, owner: Person?, tier: Tier, stage: TrustStage, reviewBy: CivilDate?,
        review: Review, faults: [String] = [], halt: OrderID? = nil, heldRuns: Int = 0,
        callsInFlight: Int = 0, refused: Int = 0
    ) {
        self.name = name
        self.owner = owner
        self.tier = tier
        self.stage = stage
        self.reviewBy = reviewBy
        self.review = review
        self.faults = faults
        self.halt = halt
        self.heldRuns = heldRuns
        self.callsInFlight = callsInFlight
        self.refused = refused
    }
}
