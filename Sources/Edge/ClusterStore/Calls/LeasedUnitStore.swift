package import InterlockCluster

/// The functions of the store as the leases of units call them.
package struct LeasedUnitStore: UnitStore {
    private let store: ClusterStore

    package init(_ store: ClusterStore) { self.store = store }

    package func take(
        _ takes: [UnitTake]
    ) async throws(UnitStoreFailure) -> [UnitLeaseID: UnitGrant] {
        do throws(ClusterCallFailure) { return try await store.take(takes) } catch {
            throw UnitStoreFailure(error)
        }
    }

    package func report(_ report: UnitReport) async throws(UnitStoreFailure) {
        let isKnown: Bool
        do throws(ClusterCallFailure) { isKnown = try await store.report(report) } catch {
            throw UnitStoreFailure(error)
        }
        guard isKnown else { throw .refused(.unknownLease) }
    }

    package func putBack(_ lease: UnitPutBack, most: Int64) async throws(UnitStoreFailure) {
        do throws(ClusterCallFailure) { try await store.putBack(lease, most: most) } catch {
            throw UnitStoreFailure(error)
        }
    }

    /// The store compares the generation of the node's last heartbeat with the one of now; it is not given one.
    package func finishRestoring(
        _ generation: StoreGeneration, in incarnation: Incarnation
    ) async throws(UnitStoreFailure) {
        do throws(ClusterCallFailure) { try await store.finishRestoring(in: incarnation) } catch {
            throw UnitStoreFailure(error)
        }
    }
}

extension UnitStoreFailure {
    fileprivate init(_ failure: ClusterCallFailure) {
        self = failure.unitRefusal.map(Self.refused) ?? .unknown(failure.description)
    }
}
