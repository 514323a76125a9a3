package import InterlockModel

/// A payload as the store keeps it, with the commitment that its leaf holds (specs of the ledger,
/// section 6): evidence rests on `c`, which binds to the plaintext; `b` lets the store be checked
/// without keys. Both are needed, because AES-GCM does not commit to a key.
package struct SealedPayload: Sendable, Hashable {
    /// The leaf's field: `in`, `args`, `res`, `out`, `bind`, `proof`, `why`, `load`, ...
    package let field: String
    /// Empty when it could not be stored.
    package let blob: [UInt8]
    package let commitment: Commitment

    /// Encrypts.
    ///
    /// - Parameters:
    ///   - key: of this one (scope, field), and of no other payload.
    ///   - random: salt and nonce, used once.
    package init(
        field: String, plaintext: [UInt8], key: PayloadKey, random: PayloadRandom,
        cipher: some PayloadCipher, hashing: some Hashing
    ) {
        let blob = cipher.seal(
            salt: random.salt.span, plaintext: plaintext.span, key: key, nonce: random.nonce.span)
        self.init(
            field: field, blob: blob, plaintext: plaintext, salt: random.salt, hashing: hashing)
    }

    init(
        field: String, blob: [UInt8], plaintext: [UInt8], salt: [UInt8], hashing: some Hashing
    ) {
        self.field = field
        self.blob = blob
        commitment = Commitment(
            stored: hashing.sha256(blob.span),
            content: PayloadForm.commitment(
                salt: salt, plaintext: plaintext.span, hashing: hashing),
            length: plaintext.count)
    }

    /// The commitment alone, for a payload that cannot be stored: `b` is left out of the leaf.
    package init(unstored field: String, plaintext: [UInt8], salt: [UInt8], hashing: some Hashing) {
        self.init(
            field: field,
            commitment: Commitment(
                stored: nil,
                content: PayloadForm.commitment(
                    salt: salt, plaintext: plaintext.span, hashing: hashing),
                length: plaintext.count))
    }

    private init(field: String, commitment: Commitment) {
        self.field = field
        self.commitment = commitment
        blob = []
    }

    /// The same commitment without the blob, for which there was no room.
    package var unstored: SealedPayload {
        SealedPayload(
            field: field,
            commitment: Commitment(
                stored: nil, content: commitment.content, length: commitment.length))
    }
}

/// What makes one encryption unlike any other.
package struct PayloadRandom: Sendable {
    package let salt: [UInt8]
    package let nonce: [UInt8]

    package init(_ entropy: some Entropy) {
        let bytes = entropy.bytes(PayloadForm.saltBytes + PayloadForm.nonceBytes)
        salt = Array(bytes[..<PayloadForm.saltBytes])
        nonce = Array(bytes[PayloadForm.saltBytes...])
    }

    /// - Parameter salt: 32 bytes that the plaintext is already bound to elsewhere.
    package init(salt: [UInt8], _ entropy: some Entropy) {
        self.init(salt: salt, nonce: entropy.bytes(PayloadForm.nonceBytes))
    }

    package init(salt: [UInt8], nonce: [UInt8]) {
        precondition(
            salt.count == PayloadForm.saltBytes && nonce.count == PayloadForm.nonceBytes)
        self.salt = salt
        self.nonce = nonce
    }
}
