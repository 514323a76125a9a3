import InterlockGovernor
import InterlockJSON
package import InterlockModel
package import InterlockPolicy

/// What an agent may do with one thing that it is shown.
package struct AgentRight: Sendable {
    package let address: ToolAddress
    /// Of a call without arguments; guards may decide otherwise of others.
    package let decision: Decision

    package init(address: ToolAddress, decision: Decision) {
        self.address = address
        self.decision = decision
    }
}

extension Gateway {
    /// Everything that the agent is shown, by the policy and the elevations in force.
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
