import COpenSSL
import InterlockJSON
import InterlockModel

/// A private key that authenticates this gateway to an authorization server: Ed25519, P-256, or RSA of 2,048 to 8,192
/// bits.
@safe final class AssertionKey: Sendable {
    let algorithm: TokenAlgorithm
    // Set once and never changed: libcrypto may use one key from many threads.
    private nonisolated(unsafe) let handle: OpaquePointer

    private static let room = 1024
    private static let lifeSeconds: Int64 = 60

    /// - Parameter pem: PKCS#8 or the older forms, without a passphrase.
    /// - Throws: `malformed`; the message contains nothing of the text.
    init(pem: [UInt8]) throws(KeyFailure) {
        guard let handle = unsafe interlock_private_pem(pem, pem.count) else {
            throw KeyFailure(.malformed, "it is no private key in PEM without a passphrase")
        }
        switch unsafe interlock_private_kind(handle) {
        case 1: algorithm = .rs256
        case 2: algorithm = .es256
        case 3: algorithm = .edDSA
        default:
            unsafe EVP_PKEY_free(handle)
            throw KeyFailure(
                .malformed, "its kind is not taken", help: "use Ed25519, P-256 or RSA of 2,048 bits"
            )
        }
        unsafe self.handle = unsafe handle
    }

    deinit { unsafe EVP_PKEY_free(handle) }

    /// Returns an assertion for one request (RFC 7523, section 3), valid for a minute: `iss` and `sub` are the
    /// client; `aud` is only the issuer, so that no other server accepts it.
    func assertion(
        of client: OAuthClient, now: Timestamp, entropy: any Entropy
    ) throws(KeyFailure) -> String {
        var header: JSONObject = ["alg": .string(algorithm.rawValue), "typ": "JWT"]
        if let kid = client.kid { header["kid"] = .string(kid) }
        let claims: JSONObject = [
            "iss": .string(client.id), "sub": .string(client.id), "aud": .string(client.issuer),
            "jti": .string(Hex.encode(entropy.bytes(16))), "iat": .integer(now.seconds),
            "exp": .integer(now.seconds + Self.lifeSeconds),
        ]
        let signed = [header, claims]
            .map { Base64.encodeURL(JSONValue.object($0).serialized()) }.joined(separator: ".")
        return signed + "." + Base64.encodeURL(try sign(Array(signed.utf8)))
    }

    /// Signs in the format of JWS (RFC 7518, sections 3.3 and 3.4; RFC 8037).
    func sign(_ message: [UInt8]) throws(KeyFailure) -> [UInt8] {
        var signature = [UInt8](repeating: 0, count: Self.room)
        let count = unsafe interlock_private_sign(handle, message, message.count, &signature)
        guard count > 0 else { throw KeyFailure(.io, "the assertion could not be signed") }
        return Array(signature.prefix(count))
    }
}
