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

/// An agent's use of one tool that it is granted (R130). Calls are counted since the start of this process; whether it
/// was ever used is remembered across restarts.
package struct AgentUse: Sendable, Hashable {
    package enum Kind: String, Sendable {
        case used
        /// It was used before this process started, but not since.
        case earlier
        /// It was called, and every call was refused.
        case refused
        case unused
    }

    /// The number of calls that were let through since the start.
    package let calls: Int64
    /// The number of calls that were refused since the start.
    package let refused: Int64
    package let wasUsed: Bool

    package var kind: Kind {
        if calls > 0 { return .used }
        if wasUsed { return .earlier }
        return refused > 0 ? .refused : .unused
    }
}

extension Gateway {
    /// Returns the agent's use of each of these, in their order.
    func uses(of agent: AgentName, _ addresses: [ToolAddress]) -> [AgentUse] {
        var calls: [ToolAddress: (done: Int64, refused: Int64)] = [:]
        for (call, count) in tally.calls where call.agent == agent {
            guard let address = call.address else { continue }
            if call.end == .deny {
                calls[address, default: (0, 0)].refused += count
            } else {
                calls[address, default: (0, 0)].done += count
            }
        }
        return addresses.map { address in
            AgentUse(
                calls: calls[address]?.done ?? 0, refused: calls[address]?.refused ?? 0,
                wasUsed: monitors.agents.hasUsed(address, agent))
        }
    }
}
