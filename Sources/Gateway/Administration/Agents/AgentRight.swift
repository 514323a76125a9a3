import InterlockGovernor
import InterlockJSON
package import InterlockModel
package import InterlockPolicy

/// A tool that an agent is shown, with the decision about a call of it.
package struct AgentRight: Sendable {
    package let address: ToolAddress
    /// The decision about a call without arguments; guards may decide otherwise for other arguments.
    package let decision: Decision
}

extension Gateway {
    /// Returns everything that the agent is shown, by the policy and the elevations in force.
    func rights(
        of agent: AgentName, _ stage: TrustStage, under policy: PolicySnapshot
    ) -> [AgentRight] {
        let now = clock.wall
        let elevations = elevations.compiled(under: policy)
        let visible = policy.visibleTools(for: agent, stage: stage, elevations: elevations, at: now)
        return visible.map { address in
            let facts = DecisionFacts(
                quarantined: pins.pinned(address, under: policy) == nil, effectiveStage: stage,
                elevations: elevations, counters: [:])
            let decision = policy.decide(
                DecisionRequest(agent: agent, address: address, arguments: [:]), facts: facts,
                now: now)
            return AgentRight(address: address, decision: decision)
        }
    }
}
