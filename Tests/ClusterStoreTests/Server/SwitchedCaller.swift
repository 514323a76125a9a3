import InterlockClusterStore
import Synchronization

/// Calls the store unless the node is cut off from it.
final class SwitchedCaller: StoreCaller {
    private let caller: any StoreCaller
    private let cut = Atomic(false)

    init(_ caller: any StoreCaller) { self.caller = caller }

    func set(isCut: Bool) { cut.store(isCut, ordering: .relaxed) }

    func run(
        _ statement: String, _ values: [StoreValue]
    ) async throws(StoreCallFailure) -> [[StoreColumn]] {
        guard !cut.load(ordering: .relaxed) else { throw .unknown("the store is not reached") }
        return try await caller.run(statement, values)
    }
}
