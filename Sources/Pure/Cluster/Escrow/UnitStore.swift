/// The functions of the store that leases of units need, as one node calls them (docs/specs/cluster.md, section 6). Safe
/// from any thread; each may be repeated.
package protocol UnitStore: Sendable {
    /// Leases units, for each request as many as are free and at most those wanted.
    ///
    /// - Parameter takes: of one incarnation; at most `UnitStoreLimits.takes`.
    func take(
        _ takes: [UnitTake]
    ) async throws(UnitStoreFailure) -> [UnitLeaseID: UnitGrant]

    /// Counts what was used of a lease, and frees what was returned.
    func report(_ report: UnitReport) async throws(UnitStoreFailure)

    /// Puts back a lease that the store may have lost.
    ///
    /// - Parameter most: the most units in a window of its limit.
    func putBack(_ lease: UnitPutBack, most: Int64) async throws(UnitStoreFailure)

    /// Says that the node has put back all that it holds in this generation.
    func finishRestoring(
        _ generation: StoreGeneration, in incarnation: Incarnation
    ) async throws(UnitStoreFailure)
}

/// The bounds of one call of `UnitStore`.
package enum UnitStoreLimits {
    /// The most requests for units at once.
    package static let takes = 256
}

/// The reason why a call of `UnitStore` has no result.
package enum UnitStoreFailure: Error, Sendable, Hashable {
    /// Nothing was changed.
    case refused(EscrowRefusal)
    /// The call may have been done, also later.
    case unknown(String)

    package var refusal: EscrowRefusal? { if case .refused(let it) = self { it } else { nil } }
}
