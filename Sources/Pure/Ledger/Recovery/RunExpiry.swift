package import InterlockModel

/// Until when the tokens of a run can act, and whose they are.
package struct RunExpiry: Sendable, Hashable {
    package let agent: AgentName
    /// The last token's end, without leeway.
    package private(set) var until: Timestamp

    /// Farther than any record can say, and near enough to be added to.
    private static let farthest = Timestamp(microseconds: 1 << 53)

    package init(agent: AgentName, until: Timestamp) {
        self.agent = agent
        self.until = min(until, Self.farthest)
    }

    /// Of a run whose tokens are not on record, as after the beginning of a new epoch: each was issued
    /// before the run's first record here, and none lives longer than the longest.
    init(agent: AgentName, firstRecord: Timestamp) {
        self.init(
            agent: agent, until: min(firstRecord, Self.farthest) + TokenLife.bounds.upperBound)
    }

    package mutating func extend(to end: Timestamp) { until = max(until, min(end, Self.farthest)) }

    /// From when on no token of the run counts any more.
    package var end: Timestamp { until + TokenLife.leeway }
}
