/// Checks Ed25519 signatures of people and nodes. Pure computation, about 60 microseconds, safe from
/// any thread; what is malformed is simply not verified.
package protocol SignatureVerifier: Sendable {
    /// - Parameters: a 32-byte Ed25519 public key, a 64-byte signature.
    func verifies(_ signature: [UInt8], of message: [UInt8], by publicKey: [UInt8]) -> Bool
}

/// An Ed25519 public key. Its written form is standard base64 of the 32 bytes, also as `keyid`.
package struct PublicKey: Hashable, Sendable, CustomStringConvertible {
    package let bytes: [UInt8]

    /// - Returns: nil unless there are 32 bytes.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    package init?(base64 text: String) {
        guard text.utf8.count == 44, let bytes = Base64.decode(text) else { return nil }
        self.init(bytes: bytes)
    }

    package var base64: String { Base64.encode(bytes) }
    package var description: String { base64 }
}
