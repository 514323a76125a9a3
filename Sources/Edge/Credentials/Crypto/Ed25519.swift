import COpenSSL
import CSodium
package import InterlockModel

/// An Ed25519 private key in memory (RFC 8032), between pages that nothing can read. Signs from any thread; about 20
/// microseconds per signature.
@safe package final class Ed25519PrivateKey: Sendable {
    package static let seedCount = 32
    package static let signatureCount = 64

    package let publicKey: PublicKey
    // Set once and never changed: libsodium only reads it.
    private nonisolated(unsafe) let key: UnsafeMutablePointer<UInt8>

    /// - Parameter seed: 32 bytes, the form of RFC 8032's secret key.
    /// - Returns: nil if the count differs or memory is lacking.
    package init?(seed: [UInt8]) {
        var bytes = [UInt8](repeating: 0, count: 32)
        guard seed.count == Ed25519PrivateKey.seedCount,
            let key = unsafe interlock_ed25519_private(seed, &bytes)
        else { return nil }
        guard let publicKey = PublicKey(bytes: bytes) else {
            unsafe interlock_ed25519_free(key)
            return nil
        }
        unsafe self.key = unsafe key
        self.publicKey = publicKey
    }

    deinit { unsafe interlock_ed25519_free(key) }

    /// Returns a signature of 64 bytes. Deterministic: the same message gives the same signature.
    package func sign(_ message: [UInt8]) -> [UInt8] {
        var signature = [UInt8](repeating: 0, count: Ed25519PrivateKey.signatureCount)
        let done = unsafe interlock_ed25519_sign(key, message, message.count, &signature)
        // INVARIANT: an unsigned record must never pass as signed.
        precondition(done == 1, "the signature could not be computed")
        return signature
    }
}

/// Verifies Ed25519 signatures with libcrypto.
package struct OpenSSLVerifier: SignatureVerifier {
    package init() {}

    package func verifies(
        _ signature: [UInt8], of message: [UInt8], by publicKey: [UInt8]
    ) -> Bool {
        guard signature.count == Ed25519PrivateKey.signatureCount, publicKey.count == 32 else {
            return false
        }
        return unsafe interlock_ed25519_verify(publicKey, message, message.count, signature) == 1
    }
}
