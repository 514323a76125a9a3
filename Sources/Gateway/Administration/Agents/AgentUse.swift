import InterlockGovernor
import InterlockModel

/// How far an agent has used one thing that it is granted (R130). Calls are counted since the start of this process;
/// that it was used at all outlives it.
package struct AgentUse: Sendable, Hashable {
    package enum Kind: String, Sendable {
        case used
        /// Not since the start.
        case earlier
        /// Called, and each time refused.
        case refused
        case unused
    }

    /// Let through, since the start.
    package let calls: Int64
    /// Since the start.
    package let refused: Int64
    package let wasUsed: Bool

    package init(calls: Int64, refused: Int64, wasUsed: Bool) {
        self.calls = calls
        self.refused = refused
        self.wasUsed = wasUsed
    }

    package var kind: Kind {
        if calls > 0 { return .used }
        if wasUsed { return .earlier }
        return refused > 0 ? .refused : .unused
    }
}

extension Gateway {
    /// What the agent used, of each of these in their order.
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
                wasUsed: monitor.hasUsed(address, agent))
        }
    }
}
