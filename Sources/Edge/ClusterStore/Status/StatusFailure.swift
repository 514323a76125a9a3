package import InterlockCluster

/// The reason why the state of the store was not read.
package enum StatusFailure: Error, Hashable, Sendable {
    case store(StoreCallFailure)
    case unreadable(StoreRowFault)

    /// The failure of reading a row.
    init(_ failure: ClusterCallFailure) {
        if case .unreadable(let fault) = failure {
            self = .unreadable(fault)
        } else {
            self = .store(.unknown(failure.description))
        }
    }
}
