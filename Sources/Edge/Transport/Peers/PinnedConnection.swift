import InterlockModel
import InterlockPorts

/// The node that must be at the other end of a connection, and the TLS settings with this node's own certificate.
struct PinnedConnection: Sendable, Equatable {
    let server: PinnedServer
    let tls: TLSClientContext
    let clock: any Clock

    /// Returns the reason why the other end is not that node; nil if it is. The handshake must be complete.
    func fault(of stream: ByteStream) -> String? {
        guard let certificate = stream.certificate else {
            return "its certificate cannot be read"
        }
        switch certificate.fault(expecting: server.uri, key: server.key, at: clock.wall) {
        case .notValid: return "its certificate is not valid now"
        case .otherName: return "its certificate does not name `\(server.uri)` alone"
        case .otherKey: return "its key is not that of `\(server.uri)`"
        case nil: return nil
        }
    }

    static func == (a: PinnedConnection, b: PinnedConnection) -> Bool {
        a.server == b.server && a.tls === b.tls
    }
}
