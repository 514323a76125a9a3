import InterlockCluster
import InterlockClusterNodes
import InterlockLeasedLimits
import InterlockModel
import Synchronization

/// Connects the leased limits of a node to its heartbeats. Until the node has joined there are none.
final class ServedUnits: NodeListener {
    private struct State {
        var limits: LeasedLimits?
        /// The newest generation of the store in which all leases are put back.
        var restored: StoreGeneration?
    }

    private static let restoreLimit = Duration.seconds(2)
    private let state = Mutex(State())

    var limits: LeasedLimits? { state.withLock { $0.limits } }

    func set(_ limits: LeasedLimits) { state.withLock { $0.limits = limits } }

    var starved: Set<UnitKey> { limits?.starved ?? [] }

    fileprivate func note(restored generation: StoreGeneration) {
        state.withLock { $0.restored = generation }
    }

    func receive(_ notification: NodeNotification) {
        guard let limits else { return }
        switch notification {
        case .answered(let answer):
            limits.note(storeIsReachable: true)
            limits.take(
                UnitHeartbeat(
                    generation: answer.generation, isRestored: answer.isRestored,
                    starved: answer.starved))
        case .unanswered: limits.note(storeIsReachable: false)
        case .lifecycle(.endLease): limits.noteExpelled()
        case .joined(let incarnation): limits.begin(incarnation)
        default: break
        }
    }

    /// Waits until the leases are put back in this generation.
    func restore(in generation: StoreGeneration) async -> Bool {
        guard let limits else { return true }
        limits.take(UnitHeartbeat(generation: generation, isRestored: false, starved: []))
        let wall = ContinuousClock()
        let end = wall.now + Self.restoreLimit
        while state.withLock({ $0.restored }) != generation {
            guard wall.now < end, (try? await Task.sleep(for: .milliseconds(10))) != nil else {
                return false
            }
        }
        return true
    }
}

/// The store of units, but for the word that all is put back: the node says it once runs are put back too.
struct ServedUnitStore: UnitStore {
    let store: any UnitStore
    let units: ServedUnits

    func take(
        _ takes: [UnitTake]
    ) async throws(UnitStoreFailure) -> [UnitLeaseID: UnitGrant] { try await store.take(takes) }

    func report(_ report: UnitReport) async throws(UnitStoreFailure) {
        try await store.report(report)
    }

    func putBack(_ lease: UnitPutBack, most: Int64) async throws(UnitStoreFailure) {
        try await store.putBack(lease, most: most)
    }

    func finishRestoring(
        _ generation: StoreGeneration, in incarnation: Incarnation
    ) async throws(UnitStoreFailure) { units.note(restored: generation) }
}
