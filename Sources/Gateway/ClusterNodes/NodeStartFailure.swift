package import InterlockCluster

/// The reason why a node cannot begin with the copy of its chain.
package enum NodeStartFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The copy has no first entry: the node has not joined.
    case noChain
    case firstEntry(EntryRejection)
    case copy(ChainCopyFailure)

    package var description: String {
        switch self {
        case .noChain: "the node has no copy of the cluster's chain"
        case .firstEntry(.fault(let fault)): fault.description
        case .firstEntry(.unknownKind(let number, let kind)):
            "cannot judge entry \(number) of kind `\(kind)`"
        case .copy(let failure): failure.description
        }
    }
}
