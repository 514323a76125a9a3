/// A guard of the protocols that a simulation leaves out on purpose. Each is a wrong answer of the world around the state
/// machines, or a wrong value that they are given: none is a switch in the product.
package enum ProtocolFault: String, Sendable, CaseIterable {
    /// The store reads whether a grant is left, and counts its use in a second statement.
    case useInTwoSteps
    /// A lease counts from the receipt of the answer instead of the sending of the heartbeat.
    case leaseFromReceipt
    /// A heartbeat renews the lease though its head is not applied.
    case renewUnapplied
    /// A silent node is expelled before its lease is over.
    case expelEarly
    /// An ended lease of units is no longer counted.
    case endedLeaseForgotten
    /// Units whose use was reported are no longer counted.
    case reportedUseForgotten
    /// An entry is applied though its signatures do not verify.
    case unsignedEntry
    /// The store puts back entries that do not link to its head, and no node sees that its head fell.
    case repairUnlinked
    /// A run is taken over though its node was not expelled.
    case claimWithoutIncarnation
    /// A grant is used without looking at the entries before its use.
    case useWithoutEntries
    /// The store appends in a new generation before all heads are compared.
    case generationUnchecked
    /// A heartbeat with a head that the store lacks changes nothing in an open generation.
    case headsIgnored
    /// A witnessed call is sent though its quorum has another chain.
    case quorumUncompared
    /// An unknown result of `use` counts as success.
    case unknownIsSuccess
    /// The entry that the store names counts as the node's own use, whichever node and call it is of.
    case useUncompared
    /// Halts are distinguished by their ids alone.
    case haltsByID
    /// A node acts although its wall clock has stepped.
    case steppedClockUsed
}
