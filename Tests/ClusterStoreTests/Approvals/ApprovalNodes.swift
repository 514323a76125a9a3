import InterlockCluster
import InterlockCredentials
import InterlockJSON
import InterlockTesting
import Synchronization

@testable import InterlockClusterStore

/// The stores of approvals of the nodes of a cluster, and the alerts that they raise.
struct ApprovalNodes {
    let stores: [ClusterApprovalStore]
    let alerts = RaisedAlerts()

    init(_ cluster: StoreCluster) async throws {
        let keys = StoreKeys(
            sealing: OpenSSLRowCipher([UInt8](repeating: 7, count: 32)).unwrapped
        ).unwrapped
        let entries = try await cluster.nodes[0].store.entries(after: -1)
        var follower = try StoreOrganisation.follower(entries[0])
        _ = follower.receive(Array(entries.dropFirst()), verifier: StoreVerifier())
        let raised = self.alerts
        stores = cluster.nodes.enumerated().map { place, node in
            ClusterApprovalStore(
                store: node.store, chain: TestChain(follower, node.store, node.incarnation),
                author: RowAuthor(
                    keys: keys, clock: SystemClock(), entropy: SystemEntropy(),
                    sign: { StoreOrganisation.sign($0, by: place + 1) }),
                verifier: RowVerifier(keys: keys, verifier: StoreVerifier()),
                hashing: OpenSSLHashing(), origin: ExactText("acme.example/gw\(place + 1)/1"),
                alarm: { raised.add($0, $1) })
        }
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
