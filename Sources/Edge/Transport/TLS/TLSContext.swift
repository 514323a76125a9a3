import COpenSSL
package import InterlockModel
import Synchronization

/// The gateway's TLS identity, and its requests for client certificates. Immutable; a reload creates a new one.
///
/// INVARIANT: no other address than loopback without TLS; handshakes are bounded in time and number; a bad
/// certificate never takes a good one's place. Kept by `test_tls.py`.
@safe package final class TLSContext: Sendable {
    /// The client certificates that are requested. TLS never requires one: a token is required later, and a workload
    /// identity may be.
    package enum Clients: Sendable {
        case notAsked
        /// Any certificate, identified only by its key.
        case anyKey
        /// Only certificates signed by these authorities (PEM).
        case signed(by: [UInt8])
        /// Nodes of a cluster: TLS 1.3, and a certificate is required. It may be by anyone; the handler judges it
        /// (`RequestHead.certificate`).
        case nodes
    }

    // Shared by all connections; libssl counts references and locks mutable state.
    private nonisolated(unsafe) let handle: OpaquePointer
    private let isForNodes: Bool

    deinit { unsafe SSL_CTX_free(handle) }

    /// - Parameters:
    ///   - certificates: the certificate and its intermediates, in PEM.
    ///   - key: the private key, in PEM.
    package init(certificates: [UInt8], key: [UInt8], clients: Clients) throws(TLSFailure) {
        guard let handle = unsafe interlock_tls_server() else {
            throw TLSFailure(.library, "libssl gives no TLS", help: "is OpenSSL 3 installed?")
        }
        unsafe self.handle = unsafe handle
        isForNodes = if case .nodes = clients { true } else { false }
        try unsafe Self.use(certificates: certificates, key: key, in: handle)
        switch clients {
        case .notAsked: break
        case .anyKey: unsafe interlock_tls_ask_any(handle)
        case .signed(let authority):
            guard unsafe interlock_tls_ask_signed(handle, authority, authority.count) == 1 else {
                throw TLSFailure(
                    .clientAuthority, "there is no certificate in PEM, or one cannot be read",
                    help: "name the certificates that sign clients, in PEM")
            }
        case .nodes: try unsafe Self.limitToNodes(handle)
        }
    }

    /// Makes a context one of connections between nodes, on either side.
    static func limitToNodes(_ handle: OpaquePointer) throws(TLSFailure) {
        guard unsafe interlock_tls_nodes(handle) == 1 else {
            throw TLSFailure(.library, "libssl has no TLS 1.3", help: "is OpenSSL 3 installed?")
        }
    }

    /// Gives a context the certificate and the key that it proves.
    static func use(
        certificates: [UInt8], key: [UInt8], in handle: OpaquePointer
    ) throws(TLSFailure) {
        switch unsafe interlock_tls_use_certificates(handle, certificates, certificates.count) {
        case 1: break
        case 0:
            throw TLSFailure(
                .certificate, "there is no certificate in PEM, or one cannot be read",
                help: "put the server's certificate first, then those that signed it, in PEM")
        default:
            throw TLSFailure(
                .certificate, "its key or signature is too weak for TLS",
                help: "use ECDSA P-256, Ed25519 or RSA of 2048 bits or more, with SHA-256")
        }
        switch unsafe interlock_tls_use_key(handle, key, key.count) {
        case 1: break
        case 0:
            throw TLSFailure(
                .key, "there is no private key in PEM, or it is under a passphrase",
                help: "write it without a passphrase, with mode 0600")
        default:
            throw TLSFailure(
                .key, "it is not the key of the certificate",
                help: "the two files must belong together")
        }
    }

    /// The end of the certificate's validity, or nil if it has none.
    package var end: Timestamp? {
        let seconds = unsafe interlock_tls_not_after(handle)
        guard seconds != .min else { return nil }
        return Timestamp(
            microseconds: seconds.multipliedReportingOverflow(by: 1_000_000).partialValue)
    }

    /// Creates the server's side of one connection, before its handshake.
    func accept(_ descriptor: Int32) -> TLSStream? {
        guard let stream = unsafe interlock_tls_accept(handle, descriptor) else { return nil }
        return unsafe TLSStream(stream, readsCertificate: isForNodes)
    }
}

/// The context for new connections of a listener; a reload replaces it as a whole.
package final class TLSIdentity: Sendable {
    private let current: Mutex<TLSContext>

    package init(_ context: TLSContext) { current = Mutex(context) }

    package func replace(with context: TLSContext) { current.withLock { $0 = context } }

    package var end: Timestamp? { context.end }

    var context: TLSContext { current.withLock { $0 } }
}
