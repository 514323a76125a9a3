package import InterlockGovernor
package import InterlockModel
import InterlockPolicy

/// What agents have taken of their limits, and what breakers hold back, for whoever may see it. From memory.
package protocol LimitQueries: Sendable {
    /// The agents in sight, by name, of which a page is read.
    func limited(for sight: Visibility) -> [AgentName]

    /// None for an agent that is out of sight, or not there.
    func limits(of agent: AgentName, for sight: Visibility) -> [LimitUsage]

    /// Runs in sight, by id.
    func holds(for sight: Visibility) -> [RunHold]

    /// Of servers and tools, by name; everybody sees them.
    var breakers: [OpenBreaker] { get }
}

package struct LimitQueryService: LimitQueries {
    private let gateway: Gateway

    package init(gateway: Gateway) { self.gateway = gateway }

    package func limited(for sight: Visibility) -> [AgentName] {
        sight.seesAll ? gateway.policy.snapshot.agents.keys.sorted() : sight.own.sorted()
    }

    package func limits(of agent: AgentName, for sight: Visibility) -> [LimitUsage] {
        sight.sees(agent)
            ? gateway.limitStandings(of: agent, under: gateway.policy.snapshot) : []
    }

    package func holds(for sight: Visibility) -> [RunHold] {
        gateway.runHolds.filter { sight.sees($0.agent) }
    }

    package var breakers: [OpenBreaker] { gateway.openBreakers }
}
