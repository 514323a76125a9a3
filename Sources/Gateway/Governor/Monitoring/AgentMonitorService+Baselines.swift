package import InterlockModel
import InterlockMonitoring
package import InterlockPorts
import Synchronization

extension AgentMonitorService {
    /// The interval in minutes at which an agent's baselines are stored.
    static let keepMinutes: Int64 = 5

    /// Restores what was learned before this process.
    ///
    /// - Returns: the agents whose baselines could not be read; they learn anew.
    package func restoreBaselines(
        from store: any BaselineStore, at now: ClockReading
    ) async throws(StoreFailure) -> [AgentName] {
        let kept = try await store.baselines(most: Self.mostAgents)
        return state.withLock { state in
            kept.filter { !state.restore($0, plan, now) }.map(\.agent)
        }
    }

    /// Called every second. Stores the changed baselines of a three-hundredth of the agents.
    package func keepBaselines(
        in store: any BaselineStore, at now: ClockReading
    ) async throws(StoreFailure) {
        let second = now.boot.microseconds / 1_000_000
        let due = state.withLock {
            $0.takeUnkept(place: Int(second % 60), slice: Int(second / 60 % Self.keepMinutes))
        }
        try await keep(due, in: store)
    }

    /// Stores all changed baselines; called at the end of the process.
    package func keepAllBaselines(in store: any BaselineStore) async throws(StoreFailure) {
        try await keep(state.withLock { $0.takeUnkept(place: nil, slice: nil) }, in: store)
    }

    private func keep(
        _ due: [StoredBaseline], in store: any BaselineStore
    ) async throws(StoreFailure) {
        guard !due.isEmpty else { return }
        do throws(StoreFailure) { try await store.keep(baselines: due) } catch {
            state.withLock { $0.giveBack(due.map(\.agent)) }
            throw error
        }
    }
}
