package import InterlockModel
import Synchronization

/// The calls of hosts between their event and the record that closes them, by run.
///
/// INVARIANT: nothing is added to a run once its calls were ended, so `run.end` can follow. Kept by `HookSessionTests`.
package final class HostCallRegistry: Sendable {
    /// The most open calls of one run: calls that a host refused after they were allowed stay until its session ends.
    package static let most = 256
    /// The most bytes of arguments of the open calls of one run, and of all runs. The gateway holds them in several forms.
    package static let (mostBytes, mostBytesOfAll) = (16 << 20, 128 << 20)

    private struct Run {
        var calls: [CallID: (call: HostCall, bytes: Int)] = [:]
        /// The bytes of all of them.
        var bytes = 0
        var isEnding = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }
    private struct State {
        var runs: [RunID: Run] = [:]
        /// The bytes of all calls of all runs.
        var bytes = 0
    }
    private let state = Mutex(State())

    /// - Parameter bytes: the bytes of its arguments.
    /// - Returns: false if the run ends, or has too many or too large open calls.
    package func add(_ call: HostCall, _ id: CallID, bytes: Int, of run: RunID) -> Bool {
        state.withLock { state in
            var found = state.runs[run] ?? Run()
            guard !found.isEnding, found.calls.count < Self.most,
                found.bytes + bytes <= Self.mostBytes, state.bytes + bytes <= Self.mostBytesOfAll
            else { return false }
            found.calls[id] = (call, bytes)
            found.bytes += bytes
            state.bytes += bytes
            state.runs[run] = found
            return true
        }
    }

    package func count(of run: RunID) -> Int {
        state.withLock { $0.runs[run]?.calls.count ?? 0 }
    }

    /// Called once the call's end is on record, or cannot be.
    package func remove(_ id: CallID, of run: RunID) {
        let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            if let gone = state.runs[run]?.calls.removeValue(forKey: id) {
                state.runs[run]?.bytes -= gone.bytes
                state.bytes -= gone.bytes
            }
            guard let left = state.runs[run], left.calls.isEmpty else { return [] }
            if left.isEnding {
                state.runs[run]?.waiters = []
            } else {
                state.runs[run] = nil
            }
            return left.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Ends all calls of a run, and waits until their ends are on record. The run takes no further calls until `forget`.
    func end(of run: RunID) async {
        let open = state.withLock { state in
            state.runs[run, default: Run()].isEnding = true
            return Array(state.runs[run]?.calls.values ?? [:].values)
        }
        for (call, _) in open { call.endUnknown() }
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let isDone = state.withLock { state in
                guard state.runs[run]?.calls.isEmpty == false else { return true }
                state.runs[run]?.waiters.append(continuation)
                return false
            }
            if isDone { continuation.resume() }
        }
    }

    /// Called once the run's end is on record: its token is not valid then.
    func forget(_ run: RunID) {
        state.withLock { state in
            state.bytes -= state.runs.removeValue(forKey: run)?.bytes ?? 0
        }
    }
}
