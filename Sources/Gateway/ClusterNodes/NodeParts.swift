package import InterlockCluster
package import InterlockModel

/// The world of a node: its store, its disk, its key, and who is informed.
package struct NodeParts: Sendable {
    package let store: any ControlStore
    package let copy: any ChainCopy
    package let signer: any EntrySigner
    package let restorer: any LeaseRestorer
    package let listener: any NodeListener
    package let clock: any Clock
    /// The limits of which the node lacks units, as the next heartbeat names them.
    package var starved: @Sendable () -> Set<UnitKey> = { [] }
    /// Evenly distributed bits, for the pauses between heartbeats.
    package var random: @Sendable () -> UInt64 = { .random(in: 0...UInt64.max) }

    package init(
        store: any ControlStore, copy: any ChainCopy, signer: any EntrySigner,
        restorer: any LeaseRestorer, listener: any NodeListener, clock: any Clock
    ) {
        self.store = store
        self.copy = copy
        self.signer = signer
        self.restorer = restorer
        self.listener = listener
        self.clock = clock
    }
}

/// Puts back what a node holds in the store once another generation of the store has begun: leases of units, and runs.
package protocol LeaseRestorer: Sendable {
    /// Returns true once all that the node holds is put back. The generation is not opened before.
    func restore(
        in generation: StoreGeneration, _ incarnation: Incarnation
    ) async -> Bool
}
