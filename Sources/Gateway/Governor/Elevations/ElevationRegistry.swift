package import InterlockModel
package import InterlockPolicy
import Synchronization

/// The granted elevations that every decision reads; the service replaces them as a whole.
package final class ElevationRegistry: Sendable {
    private struct State {
        var granted: [AgentName: [StoreElevation]] = [:]
        /// Increases with every change.
        var version = 0
        /// Compiled when a decision first needs it under a policy; reset to nil by every change.
        var compiled: (policy: Digest, set: ElevationSet)?
    }

    private let state = Mutex(State())

    package init() {}

    /// Returns the elevations in force, ordered by id; empty, without a copy, for an agent without elevations.
    package func live(of agent: AgentName, at now: Timestamp) -> [StoreElevation] {
        guard let all = state.withLock({ $0.granted[agent] }) else { return [] }
        return all.filter { $0.isLive(at: now) }
    }

    /// Returns all elevations compiled for decisions under this policy, or nil if none is granted.
    package func compiled(under policy: PolicySnapshot) -> ElevationSet? {
        guard let seen = state.withLock({ $0.granted.isEmpty ? nil : $0 }) else { return nil }
        if let known = seen.compiled, known.policy == policy.digest { return known.set }
        // Compiled outside the lock, so that calls that need no compilation never wait for one. Several calls may
        // compile the same set once; a set compiled from an old state is not stored.
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
