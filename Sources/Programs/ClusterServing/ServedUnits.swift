import InterlockCluster
import InterlockClusterNodes
import InterlockLeasedLimits
import Synchronization

/// Connects the leased limits of a node to its heartbeats. Until the node has joined there are none.
final class ServedUnits: NodeListener, LeaseRestorer {
    private let units = Mutex<LeasedLimits?>(nil)

    var limits: LeasedLimits? { units.withLock { $0 } }

    func set(_ limits: LeasedLimits) { units.withLock { $0 = limits } }

    var starved: Set<UnitKey> { limits?.starved ?? [] }

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

    /// The limits say themselves that their leases are put back, after the heartbeat that names the generation.
    func restore(in generation: StoreGeneration, _ incarnation: Incarnation) async -> Bool {
        limits == nil
    }
}
