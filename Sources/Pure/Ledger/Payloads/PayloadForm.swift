package import InterlockModel

/// The format of stored payloads (docs/specs/ledger.md, section 6).
///
/// A blob consists of 0x01, 12 bytes of nonce, the AES-256-GCM ciphertext of 32 bytes of salt and the plaintext, and 16
/// bytes of tag. Logs of the first version contain 0x00, salt, and plaintext in clear; that format is read but never
/// written.
package enum PayloadForm {
    package static let encrypted: UInt8 = 0x01
    package static let clear: UInt8 = 0x00
    package static let nonceBytes = 12
    package static let saltBytes = 32
    package static let tagBytes = 16
    /// The size of a blob in addition to its plaintext, in bytes.
    package static let overhead = 1 + nonceBytes + saltBytes + tagBytes
    /// The limit `payload.max`, in bytes: a longer plaintext is committed to, but not stored.
    package static let maximumBytes = 16 << 20
    /// The additional data of every encryption.
    package static let additionalData = Array("interlock/pb/1".utf8)

    private static let contentMark = Array("interlock/pc/1".utf8)

    /// Returns the `c` of the leaf.
    static func commitment(
        salt: borrowing Span<UInt8>, plaintext: Span<UInt8>, hashing: some Hashing
    ) -> Digest {
        // The head has the 14 bytes of the mark and 32 bytes of salt.
        let head = InlineArray<46, UInt8> { output in
            for byte in contentMark { output.append(byte) }
            for place in salt.indices { output.append(salt[place]) }
        }
        return hashing.sha256(head.span, plaintext)
    }

    /// The first part of the HKDF info of a key.
    static let keyMark = Array("interlock/pk/1".utf8)
}

/// AES-256-GCM, injected because Pure contains no cryptography. It is safe to use from any thread.
package protocol PayloadCipher: Sendable {
    /// Returns a whole blob of format 0x01.
    func seal(
        salt: Span<UInt8>, plaintext: Span<UInt8>, key: PayloadKey, nonce: Span<UInt8>
    ) -> [UInt8]

    /// Returns the salt and plaintext of a blob of format 0x01, or nil if it is too short or its tag does not verify.
    func open(_ blob: Span<UInt8>, key: PayloadKey) -> [UInt8]?
}

/// The key of one payload, which decrypts that payload and nothing else.
package struct PayloadKey: Sendable, Hashable {
    private let words: Digest

    /// - Returns: nil unless there are 32 bytes.
    package init?(bytes: some Collection<UInt8>) {
        guard let words = Digest(bytes: bytes) else { return nil }
        self.words = words
    }

    /// - Parameter words: the 32 bytes as big-endian words, the form in which the derivation produces them.
    package init(words: Digest) { self.words = words }

    package var bytes: [UInt8] { words.bytes }
    package func append(to output: inout OutputSpan<UInt8>) { words.append(to: &output) }
}
