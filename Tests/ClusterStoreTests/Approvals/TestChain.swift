import InterlockCluster
import Synchronization

@testable import InterlockClusterStore

/// The chain of a node of a test, which reads the entries of its store when it is asked to.
final class TestChain: NodeChain {
    let incarnation: Incarnation?
    private let store: ClusterStore
    private let follower: Mutex<ChainFollower>

    init(_ follower: ChainFollower, _ store: ClusterStore, _ incarnation: Incarnation) {
        self.store = store
        self.incarnation = incarnation
        self.follower = Mutex(follower)
    }

    var applied: ChainFollower { follower.withLock { $0 } }

    func catchUp() async {
        while let entries = try? await store.entries(after: applied.head.number), !entries.isEmpty {
            let head = applied.head
            await apply(entries)
            guard applied.head != head else { return }
        }
    }

    func apply(_ entries: [StoredEntry]) async {
        follower.withLock { _ = $0.receive(entries, verifier: StoreVerifier()) }
    }
}
