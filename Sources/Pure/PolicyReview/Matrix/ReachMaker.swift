package import InterlockModel
package import InterlockPolicy
import Synchronization

/// Computes what agents of one policy can reach. Agents with the same rules share one computation, because solving
/// guards takes most of the time.
package final class ReachMaker: Sendable {
    /// The facts about an agent that are not in the policy.
    package struct Facts: Sendable, Hashable {
        package let trust: AgentTerms.Trust
        /// The elevations of the store for the agent.
        package let elevations: [StoreElevation]

        package init(trust: AgentTerms.Trust, elevations: [StoreElevation]) {
            self.trust = trust
            self.elevations = elevations
        }
    }

    private let policy: PolicySnapshot
    /// The cells that do not depend on the time.
    private let known = Mutex<[CellShape: ToolReach]>([:])

    package init(_ policy: PolicySnapshot) { self.policy = policy }

    /// Solves guards, which takes a while. Names without an agent are left out.
    package func reach(
        of agents: [AgentName: Facts], at now: Timestamp
    ) -> [AgentName: AgentReach] {
        let regions = PolicyRegions(
            policy, agents: Set(agents.keys), store: agents.values.flatMap(\.elevations))
        var timed: [CellShape: ToolReach] = [:]
        var found: [AgentName: AgentReach] = [:]
        for (name, facts) in agents {
            guard let agent = policy.agents[name] else { continue }
            let terms = agent.terms(facts.trust)
            let reach = Reach(agent: agent, terms: terms, now: now, regions: regions)
            var tools: [(number: Int, reach: ToolReach)] = []
            var isTimed = false
            for tool in regions.tools(of: name) {
                guard let cell = regions.cell(name, tool) else { continue }
                isTimed = isTimed || cell.isTimed
                guard cell.isStanding || !cell.elevations(from: now).isEmpty else { continue }
                let shape = CellShape(cell, of: agent, at: terms.allowed)
                if let known = timed[shape] ?? known.withLock({ $0[shape] }) {
                    tools.append((cell.tool, known))
                    continue
                }
                let made = Self.reach(of: tool, cell, reach)
                if cell.isTimed {
                    timed[shape] = made
                } else {
                    known.withLock { $0[shape] = made }
                }
                tools.append((cell.tool, made))
            }
            found[name] = AgentReach(
                terms: terms, tools: tools.sorted { $0.number < $1.number }, isTimed: isTimed)
        }
        return found
    }

    private static func reach(of tool: ToolAddress, _ cell: Cell, _ reach: Reach) -> ToolReach {
        guard reach.terms.allowed != .observe else {
            return ToolReach(
                denied: "denied, the agent is held", effects: cell.allEffects.effects)
        }
        return reach.row(of: tool).map(ToolReach.init)
            ?? ToolReach(denied: "denied", effects: cell.allEffects.effects)
    }
}
