import InterlockGovernor
import InterlockModel

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
                wasUsed: monitor.hasUsed(address, agent))
        }
    }
}
