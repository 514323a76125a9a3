import COpenSSL

/// Certificate authorities of servers, in PEM: at least one, all readable.
package struct TLSAuthorities: Hashable, Sendable {
    let pem: [UInt8]

    /// - Throws: an error if there is no certificate, or one cannot be read.
    package init(pem: [UInt8]) throws(TLSFailure) {
        guard let handle = unsafe interlock_tls_server() else {
            throw TLSFailure(.library, "libssl gives no TLS", help: "is OpenSSL 3 installed?")
        }
        defer { unsafe SSL_CTX_free(handle) }
        guard unsafe interlock_tls_ask_signed(handle, pem, pem.count) == 1 else {
            throw TLSFailure(
                .serverAuthority, "there is no certificate in PEM, or one cannot be read",
                help: "name the certificates that sign servers, in PEM")
        }
        self.pem = pem
    }
}
