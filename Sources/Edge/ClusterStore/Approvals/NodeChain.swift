package import InterlockCluster

/// The chain as the node has applied it, against which rows are verified. The part of the node that applies entries
/// implements it; any thread may call it.
package protocol NodeChain: Sendable {
    var applied: ChainFollower { get }
    /// Is nil while the node may not call the functions of the store.
    var incarnation: Incarnation? { get }

    /// Reads the entries that the store has after the applied ones, and applies them. Returns also if that fails.
    func catchUp() async

    /// Applies entries that the store returned, in the order of their numbers.
    func apply(_ entries: [StoredEntry]) async
}
