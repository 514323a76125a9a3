package import InterlockPorts

/// Verifies signatures by session keys: ECDSA over P-256 with SHA-256.
package struct P256SessionVerifier: PersonSessionKeyVerifier {
    package init() {}

    package func isKey(_ key: PersonSessionKey) -> Bool { Self.key(key) != nil }

    package func verifies(
        _ signature: [UInt8], of message: [UInt8], by key: PersonSessionKey
    ) -> Bool { Self.key(key)?.verifies(signature, of: message) ?? false }

    private static func key(_ key: PersonSessionKey) -> VerificationKey? {
        VerificationKey(p256X: Array(key.point[1...32]), y: Array(key.point[33...64]))
    }
}
