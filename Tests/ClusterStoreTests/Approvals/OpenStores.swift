import InterlockCredentials
import InterlockPorts
import InterlockStore
import Testing

/// One store, as two processes or nodes have it open.
final class OpenStores {
    typealias Store = any ApprovalStore & NonceStore

    let first: Store
    let second: Store
    /// True if a use is final, so that no state comes between it and its record.
    let usesAreFinal: Bool
    private let close: () -> Void

    init(_ kind: StoreKind) async throws {
        switch kind {
        case .sqlite:
            let folder = try #require(TestServer.output(of: "printf %s \"$(mktemp -d)\""))
            let stores = try (0..<2).map { _ in
                try SQLiteStore(
                    path: folder + "/interlock.db",
                    stamp: ControlStamp(
                        node: "gw1", clock: SystemClock(), hashing: OpenSSLHashing()))
            }
            first = stores[0]
            second = stores[1]
            usesAreFinal = false
            close = {
                for store in stores { store.close() }
                _ = TestServer.output(of: "rm -rf '\(folder)'")
            }
        case .postgres:
            let cluster = try #require(try await StoreCluster())
            let nodes = try await ApprovalNodes(cluster)
            first = nodes.stores[0]
            second = nodes.stores[1]
            usesAreFinal = true
            close = { cluster.stop() }
        }
    }

    func stop() { close() }
}
