import InterlockModel
import InterlockPorts
import Synchronization

/// Processes of runs that live until the test ends them.
final class FakeRunProcesses: RunProcessMonitor {
    private let gone = Mutex<Set<RunID>>([])

    /// Ends the supervisor of a run and everything inside.
    func end(_ run: RunID) { gone.withLock { _ = $0.insert(run) } }

    func isGone(_ run: RunID) -> Bool { gone.withLock { $0.contains(run) } }
}
