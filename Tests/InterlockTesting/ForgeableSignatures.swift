package import InterlockModel

/// Signatures that anyone can forge, for tests of the handling of valid and invalid ones: the key, then a checksum of
/// the message.
package struct ForgeableSignatures: SignatureVerifier {
    package init() {}

    package static func sign(_ message: [UInt8], _ key: PublicKey) -> [UInt8] {
        var sum: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in message { sum = (sum ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        let tail = (0..<32).map { UInt8(truncatingIfNeeded: sum >> UInt64($0 % 8 * 8)) }
        return key.bytes + tail
    }

    /// The envelope with the signature of each key.
    package static func envelope(
        _ type: PayloadType, _ payload: [UInt8], _ keys: [PublicKey]
    ) -> Envelope {
        let message = preAuthenticationEncoding(type.text, payload)
        return Envelope(
            payloadType: type, payload: payload,
            signatures: keys.map { .key($0, sign(message, $0)) })
    }

    package func verifies(
        _ signature: [UInt8], of message: [UInt8], by publicKey: [UInt8]
    ) -> Bool {
        guard let key = PublicKey(bytes: publicKey) else { return false }
        return Self.sign(message, key) == signature
    }
}
