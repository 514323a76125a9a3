import InterlockCluster
import InterlockCredentials
import InterlockJSON
import Synchronization

@testable import InterlockClusterStore

/// The stores of approvals of the nodes of a cluster, and the alerts that they raise.
struct ApprovalNodes {
    let stores: [ClusterApprovalStore]
    let alerts = RaisedAlerts()

    init(_ cluster: StoreCluster) async throws {
        let entries = try await cluster.nodes[0].store.entries(after: -1)
        var follower = try StoreOrganisation.follower(entries[0])
        _ = follower.receive(Array(entries.dropFirst()), verifier: StoreVerifier())
        let raised = self.alerts
        stores = cluster.nodes.enumerated().map { place, node in
            Self.approvals(
                of: place + 1, node.store, TestChain(follower, node.store, node.incarnation)
            ) { raised.add($0, $1) }
        }
    }

    /// The approvals of a node, counted from 1.
    static func approvals(
        of node: Int, _ store: ClusterStore, _ chain: TestChain,
        alarm: @escaping @Sendable (_ code: String, _ subject: String) -> Void
    ) -> ClusterApprovalStore {
        ClusterApprovalStore(
            store: store, chain: chain,
            author: RowAuthor(
                keys: StoreOrganisation.sealing, clock: SystemClock(), entropy: SystemEntropy(),
                sign: { StoreOrganisation.sign($0, by: node) }),
            verifier: RowVerifier(keys: StoreOrganisation.sealing, verifier: StoreVerifier()),
            hashing: OpenSSLHashing(), origin: ExactText("acme.example/gw\(node)/1"),
            alarm: alarm)
    }
}

/// The alerts that were raised, each as its code and subject.
final class RaisedAlerts: Sendable {
    private let raised = Mutex<[String]>([])

    var all: [String] { raised.withLock { $0 } }
    func add(_ code: String, _ subject: String) {
        raised.withLock { $0.append("\(code): \(subject)") }
    }
}
