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
    package var faults: [String] = []
    /// The halt that stops it.
    package var halt: OrderID?
    /// The number of its runs that are slowed down or paused.
    package var heldRuns: Int = 0
    package var callsInFlight: Int = 0
    /// Its calls of the last hour.
    package var lastHour = CallCounts()
    /// The same for each minute, oldest first; empty if they are not counted.
    package var minutes: [CallCounts] = []
}

/// One page of a list of agents, by name.
package struct AgentListing: Sendable {
    package static let pageSize = 50

    package let lines: [AgentSummary]
    /// The page number, from 1.
    package var page: Int = 1
    package var pages: Int = 1
    /// The number of matching agents on all pages.
    package let count: Int
    /// True if more kinds of refusals occurred than are counted.
    package var isIncomplete: Bool = false
}
