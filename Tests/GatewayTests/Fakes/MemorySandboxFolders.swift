import InterlockModel
import InterlockPorts
import Synchronization

/// The marks of open sandboxed runs in memory.
final class MemorySandboxFolders: SandboxFolders {
    private let runs = Mutex<Set<RunID>>([])
    private let isFull = Mutex(false)

    /// Refuses further folders.
    func fill() { isFull.withLock { $0 = true } }

    func open(_ run: RunID) throws(StoreFailure) {
        guard !isFull.withLock({ $0 }) else { throw StoreFailure(reason: "no room") }
        runs.withLock { _ = $0.insert(run) }
    }

    func close(_ run: RunID) throws(StoreFailure) { runs.withLock { _ = $0.remove(run) } }

    func opened() throws(StoreFailure) -> [RunID] { runs.withLock { Array($0) } }
}
