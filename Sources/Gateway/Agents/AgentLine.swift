package import InterlockModel

/// One agent of a list.
package struct AgentLine: Sendable, Hashable {
    package enum Review: String, Sendable, CaseIterable {
        case inTime = "in_time"
        /// Its day has passed, or there is none.
        case due
        /// By more than 14 days: calls that do not only read are refused.
        case overdue
    }

    package let name: AgentName
    package let owner: Person?
    package let tier: Tier
    /// In effect.
    package let stage: Stage
    package let reviewBy: CivilDate?
    package let review: Review
    /// Codes of faults in its policy that hold it at stage observe.
    package let faults: [String]
    /// The halt that stops it.
    package let halt: OrderID?
    /// Its runs that are slowed down or paused.
    package let heldRuns: Int
    package let callsInFlight: Int
    /// In the last hour.
    package let refused: Int

    package init(
        name: AgentName, owner: Person?, tier: Tier, stage: Stage, reviewBy: CivilDate?,
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

/// Which agents somebody asks for; what is nil says nothing.
package struct AgentFilter: Sendable, Hashable {
    package enum State: String, Sendable, CaseIterable {
        case stopped, busy, held, refused, due, faulty
    }

    /// A part of it; so is `owner`.
    package var name: String?
    package var owner: String?
    package var tier: Tier?
    package var stage: Stage?
    package var state: State?
    /// Has a scope of this server.
    package var server: ServerName?

    package init(
        name: String? = nil, owner: String? = nil, tier: Tier? = nil, stage: Stage? = nil,
        state: State? = nil, server: ServerName? = nil
    ) {
        self.name = name
        self.owner = owner
        self.tier = tier
        self.stage = stage
        self.state = state
        self.server = server
    }
}

/// One page of a list of agents, by name.
package struct AgentListing: Sendable {
    package static let pageSize = 50

    package let lines: [AgentLine]
    /// From 1.
    package let page: Int
    package let pages: Int
    /// On all pages.
    package let count: Int
    /// Whether more kinds of refusals came than are counted.
    package let isIncomplete: Bool

    package init(
        lines: [AgentLine], page: Int = 1, pages: Int = 1, count: Int, isIncomplete: Bool = false
    ) {
        self.lines = lines
        self.page = page
        self.pages = pages
        self.count = count
        self.isIncomplete = isIncomplete
    }
}
