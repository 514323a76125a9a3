package import InterlockLimits
package import InterlockModel
package import InterlockPolicy

/// Maps calls in a log to the limits that they count against under one policy. Caches its lookups.
package struct LimitMap: Sendable {
    package let policy: PolicySnapshot
    private var agents: [AgentName: Known] = [:]

    private struct Known: Sendable {
        let tools: [String: [LimitUse]]
        /// The limits of a tool that the policy does not contain, for instance one that an elevation granted.
        let others: [LimitUse]
    }

    package init(_ policy: PolicySnapshot) { self.policy = policy }

    /// - Parameters:
    ///   - tool: the tool's name as in records.
    ///   - sums: the units that the log assigns to the call for limits on sums, by their names in records.
    package mutating func demands(
        of tool: String, by agent: AgentName, sums: [String: Int64]
    ) -> [LimitDemand] {
        let known = known(agent)
        return (known.tools[tool] ?? known.others).compactMap { use in
            let amount = use.isSum ? sums[use.name.leafText] : 1
            return amount.map { LimitDemand(use, amount: $0) }
        }
    }

    private mutating func known(_ agent: AgentName) -> Known {
        if let known = agents[agent] { return known }
        let known = Known(
            tools: Dictionary(
                policy.callable(by: agent).map { ($0.leafName, policy.limits(of: $0, for: agent)) },
                uniquingKeysWith: { first, _ in first }),
            others: policy.limits(of: agent).filter { $0.name == LimitUse.allCalls })
        agents[agent] = known
        return known
    }
}

extension LimitUse {
    /// The limit that every call of an agent counts against.
    static let allCalls = "calls"
}

extension PolicySnapshot {
    /// Returns the windows in which an agent's calls are counted.
    func limitWindows(of agent: AgentName) -> Set<LimitWindow> {
        Set(limits(of: agent).map { LimitWindow(limit: $0.key, seconds: $0.seconds) })
    }
}
