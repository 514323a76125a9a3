package import InterlockModel
package import InterlockPolicy
import Synchronization

/// The granted elevations that every decision reads; replaced whole by the desk.
package final class ElevationBoard: Sendable {
    private struct State {
        var granted: [AgentName: [StoreElevation]] = [:]
        /// Made when a decision first asks under a policy; nil again after every change.
        var compiled: (policy: Digest, set: ElevationSet)?
    }

    private let state = Mutex(State())

    package init() {}

    /// Those in force, by id. Empty without a copy for an agent that has none.
    package func live(of agent: AgentName, at now: Timestamp) -> [StoreElevation] {
        guard let all = state.withLock({ $0.granted[agent] }) else { return [] }
        return all.filter { $0.isLive(at: now) }
    }

    /// All of them as decisions under this policy take them; nil when there are none.
    package func compiled(under policy: PolicySnapshot) -> ElevationSet? {
        state.withLock { state in
            if state.granted.isEmpty { return nil }
            if let known = state.compiled, known.policy == policy.digest { return known.set }
            let set = policy.compile(state.granted.values.flatMap { $0 })
            state.compiled = (policy.digest, set)
            return set
        }
    }

    func replace(with elevations: [StoreElevation]) {
        var byAgent: [AgentName: [StoreElevation]] = [:]
        for elevation in elevations.sorted(by: { $0.id < $1.id }) {
            byAgent[elevation.agent, default: []].append(elevation)
        }
        state.withLock { $0 = State(granted: byAgent) }
    }
}
