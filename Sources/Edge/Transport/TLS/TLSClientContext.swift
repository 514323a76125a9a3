import COpenSSL

/// How servers are asked for TLS: whose signatures of their certificates count. Never changed, so all connections
/// of a client share it.
@safe final class TLSClientContext: @unchecked Sendable {
    private let handle: OpaquePointer

    deinit { unsafe SSL_CTX_free(handle) }

    /// - Parameter authorities: besides those that the system knows.
    /// - Returns: nil where libssl gives no TLS or does not take the authorities.
    init?(_ authorities: TLSAuthorities?) {
        guard let handle = unsafe interlock_tls_client() else { return nil }
        unsafe self.handle = unsafe handle
        guard let pem = authorities?.pem else { return }
        guard unsafe interlock_tls_trust(handle, pem, pem.count) == 1 else { return nil }
    }

    /// The client's side of one connection, before its handshake.
    ///
    /// - Returns: nil for want of memory or for a name that none can have.
    func connect(_ descriptor: Int32, to origin: HTTPOrigin) -> TLSStream? {
        guard
            let stream = unsafe interlock_tls_connect(
                handle, descriptor, origin.name, origin.isAddress ? 1 : 0)
        else { return nil }
        return unsafe TLSStream(stream)
    }
}
