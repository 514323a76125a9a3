package import InterlockCluster

/// The functions of the store as the assignment of runs calls them.
package struct AssignedRunStore: RunStore {
    private let store: ClusterStore

    package init(_ store: ClusterStore) { self.store = store }

    package func claim(_ claim: RunClaim) async throws(RunStoreFailure) -> ClaimAnswer {
        do throws(ClusterCallFailure) { return try await store.claim(claim) } catch {
            throw RunStoreFailure(error)
        }
    }

    package func change(_ change: RunChange) async throws(RunStoreFailure) {
        do throws(ClusterCallFailure) { try await store.change(change) } catch {
            throw RunStoreFailure(error)
        }
    }
}

extension RunStoreFailure {
    fileprivate init(_ failure: ClusterCallFailure) {
        self = failure.runRefusal.map(Self.refused) ?? .unknown(failure.description)
    }
}
