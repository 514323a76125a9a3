package import InterlockJSON
package import InterlockModel
import Synchronization

/// The sandboxed runs of this gateway, which a halt ends through their supervisors.
package protocol SandboxedRuns: Sendable {
    /// Orders the supervisors of the matching runs to end them, and returns at once.
    ///
    /// - Parameter isHalted: evaluated now, once for each run that has not ended.
    func endRuns(for halt: OrderID, where isHalted: (RunID, AgentName) -> Bool) -> EndingSandboxes

    /// Asks the kernel about the runs whose supervisors have not reported that nothing is left, and reports those of which
    /// nothing is left, supervisor included. Blocks on the disk.
    func observe(_ ending: EndingSandboxes)
}

/// The kernel's knowledge of the processes of sandboxed runs.
package protocol RunProcessMonitor: Sendable {
    /// Returns true if the supervisor of the run and all processes inside have ended; false if one lives, or if that
    /// cannot be found out. Blocks on the disk.
    func isGone(_ run: RunID) -> Bool
}

/// The storage of which sandboxed runs have not ended, so that the next start can end them.
package protocol SandboxFolders: Sendable {
    /// Makes the folder of a run, with mode 0700, with the name of its agent, and marks it as open; durable on return.
    func open(_ run: RunID, of agent: AgentName) throws(StoreFailure)

    /// Returns the agent of a run, also after its end; nil if the run has no folder here.
    func agent(of run: RunID) throws(StoreFailure) -> AgentName?

    /// Removes the mark. The folder and what it contains are kept.
    func close(_ run: RunID) throws(StoreFailure)

    /// Returns the runs with a mark.
    func opened() throws(StoreFailure) -> [RunID]
}

/// The first records of runs, read from this node's own log.
package protocol RunStartReader: Sendable {
    /// Returns the leaves `run.start` of these runs as the log has them; a run without one is left out.
    ///
    /// - Throws: if the log cannot be read.
    func starts(of runs: Set<RunID>) async throws(StoreFailure) -> [RunID: JSONValue]
}

/// The sandboxed runs that one halt ends, each with what its supervisor has reported.
package final class EndingSandboxes: Sendable {
    package enum Stop: Sendable, Hashable {
        /// The supervisor has not answered.
        case pending
        /// The supervisor has answered after this time, or the kernel in its place; `left` is the number of processes
        /// that had not ended.
        case reported(after: Duration, left: Int)
        /// The supervisor is silent for longer than its lease; the kernel ends a sandbox with its supervisor.
        case expired(after: Duration)

        /// True if nothing of the run is left.
        package var isDone: Bool {
            switch self {
            case .pending: false
            case .reported(_, let left): left == 0
            case .expired: true
            }
        }
    }

    private let stops: Mutex<[RunID: Stop]>

    package init(_ runs: [RunID] = []) {
        stops = Mutex(Dictionary(runs.map { ($0, Stop.pending) }) { first, _ in first })
    }

    package func set(_ stop: Stop, of run: RunID) {
        stops.withLock { if $0[run] != nil { $0[run] = stop } }
    }

    /// The number of runs of which something may be left.
    package var left: Int { stops.withLock { $0.values.count { !$0.isDone } } }

    /// The runs with their state, in the order of their ids.
    package var all: [(run: RunID, stop: Stop)] {
        stops.withLock { stops in
            stops.sorted { $0.key.text < $1.key.text }.map { (run: $0.key, stop: $0.value) }
        }
    }
}
