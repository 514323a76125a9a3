import InterlockCredentials
import InterlockPorts
import InterlockStore
import InterlockTesting
import Testing

/// One store, as two processes or nodes have it open.
final class OpenStores {
    typealias Store = any ApprovalStore & NonceStore

    let first: Store
    let second: Store
    /// True if a use is final, so that no state comes between it and its record.
    let usesAreFinal: Bool
    /// The folder of the file; nil if the stores share a server.
    private let folder: TestFolder?
    private let close: () -> Void

    init(_ kind: StoreKind) async throws {
        switch kind {
        case .sqlite:
            let folder = TestFolder()
            let stores = try (0..<2).map { _ in
                try SQLiteStore(
                    path: folder.path + "/interlock.db",
                    stamp: ControlStamp(
                        node: "gw1", clock: SystemClock(), hashing: OpenSSLHashing()))
            }
            first = stores[0]
            second = stores[1]
            usesAreFinal = false
            self.folder = folder
            close = { for store in stores { store.close() } }
        case .postgres:
            let cluster = try #require(try await StoreCluster())
            let nodes = try await ApprovalNodes(cluster)
            first = nodes.stores[0]
            second = nodes.stores[1]
            usesAreFinal = true
            folder = nil
            close = { cluster.stop() }
        }
    }

    func stop() { close() }
}
