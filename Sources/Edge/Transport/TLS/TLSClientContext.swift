import COpenSSL

/// The TLS settings for connections to servers: the accepted certificate authorities. Immutable, so all connections of
/// a client share it.
@safe final class TLSClientContext: @unchecked Sendable {
    private let handle: OpaquePointer

    deinit { unsafe SSL_CTX_free(handle) }

    /// - Parameter authorities: authorities in addition to those of the system.
    /// - Returns: nil if libssl cannot create a context or does not accept the authorities.
    init?(_ authorities: TLSAuthorities?) {
        guard let handle = unsafe interlock_tls_client() else { return nil }
        unsafe self.handle = unsafe handle
        guard let pem = authorities?.pem else { return }
        guard unsafe interlock_tls_trust(handle, pem, pem.count) == 1 else { return nil }
    }

    /// The settings for connections to other nodes of a cluster: TLS 1.3, this node's own certificate, and no authority;
    /// the certificate of the other end is compared with what is known of it (`PinnedConnection`).
    ///
    /// - Parameters:
    ///   - certificates: the node's certificate and its intermediates, in PEM.
    ///   - key: its private key, in PEM.
    init(certificates: [UInt8], key: [UInt8]) throws(TLSFailure) {
        guard let handle = unsafe interlock_tls_connecting() else {
            throw TLSFailure(.library, "libssl gives no TLS", help: "is OpenSSL 3 installed?")
        }
        unsafe self.handle = unsafe handle
        try unsafe TLSContext.limitToNodes(handle)
        try unsafe TLSContext.use(certificates: certificates, key: key, in: handle)
    }

    /// Creates this node's side of a connection to another one, before its handshake.
    ///
    /// - Returns: nil if memory is exhausted.
    func connectToNode(_ descriptor: Int32) -> TLSStream? {
        guard let stream = unsafe interlock_tls_connect_node(handle, descriptor) else {
            return nil
        }
        return unsafe TLSStream(stream, readsCertificate: true)
    }

    /// Creates the client's side of one connection, before its handshake.
    ///
    /// - Returns: nil if memory is exhausted or the name is invalid.
    func connect(_ descriptor: Int32, to origin: HTTPOrigin) -> TLSStream? {
        guard
            let stream = unsafe interlock_tls_connect(
                handle, descriptor, origin.name, origin.isAddress ? 1 : 0)
        else { return nil }
        return unsafe TLSStream(stream)
    }
}
