import InterlockGovernor
import InterlockModel
package import InterlockPolicy

/// An agent's usage of one of its limits.
package struct LimitUsage: Sendable, Hashable {
    package let use: LimitUse
    /// The amount counted in the window that ends now.
    package let taken: Int64
    /// The limit at the agent's trust stage.
    package let most: Int64
}

extension Gateway {
    /// Returns the usage of each limit, sorted by limit and window.
    func limitStandings(of agent: AgentName, under policy: PolicySnapshot) -> [LimitUsage] {
        let percent = trust.stage(of: agent).quotaPercent
        let uses = policy.limits(of: agent).sorted { ($0.key, $0.seconds) < ($1.key, $1.seconds) }
        return limits.standing(uses, of: agent).map { use, taken in
            LimitUsage(use: use, taken: taken, most: use.most(percent))
        }
    }
}
