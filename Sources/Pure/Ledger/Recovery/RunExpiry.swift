package import InterlockModel

/// The time until which the tokens of a run are valid, and the agent of the run.
package struct RunExpiry: Sendable, Hashable {
    package let agent: AgentName
    /// The expiry of the last token, without leeway.
    package private(set) var until: Timestamp

    /// A time later than any that a record can state, yet small enough to add to without overflow.
    private static let farthest = Timestamp(microseconds: 1 << 53)

    package init(agent: AgentName, until: Timestamp) {
        self.agent = agent
        self.until = min(until, Self.farthest)
    }

    /// Creates the term of a run whose tokens are not recorded, as after the start of a new epoch: each was issued
    /// before the run's first record here, and none is valid longer than the maximum lifetime.
    init(agent: AgentName, firstRecord: Timestamp) {
        self.init(
            agent: agent, until: min(firstRecord, Self.farthest) + TokenLife.bounds.upperBound)
    }

    package mutating func extend(to end: Timestamp) { until = max(until, min(end, Self.farthest)) }

    /// The time from which no token of the run is accepted.
    package var end: Timestamp { until + TokenLife.leeway }
}
