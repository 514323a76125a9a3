package import InterlockModel
package import InterlockPolicy
import Synchronization

/// The granted elevations that every decision reads; replaced whole by the desk.
package final class ElevationRegistry: Sendable {
    private struct State {
        var granted: [AgentName: [StoreElevation]] = [:]
        /// Rises with every change.
        var version = 0
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
        guard let seen = state.withLock({ $0.granted.isEmpty ? nil : $0 }) else { return nil }
        if let known = seen.compiled, known.policy == policy.digest { return known.set }
        // Outside of the lock, so that calls which need nothing new never wait for a compiler. Several
        // may do the same once; what is made from an old state is not kept.
        let set = policy.compile(seen.granted.values.flatMap { $0 })
        state.withLock { state in
            if state.version == seen.version { state.compiled = (policy.digest, set) }
        }
        return set
    }

    package func replace(with elevations: [StoreElevation]) {
        var byAgent: [AgentName: [StoreElevation]] = [:]
        for elevation in elevations.sorted(by: { $0.id < $1.id }) {
            byAgent[elevation.agent, default: []].append(elevation)
        }
        state.withLock { $0 = State(granted: byAgent, version: $0.version + 1) }
    }
}
