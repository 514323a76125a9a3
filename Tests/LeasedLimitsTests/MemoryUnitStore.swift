import InterlockCluster
import InterlockJSON
import InterlockModel
import InterlockTesting
import Synchronization

@testable import InterlockLeasedLimits

/// The store as values, which can be silent or lose commits.
final class MemoryUnitStore: UnitStore {
    private struct State {
        var store = EscrowStore(StoreGeneration("1"))
        var isSilent = false
        var takes = 0
    }
    private let state = Mutex(State())
    private let clock: any Clock

    init(_ clock: any Clock) { self.clock = clock }

    /// A node that has joined the store.
    func join(_ number: Int) throws -> LeasedLimits {
        try change { store throws(EscrowRefusal) in
            try store.join(LimitedCase.node(number), .first)
        }
        return LeasedLimits(LimitedCase.node(number), .first, store: self, clock: clock)
    }

    /// Sends the heartbeat of a node in its first incarnation.
    func beat(_ number: Int, _ limits: LeasedLimits) throws {
        let starved = limits.starved
        let answer = try change { store throws(EscrowRefusal) in
            try store.heartbeat(of: LimitedCase.node(number), .first, starved: starved)
        }
        limits.take(answer)
    }

    func change<Value: Sendable>(
        _ body: @Sendable (inout EscrowStore) throws(EscrowRefusal) -> Value
    ) throws(EscrowRefusal) -> Value {
        let result = state.withLock { state -> Result<Value, EscrowRefusal> in
            do throws(EscrowRefusal) { return .success(try body(&state.store)) } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    var copy: EscrowStore { state.withLock { $0.store } }
    var taken: Int64 { copy.taken(LimitedCase.key) }
    /// The number of transactions that took units.
    var takes: Int { state.withLock { $0.takes } }
    func fallSilent() { state.withLock { $0.isSilent = true } }

    /// Goes back to an earlier state: the commits since are lost.
    func failOver(to earlier: EscrowStore) {
        state.withLock { state in
            state.store = earlier
            state.store.restart(generation: StoreGeneration("2"))
        }
    }

    private func answer<Value: Sendable>(
        _ body: @Sendable (inout EscrowStore) throws(EscrowRefusal) -> Value
    ) throws(UnitStoreFailure) -> Value {
        guard !state.withLock({ $0.isSilent }) else { throw .unknown("silent") }
        do throws(EscrowRefusal) { return try change(body) } catch { throw .refused(error) }
    }

    func take(
        _ takes: [UnitTake]
    ) async throws(UnitStoreFailure) -> [UnitLeaseID: UnitGrant] {
        state.withLock { $0.takes += 1 }
        let now = clock.wall
        return try answer { store throws(EscrowRefusal) in
            var grants: [UnitLeaseID: UnitGrant] = [:]
            for take in takes { grants[take.id] = try store.take(take, at: now) }
            return grants
        }
    }

    func report(_ report: UnitReport) async throws(UnitStoreFailure) {
        let now = clock.wall
        try answer { store throws(EscrowRefusal) in try store.report(report, at: now) }
    }

    func putBack(_ lease: UnitPutBack, most: Int64) async throws(UnitStoreFailure) {
        let now = clock.wall
        try answer { store throws(EscrowRefusal) in try store.putBack(lease, at: now) }
    }

    func finishRestoring(
        _ generation: StoreGeneration, in incarnation: Incarnation
    ) async throws(UnitStoreFailure) {
        try answer { store throws(EscrowRefusal) in
            try store.finishRestoring(
                LimitedCase.node(1), incarnation, generation: generation)
        }
    }
}

extension LeasedLimits {
    /// Waits until the store has all uses.
    func settle() async -> Bool {
        tick()
        return await eventually { isSettled }
    }
}
