/// The functions of the store that runs need, as one node calls them (docs/specs/cluster.md, section 4). Safe from any
/// thread; each may be repeated, and ends within the deadline of the store.
package protocol RunStore: Sendable {
    /// Claims a run that is new, free, or whose node was lost, and says which node serves any other one.
    func claim(_ claim: RunClaim) async throws(RunStoreFailure) -> ClaimAnswer

    /// Makes a change of a run that this node serves.
    func change(_ change: RunChange) async throws(RunStoreFailure)
}

/// The reason why a call of `RunStore` has no result.
package enum RunStoreFailure: Error, Sendable, Hashable {
    /// Nothing was changed.
    case refused(RunTableRefusal)
    /// The call may have been done, also later.
    case unknown(String)

    package var refusal: RunTableRefusal? { if case .refused(let it) = self { it } else { nil } }
}
