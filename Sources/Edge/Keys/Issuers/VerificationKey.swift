import COpenSSL
import InterlockModel

/// A public key of an outside issuer, for one algorithm alone.
@safe final class VerificationKey: Sendable, Equatable {
    let algorithm: TokenAlgorithm
    /// The key's own bytes, by which two are compared.
    private let material: [UInt8]
    /// nil for Ed25519, which is verified from its bytes. Made once, never changed: libcrypto may use
    /// one key from many threads.
    private nonisolated(unsafe) let handle: OpaquePointer?

    /// RSA moduli of 2,048 to 8,192 bits.
    private static let modulusBytes = 256...1024
    /// An exponent that a signature can be checked by quickly: odd, 3 to 2^32.
    private static let exponentBytes = 1...4

    deinit { unsafe EVP_PKEY_free(handle) }

    /// - Returns: nil when the numbers are out of those bounds.
    init?(rsaModulus modulus: [UInt8], exponent: [UInt8]) {
        guard Self.modulusBytes.contains(modulus.count), modulus[0] >= 0x80 || modulus.count > 256,
            modulus[0] != 0, Self.exponentBytes.contains(exponent.count),
            modulus[modulus.count - 1] & 1 == 1, let last = exponent.last, last & 1 == 1,
            exponent != [1], exponent[0] != 0,
            let handle = unsafe interlock_rsa_public(
                modulus, modulus.count, exponent, exponent.count)
        else { return nil }
        algorithm = .rs256
        material = modulus + exponent
        unsafe self.handle = unsafe handle
    }

    /// - Returns: nil when the point is not on P-256.
    init?(p256X x: [UInt8], y: [UInt8]) {
        let point = [4] + x + y
        guard x.count == 32, y.count == 32, let handle = unsafe interlock_p256_public(point) else {
            return nil
        }
        algorithm = .es256
        material = point
        unsafe self.handle = unsafe handle
    }

    init?(ed25519 bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        algorithm = .edDSA
        material = bytes
        unsafe handle = nil
    }

    /// About 30 microseconds (RS256) to 100 (ES256). What is malformed is not verified.
    func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        switch algorithm {
        case .edDSA: OpenSSLVerifier().verifies(signature, of: message, by: material)
        case .rs256:
            unsafe interlock_sha256_verify(
                handle, message, message.count, signature, signature.count) == 1
        case .es256:
            unsafe signature.count == 64
                && interlock_es256_verify(handle, message, message.count, signature) == 1
        }
    }

    /// The same, with signatures of ECDSA in DER, as authenticators make them (SEC 1, section C.5): one spelling
    /// of each, which libcrypto compares with what it would have written itself.
    func verifiesDER(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        guard algorithm == .es256 else { return verifies(signature, of: message) }
        return unsafe interlock_sha256_verify(
            handle, message, message.count, signature, signature.count) == 1
    }

    static func == (a: VerificationKey, b: VerificationKey) -> Bool {
        a.algorithm == b.algorithm && a.material == b.material
    }
}
