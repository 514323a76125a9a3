package import InterlockJSON
package import InterlockModel

/// A payload as the store keeps it, with the commitment that its leaf holds.
///
/// First form of the blob: 0x00, 32 bytes of salt, plaintext, unencrypted. The commitment binds to
/// the plaintext (`c`) and to the stored bytes (`b`); specs of the ledger, section 6.
package struct SealedPayload: Sendable, Hashable {
    /// The leaf's field: `in`, `args`, `res`, `out`, `bind`, `proof`, `why`, `load`, ...
    package let field: String
    package let blob: [UInt8]
    package let commitment: Commitment

    private static let contentMark = Array("interlock/pc/1".utf8)

    private init(field: String, commitment: Commitment) {
        self.field = field
        self.commitment = commitment
        blob = []
    }

    /// The same commitment without the blob, for which there was no room: `b` is left out.
    package var unstored: SealedPayload {
        SealedPayload(
            field: field,
            commitment: Commitment(
                stored: nil, content: commitment.content, length: commitment.length))
    }

    /// - Parameter salt: 32 random bytes, used once.
    package init(field: String, plaintext: [UInt8], salt: [UInt8], hashing: some Hashing) {
        precondition(salt.count == 32)
        self.field = field
        var blob: [UInt8] = [0x00]
        blob.reserveCapacity(33 + plaintext.count)
        blob += salt
        blob += plaintext
        self.blob = blob
        // Both hashes end in salt and plaintext; only what stands before them differs.
        let content = hashing.sha256(Self.contentMark.span, blob.span.extracting(1...))
        commitment = Commitment(
            stored: hashing.sha256(blob), content: content, length: plaintext.count)
    }
}

/// `{b, c, n}` of a leaf.
package struct Commitment: Sendable, Hashable {
    /// SHA-256 of the stored blob; nil when the blob could not be stored.
    package let stored: Digest?
    /// SHA-256 of `interlock/pc/1`, salt, plaintext.
    package let content: Digest
    /// Length of the plaintext in bytes.
    package let length: Int

    package init(stored: Digest?, content: Digest, length: Int) {
        self.stored = stored
        self.content = content
        self.length = length
    }

    package var json: JSONValue {
        var object = JSONObject()
        if let stored { object["b"] = .string(stored.base64) }
        object["c"] = .string(content.base64)
        object["n"] = .integer(Int64(length))
        return .object(object)
    }
}
