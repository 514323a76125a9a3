import COpenSSL
import InterlockModel

/// A public key of an external issuer or a passkey, for one algorithm only.
@safe final class VerificationKey: Sendable, Equatable {
    let algorithm: TokenAlgorithm
    /// The key's bytes, compared for equality.
    private let material: [UInt8]
    /// Is nil for Ed25519, which is verified from its bytes. Set once and never changed: libcrypto may use one key
    /// from many threads.
    private nonisolated(unsafe) let handle: OpaquePointer?

    /// The length of RSA moduli: 2,048 to 8,192 bits.
    private static let modulusBytes = 256...1024
    /// The length of RSA exponents, which must be odd and at least 3, and fast to verify with.
    private static let exponentBytes = 1...4

    deinit { unsafe EVP_PKEY_free(handle) }

    /// - Returns: nil if the numbers are out of those bounds.
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

    /// - Returns: nil if the point is not on P-256.
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

    /// Takes about 30 (RS256) to 100 microseconds (ES256). Returns false for a malformed signature.
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

    /// Does the same for ECDSA signatures in DER, as authenticators make them (SEC 1, section C.5). Each signature
    /// has one encoding, because libcrypto compares it with its own.
    func verifiesDER(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        guard algorithm == .es256 else { return verifies(signature, of: message) }
        return unsafe interlock_sha256_verify(
            handle, message, message.count, signature, signature.count) == 1
    }

    static func == (a: VerificationKey, b: VerificationKey) -> Bool {
        a.algorithm == b.algorithm && a.material == b.material
    }
}
