import InterlockCluster
import InterlockClusterNodes
import InterlockClusterStore

/// The chain of the running node, for the rows of its store.
struct ServedChain: NodeChain {
    let service: NodeService

    var applied: ChainFollower { service.follower }
    var incarnation: Incarnation? { service.incarnation }

    func catchUp() async { await service.catchUp() }

    func apply(_ entries: [StoredEntry]) async { await service.apply(entries) }
}
