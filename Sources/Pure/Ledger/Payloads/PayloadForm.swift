package import InterlockModel

/// What the bytes of a stored payload mean (specs of the ledger, section 6).
///
/// 0x01, 12 bytes of nonce, AES-256-GCM of 32 bytes of salt and the plaintext, 16 bytes of tag. Logs of
/// the first version hold 0x00, salt, plaintext, in clear; those are read and never written.
package enum PayloadForm {
    package static let encrypted: UInt8 = 0x01
    package static let clear: UInt8 = 0x00
    package static let nonceBytes = 12
    package static let saltBytes = 32
    package static let tagBytes = 16
    /// What a blob has beside its plaintext.
    package static let overhead = 1 + nonceBytes + saltBytes + tagBytes
    /// `payload.max`: a longer plaintext is committed to, and not kept.
    package static let maximumBytes = 16 << 20
    /// The additional data of every encryption.
    package static let additionalData = Array("interlock/pb/1".utf8)

    private static let contentMark = Array("interlock/pc/1".utf8)

    /// `c` of the leaf.
    static func commitment(
        salt: borrowing Span<UInt8>, plaintext: Span<UInt8>, hashing: some Hashing
    ) -> Digest {
        // 14 bytes of the mark and 32 of salt.
        let head = InlineArray<46, UInt8> { output in
            for byte in contentMark { output.append(byte) }
            for place in salt.indices { output.append(salt[place]) }
        }
        return hashing.sha256(head.span, plaintext)
    }

    /// The leading part of a key's HKDF info.
    static let keyMark = Array("interlock/pk/1".utf8)
}

/// AES-256-GCM and where its keys come from, which come in from outside because Pure has no
/// cryptography of its own. Safe from any thread.
package protocol PayloadCipher: Sendable {
    /// A whole blob of form 0x01.
    func seal(
        salt: Span<UInt8>, plaintext: Span<UInt8>, key: PayloadKey, nonce: Span<UInt8>
    ) -> [UInt8]

    /// Salt and plaintext of a blob of form 0x01; nil when it is too short or the tag says no.
    func open(_ blob: Span<UInt8>, key: PayloadKey) -> [UInt8]?
}

/// The key of one payload: whoever has it can read that payload and nothing else.
package struct PayloadKey: Sendable, Hashable {
    private let words: Digest

    /// - Returns: nil unless there are 32 bytes.
    package init?(bytes: some Collection<UInt8>) {
        guard let words = Digest(bytes: bytes) else { return nil }
        self.words = words
    }

    /// - Parameter words: the 32 bytes as big-endian words, as they come out of the derivation.
    package init(words: Digest) { self.words = words }

    package var bytes: [UInt8] { words.bytes }
    package func append(to output: inout OutputSpan<UInt8>) { words.append(to: &output) }
}
