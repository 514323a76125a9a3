package import InterlockCluster
package import InterlockModel
import Synchronization

/// The calls of the owner: the node that sends heartbeats and follows the chain.
extension RunAssignmentService {
    /// The longest time that `restore` waits for the store.
    private static let restoreLimit = Duration.seconds(2)
    private static let look = Duration.milliseconds(10)

    /// Frees the runs that were not used for a minute. Called at least every second.
    package func tick() { handle([.tick]) }

    /// Takes the answer to a heartbeat: once the store has all that this node serves, nothing is put back any more.
    package func take(_ heartbeat: HeartbeatAnswer) {
        guard heartbeat.isRestored else { return }
        handle([.generation(heartbeat.generation, isRestored: true)])
    }

    /// Puts back the runs that the store may have lost, because another generation of it has begun.
    ///
    /// - Returns: true once the store has all of them. The generation must not be opened before.
    package func restore(
        in generation: StoreGeneration, _ incarnation: Incarnation
    ) async -> Bool {
        guard state.withLock({ $0.router.incarnation == incarnation }) else { return false }
        handle([.generation(generation, isRestored: false)])
        let wall = ContinuousClock()
        let end = wall.now + Self.restoreLimit
        while state.withLock({ $0.router.restoredGeneration }) != generation {
            guard wall.now < end, (try? await Task.sleep(for: Self.look)) != nil else {
                return false
            }
        }
        return true
    }

    /// The run has ended, as an entry of the control chain says.
    package func end(_ run: RunID) { handle([.runEnded(run)]) }

    /// This node's incarnation has ended: other nodes may serve what it served.
    package func noteExpelled() {
        let incarnation = state.withLock { state in
            state.queue.removeAll()
            return state.router.incarnation
        }
        handle([.joined(incarnation)])
    }

    /// Begins the next incarnation.
    package func begin(_ incarnation: Incarnation) {
        state.withLock { $0.queue.removeAll() }
        handle([.joined(incarnation)])
    }

    /// Gives the runs away as they fall unused, and takes no new ones. Messages for new runs get `run-moving`.
    package func drain() { handle([.drain]) }

    /// Drains, and waits until no run is served here.
    ///
    /// - Parameter limit: the time after which what is left is lost with this node.
    package func close(within limit: Duration) async {
        drain()
        let wall = ContinuousClock()
        let end = wall.now + limit
        while counts.assigned > 0, wall.now < end {
            guard (try? await Task.sleep(for: Self.look)) != nil else { return }
            tick()
        }
    }
}
