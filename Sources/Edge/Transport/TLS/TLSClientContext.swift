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
