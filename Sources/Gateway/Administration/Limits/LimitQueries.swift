package import InterlockEvidence
package import InterlockGovernor
import InterlockLimits
package import InterlockModel
package import InterlockPolicy

/// Read access to limits and breakers for pages, with visibility applied. Reads memory only.
package protocol LimitQueries: Sendable {
    /// Returns the visible agents, by name, so that the caller can read a page of them.
    func limited(for visibility: Visibility) -> [AgentName]

    /// Returns nothing for an agent that is not visible or does not exist.
    func limits(of agent: AgentName, for visibility: Visibility) -> [LimitUsage]

    /// Returns the held runs that are visible, by id.
    func holds(for visibility: Visibility) -> [RunHold]

    /// The open breakers of servers and tools, by name; every signed-in person sees them.
    var breakers: [OpenBreaker] { get }
}

package struct LimitQueryService: LimitQueries {
    private let gateway: Gateway

    package init(gateway: Gateway) { self.gateway = gateway }

    package func limited(for visibility: Visibility) -> [AgentName] {
        visibility.seesAll ? gateway.policy.snapshot.agents.keys.sorted() : visibility.own.sorted()
    }

    package func limits(of agent: AgentName, for visibility: Visibility) -> [LimitUsage] {
        visibility.sees(agent)
            ? gateway.limitStandings(of: agent, under: gateway.policy.snapshot) : []
    }

    package func holds(for visibility: Visibility) -> [RunHold] {
        gateway.runHolds.filter { visibility.sees($0.agent) }
    }

    package var breakers: [OpenBreaker] { gateway.openBreakers }
}

/// An agent's usage of one of its limits.
package struct LimitUsage: Sendable, Hashable {
    package let use: LimitUse
    /// The amount counted in the window that ends now.
    package let taken: Int64
    /// The limit at the agent's trust stage.
    package let most: Int64
}

extension Gateway {
    /// Returns the usage of each limit, sorted by limit and window; those of the configuration come last.
    func limitStandings(of agent: AgentName, under policy: PolicySnapshot) -> [LimitUsage] {
        guard let terms = terms(of: agent, in: policy) else { return [] }
        let uses = policy.limits(of: agent).sorted { ($0.key, $0.seconds) < ($1.key, $1.seconds) }
        let daily = DailyLimit.allCases.map(use)
        return limits.status(uses, of: agent).map { use, taken in
            LimitUsage(use: use, taken: taken, most: terms.most(use.stated))
        }
            + limits.status(daily, of: agent).map { use, taken in
                LimitUsage(use: use, taken: taken, most: use.stated)
            }
            + recipients.status(of: agent, at: clock.wall).map { tool, limit, taken in
                let use = LimitUse(
                    name: RecipientLimitService.name(of: tool), seconds: limit.most.seconds,
                    stated: limit.most.count)
                return LimitUsage(use: use, taken: taken, most: use.stated)
            }
    }
}
