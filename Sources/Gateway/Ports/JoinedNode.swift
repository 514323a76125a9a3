import Synchronization

/// The node of a cluster for parts that are made before it has joined, such as the audit log. Until then, and on one
/// node always, there is no entry to name. Safe to use from any thread.
package final class JoinedNode: Sendable {
    private let node = Mutex<(any NodePermission)?>(nil)

    package init() {}

    /// The node has joined.
    package func set(_ node: any NodePermission) { self.node.withLock { $0 = node } }

    /// The newest entry that the node has applied; nil before it has joined.
    package var reference: ChainReference? { node.withLock { $0 }?.reference }
}
