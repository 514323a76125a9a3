import InterlockModel
import InterlockPorts
import Synchronization

/// The marks of open sandboxed runs in memory.
final class MemorySandboxFolders: SandboxFolders {
    private let runs = Mutex<Set<RunID>>([])
    private let agents = Mutex<[RunID: AgentName]>([:])
    private let isFull = Mutex(false)

    /// Refuses further folders.
    func fill() { isFull.withLock { $0 = true } }

    func open(_ run: RunID, of agent: AgentName) throws(StoreFailure) {
        guard !isFull.withLock({ $0 }) else { throw StoreFailure(reason: "no room") }
        agents.withLock { $0[run] = agent }
        runs.withLock { _ = $0.insert(run) }
    }

    func agent(of run: RunID) throws(StoreFailure) -> AgentName? { agents.withLock { $0[run] } }

    func close(_ run: RunID) throws(StoreFailure) { runs.withLock { _ = $0.remove(run) } }

    func opened() throws(StoreFailure) -> [RunID] { runs.withLock { Array($0) } }
}
