package import InterlockModel

/// What the log has of an agent, for pages.
package protocol AgentTrail: Sendable {
    /// Its newest records of calls, the newest first. Each was read in the log; what was written in the last
    /// seconds may be missing. The work does not grow with the log.
    ///
    /// - Parameter refusals: only calls that were refused; those that are further back than some thousand
    ///   records of the agent are not found.
    func lately(
        _ agent: AgentName, refusals: Bool, most: Int
    ) async throws(StoreFailure) -> [TrailEntry]
}

/// One record of a call, as far as a list tells it.
package struct TrailEntry: Sendable, Hashable {
    package let index: UInt64
    package let at: Timestamp
    package let type: String
    /// As leaves name it; absent in the record of an end.
    package let tool: String?
    /// The verdict, why it was refused, or how it ended.
    package let outcome: String?
    package let rule: String?
    /// Where the rule stands.
    package let place: String?
    package let run: String?
    package let call: String?
    /// Calls that it stands for.
    package let count: Int64

    package init(
        index: UInt64, at: Timestamp, type: String, tool: String? = nil, outcome: String? = nil,
        rule: String? = nil, place: String? = nil, run: String? = nil, call: String? = nil,
        count: Int64 = 1
    ) {
        self.index = index
        self.at = at
        self.type = type
        self.tool = tool
        self.outcome = outcome
        self.rule = rule
        self.place = place
        self.run = run
        self.call = call
        self.count = count
    }
}
