/// Verifies Ed25519 signatures of people and nodes. It is a pure computation of about 60 microseconds, safe from any
/// thread. Malformed input does not verify.
package protocol SignatureVerifier: Sendable {
    /// - Parameters: a 64-byte signature, the message, and a 32-byte Ed25519 public key.
    func verifies(_ signature: [UInt8], of message: [UInt8], by publicKey: [UInt8]) -> Bool
}

/// An Ed25519 public key. Its written form, also as `keyid`, is standard base64 of the 32 bytes.
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
