import InterlockCluster
import InterlockClusterNodes
import InterlockModel
import InterlockRunAssignment
import Synchronization

/// Connects the assignment of runs to the heartbeats and entries of the node. Until the node has joined it serves no run.
final class ServedRuns: NodeListener {
    private let state = Mutex<RunAssignmentService?>(nil)

    var service: RunAssignmentService? { state.withLock { $0 } }

    func set(_ service: RunAssignmentService) { state.withLock { $0 = service } }

    func receive(_ notification: NodeNotification) {
        guard let service else { return }
        switch notification {
        case .answered(let answer): service.take(answer)
        case .lifecycle(.endLease): service.noteExpelled()
        case .lifecycle(.refuseNewRuns): service.drain()
        case .joined(let incarnation): service.begin(incarnation)
        case .applied(let entry, .changed):
            switch entry.statement.content {
            case .narrowing(.expelled(let node, _)): service.expel(node)
            case .narrowing(.runEnd(let run)): service.end(run)
            case .genesis, .narrowing, .widening: break
            }
        default: break
        }
    }
}

/// Puts back what the node holds: the leases of its limits, and its runs.
struct ServedHoldings: LeaseRestorer {
    let units: ServedUnits
    let runs: ServedRuns

    func restore(in generation: StoreGeneration, _ incarnation: Incarnation) async -> Bool {
        async let leases = units.restore(in: generation)
        let areRunsBack = await runs.service?.restore(in: generation, incarnation) ?? true
        return await leases && areRunsBack
    }
}
