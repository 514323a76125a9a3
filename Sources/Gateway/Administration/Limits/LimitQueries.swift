package import InterlockGovernor
package import InterlockModel
import InterlockPolicy

/// Read access to limits and breakers for pages, with visibility applied. Reads memory only.
package protocol LimitQueries: Sendable {
    /// Returns the visible agents, by name, so that the caller can read a page of them.
    func limited(for sight: Visibility) -> [AgentName]

    /// Returns nothing for an agent that is not visible or does not exist.
    func limits(of agent: AgentName, for sight: Visibility) -> [LimitUsage]

    /// Returns the held runs that are visible, by id.
    func holds(for sight: Visibility) -> [RunHold]

    /// The open breakers of servers and tools, by name; every signed-in person sees them.
    var breakers: [OpenBreaker] { get }
}

package struct LimitQueryService: LimitQueries {
    private let gateway: Gateway

    package init(gateway: Gateway) { self.gateway = gateway }

    package func limited(for sight: Visibility) -> [AgentName] {
        sight.seesAll ? gateway.policy.snapshot.agents.keys.sorted() : sight.own.sorted()
    }

    package func limits(of agent: AgentName, for sight: Visibility) -> [LimitUsage] {
        sight.sees(agent) ? gateway.limitStandings(of: agent, under: gateway.policy.snapshot) : []
    }

    package func holds(for sight: Visibility) -> [RunHold] {
        gateway.runHolds.filter { sight.sees($0.agent) }
    }

    package var breakers: [OpenBreaker] { gateway.openBreakers }
}
