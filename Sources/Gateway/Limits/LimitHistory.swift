package import InterlockLimits
package import InterlockModel
package import InterlockPolicy

/// What the log has of calls that count against limits.
package protocol LimitTrail: Sendable {
    /// Of the day before `time`, the longest window there is.
    ///
    /// - Throws: when the log cannot be read; then nothing is known.
    func uses(until time: Timestamp) async throws(StoreFailure) -> LoggedUses
}

/// One call as the log has it.
package struct LoggedUse: Sendable, Hashable {
    package let agent: AgentName
    /// As leaves name the tool.
    package let tool: String
    package let at: Timestamp
    /// By the names of limits on sums.
    package let sums: [String: Int64]

    package init(agent: AgentName, tool: String, at: Timestamp, sums: [String: Int64]) {
        self.agent = agent
        self.tool = tool
        self.at = at
        self.sums = sums
    }
}

/// Calls out of the log that count against limits: each that has an intent, but for those that ended as surely not done.
package struct LoggedUses: Sendable {
    private var open: [String: LoggedUse] = [:]
    private var sums: [String: [String: Int64]] = [:]

    package init() {}

    package var all: some Collection<LoggedUse> { open.values }

    /// - Parameter call: its id, as records name it.
    package mutating func reserve(_ call: String, _ limit: String, _ amount: Int64) {
        sums[call, default: [:]][limit, default: 0] += amount
    }

    package mutating func begin(_ call: String, agent: AgentName, tool: String, at: Timestamp) {
        open[call] = LoggedUse(
            agent: agent, tool: tool, at: at, sums: sums.removeValue(forKey: call) ?? [:])
    }

    /// It was surely not done.
    package mutating func undo(_ call: String) {
        open[call] = nil
        sums[call] = nil
    }
}

extension LimitDesk {
    /// Counts what the log has of the last day, by the limits of the policy in force.
    ///
    /// - Parameter isCounted: which of them; all, unless told.
    package func recall(
        _ uses: some Sequence<LoggedUse>, under policy: PolicySnapshot,
        _ isCounted: (LimitDemand, AgentName) -> Bool = { _, _ in true }
    ) {
        var tools: [AgentName: [String: [LimitUse]]] = [:]
        for use in uses {
            let known =
                tools[use.agent]
                ?? Dictionary(
                    policy.callable(by: use.agent).map {
                        ($0.leafName, policy.limits(of: $0, for: use.agent))
                    }, uniquingKeysWith: { first, _ in first })
            tools[use.agent] = known
            let demands = (known[use.tool] ?? []).compactMap { limit -> LimitDemand? in
                let amount = limit.isSum ? use.sums[limit.name] : 1
                return amount.map { LimitDemand(limit, amount: $0) }
            }.filter { isCounted($0, use.agent) }
            recall(demands, of: use.agent, at: use.at)
        }
    }
}
