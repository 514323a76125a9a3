import InterlockCluster
import InterlockModel
import InterlockTesting
import Synchronization

/// The store of runs as a value, which can be silent, late or lose commits.
final class MemoryRunStore: RunStore {
    private struct State {
        var table = RunTable()
        var isSilent = false
        /// Calls that commit and are not answered.
        var losesAnswers = false
        var isHeld = false
        var claims = 0
    }
    private let state = Mutex(State())

    func change<Value: Sendable>(
        _ body: @Sendable (inout RunTable) throws(RunTableRefusal) -> Value
    ) throws(RunTableRefusal) -> Value {
        let result = state.withLock { state -> Result<Value, RunTableRefusal> in
            do throws(RunTableRefusal) { return .success(try body(&state.table)) } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    var copy: RunTable { state.withLock { $0.table } }
    /// The number of claims that came.
    var claims: Int { state.withLock { $0.claims } }
    func set(silent: Bool) { state.withLock { $0.isSilent = silent } }
    func set(losesAnswers: Bool) { state.withLock { $0.losesAnswers = losesAnswers } }
    /// Calls wait while this is true.
    func set(held: Bool) { state.withLock { $0.isHeld = held } }

    /// Goes back to an earlier state: the commits since are lost.
    func failOver(to earlier: RunTable, _ generation: StoreGeneration) {
        state.withLock { state in
            state.table = earlier
            state.table.restart(generation: generation)
        }
    }

    private func answer<Value: Sendable>(
        _ body: @Sendable (inout RunTable) throws(RunTableRefusal) -> Value
    ) async throws(RunStoreFailure) -> Value {
        while state.withLock({ $0.isHeld }) { try? await Task.sleep(for: .milliseconds(2)) }
        guard !state.withLock({ $0.isSilent }) else { throw .unknown("silent") }
        let value: Value
        do throws(RunTableRefusal) { value = try change(body) } catch { throw .refused(error) }
        guard !state.withLock({ $0.losesAnswers }) else { throw .unknown("no answer") }
        return value
    }

    func claim(_ claim: RunClaim) async throws(RunStoreFailure) -> ClaimAnswer {
        state.withLock { $0.claims += 1 }
        return try await answer { table throws(RunTableRefusal) in try table.claim(claim) }
    }

    func change(_ change: RunChange) async throws(RunStoreFailure) {
        try await answer { table throws(RunTableRefusal) in try table.change(change) }
    }
}
